"""What binds one conference: its duties with their dates, and what was done of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from sqlmodel import col, select

from casework.conference_life.notice_periods import Missed, missed_before
from casework.deadlines.rules import duties
from casework.deadlines.standing import effective
from casework.deadlines.values import ConferenceFacts, Due
from casework.regulations.model import ConferenceKind, Duty, Step
from casework.usecases.conference.steps import steps_of
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.facts import is_beyond_commune
from casework.usecases.deadlines.obligations import cutoff_by_rule, texts_of
from casework.usecases.work import Work
from storage.records import AgendaItem, Conference, ConferenceState, Obligation, Office, OpinionGroup

#: steps that are done as soon as the facts say so, whether or not somebody wrote them down
_BY_OBLIGATION: dict[str, tuple[Step, ...]] = {
    Duty.ASSIGNMENT: (Step.ASSIGNMENTS_SENT,),
    Duty.UPWARD_SUMMARY: (Step.UPWARD_SENT, Step.UPWARD_REPORTED),
}


def dues_of(work: Work, conference: Conference) -> list[Due]:
    """The duties of this conference with their dates, as its facts stand now and as they were extended."""
    facts = ConferenceFacts(
        held_on=conference.held_on,
        kind=ConferenceKind(conference.kind),
        conclusion_on=conference.conclusion_on,
        file_closed_on=conference.closed_on,
    )
    level = work.session.get_one(Office, conference.office_id).level
    extended = _extended(work, conference)
    return [
        replace(due, due_on=effective(due.due_on, extended.get((due.duty, due.regulation, due.rule.id))))
        for due in duties(texts_of(conference), facts, calendar_of(work), level=level)
    ]


def cutoff_of(work: Work, conference: Conference) -> Due | None:
    """The last day for opinions as the texts set it, with its source; None where none does."""
    day = cutoff_by_rule(work, conference)
    dues = (due for due in dues_of(work, conference) if due.duty is Duty.OPINION_CUTOFF and due.due_on == day)
    return next(dues, None) if day is not None else None


def done_of(work: Work, conference: Conference) -> dict[Step, dt.date]:
    """The day each step was done: as written down, or as the conference itself shows."""
    done = {step: row.done_on for step, row in steps_of(work, conference).items()}
    if conference.state in (ConferenceState.HELD, ConferenceState.CONCLUDED):
        done[Step.HELD] = conference.held_on
    if conference.conclusion_on is not None:
        done[Step.CONCLUSION_ISSUED] = conference.conclusion_on
    for row in _obligations(work, conference):
        for step in _BY_OBLIGATION.get(row.duty, ()):
            if row.met_on is not None and row.cancelled_at is None:
                done.setdefault(step, row.met_on)
    return done


def missed_of(work: Work, conference: Conference, today: dt.date) -> tuple[Missed, ...]:
    """The duties before the day of this conference that were not kept, as seen on `today`."""
    levels = work.session.exec(
        select(OpinionGroup.level)
        .join(AgendaItem, col(AgendaItem.group_id) == col(OpinionGroup.id))
        .where(AgendaItem.conference_id == conference.id)
    )
    upward = any(is_beyond_commune(level) for level in levels)
    return missed_before(dues_of(work, conference), done_of(work, conference), today, upward=upward)


def _extended(work: Work, conference: Conference) -> dict[tuple[str, str, str], dt.date]:
    rows = _obligations(work, conference)
    return {(row.duty, row.regulation, row.rule): row.extended_to for row in rows if row.extended_to is not None}


def _obligations(work: Work, conference: Conference) -> Sequence[Obligation]:
    return work.session.exec(
        select(Obligation).where(Obligation.subject == "conference", Obligation.subject_id == conference.id)
    ).all()
