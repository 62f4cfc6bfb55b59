"""Applying the engine's effects inside the open turn: each effect has one function, `apply` only dispatches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import col, select, update
from sqlmodel.sql.expression import SelectOfScalar

from casework import notices
from casework.effects import (
    AddWords,
    AlertStaff,
    Effect,
    EraseTalk,
    Facts,
    Fetched,
    FetchedSpeaking,
    GiveVerdict,
    KeepPhone,
    LinkChats,
    MakeLinkCode,
    RecordConsent,
    RegisterSpeaking,
    RememberVillage,
    Submit,
    TellEditAfterDecision,
    Withdraw,
    WithdrawSpeaking,
)
from casework.lifecycle import OPEN_TO_CITIZEN, check_move
from casework.talk import InboundMessage
from casework.usecases.answers.answering import record_verdict
from casework.usecases.citizens import linking, people, phones, speaking
from casework.usecases.citizens.submitting import record_predictions, submit
from casework.usecases.deadlines.obligations import refresh_opinion
from casework.usecases.moderation import sealing
from casework.usecases.moderation.digest import alert_staff
from casework.usecases.work import Actor, Work, citizen
from casework.wording import VERSION as WORDING_VERSION
from casework.wording import sentence_hash
from nlp.analysis import Kind
from storage.records import (
    Attachment,
    ChannelIdentity,
    Citizen,
    ConsentPurpose,
    Delivery,
    InboxEntry,
    Opinion,
    OpinionState,
    Prediction,
    ResidentialGroup,
    Wording,
)

#: so much of a message is enough to find it quoted, characters
QUOTED = 80
#: stands where words were that their author had removed
ERASED = "[người gửi đã xóa]"

# Each opinion asks this: it is built once.
_VILLAGE = select(ResidentialGroup.id).where(
    ResidentialGroup.office_id == bindparam("office"), ResidentialGroup.code == bindparam("code")
)


def apply(
    work: Work,
    person: Citizen,
    identity: ChannelIdentity,
    message: InboundMessage,
    facts: Facts,
    effects: Iterable[Effect],
) -> None:
    """Do what the engine decided, in its order."""
    submitted: Opinion | None = None
    for effect in effects:
        match effect:
            case RememberVillage(code=code):
                person.residential_group_id = village_id(work, code)
                work.session.add(person)
            case RecordConsent():
                people.record_consent(
                    work,
                    person,
                    identity,
                    purpose=ConsentPurpose(effect.purpose),
                    granted=effect.granted,
                    sentence_hash=sentence_hash(effect.sentence),
                    wording_version=WORDING_VERSION,
                    shown_name=message.sender_name,
                )
            case Submit():
                submitted = _submit(work, person, identity, facts, effect)
            case AddWords():
                _add_words(work, person, effect)
            case Withdraw():
                _withdraw(work, person, effect)
            case GiveVerdict():
                record_verdict(work, answer_id=effect.answer_id, opinion_id=effect.opinion_id, settled=effect.settled)
            case EraseTalk(entry_ids=entry_ids):
                _erase(work, person, identity, entry_ids)
            case Fetched(opinion_id=opinion_id):
                notices.picked_up(work, opinion_id=opinion_id)
            case TellEditAfterDecision(opinion_id=opinion_id):
                opinion = work.session.get_one(Opinion, opinion_id)
                work.record(citizen(person.id), "edited_after_decision", "opinion", opinion_id)
                alert_staff(work, reason="edited_after_decision", opinion=opinion)
            case RegisterSpeaking(opinion_id=opinion_id):
                speaking.register(work, person, identity, effect, _own(work, person, opinion_id))
            case WithdrawSpeaking(registration_id=registration_id):
                speaking.withdraw(work, person, registration_id)
            case FetchedSpeaking():
                speaking.fetched(work, person)
            case MakeLinkCode(code=code):
                if person.id is not None:
                    linking.keep(work, code, person.id)
            case KeepPhone(phone=phone):
                # Asked only while it was nobody else's; should a relative have been faster, it stays theirs.
                phones.keep_phone(work, person, phone)
            case LinkChats(code_hash=code_hash):
                linking.link(work, identity, code_hash)
            case AlertStaff(reason=reason, opinion_id=opinion_id):
                about = submitted if effect.submitted else _own(work, person, opinion_id)
                if reason == "wants_person" and about is None:
                    about = _newest(work, person)
                alert_staff(work, reason=reason, opinion=about)


def village_id(work: Work, code: str | None) -> int | None:
    if code is None:
        return None
    return work.session.exec(_VILLAGE, params={"office": work.services.office_id, "code": code}).first()


def _own(work: Work, person: Citizen, opinion_id: int | None) -> Opinion | None:
    """The person's opinion, locked and as it is now: a decision of staff made meanwhile is not overwritten."""
    if opinion_id is None:
        return None
    return work.session.exec(own_opinion(person, opinion_id)).first()


def own_opinion(person: Citizen, opinion_id: int) -> SelectOfScalar[Opinion]:
    """The statement that reads an opinion of this person for changing it."""
    return (
        select(Opinion)
        .where(Opinion.id == opinion_id, Opinion.citizen_id == person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _newest(work: Work, person: Citizen) -> Opinion | None:
    """What somebody who asks for a person most likely wants to speak of; it also tells staff how to reach them."""
    return work.session.exec(
        select(Opinion)
        .where(Opinion.citizen_id == person.id, col(Opinion.sealed).is_(False))
        .order_by(col(Opinion.id).desc())
    ).first()


# ---------------------------------------------------------------------- submitting


def _submit(work: Work, person: Citizen, identity: ChannelIdentity, facts: Facts, effect: Submit) -> Opinion:
    opinion = submit(
        work,
        citizen(person.id),
        person,
        code=None if effect.sealed else effect.code or facts.fresh_code,
        text=effect.text,
        analysis=effect.analysis,
        village_id=village_id(work, effect.village),
        held=effect.held,
        identity_id=identity.id,
        follows=effect.follows,
    )
    if opinion.id is not None:
        attach(work, opinion.id, effect.entry_ids)
    return opinion


def attach(work: Work, opinion_id: int, entry_ids: Sequence[int]) -> None:
    """The messages an opinion was written in, and the files sent with them, belong to it from now on."""
    if not entry_ids:
        return
    for table, key in ((InboxEntry, InboxEntry.id), (Attachment, Attachment.inbox_entry_id)):
        work.session.exec(update(table).where(col(key).in_(entry_ids)).values(opinion_id=opinion_id))


# ---------------------------------------------------------------------- changing


def _add_words(work: Work, person: Citizen, effect: AddWords) -> None:
    opinion = _own(work, person, effect.opinion_id)
    if opinion is not None:
        add_words(work, citizen(person.id), opinion, effect)


def add_words(
    work: Work, actor: Actor, opinion: Opinion, effect: AddWords, *, verb: str | None = None, **details: Any
) -> None:
    """Add to a locked opinion what its asker says, or what `actor` brings of it (`verb`); nothing once it is no longer
    open to its asker."""
    if opinion.id is None or OpinionState(opinion.state) not in OPEN_TO_CITIZEN:
        return
    answered = opinion.state == OpinionState.CLARIFYING
    opinion.original_text = effect.text if effect.replace else f"{opinion.original_text}\n{effect.text}"
    opinion.version += 1
    opinion.suggested_at = None
    if answered:
        back = OpinionState.HELD if opinion.sealed or opinion.kind == Kind.COMPLAINT else OpinionState.RECEIVED
        check_move(opinion.state, back)
        opinion.state = back
    work.session.add(opinion)
    work.add(Wording(opinion_id=opinion.id, author="citizen", text=opinion.original_text, at=work.now))
    attach(work, opinion.id, effect.entry_ids)
    hushed = _judge_again(work, opinion, effect.text)
    verb = verb or ("rewritten" if effect.replace else "question_answered" if answered else "words_added")
    work.record(actor, verb, "opinion", opinion.id, state=opinion.state, hushed=hushed, **details)


def _judge_again(work: Work, opinion: Opinion, added: str) -> list[int]:
    """New words may turn an opinion into something a person must hold, and what is held into a denunciation; other
    labels set by a person stay. Returns the keys of notices that a seal kept back."""
    if opinion.id is None:
        return []
    understander = work.services.understander
    analysis = understander.analyse(opinion.original_text)
    record_predictions(work, opinion.id, analysis)
    kind = analysis.kind.value
    if Kind.DENUNCIATION in (kind, understander.analyse(added).kind.value) and not opinion.sealed:
        opinion.state, opinion.kind = OpinionState.HELD, Kind.DENUNCIATION
        return sealing.seal(work, opinion)
    if opinion.state == OpinionState.RECEIVED and kind == Kind.COMPLAINT:
        opinion.state, opinion.kind = OpinionState.HELD, kind
        work.session.add(opinion)
    return []


def _withdraw(work: Work, person: Citizen, effect: Withdraw) -> None:
    opinion = _own(work, person, effect.opinion_id)
    if opinion is None or OpinionState(opinion.state) not in OPEN_TO_CITIZEN:
        return
    check_move(opinion.state, OpinionState.WITHDRAWN)
    opinion.state, opinion.version = OpinionState.WITHDRAWN, opinion.version + 1
    opinion.group_id, opinion.decided_at = None, work.now
    if effect.erase:
        opinion.original_text, opinion.edited_text = ERASED, None
        opinion.signature, opinion.indexed_version = None, None
        sealing.forget_likeness(work, opinion)
        for wording in work.session.exec(select(Wording).where(Wording.opinion_id == effect.opinion_id)):
            wording.text = ERASED
            work.session.add(wording)
        # Why the program judged so is told in the writer's words.
        for said in work.session.exec(select(Prediction).where(Prediction.opinion_id == effect.opinion_id)):
            said.reason = ""
            work.session.add(said)
    work.session.add(opinion)
    refresh_opinion(work, opinion)
    work.record(citizen(person.id), "withdrawn", "opinion", effect.opinion_id, erased=effect.erase, state=opinion.state)


def _erase(work: Work, person: Citizen, identity: ChannelIdentity, entry_ids: Sequence[int]) -> None:
    """The sender threw the draft away: its words go from the stored messages and from our replies that quoted them;
    that it happened stays."""
    rows = work.session.exec(select(InboxEntry).where(col(InboxEntry.id).in_(entry_ids))).all()
    _erase_quotes(work, identity, [row.text for row in rows if row.text])
    for row in rows:
        row.raw, row.text, row.reason = "{}", None, "erased_by_sender"
        work.session.add(row)
        if row.id is not None:
            work.record(citizen(person.id), "draft_erased", "inbox_entry", row.id)


def _erase_quotes(work: Work, identity: ChannelIdentity, words: Sequence[str]) -> None:
    replies = work.session.exec(
        select(Delivery).where(Delivery.channel_identity_id == identity.id, Delivery.purpose == "reply")
    )
    for reply in replies:
        # A long draft is quoted by its beginning only.
        if any(one.strip()[:QUOTED] in reply.text for one in words if one.strip()):
            reply.text = ERASED
            work.session.add(reply)
