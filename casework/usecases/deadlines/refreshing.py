"""The nightly round: every open duty is brought to what facts, regulation and calendar say, whatever was missed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.errors import InvalidInput
from casework.usecases.conference.left_with_agencies import settle
from casework.usecases.deadlines.obligations import (
    refresh_assignment,
    refresh_opinion,
    refresh_reports,
)
from casework.usecases.work import Services, Work
from storage.records import Assignment, Conference, Obligation, Opinion, OpinionState

#: records of one unit of work: the writer's lock is given back in between
_AT_ONCE = 200

Progress = Callable[[int, int], None]
_Refresh = Callable[[Work, int], int]


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """What a round did."""

    #: conferences, assignments and opinions looked at
    looked_at: int
    #: rows that said something else before
    changed: int
    #: what could not be computed, in words; its rows stay as they were
    left: tuple[str, ...]


def refresh_all(services: Services, progress: Progress | None = None) -> Refreshed:
    """Bring all duties to the facts, in small units of work so that nobody waits for it.

    A single case that cannot be computed is named, and the rest goes on.
    """
    with services.reading() as work:
        rounds: list[tuple[_Refresh, Sequence[int]]] = [
            (_conference, _conferences(work)),
            (_assignment, _assignments(work)),
            (_opinion, _opinions(work)),
            (_reports, [services.office_id]),
        ]
    total = sum(len(keys) for _, keys in rounds)
    done, changed = 0, 0
    left: list[str] = []
    for refresh, keys in rounds:
        for start in range(0, len(keys), _AT_ONCE):
            part = keys[start : start + _AT_ONCE]
            changed += _part(services, refresh, part, left)
            done += len(part)
            if progress is not None:
                progress(done, total)
    return Refreshed(looked_at=total, changed=changed, left=tuple(left))


def _part(services: Services, refresh: _Refresh, keys: Sequence[int], left: list[str]) -> int:
    changed = 0
    with services.writing() as work:
        for key in keys:
            try:
                changed += refresh(work, key)
            except InvalidInput as error:
                left.append(str(error))
        work.commit()
    return changed


def _conference(work: Work, key: int) -> int:
    return settle(work, work.session.get_one(Conference, key))


def _assignment(work: Work, key: int) -> int:
    return refresh_assignment(work, work.session.get_one(Assignment, key))


def _opinion(work: Work, key: int) -> int:
    return refresh_opinion(work, work.session.get_one(Opinion, key))


def _reports(work: Work, _office_id: int) -> int:
    return refresh_reports(work)


def _conferences(work: Work) -> list[int]:
    """Conferences whose file is open, and those with an open duty."""
    owing = select(Obligation.conference_id).where(
        col(Obligation.met_on).is_(None), col(Obligation.cancelled_at).is_(None)
    )
    statement = select(Conference.id).where(
        Conference.office_id == work.services.office_id,
        col(Conference.closed_on).is_(None) | col(Conference.id).in_(owing),
    )
    return [key for key in work.session.exec(statement.order_by(col(Conference.id))) if key is not None]


def _assignments(work: Work) -> list[int]:
    """Assignments outside of any agenda that are in force or have an open duty."""
    owing = select(Obligation.subject_id).where(
        Obligation.subject == "assignment",
        col(Obligation.met_on).is_(None),
        col(Obligation.cancelled_at).is_(None),
    )
    statement = select(Assignment.id).where(
        Assignment.office_id == work.services.office_id,
        col(Assignment.agenda_item_id).is_(None),
        col(Assignment.cancelled_at).is_(None) | col(Assignment.id).in_(owing),
    )
    return [key for key in work.session.exec(statement.order_by(col(Assignment.id))) if key is not None]


def _opinions(work: Work) -> list[int]:
    """Opinions that wait for a decision, have an open duty, or none at all yet."""
    known = select(Obligation.subject_id).where(Obligation.subject == "opinion")
    settled = known.where(col(Obligation.met_on).is_not(None) | col(Obligation.cancelled_at).is_not(None))
    statement = select(Opinion.id).where(
        Opinion.office_id == work.services.office_id,
        (col(Opinion.state) != OpinionState.WITHDRAWN) & col(Opinion.id).not_in(known)
        | col(Opinion.id).in_(known) & col(Opinion.id).not_in(settled)
        | col(Opinion.state).in_([OpinionState.RECEIVED, OpinionState.HELD, OpinionState.CLARIFYING]),
    )
    return [key for key in work.session.exec(statement.order_by(col(Opinion.id))) if key is not None]
