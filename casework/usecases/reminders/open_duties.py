"""What is owed now: one entry per duty, the earliest rule drives; and how a person in a chat reads it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import load_only
from sqlmodel import and_, col, not_, select

from casework.clock import vietnamese_date
from casework.deadlines.standing import OPEN_STATES, effective, state_of
from casework.deadlines.values import DueState
from casework.public_words import one_line
from casework.regulations.model import Duty
from casework.usecases.deadlines.listing import ObligationRow, in_words
from casework.usecases.deadlines.rows import counts_on, lapsed, markers
from casework.usecases.work import Work
from casework.wording import say
from storage.records import Obligation, Opinion

#: longest name of an issue in a line, characters
TITLE = 70
#: keys in one statement: databases limit how many they take
_AT_ONCE = 5000
#: what is about a sealed opinion
_SEALED = and_(
    col(Obligation.subject) == "opinion",
    col(Obligation.subject_id).in_(select(Opinion.id).where(col(Opinion.sealed))),
)
#: what says who may see an opinion
_WHOSE: tuple[Any, ...] = (Opinion.id, Opinion.office_id, Opinion.sealed, Opinion.residential_group_id)


@dataclass(frozen=True, kw_only=True)
class OpenDuty:
    """A duty nobody has fulfilled yet, with the day that counts (an extension included)."""

    obligation: Obligation
    due_on: dt.date
    state: DueState

    @property
    def id(self) -> int:
        """Key of the row that drives."""
        return self.obligation.id or 0


@dataclass(frozen=True, kw_only=True)
class DueCounts:
    """How many duties of the office press."""

    soon: int = 0
    late: int = 0
    #: open under a new date; not late
    extended: int = 0


def open_duties(work: Work, today: dt.date) -> list[OpenDuty]:
    """Everything with a due date that is still owed, the earliest day first. Where several rules set one duty, the
    earliest counts."""
    rows = work.session.exec(select(Obligation).where(*_open(work, today)))
    driving: dict[tuple[str, int, str], OpenDuty] = {}
    for row in rows:
        day = counts_on(row)
        state = state_of(duty=row.duty, due_on=row.due_on, on=today, extended_to=row.extended_to)
        key = (row.subject, row.subject_id, row.duty)
        if day is not None and state in OPEN_STATES and (key not in driving or day < driving[key].due_on):
            driving[key] = OpenDuty(obligation=row, due_on=day, state=state)
    return sorted(driving.values(), key=lambda one: (one.due_on, one.id))


def due_counts(work: Work, today: dt.date, *, sealed_too: bool) -> DueCounts:
    """The duties of the office that press on a day, extended ones apart; those about a sealed opinion only with
    `sealed_too`, for their number alone says that there is a denunciation."""
    conditions = _open(work, today) if sealed_too else (*_open(work, today), not_(_SEALED))
    # Columns only: this is asked for in passing, and records of all open duties would take their time.
    rows = work.session.exec(
        select(
            Obligation.subject, Obligation.subject_id, Obligation.duty, Obligation.due_on, Obligation.extended_to
        ).where(*conditions)  # type: ignore[call-overload]
    )
    driving: dict[tuple[str, int, str], tuple[dt.date, DueState]] = {}
    for subject, subject_id, duty, due_on, extended_to in rows:
        day = effective(due_on, extended_to)
        key = (subject, subject_id, duty)
        if day is not None and (key not in driving or day < driving[key][0]):
            driving[key] = (day, state_of(duty=duty, due_on=due_on, on=today, extended_to=extended_to))
    states = Counter(state for _, state in driving.values())
    return DueCounts(
        soon=states[DueState.DUE_SOON],
        late=states[DueState.LATE] + states[DueState.VERY_LATE],
        extended=states[DueState.EXTENDED],
    )


def _open(work: Work, today: dt.date) -> tuple[ColumnElement[bool], ...]:
    """What is owed and has a date. Keeping a file is no work anybody waits for; what was to be done before a
    conference that is over, nobody can do any more."""
    return (
        col(Obligation.office_id) == work.services.office_id,
        col(Obligation.duty) != Duty.RETENTION,
        col(Obligation.met_on).is_(None),
        col(Obligation.cancelled_at).is_(None),
        col(Obligation.due_on).is_not(None),
        col(Obligation.id).not_in(markers(work) | lapsed(work, today)),
    )


def opinions_behind(work: Work, duties: Sequence[OpenDuty]) -> dict[int, Opinion]:
    """The opinions those duties are about, by key of the duty: with what says who may see them, without their words."""
    about = {one.id: one.obligation.subject_id for one in duties if one.obligation.subject == "opinion"}
    keys = sorted(set(about.values()))
    found: dict[int | None, Opinion] = {}
    for start in range(0, len(keys), _AT_ONCE):
        rows = work.session.exec(
            select(Opinion).where(col(Opinion.id).in_(keys[start : start + _AT_ONCE])).options(load_only(*_WHOSE))
        )
        found.update({row.id: row for row in rows})
    return {duty: found[key] for duty, key in about.items() if key in found}


@dataclass(frozen=True, kw_only=True)
class Named:
    """A duty in words: «trả lời bằng văn bản», and what it is about, «HN-20261128/3 «Đèn đường»»."""

    duty: str
    about: str

    def __str__(self) -> str:
        return say("reminder.what", duty=self.duty, about=self.about)


def names_of(work: Work, duties: Sequence[OpenDuty]) -> dict[int, Named]:
    """The duties in words, by key."""
    rows = in_words(work, list({one.id: one.obligation for one in duties}.values()))
    return {row.id: Named(duty=row.duty_name, about=_about(row)) for row in rows}


def _about(row: ObligationRow) -> str:
    """A conference is known by its code, a report by its period; anything else by both code and name."""
    match row.subject:
        case "conference":
            return row.ref
        case "report":
            return row.title
        case _:
            return say("reminder.about", ref=row.ref, title=one_line(row.title, TITLE))


def standing_words(duty: OpenDuty, today: dt.date) -> str:
    """«hạn 12/12/2026, còn 3 ngày», «QUÁ HẠN 4 ngày (hạn 12/12/2026)»; an extension is said."""
    days = (duty.due_on - today).days
    key = "today" if days == 0 else "left" if days > 0 else "over"
    fields: dict[str, object] = {"date": vietnamese_date(duty.due_on)}
    words = say(f"reminder.{key}", **fields, **({"days": abs(days)} if days else {}))
    extended = duty.obligation.extended_to == duty.due_on
    return f"{words} {say('reminder.extended')}" if extended else words
