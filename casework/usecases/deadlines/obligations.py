"""Obligations on live data: what facts, regulation and calendar say is owed, kept as rows.

Whoever changes a fact calls `refresh_*` in the same unit of work; the nightly job (`refreshing`) repeats it for
everything. A refresh inserts, moves, marks as met and cancels; it decides nothing and writes no history: the facts
have theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import exists
from sqlmodel import col, select

from casework.clock import local_date
from casework.deadlines.calendar import official_calendar
from casework.deadlines.rules import count
from casework.errors import InvalidInput
from casework.regulations import Regulation, applicable, oldest
from casework.regulations.model import Duty
from casework.usecases.conference.issues import key_of
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.deriving import Book, Owed, of_assignment, of_conference, of_opinion, of_year
from casework.usecases.deadlines.facts import conference_life, conferences_of, issue_lives
from casework.usecases.work import Work
from storage.records import (
    AgendaItem,
    Assignment,
    CalendarAmendment,
    Conference,
    Obligation,
    Office,
    Opinion,
    Report,
    Staff,
)


def texts_of(conference: Conference) -> tuple[Regulation, ...]:
    """The texts a conference keeps: its own version, and what was national law when it was planned.

    One that was planned before versions were kept, and before its text began, takes the oldest version.
    """
    return applicable(conference.regulation, on=local_date(conference.created_at), version=version_of(conference))


def version_of(conference: Conference) -> str | None:
    """The version of its text a conference keeps; None: the one in force on the day it was planned."""
    if conference.regulation_version is not None:
        return conference.regulation_version
    first = oldest(conference.regulation)
    return first.version if local_date(conference.created_at) < first.valid_from else None


@dataclass(frozen=True, kw_only=True)
class Account:
    """The rows kept for something, beside what the facts say of it."""

    rows: Sequence[Obligation]
    owed: Sequence[Owed]


def refresh_conference(work: Work, conference: Conference) -> int:
    """Bring the duties of a conference, of its lines and of their assignments to what the facts say; returns how many
    rows changed, as all of these do.

    Raises `InvalidInput` for a date in a year without calendar.
    """
    _locked(work, conference)
    return bring(work, account_of_conference(work, conference))


def account_of_conference(work: Work, conference: Conference) -> Account:
    """A conference with its lines and their assignments. Raises as `refresh_conference`."""
    life = conference_life(work, conference)
    owed = of_conference(life, _book(work, texts_of(conference)))
    rows = work.session.exec(select(Obligation).where(Obligation.conference_id == conference.id)).all()
    on_lines = ((line.line.id, line.issue.assignment) for line in life.lines)
    assignments = [key_of(one) for line_id, one in on_lines if one is not None and one.agenda_item_id == line_id]
    # Of an assignment that follows another conference by now, or none any more, others decide.
    strays = [row for row in _rows(work, "assignment", assignments) if row.conference_id is None]
    return Account(rows=[*rows, *strays], owed=owed)


def refresh_assignment(work: Work, assignment: Assignment) -> int:
    """Bring the duties that follow from an assignment to what the facts say. Raises as `refresh_conference`."""
    conference = conference_of(work, assignment)
    if conference is not None:
        return refresh_conference(work, conference)
    work.session.flush()
    return bring(work, account_of_assignment(work, assignment))


def account_of_assignment(work: Work, assignment: Assignment) -> Account:
    """An assignment that came from no agenda. Raises as `refresh_conference`."""
    owed: list[Owed] = []
    if assignment.cancelled_at is None:
        issue = issue_lives(work, [assignment.group_id])[assignment.group_id]
        owed = of_assignment(assignment, issue, rules_on(work, assignment.assigned_on))
    return Account(rows=_rows(work, "assignment", [key_of(assignment)]), owed=owed)


def refresh_issue(work: Work, group_id: int | None) -> int:
    """Something became of an issue (an answer, a referral, a merge): bring all that hangs on it to the facts."""
    if group_id is None:
        return 0
    changed = sum(refresh_conference(work, conference) for conference in conferences_of(work, group_id))
    apart = select(Assignment).where(Assignment.group_id == group_id).order_by(col(Assignment.id))
    for assignment in work.session.exec(apart).all():
        if conference_of(work, assignment) is None:
            changed += refresh_assignment(work, assignment)
    return changed


def refresh_opinion(work: Work, opinion: Opinion, *, fresh: bool = False) -> int:
    """Bring the acknowledgement owed to an asker to what the facts say; `fresh`: it was stored just now, so no row
    can be there.

    Never stands in the way of receiving an opinion: on a day without regulation or calendar no row is made.
    """
    if not fresh:
        work.session.flush()
    rows = [] if fresh else _rows(work, "opinion", [key_of(opinion)])
    try:
        book = rules_on(work, local_date(opinion.submitted_at))
        return bring(work, account_of_opinion(opinion, rows, book))
    except InvalidInput:
        return 0


def account_of_opinion(opinion: Opinion, rows: Sequence[Obligation], book: Book) -> Account:
    """The word owed to one asker. Raises as `refresh_conference`."""
    met_before = next((row.met_on for row in rows if row.met_on is not None), None)
    return Account(rows=rows, owed=of_opinion(opinion, book, met_before=met_before))


def refresh_reports(work: Work) -> int:
    """Bring the periodic reports of last year and this one to what the facts say. Nothing is owed for a time before
    the office worked with this program."""
    work.session.flush()
    return bring(work, account_of_reports(work))


def account_of_reports(work: Work) -> Account:
    """The periodic reports of last year and this one. Raises as `refresh_conference`."""
    began = work.session.exec(select(Staff.created_at).order_by(col(Staff.created_at))).first()
    today = local_date(work.now)
    years = (today.year - 1, today.year)
    owed: list[Owed] = []
    if began is not None:
        reports = work.session.exec(select(Report).where(Report.office_id == work.services.office_id)).all()
        book = rules_on(work, today)
        every = [one for year in years for one in of_year(year, reports, book)]
        owed = [one for one in every if one.due_on is None or one.due_on >= local_date(began) or one.met_on]
    return Account(rows=_rows(work, "report", [year * 10 + digit for year in years for digit in (1, 2)]), owed=owed)


def cutoff_by_rule(work: Work, conference: Conference) -> dt.date | None:
    """The last day on which an opinion still makes the agenda by the texts; None when they name none, or when that
    day was over before the conference was planned: nobody could have kept it.

    Raises `InvalidInput` for a year without calendar.
    """
    book = _book(work, texts_of(conference))
    rules = book.rules(Duty.OPINION_CUTOFF, kind=conference.kind)
    days = [count(rule, conference.held_on, book.calendar).due_on for _, rule in rules]
    ahead = [day for day in days if day >= local_date(conference.created_at)]
    return min(ahead, default=None)


@dataclass(frozen=True, kw_only=True)
class AnswerTerms:
    """What the texts that bind an issue ask of an answer to it."""

    #: an interim answer tells the day of the next one
    interim_names_a_day: bool
    #: an interim answer may tell how far things are, and no more
    interim_tells_progress: bool
    #: reasons for which an interim answer stands in for the final one; empty where the texts name none
    interim_causes: tuple[str, ...]
    #: the final answer, an interim one may be told in person
    told_final: bool
    told_interim: bool


def answer_terms(work: Work, group_id: int) -> AnswerTerms:
    """What binds answers to this issue: the texts of its newest conference, else what holds today."""
    conferences = conferences_of(work, group_id)
    book = _book(work, texts_of(conferences[-1])) if conferences else rules_on(work, local_date(work.now))
    interim = [rule for text in book.texts for rule in text.interim]
    with_day = [rule for rule in interim if "expected_date" in rule.says]
    return AnswerTerms(
        interim_names_a_day=bool(with_day),
        interim_tells_progress=any("progress" in rule.says for rule in interim),
        # A mere notice of progress stands in for nothing, so it needs no reason.
        interim_causes=tuple(dict.fromkeys(cause for rule in with_day for cause in rule.causes)),
        told_final=any(rule.form == "spoken_or_written" for _, rule in book.rules(Duty.FINAL_ANSWER)),
        told_interim=any(rule.form == "spoken_or_written" for rule in interim),
    )


# --------------------------------------------------------------------------- shared


def conference_of(work: Work, assignment: Assignment) -> Conference | None:
    """The conference on whose agenda the assigned issue stands, if the assignment came from one."""
    if assignment.agenda_item_id is None:
        return None
    return work.session.exec(
        select(Conference)
        .join(AgendaItem, col(AgendaItem.conference_id) == col(Conference.id))
        .where(AgendaItem.id == assignment.agenda_item_id)
    ).first()


def _book(work: Work, texts: Sequence[Regulation]) -> Book:
    level = work.session.exec(select(Office.level).where(Office.id == work.services.office_id)).one()
    return Book(texts=texts, calendar=calendar_of(work), level=level)


def rules_on(work: Work, day: dt.date) -> Book:
    """What binds the office on a day outside of any conference."""
    regulation, level, amended = work.session.exec(
        # One query of few columns: the whole record carries the gazetteer, and each turn that brings an opinion comes
        # this way; most offices have added no day to the calendar.
        select(Office.regulation, Office.level, exists().where(col(CalendarAmendment.office_id) == Office.id)).where(
            Office.id == work.services.office_id
        )
    ).one()
    calendar = calendar_of(work) if amended else official_calendar()
    return Book(texts=applicable(regulation, on=day), calendar=calendar, level=level)


def _locked(work: Work, conference: Conference) -> None:
    """Two who change facts of one conference at once follow each other here; on SQLite they did so before."""
    work.session.flush()
    work.session.exec(select(Conference.id).where(Conference.id == conference.id).with_for_update()).first()


def _rows(work: Work, subject: str, keys: Sequence[int]) -> list[Obligation]:
    if not keys:
        return []
    statement = select(Obligation).where(
        Obligation.office_id == work.services.office_id,
        Obligation.subject == subject,
        col(Obligation.subject_id).in_(keys),
    )
    return list(work.session.exec(statement))


def differences(account: Account) -> Iterator[tuple[Obligation | None, Owed | None]]:
    """Rows that do not say what is owed: a row to change with what it should say, no row for what is owed and not
    kept, nothing for a row nobody owes any more."""
    left = {(row.subject, row.subject_id, row.duty, row.regulation, row.rule): row for row in account.rows}
    for owed in account.owed:
        row = left.pop(owed.key, None)
        if row is None or any(getattr(row, name) != value for name, value in _values(owed).items()):
            yield row, owed
    for row in left.values():
        if row.cancelled_at is None:
            yield row, None


def bring(work: Work, account: Account) -> int:
    """Make the rows say what is owed; returns how many changed. What nobody owes any more is cancelled, and comes back
    when it is owed again."""
    changed = 0
    for row, owed in differences(account):
        changed += 1
        if row is None and owed is not None:
            work.session.add(_new(work, owed))
        elif row is not None and owed is not None:
            _take_over(row, owed)
        elif row is not None:
            row.cancelled_at = work.now
    return changed


def _new(work: Work, owed: Owed) -> Obligation:
    row = Obligation(
        office_id=work.services.office_id,
        duty=owed.rule.duty,
        subject=owed.subject,
        subject_id=owed.subject_id,
        regulation=owed.text.code,
        regulation_version=owed.text.version,
        rule=owed.rule.id,
        holder=owed.holder,
        created_at=work.now,
    )
    _take_over(row, owed)
    return row


def _values(owed: Owed) -> dict[str, object]:
    """The columns a refresh decides on."""
    return {
        "conference_id": owed.conference_id,
        "regulation_version": owed.text.version,
        "holder": str(owed.holder),
        "agency": owed.agency,
        "trigger_on": owed.trigger_on,
        "trigger_assumed": owed.trigger_assumed,
        "due_on": owed.due_on,
        "met_on": owed.met_on,
        "cancelled_at": None,
    }


def _take_over(row: Obligation, owed: Owed) -> None:
    for name, value in _values(owed).items():
        setattr(row, name, value)
