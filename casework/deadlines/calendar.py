"""Which days offices work: the `holidays` library as base, cited amendments over it.

The library makes the days off that follow from the law (Bộ luật Lao động 2019, Điều 111-112; Nghị quyết 28/2026/QH16);
swaps are decided year by year, often days before: they are data (`calendar.toml`, and what an office added). A make-up
Saturday is a working day.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import holidays

from casework.errors import InvalidInput

_FILE = Path(__file__).with_name("calendar.toml")
_SATURDAY = 5
_WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
#: last year of the library's lunar table
_LAST_YEAR = int(holidays.country_holidays("VN").end_year)


def weekday_name(day: dt.date) -> str:
    """thứ Hai ... Chủ nhật."""
    return _WEEKDAYS[day.weekday()]


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """One day decided otherwise than the base says, with its source. `proposed`: shown, not counted."""

    day: dt.date
    working: bool
    reason: str
    citation: str
    proposed: bool = False


class DayKind(StrEnum):
    """What a day of a calendar's listing is."""

    OFF = "off"
    MAKE_UP = "make_up"
    PROPOSED_OFF = "proposed_off"
    PROPOSED_WORKING = "proposed_working"


@dataclass(frozen=True, kw_only=True)
class ListedDay:
    """A day that is not as its weekday says, or is proposed not to be."""

    day: dt.date
    kind: DayKind
    reason: str
    source: str


class Calendar:
    """Working days of the years whose days off can be known. Immutable; each year is put together once.

    A later amendment of the same day replaces an earlier one; a proposed one never replaces a decided one.
    """

    def __init__(self, amendments: Iterable[Amendment]) -> None:
        every = tuple(amendments)
        self._decided = {one.day: one for one in every if not one.proposed}
        proposed = {one.day: one for one in every if one.proposed}
        #: swaps that are announced and not decided: what a decision says already is none any more
        self.proposed: tuple[Amendment, ...] = tuple(
            one for day, one in sorted(proposed.items()) if day not in self._decided
        )
        self._years: dict[int, dict[dt.date, str]] = {}

    def day_off(self, day: dt.date) -> str | None:
        """Why nobody works on this day ("Chủ nhật", "Tết Nguyên đán", "nghỉ bù ..."), or None on a working day.

        Raises `InvalidInput` for a day of a year without calendar.
        """
        year = self._years.get(day.year)
        if year is None:
            year = self._years[day.year] = self._year(day.year)
        return year.get(day)

    def is_working_day(self, day: dt.date) -> bool:
        """Whether offices work. Raises `InvalidInput` as `day_off` does."""
        return self.day_off(day) is None

    def provisional(self, year: int) -> bool:
        """Whether the plan of this year's days off is not published yet, so that its dates may still move."""
        return year not in _shipped().plans

    def source(self, year: int) -> str:
        """Where the days off of the year come from."""
        return _shipped().plans.get(year, "Bộ luật Lao động 2019, Điều 112, tạm tính")

    def amendments(self, first: dt.date, last: dt.date) -> tuple[Amendment, ...]:
        """What was decided for the days from `first` to `last`, by day."""
        return tuple(one for day, one in sorted(self._decided.items()) if first <= day <= last)

    def listing(self, first: dt.date, last: dt.date) -> list[ListedDay]:
        """Holidays, days off in lieu, make-up days and proposals from `first` to `last`, by day; plain weekends are
        left out."""
        listed = []
        for number in range((last - first).days + 1):
            day = first + dt.timedelta(days=number)
            reason, decided = self.day_off(day), self._decided.get(day)
            source = decided.citation if decided else self.source(day.year)
            if reason is not None and reason != weekday_name(day):
                listed.append(ListedDay(day=day, kind=DayKind.OFF, reason=reason, source=source))
            elif reason is None and day.weekday() >= _SATURDAY:
                why = decided.reason if decided else "ngày làm bù"
                listed.append(ListedDay(day=day, kind=DayKind.MAKE_UP, reason=why, source=source))
        for one in self.proposed:
            if first <= one.day <= last:
                kind = DayKind.PROPOSED_WORKING if one.working else DayKind.PROPOSED_OFF
                listed.append(ListedDay(day=one.day, kind=kind, reason=one.reason, source=one.citation))
        return sorted(listed, key=lambda one: (one.day, one.kind))

    def _year(self, year: int) -> dict[dt.date, str]:
        """Every day off of the year, with its reason."""
        off = dict(_base(year))
        for day, one in self._decided.items():
            if day.year != year:
                continue
            if one.working:
                off.pop(day, None)
            else:
                off[day] = one.reason
        return off


def official_calendar(extra: Iterable[Amendment] = ()) -> Calendar:
    """The shipped calendar with `extra` amendments over it (an office's own), in the order they were decided."""
    added = tuple(extra)
    return Calendar([*_shipped().amendments, *added]) if added else _official()


@cache
def _official() -> Calendar:
    return Calendar(_shipped().amendments)


@dataclass(frozen=True, kw_only=True)
class _Shipped:
    plans: Mapping[int, str]
    amendments: tuple[Amendment, ...]
    names: Mapping[str, str]


@cache
def _shipped() -> _Shipped:
    data: dict[str, Any] = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return _Shipped(
        plans={plan["year"]: plan["citation"] for plan in data["plan"]},
        amendments=tuple(Amendment(**table) for table in data["amendment"]),
        names=data["names"],
    )


@cache
def _base(year: int) -> Mapping[dt.date, str]:
    """Weekends and the library's days off. Raises `InvalidInput` for a year nothing is known of."""
    first = min(_shipped().plans)
    if not first <= year <= _LAST_YEAR:
        raise InvalidInput(
            f"Chưa có lịch ngày nghỉ của năm {year}.",
            todo=f"Chỉ tính được hạn trong các năm {first}-{_LAST_YEAR}; xem lại ngày đã ghi.",
        )
    # A swap across New Year stands under the year of its day off: the neighbours know the make-up days of this one.
    library = holidays.country_holidays("VN", years=(year - 1, year, year + 1), language="vi")
    make_up = library.weekend_workdays
    off: dict[dt.date, str] = {}
    day = dt.date(year, 1, 1)
    while day.year == year:
        if day.weekday() >= _SATURDAY and day not in make_up:
            off[day] = weekday_name(day)
        day += dt.timedelta(days=1)
    off |= {day: _said(name) for day, name in library.items() if day.year == year}
    return off


def _said(name: str) -> str:
    """A holiday of the library as reasons are said."""
    said = next((words for key, words in _shipped().names.items() if key in name), name)
    return f"nghỉ bù {said}" if "nghỉ bù" in name else said
