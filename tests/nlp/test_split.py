"""Separate matters in one message."""

from __future__ import annotations

import time
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.split import MOST_ISSUES, count_issues, part_spans, parts_of

_PARTS = Path(__file__).parent / "data" / "parts.txt"


def _written_parts() -> list[tuple[str, int]]:
    """Messages of the set with the number of their true parts."""
    lines = [line for line in _PARTS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return [(" ".join(line.replace("‖", "").replace("⏎", "\n").split(" ")), line.count("‖") + 1) for line in lines]


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
        ("Hôm thứ hai đèn đường tắt, thứ ba cũng tắt, thứ tư vẫn tắt", 1),
        ("- Đèn đường ngõ 15 cháy\n- Xe rác không vào ngõ\n- Chó thả rông cắn người", 3),
        ("den duong truoc cong truong tat voi lai cai cong dau xom bi tac nuoc tran vao nha", 2),
        ("Đường thôn 3 đầy ổ gà. Trẻ con đi học ngã suốt. Đề nghị xã sớm sửa.", 1),
        ("xóm Rẫy vừa hôi mùi rác thải vừa mất nước máy cả tuần", 2),
        ("", 1),
    ],
)
def test_matters_are_separate_where_the_writer_turns_to_another_and_a_monday_is_none(text: str, matters: int) -> None:
    assert count_issues(text) == matters


def test_messages_with_several_matters_are_told_from_those_with_one() -> None:
    rows = [(parts, len(parts_of(text))) for text, parts in _written_parts()]
    hits = sum(parts > 1 and found > 1 for parts, found in rows)
    assert len(rows) >= 150
    assert hits / sum(found > 1 for _, found in rows) >= 0.88
    assert hits / sum(parts > 1 for parts, _ in rows) >= 0.70
    assert sum(parts == found for parts, found in rows) / len(rows) >= 0.79


def test_each_part_begins_where_its_words_begin() -> None:
    text = "Góp ý:\n1. đèn đường cháy\n2. rác ở chợ không ai thu gom\n3. loa phát thanh rè"
    assert parts_of(text) == [
        "Góp ý:\n1. đèn đường cháy",
        "2. rác ở chợ không ai thu gom",
        "3. loa phát thanh rè",
    ]


@given(st.text(alphabet="abco n.,-\n12đèường thứhailà", max_size=300))
def test_no_word_is_ever_lost_or_said_twice(text: str) -> None:
    spans = part_spans(text)
    assert "".join("".join(text[start:end].split()) for start, end in spans) == "".join(text.split())
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert len(spans) <= MOST_ISSUES


@pytest.mark.parametrize("piece", ["1.1.1.", "((((", "a a a ", "- a\n", "thứ nhất thứ hai ", "con còn và với lại "])
def test_a_message_made_to_slow_us_down_takes_no_longer_than_its_length(piece: str) -> None:
    text = (piece * 4_096)[:4_096]
    count_issues(text[:100])
    began = time.process_time()
    count_issues(text)
    assert time.process_time() - began < 0.5
