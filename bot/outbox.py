"""The outbox: sends what use cases have written, each channel at its own pace, outside any transaction.

Claim (committed as "sending"), send, record. A process killed between the last two leaves a row whose claim runs out:
it becomes "unknown" and is shown to staff, because no platform lets us send the same message twice unnoticed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections import Counter
from collections.abc import Callable, Mapping

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channel import Channel
from bot.digits import spelled_out
from bot.group_commit import GroupCommit
from bot.lane import FIRST_REST, Lane
from bot.metrics import Metrics
from bot.pacing import Pacer
from bot.split import split
from casework.talk import Capabilities, OutboundMessage, Outcome, OutcomeKind
from casework.usecases.delivery import sending
from casework.usecases.delivery.sending import ClaimedSend, SendResult
from casework.usecases.work import Services
from storage.records import DeliveryState

log = structlog.get_logger(__name__)

#: messages are claimed at most so long before their moment, seconds: what a kill leaves in doubt stays small
HORIZON = 0.25
#: seconds to wait when the database has a problem
PAUSE_AFTER_DATABASE_FAULT = 1.0
_random = secrets.SystemRandom()


def real_pace(capabilities: Capabilities) -> Pacer:
    """The pace a platform allows, in real time."""
    return Pacer(rate_per_second=capabilities.rate_per_second, seconds_per_chat=capabilities.seconds_per_chat)


def no_waiting(capabilities: Capabilities) -> Pacer:
    """The same order of sends without the waiting: for demos, rehearsals and tests."""
    return Pacer.without_waiting(
        rate_per_second=capabilities.rate_per_second, seconds_per_chat=capabilities.seconds_per_chat
    )


class Outbox:
    """Sends over `channels`. `send_timeout`: seconds after which a send without an answer counts as unknown; a claim
    lives twice as long. `first_rest`: seconds a channel rests when nothing gets through, doubled with each probe."""

    def __init__(
        self,
        services: Services,
        channels: Mapping[tuple[str, str], Channel],
        *,
        pace: Callable[[Capabilities], Pacer] = real_pace,
        send_timeout: float = 30.0,
        poll_seconds: float = 1.0,
        in_flight: int = 64,
        first_rest: float = FIRST_REST,
        random: Callable[[], float] = _random.random,
        metrics: Metrics | None = None,
    ) -> None:
        self._services = services
        self._metrics = metrics or Metrics()
        self._lanes = [
            Lane(channel, pace(channel.capabilities), in_flight=in_flight, first_rest=first_rest, metrics=self._metrics)
            for channel in channels.values()
        ]
        self._send_timeout = send_timeout
        self._lease = dt.timedelta(seconds=2 * send_timeout)
        self._poll_seconds = poll_seconds
        self._random = random
        self._results: GroupCommit[SendResult, DeliveryState] = GroupCommit(
            lambda batch: sending.record(services, batch), name="outbox"
        )
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = False

    # ------------------------------------------------------------------ until stopped

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; what is being sent then is brought to its end."""
        self._loop = asyncio.get_running_loop()
        try:
            # A lane that fails ends them all, and the program with them: better than to fall silent.
            async with asyncio.TaskGroup() as lanes:
                for lane in self._lanes:
                    lanes.create_task(self._serve(lane, stop))
                await stop.wait()
                self._stopping = True
                self._ring()
        finally:
            await self._results.close()

    def notify(self) -> None:
        """There is something to send: look at once instead of at the next poll. Thread-safe."""
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring)

    def troubles(self) -> dict[str, str]:
        """Channels over which nothing gets through just now, with what they say, for people."""
        return {lane.channel.name: lane.trouble for lane in self._lanes if lane.in_trouble}

    def _ring(self) -> None:
        for lane in self._lanes:
            lane.news.set()

    async def _serve(self, lane: Lane, stop: asyncio.Event) -> None:
        while not stop.is_set():
            lane.news.clear()
            slots = lane.room(HORIZON)
            try:
                claims = await self._claim(lane, slots) if slots else []
            except SQLAlchemyError as error:
                log.error("outbox_database_fault", error=type(error).__name__)
                await lane.pause(PAUSE_AFTER_DATABASE_FAULT)
                continue
            for claim in claims:
                lane.start(self._deliver(lane, claim, lane.pacer.reserve(_calls(claim))))
            if len(claims) < slots or not slots:
                await lane.pause(self._poll_seconds)
            elif (early := lane.pacer.until_next_slot() - HORIZON / 2) > 0:
                # More waits, but its moment is still far: come back when half of the horizon is free again.
                await asyncio.sleep(early)
        await lane.finish()

    # ------------------------------------------------------------------ until nothing is due

    async def flush(self) -> Counter[DeliveryState]:
        """Send all that is due at the clock's present instant; returns how many sends led to which state.

        A channel that is down is left alone with what waits for it.
        """
        states: Counter[DeliveryState] = Counter()
        for lane in self._lanes:
            # Somebody wants it sent now: a channel that rested after a fault is given another chance.
            lane.pacer.resume()
            while not lane.pacer.paused:
                # No more than surely get their turn before they count as late, or a slow channel would give all back.
                soon = max(1, lane.pacer.free_slots(self._send_timeout / 4))
                claims = await self._claim(lane, min(soon, lane.in_flight_limit))
                if claims:
                    sends = [self._deliver(lane, claim, lane.pacer.reserve(_calls(claim))) for claim in claims]
                    states.update(await asyncio.gather(*sends))
                elif (rest := lane.pacer.until_next_chat()) is not None:
                    await lane.pacer.wait_until(lane.pacer.now() + rest)
                else:
                    break
        return states

    # ------------------------------------------------------------------ one message

    async def _claim(self, lane: Lane, limit: int) -> list[ClaimedSend]:
        after = lane.begin_after()
        claims = await self._claim_after(lane, limit, after)
        if not claims and after:
            claims = await self._claim_after(lane, limit, 0)
        if not claims and lane.probe_anew():
            claims = await self._claim_after(lane, limit, 0)
        lane.claimed([claim.delivery_id for claim in claims], all_of_it=len(claims) < limit)
        return claims

    async def _claim_after(self, lane: Lane, limit: int, after: int) -> list[ClaimedSend]:
        return await asyncio.to_thread(
            sending.claim_due,
            self._services,
            channel=lane.channel.name,
            account=lane.channel.account,
            limit=limit,
            resting=lane.passed_over(),
            lease=self._lease,
            after=after,
        )

    async def _deliver(self, lane: Lane, claim: ClaimedSend, slot: float) -> DeliveryState:
        claimed_at = lane.pacer.now()
        await lane.pacer.turn(slot, _calls(claim))
        late = lane.pacer.now() - claimed_at > self._send_timeout
        if self._stopping or lane.pacer.paused or late:
            # Late: the claim could run out during the send, and another process take the message for unknown.
            return await self._record(SendResult(claim=claim, outcome=None))
        parts = _parts(claim, lane.channel.capabilities)
        if claim.template is None and claim.parts_sent >= len(parts):
            # Staff found the last part to have arrived (or a later version cuts into fewer): nothing is left to send.
            nothing = Outcome(kind=OutcomeKind.SENT)
            return await self._record(SendResult(claim=claim, outcome=nothing, nothing_left=True))
        outcome = await self._send(lane.channel, _message(claim, parts, lane.channel.capabilities))
        lane.pacer.finished(claim.identity_id)
        outcome, trouble = lane.learn(outcome, delivery=claim.delivery_id, chat=claim.identity_id)
        result = SendResult(
            claim=claim, outcome=outcome, parts=len(parts), channel_trouble=trouble, jitter=self._random()
        )
        return await self._record(result)

    async def _send(self, channel: Channel, message: OutboundMessage) -> Outcome:
        try:
            async with asyncio.timeout(self._send_timeout):
                return await channel.send(message)
        except TimeoutError:
            return Outcome(kind=OutcomeKind.UNKNOWN, detail="Không có câu trả lời trong thời gian cho phép.")
        except Exception as error:
            # A channel must not raise. Should one do so, the message may have gone out before.
            log.error("send_raised", channel=channel.name, error=type(error).__name__)
            return Outcome(kind=OutcomeKind.UNKNOWN, detail=f"Lỗi bất ngờ khi gửi ({type(error).__name__}).")

    async def _record(self, result: SendResult) -> DeliveryState:
        """Record the end of a send; a send that cannot be recorded must not be forgotten, so this insists.

        When the program stops meanwhile, the claim runs out and the delivery becomes unknown.
        """
        while True:
            try:
                return await self._results.put(result)
            except SQLAlchemyError as error:
                log.error("outcome_not_recorded", delivery=result.claim.delivery_id, error=type(error).__name__)
                if self._stopping:
                    return DeliveryState.SENDING
                await asyncio.sleep(PAUSE_AFTER_DATABASE_FAULT)


def _calls(claim: ClaimedSend) -> int:
    """How many calls the platform counts: whether the window is open is a question of its own."""
    return 2 if claim.check_window and claim.template is None else 1


def _parts(claim: ClaimedSend, capabilities: Capabilities) -> list[str]:
    """The texts of the messages to be sent; a form is one, whatever was sent before."""
    if claim.template is not None:
        return [claim.text]
    # Where buttons cannot be shown the text says what they would.
    text = claim.text if capabilities.shows(claim.buttons) else spelled_out(claim.text, claim.buttons)
    return split(text, limit=capabilities.text_limit, unit=capabilities.text_unit)


def _message(claim: ClaimedSend, parts: list[str], capabilities: Capabilities) -> OutboundMessage:
    number = 0 if claim.template is not None else claim.parts_sent
    last = number == len(parts) - 1
    return OutboundMessage(
        chat_id=claim.chat_id,
        text=parts[number],
        buttons=claim.buttons if last and capabilities.shows(claim.buttons) else (),
        reply_to=claim.reply_to if number == 0 else None,
        template=claim.template,
        paid=claim.paid,
        check_window=claim.check_window,
        reference=f"dt-{claim.delivery_id}",
    )
