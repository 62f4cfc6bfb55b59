"""Separate matters in one message."""

from __future__ import annotations

import pytest

from nlp.split import count_issues


@pytest.mark.parametrize(
    ("text", "matters"),
    [
        (
            "Thứ nhất, đèn đường thôn 4 tắt cả tháng. Thứ hai, cống trước trường học bị tắc nước tràn ra đường. "
            "Thứ ba, rác ngõ 12 không ai thu gom.",
            3,
        ),
        ("Một là đường thôn 3 lầy lội ổ gà, hai là trạm y tế thiếu thuốc.", 2),
        ("Thứ hai vừa rồi đèn đường thôn 4 tắt", 1),
    ],
)
def test_matters_that_are_counted_out_are_separate_and_a_monday_is_none(text: str, matters: int) -> None:
    assert count_issues(text) == matters
