"""How the program is: what waits, how long, and what is in trouble. Counts only, nothing about anybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import col, func, select

from bot.metrics import Metrics
from casework.usecases.work import Services, Work
from storage.migrate import current_revision, newest_revision
from storage.records import Delivery, DeliveryState, InboxEntry, InboxStatus

#: states a delivery does not rest in
OPEN = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN)
#: the oldest message may wait so long before something is wrong, seconds
LONGEST_WAIT = 120.0


@dataclass(frozen=True, kw_only=True)
class ChannelState:
    """Whether a channel is on, and if not or not well, why: for people."""

    name: str
    on: bool
    why: str = ""


@dataclass(frozen=True, kw_only=True)
class Health:
    """`status`: ok, degraded (works, but look) or down (cannot take messages)."""

    status: str
    revision: str | None
    expected_revision: str
    inbox_waiting: int
    inbox_oldest_seconds: float
    inbox_quarantined: int
    deliveries: Mapping[str, int]
    channels: Sequence[ChannelState]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def examine(services: Services, channels: Sequence[ChannelState], metrics: Metrics) -> Health:
    """Ask the database how things stand, and bring the gauges up to date. Raises the database's error."""
    revision, newest = current_revision(services.database), newest_revision()
    with services.reading() as work:
        waiting, oldest = _inbox(work)
        quarantined = _count(work, InboxStatus.QUARANTINED)
        deliveries = _deliveries(work)
    metrics.queue_length.set(waiting)
    metrics.queue_age.set(oldest)
    for state, count in deliveries.items():
        metrics.deliveries.labels(state).set(count)
    troubled = any(channel.on and channel.why for channel in channels) or oldest > LONGEST_WAIT
    status = "down" if revision != newest else "degraded" if troubled else "ok"
    return Health(
        status=status,
        revision=revision,
        expected_revision=newest,
        inbox_waiting=waiting,
        inbox_oldest_seconds=round(oldest, 3),
        inbox_quarantined=quarantined,
        deliveries=deliveries,
        channels=channels,
    )


def _inbox(work: Work) -> tuple[int, float]:
    row = work.session.exec(
        select(func.count(), func.min(col(InboxEntry.id))).where(InboxEntry.status == InboxStatus.RECEIVED)
    ).one()
    if row[1] is None:
        return 0, 0.0
    received_at = work.session.get_one(InboxEntry, row[1]).received_at
    return row[0], max(0.0, (work.now - received_at).total_seconds())


def _count(work: Work, status: InboxStatus) -> int:
    return work.session.exec(select(func.count()).select_from(InboxEntry).where(InboxEntry.status == status)).one()


def _deliveries(work: Work) -> dict[str, int]:
    rows = work.session.exec(
        select(Delivery.state, func.count()).where(col(Delivery.state).in_(OPEN)).group_by(col(Delivery.state))
    )
    return {state.value: 0 for state in OPEN} | {row[0]: row[1] for row in rows}
