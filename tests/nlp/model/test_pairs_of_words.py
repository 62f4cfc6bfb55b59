"""The rows of pairs of neighbours are those of their terms, or the table is refused."""

from __future__ import annotations

import pytest

from nlp.model.pairs import UNKNOWN, Pairs
from nlp.model.terms import ACCENTED_PAIR, PLAIN_PAIR


def test_the_row_of_each_pair_of_neighbours_is_found() -> None:
    pairs = Pairs(
        {"den": 0, f"{PLAIN_PAIR}den duong": 1, f"{PLAIN_PAIR}duong hong": 2, f"{ACCENTED_PAIR}đèn2 đương2": 3}
    )
    assert pairs.rows(["den", "duong", "hong"], ["đèn2", "đương2", "hong3"]) == ([1, 2], [3, UNKNOWN])


@pytest.mark.parametrize("words", [("den duong hong", "toi"), ("den  duong",), ("den",), ("",)])
def test_terms_of_other_than_two_words_are_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="two words"):
        Pairs({PLAIN_PAIR + word: row for row, word in enumerate(words)})
