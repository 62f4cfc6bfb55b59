"""Long polling, for trials without a public address (docs "getUpdates": development only).

The platform gives one event at a time and forgets it as it hands it over: there is no offset and no repeat. So an
event is stored before the next one is asked for, and asked for again and again while the database has a problem.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, TypeVar

import structlog

from bot.channels.posting import CallFailed
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_bot.client import Refused
from bot.channels.zalo_bot.outcomes import row_of

log = structlog.get_logger(__name__)
R = TypeVar("R")
Store = Callable[[Mapping[str, Any]], Awaitable[None]]
_random = SystemRandom()
#: the long poll ended without an event
IDLE = 408


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Seconds to wait. After a fault the wait doubles from `first` to `longest`, each time a random part of it less."""

    #: how long Zalo may hold back an empty answer
    hold: int = 30
    first: float = 1.0
    longest: float = 60.0
    #: the token or the address is refused: a person must act
    refused: float = 300.0
    #: at least this between two polls, should the platform not hold back
    least: float = 0.2


async def poll(channel: ZaloBotChannel, store: Store, stop: asyncio.Event, *, pace: Pace | None = None) -> None:
    """Fetch events until `stop` is set.

    `store` must have committed the event when it returns; it is called again when it raised. Nothing that goes wrong
    ends the polling: `channel.trouble` says what keeps messages away, until it is over.
    """
    await _Poller(channel, store, stop, pace or Pace()).run()


class _Poller:
    def __init__(self, channel: ZaloBotChannel, store: Store, stop: asyncio.Event, pace: Pace) -> None:
        self.channel = channel
        self.store = store
        self.stop = stop
        self.pace = pace
        self.faults_in_a_row = 0
        self.webhook_gone = False
        #: the trouble is ours, and ours to end
        self.troubled = False

    async def run(self) -> None:
        client = self.channel.client
        while not self.stop.is_set():
            try:
                if not self.webhook_gone:
                    # While a webhook is set nothing can be polled.
                    await self._unless_stopped(client.call("deleteWebhook"))
                    self.webhook_gone = True
                    continue
                poll = client.call("getUpdates", {"timeout": self.pace.hold}, hold=self.pace.hold)
                update = await self._unless_stopped(poll)
            except Refused as error:
                await self._refused(error)
                continue
            except CallFailed as error:
                await self._trouble(f"Không nhận được tin từ Zalo Bot ({error}).", self._backoff())
                continue
            await self._take(update)

    async def _take(self, update: Any) -> None:
        """Store what came, however it came; then all is well."""
        events = update if isinstance(update, list) else [update] if update else []
        for event in events:
            await self._keep(event if isinstance(event, dict) else {"not_an_object": event})
        self._well()
        if not events:
            await self._unless_stopped(asyncio.sleep(self.pace.least))

    async def _keep(self, event: Mapping[str, Any]) -> None:
        """Insist: Zalo will not give it a second time. Only the end of the program cuts this off."""
        while True:
            try:
                await self.store(event)
                return
            except Exception as error:
                # Whatever the store could not do.
                await self._trouble(f"Chưa lưu được tin nhắn đến ({type(error).__name__}).", self._backoff())
                if self.stop.is_set():
                    log.error("zalo_bot_event_not_stored", error=type(error).__name__)
                    return

    async def _refused(self, error: Refused) -> None:
        if error.code == IDLE:
            self._well()
            await self._unless_stopped(asyncio.sleep(self.pace.least))
        elif error.code == 401:
            await self._trouble(row_of(401).detail, self.pace.refused)
        elif error.code == 429:
            await self._trouble(row_of(429).detail, error.retry_after or self._backoff())
        else:
            # Somebody may have set a webhook meanwhile.
            self.webhook_gone = False
            await self._trouble(f"Zalo Bot không cho lấy tin ({error.code}).", self._backoff())

    def _backoff(self) -> float:
        self.faults_in_a_row += 1
        whole = min(self.pace.longest, self.pace.first * 2.0 ** min(self.faults_in_a_row - 1, 30))
        return whole * _random.uniform(0.5, 1.0)

    def _well(self) -> None:
        if self.troubled:
            log.info("zalo_bot_polling_recovered")
            self.channel.trouble, self.troubled = None, False
        self.faults_in_a_row = 0

    async def _trouble(self, what: str, wait: float) -> None:
        if self.channel.trouble != what:
            log.warning("zalo_bot_polling_troubled", what=what)
        self.channel.trouble, self.troubled = what, True
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
