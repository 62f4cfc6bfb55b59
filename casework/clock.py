"""Time as an argument. Instants are aware UTC; dates of the law are local dates of Viet Nam (UTC+7, no DST)."""

from __future__ import annotations

import datetime as dt
from typing import Protocol
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")


class Clock(Protocol):
    """Whoever needs the time gets one of these; nobody else asks the machine."""

    def now(self) -> dt.datetime:
        """The present instant, aware UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class ManualClock:
    """A clock that stands still until moved: for demos, rehearsals and tests."""

    def __init__(self, start: dt.datetime) -> None:
        self._now = start.astimezone(dt.UTC)

    def now(self) -> dt.datetime:
        return self._now

    def move_to(self, instant: dt.datetime) -> None:
        """Go forward to `instant`; an earlier instant leaves the clock where it is."""
        self._now = max(self._now, instant.astimezone(dt.UTC))

    def advance(self, seconds: float) -> None:
        self._now += dt.timedelta(seconds=seconds)


def local_date(instant: dt.datetime) -> dt.date:
    """The Vietnamese calendar day of an instant."""
    return instant.astimezone(VIETNAM).date()


def vietnamese_date(day: dt.date) -> str:
    """05/01/2027, as people write it."""
    return f"{day:%d/%m/%Y}"


def vietnamese_time(instant: dt.datetime) -> str:
    """Local time in words: 14 giờ 05, 05/01/2027."""
    local = instant.astimezone(VIETNAM)
    return f"{local.hour} giờ {local:%M}, {local:%d/%m/%Y}"
