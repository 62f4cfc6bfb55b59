"""Ways of typing change how a text looks, not what the program reads in it more than people do."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import clean, fold
from nlp.training.examples import noises

TEXT = "Đường liên thôn trước nhà tôi không có cống thoát nước, trời mưa là ngập hết, biết kêu ai."


@pytest.mark.parametrize("name", sorted(noises()))
def test_the_same_source_of_chance_gives_the_same_text(name: str) -> None:
    make = noises()[name][0]
    assert make(TEXT, random.Random(3)) == make(TEXT, random.Random(3))


@pytest.mark.parametrize("name", sorted(noises()))
def test_every_way_of_typing_does_change_something(name: str) -> None:
    make = noises()[name][0]
    assert any(make(TEXT, random.Random(seed)) != TEXT for seed in range(20))


def test_stripping_accents_keeps_case_and_length() -> None:
    assert noises()["no-accents"][0]("Đường ĐÊM Ủy ban", random.Random(1)) == "Duong DEM Uy ban"


@given(st.text(max_size=200), st.integers(0, 1000))
def test_no_text_breaks_a_way_of_typing(text: str, seed: int) -> None:
    for make, _ in noises().values():
        assert isinstance(make(text, random.Random(seed)), str)


@given(st.integers(0, 1000))
def test_a_text_without_accents_folds_to_the_same(seed: int) -> None:
    bare = noises()["no-accents"][0](TEXT, random.Random(seed))
    assert fold(clean(bare).text) == fold(TEXT)
