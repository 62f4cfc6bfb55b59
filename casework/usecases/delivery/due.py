"""What is due on one channel: the first message of each chat, oldest first, replies before notices, none at night."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from sqlalchemy import ColumnElement
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from casework.ladder.climbing import is_quiet
from casework.ladder.values import Rung
from casework.reaching import REPLY
from casework.usecases.work import Work
from storage.records import ChannelIdentity, Delivery, DeliveryState

#: an earlier message of the chat that was put off for no longer than this keeps its place
SOON = dt.timedelta(minutes=10)
#: another message of the same chat (made once: an alias is dear, and each channel asks every second)
_OTHER = aliased(Delivery)


def first_rows(
    work: Work, channel: str, account: str, resting: Collection[int], limit: int, after: int
) -> list[tuple[Delivery, ChannelIdentity]]:
    """Up to `limit` rows to be claimed, locked: chats that wait for a reply, then notices after delivery `after`."""
    waiting = due(work, channel, account, resting).with_for_update(skip_locked=True, of=Delivery)
    # Who waits for a reply sits at the phone: such chats go before a mass of notices.
    chat = col(Delivery.channel_identity_id)
    urgent = work.session.exec(chats_with_replies(work.now, channel, account, resting).limit(limit)).all()
    rows = list(work.session.exec(waiting.where(chat.in_(urgent)).limit(limit))) if urgent else []
    if len(rows) < limit:
        others = waiting.where(chat.not_in(urgent), col(Delivery.id) > after)
        rows += work.session.exec(others.limit(limit - len(rows)))
    return rows


def something_waits(work: Work, channel: str, account: str) -> bool:
    """Whether the time of any message of the channel has come, be it held up by another or not. A quick look, for those
    who mostly find nothing."""
    statement = (
        select(Delivery.id)
        .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
        .where(
            Delivery.state == DeliveryState.PENDING,
            Delivery.not_before <= work.now,
            ChannelIdentity.channel == channel,
            ChannelIdentity.account == account,
        )
        .limit(1)
    )
    return work.session.exec(statement).first() is not None


def due(work: Work, channel: str, account: str, resting: Collection[int]) -> Select[Delivery, ChannelIdentity]:
    """The first message of each chat that may go out now, oldest first; at night only what is no push."""
    now, quiet = work.now, is_quiet(work.now, work.services.policy)
    statement = (
        select(Delivery, ChannelIdentity)
        .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
        .where(
            Delivery.state == DeliveryState.PENDING,
            Delivery.not_before <= now,
            ChannelIdentity.channel == channel,
            ChannelIdentity.account == account,
            ~_held_up(now, quiet=quiet),
            *([_no_push(Delivery)] if quiet else []),
        )
        .order_by(col(Delivery.id))
    )
    return statement.where(col(Delivery.channel_identity_id).not_in(resting)) if resting else statement


def chats_with_replies(
    now: dt.datetime, channel: str, account: str, resting: Collection[int]
) -> SelectOfScalar[int] | SelectOfScalar[None]:
    """Chats in which a reply is due, in the order of the replies."""
    return (
        select(ChannelIdentity.id)
        .join(Delivery, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
        .where(
            Delivery.state == DeliveryState.PENDING,
            Delivery.purpose == REPLY,
            Delivery.not_before <= now,
            ChannelIdentity.channel == channel,
            ChannelIdentity.account == account,
            col(ChannelIdentity.id).not_in(resting),
        )
        .order_by(col(Delivery.id))
    )


def _no_push(row: type[Delivery]) -> ColumnElement[bool]:
    """Talk, what the person has just asked for by writing, the rest of what was begun, notices to staff."""
    return or_(
        col(row.purpose) == REPLY,
        col(row.rung) == Rung.ASKED,
        col(row.parts_sent) > 0,
        and_(col(row.opinion_id).is_(None), col(row.citizen_id).is_(None)),
    )


def _held_up(now: dt.datetime, *, quiet: bool) -> ColumnElement[bool]:
    other = _OTHER
    # One put off for hours (until the morning) does not silence the chat that long.
    tried = or_(and_(col(other.outcome).is_not(None), other.not_before <= now + SOON), other.parts_sent > 0)
    earlier = and_(
        col(other.id) < col(Delivery.id),
        other.state == DeliveryState.PENDING,
        or_(other.not_before <= now, tried),
        *([_no_push(other)] if quiet else []),
    )
    return (
        select(other.id)
        .where(
            other.channel_identity_id == Delivery.channel_identity_id,
            other.id != Delivery.id,
            or_(other.state == DeliveryState.SENDING, earlier),
        )
        .exists()
    )
