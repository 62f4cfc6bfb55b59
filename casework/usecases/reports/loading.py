"""Loads what a report is computed from: a dozen queries, whatever the number of opinions."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlmodel import and_, col, func, or_, select

from casework.clock import VIETNAM, local_date
from casework.deadlines.values import WorkingCalendar
from casework.errors import IllegalMove
from casework.ladder import Rung
from casework.public_words import name_free, one_line
from casework.regulations.model import Duty
from casework.reports.facts import AnswerFact, ConferenceFact, DebtFact, Facts, LineFact, OpinionFact
from casework.reports.periods import ReportKind, Scope
from casework.usecases.conference.issues import find_conference, key_of
from casework.usecases.deadlines.rows import counts_on, missed, promised
from casework.usecases.work import Work
from storage.records import (
    AgendaItem,
    Answer,
    AnswerState,
    Assignment,
    Conference,
    ConferenceState,
    Delivery,
    DeliveryState,
    Obligation,
    Office,
    Opinion,
    OpinionGroup,
    Referral,
    ResidentialGroup,
    SpeakerState,
    SpeakingRegistration,
    Verdict,
)

#: code points of an issue's title in a table
TITLE_LIMIT = 300
#: states in which there is something to report
OVER = (ConferenceState.HELD, ConferenceState.CONCLUDED, ConferenceState.FAILED)
_ANSWER_DUTIES = (Duty.QUICK_ANSWER, Duty.FINAL_ANSWER)
_COLUMNS = (
    *(Opinion.id, Opinion.citizen_id, Opinion.group_id, Opinion.residential_group_id, Opinion.conference_id),
    *(Opinion.topic, Opinion.level, Opinion.kind, Opinion.state, Opinion.source, Opinion.sealed, Opinion.late),
    *(Opinion.decline_ground, Opinion.submitted_at),
)


def conference_scope(work: Work, code: str) -> Scope:
    """What the report on a conference covers: from the day after the one before until the day it was held.

    Raises `NotFound`, or `IllegalMove` for one that was not held.
    """
    conference = find_conference(work, code)
    if conference.state not in OVER:
        raise IllegalMove(
            f"Hội nghị {conference.code} chưa họp nên chưa có gì để báo cáo.",
            todo=f"Ghi hội nghị đã họp trước: doithoai conferences hold {conference.code}",
        )
    before = _before(work, conference)
    first = before.held_on + dt.timedelta(days=1) if before is not None else _first_day(work, conference.held_on)
    return Scope(
        kind=ReportKind.CONFERENCE,
        first=min(first, conference.held_on),
        last=conference.held_on,
        year=conference.held_on.year,
        conference_id=key_of(conference),
        conference_code=conference.code,
    )


def load(work: Work, scope: Scope, calendar: WorkingCalendar) -> Facts:
    """The facts of a report as they stand now."""
    office = work.session.get_one(Office, work.services.office_id)
    conferences = _conferences(work, scope)
    wanted = _wanted(work, scope, [one.id for one in conferences])
    everything = _opinions(work, wanted)
    previous = _before(work, work.session.get_one(Conference, scope.conference_id)) if scope.conference_id else None
    previous_lines = _lines(work, [key_of(previous)]) if previous is not None else ()
    previous_opinions = _opinions(work, col(Opinion.conference_id) == previous.id) if previous is not None else ()
    groups = select(Opinion.group_id).where(
        wanted if previous is None else or_(wanted, col(Opinion.conference_id) == previous.id)
    )
    on_agendas = {one.id for one in conferences}
    stood_on = {one.conference_id for one in everything if one.conference_id is not None} | on_agendas
    today = local_date(work.now)
    return Facts(
        scope=scope,
        office_name=office.name,
        on=today,
        calendar=calendar,
        opinions=tuple(one for one in everything if _counts(one, scope)),
        on_agendas=tuple(one for one in everything if one.conference_id in on_agendas),
        conferences=conferences,
        lines=_lines(work, stood_on),
        held_on=_held_on(work, stood_on),
        debts=_debts(work, groups),
        answers=_answers(work, groups),
        verdicts=_verdicts(work, wanted),
        given_by_hand=_given_by_hand(work, wanted),
        referred_groups=_referred(work, groups),
        late_acknowledged=_late_acknowledged(work, wanted, today),
        villages=_villages(work),
        previous=_conference_fact(previous, {}) if previous is not None else None,
        previous_lines=previous_lines,
        previous_opinions=previous_opinions,
    )


# --------------------------------------------------------------------------- which opinions


def _wanted(work: Work, scope: Scope, conferences: Iterable[int]) -> Any:
    came = and_(
        col(Opinion.submitted_at) >= _midnight(scope.first),
        col(Opinion.submitted_at) < _midnight(scope.last + dt.timedelta(days=1)),
    )
    return and_(
        col(Opinion.office_id) == work.services.office_id,
        or_(came, col(Opinion.conference_id).in_(list(conferences))),
    )


def _counts(opinion: OpinionFact, scope: Scope) -> bool:
    """Whether the report counts it: by the day it came; for a conference also what stood on its agenda, and not what
    stands on another's."""
    if scope.conference_id is None:
        return scope.covers(opinion.received_on)
    if opinion.conference_id is None:
        return scope.covers(opinion.received_on)
    return opinion.conference_id == scope.conference_id


def _opinions(work: Work, condition: Any) -> tuple[OpinionFact, ...]:
    rows = work.session.execute(select(*_COLUMNS).where(condition).order_by(col(Opinion.id)))  # type: ignore[call-overload]
    return tuple(
        OpinionFact(
            id=row[0],
            citizen_id=row[1],
            group_id=row[2],
            village_id=row[3],
            conference_id=row[4],
            topic=row[5],
            level=row[6],
            kind=row[7],
            state=row[8],
            source=row[9],
            sealed=row[10],
            late=row[11],
            decline_ground=row[12],
            received_on=local_date(row[13]),
        )
        for row in rows
    )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), tzinfo=VIETNAM)


def _first_day(work: Work, latest: dt.date) -> dt.date:
    first = work.session.exec(
        select(func.min(col(Opinion.submitted_at))).where(Opinion.office_id == work.services.office_id)
    ).one()
    return min(local_date(first), latest) if first is not None else latest


# --------------------------------------------------------------------------- conferences


def _before(work: Work, conference: Conference) -> Conference | None:
    """The round before: the last conference that was held earlier."""
    return work.session.exec(
        select(Conference)
        .where(
            Conference.office_id == conference.office_id,
            col(Conference.state).in_([ConferenceState.HELD, ConferenceState.CONCLUDED]),
            or_(
                col(Conference.held_on) < conference.held_on,
                and_(col(Conference.held_on) == conference.held_on, col(Conference.id) < conference.id),
            ),
        )
        .order_by(col(Conference.held_on).desc(), col(Conference.id).desc())
    ).first()


def _conferences(work: Work, scope: Scope) -> tuple[ConferenceFact, ...]:
    statement = select(Conference).where(Conference.office_id == work.services.office_id)
    if scope.conference_id is not None:
        statement = statement.where(Conference.id == scope.conference_id)
    else:
        statement = statement.where(
            col(Conference.state).in_(OVER), Conference.held_on >= scope.first, Conference.held_on <= scope.last
        )
    found = list(work.session.exec(statement.order_by(col(Conference.held_on), col(Conference.id))))
    speakers: dict[int, list[str]] = defaultdict(list)
    rows = work.session.exec(
        select(SpeakingRegistration.conference_id, SpeakingRegistration.state)
        .join(Opinion, col(Opinion.id) == col(SpeakingRegistration.opinion_id), isouter=True)
        .where(
            col(SpeakingRegistration.conference_id).in_([one.id for one in found]),
            # The list staff keep does not show them, so no number may differ from it.
            col(Opinion.sealed).is_not(True),
        )
    )
    for conference_id, state in rows:
        speakers[conference_id].append(state)
    return tuple(_conference_fact(one, speakers) for one in found)


def _conference_fact(conference: Conference, speakers: Mapping[int, list[str]]) -> ConferenceFact:
    states = speakers.get(key_of(conference), [])
    return ConferenceFact(
        id=key_of(conference),
        code=conference.code,
        title=conference.title,
        kind=conference.kind,
        state=conference.state,
        held_on=conference.held_on,
        place=conference.place,
        chair=conference.chair,
        invited=conference.invited,
        attendance=conference.attendance,
        registered=sum(state != SpeakerState.WITHDRAWN for state in states),
        spoken=states.count(SpeakerState.SPOKEN),
        conclusion_number=conference.conclusion_number,
        conclusion_on=conference.conclusion_on,
        stopped_why=one_line(name_free(conference.stopped_why), TITLE_LIMIT) if conference.stopped_why else None,
    )


def _lines(work: Work, conferences: Iterable[int]) -> tuple[LineFact, ...]:
    rows = work.session.exec(
        select(AgendaItem, OpinionGroup.title)
        .join(OpinionGroup, col(OpinionGroup.id) == col(AgendaItem.group_id))
        .where(col(AgendaItem.conference_id).in_(list(conferences)))
    )
    return tuple(
        LineFact(
            conference_id=line.conference_id,
            group_id=line.group_id,
            position=line.position,
            title=one_line(name_free(title), TITLE_LIMIT),
            outcome=line.outcome,
            people=line.people,
        )
        for line, title in rows
    )


def _held_on(work: Work, conferences: Iterable[int]) -> dict[int, dt.date]:
    found = work.session.exec(select(Conference).where(col(Conference.id).in_(list(conferences))))
    return {key_of(conference): conference.held_on for conference in found}


# --------------------------------------------------------------------------- debts, answers, verdicts


def _debts(work: Work, groups: Any) -> dict[int, DebtFact]:
    newest: dict[int, Assignment] = {}
    for assignment in work.session.exec(
        select(Assignment)
        .where(col(Assignment.group_id).in_(groups), col(Assignment.cancelled_at).is_(None))
        .order_by(col(Assignment.id))
    ):
        newest[assignment.group_id] = assignment
    owed: dict[int, list[Obligation]] = defaultdict(list)
    keys = select(Assignment.id).where(col(Assignment.group_id).in_(groups))
    for obligation in work.session.exec(
        select(Obligation).where(
            Obligation.subject == "assignment",
            col(Obligation.subject_id).in_(keys),
            col(Obligation.duty).in_([str(duty) for duty in _ANSWER_DUTIES]),
            col(Obligation.cancelled_at).is_(None),
        )
    ):
        owed[obligation.subject_id].append(obligation)
    every = [one for rows in owed.values() for one in rows]
    late, promises = missed(work, every), promised(work, every)
    return {
        **_unassigned(work, groups),
        **{group: _debt(assignment, owed[key_of(assignment)], late, promises) for group, assignment in newest.items()},
    }


def _unassigned(work: Work, groups: Any) -> dict[int, DebtFact]:
    """Put-off lines nobody has been assigned yet: the days the texts give all the same."""
    found: dict[int, DebtFact] = {}
    rows = work.session.exec(
        select(Obligation, AgendaItem.group_id)
        .join(AgendaItem, col(AgendaItem.id) == col(Obligation.subject_id))
        .where(
            Obligation.subject == "line",
            col(AgendaItem.group_id).in_(groups),
            col(Obligation.duty).in_([str(duty) for duty in _ANSWER_DUTIES]),
            col(Obligation.cancelled_at).is_(None),
        )
        .order_by(col(Obligation.due_on))
    ).all()
    every = [obligation for obligation, _ in rows]
    late, promises = missed(work, every), promised(work, every)
    for obligation, group_id in rows:
        if obligation.due_on is not None and group_id not in found:
            counts = counts_on(obligation)
            found[group_id] = DebtFact(
                group_id=group_id,
                agency="",
                assigned_on=obligation.trigger_on or local_date(obligation.created_at),
                due_on=obligation.due_on,
                extended_to=counts if counts != obligation.due_on else None,
                promised=obligation.id in promises,
                missed=obligation.id in late,
            )
    return found


def _debt(assignment: Assignment, owed: list[Obligation], late: frozenset[int], promises: frozenset[int]) -> DebtFact:
    """The earliest day drives, of the texts or, where none gives one, of the office."""
    dated = [(one.due_on, counts_on(one)) for one in owed if one.due_on is not None]
    due_on = min((due for due, _ in dated), default=assignment.due_on)
    driving = min((end for _, end in dated if end is not None), default=due_on)
    return DebtFact(
        group_id=assignment.group_id,
        agency=assignment.agency,
        assigned_on=assignment.assigned_on,
        due_on=due_on,
        extended_to=driving if due_on is not None and driving is not None and driving > due_on else None,
        promised=any(one.id in promises for one in owed),
        missed=any(one.id in late for one in owed),
    )


def _answers(work: Work, groups: Any) -> dict[int, tuple[AnswerFact, ...]]:
    found: dict[int, list[AnswerFact]] = defaultdict(list)
    rows = work.session.exec(
        select(Answer.group_id, Answer.final, Answer.published_at)
        .where(col(Answer.group_id).in_(groups), Answer.state == AnswerState.PUBLISHED)
        .order_by(col(Answer.published_at), col(Answer.id))
    )
    for group_id, final, published_at in rows:
        if published_at is not None:
            found[group_id].append(AnswerFact(group_id=group_id, final=final, published_on=local_date(published_at)))
    return {group: tuple(answers) for group, answers in found.items()}


def _verdicts(work: Work, wanted: Any) -> dict[int, bool]:
    rows = work.session.exec(
        select(Verdict.opinion_id, Verdict.settled)
        .where(col(Verdict.opinion_id).in_(select(Opinion.id).where(wanted)))
        .order_by(col(Verdict.at), col(Verdict.id))
    )
    return dict(rows.all())


def _given_by_hand(work: Work, wanted: Any) -> frozenset[int]:
    """Opinions whose answer a colleague handed over, or typed in the platform's console."""
    by_hand = or_(
        Delivery.state == DeliveryState.HANDED_OVER,
        and_(Delivery.state == DeliveryState.SENT, Delivery.outcome == Rung.CONSOLE),
    )
    rows = work.session.exec(
        select(Delivery.opinion_id).where(
            col(Delivery.answer_id).is_not(None),
            by_hand,
            col(Delivery.opinion_id).in_(select(Opinion.id).where(wanted)),
        )
    )
    return frozenset(opinion for opinion in rows if opinion is not None)


def _referred(work: Work, groups: Any) -> frozenset[int]:
    return frozenset(
        work.session.exec(
            select(Referral.group_id).where(
                col(Referral.group_id).in_(groups),
                col(Referral.sent_on).is_not(None),
                col(Referral.cancelled_at).is_(None),
            )
        )
    )


def _late_acknowledged(work: Work, wanted: Any, today: dt.date) -> frozenset[int]:
    rows = work.session.exec(
        select(Obligation).where(
            Obligation.subject == "opinion",
            Obligation.duty == Duty.ACKNOWLEDGEMENT,
            col(Obligation.subject_id).in_(select(Opinion.id).where(wanted)),
            col(Obligation.cancelled_at).is_(None),
        )
    ).all()
    late = missed(work, rows)
    return frozenset(
        row.subject_id
        for row in rows
        if row.id in late or ((end := counts_on(row)) is not None and (row.met_on or today) > end)
    )


def _villages(work: Work) -> dict[int, tuple[str, str]]:
    rows = work.session.exec(
        select(ResidentialGroup)
        .where(ResidentialGroup.office_id == work.services.office_id)
        .order_by(col(ResidentialGroup.position), col(ResidentialGroup.id))
    )
    return {key_of(row): (row.code, row.name) for row in rows}
