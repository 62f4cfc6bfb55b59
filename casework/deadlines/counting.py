"""Periods of the law, counted as Bộ luật Dân sự 2015 says, with the days passed over.

Điều 147: the day of the event is not counted. Điều 148: a period after an event that ends on a day off ends with the
next working day. No statute says what a period before an event does there: it ends with the working day before, since
the other way would shorten the notice.
"""

from __future__ import annotations

import datetime as dt

from casework.deadlines.values import Counted, Skipped, WorkingCalendar
from casework.errors import InvalidInput
from casework.regulations.model import Direction, Unit


def count_days(
    calendar: WorkingCalendar, start: dt.date, *, count: int, unit: Unit, direction: Direction, rolls: bool = True
) -> Counted:
    """The last day of a period of `count` units after or before `start`, which itself is not counted.

    The last day is lawful to its end. Years run to the same date of another year and do not roll; without `rolls`
    calendar days do not either.
    Raises `InvalidInput` for a year without calendar, or outside of dates.
    """
    sign = 1 if direction is Direction.AFTER else -1
    try:
        match unit:
            case Unit.WORKING_DAY:
                return _working_days(calendar, start, count, sign)
            case Unit.CALENDAR_DAY if not rolls:
                return Counted(due_on=start + dt.timedelta(days=sign * count), skipped=())
            case Unit.CALENDAR_DAY:
                return _to_working_day(calendar, start + dt.timedelta(days=sign * count), sign)
            case Unit.YEAR:
                return Counted(due_on=years_from(start, sign * count), skipped=())
    except (OverflowError, ValueError) as error:
        raise InvalidInput(
            f"Không có ngày nào cách {start:%d/%m/%Y} xa như thế.", todo="Xem lại ngày đã ghi."
        ) from error


def years_from(day: dt.date, years: int) -> dt.date:
    """The same date of another year; 29 February becomes the 28th. Raises `ValueError` outside of dates."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        if (day.month, day.day) != (2, 29):
            raise
        return day.replace(year=day.year + years, day=28)


def _working_days(calendar: WorkingCalendar, start: dt.date, count: int, sign: int) -> Counted:
    if count == 0:
        return _to_working_day(calendar, start, sign)
    skipped, day, left = [], start, count
    while left:
        day += dt.timedelta(days=sign)
        reason = calendar.day_off(day)
        if reason is None:
            left -= 1
        else:
            skipped.append(Skipped(date=day, reason=reason))
    return Counted(due_on=day, skipped=tuple(skipped))


def _to_working_day(calendar: WorkingCalendar, day: dt.date, sign: int) -> Counted:
    skipped = []
    while (reason := calendar.day_off(day)) is not None:
        skipped.append(Skipped(date=day, reason=reason))
        day += dt.timedelta(days=sign)
    return Counted(due_on=day, skipped=tuple(skipped))
