"""What staff look at: the queue, lists and one opinion, as far as role and territory let them see."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeVar

from sqlmodel import SQLModel, col, select

from casework.grounds import ground
from casework.public_words import name_free, one_line, proposed_title
from casework.usecases.access import DECIDERS, VIEWERS, Member, find_opinion, key_of, ref_of, require
from casework.usecases.citizens.earlier_answers import EarlierAnswer, earlier_answers
from casework.usecases.conference.issues import TAKEN_UP, opinions_of
from casework.usecases.deadlines.answer_due import due_for_staff
from casework.usecases.moderation.decisions import acts_on, what_was_done, who_did
from casework.usecases.moderation.merging import has_words, wording_of
from casework.usecases.moderation.rulings import ruled_apart
from casework.usecases.moderation.settling import who_settles
from casework.usecases.moderation.undo import undoable
from casework.usecases.work import Services, Work
from nlp.analysis import Kind, MadeBy, Topic
from nlp.competence import Competence
from storage.records import (
    Attachment,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    GroupSuggestion,
    Opinion,
    OpinionGroup,
    OpinionState,
    Prediction,
    ResidentialGroup,
    Role,
)

S = OpinionState
R = TypeVar("R", bound=SQLModel)

#: characters of an opinion in a list
SHORT = 120
#: keys per query; SQLite takes some 32,000 at most
PORTION = 5_000
#: others in these are no longer proposed
_NOT_PROPOSED = frozenset({S.WITHDRAWN, S.DECLINED, S.REDIRECTED, S.HELD})
#: in these an answer given before is worth knowing
_TO_DECIDE = frozenset({S.RECEIVED, S.CLARIFYING, S.APPROVED})
#: in these the next step is ours
WAITING_FOR_US = frozenset({S.RECEIVED, S.HELD})


class Section(StrEnum):
    """Parts of the queue, in this order."""

    URGENT = "urgent"
    WAITING = "waiting"
    HELD = "held"
    SEALED = "sealed"


@dataclass(frozen=True, kw_only=True)
class Label:
    """What an opinion is taken for; `unsure` asks a person to look."""

    value: str
    #: 0..1; 1 when a person said so, None when nothing is known of it
    confidence: float | None
    unsure: bool
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """The program's proposal that another opinion or issue is the same, with its reasons."""

    #: the issue to join, if the other one has been approved
    group_id: int | None
    #: the other opinion
    ref: str
    title: str
    people: int
    score: float
    same: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class QueueLine:
    """One opinion in a list, without personal data."""

    opinion_id: int
    ref: str
    version: int
    state: str
    section: Section
    #: short, on one line, personal data masked; empty when sealed
    text: str
    village: str | None
    kind: Label
    topic: Label
    level: Label
    urgent: Label
    sealed: bool
    group_id: int | None
    issues: int
    attachments: int
    submitted_at: dt.datetime
    waiting: dt.timedelta
    #: the asker agreed, when last asked, that a name-free summary is published
    publishable: bool = False
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which opinions to list. None = any."""

    states: Collection[str] | None = None
    #: code or name of a residential group
    village: str | None = None
    kind: Kind | None = None
    topic: Topic | None = None
    urgent: bool | None = None
    group_id: int | None = None
    #: False in group chats, whoever asks
    sealed_too: bool = True
    limit: int | None = None


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One act on an opinion, as staff read it."""

    at: dt.datetime
    who: str
    what: str
    why: str | None


@dataclass(frozen=True, kw_only=True)
class OpinionView:
    """One opinion in full, for who may see it."""

    line: QueueLine
    #: the asker's words, unchanged
    original_text: str
    edited_text: str | None
    #: with consent to keep it
    asker_name: str | None
    #: title of its issue, or the one an approval would give it; empty when a person must write one
    title: str
    people: int
    #: other opinions of its issue
    companions: tuple[str, ...]
    files: tuple[str, ...]
    question: str | None
    ground: str | None
    note: str | None
    history: tuple[HistoryLine, ...]
    #: purpose and delivery state of what the asker was told
    notices: tuple[tuple[str, str], ...]
    may_decide: bool
    #: what an undo would take back
    undoable: str | None
    #: what is owed next, by when
    due: str | None = None
    #: published answers to what seems to be the same issue, while it is undecided
    answered_before: tuple[EarlierAnswer, ...] = ()
    #: who settles it under its labels as they stand today
    settled_by: Competence | None = None


def queue(services: Services, staff_id: int, filters: Filters | None = None) -> list[QueueLine]:
    """What waits for a decision: urgent first, then the oldest; held ones apart, sealed ones only for the
    confidential role. Raises `Forbidden`."""
    wanted = filters or Filters()
    lines = list_opinions(services, staff_id, replace(wanted, states=wanted.states or WAITING_FOR_US, limit=None))
    order = list(Section)
    lines.sort(key=lambda line: (order.index(line.section), line.submitted_at, line.opinion_id))
    return lines[: wanted.limit]


def list_opinions(services: Services, staff_id: int, filters: Filters | None = None) -> list[QueueLine]:
    """Opinions in the order they came, as far as the staff member may see them. Raises `Forbidden`."""
    wanted = filters or Filters()
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS, Role.CONFIDENTIAL)
        rows = [row for row in _select(work, who, wanted) if who.may(row, *VIEWERS)]
        return _lines(work, rows[: wanted.limit])


def show(services: Services, staff_id: int, ref: str | int) -> OpinionView:
    """One opinion in full. Raises `Forbidden`; `NotFound` also for a sealed one without the confidential role."""
    with services.reading() as work:
        opinion = find_opinion(work, ref)
        who = require(work, staff_id, *VIEWERS, opinion=opinion)
        return _view(work, who, opinion)


def is_sealed(services: Services, ref: str | int) -> bool:
    """Whether this opinion must not be spoken of in a group chat. Raises `NotFound`."""
    with services.reading() as work:
        return find_opinion(work, ref).sealed


# ---------------------------------------------------------------------- selecting


def _select(work: Work, who: Member, filters: Filters) -> Sequence[Opinion]:
    statement = select(Opinion).where(Opinion.office_id == who.office_id)
    if not (filters.sealed_too and who.has(Role.CONFIDENTIAL)):
        statement = statement.where(col(Opinion.sealed).is_(False))
    if filters.states is not None:
        statement = statement.where(col(Opinion.state).in_([str(state) for state in filters.states]))
    if filters.kind is not None:
        statement = statement.where(Opinion.kind == filters.kind)
    if filters.topic is not None:
        statement = statement.where(Opinion.topic == filters.topic)
    if filters.urgent is not None:
        statement = statement.where(col(Opinion.urgent).is_(filters.urgent))
    if filters.group_id is not None:
        statement = statement.where(Opinion.group_id == filters.group_id)
    if filters.village is not None:
        named = select(ResidentialGroup.id).where(
            (ResidentialGroup.code == filters.village) | (ResidentialGroup.name == filters.village)
        )
        statement = statement.where(col(Opinion.residential_group_id).in_(named))
    return work.session.exec(statement.order_by(col(Opinion.submitted_at), col(Opinion.id))).all()


def _section(opinion: Opinion) -> Section:
    if opinion.sealed:
        return Section.SEALED
    if opinion.state == S.HELD:
        return Section.HELD
    return Section.URGENT if opinion.urgent else Section.WAITING


# ---------------------------------------------------------------------- building


def _lines(work: Work, opinions: Sequence[Opinion]) -> list[QueueLine]:
    ids = [key_of(opinion) for opinion in opinions]
    villages = {row.id: row.name for row in work.session.exec(select(ResidentialGroup))}
    labels = _labels(work, ids)
    files = Counter(row.opinion_id for row in _rows_of(work, Attachment, Attachment.opinion_id, ids))
    suggestions = _suggestions(work, [opinion for opinion in opinions if not opinion.sealed])
    publishable = _publishable(work, opinions)
    return [
        replace(
            _line(work, opinion, villages, labels[key_of(opinion)], files, suggestions.get(key_of(opinion), ())),
            publishable=opinion.citizen_id in publishable,
        )
        for opinion in opinions
    ]


def _line(
    work: Work,
    opinion: Opinion,
    villages: Mapping[int | None, str],
    predictions: Mapping[str, Prediction],
    files: Mapping[int | None, int],
    suggestions: tuple[Suggestion, ...],
) -> QueueLine:
    def label(name: str, value: str) -> Label:
        return _label(value, predictions.get(name))

    return QueueLine(
        opinion_id=key_of(opinion),
        ref=ref_of(opinion),
        version=opinion.version,
        state=opinion.state,
        section=_section(opinion),
        # A list may be read over a shoulder or saved: a sealed opinion's words are shown one at a time.
        text="" if opinion.sealed else one_line(name_free(wording_of(opinion)), SHORT),
        village=villages.get(opinion.residential_group_id),
        kind=label("kind", opinion.kind),
        topic=label("topic", opinion.topic),
        level=label("level", opinion.level),
        urgent=label("urgent", str(opinion.urgent).lower()),
        sealed=opinion.sealed,
        group_id=opinion.group_id,
        issues=opinion.issues,
        attachments=files.get(key_of(opinion), 0),
        submitted_at=opinion.submitted_at,
        waiting=work.now - opinion.submitted_at,
        suggestions=suggestions,
    )


def _publishable(work: Work, opinions: Iterable[Opinion]) -> set[int]:
    """Who of the askers agreed to a public summary; the latest answer counts."""
    agreed: dict[int, bool] = {}
    for row in _rows_of(work, Consent, Consent.citizen_id, {opinion.citizen_id for opinion in opinions}):
        if row.purpose == ConsentPurpose.PUBLISH:
            agreed[row.citizen_id] = row.granted
    return {citizen_id for citizen_id, granted in agreed.items() if granted}


def _label(value: str, prediction: Prediction | None) -> Label:
    if prediction is None or prediction.value != value:
        return Label(value=value, confidence=None, unsure=False)
    return Label(
        value=value,
        confidence=prediction.confidence,
        unsure=prediction.unsure,
        reason=prediction.reason,
    )


def _labels(work: Work, ids: Sequence[int]) -> dict[int, dict[str, Prediction]]:
    """The judgement that counts, per opinion and label: the newest of a person, else the newest."""
    found: dict[int, dict[str, Prediction]] = defaultdict(dict)
    for row in _rows_of(work, Prediction, Prediction.opinion_id, ids):
        present = found[row.opinion_id].get(row.label)
        if present is None or present.made_by != MadeBy.PERSON or row.made_by == MadeBy.PERSON:
            found[row.opinion_id][row.label] = row
    return found


def _suggestions(work: Work, opinions: Sequence[Opinion]) -> dict[int, tuple[Suggestion, ...]]:
    """Proposals that still mean something: the other one is not sealed, gone, or in the same issue already."""
    own = {key_of(opinion): opinion for opinion in opinions}
    rows = _rows_of(work, GroupSuggestion, GroupSuggestion.opinion_id, list(own))
    others = {row.id: row for row in _rows_of(work, Opinion, Opinion.id, {row.other_opinion_id for row in rows})}
    group_ids = {other.group_id for other in others.values()}
    groups = {row.id: row for row in _rows_of(work, OpinionGroup, OpinionGroup.id, group_ids)}
    members: dict[int | None, list[Opinion]] = defaultdict(list)
    for member in _rows_of(work, Opinion, Opinion.group_id, group_ids):
        if not member.sealed and member.state in TAKEN_UP:
            members[member.group_id].append(member)
    apart = ruled_apart(work, own)
    found: dict[int, list[Suggestion]] = defaultdict(list)
    named: set[tuple[int, int]] = set()
    for row in sorted(rows, key=lambda one: (-one.same, -one.score)):
        other = others.get(row.other_opinion_id)
        if other is None or other.sealed or other.state in _NOT_PROPOSED:
            continue
        if apart.get(row.opinion_id, set()) & {other.id, *(member.id for member in members.get(other.group_id, ()))}:
            continue
        if other.group_id is not None:
            # Others may have been merged since they were found: an issue is named once, for what speaks most for it.
            if other.group_id == own[row.opinion_id].group_id or (row.opinion_id, other.group_id) in named:
                continue
            named.add((row.opinion_id, other.group_id))
        people = _people(members[other.group_id]) if other.group_id is not None else 1
        found[row.opinion_id].append(_suggestion(row, other, groups.get(other.group_id), people))
    return {opinion_id: tuple(suggestions) for opinion_id, suggestions in found.items()}


def _suggestion(row: GroupSuggestion, other: Opinion, group: OpinionGroup | None, people: int) -> Suggestion:
    return Suggestion(
        group_id=other.group_id,
        ref=ref_of(other),
        title=group.title if group is not None else one_line(name_free(wording_of(other)), SHORT),
        people=people,
        score=row.score,
        same=row.same,
        reasons=tuple(row.reasons),
    )


def _rows_of(work: Work, record: type[R], column: Any, keys: Iterable[int | None]) -> list[R]:
    """Records whose `column` is one of `keys`, in order of their key; asked for in portions a database accepts."""
    wanted = sorted(key for key in keys if key is not None)
    found: list[R] = []
    for start in range(0, len(wanted), PORTION):
        portion = wanted[start : start + PORTION]
        found += work.session.exec(select(record).where(col(column).in_(portion)).order_by("id")).all()
    return found


def _people(opinions: Iterable[Opinion]) -> int:
    """Distinct people; a message without a known sender counts as one."""
    return len({("c", one.citizen_id) if one.citizen_id is not None else ("o", one.id) for one in opinions})


def _view(work: Work, who: Member, opinion: Opinion) -> OpinionView:
    opinion_id = key_of(opinion)
    group = work.session.get(OpinionGroup, opinion.group_id) if opinion.group_id is not None else None
    members = opinions_of(work, opinion.group_id) if opinion.group_id is not None else [opinion]
    asker = work.session.get(Citizen, opinion.citizen_id) if opinion.citizen_id is not None else None
    files = work.session.exec(select(Attachment.kind).where(Attachment.opinion_id == opinion_id))
    told = work.session.exec(select(Delivery).where(Delivery.opinion_id == opinion_id).order_by(col(Delivery.id)))
    line = _lines(work, [opinion])[0]
    proposed = proposed_title(wording_of(opinion)) if line.publishable and has_words(opinion) else ""
    return OpinionView(
        line=line,
        original_text=opinion.original_text,
        edited_text=opinion.edited_text,
        asker_name=asker.display_name if asker is not None else None,
        title=group.title if group is not None else proposed,
        people=_people(members),
        companions=tuple(ref_of(member) for member in members if member.id != opinion.id),
        files=tuple(files),
        question=opinion.question if opinion.state == S.CLARIFYING else None,
        ground=ground(opinion.decline_ground).name if opinion.decline_ground else None,
        note=opinion.decision_note,
        history=_history(work, opinion_id),
        notices=tuple((row.purpose, row.state) for row in told),
        may_decide=who.may(opinion, *DECIDERS),
        undoable=undoable(work, opinion),
        due=due_for_staff(work, opinion),
        answered_before=tuple(earlier_answers(work, opinion)) if opinion.state in _TO_DECIDE else (),
        settled_by=who_settles(work, opinion),
    )


def _history(work: Work, opinion_id: int) -> tuple[HistoryLine, ...]:
    return tuple(
        HistoryLine(at=act.at, who=who_did(work.session, act), what=what_was_done(act.verb), why=act.why)
        for act in reversed(acts_on(work.session, opinion_id))
    )
