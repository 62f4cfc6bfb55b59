"""What duties are measured against: the life of one conference and of its lines, read in a handful of queries."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import col, or_, select

from casework.clock import local_date
from casework.regulations.model import Step
from casework.usecases.conference.issues import TAKEN_UP, key_of, lines_of
from casework.usecases.work import Work
from nlp.analysis import Level
from storage.records import (
    AgendaItem,
    AgendaOutcome,
    Answer,
    AnswerState,
    Assignment,
    Conference,
    ConferenceStep,
    Opinion,
    OpinionGroup,
    OpinionState,
    Referral,
)


@dataclass(frozen=True, kw_only=True)
class IssueLife:
    """How one issue stands: who asked, who owes the answer, what was answered when."""

    group_id: int
    level: str
    #: states of its unsealed opinions
    states: frozenset[str]
    #: the assignment in force, if any; whether it is the first of the issue does not matter here
    assignment: Assignment | None
    #: day of the first assignment, cancelled ones too
    first_assigned_on: dt.date | None
    #: local days on which a final answer went out, oldest first
    answered_on: tuple[dt.date, ...]
    #: day each open or closed referral was sent; None while one waits
    referred_on: tuple[dt.date | None, ...]

    @property
    def concerns_somebody(self) -> bool:
        """Whether anybody who asked is still there: not all have taken their words back."""
        return not self.states.isdisjoint(TAKEN_UP)

    @property
    def waits_for_agency(self) -> bool:
        """Whether somebody still waits for what an agency owes."""
        return OpinionState.ASSIGNED in self.states

    def answered_since(self, day: dt.date) -> dt.date | None:
        """The day of the first final answer from `day` on: later ones correct it."""
        return next((answered for answered in self.answered_on if answered >= day), None)


@dataclass(frozen=True, kw_only=True)
class LineLife:
    """One line of the agenda and the issue behind it."""

    line: AgendaItem
    issue: IssueLife

    @property
    def put_off(self) -> bool:
        return self.line.outcome == AgendaOutcome.DEFERRED

    @property
    def settled(self) -> bool:
        return self.line.outcome == AgendaOutcome.ANSWERED


@dataclass(frozen=True, kw_only=True)
class ConferenceLife:
    """One conference with everything its duties look at."""

    conference: Conference
    #: day of the newest step of each kind that was not taken back
    steps: Mapping[Step, dt.date]
    lines: tuple[LineLife, ...] = ()
    #: days on which what is beyond competence went up; None for what still waits
    sent_up: tuple[dt.date | None, ...] = field(default=())


def conference_life(work: Work, conference: Conference) -> ConferenceLife:
    """Everything the duties of a conference look at."""
    lines = lines_of(work, conference)
    issues = issue_lives(work, [line.group_id for line in lines])
    referrals = work.session.exec(
        select(Referral).where(Referral.conference_id == conference.id, col(Referral.cancelled_at).is_(None))
    )
    return ConferenceLife(
        conference=conference,
        steps=days_of_steps(work, key_of(conference)),
        lines=tuple(LineLife(line=line, issue=issues[line.group_id]) for line in lines),
        sent_up=tuple(referral.sent_on for referral in referrals),
    )


def days_of_steps(work: Work, conference_id: int) -> dict[Step, dt.date]:
    """Day of each step that still counts; written down twice, the newer one."""
    rows = work.session.exec(
        select(ConferenceStep)
        .where(ConferenceStep.conference_id == conference_id, col(ConferenceStep.void_at).is_(None))
        .order_by(col(ConferenceStep.id))
    )
    return {Step(row.step): row.done_on for row in rows}


def issue_lives(work: Work, group_ids: Sequence[int]) -> dict[int, IssueLife]:
    """How each of these issues stands, by key of its group."""
    keys = sorted(set(group_ids))
    if not keys:
        return {}
    states: dict[int, set[str]] = defaultdict(set)
    opinions = select(Opinion.group_id, Opinion.state).where(
        col(Opinion.group_id).in_(keys), col(Opinion.sealed).is_(False)
    )
    for group_id, state in work.session.exec(opinions):
        states[group_id or 0].add(state)
    assignments: dict[int, list[Assignment]] = defaultdict(list)
    for row in work.session.exec(
        select(Assignment).where(col(Assignment.group_id).in_(keys)).order_by(col(Assignment.id))
    ):
        assignments[row.group_id].append(row)
    referrals: dict[int, list[dt.date | None]] = defaultdict(list)
    for referral in work.session.exec(
        select(Referral).where(col(Referral.group_id).in_(keys), col(Referral.cancelled_at).is_(None))
    ):
        referrals[referral.group_id].append(referral.sent_on)
    answered = _answered(work, keys)
    groups = work.session.exec(select(OpinionGroup.id, OpinionGroup.level).where(col(OpinionGroup.id).in_(keys)))
    return {
        key: IssueLife(
            group_id=key,
            level=level,
            states=frozenset(states[key]),
            assignment=next((one for one in reversed(assignments[key]) if one.cancelled_at is None), None),
            first_assigned_on=min((one.assigned_on for one in assignments[key]), default=None),
            answered_on=tuple(sorted(answered[key])),
            referred_on=tuple(referrals[key]),
        )
        for key, level in groups
        if key is not None
    }


def _answered(work: Work, keys: Sequence[int]) -> dict[int, list[dt.date]]:
    days: dict[int, list[dt.date]] = defaultdict(list)
    rows = select(Answer.group_id, Answer.published_at).where(
        col(Answer.group_id).in_(keys), Answer.state == AnswerState.PUBLISHED, col(Answer.final)
    )
    for group_id, published_at in work.session.exec(rows):
        if published_at is not None:
            days[group_id].append(local_date(published_at))
    return days


def is_beyond_commune(level: str) -> bool:
    """Whether an issue of this level is not the commune's own business."""
    return level != Level.COMMUNE


def conferences_of(work: Work, group_id: int) -> list[Conference]:
    """Conferences on whose agenda the issue stands or stood, oldest first."""
    return list(
        work.session.exec(
            select(Conference)
            .where(
                or_(
                    col(Conference.id).in_(select(AgendaItem.conference_id).where(AgendaItem.group_id == group_id)),
                    col(Conference.id).in_(
                        select(Referral.conference_id).where(
                            Referral.group_id == group_id, col(Referral.conference_id).is_not(None)
                        )
                    ),
                )
            )
            .order_by(col(Conference.id))
        )
    )
