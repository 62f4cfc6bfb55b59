"""Who is in the chat: identities and citizens, met once and found again; reachability as they show it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, exists
from sqlmodel import and_, col, or_, select

from casework import notices
from casework.reaching import FOR_THE_ASKING
from casework.talk import InboundMessage
from casework.usecases.citizens.phones import forget_phone
from casework.usecases.work import Work, citizen
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Conversation,
    Delivery,
    DeliveryState,
    Opinion,
    Staff,
    StaffChat,
)

# Each message asks these: they are built once, and each answers all that can be asked of a chat in one go.
_THIS_CHAT = and_(
    col(ChannelIdentity.channel) == bindparam("channel"),
    col(ChannelIdentity.account) == bindparam("account"),
    col(ChannelIdentity.external_id) == bindparam("chat"),
)
_STAFF_OF_CHAT = (
    select(ChannelIdentity.id, Staff.id)
    .join(Staff, and_(col(Staff.channel_identity_id) == col(ChannelIdentity.id), col(Staff.active)), isouter=True)
    .where(_THIS_CHAT)
)
_WHO_IS_IN_CHAT = (
    select(
        ChannelIdentity,
        Citizen,
        exists().where(col(Opinion.citizen_id) == col(ChannelIdentity.citizen_id), col(Opinion.sealed)),
        or_(
            exists().where(
                col(Delivery.channel_identity_id) == col(ChannelIdentity.id),
                col(Delivery.state).in_(FOR_THE_ASKING),
            ),
            exists().where(
                col(Delivery.citizen_id) == col(ChannelIdentity.citizen_id),
                col(Delivery.state).in_([*FOR_THE_ASKING, DeliveryState.PENDING]),
            ),
        ),
    )
    .join(Citizen, col(Citizen.id) == col(ChannelIdentity.citizen_id), isouter=True)
    .where(_THIS_CHAT)
)


@dataclass(frozen=True, kw_only=True)
class KnownChat:
    """What a chat is known as; both None: it never wrote before."""

    identity_id: int | None = None
    #: the active staff member whose private chat it is
    staff_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Met:
    """A chat and who is in it."""

    identity: ChannelIdentity
    #: None until the first turn of a talk
    person: Citizen | None = None
    #: the person denounced something: notices of it may wait
    sealed: bool = False
    #: something waits for this chat or this person
    waiting: bool = False


def _named(message: InboundMessage) -> dict[str, str]:
    return {"channel": message.channel, "account": message.account, "chat": message.chat_id}


def known_chat(work: Work, message: InboundMessage) -> KnownChat:
    """Who this chat is so far, as it is now."""
    found = work.session.exec(_STAFF_OF_CHAT, params=_named(message)).first()
    return KnownChat() if found is None else KnownChat(identity_id=found[0], staff_id=found[1])


def meet(work: Work, message: InboundMessage) -> Met:
    """The chat's identity, created at first contact, with the person. No name is kept: that needs consent."""
    found = work.session.exec(_WHO_IS_IN_CHAT, params=_named(message)).first()
    if found is None:
        identity = work.add(
            ChannelIdentity(
                channel=message.channel,
                account=message.account,
                external_id=message.chat_id,
                is_group=message.is_group,
                language=message.language,
            )
        )
        return Met(identity=identity)
    identity, person, sealed, waiting = found
    return Met(identity=identity, person=person, sealed=sealed, waiting=waiting)


def citizen_of(work: Work, identity: ChannelIdentity) -> Citizen:
    """The person behind a private chat as kept now, created at first contact."""
    if identity.citizen_id is not None:
        person = work.session.get_one(Citizen, identity.citizen_id, populate_existing=True)
        if person.merged_into_id is None:
            return person
        # Found to be the same as another while this message waited its turn.
        work.session.refresh(identity)
        return citizen_of(work, identity)
    person = work.add(Citizen(office_id=work.services.office_id, created_at=work.now))
    identity.citizen_id = person.id
    work.session.add(identity)
    return person


def heard_from(work: Work, met: Met) -> None:
    """They wrote to us, so they can be reached and the platform's windows are open; what waited for that goes out in
    full, before anything else, and what waited on their sealed opinions is handed over: those have no code by which to
    fetch it."""
    identity = met.identity
    if met.waiting:
        # First what is given here; what is left is released to its own ways.
        window_opened(work, identity)
    if not identity.reachable:
        set_reachable(work, identity, reachable=True, reason=None)
    if identity.citizen_id is None or identity.id is None or identity.is_group or not met.sealed:
        return
    for notice in notices.waiting_for_person(work, identity.citizen_id):
        # Only in the chat they denounced in: another one may be open to other eyes.
        if notice.channel_identity_id == identity.id:
            notices.hand_over(work, notice, identity_id=identity.id)


def window_opened(work: Work, identity: ChannelIdentity) -> None:
    """The person did something that opens the platform's windows: what waited for that goes out in full."""
    identity.last_inbound_at = work.now
    work.session.add(identity)
    if identity.id is not None and not identity.is_group:
        notices.deliver_waiting(work, citizen_id=identity.citizen_id, identity_id=identity.id)


def move_chat(work: Work, identity: ChannelIdentity, new_id: str) -> ChannelIdentity:
    """The chat has a new id on its platform. Returns the identity it is known under from now on: when a message from
    the new id was handled before we heard of the move, the one met then takes over what belonged to the old one."""
    known = work.session.exec(
        select(ChannelIdentity).where(
            ChannelIdentity.channel == identity.channel,
            ChannelIdentity.account == identity.account,
            ChannelIdentity.external_id == new_id,
        )
    ).first()
    if identity.id is None or known is identity:
        return identity
    if known is None:
        identity.external_id = new_id
        work.session.add(identity)
    else:
        _take_over(work, identity, known)
    work.record(citizen(identity.citizen_id), "chat_moved", "channel_identity", identity.id)
    return known or identity


def _take_over(work: Work, old: ChannelIdentity, new: ChannelIdentity) -> None:
    on_its_way = col(Delivery.state).in_([DeliveryState.PENDING, DeliveryState.SENDING])
    moving: list[StaffChat | Conversation | Delivery] = [
        *work.session.exec(select(StaffChat).where(StaffChat.channel_identity_id == old.id)),
        *work.session.exec(select(Conversation).where(Conversation.channel_identity_id == old.id)),
        *work.session.exec(select(Delivery).where(Delivery.channel_identity_id == old.id, on_its_way)),
    ]
    for row in moving:
        if new.id is not None:
            row.channel_identity_id = new.id
            work.session.add(row)


def set_reachable(work: Work, identity: ChannelIdentity, *, reachable: bool, reason: str | None) -> None:
    """Record that an identity can or cannot be reached, as the platform or the person showed."""
    if identity.id is None or identity.reachable == reachable:
        return
    identity.reachable, identity.unreachable_reason = reachable, reason
    identity.reachability_changed_at = work.now
    work.session.add(identity)
    if reachable:
        # Before the history is locked: a sender may hold these notices while it waits for that.
        notices.release(work, identity_id=identity.id, reason="unreachable")
    verb = "became_reachable" if reachable else "became_unreachable"
    work.record(citizen(identity.citizen_id), verb, "channel_identity", identity.id, reason=reason)


def record_consent(
    work: Work,
    person: Citizen,
    identity: ChannelIdentity,
    *,
    purpose: ConsentPurpose,
    granted: bool,
    sentence_hash: str,
    wording_version: str,
    shown_name: str | None,
) -> None:
    """One answer to one consent question, and what follows from it at once."""
    if person.id is None or identity.id is None:
        raise ValueError("consent of a person who is not stored")
    work.add(
        Consent(
            citizen_id=person.id,
            purpose=purpose,
            granted=granted,
            wording_version=wording_version,
            wording_hash=sentence_hash,
            channel_identity_id=identity.id,
            at=work.now,
        )
    )
    if purpose is ConsentPurpose.PROCESS:
        person.display_name = shown_name if granted else None
        identity.display_name = person.display_name
        work.session.add(person)
        work.session.add(identity)
    elif purpose is ConsentPurpose.PUSH and granted:
        notices.release(work, identity_id=identity.id, reason="no_consent", citizen_id=person.id)
    elif purpose is ConsentPurpose.PUSH:
        notices.hold_back(work, citizen_id=person.id)
    elif purpose is ConsentPurpose.PHONE and not granted:
        forget_phone(work, person)
    verb = "consent_given" if granted else "consent_refused"
    work.record(citizen(person.id), verb, "citizen", person.id, purpose=purpose)
