"""Why an agency's answer is due on its date, as the obligation on live data says it, today and on an earlier day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.deadlines.rules import due
from casework.deadlines.standing import assumed_receipt, effective
from casework.deadlines.values import WorkingCalendar
from casework.regulations import regulation
from casework.regulations.model import Duty, Party, Trigger
from casework.usecases.conference.issues import key_of
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.work import Work
from storage.records import Assignment, Extension, Obligation

#: keys asked for in one query
_AT_ONCE = 5_000


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The due date was moved `to` a later day, by something recorded on `at`."""

    at: dt.date
    to: dt.date


@dataclass(frozen=True, kw_only=True)
class AnswerDue:
    """The day an answer is owed by under one rule, with its source."""

    #: by the rule alone; None while the event it is counted from has not happened
    ruled_on: dt.date | None
    #: how the rule leads to that day, in one Vietnamese sentence
    counted: str
    #: oldest first
    moved: tuple[Moved, ...] = ()
    #: who must get the answer
    recipients: tuple[Party, ...]
    #: the day it is counted from
    trigger_on: dt.date | None
    met_on: dt.date | None
    cancelled_on: dt.date | None
    #: the same, counted from the day an agency must have its letter by; None where nothing is counted from that
    expected: AnswerDue | None = None

    @property
    def due_on(self) -> dt.date | None:
        """The day that holds, extensions included."""
        return effective(self.ruled_on, self.moved[-1].to if self.moved else None)

    @property
    def explanation(self) -> str:
        """How the date is counted and where that stands."""
        if not self.moved:
            return self.counted
        return f"{self.counted.rstrip('.')}; đã gia hạn đến {vietnamese_date(self.moved[-1].to)}"

    @property
    def open(self) -> bool:
        """Whether the answer is still owed under this rule."""
        return self.met_on is None and self.cancelled_on is None

    def on(self, day: dt.date) -> AnswerDue:
        """As it stood at the end of `day`: nothing granted, received, done or called off later is in it."""
        known = self
        if self.trigger_on is not None and self.trigger_on > day and self.expected is not None:
            known = self.expected
        return replace(
            known,
            moved=tuple(one for one in self.moved if one.at <= day),
            met_on=until(self.met_on, day),
            cancelled_on=until(self.cancelled_on, day),
        )


def answer_dues(work: Work, assignments: Iterable[Assignment]) -> Mapping[int, tuple[AnswerDue, ...]]:
    """The due dates of each assignment's written answer, one for each rule that ever set one."""
    by_key = {key_of(one): one for one in assignments}
    calendar = calendar_of(work)
    rows = [row for part in _parts(list(by_key)) for row in _obligations(work, part)]
    moved = _moved(work, [key_of(row) for row in rows if row.extended_to is not None])
    found: dict[int, list[AnswerDue]] = defaultdict(list)
    for row in rows:
        one = _due(row, by_key[row.subject_id], calendar, tuple(moved[key_of(row)]))
        if one is not None:
            found[row.subject_id].append(one)
    return {key: tuple(ones) for key, ones in found.items()}


def _obligations(work: Work, keys: list[int]) -> Iterable[Obligation]:
    return work.session.exec(
        select(Obligation)
        .where(
            Obligation.office_id == work.services.office_id,
            Obligation.subject == "assignment",
            col(Obligation.subject_id).in_(keys),
            Obligation.duty == Duty.FINAL_ANSWER,
        )
        .order_by(col(Obligation.id))
    )


def _moved(work: Work, keys: list[int]) -> Mapping[int, list[Moved]]:
    found: dict[int, list[Moved]] = defaultdict(list)
    for part in _parts(keys):
        rows = work.session.exec(
            select(Extension).where(col(Extension.obligation_id).in_(part)).order_by(col(Extension.id))
        )
        for row in rows:
            found[row.obligation_id].append(Moved(at=local_date(row.at), to=row.to_on))
    return found


def _due(
    row: Obligation, assignment: Assignment, calendar: WorkingCalendar, moved: tuple[Moved, ...]
) -> AnswerDue | None:
    text = regulation(row.regulation, version=row.regulation_version)
    rule = next((rule for rule in text.duties if rule.id == row.rule), None)
    if rule is None:
        return None
    found = AnswerDue(
        ruled_on=row.due_on,
        counted=due(rule, text, row.trigger_on, calendar).explanation,
        moved=moved,
        recipients=rule.recipients,
        trigger_on=row.trigger_on,
        met_on=row.met_on,
        cancelled_on=local_date(row.cancelled_at) if row.cancelled_at is not None else None,
    )
    if rule.trigger is not Trigger.ASSIGNMENT_RECEIVED or assignment.received_on is None:
        return found
    expected_on = assumed_receipt(assignment.assigned_on, calendar)
    counted = due(rule, text, expected_on, calendar)
    expected = replace(found, ruled_on=counted.due_on, counted=counted.explanation, trigger_on=expected_on)
    return replace(found, expected=expected)


def until(happened_on: dt.date | None, day: dt.date) -> dt.date | None:
    """The day something happened; None when that was after `day`."""
    return happened_on if happened_on is not None and happened_on <= day else None


def _parts(keys: list[int]) -> Iterable[list[int]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
