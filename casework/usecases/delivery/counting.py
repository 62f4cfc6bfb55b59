"""How notices fare: tries by outcome, what they cost, and an alarm when more and more cannot be delivered."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, func, select

from casework.notices import tell_staff
from casework.talk import OutcomeKind
from casework.usecases.access import VIEWERS, require
from casework.usecases.delivery.attempts import month_of
from casework.usecases.work import Services, Work
from storage.records import ChannelUsage, DeliveryAttempt, Role

#: outcomes after which the same message on the same way never arrives
PERMANENT = (OutcomeKind.REJECTED, OutcomeKind.RECIPIENT_STOPPED)
#: the window over which the share of failures is taken
WATCHED = dt.timedelta(hours=24)
#: alarm from so many failures on, when they are at least this share of all tries
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
    """Alarm those who look after the program, once a day, when many notices fail for good. Returns notices written."""
    with services.writing() as work:
        failed, tried = _failures(work)
        if failed < ALARM_COUNT or failed < ALARM_SHARE * tried:
            return 0
        written = tell_staff(
            work,
            key=f"failures:{month_of(work.now)}-{work.now:%d}",
            purpose="alert",
            text=(
                f"Cần xem ngay: trong 24 giờ qua có {failed} trên {tried} lần gửi tin bị từ chối hẳn. Có thể tài "
                "khoản kênh đang có sự cố, hoặc nội dung tin không được chấp nhận.\n"
                "Xem lý do: doithoai delivery counts --days 1, rồi doithoai delivery list --state rejected"
            ),
            role=Role.ADMIN,
            groups_too=True,
        )
        work.commit()
        return written


def _failures(work: Work) -> tuple[int, int]:
    rows = work.session.exec(
        select(DeliveryAttempt.outcome, func.count())
        .where(DeliveryAttempt.at >= work.now - WATCHED)
        .group_by(col(DeliveryAttempt.outcome))
    ).all()
    failed = sum(count for outcome, count in rows if outcome.partition(":")[0] in PERMANENT)
    return failed, sum(count for _, count in rows)
