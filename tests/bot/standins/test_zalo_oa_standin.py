"""The stand-in of the official account keeps Zalo's rules: windows, quotas, tokens, signatures, retries."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import io
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import STATE_AGENCY, ZaloOaStandin
from bot.standins.zalo_oauth import challenge_of
from bot.standins.zalo_templates import Template
from casework.clock import ManualClock

BA_TU = "4521893670011223344"
HOUR, DAY = 3600.0, 86400.0
VERIFIER = "Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0Kk1Ll2Mm3Nn4O"


class Api:
    """A plain client of the platform."""

    def __init__(self, oa: ZaloOaStandin, session: aiohttp.ClientSession) -> None:
        self.oa, self.session = oa, session
        self.token = oa.oauth.grant().access_token

    async def post(self, path: str, body: Any, **headers: str) -> Any:
        headers = {"access_token": self.token, **headers}
        async with self.session.post(f"{self.oa.base_url}{path}", json=body, headers=headers) as response:
            return await response.json()

    async def get(self, path: str, **params: str) -> Any:
        headers = {"access_token": self.token}
        async with self.session.get(f"{self.oa.base_url}{path}", params=params, headers=headers) as response:
            return await response.json()

    def move(self, clock: ManualClock, seconds: float) -> None:
        """Time passes, and the token is renewed meanwhile."""
        clock.advance(seconds)
        self.token = self.oa.oauth.grant().access_token

    async def cs(self, text: str = "Đã có trả lời.", **message: Any) -> Any:
        body = {"recipient": {"user_id": BA_TU}, "message": {"text": text, **message}}
        return await self.post("/v3.0/oa/message/cs", body)

    async def token_for(self, *, secret: str = ZaloOaStandin.APP_SECRET, **form: str) -> Any:
        data = {"app_id": self.oa.APP_ID, **form}
        url = f"{self.oa.oauth_url}/v4/oa/access_token"
        async with self.session.post(url, data=data, headers={"secret_key": secret}) as response:
            assert response.status == 200
            return await response.json()

    async def consent(self, **query: str) -> dict[str, str]:
        params = {"app_id": self.oa.APP_ID, "redirect_uri": "http://127.0.0.1/zalo/callback", **query}
        url = f"{self.oa.oauth_url}/v4/oa/permission"
        async with self.session.get(url, params=params, allow_redirects=False) as response:
            if response.status != 302:
                return {"page": await response.text()}
            return dict(URL(response.headers["Location"]).query)


@pytest.fixture
async def oa(clock: ManualClock) -> AsyncIterator[ZaloOaStandin]:
    async with ZaloOaStandin(clock=clock) as standin:
        yield standin


@pytest.fixture
async def api(oa: ZaloOaStandin) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(oa, session)


class Hook:
    """Our end of the webhook."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []

    async def receive(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        self.headers.append(dict(request.headers))
        return web.Response(status=self.status)

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
async def hook(oa: ZaloOaStandin) -> AsyncIterator[Hook]:
    hook = Hook()
    app = web.Application()
    app.router.add_post("/hook", hook.receive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    oa.caller.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield hook
    await runner.cleanup()


# ---------------------------------------------------------------------- windows


async def test_the_window_closes_by_the_hour_it_says(oa: ZaloOaStandin, api: Api, clock: ManualClock) -> None:
    assert (await api.cs())["error"] == -213
    oa.person(BA_TU)
    assert (await api.cs())["error"] == -232
    await oa.says(BA_TU, "Xin chào")
    api.move(clock, 48 * HOUR)
    assert (await api.cs())["data"]["quota"]["quota_type"] == "reply"
    clock.advance(1)
    oa.package_left = 1
    assert (await api.cs())["data"]["quota"]["quota_type"] == "sub_quota"
    assert "quota" not in (await api.cs())["data"]
    assert oa.billed_vnd == 55
    oa.account = "empty"
    assert (await api.cs())["error"] == -321
    oa.account = "none"
    assert (await api.cs())["error"] == -320
    api.move(clock, 5 * DAY)
    assert (await api.cs())["error"] == -230
    await oa.says(BA_TU, "Có ai không?")
    assert (await api.cs())["error"] == 0
    assert len(oa.messages_of(BA_TU)) == 4


async def test_following_opens_the_window_and_reading_does_not(oa: ZaloOaStandin, api: Api, clock: ManualClock) -> None:
    await oa.follows(BA_TU)
    assert (await api.cs())["data"]["quota"]["quota_type"] == "welcome_msg"
    api.move(clock, 8 * DAY)
    await oa.sees(BA_TU)
    assert (await api.cs())["error"] == -230


async def test_who_left_is_not_reached_and_a_state_agency_sends_over_the_old_address(
    oa: ZaloOaStandin, api: Api
) -> None:
    await oa.says(BA_TU, "Xin chào")
    body = {"recipient": {"user_id": BA_TU}, "message": {"text": "Chào ông/bà"}}
    assert (await api.post("/v2.0/oa/message", body))["error"] == -240
    oa.oa_type = STATE_AGENCY
    assert (await api.cs())["error"] == -235
    assert (await api.post("/v2.0/oa/message", body))["error"] == 0
    assert (await api.get("/v2.0/oa/getoa"))["data"]["oa_type"] == 4
    await oa.unfollows(BA_TU)
    assert (await api.post("/v2.0/oa/message", body))["error"] == -213


async def test_the_quota_call_says_when_the_person_last_acted(oa: ZaloOaStandin, api: Api, clock: ManualClock) -> None:
    await oa.says(BA_TU, "Xin chào")
    spoken = clock.now()
    api.move(clock, 3 * DAY)
    answer = await api.post("/v3.0/oa/quota/message", {"user_id": BA_TU})
    assert int(answer["data"]["last_interaction"]) == int(spoken.timestamp() * 1000)


# ---------------------------------------------------------------------- what may be sent


def button(title: str = "1. Có", kind: str = "oa.query.hide", payload: Any = "k:1") -> dict[str, Any]:
    return {"title": title, "type": kind, "payload": payload}


def with_buttons(*buttons: Any, **more: Any) -> dict[str, Any]:
    return {"attachment": {"type": "template", "payload": {"buttons": list(buttons), **more}}}


@pytest.mark.parametrize(
    ("text", "message", "error"),
    [
        ("x" * 2000, {}, 0),
        ("x" * 2001, {}, -210),
        ("", {}, -201),
        ("Hỏi", with_buttons(*[button()] * 5), 0),
        ("Hỏi", with_buttons(button(), template_type="button"), 0),
        ("Hỏi", with_buttons(*[button()] * 6), -201),
        ("Hỏi", with_buttons(button(title="x" * 101)), -210),
        ("Hỏi", with_buttons(button(payload="x" * 1001)), -201),
        ("Hỏi", with_buttons(button(), button(kind="oa.unheard.of")), -201),
        ("Hỏi", with_buttons(button(kind="oa.open.url", payload={"url": "https://a.vn/a/1"})), 0),
        ("Hỏi", with_buttons(button(kind="oa.open.url", payload="https://a.vn/a/1")), -201),
        ("Hỏi", with_buttons(template_type="carousel"), -201),
        ("Trích", {"quote_message_id": "123"}, -201),
        ("", {"attachment": {"type": "file", "payload": {"token": "unknown"}}}, -100),
    ],
)
async def test_a_message_is_taken_whole_or_refused_whole(
    oa: ZaloOaStandin, api: Api, text: str, message: dict[str, Any], error: int
) -> None:
    await oa.says(BA_TU, "Xin chào")
    assert (await api.cs(text, **message))["error"] == error
    assert len(oa.messages_of(BA_TU)) == (error == 0)


async def test_an_uploaded_file_can_be_sent_for_seven_days(oa: ZaloOaStandin, api: Api, clock: ManualClock) -> None:
    async def upload(kind: str, name: str, data: bytes) -> Any:
        form = aiohttp.FormData()
        form.add_field("file", io.BytesIO(data), filename=name)
        url = f"{oa.base_url}/v2.0/oa/upload/{kind}"
        async with api.session.post(url, data=form, headers={"access_token": api.token}) as response:
            return await response.json()

    assert (await upload("image", "a.png", b"x" * 1024 * 1024))["data"]["attachment_id"]
    assert (await upload("image", "a.png", b"x" * (1024 * 1024 + 1)))["error"] == -201
    assert (await upload("file", "a.exe", b"x"))["error"] == -201
    token = (await upload("file", "cong-van.pdf", b"%PDF"))["data"]["token"]
    await oa.says(BA_TU, "Xin chào")
    file = {"attachment": {"type": "file", "payload": {"token": token}}}
    assert (await api.cs("", **file))["error"] == 0
    api.move(clock, 7 * DAY + 1)
    await oa.says(BA_TU, "Cho xem lại")
    assert (await api.cs("", **file))["error"] == -100


async def test_a_form_goes_to_a_user_id_after_forty_days_and_is_billed(
    oa: ZaloOaStandin, api: Api, clock: ManualClock
) -> None:
    oa.templates["301"] = Template(template_id="301", text="Kiến nghị <ma> đã có kết quả", params={"ma": 10})
    await oa.says(BA_TU, "Xin chào")
    api.move(clock, 40 * DAY)

    async def send(template_id: str = "301", **data: str) -> Any:
        body = {"user_id": BA_TU, "template_id": template_id, "template_data": data}
        return await api.post("/v3.0/oa/message/template", body)

    assert (await send(ma="K7P2QX"))["data"]["message_id"] == oa.messages_of(BA_TU)[-1].message_id
    assert oa.texts_to(BA_TU) == ["Kiến nghị K7P2QX đã có kết quả"]
    assert oa.billed_vnd == 210
    for refused in (await send(), await send(ma="x" * 11), await send("999", ma="K7P2QX"), await send(ma="a", la="b")):
        assert refused["error"] == -201
    oa.templates["302"] = Template(template_id="302", text="…", by_uid=False)
    assert (await send("302"))["error"] == -249
    oa.blocks(BA_TU, -244)
    assert (await send(ma="K7P2QX"))["error"] == -244


# ---------------------------------------------------------------------- tokens


async def test_a_code_is_exchanged_once_with_its_verifier_within_ten_minutes(api: Api, clock: ManualClock) -> None:
    asked = {"code_challenge": challenge_of(VERIFIER), "state": "xyz"}
    back = await api.consent(**asked)
    assert (back["oa_id"], back["state"]) == (api.oa.OA_ID, "xyz")
    wanted = {"grant_type": "authorization_code", "code_verifier": VERIFIER}
    pair = await api.token_for(code=back["code"], **wanted)
    assert pair["expires_in"] == "90000"
    assert "access_token" not in await api.token_for(code=back["code"], **wanted)
    other = await api.consent(**asked)
    assert (await api.token_for(code=other["code"], **wanted | {"code_verifier": "x" * 43}))["error"] < -14000
    assert "error" in await api.token_for(code=(await api.consent(**asked))["code"], secret="khac", **wanted)
    late = await api.consent(**asked)
    clock.advance(600)
    assert (await api.token_for(code=late["code"], **wanted))["error_name"]


async def test_the_consent_page_takes_the_registered_callback_only(api: Api) -> None:
    api.oa.oauth.callback_url = "https://doithoai.example.vn/zalo/callback"
    assert (await api.consent())["page"].startswith("-14003")
    assert "code" in await api.consent(redirect_uri="https://doithoai.example.vn/zalo/callback")


async def test_a_refresh_token_works_once_and_kills_the_old_access_token(
    oa: ZaloOaStandin, api: Api, clock: ManualClock
) -> None:
    assert oa.oauth.current is not None
    first = oa.oauth.current.refresh_token
    pair = await api.token_for(grant_type="refresh_token", refresh_token=first)
    assert (await api.token_for(grant_type="refresh_token", refresh_token=first))["error"] == -14014
    assert (await api.get("/v2.0/oa/getoa"))["error"] == -216
    api.token = pair["access_token"]
    assert (await api.get("/v2.0/oa/getoa"))["error"] == 0
    clock.advance(25 * HOUR)
    assert (await api.get("/v2.0/oa/getoa"))["error"] == -220
    clock.advance(90 * DAY)
    dead = await api.token_for(grant_type="refresh_token", refresh_token=pair["refresh_token"])
    assert dead["error"] == -14014
    oa.oauth.revoke()
    assert (await api.get("/v2.0/oa/getoa"))["error"] == -223


async def test_a_lost_answer_to_a_refresh_has_used_the_token_up(oa: ZaloOaStandin, api: Api) -> None:
    assert oa.oauth.current is not None
    first = oa.oauth.current.refresh_token
    oa.inject(Fault.lost_reply(), method="token")
    with pytest.raises(aiohttp.ClientError):
        await api.token_for(grant_type="refresh_token", refresh_token=first)
    assert (await api.token_for(grant_type="refresh_token", refresh_token=first))["error"] == -14014


async def test_calls_are_counted_by_the_minute(oa: ZaloOaStandin, api: Api, clock: ManualClock) -> None:
    oa.rate_limit = 2
    assert [(await api.get("/v2.0/oa/getoa"))["error"] for _ in range(3)] == [0, 0, -32]
    clock.advance(60)
    url, headers = f"{oa.base_url}/v2.0/oa/getoa", {"access_token": api.token}
    async with api.session.get(url, headers=headers) as response:
        assert (response.headers["X-RateLimit-Limit"], response.headers["X-RateLimit-Remain"]) == ("2", "1")


# ---------------------------------------------------------------------- faults


async def test_each_fault_does_what_it_says(oa: ZaloOaStandin, api: Api) -> None:
    await oa.says(BA_TU, "Xin chào")
    oa.inject(Fault.code(-211), method="cs", recipient=BA_TU)
    assert (await api.cs())["error"] == -211
    for fault, delivered in ((Fault.cut_before(), 0), (Fault.lost_reply(), 1)):
        oa.inject(fault, method="cs")
        with pytest.raises(aiohttp.ClientError):
            await api.cs()
        assert len(oa.messages_of(BA_TU)) == delivered
    oa.inject(Fault.page(502, delivers=True), method="cs")
    with pytest.raises(aiohttp.ContentTypeError):
        await api.cs()
    oa.inject(Fault.garbage(), method="cs")
    with pytest.raises(json.JSONDecodeError):
        await api.cs()
    oa.inject(Fault.silent(), method="cs")
    unanswered = asyncio.create_task(api.cs())
    async with asyncio.timeout(30):
        while len(oa.messages_of(BA_TU)) < 4:  # noqa: ASYNC110 - the stand-in has no event for it
            await asyncio.sleep(0.01)
    assert not unanswered.done()
    unanswered.cancel()
    await oa.go_down()
    with pytest.raises(aiohttp.ClientConnectorError):
        await api.cs()
    await oa.come_up()
    oa.inject(Fault.code(-200), times=None)
    oa.heal()
    assert (await api.cs())["error"] == 0


# ---------------------------------------------------------------------- webhook


@pytest.mark.parametrize(("signs_with", "prefix"), [("app", True), ("app", False), ("oa", True)])
async def test_events_are_signed_over_their_raw_bytes(
    oa: ZaloOaStandin, hook: Hook, signs_with: str, prefix: bool
) -> None:
    oa.caller.signs_with, oa.caller.mac_prefix = signs_with, prefix
    await oa.says(BA_TU, "Đèn hỏng")
    first = oa.APP_ID if signs_with == "app" else oa.OA_ID
    event = hook.events[0]
    whole = first.encode() + hook.bodies[0] + event["timestamp"].encode() + oa.SECRET_KEY.encode()
    right = ("mac=" if prefix else "") + hashlib.sha256(whole).hexdigest()
    assert hook.headers[0]["X-ZEvent-Signature"] == right
    assert event["message"]["text"] == "Đèn hỏng"
    assert event["sender"] == {"id": BA_TU}


async def test_it_comes_again_five_times_and_then_gives_up(oa: ZaloOaStandin, hook: Hook, clock: ManualClock) -> None:
    hook.status = 503
    await oa.says(BA_TU, "Xin chào")
    for wait in (30, 300, 900, 1800, 3600):
        clock.advance(wait - 1)
        assert await oa.caller.retry_due() == 0
        assert oa.caller.subscribed
        clock.advance(1)
        assert await oa.caller.retry_due() == 1
    assert len(set(hook.bodies)) == 1
    assert [headers.get("num_retry") for headers in hook.headers] == [None, "1", "2", "3", "4", "5"]
    assert not oa.caller.subscribed
    await oa.says(BA_TU, "Có ai không?")
    assert len(hook.bodies) == 6
    assert len(oa.caller.lost) == 1


async def test_an_answer_it_did_not_hear_brings_the_event_again(
    oa: ZaloOaStandin, hook: Hook, clock: ManualClock
) -> None:
    oa.caller.deaf_for, oa.caller.duplicates = 1, 0
    await oa.says(BA_TU, "Xin chào")
    clock.advance(30)
    await oa.caller.retry_due()
    clock.advance(7200)
    assert await oa.caller.retry_due() == 0
    assert len(hook.bodies) == 2


async def test_people_act_and_the_webhook_is_told(oa: ZaloOaStandin, api: Api, hook: Hook) -> None:
    await oa.follows(BA_TU)
    await oa.chats_now(BA_TU)
    await oa.sends_image(BA_TU, b"\xff\xd8\xff", text="Đây ạ")
    await oa.sends_file(BA_TU, "don.pdf", b"%PDF")
    await oa.sends_audio(BA_TU, b"#!AMR")
    await oa.sends_sticker(BA_TU)
    await oa.shares_location(BA_TU, 19.8, 105.77)
    await oa.submits_info(BA_TU, name="Bà Tư", phone="84950000001")
    await oa.unfollows(BA_TU)
    await oa.withdraws(BA_TU)
    assert [event["event_name"] for event in hook.events] == [
        "follow",
        "user_click_chatnow",
        "user_send_image",
        "user_send_file",
        "user_send_audio",
        "user_send_sticker",
        "user_send_location",
        "user_submit_info",
        "unfollow",
        "user_withdraw",
    ]
    assert all(isinstance(event["timestamp"], str) and event["app_id"] == oa.APP_ID for event in hook.events)
    image = hook.events[2]["message"]["attachments"][0]["payload"]["url"]
    async with api.session.get(image) as response:
        assert await response.read() == b"\xff\xd8\xff"


async def test_a_tap_writes_the_buttons_payload_and_opening_a_page_is_no_act(
    oa: ZaloOaStandin, api: Api, hook: Hook, clock: ManualClock
) -> None:
    await oa.says(BA_TU, "Xin chào")
    link = button("Xem", "oa.open.url", {"url": "https://a.vn/a/1"})
    await api.cs("Gửi đi chứ?", **with_buttons(button("1. Đúng", payload="c:1:1"), link))
    await oa.taps(BA_TU, "Đúng")
    assert hook.events[-1]["message"]["text"] == "c:1:1"
    acted = clock.now()
    clock.advance(60)
    assert await oa.taps(BA_TU, "Xem") == "https://a.vn/a/1"
    assert oa.person(BA_TU).last_interaction == acted
    with pytest.raises(LookupError):
        await oa.taps(BA_TU, "Không có nút này")


async def test_echoes_receipts_and_a_colleague_at_the_console(
    oa: ZaloOaStandin, api: Api, hook: Hook, clock: ManualClock
) -> None:
    oa.receipts = True
    await oa.says(BA_TU, "Xin chào")
    sent = (await api.cs("Chào ông/bà"))["data"]["message_id"]
    assert await oa.deliver() == 2
    echo, receipt = hook.events[-2:]
    assert (echo["event_name"], echo["message"]["msg_id"]) == ("oa_send_text", sent)
    assert "admin_id" not in echo["sender"]
    assert (receipt["event_name"], receipt["sender"]["id"]) == ("user_received_message", oa.OA_ID)
    assert await oa.sees(BA_TU) == [sent]
    assert hook.events[-1]["message"]["msg_ids"] == [sent]
    api.move(clock, 300 * DAY)
    await oa.console_types(BA_TU, "Xã đã sửa đèn rồi bác nhé.")
    assert hook.events[-1]["sender"]["admin_id"]
    assert oa.texts_to(BA_TU)[-1] == "Xã đã sửa đèn rồi bác nhé."
    api.move(clock, 66 * DAY)
    with pytest.raises(PermissionError):
        await oa.console_types(BA_TU, "Quá muộn")


async def test_when_live_echoes_arrive_by_themselves(oa: ZaloOaStandin, api: Api, hook: Hook) -> None:
    oa.live = True
    await oa.says(BA_TU, "Xin chào")
    await api.cs()
    async with asyncio.timeout(30):
        while len(hook.bodies) < 2:  # noqa: ASYNC110 - the platform calls by itself
            await asyncio.sleep(0.01)
    assert hook.events[1]["event_name"] == "oa_send_text"


async def test_profile_and_start_time_are_told_as_text(oa: ZaloOaStandin, api: Api, clock: ManualClock) -> None:
    await oa.follows(BA_TU)
    detail = await api.get("/v3.0/oa/user/detail", data=json.dumps({"user_id": BA_TU}))
    assert detail["data"]["user_is_follower"] is True
    assert detail["data"]["user_last_interaction_date"] == f"{clock.now():%d/%m/%Y}"
    assert dt.datetime.fromtimestamp(int((await api.cs())["data"]["sent_time"]) / 1000, dt.UTC) == clock.now()
