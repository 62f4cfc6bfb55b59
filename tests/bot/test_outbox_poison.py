"""One message that never gets through, in a lane of many: a real outbox that runs, with its rests cut short."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from bot.outbox import Outbox
from casework.clock import SystemClock
from casework.talk import Capabilities, OutboundMessage, Outcome, OutcomeKind
from casework.usecases.delivery import sending
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryState
from tests.bot.conftest import SENT, RecordingChannel

POISON = "1"
REFUSED = Outcome(kind=OutcomeKind.RETRY_LATER, code="-200", detail="Không rõ vì sao.")
PAGE = Outcome(kind=OutcomeKind.CHANNEL_DOWN, detail="Proxy chặn (HTTP 403).")


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel(capabilities=Capabilities(text_limit=4000, rate_per_second=500.0, seconds_per_chat=0.01))


def ends(how: Outcome) -> Callable[[OutboundMessage], Outcome]:
    return lambda message: how if message.chat_id == POISON else SENT


def write(services: Services, chat: str) -> int:
    with services.writing() as work:
        to = work.add(ChannelIdentity(channel="thu", account="kenh-1", external_id=chat))
        row = work.add(
            Delivery(
                key=f"k{chat}",
                purpose="reply",
                channel_identity_id=to.id,
                text="Kính chào",
                not_before=work.now,
                created_at=work.now,
            )
        )
        work.commit()
        assert row.id is not None
        return row.id


def found(services: Services, key: int) -> tuple[str, int]:
    with services.reading() as work:
        row = work.session.get_one(Delivery, key)
        return row.state, row.attempts


@asynccontextmanager
async def running(services: Services, channel: RecordingChannel) -> AsyncIterator[None]:
    services = Services(database=services.database, clock=SystemClock(), policy=services.policy)
    outbox = Outbox(services, {(channel.name, channel.account): channel}, poll_seconds=0.02, first_rest=0.02)
    stop = asyncio.Event()
    run = asyncio.create_task(outbox.run(stop))
    yield
    stop.set()
    await run


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("how", [REFUSED, PAGE], ids=["a number", "a page"])
async def test_a_message_that_never_gets_through_stops_nobody_else_and_is_shown_in_the_end(
    how: Outcome, services: Services, channel: RecordingChannel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LONGEST_BACKOFF", sending.dt.timedelta(seconds=0.01))
    channel.script = ends(how)
    poison = write(services, POISON)
    async with running(services, channel):
        await until(lambda: len(channel.tried) >= 7)
        others = [write(services, str(number)) for number in range(2, 32)]
        await until(lambda: all(found(services, key)[0] == DeliveryState.SENT for key in others))
        await until(lambda: found(services, poison)[0] == DeliveryState.REJECTED)
    assert sum(message.chat_id == POISON for message in channel.tried) < 60


async def test_while_nothing_at_all_gets_through_no_message_loses_a_try(
    services: Services, channel: RecordingChannel
) -> None:
    channel.script = lambda message: PAGE
    keys = [write(services, str(number)) for number in range(1, 6)]
    async with running(services, channel):
        await until(lambda: len({message.chat_id for message in channel.tried}) == 5)
        assert [found(services, key)[1] for key in keys] == [0] * 5
        channel.script = lambda message: SENT
        await until(lambda: all(found(services, key)[0] == DeliveryState.SENT for key in keys))
