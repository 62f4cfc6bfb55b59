"""The play: three weeks of messages, the agenda, the conference, the conclusion, the answers. Residents and staff are
imaginary; inbox, talk, database, use cases and outbox are the real ones."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import col, select

from admin_cli.demo.paperwork import Paperwork
from admin_cli.demo.phones import Phones
from admin_cli.demo.residents import Record, Resident, read_sample, records
from admin_cli.demo.staff import Desk, Team, agency_for, employ, evening
from casework.answer_check import warnings
from casework.clock import VIETNAM
from casework.ladder.values import Rung
from casework.usecases.answers import answering
from casework.usecases.conference import agendas, conclusions, conference_day, conferences, issues
from casework.usecases.delivery.by_hand import hand_over
from casework.usecases.delivery.forecast import Forecast, forecast
from casework.usecases.delivery.slip_list import waiting_slips
from casework.usecases.documents.slips import print_slips
from casework.usecases.moderation import digest
from casework.usecases.office.enrolment import issue_code
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services
from storage.records import AgendaItem, AgendaOutcome, ChannelIdentity, Delivery, DeliveryState, OpinionGroup

CONFERENCE_DAY = dt.date(2026, 11, 28)
AGENDA_DAY = dt.date(2026, 11, 23)
CONCLUSION_DAY = dt.date(2026, 12, 3)
RECEIPT_DAY = dt.date(2026, 12, 4)
#: silence after which a resident looks at what the bot said, seconds
PATIENCE = 12

#: the moderator's phone, on the terminal channel
STAFF_PHONE = "can-bo-tong-hop"

Progress = Callable[[str], None]


@dataclass(kw_only=True)
class Play:
    """One performance. `phones` are the residents' ends of the channels."""

    services: Services
    phones: Phones
    progress: Progress
    team: Team
    desk: Desk
    office: Paperwork
    conference: str = ""
    #: written answers held back because they say nothing
    held_back: list[str] = field(default_factory=list)
    published: int = 0
    #: how the askers would be reached, asked before the first answer went out
    forecast: Forecast | None = None
    blocked: int = 0
    tally: Counter[str] = field(default_factory=Counter)

    # ---------------------------------------------------------------- acts

    async def perform(self) -> None:
        await self._open_the_office()
        self._plan()
        await self._three_weeks()
        await self._agenda()
        await self._conference()
        await self._conclusion()
        await self._answers()
        await self._by_other_ways()

    async def _open_the_office(self) -> None:
        """The moderator links a chat of their own, in which the digest and the reminders arrive."""
        code = issue_code(self.services, self.team.approver, self.team.moderator).code
        await self.phones.rehearsal.write(STAFF_PHONE, f"/ghidanh {code}", name="Cán bộ tổng hợp")

    def _plan(self) -> None:
        self.progress("Lập kế hoạch hội nghị")
        self.conference = conferences.plan(
            self.services,
            self.team.moderator,
            title="Hội nghị đối thoại giữa người đứng đầu cấp ủy, chính quyền xã với Nhân dân năm 2026",
            held_on=CONFERENCE_DAY,
            starts_at="8 giờ 00",
            place="hội trường Ủy ban nhân dân xã Tân Minh",
            chair="Bí thư Đảng ủy xã",
            cutoff_on=AGENDA_DAY,
        )

    async def _three_weeks(self) -> None:
        sample = self.desk.records
        waiting = {record.continues for record in sample if record.continues}
        day = sample[0].sent_at.date()
        for number, record in enumerate(sample, start=1):
            while record.sent_at.date() > day or record.sent_at > evening(day):
                await self._evening(day)
                day += dt.timedelta(days=1)
            self.progress(f"Bà con nhắn tin: {number}/{len(sample)}")
            await self.phones.wait_until(record.sent_at)
            await self.phones.write(record.sender, record.text)
            if record.id not in waiting:
                await self.phones.wait(PATIENCE)
                await self.phones.respond(Resident(sender=record.sender))
        await self._evening(day)

    async def _evening(self, day: dt.date) -> None:
        await self.phones.wait_until(evening(day))
        self.desk.work_off_the_queue()
        self.office.do(self.conference, day)
        digest.send_digest(self.services)
        await self.phones.wait(300)
        for sender in self.phones.asked_back():
            await self._answer_question(sender)

    async def _answer_question(self, sender: str) -> None:
        resident = Resident(sender=sender)
        await self.phones.write(sender, "Dạ ở thôn Trung, gần nhà văn hóa ạ")
        await self.phones.wait(PATIENCE)
        await self.phones.respond(resident)

    async def _agenda(self) -> None:
        self.progress("Lập nội dung hội nghị")
        await self.phones.wait_until(evening(AGENDA_DAY))
        agendas.build_agenda(self.services, self.team.moderator, self.conference)
        self.office.list_speakers(self.conference, self._first_codes(3))
        self.office.make_papers(self.conference)
        await self.phones.wait(300)

    async def _conference(self) -> None:
        self.progress("Ngày hội nghị")
        await self.phones.wait_until(dt.datetime.combine(CONFERENCE_DAY, dt.time(8), tzinfo=VIETNAM))
        conference_day.hold(self.services, self.team.moderator, self.conference, attendance=142)
        conference_day.add_floor_opinion(
            self.services,
            self.team.moderator,
            self.conference,
            "Đề nghị xã kẻ lại vạch sang đường trước cổng Trường THCS, sáng nào các cháu qua đường cũng nguy hiểm.",
            village="trung",
        )
        spoken = self._spoken_answers()
        for position, topic, group_id in self._lines():
            if group_id in spoken:
                self._outcome(position, AgendaOutcome.ANSWERED, by="Chủ tịch UBND xã", note=spoken[group_id])
            else:
                self._outcome(position, AgendaOutcome.DEFERRED, by=agency_for(topic), note=None)
        self.office.speakers_spoke(self.conference)
        self.office.do(self.conference, CONFERENCE_DAY)
        await self.phones.wait(300)

    def _first_codes(self, count: int) -> list[str]:
        """One receipt code of each of the first lines."""
        with self.services.reading() as work:
            groups = [group_id for _, _, group_id in self._lines()[:count]]
            return [issues.opinions_of(work, group_id)[0].code or "" for group_id in groups]

    def _spoken_answers(self) -> dict[int, str]:
        """Issues whose final answer was ready before the conference are answered in the hall, in short; the document
        follows."""
        return {
            self.desk.groups[answer["group"]]: in_short(answer["text"])
            for answer in sample_answers()
            if answer["state"] == "final" and answer["date"] < CONFERENCE_DAY and answer["group"] in self.desk.groups
        }

    def _outcome(self, position: int, outcome: AgendaOutcome, *, by: str, note: str | None) -> None:
        conference_day.record_outcome(
            self.services, self.team.moderator, self.conference, position, outcome, by=by, note=note
        )

    def _lines(self) -> list[tuple[int, str, int]]:
        with self.services.reading() as work:
            conference = issues.find_conference(work, self.conference)
            lines: list[AgendaItem] = issues.lines_of(work, conference)
            groups = {line.group_id: work.session.get_one(OpinionGroup, line.group_id) for line in lines}
            return [(line.position, groups[line.group_id].topic, line.group_id) for line in lines]

    async def _conclusion(self) -> None:
        self.progress("Thông báo kết luận")
        await self.phones.wait_until(evening(CONCLUSION_DAY))
        by_group = {
            self.desk.groups[answer["group"]]: answer
            for answer in sample_answers()
            if answer["group"] in self.desk.groups
        }
        spoken = self._spoken_answers()
        put_off = [line for line in self._lines() if line[2] not in spoken]
        for position, topic, group_id in put_off:
            answer: dict[str, Any] = by_group.get(group_id, {})
            answering.assign(
                self.services,
                self.team.moderator,
                f"{self.conference}/{position}",
                agency=answer.get("body", agency_for(topic)),
                due_on=answer.get("due"),
                basis="Thông báo kết luận hội nghị",
                assigned_on=CONCLUSION_DAY,
            )
        conclusions.conclude(
            self.services, self.team.approver, self.conference, number="05/TB-UBND", date=CONCLUSION_DAY
        )
        self.office.do(self.conference, CONCLUSION_DAY)
        await self.phones.wait_until(evening(RECEIPT_DAY))
        self.office.agencies_confirm(self.conference, [position for position, _, _ in put_off], RECEIPT_DAY)
        await self.phones.wait(300)

    async def _answers(self) -> None:
        self._some_block()
        self.forecast = forecast(self.services, self.team.moderator)
        for number, answer in enumerate(sorted(sample_answers(), key=lambda one: one["date"]), start=1):
            self.progress(f"Văn bản trả lời: {number}")
            group = self.desk.groups.get(answer["group"])
            if group is None:
                self.tally["no_asker"] += 1
                continue
            await self.phones.wait_until(evening(max(answer["date"], CONCLUSION_DAY) + dt.timedelta(days=1)))
            answer_id = answering.write_answer(
                self.services,
                self.team.moderator,
                f"nhom:{group}",
                text=answer["text"],
                agency=answer["body"],
                document_number=answer["document"],
                document_date=answer["date"],
                final=answer["state"] != "interim",
                promised_on=answer.get("due") or (dt.date(2026, 12, 31) if answer["state"] == "interim" else None),
                forwarded_to=answer.get("forwarded_to"),
            )
            if warnings(answer["text"]):
                self.held_back.append(f"{answer['document']} ({answer['body']})")
                continue
            answering.approve_answer(self.services, self.team.approver, answer_id)
            answering.publish_answer(self.services, self.team.approver, answer_id)
            self.published += 1
            await self.phones.wait(300)
        await self._verdicts()

    def _some_block(self) -> None:
        for sender in self.phones.senders:
            if Resident(sender=sender).blocks_us:
                self.phones.block(sender)
                self.blocked += 1

    async def _verdicts(self) -> None:
        self.progress("Bà con nhận câu trả lời")
        await self.phones.wait(3600)
        for sender in self.phones.senders:
            if not self.phones.has_blocked(sender):
                await self.phones.respond(Resident(sender=sender))

    # ---------------------------------------------------------------- what no message can carry

    async def _by_other_ways(self) -> None:
        """Those whose Zalo window had closed got a form: most write and have the answer, some need a colleague's hand,
        the rest get a slip."""
        self.progress("Người được báo nhắn lại")
        await self.phones.wait_until(self._morning(1))
        for sender in self.phones.called_to_come():
            if Resident(sender=sender).comes_when_called:
                await self.phones.write(sender, "có tin gì cho tôi đấy ạ")
                await self.phones.wait(60)
                await self.phones.respond(Resident(sender=sender))
                self.tally["came"] += 1
        await self.phones.wait_until(self._morning(6))
        await self._type_in_the_console()
        await self.phones.wait_until(self._morning(4))
        self.progress("In phiếu, trao tận tay")
        self._hand_over()
        self.progress("Lập văn bản, báo cáo")
        self.office.make_papers(self.conference)

    def _morning(self, days: int) -> dt.datetime:
        today = self.services.clock.now().astimezone(VIETNAM).date()
        return dt.datetime.combine(today + dt.timedelta(days=days), dt.time(9), tzinfo=VIETNAM)

    async def _type_in_the_console(self) -> None:
        """A colleague has time for every second one: opens the account's own console and types the answer."""
        by_user = {self.phones.user(sender): sender for sender in self.phones.senders}
        for number, (user, text) in enumerate(self._for_the_console()):
            if number % 2 == 0 and user in by_user:
                await self.phones.oa.console_types(user, text)
                await self.phones.settle()
                self.tally["typed"] += 1

    def _for_the_console(self) -> list[tuple[str, str]]:
        with self.services.reading() as work:
            rows = work.session.exec(
                select(ChannelIdentity.external_id, Delivery.text)
                .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
                .where(Delivery.state == DeliveryState.WITH_STAFF, Delivery.rung == Rung.CONSOLE)
                .order_by(col(Delivery.id))
            )
            return [(user, text) for user, text in rows]

    def _hand_over(self) -> None:
        printed = print_slips(self.services, self.team.moderator, self.office.out / "phieu")
        self.tally["slips"] = sum(one.slips for one in printed)
        self.tally["slip_villages"] = len(printed)
        waiting = waiting_slips(self.services, self.team.moderator)
        if waiting:
            done = hand_over(self.services, self.team.moderator, [one.ref for one in waiting])
            self.tally["handed"] = len(done.done)


def in_short(text: str) -> str:
    """What is said in the hall of an answer: its first two sentences."""
    return " ".join(re.split(r"(?<=[.!?])\s+", text)[:2])


def sample_answers() -> list[dict[str, Any]]:
    """The written answers of the sample."""
    answers: list[dict[str, Any]] = tomllib.loads(read_sample("answers.toml"))["answer"]
    return answers


def prepare(services: Services) -> tuple[Team, list[Record]]:
    """Set up the sample commune with its staff."""
    install_office(
        services,
        code="tan-minh",
        name="xã Tân Minh",
        regulation="thanh-hoa",
        gazetteer=tomllib.loads(read_sample("places.toml")),
        profile={"contact": "Văn phòng Mặt trận xã Tân Minh, điện thoại 0950 000 001, giờ hành chính"},
    )
    return employ(services), records()
