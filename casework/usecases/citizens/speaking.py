"""A resident asks in chat to speak at the coming conference: what the talk may know of it, and what it causes."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from casework import notices
from casework.clock import local_date, vietnamese_date
from casework.effects import RegisterSpeaking, SpeakingFact, SpeakingRegistrationFact
from casework.regulations.model import Step
from casework.usecases.conference.speaking import (
    ACTIVE,
    PURPOSE,
    NewSpeaker,
    become,
    conditions_of,
    enrol,
    placed,
)
from casework.usecases.work import Work, citizen
from storage.records import (
    ChannelIdentity,
    Citizen,
    Conference,
    ConferenceState,
    ConferenceStep,
    Opinion,
    OpinionState,
    ResidentialGroup,
    SpeakerState,
    SpeakingRegistration,
)


def next_conference(work: Work) -> Conference | None:
    """The next conference from today on that is planned or has its agenda."""
    return work.session.exec(
        select(Conference)
        .where(
            Conference.office_id == work.services.office_id,
            col(Conference.state).in_([ConferenceState.PLANNED, ConferenceState.AGENDA_SET]),
            Conference.held_on >= local_date(work.now),
        )
        .order_by(col(Conference.held_on))
    ).first()


def in_words(conference: Conference) -> str:
    """«Hội nghị đối thoại sắp tới: 8 giờ 00, ngày 28/11/2026, tại ...»."""
    starts = f"{conference.starts_at}, " if conference.starts_at else ""
    day = vietnamese_date(conference.held_on)
    return f"Hội nghị đối thoại sắp tới: {starts}ngày {day}, tại {conference.place}."


def speaking_fact(work: Work, person: Citizen, own: Sequence[Opinion]) -> SpeakingFact | None:
    """What a person may know of speaking at the next conference; None when none is planned. `own`: the person's
    opinions."""
    conference = next_conference(work)
    if conference is None or conference.id is None or person.id is None:
        return None
    mine = work.session.exec(
        select(SpeakingRegistration)
        .join(Opinion, col(Opinion.id) == col(SpeakingRegistration.opinion_id), isouter=True)
        .where(
            SpeakingRegistration.conference_id == conference.id,
            SpeakingRegistration.citizen_id == person.id,
            SpeakingRegistration.state != SpeakerState.WITHDRAWN,
            col(Opinion.sealed).is_not(True),
        )
        .order_by(col(SpeakingRegistration.id))
    ).all()
    return SpeakingFact(
        conference_id=conference.id,
        closed=_closed(work, conference),
        conditions=conditions_of(conference),
        on_agenda=frozenset(
            one.code
            for one in own
            if one.code is not None
            and not one.sealed
            and one.state == OpinionState.SCHEDULED
            and one.conference_id == conference.id
        ),
        mine=tuple(_fact(row) for row in mine),
    )


def waiting_words(work: Work, person: Citizen) -> tuple[str, ...]:
    """Notices about speaking that could not be pushed, oldest first."""
    return () if person.id is None else tuple(one.text for one in notices.waiting_of(work, person.id, [PURPOSE]))


def _fact(row: SpeakingRegistration) -> SpeakingRegistrationFact:
    if row.id is None:
        raise ValueError("a registration that is not stored")
    return SpeakingRegistrationFact(
        id=row.id,
        matter=row.matter,
        opinion_id=row.opinion_id,
        state=row.state,
        number=row.position,
        why=row.decline_reason,
        active=SpeakerState(row.state) in ACTIVE,
    )


def _closed(work: Work, conference: Conference) -> str | None:
    """Why no resident can register by chat any more: the day has come, or the list was drawn up."""
    if conference.held_on <= local_date(work.now):
        return "closed_day"
    listed = work.session.exec(
        select(ConferenceStep.id).where(
            ConferenceStep.conference_id == conference.id,
            ConferenceStep.step == Step.SPEAKERS_LISTED,
            col(ConferenceStep.void_at).is_(None),
        )
    ).first()
    return "closed_list" if listed is not None else None


# ---------------------------------------------------------------------- what the talk causes


def register(
    work: Work, person: Citizen, identity: ChannelIdentity, effect: RegisterSpeaking, opinion: Opinion | None
) -> None:
    """Write the registration down; the very matter a second time changes nothing."""
    conference = work.session.get_one(Conference, effect.conference_id)
    for row in placed(work, conference):
        same = row.opinion_id == effect.opinion_id if effect.opinion_id is not None else row.matter == effect.matter
        if row.citizen_id == person.id and same:
            return
    village = work.session.exec(
        select(ResidentialGroup.id).where(
            ResidentialGroup.office_id == work.services.office_id, ResidentialGroup.code == effect.village
        )
    ).first()
    enrol(
        work,
        citizen(person.id),
        conference,
        NewSpeaker(
            matter=effect.matter,
            source="chat",
            name=effect.name,
            residential_group_id=village,
            eligible_declared=effect.eligible,
            opinion=opinion,
            citizen_id=person.id,
            channel_identity_id=identity.id,
        ),
    )


def withdraw(work: Work, person: Citizen, registration_id: int) -> None:
    """The person does not want to speak any more: the name leaves the list."""
    row = work.session.get(SpeakingRegistration, registration_id)
    if row is None or row.citizen_id != person.id or SpeakerState(row.state) not in ACTIVE:
        return
    row.name = None
    become(work, citizen(person.id), work.session.get_one(Conference, row.conference_id), row, SpeakerState.WITHDRAWN)


def fetched(work: Work, person: Citizen) -> None:
    """The person has just been shown what waited about speaking."""
    if person.id is None:
        return
    for notice in notices.waiting_of(work, person.id, [PURPOSE]):
        notices.shown(work, notice)
