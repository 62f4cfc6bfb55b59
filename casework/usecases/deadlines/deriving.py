"""What is owed, by facts and rules: from the life of a conference, an assignment, an opinion or a year to its duties.

Pure: no session, no clock. Whoever calls brings the rows of the database to what comes out of here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from casework.clock import local_date
from casework.conference_life.notice_periods import STEP_OF_DUTY, lapses
from casework.deadlines.rules import count, fixed_day
from casework.deadlines.standing import assumed_receipt
from casework.deadlines.values import WorkingCalendar
from casework.lifecycle import UNDECIDED
from casework.regulations.model import Direction, Duty, DutyRule, Party, Regulation, Step, Trigger
from casework.usecases.conference.issues import key_of
from casework.usecases.deadlines.facts import ConferenceLife, IssueLife, LineLife, is_beyond_commune
from storage.records import AgendaOutcome, Assignment, Conference, ConferenceState, Opinion, OpinionState, Report

#: owed only where people did talk
_OF_A_DIALOGUE = frozenset(
    {Duty.CONCLUSION_NOTICE, Duty.QUICK_ANSWER, Duty.ASSIGNMENT, Duty.PUBLISH_RESULT, Duty.DEBRIEF}
)
#: which report fulfils the duty, and the digit that ends the key of its period (`Obligation.subject_id`)
REPORT_OF = {Duty.HALF_YEAR_REPORT: ("half_year", 1), Duty.ANNUAL_REPORT: ("annual", 2)}
#: shared by all duties of one computation
Texts = Sequence[Regulation]


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One duty as facts and rules have it; `met_on` None while nobody has done it."""

    subject: str
    subject_id: int
    conference_id: int | None = None
    text: Regulation
    rule: DutyRule
    holder: Party
    agency: str | None = None
    trigger_on: dt.date | None
    trigger_assumed: bool = False
    due_on: dt.date | None
    met_on: dt.date | None = None

    @property
    def key(self) -> tuple[str, int, str, str, str]:
        """What makes its row unique within the office."""
        return (self.subject, self.subject_id, self.rule.duty, self.text.code, self.rule.id)


@dataclass(frozen=True, kw_only=True)
class Book:
    """The rules that hold, and the calendar they are counted by."""

    texts: Texts
    calendar: WorkingCalendar
    #: level of the office
    level: str

    def rules(self, duty: Duty | None = None, *, kind: str | None = None) -> Iterator[tuple[Regulation, DutyRule]]:
        """Rules of this duty (of all duties) for offices of this level and conferences of this kind."""
        for text in self.texts:
            for rule in text.duties:
                if duty not in (None, rule.duty) or self.level not in rule.levels:
                    continue
                if kind is None or kind in rule.kinds:
                    yield text, rule

    def due_on(self, rule: DutyRule, trigger_on: dt.date | None) -> dt.date | None:
        """The last lawful day; None while the trigger has no day. Raises `InvalidInput` in a year without calendar."""
        return None if trigger_on is None else count(rule, trigger_on, self.calendar).due_on


# --------------------------------------------------------------------------- a conference


def of_conference(life: ConferenceLife, book: Book) -> list[Owed]:
    """Duties of a conference, of its put-off lines nobody has been assigned yet, and of its assignments.

    Nothing is owed by a conference that was called off, nor after one that came to nothing.
    """
    conference = life.conference
    if conference.state == ConferenceState.CANCELLED:
        return []
    failed = conference.state == ConferenceState.FAILED
    owed: list[Owed] = []
    for text, rule in book.rules(kind=conference.kind):
        met = _MET.get(rule.duty)
        if met is None or (failed and _of_a_dialogue(rule)):
            continue
        at_once = rule.duty is Duty.QUICK_ANSWER and rule.not_if_settled_at_conference
        standing = _ready_at_once(life) if at_once else met(life)
        if not standing.applies or (failed and standing.met_on is None and lapses(rule)):
            continue
        trigger_on = conference_trigger(conference, rule.trigger)
        owed.append(
            Owed(
                subject="conference",
                subject_id=key_of(conference),
                conference_id=conference.id,
                text=text,
                rule=rule,
                holder=rule.holder,
                trigger_on=trigger_on,
                due_on=book.due_on(rule, trigger_on),
                met_on=standing.met_on,
            )
        )
    for line in life.lines:
        owed += _of_line(life, line, book)
    return owed


def _of_a_dialogue(rule: DutyRule) -> bool:
    """Whether a duty follows from what people said to each other; what goes up after the day was raised on it."""
    after = rule.duty is Duty.UPWARD_SUMMARY and rule.direction is Direction.AFTER
    return after or rule.duty in _OF_A_DIALOGUE


def conference_trigger(conference: Conference, trigger: Trigger) -> dt.date | None:
    """The day of an event of a conference's life; None while it has not happened."""
    match trigger:
        case Trigger.CONFERENCE:
            return conference.held_on
        case Trigger.CONCLUSION_NOTICE:
            return conference.conclusion_on
        case Trigger.FILE_CLOSED:
            return conference.closed_on
        case _:
            return None


@dataclass(frozen=True, kw_only=True)
class _Standing:
    """Whether a duty is owed at all, and since when it is done."""

    applies: bool = True
    met_on: dt.date | None = None


_NOT_OWED = _Standing(applies=False)


def _by_step(duty: Duty) -> Callable[[ConferenceLife], _Standing]:
    return lambda life: _Standing(met_on=life.steps.get(STEP_OF_DUTY[duty]))


def _conclusion(life: ConferenceLife) -> _Standing:
    return _Standing(met_on=life.conference.conclusion_on)


def _informational(_life: ConferenceLife) -> _Standing:
    return _Standing()


def _upward(life: ConferenceLife) -> _Standing:
    """Owed while something beyond competence stands on the agenda or waits for a letter; done by the step, or when
    the last letter has gone."""
    for step in (Step.UPWARD_SENT, Step.UPWARD_REPORTED):
        if step in life.steps:
            return _Standing(met_on=life.steps[step])
    beyond = [
        line.issue
        for line in life.lines
        if is_beyond_commune(line.issue.level)
        and not (line.settled or line.issue.answered_on or line.issue.assignment is not None)
    ]
    ways = [sent for issue in beyond for sent in (issue.referred_on or (None,))] + list(life.sent_up)
    if not ways:
        return _NOT_OWED
    days = [day for day in ways if day is not None]
    return _Standing(met_on=max(days) if len(days) == len(ways) else None)


def _assigned(life: ConferenceLife) -> _Standing:
    """Done when every put-off line has somebody who owes the answer, or has its answer, or went up."""
    put_off = [line.issue for line in life.lines if line.put_off and line.issue.concerns_somebody]
    if not put_off:
        return _NOT_OWED if life.conference.state == ConferenceState.CONCLUDED else _Standing()
    return _all_done(_taken_over_on(issue, life.conference.held_on) for issue in put_off)


def _taken_over_on(issue: IssueLife, held_on: dt.date) -> dt.date | None:
    # Given to an agency, or answered in writing, before people met: nothing is left to give out.
    days = [issue.first_assigned_on, issue.answered_since(held_on), *issue.referred_on]
    known = [day for day in days if day is not None]
    return max(min(known), held_on) if known else None


def _answered_at_once(life: ConferenceLife) -> _Standing:
    """Done when everybody whose line was settled in the hall has the written answer."""
    settled = [line.issue for line in life.lines if line.settled and line.issue.concerns_somebody]
    if not settled:
        return _NOT_OWED if life.conference.state == ConferenceState.CONCLUDED else _Standing()
    return _all_done(issue.answered_since(life.conference.held_on) for issue in settled)


def _ready_at_once(life: ConferenceLife) -> _Standing:
    """Where the text excepts what was settled in the hall: a day to go by while some line was put off, or may yet be.
    Nobody marks which of those could be answered at once, so nobody is held to it."""
    open_lines = (AgendaOutcome.PENDING, AgendaOutcome.DEFERRED)
    left = [line for line in life.lines if line.line.outcome in open_lines and line.issue.concerns_somebody]
    held = life.conference.state in (ConferenceState.HELD, ConferenceState.CONCLUDED)
    return _Standing(applies=bool(left) or not held)


def _all_done(days: Iterator[dt.date | None]) -> _Standing:
    found = list(days)
    done = [day for day in found if day is not None]
    return _Standing(met_on=max(done) if len(done) == len(found) else None)


_MET: dict[Duty, Callable[[ConferenceLife], _Standing]] = {
    **{duty: _by_step(duty) for duty in STEP_OF_DUTY},
    Duty.UPWARD_SUMMARY: _upward,
    Duty.OPINION_CUTOFF: _informational,
    Duty.RETENTION: _informational,
    Duty.CONCLUSION_NOTICE: _conclusion,
    Duty.ASSIGNMENT: _assigned,
    Duty.QUICK_ANSWER: _answered_at_once,
}


def _of_line(life: ConferenceLife, line: LineLife, book: Book) -> list[Owed]:
    """The final answer of a line: owed by the assigned agency, else by whoever must still assign one."""
    conference = life.conference
    if conference.state == ConferenceState.FAILED:
        return []
    assignment = line.issue.assignment
    if assignment is not None and assignment.agenda_item_id == line.line.id:
        return of_assignment(assignment, line.issue, book, conference=conference, settled=line.settled)
    waits = OpinionState.SCHEDULED in line.issue.states
    held = conference.state in (ConferenceState.HELD, ConferenceState.CONCLUDED)
    if assignment is not None or not line.put_off or not waits or not held:
        return []
    return [
        Owed(
            subject="line",
            subject_id=key_of(line.line),
            conference_id=conference.id,
            text=text,
            rule=rule,
            holder=Party.ORGANISING_OFFICE,
            trigger_on=trigger_on,
            due_on=book.due_on(rule, trigger_on),
        )
        for text, rule in book.rules(Duty.FINAL_ANSWER, kind=conference.kind)
        if (trigger_on := conference_trigger(conference, rule.trigger)) is not None
    ]


# --------------------------------------------------------------------------- an assignment


def of_assignment(
    assignment: Assignment,
    issue: IssueLife,
    book: Book,
    *,
    conference: Conference | None = None,
    settled: bool = False,
) -> list[Owed]:
    """The final answer an agency owes. The clock of an assignment runs from its receipt; while the agency has not
    confirmed that, from the day it must have arrived by (`assumed_receipt`).

    A clock that runs from the conference or its conclusion ran out with the first final answer: an agency asked again
    because an asker was not satisfied owes nothing by it. Of what was `settled` in the hall nothing is owed where the
    text excepts that.
    """
    met_on = issue.answered_since(assignment.assigned_on)
    if issue.waits_for_agency:
        again = bool(issue.answered_on)
        met_on = None
    elif met_on is None:
        return []
    else:
        again = any(day < assignment.assigned_on for day in issue.answered_on)
    owed = []
    for text, rule in book.rules(Duty.FINAL_ANSWER, kind=conference.kind if conference else None):
        received = rule.trigger is Trigger.ASSIGNMENT_RECEIVED
        if settled and rule.not_if_settled_at_conference:
            continue
        if not received and (again or conference is None):
            continue
        trigger_on = (
            received_on(assignment, book.calendar)
            if received or conference is None
            else conference_trigger(conference, rule.trigger)
        )
        owed.append(
            Owed(
                subject="assignment",
                subject_id=key_of(assignment),
                conference_id=conference.id if conference else None,
                text=text,
                rule=rule,
                holder=rule.holder,
                agency=assignment.agency,
                trigger_on=trigger_on,
                trigger_assumed=received and assignment.received_on is None,
                due_on=book.due_on(rule, trigger_on),
                met_on=met_on,
            )
        )
    return owed


def received_on(assignment: Assignment, calendar: WorkingCalendar) -> dt.date:
    """The day the agency has its assignment: confirmed, or assumed from the day it was issued."""
    return assignment.received_on or assumed_receipt(assignment.assigned_on, calendar)


# --------------------------------------------------------------------------- an opinion, a year


def of_opinion(opinion: Opinion, book: Book, *, met_before: dt.date | None = None) -> list[Owed]:
    """The asker hears by a day whether the matter is taken up or passed on. A later decision does not make a first
    one (`met_before`) late; words taken back are owed nothing.

    The law counts from the day the head of the Party committee has it, which nobody here knows: the Front counts
    from the day its channel has it, which is never later.
    """
    if opinion.state == OpinionState.WITHDRAWN:
        return []
    day = local_date(opinion.submitted_at)
    met_on = None
    if opinion.state not in UNDECIDED:
        met_on = met_before or (local_date(opinion.decided_at) if opinion.decided_at is not None else day)
    return [
        Owed(
            subject="opinion",
            subject_id=key_of(opinion),
            text=text,
            rule=rule,
            holder=Party.FRONT,
            trigger_on=day,
            trigger_assumed=True,
            due_on=book.due_on(rule, day),
            met_on=met_on,
        )
        for text, rule in book.rules(Duty.ACKNOWLEDGEMENT)
    ]


def of_year(year: int, reports: Sequence[Report], book: Book) -> list[Owed]:
    """The periodic reports on a year; the annual one may fall due in the next."""
    owed = []
    for text, rule in book.rules():
        if rule.duty not in REPORT_OF or rule.on is None:
            continue
        kind, digit = REPORT_OF[rule.duty]
        sent = [report.sent_on for report in reports if report.kind == kind and report.period_to.year == year]
        trigger_on = fixed_day(rule, year + rule.year_offset)
        owed.append(
            Owed(
                subject="report",
                subject_id=year * 10 + digit,
                text=text,
                rule=rule,
                holder=rule.holder,
                trigger_on=trigger_on,
                due_on=book.due_on(rule, trigger_on),
                met_on=min(sent, default=None),
            )
        )
    return owed
