"""Staff ask in plain words for what is owed, why, the reports, the conference; a village head for the results."""

from __future__ import annotations

import pytest

from bot.staff.commands import Command, Verb, question


@pytest.mark.parametrize(
    ("said", "verb"),
    [
        ("còn nợ gì", Verb.DUE),
        ("con no gi khong em", Verb.DUE),
        ("trễ chưa", Verb.DUE),
        ("có việc nào quá hạn không", Verb.DUE),
        ("vì sao ngày này", Verb.WHY),
        ("sao lại hạn ngày ấy", Verb.WHY),
        ("báo cáo đâu", Verb.REPORTS),
        ("còn nợ báo cáo nào", Verb.REPORTS),
        ("hội nghị còn thiếu gì", Verb.CONFERENCE),
        ("hoi nghi con no gi", Verb.CONFERENCE),
        ("kết quả của thôn tôi", Verb.VILLAGE),
        ("ket qua thon toi dau roi", Verb.VILLAGE),
    ],
)
def test_plain_words_lead_to_the_right_list(said: str, verb: Verb) -> None:
    assert question(said) == Command(verb=verb)


def test_the_number_said_with_why_is_the_duty() -> None:
    assert question("vì sao việc 12 hạn ngày này") == Command(verb=Verb.WHY, words="12")


@pytest.mark.parametrize(
    "said",
    [
        "Đèn đường thôn 4 hỏng",
        "chào em",
        "hội nghị",
        "/han",
        "Báo cáo xã, đường thôn Hạ ngập từ tuần trước tới nay chưa ai xuống xem",
        "",
    ],
)
def test_other_words_of_staff_go_their_own_way(said: str) -> None:
    assert question(said) is None
