"""The durable inbox: committed before it is acknowledged, once however often it comes, and never lost for its form."""

from __future__ import annotations

import asyncio
import base64
import json

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.channel import Envelope
from bot.group_commit import Closed
from bot.inbox import Inbox, StoreResult, arrival_of
from casework.usecases.work import Services
from storage.database import Database
from storage.records import InboxEntry, InboxStatus


def entries(services: Services) -> list[InboxEntry]:
    with services.reading() as work:
        return list(work.session.exec(select(InboxEntry)))


def body(number: int, **more: object) -> bytes:
    return json.dumps({"id": number, "chat": 1} | more).encode()


async def test_what_is_acknowledged_is_committed_and_the_second_time_it_is_a_duplicate(bare_services, channel) -> None:
    inbox = Inbox(bare_services)
    assert await inbox.put(arrival_of(channel, body(1))) is StoreResult.NEW
    other_process = Database(bare_services.database.url)
    with other_process.reading() as session:
        assert session.exec(select(InboxEntry.external_id)).all() == ["1"]
    other_process.close()
    assert await inbox.put(arrival_of(channel, body(1))) is StoreResult.DUPLICATE
    assert len(entries(bare_services)) == 1
    await inbox.close()


async def test_five_hundred_at_once_are_all_stored_in_order_and_a_repeat_among_them_only_once(
    bare_services, channel
) -> None:
    inbox = Inbox(bare_services)
    numbers = [*range(500), 7, 8, 9]
    results = await asyncio.gather(*(inbox.put(arrival_of(channel, body(number))) for number in numbers))
    assert results.count(StoreResult.NEW) == 500
    assert results[-3:] == [StoreResult.DUPLICATE] * 3
    assert [entry.external_id for entry in entries(bare_services)] == [str(number) for number in range(500)]
    await inbox.close()


def test_the_same_number_of_another_account_is_another_message(bare_services, channel) -> None:
    inbox = Inbox(bare_services)
    envelope = Envelope(external_id="1", conversation_key="k")
    assert inbox.store("thu", "kenh-1", envelope, "{}") is StoreResult.NEW
    assert inbox.store("thu", "kenh-2", envelope, "{}") is StoreResult.NEW
    assert inbox.store("thu", "kenh-2", envelope, "{}") is StoreResult.DUPLICATE


@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"[1, 2]", b"null", b'"text"', b"\xff\xfe{}", b'{"id": 1}\x00', b"[" * 100_000, b"1" * 5_000],
    ids=["empty", "cut", "list", "null", "text", "not utf-8", "nul", "deep", "long number"],
)
async def test_a_body_that_is_no_json_object_is_kept_word_for_word_in_quarantine(bare_services, channel, raw) -> None:
    inbox = Inbox(bare_services)
    assert await inbox.put(arrival_of(channel, raw)) is StoreResult.QUARANTINED
    assert await inbox.put(arrival_of(channel, raw)) is StoreResult.DUPLICATE
    [entry] = entries(bare_services)
    assert entry.status == InboxStatus.QUARANTINED
    assert entry.reason is not None
    kept = entry.raw.removeprefix("base64:")
    assert (base64.b64decode(kept) if kept != entry.raw else kept.encode()) == raw
    await inbox.close()


def test_half_a_surrogate_pair_in_a_polled_payload_can_be_stored_and_read_again(bare_services, channel) -> None:
    inbox = Inbox(bare_services)
    assert inbox.store_payload(channel, {"id": 5, "text": "a\ud800"}) is StoreResult.NEW
    [entry] = entries(bare_services)
    assert json.loads(entry.raw)["text"] == "a\ud800"


async def test_when_the_database_refuses_the_caller_is_told_and_may_try_again(bare_services, channel, clock) -> None:
    inbox = Inbox(bare_services)
    with bare_services.database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE inbox_entry RENAME TO hidden")
        connection.commit()
    with pytest.raises(OperationalError):
        await inbox.put(arrival_of(channel, body(1)))
    with bare_services.database.engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE hidden RENAME TO inbox_entry")
        connection.commit()
    assert await inbox.put(arrival_of(channel, body(1))) is StoreResult.NEW
    await inbox.close()


async def test_only_new_work_rings_the_bell(bare_services, channel) -> None:
    rung: list[int] = []
    inbox = Inbox(bare_services, on_new=lambda: rung.append(1))
    for raw in (body(1), body(1), b"{"):
        await inbox.put(arrival_of(channel, raw))
    assert rung == [1]
    await inbox.close()


async def test_many_arrivals_at_once_are_a_burst_and_a_single_one_is_none(bare_services, channel) -> None:
    inbox = Inbox(bare_services)
    await inbox.put(arrival_of(channel, body(1)))
    assert not inbox.in_burst()
    await asyncio.gather(*(inbox.put(arrival_of(channel, body(number))) for number in range(2, 20)))
    assert inbox.in_burst()
    await inbox.close()


async def test_after_closing_nothing_more_is_taken_but_what_was_handed_in_is_written(bare_services, channel) -> None:
    inbox = Inbox(bare_services)
    last = asyncio.ensure_future(inbox.put(arrival_of(channel, body(1))))
    await asyncio.sleep(0)
    await inbox.close()
    assert await last is StoreResult.NEW
    with pytest.raises(Closed):
        await inbox.put(arrival_of(channel, body(2)))
