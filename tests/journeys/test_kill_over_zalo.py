"""The real program is killed with SIGKILL again and again while people talk over Zalo and answers go out to others.

The platform comes again with what it could not deliver, and tells us of our own messages: so what a kill has hidden is
found out by itself. No answer may be lost, none may be on a phone twice.
"""

from __future__ import annotations

import asyncio
import random
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from bot.standins.zalo_oa import ZaloOaStandin
from casework import notices
from casework.clock import SystemClock
from casework.codes import new_code
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    InboxEntry,
    InboxStatus,
    Opinion,
    OpinionState,
    Role,
)
from tests.casework.factories import make_staff
from tests.journeys.killing import Program, at_rest, running
from tests.journeys.zalo_town import connect

KILLS = 12
TALKERS, WAITING = 36, 60
S = DeliveryState
TALKS = (
    ("Bao giờ xã sửa con đường thôn 5, mưa là ngập, các cháu đi học khổ lắm?", "1"),
    ("Xin chào", "Đèn đường thôn 4 hỏng cả tháng nay, đề nghị xã cho sửa."),
    ("bao gio co hoi nghi doi thoai", "cảm ơn"),
)


class Platform:
    """Zalo's side, as patient as Zalo but quicker: what gets no 200 is posted again a moment later."""

    def __init__(self, oa: ZaloOaStandin) -> None:
        self.oa = oa
        self.posted = 0

    async def insist(self, event: dict[str, Any]) -> None:
        body, headers = self.oa.caller.signed(event)
        while await self.oa.caller.post(body, headers) != 200:  # noqa: ASYNC110 - waits for another program
            await asyncio.sleep(0.05)
        self.posted += 1

    async def person(self, user: str, texts: tuple[str, ...], waits: list[float]) -> None:
        for text, wait in zip(texts, waits, strict=True):
            await asyncio.sleep(wait)
            event = self.oa.text_event(user, text)
            await self.insist(event)
            if wait > 1:
                await self.insist(event)

    async def echoes(self) -> None:
        """Tell of each message the account has sent, in order."""
        while True:
            if self.oa.outgoing:
                await self.insist(self.oa.outgoing[0])
                self.oa.outgoing.pop(0)
            else:
                await asyncio.sleep(0.02)


def owe_an_answer(services: Services, oa: ZaloOaStandin, user: str) -> None:
    """An answer is due to somebody who wrote a moment ago."""
    oa.text_event(user, "Xin chào")
    with services.writing() as work:
        now = SystemClock().now()
        person = work.add(Citizen(office_id=services.office_id, created_at=now))
        identity = work.add(
            ChannelIdentity(
                channel="zalo-oa",
                account=oa.APP_ID,
                external_id=user,
                citizen_id=person.id,
                last_inbound_at=now,
            )
        )
        work.add(
            Consent(
                citizen_id=person.id or 0,
                purpose=ConsentPurpose.PUSH,
                granted=True,
                wording_version="test",
                wording_hash="test",
                at=now,
            )
        )
        opinion = work.add(
            Opinion(
                office_id=services.office_id,
                code=new_code(services.random),
                citizen_id=person.id,
                channel_identity_id=identity.id,
                state=OpinionState.APPROVED,
                original_text="Đường thôn 5 hỏng.",
                kind="y-kien",
                topic="giao-thong",
                level="xa",
                submitted_at=now,
            )
        )
        notices.tell_asker(work, opinion, purpose="answer", text=f"Đã vá xong đường trước nhà số {user[-3:]}.")
        work.commit()


@pytest.mark.long
async def test_killed_at_any_moment_no_answer_is_lost_and_none_is_on_a_phone_twice(
    services: Services, tmp_path: Path
) -> None:
    chance = random.Random(20261122)
    make_staff(services, Role.MODERATOR, name="Chị Lan")
    live = Services(database=services.database, clock=SystemClock(), random=services.random)
    async with ZaloOaStandin(latency=0.02) as oa:
        connect(live, oa)
        program = Program(
            services,
            tmp_path,
            zalo_oa_app_id=oa.APP_ID,
            zalo_oa_app_secret=oa.APP_SECRET,
            zalo_oa_secret_key=oa.SECRET_KEY,
            zalo_oa_base_url=oa.base_url,
            zalo_oa_oauth_url=oa.oauth_url,
            zalo_oa_rate_per_minute="1800",
            quiet_from="00:00",
            quiet_until="00:00",
            keep_line_open="off",
        )
        oa.caller.url = f"{program.url}/webhook/zalo-oa"
        platform = Platform(oa)
        waiting = [str(4_521_893_670_022_000_000 + number) for number in range(WAITING)]
        talkers = [str(4_521_893_670_033_000_000 + number) for number in range(TALKERS)]
        for user in waiting:
            owe_an_answer(live, oa, user)
        async with running(program):
            echoing = asyncio.create_task(platform.echoes())
            people = [
                asyncio.create_task(
                    platform.person(user, TALKS[n % len(TALKS)], [chance.uniform(0, 8), chance.uniform(0, 3)])
                )
                for n, user in enumerate(talkers)
            ]
            for _ in range(KILLS):
                await program.start()
                await asyncio.sleep(chance.uniform(0.0, 0.7))
                await program.kill()
            await program.start()
            async with asyncio.timeout(120):
                await asyncio.gather(*people)
                while oa.outgoing or not at_rest(services):  # noqa: ASYNC110 - looks at another program's state
                    await asyncio.sleep(0.1)
            echoing.cancel()
            assert await program.stop() == 0
        every_text_was_handled_once(services, talkers)
        every_message_is_there_once(services, oa)
        every_answer_arrived(services, oa, waiting)
    broken = [finding for finding in examine(live) if finding.subject == "delivery" and finding.severity == "breach"]
    assert broken == []


def every_text_was_handled_once(services: Services, talkers: list[str]) -> None:
    with services.reading() as work:
        rows = work.session.exec(
            select(InboxEntry.text, InboxEntry.status, ChannelIdentity.external_id)
            .join(ChannelIdentity, col(ChannelIdentity.id) == col(InboxEntry.channel_identity_id))
            .where(col(InboxEntry.kind) != "echo")
        ).all()
    assert {status for _, status, _ in rows} == {InboxStatus.HANDLED}
    said = Counter((user, text) for n, user in enumerate(talkers) for text in TALKS[n % len(TALKS)])
    assert Counter((user, text) for text, _, user in rows) == said


def every_message_is_there_once(services: Services, oa: ZaloOaStandin) -> None:
    with services.reading() as work:
        rows = work.session.exec(
            select(Delivery, ChannelIdentity.external_id).join(
                ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id)
            )
        ).all()
    assert {row.state for row, _ in rows} <= {S.SENT, S.UNKNOWN}
    sent = Counter((user, _plain(row.text)) for row, user in rows if row.state == S.SENT)
    unknown = Counter((user, _plain(row.text)) for row, user in rows if row.state == S.UNKNOWN)
    arrived = Counter((user, _plain(text)) for user in oa.people for text in oa.texts_to(user))
    assert sent - arrived == Counter(), "recorded as sent, but never arrived"
    assert arrived - sent == Counter(), "arrived twice, or the echo did not prove it"
    assert not unknown & arrived, "what arrived is known to have arrived"


def every_answer_arrived(services: Services, oa: ZaloOaStandin, waiting: list[str]) -> None:
    with services.reading() as work:
        unknown = set(
            work.session.exec(
                select(ChannelIdentity.external_id)
                .join(Delivery, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
                .where(Delivery.state == S.UNKNOWN)
            )
        )
    missing = {user for user in waiting if len(oa.texts_to(user)) != 1}
    assert missing <= unknown, "only what staff are shown as unknown may be missing"


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()
