from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import clean, fold, has_accents, normal_form, tokenise, word_forms
from nlp.vocabulary import vocabulary


@pytest.mark.parametrize(
    ("written", "form"),
    [
        ("Đèn đường HỎNG", "den duong hong"),
        ("nc máy k có", "nuoc may khong co"),
        ("ql37", "ql 37"),
        ("quáaaaa trời", "qua troi"),
        ("650k tiền", "650k tien"),
        ("khu K", "khu k"),
        ("a\u200bb\u202ec\x00", "abc"),
        ("", ""),
    ],
)
def test_normal_form_spells_out_and_strips(written: str, form: str) -> None:
    assert normal_form(written, vocabulary().abbreviations) == form


@pytest.mark.parametrize(("one", "other"), [("hoà", "hòa"), ("thuỷ", "thủy"), ("đừơng", "đường"), ("sữa", "sửa")])
def test_tone_placement_and_hoi_nga_do_not_part_words(one: str, other: str) -> None:
    assert word_forms(one)[1] == word_forms(other)[1]


@pytest.mark.parametrize(("one", "other"), [("chợ", "cho"), ("tổ", "to"), ("đường", "dương"), ("lý", "ly")])
def test_words_that_differ_by_accents_stay_apart(one: str, other: str) -> None:
    assert word_forms(one)[1] != word_forms(other)[1]


def test_abbreviations_do_not_need_a_second_pass() -> None:
    abbreviations = vocabulary().abbreviations
    for spelt in abbreviations.values():
        assert not set(spelt) & abbreviations.keys(), spelt
        assert not {fold(word) for word in spelt} & abbreviations.keys(), spelt


def test_a_text_without_accents_is_recognised() -> None:
    assert not has_accents(tokenise("duong thon 3 hong nang ma khong ai sua"))
    assert has_accents(tokenise("đường thôn 3 hỏng nặng ma khong ai sửa"))


@given(st.text())
def test_normal_form_is_idempotent(text: str) -> None:
    once = normal_form(text, vocabulary().abbreviations)
    assert normal_form(once) == once


@given(st.text(alphabet=st.characters(max_codepoint=0x1EFF)))
def test_composed_and_decomposed_text_have_one_normal_form(text: str) -> None:
    assert normal_form(unicodedata.normalize("NFD", text)) == normal_form(unicodedata.normalize("NFC", text))


@given(st.text())
def test_every_clean_character_knows_its_original_span(text: str) -> None:
    readable = clean(text)
    last = 0
    for position in range(len(readable.text)):
        start, end = readable.original(position, position + 1)
        assert 0 <= start < end <= len(text)
        assert start >= last
        last = start


def test_a_very_long_text_is_cut() -> None:
    assert len(normal_form("đường " * 100_000)) < 5_000
