"""The grant's row under whatever order of answers, silences and deaths: a refresh token is never spent carelessly."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from casework.clock import ManualClock
from casework.usecases.office import zalo_grant
from casework.usecases.office.zalo_grant import Busy, Claimed, Newer, NotConnected, Pair
from casework.usecases.work import Services
from storage.records import Act, ZaloGrant

_accounts = itertools.count(1)
LIFE = dt.timedelta(hours=25)
#: how one attempt to refresh can go; "…_used": the platform has taken the token before the answer was lost
WAYS = ["answered", "turned_away", "silent", "silent_used", "killed", "killed_used", "refused"]


@dataclass(kw_only=True)
class Platform:
    """The far end: what counts is which refresh token is alive, and how often each was brought."""

    alive: str = "r0"
    brought: dict[str, int] = field(default_factory=dict)
    unanswered: dict[str, int] = field(default_factory=dict)
    serial: int = 0

    def take(self, token: str) -> Pair | None:
        self.brought[token] = self.brought.get(token, 0) + 1
        if token != self.alive:
            return None
        self.serial += 1
        self.alive = f"r{self.serial}"
        return Pair(access_token=f"a{self.serial}", refresh_token=self.alive, life=LIFE)


def attempt(services: Services, clock: ManualClock, platform: Platform, account: str, way: str) -> None:
    """One process that wants a newer token than the stored one."""
    seen = zalo_grant.grant_of(services, account).access_token
    match zalo_grant.claim(services, account, seen=seen):
        case Claimed(refresh_token=token):
            pass
        case other:
            raise AssertionError(other)
    assert zalo_grant.claim(services, account, seen=seen) == Busy()
    if way == "turned_away":
        zalo_grant.give_back(services, account, used=token)
        return
    if way == "refused":
        zalo_grant.lose(services, account, used=token, code="-14014")
        return
    issued = platform.take(token) if way in ("answered", "silent_used", "killed_used") else None
    if way == "answered":
        if issued is None:
            zalo_grant.lose(services, account, used=token, code="-14014")
        else:
            zalo_grant.keep_refreshed(services, account, used=token, pair=issued)
        return
    platform.unanswered[token] = platform.unanswered.get(token, 0) + 1
    if way.startswith("silent"):
        zalo_grant.doubt(services, account, used=token)
    else:
        clock.advance(zalo_grant.LEASE.total_seconds() + 1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(WAYS), max_size=8))
def test_no_token_is_tried_after_two_silences_and_a_lost_grant_stays_lost(
    services: Services, clock: ManualClock, ways: list[str]
) -> None:
    account, platform = f"app-{next(_accounts)}", Platform()
    zalo_grant.keep_consented(services, account, Pair(access_token="a0", refresh_token="r0", life=LIFE))
    lost = False
    for way in ways:
        if lost:
            with pytest.raises(NotConnected):
                zalo_grant.claim(services, account, seen=zalo_grant.grant_of(services, account).access_token)
            continue
        try:
            attempt(services, clock, platform, account, way)
        except NotConnected:
            lost = True
        lost = lost or zalo_grant.grant_of(services, account).problem is not None
        with services.reading() as work:
            row = work.session.exec(select(ZaloGrant).where(ZaloGrant.account == account)).one()
        if not lost and not platform.unanswered.get(row.refresh_token or ""):
            # Nothing in doubt: what we hold is what lives.
            assert row.refresh_token == platform.alive
    assert max(platform.unanswered.values(), default=0) <= 2
    assert max(platform.brought.values(), default=0) <= 2


def test_a_connection_made_meanwhile_is_not_harmed_by_the_end_of_an_older_refresh(services: Services) -> None:
    zalo_grant.keep_consented(services, "app", Pair(access_token="a0", refresh_token="r0", life=LIFE))
    assert zalo_grant.claim(services, "app", seen="a0") == Claimed(refresh_token="r0")
    zalo_grant.keep_consented(services, "app", Pair(access_token="a9", refresh_token="r9", life=LIFE))
    zalo_grant.lose(services, "app", used="r0", code="-14014")
    zalo_grant.doubt(services, "app", used="r0")
    zalo_grant.give_back(services, "app", used="r0")
    assert zalo_grant.claim(services, "app", seen="a0") == Newer(access_token="a9")
    grant = zalo_grant.grant_of(services, "app")
    assert (grant.problem, grant.doubtful) == (None, False)


def test_a_pair_without_a_refresh_token_keeps_the_one_there_is(services: Services) -> None:
    zalo_grant.keep_consented(services, "app", Pair(access_token="a0", refresh_token="r0", life=LIFE))
    zalo_grant.keep_refreshed(services, "app", used="r0", pair=Pair(access_token="a1", refresh_token=None, life=LIFE))
    assert zalo_grant.claim(services, "app", seen="a1") == Claimed(refresh_token="r0")


def test_what_cannot_be_renewed_is_lost_when_it_should_be_and_not_before(
    services: Services, clock: ManualClock
) -> None:
    zalo_grant.keep_consented(services, "app", Pair(access_token="a0", refresh_token=None, life=LIFE))
    assert zalo_grant.grant_of(services, "app").usable_at(clock.now())
    with pytest.raises(NotConnected, match="không có mã gia hạn"):
        zalo_grant.claim(services, "app", seen="a0")
    with services.reading() as work:
        assert [act.verb for act in work.session.exec(select(Act).where(Act.subject == "zalo_grant"))][-1] == (
            "zalo_grant_lost"
        )


def test_the_tokens_do_not_show_in_a_representation(services: Services) -> None:
    pair = Pair(access_token="kin-1", refresh_token="kin-2", life=LIFE)
    zalo_grant.keep_consented(services, "app", pair)
    claimed = zalo_grant.claim(services, "app", seen="kin-1")
    shown = repr([pair, claimed, Newer(access_token="kin-3"), zalo_grant.grant_of(services, "app")])
    assert "kin-" not in shown
