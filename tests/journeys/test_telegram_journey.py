"""Whole ways through the system on Telegram: real HTTP both ways on loopback, real database, a clock moved by hand."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp.web import AppRunner, TCPSite
from sqlmodel import select

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.webhook import SECRET_HEADER, check_secret
from bot.metrics import Metrics
from bot.rehearsal import Rehearsal
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault
from bot.web import Web, Webhook
from casework.clock import ManualClock
from casework.errors import AlreadyDecided
from casework.usecases.answers import answering
from casework.usecases.conference import agendas, conclusions, conference_day, conferences
from casework.usecases.office import enrolment
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import Delivery, DeliveryState, InboxEntry, InboxStatus, Opinion, Role

LAMPS = "Đèn đường trục thôn 4 tắt từ hôm bão về, tối om. Đề nghị xã sửa."
CITIZEN, NEIGHBOUR, OFFICER = 700_000_001, 700_000_002, 800_000_001


@dataclass(kw_only=True)
class Town:
    """One bot with its platform; phones are chat numbers."""

    services: Services
    rehearsal: Rehearsal
    platform: TelegramStandin
    boss: int
    references: dict[int, int] = field(default_factory=dict)

    async def write(self, person: int, text: str, **more: Any) -> int:
        self.references[person] = self.references.get(person, 0) + 1
        reference = self.references[person]
        message = {**self._head(person, reference), "text": text, **more}
        if more.get("photo") or more.get("document"):
            message.pop("text")
        await self.post({"message": message})
        return reference

    async def press(self, person: int, token: str) -> None:
        query = {"id": f"q{self.platform.next_update_id()}", "from": self._person(person), "chat_instance": "1"}
        await self.post({"callback_query": {**query, "data": token, "message": {**self._head(person, 1), "text": "…"}}})

    async def tap(self, person: int, label: str) -> None:
        """Tap the newest button whose label contains `label`."""
        for message in reversed(self.platform.delivered[str(person)]):
            for row in message.buttons:
                for button in row:
                    if label in button["text"]:
                        await self.press(person, button["callback_data"])
                        return
        raise AssertionError(f"{label!r} is on no button of {[m.text for m in self.platform.delivered[str(person)]]}")

    async def post(self, update: dict[str, Any]) -> None:
        assert await self.platform.post(update) == 200
        await self.rehearsal.settle()

    async def member(self, person: int, status: str) -> None:
        change = {
            "chat": {"id": person, "type": "private", "first_name": "Sáu"},
            "from": self._person(person),
            "date": int(self.rehearsal.clock.now().timestamp()),
            "old_chat_member": {
                "user": self._bot(),
                "status": "kicked" if status == "member" else "member",
                "until_date": 0,
            },
            "new_chat_member": {
                "user": self._bot(),
                "status": status,
                **({"until_date": 0} if status == "kicked" else {}),
            },
        }
        await self.post({"my_chat_member": change})

    async def submit(self, person: int, text: str = LAMPS) -> str:
        await self.write(person, text)
        await self.rehearsal.wait(10)
        await self.tap(person, "Đúng, gửi đi")
        for _ in range(3):
            await self.tap(person, "Đồng ý")
        with self.services.reading() as work:
            code = work.session.exec(select(Opinion.code).order_by(Opinion.id.desc())).first()  # type: ignore[union-attr]
        assert code is not None
        return code

    def read(self, person: int) -> list[str]:
        return self.platform.texts_to(person)

    def _person(self, person: int) -> dict[str, Any]:
        return {"id": person, "is_bot": False, "first_name": "Sáu", "language_code": "vi"}

    def _bot(self) -> dict[str, Any]:
        return {"id": 110201543, "is_bot": True, "first_name": "Đối thoại", "username": self.platform.username}

    def _head(self, person: int, reference: int) -> dict[str, Any]:
        return {
            "message_id": reference,
            "date": int(self.rehearsal.clock.now().timestamp()),
            "chat": {"id": person, "type": "private", "first_name": "Sáu"},
            "from": self._person(person),
        }


@asynccontextmanager
async def webhook(rehearsal: Rehearsal, telegram: TelegramChannel, platform: TelegramStandin) -> AsyncIterator[None]:
    """Our real web server on loopback, and the platform told where it is."""
    secret = "mat-khau_2026"
    door = Webhook(path="/webhook/telegram", channel=telegram, admits=lambda headers: check_secret(headers, secret))
    server = Web(rehearsal.services, rehearsal.inbox, webhooks=[door], channels=list, metrics=Metrics())
    runner = AppRunner(server.app, access_log=None)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}{door.path}"
    assert await telegram.prepare(office_name="xã Tân Minh", webhook_url=url, webhook_secret=secret) == []
    yield
    await runner.cleanup()


@pytest.fixture
async def town(services: Services, clock: ManualClock) -> AsyncIterator[Town]:
    boss = enrolment.add_staff(services, None, name="Lan", roles=list(Role), first=True).staff_id
    async with TelegramStandin() as platform:
        telegram = TelegramChannel(platform.token, base_url=platform.base_url, clock=clock)
        await telegram.open()
        rehearsal = Rehearsal(services=services, clock=clock, more=[telegram])
        async with webhook(rehearsal, telegram, platform):
            yield Town(services=services, rehearsal=rehearsal, platform=platform, boss=boss)
        await telegram.close()
    assert examine(services) == []


async def test_a_question_comes_back_answered_to_everybody_who_asked(town: Town) -> None:
    enrolled = enrolment.issue_code(town.services, town.boss, town.boss)
    await town.write(OFFICER, f"/ghidanh {enrolled.code}")
    code = await town.submit(CITIZEN)
    other = await town.submit(NEIGHBOUR, "den duong truc thon 4 mat may toi nay, toi om, nho xa sua giup")

    await town.write(OFFICER, f"/duyet {code}")
    await town.write(OFFICER, f"/gop {code} {other}")
    await town.rehearsal.wait(300)
    conference = conferences.plan(
        town.services,
        town.boss,
        title="Hội nghị đối thoại năm 2026",
        held_on=dt.date(2026, 11, 28),
        place="hội trường xã",
        chair="Bí thư Đảng ủy xã",
    )
    agendas.build_agenda(town.services, town.boss, conference)
    await town.rehearsal.wait(300)
    conference_day.hold(town.services, town.boss, conference, attendance=90, held_on=dt.date(2026, 11, 2))
    conference_day.record_outcome(town.services, town.boss, conference, 1, "deferred", by="Phòng Kinh tế xã")
    answering.assign(
        town.services, town.boss, f"{conference}/1", agency="Phòng Kinh tế xã", assigned_on=dt.date(2026, 11, 2)
    )
    conclusions.conclude(town.services, town.boss, conference, number="05/TB-UBND", date=dt.date(2026, 11, 2))
    answer = answering.write_answer(
        town.services,
        town.boss,
        f"{conference}/1",
        text="Xã đã thay 5 bóng đèn và tủ điều khiển, đèn sáng lại từ tối 25/11/2026.",
        agency="Phòng Kinh tế xã",
        document_number="112/UBND-KT",
        document_date=dt.date(2026, 11, 26),
    )
    answering.approve_answer(town.services, town.boss, answer)
    answering.publish_answer(town.services, town.boss, answer)
    with pytest.raises(AlreadyDecided):
        answering.publish_answer(town.services, town.boss, answer)
    await town.rehearsal.wait(300)

    for person in (CITIZEN, NEIGHBOUR):
        assert sum("Xã đã thay 5 bóng đèn" in text for text in town.read(person)) == 1
        assert sum("Thông báo kết luận số 05/TB-UBND" in text for text in town.read(person)) == 1
    await town.tap(CITIZEN, "Đã giải quyết")
    await town.write(NEIGHBOUR, "2")
    assert "Cảm ơn ông/bà đã cho biết" in town.read(CITIZEN)[-1]
    assert "còn vướng chỗ nào" in town.read(NEIGHBOUR)[-1]


async def test_who_blocks_us_before_the_answer_gets_it_on_coming_back_once(town: Town) -> None:
    code = await town.submit(CITIZEN)
    _approve(town, code)
    town.platform.inject(Fault.blocked(), method="sendMessage", chat_id=CITIZEN, times=None)
    await town.rehearsal.wait(300)
    _answer(town, code)
    await town.rehearsal.wait(300)
    assert not any("Đã vá xong" in text for text in town.read(CITIZEN))
    town.platform.heal()
    await town.member(CITIZEN, "member")
    await town.rehearsal.wait(5)
    assert sum("Đã vá xong" in text for text in town.read(CITIZEN)) == 1
    await town.write(CITIZEN, "xin chào")
    assert sum("Đã vá xong" in text for text in town.read(CITIZEN)) == 1


async def test_an_announced_block_keeps_us_from_sending_at_all(town: Town) -> None:
    code = await town.submit(CITIZEN)
    await town.member(CITIZEN, "kicked")
    calls = len([call for call in town.platform.calls if call.method == "sendMessage"])
    _approve(town, code)
    await town.rehearsal.wait(300)
    assert len([call for call in town.platform.calls if call.method == "sendMessage"]) == calls
    with town.services.reading() as work:
        notice = work.session.exec(select(Delivery).where(Delivery.purpose == "approved")).first()
        states = {row.state for row in work.session.exec(select(Delivery).where(Delivery.purpose != "reply"))}
    assert notice is None or notice.state == DeliveryState.WAITING_PICKUP
    assert states <= {DeliveryState.WAITING_PICKUP, DeliveryState.SENT}


async def test_the_same_update_twice_is_one_message(town: Town) -> None:
    update = {"update_id": 4242, "message": {**town._head(CITIZEN, 1), "text": "Xin chào"}}
    for _ in range(3):
        await town.post(update)
    assert len(town.read(CITIZEN)) == 1


async def test_a_press_that_overtakes_its_text_changes_nothing_and_loses_nothing(town: Town) -> None:
    await town.press(CITIZEN, "c:1:1")
    await town.write(CITIZEN, LAMPS)
    await town.rehearsal.wait(10)
    assert "Nút ông/bà vừa bấm là của tin cũ" in town.read(CITIZEN)[0]
    assert LAMPS in town.read(CITIZEN)[-1]
    assert town.platform.answered_presses == {} or all(text == "" for text in town.platform.answered_presses.values())


async def test_an_album_of_ten_and_a_file_too_large_stay_with_the_opinion(town: Town) -> None:
    for number in range(10):
        photo = [
            {"file_id": f"f{number}", "file_unique_id": f"u{number}", "width": 90, "height": 90, "file_size": 9000}
        ]
        await town.write(
            CITIZEN, "", photo=photo, media_group_id="album", **({"caption": LAMPS} if number == 3 else {})
        )
    film = {"file_id": "big", "file_unique_id": "bigu", "file_name": "quay.mp4", "file_size": 25_000_000}
    await town.write(CITIZEN, "", document=film)
    await town.rehearsal.wait(10)
    summaries = [text for text in town.read(CITIZEN) if "Kèm theo" in text]
    assert len(summaries) == 1
    assert "10 ảnh, 1 tệp (tệp quá lớn" in summaries[0]


async def test_odd_payloads_are_kept_and_never_stop_the_next_message(town: Town) -> None:
    url = town.platform.webhook["url"]
    secret = {SECRET_HEADER: town.platform.webhook["secret_token"]}
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=b"{not json", headers=secret) as response:
            assert response.status == 200
        async with session.post(url, data=b"\xff\xfe", headers=secret) as response:
            assert response.status == 200
        async with session.post(url, json={"update_id": 1}, headers={SECRET_HEADER: "x"}) as response:
            assert response.status == 403
        async with session.post(url, data=io.BytesIO(b"x" * 2_000_000), headers=secret) as response:
            assert response.status == 413
    await town.post({"update_id": 77, "quantum_message": {"id": 1}})
    await town.post({"update_id": 78, "message": {"message_id": "x", "chat": 5, "date": None}})
    await town.write(CITIZEN, "Xin chào")
    assert len(town.read(CITIZEN)) == 1
    with town.services.reading() as work:
        entries = work.session.exec(select(InboxEntry)).all()
    assert all(entry.status != InboxStatus.RECEIVED for entry in entries)
    assert sum(entry.status == InboxStatus.QUARANTINED for entry in entries) >= 2
    assert all(entry.reason for entry in entries if entry.status != InboxStatus.HANDLED)


async def test_a_hundred_thousand_characters_are_kept_whole_and_answered_in_parts(town: Town) -> None:
    text = "Đề nghị xã sửa đường thôn 4. " * 3_500
    await town.write(CITIZEN, text)
    await town.rehearsal.wait(10)
    assert all(len(part.encode("utf-16-le")) // 2 <= 4096 for part in town.read(CITIZEN))
    with town.services.reading() as work:
        (entry,) = work.session.exec(select(InboxEntry)).all()
    assert entry.text is not None
    assert entry.text.strip() == text.strip()


async def test_a_lost_reply_is_marked_unknown_and_not_sent_again(town: Town) -> None:
    town.platform.inject(Fault.lost_reply(), method="sendMessage", chat_id=CITIZEN)
    await town.write(CITIZEN, "Xin chào")
    await town.rehearsal.wait(600)
    assert len(town.read(CITIZEN)) == 1
    with town.services.writing() as work:
        delivery = work.session.exec(select(Delivery)).one()
        assert delivery.state == DeliveryState.UNKNOWN
        delivery.state = DeliveryState.SENT
        work.session.add(delivery)
        work.commit()


def _approve(town: Town, code: str) -> None:
    from casework.usecases.moderation import triage

    triage.approve(town.services, town.boss, code)


def _answer(town: Town, code: str) -> None:
    answer = answering.write_answer(
        town.services,
        town.boss,
        code,
        text="Đã vá xong ngày 20/11/2026.",
        agency="UBND xã",
        document_number="9/UBND",
        document_date=dt.date(2026, 11, 20),
    )
    answering.approve_answer(town.services, town.boss, answer)
    answering.publish_answer(town.services, town.boss, answer)


async def test_no_name_is_kept_of_who_declines_to_have_it_kept(town: Town) -> None:
    await town.write(CITIZEN, LAMPS)
    await town.rehearsal.wait(10)
    await town.tap(CITIZEN, "Đúng, gửi đi")
    for _ in range(3):
        await town.tap(CITIZEN, "Không")
    with town.services.reading() as work:
        kept = " ".join(entry.raw for entry in work.session.exec(select(InboxEntry)).all())
        texts = [entry.text for entry in work.session.exec(select(InboxEntry)).all()]
    assert "first_name" not in kept
    assert LAMPS in texts
