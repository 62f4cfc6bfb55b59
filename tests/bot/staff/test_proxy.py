"""`/nhapho`: an officer writes for a person without a phone, by digits and words, over restarts and repeats."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field, replace

import pytest
from sqlmodel import col, select

from bot.conversation.engine import advance
from bot.staff.desk import handle_staff
from casework.clock import ManualClock
from casework.codes import find_code
from casework.ladder import TemplateForm
from casework.talk import InboundMessage, MessageKind
from casework.usecases.citizens import intake
from casework.usecases.citizens.proxy_talk import look_after_drafts, state_of
from casework.usecases.work import Services
from casework.wording import VERSION, say, sentence_hash
from storage.records import (
    Act,
    ChannelIdentity,
    Citizen,
    Consent,
    Delivery,
    DeliveryState,
    InboxEntry,
    Opinion,
    ResidentialGroup,
    Role,
    Staff,
    StaffRole,
)
from tests.casework.factories import make_staff

LAMP = "Đèn đường đầu ngõ hỏng cả tháng nay, tối đi lại sợ lắm, xin xã sửa cho."
BRIBE = "Tôi tố cáo ông trưởng thôn nhận tiền của hộ nghèo, lấy tiền hỗ trợ bão lụt chia nhau."
WRONGED = "Tôi khiếu nại quyết định thu hồi đất số 15 của xã với nhà tôi, thu sai diện tích."


@dataclass(kw_only=True)
class Officer:
    """An officer's private chat: each message is stored, handled and answered as in life."""

    services: Services
    staff_id: int
    identity: int
    entries: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def sends(self, text: str, *, kind: MessageKind = MessageKind.TEXT, ref: str | None = None) -> str | None:
        return self.repeats(self.stores(text), text, kind=kind, ref=ref)

    def stores(self, text: str) -> int:
        number = next(self.entries)
        with self.services.writing() as work:
            entry = work.add(
                InboxEntry(
                    channel="telegram",
                    account="bot",
                    external_id=f"{self.staff_id}-{number}",
                    conversation_key=f"telegram:bot:{self.staff_id}",
                    raw=f'{{"text": "{text}"}}',
                    received_at=work.now,
                )
            )
            work.commit()
        return entry.id or 0

    def repeats(
        self, entry_id: int, text: str, *, kind: MessageKind = MessageKind.TEXT, ref: str | None = None
    ) -> str | None:
        """The message handled; a second time as after a stop between doing it and closing its entry."""
        message = InboundMessage(
            channel="telegram",
            account="bot",
            chat_id=f"chat-{self.staff_id}",
            sender_id=f"chat-{self.staff_id}",
            kind=kind,
            text=text,
            message_ref=ref,
            sent_at=dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC),
        )
        replies = handle_staff(self.services, self.identity, message, entry_id)
        if replies is None:
            return None
        intake.finish_with_replies(self.services, entry_id=entry_id, message=message, replies=replies)
        (reply,) = replies
        return reply.text

    def says(self, *texts: str) -> str:
        reply = None
        for text in texts:
            reply = self.sends(text)
            assert reply is not None, text
        return reply or ""


def _officer(services: Services, *roles: Role, village: str | None = None) -> Officer:
    staff_id = make_staff(services, *roles, village=village)
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="telegram", account="bot", external_id=f"chat-{staff_id}"))
        staff = work.session.get_one(Staff, staff_id)
        staff.channel_identity_id = identity.id
        work.session.add(staff)
        work.commit()
    return Officer(services=services, staff_id=staff_id, identity=identity.id or 0)


@pytest.fixture
def tu(services: Services) -> Officer:
    return _officer(services, Role.VILLAGE_OFFICER, village="t4")


@pytest.fixture
def by_phone(services: Services) -> None:
    form = TemplateForm(template_id="1", parameters={})
    services.policy = replace(services.policy, phone_forms={"*": form})


def _opinions(services: Services) -> list[Opinion]:
    with services.reading() as work:
        return list(work.session.exec(select(Opinion).order_by(col(Opinion.id))))


def _consents(services: Services) -> list[Consent]:
    with services.reading() as work:
        return list(work.session.exec(select(Consent).order_by(col(Consent.id))))


def test_an_opinion_is_taken_with_the_sentences_read_aloud(services: Services, tu: Officer, by_phone: None) -> None:
    assert "đúng lời người ấy nói" in tu.says("/nhapho")
    asked = tu.says(LAMP)
    assert say("proxy_consent.process", office="xã Tân Minh") in asked
    assert "thôn" not in asked.splitlines()[0], "an officer of one village is not asked which"
    assert say("proxy_consent.publish") in tu.says("1")
    assert tu.says("2") == say("proxy.ask_name")
    assert say("proxy_consent.phone") in tu.says("Bà Trần Thị Sáu")
    assert tu.says("1") == say("proxy.ask_phone")
    summary = tu.says("0912 345 678")
    assert LAMP in summary
    assert "Bà Trần Thị Sáu" in summary
    assert "678" in summary
    assert "0912" not in summary
    assert _opinions(services) == [], "nothing is an opinion before it is sent"
    done = tu.says("1")
    (opinion,) = _opinions(services)
    assert find_code(done) == opinion.code
    assert (opinion.source, opinion.entered_by_staff_id, opinion.channel_identity_id) == ("proxy", tu.staff_id, None)
    assert opinion.original_text == LAMP
    with services.reading() as work:
        person = work.session.get_one(Citizen, opinion.citizen_id)
        number = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "zalo-zbs")).one()
        acts = work.session.exec(select(Act).where(Act.verb == "consents_read_aloud")).all()
    assert person.display_name == "Bà Trần Thị Sáu"
    assert (number.external_id, number.citizen_id) == ("84912345678", person.id)
    assert [(one.purpose, one.granted) for one in _consents(services)] == [
        ("process", True),
        ("publish", False),
        ("phone", True),
    ]
    for consent in _consents(services):
        assert consent.wording_version == VERSION
        assert consent.wording_hash == sentence_hash(f"proxy_consent.{consent.purpose}")
        assert consent.channel_identity_id is None
    (read,) = acts
    assert (read.actor, read.actor_id, read.subject_id) == ("staff", tu.staff_id, person.id)
    assert read.details["answers"] == {"process": True, "publish": False, "phone": True}
    assert state_of(services, tu.staff_id).get("step") is None


def test_a_number_that_is_somebody_elses_stays_theirs(services: Services, tu: Officer, by_phone: None) -> None:
    assert say("proxy.done_phone") in tu.says("/nhapho", LAMP, "1", "1", "Bà Sáu", "1", "0912345678", "1")
    other = "Cống trước nhà tắc, nước tràn vào sân."
    assert say("proxy.phone_known") in tu.says("/nhapho", other, "1", "1", "Ông Bảy", "1", "0912345678", "1")
    first, _ = _opinions(services)
    with services.reading() as work:
        number = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "zalo-zbs")).one()
    assert number.citizen_id == first.citizen_id


def test_who_does_not_agree_is_taken_without_name_and_number(services: Services, tu: Officer, by_phone: None) -> None:
    tu.says("/nhapho", LAMP, "không")
    summary = tu.says("có")
    assert say("proxy.fact_no_name") in summary
    assert find_code(tu.says("gửi"))
    (opinion,) = _opinions(services)
    with services.reading() as work:
        assert work.session.get_one(Citizen, opinion.citizen_id).display_name is None
        assert work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "zalo-zbs")).all() == []


def test_a_number_is_asked_for_only_where_short_notices_are_set_up(tu: Officer) -> None:
    assert "Họ tên: Bà Sáu" in tu.says("/nhapho " + LAMP, "1", "1", "Bà Sáu")


def test_the_whole_office_chooses_the_village_by_number_name_or_words(services: Services) -> None:
    lan = _officer(services, Role.MODERATOR)
    assert "4. thôn 4" in lan.says("/nhapho", LAMP)
    assert "Chưa nhận ra thôn" in lan.says("thôn 99")
    assert "đọc to" in lan.says("xóm Trại")
    lan.says("/huy")
    assert "đọc to" in lan.says("/nhapho " + LAMP, "2")
    lan.says("/huy")
    named = lan.says("/nhapho Đèn đường thôn Hạ hỏng cả tháng, tối đi rất sợ", "2", "1")
    assert "Thôn: thôn Hạ" in named


def test_an_officer_writes_only_for_the_own_villages(services: Services) -> None:
    tu = _officer(services, Role.VILLAGE_OFFICER, village="t4")
    with services.writing() as work:
        ha = work.session.exec(select(ResidentialGroup.id).where(ResidentialGroup.code == "ha")).one()
        work.add(StaffRole(staff_id=tu.staff_id, role=Role.VILLAGE_OFFICER, residential_group_id=ha))
        work.commit()
    asked = tu.says("/nhapho", LAMP)
    assert "thôn 4" in asked
    assert "thôn Hạ" in asked
    assert "thôn Thượng" not in asked
    assert say("proxy.village_not_mine") in tu.says("thôn Thượng")


def test_others_have_no_such_command_and_a_group_does_not_hear_it(services: Services) -> None:
    keeper = _officer(services, Role.CONFIDENTIAL)
    assert "cần quyền" in keeper.says("/nhapho")
    assert keeper.sends("1") is None
    assert _opinions(services) == []


def test_a_denunciation_is_sealed_never_read_back_and_has_no_code(services: Services, tu: Officer) -> None:
    asked = tu.says("/nhapho", BRIBE)
    assert say("proxy_guide.denunciation") in asked
    summary = tu.says("2")
    assert "hỗ trợ bão lụt" not in summary, "not read back, and publishing is not asked"
    done = tu.says("1")
    assert say("proxy.done_sealed") in done
    assert find_code(done) is None
    (opinion,) = _opinions(services)
    assert opinion.sealed
    assert opinion.code is None
    assert opinion.state == "held"
    with services.reading() as work:
        leaks = work.session.exec(select(Delivery.id).where(col(Delivery.text).contains(BRIBE[:40]))).all()
        kept = work.session.exec(select(InboxEntry).where(InboxEntry.opinion_id == opinion.id)).all()
    assert leaks == []
    assert [entry.text for entry in kept] == [BRIBE]


def test_a_complaint_is_held_with_guidance_and_keeps_its_code(services: Services, tu: Officer) -> None:
    assert say("proxy_guide.complaint") in tu.says("/nhapho", WRONGED)
    done = tu.says("2", "1")
    (opinion,) = _opinions(services)
    assert (opinion.state, find_code(done)) == ("held", opinion.code)
    assert [one.purpose for one in _consents(services)] == ["process"]


def test_danger_is_said_at_once_and_staff_are_told(services: Services, tu: Officer) -> None:
    lan = _officer(services, Role.MODERATOR)
    assert "114" in tu.says("/nhapho", "Nhà bà Tư đang cháy to, có người mắc kẹt bên trong")
    reply = tu.says("2", "1", "1")
    assert say("proxy_guide.emergency_told") in reply
    with services.reading() as work:
        alerts = work.session.exec(select(Delivery).where(Delivery.purpose == "alert")).all()
    assert lan.identity in {one.channel_identity_id for one in alerts}


def test_the_same_words_within_minutes_are_asked_about(services: Services, tu: Officer, clock: ManualClock) -> None:
    tu.says("/nhapho", LAMP, "2", "1", "1")
    clock.advance(60)
    asked = tu.says("/nhapho", LAMP.upper(), "2", "1", "1")
    (first,) = _opinions(services)
    assert "một người khác" in asked
    assert first.code is not None
    assert find_code(asked) == first.code
    assert tu.says("2") == say("proxy.dropped")
    assert len(_opinions(services)) == 1
    assert find_code(tu.says("/nhapho", LAMP, "2", "1", "1", "1"))
    assert len(_opinions(services)) == 2
    clock.advance(3600)
    assert find_code(tu.says("/nhapho", LAMP, "2", "1", "1"))


def test_a_message_that_comes_twice_changes_nothing(services: Services, tu: Officer) -> None:
    tu.says("/nhapho")
    entry = tu.stores(LAMP)
    first = tu.repeats(entry, LAMP)
    assert tu.repeats(entry, LAMP) == first
    yes = tu.stores("1")
    asked = tu.repeats(yes, "1")
    assert tu.repeats(yes, "1") == asked
    assert _asks_to_publish(asked)
    tu.says("1", "0")
    send = tu.stores("1")
    done = tu.repeats(send, "1")
    assert tu.repeats(send, "1") == done
    assert len(_opinions(services)) == 1


def _asks_to_publish(reply: str | None) -> bool:
    return reply is not None and say("proxy_consent.publish") in reply


def test_everything_can_be_changed_before_it_is_sent(services: Services, tu: Officer) -> None:
    tu.says("/nhapho", LAMP, "1", "1", "Bà Sáu")
    assert say("proxy.change_what") in tu.says("2")
    assert tu.says("1") == say("proxy.ask_text_again")
    assert "«Cống" in tu.says("Cống trước nhà tắc, nước tràn vào sân, xin xã cho khơi.")
    assert say("proxy_consent.process", office="xã Tân Minh") in tu.says("sửa", "3")
    assert "Họ tên: không ghi" in tu.says("2", "1")
    assert "Họ tên" in tu.says("2", "4"), "nothing to change after all"
    tu.says("1")
    (opinion,) = _opinions(services)
    assert opinion.original_text.startswith("Cống")
    with services.reading() as work:
        assert all(LAMP not in (entry.text or "") for entry in work.session.exec(select(InboxEntry)))
        assert work.session.get_one(Citizen, opinion.citizen_id).display_name is None


def test_words_edited_in_the_chat_count(services: Services, tu: Officer) -> None:
    tu.says("/nhapho")
    tu.sends(LAMP, ref="m7")
    edited = tu.sends("Cống trước nhà tắc, nước tràn vào sân.", kind=MessageKind.EDIT, ref="m7")
    assert edited is not None
    assert say("proxy_consent.process", office="xã Tân Minh") in edited
    short = tu.sends("?", kind=MessageKind.EDIT, ref="m7")
    assert short == edited, "that is no opinion: the words and the question stay"
    tu.says("2", "1", "1")
    assert [one.original_text for one in _opinions(services)] == ["Cống trước nhà tắc, nước tràn vào sân."]


@pytest.mark.parametrize("word", ["/huy", "Hủy", "huỷ"])
def test_what_is_thrown_away_leaves_no_words(services: Services, tu: Officer, word: str) -> None:
    tu.says("/nhapho", LAMP, "1", "1", "Bà Trần Thị Sáu")
    with services.writing() as work:
        for reply in work.session.exec(select(Delivery)):
            reply.state = DeliveryState.SENT
            work.session.add(reply)
        work.commit()
    assert tu.says(word) == say("proxy.dropped")
    assert _opinions(services) == []
    with services.reading() as work:
        kept = [entry.text or "" for entry in work.session.exec(select(InboxEntry))]
        said = [reply.text for reply in work.session.exec(select(Delivery))]
        state = str(state_of(services, tu.staff_id))
    for text in (*kept, *said, state):
        assert LAMP[:30] not in text
        assert "Trần Thị Sáu" not in text


def test_the_name_stays_only_with_the_person_once_sent(services: Services, tu: Officer) -> None:
    tu.says("/nhapho", LAMP, "1", "1", "Bà Trần Thị Sáu", "1")
    with services.reading() as work:
        assert all("Sáu" not in (entry.text or "") + entry.raw for entry in work.session.exec(select(InboxEntry)))


def test_other_commands_work_in_between_and_the_place_is_kept(services: Services, tu: Officer) -> None:
    tu.says("/nhapho", LAMP)
    assert "Các lệnh của cán bộ" in tu.says("/trogiup")
    assert _asks_to_publish(tu.says("1"))
    assert say("proxy.unfinished") in tu.says("/nhapho")
    assert say("proxy.unfinished") in tu.says("/nhapho Đường liên thôn sụt lún nặng, xe không qua được.")
    tu.says("1", "0", "1")
    assert [one.original_text for one in _opinions(services)] == [LAMP]


def test_after_hours_a_digit_is_not_taken_for_an_answer(tu: Officer, clock: ManualClock) -> None:
    tu.says("/nhapho", LAMP)
    clock.advance(3 * 3600)
    assert say("proxy.unfinished") in tu.says("1")
    assert _asks_to_publish(tu.says("1"))


def test_a_talk_left_open_is_reminded_of_once_and_erased_after_a_week(
    services: Services, tu: Officer, clock: ManualClock
) -> None:
    tu.says("/nhapho", LAMP, "1", "1", "Bà Trần Thị Sáu")
    assert look_after_drafts(services) == 0
    clock.advance(86_400)
    assert look_after_drafts(services) == 1
    assert look_after_drafts(services) == 0
    assert "Bà Trần Thị Sáu" in tu.says("/nhapho"), "it can be gone on with"
    clock.advance(8 * 86_400)
    assert look_after_drafts(services) == 1
    assert state_of(services, tu.staff_id) == {}
    with services.reading() as work:
        assert all("Sáu" not in entry.raw and LAMP not in entry.raw for entry in work.session.exec(select(InboxEntry)))
        told = work.session.exec(select(Delivery.text).where(Delivery.purpose == "reminder")).all()
    assert told == [say("proxy.remind", days=7), say("proxy.forgotten", days=7)]
    assert _opinions(services) == []


@pytest.mark.parametrize("typed", ["3", "có lẽ", "12", "?"])
def test_what_is_no_answer_is_asked_again(services: Services, tu: Officer, typed: str) -> None:
    tu.says("/nhapho", LAMP)
    assert say("proxy.choose") in tu.says(typed)
    assert _consents(services) == []


def test_a_picture_alone_is_asked_for_in_words(tu: Officer) -> None:
    tu.says("/nhapho")
    reply = tu.sends("", kind=MessageKind.MEDIA)
    assert reply is not None
    assert say("proxy.text_only") in reply


@pytest.mark.parametrize("number", ["123", "0912 345", "abc", "02373 123 456"])
def test_a_wrong_number_is_asked_again(tu: Officer, by_phone: None, number: str) -> None:
    tu.says("/nhapho", LAMP, "1", "1", "Bà Sáu", "1")
    assert tu.says(number) == say("proxy.phone_again")
    assert say("proxy.summary", text="x", facts="y").splitlines()[0] in tu.says("0")


def test_without_an_open_talk_ordinary_words_go_the_residents_way(tu: Officer) -> None:
    assert tu.sends(LAMP) is None
    assert tu.sends("/huy") is None


@pytest.mark.parametrize("last", ["1", "3"])
def test_no_name_typed_at_any_moment_of_the_talk_stays_in_messages_or_replies(services: Services, last: str) -> None:
    tu = _officer(services, Role.VILLAGE_OFFICER, village="t4")
    tu.says("/nhapho", f"{LAMP} Tôi là Trần Thị Sót.", "1", "2")
    tu.says("Bà Sáu Mận 0950000004")
    tu.sends("Bà Sáu Mận", ref="77")
    tu.sends("Bà Trần Thị Mận", kind=MessageKind.EDIT, ref="77")
    tu.sends("ảnh của bà Mận", kind=MessageKind.MEDIA)
    assert "Sót" in str(state_of(services, tu.staff_id)["reply"]), "read back"
    tu.says("2", "1", LAMP)
    with services.writing() as work:
        # Some of our replies are still on their way, of others nobody knows.
        for number, reply in enumerate(work.session.exec(select(Delivery))):
            reply.state = (DeliveryState.PENDING, DeliveryState.UNKNOWN, DeliveryState.SENT)[number % 3]
            work.session.add(reply)
        work.commit()
    tu.says(last)
    assert not state_of(services, tu.staff_id).get("step")
    entry_id = tu.stores("Bà Trần Văn Mận")
    edit = InboundMessage(
        channel="telegram",
        account="bot",
        chat_id=f"chat-{tu.staff_id}",
        sender_id=f"chat-{tu.staff_id}",
        kind=MessageKind.EDIT,
        text="Bà Trần Văn Mận",
        message_ref="77",
        sent_at=services.clock.now(),
    )
    intake.take_turn(services, advance, entry_id=entry_id, messages=[edit], buttons=False)
    with services.reading() as work:
        kept = [f"{row.text} {row.raw}" for row in work.session.exec(select(InboxEntry))]
        kept += [row.text for row in work.session.exec(select(Delivery))]
    for name in ("Mận", "Sót", "0950000004"):
        assert [one for one in kept if name in one] == []
