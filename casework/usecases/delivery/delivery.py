"""Use cases for staff: what was sent, what is stuck, and what only a person can settle.

A send whose outcome the platform hid is "unknown". Nobody can tell by looking at the data whether it arrived, so a
named person finds out (asks the citizen, looks into the chat) and says so, with the reason on record.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, or_, select

from casework.errors import AlreadyDecided, IllegalMove, InvalidInput, NotFound
from casework.reaching import Known, settle
from casework.usecases.access import DECIDERS, VIEWERS, Member, ref_of, require
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
    """How many notices are in one state, and since when the oldest of them is."""

    state: str
    name: str
    count: int
    oldest: dt.datetime


def list_deliveries(
    services: Services, staff_id: int, *, state: DeliveryState | None = None, limit: int = 200
) -> list[DeliveryRow]:
    """The newest notices (of one state), as far as the staff member may know of them. Raises `Forbidden`."""
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS, Role.ADMIN, Role.CONFIDENTIAL)
        statement = select(Delivery).order_by(col(Delivery.id).desc())
        if state is not None:
            statement = statement.where(Delivery.state == state)
        rows: list[DeliveryRow] = []
        for delivery in work.session.exec(statement.execution_options(yield_per=200)):
            if _may_know(work, who, delivery):
                rows.append(DeliveryRow(**_fields(work, delivery)))
            if len(rows) >= limit:
                break
        return rows


def show_delivery(services: Services, staff_id: int, delivery_id: int) -> DeliveryDetail:
    """One notice, with its text as far as it concerns the staff member. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS, Role.ADMIN, Role.CONFIDENTIAL)
        delivery = _find(work, who, delivery_id)
        identity = _identity(work, delivery)
        return DeliveryDetail(
            **_fields(work, delivery),
            text=delivery.text if _may_read(work, who, delivery) else NOT_SHOWN,
            reachable=identity.reachable if identity is not None else None,
        )


def summary(services: Services, staff_id: int) -> list[StateCount]:
    """All states that occur, in the order of a notice's life. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS, Role.ADMIN, Role.CONFIDENTIAL)
        rows = work.session.exec(
            select(Delivery.state, func.count(), func.min(col(Delivery.id))).group_by(col(Delivery.state))
        )
        found = {state: (count, work.session.get_one(Delivery, first).created_at) for state, count, first in rows}
        return [
            StateCount(state=state, name=STATE_NAMES[state], count=found[state][0], oldest=found[state][1])
            for state in DeliveryState
            if state in found
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
    """Of a sealed opinion, and of the talk with a person who has one, only the confidential role knows."""
    opinion = work.session.get(Opinion, delivery.opinion_id) if delivery.opinion_id is not None else None
    if opinion is not None:
        return who.may(opinion, *VIEWERS) or (who.has(Role.ADMIN) and not opinion.sealed)
    return who.has(Role.CONFIDENTIAL) or not _talks_of_sealed(work, delivery)


def _may_read(work: Work, who: Member, delivery: Delivery) -> bool:
    """Who may know of a notice about an opinion may read it. What was said in a chat (replies, what the desk showed
    to a colleague, alerts, digests) is for the one who sits there: it may repeat what others may not know."""
    if delivery.opinion_id is not None:
        return True
    chat = work.session.get_one(Staff, who.id).channel_identity_id
    return chat is not None and chat == delivery.channel_identity_id


def _talks_of_sealed(work: Work, delivery: Delivery) -> bool:
    identity = _identity(work, delivery)
    if identity is None:
        return False
    persons = [col(Opinion.channel_identity_id) == identity.id]
    if identity.citizen_id is not None:
        persons.append(col(Opinion.citizen_id) == identity.citizen_id)
    return work.session.exec(select(Opinion.id).where(col(Opinion.sealed), or_(*persons))).first() is not None


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
