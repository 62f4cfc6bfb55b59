"""Use cases: the names of people who agreed to be named, on platforms that show a name only when asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from casework.usecases.work import Services, Work
from storage.records import ChannelIdentity, Citizen, Consent, ConsentPurpose


@dataclass(frozen=True, kw_only=True)
class NameToAsk:
    """Somebody who agreed in this chat that their name is kept, and of whom none is known."""

    consent_id: int
    identity_id: int
    chat_id: str


def names_to_ask(services: Services, *, channel: str, account: str, after: int = 0, limit: int = 50) -> list[NameToAsk]:
    """Whose name may be asked of the platform; consents with a number above `after`, oldest first."""
    with services.reading() as work:
        rows = work.session.exec(
            select(Consent.id, Consent.citizen_id, ChannelIdentity.id, ChannelIdentity.external_id)
            .join(ChannelIdentity, col(ChannelIdentity.id) == col(Consent.channel_identity_id))
            .join(Citizen, col(Citizen.id) == col(Consent.citizen_id))
            .where(
                col(Consent.id) > after,
                Consent.purpose == ConsentPurpose.PROCESS,
                ChannelIdentity.channel == channel,
                ChannelIdentity.account == account,
                ChannelIdentity.citizen_id == Consent.citizen_id,
                col(Citizen.display_name).is_(None),
            )
            .order_by(col(Consent.id))
            .limit(limit)
        ).all()
        return [
            NameToAsk(consent_id=consent_id, identity_id=identity_id, chat_id=chat_id)
            for consent_id, citizen_id, identity_id, chat_id in rows
            if consent_id is not None and identity_id is not None and _agreed_last(work, citizen_id) == consent_id
        ]


def keep_shown_name(services: Services, wanted: NameToAsk, name: str) -> bool:
    """Keep the name the platform shows, if the person still agrees and has none; whether it was kept."""
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, wanted.identity_id)
        if identity.citizen_id is None or _agreed_last(work, identity.citizen_id) != wanted.consent_id:
            return False
        person = work.session.get_one(Citizen, identity.citizen_id)
        if person.display_name is not None or person.erased_at is not None:
            return False
        person.display_name = identity.display_name = name
        work.session.add(person)
        work.session.add(identity)
        work.commit()
        return True


def _agreed_last(work: Work, citizen_id: int) -> int | None:
    """The number of the person's last word on being named, when that word is yes."""
    last = work.session.exec(
        select(Consent)
        .where(Consent.citizen_id == citizen_id, Consent.purpose == ConsentPurpose.PROCESS)
        .order_by(col(Consent.id).desc())
        .limit(1)
    ).first()
    return last.id if last is not None and last.granted else None
