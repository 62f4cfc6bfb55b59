"""What the deadline rules speak of: days that were skipped, a counted period, a due date with its source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from casework.regulations.model import ConferenceKind, Direction, Duty, DutyRule, Party, Trigger, Unit


class WorkingCalendar(Protocol):
    """Which days offices work; `casework.deadlines.calendar` makes one of holidays and cited amendments."""

    def day_off(self, day: dt.date) -> str | None:
        """Why nobody works on this day ("Chủ nhật", "Tết Nguyên đán", "nghỉ bù ..."), or None on a working day.

        Raises `InvalidInput` for a day of a year without calendar.
        """
        ...

    def provisional(self, year: int) -> bool:
        """Whether the plan of this year's days off is not published yet, so that its dates may still move."""
        ...


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A day a count passed over, or the end of a period moved away from."""

    date: dt.date
    reason: str


@dataclass(frozen=True, kw_only=True)
class Counted:
    """The end of a period, with the days it passed over in order of counting."""

    due_on: dt.date
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True, kw_only=True)
class ConferenceFacts:
    """What is known of a conference when its dates are asked for."""

    held_on: dt.date
    kind: ConferenceKind = ConferenceKind.PERIODIC
    conclusion_on: dt.date | None = None
    assignment_received_on: dt.date | None = None
    file_closed_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Due:
    """One duty with its date; `due_on` None while the event it is counted from has not happened."""

    duty: Duty
    rule: DutyRule
    #: code of the text the rule stands in, with its version; and its name, for people
    regulation: str
    regulation_version: str
    source: str
    holder: Party
    due_on: dt.date | None
    count: int
    unit: Unit
    direction: Direction
    trigger: Trigger
    trigger_on: dt.date | None
    citation: str
    quote: str
    assumed: bool
    skipped: tuple[Skipped, ...]
    #: one Vietnamese sentence: why this date
    explanation: str


class DueState(StrEnum):
    """How a duty stands on a day; computed, never stored."""

    WAITING = "waiting"  # its event has not happened
    OPEN = "open"
    DUE_SOON = "due_soon"
    LATE = "late"
    VERY_LATE = "very_late"
    EXTENDED = "extended"  # open, under a new date with a reason
    MISSED = "missed"  # to be done before a day that is over; nobody can any more
    MET = "met"
    MET_LATE = "met_late"
    CANCELLED = "cancelled"
