"""What a turn costs the database: each statement more is paid by everybody who waits behind it."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import event
from sqlmodel import select

from bot.rehearsal import Rehearsal
from bot.turn import handle_entry
from casework.clock import ManualClock
from casework.usecases.work import Services
from storage.records import InboxEntry, InboxStatus


async def test_a_citizens_turn_asks_few_questions(services: Services, clock: ManualClock) -> None:
    stage = Rehearsal(services=services, clock=clock)
    await stage.write("a", "Đèn đường trục thôn 4 tắt từ hôm bão về")
    payload = {"id": "next", "chat": "a", "text": "từ nhà văn hóa trở xuống", "at": clock.now().isoformat()}
    channel = stage.channel
    stage.inbox.store(channel.name, channel.account, channel.envelope(payload), json.dumps(payload))
    with services.reading() as work:
        entry_id = work.session.exec(select(InboxEntry.id).where(InboxEntry.status == InboxStatus.RECEIVED)).one()
    assert entry_id is not None
    asked: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(services.database.engine, "before_cursor_execute", count)
    handle_entry(services, {(channel.name, channel.account): channel}, entry_id)
    event.remove(services.database.engine, "before_cursor_execute", count)
    assert len(asked) <= 17, "\n".join(asked)
    assert asked.count("BEGIN IMMEDIATE") == 1
