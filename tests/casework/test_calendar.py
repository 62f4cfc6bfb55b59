"""Which days offices work: against the official tables of three years, and under amendments."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.deadlines.calendar import Amendment, DayKind, official_calendar, weekday_name
from casework.errors import InvalidInput

#: days off that fall on Monday to Friday, by the plans published for public offices
OFF = {
    2024: ["01-01", "02-08", "02-09", "02-12", "02-13", "02-14", "04-18", "04-29", "04-30", "05-01", "09-02", "09-03"],
    2025: [
        *("01-01", "01-27", "01-28", "01-29", "01-30", "01-31", "04-07", "04-30", "05-01", "05-02"),
        *("09-01", "09-02"),
    ],
    2026: [
        *("01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "04-27", "04-30", "05-01"),
        *("08-31", "09-01", "09-02", "11-24"),
    ],
}
MAKE_UP = {2024: ["05-04"], 2025: ["04-26"], 2026: ["01-10", "08-22"]}
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2100, 12, 31))
CALENDAR = official_calendar()


def days_of(year: int) -> list[dt.date]:
    first = dt.date(year, 1, 1)
    return [first + dt.timedelta(days=number) for number in range((dt.date(year, 12, 31) - first).days + 1)]


@pytest.mark.parametrize("year", sorted(OFF))
def test_the_days_off_are_those_of_the_official_table(year: int) -> None:
    off = [f"{day:%m-%d}" for day in days_of(year) if day.weekday() < 5 and not CALENDAR.is_working_day(day)]
    assert off == OFF[year]


@pytest.mark.parametrize("year", sorted(MAKE_UP))
def test_make_up_saturdays_are_worked_and_no_other_weekend_day(year: int) -> None:
    worked = [f"{day:%m-%d}" for day in days_of(year) if day.weekday() >= 5 and CALENDAR.is_working_day(day)]
    assert worked == MAKE_UP[year]


def test_next_year_has_a_calendar_that_is_said_to_be_provisional() -> None:
    assert not CALENDAR.provisional(2026)
    assert CALENDAR.provisional(2027)
    assert CALENDAR.day_off(dt.date(2027, 2, 8)) == "Tết Nguyên đán"
    assert "tạm tính" in CALENDAR.source(2027)


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        (dt.date(2026, 11, 22), "Chủ nhật"),
        (dt.date(2026, 11, 21), "thứ Bảy"),
        (dt.date(2026, 11, 20), None),
        (dt.date(2026, 1, 1), "Tết Dương lịch"),
        (dt.date(2026, 2, 16), "Tết Nguyên đán"),
        (dt.date(2026, 4, 26), "Giỗ Tổ Hùng Vương"),
        (dt.date(2026, 4, 27), "nghỉ bù Giỗ Tổ Hùng Vương"),
        (dt.date(2026, 1, 2), "nghỉ hoán đổi, làm bù thứ Bảy 10/01/2026"),
        (dt.date(2026, 1, 10), None),
    ],
)
def test_each_day_off_says_why(day: dt.date, reason: str | None) -> None:
    assert CALENDAR.day_off(day) == reason


@pytest.mark.parametrize("day", [dt.date(2023, 12, 31), dt.date(1900, 1, 1), dt.date(2101, 1, 1), dt.date.max])
def test_a_year_nothing_is_known_of_is_refused(day: dt.date) -> None:
    with pytest.raises(InvalidInput, match=rf"năm {day.year}.*2024-2100"):
        CALENDAR.day_off(day)


def test_the_proposed_swap_is_shown_and_not_counted() -> None:
    assert CALENDAR.is_working_day(dt.date(2026, 11, 23))
    assert not CALENDAR.is_working_day(dt.date(2026, 11, 28))
    shown = {one.day: one.kind for one in CALENDAR.listing(dt.date(2026, 11, 1), dt.date(2026, 11, 30))}
    assert shown == {
        dt.date(2026, 11, 23): DayKind.PROPOSED_OFF,
        dt.date(2026, 11, 24): DayKind.OFF,
        dt.date(2026, 11, 28): DayKind.PROPOSED_WORKING,
    }


def day(text: str, *, working: bool, proposed: bool = False, citation: str = "1/TB") -> Amendment:
    return Amendment(
        day=dt.date.fromisoformat(text), working=working, reason="bão", citation=citation, proposed=proposed
    )


def test_what_an_office_adds_goes_over_the_shipped_days_and_the_last_word_counts() -> None:
    shipped_off = day("2026-01-02", working=True)
    assert official_calendar([shipped_off]).is_working_day(dt.date(2026, 1, 2))
    assert not official_calendar([shipped_off, day("2026-01-02", working=False)]).is_working_day(dt.date(2026, 1, 2))
    assert not CALENDAR.is_working_day(dt.date(2026, 1, 2)), "the shipped calendar is not changed by it"


def test_a_proposal_never_replaces_a_decision_and_a_decision_ends_the_proposal() -> None:
    decided = day("2026-11-23", working=False, citation="11000/VPCP-KGVX")
    calendar = official_calendar([decided, day("2026-11-23", working=True, proposed=True)])
    assert calendar.day_off(dt.date(2026, 11, 23)) == "bão"
    assert [one.day for one in calendar.proposed] == [dt.date(2026, 11, 28)]
    (listed,) = calendar.listing(dt.date(2026, 11, 23), dt.date(2026, 11, 23))
    assert (listed.kind, listed.source) == (DayKind.OFF, "11000/VPCP-KGVX")


@settings(deadline=None)
@given(DAYS)
def test_every_day_is_either_worked_or_off_for_a_reason(one: dt.date) -> None:
    reason = CALENDAR.day_off(one)
    assert CALENDAR.is_working_day(one) == (reason is None)
    assert reason is None or reason.strip()
    if one.weekday() == 6:
        assert reason, "no make-up day was ever a Sunday"


@settings(deadline=None)
@given(DAYS, st.booleans())
def test_an_amendment_changes_its_own_day_alone(one: dt.date, working: bool) -> None:
    calendar = official_calendar([Amendment(day=one, working=working, reason="bão", citation="1/TB")])
    assert calendar.is_working_day(one) == working
    for step in (-1, 1):
        neighbour = one + dt.timedelta(days=step)
        if 2024 <= neighbour.year <= 2100:
            assert calendar.day_off(neighbour) == CALENDAR.day_off(neighbour)


def test_the_listing_leaves_plain_weekends_out() -> None:
    listed = CALENDAR.listing(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
    assert all(one.reason != weekday_name(one.day) for one in listed)
    assert all(one.source for one in listed)
    assert [one.day for one in listed] == sorted(one.day for one in listed)
