from __future__ import annotations

import unicodedata

import pytest

from casework.regulations import regulation
from casework.regulations.sources import check_quotes, words

TEXT = regulation("ha-noi")


def _source(*, without: str = "") -> str:
    """A page in which every quote stands, except those that hold some words."""
    return ".\n".join(rule.quote for rule in TEXT.rules() if not without or without not in rule.quote)


def test_every_quote_of_the_page_is_found() -> None:
    checked = check_quotes(TEXT, _source())
    assert checked.missing == ()
    assert len(checked.found) + len(checked.without) == len(TEXT.rules())


def test_a_quote_that_does_not_stand_in_the_text_is_listed() -> None:
    missing = check_quotes(TEXT, _source(without="Chậm nhất là 10")).missing
    assert [rule.id for rule in missing] == ["10.1"]


@pytest.mark.parametrize(
    "page",
    [
        "CHẬM NHẤT là  10\nngày   làm việc",
        "chậm nhất là 10 (ngày làm việc)",
        unicodedata.normalize("NFD", "Chậm nhất là 10 ngày làm việc"),
    ],
)
def test_spaces_capitals_marks_and_the_way_of_typing_do_not_matter(page: str) -> None:
    assert [rule.id for rule in check_quotes(TEXT, page).found] == ["10.1"]


@pytest.mark.parametrize("page", ["chậm nhất là 10 ngày việc làm", "chậm nhất là 100 ngày làm việc", "cham nhat la 10"])
def test_other_words_do_not_pass(page: str) -> None:
    assert check_quotes(TEXT, page).found == ()


def test_the_tone_may_stand_on_either_vowel_but_must_be_the_same() -> None:
    assert words("cấp uỷ, hoà giải") == words("cấp ủy, hòa giải")
    assert words("ủy") != words("úy")
    assert words("hòa") != words("hóa")
