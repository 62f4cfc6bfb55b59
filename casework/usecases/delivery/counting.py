"""How notices fare: tries by outcome, what they cost, and an alarm when more and more cannot be delivered."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from sqlmodel import col, func, select

from casework.names import CHANNELS
from casework.talk import OutcomeKind
from casework.usecases.access import VIEWERS, require
from casework.usecases.delivery.alarms import alarm
from casework.usecases.delivery.attempts import month_of
from casework.usecases.work import Services, Work
from storage.records import ChannelUsage, DeliveryAttempt, Role

#: outcomes after which the same message on the same way never arrives
PERMANENT = (OutcomeKind.REJECTED, OutcomeKind.RECIPIENT_STOPPED)
#: outcomes after which a try is not repeated on the same way
FINAL = (*PERMANENT, OutcomeKind.SENT, OutcomeKind.UNKNOWN)
#: the window over which the share of failures is taken
WATCHED = dt.timedelta(hours=24)
#: alarm from so many failures on, when they are at least this share of all that came to an end
ALARM_COUNT = 10
ALARM_SHARE = 0.05


@dataclass(frozen=True, kw_only=True)
class OutcomeCount:
    """Tries that ended in one way, on one rung of one channel."""

    channel: str
    rung: str
    #: kind of outcome, with the platform's own number after a colon where it gave one
    outcome: str
    count: int
    price_vnd: int


@dataclass(frozen=True, kw_only=True)
class MonthUse:
    """Messages handed to one account in one calendar month."""

    channel: str
    month: str
    sent: int


def count_outcomes(services: Services, staff_id: int, *, days: int = 30) -> list[OutcomeCount]:
    """Tries of the last `days` days, by channel, rung and outcome. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS, Role.ADMIN)
        rows = work.session.exec(
            select(
                DeliveryAttempt.channel,
                DeliveryAttempt.rung,
                DeliveryAttempt.outcome,
                func.count(),
            )
            .where(DeliveryAttempt.at >= work.now - dt.timedelta(days=days))
            .group_by(col(DeliveryAttempt.channel), col(DeliveryAttempt.rung), col(DeliveryAttempt.outcome))
            .order_by(col(DeliveryAttempt.channel), col(DeliveryAttempt.rung), col(DeliveryAttempt.outcome))
        ).all()
        prices = _prices(work, work.now - dt.timedelta(days=days))
        return [
            OutcomeCount(
                channel=channel,
                rung=rung,
                outcome=outcome,
                count=count,
                price_vnd=prices.get((channel, rung, outcome), 0),
            )
            for channel, rung, outcome, count in rows
        ]


def _prices(work: Work, since: dt.datetime) -> dict[tuple[str, str, str], int]:
    rows = work.session.exec(
        select(
            DeliveryAttempt.channel,
            DeliveryAttempt.rung,
            DeliveryAttempt.outcome,
            func.sum(DeliveryAttempt.price_vnd),
        )
        .where(DeliveryAttempt.at >= since, col(DeliveryAttempt.price_vnd).is_not(None))
        .group_by(col(DeliveryAttempt.channel), col(DeliveryAttempt.rung), col(DeliveryAttempt.outcome))
    )
    return {(channel, rung, outcome): int(total or 0) for channel, rung, outcome, total in rows}


def month_use(services: Services, staff_id: int) -> list[MonthUse]:
    """What this month's messages come to, per account. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS, Role.ADMIN)
        rows = work.session.exec(
            select(ChannelUsage).where(ChannelUsage.month == month_of(work.now)).order_by(col(ChannelUsage.channel))
        )
        return [MonthUse(channel=row.channel, month=row.month, sent=row.sent) for row in rows]


def watch_failures(services: Services) -> int:
    """Alarm those who look after the program, once a day for each channel, when many of its notices fail for good.
    Returns notices written."""
    with services.reading() as work:
        failing = [one for one in _ends(work) if one.is_alarming]
    if not failing:
        return 0
    with services.writing() as work:
        written = sum(alarm(work, about=f"failures:{one.channel}", text=one.words()) for one in failing)
        work.commit()
        return written


@dataclass(frozen=True, kw_only=True)
class _Ends:
    """Notices that came to an end over one channel lately."""

    channel: str
    failed: int
    ended: int

    @property
    def is_alarming(self) -> bool:
        return self.failed >= ALARM_COUNT and self.failed >= ALARM_SHARE * self.ended

    def words(self) -> str:
        return (
            f"Cần xem ngay: trong 24 giờ qua có {self.failed} trên {self.ended} tin qua "
            f"{CHANNELS.get(self.channel, self.channel)} bị từ chối hẳn. Có thể tài khoản kênh đang có sự cố, hoặc nội "
            "dung tin không được chấp nhận.\n"
            "Xem lý do: doithoai delivery counts --days 1, rồi doithoai delivery list --state rejected"
        )


def _ends(work: Work) -> list[_Ends]:
    """Per channel. A try that will be repeated is no end."""
    rows = work.session.exec(
        select(DeliveryAttempt.channel, DeliveryAttempt.outcome, func.count())
        .where(DeliveryAttempt.at >= work.now - WATCHED)
        .group_by(col(DeliveryAttempt.channel), col(DeliveryAttempt.outcome))
    )
    ended: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for channel, outcome, count in rows:
        kind = outcome.partition(":")[0]
        ended[channel] += count if kind in FINAL else 0
        failed[channel] += count if kind in PERMANENT else 0
    return [_Ends(channel=channel, failed=failed[channel], ended=ended[channel]) for channel in sorted(ended)]
