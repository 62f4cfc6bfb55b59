"""What became of an issue since a conference, and the issues that came after its cut-off: nobody may lose them."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from casework.agenda import is_late
from casework.clock import VIETNAM, local_date
from casework.conference_life.checklist import LateFacts
from casework.topics import LEVEL_NAMES
from casework.usecases.conference.conference_day import FLOOR
from casework.usecases.conference.issues import TAKEN_UP, lines_of, owed_by
from casework.usecases.deadlines.rows import counts_on
from casework.usecases.work import Work
from nlp.analysis import Level
from storage.records import (
    Answer,
    AnswerState,
    Assignment,
    Conference,
    Obligation,
    Opinion,
    OpinionGroup,
    OpinionState,
    Referral,
)


def late_issues(work: Work, conference: Conference) -> tuple[LateFacts, ...]:
    """Issues that were raised after the cut-off of this conference and before it was held, and that stand on none of
    its lines; in the order in which they came."""
    if conference.cutoff_on is None:
        return ()
    on_lines = {line.group_id for line in lines_of(work, conference)}
    groups: dict[int, list[Opinion]] = {}
    for opinion in _taken_up_between(work, conference.cutoff_on, conference.held_on):
        if opinion.group_id is not None and opinion.group_id not in on_lines:
            groups.setdefault(opinion.group_id, []).append(opinion)
    return tuple(_late_facts(work, conference, group_id, opinions) for group_id, opinions in groups.items())


def answered_since(work: Work, group_id: int, since: dt.date) -> dt.date | None:
    """The day of the first final answer to this issue from `since` on."""
    answers = work.session.exec(
        select(Answer).where(Answer.group_id == group_id, col(Answer.final), Answer.state == AnswerState.PUBLISHED)
    ).all()
    days = [local_date(answer.published_at) for answer in answers if answer.published_at is not None]
    return min((day for day in days if day >= since), default=None)


def referral_of(work: Work, group_id: int) -> Referral | None:
    """The newest referral of this issue that was not taken back."""
    return work.session.exec(
        select(Referral)
        .where(Referral.group_id == group_id, col(Referral.cancelled_at).is_(None))
        .order_by(col(Referral.id).desc())
    ).first()


def body_of(referral: Referral | None) -> str | None:
    """Where a referral goes, in words."""
    return (referral.body or LEVEL_NAMES[Level(referral.level)]) if referral else None


def due_of(work: Work, assignment: Assignment | None) -> dt.date | None:
    """The earliest date the texts set for the answer under this assignment, as extended; else the day it names."""
    if assignment is None:
        return None
    rows = work.session.exec(
        select(Obligation).where(
            Obligation.subject == "assignment",
            Obligation.subject_id == assignment.id,
            col(Obligation.cancelled_at).is_(None),
        )
    ).all()
    days = (day for row in rows if (day := counts_on(row)) is not None)
    return min(days, default=assignment.due_on)


def _taken_up_between(work: Work, cutoff_on: dt.date, held_on: dt.date) -> list[Opinion]:
    opinions = work.session.exec(
        select(Opinion)
        .where(
            Opinion.office_id == work.services.office_id,
            Opinion.source != FLOOR,
            col(Opinion.sealed).is_(False),
            col(Opinion.state).in_([str(state) for state in TAKEN_UP]),
            col(Opinion.submitted_at) >= dt.datetime.combine(cutoff_on, dt.time(), tzinfo=VIETNAM),
        )
        .order_by(col(Opinion.submitted_at), col(Opinion.id))
    )
    return [
        opinion
        for opinion in opinions
        if is_late(local_date(opinion.submitted_at), cutoff_on) and local_date(opinion.submitted_at) <= held_on
    ]


def _late_facts(work: Work, conference: Conference, group_id: int, opinions: list[Opinion]) -> LateFacts:
    came_on = local_date(opinions[0].submitted_at)
    answered_on = answered_since(work, group_id, came_on)
    waiting = [opinion for opinion in opinions if opinion.state != OpinionState.ANSWERED]
    if not waiting:
        # Whoever joins an issue answered before is given that answer at once.
        answered_on = answered_on or came_on
    assignment, referral = owed_by(work, group_id), referral_of(work, group_id)
    other = next((one.conference_id for one in waiting if one.conference_id not in (None, conference.id)), None)
    return LateFacts(
        ref=f"nhom:{group_id}",
        title=work.session.get_one(OpinionGroup, group_id).title,
        agency=assignment.agency if assignment else None,
        due_on=due_of(work, assignment),
        answered_on=answered_on if not waiting else None,
        referred_to=body_of(referral),
        referral_sent_on=referral.sent_on if referral else None,
        elsewhere=work.session.get_one(Conference, other).code if other is not None else None,
    )
