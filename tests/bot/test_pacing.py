"""The pace of a channel: never above its rate in any second, never below by more than a little, and rests per chat."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.pacing import Pacer


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


def pacer(time: Time, *, rate: float = 25.0, rest: float = 1.0) -> Pacer:
    return Pacer(rate_per_second=rate, seconds_per_chat=rest, monotonic=time.monotonic)


def most_in_a_second(moments: list[float]) -> int:
    return max(sum(1 for other in moments if moment <= other < moment + 1.0) for moment in moments)


@given(
    rate=st.sampled_from([1.0, 20.0, 25.0, 30.0, 200.0]),
    waits=st.lists(st.floats(min_value=0.0, max_value=0.3), min_size=2, max_size=120),
)
def test_no_second_ever_holds_more_sends_than_the_rate_however_they_are_asked_for(
    rate: float, waits: list[float]
) -> None:
    time = Time()
    pace = pacer(time, rate=rate)
    moments = []
    for wait in waits:
        time.now += wait
        moments.append(pace.reserve())
    assert most_in_a_second(moments) <= rate
    assert moments == sorted(moments)


def test_a_steady_backlog_is_sent_within_five_percent_of_the_rate() -> None:
    time = Time()
    pace = pacer(time, rate=25.0)
    moments = [pace.reserve() for _ in range(1001)]
    achieved = 1000 / (moments[-1] - moments[0])
    assert 25.0 * 0.95 <= achieved <= 25.0


def test_a_slot_that_is_just_inside_the_horizon_counts_and_one_just_outside_does_not() -> None:
    time = Time()
    pace = Pacer(rate_per_second=10.0 / 0.98, seconds_per_chat=0, monotonic=time.monotonic)
    assert pace.free_slots(0.0) == 1
    pace.reserve()
    assert pace.free_slots(0.0999) == 0
    assert pace.free_slots(0.1001) == 1
    time.now += 0.1001
    assert pace.free_slots(0.0) == 1


def test_a_chat_rests_its_full_time_after_the_send_has_ended_and_not_longer() -> None:
    time = Time()
    pace = pacer(time, rest=1.0)
    pace.finished(7)
    time.now += 0.999
    assert pace.resting() == [7]
    assert pace.until_next_chat() == pytest.approx(0.001)
    time.now += 0.002
    assert pace.resting() == []
    assert pace.until_next_chat() is None


def test_after_a_pause_sends_go_on_at_the_same_rate_without_catching_up() -> None:
    time = Time()
    pace = pacer(time, rate=25.0)
    pace.reserve()
    pace.pause(3.0)
    assert pace.paused
    assert pace.free_slots(2.9) == 0
    moments = [pace.reserve() for _ in range(100)]
    assert moments[0] == pytest.approx(103.0)
    assert most_in_a_second(moments) <= 25
    time.now += 3.0
    assert not pace.paused


async def test_slots_that_bunch_up_on_a_slow_machine_still_keep_the_rate() -> None:
    time = Time()
    gone = []

    async def sleep(seconds: float) -> None:
        time.now += seconds

    pace = Pacer(rate_per_second=25.0, seconds_per_chat=0, monotonic=time.monotonic, sleep=sleep)
    for number in range(200):
        slot = pace.reserve()
        if number % 60 == 30:
            time.now += 0.7
        await pace.turn(slot)
        gone.append(time.now)
    assert most_in_a_second(gone) <= 25


async def test_a_pacer_without_waiting_lets_hours_pass_at_once() -> None:
    pace = Pacer.without_waiting(rate_per_second=1.0, seconds_per_chat=60.0)
    for _ in range(100):
        await pace.turn(pace.reserve())
    assert pace.now() >= 99.0


async def test_waiting_for_a_slot_really_waits() -> None:
    pace = Pacer(rate_per_second=50.0, seconds_per_chat=0)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    for _ in range(6):
        await pace.turn(pace.reserve())
    assert 0.1 <= loop.time() - begun < 0.5


@pytest.mark.parametrize(("rate", "rest"), [(0.0, 1.0), (-1.0, 1.0), (25.0, -0.1)])
def test_a_pace_that_cannot_be_kept_is_refused(rate: float, rest: float) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        Pacer(rate_per_second=rate, seconds_per_chat=rest)


async def test_a_message_that_costs_two_calls_takes_the_time_of_two() -> None:
    pace = Pacer.without_waiting(rate_per_second=1.0, seconds_per_chat=0)
    gone = []
    for _ in range(5):
        await pace.turn(pace.reserve(2), 2)
        gone.append(pace.now())
    assert (gone[-1] - gone[0]) / 4 >= 2.0
    bunched = Pacer.without_waiting(rate_per_second=1.0, seconds_per_chat=0)
    for _ in range(5):
        # Slots that have bunched up.
        await bunched.turn(0.0, 2)
    assert bunched.now() >= 8.0
