"""Which stretch of time a report speaks of.

The regulations fix when a report is due, not which days it covers. Read here: up to the end of the last whole month
before it is due, or up to 31 December when it is due in the following year; and each year begins where the report
on the year before ended, so that no opinion falls between two reports or into two years.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from casework.errors import InvalidInput
from casework.regulations.model import DutyRule

#: between the two days of a stretch of time
_TO = ".."
_YEAR = re.compile(r"(?P<year>20\d\d)(?:-?(?P<half>[hH]?1))?")


class ReportKind(StrEnum):
    """The reports there are."""

    CONFERENCE = "conference"
    HALF_YEAR = "half_year"
    ANNUAL = "annual"
    ON_DEMAND = "on_demand"  # when a superior asks, on the days asked for


KIND_NAMES: dict[str, str] = {
    ReportKind.CONFERENCE: "báo cáo hội nghị",
    ReportKind.HALF_YEAR: "báo cáo 6 tháng",
    ReportKind.ANNUAL: "báo cáo năm",
    ReportKind.ON_DEMAND: "báo cáo đột xuất",
}


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What one report covers: local days from `first` to `last`, both included; one conference, or all of them."""

    kind: ReportKind
    first: dt.date
    last: dt.date
    #: year the report is about; of a conference, the year it was held
    year: int
    conference_id: int | None = None
    conference_code: str | None = None

    @property
    def label(self) -> str:
        """What it is called in commands and lists: "2026-H1", "2026", "HN-20261128", "2026-01-01..2026-03-31"."""
        if self.conference_code is not None:
            return self.conference_code
        if self.kind is ReportKind.ON_DEMAND:
            return f"{self.first}{_TO}{self.last}"
        return f"{self.year}-H1" if self.kind is ReportKind.HALF_YEAR else str(self.year)

    @property
    def subject_id(self) -> int:
        """Key of the obligation of a periodic report: year * 10 + 1 for the first half, + 2 for the year."""
        return self.year * 10 + (1 if self.kind is ReportKind.HALF_YEAR else 2)

    def covers(self, day: dt.date) -> bool:
        """Whether the day lies in it."""
        return self.first <= day <= self.last


def read_year(text: str) -> int:
    """The year in "2026", "2026-H1" or "2026-1". Raises `InvalidInput`."""
    match = _YEAR.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"«{text}» không phải kỳ báo cáo.", todo="Viết năm, ví dụ 2026 (hoặc 2026-H1 cho 6 tháng).")
    return int(match["year"])


def read_span(text: str) -> Scope:
    """The stretch of time in "2026-01-01..2026-03-31", for a report on demand. Raises `InvalidInput`."""
    first, _, last = text.strip().partition(_TO)
    try:
        days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    except ValueError as error:
        raise InvalidInput(
            f"«{text}» không phải khoảng ngày.", todo="Viết ngày đầu..ngày cuối, ví dụ 2026-01-01..2026-03-31."
        ) from error
    if days[0] > days[1]:
        raise InvalidInput("Ngày đầu của kỳ sau ngày cuối.", todo="Viết ngày đầu trước.")
    return Scope(kind=ReportKind.ON_DEMAND, first=days[0], last=days[1], year=days[1].year)


def half_year(year: int, *, half: DutyRule | None, annual: DutyRule | None) -> Scope:
    """The first half of a year, as the rules on both reports cut it; without a rule up to 30 June."""
    last = _month_before(half, year) if half is not None else dt.date(year, 6, 30)
    return Scope(kind=ReportKind.HALF_YEAR, first=_year_begins(year, annual), last=last, year=year)


def whole_year(year: int, *, annual: DutyRule | None) -> Scope:
    """A whole year, as the rule on the annual report cuts it; without a rule the calendar year."""
    return Scope(kind=ReportKind.ANNUAL, first=_year_begins(year, annual), last=_year_ends(year, annual), year=year)


def _year_ends(year: int, annual: DutyRule | None) -> dt.date:
    if annual is None or annual.on is None or annual.year_offset > 0:
        return dt.date(year, 12, 31)
    return _month_before(annual, year)


def _year_begins(year: int, annual: DutyRule | None) -> dt.date:
    return _year_ends(year - 1, annual) + dt.timedelta(days=1)


def _month_before(rule: DutyRule, year: int) -> dt.date:
    """Last day of the month before the one the report is due in."""
    if rule.on is None:
        raise InvalidInput(f"Quy tắc {rule.id} về báo cáo không có ngày cố định.", todo='Ghi on = "MM-DD".')
    month = int(rule.on[:2])
    return dt.date(year, month, 1) - dt.timedelta(days=1)
