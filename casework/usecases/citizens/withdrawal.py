"""Somebody takes their consent back through the platform itself: a data-subject request, not a message in the talk.

At once: no more news, no name (neither in their chats nor in a list of speakers), no phone number, no unfinished words
of theirs with us, in whichever of their chats. What they asked stays, without a name: it is handled and answered like
any other, and waits for its asker. What only people can do (tell them it was received, erase what has no ground to be
kept) has its clocks in law; the administrators are told of them.
"""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, or_, select, update

from casework import notices, reaching
from casework.clock import local_date
from casework.codes import spoken
from casework.errors import InvalidInput
from casework.ladder.values import PHONE_CHANNEL
from casework.privacy_rights import clocks, days_of
from casework.usecases.citizens import linking, people, speaking
from casework.usecases.citizens.copies import ERASED
from casework.usecases.citizens.intake import conversation_key
from casework.usecases.conference.speaking import ACTIVE
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.work import Work, citizen
from casework.wording import VERSION as WORDING_VERSION
from casework.wording import sentence_hash
from storage.records import (
    Attachment,
    ChannelIdentity,
    Citizen,
    Conference,
    ConferenceState,
    ConsentPurpose,
    Conversation,
    Delivery,
    InboxEntry,
    InboxStatus,
    Opinion,
    Role,
    SpeakerState,
    SpeakingRegistration,
)

#: why a chat cannot be reached, from then on
REASON = reaching.WITHDRAWN
#: always recorded as withdrawn; further ones where they had been given
_ALWAYS = (ConsentPurpose.PUSH, ConsentPurpose.PROCESS)
_WHERE_GIVEN = tuple(one for one in ConsentPurpose if one not in _ALWAYS)
#: what stands for the question that was shown: the platform asked it, not we
_SENTENCE = "privacy.withdrawn_by_platform"
_WHY = "qua chức năng của nền tảng"
#: shorter words stand in many messages and prove no quotation
_QUOTABLE = 12
_QUOTED = 80
_REMOVED = "[đã xóa theo yêu cầu của người gửi]"
#: said as it is: no command erases a person
_WHAT_REMAINS = (
    "Máy còn giữ: lời các ý kiến đã gửi, ảnh kèm theo, thôn, số định danh của cuộc chat và sổ ghi việc. Chương trình "
    "không có lệnh xóa hẳn một người. Lệnh dùng được: doithoai opinions redact MÃ (che dữ liệu riêng trong lời đem đi "
    "giải quyết, lời gốc giữ nguyên), doithoai opinions files MÃ (xem ảnh còn giữ). Bản sao lưu cũ và giấy đã in: "
    "anh/chị tự hủy. Cần xóa thêm thì nhờ người phụ trách kỹ thuật."
)


def platform_withdrawal(work: Work, identity: ChannelIdentity) -> bool:
    """The person of this chat withdrew on the platform. Returns whether that is news; a repeat changes nothing."""
    if identity.id is None or identity.unreachable_reason == REASON:
        return False
    person = work.session.get(Citizen, identity.citizen_id) if identity.citizen_id is not None else None
    _cut_off(work, identity)
    for chat in _chats_of(work, identity, person):
        _forget_talk(work, chat)
    if person is not None and person.id is not None:
        _withdraw_consents(work, person, identity)
        linking.forget_names(work, person)
        _forget_phones(work, person)
        _leave_lists_of_speakers(work, person)
        linking.void_codes(work, linking.usable_codes_of(work, person.id))
    identity.display_name = None
    work.session.add(identity)
    work.record(citizen(identity.citizen_id), "withdrew_through_platform", "channel_identity", identity.id, why=_WHY)
    _alert(work, identity, person)
    return True


def _cut_off(work: Work, identity: ChannelIdentity) -> None:
    people.set_reachable(work, identity, reachable=False, reason=REASON)
    # Also where it was out of reach before, for another reason.
    identity.unreachable_reason, identity.reachability_changed_at = REASON, work.now
    work.session.add(identity)


def _chats_of(work: Work, identity: ChannelIdentity, person: Citizen | None) -> list[ChannelIdentity]:
    """This chat and the others of the same person."""
    if person is None:
        return [identity]
    return list(work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == person.id)))


def _withdraw_consents(work: Work, person: Citizen, identity: ChannelIdentity) -> None:
    given = notices.consents_of(work, person.id)
    for purpose in (*_ALWAYS, *(one for one in _WHERE_GIVEN if given.get(one, False))):
        people.record_consent(
            work,
            person,
            identity,
            purpose=purpose,
            granted=False,
            sentence_hash=sentence_hash(_SENTENCE),
            wording_version=WORDING_VERSION,
            shown_name=None,
        )


def _forget_phones(work: Work, person: Citizen) -> None:
    """A number was given for short notices alone: nothing is left to keep it for."""
    for phone in work.session.exec(
        select(ChannelIdentity).where(ChannelIdentity.citizen_id == person.id, ChannelIdentity.channel == PHONE_CHANNEL)
    ):
        _cut_off(work, phone)
        phone.external_id = f"{REASON}-{phone.id}"


def _leave_lists_of_speakers(work: Work, person: Citizen) -> None:
    """Nobody is put on a list without a name: where the conference is still to come, the place is given up; of earlier
    ones only the name goes."""
    rows = work.session.exec(
        select(SpeakingRegistration, Conference.state)
        .join(Conference, col(Conference.id) == col(SpeakingRegistration.conference_id), isouter=True)
        .where(SpeakingRegistration.citizen_id == person.id)
    ).all()
    for row, state in rows:
        row.name = None
        work.session.add(row)
        to_come = state in (ConferenceState.PLANNED, ConferenceState.AGENDA_SET)
        if to_come and row.id is not None and SpeakerState(row.state) in ACTIVE:
            speaking.withdraw(work, person, row.id)


def _forget_talk(work: Work, identity: ChannelIdentity) -> None:
    """Unfinished words go: the draft in the talk's state, the messages that became no opinion or could not be read,
    what we quoted."""
    key = conversation_key(identity.channel, identity.account, identity.external_id)
    for talk in work.session.exec(
        select(Conversation).where(Conversation.channel_identity_id == identity.id).with_for_update()
    ):
        talk.state, talk.wake_at, talk.updated_at = {}, None, work.now
        work.session.add(talk)
    rows = work.session.exec(
        select(InboxEntry).where(
            # What was set aside was never brought to a chat; it is known by its order alone.
            or_(InboxEntry.channel_identity_id == identity.id, InboxEntry.conversation_key == key),
            InboxEntry.status != InboxStatus.RECEIVED,
            col(InboxEntry.opinion_id).is_(None),
        )
    ).all()
    _forget_quotes(work, identity, [row.text for row in rows if row.text])
    for row in rows:
        row.raw, row.text, row.reason = "{}", None, ERASED
        work.session.add(row)
    # The copies themselves (`sha256`) are removed, with their bytes, by whoever clears up after such messages: without
    # the name nobody would find them again.
    work.session.exec(
        update(Attachment)
        .where(col(Attachment.inbox_entry_id).in_([row.id for row in rows]))
        .values(file_ref=None, unique_ref=None, file_name=None, latitude=None, longitude=None)
    )


def _forget_quotes(work: Work, identity: ChannelIdentity, words: list[str]) -> None:
    samples = [one.strip()[:_QUOTED] for one in words if len(one.strip()) >= _QUOTABLE]
    replies = work.session.exec(
        select(Delivery).where(Delivery.channel_identity_id == identity.id, Delivery.purpose == "reply")
    )
    for reply in replies:
        if any(sample in reply.text for sample in samples):
            reply.text = _REMOVED
            work.session.add(reply)


# ---------------------------------------------------------------------- telling the administrators


def _alert(work: Work, identity: ChannelIdentity, person: Citizen | None) -> None:
    """Tell the administrators what the law asks; whether or not one of them can be reached, it is on record."""
    notices.tell_staff(
        work,
        key=f"withdrawn:{identity.id}:{work.now.isoformat()}",
        purpose="alert",
        text="\n".join([_what_happened(work, person), *_duties(work), _WHAT_REMAINS]),
        role=Role.ADMIN,
    )


def _what_happened(work: Work, person: Citizen | None) -> str:
    codes = [] if person is None else _codes(work, person)
    about = f" Ý kiến của người ấy: {', '.join(codes)}." if codes else ""
    return (
        "Một người dân vừa rút lại đồng ý cho dùng dữ liệu của mình, qua chức năng của nền tảng chat. "
        "Máy đã thôi gửi tin, bỏ tên và số điện thoại, bỏ tin viết dở, rút đăng ký phát biểu ở hội nghị sắp tới; "
        f"ý kiến đã gửi vẫn được giải quyết, không kèm tên.{about}\n"
        "Việc của anh/chị theo luật:"
    )


def _codes(work: Work, person: Citizen) -> list[str]:
    rows = work.session.exec(
        select(Opinion.code)
        .where(Opinion.citizen_id == person.id, col(Opinion.sealed).is_(False), col(Opinion.code).is_not(None))
        .order_by(col(Opinion.id))
    )
    return [spoken(code) for code in rows if code is not None]


def _duties(work: Work) -> list[str]:
    try:
        days = days_of(calendar_of(work), local_date(work.now))
    except InvalidInput:
        # A year whose days off nobody has entered yet: the periods are still true.
        return [f"- {one.does}: trong {one.count} ngày ({one.citation})" for one in clocks()]
    return [
        f"- {one.clock.does}: chậm nhất {_day(one.due_on)}"
        + (f", có lý do thì {_day(one.longest_on)}" if one.longest_on is not None else "")
        + f" ({one.clock.citation}{'' if one.clock.sure else ', cần đối chiếu bản ký'})"
        for one in days
    ]


def _day(day: dt.date) -> str:
    return f"{day:%d/%m/%Y}"
