"""Memory of a program that runs for weeks."""

from __future__ import annotations

import gc

#: new objects between two looks of the collector for circles; reading one message makes some thousands
_BETWEEN_LOOKS = 50_000


def settle() -> None:
    """Call once everything is loaded: words and weights stay to the end, so the collector need not walk them again.
    A full look otherwise stops everybody for a tenth of a second, about every thousand messages (measured with
    `python -m benchmarks reading`)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_BETWEEN_LOOKS, *gc.get_threshold()[1:])
