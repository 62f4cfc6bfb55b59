"""What people hear of a channel over which nothing gets through, and how long a throttled one rests."""

from __future__ import annotations

from bot.lane import BLAMED_AFTER, LONGEST_REST, LONGEST_REST_FOR_ONE, THROTTLE_AFTER, TROUBLE_AFTER, Lane
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


def refused(delivery: int, one: Lane, kind: OutcomeKind = OutcomeKind.CHANNEL_DOWN) -> tuple[Outcome, bool]:
    one.pacer.resume()
    return one.learn(Outcome(kind=kind), delivery=delivery, chat=delivery)


def test_a_number_the_platform_gave_is_an_answer_to_the_message_and_counts_as_its_try() -> None:
    one = lane()
    for _ in range(3 * TROUBLE_AFTER):
        outcome, trouble = one.learn(Outcome(kind=OutcomeKind.RETRY_LATER, code="-200"), delivery=1, chat=1)
        assert (outcome.kind, trouble) == (OutcomeKind.RETRY_LATER, False)
    assert not one.in_trouble
    assert not one.pacer.paused


def test_no_connection_is_held_against_nobody_however_often() -> None:
    one = lane()
    for _ in range(TROUBLE_AFTER - 1):
        refused(1, one, OutcomeKind.RETRY_LATER)
    assert all(refused(1, one, OutcomeKind.RETRY_LATER)[1] for _ in range(50))


def test_in_trouble_each_probe_goes_to_another_chat_and_then_all_over_again() -> None:
    one = lane()
    for number in (1, 2, 3):
        refused(number, one)
        assert one.passed_over() == list(range(1, number + 1))
    assert one.probe_anew()
    assert one.passed_over() == []
    assert not one.probe_anew()


def test_a_message_that_never_gets_through_while_others_do_is_to_blame_itself() -> None:
    one = lane()
    for _ in range(BLAMED_AFTER):
        assert refused(1, one) == (Outcome(kind=OutcomeKind.CHANNEL_DOWN), True)
        one.learn(Outcome(kind=OutcomeKind.SENT), delivery=2, chat=2)
    assert refused(1, one) == (Outcome(kind=OutcomeKind.RETRY_LATER), False)
    assert not one.in_trouble
    assert refused(3, one)[1], "another one is still a sign that the channel is down"
    assert refused(1, one)[1], "and then nothing is held against anybody"


def test_while_one_message_alone_has_failed_the_channel_rests_shortly() -> None:
    one = lane()
    for _ in range(20):
        refused(1, one)
    assert one.pacer.until_next_slot() <= LONGEST_REST_FOR_ONE
    refused(2, one)
    assert LONGEST_REST_FOR_ONE < one.pacer.until_next_slot() <= LONGEST_REST
