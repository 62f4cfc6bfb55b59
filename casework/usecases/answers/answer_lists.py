"""Use cases: the working lists of answers - what was written, who owes one, whom an answer did not satisfy."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from casework.answer_check import AnswerWarning, warnings
from casework.deadlines.values import DueState
from casework.errors import NotFound
from casework.usecases.access import VIEWERS, require
from casework.usecases.answers.pages import files_of
from casework.usecases.conference.issues import TAKEN_UP, find_conference, key_of, lines_of, opinions_of
from casework.usecases.deadlines.answer_due import Basis, answer_days
from casework.usecases.work import Services, Work
from storage.records import (
    AgendaItem,
    AgendaOutcome,
    Answer,
    AnswerState,
    Assignment,
    Conference,
    ConferenceState,
    Opinion,
    OpinionGroup,
    OpinionState,
    Verdict,
)

#: issues read in one round of queries
_AT_ONCE = 5000


@dataclass(frozen=True, kw_only=True)
class AnswerRow:
    """One written answer; `text` is the whole of it."""

    id: int
    group_id: int
    title: str
    final: bool
    agency: str
    document_number: str
    document_date: dt.date
    told_by: str | None
    cause: str | None
    promised_on: dt.date | None
    forwarded_to: str | None
    state: str
    version: int
    published_at: dt.datetime | None
    text: str
    #: askers it is for, and what they said of it
    askers: int
    settled: int
    not_settled: int
    #: what looks evasive, for whoever approves it; empty once published
    warnings: tuple[AnswerWarning, ...]
    #: names of the files that belong to it
    files: tuple[str, ...]


class Owing(StrEnum):
    """Why a written answer is owed."""

    ASSIGNED = "assigned"  # an agency was made to answer
    DEFERRED = "deferred"  # put off at the conference, no agency named yet
    SPOKEN = "spoken"  # answered in the hall without a text
    LATE = "late"  # came after the cut-off


@dataclass(frozen=True, kw_only=True)
class OwedRow:
    """One issue whose askers wait for a written answer."""

    group_id: int
    title: str
    why: Owing
    #: "HN-20261215/3", when it stood on an agenda
    line: str | None
    agency: str | None
    assigned_on: dt.date | None
    #: the day that counts: by rule, extended or promised; typed in by the office where no rule sets one
    due_on: dt.date | None
    #: opinions that wait
    opinions: int
    #: an interim answer went out already
    interim: bool
    #: how the due date stands today: `casework.deadlines.values.DueState`; None where nothing sets one
    state: DueState | None = None
    #: where `due_on` comes from: law, extended, promised, agreed, waiting
    basis: Basis | None = None
    #: what the rule alone leads to, and an earlier day the office set for itself
    legal_on: dt.date | None = None
    internal_on: dt.date | None = None
    #: number for `doithoai deadlines why`
    obligation_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class UnsettledRow:
    """One asker whom an answer did not satisfy."""

    code: str
    answer_id: int
    group_id: int
    title: str
    agency: str
    said_at: dt.datetime
    #: an agency owes a new answer since
    reopened: bool


def list_answers(services: Services, staff_id: int, *, state: AnswerState | None = None) -> list[AnswerRow]:
    """Written answers, newest first. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        statement = select(Answer).where(Answer.office_id == services.office_id).order_by(col(Answer.id).desc())
        answers = work.session.exec(statement if state is None else statement.where(Answer.state == state))
        return [_answer_row(work, answer) for answer in answers]


def show_answer(services: Services, staff_id: int, answer_id: int) -> AnswerRow:
    """One written answer. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        answer = work.session.get(Answer, answer_id)
        if answer is None or answer.office_id != services.office_id:
            raise NotFound(f"Không có văn bản trả lời số {answer_id}.", todo="Xem: doithoai answers list")
        return _answer_row(work, answer)


def waiting_for_answer(services: Services, staff_id: int) -> list[OwedRow]:
    """Every issue whose askers wait for a written answer, the earliest due date first. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        return sorted(_owed(work, _groups(work)), key=_by_due_date)


def unanswered(services: Services, staff_id: int, conference_code: str) -> list[OwedRow]:
    """Lines of one conference that nobody has answered yet, in the order of the agenda.

    Raises `NotFound`, `Forbidden`.
    """
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        return _owed(work, [line.group_id for line in lines_of(work, conference)])


def unsettled(services: Services, staff_id: int) -> list[UnsettledRow]:
    """Askers who said that the answer does not settle their matter, newest first. Raises `Forbidden`."""
    with services.reading() as work:
        reader = require(work, staff_id, *VIEWERS)
        found = work.session.exec(
            select(Verdict, Answer, Opinion)
            .where(Verdict.answer_id == Answer.id, Verdict.opinion_id == Opinion.id, col(Verdict.settled).is_(False))
            .order_by(col(Verdict.at).desc(), col(Verdict.id).desc())
        )
        return [
            UnsettledRow(
                code=opinion.code,
                answer_id=key_of(answer),
                group_id=answer.group_id,
                title=work.session.get_one(OpinionGroup, answer.group_id).title,
                agency=answer.agency,
                said_at=verdict.at,
                reopened=opinion.state == OpinionState.ASSIGNED,
            )
            for verdict, answer, opinion in found
            if opinion.code is not None and reader.may(opinion, *VIEWERS)
        ]


def _answer_row(work: Work, answer: Answer) -> AnswerRow:
    verdicts = work.session.exec(select(Verdict.settled).where(Verdict.answer_id == answer.id)).all()
    return AnswerRow(
        id=key_of(answer),
        group_id=answer.group_id,
        title=work.session.get_one(OpinionGroup, answer.group_id).title,
        final=answer.final,
        agency=answer.agency,
        document_number=answer.document_number,
        document_date=answer.document_date,
        told_by=answer.told_by,
        cause=answer.cause,
        promised_on=answer.promised_on,
        forwarded_to=answer.forwarded_to,
        state=answer.state,
        version=answer.version,
        published_at=answer.published_at,
        text=answer.text,
        askers=len(opinions_of(work, answer.group_id)),
        settled=verdicts.count(True),
        not_settled=verdicts.count(False),
        warnings=()
        if answer.state == AnswerState.PUBLISHED
        else warnings(answer.text, promised=answer.promised_on is not None),
        files=tuple(file.name for file in files_of(work, key_of(answer))),
    )


def _owed(work: Work, group_ids: Sequence[int]) -> list[OwedRow]:
    """Of these issues, those whose askers wait for a written answer; in a handful of queries for all of them."""
    rows: list[OwedRow] = []
    for start in range(0, len(group_ids), _AT_ONCE):
        part = _Issues(work, group_ids[start : start + _AT_ONCE])
        rows += (row for group_id in part.group_ids if (row := part.row(group_id)) is not None)
    return rows


def _groups(work: Work) -> list[int]:
    """Issues whose askers may wait."""
    waiting = [OpinionState.ASSIGNED, OpinionState.SCHEDULED, OpinionState.APPROVED]
    statement = select(OpinionGroup.id).where(
        OpinionGroup.office_id == work.services.office_id,
        col(OpinionGroup.id).in_(select(Opinion.group_id).where(col(Opinion.state).in_(waiting))),
    )
    return [key for key in work.session.exec(statement.order_by(col(OpinionGroup.id))) if key is not None]


class _Issues:
    """Some issues with all that says who waits for what, loaded at once."""

    def __init__(self, work: Work, group_ids: Sequence[int]) -> None:
        self.group_ids = group_ids
        of_these = list(group_ids)
        self._opinions: dict[int, list[Opinion]] = defaultdict(list)
        for opinion in work.session.exec(
            select(Opinion)
            .where(
                col(Opinion.group_id).in_(of_these),
                col(Opinion.sealed).is_(False),
                col(Opinion.state).in_([str(state) for state in TAKEN_UP]),
            )
            .order_by(col(Opinion.submitted_at), col(Opinion.id))
        ):
            self._opinions[opinion.group_id or 0].append(opinion)
        self._lines: dict[int, list[tuple[AgendaItem, Conference]]] = defaultdict(list)
        for line, conference in work.session.exec(
            select(AgendaItem, Conference)
            .where(
                AgendaItem.conference_id == Conference.id,
                col(AgendaItem.group_id).in_(of_these),
                col(Conference.state).not_in([ConferenceState.CANCELLED, ConferenceState.FAILED]),
            )
            .order_by(col(Conference.held_on).desc(), col(Conference.id).desc())
        ):
            self._lines[line.group_id].append((line, conference))
        states = select(Conference.id, Conference.state).where(Conference.office_id == work.services.office_id)
        self._state_of = dict(work.session.exec(states).all())
        in_force = select(Assignment).where(
            col(Assignment.group_id).in_(of_these), col(Assignment.cancelled_at).is_(None)
        )
        self._assigned = {row.group_id: row for row in work.session.exec(in_force.order_by(col(Assignment.id)))}
        self._days = answer_days(work, of_these)
        titles = select(OpinionGroup.id, OpinionGroup.title).where(col(OpinionGroup.id).in_(of_these))
        self._titles = dict(work.session.exec(titles).all())
        interim = select(Answer.group_id).where(
            col(Answer.group_id).in_(of_these), Answer.state == AnswerState.PUBLISHED, col(Answer.final).is_(False)
        )
        self._interim = frozenset(work.session.exec(interim))

    def row(self, group_id: int) -> OwedRow | None:
        """Why this issue's askers wait for a written answer, or None when they do not."""
        by_state: dict[str, list[Opinion]] = defaultdict(list)
        for opinion in self._opinions[group_id]:
            by_state[opinion.state].append(opinion)
        line = next(iter(self._lines[group_id]), None)
        put_off = [opinion for opinion in by_state[OpinionState.SCHEDULED] if self._is_over(opinion, line)]
        late = [opinion for opinion in by_state[OpinionState.APPROVED] if opinion.late]
        if by_state[OpinionState.ASSIGNED]:
            why, waiting = Owing.ASSIGNED, by_state[OpinionState.ASSIGNED]
        elif put_off:
            stood_on = put_off[0].conference_id
            line = next((one for one in self._lines[group_id] if stood_on in (None, one[1].id)), line)
            why = Owing.SPOKEN if line and line[0].outcome == AgendaOutcome.ANSWERED else Owing.DEFERRED
            waiting = put_off
        elif late:
            why, waiting = Owing.LATE, late
        else:
            return None
        assignment = self._assigned.get(group_id) if by_state[OpinionState.ASSIGNED] else None
        day = self._days.get(group_id)
        return OwedRow(
            group_id=group_id,
            title=self._titles[group_id],
            why=why,
            line=f"{line[1].code}/{line[0].position}" if line else None,
            agency=assignment.agency if assignment else None,
            assigned_on=assignment.assigned_on if assignment else None,
            due_on=day.due_on if day else None,
            opinions=len(waiting),
            interim=group_id in self._interim,
            state=day.state if day else None,
            basis=day.basis if day else None,
            legal_on=day.legal_on if day else None,
            internal_on=day.internal_on if day else None,
            obligation_id=day.obligation_id if day else None,
        )

    def _is_over(self, opinion: Opinion, latest: tuple[AgendaItem, Conference] | None) -> bool:
        """Whether the conference this opinion was scheduled for has concluded, whatever its issue stands on since."""
        if opinion.conference_id is None:
            return latest is not None and latest[1].state == ConferenceState.CONCLUDED
        return self._state_of.get(opinion.conference_id) == ConferenceState.CONCLUDED


def _by_due_date(row: OwedRow) -> tuple[bool, dt.date, int]:
    return (row.due_on is None, row.due_on or dt.date.max, row.group_id)
