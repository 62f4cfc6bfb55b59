"""Consent taken back through the platform: heard at once, told to the administrators, and nothing asked is lost."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.rehearsal import Rehearsal
from casework import link_codes, notices
from casework.clock import ManualClock
from casework.deadlines.calendar import official_calendar
from casework.doctor.record import consents_can_be_proved, names_are_kept_with_consent
from casework.doctor.telling import receipts_were_given
from casework.files import FileStore
from casework.privacy_rights import clocks, days_of
from casework.talk import InboundMessage, MessageKind
from casework.usecases.citizens import intake, linking, people
from casework.usecases.citizens.copies import forget_erased
from casework.usecases.citizens.withdrawal import platform_withdrawal
from casework.usecases.work import Services
from storage import history
from storage.records import (
    Attachment,
    ChannelIdentity,
    Citizen,
    Conference,
    ConferenceState,
    Consent,
    ConsentPurpose,
    Conversation,
    Delivery,
    InboxEntry,
    Opinion,
    OpinionState,
    Role,
    SpeakingRegistration,
    Staff,
)
from tests.casework.factories import make_citizen, make_staff, notices_of
from tests.casework.test_intake import submit

DRAFT = "Mương thôn Trại sụt một đoạn dài, tôi chưa viết xong đâu"


def admin_with_chat(services: Services) -> int:
    """An administrator whose chat is known; returns the chat."""
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="x", external_id="admin"))
        work.commit()
        assert chat.id is not None
    staff_id = make_staff(services, Role.ADMIN)
    with services.writing() as work:
        staff = work.session.get_one(Staff, staff_id)
        staff.channel_identity_id = chat.id
        work.add(staff)
        work.commit()
    return chat.id


def withdraw(services: Services, external_id: str = "a") -> bool:
    with services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == external_id)).one()
        news = platform_withdrawal(work, identity)
        work.commit()
        return news


def consents(services: Services) -> dict[str, bool]:
    with services.reading() as work:
        return notices.consents_of(work, work.session.exec(select(Citizen.id)).first())


@pytest.fixture
def stage(services: Services, clock: ManualClock) -> Rehearsal:
    return Rehearsal(services=services, clock=clock)


async def test_name_draft_and_news_go_and_what_was_asked_stays(stage: Rehearsal) -> None:
    services = stage.services
    code = await submit(stage)
    await stage.write("a", DRAFT)
    await stage.wait(10)
    assert any(DRAFT in message.text for message in stage.seen("a"))
    assert withdraw(services)
    assert (consents(services)["push"], consents(services)["process"]) == (False, False)
    with services.reading() as work:
        identity = work.session.exec(select(ChannelIdentity)).one()
        assert (identity.reachable, identity.unreachable_reason, identity.display_name) == (False, "withdrawn", None)
        assert work.session.exec(select(Citizen.display_name)).one() is None
        assert work.session.exec(select(Conversation.state)).one() == {}
        assert not [row for row in work.session.exec(select(InboxEntry)) if DRAFT in (row.text or "") + row.raw]
        assert not [row for row in work.session.exec(select(Delivery)) if DRAFT in row.text]
        opinion = work.session.exec(select(Opinion)).one()
        assert (opinion.code, opinion.state) == (code, OpinionState.RECEIVED)
        assert opinion.original_text.startswith("Đèn đường")
        for check in (consents_can_be_proved, names_are_kept_with_consent, receipts_were_given):
            assert list(check(work)) == []
        assert history.verify(work.session) == []


async def test_a_repeat_of_the_event_changes_nothing_and_tells_nobody_twice(stage: Rehearsal) -> None:
    admin_with_chat(stage.services)
    await submit(stage)
    assert [withdraw(stage.services) for _ in range(3)] == [True, False, False]
    assert len(notices_of(stage.services, "alert")) == 1
    with stage.services.reading() as work:
        refusals = work.session.exec(select(Consent).where(Consent.granted == False)).all()  # noqa: E712
    assert sorted(one.purpose for one in refusals) == ["process", "publish", "push"]


async def test_the_administrators_read_what_the_law_asks_with_days_and_no_name(stage: Rehearsal) -> None:
    chat = admin_with_chat(stage.services)
    code = await submit(stage)
    withdraw(stage.services)
    (alert,) = notices_of(stage.services, "alert")
    assert alert.channel_identity_id == chat
    # Monday 2 November 2026: two working days, fifteen and twenty days, ends rolled to working days.
    assert "không có lệnh xóa hẳn một người" in alert.text
    for words in ("04/11/2026", "17/11/2026", "23/11/2026", "Nghị định 356/2025/NĐ-CP", f"{code[:3]}-{code[3:]}"):
        assert words in alert.text, words
    assert "Bà Sáu" not in alert.text


async def test_a_sealed_opinion_is_not_named_to_the_administrators(stage: Rehearsal) -> None:
    services = stage.services
    admin_with_chat(services)
    await submit(stage)
    with services.writing() as work:
        opinion = work.session.exec(select(Opinion)).one()
        opinion.sealed, code = True, opinion.code
        opinion.code = None
        work.add(opinion)
        work.commit()
    withdraw(services)
    (alert,) = notices_of(services, "alert")
    assert code is not None
    assert f"{code[:3]}-{code[3:]}" not in alert.text
    assert "#" not in alert.text


async def test_further_permissions_go_where_they_were_given_and_open_codes_stop_working(stage: Rehearsal) -> None:
    services = stage.services
    await submit(stage)
    with services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity)).one()
        person = work.session.exec(select(Citizen)).one()
        people.record_consent(
            work,
            person,
            identity,
            purpose=ConsentPurpose.PHONE,
            granted=True,
            sentence_hash="x",
            wording_version="1",
            shown_name=None,
        )
        assert person.id is not None
        work.add(ChannelIdentity(channel="zalo-zbs", account="x", external_id="84900000111", citizen_id=person.id))
        code = linking.new_link_code(work, person.id)
        work.commit()
    withdraw(services)
    with services.reading() as work:
        phone = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.channel == "zalo-zbs")).one()
        assert (phone.reachable, "84900000111" in str(phone.model_dump())) == (False, False)
    assert consents(services)["phone"] is False
    assert "fallback" not in consents(services)
    with services.writing() as work:
        stranger = work.add(Citizen(office_id=services.office_id, created_at=work.now))
        found = link_codes.find(code)
        assert found is not None
        assert linking.standing(work, stranger, link_codes.hash_of(found)).standing == "unusable"


def chat_of(services: Services, citizen: int) -> ChannelIdentity:
    with services.reading() as work:
        return work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == citizen)).one()


def an_entry(services: Services, chat: ChannelIdentity, number: int, *, status: str, known: bool = True) -> int:
    """A message about which nothing came of it."""
    with services.writing() as work:
        entry = work.add(
            InboxEntry(
                channel=chat.channel,
                account=chat.account,
                external_id=str(number),
                conversation_key=intake.conversation_key(chat.channel, chat.account, chat.external_id),
                raw='{"text": "Trần Thị Nhạy 0950000007"}',
                text=DRAFT if known else None,
                status=status,
                reason=None if known else "unreadable: no usable timestamp",
                received_at=work.now,
                channel_identity_id=chat.id if known else None,
            )
        )
        work.commit()
    return entry.id or 0


def test_what_was_set_aside_and_drafts_of_a_linked_chat_go_too(services: Services) -> None:
    citizen = make_citizen(services, channel="zalo-oa")
    first = chat_of(services, citizen)
    with services.writing() as work:
        second = work.add(ChannelIdentity(channel="telegram", account="x", external_id="second", citizen_id=citizen))
        work.add(
            Conversation(
                key="telegram:x:second", channel_identity_id=second.id, state={"d": DRAFT}, updated_at=work.now
            )
        )
        work.commit()
    an_entry(services, first, 1, status="quarantined", known=False)
    an_entry(services, first, 2, status="ignored", known=False)
    an_entry(services, second, 3, status="handled")
    assert withdraw(services, first.external_id)
    with services.reading() as work:
        assert {row.raw for row in work.session.exec(select(InboxEntry))} == {"{}"}
        assert work.session.exec(select(Conversation.state)).one() == {}


def test_the_place_and_the_name_on_a_list_of_speakers_go(services: Services) -> None:
    citizen = make_citizen(services, name="Bà Sáu")
    chat = chat_of(services, citizen)
    with services.writing() as work:
        for number, state in enumerate((ConferenceState.AGENDA_SET, ConferenceState.HELD)):
            conference = work.add(
                Conference(
                    office_id=services.office_id,
                    code=f"HN{number}",
                    held_on=dt.date(2026, 11, 28),
                    title="Hội nghị đối thoại",
                    regulation="thanh-hoa",
                    place="Hội trường xã",
                    chair="Chủ tịch UBND xã",
                    state=state,
                    created_at=work.now,
                )
            )
            work.add(
                SpeakingRegistration(
                    conference_id=conference.id or 0,
                    citizen_id=citizen,
                    channel_identity_id=chat.id,
                    name="Bà Sáu",
                    matter="Đèn đường",
                    source="chat",
                    created_at=work.now,
                )
            )
        person = work.session.get_one(Citizen, citizen)
        for purpose in (ConsentPurpose.SPEAK, ConsentPurpose.FALLBACK):
            people.record_consent(
                work,
                person,
                work.session.get_one(ChannelIdentity, chat.id),
                purpose=purpose,
                granted=True,
                sentence_hash="x",
                wording_version="1",
                shown_name=None,
            )
        work.commit()
    assert withdraw(services, chat.external_id)
    with services.reading() as work:
        rows = work.session.exec(select(SpeakingRegistration).order_by(col(SpeakingRegistration.id))).all()
        assert [(row.name, row.state) for row in rows] == [(None, "withdrawn"), (None, "registered")]
        given = notices.consents_of(work, citizen)
    assert (given["speak"], given["fallback"]) == (False, False)


def test_the_photo_of_a_message_that_led_to_nothing_leaves_the_disk(services: Services, tmp_path: Path) -> None:
    services.files_dir = tmp_path / "files"
    store = FileStore(services.files_dir)
    sha256 = store.keep(b"a photo")
    chat = chat_of(services, make_citizen(services, channel="zalo-oa"))
    entry_id = an_entry(services, chat, 1, status="handled")
    with services.writing() as work:
        work.add(Attachment(inbox_entry_id=entry_id, kind="photo", file_ref="https://x.example/1", sha256=sha256))
        work.commit()
    assert withdraw(services, chat.external_id)
    assert forget_erased(services) == 1
    assert store.path(sha256) is None
    with services.reading() as work:
        assert work.session.exec(select(Attachment.sha256)).one() is None


async def test_who_writes_again_is_answered_and_still_sent_no_news(stage: Rehearsal) -> None:
    services = stage.services
    admin_with_chat(services)
    code = await submit(stage)
    withdraw(services)
    await stage.write("a", code)
    assert "Ý kiến" in stage.seen("a")[-1].text
    assert consents(services)["push"] is False
    # And may withdraw again: that is another request.
    stage.clock.advance(60)
    assert withdraw(services)
    assert len(notices_of(services, "alert")) == 2


def test_a_chat_nobody_wrote_from_can_be_withdrawn_too(services: Services) -> None:
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="zalo-oa", account="x", external_id="a", display_name="Ai đó"))
        assert platform_withdrawal(work, identity)
        assert (identity.reachable, identity.display_name) == (False, None)
        work.commit()


def test_the_event_of_the_platform_comes_through_the_inbox_and_may_come_again(services: Services) -> None:
    citizen = make_citizen(services, channel="zalo-oa", name="Bà Sáu")
    message = InboundMessage(
        channel="zalo-oa",
        account="test",
        chat_id="",
        sender_id="",
        kind=MessageKind.WITHDRAWN,
        sent_at=services.clock.now(),
    )
    for number in range(2):
        with services.writing() as work:
            chat = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == citizen)).one()
            entry = work.add(
                InboxEntry(
                    channel="zalo-oa",
                    account="test",
                    external_id=str(number),
                    conversation_key="k",
                    raw="{}",
                    received_at=work.now,
                )
            )
            work.commit()
        assert entry.id is not None
        event = replace(message, chat_id=chat.external_id, sender_id=chat.external_id)
        intake.take_notice(services, entry_id=entry.id, message=event)
    with services.reading() as work:
        chat = work.session.get_one(ChannelIdentity, chat.id)
        assert (chat.reachable, chat.unreachable_reason, chat.display_name) == (False, "withdrawn", None)
        assert set(work.session.exec(select(InboxEntry.status))) == {"handled"}
        assert notices.consents_of(work, citizen)["push"] is False


def test_each_clock_is_cited_and_none_stands_in_code() -> None:
    assert all("356/2025" in clock.citation for clock in clocks())
    assert any(not clock.sure for clock in clocks())
    ends = [one.due_on for one in days_of(official_calendar(), dt.date(2026, 11, 5))]
    # Thursday: two working days are Monday.
    assert ends[0] == dt.date(2026, 11, 9)
