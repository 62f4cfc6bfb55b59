"""The stand-in of the template service by phone number: template checks, quotas, numbers that cannot be reached."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from bot.standins.zalo_oa import ZaloOaStandin
from bot.standins.zalo_templates import Template
from bot.standins.zalo_zbs import ZaloZbsStandin
from casework.clock import ManualClock

PHONE = "84950000001"


@pytest.fixture
async def oa(clock: ManualClock) -> AsyncIterator[ZaloOaStandin]:
    async with ZaloOaStandin(clock=clock) as standin:
        yield standin


@pytest.fixture
async def zbs(oa: ZaloOaStandin) -> AsyncIterator[ZaloZbsStandin]:
    async with ZaloZbsStandin(oa) as standin:
        standin.templates["301"] = Template(
            template_id="301", text="Kiến nghị <ma>: <ket_qua>", params={"ma": 10, "ket_qua": 30}
        )
        standin.templates["302"] = Template(template_id="302", text="…", by_day_only=True)
        standin.templates["303"] = Template(template_id="303", text="…", status="PENDING_REVIEW")
        yield standin


async def send(zbs: ZaloZbsStandin, *, path: str = "/message/template", **more: Any) -> Any:
    body = {
        "phone": PHONE,
        "template_id": "301",
        "template_data": {"ma": "K7P2QX", "ket_qua": "đã có trả lời"},
        "tracking_id": "17",
        **more,
    }
    token = zbs.oa.oauth.current.access_token if zbs.oa.oauth.current else ""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{zbs.base_url}{path}", json=body, headers={"access_token": token}) as response,
    ):
        return await response.json()


async def read(zbs: ZaloZbsStandin, path: str, **params: str) -> Any:
    token = zbs.oa.oauth.grant().access_token
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{zbs.base_url}{path}", params=params, headers={"access_token": token}) as response,
    ):
        return await response.json()


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({}, 0),
        ({"phone": "+84950000001"}, 0),
        ({"phone": "0950000001"}, -108),
        ({"tracking_id": "x" * 49}, -121),
        ({"tracking_id": None}, -121),
        ({"sending_mode": "2"}, -161),
        ({"template_id": "999"}, -109),
        ({"template_id": "303", "template_data": {}}, -131),
        ({"template_data": {"ma": "K7P2QX"}}, -1121),
        ({"template_data": {"ma": "x" * 11, "ket_qua": "có"}}, -1122),
        ({"template_data": {"ma": 5, "ket_qua": "có"}}, -1124),
        ({"template_data": {"ma": "K7", "ket_qua": "có", "la": "x"}}, -112),
        ({"mode": "development"}, -126),
    ],
)
async def test_a_form_is_checked_before_it_goes_out(
    oa: ZaloOaStandin, zbs: ZaloZbsStandin, change: dict[str, Any], error: int
) -> None:
    oa.oauth.grant()
    assert (await send(zbs, **change))["error"] == error
    assert zbs.texts_to(PHONE) == (["Kiến nghị K7P2QX: đã có trả lời"] if error == 0 else [])


@pytest.mark.parametrize("error", [-114, -118, -119, -139, -140, -141])
async def test_a_number_may_be_out_of_reach(oa: ZaloOaStandin, zbs: ZaloZbsStandin, error: int) -> None:
    oa.oauth.grant()
    zbs.numbers_refused[PHONE] = error
    assert (await send(zbs))["error"] == error


async def test_night_quota_money_and_tokens(oa: ZaloOaStandin, zbs: ZaloZbsStandin, clock: ManualClock) -> None:
    assert (await send(zbs))["error"] == -124
    oa.oauth.grant()
    zbs.daily_quota = 1
    assert (await send(zbs))["data"]["quota"] == {"dailyQuota": "1", "remainingQuota": "0"}
    assert oa.billed_vnd == 300
    assert (await send(zbs))["error"] == -144
    clock.advance(14 * 3600)
    night: dict[str, Any] = {"template_id": "302", "template_data": {}}
    assert (await send(zbs, **night))["error"] == -133
    clock.advance(10 * 3600)
    assert (await send(zbs, **night))["error"] == 0
    clock.advance(24 * 3600)
    oa.oauth.grant()
    for account, error in (("empty", -115), ("none", -136)):
        oa.account = account
        assert (await send(zbs))["error"] == error


async def test_what_is_known_of_forms_messages_and_hashes(oa: ZaloOaStandin, zbs: ZaloZbsStandin) -> None:
    info = (await read(zbs, "/template/info/v2", template_id="301"))["data"]
    assert [param["name"] for param in info["listParams"]] == ["ma", "ket_qua"]
    assert (info["price_sdt"], info["price_uid"], info["status"]) == (300, 210, "ENABLE")
    assert (await read(zbs, "/template/all"))["metadata"]["total"] == 3
    sent = (await send(zbs))["data"]["msg_id"]
    assert (await read(zbs, "/message/status", message_id=sent))["data"]["status"] == 1
    hashed = hashlib.sha256(PHONE.encode()).hexdigest()
    again = await send(zbs, path="/message/template/hashphone", hash_phone=hashed)
    assert again["error"] == 0


async def test_delivery_is_told_with_our_own_number(oa: ZaloOaStandin, zbs: ZaloZbsStandin) -> None:
    got: list[Any] = []

    async def receive(request: web.Request) -> web.Response:
        got.append(await request.json())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    oa.caller.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    oa.oauth.grant()
    await send(zbs)
    assert await zbs.receives(PHONE) == 1
    await runner.cleanup()
    assert got[0]["recipient"] == {"id": PHONE}
    assert got[0]["message"]["tracking_id"] == "17"
