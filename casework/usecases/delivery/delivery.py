"""Use cases for staff: what was sent, what is stuck, and what only a person can settle.

A send whose outcome the platform hid is "unknown". Nobody can tell by looking at the data whether it arrived, so a
named person finds out (asks the citizen, looks into the chat) and says so, with the reason on record.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, exists, true
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, func, or_, select

from casework.errors import AlreadyDecided, IllegalMove, InvalidInput, NotFound
from casework.reaching import REPLY, Known, settle
from casework.usecases.access import DECIDERS, VIEWERS, Member, find_opinion, no_such_opinion, ref_of, require
from casework.usecases.delivery.receipts import part_arrived
from casework.usecases.delivery.standing import standing_of
from casework.usecases.moderation.telling import is_taken_back
from casework.usecases.work import Services, Work, staff_member
from storage.records import ChannelIdentity, Delivery, DeliveryState, Opinion, Role, Staff

S = DeliveryState

STATE_NAMES: dict[DeliveryState, str] = {
    S.PENDING: "chờ gửi",
    S.SENDING: "đang gửi",
    S.SENT: "đã gửi",
    S.UNKNOWN: "chưa rõ đã tới hay chưa",
    S.RECIPIENT_STOPPED: "người nhận không nhận tin nữa",
    S.REJECTED: "không gửi được, cần xem lại",
    S.WAITING_PICKUP: "chờ người dân nhắn tin tới",
    S.PICKED_UP: "người dân đã nhận",
    S.WITH_STAFF: "chờ cán bộ chuyển tay",
    S.HANDED_OVER: "đã trao tận tay",
    S.EXPIRED: "quá cũ, không gửi nữa",
    S.CANCELLED: "đã hủy",
}
#: may look at notices
_READERS = (*VIEWERS, Role.ADMIN, Role.CONFIDENTIAL)
#: states in which somebody must look at a notice, a reply too
_TO_LOOK_AT = (S.UNKNOWN, S.REJECTED)
#: stands in place of what was said to one person in a chat
NOT_SHOWN = "(tin trả lời riêng, không hiển thị)"


@dataclass(frozen=True, kw_only=True)
class DeliveryRow:
    """One notice in a list: nothing of its text, nothing about the person but the code of the opinion."""

    id: int
    state: str
    purpose: str
    #: receipt code, or "#number" while sealed; None for talk and staff notices
    opinion: str | None
    channel: str | None
    parts_sent: int
    attempts: int
    outcome: str | None
    detail: str | None
    #: rung of the delivery ladder, and why it stands there, what comes next and when, in words
    rung: str | None
    why: str | None
    next_step: str | None
    next_at: dt.datetime | None
    #: the platform says it arrived, was seen
    delivered_at: dt.datetime | None
    seen_at: dt.datetime | None
    created_at: dt.datetime
    not_before: dt.datetime
    finished_at: dt.datetime | None


@dataclass(frozen=True, kw_only=True)
class DeliveryDetail(DeliveryRow):
    """One notice; its text, or `NOT_SHOWN`, for those who may not read it."""

    text: str
    reachable: bool | None


@dataclass(frozen=True, kw_only=True)
class StateCount:
    """How many notices are in one state, and since when the oldest of them is; what is sealed is a line of its own."""

    state: str
    name: str
    count: int
    oldest: dt.datetime
    sealed: bool = False


def list_deliveries(
    services: Services,
    staff_id: int,
    *,
    state: DeliveryState | None = None,
    opinion: str | None = None,
    replies: bool = True,
    limit: int = 200,
) -> list[DeliveryRow]:
    """The newest notices (of one state, about one opinion), as far as the staff member may know of them; without
    `replies` what was said in running chats is left out, unless somebody must look at it.

    Raises `Forbidden`, `NotFound` for an opinion there is none of.
    """
    with services.reading() as work:
        who = require(work, staff_id, *_READERS)
        statement = select(Delivery).where(_visible(who)).order_by(col(Delivery.id).desc()).limit(limit)
        if state is not None:
            statement = statement.where(Delivery.state == state)
        if opinion is not None:
            found = find_opinion(work, opinion)
            if not _may_know_opinion(who, found):
                raise no_such_opinion()
            statement = statement.where(Delivery.opinion_id == found.id)
        if not replies:
            statement = statement.where(or_(Delivery.purpose != REPLY, col(Delivery.state).in_(_TO_LOOK_AT)))
        return [DeliveryRow(**_fields(work, delivery)) for delivery in work.session.exec(statement).all()]


def show_delivery(services: Services, staff_id: int, delivery_id: int) -> DeliveryDetail:
    """One notice, with its text as far as it concerns the staff member. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        who = require(work, staff_id, *_READERS)
        delivery = _find(work, who, delivery_id)
        identity = _identity(work, delivery)
        return DeliveryDetail(
            **_fields(work, delivery),
            text=delivery.text if _may_read(work, who, delivery) else NOT_SHOWN,
            reachable=identity.reachable if identity is not None else None,
        )


def summary(services: Services, staff_id: int) -> list[StateCount]:
    """All states that occur among what the staff member may know of, in the order of a notice's life; what is sealed
    apart, for the confidential role alone. Raises `Forbidden`."""
    with services.reading() as work:
        who = require(work, staff_id, *_READERS)
        about = aliased(Opinion)
        rows = work.session.exec(
            select(Delivery.state, col(about.sealed), func.count(), func.min(col(Delivery.id)))
            .outerjoin(about, col(about.id) == col(Delivery.opinion_id))
            .where(_visible(who))
            .group_by(col(Delivery.state), col(about.sealed))
        )
        found: dict[tuple[str, bool], tuple[int, int]] = {}
        for state, sealed, count, oldest in rows:
            first = oldest or 0
            before = found.get((state, bool(sealed)), (0, first))
            found[state, bool(sealed)] = (before[0] + count, min(before[1], first))
        return [
            StateCount(
                state=state,
                name=STATE_NAMES[state] + (", việc giữ kín" if apart else ""),
                count=found[state, apart][0],
                oldest=work.session.get_one(Delivery, found[state, apart][1]).created_at,
                sealed=apart,
            )
            for state in DeliveryState
            for apart in (False, True)
            if (state, apart) in found
        ]


def resolve(services: Services, staff_id: int, delivery_id: int, *, delivered: bool, why: str) -> DeliveryRow:
    """Settle a notice nobody knows the outcome of: it arrived (`delivered`), or it must be sent (again).

    Of a long text only the one part in doubt is settled; the parts after it still go out. `why` goes on record.
    Raises `NotFound`, `Forbidden`, `InvalidInput` without a reason, `IllegalMove` (`AlreadyDecided` when somebody
    was faster) when there is nothing to settle.
    """
    reason = why.strip()
    if not reason:
        raise InvalidInput("Cần ghi lý do.", todo='Thêm --why "đã hỏi lại người nhận qua điện thoại".')
    with services.writing() as work:
        who = require(work, staff_id, *DECIDERS, Role.ADMIN, Role.CONFIDENTIAL)
        delivery = _find(work, who, delivery_id, for_update=True)
        old = S(delivery.state)
        _check(old, delivered=delivered)
        if not delivered and is_taken_back(work, delivery):
            raise IllegalMove("Quyết định này đã được hoàn tác, tin báo ấy không gửi lại nữa.")
        # A sender that still lives must not overwrite what a person has decided.
        delivery.claimed_until = None
        delivery.outcome, delivery.outcome_detail, delivery.attempts = None, None, 0
        if delivered:
            part_arrived(work, delivery)
        else:
            delivery.not_before, delivery.finished_at = work.now, None
            settle(work, delivery)
        work.add(delivery)
        work.record(
            staff_member(staff_id),
            "delivery_resolved",
            "delivery",
            delivery_id,
            why=reason,
            delivered=delivered,
            before=old,
            state=delivery.state,
        )
        row = DeliveryRow(**_fields(work, delivery))
        work.commit()
        return row


def _check(state: DeliveryState, *, delivered: bool) -> None:
    if state is S.UNKNOWN or (state is S.REJECTED and not delivered):
        return
    error = AlreadyDecided if state in (S.PENDING, S.SENDING, S.SENT) else IllegalMove
    raise error(
        f"Tin này đang ở trạng thái «{STATE_NAMES[state]}» nên không có gì phải xác nhận.",
        todo="Xem lại: doithoai delivery list --state unknown",
    )


def _find(work: Work, who: Member, delivery_id: int, *, for_update: bool = False) -> Delivery:
    statement = select(Delivery).where(Delivery.id == delivery_id)
    delivery = work.session.exec(statement.with_for_update() if for_update else statement).first()
    if delivery is None or not _may_know(work, who, delivery):
        raise NotFound(f"Không có tin số {delivery_id}.", todo="Xem các tin: doithoai delivery list")
    return delivery


def _may_know(work: Work, who: Member, delivery: Delivery) -> bool:
    return work.session.exec(select(Delivery.id).where(Delivery.id == delivery.id, _visible(who))).first() is not None


def _may_know_opinion(who: Member, opinion: Opinion) -> bool:
    if opinion.office_id != who.office_id:
        return False
    return who.may(opinion, *VIEWERS) or (who.has(Role.ADMIN) and not opinion.sealed)


def _visible(who: Member) -> ColumnElement[bool]:
    """The notices somebody may know of. Of a sealed opinion, and of the talk with a person who has one, only the
    confidential role knows."""
    open_ones = and_(~col(Opinion.sealed), true() if who.has(Role.ADMIN) else _covered(who, *VIEWERS))
    known = (
        exists()
        .where(
            col(Opinion.id) == col(Delivery.opinion_id),
            col(Opinion.office_id) == who.office_id,
            or_(open_ones, and_(col(Opinion.sealed), _covered(who, Role.CONFIDENTIAL))),
        )
        .correlate(Delivery)
    )
    talk = col(Delivery.opinion_id).is_(None)
    if who.has(Role.CONFIDENTIAL):
        return or_(known, talk)
    sealed_chats = select(Opinion.channel_identity_id).where(
        col(Opinion.sealed), col(Opinion.channel_identity_id).is_not(None)
    )
    sealed_people = (
        select(ChannelIdentity.id)
        .join(Opinion, col(Opinion.citizen_id) == col(ChannelIdentity.citizen_id))
        .where(col(Opinion.sealed))
    )
    chat = col(Delivery.channel_identity_id)
    harmless = or_(chat.is_(None), and_(chat.not_in(sealed_chats), chat.not_in(sealed_people)))
    return or_(known, and_(talk, harmless))


def _covered(who: Member, *roles: Role) -> ColumnElement[bool]:
    """Opinions in the territory of these roles."""
    reach = {grant.residential_group_id for grant in who.grants if grant.role in roles}
    if None in reach:
        return true()
    return col(Opinion.residential_group_id).in_([one for one in reach if one is not None])


def _may_read(work: Work, who: Member, delivery: Delivery) -> bool:
    """Who may know of a notice about an opinion may read it. What was said in a chat (replies, what the desk showed
    to a colleague, alerts, digests) is for the one who sits there: it may repeat what others may not know."""
    if delivery.opinion_id is not None:
        return True
    chat = work.session.get_one(Staff, who.id).channel_identity_id
    return chat is not None and chat == delivery.channel_identity_id


def _identity(work: Work, delivery: Delivery) -> ChannelIdentity | None:
    if delivery.channel_identity_id is None:
        return None
    return work.session.get(ChannelIdentity, delivery.channel_identity_id)


def _fields(work: Work, delivery: Delivery) -> dict[str, Any]:
    opinion = work.session.get(Opinion, delivery.opinion_id) if delivery.opinion_id is not None else None
    identity = _identity(work, delivery)
    standing = standing_of(delivery, Known(work, [delivery]), work.services.policy, work.now)
    return {
        "id": delivery.id,
        "state": delivery.state,
        "purpose": delivery.purpose,
        "opinion": ref_of(opinion) if opinion is not None else None,
        "channel": identity.channel if identity is not None else None,
        "parts_sent": delivery.parts_sent,
        "attempts": delivery.attempts,
        "outcome": delivery.outcome,
        "detail": delivery.outcome_detail,
        "rung": delivery.rung,
        "why": standing.why,
        "next_step": standing.next_step,
        "next_at": standing.next_at,
        "delivered_at": delivery.delivered_at,
        "seen_at": delivery.seen_at,
        "created_at": delivery.created_at,
        "not_before": delivery.not_before,
        "finished_at": delivery.finished_at,
    }
