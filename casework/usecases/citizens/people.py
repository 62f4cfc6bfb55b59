"""Who is in the chat: identities and citizens, met once and found again; reachability as they show it."""

from __future__ import annotations

from sqlmodel import select

from casework import notices
from casework.talk import InboundMessage
from casework.usecases.work import Work, citizen
from storage.records import ChannelIdentity, Citizen, Consent, ConsentPurpose


def find_identity(work: Work, message: InboundMessage) -> ChannelIdentity | None:
    return work.session.exec(
        select(ChannelIdentity).where(
            ChannelIdentity.channel == message.channel,
            ChannelIdentity.account == message.account,
            ChannelIdentity.external_id == message.chat_id,
        )
    ).first()


def meet(work: Work, message: InboundMessage) -> ChannelIdentity:
    """The chat's identity, created at first contact. No name is kept: that needs consent."""
    identity = find_identity(work, message)
    if identity is None:
        identity = work.add(
            ChannelIdentity(
                channel=message.channel,
                account=message.account,
                external_id=message.chat_id,
                is_group=message.is_group,
                language=message.language,
            )
        )
    return identity


def citizen_of(work: Work, identity: ChannelIdentity) -> Citizen:
    """The person behind a private chat, created at first contact."""
    if identity.citizen_id is not None:
        return work.session.get_one(Citizen, identity.citizen_id)
    person = work.add(Citizen(office_id=work.services.office_id, created_at=work.now))
    identity.citizen_id = person.id
    work.session.add(identity)
    return person


def heard_from(work: Work, identity: ChannelIdentity) -> None:
    """They wrote to us, so they can be reached; what waited for that goes out."""
    identity.last_inbound_at = work.now
    if not identity.reachable:
        set_reachable(work, identity, reachable=True, reason=None)
    work.session.add(identity)


def set_reachable(work: Work, identity: ChannelIdentity, *, reachable: bool, reason: str | None) -> None:
    """Record that an identity can or cannot be reached, as the platform or the person showed."""
    if identity.id is None or identity.reachable == reachable:
        return
    identity.reachable, identity.unreachable_reason = reachable, reason
    identity.reachability_changed_at = work.now
    work.session.add(identity)
    verb = "became_reachable" if reachable else "became_unreachable"
    work.record(citizen(identity.citizen_id), verb, "channel_identity", identity.id, reason=reason)
    if reachable:
        notices.release(work, identity_id=identity.id, reason="unreachable")


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
    verb = "consent_given" if granted else "consent_refused"
    work.record(citizen(person.id), verb, "citizen", person.id, purpose=purpose)
    if purpose is ConsentPurpose.PROCESS:
        person.display_name = shown_name if granted else None
        identity.display_name = person.display_name
        work.session.add(person)
        work.session.add(identity)
    elif purpose is ConsentPurpose.PUSH and granted:
        notices.release(work, identity_id=identity.id, reason="no_consent")
    elif purpose is ConsentPurpose.PUSH:
        notices.hold_back(work, citizen_id=person.id)
