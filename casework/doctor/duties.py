"""Promises 2 and 3 of due dates: what is kept is what facts and law say, somebody owes it, a delay is told."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator

from sqlmodel import col, select

from casework.clock import local_date
from casework.doctor.finding import Finding, breach, warning
from casework.errors import InvalidInput
from casework.names import DUTIES
from casework.regulations.model import Party
from casework.usecases.conference.issues import opinions_of
from casework.usecases.deadlines.deriving import Book
from casework.usecases.deadlines.obligations import (
    Account,
    account_of_assignment,
    account_of_conference,
    account_of_opinion,
    account_of_reports,
    conference_of,
    differences,
    rules_on,
)
from casework.usecases.deadlines.rows import group_of
from casework.usecases.work import Work
from storage.records import Assignment, Conference, Delivery, DeliveryState, Extension, Obligation, Opinion


def duties_are_true(work: Work) -> Iterator[Finding]:
    """Every duty that is kept follows from the facts, and every duty that follows from them is kept."""
    conferences = select(Conference).where(Conference.office_id == work.services.office_id)
    for conference in work.session.exec(conferences.order_by(col(Conference.id))).all():
        try:
            yield from _compared(account_of_conference(work, conference), "conference", conference.id)
        except InvalidInput as error:
            yield warning("conference", conference.id, f"không tính được hạn: {error.what}")
    apart = select(Assignment).where(Assignment.office_id == work.services.office_id)
    for assignment in work.session.exec(apart.order_by(col(Assignment.id))).all():
        if conference_of(work, assignment) is None:
            yield from _compared(account_of_assignment(work, assignment), "assignment", assignment.id)
    yield from _opinions(work)
    reports = account_of_reports(work)
    # The nightly round enters the reports of a year; until it has run there is nothing to compare.
    kept = {(row.subject_id, row.duty) for row in reports.rows}
    owed = [one for one in reports.owed if (one.subject_id, one.rule.duty) in kept]
    yield from _compared(Account(rows=reports.rows, owed=owed), "report", None)


def _opinions(work: Work) -> Iterator[Finding]:
    rows: dict[int, list[Obligation]] = defaultdict(list)
    for row in work.session.exec(select(Obligation).where(Obligation.subject == "opinion")):
        rows[row.subject_id].append(row)
    books: dict[dt.date, Book] = {}
    for opinion in work.session.exec(select(Opinion).order_by(col(Opinion.id))):
        day = local_date(opinion.submitted_at)
        try:
            book = books[day] = books.get(day) or rules_on(work, day)
            account = account_of_opinion(opinion, rows[opinion.id or 0], book)
        except InvalidInput as error:
            yield warning("opinion", opinion.id, f"không tính được hạn: {error.what}")
            continue
        yield from _compared(account, "opinion", opinion.id)


def _compared(account: Account, subject: str, subject_id: int | None) -> Iterator[Finding]:
    for row, owed in differences(account):
        if row is None and owed is not None:
            yield breach(subject, subject_id, f"thiếu việc «{DUTIES[owed.rule.duty]}» trong sổ hạn")
        elif row is not None:
            yield breach("obligation", row.id, f"việc «{DUTIES[row.duty]}» trong sổ hạn không khớp với thực tế")


def somebody_owes_each_duty(work: Work) -> Iterator[Finding]:
    """No open duty is nobody's: it names a party the texts know, and the agency when it is one."""
    rows = select(Obligation).where(col(Obligation.met_on).is_(None), col(Obligation.cancelled_at).is_(None))
    for row in work.session.exec(rows.order_by(col(Obligation.id))):
        if row.holder not in set(Party) or (row.holder == Party.AGENCY and not row.agency):
            yield breach("obligation", row.id, f"việc «{DUTIES[row.duty]}» không có ai chịu trách nhiệm")


def extensions_are_recorded(work: Work) -> Iterator[Finding]:
    """A due date was moved by a record with reason, new date and body, and each such record moved one."""
    newest: dict[int, Extension] = {}
    for extension in work.session.exec(select(Extension).order_by(col(Extension.id))):
        newest[extension.obligation_id] = extension
        if not extension.reason.strip() or not extension.body.strip():
            yield breach("extension", extension.id, "gia hạn mà không ghi lý do hoặc cơ quan")
    for row in work.session.exec(select(Obligation).order_by(col(Obligation.id))):
        last = newest.get(row.id or 0)
        if row.extended_to != (last.to_on if last is not None else None):
            yield breach("obligation", row.id, "hạn đã lùi không khớp với bản ghi gia hạn")


def delays_were_told(work: Work) -> Iterator[Finding]:
    """Whoever waited for an answer when its due date was moved by decision was told the new one. A date promised by
    an interim answer is told by that answer."""
    moved = select(Extension, Obligation).where(
        Extension.obligation_id == Obligation.id, col(Extension.answer_id).is_(None)
    )
    told = set(
        work.session.exec(
            select(Delivery.key).where(Delivery.purpose == "extension", Delivery.state != DeliveryState.CANCELLED)
        )
    )
    for extension, row in work.session.exec(moved.order_by(col(Extension.id))).all():
        for opinion in _waited(work, row, extension):
            if f"extension:{opinion.id}:{extension.id}" not in told:
                yield breach("opinion", opinion.id, f"người gửi chưa được báo gia hạn (bản ghi số {extension.id})")


def _waited(work: Work, row: Obligation, extension: Extension) -> list[Opinion]:
    if row.subject == "opinion":
        opinion = work.session.get(Opinion, row.subject_id)
        return [opinion] if opinion is not None and not opinion.sealed and opinion.code is not None else []
    group_id = group_of(work, row)
    if group_id is None:
        return []
    return [
        opinion
        for opinion in opinions_of(work, group_id)
        # Who joined the issue later was told the new date from the start.
        if opinion.decided_at is not None and opinion.decided_at <= extension.at
    ]
