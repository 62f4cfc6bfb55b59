"""One-time codes for linking: drawn with enough chance, read as people type them, never taken for a receipt code."""

from __future__ import annotations

import math
import random
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import link_codes
from casework.codes import ALPHABET, find_code, parse_code

DRAWN = st.integers().map(lambda seed: link_codes.draw(random.Random(seed)))


def test_a_code_has_more_than_forty_bits() -> None:
    assert link_codes.SYMBOLS * math.log2(len(ALPHABET)) > 44
    assert len({link_codes.draw(secrets.SystemRandom()) for _ in range(1000)}) == 1000


@given(DRAWN, st.sampled_from(["", " ", "-", ".", " – "]), st.booleans(), st.sampled_from(["", "mã: ", "gửi nè "]))
def test_a_code_is_read_however_it_is_spaced_and_cased(code: str, gap: str, small: bool, before: str) -> None:
    typed = gap.join([code[:2], code[2:5], code[5:8], code[8:]])
    assert link_codes.find(before + (typed.lower() if small else typed) + " ạ") == code
    assert link_codes.find(link_codes.shown(code)) == code


@given(DRAWN)
def test_no_code_is_a_receipt_code_when_it_is_typed_in_one_piece(code: str) -> None:
    assert parse_code(code) is None
    assert find_code(code) is None


@pytest.mark.parametrize(
    "words",
    [
        "K7P-4MX",
        "lk anh chi oi",
        "LK",
        "alk 7kp 4mx w2h",
        "LK-7KP-4MX-W2H9",
        "lien ket 123 456 789",
        "đường LK 12 hỏng nặng",
        "lk nam moi vui",
    ],
)
def test_other_words_are_no_code(words: str) -> None:
    assert link_codes.find(words) is None
