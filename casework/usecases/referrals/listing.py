"""Use cases: what is with the upper level, how long it has waited, and what ought to go up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from casework.clock import local_date
from casework.deadlines.values import WorkingCalendar
from casework.usecases.access import VIEWERS, require
from casework.usecases.conference.issues import key_of
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.moderation.settling import who_settles
from casework.usecases.work import Services, Work
from nlp.analysis import Level
from storage.records import Conference, Opinion, OpinionGroup, OpinionState, Referral


class ReferralState(StrEnum):
    """Where a referral stands; computed."""

    WAITING = "waiting"  # for the next letter upwards
    SENT = "sent"
    ANSWERED = "answered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class ReferralRow:
    """One issue on its way; `codes` are the receipt codes its askers keep."""

    id: int
    title: str
    codes: tuple[str, ...]
    level: str
    body: str
    state: ReferralState
    conference: str | None
    document_number: str | None
    sent_on: dt.date | None
    #: since it was sent, or since it began to wait for a letter; until the answer, if there is one
    days_waiting: int
    working_days_waiting: int
    report_on: dt.date | None
    #: the day the asker was promised news by has passed, and no answer has come
    report_overdue: bool
    answered_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class CandidateRow:
    """An issue classed beyond the commune that nobody has sent up yet."""

    group_id: int
    title: str
    level: str
    codes: tuple[str, ...]
    #: since the oldest of its opinions came in, calendar days
    days_waiting: int
    #: who settles it by the competence map, and on what basis; empty when nobody can tell
    body: str = ""
    basis: str = ""


def list_referrals(services: Services, staff_id: int, *, finished: bool = False) -> list[ReferralRow]:
    """Issues waiting to go up or with the upper level, the longest waiting first; with `finished` also those that came
    back. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        statement = select(Referral).where(Referral.office_id == services.office_id)
        if not finished:
            statement = statement.where(col(Referral.answered_on).is_(None), col(Referral.cancelled_at).is_(None))
        found = list(work.session.exec(statement))
        groups = _groups(work, (one.group_id for one in found))
        codes = _codes(work, groups)
        calendar = calendar_of(work)
        today = local_date(work.now)
        rows = [_row(work, one, groups[one.group_id], codes[one.group_id], calendar, today) for one in found]
        return sorted(rows, key=lambda row: (-row.days_waiting, row.id))


def beyond_competence(services: Services, staff_id: int) -> list[CandidateRow]:
    """Approved issues classed above the commune that are on no agenda and not on their way up, oldest first.

    A proposal for a person: the class is the program's or a colleague's. Raises `Forbidden`.
    """
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        on_the_way = select(Referral.group_id).where(
            Referral.office_id == services.office_id,
            col(Referral.answered_on).is_(None),
            col(Referral.cancelled_at).is_(None),
        )
        statement = (
            select(OpinionGroup, Opinion)
            .join(Opinion, col(Opinion.group_id) == col(OpinionGroup.id))
            .where(
                OpinionGroup.office_id == services.office_id,
                OpinionGroup.level != Level.COMMUNE,
                Opinion.state == OpinionState.APPROVED,
                col(Opinion.sealed).is_(False),
                col(OpinionGroup.id).not_in(on_the_way),
            )
            .order_by(col(Opinion.submitted_at))
        )
        members: dict[int, list[Opinion]] = defaultdict(list)
        groups: dict[int, OpinionGroup] = {}
        for group, opinion in work.session.exec(statement):
            groups[key_of(group)] = group
            members[key_of(group)].append(opinion)
        today = local_date(work.now)
        return [_candidate(work, groups[group_id], opinions, today) for group_id, opinions in members.items()]


def _candidate(work: Work, group: OpinionGroup, opinions: list[Opinion], today: dt.date) -> CandidateRow:
    settled = who_settles(work, opinions[0], level=group.level)
    return CandidateRow(
        group_id=key_of(group),
        title=group.title,
        level=group.level,
        codes=tuple(one.code for one in opinions if one.code),
        days_waiting=(today - local_date(opinions[0].submitted_at)).days,
        body=settled.body_name if settled else "",
        basis=settled.basis if settled else "",
    )


def working_days_after(calendar: WorkingCalendar, start: dt.date, end: dt.date) -> int:
    """Working days from the day after `start` up to and including `end`; 0 when `end` is not later."""
    days = (start + dt.timedelta(days=number) for number in range(1, (end - start).days + 1))
    return sum(calendar.day_off(day) is None for day in days)


def _row(
    work: Work,
    referral: Referral,
    group: OpinionGroup,
    codes: list[str],
    calendar: WorkingCalendar,
    today: dt.date,
) -> ReferralRow:
    state = _state(referral)
    since = referral.sent_on or local_date(referral.created_at)
    until = referral.answered_on or (local_date(referral.cancelled_at) if referral.cancelled_at else today)
    conference = work.session.get(Conference, referral.conference_id) if referral.conference_id else None
    is_open = state in (ReferralState.WAITING, ReferralState.SENT)
    return ReferralRow(
        id=key_of(referral),
        title=group.title,
        codes=tuple(codes),
        level=referral.level,
        body=referral.body,
        state=state,
        conference=conference.code if conference else None,
        document_number=referral.document_number,
        sent_on=referral.sent_on,
        days_waiting=max((until - since).days, 0),
        working_days_waiting=working_days_after(calendar, since, until),
        report_on=referral.report_on,
        report_overdue=is_open and referral.report_on is not None and referral.report_on < today,
        answered_on=referral.answered_on,
    )


def _state(referral: Referral) -> ReferralState:
    if referral.cancelled_at is not None:
        return ReferralState.CANCELLED
    if referral.answered_on is not None:
        return ReferralState.ANSWERED
    return ReferralState.WAITING if referral.sent_on is None else ReferralState.SENT


def _groups(work: Work, keys: Iterable[int]) -> dict[int, OpinionGroup]:
    found = work.session.exec(select(OpinionGroup).where(col(OpinionGroup.id).in_(set(keys))))
    return {key_of(group): group for group in found}


def _codes(work: Work, groups: Iterable[int]) -> dict[int, list[str]]:
    """Receipt codes of the opinions that went along, by issue."""
    statement = (
        select(Opinion.group_id, Opinion.code)
        .where(
            col(Opinion.group_id).in_(list(groups)),
            col(Opinion.sealed).is_(False),
            col(Opinion.state).in_([OpinionState.REFERRED, OpinionState.ANSWERED]),
        )
        .order_by(col(Opinion.submitted_at))
    )
    codes: dict[int, list[str]] = defaultdict(list)
    for group_id, code in work.session.exec(statement):
        if group_id is not None and code is not None:
            codes[group_id].append(code)
    return codes
