"""What is loaded once is not walked again and again."""

from __future__ import annotations

import gc

from casework.memory import settle


def test_what_is_loaded_is_set_aside_and_what_comes_later_is_still_collected() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    loaded = [[number] for number in range(1_000)]
    try:
        settle()
        assert gc.get_freeze_count() >= frozen + len(loaded)
        assert gc.get_threshold()[0] > before[0] or before[0] == 0
        circle: list[object] = []
        circle.append(circle)
        del circle
        assert gc.collect() >= 1
    finally:
        gc.set_threshold(*before)
