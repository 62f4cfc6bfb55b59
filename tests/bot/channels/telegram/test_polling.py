"""Long polling against the stand-in: everything is stored before it is forgotten by Telegram, whatever happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import Pace, poll
from bot.channels.telegram.request import AiohttpRequest
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault

FAST = Pace(hold=1, first=0.01, longest=0.05, conflict=0.05, refused=0.05)


class Inbox:
    """Where batches go; fails the first `failures` times."""

    def __init__(self, telegram: TelegramStandin, failures: int = 0) -> None:
        self.telegram = telegram
        self.failures = failures
        self.stored: list[dict[str, Any]] = []
        #: of each batch: whether Telegram still had all of it when it had just been stored
        self.still_there: list[bool] = []

    async def __call__(self, batch: list[dict[str, Any]]) -> None:
        if self.failures:
            self.failures -= 1
            raise OSError("database is locked: 'lời của dân'")
        await asyncio.sleep(0.01)
        self.stored += batch
        self.still_there.append(all(update in self.telegram.queue for update in batch if "update_id" in update))

    @property
    def ids(self) -> list[int]:
        return [update["update_id"] for update in self.stored]


@asynccontextmanager
async def polling(channel: TelegramChannel, inbox: Inbox) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(poll(channel, inbox, stop, pace=FAST))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(20):
            await task


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110 - the stand-in's state has no event
            await asyncio.sleep(0.005)


async def test_updates_are_stored_in_order_and_only_then_confirmed(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    telegram.webhook = {"url": "https://old.example.vn/"}
    early = [telegram.push({"message": {"text": str(n)}})["update_id"] for n in range(250)]
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        await until(lambda: not telegram.queue)
        late = telegram.push({"message": {"text": "sau"}})["update_id"]
        await until(lambda: not telegram.queue)
    assert inbox.ids == [*early, late]
    assert all(inbox.still_there)
    asked = [call.params for call in telegram.calls if call.method == "getUpdates"]
    assert {tuple(params["allowed_updates"]) for params in asked} == {
        ("message", "edited_message", "callback_query", "my_chat_member")
    }
    (removal,) = [call.params for call in telegram.calls if call.method == "deleteWebhook"]
    assert removal["drop_pending_updates"] is False


async def test_poison_is_stored_like_everything_else_and_stops_nobody(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    poison: list[Any] = [
        {"update_id": 1, "message": {"chat": {"id": "ba"}, "photo": [None]}},
        {"update_id": 2, "message": 7},
        {"no_id": True},
        ["a list"],
        {"update_id": 3, "message": {"text": "Đèn hỏng"}},
    ]
    for update in poison:
        telegram.push_raw(update)
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        await until(lambda: len(telegram.queue) == 2)
    assert inbox.stored[:5] == [*poison[:3], {"not_an_object": ["a list"]}, poison[4]]


async def test_updates_without_any_number_do_not_make_it_spin(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    telegram.push_raw({"no_id": True})
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        await until(lambda: channel.trouble)
        await asyncio.sleep(0.3)
    assert len(telegram.calls) < 40


async def test_what_could_not_be_stored_comes_again(
    telegram: TelegramStandin, channel: TelegramChannel, caplog: pytest.LogCaptureFixture
) -> None:
    update = telegram.push({"message": {"text": "Đèn hỏng"}})
    inbox = Inbox(telegram, failures=3)
    async with polling(channel, inbox):
        await until(lambda: channel.trouble)
        assert channel.trouble == "Chưa lưu được tin nhắn đến (OSError)."
        assert telegram.queue == [update]
        await until(lambda: not telegram.queue)
        await until(lambda: channel.trouble is None)
    assert inbox.stored == [update]
    assert "lời của dân" not in caplog.text


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (Fault.conflict(), "Một chương trình khác"),
        (Fault.refused(401, "Unauthorized"), "DOITHOAI_TELEGRAM_TOKEN"),
        (Fault.page(502), "HTTP 502"),
        (Fault.page(200), "unreadable"),
        (Fault.page(200, '{"ok": true, "result": {}}'), "unreadable"),
        (Fault.lost_reply(), "Answer lost"),
        (Fault.refused(429, "Too Many Requests", retry_after=0.05), "chậm lại"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_faults_are_reported_waited_out_and_lose_nothing(
    fault: Fault, says: str, telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    telegram.inject(fault, method="getUpdates", times=3)
    update = telegram.push({"message": {"text": "Đèn hỏng"}})
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        await until(lambda: channel.trouble)
        assert says in str(channel.trouble)
        await until(lambda: not telegram.queue)
        await until(lambda: channel.trouble is None)
    assert inbox.stored == [update]


async def test_a_webhook_set_by_somebody_else_is_removed_again(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        await until(lambda: telegram.calls and telegram.calls[-1].method == "getUpdates")
        telegram.webhook = {"url": "https://other.example.vn/"}
        await until(lambda: channel.trouble)
        assert "webhook is active" in str(channel.trouble)
        update = telegram.push({"message": {"text": "Đèn hỏng"}})
        await until(lambda: inbox.stored)
    assert inbox.ids[-1] == update["update_id"]


async def test_an_outage_at_the_start_and_in_between_is_survived(telegram: TelegramStandin) -> None:
    await telegram.go_down()
    channel = TelegramChannel(telegram.token, base_url=telegram.base_url, request=AiohttpRequest())
    await channel.open()
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        await until(lambda: channel.trouble)
        await telegram.come_up()
        first = telegram.push({"message": {"text": "một"}})
        await until(lambda: inbox.stored)
        await telegram.go_down()
        await until(lambda: channel.trouble)
        second = telegram.push({"message": {"text": "hai"}})
        await telegram.come_up()
        await until(lambda: len(set(inbox.ids)) == 2)
    assert sorted(set(inbox.ids)) == [first["update_id"], second["update_id"]]
    await channel.close()


async def test_numbers_that_start_anew_from_a_lower_value_are_not_overlooked(
    telegram: TelegramStandin, channel: TelegramChannel
) -> None:
    inbox = Inbox(telegram)
    async with polling(channel, inbox):
        telegram.push({"update_id": 900_000_000, "message": {}})
        await until(lambda: not telegram.queue)
        await until(lambda: "offset" not in telegram.calls[-1].params)
        telegram.push({"update_id": 17, "message": {}})
        await until(lambda: not telegram.queue)
    assert inbox.ids == [900_000_000, 17]


async def test_stopping_ends_a_long_wait_at_once(telegram: TelegramStandin, channel: TelegramChannel) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(poll(channel, Inbox(telegram), stop, pace=Pace(hold=600)))
    await until(lambda: any(call.method == "getUpdates" for call in telegram.calls))
    stop.set()
    async with asyncio.timeout(30):
        await task
