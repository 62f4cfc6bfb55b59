"""Sending all that is due on a channel that may send one message a second."""

from __future__ import annotations

import asyncio

from bot.outbox import Outbox, no_waiting
from casework.talk import Capabilities
from casework.usecases.work import Services
from storage.records import Delivery, DeliveryState
from tests.bot.conftest import RecordingChannel, identity_for


async def test_a_slow_channel_sends_everything_that_is_due_and_comes_to_an_end(services: Services) -> None:
    channel = RecordingChannel(capabilities=Capabilities(text_limit=2000, rate_per_second=1.0))
    with services.writing() as work:
        for number in range(80):
            identity = identity_for(work, channel.name, channel.account, str(number))
            work.add(
                Delivery(
                    key=f"k{number}",
                    purpose="reply",
                    channel_identity_id=identity.id,
                    text=f"tin {number}",
                    not_before=work.now,
                    created_at=work.now,
                )
            )
        work.commit()
    outbox = Outbox(services, {(channel.name, channel.account): channel}, pace=no_waiting, send_timeout=5)
    async with asyncio.timeout(30):
        states = await outbox.flush()
    assert states == {DeliveryState.SENT: 80}
    assert len(channel.sent) == 80
