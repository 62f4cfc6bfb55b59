"""The worker: order within a conversation, parallel across them, a poison entry holds up nobody, nothing is lost."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.claims import Claims
from bot.inbox import Inbox
from bot.worker import MAX_ATTEMPTS, Worker
from casework.clock import SystemClock
from casework.usecases.work import Services
from storage.database import Database
from storage.records import Conversation, InboxEntry, InboxStatus


@pytest.fixture
def worker_of(bare_services, channels, turn) -> Callable[..., Worker]:
    def make(services: Services | None = None, **options: object) -> Worker:
        return Worker(
            services or bare_services,
            channels,
            handle_entry=turn.handle_entry,
            wake_conversation=turn.wake_conversation,
            **options,
        )

    return make


def put(services: Services, channel, *payloads: dict[str, object]) -> None:
    inbox = Inbox(services)
    for payload in payloads:
        inbox.store_payload(channel, payload)


def entry(services: Services, external_id: str) -> InboxEntry:
    with services.reading() as work:
        return work.session.exec(select(InboxEntry).where(InboxEntry.external_id == external_id)).one()


def wait_until(happened: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def test_draining_handles_everything_and_keeps_the_order_within_each_conversation(
    bare_services, channel, turn, worker_of
) -> None:
    put(bare_services, channel, *({"id": number, "chat": number % 7} for number in range(70)))
    drained = worker_of().drain()
    assert drained.entries == 70
    for chat in range(7):
        numbers = [int(number) for where, number in turn.order if where == str(chat)]
        assert numbers == sorted(numbers)
        assert len(numbers) == 10
    assert worker_of().drain().entries == 0


def test_a_poison_entry_is_quarantined_with_its_reason_while_all_others_go_on(
    bare_services, channel, turn, worker_of
) -> None:
    put(
        bare_services,
        channel,
        {"id": 1, "chat": 1, "poison": True},
        {"id": 2, "chat": 1},
        {"id": 3, "chat": 2},
    )
    drained = worker_of().drain()
    assert drained.quarantined == 1
    assert sorted(turn.order) == [("1", "2"), ("2", "3")]
    poison = entry(bare_services, "1")
    assert poison.status == InboxStatus.QUARANTINED
    assert poison.attempts == MAX_ATTEMPTS
    assert poison.reason == "failed: ZeroDivisionError"


def test_a_fault_of_the_database_is_not_counted_against_the_entry(bare_services, channel, channels, turn) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1})

    def locked(services: Services, channels: object, entry_id: int) -> list[object]:
        raise OperationalError("SELECT 1", {}, Exception("database is locked"))

    worker = Worker(bare_services, channels, handle_entry=locked, wake_conversation=turn.wake_conversation)
    with pytest.raises(OperationalError):
        worker.drain()
    assert entry(bare_services, "1").attempts == 0


def test_a_talk_is_woken_when_its_time_has_come_and_not_before(bare_services, channel, turn, worker_of, clock) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1})
    worker_of().drain()
    with bare_services.writing() as work:
        talk = work.session.exec(select(Conversation)).one()
        talk.wake_at = clock.now() + dt.timedelta(seconds=20)
        work.session.add(talk)
        work.commit()
    assert worker_of().drain().wakes == 0
    clock.advance(20)
    assert worker_of().drain().wakes == 1
    assert turn.woken == [talk.id]


def test_a_talk_whose_waking_fails_is_tried_again_later_and_stops_nobody(
    bare_services, channel, turn, worker_of, clock
) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1})
    worker_of().drain()
    with bare_services.writing() as work:
        talk = work.session.exec(select(Conversation)).one()
        talk.wake_at = clock.now()
        work.session.add(talk)
        work.commit()
    put(bare_services, channel, {"id": 2, "chat": 2})
    turn.fail_wakes = True
    assert worker_of().drain().wakes == 0
    assert ("2", "2") in turn.order
    turn.fail_wakes = False
    clock.advance(300)
    assert worker_of().drain().wakes == 1


def test_the_conversation_of_a_killed_worker_is_taken_over_when_its_lease_is_over(
    bare_services, channel, turn, worker_of, clock
) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1})
    dead = Claims(bare_services, holder="killed", channels=[("thu", "kenh-1")], lease=dt.timedelta(seconds=60))
    assert len(dead.swap(done=[], limit=1)) == 1
    assert worker_of().drain().entries == 0
    clock.advance(60)
    assert worker_of().drain().entries == 1


def test_a_worker_that_lost_its_lease_notices_and_one_that_has_it_prolongs_it(bare_services, channel, clock) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1})
    lease = dt.timedelta(seconds=60)
    first = Claims(bare_services, holder="first", channels=[("thu", "kenh-1")], lease=lease)
    second = Claims(bare_services, holder="second", channels=[("thu", "kenh-1")], lease=lease)
    [claim] = first.swap(done=[], limit=1)
    clock.advance(40)
    renewed = first.renewed(claim)
    assert renewed is not None
    assert renewed.until == clock.now() + lease
    assert second.swap(done=[], limit=1) == []
    clock.advance(61)
    assert len(second.swap(done=[], limit=1)) == 1
    assert first.renewed(renewed) is None


def test_entries_of_a_channel_that_is_off_wait_until_it_is_on_again(bare_services, channel, turn, worker_of) -> None:
    Inbox(bare_services).store("other", "x", channel.envelope({"id": 1}), "{}")
    put(bare_services, channel, {"id": 2, "chat": 1})
    assert worker_of().drain().entries == 1
    with bare_services.reading() as work:
        waiting = work.session.exec(select(InboxEntry).where(InboxEntry.channel == "other")).one()
    assert waiting.status == InboxStatus.RECEIVED


def test_running_threads_are_woken_by_the_inbox_at_once_and_keep_the_order(
    database, channel, channels, turn, bare_services
) -> None:
    services = Services(database=database, clock=SystemClock())
    worker = Worker(
        services,
        channels,
        handle_entry=turn.handle_entry,
        wake_conversation=turn.wake_conversation,
        poll_seconds=60.0,
    )
    worker.start()
    time.sleep(0.1)
    inbox = Inbox(services, on_new=worker.notify)
    for number in range(60):
        inbox.store_payload(channel, {"id": number, "chat": number % 5})
    wait_until(lambda: len(turn.order) == 60)
    assert worker.stop(60.0)
    for chat in range(5):
        numbers = [int(number) for where, number in turn.order if where == str(chat)]
        assert numbers == sorted(numbers)
    with services.reading() as work:
        assert {talk.claimed_by for talk in work.session.exec(select(Conversation))} == {None}


def test_a_thread_survives_a_database_that_fails_for_a_while_and_goes_on_by_itself(
    bare_services, channel, channels, turn
) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1}, {"id": 2, "chat": 2})
    faults = [OperationalError("UPDATE", {}, Exception("disk I/O error")), RuntimeError("a bug of ours")]

    def shaky(services: Services, channels: object, entry_id: int) -> list[object]:
        if faults:
            raise faults.pop(0)
        return turn.handle_entry(services, channels, entry_id)

    services = Services(database=bare_services.database, clock=SystemClock())
    worker = Worker(services, channels, handle_entry=shaky, wake_conversation=turn.wake_conversation, threads=1)
    worker.start()
    wait_until(lambda: len(turn.order) == 2)
    assert worker.stop(60.0)
    assert {entry(bare_services, number).status for number in ("1", "2")} == {InboxStatus.HANDLED}


def test_turns_give_way_to_a_burst_of_messages_but_not_for_ever(bare_services, channel, turn, channels) -> None:
    put(bare_services, channel, {"id": 1, "chat": 1}, {"id": 2, "chat": 1})
    asked: list[float] = []

    def busy() -> bool:
        asked.append(time.monotonic())
        return len(asked) < 5

    worker = Worker(
        bare_services,
        channels,
        handle_entry=turn.handle_entry,
        wake_conversation=turn.wake_conversation,
        give_way=busy,
    )
    assert worker.drain().entries == 2
    assert len(asked) == 6
    endless = Worker(
        bare_services,
        channels,
        handle_entry=turn.handle_entry,
        wake_conversation=turn.wake_conversation,
        give_way=lambda: True,
    )
    put(bare_services, channel, {"id": 3, "chat": 1})
    begun = time.monotonic()
    assert endless.drain().entries == 1
    assert 0.9 < time.monotonic() - begun < 60


def test_two_workers_on_one_database_handle_each_entry_once(bare_services, channel, channels, turn) -> None:
    put(bare_services, channel, *({"id": number, "chat": number % 11} for number in range(110)))
    databases = [Database(bare_services.database.url) for _ in range(2)]
    workers = [
        Worker(
            Services(database=each, clock=SystemClock()),
            channels,
            handle_entry=turn.handle_entry,
            wake_conversation=turn.wake_conversation,
            threads=2,
        )
        for each in databases
    ]
    for worker in workers:
        worker.start()
    wait_until(lambda: len(turn.order) >= 110)
    for worker, each in zip(workers, databases, strict=True):
        assert worker.stop(60.0)
        each.close()
    assert len(turn.order) == len(set(turn.order)) == 110
    for chat in range(11):
        numbers = [int(number) for where, number in turn.order if where == str(chat)]
        assert numbers == sorted(numbers)


def test_stopping_lets_the_turn_that_has_begun_end_and_starts_no_other(bare_services, channel, channels, turn) -> None:
    put(bare_services, channel, *({"id": number, "chat": 1} for number in range(50)))

    def slow(services: Services, channels: object, entry_id: int) -> list[object]:
        time.sleep(0.1)
        return turn.handle_entry(services, channels, entry_id)

    services = Services(database=bare_services.database, clock=SystemClock())
    worker = Worker(services, channels, handle_entry=slow, wake_conversation=turn.wake_conversation)
    worker.start()
    wait_until(lambda: len(turn.order) >= 1)
    assert worker.stop(60.0)
    handled = len(turn.order)
    assert 1 <= handled < 50
    time.sleep(0.2)
    assert len(turn.order) == handled
