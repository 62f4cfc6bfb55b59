"""Commands about the office's work: what is due, the receipt of an assignment, the list of speakers."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from bot.staff.commands import parse
from bot.staff.desk import handle_staff
from casework.clock import VIETNAM, ManualClock
from casework.regulations.model import Duty
from casework.talk import InboundMessage, MessageKind
from casework.usecases.answers.answering import assign
from casework.usecases.conference import conferences, speakers
from casework.usecases.reminders.contacts import set_contact
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Obligation, Role, Staff, StaffChat
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

Say = Callable[..., str]
_entries = itertools.count(1)


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER, name="Chị Lan")


@pytest.fixture
def says(services: Services, lan: int) -> Say:
    """What the bot answers to a staff member, in private or in the staff group."""
    with services.writing() as work:
        own = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="71"))
        group = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="-100", is_group=True))
        staff = work.session.get_one(Staff, lan)
        staff.channel_identity_id = own.id
        work.session.add(staff)
        work.add(StaffChat(office_id=services.office_id, channel_identity_id=group.id or 0))
        work.commit()
        identities = {False: (own.id or 0, "71"), True: (group.id or 0, "-100")}

    def say(text: str, *, in_group: bool = False) -> str:
        identity, chat = identities[in_group]
        message = InboundMessage(
            channel="telegram",
            account="bot",
            chat_id=chat,
            sender_id="71",
            is_group=in_group,
            kind=MessageKind.TEXT,
            text=text,
            sent_at=dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC),
        )
        replies = handle_staff(services, identity, message, next(_entries))
        assert replies is not None
        return "\n".join(reply.text for reply in replies)

    return say


def owe(services: Services, due_on: dt.date, agency: str, **more: object) -> None:
    with services.writing() as work:
        values: dict[str, Any] = {
            "office_id": services.office_id,
            "duty": Duty.ANNUAL_REPORT,
            "subject": "report",
            "subject_id": next(_entries) * 10 + 2,
            "regulation": "thanh-hoa",
            "regulation_version": "1",
            "rule": agency,
            "holder": "agency",
            "agency": agency,
            "due_on": due_on,
            "created_at": work.now,
            **more,
        }
        work.add(Obligation(**values))
        work.commit()


def test_due_lists_what_is_mine_and_the_whole_office_says_who_owes(services: Services, says: Say, lan: int) -> None:
    hai = make_staff(services, Role.MODERATOR, name="Anh Hai")
    set_contact(services, lan, "Phòng Kinh tế", person="Chị Lan")
    set_contact(services, lan, "Trạm Y tế", person=str(hai))
    owe(services, dt.date(2026, 10, 30), "Phòng Kinh tế")
    owe(services, dt.date(2026, 11, 4), "Trạm Y tế")
    owe(services, dt.date(2026, 10, 1), "Công an xã", extended_to=dt.date(2026, 11, 20))
    mine, office = says("/han"), says("/han tatca")
    assert "QUÁ HẠN: 1" in mine
    assert "QUÁ HẠN 3 ngày (hạn 30/10/2026)" in mine
    assert "SẮP ĐẾN HẠN" not in mine
    # Nobody is set for Công an xã, so the approver answers for it.
    assert "ĐÃ GIA HẠN: 1" in mine
    assert office.index("QUÁ HẠN: 1") < office.index("SẮP ĐẾN HẠN: 1") < office.index("ĐÃ GIA HẠN: 1")
    assert office.index("Trạm Y tế:") < office.index("còn 2 ngày")
    assert "Chưa ghi ai phụ trách: Công an xã" in office


def test_the_whole_office_is_for_those_who_decide(services: Services, says: Say, lan: int) -> None:
    village_officer = make_staff(services, Role.VILLAGE_OFFICER)
    with services.writing() as work:
        staff = work.session.get_one(Staff, lan)
        officer = work.session.get_one(Staff, village_officer)
        officer.channel_identity_id, staff.channel_identity_id = staff.channel_identity_id, None
        work.session.add(staff)
        work.session.add(officer)
        work.commit()
    assert "cần quyền" in says("/han tatca")
    assert "không có việc nào" in says("/han")


def test_nothing_due_is_said_plainly_and_unknown_words_are_refused(says: Say) -> None:
    assert "không có việc nào đang có hạn" in says("/han")
    assert "Không hiểu «hôm qua»" in says("/han hôm qua")


def test_an_agency_confirms_its_assignment_from_the_chat(
    services: Services, clock: ManualClock, says: Say, lan: int
) -> None:
    group = make_group(services)
    make_opinion(services, citizen=make_citizen(services), group=group)
    assign(services, lan, f"nhom:{group}", agency="Phòng Kinh tế")
    clock.move_to(dt.datetime(2026, 11, 5, 8, 0, tzinfo=VIETNAM))
    assert "Phòng Kinh tế nhận việc ngày 03/11/2026" in says(f"/danhan nhom:{group} 3/11")
    assert "Phòng Kinh tế nhận việc ngày 05/11/2026" in says(f"/danhan nhom:{group}")
    assert "Không có ngày 31/2" in says(f"/danhan nhom:{group} 31/2")
    assert "Chưa ghi việc nào" in says("/danhan")
    assert parse("đã nhận", slash_only=False) is None


@pytest.fixture
def conference(services: Services, lan: int) -> str:
    return conferences.plan(
        services,
        lan,
        title="Đối thoại cuối năm",
        held_on=dt.date(2026, 11, 20),
        place="Nhà văn hóa xã",
        chair="Bí thư Đảng ủy xã",
    )


def test_speakers_are_listed_decided_and_ordered_from_the_chat(
    services: Services, says: Say, lan: int, conference: str
) -> None:
    assert "chưa có ai đăng ký" in says("/phatbieu")
    assert "thứ tự 1" in says("/phatbieu them Nước sạch thôn Hạ")
    speakers.register(services, lan, conference, matter="Đường ngõ 3", name="Ông Tư", village="t4")
    shown = says("/phatbieu")
    assert "2 · Ông Tư · thôn 4 · chờ xem\n  Đường ngõ 3" in shown
    assert "Ông Tư" not in says("/phatbieu", in_group=True)
    assert says("/phatbieu chuyen 2 1").index("Đường") < says("/phatbieu").index("Nước sạch")
    assert "Đã xếp số 1" in says("/phatbieu duyet 1")
    assert "chữ mẫu" in says("/phatbieu tuchoi 2 lý do")
    assert "Không xếp #1" in says("/phatbieu tuchoi 2 Việc này đã trả lời rồi")
    assert "chưa họp" in says("/phatbieu xong 1")
    assert "Không hiểu «nhay»" in says("/phatbieu nhay 1")


def test_without_a_conference_the_list_says_what_to_do(says: Say) -> None:
    assert "Chưa có hội nghị nào sắp tới" in says("/phatbieu")


def test_the_due_list_is_numbered_paged_and_grouped_by_who_owes(services: Services, says: Say) -> None:
    for number in range(25):
        owe(services, dt.date(2026, 10, 1), "Phòng Kinh tế" if number % 2 else "Trạm Y tế", rule=f"r{number}")
    first, second = says("/han tatca"), says("/han tatca 2")
    assert "QUÁ HẠN: 25" in first
    assert first.count("Trạm Y tế:") == first.count("Phòng Kinh tế:") == 1
    assert "và 5 việc nữa, nhắn: /han tatca 2" in first
    assert first.count("QUÁ HẠN 32 ngày") == 20
    assert second.count("QUÁ HẠN 32 ngày") == 5
    assert "Không có trang 9" in says("/han tatca 9")
    assert says("còn nợ gì").startswith("Việc có hạn của anh/chị")


def test_why_says_the_count_and_its_source_in_a_sentence(services: Services, says: Say) -> None:
    owe(services, dt.date(2026, 11, 4), "Trạm Y tế")
    listed = says("/han tatca")
    number = next(line.split(".")[0] for line in listed.splitlines() if line[:1].isdigit())
    assert "Nguồn:" in says(f"/visao {number}")
    assert says(f"vì sao việc {number} hạn ngày này") == says(f"/visao {number}")
    assert "Chưa ghi số" in says("vì sao ngày này")
    assert "Không" in says("/visao 99999")
    assert "Không có việc số 99999" in says("/visao 99999", in_group=True)


def test_the_conference_and_reports_say_what_is_still_owed(services: Services, says: Say, conference: str) -> None:
    shown = says("hội nghị còn thiếu gì")
    assert f"Hội nghị {conference} ngày 20/11/2026, còn" in shown
    assert "\n1. " in shown
    assert shown == says("/hoinghi")
    assert says("báo cáo đâu") == says("/baocao")
    assert "Báo cáo phải gửi" in says("/baocao") or "Không có báo cáo nào" in says("/baocao")


def test_without_a_conference_nothing_is_missing_and_no_village_has_results(says: Say) -> None:
    assert "Chưa có hội nghị nào" in says("/hoinghi")
    assert "Chưa có kết quả" in says("kết quả của thôn tôi")
