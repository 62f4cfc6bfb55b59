"""Days on which askers were promised to hear again of what went up: no rule sets them, the office's own word does."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.deadlines.standing import OPEN_STATES, in_words, state_of
from casework.deadlines.values import DueState
from casework.names import PARTIES
from casework.regulations.model import Party
from casework.usecases.conference.issues import key_of
from casework.usecases.deadlines.listed import ObligationRow, Wish
from casework.usecases.work import Work
from storage.records import Answer, AnswerState, Conference, DutyContact, OpinionGroup, Referral

#: no duty of a text, so no mark either
_PROMISE = "promise"


@dataclass(frozen=True, kw_only=True)
class _Promise:
    """One promised day with how it stands today."""

    referral_id: int
    group_id: int
    title: str
    conference: str | None
    conference_id: int | None
    #: where the matter went
    body: str
    #: the day the promise was given
    given_on: dt.date
    due_on: dt.date
    #: the day the askers heard again: an answer came down, or any answer on the issue was published
    met_on: dt.date | None
    state: DueState


def promised_rows(work: Work, staff_id: int, wanted: Wish) -> list[ObligationRow]:
    """What the Front promised askers of matters that went up; of a conference those that went from it."""
    if wanted.duty is not None:
        return []
    if wanted.mine:
        contact = select(DutyContact.id).where(
            DutyContact.office_id == work.services.office_id,
            DutyContact.holder == Party.FRONT,
            (col(DutyContact.staff_id) == staff_id) | (col(DutyContact.head_staff_id) == staff_id),
        )
        if work.session.exec(contact).first() is None:
            return []
    code = wanted.conference.strip().upper() if wanted.conference is not None else None
    return [_row(one, local_date(work.now)) for one in _promises(work) if code in (None, one.conference)]


def _row(promise: _Promise, today: dt.date) -> ObligationRow:
    day = vietnamese_date(promise.due_on)
    return ObligationRow(
        id=0,
        duty=None,
        duty_name="báo lại người hỏi như đã hẹn",
        subject="referral",
        ref=f"nhom:{promise.group_id}",
        title=promise.title,
        conference=promise.conference,
        holder=PARTIES[Party.FRONT],
        party=Party.FRONT,
        due_on=promise.due_on,
        legal_on=None,
        extended_to=None,
        extensions=0,
        promised=True,
        met_on=promise.met_on,
        state=promise.state,
        state_name=in_words(promise.state, met_on=promise.met_on),
        days_left=(promise.due_on - today).days if promise.state in OPEN_STATES else None,
        drives=True,
        regulation="",
        source="lời hẹn với người hỏi",
        trigger_on=promise.given_on,
        trigger_assumed=False,
        assumed=False,
        explanation=f"Đã hẹn người hỏi chậm nhất ngày {day} báo lại, có trả lời hay chưa, khi chuyển việc tới "
        f"{promise.body}; hẹn của Mặt trận, không phải hạn của quy định.",
        citation="",
        quote="",
    )


def _promises(work: Work) -> list[_Promise]:
    """Every promise given with a referral, the earliest day first."""
    referrals = work.session.exec(
        select(Referral).where(Referral.office_id == work.services.office_id, col(Referral.report_on).is_not(None))
    ).all()
    if not referrals:
        return []
    titles = dict(
        work.session.exec(
            select(OpinionGroup.id, OpinionGroup.title).where(
                col(OpinionGroup.id).in_({one.group_id for one in referrals})
            )
        ).all()
    )
    codes = dict(
        work.session.exec(
            select(Conference.id, Conference.code).where(
                col(Conference.id).in_({one.conference_id for one in referrals if one.conference_id is not None})
            )
        ).all()
    )
    heard = _published(work, {one.group_id for one in referrals})
    found = [
        _promise(one, titles[one.group_id], codes.get(one.conference_id), heard[one.group_id], local_date(work.now))
        for one in referrals
    ]
    return sorted(found, key=lambda one: (one.due_on, one.referral_id))


def _promise(
    referral: Referral, title: str, conference: str | None, published: Sequence[dt.date], today: dt.date
) -> _Promise:
    given_on = local_date(referral.created_at)
    heard = [day for day in published if day >= given_on]
    if referral.answered_on is not None:
        heard.append(referral.answered_on)
    due_on, met_on = referral.report_on or today, min(heard, default=None)
    return _Promise(
        referral_id=key_of(referral),
        group_id=referral.group_id,
        title=title,
        conference=conference,
        conference_id=referral.conference_id,
        body=referral.body,
        given_on=given_on,
        due_on=due_on,
        met_on=met_on,
        state=state_of(
            duty=_PROMISE, due_on=due_on, on=today, met_on=met_on, cancelled=referral.cancelled_at is not None
        ),
    )


def _published(work: Work, groups: Iterable[int]) -> dict[int, list[dt.date]]:
    found: dict[int, list[dt.date]] = defaultdict(list)
    rows = select(Answer.group_id, Answer.published_at).where(
        col(Answer.group_id).in_(list(groups)), Answer.state == AnswerState.PUBLISHED
    )
    for group_id, published_at in work.session.exec(rows):
        if published_at is not None:
            found[group_id].append(local_date(published_at))
    return found
