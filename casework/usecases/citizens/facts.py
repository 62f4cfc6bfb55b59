"""Gathering what the conversation engine may know before one turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from sqlalchemy import bindparam, exists
from sqlmodel import col, select

from casework import link_codes, notices
from casework.clock import local_date
from casework.codes import find_code, new_code, parse_code
from casework.effects import AnswerFact, Facts, HeldFact, OpinionFact, VillageFact
from casework.ladder.values import Rung
from casework.lifecycle import OPEN_TO_CITIZEN, STATE_NAMES
from casework.reaching import is_asked_for
from casework.talk import InboundMessage, MessageKind
from casework.usecases.answers.asker_view import answer_words
from casework.usecases.answers.pages import link_where_needed
from casework.usecases.citizens import linking, phones
from casework.usecases.citizens.speaking import in_words, next_conference, speaking_fact, waiting_words
from casework.usecases.deadlines.answer_due import due_in_words
from casework.usecases.work import Work
from nlp.analysis import Place
from storage.records import (
    Answer,
    AnswerState,
    Citizen,
    Delivery,
    DeliveryState,
    InboxEntry,
    Office,
    Opinion,
    OpinionState,
    ResidentialGroup,
    Verdict,
)

#: opinions of one citizen the talk knows about, newest first
MINE_LIMIT = 20
#: states of a notice its person has got
_READ = (DeliveryState.SENT, DeliveryState.PICKED_UP, DeliveryState.HANDED_OVER)

# Each message asks these: they are built once. Columns, since the gazetteer of an office is large and not needed here.
_OFFICE = (
    select(
        Office.name,
        Office.profile,
        exists().where(col(Opinion.code) == bindparam("code")),
        exists().where(
            col(Delivery.citizen_id) == bindparam("citizen"),
            col(Delivery.state) == DeliveryState.WAITING_PICKUP,
            col(Delivery.opinion_id).is_(None),
        ),
    )
    # The code is asked for in passing, and whether any notice waits for the person that is about no opinion.
    .where(Office.id == bindparam("office"))
)
_VILLAGES = (
    select(ResidentialGroup.id, ResidentialGroup.code, ResidentialGroup.name)
    .where(ResidentialGroup.office_id == bindparam("office"), col(ResidentialGroup.valid_to).is_(None))
    .order_by(col(ResidentialGroup.position))
)
_OWN = (
    select(Opinion).where(Opinion.citizen_id == bindparam("citizen")).order_by(col(Opinion.id).desc()).limit(MINE_LIMIT)
)


def gather(
    work: Work,
    person: Citizen,
    message: InboundMessage,
    entry: InboxEntry | None,
    *,
    identity_id: int | None,
    buttons: bool,
) -> Facts:
    """Everything the engine may know of this citizen, this message, the chat it came from and this office."""
    services = work.services
    code = new_code(services.random)
    office_name, profile, taken, news = work.session.exec(
        _OFFICE, params={"office": services.office_id, "code": code, "citizen": person.id}
    ).one()
    villages = work.session.exec(_VILLAGES, params={"office": services.office_id}).all()
    own = work.session.exec(_OWN, params={"citizen": person.id}).all()
    named = _named(work, own, message, entry)
    before = entry.received_at if entry is not None else work.now
    facts = _as_facts(work, _unique(own, named.opinion), person, identity_id, before)
    visible = [facts[opinion.id] for opinion in own if opinion.id in facts]
    upcoming = next_conference_in_words(work)
    return Facts(
        office_name=office_name,
        office_contact=str(profile.get("contact", "")),
        next_conference=upcoming,
        villages=tuple(VillageFact(code=code, name=name) for _, code, name in villages),
        village=next((code for key, code, _ in villages if key == person.residential_group_id), None),
        consents=notices.consents_of(work, person.id),
        my_opinions=tuple(visible),
        held_opinions=_held(work, own),
        named_opinion=_with_pages(work, message, facts.get(named.opinion.id), named.opinion) if named.opinion else None,
        unknown_code=named.unknown_code,
        fresh_code=fresh_code(work) if taken else code,
        further_code=cache(lambda _: fresh_code(work)),
        # The same words are asked about more than once in a turn.
        understand=cache(services.understander.analyse),
        village_named=lambda text: _village_code(services.gazetteer.village_of(text)),
        village_alone=lambda text: _village_code(services.gazetteer.village_alone(text)),
        buttons=buttons,
        fresh_link_code=cache(lambda: link_codes.draw(services.random)),
        link_of=lambda code_hash: linking.standing(work, person, code_hash),
        phone_free=lambda number: phones.is_free(work, person, number),
        speaking=speaking_fact(work, person, own) if upcoming is not None else None,
        speaking_news=waiting_words(work, person) if news else (),
        edited_text=named.edited_text,
        edited_opinion_id=named.opinion.id if named.opinion is not None and named.edited_text is not None else None,
    )


def _village_code(place: Place | None) -> str | None:
    return None if place is None else place.residential_group or place.id


def fresh_code(work: Work) -> str:
    """A receipt code nobody bears yet."""
    while True:
        code = new_code(work.services.random)
        if work.session.exec(select(Opinion.id).where(Opinion.code == code)).first() is None:
            return code


def next_conference_in_words(work: Work) -> str | None:
    """The next conference with day, hour and place, or None when none is planned from today on."""
    conference = next_conference(work)
    return in_words(conference) if conference is not None else None


# ---------------------------------------------------------------------- the named opinion


@dataclass(frozen=True, kw_only=True)
class _Named:
    """What a message is about."""

    opinion: Opinion | None = None
    #: what the message said before it was edited
    edited_text: str | None = None
    #: a valid code was named that leads nowhere
    unknown_code: bool = False


def _named(work: Work, own: Sequence[Opinion], message: InboundMessage, entry: InboxEntry | None) -> _Named:
    """The opinion an edited message went into, or the one whose code is named."""
    if message.kind is MessageKind.EDIT:
        versions = _earlier_versions(work, message, entry)
        opinion_id = next((one.opinion_id for one in versions if one.opinion_id is not None), None)
        opinion = next((one for one in own if one.id == opinion_id), None)
        return _Named(opinion=opinion, edited_text=versions[0].text if versions else None)
    code = _code_in(message)
    if code is None:
        return _Named()
    opinion = work.session.exec(select(Opinion).where(Opinion.code == code, col(Opinion.sealed).is_(False))).first()
    return _Named(opinion=opinion, unknown_code=opinion is None)


def _code_in(message: InboundMessage) -> str | None:
    if message.token is not None:
        return next((code for part in message.token.split(":") if (code := parse_code(part))), None)
    return parse_code(message.text) or find_code(message.text[:200])


def _earlier_versions(work: Work, message: InboundMessage, entry: InboxEntry | None) -> Sequence[InboxEntry]:
    """The message as it was written and as it was edited since, newest first."""
    if entry is None or message.message_ref is None:
        return []
    return work.session.exec(
        select(InboxEntry)
        .where(
            InboxEntry.conversation_key == entry.conversation_key,
            InboxEntry.message_ref == message.message_ref,
            InboxEntry.id != entry.id,
        )
        .order_by(col(InboxEntry.id).desc())
    ).all()


# ---------------------------------------------------------------------- opinions as facts


def _unique(own: Sequence[Opinion], named: Opinion | None) -> list[Opinion]:
    extra = [named] if named is not None and all(one.id != named.id for one in own) else []
    return [one for one in [*own, *extra] if one.code is not None and not one.sealed]


def _as_facts(
    work: Work, opinions: Sequence[Opinion], person: Citizen, identity_id: int | None, before: dt.datetime
) -> dict[int | None, OpinionFact]:
    ids = [opinion.id for opinion in opinions if opinion.id is not None]
    offered = notices.offered(work, ids) if ids else {}
    answers = _answers(work, opinions)
    verdicts = _verdicts(work, ids)
    reached = _reached(work, ids, identity_id, before) if answers else _Reached()
    facts: dict[int | None, OpinionFact] = {}
    for opinion in opinions:
        if opinion.id is None or opinion.code is None:
            continue
        mine = opinion.citizen_id == person.id and person.id is not None
        told = offered.get(opinion.id, []) if mine else []
        news = _news(told)
        facts[opinion.id] = OpinionFact(
            id=opinion.id,
            code=opinion.code,
            state=opinion.state,
            status=status_in_words(work, opinion),
            text=opinion.original_text if mine else None,
            submitted_on=local_date(opinion.submitted_at),
            mine=mine,
            editable=mine and OpinionState(opinion.state) in OPEN_TO_CITIZEN,
            question=opinion.question if opinion.state == OpinionState.CLARIFYING else None,
            answers=tuple(
                _answer_fact(answer, verdicts.get((answer.id, opinion.id)), opinion, told, reached)
                for answer in answers.get(opinion.group_id, [])
            ),
            waiting=tuple(note.text for note in news if not is_asked_for(note)),
            going_out=tuple(note.text for note in news if is_asked_for(note)),
        )
    return facts


def _news(told: Sequence[Delivery]) -> list[Delivery]:
    """What is still news of these notices: once an answer waits or goes out, nobody needs to read any more that the
    matter was approved or would come up. The answers themselves are known beside them."""
    if any(note.answer_id is not None for note in told):
        return [note for note in told if note.answer_id is not None and is_asked_for(note)]
    return list(told)


@dataclass(frozen=True, kw_only=True)
class _Reached:
    """What has come to a person of the answers to their opinions, by (answer, opinion)."""

    shown: dict[tuple[int, int], dt.datetime] = field(default_factory=dict)
    #: the verdict question that is the last thing this chat was sent a choice about, and when
    asked: tuple[tuple[int, int], dt.datetime] | None = None


def _reached(work: Work, opinion_ids: list[int], identity_id: int | None, before: dt.datetime) -> _Reached:
    """Answers that had come to the person `before` the message was received, and what this chat was asked last."""
    rows = work.session.exec(
        select(Delivery)
        .where(
            col(Delivery.opinion_id).in_(opinion_ids),
            col(Delivery.state).in_(_READ),
            col(Delivery.finished_at) <= before,
        )
        .order_by(col(Delivery.finished_at), col(Delivery.id))
    )
    shown: dict[tuple[int, int], dt.datetime] = {}
    asked: tuple[tuple[int, int], dt.datetime] | None = None
    for row in rows:
        if row.opinion_id is None or row.finished_at is None:
            continue
        judged = _answer_asked_about(row.buttons)
        answer = judged or row.answer_id
        if answer is not None:
            shown.setdefault((answer, row.opinion_id), row.finished_at)
        if row.buttons and row.state == DeliveryState.SENT and row.channel_identity_id == identity_id:
            # What was asked for stands before the reply to the message that asked, however late both went out.
            at = row.not_before if row.rung == Rung.ASKED else row.finished_at
            asked = None if judged is None else ((judged, row.opinion_id), at)
    return _Reached(shown=shown, asked=asked)


def _answer_asked_about(buttons: list[list[dict[str, str]]]) -> int | None:
    """The answer whose verdict these buttons take."""
    tokens = [button.get("token", "").split(":") for row in buttons for button in row]
    return next((int(token[1]) for token in tokens if token[0] == "v" and len(token) > 1 and token[1].isdigit()), None)


def _answers(work: Work, opinions: Iterable[Opinion]) -> dict[int | None, list[Answer]]:
    groups = {opinion.group_id for opinion in opinions if opinion.group_id is not None}
    found: dict[int | None, list[Answer]] = {}
    if groups:
        rows = work.session.exec(
            select(Answer)
            .where(col(Answer.group_id).in_(groups), Answer.state == AnswerState.PUBLISHED)
            .order_by(col(Answer.id))
        )
        for answer in rows:
            found.setdefault(answer.group_id, []).append(answer)
    return found


def _verdicts(work: Work, opinion_ids: list[int]) -> dict[tuple[int | None, int | None], bool]:
    if not opinion_ids:
        return {}
    rows = work.session.exec(select(Verdict).where(col(Verdict.opinion_id).in_(opinion_ids)))
    return {(verdict.answer_id, verdict.opinion_id): verdict.settled for verdict in rows}


def _answer_fact(
    answer: Answer, settled: bool | None, opinion: Opinion, told: Sequence[Delivery], reached: _Reached
) -> AnswerFact:
    if answer.id is None or answer.published_at is None or opinion.id is None:
        raise ValueError("an answer that is not published")
    key = (answer.id, opinion.id)
    mine = [note for note in told if note.answer_id == answer.id]
    return AnswerFact(
        id=answer.id,
        final=answer.final,
        text=answer_words(answer),
        settled=settled,
        published_at=answer.published_at,
        shown_at=reached.shown.get(key),
        asked_at=reached.asked[1] if reached.asked is not None and reached.asked[0] == key else None,
        waits=any(not is_asked_for(note) for note in mine),
        going_out=any(is_asked_for(note) for note in mine),
    )


def _with_pages(work: Work, message: InboundMessage, fact: OpinionFact | None, opinion: Opinion) -> OpinionFact | None:
    """The fact with the addresses of the pages of its answers, when its asker has written the code: the message that
    named them may be lost, and only their hashes are kept."""
    if fact is None or not fact.mine or message.kind is not MessageKind.TEXT:
        return fact
    answers = tuple(
        replace(answer, page=link_where_needed(work, work.session.get_one(Answer, answer.id), opinion))
        for answer in fact.answers
    )
    return replace(fact, answers=answers)


def status_in_words(work: Work, opinion: Opinion) -> str:
    """Where an opinion stands, for its asker: the state's name with what the person would ask next."""
    state = OpinionState(opinion.state)
    words = STATE_NAMES[state]
    if state is OpinionState.SCHEDULED:
        upcoming = next_conference_in_words(work)
        return words if upcoming is None else f"{words} ({upcoming.rstrip('.')})"
    due = due_in_words(work, opinion)
    return words if due is None else f"{words}; {due}"


def _held(work: Work, own: Sequence[Opinion]) -> tuple[HeldFact, ...]:
    held = [one.id for one in own if one.state == OpinionState.HELD and one.id is not None]
    entries: dict[int, list[int]] = {opinion_id: [] for opinion_id in held}
    if held:
        rows = work.session.exec(
            select(InboxEntry.opinion_id, InboxEntry.id).where(col(InboxEntry.opinion_id).in_(held))
        )
        for opinion_id, entry_id in rows:
            if opinion_id is not None and entry_id is not None:
                entries[opinion_id].append(entry_id)
    return tuple(HeldFact(id=opinion_id, entry_ids=tuple(entries[opinion_id])) for opinion_id in held)
