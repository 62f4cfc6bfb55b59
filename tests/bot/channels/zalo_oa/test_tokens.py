"""The access token against the stand-in of Zalo's OAuth: one refresher, nothing used before it is stored, no token lost
twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import sys
import threading
from collections.abc import AsyncIterator, Iterator
from io import StringIO
from pathlib import Path

import pytest
import structlog
from sqlmodel import select

from bot import logs
from bot.channels.zalo_oa.oauth import keeping_fresh
from bot.channels.zalo_oa.oauth_client import OAuthClient
from bot.channels.zalo_oa.tokens import GrantTokens, NotConnected
from bot.schedule import Schedule
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import ZaloOaStandin
from casework.clock import ManualClock
from casework.usecases.office import zalo_grant
from casework.usecases.office.zalo_grant import Pair
from casework.usecases.work import Services
from storage.database import Database
from storage.records import Act, ChannelIdentity, Delivery, Role, Staff, StaffChat, ZaloGrant
from tests.casework.factories import make_staff

HOUR = 3600.0
APP = ZaloOaStandin.APP_ID
ROOT = Path(__file__).parents[4]


@pytest.fixture
async def oa(clock: ManualClock) -> AsyncIterator[ZaloOaStandin]:
    async with ZaloOaStandin(clock=clock) as standin:
        yield standin


def client_of(oa: ZaloOaStandin, timeout: float = 30.0) -> OAuthClient:
    return OAuthClient(
        app_id=APP, app_secret=oa.APP_SECRET, oauth_url=oa.oauth_url, base_url=oa.base_url, timeout=timeout
    )


def connect(services: Services, oa: ZaloOaStandin, *, timeout: float = 30.0) -> GrantTokens:
    """A connected account with fresh tokens."""
    issued = oa.oauth.grant()
    pair = Pair(access_token=issued.access_token, refresh_token=issued.refresh_token, life=dt.timedelta(hours=25))
    zalo_grant.keep_consented(services, APP, pair)
    return GrantTokens(services, client_of(oa, timeout))


def row(services: Services) -> ZaloGrant:
    with services.reading() as work:
        return work.session.exec(select(ZaloGrant)).one()


def alarms(services: Services) -> list[Delivery]:
    with services.reading() as work:
        return list(work.session.exec(select(Delivery).where(Delivery.purpose == "alert")))


def admin_with_chat(services: Services) -> int:
    staff_id = make_staff(services, Role.ADMIN)
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="77"))
        group = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="-88"))
        work.session.get_one(Staff, staff_id).channel_identity_id = chat.id
        work.add(StaffChat(office_id=services.office_id, channel_identity_id=group.id or 0))
        work.commit()
    return staff_id


# ---------------------------------------------------------------------- giving a token


async def test_without_a_grant_there_is_no_token_and_the_way_to_one_is_said(
    services: Services, oa: ZaloOaStandin
) -> None:
    tokens = GrantTokens(services, client_of(oa))
    with pytest.raises(NotConnected) as said:
        await tokens.current()
    assert "doithoai zalo connect" in said.value.todo
    assert "doithoai zalo connect" in tokens.trouble()
    assert oa.calls == []


async def test_a_fresh_token_is_given_without_a_call(services: Services, oa: ZaloOaStandin) -> None:
    tokens = connect(services, oa)
    assert oa.oauth.current is not None
    assert await tokens.current() == oa.oauth.current.access_token
    assert oa.calls == []
    assert tokens.trouble() == ""


async def test_an_expired_token_is_renewed_before_it_is_given_and_both_new_ones_are_stored(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    before = row(services)
    clock.advance(25 * HOUR)
    token = await tokens.current()
    after = row(services)
    assert oa.oauth.current is not None
    assert token == after.access_token == oa.oauth.current.access_token != before.access_token
    assert after.refresh_token == oa.oauth.current.refresh_token
    assert after.previous_refresh_token == before.refresh_token
    assert after.expires_at == clock.now() + dt.timedelta(seconds=90000)


async def test_a_token_the_platform_refuses_is_renewed_once(services: Services, oa: ZaloOaStandin) -> None:
    tokens = connect(services, oa)
    dead = await tokens.current()
    newer = await tokens.renewed(dead)
    assert newer != dead
    assert await tokens.renewed(dead) == newer
    assert oa.oauth.refreshes == 1


async def test_a_token_refused_right_after_it_was_renewed_is_not_renewed_for_ever(
    services: Services, oa: ZaloOaStandin
) -> None:
    tokens = connect(services, oa)
    newer = await tokens.renewed(await tokens.current())
    with pytest.raises(NotConnected, match="vẫn từ chối"):
        await tokens.renewed(newer)
    assert oa.oauth.refreshes == 1


async def test_a_token_renewed_here_and_once_more_elsewhere_is_fetched(services: Services, oa: ZaloOaStandin) -> None:
    here, there = connect(services, oa), GrantTokens(services, client_of(oa))
    first = await here.renewed(await here.current())
    second = await there.renewed(first)
    assert await here.renewed(first) == second
    assert oa.oauth.refreshes == 2


async def test_another_process_has_it_already(services: Services, oa: ZaloOaStandin) -> None:
    here, there = connect(services, oa), GrantTokens(services, client_of(oa))
    dead = await here.current()
    newer = await there.renewed(dead)
    assert await here.renewed(dead) == newer
    assert await here.current() == newer
    assert oa.oauth.refreshes == 1


async def test_many_senders_at_once_cost_one_refresh(services: Services, oa: ZaloOaStandin) -> None:
    oa.latency = 0.1
    tokens = connect(services, oa)
    dead = await tokens.current()
    assert len(set(await asyncio.gather(*(tokens.renewed(dead) for _ in range(8))))) == 1
    assert oa.oauth.refreshes == 1
    assert len(oa.calls_of("token")) == 1


async def test_two_processes_at_once_make_one_refresh_call(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    oa.latency = 0.2
    connect(services, oa)
    clock.advance(26 * HOUR)
    found: list[str] = []
    together = threading.Barrier(4)

    def process() -> None:
        database = Database(services.database.url)
        own = GrantTokens(Services(database=database, clock=clock), client_of(oa))
        together.wait()
        found.append(asyncio.run(own.current()))
        database.close()

    threads = [threading.Thread(target=process) for _ in range(4)]
    for thread in threads:
        thread.start()
    await asyncio.gather(*(asyncio.to_thread(thread.join) for thread in threads))
    assert len(found) == 4
    assert len(set(found)) == 1
    assert len(oa.calls_of("token")) == 1


async def test_a_sender_that_gives_up_waiting_does_not_cut_the_refresh_off(
    services: Services, oa: ZaloOaStandin
) -> None:
    oa.latency = 0.3
    tokens = connect(services, oa)
    dead = await tokens.current()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tokens.renewed(dead), 0.05)
    assert await tokens.renewed(dead) != dead
    assert oa.oauth.refreshes == 1


async def test_a_sender_waits_for_a_slow_refresh_for_some_seconds_only(services: Services, oa: ZaloOaStandin) -> None:
    oa.latency = 0.6
    connect(services, oa)
    tokens = GrantTokens(services, client_of(oa), sender_waits=0.2)
    dead = await tokens.current()
    with pytest.raises(NotConnected, match="đang được gia hạn"):
        await tokens.renewed(dead)
    async with asyncio.timeout(30):
        while row(services).access_token == dead:  # noqa: ASYNC110 - the refresh has no event
            await asyncio.sleep(0.05)
    assert await tokens.renewed(dead) == (oa.oauth.current and oa.oauth.current.access_token)
    assert oa.oauth.refreshes == 1


async def test_the_endpoint_that_works_is_remembered_by_every_process(services: Services, oa: ZaloOaStandin) -> None:
    tokens = connect(services, oa)
    await tokens.pin("/v2.0/oa/message")
    assert tokens.send_path == "/v2.0/oa/message"
    assert GrantTokens(services, client_of(oa)).send_path == "/v2.0/oa/message"


# ---------------------------------------------------------------------- by the clock


@pytest.mark.parametrize(("hours", "renewed"), [(19, False), (21, True)])
async def test_the_token_is_renewed_at_twenty_hours_without_any_traffic(
    services: Services, oa: ZaloOaStandin, clock: ManualClock, hours: int, renewed: bool
) -> None:
    tokens = connect(services, oa)
    clock.advance(hours * HOUR)
    await asyncio.to_thread(keeping_fresh(tokens).act, services)
    assert bool(oa.oauth.refreshes) is renewed


async def test_a_hundred_quiet_days_keep_the_grant_by_one_refresh_each_twenty_hours(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    schedule = Schedule(services, [keeping_fresh(tokens)])
    for _ in range(100 * 24 // 10):
        clock.advance(10 * HOUR)
        await asyncio.to_thread(schedule.run_due)
    assert oa.oauth.refreshes == 100 * 24 // 20
    assert await tokens.current()
    assert tokens.trouble() == ""


async def test_a_machine_that_slept_eight_days_connects_again_by_itself(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    clock.advance(8 * 24 * HOUR)
    assert await tokens.current()
    assert oa.oauth.refreshes == 1


async def test_a_machine_that_slept_a_hundred_days_has_lost_the_grant_and_says_so(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    tokens = connect(services, oa)
    clock.advance(100 * 24 * HOUR)
    await asyncio.to_thread(keeping_fresh(tokens).act, services)
    assert "-14014" in tokens.trouble()
    assert len(alarms(services)) == 2


# ---------------------------------------------------------------------- when it goes wrong


async def test_a_refused_refresh_is_final_and_alarms_admin_and_group_once(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    tokens = connect(services, oa)
    dead = await tokens.current()
    oa.oauth.revoke()
    for _ in range(3):
        with pytest.raises(NotConnected, match="-14014"):
            await tokens.renewed(dead)
        clock.advance(HOUR)
        await asyncio.to_thread(keeping_fresh(tokens).act, services)
    assert len(oa.calls_of("token")) == 1
    told = alarms(services)
    assert len(told) == 2
    assert all("doithoai zalo connect" in one.text for one in told)


async def test_a_second_loss_after_a_new_consent_is_told_again(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    for _ in range(2):
        tokens = connect(services, oa)
        oa.oauth.revoke()
        with pytest.raises(NotConnected):
            await tokens.renewed(row(services).access_token or "")
        clock.advance(HOUR)
    assert len(alarms(services)) == 4


async def test_when_renewing_is_refused_the_old_token_serves_until_its_end(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    token = await tokens.current()
    clock.advance(21 * HOUR)
    oa.inject(Fault.code(-14014), method="token")
    await asyncio.to_thread(keeping_fresh(tokens).act, services)
    assert await tokens.current() == token
    assert tokens.trouble()
    clock.advance(4 * HOUR)
    with pytest.raises(NotConnected):
        await tokens.current()


async def test_over_the_rate_limit_it_waits_a_minute_and_tries_again(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    oa.inject(Fault.code(-32), method="token")
    for _ in range(3):
        with pytest.raises(NotConnected, match="tự thử lại"):
            await tokens.current()
    assert len(oa.calls_of("token")) == 1
    assert "tự thử lại" in tokens.trouble()
    clock.advance(61)
    assert await tokens.current()
    assert tokens.trouble() == ""
    assert row(services).doubtful_token_hash is None


async def test_without_a_connection_nothing_is_in_doubt(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    await oa.go_down()
    for _ in range(4):
        with pytest.raises(NotConnected):
            await tokens.current()
        clock.advance(120)
    assert row(services).doubtful_token_hash is None
    await oa.come_up()
    assert await tokens.current()


async def test_a_lost_answer_before_the_platform_acted_is_healed_by_the_second_try(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    oa.inject(Fault.cut_before(), method="token")
    with pytest.raises(NotConnected, match="Chưa rõ"):
        await tokens.current()
    clock.advance(301)
    assert await tokens.current()
    assert row(services).doubtful_token_hash is None


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault.lost_reply(), id="connection cut"),
        pytest.param(Fault.garbage(), id="no JSON"),
        pytest.param(Fault.page(502, delivers=True), id="a gateway answers"),
        pytest.param(Fault.silent(), id="too slow"),
    ],
)
async def test_a_lost_answer_after_the_platform_acted_ends_in_one_more_try_and_an_alarm(
    services: Services, oa: ZaloOaStandin, clock: ManualClock, fault: Fault
) -> None:
    admin_with_chat(services)
    tokens = connect(services, oa, timeout=0.5 if fault == Fault.silent() else 30.0)
    clock.advance(26 * HOUR)
    oa.inject(fault, method="token")
    with pytest.raises(NotConnected, match="Chưa rõ"):
        await tokens.current()
    assert alarms(services) == []
    tokens = GrantTokens(services, client_of(oa))
    for _ in range(3):
        clock.advance(301)
        with pytest.raises(NotConnected, match="-14014"):
            await tokens.current()
    assert len(oa.calls_of("token")) == 2
    assert len(alarms(services)) == 2


async def test_two_unknown_outcomes_with_one_token_are_enough(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    oa.inject(Fault.cut_before(), method="token", times=None)
    for _ in range(5):
        with pytest.raises(NotConnected):
            await tokens.current()
        clock.advance(301)
    assert len(oa.calls_of("token")) == 2
    assert "Hai lần" in tokens.trouble()
    assert len(alarms(services)) == 2


async def test_a_refresher_killed_before_it_stored_the_answer_is_followed_by_one_try(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    # What a process leaves behind that dies with the answer in its hands.
    claimed = zalo_grant.claim(services, APP, seen=row(services).access_token)
    assert isinstance(claimed, zalo_grant.Claimed)
    await client_of(oa).refresh(claimed.refresh_token)
    clock.advance(121)
    with pytest.raises(NotConnected, match="-14014"):
        await tokens.current()
    assert len(oa.calls_of("token")) == 2
    assert len(alarms(services)) == 2


_REFRESHER = """
import asyncio, datetime as dt, sys
from bot.channels.zalo_oa.oauth_client import OAuthClient
from bot.channels.zalo_oa.tokens import GrantTokens
from casework.clock import ManualClock
from casework.usecases.work import Services
from storage.database import Database
url, now, app, secret, host = sys.argv[1:]
services = Services(database=Database(url), clock=ManualClock(dt.datetime.fromisoformat(now)))
asyncio.run(GrantTokens(services, OAuthClient(app_id=app, app_secret=secret, oauth_url=host, base_url=host)).current())
"""


async def test_a_process_killed_while_it_waits_for_the_answer_is_followed_by_one_try_and_one_alarm(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    oa.inject(Fault.silent(), method="token")
    arguments = (services.database.url, clock.now().isoformat(), APP, oa.APP_SECRET, oa.oauth_url)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", _REFRESHER, *arguments, cwd=ROOT)
    async with asyncio.timeout(20):
        while oa.oauth.refreshes == 0:  # noqa: ASYNC110 - the stand-in has no event for it
            await asyncio.sleep(0.02)
    process.kill()
    await process.wait()
    clock.advance(121)
    for _ in range(2):
        with pytest.raises(NotConnected, match="-14014"):
            await tokens.current()
    assert len(oa.calls_of("token")) == 2
    assert len(alarms(services)) == 2


async def test_a_refresher_killed_before_it_asked_costs_nothing(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    tokens = connect(services, oa)
    clock.advance(26 * HOUR)
    zalo_grant.claim(services, APP, seen=row(services).access_token)
    clock.advance(121)
    assert await tokens.current()
    assert row(services).doubtful_token_hash is None


async def test_who_is_killed_twice_with_one_token_has_lost_it(
    services: Services, oa: ZaloOaStandin, clock: ManualClock
) -> None:
    admin_with_chat(services)
    connect(services, oa)
    for _ in range(2):
        zalo_grant.claim(services, APP, seen=row(services).access_token)
        clock.advance(121)
    with pytest.raises(NotConnected, match="Hai lần"):
        zalo_grant.claim(services, APP, seen=row(services).access_token)
    assert oa.calls == []
    assert len(alarms(services)) == 2


async def test_a_new_consent_during_a_refresh_stands(services: Services, oa: ZaloOaStandin) -> None:
    tokens = connect(services, oa)
    old = row(services)
    claimed = zalo_grant.claim(services, APP, seen=old.access_token)
    assert isinstance(claimed, zalo_grant.Claimed)
    late = await client_of(oa).refresh(claimed.refresh_token)
    connect(services, oa)
    used = zalo_grant.keep_refreshed(services, APP, used=claimed.refresh_token, pair=late)
    assert oa.oauth.current is not None
    assert used == oa.oauth.current.access_token == await tokens.current()


async def test_a_database_that_is_busy_for_a_moment_does_not_cost_the_new_tokens(
    services: Services, oa: ZaloOaStandin
) -> None:
    tokens = connect(services, oa)
    dead = await tokens.current()
    with services.database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE UPDATE OF access_token ON zalo_grant"
            " BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"
        )
    renewing = asyncio.create_task(tokens.renewed(dead))
    async with asyncio.timeout(30):
        while oa.oauth.refreshes == 0:  # noqa: ASYNC110 - the stand-in has no event for it
            await asyncio.sleep(0.02)
    await asyncio.sleep(0.3)
    assert oa.oauth.refreshes == 1
    assert row(services).access_token == dead
    with services.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER full")
    assert await renewing == row(services).access_token
    assert oa.oauth.refreshes == 1


async def test_the_trouble_shows_in_the_history_without_a_secret(services: Services, oa: ZaloOaStandin) -> None:
    tokens = connect(services, oa)
    oa.oauth.revoke()
    with pytest.raises(NotConnected):
        await tokens.renewed(await tokens.current())
    with services.reading() as work:
        acts = work.session.exec(select(Act).where(Act.subject == "zalo_grant")).all()
    assert [act.verb for act in acts] == ["zalo_connected", "zalo_grant_lost"]
    assert acts[-1].details == {"problem": "refused:-14014"}


@pytest.fixture
def written() -> Iterator[StringIO]:
    """All that is logged, down to the smallest remark of a library."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = StringIO()
    logs.configure("debug", stream=stream)
    yield stream
    root.handlers, root.level = before
    structlog.reset_defaults()


async def test_no_log_error_or_alarm_holds_a_token_or_the_secret(
    services: Services, oa: ZaloOaStandin, clock: ManualClock, written: StringIO
) -> None:
    admin_with_chat(services)
    said: list[str] = []
    for fault in (None, Fault.code(-32), Fault.lost_reply(), Fault.garbage(), Fault.page(500), Fault.code(-14014)):
        tokens = connect(services, oa)
        oa.heal()
        if fault is not None:
            oa.inject(fault, method="token", times=None)
        for _ in range(2):
            clock.advance(26 * HOUR)
            try:
                await tokens.current()
            except NotConnected as error:
                said += [str(error), repr(error), repr(error.__cause__)]
            await asyncio.to_thread(keeping_fresh(tokens).act, services)
        said += [repr(tokens.grant()), repr(client_of(oa)), tokens.trouble()]
    kept = "\n".join([written.getvalue(), *said, *(one.text for one in alarms(services))])
    with services.reading() as work:
        kept += json.dumps([act.details for act in work.session.exec(select(Act))])
    assert "zalo_token_renewed" in kept
    assert "zalo_token_refused" in kept
    assert "access-" not in kept
    assert "refresh-" not in kept
    assert oa.APP_SECRET not in kept
