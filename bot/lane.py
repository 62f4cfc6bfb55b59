"""One channel's way out: its pace, what is in flight, and whether anything gets through at all."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from typing import Any

import structlog

from bot.channel import Channel
from bot.metrics import Metrics
from bot.pacing import Pacer
from casework.talk import Outcome, OutcomeKind

log = structlog.get_logger(__name__)

#: so many sends in a row without an answer of the platform: the channel is at fault, not the messages
TROUBLE_AFTER = 5
#: so many "slower, please" in a row: the whole channel rests, not only the chats concerned
THROTTLE_AFTER = 3
#: how long a channel in trouble rests, seconds: doubled with each probe that fails
FIRST_REST = 5.0
LONGEST_REST = 300.0
#: the same while one message alone has failed: the next one may well get through
LONGEST_REST_FOR_ONE = 60.0
#: so often one message got no answer while others got theirs: it is to blame, and not the channel
BLAMED_AFTER = 2
#: chats probed in vain, and messages to blame, that are remembered
REMEMBERED = 500

#: seconds after which everything that waits is looked through from the beginning
LOOK_AGAIN = 2.0

_NO_ANSWER = frozenset({OutcomeKind.RETRY_LATER, OutcomeKind.UNKNOWN, OutcomeKind.CHANNEL_DOWN})


class Lane:
    """Learns from each outcome. While nothing gets through, the channel rests and is probed with one message at a
    time, each time of another chat, so that an outage leaves few outcomes unknown and uses up nobody's attempts, and
    no single message that never gets through stands in the way of all others."""

    def __init__(self, channel: Channel, pacer: Pacer, *, in_flight: int, first_rest: float, metrics: Metrics) -> None:
        self.channel = channel
        self.pacer = pacer
        self.in_flight_limit = in_flight
        #: set when there may be something to send
        self.news = asyncio.Event()
        self._first_rest = first_rest
        self._metrics = metrics
        self._tasks: set[asyncio.Task[Any]] = set()
        self._unanswered = 0
        self._throttled = 0
        #: deliveries without an answer since the channel last worked, and how often others got theirs meanwhile
        self._failing: set[int] = set()
        self._blamed: Counter[int] = Counter()
        #: chats probed in vain since the channel last worked
        self._probed: dict[int, None] = {}
        #: what the last send that did not get through was told, for people
        self.trouble = ""
        self._seen_up_to = 0
        self._look_again_at = 0.0

    def begin_after(self) -> int:
        """The delivery after which to look for more: what lies before was just looked through. From time to time, and
        whenever nothing more was found, all is looked through again, for what has come due meanwhile."""
        now = time.monotonic()
        if now >= self._look_again_at:
            self._seen_up_to, self._look_again_at = 0, now + LOOK_AGAIN
        return self._seen_up_to

    def claimed(self, deliveries: Sequence[int], *, all_of_it: bool) -> None:
        """What a look has brought; `all_of_it`: there was no more."""
        self._seen_up_to = 0 if all_of_it else max(self._seen_up_to, *deliveries)

    @property
    def in_trouble(self) -> bool:
        """Whether nothing got through lately."""
        return self._unanswered >= TROUBLE_AFTER

    def passed_over(self) -> list[int]:
        """Chats that may not be sent to now: those that rest, and in trouble those probed before."""
        resting = [chat for chat in self.pacer.resting() if isinstance(chat, int)]
        return [*resting, *self._probed] if self.in_trouble else resting

    def probe_anew(self) -> bool:
        """Every chat was probed in vain: begin again with the first. False when none was."""
        found = self.in_trouble and bool(self._probed)
        self._probed.clear()
        return found

    def room(self, horizon: float) -> int:
        """How many messages may be claimed now."""
        limit = 1 if self.in_trouble else self.in_flight_limit
        return max(0, min(self.pacer.free_slots(horizon), limit - len(self._tasks)))

    def start(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run one delivery; its end may free its chat for the next message."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        self.news.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The claim runs out and the delivery becomes unknown: seen by staff, never lost.
            log.error("delivery_failed", channel=self.channel.name, error=type(error).__name__)

    async def pause(self, longest: float) -> None:
        """Wait for news, for the next chat that has rested, at most `longest` seconds."""
        times = [longest]
        if (rest := self.pacer.until_next_chat()) is not None:
            times.append(rest)
        try:
            await asyncio.wait_for(self.news.wait(), max(0.001, min(times)))
        except TimeoutError:
            return

    async def finish(self) -> None:
        """Wait for the sends under way."""
        if self._tasks:
            await asyncio.wait(self._tasks)

    def learn(self, outcome: Outcome, *, delivery: int = 0, chat: int = 0) -> tuple[Outcome, bool]:
        """Take note of how a send of `delivery` to `chat` ended. Returns the outcome as it is to be recorded, and
        whether the channel, not the message, is to blame."""
        kind = outcome.kind
        self._metrics.sends.labels(self.channel.name, kind).inc()
        # Whatever number the platform gave, it gave an answer to this message.
        refused_this_one = kind is OutcomeKind.RETRY_LATER and outcome.code is not None
        if kind not in _NO_ANSWER or refused_this_one:
            self._well(delivery)
            self._throttled = self._throttled + 1 if kind is OutcomeKind.THROTTLED else 0
            if self._throttled >= THROTTLE_AFTER:
                # A longer wait (until the morning, until tomorrow) is about those messages, not about the channel.
                seconds = min(outcome.retry_after or self._first_rest, LONGEST_REST)
                self.pacer.pause(seconds)
                log.warning("channel_throttled", channel=self.channel.name, seconds=seconds)
            return outcome, False
        if self._blamed[delivery] >= BLAMED_AFTER and not self.in_trouble:
            log.warning("message_never_gets_through", channel=self.channel.name, delivery=delivery, outcome=kind)
            own = OutcomeKind.UNKNOWN if kind is OutcomeKind.UNKNOWN else OutcomeKind.RETRY_LATER
            return replace(outcome, kind=own), False
        self._failing.add(delivery)
        self._probed[chat] = None
        if len(self._probed) > REMEMBERED:
            del self._probed[next(iter(self._probed))]
        self._unanswered += 1
        self.trouble = outcome.detail or outcome.kind
        if kind is OutcomeKind.CHANNEL_DOWN:
            self._unanswered = max(self._unanswered, TROUBLE_AFTER)
        if self.in_trouble:
            self._rest(outcome)
        return outcome, self.in_trouble

    def _rest(self, outcome: Outcome) -> None:
        if self.pacer.paused:
            # Sends that were under way when the channel went to rest: no new probe has failed.
            self._unanswered -= 1
            return
        doublings = min(self._unanswered - TROUBLE_AFTER, 10)
        longest = LONGEST_REST if len(self._failing) > 1 else LONGEST_REST_FOR_ONE
        seconds = min(longest, self._first_rest * 2.0**doublings)
        self.pacer.pause(seconds)
        self._metrics.channel_paused.labels(self.channel.name).set(1)
        log.error("channel_rests", channel=self.channel.name, seconds=seconds, outcome=outcome.kind)

    def _well(self, delivery: int) -> None:
        if self.in_trouble:
            log.info("channel_recovered", channel=self.channel.name)
            self.pacer.resume()
        del self._blamed[delivery]
        self._blamed.update(self._failing - {delivery})
        if len(self._blamed) > REMEMBERED:
            self._blamed.clear()
        self._failing.clear()
        self._probed.clear()
        self._unanswered = 0
        self._metrics.channel_paused.labels(self.channel.name).set(0)
