"""Long polling, for small set-ups that have no public address.

Telegram forgets an update as soon as a later offset is asked for. So the offset moves only after the batch has been
stored, and nothing in a batch is parsed here: one update nobody understands must not stop the others.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, TypeVar

import structlog
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.envelope import identifier
from bot.channels.telegram.outcomes import outcome_of
from bot.channels.telegram.request import Throttled

log = structlog.get_logger(__name__)
R = TypeVar("R")
Store = Callable[[list[dict[str, Any]]], Awaitable[None]]
_random = SystemRandom()


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds to wait. After a fault the wait doubles from `first` to `longest`, each time a random part of it less,
    so that many offices do not come back at the same moment."""

    #: how long Telegram may hold back an empty answer
    hold: int = 30
    first: float = 1.0
    longest: float = 60.0
    #: another program polls with our token: both would only throw each other out
    conflict: float = 30.0
    #: the token is refused: a person must act
    refused: float = 300.0


async def poll(channel: TelegramChannel, store: Store, stop: asyncio.Event, *, pace: Pace | None = None) -> None:
    """Fetch updates until `stop` is set.

    `store` must have committed the batch when it returns; it sees a batch again after a crash or when it raised.
    Nothing that goes wrong ends the polling: `channel.trouble` says what keeps messages away, until it is over.
    """
    await _Poller(channel, store, stop, pace or Pace()).run()


class _Poller:
    def __init__(self, channel: TelegramChannel, store: Store, stop: asyncio.Event, pace: Pace) -> None:
        self.channel = channel
        self.store = store
        self.stop = stop
        self.pace = pace
        self.offset: int | None = None
        self.faults_in_a_row = 0
        self.webhook_gone = False

    async def run(self) -> None:
        while not self.stop.is_set():
            try:
                if not self.webhook_gone:
                    # While a webhook is set nothing can be polled. What waits there is kept.
                    await self._unless_stopped(self.channel.client.delete_webhook(drop_pending_updates=False))
                    self.webhook_gone = True
                    continue
                batch = await self._unless_stopped(
                    self.channel.client.raw_updates(offset=self.offset, wait_seconds=self.pace.hold)
                )
            except TelegramError as error:
                await self._fault(error)
                continue
            if batch is not None:
                await self._take(batch)

    async def _take(self, batch: Sequence[Any]) -> None:
        """Store a batch, then move the offset behind it."""
        # The last offset is confirmed now. It is not sent again: after a week of silence Telegram may number anew
        # from a lower value.
        if not batch:
            self.offset = None
            self._well()
            return
        try:
            await self.store([part if isinstance(part, dict) else {"not_an_object": part} for part in batch])
        except Exception as error:
            # Whatever the store could not do: the batch stays at Telegram and comes again.
            await self._trouble(f"Chưa lưu được tin nhắn đến ({type(error).__name__}).", self._backoff())
            return
        numbers = [int(number) for part in batch if (number := _number(part)) is not None]
        if not numbers:
            await self._trouble("Telegram gửi dữ liệu không có số thứ tự.", self._backoff())
            return
        self.offset = max(numbers) + 1
        self._well()

    async def _fault(self, error: TelegramError) -> None:
        if isinstance(error, Conflict):
            self.webhook_gone = False
            wait = self.pace.conflict
        elif isinstance(error, InvalidToken):
            wait = self.pace.refused
        elif isinstance(error, Throttled):
            wait = error.seconds
        else:
            wait = self._backoff()
        await self._trouble(outcome_of(error).detail, wait)

    def _backoff(self) -> float:
        self.faults_in_a_row += 1
        whole = min(self.pace.longest, self.pace.first * 2.0 ** min(self.faults_in_a_row - 1, 30))
        return whole * _random.uniform(0.5, 1.0)

    def _well(self) -> None:
        if self.channel.trouble is not None:
            log.info("telegram_polling_recovered")
        self.channel.trouble = None
        self.faults_in_a_row = 0

    async def _trouble(self, what: str, wait: float) -> None:
        if self.channel.trouble != what:
            log.warning("telegram_polling_troubled", what=what)
        self.channel.trouble = what
        await self._unless_stopped(asyncio.sleep(wait))

    async def _unless_stopped(self, work: Awaitable[R]) -> R | None:
        """The result of `work`, or None when `stop` comes first. A result that is there is never thrown away."""
        task, stopper = asyncio.ensure_future(work), asyncio.ensure_future(self.stop.wait())
        try:
            await asyncio.wait({task, stopper}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            pending = [future for future in (task, stopper) if not future.done()]
            for future in pending:
                future.cancel()
            await asyncio.gather(*pending, return_exceptions=True)


def _number(update: Any) -> str | None:
    value = update.get("update_id") if isinstance(update, dict) else None
    return identifier(value) if isinstance(value, int) else None
