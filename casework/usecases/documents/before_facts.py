"""Use case: everything the documents before the day of a conference are made of.

Beside the lines of the agenda these documents speak of issues that stand on none: opinions that came too late, and
matters of another level. What is sealed, held or not yet looked at by a person is only counted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, func, or_, select

from casework.agenda import count_people
from casework.clock import local_date
from casework.deadlines.rules import duties
from casework.deadlines.values import ConferenceFacts, Due
from casework.document_head import Body, DocumentHead
from casework.regulations.model import ConferenceKind, ProgrammeItem, Regulation, Step, StepRule
from casework.regulations.reading import programme_for
from casework.topics import FIELD_OF_TOPIC, LEVEL_NAMES, TOPIC_NAMES
from casework.usecases.access import VIEWERS
from casework.usecases.conference.issues import OPEN, find_conference, key_of, lines_of, require_over, voice_of
from casework.usecases.conference.steps import steps_of
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.obligations import texts_of
from casework.usecases.work import Services, Work
from nlp.analysis import Level, Topic
from storage.records import (
    AgendaItem,
    Assignment,
    Citizen,
    Conference,
    ConferenceState,
    Office,
    Opinion,
    OpinionGroup,
    OpinionState,
    Referral,
    ResidentialGroup,
    Role,
    SpeakerState,
    SpeakingRegistration,
)

#: states of an opinion that may stand in a summary of what people asked
_SUMMED = (OpinionState.APPROVED, OpinionState.SCHEDULED, OpinionState.ASSIGNED, OpinionState.ANSWERED)
#: waiting for a person
_WAITING = (OpinionState.RECEIVED, OpinionState.CLARIFYING)
_LISTED_SPEAKERS = (SpeakerState.REGISTERED, SpeakerState.CONFIRMED, SpeakerState.SPOKEN, SpeakerState.ABSENT)


@dataclass(frozen=True, kw_only=True)
class Voiced:
    """One opinion behind an issue, in the asker's own words."""

    code: str | None
    #: None when the asker gave none, or did not agree to keep it
    name: str | None
    village: str | None
    submitted_on: dt.date
    words: str
    late: bool


@dataclass(frozen=True, kw_only=True)
class IssueFile:
    """One issue people raised before a conference; `line` is its place on the agenda, if it has one."""

    line: int | None
    #: name-free
    title: str
    people: int
    urgent: bool
    topic_name: str
    field_name: str
    level: Level
    level_name: str
    village: str | None
    opinions: tuple[Voiced, ...]
    #: the level it goes up to, once somebody decided that and no answer came yet: before this conference, or with the
    #: next letter
    referred_level: str | None
    #: an agency of the commune was made to answer it
    assigned: bool
    #: the title is the program's; nobody is known to have read it
    machine_titled: bool

    @property
    def perhaps_beyond(self) -> bool:
        """Whether it is classed above the commune, and nobody has decided yet who answers."""
        above = self.level in (Level.PROVINCE, Level.CENTRAL)
        return above and self.referred_level is None and not self.assigned

    @property
    def late(self) -> bool:
        """Whether everybody who raised it came after the cut-off."""
        return all(opinion.late for opinion in self.opinions)


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Somebody who registered to speak; `name` is for staff."""

    position: int | None
    name: str | None
    village: str | None
    matter: str
    opinion_code: str | None
    #: name-free title of the issue the speech is about, where an opinion was named
    issue_title: str | None
    state: str


@dataclass(frozen=True, kw_only=True)
class BeforeFile:
    """A conference before its day, with what its regulation asks."""

    office_name: str
    profile: Mapping[str, Any]
    conference: Conference
    #: the office's own text, then the national one
    texts: tuple[Regulation, ...]
    dues: tuple[Due, ...]
    #: when each step was done, and under which number
    steps: Mapping[Step, dt.date]
    numbers: Mapping[Step, str]
    villages: tuple[str, ...]
    issues: tuple[IssueFile, ...]
    speakers: tuple[Speaker, ...]
    #: opinions nobody has decided on yet
    waiting: int
    today: dt.date

    def head(self, body: Body = Body.FRONT) -> DocumentHead:
        return DocumentHead.of(self.office_name, self.profile, body)

    @property
    def lines(self) -> tuple[IssueFile, ...]:
        """The issues on the agenda, in its order."""
        return tuple(sorted((one for one in self.issues if one.line is not None), key=lambda one: one.line or 0))

    @property
    def kind(self) -> ConferenceKind:
        return ConferenceKind(self.conference.kind)

    def step_rules(self, step: Step | None = None) -> tuple[StepRule, ...]:
        """Steps the texts demand of this kind of conference, in the order of a conference's life."""
        rules = [
            rule for text in self.texts for rule in text.steps if self.kind in rule.kinds and step in (None, rule.step)
        ]
        return tuple(sorted(rules, key=lambda rule: list(Step).index(rule.step)))

    @property
    def programme(self) -> tuple[ProgrammeItem, ...]:
        """The sequence of a conference of this kind, in the first text that gives one."""
        return programme_for(self.texts, self.kind)


def before_file(services: Services, staff_id: int | None, conference_code: str, *roles: Role) -> BeforeFile:
    """The conference with its issues, speakers, steps and dates. `roles`: who may read names and own words; without,
    whoever may look at opinions of the whole office.

    Raises `NotFound`, or `Forbidden` for whoever lacks the role over the whole office.
    """
    with services.reading() as work:
        require_over(work, staff_id or 0, *(roles or VIEWERS))
        conference = find_conference(work, conference_code)
        office = work.session.get_one(Office, conference.office_id)
        villages = _villages(work)
        texts = texts_of(conference)
        steps = steps_of(work, conference)
        facts = ConferenceFacts(held_on=conference.held_on, kind=ConferenceKind(conference.kind))
        found = BeforeFile(
            office_name=office.name,
            profile=dict(office.profile),
            conference=conference,
            texts=texts,
            dues=tuple(duties(texts, facts, calendar_of(work), level=office.level)),
            steps={step: row.done_on for step, row in steps.items()},
            numbers={step: row.document_number for step, row in steps.items() if row.document_number},
            villages=tuple(villages.values()),
            issues=_issues(work, conference, villages),
            speakers=_speakers(work, conference, villages),
            waiting=_waiting(work, conference),
            today=local_date(work.now),
        )
        work.session.expunge(conference)
        return found


# --------------------------------------------------------------------------- issues


def _issues(work: Work, conference: Conference, villages: Mapping[int, str]) -> tuple[IssueFile, ...]:
    lines = {line.group_id: line for line in lines_of(work, conference)}
    groups: dict[int, OpinionGroup] = {}
    behind: dict[int, list[tuple[Opinion, str | None]]] = {}
    referred = _referred(work, conference)
    assigned = set(
        work.session.exec(
            select(Assignment.group_id).where(
                Assignment.office_id == conference.office_id, col(Assignment.cancelled_at).is_(None)
            )
        )
    )
    for opinion, group, name in _opinions(work, conference, set(lines), set(referred)):
        groups[key_of(group)] = group
        behind.setdefault(key_of(group), []).append((opinion, name))
    found = [
        _issue(
            group,
            lines.get(key),
            behind[key],
            villages,
            referred_level=LEVEL_NAMES[Level(referred[key])] if key in referred else None,
            assigned=key in assigned,
        )
        for key, group in groups.items()
    ]
    return tuple(
        sorted(found, key=lambda one: (one.line is None, one.line or 0, not one.urgent, -one.people, one.title))
    )


def _referred(work: Work, conference: Conference) -> dict[int, str]:
    """Issues on their way up with this conference, or waiting for the next letter: each with the level."""
    rows = work.session.exec(
        select(Referral)
        .where(
            Referral.office_id == conference.office_id,
            col(Referral.cancelled_at).is_(None),
            col(Referral.answered_on).is_(None),
            or_(
                Referral.conference_id == conference.id,
                col(Referral.conference_id).is_(None),
                col(Referral.sent_on).is_(None),
            ),
        )
        .order_by(col(Referral.id))
    )
    since = _last_conference_on(work, conference)
    return {
        one.group_id: one.level
        for one in rows
        # Sent while this conference was prepared: decided before anybody knew of which conference it would be.
        if one.conference_id == conference.id or one.sent_on is None or since < one.sent_on <= conference.held_on
    }


def _opinions(
    work: Work, conference: Conference, on_agenda: set[int], referred: set[int]
) -> list[tuple[Opinion, OpinionGroup, str | None]]:
    """Opinions behind the lines; and, while the agenda is open, those that wait for a conference or went to another
    level since the last one. Each with its issue and the asker's name."""
    of_lines = select(AgendaItem.group_id).where(AgendaItem.conference_id == conference.id)
    rows = work.session.exec(
        select(Opinion, OpinionGroup, Citizen.display_name)
        .join(OpinionGroup, col(OpinionGroup.id) == col(Opinion.group_id))
        .join(Citizen, col(Citizen.id) == col(Opinion.citizen_id), isouter=True)
        .where(
            Opinion.office_id == conference.office_id,
            col(Opinion.sealed).is_(False),
            or_(
                col(Opinion.group_id).in_(of_lines) & col(Opinion.state).in_([*_SUMMED, OpinionState.REFERRED]),
                col(Opinion.state).in_([OpinionState.APPROVED, OpinionState.REFERRED]),
            ),
        )
        .order_by(col(Opinion.submitted_at), col(Opinion.id))
    )
    since = _last_conference_on(work, conference)
    return [
        (one, group, name)
        for one, group, name in rows
        if one.group_id in on_agenda
        or (one.state == OpinionState.REFERRED and one.group_id in referred)
        or (one.state == OpinionState.APPROVED and conference.state in OPEN and one.conference_id is None)
        or (one.state == OpinionState.REFERRED and since < local_date(one.submitted_at) <= conference.held_on)
    ]


def _last_conference_on(work: Work, conference: Conference) -> dt.date:
    """The day of the conference before this one; the beginning of time when there was none."""
    day = work.session.exec(
        select(func.max(Conference.held_on)).where(
            Conference.office_id == conference.office_id,
            Conference.held_on < conference.held_on,
            col(Conference.state).in_([ConferenceState.HELD, ConferenceState.CONCLUDED]),
        )
    ).one()
    return day or dt.date.min


def _issue(
    group: OpinionGroup,
    line: AgendaItem | None,
    named: list[tuple[Opinion, str | None]],
    villages: Mapping[int, str],
    *,
    referred_level: str | None,
    assigned: bool,
) -> IssueFile:
    topic, level = Topic(group.topic), Level(group.level)
    opinions = [opinion for opinion, _ in named]
    people = count_people(voice_of(opinion) for opinion in opinions)
    return IssueFile(
        line=line.position if line is not None else None,
        title=group.title,
        # Late and referred opinions do not count for an agenda, yet somebody raised them.
        people=people or len({one.citizen_id or -key_of(one) for one in opinions}),
        urgent=group.urgent or any(one.urgent for one in opinions),
        topic_name=TOPIC_NAMES[topic],
        field_name=FIELD_OF_TOPIC[topic],
        level=level,
        level_name=LEVEL_NAMES[level],
        village=villages.get(group.residential_group_id or 0),
        opinions=tuple(
            Voiced(
                code=one.code,
                name=name,
                village=villages.get(one.residential_group_id or 0),
                submitted_on=local_date(one.submitted_at),
                words=one.original_text,
                late=one.late,
            )
            for one, name in named
        ),
        referred_level=referred_level,
        assigned=assigned,
        machine_titled=not group.titled_by_staff,
    )


# --------------------------------------------------------------------------- around them


def _speakers(work: Work, conference: Conference, villages: Mapping[int, str]) -> tuple[Speaker, ...]:
    rows = work.session.exec(
        select(SpeakingRegistration, Opinion, OpinionGroup)
        .join(Opinion, col(Opinion.id) == col(SpeakingRegistration.opinion_id), isouter=True)
        .join(OpinionGroup, col(OpinionGroup.id) == col(Opinion.group_id), isouter=True)
        .where(
            SpeakingRegistration.conference_id == conference.id,
            col(SpeakingRegistration.state).in_(_LISTED_SPEAKERS),
        )
        .order_by(col(SpeakingRegistration.id))
    ).all()
    speakers = [
        Speaker(
            position=one.position,
            name=one.name,
            village=villages.get(one.residential_group_id or 0),
            matter=one.matter,
            opinion_code=opinion.code if opinion is not None else None,
            issue_title=group.title if group is not None else None,
            state=one.state,
        )
        for one, opinion, group in rows
        if opinion is None or not _secret(opinion)
    ]
    return tuple(sorted(speakers, key=lambda one: (one.position is None, one.position or 0)))


def _secret(opinion: Opinion) -> bool:
    """What is sealed, or may turn out to be a denunciation, is on no list."""
    return opinion.sealed or opinion.state in (OpinionState.HELD, OpinionState.REDIRECTED)


def _waiting(work: Work, conference: Conference) -> int:
    return work.session.exec(
        select(func.count(col(Opinion.id))).where(
            Opinion.office_id == conference.office_id,
            col(Opinion.sealed).is_(False),
            col(Opinion.state).in_(_WAITING),
        )
    ).one()


def _villages(work: Work) -> dict[int, str]:
    rows = work.session.exec(
        select(ResidentialGroup)
        .where(ResidentialGroup.office_id == work.services.office_id)
        .order_by(col(ResidentialGroup.position), col(ResidentialGroup.id))
    )
    return {key_of(group): group.name for group in rows}
