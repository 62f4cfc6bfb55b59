"""Why an agency's answer is due on its date, as the obligation on live data says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import vietnamese_date
from casework.deadlines.rules import due
from casework.deadlines.standing import effective
from casework.deadlines.values import WorkingCalendar
from casework.regulations import regulation
from casework.regulations.model import Duty, Party
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.work import Work
from storage.records import Obligation

#: keys asked for in one query
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class AnswerDue:
    """The day an answer is owed by, with its source."""

    #: None while the event it is counted from has not happened
    due_on: dt.date | None
    #: who must get the answer
    recipients: tuple[Party, ...]
    #: how the date is counted and where that stands, in one Vietnamese sentence
    explanation: str


def answer_dues(work: Work, assignment_ids: Sequence[int]) -> dict[int, AnswerDue]:
    """The due date of each assignment's written answer; where several rules set one, the earliest drives."""
    calendar = calendar_of(work)
    found: dict[int, AnswerDue] = {}
    for start in range(0, len(assignment_ids), _AT_ONCE):
        rows = work.session.exec(
            select(Obligation).where(
                Obligation.office_id == work.services.office_id,
                Obligation.subject == "assignment",
                col(Obligation.subject_id).in_(assignment_ids[start : start + _AT_ONCE]),
                Obligation.duty == Duty.FINAL_ANSWER,
                col(Obligation.cancelled_at).is_(None),
            )
        )
        for row in rows:
            one = _due(row, calendar)
            earlier = found.get(row.subject_id)
            if one is not None and (earlier is None or _day(one) < _day(earlier)):
                found[row.subject_id] = one
    return found


def _due(row: Obligation, calendar: WorkingCalendar) -> AnswerDue | None:
    text = regulation(row.regulation, version=row.regulation_version)
    rule = next((rule for rule in text.duties if rule.id == row.rule), None)
    if rule is None:
        return None
    counted = due(rule, text, row.trigger_on, calendar)
    explanation = counted.explanation
    if row.extended_to is not None:
        explanation = f"{explanation.rstrip('.')}; đã gia hạn đến {vietnamese_date(row.extended_to)}"
    return AnswerDue(due_on=effective(row.due_on, row.extended_to), recipients=rule.recipients, explanation=explanation)


def _day(one: AnswerDue) -> dt.date:
    return one.due_on or dt.date.max
