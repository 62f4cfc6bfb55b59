"""The outbox and the Telegram channel together, over real HTTP, against a platform that fails in its own words."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest
from sqlmodel import select

from bot.channels.telegram.channel import TelegramChannel
from bot.outbox import Outbox, no_waiting
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault
from storage.records import ChannelIdentity, Delivery, DeliveryState


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin() as telegram:
        yield telegram


@pytest.fixture
async def outbox(services, telegram) -> AsyncIterator[Outbox]:
    channel = TelegramChannel(TelegramStandin.TOKEN, base_url=telegram.base_url, clock=services.clock)
    await channel.open()
    yield Outbox(services, {(channel.name, channel.account): channel}, pace=no_waiting, random=lambda: 0.0)
    await channel.close()


@pytest.fixture
def write(services) -> Callable[..., int]:
    account = TelegramStandin.TOKEN.partition(":")[0]

    def to_chat(chat: int, text: str = "Kính gửi ông/bà") -> int:
        with services.writing() as work:
            found = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == str(chat))).first()
            person = found or work.add(
                ChannelIdentity(channel="telegram", account=account, external_id=str(chat), is_group=chat < 0)
            )
            row = work.add(
                Delivery(
                    key=f"{chat}:{text[:40]}",
                    purpose="reply",
                    channel_identity_id=person.id,
                    text=text,
                    not_before=work.now,
                    created_at=work.now,
                )
            )
            work.commit()
        assert row.id is not None
        return row.id

    return to_chat


def row(services, delivery_id: int) -> Delivery:
    with services.reading() as work:
        return work.session.get_one(Delivery, delivery_id)


async def test_each_chat_meets_its_own_fault_and_the_others_get_their_messages(
    services, telegram, outbox, write, clock
) -> None:
    blocked, flooded, moved, lost, well = write(1), write(2), write(-3), write(4), write(5)
    telegram.inject(Fault.blocked(), method="sendMessage", chat_id=1)
    telegram.inject(Fault.flood(7), method="sendMessage", chat_id=2)
    telegram.inject(Fault.migrated(-100333), method="sendMessage", chat_id=-3)
    telegram.inject(Fault.lost_reply(), method="sendMessage", chat_id=4)
    await outbox.flush()
    states = [row(services, one).state for one in (blocked, flooded, moved, lost, well)]
    assert states == [
        DeliveryState.RECIPIENT_STOPPED,
        DeliveryState.PENDING,
        DeliveryState.SENT,
        DeliveryState.UNKNOWN,
        DeliveryState.SENT,
    ]
    assert telegram.texts_to(-100333) == ["Kính gửi ông/bà"]
    clock.advance(7)
    await outbox.flush()
    assert row(services, flooded).state == DeliveryState.SENT
    assert {chat: len(messages) for chat, messages in telegram.delivered.items()} == {
        "2": 1,
        "-100333": 1,
        "4": 1,
        "5": 1,
    }


async def test_a_refused_token_keeps_everything_waiting_and_names_no_secret(services, telegram, outbox, write) -> None:
    ids = [write(chat) for chat in range(1, 31)]
    telegram.inject(Fault.refused(401, "Unauthorized"), method="sendMessage", times=None)
    await outbox.flush()
    found = [row(services, one) for one in ids]
    assert {one.state for one in found} == {DeliveryState.PENDING}
    details = {one.outcome_detail for one in found if one.outcome_detail}
    assert details
    assert not any(TelegramStandin.TOKEN.partition(":")[2] in detail for detail in details)
    telegram.heal()
    await outbox.flush()
    assert {row(services, one).state for one in ids} == {DeliveryState.SENT}


async def test_a_text_of_a_hundred_thousand_characters_with_emoji_arrives_whole(telegram, outbox, write) -> None:
    text = " ".join(f"Điều {number}: đường thôn 🛣️ sẽ sửa trong quý tới." for number in range(2500))
    assert len(text) > 100_000
    write(9, text)
    await outbox.flush()
    assert len(telegram.texts_to(9)) > 25
    assert " ".join(telegram.texts_to(9)).split() == text.split()


async def test_while_telegram_is_down_messages_wait_and_go_out_in_order_when_it_is_back(
    services, telegram, outbox, write, clock
) -> None:
    ids = [write(1, f"tin {number}") for number in range(3)]
    await telegram.go_down()
    await outbox.flush()
    assert {row(services, one).state for one in ids} == {DeliveryState.PENDING}
    await telegram.come_up()
    clock.advance(60)
    await outbox.flush()
    assert telegram.texts_to(1) == ["tin 0", "tin 1", "tin 2"]
