"""Use case: show an agenda to its readers, as far as each may see it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import col, select

from casework.agenda import COUNTED, AgendaRow, AgendaView, AskerRow, Audience, count_people
from casework.clock import local_date
from casework.document_head import DocumentHead
from casework.errors import Forbidden
from casework.topics import FIELD_OF_TOPIC, LEVEL_NAMES, TOPIC_NAMES
from casework.usecases.access import VIEWERS, Member, require
from casework.usecases.conference.issues import OPEN, find_conference, key_of, lines_of, opinions_of, voice_of
from casework.usecases.work import Services, Work
from nlp.analysis import Level, Topic
from storage.records import (
    AgendaItem,
    Citizen,
    Conference,
    Office,
    Opinion,
    OpinionGroup,
    OpinionState,
    ResidentialGroup,
)

#: states an opinion of a line that was dealt with may have reached since
_AFTER = (*COUNTED, OpinionState.DECLINED, OpinionState.REFERRED)


def agenda_view(
    services: Services,
    staff_id: int | None,
    conference_code: str,
    audience: Audience | str = Audience.PUBLIC,
) -> AgendaView:
    """The agenda as its readers may see it.

    The public form names nobody and quotes nobody. The internal form adds codes, the askers' own words and names, as
    far as the reader's role and territory allow it. Raises `NotFound`, or `Forbidden` for the internal form.
    """
    wanted = Audience(audience)
    with services.reading() as work:
        reader: Member | None = None
        if wanted is Audience.INTERNAL:
            if staff_id is None:
                raise Forbidden("Bản nội bộ chỉ dành cho cán bộ.", todo="Xem bản công khai.")
            reader = require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        office = work.session.get_one(Office, conference.office_id)
        villages = _villages(work)
        rows = [_row(work, conference, line, villages, reader) for line in lines_of(work, conference)]
        return AgendaView(
            audience=wanted,
            office_name=office.name,
            head=DocumentHead.of(office.name, office.profile),
            conference=conference.code,
            title=conference.title,
            kind=conference.kind,
            state=conference.state,
            held_on=conference.held_on,
            starts_at=conference.starts_at,
            place=conference.place,
            chair=conference.chair,
            cutoff_on=conference.cutoff_on,
            attendance=conference.attendance,
            conclusion_number=conference.conclusion_number,
            conclusion_on=conference.conclusion_on,
            rows=tuple(row for row in rows if row is not None),
            late=len(_late_opinions(work, conference)),
        )


def _row(
    work: Work, conference: Conference, line: AgendaItem, villages: Mapping[int, str], reader: Member | None
) -> AgendaRow | None:
    """The line for a reader; None while nobody who may be counted stands behind it."""
    is_open = conference.state in OPEN
    behind = opinions_of(work, line.group_id, states=COUNTED if is_open else _AFTER)
    live = count_people(voice_of(opinion) for opinion in behind) if is_open else line.people
    if not behind or live == 0:
        return None
    group = work.session.get_one(OpinionGroup, line.group_id)
    topic, level = Topic(group.topic), Level(group.level)
    return AgendaRow(
        position=line.position,
        group_id=line.group_id,
        title=group.title,
        # People who took their words back, or whose words were sealed since, are not counted any more.
        people=min(line.people, live),
        urgent=group.urgent or any(opinion.urgent for opinion in behind),
        topic=group.topic,
        topic_name=TOPIC_NAMES[topic],
        field_name=FIELD_OF_TOPIC[topic],
        level=group.level,
        level_name=LEVEL_NAMES[level],
        village=villages.get(group.residential_group_id or 0),
        outcome=line.outcome,
        machine_titled=not group.titled_by_staff,
        answered_by=line.answered_by if reader else None,
        outcome_note=line.outcome_note if reader else None,
        outcome_ground=line.outcome_ground if reader else None,
        askers=tuple(_asker(work, opinion, villages) for opinion in behind if reader.may(opinion, *VIEWERS))
        if reader
        else (),
    )


def _asker(work: Work, opinion: Opinion, villages: Mapping[int, str]) -> AskerRow:
    person = work.session.get(Citizen, opinion.citizen_id) if opinion.citizen_id is not None else None
    return AskerRow(
        code=opinion.code,
        words=opinion.original_text,
        name=person.display_name if person else None,
        village=villages.get(opinion.residential_group_id or 0),
        submitted_on=local_date(opinion.submitted_at),
        late=opinion.late,
    )


def _villages(work: Work) -> dict[int, str]:
    groups = work.session.exec(select(ResidentialGroup).where(ResidentialGroup.office_id == work.services.office_id))
    return {key_of(group): group.name for group in groups}


def _late_opinions(work: Work, conference: Conference) -> list[int]:
    if conference.cutoff_on is None or conference.state not in OPEN:
        return []
    rows = work.session.exec(
        select(Opinion).where(
            Opinion.office_id == conference.office_id,
            Opinion.state == OpinionState.APPROVED,
            col(Opinion.late),
            col(Opinion.sealed).is_(False),
        )
    )
    return [key_of(opinion) for opinion in rows]
