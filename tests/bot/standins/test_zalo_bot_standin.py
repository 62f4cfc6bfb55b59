"""The stand-in of the Zalo Bot Platform: one update at a time, both webhook bodies, caps."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.standins.zalo_bot import ZaloBotStandin
from bot.standins.zalo_faults import Fault
from casework.clock import ManualClock

BA_TU, ONG_BAY = "3f1e0a4c5b", "9a2b4c6d8e"


@pytest.fixture
async def bot(clock: ManualClock) -> AsyncIterator[ZaloBotStandin]:
    async with ZaloBotStandin(clock=clock) as standin:
        standin.longest_poll = 0.02
        yield standin


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def ask(bot: ZaloBotStandin, session: aiohttp.ClientSession, method: str, **params: Any) -> Any:
    async with session.post(f"{bot.base_url}/bot{bot.token}/{method}", json=params) as response:
        return await response.json()


async def test_updates_come_one_at_a_time_and_an_idle_poll_ends_with_408(
    bot: ZaloBotStandin, session: aiohttp.ClientSession
) -> None:
    await bot.says(BA_TU, "một")
    await bot.says(BA_TU, "hai")
    texts = [(await ask(bot, session, "getUpdates"))["result"]["message"]["text"] for _ in range(2)]
    assert texts == ["một", "hai"]
    assert (await ask(bot, session, "getUpdates"))["error_code"] == 408


@pytest.mark.parametrize("wrapped", [True, False])
async def test_the_webhook_gets_both_forms_with_its_secret(
    bot: ZaloBotStandin, session: aiohttp.ClientSession, wrapped: bool
) -> None:
    got: list[tuple[str, Any]] = []

    async def receive(request: web.Request) -> web.Response:
        got.append((request.headers["X-Bot-Api-Secret-Token"], await request.json()))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    assert (await ask(bot, session, "setWebhook", url="http://xa.vn/hook", secret_token="x" * 8))["error_code"] == 400
    assert (await ask(bot, session, "setWebhook", url=url, secret_token="ngan"))["error_code"] == 400
    assert (await ask(bot, session, "setWebhook", url=url, secret_token="du-tam-ky-tu"))["ok"]
    assert (await ask(bot, session, "getUpdates"))["error_code"] == 400
    bot.wrapped = wrapped
    await bot.sends_unsupported(BA_TU)
    await runner.cleanup()
    secret, body = got[0]
    event = body["result"] if wrapped else body
    assert secret == "du-tam-ky-tu"
    assert event["event_name"] == "message.unsupported.received"
    assert event["message"]["chat"] == {"id": BA_TU, "chat_type": "PRIVATE"}


async def test_what_is_sent_is_on_the_phone_as_long_as_the_caps_allow(
    bot: ZaloBotStandin, session: aiohttp.ClientSession, clock: ManualClock
) -> None:
    bot.people_limit, bot.messages_per_month = 1, 2
    await bot.says(BA_TU, "Xin chào")
    await bot.says(ONG_BAY, "Xin chào")
    assert (await ask(bot, session, "sendMessage", chat_id=BA_TU, text="Chào bà"))["ok"]
    assert (await ask(bot, session, "sendMessage", chat_id=BA_TU, text="x" * 2001))["error_code"] == 400
    assert (await ask(bot, session, "sendMessage", chat_id=ONG_BAY, text="Chào ông"))["error_code"] == 429
    assert (await ask(bot, session, "sendPhoto", chat_id=BA_TU, photo="https://a.vn/a.jpg"))["ok"]
    assert (await ask(bot, session, "sendMessage", chat_id=BA_TU, text="Nữa"))["error_code"] == 429
    clock.advance(dt.timedelta(days=30).total_seconds())
    assert (await ask(bot, session, "sendMessage", chat_id=BA_TU, text="Sang tháng"))["ok"]
    assert bot.texts_to(BA_TU) == ["Chào bà", "", "Sang tháng"]
    bot.blocks(BA_TU)
    assert (await ask(bot, session, "sendMessage", chat_id=BA_TU, text="Nữa"))["error_code"] == 403


async def test_tokens_methods_and_faults(bot: ZaloBotStandin, session: aiohttp.ClientSession) -> None:
    assert (await ask(bot, session, "getMe"))["result"]["id"] == bot.token.partition(":")[0]
    assert (await ask(bot, session, "sendDocument"))["error_code"] == 404
    async with session.post(f"{bot.base_url}/bot1:la/getMe", json={}) as response:
        assert (await response.json())["error_code"] == 401
    bot.inject(Fault.code(403, "Internal server error"), method="sendMessage", recipient=BA_TU)
    bot.refuses_with_200 = False
    async with session.post(f"{bot.base_url}/bot{bot.token}/sendMessage", data={"chat_id": BA_TU}) as response:
        assert response.status == 403
    bot.inject(Fault.lost_reply(), method="sendMessage")
    with pytest.raises(aiohttp.ClientError):
        await ask(bot, session, "sendMessage", chat_id=BA_TU, text="Chào bà")
    assert bot.texts_to(BA_TU) == ["Chào bà"]
