"""When the askers of an issue get their written answer: the day people are told, with where it comes from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.deadlines.standing import STATE_WORDS, state_of
from casework.deadlines.values import DueState
from casework.names import DUTIES
from casework.usecases.deadlines.rows import answers_owed, counts_on
from casework.usecases.work import Work
from casework.wording import say
from storage.records import Assignment, Extension, Obligation, Opinion, OpinionState


class Basis(StrEnum):
    """Where the day comes from."""

    LAW = "law"  # a rule of the regulation
    EXTENDED = "extended"  # moved by decision
    PROMISED = "promised"  # an interim answer promised it
    AGREED = "agreed"  # typed in by the office where no rule sets a day
    WAITING = "waiting"  # its clock has not started


@dataclass(frozen=True, kw_only=True)
class AnswerDay:
    """The day an issue's written answer is due by."""

    due_on: dt.date | None
    #: what the rule alone leads to
    legal_on: dt.date | None
    basis: Basis
    state: DueState
    #: the row that drives; None where no rule sets a day
    obligation_id: int | None = None
    #: an earlier day the office set for itself
    internal_on: dt.date | None = None


def answer_days(work: Work, group_ids: Sequence[int]) -> dict[int, AnswerDay]:
    """The day for each issue somebody owes a written answer; the earliest of several rules drives."""
    today = local_date(work.now)
    internal = _internal(work, group_ids)
    found: dict[int, AnswerDay] = {}
    for group_id, row in answers_owed(work, group_ids):
        if group_id not in found:
            found[group_id] = _by_rule(work, row, internal.get(group_id), today)
    for group_id, day in internal.items():
        if group_id not in found or found[group_id].due_on is None:
            found[group_id] = AnswerDay(
                due_on=day,
                legal_on=None,
                basis=Basis.AGREED,
                state=state_of(duty="final_answer", due_on=day, on=today),
                obligation_id=found[group_id].obligation_id if group_id in found else None,
            )
    return found


def answer_day(work: Work, group_id: int) -> AnswerDay | None:
    """The day for one issue; None when no day is known or nobody owes it."""
    return answer_days(work, [group_id]).get(group_id)


def due_for_staff(work: Work, opinion: Opinion) -> str | None:
    """What is owed on an opinion next, by whom and by when, as staff read it; None when nothing is."""
    if opinion.group_id is not None and opinion.state == OpinionState.ASSIGNED:
        day = answer_day(work, opinion.group_id)
        if day is None:
            return None
        due = vietnamese_date(day.due_on) if day.due_on else "chưa có, chờ thông báo kết luận"
        own = f"; đơn vị tự hẹn {vietnamese_date(day.internal_on)}" if day.internal_on else ""
        moved = f"; hạn theo quy định {vietnamese_date(day.legal_on)}" if day.legal_on not in (None, day.due_on) else ""
        number = f"; vì sao: doithoai deadlines why {day.obligation_id}" if day.obligation_id else ""
        return f"trả lời bằng văn bản: {due} ({STATE_WORDS[day.state]}{moved}{own}{number})"
    row = work.session.exec(
        select(Obligation).where(
            Obligation.office_id == work.services.office_id,
            Obligation.subject == "opinion",
            Obligation.subject_id == opinion.id,
            col(Obligation.met_on).is_(None),
            col(Obligation.cancelled_at).is_(None),
        )
    ).first()
    if row is None or row.due_on is None:
        return None
    counts, today = counts_on(row), local_date(work.now)
    state = state_of(duty=row.duty, due_on=row.due_on, extended_to=row.extended_to, on=today)
    due = vietnamese_date(counts or row.due_on)
    return f"{DUTIES[row.duty]}: {due} ({STATE_WORDS[state]}; vì sao: doithoai deadlines why {row.id})"


def due_in_words(work: Work, opinion: Opinion) -> str | None:
    """What an asker is told of the day; None where there is nothing to wait for."""
    if opinion.group_id is None or opinion.state != OpinionState.ASSIGNED:
        return None
    day = answer_day(work, opinion.group_id)
    if day is None:
        return None
    if day.due_on is None:
        return say("due.status_waiting")
    date, legal = vietnamese_date(day.due_on), vietnamese_date(day.legal_on or day.due_on)
    if day.state in (DueState.LATE, DueState.VERY_LATE):
        return say("due.status_late", date=date)
    if day.basis is Basis.PROMISED:
        return say("due.status_promised", date=date, legal=legal)
    if day.basis is Basis.EXTENDED:
        return say("due.status_extended", date=date, legal=legal)
    return say("due.status", date=date)


def _by_rule(work: Work, row: Obligation, internal: dt.date | None, today: dt.date) -> AnswerDay:
    due_on = counts_on(row)
    basis = Basis.WAITING if due_on is None else Basis.LAW
    if due_on is not None and due_on != row.due_on:
        by_answer = work.session.exec(
            select(Extension.answer_id).where(Extension.obligation_id == row.id).order_by(col(Extension.id).desc())
        ).first()
        basis = Basis.EXTENDED if by_answer is None else Basis.PROMISED
    return AnswerDay(
        due_on=due_on,
        legal_on=row.due_on,
        basis=basis,
        state=state_of(duty=row.duty, due_on=row.due_on, extended_to=row.extended_to, on=today),
        obligation_id=row.id,
        internal_on=internal if internal is not None and (due_on is None or internal < due_on) else None,
    )


def _internal(work: Work, group_ids: Sequence[int]) -> dict[int, dt.date]:
    """Days the office typed in when it assigned an issue that still waits for its answer."""
    waiting = select(Opinion.group_id).where(
        col(Opinion.group_id).in_(list(group_ids)), Opinion.state == OpinionState.ASSIGNED
    )
    rows = select(Assignment).where(col(Assignment.group_id).in_(waiting), col(Assignment.cancelled_at).is_(None))
    return {row.group_id: row.due_on for row in work.session.exec(rows) if row.due_on is not None}
