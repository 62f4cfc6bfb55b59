"""The whole program in this process, against the Telegram stand-in: it starts, answers, survives outages, and stops."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import ClientConnectionError, ClientSession
from sqlmodel import select

from bot.channels.telegram.webhook import SECRET_HEADER
from bot.run import Part, run
from bot.settings import Settings
from bot.standins.telegram import TelegramStandin
from bot.wiring import build, channel_states, secrets_of
from casework.clock import SystemClock
from casework.errors import InvalidInput, SetupNeeded
from storage.records import ChannelIdentity, Delivery, DeliveryState, InboxEntry, InboxStatus, Staff
from tests.ports import free_port

SECRET = "mat-khau_2026"


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin() as telegram:
        yield telegram


@pytest.fixture
def settings_for(services, telegram) -> Callable[..., Settings]:
    port = free_port()

    def make(**more: object) -> Settings:
        fields = {
            "database_url": services.database.url,
            "http_port": port,
            "telegram_token": TelegramStandin.TOKEN,
            "telegram_base_url": telegram.base_url,
            "quiet_seconds": 0.3,
            "stop_seconds": 10.0,
        } | more
        return Settings(**fields)

    return make


@pytest.fixture
def webhook_settings(settings_for) -> Settings:
    port = settings_for().http_port
    return settings_for(telegram_mode="webhook", public_url=f"http://127.0.0.1:{port}", telegram_webhook_secret=SECRET)


@asynccontextmanager
async def running(settings: Settings, *only: Part) -> AsyncIterator[asyncio.Task[None]]:
    stop = asyncio.Event()
    task = asyncio.create_task(run(settings, only=only, stop=stop))
    try:
        yield task
    finally:
        stop.set()
        async with asyncio.timeout(60):
            await task


async def until(happened: Callable[[], object], seconds: float = 60.0) -> None:
    async with asyncio.timeout(seconds):
        while not happened():  # noqa: ASYNC110 - looks at another program's state
            await asyncio.sleep(0.02)


def message(text: str, *, chat: int = 42, number: int = 1) -> dict[str, object]:
    person = {"id": chat, "is_bot": False, "first_name": "Bà Tư", "language_code": "vi"}
    date = int(dt.datetime.now(dt.UTC).timestamp())
    return {
        "message": {
            "message_id": number,
            "date": date,
            "chat": {"id": chat, "type": "private"},
            "from": person,
            "text": text,
        }
    }


async def test_a_citizen_is_answered_over_the_webhook_that_was_set(telegram, webhook_settings, services) -> None:
    async with running(webhook_settings):
        await until(lambda: telegram.webhook)
        assert await telegram.post(message("Bao giờ sửa đường thôn 5?")) == 200
        await until(lambda: telegram.texts_to(42))
    with services.reading() as work:
        assert [entry.status for entry in work.session.exec(select(InboxEntry))] == [InboxStatus.HANDLED]
        assert {row.state for row in work.session.exec(select(Delivery))} == {DeliveryState.SENT}


async def test_a_citizen_is_answered_over_polling_and_updates_nobody_understands_stop_nothing(
    telegram, settings_for, services
) -> None:
    telegram.push_raw(["not", "an", "object"])
    telegram.push({"message": {"message_id": "x", "chat": 7}})
    telegram.push(message("Xin chào"))
    async with running(settings_for()):
        await until(lambda: telegram.texts_to(42))
    with services.reading() as work:
        states = sorted(entry.status for entry in work.session.exec(select(InboxEntry)))
    assert states.count(InboxStatus.HANDLED) == 1
    assert states.count(InboxStatus.RECEIVED) == 0
    assert len(states) == 3


async def test_with_telegram_out_of_reach_the_program_starts_takes_messages_and_answers_when_it_is_back(
    telegram, webhook_settings, services
) -> None:
    await telegram.go_down()
    async with running(webhook_settings), ClientSession() as session:
        health = f"{webhook_settings.public_url}/healthz"
        await until_up(session, health)
        hook = f"{webhook_settings.public_url}/webhook/telegram"
        async with session.post(hook, json={"update_id": 5} | message("Chào"), headers={SECRET_HEADER: SECRET}) as said:
            assert said.status == 200
        await asyncio.sleep(0.5)
        await telegram.come_up()
        await until(lambda: telegram.texts_to(42))
        await until(lambda: telegram.webhook)


async def until_up(session: ClientSession, url: str) -> None:
    async with asyncio.timeout(60):
        while True:
            try:
                async with session.get(url) as response:
                    if response.status == 200:
                        return
            except ClientConnectionError:
                await asyncio.sleep(0.05)


async def test_staff_who_are_linked_get_the_staff_command_list(telegram, settings_for, services) -> None:
    account = TelegramStandin.TOKEN.partition(":")[0]
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="telegram", account=account, external_id="900"))
        work.add(
            Staff(office_id=services.office_id, name="Cán bộ", channel_identity_id=identity.id, created_at=work.now)
        )
        work.commit()
    async with running(settings_for()):
        await until(lambda: any('"chat_id": 900' in scope for scope, _ in telegram.commands))


async def test_a_process_with_only_the_outbox_sends_what_another_wrote_and_opens_no_port(
    telegram, settings_for, services
) -> None:
    account = TelegramStandin.TOKEN.partition(":")[0]
    now = SystemClock().now()
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="telegram", account=account, external_id="42"))
        work.add(
            Delivery(
                key="k", purpose="reply", channel_identity_id=identity.id, text="Chào", not_before=now, created_at=now
            )
        )
        work.commit()
    settings = settings_for()
    async with running(settings, Part.OUTBOX):
        await until(lambda: telegram.texts_to(42))
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", settings.http_port)


async def test_a_port_that_is_taken_is_named_with_what_to_do(settings_for, telegram) -> None:
    taken = int(telegram.base_url.rpartition(":")[2].partition("/")[0])
    with pytest.raises(SetupNeeded, match=f"cổng {taken}.*DOITHOAI_HTTP_PORT"):
        await run(settings_for(http_port=taken))


def test_an_empty_database_or_one_without_office_is_refused_with_what_to_do(tmp_path, bare_services) -> None:
    with pytest.raises(SetupNeeded, match="doithoai init"):
        build(Settings(database_url=f"sqlite:///{tmp_path}/empty.db"))
    assert not (tmp_path / "empty.db").exists()
    with pytest.raises(SetupNeeded, match="doithoai init"):
        build(Settings(database_url=bare_services.database.url))


def test_a_database_address_that_is_none_is_refused_without_repeating_its_password() -> None:
    with pytest.raises(InvalidInput) as refusal:
        build(Settings(database_url="postgresql+nonsense://user:geheim@host/db"))
    assert "geheim" not in str(refusal.value)


def test_start_says_which_channels_are_on_and_what_the_others_lack() -> None:
    states = {state.name: state for state in channel_states(Settings(telegram_token=TelegramStandin.TOKEN))}
    assert states["telegram"].on
    assert not states["zalo-bot"].on
    assert "DOITHOAI_ZALO_BOT_TOKEN" in states["zalo-bot"].why
    assert any("DOITHOAI_TELEGRAM_TOKEN" in state.why for state in channel_states(Settings()))


def test_all_secrets_are_known_to_the_log_also_the_token_without_its_number() -> None:
    settings = Settings(telegram_token=TelegramStandin.TOKEN, zalo_oa_app_secret="bi-mat")
    secrets = secrets_of(settings)
    assert {"bi-mat", TelegramStandin.TOKEN, TelegramStandin.TOKEN.partition(":")[2]} <= set(secrets)
