"""How a duty stands on a day. Computed from dates, never stored; a due date counts to its end (Civil Code 148.6)."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache
from pathlib import Path

from casework.deadlines.counting import count_days
from casework.deadlines.values import DueState, WorkingCalendar
from casework.regulations.model import Direction, Duty, Unit

_FILE = Path(__file__).with_name("standing.toml")

#: a day people go by, not a thing to do: never late
INFORMATIONAL = frozenset({Duty.OPINION_CUTOFF, Duty.RETENTION})
#: states in which somebody still owes something
OPEN_STATES = frozenset(
    {DueState.WAITING, DueState.OPEN, DueState.DUE_SOON, DueState.EXTENDED, DueState.LATE, DueState.VERY_LATE}
)

STATE_WORDS: dict[str, str] = {
    DueState.WAITING: "chưa tới lúc đếm",
    DueState.OPEN: "còn hạn",
    DueState.DUE_SOON: "sắp hết hạn",
    DueState.LATE: "quá hạn",
    DueState.VERY_LATE: "quá hạn lâu",
    DueState.EXTENDED: "được gia hạn",
    DueState.MISSED: "lỡ hạn",
    DueState.MET: "đã làm đúng hạn",
    DueState.MET_LATE: "đã làm, chậm hạn",
    DueState.CANCELLED: "không còn phải làm",
}


def state_of(
    *,
    duty: Duty | str,
    due_on: dt.date | None,
    on: dt.date,
    extended_to: dt.date | None = None,
    met_on: dt.date | None = None,
    cancelled: bool = False,
    marker: bool = False,
    missed: bool = False,
    lapsed: bool = False,
) -> DueState:
    """How a duty due on `due_on` (moved to `extended_to`, done on `met_on`) stands on the day `on`.

    `marker`: as things are it is only a day people go by. `missed`: its day had passed before it was moved; what is
    done then is done late whatever the new day. `lapsed`: it was to be done before a day that is over by now.
    """
    owed_on = effective(due_on, extended_to)
    if cancelled:
        return DueState.CANCELLED
    if met_on is not None:
        late = missed or (owed_on is not None and met_on > owed_on)
        return DueState.MET_LATE if late and not marker else DueState.MET
    if owed_on is None:
        return DueState.WAITING
    if on > owed_on:
        if marker or duty in INFORMATIONAL:
            return DueState.MET
        if lapsed:
            return DueState.MISSED
        return DueState.VERY_LATE if (on - owed_on).days >= _number("very_late", "days") else DueState.LATE
    if extended_to is not None and owed_on == extended_to:
        return DueState.EXTENDED
    return DueState.DUE_SOON if (owed_on - on).days <= _number("due_soon", "days") else DueState.OPEN


def in_words(state: DueState, *, met_on: dt.date | None = None, missed: bool = False, promised: bool = False) -> str:
    """The state as staff read it: a mark that lies behind was not done by anybody, an extension does not hide that
    the day had passed before, and a day promised by an interim answer is no extension."""
    if state is DueState.MET and met_on is None:
        return "mốc đã qua"
    words = "hẹn trả lời" if promised and state is DueState.EXTENDED else STATE_WORDS[state]
    return f"{words} sau khi quá hạn" if missed and state is DueState.EXTENDED else words


def effective(due_on: dt.date | None, extended_to: dt.date | None) -> dt.date | None:
    """The day that counts: the extended one, unless the rule itself leads to a later one by now."""
    if due_on is None or extended_to is None:
        return due_on
    return max(due_on, extended_to)


def assumed_receipt(issued_on: dt.date, calendar: WorkingCalendar) -> dt.date:
    """The day by which an assignment counts as received while the agency has not confirmed it."""
    days = _number("assumed_receipt", "working_days")
    counted = count_days(calendar, issued_on, count=days, unit=Unit.WORKING_DAY, direction=Direction.AFTER)
    return counted.due_on


def is_recorded_late(dated: dt.date, on: dt.date) -> bool:
    """Whether a document dated `dated` is written down on `on` later than offices usually do."""
    return (on - dated).days > _number("recorded_late", "days")


@cache
def _settings() -> dict[str, dict[str, object]]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def _number(table: str, key: str) -> int:
    value = _settings()[table][key]
    if not isinstance(value, int):
        raise ValueError(f"standing.toml: {table}.{key} is no number")
    return value
