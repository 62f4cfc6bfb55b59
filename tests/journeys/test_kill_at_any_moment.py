"""The real program is killed with SIGKILL again and again while citizens write; then it is started once more.

Nothing may be lost and nothing may be answered twice, except a send whose outcome the kill hid: that one is marked
unknown, and staff see it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from aiohttp import ClientError, ClientSession, ClientTimeout
from sqlmodel import col, select
from typer.testing import CliRunner

from admin_cli.app import app
from bot.channels.telegram.webhook import SECRET_HEADER
from bot.standins.telegram import TelegramStandin
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryState, InboxEntry, InboxStatus, Role
from tests.casework.factories import make_staff
from tests.journeys.killing import Program, at_rest, running

KILLS = 20
CHATS = 110
SECRET = "mat-khau_2026"
#: what one citizen writes; the second message may come before or after the first is answered
TALKS = (
    ("Bao giờ xã sửa con đường thôn 5, mưa là ngập, các cháu đi học khổ lắm?", "1"),
    ("Xin chào", "Đèn đường thôn 4 hỏng cả tháng nay, đề nghị xã cho sửa."),
    ("bao gio co hoi nghi doi thoai", "cảm ơn"),
)


def update(number: int, chat: int, text: str) -> dict[str, object]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": int(dt.datetime.now(dt.UTC).timestamp()),
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "Bà Tư"},
            "text": text,
        },
    }


async def write_like_telegram(session: ClientSession, hook: str, updates: list[dict[str, object]], waits: list[float]):
    """One chat: the next update only after the one before got its 200; anything else means to come again."""
    for one, wait in zip(updates, waits, strict=True):
        await asyncio.sleep(wait)
        while True:
            try:
                async with session.post(hook, json=one, headers={SECRET_HEADER: SECRET}) as response:
                    if response.status == 200:
                        break
            except (ClientError, OSError, TimeoutError):
                pass
            await asyncio.sleep(0.05)


@pytest.mark.long
async def test_killed_at_any_moment_nothing_is_lost_and_nothing_is_answered_twice(
    services: Services, tmp_path: Path
) -> None:
    chance = random.Random(20261121)
    make_staff(services, Role.MODERATOR, name="Chị Lan")
    async with (
        TelegramStandin(latency=0.02) as telegram,
        ClientSession(timeout=ClientTimeout(total=5)) as session,
    ):
        program = Program(
            services,
            tmp_path,
            telegram_token=TelegramStandin.TOKEN,
            telegram_base_url=telegram.base_url,
            telegram_mode="webhook",
            telegram_webhook_secret=SECRET,
        )
        hook = f"{program.url}/webhook/telegram"
        numbers = iter(range(700_000_001, 800_000_000))
        talks = [
            [update(next(numbers), 5000 + chat, text) for text in TALKS[chat % len(TALKS)]] for chat in range(CHATS)
        ]
        async with running(program):
            writers = [
                asyncio.create_task(
                    write_like_telegram(session, hook, talk, [chance.uniform(0, 10), chance.uniform(0, 4)])
                )
                for talk in talks
            ]
            for _ in range(KILLS):
                await program.start()
                await asyncio.sleep(chance.uniform(0.0, 0.7))
                await program.kill()
            await program.start()
            async with asyncio.timeout(120):
                await asyncio.gather(*writers)
                while not at_rest(services):  # noqa: ASYNC110 - looks at another program's state
                    await asyncio.sleep(0.1)
            assert await program.stop() == 0
        posted = {str(one["update_id"]) for talk in talks for one in talk}
        every_update_is_there_once_and_handled(services, posted)
        every_reply_is_there_once_but_for_the_unknown(services, telegram)
        staff_see_what_is_unknown(services)
    assert [finding.what for finding in examine(services) if finding.severity == "breach"] == []


def every_update_is_there_once_and_handled(services: Services, posted: set[str]) -> None:
    with services.reading() as work:
        entries = work.session.exec(select(InboxEntry)).all()
    assert Counter(entry.external_id for entry in entries) == Counter(posted)
    assert {entry.status for entry in entries} == {InboxStatus.HANDLED}


def every_reply_is_there_once_but_for_the_unknown(services: Services, telegram: TelegramStandin) -> None:
    with services.reading() as work:
        rows = work.session.exec(
            select(Delivery, ChannelIdentity.external_id).join(
                ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id)
            )
        ).all()
    assert {row.state for row, _ in rows} <= {DeliveryState.SENT, DeliveryState.UNKNOWN}
    sent = Counter((chat, row.text) for row, chat in rows if row.state == DeliveryState.SENT)
    unknown = Counter((chat, row.text) for row, chat in rows if row.state == DeliveryState.UNKNOWN)
    arrived = Counter((chat, message.text) for chat, messages in telegram.delivered.items() for message in messages)
    assert sent - arrived == Counter(), "recorded as sent, but never arrived"
    assert arrived - sent - unknown == Counter(), "arrived twice, or nobody wrote it"
    answered = {chat for chat, _ in sent + unknown}
    assert answered == {str(5000 + chat) for chat in range(CHATS)}


def staff_see_what_is_unknown(services: Services) -> None:
    with services.reading() as work:
        unknown = set(work.session.exec(select(Delivery.id).where(Delivery.state == DeliveryState.UNKNOWN)))
    command = ["delivery", "list", "--state", "unknown", "--format", "json", "--db", services.database.url]
    shown = CliRunner().invoke(app, command)
    assert {row["id"] for row in json.loads(shown.stdout)} == unknown
