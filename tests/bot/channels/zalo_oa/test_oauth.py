"""Connecting the official account: link, callback page, pasted code, and every way it can go wrong."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from bot.channels.zalo_oa import oauth
from bot.channels.zalo_oa.oauth import Pasted, read_pasted
from bot.channels.zalo_oa.oauth_client import (
    USUAL_LIFE,
    NotNow,
    Unclear,
    challenge_of,
    code_of,
    life_of,
    proof_of,
)
from bot.channels.zalo_oa.tokens import NotConnected
from bot.settings import Settings
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import STATE_AGENCY, ZaloOaStandin
from bot.wiring import build
from casework.clock import ManualClock
from casework.errors import Forbidden, InvalidInput, SetupNeeded
from casework.usecases.office import zalo_grant
from casework.usecases.office.zalo_grant import ConsentRefused
from casework.usecases.work import Services
from storage.records import Role, ZaloGrant
from tests.casework.factories import make_staff

PUBLIC = "https://doithoai.example.vn"
Page = TestClient[web.Request, web.Application]


@pytest.fixture
async def oa(clock: ManualClock) -> AsyncIterator[ZaloOaStandin]:
    async with ZaloOaStandin(clock=clock) as standin:
        yield standin


def settings_for(oa: ZaloOaStandin, **more: Any) -> Settings:
    return Settings(
        **{
            "public_url": PUBLIC,
            "zalo_oa_app_id": oa.APP_ID,
            "zalo_oa_app_secret": oa.APP_SECRET,
            "zalo_oa_oauth_url": oa.oauth_url,
            "zalo_oa_base_url": oa.base_url,
            **more,
        }
    )


@pytest.fixture
def settings(oa: ZaloOaStandin) -> Settings:
    return settings_for(oa)


@pytest.fixture
def admin(services: Services) -> int:
    return make_staff(services, Role.ADMIN)


@pytest.fixture
async def page(settings: Settings, services: Services) -> AsyncIterator[Page]:
    app = web.Application()
    oauth.pages(settings, services)(app)
    async with TestClient(TestServer(app)) as client:
        yield client


async def agree(link: str) -> str:
    """An admin of the account opens the link and agrees; the address the browser is sent to."""
    async with aiohttp.ClientSession() as browser, browser.get(link, allow_redirects=False) as response:
        return response.headers["Location"]


async def come_back(page: Page, address: str) -> tuple[int, str]:
    parts = urlsplit(address)
    async with page.get(f"{parts.path}?{parts.query}") as response:
        return response.status, await response.text()


def row(services: Services) -> ZaloGrant:
    with services.reading() as work:
        return work.session.exec(select(ZaloGrant)).one()


# ---------------------------------------------------------------------- the way it should go


async def test_the_consent_comes_back_to_our_page_and_the_account_is_known(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, page: Page
) -> None:
    oa.oa_type = STATE_AGENCY
    status, text = await come_back(page, await agree(oauth.begin(settings, services, admin)))
    assert (status, oa.name in text) == (200, True)
    kept = row(services)
    assert oa.oauth.current is not None
    assert (kept.access_token, kept.refresh_token) == (oa.oauth.current.access_token, oa.oauth.current.refresh_token)
    assert (kept.oa_id, kept.oa_name, kept.oa_type, kept.package) == (oa.OA_ID, oa.name, 4, "Growth")
    assert (kept.pending_state, kept.pending_verifier, kept.pending_at) == (None, None, None)


def test_the_link_holds_what_zalo_asks_for_and_no_secret(services: Services, admin: int) -> None:
    settings = Settings(public_url=PUBLIC + "/", zalo_oa_app_id="12", zalo_oa_app_secret="bi-mat")
    link = oauth.begin(settings, services, admin)
    query = parse_qs(urlsplit(link).query)
    kept = row(services)
    assert link.startswith("https://oauth.zaloapp.com/v4/oa/permission?")
    assert query == {
        "app_id": ["12"],
        "redirect_uri": [PUBLIC + "/zalo/callback"],
        "code_challenge": [challenge_of(kept.pending_verifier or "")],
        "state": [kept.pending_state],
    }
    assert "bi-mat" not in link
    assert (kept.pending_verifier or "") not in link


def test_the_verifier_is_43_capitals_small_letters_and_digits(services: Services) -> None:
    made = {oauth.verifier_of(Settings(), services) for _ in range(50)}
    assert len(made) == 50
    for verifier in made:
        assert re.fullmatch(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{43}", verifier or "")


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B
    assert challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


async def test_a_pasted_address_and_a_pasted_code_connect_as_well(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int
) -> None:
    address = await agree(oauth.begin(settings, services, admin))
    grant = await oauth.finish(settings, services, read_pasted(f"  {address}\n"), staff_id=admin)
    assert grant.oa_name == oa.name
    code = parse_qs(urlsplit(await agree(oauth.begin(settings, services, admin))).query)["code"][0]
    grant = await oauth.finish(settings, services, read_pasted(code), staff_id=admin)
    assert grant.access_token == (oa.oauth.current and oa.oauth.current.access_token)


@pytest.mark.parametrize("way", ["fixed", "none"])
async def test_pkce_is_done_as_the_console_wants_it(
    services: Services, oa: ZaloOaStandin, admin: int, way: str
) -> None:
    verifier = "Ab1" * 14 + "x"
    settings = settings_for(oa, zalo_oa_pkce=way, zalo_oa_pkce_verifier=verifier if way == "fixed" else None)
    oa.oauth.fixed_challenge = oauth.challenge(settings)
    link = oauth.begin(settings, services, admin)
    assert ("code_challenge" in link) == (way == "fixed")
    await oauth.finish(settings, services, read_pasted(await agree(link)))
    assert ("code_verifier" in oa.calls_of("token")[0].params) == (way == "fixed")


async def test_a_pair_per_request_fails_where_the_console_holds_a_fixed_one_and_the_page_says_where_to_look(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int
) -> None:
    oa.oauth.fixed_challenge = challenge_of("another")
    with pytest.raises(NotConnected) as said:
        await oauth.finish(settings, services, read_pasted(await agree(oauth.begin(settings, services, admin))))
    assert "PKCE" in said.value.todo


async def test_the_proof_goes_with_the_call_when_the_app_asks_for_it(
    services: Services, oa: ZaloOaStandin, admin: int
) -> None:
    oa.wants_proof = True
    for with_proof in (False, True):
        settings = settings_for(oa, zalo_oa_appsecret_proof=with_proof)
        grant = await oauth.finish(settings, services, read_pasted(await agree(oauth.begin(settings, services, admin))))
        assert (grant.oa_name == oa.name) is with_proof


async def test_connecting_again_replaces_the_tokens_and_ends_the_trouble(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int
) -> None:
    await oauth.finish(settings, services, read_pasted(await agree(oauth.begin(settings, services, admin))))
    tokens = oauth.tokens_of(settings, services)
    await tokens.pin("/v2.0/oa/message")
    oa.oauth.revoke()
    with pytest.raises(NotConnected):
        await tokens.renewed(await tokens.current())
    await oauth.finish(settings, services, read_pasted(await agree(oauth.begin(settings, services, admin))))
    assert tokens.trouble() == ""
    assert await tokens.current() == (oa.oauth.current and oa.oauth.current.access_token)
    assert tokens.send_path == "/v2.0/oa/message"


async def test_another_official_account_has_its_own_sending_endpoint(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int
) -> None:
    await oauth.finish(settings, services, read_pasted(await agree(oauth.begin(settings, services, admin))))
    zalo_grant.pin_send_path(services, oa.APP_ID, "/v2.0/oa/message")
    other = zalo_grant.Account(oa_id="99", name="Trang khác", oa_type=2, package=None)
    zalo_grant.keep_account(services, oa.APP_ID, other)
    assert row(services).send_path is None


async def test_an_account_that_cannot_be_asked_who_it_is_is_connected_all_the_same(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, page: Page
) -> None:
    oa.inject(Fault.page(502), method="getoa")
    status, text = await come_back(page, await agree(oauth.begin(settings, services, admin)))
    assert (status, row(services).oa_name) == (200, None)
    assert "Đã nối" in text


# ---------------------------------------------------------------------- the ways it should not go


async def test_a_strangers_state_is_refused_and_does_not_spoil_the_open_consent(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, page: Page
) -> None:
    address = await agree(oauth.begin(settings, services, admin))
    assert (await come_back(page, "/zalo/callback?code=abc&state=wrong"))[0] == 400
    assert oa.calls_of("token") == []
    assert (await come_back(page, address))[0] == 200


async def test_strangers_who_call_the_page_do_not_take_the_right_to_write(
    services: Services, settings: Settings, admin: int, page: Page
) -> None:
    oauth.begin(settings, services, admin)
    with services.writing() as work:
        work.session.add(ZaloGrant(account="elsewhere"))
        work.session.flush()
        async with asyncio.timeout(15):
            assert (await come_back(page, "/zalo/callback?code=abc&state=wrong"))[0] == 400


async def test_a_consent_can_be_finished_once(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, page: Page
) -> None:
    address = await agree(oauth.begin(settings, services, admin))
    await come_back(page, address)
    first = row(services).access_token
    status, text = await come_back(page, address)
    assert (status, row(services).access_token) == (400, first)
    assert "đã dùng rồi" in text
    assert len(oa.calls_of("token")) == 1


async def test_a_consent_older_than_ten_minutes_is_refused(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, clock: ManualClock
) -> None:
    address = await agree(oauth.begin(settings, services, admin))
    clock.advance(601)
    with pytest.raises(ConsentRefused, match="10 phút"):
        await oauth.finish(settings, services, read_pasted(address))
    assert oa.calls_of("token") == []


async def test_a_newer_link_makes_the_older_one_worthless(services: Services, settings: Settings, admin: int) -> None:
    older = await agree(oauth.begin(settings, services, admin))
    oauth.begin(settings, services, admin)
    with pytest.raises(ConsentRefused):
        await oauth.finish(settings, services, read_pasted(older))


async def test_a_code_without_its_state_is_taken_from_an_admin_at_the_command_line_only(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int
) -> None:
    oauth.begin(settings, services, admin)
    with pytest.raises(ConsentRefused):
        await oauth.finish(settings, services, Pasted(code="abc", state=None))
    with pytest.raises(Forbidden):
        clerk = make_staff(services, Role.MODERATOR)
        await oauth.finish(settings, services, Pasted(code="abc", state=None), staff_id=clerk)
    assert oa.calls_of("token") == []


def test_only_an_admin_opens_a_consent(services: Services, settings: Settings) -> None:
    with pytest.raises(Forbidden):
        oauth.begin(settings, services, make_staff(services, Role.MODERATOR))


async def test_the_account_of_another_office_is_not_connected(
    services: Services, oa: ZaloOaStandin, admin: int
) -> None:
    settings = settings_for(oa, zalo_oa_id="1234")
    with pytest.raises(InvalidInput, match="OA khác"):
        await oauth.finish(settings, services, read_pasted(await agree(oauth.begin(settings, services, admin))))
    pair = oa.oauth.grant()
    with pytest.raises(InvalidInput, match="OA khác"):
        await oauth.take_pair(settings, services, pair.access_token, pair.refresh_token, staff_id=admin)
    assert oa.calls_of("token") == []
    assert row(services).access_token is None


async def test_the_running_program_serves_the_page_and_keeps_the_token_fresh(
    services: Services, oa: ZaloOaStandin, admin: int, clock: ManualClock
) -> None:
    settings = settings_for(oa, zalo_oa_secret_key="khoa", database_url=services.database.url)
    program = build(settings, clock=clock)
    async with TestClient(TestServer(program.web.app)) as client:
        assert (await come_back(client, await agree(oauth.begin(settings, services, admin))))[0] == 200
        clock.advance(21 * 3600)
        assert "zalo_token" in await asyncio.to_thread(program.schedule.run_due)
        assert oa.oauth.refreshes == 1
        assert [(state.on, state.why) for state in program.states() if state.name == "zalo-oa"] == [(True, "")]
        oa.oauth.revoke()
        clock.advance(21 * 3600)
        await asyncio.to_thread(program.schedule.run_due)
        async with client.get("/healthz") as response:
            assert "doithoai zalo connect" in await response.text()
    await program.inbox.close()
    program.services.database.close()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.code(-14003), "từng chữ"),
        (Fault.code(-14002), "kích hoạt"),
        (Fault.code(-14099), "-14099"),
        (Fault.code(-32), "Chưa tới được"),
        (Fault.page(502), "không trả lời rõ"),
        (Fault.lost_reply(), "không trả lời rõ"),
    ],
    ids=["wrong callback", "app inactive", "any other", "rate", "gateway", "lost"],
)
async def test_a_code_that_is_not_exchanged_leaves_the_old_grant_and_says_what_to_do(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, page: Page, fault: Fault, words: str
) -> None:
    oa.inject(fault, method="token")
    status, text = await come_back(page, await agree(oauth.begin(settings, services, admin)))
    assert (status, row(services).access_token) == (502, None)
    assert words in text


@pytest.mark.parametrize(
    "query", ["", "?code=&state=", "?code=abc", "?state=x", "?error=denied&state=x", "?code=" + "a" * 5000]
)
async def test_a_callback_without_a_code_says_that_nobody_agreed(page: Page, oa: ZaloOaStandin, query: str) -> None:
    status, _ = await come_back(page, f"/zalo/callback{query}")
    assert (status, oa.calls) == (400, [])


async def test_a_preview_of_the_address_does_not_use_it_up_and_nobody_keeps_it(
    services: Services, settings: Settings, admin: int, page: Page
) -> None:
    parts = urlsplit(await agree(oauth.begin(settings, services, admin)))
    async with page.head(f"{parts.path}?{parts.query}") as preview:
        assert preview.status == 405
    async with page.get(f"{parts.path}?{parts.query}") as response:
        assert (response.status, response.headers["Cache-Control"]) == (200, "no-store")
        assert response.headers["Referrer-Policy"] == "no-referrer"


async def test_what_the_platform_calls_itself_cannot_become_markup(
    services: Services, settings: Settings, oa: ZaloOaStandin, admin: int, page: Page
) -> None:
    oa.name = "<script>alert(1)</script>"
    _, text = await come_back(page, await agree(oauth.begin(settings, services, admin)))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    ("given_url", "path"), [(None, "/zalo/callback"), ("https://khac.example.vn/noi/oa", "/noi/oa")]
)
async def test_the_page_stands_where_the_console_says(
    services: Services, oa: ZaloOaStandin, admin: int, given_url: str | None, path: str
) -> None:
    settings = settings_for(oa, zalo_oa_callback_url=given_url)
    app = web.Application()
    oauth.pages(settings, services)(app)
    address = await agree(oauth.begin(settings, services, admin))
    assert urlsplit(address).path == path
    async with TestClient(TestServer(app)) as client:
        assert (await come_back(client, address))[0] == 200


def test_missing_settings_are_named(services: Services, admin: int) -> None:
    with pytest.raises(SetupNeeded, match="DOITHOAI_ZALO_OA_APP_ID, DOITHOAI_ZALO_OA_APP_SECRET"):
        oauth.begin(Settings(), services, admin)
    ready: dict[str, Any] = {"zalo_oa_app_id": "1", "zalo_oa_app_secret": "s"}
    with pytest.raises(SetupNeeded, match="trả về"):
        oauth.begin(Settings(**ready), services, admin)
    with pytest.raises(SetupNeeded, match="không đúng dạng"):
        poor = Settings(**ready, public_url=PUBLIC, zalo_oa_pkce="fixed", zalo_oa_pkce_verifier="quá-ngắn")
        oauth.begin(poor, services, admin)
    with pytest.raises(SetupNeeded, match="PKCE_VERIFIER"):
        oauth.begin(Settings(**ready, public_url=PUBLIC, zalo_oa_pkce="fixed"), services, admin)


# ---------------------------------------------------------------------- reading what comes


@pytest.mark.parametrize(
    ("text", "code", "state"),
    [
        ("abc_-123", "abc_-123", None),
        ("https://x.vn/zalo/callback?code=abc&oa_id=1&state=s", "abc", "s"),
        ("code=abc&state=s", "abc", "s"),
        ("YWJj==", "YWJj==", None),
    ],
)
def test_a_pasted_code_is_read_from_what_people_paste(text: str, code: str, state: str | None) -> None:
    pasted = read_pasted(text)
    assert (pasted.code, pasted.state) == (code, state)


@given(st.text(max_size=300))
def test_whatever_is_pasted_is_read_or_refused_in_words(text: str) -> None:
    with contextlib.suppress(InvalidInput):
        assert read_pasted(text).code


@given(st.integers(1, 90 * 86_400), st.sampled_from([int, str]))
def test_the_life_of_a_token_is_read_from_number_and_text(seconds: int, shape: type) -> None:
    assert life_of(shape(seconds)).total_seconds() == seconds


@given(st.one_of(st.none(), st.booleans(), st.text(), st.floats(), st.integers(max_value=0), st.just("9" * 5000)))
def test_a_life_that_makes_no_sense_is_the_usual_one(value: Any) -> None:
    if not (isinstance(value, str) and value.strip().isdecimal()) and value is not True:
        assert life_of(value) == USUAL_LIFE


@given(
    st.dictionaries(
        st.sampled_from(["error", "error_code", "error_name", "message"]),
        st.one_of(st.integers(), st.text(), st.none(), st.lists(st.text())),
    )
)
def test_an_error_code_is_short_and_plain_whatever_came(body: dict[str, Any]) -> None:
    assert re.fullmatch(r"-?[0-9]{1,6}|[a-z_ ]{2,40}|\?", code_of(body))


@pytest.mark.parametrize("error", [-14014, "-14014", " -14014 "])
def test_an_error_number_is_read_from_both_types(error: object) -> None:
    assert code_of({"error": error, "error_name": "x"}) == "-14014"


def test_a_long_error_that_may_repeat_a_token_is_not_repeated() -> None:
    assert code_of({"error": "token AbCdEf0123456789 is dead"}) == "?"


async def test_a_redirect_does_not_carry_the_secret_on(oa: ZaloOaStandin) -> None:
    async def away(request: web.Request) -> web.Response:
        raise web.HTTPTemporaryRedirect(f"{oa.base_url}/v4/oa/access_token")

    app = web.Application()
    app.router.add_post("/v4/oa/access_token", away)
    async with TestServer(app) as server:
        settings = settings_for(oa, zalo_oa_oauth_url=str(server.make_url("")))
        with pytest.raises(Unclear):
            await oauth.client_of(settings).refresh("x")
    assert oa.calls == []


async def test_a_host_that_is_down_is_no_answer_at_all(oa: ZaloOaStandin) -> None:
    client = oauth.client_of(settings_for(oa))
    await oa.go_down()
    with pytest.raises(NotNow):
        await client.refresh("x")


def test_the_proof_is_keyed_with_the_secret() -> None:
    # HMAC-SHA256, RFC 4231, test case 2
    assert proof_of("what do ya want for nothing?", "Jefe") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
