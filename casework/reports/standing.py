"""Where each opinion of a report stands: exactly one result, and for a written answer exactly one timeliness.

The rules are stated for people in `figures.toml`; here they are applied.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from casework.deadlines.values import WorkingCalendar
from casework.reports.facts import AnswerFact, DebtFact, Facts, OpinionFact
from nlp.analysis import Kind
from storage.records import AgendaOutcome, OpinionState

_UNDECIDED = (OpinionState.RECEIVED, OpinionState.HELD, OpinionState.CLARIFYING)
_WAITING = (OpinionState.APPROVED, OpinionState.SCHEDULED, OpinionState.ASSIGNED)
_GUIDED = {Kind.COMPLAINT: "complaints", Kind.DENUNCIATION: "denunciations"}


@dataclass(frozen=True, kw_only=True)
class Hall:
    """What was said at conferences: outcome of each issue by conference, the day each was held, and the issues that an
    agency answered anew since."""

    outcomes: Mapping[tuple[int, int], str]
    held_on: Mapping[int, dt.date]
    answered_anew: frozenset[int]

    @classmethod
    def of(cls, facts: Facts) -> Hall:
        return cls(
            outcomes={
                (line.conference_id, line.group_id): line.outcome for line in (*facts.lines, *facts.previous_lines)
            },
            held_on=facts.held_on,
            answered_anew=frozenset(
                group for group, debt in facts.debts.items() if _is_anew(facts.answers.get(group, ()), debt)
            ),
        )

    def answered(self, opinion: OpinionFact) -> bool:
        """Whether the line of this opinion was answered in the hall of its conference, and no agency answered it anew
        since: then the written answer counts."""
        if opinion.conference_id is None or opinion.group_id is None or opinion.group_id in self.answered_anew:
            return False
        return self.outcomes.get((opinion.conference_id, opinion.group_id)) == AgendaOutcome.ANSWERED


def _is_anew(answers: Iterable[AnswerFact], debt: DebtFact) -> bool:
    """Whether an agency was asked after one final answer and gave another. An assignment alone says nothing: agencies
    are made to carry out what was answered in the hall, too."""
    days = [answer.published_on for answer in answers if answer.final]
    return min(days, default=debt.assigned_on) <= debt.assigned_on < max(days, default=debt.assigned_on)


def result_of(opinion: OpinionFact, hall: Hall) -> str:
    """Key of the one result figure the opinion belongs to."""
    state = OpinionState(opinion.state)
    if opinion.sealed:
        return "sealed_waiting" if state in _UNDECIDED else "denunciations"
    if state in _UNDECIDED:
        return "under_review"
    if state is OpinionState.REDIRECTED:
        return next((key for kind, key in _GUIDED.items() if opinion.kind == kind), "guided_elsewhere")
    if state is OpinionState.ANSWERED:
        return "answered_at_conference" if hall.answered(opinion) else "answered_in_writing"
    if state is OpinionState.SCHEDULED and hall.answered(opinion):
        return "answered_at_conference"
    if state in _WAITING:
        return "waiting"
    return str(state.value)


def answer_that_closed(answers: Iterable[AnswerFact], debt: DebtFact | None) -> dt.date | None:
    """Day of the final answer that settled the debt: the first since it was assigned (a later one corrects), else the
    newest before; None while there is only an interim one."""
    days = sorted(answer.published_on for answer in answers if answer.final)
    since = [day for day in days if debt is not None and day >= debt.assigned_on]
    return since[0] if since else days[-1] if days else None


def timeliness_of(answered_on: dt.date | None, debt: DebtFact | None, on: dt.date) -> str:
    """Key of the one timeliness figure of an opinion that is or was owed a written answer. What was extended only
    after its day had passed is late: an extension does not undo that."""
    missed = debt is not None and debt.missed
    due = (debt.extended_to or debt.due_on) if debt is not None else None
    moved = debt is not None and debt.extended_to is not None
    promised = debt is not None and debt.promised
    if answered_on is not None:
        if due is None:
            return "no_due_answered"
        if answered_on > due or missed:
            return "late"
        return "on_time" if not moved else "met_promised" if promised else "met_extended"
    if due is None:
        return "no_due_open"
    if on > due or missed:
        return "overdue"
    return "in_time" if not moved else "promised_open" if promised else "extended_open"


class WorkingDays:
    """Counts working days between two days, over the span it was made for."""

    def __init__(self, calendar: WorkingCalendar, first: dt.date, last: dt.date) -> None:
        """Raises `InvalidInput` for a year without calendar."""
        days = (first + dt.timedelta(days=number) for number in range((last - first).days + 1))
        self._days = [day for day in days if calendar.day_off(day) is None]

    def between(self, start: dt.date, end: dt.date) -> int:
        """Working days after `start`, up to and with `end` (Civil Code 147: the first day is not counted)."""
        return max(0, bisect_right(self._days, end) - bisect_left(self._days, start + dt.timedelta(days=1)))
