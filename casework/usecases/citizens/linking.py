"""One person, several channels: a one-time code shows that a further chat, or a paper receipt, is theirs.

The two persons on file become one, the older; all that belongs to the other moves there. Consents keep their order
in time, so the person's latest word on each purpose counts, from whichever chat it came: an older yes never overrides
a later no. What belongs to a sealed opinion stays bound to the chat it was told in. Staff rights belong to a chat's
enrolment, not to its citizen: linking neither gives nor moves any.

Locked in this order, so that two codes used at once wait for each other instead of crossing: the code, the persons by
key, their talks (a turn under way in another chat of theirs ends first), their opinions.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlmodel import col, or_, select, update
from sqlmodel.sql.expression import SelectOfScalar

from casework import link_codes, notices
from casework.effects import LinkFact, LinkStanding
from casework.reaching import GOES_OUT_WHEN_THEY_WRITE
from casework.talk import Reply
from casework.usecases.citizens.people import citizen_of
from casework.usecases.work import Work, citizen
from casework.wording import say
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Conversation,
    Delivery,
    LinkCode,
    Opinion,
    SpeakingRegistration,
)

#: long enough to find the other app on the phone
LIFE = dt.timedelta(minutes=30)
#: a paper receipt lies in a drawer
PAPER_LIFE = dt.timedelta(days=365)
#: why a notice waits for a person who had no chat that could be used
WAITED_FOR_A_CHAT = (*GOES_OUT_WHEN_THEY_WRITE, "no_channel")
#: what a person owns besides opinions
OWNED = (ChannelIdentity, Consent, Delivery, SpeakingRegistration, LinkCode)


# ---------------------------------------------------------------------- codes


def new_link_code(work: Work, citizen_id: int, opinion_id: int | None = None) -> str:
    """A one-time code of this person as people read it ("LK-7KP-4MX-W2H"), for a chat or, with `opinion_id`, for the
    paper receipt of that opinion. Earlier codes of the same sort stop working."""
    code = link_codes.draw(work.services.random)
    keep(work, code, citizen_id, opinion_id=opinion_id)
    return link_codes.shown(code)


def keep(work: Work, code: str, citizen_id: int, *, opinion_id: int | None = None) -> None:
    """Make a drawn code usable: its hash is stored. Earlier codes of the same sort stop working."""
    same = LinkCode.opinion_id == opinion_id if opinion_id is not None else col(LinkCode.opinion_id).is_(None)
    void_codes(work, work.session.exec(_usable_codes(work, citizen_id).where(same)).all())
    work.add(
        LinkCode(
            code_hash=link_codes.hash_of(code),
            citizen_id=citizen_id,
            opinion_id=opinion_id,
            created_at=work.now,
            expires_at=work.now + (LIFE if opinion_id is None else PAPER_LIFE),
        )
    )
    work.record(citizen(citizen_id), "link_code_made", "citizen", citizen_id, opinion=opinion_id)


def usable_codes_of(work: Work, citizen_id: int) -> list[LinkCode]:
    """The codes of a person that could still be used."""
    return list(work.session.exec(_usable_codes(work, citizen_id)))


def void_codes(work: Work, codes: Iterable[LinkCode]) -> None:
    """These codes stop working now."""
    for row in codes:
        row.expires_at = work.now
        work.session.add(row)


def _usable_codes(work: Work, citizen_id: int) -> SelectOfScalar[LinkCode]:
    return select(LinkCode).where(
        LinkCode.citizen_id == citizen_id, col(LinkCode.used_at).is_(None), col(LinkCode.expires_at) > work.now
    )


def _locked(work: Work, code_hash: str) -> LinkCode | None:
    statement = select(LinkCode).where(LinkCode.code_hash == code_hash).with_for_update()
    return work.session.exec(statement.execution_options(populate_existing=True)).first()


# ---------------------------------------------------------------------- what a code would do


def standing(work: Work, person: Citizen, code_hash: str) -> LinkFact:
    """What a code would do for this person now. It stays locked until the turn is over, so that it still does then."""
    row = _locked(work, code_hash)
    if row is None:
        return LinkFact(standing=LinkStanding.UNUSABLE)
    owner = survivor(work, row.citizen_id)
    own, paper = owner.id == person.id, row.opinion_id is not None
    if row.used_at is not None or row.expires_at <= work.now:
        return LinkFact(standing=LinkStanding.OWN if own and row.used_at is not None else LinkStanding.UNUSABLE)
    if own and not paper:
        return LinkFact(standing=LinkStanding.OWN)
    return LinkFact(standing=LinkStanding.USABLE, paper=paper, consents=_joint_consents(work, {owner.id, person.id}))


def survivor(work: Work, citizen_id: int) -> Citizen:
    """The person as kept now, who may have been found to be the same as another since."""
    row = work.session.get_one(Citizen, citizen_id, populate_existing=True)
    while row.merged_into_id is not None:
        row = work.session.get_one(Citizen, row.merged_into_id, populate_existing=True)
    return row


def _joint_consents(work: Work, people: set[int | None]) -> dict[str, bool]:
    rows = work.session.exec(select(Consent).where(col(Consent.citizen_id).in_(people)).order_by(col(Consent.id)))
    return {row.purpose: row.granted for row in rows}


# ---------------------------------------------------------------------- linking


def link(work: Work, identity: ChannelIdentity, code_hash: str) -> Citizen:
    """Join the person of this chat with the code's person, and give in full what waited for lack of a chat. Returns
    who stays. A code that can no longer be used changes nothing; neither does a repeat."""
    # Persons are read anew below: what this turn has changed of them must be there by then.
    work.session.flush()
    person = citizen_of(work, identity)
    row = _locked(work, code_hash)
    if row is None or standing(work, person, code_hash).standing is not LinkStanding.USABLE:
        return person
    row.used_at = work.now
    work.session.add(row)
    kept, lost = _older_first(work, person, survivor(work, row.citizen_id))
    if row.opinion_id is None:
        _tell_the_other_chat(work, row, identity)
    if lost is not None:
        _join(work, kept, lost)
    _give_a_chat(work, kept, identity)
    if lost is not None and lost.id is not None and kept.id is not None:
        # The history is locked last, after everything a sender may hold while it waits for it.
        work.record(citizen(kept.id), "channels_linked", "citizen", kept.id, merged=lost.id)
        work.record(citizen(kept.id), "merged", "citizen", lost.id, into=kept.id)
    return kept


def _older_first(work: Work, one: Citizen, other: Citizen) -> tuple[Citizen, Citizen | None]:
    """The two persons, locked, the older first; the second None when they are one already."""
    if one.id == other.id:
        return one, None
    held = work.session.exec(
        select(Citizen)
        .where(col(Citizen.id).in_([one.id, other.id]))
        .order_by(col(Citizen.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    kept, lost = sorted(held, key=lambda person: (person.created_at, person.id))
    return kept, lost


def _join(work: Work, kept: Citizen, lost: Citizen) -> None:
    if kept.id is None or lost.id is None:
        raise ValueError("a person who is not stored")
    _hold_talks_and_opinions(work, kept.id, lost.id)
    work.session.exec(update(Opinion).where(col(Opinion.citizen_id) == lost.id).values(citizen_id=kept.id))
    for table in OWNED:
        work.session.exec(update(table).where(col(table.citizen_id) == lost.id).values(citizen_id=kept.id))
    kept.residential_group_id = kept.residential_group_id or lost.residential_group_id
    kept.display_name = kept.display_name or lost.display_name
    lost.display_name, lost.residential_group_id, lost.merged_into_id = None, None, kept.id
    work.session.add(kept)
    work.session.add(lost)
    work.session.flush()
    consents = notices.consents_of(work, kept.id)
    if not consents.get(ConsentPurpose.PROCESS, False):
        forget_names(work, kept)
    if not consents.get(ConsentPurpose.PUSH, False):
        notices.hold_back(work, citizen_id=kept.id)


def _hold_talks_and_opinions(work: Work, *people: int) -> None:
    chats = select(ChannelIdentity.id).where(col(ChannelIdentity.citizen_id).in_(people))
    held = (
        select(Conversation.id).where(col(Conversation.channel_identity_id).in_(chats)).order_by(col(Conversation.id)),
        select(Opinion.id).where(col(Opinion.citizen_id).in_(people)).order_by(col(Opinion.id)),
    )
    for statement in held:
        work.session.exec(statement.with_for_update()).all()


def forget_names(work: Work, person: Citizen) -> None:
    """The person's name and what platforms show for it go, from every chat of theirs."""
    person.display_name = None
    work.session.add(person)
    work.session.exec(
        update(ChannelIdentity).where(col(ChannelIdentity.citizen_id) == person.id).values(display_name=None)
    )


def _give_a_chat(work: Work, person: Citizen, identity: ChannelIdentity) -> None:
    """What the person has without a chat belongs to this one from now on; nothing of a sealed opinion does."""
    if person.id is None or identity.id is None:
        raise ValueError("a chat that is not stored")
    sealed = select(Opinion.id).where(Opinion.citizen_id == person.id, col(Opinion.sealed))
    work.session.exec(
        update(Opinion)
        .where(
            col(Opinion.citizen_id) == person.id,
            col(Opinion.channel_identity_id).is_(None),
            col(Opinion.sealed).is_(False),
        )
        .values(channel_identity_id=identity.id)
    )
    work.session.exec(
        update(SpeakingRegistration)
        .where(
            col(SpeakingRegistration.citizen_id) == person.id,
            col(SpeakingRegistration.channel_identity_id).is_(None),
            or_(col(SpeakingRegistration.opinion_id).is_(None), col(SpeakingRegistration.opinion_id).not_in(sealed)),
        )
        .values(channel_identity_id=identity.id)
    )
    notices.deliver_waiting(work, citizen_id=person.id, identity_id=identity.id, reasons=WAITED_FOR_A_CHAT)


def _tell_the_other_chat(work: Work, code: LinkCode, identity: ChannelIdentity) -> None:
    """The chat that asked for the code hears that it was used: it may have been got out of its owner."""
    asked_in = work.session.exec(
        select(ChannelIdentity)
        .where(
            ChannelIdentity.citizen_id == code.citizen_id,
            ChannelIdentity.id != identity.id,
            col(ChannelIdentity.reachable),
            col(ChannelIdentity.last_inbound_at) >= code.created_at,
        )
        .order_by(col(ChannelIdentity.id))
    )
    for other in asked_in:
        if other.id is not None:
            notices.reply(
                work, key=f"linked:{code.id}:{other.id}", identity_id=other.id, message=Reply(text=say("link.told"))
            )
