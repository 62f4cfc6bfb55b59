"""Use case: everything the documents from the conference day on are made of, gathered in a handful of queries.

What is sealed is not here at all; what waits in the queue as a possible complaint is only counted. The askers' names
and own words are in it, so it is for staff of the whole office; the public forms leave them out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import TypeVar

from sqlmodel import col, select

from casework.clock import local_date
from casework.document_head import Body, DocumentHead
from casework.topics import FIELD_OF_TOPIC, LEVEL_NAMES, TOPIC_NAMES
from casework.usecases.access import DECIDERS
from casework.usecases.conference.conference_day import FLOOR
from casework.usecases.conference.issues import TAKEN_UP, find_conference, key_of, lines_of, require_over
from casework.usecases.conference.speaking import registrations
from casework.usecases.deadlines.obligations import texts_of
from casework.usecases.documents.after_dates import answer_dues
from casework.usecases.documents.after_values import (
    AnswerFile,
    AskerFile,
    AssignmentFile,
    ConferenceFile,
    LineFile,
    ReferralFile,
    SpeakerFile,
    StepFile,
    without_askers,
)
from casework.usecases.work import Services, Work
from nlp.analysis import Level, Topic
from storage.records import (
    AgendaItem,
    Answer,
    AnswerState,
    Assignment,
    Citizen,
    Conference,
    ConferenceStep,
    Office,
    Opinion,
    OpinionGroup,
    OpinionState,
    Referral,
    ResidentialGroup,
)

#: told how many of how many pieces of work are done
Progress = Callable[[int, int], None]
#: keys asked for in one query; SQLite takes no more than 32,766 values
_AT_ONCE = 5_000
R = TypeVar("R")


def conference_file(
    services: Services, staff_id: int, conference_code: str, *, progress: Progress | None = None
) -> ConferenceFile:
    """The conference with its lines, askers, outcomes, assignments, answers, referrals, speakers and steps.

    Raises `NotFound`, or `Forbidden` for whoever may not decide on the opinions of the whole office.
    """
    with services.reading() as work:
        require_over(work, staff_id, *DECIDERS)
        return _gather(work, conference_code, progress)


def public_file(services: Services, conference_code: str, *, progress: Progress | None = None) -> ConferenceFile:
    """The same for public papers: without the askers, their words and who registered to speak. Raises `NotFound`."""
    with services.reading() as work:
        return without_askers(_gather(work, conference_code, progress))


def _gather(work: Work, conference_code: str, progress: Progress | None) -> ConferenceFile:
    conference = find_conference(work, conference_code)
    office = work.session.get_one(Office, conference.office_id)
    villages = _villages(work)
    made = ConferenceFile(
        office_name=office.name,
        heads={body: DocumentHead.of(office.name, office.profile, body) for body in Body},
        conference=conference,
        texts=texts_of(conference),
        lines=_lines(work, conference, villages, progress),
        speakers=_speakers(work, conference, villages),
        steps=_steps(work, conference),
        floor_waiting=_floor_waiting(work, conference),
        villages=tuple(villages.values()),
        contact=str(office.profile.get("contact") or ""),
        today=local_date(work.now),
    )
    work.session.expunge(conference)
    return made


# --------------------------------------------------------------------------- lines


def _lines(
    work: Work, conference: Conference, villages: dict[int, str], progress: Progress | None
) -> tuple[LineFile, ...]:
    items = lines_of(work, conference)
    keys = [item.group_id for item in items]
    groups = {key_of(group): group for group in in_parts(work, OpinionGroup, "id", keys)}
    askers = _askers(work, conference, keys, villages)
    assignments = _assignments(work, keys)
    answers = _answers(work, keys)
    referrals = _referrals(work, keys)
    made = []
    for done, item in enumerate(items, start=1):
        if progress is not None:
            progress(done, len(items))
        if not askers[item.group_id]:
            # Everybody behind it took it back, or was sealed since: the line is spoken of nowhere.
            continue
        group = groups[item.group_id]
        made.append(
            _line(
                item,
                group,
                villages.get(group.residential_group_id or 0),
                askers=tuple(askers[item.group_id]),
                assignments=tuple(assignments[item.group_id]),
                answers=tuple(answers[item.group_id]),
                referral=referrals.get(item.group_id),
            )
        )
    return tuple(made)


def _line(
    item: AgendaItem,
    group: OpinionGroup,
    village: str | None,
    *,
    askers: tuple[AskerFile, ...],
    assignments: tuple[AssignmentFile, ...],
    answers: tuple[AnswerFile, ...],
    referral: ReferralFile | None,
) -> LineFile:
    topic, level = Topic(group.topic), Level(group.level)
    return LineFile(
        position=item.position,
        group_id=item.group_id,
        title=group.title,
        # Whoever took the words back, or was sealed since, is not counted any more.
        people=min(item.people, _people(askers)),
        urgent=group.urgent,
        topic_name=TOPIC_NAMES[topic],
        field_name=FIELD_OF_TOPIC[topic],
        level=group.level,
        level_name=LEVEL_NAMES[level],
        village=village,
        outcome=item.outcome,
        outcome_ground=item.outcome_ground,
        outcome_note=item.outcome_note,
        answered_by=item.answered_by,
        askers=askers,
        assignments=assignments,
        answers=answers,
        referral=referral,
        machine_titled=not group.titled_by_staff,
    )


def _people(askers: tuple[AskerFile, ...]) -> int:
    known = {asker.citizen_id for asker in askers if asker.citizen_id is not None}
    return len(known) + sum(asker.citizen_id is None for asker in askers)


def _askers(
    work: Work, conference: Conference, keys: list[int], villages: dict[int, str]
) -> dict[int, list[AskerFile]]:
    opinions = [
        opinion
        for opinion in in_parts(work, Opinion, "group_id", keys)
        if not opinion.sealed
        and (
            opinion.state in TAKEN_UP
            or (opinion.conference_id == conference.id and opinion.state == OpinionState.DECLINED)
        )
    ]
    people = {one.citizen_id for one in opinions if one.citizen_id is not None}
    names = {key_of(person): person.display_name for person in in_parts(work, Citizen, "id", people)}
    found: dict[int, list[AskerFile]] = defaultdict(list)
    for opinion in sorted(opinions, key=lambda one: (one.submitted_at, one.id)):
        found[opinion.group_id or 0].append(
            AskerFile(
                opinion_id=key_of(opinion),
                citizen_id=opinion.citizen_id,
                code=opinion.code,
                name=names.get(opinion.citizen_id or 0),
                village=villages.get(opinion.residential_group_id or 0),
                submitted_on=local_date(opinion.submitted_at),
                words=opinion.original_text,
                state=opinion.state,
                late=opinion.late,
                floor=opinion.source == FLOOR,
            )
        )
    return found


def _assignments(work: Work, keys: list[int]) -> dict[int, list[AssignmentFile]]:
    rows = in_parts(work, Assignment, "group_id", keys)
    dues = answer_dues(work, rows)
    found: dict[int, list[AssignmentFile]] = defaultdict(list)
    for one in sorted(rows, key=key_of):
        found[one.group_id].append(
            AssignmentFile(
                id=key_of(one),
                agency=one.agency,
                basis=one.basis,
                assigned_on=one.assigned_on,
                document_number=one.document_number,
                received_on=one.received_on,
                agreed_on=one.due_on,
                rules=dues.get(key_of(one), ()),
                cancelled_on=local_date(one.cancelled_at) if one.cancelled_at is not None else None,
            )
        )
    return found


def _answers(work: Work, keys: list[int]) -> dict[int, list[AnswerFile]]:
    found: dict[int, list[AnswerFile]] = defaultdict(list)
    for answer in sorted(in_parts(work, Answer, "group_id", keys), key=key_of):
        if answer.state != AnswerState.DRAFT:
            found[answer.group_id].append(answer_file(answer))
    return found


def answer_file(answer: Answer) -> AnswerFile:
    """The answer as documents use it."""
    return AnswerFile(
        id=key_of(answer),
        final=answer.final,
        agency=answer.agency,
        document_number=answer.document_number,
        document_date=answer.document_date,
        text=answer.text,
        promised_on=answer.promised_on,
        forwarded_to=answer.forwarded_to,
        published=answer.state == AnswerState.PUBLISHED,
        published_on=local_date(answer.published_at) if answer.published_at is not None else None,
    )


def _referrals(work: Work, keys: list[int]) -> dict[int, ReferralFile]:
    rows = [one for one in in_parts(work, Referral, "group_id", keys) if one.cancelled_at is None]
    return {
        one.group_id: ReferralFile(
            id=key_of(one),
            level_name=LEVEL_NAMES[Level(one.level)],
            body=one.body,
            document_number=one.document_number,
            opened_on=local_date(one.created_at),
            sent_on=one.sent_on,
            answered_on=one.answered_on,
        )
        for one in sorted(rows, key=key_of)
    }


# --------------------------------------------------------------------------- around the lines


def _speakers(work: Work, conference: Conference, villages: dict[int, str]) -> tuple[SpeakerFile, ...]:
    return tuple(
        SpeakerFile(
            position=one.position,
            name=one.name,
            village=villages.get(one.residential_group_id or 0),
            matter=one.matter,
            state=one.state,
            source=one.source,
        )
        for one in registrations(work, conference)
    )


def _steps(work: Work, conference: Conference) -> tuple[StepFile, ...]:
    rows = work.session.exec(
        select(ConferenceStep)
        .where(ConferenceStep.conference_id == conference.id, col(ConferenceStep.void_at).is_(None))
        .order_by(col(ConferenceStep.done_on), col(ConferenceStep.id))
    )
    return tuple(
        StepFile(step=one.step, done_on=one.done_on, document_number=one.document_number, note=one.note) for one in rows
    )


def _floor_waiting(work: Work, conference: Conference) -> int:
    waiting = work.session.exec(
        select(Opinion.id).where(
            Opinion.conference_id == conference.id,
            Opinion.source == FLOOR,
            col(Opinion.group_id).is_(None),
            col(Opinion.sealed).is_(False),
            Opinion.state != OpinionState.WITHDRAWN,
        )
    )
    return len(waiting.all())


def _villages(work: Work) -> dict[int, str]:
    rows = work.session.exec(
        select(ResidentialGroup)
        .where(ResidentialGroup.office_id == work.services.office_id)
        .order_by(col(ResidentialGroup.position), col(ResidentialGroup.id))
    )
    return {key_of(group): group.name for group in rows}


def in_parts(work: Work, record: type[R], column: str, keys: Iterable[int]) -> list[R]:
    """All records whose `column` is one of `keys`."""
    wanted = sorted(set(keys))
    attribute = getattr(record, column)
    found: list[R] = []
    for start in range(0, len(wanted), _AT_ONCE):
        found.extend(work.session.exec(select(record).where(attribute.in_(wanted[start : start + _AT_ONCE]))))
    return found
