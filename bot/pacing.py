"""How fast a channel may send: evenly over all chats, and with a rest for each chat."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Hashable

#: share of the allowed rate that is used. Evenly spaced sends that jitter on the network by a few hundredths of a
#: second would otherwise put one more than allowed into some seconds.
SHARE_OF_RATE = 0.98


class Pacer:
    """Gives out moments at which one message may be sent ("slots"), evenly spaced at `rate_per_second`, and lets each
    chat rest `seconds_per_chat` after a send to it has ended. There is no catching up after a pause.

    Time comes from `monotonic` and passes in `sleep`; `without_waiting` makes one whose time flies.
    """

    def __init__(
        self,
        *,
        rate_per_second: float,
        seconds_per_chat: float,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        if rate_per_second <= 0 or seconds_per_chat < 0:
            raise ValueError(f"rate {rate_per_second}/s and rest {seconds_per_chat} s cannot be kept")
        self._spacing = 1.0 / (rate_per_second * SHARE_OF_RATE)
        self._rest = seconds_per_chat
        self._monotonic = monotonic
        self._sleep = sleep
        #: when the last messages went out, as many as one window holds
        self._gone: deque[float] = deque(maxlen=max(1, int(rate_per_second)))
        self._window = max(1.0, 1.0 / rate_per_second)
        self._next_slot = float("-inf")
        self._paused_until = float("-inf")
        self._ready_at: dict[Hashable, float] = {}

    @classmethod
    def without_waiting(cls, *, rate_per_second: float, seconds_per_chat: float) -> Pacer:
        """The same order of sends, but time passes by itself: for demos and tests."""
        passed = 0.0

        async def sleep(seconds: float) -> None:
            nonlocal passed
            passed += seconds
            await asyncio.sleep(0)

        return cls(
            rate_per_second=rate_per_second, seconds_per_chat=seconds_per_chat, monotonic=lambda: passed, sleep=sleep
        )

    def now(self) -> float:
        """The pacer's own time, seconds."""
        return self._monotonic()

    # ------------------------------------------------------------------ over all chats

    def free_slots(self, horizon: float) -> int:
        """How many messages may go out within the next `horizon` seconds."""
        now = self._monotonic()
        first = max(now, self._next_slot, self._paused_until)
        return 0 if first > now + horizon else int((now + horizon - first) / self._spacing) + 1

    def reserve(self, calls: int = 1) -> float:
        """Take the next slot; returns its moment, for `turn`. A message that costs several calls of the platform takes
        as many slots."""
        slot = max(self._monotonic(), self._next_slot, self._paused_until)
        self._next_slot = slot + calls * self._spacing
        return slot

    async def wait_until(self, moment: float) -> None:
        """Wait for a moment of the pacer's time."""
        while (left := moment - self._monotonic()) > 0:
            await self._sleep(left)

    async def turn(self, slot: float, calls: int = 1) -> None:
        """Wait for a reserved slot; the message goes out when this returns.

        Should the machine have been slow and slots have bunched up, the rate holds all the same.
        """
        await self.wait_until(slot)
        while len(self._gone) == self._gone.maxlen and (left := self._gone[0] + self._window - self._monotonic()) > 0:
            await self._sleep(left)
        now = self._monotonic()
        self._gone.extend(now + number * self._spacing for number in range(calls))

    def until_next_slot(self) -> float:
        """Seconds until a message may go out at all; 0 when one may now."""
        return max(0.0, max(self._next_slot, self._paused_until) - self._monotonic())

    def pause(self, seconds: float) -> None:
        """Send nothing at all for so long; a longer pause that is under way stays."""
        self._paused_until = max(self._paused_until, self._monotonic() + seconds)

    def resume(self) -> None:
        """End a pause early."""
        self._paused_until = float("-inf")

    @property
    def paused(self) -> bool:
        return self._paused_until > self._monotonic()

    # ------------------------------------------------------------------ each chat

    def finished(self, chat: Hashable) -> None:
        """A send to `chat` has ended, however: the rest begins now."""
        if self._rest:
            self._ready_at[chat] = self._monotonic() + self._rest

    def resting(self) -> list[Hashable]:
        """Chats that may not be sent to yet."""
        now = self._monotonic()
        self._ready_at = {chat: ready for chat, ready in self._ready_at.items() if ready > now}
        return list(self._ready_at)

    def until_next_chat(self) -> float | None:
        """Seconds until the first resting chat may be sent to again; None when none rests."""
        if not self.resting():
            return None
        return max(0.0, min(self._ready_at.values()) - self._monotonic())
