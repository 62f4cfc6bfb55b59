"""The clocks of a data-subject request: what must be done, and on which day each ends."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict, Field

from casework.deadlines.counting import count_days
from casework.deadlines.values import WorkingCalendar
from casework.regulations.model import Direction, Unit


class Clock(BaseModel):
    """One duty with its period, in working or calendar days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    does: str
    count: int = Field(gt=0)
    #: the most it may become: third parties are concerned, or it was extended once with its reason
    longest: int | None = Field(default=None, gt=0)
    unit: Unit
    citation: str
    #: compared with the signed text, or found alike in two independent sources
    sure: bool


@dataclass(frozen=True, kw_only=True)
class ClockDay:
    """A clock with the days on which it ends for one request."""

    clock: Clock
    due_on: dt.date
    longest_on: dt.date | None


@cache
def clocks() -> tuple[Clock, ...]:
    """All clocks, in the order of the file. Raises `ValueError` when the file is damaged."""
    text = resources.files("casework.privacy_rights").joinpath("rights.toml").read_text(encoding="utf-8")
    return tuple(Clock.model_validate(table) for table in tomllib.loads(text).values())


def days_of(calendar: WorkingCalendar, received_on: dt.date) -> tuple[ClockDay, ...]:
    """When each clock ends for a request received on this day, which itself is not counted.

    Raises `InvalidInput` for a year without calendar.
    """
    return tuple(
        ClockDay(
            clock=clock,
            due_on=_ends(calendar, received_on, clock.count, clock.unit),
            longest_on=None if clock.longest is None else _ends(calendar, received_on, clock.longest, clock.unit),
        )
        for clock in clocks()
    )


def _ends(calendar: WorkingCalendar, start: dt.date, count: int, unit: Unit) -> dt.date:
    return count_days(calendar, start, count=count, unit=unit, direction=Direction.AFTER).due_on
