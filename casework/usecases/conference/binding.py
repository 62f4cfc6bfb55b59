"""What binds one conference: its duties with their dates, and what was done of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlmodel import col, select

from casework.deadlines.rules import duties
from casework.deadlines.values import ConferenceFacts, Due
from casework.regulations.model import ConferenceKind, Duty, Step
from casework.usecases.conference.issues import lines_of
from casework.usecases.conference.steps import steps_of
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.obligations import cutoff_by_rule, texts_of
from casework.usecases.work import Work
from storage.records import AgendaOutcome, Assignment, Conference, ConferenceState, Obligation, Office


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
        replace(due, due_on=extended.get((due.duty, due.regulation, due.rule.id), due.due_on))
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
    sent = _assignments_sent(work, conference)
    if sent is not None:
        done.setdefault(Step.ASSIGNMENTS_SENT, sent)
    return done


def _extended(work: Work, conference: Conference) -> dict[tuple[str, str, str], dt.date]:
    rows = work.session.exec(
        select(Obligation).where(Obligation.subject == "conference", Obligation.subject_id == conference.id)
    )
    return {(row.duty, row.regulation, row.rule): row.extended_to for row in rows if row.extended_to is not None}


def _assignments_sent(work: Work, conference: Conference) -> dt.date | None:
    """The day the last numbered assignment of the deferred lines went out; None while one has no number."""
    deferred = {line.id for line in lines_of(work, conference) if line.outcome == AgendaOutcome.DEFERRED}
    rows = work.session.exec(
        select(Assignment).where(
            col(Assignment.agenda_item_id).in_(deferred),
            col(Assignment.cancelled_at).is_(None),
            col(Assignment.document_number).is_not(None),
        )
    ).all()
    if not deferred or {row.agenda_item_id for row in rows} != deferred:
        return None
    return max(row.assigned_on for row in rows)
