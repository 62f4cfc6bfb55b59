"""What was tried: one row for each try of a notice, the month's count for platforms that cap it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from sqlmodel import col, select

from casework.clock import VIETNAM
from casework.ladder.values import Rung
from casework.talk import Outcome, OutcomeKind
from casework.usecases.work import Work
from storage.records import ChannelIdentity, ChannelUsage, Delivery, DeliveryAttempt


class Tried(Protocol):
    """What was claimed and tried."""

    @property
    def identity_id(self) -> int: ...

    @property
    def channel(self) -> str: ...

    @property
    def rung(self) -> Rung | None: ...

    @property
    def price_vnd(self) -> int:
        """What the price list says it costs."""
        ...


def record(work: Work, delivery: Delivery, tried: Tried, outcome: Outcome) -> None:
    """Write down how a try ended; talk, which stands on no rung, is not written down."""
    if tried.rung is None:
        return
    price = outcome.price_vnd
    if price is None and outcome.kind is OutcomeKind.SENT and tried.price_vnd:
        price = tried.price_vnd
    note(
        work,
        delivery,
        tried.identity_id,
        channel=tried.channel,
        rung=tried.rung,
        outcome=outcome.kind if outcome.code is None else f"{outcome.kind}:{outcome.code}",
        detail=outcome.detail or None,
        external_id=outcome.external_id,
        price_vnd=price,
    )


def note(
    work: Work,
    delivery: Delivery,
    identity_id: int | None,
    *,
    channel: str,
    rung: Rung,
    outcome: str,
    detail: str | None = None,
    external_id: str | None = None,
    price_vnd: int | None = None,
) -> None:
    """Write down one try, or why there was none."""
    if delivery.id is None:
        raise ValueError("a delivery that is not stored")
    work.session.add(
        DeliveryAttempt(
            delivery_id=delivery.id,
            channel_identity_id=identity_id,
            channel=channel,
            rung=rung,
            outcome=outcome,
            detail=detail,
            external_id=external_id,
            price_vnd=price_vnd,
            at=work.now,
        )
    )


def correct_window(
    work: Work, identity_id: int, last_interaction_at: dt.datetime, *, unless_after: dt.datetime
) -> None:
    """The platform knows better than we when the person last did something, but for what they did since it was asked
    (`unless_after`)."""
    identity = work.session.get_one(ChannelIdentity, identity_id)
    if identity.last_inbound_at is None or identity.last_inbound_at <= unless_after:
        identity.last_inbound_at = last_interaction_at
        work.session.add(identity)


def month_of(now: dt.datetime) -> str:
    """The calendar month platforms count in, "2026-11"."""
    return now.astimezone(VIETNAM).strftime("%Y-%m")


def count_usage(work: Work, identities: Iterable[int]) -> None:
    """One message each was handed to the platforms of these chats."""
    per_identity = Counter(identities)
    if not per_identity:
        return
    rows = work.session.exec(
        select(ChannelIdentity.id, ChannelIdentity.channel, ChannelIdentity.account).where(
            col(ChannelIdentity.id).in_(list(per_identity))
        )
    )
    sums: Counter[tuple[str, str]] = Counter()
    for identity_id, channel, account in rows:
        if identity_id is not None:
            sums[(channel, account)] += per_identity[identity_id]
    month = month_of(work.now)
    for (channel, account), sent in sums.items():
        usage = work.session.exec(
            select(ChannelUsage)
            .where(ChannelUsage.channel == channel, ChannelUsage.account == account, ChannelUsage.month == month)
            .with_for_update()
        ).first()
        usage = usage or work.add(ChannelUsage(channel=channel, account=account, month=month))
        usage.sent += sent
        work.session.add(usage)
