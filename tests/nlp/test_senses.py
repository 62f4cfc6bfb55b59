"""The vectors of senses: shipped, small, refused when damaged; messages of one matter lie closer than others."""

from __future__ import annotations

import random
from importlib.resources import files
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.senses import SIZE, restored, senses, unpacked
from nlp.similar import all_terms_of
from nlp.vocabulary import read


def sense(text: str) -> str:
    return senses().of(all_terms_of(read(text).tokens))


def likeness(one: str, other: str) -> float:
    return float(restored(sense(one)) @ restored(sense(other)))


def packed(**changed: np.ndarray) -> bytes:
    arrays: dict[str, Any] = {
        "numbers": np.array([1, 2], np.uint32),
        "vectors": np.ones((2, SIZE), np.int8),
        "scales": np.ones(2, np.float32),
    }
    file = BytesIO()
    np.savez_compressed(file, **(arrays | changed))
    return file.getvalue()


def plain() -> bytes:
    file = BytesIO()
    np.save(file, np.ones(2, np.float32))
    return file.getvalue()


def locked() -> bytes:
    """Says of its first entry that a password is needed."""
    whole = bytearray(packed())
    whole[6] |= 1
    whole[whole.index(b"PK\x01\x02") + 8] |= 1
    return bytes(whole)


def test_other_words_for_one_matter_lie_closer_than_another_matter() -> None:
    lamp = "Ngõ tối om, bóng đèn cháy cả tháng chưa ai thay"
    assert likeness(lamp, "den duong hong lau roi, toi khong thay loi di") > 0.5
    assert likeness(lamp, "Xin hỏi trợ cấp người cao tuổi bao giờ có") < 0.3


def test_the_shipped_file_is_small() -> None:
    assert (files("nlp") / "lexicon" / "senses.npz").read_bytes()[:2] == b"PK"
    assert senses().vectors.nbytes <= 8_000_000


def test_a_text_of_unknown_words_has_no_sense() -> None:
    assert sense("") == sense("qqzzx") == ""
    assert not restored("").any()


@given(st.text(max_size=200))
def test_any_text_has_a_sense_of_length_one_or_none(text: str) -> None:
    vector = restored(sense(text))
    assert vector.shape == (SIZE,)
    assert float(vector @ vector) == pytest.approx(1.0, abs=1e-4) or not vector.any()


@pytest.mark.parametrize(
    "stored",
    ["x", "A" * 216, "A" * 215 + "=", "A" * 216 + "=", "*" * 216, "A" * 215, "ă" * 216, "A" * 210 + "==", "=" * 216],
)
def test_what_is_no_sense_is_refused(stored: str) -> None:
    with pytest.raises(ValueError, match="Không phải véc-tơ nghĩa hợp lệ"):
        restored(stored)


def test_a_whole_file_is_read() -> None:
    assert unpacked(packed()).numbers.tolist() == [1, 2]


@pytest.mark.parametrize(
    "damaged",
    [
        b"",
        b"PK not an archive",
        packed()[:-40],
        packed(vectors=np.ones((2, SIZE - 1), np.int8)),
        packed(vectors=np.ones((2, SIZE), np.float32)),
        packed(scales=np.ones(3, np.float32)),
        packed(numbers=np.array([2, 1], np.uint32)),
        packed(numbers=np.array([1, 2], np.int64)),
        packed(numbers=np.array([[1], [2]], np.uint32)),
        packed(numbers=np.array(1, np.uint32)),
        packed(vectors=np.array(1, np.int8)),
        packed(scales=np.array(1.0, np.float32)),
        packed(scales=np.array([1, np.nan], np.float32)),
        packed(scales=np.array([1, np.inf], np.float32)),
        packed(scales=np.array([1, -1], np.float32)),
        packed(scales=np.array([1, 0], np.float32)),
        packed(scales=np.array([1, 1j], np.complex64)),
        packed(scales=np.array(["1", "1"])),
        plain(),
        packed().replace(b"scales", b"scalez"),
        locked(),
        packed(numbers=np.zeros(0, np.uint32), vectors=np.ones((0, SIZE), np.int8), scales=np.ones(0, np.float32)),
    ],
)
def test_a_damaged_file_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"lexicon/senses\.npz hỏng"):
        unpacked(damaged)


def test_whatever_byte_is_damaged_the_file_is_read_right_or_refused() -> None:
    chance = random.Random(20)
    whole = packed()
    refused = 0
    for _ in range(300):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        try:
            found = unpacked(bytes(damaged))
        except ValueError as error:
            assert "lexicon/senses.npz hỏng" in str(error)  # noqa: PT017 - either outcome is right
            refused += 1
        else:
            assert (found.numbers.tolist(), found.scales.tolist()) == ([1, 2], [1.0, 1.0])
            assert found.vectors.tolist() == np.ones((2, SIZE)).tolist()
    assert refused > 100
