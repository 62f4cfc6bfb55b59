"""The ladders of reminders as data, and the rung a duty has reached on a day. No session, no clock."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from casework.clock import VIETNAM
from casework.deadlines.counting import count_days
from casework.deadlines.values import WorkingCalendar
from casework.errors import InvalidInput
from casework.regulations.model import Direction, Duty, Unit

_FILE = Path(__file__).with_name("ladders.toml")


class Who(StrEnum):
    """Who hears of a rung: the person responsible, or the one above."""

    HOLDER = "holder"
    HEAD = "head"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Rung(_Table):
    """One reminder; `days` in working days, negative before the due date, positive after it."""

    days: int
    who: Annotated[tuple[Who, ...], Field(min_length=1)]
    why: str
    #: after this rung again and again, each so many working days later
    repeat_every: int | None = Field(default=None, ge=1)


class Ladder(_Table):
    """The rungs of some duties, from the first to the last."""

    code: str
    duties: tuple[Duty, ...]
    why: str
    rungs: tuple[Rung, ...] = Field(default=(), alias="rung")

    @model_validator(mode="after")
    def _rungs_rise(self) -> Self:
        days = [rung.days for rung in self.rungs]
        if days != sorted(set(days)):
            raise ValueError(f"{self.code}: rungs must rise from the first to the last day")
        if any(rung.repeat_every for rung in self.rungs[:-1]):
            raise ValueError(f"{self.code}: only the last rung repeats")
        return self


class Quiet(_Table):
    """Local hours in which nobody is pushed a reminder; over midnight when it begins later than it ends."""

    begins: dt.time
    ends: dt.time
    why: str

    def covers(self, at: dt.time) -> bool:
        if self.begins <= self.ends:
            return self.begins <= at < self.ends
        return at >= self.begins or at < self.ends


class Ladders(_Table):
    """All ladders; every duty stands on exactly one."""

    quiet: Quiet
    ladders: tuple[Ladder, ...] = Field(alias="ladder")

    @model_validator(mode="after")
    def _every_duty_once(self) -> Self:
        named = sorted(duty for ladder in self.ladders for duty in ladder.duties)
        if named != sorted(Duty):
            raise ValueError("every duty must stand on exactly one ladder")
        return self

    def of(self, duty: Duty | str) -> Ladder:
        """The ladder of a duty."""
        return next(ladder for ladder in self.ladders if duty in ladder.duties)

    def awake(self, instant: dt.datetime, calendar: WorkingCalendar) -> dt.datetime:
        """The first instant from `instant` on that is not in the quiet hours; after a night on a working day."""
        local = instant.astimezone(VIETNAM)
        if not self.quiet.covers(local.time()):
            return instant
        morning = dt.datetime.combine(local.date(), self.quiet.ends, VIETNAM)
        if morning < local:
            morning += dt.timedelta(days=1)
        while day_off(calendar, morning.date()) is not None:
            morning += dt.timedelta(days=1)
        return morning.astimezone(dt.UTC)


@dataclass(frozen=True, kw_only=True)
class Reached:
    """The highest rung whose day has come; `step` names it ("-5", "0", "+10") and tells repeats apart."""

    step: str
    #: said before, as the same rung some days ago
    repeat: bool
    who: tuple[Who, ...]
    why: str
    day: dt.date


@cache
def ladders() -> Ladders:
    """The ladders in use. Raises `ValidationError` when the file is not as it must be."""
    return Ladders.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def reached(ladder: Ladder, due_on: dt.date, today: dt.date, calendar: WorkingCalendar) -> Reached | None:
    """The highest rung reached on `today` by what is due on `due_on`; None before the first.

    Lower rungs that were missed (the program stood still, the duty came up late) are not made up for: the highest
    says all. Raises `InvalidInput` for a year without calendar.
    """
    found: Reached | None = None
    for rung in ladder.rungs:
        day = _day_of(due_on, rung.days, calendar)
        if day > today:
            break
        found = _reached(rung, rung.days, day, repeat=False)
        steps = rung.days
        while rung.repeat_every is not None:
            steps += rung.repeat_every
            day = _day_of(day, rung.repeat_every, calendar)
            if day > today:
                break
            found = _reached(rung, steps, day, repeat=True)
    return found


def day_off(calendar: WorkingCalendar, day: dt.date) -> str | None:
    """Why nobody works on a day; None also for a year without calendar, in which nobody is to be kept waiting."""
    try:
        return calendar.day_off(day)
    except InvalidInput:
        return None


def _reached(rung: Rung, days: int, day: dt.date, *, repeat: bool) -> Reached:
    return Reached(step=f"{days:+d}" if days else "0", repeat=repeat, who=rung.who, why=rung.why, day=day)


def _day_of(due_on: dt.date, days: int, calendar: WorkingCalendar) -> dt.date:
    """So many working days from a day; a due date on a day off is reminded of on the working day before."""
    direction = Direction.AFTER if days > 0 else Direction.BEFORE
    return count_days(calendar, due_on, count=abs(days), unit=Unit.WORKING_DAY, direction=direction).due_on
