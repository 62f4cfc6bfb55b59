"""Cutting long texts: nothing but white space at the cuts is lost, and no character is torn apart."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.split import split, utf16_units

VIETNAMESE = st.text(alphabet="aăâbcdđeêghiklmnoôơpqrstuưvxyàạảãáớợệ .,!?\n😀👍🏽\u200d\u0301\u0323🇻🇳👩\u200b\t\u00a0")


def without_space(text: str) -> str:
    return re.sub(r"\s+", "", text)


@given(text=st.one_of(st.text(), VIETNAMESE), limit=st.integers(min_value=2, max_value=40))
def test_the_parts_joined_are_the_text_but_for_white_space_at_the_cuts(text: str, limit: int) -> None:
    normal = unicodedata.normalize("NFC", text)
    parts = split(text, limit=limit)
    position = 0
    for number, part in enumerate(parts):
        found = normal.index(part, position)
        assert number == 0 or not normal[position:found].strip()
        position = found + len(part)
    assert not normal[position:].strip()
    assert without_space("".join(parts)) == without_space(normal)


@given(text=st.one_of(st.text(), VIETNAMESE), limit=st.integers(min_value=2, max_value=40))
def test_no_part_is_longer_than_the_limit_or_empty(text: str, limit: int) -> None:
    parts = split(text, limit=limit)
    assert all(utf16_units(part) <= limit for part in parts)
    assert parts == [unicodedata.normalize("NFC", text)] or all(part.strip() for part in parts)


@given(text=VIETNAMESE, limit=st.integers(min_value=24, max_value=60))
def test_no_part_begins_with_a_mark_that_belongs_to_the_character_before(text: str, limit: int) -> None:
    normal = unicodedata.normalize("NFC", text)
    longest_run = max((len(run) for run in re.findall(r"[\u0301\u0323\u200d🏽👩👍😀🇻🇳]+", normal)), default=0)
    if longest_run < 8:
        parts = split(text, limit=limit)
        assert not any(re.match(r"[\u0301\u0323\u200d🏽]", part) for part in parts[1:])


@given(text=st.text(), limit=st.integers(min_value=2, max_value=40))
def test_the_same_text_is_always_cut_the_same_way(text: str, limit: int) -> None:
    assert split(text, limit=limit) == split(text, limit=limit)


def test_a_text_that_fits_stays_whole_with_its_spaces() -> None:
    assert split(" Chào bà.\n\nCảm ơn bà. ", limit=4000) == [" Chào bà.\n\nCảm ơn bà. "]


def test_paragraph_ends_are_preferred_to_sentences_and_sentences_to_words() -> None:
    text = "Câu một đây. Câu hai đây.\n\nĐoạn hai có câu ba. Rồi câu bốn nữa"
    assert split(text, limit=30) == ["Câu một đây. Câu hai đây.", "Đoạn hai có câu ba.", "Rồi câu bốn nữa"]
    assert split("mot hai ba bon nam sau bay", limit=10) == ["mot hai ba", "bon nam", "sau bay"]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    assert split("«Đường hỏng rồi.» Dân hỏi mãi", limit=20) == ["«Đường hỏng rồi.»", "Dân hỏi mãi"]


def test_letters_outside_the_basic_plane_count_twice_as_telegram_counts_them() -> None:
    assert split("😀" * 5, limit=4) == ["😀😀", "😀😀", "😀"]
    assert split("😀" * 5, limit=4, unit="codepoint") == ["😀😀😀😀", "😀"]


@pytest.mark.parametrize("cluster", ["👩\u200d👩\u200d👧", "🇻🇳", "👍🏽", "x\u0331\u0301"])
def test_a_character_of_several_code_points_is_not_torn_apart(cluster: str) -> None:
    parts = split(cluster * 9, limit=21)
    assert len(parts) > 1
    assert all(part == cluster * (len(part) // len(cluster)) for part in parts)


def test_decomposed_vietnamese_is_composed_before_it_is_counted() -> None:
    text = unicodedata.normalize("NFD", "Đường thôn năm ngập nặng")
    assert split(text, limit=24) == ["Đường thôn năm ngập nặng"]


def test_a_hundred_thousand_characters_are_cut_without_losing_one() -> None:
    text = "Kính gửi xã. " * 7_700
    parts = split(text, limit=4000)
    assert len(parts) == -(-len(text) // 4000)
    assert " ".join(parts) == text.strip() or " ".join(parts) == text


def test_a_limit_without_room_for_one_character_is_refused() -> None:
    with pytest.raises(ValueError, match="limit 1"):
        split("a", limit=1)
