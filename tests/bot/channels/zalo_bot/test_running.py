"""The bot while it runs: webhook and polling over real HTTP, set-up that goes on until it works, the caps."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientSession
from sqlmodel import select

from bot.channels.zalo_bot.connection import connect
from bot.channels.zalo_bot.polling import Pace, poll
from bot.channels.zalo_bot.setup import ZaloBotSetup
from bot.run import run
from bot.settings import Settings
from bot.standins.zalo_bot import ZaloBotStandin
from bot.standins.zalo_faults import Fault
from casework.errors import SetupNeeded
from storage.records import ChannelIdentity, Delivery, InboxEntry, InboxStatus
from tests.ports import free_port

SECRET = "mat-khau-2026"
QUICK = Pace(hold=1, first=0.01, longest=0.05, refused=0.02, least=0.01)


async def until(happened: Callable[[], object], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - looks at another program's state
            await asyncio.sleep(0.02)


@asynccontextmanager
async def polling(channel, kept, *, store=None):
    async def keep(event):
        kept.append(event)

    stop = asyncio.Event()
    task = asyncio.create_task(poll(channel, store or keep, stop, pace=QUICK))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


# ---------------------------------------------------------------------- polling


async def test_polling_takes_the_webhook_away_and_brings_one_event_after_the_other(channel, zalo) -> None:
    zalo.webhook = {"url": "https://cu.example.vn", "secret_token": "12345678"}
    kept: list[dict[str, object]] = []
    async with polling(channel, kept):
        await until(lambda: not zalo.webhook)
        for text in ("một", "hai", "ba"):
            await zalo.says("c1", text)
        await until(lambda: len(kept) == 3)
    texts = [channel.parse(event)[0].text for event in kept]
    assert texts == ["một", "hai", "ba"]
    assert channel.trouble is None


async def test_an_idle_poll_is_no_trouble_and_faults_are_until_they_are_over(channel, zalo) -> None:
    zalo.longest_poll = 0.01
    kept: list[dict[str, object]] = []
    async with polling(channel, kept):
        await until(lambda: len(zalo.calls_of("getUpdates")) > 3)
        assert channel.trouble is None
        zalo.inject(Fault.page(502), method="getUpdates", times=3)
        zalo.inject(Fault.code(401, "Unauthorized"), method="getUpdates", times=3)
        await until(lambda: "DOITHOAI_ZALO_BOT_TOKEN" in (channel.trouble or ""))
        await until(lambda: channel.trouble is None)
        await zalo.says("c1", "vẫn nghe")
        await until(lambda: kept)


async def test_an_event_the_database_cannot_take_is_offered_again_because_zalo_will_not(channel, zalo) -> None:
    tries: list[object] = []

    async def store(event: object) -> None:
        tries.append(event)
        if len(tries) < 3:
            raise OSError("đĩa đầy")

    await zalo.says("c1", "một")
    async with polling(channel, [], store=store):
        await until(lambda: len(tries) == 3)
    assert tries[0] == tries[1] == tries[2]


async def test_when_somebody_sets_a_webhook_polling_takes_it_away_again(channel, zalo) -> None:
    kept: list[dict[str, object]] = []
    zalo.longest_poll = 0.01
    async with polling(channel, kept):
        await until(lambda: zalo.calls_of("getUpdates"))
        zalo.webhook = {"url": "https://cu.example.vn", "secret_token": "12345678"}
        await until(lambda: not zalo.webhook)


# ---------------------------------------------------------------------- set-up


async def test_set_up_goes_on_until_zalo_knows_our_address(channel, zalo) -> None:
    await zalo.go_down()
    stop = asyncio.Event()
    setup = ZaloBotSetup(
        channel, webhook_url="https://tanminh.example.vn/w", secret=SECRET, first_wait=dt.timedelta(milliseconds=20)
    )
    task = asyncio.create_task(setup.run(stop))
    await until(lambda: channel.trouble)
    await zalo.come_up()
    await until(lambda: zalo.webhook)
    await until(lambda: channel.trouble is None)
    assert zalo.webhook == {"url": "https://tanminh.example.vn/w", "secret_token": SECRET}
    assert not task.done()
    stop.set()
    await asyncio.wait_for(task, 30)


async def test_an_address_zalo_cannot_reach_is_trouble_and_tried_again(channel, zalo) -> None:
    setup = ZaloBotSetup(channel, webhook_url="https://tanminh.example.vn/w", secret=SECRET)
    zalo.inject(
        Fault.garbage('{"ok": true, "result": {"url": "x", "verification": {"ok": false, "status_code": 502}}}'),
        method="setWebhook",
    )
    assert not await setup.prepared()
    assert "DOITHOAI_PUBLIC_URL" in (channel.trouble or "")
    assert await setup.prepared()
    assert channel.trouble is None


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"public_url": "https://tanminh.example.vn"},
        {"public_url": "https://tanminh.example.vn", "zalo_bot_webhook_secret": "ngan"},
        {"zalo_bot_webhook_secret": SECRET},
    ],
)
def test_a_webhook_without_address_or_secret_is_refused_at_the_start(services, more) -> None:
    with pytest.raises(SetupNeeded):
        connect(Settings(zalo_bot_token=ZaloBotStandin.TOKEN, **more), services)


def test_without_a_token_there_is_no_bot_and_polling_needs_no_address(services) -> None:
    assert connect(Settings(), services) is None
    polled = connect(Settings(zalo_bot_token=ZaloBotStandin.TOKEN, zalo_bot_mode="polling"), services)
    assert polled is not None
    assert polled.webhook is None
    assert polled.polling is not None


# ---------------------------------------------------------------------- the whole program


@asynccontextmanager
async def running(settings: Settings):
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, stop=stop))
    try:
        yield
    finally:
        stop.set()
        async with asyncio.timeout(30):
            await task


@pytest.fixture
def settings_for(services, zalo) -> Callable[..., Settings]:
    port = free_port()

    def make(**more: object) -> Settings:
        fields = {
            "database_url": services.database.url,
            "http_port": port,
            "public_url": f"http://127.0.0.1:{port}",
            "zalo_bot_token": zalo.token,
            "zalo_bot_base_url": zalo.base_url,
            "zalo_bot_webhook_secret": SECRET,
            "zalo_bot_rate_per_second": 50.0,
            "quiet_seconds": 0.3,
        } | more
        return Settings(**fields)

    return make


async def test_a_person_is_answered_over_the_webhook_in_both_body_forms_and_only_with_the_secret(
    zalo, settings_for, services
) -> None:
    async with running(settings_for()):
        await until(lambda: zalo.webhook)
        await zalo.says("c1", "Xin chào")
        zalo.wrapped = False
        await zalo.says("c2", "Xin chào")
        await until(lambda: zalo.texts_to("c1") and zalo.texts_to("c2"))
        async with ClientSession() as session, session.post(zalo.webhook["url"], json={"a": 1}) as answer:
            assert answer.status == 403
    with services.reading() as work:
        assert [entry.status for entry in work.session.exec(select(InboxEntry))] == [InboxStatus.HANDLED] * 2


async def test_what_zalo_keeps_from_us_is_answered_with_the_way_to_a_person(zalo, settings_for) -> None:
    async with running(settings_for(zalo_bot_mode="polling")):
        await zalo.sends_unsupported("c1")
        await until(lambda: zalo.texts_to("c1"))
    (answer,) = zalo.texts_to("c1")
    assert "0950 000 001" in answer
    assert "viết" in answer


async def test_a_text_that_is_too_long_goes_out_in_parts_below_the_limit(zalo, settings_for, services) -> None:
    words = " ".join(["Đường thôn 4 sẽ được sửa xong trước Tết."] * 120)
    with services.writing() as work:
        account = zalo.token.partition(":")[0]
        identity = work.add(ChannelIdentity(channel="zalo-bot", account=account, external_id="c1"))
        work.add(
            Delivery(
                key="reply:1",
                purpose="reply",
                channel_identity_id=identity.id,
                text=words,
                not_before=work.now,
                created_at=dt.datetime.now(dt.UTC),
            )
        )
        work.commit()
    async with running(settings_for()):
        await until(lambda: " ".join(zalo.texts_to("c1")) == words)
    assert max(len(text) for text in zalo.texts_to("c1")) <= 1900
