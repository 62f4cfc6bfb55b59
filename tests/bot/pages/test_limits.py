"""Budgets and clients: how often, and who counts as one."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pages.addresses import NOBODY, client_key, networks
from bot.pages.limits import PAGE, WRONG, Budget, Limiter
from casework.clock import ManualClock
from tests.conftest import START

SMALL = Budget(points=5, seconds_per_point=2)
PROXY = networks(["127.0.0.1", "10.0.0.0/8", "fd00::/8"])


@pytest.fixture
def limiter(clock: ManualClock) -> Limiter:
    return Limiter(SMALL, clock, most=3)


def test_a_budget_is_spent_and_comes_back_point_by_point(limiter: Limiter, clock: ManualClock) -> None:
    for _ in range(5):
        assert limiter.wait("a") == 0
        limiter.spend("a")
    assert limiter.wait("a") == 2
    assert limiter.wait("b") == 0
    clock.advance(1)
    assert limiter.wait("a") == 1
    clock.advance(1)
    assert limiter.wait("a") == 0
    limiter.spend("a")
    assert limiter.wait("a") == 2
    clock.advance(3600)
    for _ in range(5):
        assert limiter.wait("a") == 0
        limiter.spend("a")
    assert limiter.wait("a") > 0


def test_whoever_waits_as_long_as_told_may_ask(limiter: Limiter, clock: ManualClock) -> None:
    limiter.spend("a", WRONG)
    clock.advance(limiter.wait("a"))
    assert limiter.wait("a") == 0


def test_a_storm_of_wrong_guesses_locks_nobody_out_for_longer_than_one_guess(limiter: Limiter) -> None:
    for _ in range(1000):
        limiter.spend("a", WRONG)
    assert limiter.wait("a") <= (WRONG + PAGE) * SMALL.seconds_per_point


def test_only_so_many_clients_are_remembered_and_the_longest_silent_is_forgotten(limiter: Limiter) -> None:
    for _ in range(9):
        limiter.spend("guesser")
    for number in range(50):
        limiter.spend(str(number))
        limiter.spend("guesser")
    assert len(limiter) == 3
    assert limiter.wait("guesser") > 0
    assert limiter.wait("0") == 0


def test_a_clock_set_back_does_no_harm(limiter: Limiter, clock: ManualClock) -> None:
    limiter.spend("a", 5)
    clock.advance(-3600)
    assert limiter.wait("a") == 2
    assert clock.now() < START


# --------------------------------------------------------------------------- who asks


@pytest.mark.parametrize(
    ("peer", "forwarded", "key"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("127.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", ["1.1.1.1, 198.51.100.1, 10.1.2.3"], "198.51.100.1"),
        ("127.0.0.1", ["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        ("127.0.0.1", ["198.51.100.1, lạ"], "127.0.0.1"),
        ("127.0.0.1", ["lạ, 198.51.100.1"], "198.51.100.1"),
        ("127.0.0.1", [""], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.1:5555"], "198.51.100.1"),
        ("127.0.0.1", ["[2001:db8:1:2:3::4]:5555"], "2001:db8:1:2::/64"),
        ("127.0.0.1", ["2001:db8:1:2:ffff::9"], "2001:db8:1:2::/64"),
        ("::ffff:127.0.0.1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        ("fd00::1", ["198.51.100.1"], "198.51.100.1"),
        ("fe80::1%eth0", [], "fe80::/64"),
        (None, ["198.51.100.1"], NOBODY),
        ("", [], NOBODY),
    ],
)
def test_a_client_is_the_last_address_a_proxy_of_ours_has_seen(
    peer: str | None, forwarded: list[str], key: str
) -> None:
    assert client_key(peer, forwarded, PROXY) == key


@given(st.lists(st.text(max_size=40), max_size=4))
def test_whatever_a_stranger_writes_into_the_header_counts_for_nothing(forwarded: list[str]) -> None:
    assert client_key("203.0.113.7", forwarded, PROXY) == "203.0.113.7"


@given(st.lists(st.text(max_size=40), max_size=3), st.ip_addresses(v=4))
def test_what_stands_before_the_address_our_proxy_wrote_counts_for_nothing(
    made_up: list[str], real: ipaddress.IPv4Address
) -> None:
    if not any(real in network for network in PROXY if network.version == 4):
        assert client_key("127.0.0.1", [*made_up, str(real)], PROXY) == str(real)


def test_a_customer_with_a_network_of_addresses_is_one_client() -> None:
    keys = {client_key(f"2001:db8::{number:x}", [], PROXY) for number in range(1, 300)}
    assert keys == {"2001:db8::/64"}
