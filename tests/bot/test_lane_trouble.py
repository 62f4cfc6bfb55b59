"""What people hear of a channel over which nothing gets through, and how long a throttled one rests."""

from __future__ import annotations

from bot.lane import LONGEST_REST, THROTTLE_AFTER, TROUBLE_AFTER, Lane
from bot.metrics import Metrics
from bot.outbox import Outbox
from bot.pacing import Pacer
from casework.talk import Outcome, OutcomeKind
from casework.usecases.work import Services
from tests.bot.conftest import RecordingChannel

DOWN = Outcome(kind=OutcomeKind.CHANNEL_DOWN, detail="Tài khoản đã rút quyền gửi tin.")


def lane() -> Lane:
    pacer = Pacer(rate_per_second=10, seconds_per_chat=0)
    return Lane(RecordingChannel(), pacer, in_flight=8, first_rest=5.0, metrics=Metrics())


def test_a_wait_until_the_morning_for_some_messages_does_not_silence_the_channel_that_long() -> None:
    one = lane()
    for _ in range(THROTTLE_AFTER):
        one.learn(Outcome(kind=OutcomeKind.THROTTLED, retry_after=8 * 3600.0))
    assert 0 < one.pacer.until_next_slot() <= LONGEST_REST


def test_what_a_channel_in_trouble_says_is_told_until_something_gets_through(services: Services) -> None:
    channel = RecordingChannel()
    outbox = Outbox(services, {(channel.name, channel.account): channel})
    assert outbox.troubles() == {}
    (inside,) = outbox._lanes
    for _ in range(TROUBLE_AFTER):
        inside.learn(DOWN)
    assert outbox.troubles() == {channel.name: DOWN.detail}
    inside.learn(Outcome(kind=OutcomeKind.SENT))
    assert outbox.troubles() == {}
