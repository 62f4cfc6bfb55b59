"""Counting periods: the worked table of five conference days, a swap, and laws that hold for every day."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casework.deadlines.calendar import Amendment, Calendar, official_calendar
from casework.deadlines.counting import count_days
from casework.errors import InvalidInput
from casework.regulations.model import Direction, Unit

CALENDAR = official_calendar()
AFTER, BEFORE = Direction.AFTER, Direction.BEFORE
WORKING, PLAIN, YEAR = Unit.WORKING_DAY, Unit.CALENDAR_DAY, Unit.YEAR
#: days, unit, direction of the columns of the table below; the two before the last count from the +10 column
COLUMNS = [
    (7, WORKING, BEFORE),
    (5, WORKING, BEFORE),
    (7, PLAIN, BEFORE),
    (5, WORKING, AFTER),
    (5, PLAIN, AFTER),
    (10, PLAIN, AFTER),
    (10, WORKING, AFTER),
    (20, WORKING, AFTER),
    (30, WORKING, AFTER),
    (15, WORKING, AFTER),
]
TABLE = {
    "2026-11-20": (
        *("2026-11-11", "2026-11-13", "2026-11-13", "2026-11-30", "2026-11-25", "2026-11-30", "2026-12-07"),
        *("2027-01-05", "2027-01-19", "2026-12-14"),
    ),
    "2026-12-22": (
        *("2026-12-11", "2026-12-15", "2026-12-15", "2026-12-29", "2026-12-28", "2027-01-04", "2027-01-06"),
        *("2027-02-03", "2027-02-24", "2027-01-13"),
    ),
    "2026-12-29": (
        *("2026-12-18", "2026-12-22", "2026-12-22", "2027-01-06", "2027-01-04", "2027-01-08", "2027-01-13"),
        *("2027-02-17", "2027-03-03", "2027-01-20"),
    ),
    "2026-08-20": (
        *("2026-08-11", "2026-08-13", "2026-08-13", "2026-08-26", "2026-08-25", "2026-09-03", "2026-09-07"),
        *("2026-10-05", "2026-10-19", "2026-09-14"),
    ),
    "2025-12-31": (
        *("2025-12-22", "2025-12-24", "2025-12-24", "2026-01-09", "2026-01-05", "2026-01-10", "2026-01-15"),
        *("2026-02-12", "2026-03-05", "2026-01-22"),
    ),
}
#: a count of up to 60 working days from here stays within the years that have a calendar
DAYS = st.dates(dt.date(2024, 6, 1), dt.date(2040, 12, 31))
COUNTS = st.integers(0, 60)


def end(start: dt.date, count: int, unit: Unit, direction: Direction, calendar: Calendar = CALENDAR) -> dt.date:
    return count_days(calendar, start, count=count, unit=unit, direction=direction).due_on


@pytest.mark.parametrize(("start", "column"), [(start, column) for start in TABLE for column in range(len(COLUMNS))])
def test_the_worked_table_comes_out_in_every_cell(start: str, column: int) -> None:
    count, unit, direction = COLUMNS[column]
    conclusion = TABLE[start][6]
    trigger = conclusion if count in (20, 30) else start
    assert end(dt.date.fromisoformat(trigger), count, unit, direction).isoformat() == TABLE[start][column]


def test_the_proposed_swap_would_move_the_first_four_working_days_and_not_the_fifth() -> None:
    swap = [
        Amendment(day=dt.date(2026, 11, 23), working=False, reason="nghỉ hoán đổi", citation="1/TB"),
        Amendment(day=dt.date(2026, 11, 28), working=True, reason="làm bù", citation="1/TB"),
    ]
    approved, held = official_calendar(swap), dt.date(2026, 11, 20)
    today = [end(held, number, WORKING, AFTER).day for number in range(1, 6)]
    then = [end(held, number, WORKING, AFTER, approved).day for number in range(1, 6)]
    assert today == [23, 25, 26, 27, 30]
    assert then == [25, 26, 27, 28, 30]


def test_a_count_tells_the_days_it_passed_over_in_its_order() -> None:
    forward = count_days(CALENDAR, dt.date(2026, 4, 23), count=3, unit=WORKING, direction=AFTER)
    assert [(one.date.day, one.reason) for one in forward.skipped] == [
        (25, "thứ Bảy"),
        (26, "Giỗ Tổ Hùng Vương"),
        (27, "nghỉ bù Giỗ Tổ Hùng Vương"),
    ]
    assert forward.due_on == dt.date(2026, 4, 29)
    backward = count_days(CALENDAR, dt.date(2026, 11, 25), count=2, unit=WORKING, direction=BEFORE)
    assert [one.date.day for one in backward.skipped] == [24, 22, 21]


def test_calendar_days_name_only_the_days_their_end_moved_away_from() -> None:
    rolled = count_days(CALENDAR, dt.date(2026, 8, 20), count=10, unit=PLAIN, direction=AFTER)
    assert [f"{one.date:%d/%m}" for one in rolled.skipped] == ["30/08", "31/08", "01/09", "02/09"]
    back = count_days(CALENDAR, dt.date(2026, 11, 22), count=7, unit=PLAIN, direction=BEFORE)
    assert (back.due_on, [one.date.day for one in back.skipped]) == (dt.date(2026, 11, 13), [15, 14])


@pytest.mark.parametrize(
    ("start", "expected"),
    [("2027-01-05", "2032-01-05"), ("2024-02-29", "2029-02-28"), ("2027-01-01", "2032-01-01")],
)
def test_years_run_to_the_same_date_and_do_not_roll(start: str, expected: str) -> None:
    assert end(dt.date.fromisoformat(start), 5, YEAR, AFTER).isoformat() == expected


@pytest.mark.parametrize(
    ("start", "count", "unit", "direction"),
    [
        (dt.date(2024, 1, 3), 7, WORKING, BEFORE),
        (dt.date(2024, 1, 3), 7, PLAIN, BEFORE),
        (dt.date(2100, 12, 30), 10, WORKING, AFTER),
        (dt.date.max, 1, PLAIN, AFTER),
        (dt.date.max, 1, WORKING, AFTER),
        (dt.date.max, 1, YEAR, AFTER),
        (dt.date.min, 1, PLAIN, BEFORE),
    ],
)
def test_a_count_out_of_the_known_years_is_refused(
    start: dt.date, count: int, unit: Unit, direction: Direction
) -> None:
    with pytest.raises(InvalidInput):
        count_days(CALENDAR, start, count=count, unit=unit, direction=direction)


@settings(deadline=None)
@given(DAYS, st.integers(1, 60), st.sampled_from([WORKING, PLAIN]), st.sampled_from([AFTER, BEFORE]))
def test_a_due_day_is_a_working_day_on_its_side_of_the_event(
    start: dt.date, count: int, unit: Unit, direction: Direction
) -> None:
    found = end(start, count, unit, direction)
    assert CALENDAR.is_working_day(found)
    assert (found > start) if direction is AFTER else (found < start)


@settings(deadline=None)
@given(DAYS, COUNTS, st.sampled_from([WORKING, PLAIN]), st.sampled_from([AFTER, BEFORE]))
def test_one_day_more_is_never_less(start: dt.date, count: int, unit: Unit, direction: Direction) -> None:
    less, more = end(start, count, unit, direction), end(start, count + 1, unit, direction)
    assert less <= more if direction is AFTER else less >= more
    if unit is WORKING and count:
        assert less != more


@settings(deadline=None)
@given(DAYS, COUNTS, st.sampled_from([WORKING, PLAIN, YEAR]), st.sampled_from([AFTER, BEFORE]))
def test_a_later_event_is_never_due_earlier(start: dt.date, count: int, unit: Unit, direction: Direction) -> None:
    count = min(count, 5) if unit is YEAR else count
    tomorrow = start + dt.timedelta(days=1)
    assert end(start, count, unit, direction) <= end(tomorrow, count, unit, direction)


@settings(deadline=None)
@given(DAYS, st.integers(1, 60))
def test_working_days_counted_there_and_back_lead_home(start: dt.date, count: int) -> None:
    home = start if CALENDAR.is_working_day(start) else end(start, 1, WORKING, BEFORE)
    assert end(end(home, count, WORKING, AFTER), count, WORKING, BEFORE) == home


@settings(deadline=None)
@given(DAYS, st.integers(1, 60), st.sampled_from([AFTER, BEFORE]))
def test_counted_and_skipped_days_fill_the_whole_span(start: dt.date, count: int, direction: Direction) -> None:
    counted = count_days(CALENDAR, start, count=count, unit=WORKING, direction=direction)
    assert count + len(counted.skipped) == abs((counted.due_on - start).days)
    assert all(CALENDAR.day_off(one.date) == one.reason for one in counted.skipped)


@settings(deadline=None)
@given(DAYS, st.integers(1, 60), st.sampled_from([AFTER, BEFORE]))
def test_calendar_days_and_the_days_rolled_over_fill_the_whole_span(
    start: dt.date, count: int, direction: Direction
) -> None:
    counted = count_days(CALENDAR, start, count=count, unit=PLAIN, direction=direction)
    assert count + len(counted.skipped) == abs((counted.due_on - start).days)
