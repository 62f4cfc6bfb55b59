"""The ladder goes on by itself: waits that are over, and what was written before there was a ladder."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, false, or_, select

from casework.ladder.values import Rung
from casework.notices import tell_staff
from casework.reaching import FOR_THE_ASKING, Known, pass_over, settle
from casework.usecases.work import Services, Work
from storage.records import ChannelIdentity, Delivery, DeliveryState, Role

#: notices per transaction
BATCH = 200


def climb_due(services: Services) -> int:
    """Take the next rung for each notice whose wait is over. Returns how many moved. Safe to repeat: each batch is a
    transaction of its own, and what has moved is no longer due."""
    moved = 0
    last = 0
    while True:
        with services.writing() as work:
            rows = _due(work, last)
            if not rows:
                return moved
            known = Known(work, rows)
            for row in rows:
                moved += _climb(work, row, known)
                last = row.id or last
            work.commit()


def _due(work: Work, after: int) -> list[Delivery]:
    over = col(Delivery.step_at) <= work.now
    # Written before there was a ladder, or where nobody could climb: it begins now.
    for_citizen = or_(col(Delivery.opinion_id).is_not(None), col(Delivery.citizen_id).is_not(None))
    never = and_(col(Delivery.rung).is_(None), for_citizen)
    waits = and_(col(Delivery.state).in_(FOR_THE_ASKING), or_(over, never))
    return list(
        work.session.exec(
            select(Delivery)
            .where(or_(waits, and_(for_citizen, _cannot_go_out(work))), col(Delivery.id) > after)
            .order_by(col(Delivery.id))
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
    )


def _cannot_go_out(work: Work) -> ColumnElement[bool]:
    """Due on a channel that is no longer set up: no lane will ever take it."""
    policy = work.services.policy
    if policy.channels is None:
        return false()
    off = select(ChannelIdentity.id).where(col(ChannelIdentity.channel).not_in(sorted(policy.channels)))
    return and_(
        col(Delivery.state) == DeliveryState.PENDING,
        col(Delivery.not_before) <= work.now,
        col(Delivery.channel_identity_id).in_(off),
    )


def _climb(work: Work, delivery: Delivery, known: Known) -> bool:
    before = (delivery.state, delivery.rung)
    if delivery.rung is not None and delivery.state in FOR_THE_ASKING:
        own = known.condition(delivery).own
        pass_over(delivery, Rung(delivery.rung), own.identity_id if own is not None else None)
    if settle(work, delivery, known) is not None:
        delivery.not_before, delivery.attempts = work.now, 0
    return (delivery.state, delivery.rung) != before


def tell_what_staff_must_do(services: Services) -> int:
    """Once a day staff hear what only a person can carry: answers to be typed in the platform's console. Slips stand
    in the digest of their village."""
    with services.writing() as work:
        rows = work.session.exec(
            select(Delivery.id).where(Delivery.state == DeliveryState.WITH_STAFF, Delivery.rung == Rung.CONSOLE)
        ).all()
        if not rows:
            return 0
        written = tell_staff(
            work,
            key=f"console:{work.now:%Y-%m-%d}",
            purpose="digest",
            text=_console_words(len(rows)),
            role=Role.MODERATOR,
        )
        work.commit()
        return written


def _console_words(count: int) -> str:
    return (
        f"Có {count} câu trả lời mà máy không gửi được qua Zalo nữa (bà con đã lâu không nhắn). Anh/chị mở Zalo OA "
        "Manager, gõ giúp câu trả lời cho từng người; máy tự ghi nhận khi thấy tin có nguyên lời trả lời, hoặc có mã "
        "và số văn bản.\nXem danh sách: doithoai delivery list --state with_staff"
    )
