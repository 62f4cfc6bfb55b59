"""The file of echoes: read whole or refused."""

from __future__ import annotations

import random
from io import BytesIO

import numpy as np
import pytest

from nlp.echoes import unpacked


def letters(text: bytes) -> np.ndarray:
    return np.frombuffer(text, np.uint8)


def packed(**changed: np.ndarray) -> bytes:
    arrays = {
        "names": letters(b"lamps\nwater\nroads"),
        "words": letters(b"dark\nsalty\nroad"),
        "rarity": np.array([3, 2, 1], np.float16),
        "shares": np.array([0, 0.5, 1], np.float16),
        "starts": np.array([0, 1, 2, 4], np.uint32),
        "matters": np.array([0, 1, 0, 1], np.uint16),
        "values": np.array([65535, 65535, 9, 9], np.uint16),
    }
    file = BytesIO()
    np.savez_compressed(file, **(arrays | changed))  # type: ignore[arg-type]
    return file.getvalue()


def test_a_whole_file_is_read() -> None:
    found = unpacked(packed())
    assert found.of(["salty"])[0] == ("water", 1.0)
    assert found.shares == {"dark": 0.0, "salty": 0.5, "road": 1.0}


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        packed()[:-40],
        packed(words=letters(b"dark\ndark\nroad")),
        packed(words=letters(b"\xff\nsalty\nroad")),
        packed(names=letters(b"lamps")),
        packed(rarity=np.array([3, np.nan, 1], np.float16)),
        packed(rarity=np.array([3, -2, 1], np.float16)),
        packed(rarity=np.array([3, 2], np.float16)),
        packed(shares=np.array([0, 0.5, 2], np.float16)),
        packed(starts=np.array([0, 1, 2], np.uint32)),
        packed(starts=np.array([0, 2, 1, 4], np.uint32)),
        packed(starts=np.array([0, 1, 2, 5], np.uint32)),
        packed(starts=np.array([1, 1, 2, 4], np.uint32)),
        packed(starts=np.array(0, np.uint32)),
        packed(starts=np.zeros(0, np.uint32)),
        packed(values=np.array([1, 1, 1], np.uint16)),
        packed(values=np.array([1, 1, 1, 1], np.float32)),
    ],
)
def test_a_damaged_file_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"lexicon/echoes\.npz hỏng"):
        unpacked(damaged)


def test_whatever_byte_is_damaged_the_file_is_read_right_or_refused() -> None:
    chance = random.Random(20)
    whole = packed()
    right = unpacked(whole).of(["dark", "road"])
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        try:
            found = unpacked(bytes(damaged))
        except ValueError as error:
            assert "lexicon/echoes.npz hỏng" in str(error)  # noqa: PT017 - either outcome is right
        else:
            assert found.of(["dark", "road"]) == right
