"""`doithoai zalo` against the stand-in: an office connects, looks, tries, and reads no secret anywhere."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from admin_cli.app import app
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import STATE_AGENCY, ZaloOaStandin
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Role, Staff, ZaloGrant
from tests.casework.factories import make_staff

PERSON = "4521893670011223344"


class Platform:
    """The stand-in in a thread of its own: the commands have their own loops."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.oa = ZaloOaStandin()
        self.do(self.oa.come_up())

    def do(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def close(self) -> None:
        self.do(self.oa.go_down())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def agree(self, link: str, *, follow: bool = False) -> str:
        """An admin of the account opens the link and agrees; where the browser ends (or is sent to)."""

        async def browse() -> str:
            async with aiohttp.ClientSession() as browser, browser.get(link, allow_redirects=follow) as response:
                return str(response.url) if follow else response.headers["Location"]

        return str(self.do(browse()))


@pytest.fixture
def platform() -> Iterator[Platform]:
    platform = Platform()
    yield platform
    platform.close()


@pytest.fixture
def office(platform: Platform, services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> int:
    """An office with its settings for the stand-in; the admin."""
    oa = platform.oa
    settings = {
        "PUBLIC_URL": "https://doithoai.example.vn",
        "ZALO_OA_APP_ID": oa.APP_ID,
        "ZALO_OA_APP_SECRET": oa.APP_SECRET,
        "ZALO_OA_SECRET_KEY": "khoa-webhook-thu",
        "ZALO_OA_OAUTH_URL": oa.oauth_url,
        "ZALO_OA_BASE_URL": oa.base_url,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"DOITHOAI_{name}", value)
    monkeypatch.chdir(tmp_path)
    return make_staff(services, Role.ADMIN, name="Bà Mai")


def run(services: Services, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["zalo", *arguments, "--db", services.database.url], input=typed)


def connected(platform: Platform, services: Services) -> Result:
    link = run(services, "connect", "--no-wait").stdout.strip()
    return run(services, "connect", "--code", platform.agree(link), "--format", "json")


def chat_of(services: Services, staff_id: int, platform: Platform) -> None:
    """The staff member has enrolled through the official account."""
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="zalo-oa", account=platform.oa.APP_ID, external_id=PERSON))
        work.session.get_one(Staff, staff_id).channel_identity_id = chat.id
        work.commit()
    platform.do(platform.oa.says(PERSON, "Xin chào"))


def test_an_office_connects_by_link_and_pasted_address(platform: Platform, services: Services, office: int) -> None:
    link = run(services, "connect", "--no-wait")
    assert (link.exit_code, link.stdout.count("\n")) == (0, 1)
    done = run(services, "connect", "--code", platform.agree(link.stdout.strip()), "--format", "json")
    assert done.exit_code == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["state"], told["oa_name"], told["package"]) == ("connected", platform.oa.name, "Growth")


def test_the_command_waits_with_a_page_of_its_own(
    platform: Platform,
    services: Services,
    office: int,
    monkeypatch: pytest.MonkeyPatch,
    unused_tcp_port: int,
) -> None:
    monkeypatch.setenv("DOITHOAI_ZALO_OA_CALLBACK_URL", f"http://127.0.0.1:{unused_tcp_port}/zalo/callback")
    results: list[Result] = []
    waiting = threading.Thread(target=lambda: results.append(run(services, "connect", "--format", "json")))
    waiting.start()
    state = None
    while state is None:
        with services.reading() as work:
            state = work.session.exec(select(ZaloGrant.pending_state)).first()
    callback = f"http://127.0.0.1:{unused_tcp_port}/zalo/callback"
    code = platform.oa.oauth.permit(app_id=platform.oa.APP_ID, redirect_uri=callback, challenge="")
    while waiting.is_alive() and not platform.oa.oauth.current:
        try:
            platform.agree(f"{callback}?code={code}&state={state}", follow=True)
        except aiohttp.ClientConnectorError:
            waiting.join(0.1)
    waiting.join(20)
    assert json.loads(results[0].stdout)["state"] == "connected"
    assert "oauth" not in results[0].stdout
    assert "/v4/oa/permission?" in results[0].stderr


def test_an_address_of_another_consent_is_refused_with_what_to_do(
    platform: Platform, services: Services, office: int
) -> None:
    run(services, "connect", "--no-wait")
    wrong = run(services, "connect", "--code", "https://doithoai.example.vn/zalo/callback?code=a&state=b")
    assert wrong.exit_code == 1
    assert "doithoai zalo connect" in wrong.stderr


def test_a_pasted_address_can_be_typed_where_nobody_reads_along(
    platform: Platform, services: Services, office: int
) -> None:
    address = platform.agree(run(services, "connect", "--no-wait").stdout.strip())
    done = run(services, "connect", "--code", "-", "--format", "json", typed=address + "\n")
    assert json.loads(done.stdout)["state"] == "connected"
    assert urlsplit(address).query not in done.output


def test_a_pair_of_the_consoles_explorer_is_taken_renewed_and_never_shown(
    platform: Platform, services: Services, office: int
) -> None:
    pair = platform.oa.oauth.grant()
    done = run(services, "token", "--format", "json", typed=f"{pair.access_token}\n{pair.refresh_token}\n")
    assert done.exit_code == 0, done.stderr
    assert json.loads(done.stdout)["state"] == "connected"
    assert platform.oa.oauth.refreshes == 1
    assert pair.access_token not in done.output
    assert pair.refresh_token not in done.output


def test_a_pair_that_is_refused_leaves_the_grant_alone(platform: Platform, services: Services, office: int) -> None:
    connected(platform, services)
    with services.reading() as work:
        before = work.session.exec(select(ZaloGrant)).one().refresh_token
    assert run(services, "token", typed="saihet\nsaihetca\n").exit_code == 1
    assert run(services, "token", typed="giongnhau\ngiongnhau\n").exit_code == 1
    assert run(services, "token", typed="\n\n").exit_code == 1
    with services.reading() as work:
        assert work.session.exec(select(ZaloGrant)).one().refresh_token == before


def test_status_names_what_is_missing(services: Services, office: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOITHOAI_ZALO_OA_SECRET_KEY")
    found = run(services, "status", "--format", "json")
    assert (found.exit_code, json.loads(found.stdout)["state"]) == (1, "not_set_up")
    assert "DOITHOAI_ZALO_OA_SECRET_KEY" in run(services, "status", "--format", "table").stdout


def test_status_goes_from_not_connected_over_connected_to_trouble(
    platform: Platform, services: Services, office: int
) -> None:
    assert json.loads(run(services, "status").stdout)["state"] == "not_connected"
    connected(platform, services)
    assert json.loads(run(services, "status").stdout)["state"] == "connected"
    assert run(services, "refresh").exit_code == 0
    platform.oa.oauth.revoke()
    assert run(services, "refresh").exit_code == 1
    lost = run(services, "status", "--format", "table")
    assert (lost.exit_code, "CẦN NỐI LẠI" in lost.stdout) == (1, True)
    assert "-14014" in lost.stdout
    assert run(services, "refresh").exit_code == 1
    assert len(platform.oa.calls_of("token")) == 3


def test_the_challenge_of_a_fixed_pair_is_shown_and_the_verifier_is_not(
    services: Services, office: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    verifier = "dBjftJeZ4CVP1mB92K27uhbUJU1p1r2wW1gFWFOEjXk"
    monkeypatch.setenv("DOITHOAI_ZALO_OA_PKCE", "fixed")
    monkeypatch.setenv("DOITHOAI_ZALO_OA_PKCE_VERIFIER", verifier)
    found = run(services, "status", "--format", "json")
    assert len(json.loads(found.stdout)["code_challenge"]) == 43
    assert verifier not in found.output


def test_check_asks_harmless_questions_and_lists_what_is_open(
    platform: Platform, services: Services, office: int
) -> None:
    connected(platform, services)
    found = run(services, "check", "--format", "json")
    assert found.exit_code == 0, found.stderr
    rows = json.loads(found.stdout)
    assert [row["name"][:2] for row in rows[3:]] == [f"{number}." for number in range(1, 10)]
    assert all(row["todo"] and row["found"] for row in rows[3:])
    assert rows[2]["ok"] is None
    assert {call.method for call in platform.oa.calls} == {"token", "getoa"}


def test_check_sends_one_message_to_the_one_who_asks_and_pins_the_way_of_a_state_agency(
    platform: Platform, services: Services, office: int
) -> None:
    platform.oa.oa_type = STATE_AGENCY
    connected(platform, services)
    chat_of(services, office, platform)
    found = run(services, "check", "--send-to-me", "--format", "table")
    assert found.exit_code == 0, found.output
    assert "/v2.0/oa/message" in found.stdout
    assert len(platform.oa.texts_to(PERSON)) == 1
    assert json.loads(run(services, "status").stdout)["send_path"] == "/v2.0/oa/message"
    assert PERSON not in found.output


def test_check_without_a_chat_of_ones_own_sends_nothing(platform: Platform, services: Services, office: int) -> None:
    connected(platform, services)
    found = run(services, "check", "--send-to-me")
    assert found.exit_code == 1
    assert "/ghidanh" in found.stderr
    assert platform.oa.calls_of("cs") == []


@pytest.mark.parametrize(
    ("fault", "words"), [(Fault.code(-224), "gói"), (Fault.page(502), "không hỏi được"), (Fault.code(-99999), "-99999")]
)
def test_check_says_what_a_refusal_means(
    platform: Platform, services: Services, office: int, fault: Fault, words: str
) -> None:
    connected(platform, services)
    platform.oa.inject(fault, method="getoa")
    found = run(services, "check", "--format", "table")
    assert found.exit_code == 1
    assert words in found.stdout.lower()


def test_only_an_admin_connects_renews_and_tries(platform: Platform, services: Services, office: int) -> None:
    clerk = make_staff(services, Role.MODERATOR, name="Chị Lan")
    for command in (("connect", "--no-wait"), ("refresh",), ("check",), ("token",)):
        result = run(services, *command, "--staff", str(clerk), typed="a\nb\n")
        assert (result.exit_code, "quản trị" in result.stderr) == (1, True), command
    assert platform.oa.calls == []


def test_no_command_shows_a_secret(platform: Platform, services: Services, office: int) -> None:
    shown = connected(platform, services).output
    chat_of(services, office, platform)
    for command in (("status",), ("refresh",), ("check", "--send-to-me"), ("status", "--format", "csv")):
        shown += run(services, *command).output
    platform.oa.inject(Fault.lost_reply(), method="token", times=None)
    for _ in range(2):
        shown += run(services, "refresh").output + run(services, "status").output
    assert "access-" not in shown
    assert "refresh-" not in shown
    assert platform.oa.APP_SECRET not in shown
    assert "khoa-webhook-thu" not in shown
