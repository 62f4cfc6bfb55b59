"""From a duty rule to its date and its sentence, on texts made for the purpose."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.deadlines.calendar import official_calendar
from casework.deadlines.rules import due, duties, fixed_day, in_days
from casework.deadlines.values import ConferenceFacts, Due
from casework.errors import InvalidInput
from casework.regulations.model import ConferenceKind, Direction, Document, DutyRule, Regulation, Trigger, Unit

CALENDAR = official_calendar()
HELD = dt.date(2026, 11, 20)


def rule(**more: Any) -> DutyRule:
    values = {
        "id": "1",
        "place": "Điều 1",
        "quote": "trong thời hạn",
        "duty": "final_answer",
        "trigger": "conference",
        "count": 3,
        "unit": "working_day",
        "direction": "after",
        "holder": "agency",
    }
    return DutyRule.model_validate(values | more)


def text(*rules: DutyRule, code: str = "tan-phong", short: str = "Quy chế 1") -> Regulation:
    return Regulation(
        code=code,
        version="2026",
        name="Tân Phong",
        document=Document(title="Quy chế", issuer="Tỉnh ủy", short=short, kind="Quy chế"),
        valid_from=dt.date(2026, 1, 1),
        levels=("xa",),
        duties=rules,
    )


def only(*rules: DutyRule, level: str = "xa", **facts: Any) -> Due:
    (found,) = duties([text(*rules)], ConferenceFacts(held_on=HELD, **facts), CALENDAR, level=level)
    return found


def test_a_last_day_that_need_not_roll_stays_on_the_day_off_and_says_so() -> None:
    sunday = {"duty": "opinion_cutoff", "count": 5, "unit": "calendar_day", "direction": "before"}
    stays, rolled = only(rule(**sunday, rolls=False)), only(rule(**sunday))
    assert (stays.due_on, rolled.due_on) == (dt.date(2026, 11, 15), dt.date(2026, 11, 13))
    assert "nghỉ nhưng không lùi" in stays.explanation
    with pytest.raises(ValueError, match="rolls"):
        rule(rolls=False)


def test_a_due_date_says_what_was_counted_and_what_was_not() -> None:
    found = only(rule())
    assert found.due_on == dt.date(2026, 11, 26)
    assert found.explanation == (
        "Trả lời bằng văn bản chậm nhất thứ Năm 26/11/2026: ngày làm việc thứ 3 sau ngày họp hội nghị 20/11/2026 "
        "(không tính ngày này), bỏ qua 1 thứ Bảy, 1 Chủ nhật và 24/11 (ngày Văn hóa Việt Nam); "
        "theo Quy chế 1, Điều 1."
    )


def test_a_make_up_saturday_that_was_counted_is_said() -> None:
    found = due(rule(), text(), dt.date(2026, 8, 20), CALENDAR)
    assert found.due_on == dt.date(2026, 8, 24)
    assert "bỏ qua 1 Chủ nhật, tính cả ngày làm bù 22/08;" in found.explanation


def test_days_off_in_a_row_for_one_reason_are_said_once_and_many_are_summed_up() -> None:
    over_tet = due(rule(count=8), text(), dt.date(2026, 2, 11), CALENDAR)
    assert "16/02-20/02 (Tết Nguyên đán)" in over_tet.explanation
    whole_year = due(rule(count=240), text(), dt.date(2026, 1, 5), CALENDAR)
    assert "ngày nghỉ khác" in whole_year.explanation
    assert len(whole_year.explanation) < 500


def test_calendar_days_say_where_they_would_have_ended() -> None:
    after = due(rule(count=5, unit="calendar_day"), text(), dt.date(2026, 12, 22), CALENDAR)
    assert "5 ngày liền, tính cả ngày nghỉ, sau ngày họp hội nghị 22/12/2026" in after.explanation
    assert "ngày 27/12/2026 nghỉ (Chủ nhật) nên được kéo tới ngày làm việc kế tiếp" in after.explanation
    before = due(rule(count=5, unit="calendar_day", direction="before"), text(), HELD, CALENDAR)
    assert before.due_on == dt.date(2026, 11, 13)
    assert "ngày 15/11/2026 nghỉ (Chủ nhật) nên phải làm sớm hơn" in before.explanation


def test_a_year_without_published_plan_is_said_to_be_provisional() -> None:
    assert "tạm tính" not in only(rule()).explanation
    assert "chưa có thông báo lịch nghỉ năm 2027" in only(rule(count=40)).explanation
    kept = rule(duty="retention", trigger="file_closed", count=5, unit="year")
    assert "tạm tính" not in only(kept, file_closed_on=dt.date(2027, 1, 5)).explanation


def test_an_assumed_rule_says_so_and_why_in_the_same_sentence() -> None:
    found = only(rule(assumed=True, reason="Văn bản không ghi số. Xã đổi được."))
    assert found.assumed
    assert found.explanation.endswith("căn cứ tạm áp dụng: văn bản không ghi số; Xã đổi được.")


@pytest.mark.parametrize(
    ("trigger", "words"),
    [
        ("conclusion_notice", "khi có thông báo kết luận"),
        ("assignment_received", "khi cơ quan nhận được văn bản giao việc"),
        ("file_closed", "khi hồ sơ hội nghị được đóng"),
        ("opinion_received", "khi nhận được ý kiến"),
    ],
)
def test_a_clock_whose_event_has_not_happened_says_what_starts_it(trigger: str, words: str) -> None:
    found = only(rule(trigger=trigger))
    assert (found.due_on, found.trigger_on, found.skipped) == (None, None, ())
    assert found.explanation == (
        f"Chưa có hạn trả lời bằng văn bản: 3 ngày làm việc chỉ bắt đầu đếm {words}; theo Quy chế 1, Điều 1."
    )


def test_each_event_starts_the_clocks_counted_from_it() -> None:
    notice, receipt = dt.date(2026, 12, 1), dt.date(2026, 12, 8)
    assert only(rule(trigger="conclusion_notice"), conclusion_on=notice).due_on == dt.date(2026, 12, 4)
    assert only(rule(trigger="assignment_received"), assignment_received_on=receipt).due_on == dt.date(2026, 12, 11)


def test_rules_hold_for_their_kind_of_conference_and_level_only() -> None:
    mine = rule(kinds=("periodic",), levels=("xa",))
    facts = ConferenceFacts(held_on=HELD, kind=ConferenceKind.AD_HOC)
    assert duties([text(mine)], facts, CALENDAR) == []
    assert duties([text(mine)], ConferenceFacts(held_on=HELD), CALENDAR, level="tinh") == []
    assert len(duties([text(mine)], ConferenceFacts(held_on=HELD), CALENDAR)) == 1


def test_duties_come_by_date_and_those_without_a_date_last() -> None:
    rules = [
        rule(id="open", trigger="conclusion_notice"),
        rule(id="late", count=9),
        rule(id="early", direction="before"),
        rule(id="soon", count=1),
    ]
    found = duties([text(*rules)], ConferenceFacts(held_on=HELD), CALENDAR)
    assert [one.rule.id for one in found] == ["early", "soon", "late", "open"]


def test_the_law_of_the_country_is_named_as_such_beside_the_province() -> None:
    found = duties([text(rule()), text(rule(), code="quoc-gia", short="")], ConferenceFacts(held_on=HELD), CALENDAR)
    assert [one.source for one in found] == ["Tân Phong", "pháp luật chung"]
    assert found[1].explanation.endswith("theo Điều 1 (pháp luật chung của cả nước).")


REPORT = {"duty": "annual_report", "trigger": "calendar", "unit": "calendar_day", "direction": "before", "on": "12-10"}


@pytest.mark.parametrize(
    ("held", "offset", "count", "expected"),
    [
        ("2026-12-09", 0, 1, "2026-12-09"),
        ("2026-12-10", 0, 1, "2027-12-09"),
        ("2026-12-10", 0, 0, "2026-12-10"),
        ("2026-01-05", 0, 1, "2026-12-09"),
        ("2026-01-05", 1, 1, "2027-12-09"),
        ("2026-12-31", 1, 1, "2027-12-09"),
    ],
)
def test_a_report_is_the_first_one_due_on_or_after_the_conference(
    held: str, offset: int, count: int, expected: str
) -> None:
    report = rule(**REPORT, year_offset=offset, count=count)
    (found,) = duties([text(report)], ConferenceFacts(held_on=dt.date.fromisoformat(held)), CALENDAR)
    assert f"{found.due_on}" == expected


def test_a_rule_that_names_no_day_of_the_year_has_none() -> None:
    assert fixed_day(rule(**REPORT), 2027) == dt.date(2027, 12, 10)
    with pytest.raises(ValueError, match="names no day"):
        fixed_day(rule(), 2027)


def test_years_are_told_as_days_from_the_event_or_from_the_conference_while_it_is_open() -> None:
    kept = rule(duty="retention", trigger="file_closed", count=5, unit="year")
    assert in_days(only(kept), HELD) == (1826, Unit.CALENDAR_DAY)
    closed = only(kept, file_closed_on=dt.date(2028, 3, 1))
    assert closed.due_on == dt.date(2033, 3, 1)
    assert in_days(closed, HELD) == (1826, Unit.CALENDAR_DAY)
    assert in_days(only(rule()), HELD) == (3, Unit.WORKING_DAY)


@pytest.mark.parametrize("fact", ["conclusion_on", "assignment_received_on", "file_closed_on"])
def test_what_follows_the_conference_cannot_be_dated_before_it(fact: str) -> None:
    facts = {fact: HELD - dt.timedelta(days=1)}
    with pytest.raises(InvalidInput, match="không thể trước ngày họp"):
        only(rule(), **facts)
    assert only(rule(), **{fact: HELD}).due_on is not None


def test_a_conference_in_a_year_without_calendar_is_refused() -> None:
    with pytest.raises(InvalidInput, match="năm 2023"):
        duties([text(rule())], ConferenceFacts(held_on=dt.date(2023, 5, 5)), CALENDAR)


@settings(deadline=None)
@given(
    st.dates(dt.date(2024, 6, 1), dt.date(2040, 12, 31)),
    st.integers(1, 60),
    st.sampled_from([Unit.WORKING_DAY, Unit.CALENDAR_DAY]),
    st.sampled_from(list(Direction)),
)
def test_the_sentence_holds_the_date_it_explains_for_every_rule_and_day(
    start: dt.date, count: int, unit: Unit, direction: Direction
) -> None:
    found = due(rule(count=count, unit=unit, direction=direction), text(), start, CALENDAR)
    assert found.trigger is Trigger.CONFERENCE
    assert found.due_on is not None
    assert f"{found.due_on:%d/%m/%Y}: " in found.explanation
    assert f"{start:%d/%m/%Y}" in found.explanation
    assert found.explanation.count(". ") == 0
    weekends = sum(one.reason in ("thứ Bảy", "Chủ nhật") for one in found.skipped)
    if unit is Unit.WORKING_DAY:
        assert ("bỏ qua" in found.explanation) == bool(found.skipped)
        said = found.explanation.partition("bỏ qua ")[2]
        assert sum(int(number) for number in re.findall(r"(\d+) (?:thứ Bảy|Chủ nhật)", said)) == weekends
    else:
        assert ("nghỉ (" in found.explanation) == bool(found.skipped)
