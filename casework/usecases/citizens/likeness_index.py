"""The index by which similar opinions are found: an opinion's keys are stored with it, and a new one is compared only
with those that share a rare key. What it costs does not grow with the database.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import TextualSelect, insert, text
from sqlmodel import col, delete, select, update

from casework.lifecycle import UNDECIDED
from casework.usecases.work import Work
from nlp.similar import VERSION, Signature
from storage.records import GroupSuggestion, Opinion, OpinionPosting, OpinionState

#: opinions looked at per key, the newest
PER_KEY = 40
#: opinions whose state is asked, and opinions given back: those that share most
_ASKED = 28
MOST = 12
#: a key that so many more share counts half
_HALF = 10.0

#: the columns of an opinion that is to be compared anew, as if it had just come
UNREAD: Final[dict[str, Any]] = {"signature": None, "indexed_version": None, "suggested_at": None}


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """What comparing needs of an opinion compared before."""

    id: int
    group_id: int | None
    state: OpinionState
    submitted_at: dt.datetime
    signature: str


def index(work: Work, opinion: Opinion, made: Signature) -> None:
    """Keep the signature of an opinion and make it findable; replaces what was kept of it before."""
    if opinion.id is None:
        return
    if opinion.indexed_version is not None:
        forget(work, opinion.id)
    opinion.signature, opinion.indexed_version = made.to_json(), VERSION
    work.session.add(opinion)
    if made.comparable:
        rows = [{"office_id": opinion.office_id, "term": term, "opinion_id": opinion.id} for term in made.keys]
        if rows:
            work.session.connection().execute(insert(OpinionPosting), rows)


def forget(work: Work, opinion_id: int | None) -> None:
    """Nothing leads to the opinion any more: it was sealed or erased, or is about to be indexed anew."""
    work.session.connection().execute(delete(OpinionPosting).where(col(OpinionPosting.opinion_id) == opinion_id))


def place_anew(work: Work, opinion_id: int | None) -> None:
    """The opinion is elsewhere than was thought: nothing leads to it until it is compared again, and the undecided ones
    it was proposed for look again too. The caller sets the opinion's own columns to `UNREAD`."""
    forget(work, opinion_id)
    proposed_for = select(GroupSuggestion.opinion_id).where(col(GroupSuggestion.other_opinion_id) == opinion_id)
    work.session.exec(
        update(Opinion)
        .where(col(Opinion.id).in_(proposed_for), col(Opinion.state).in_(UNDECIDED), col(Opinion.sealed).is_(False))
        .values(suggested_at=None)
    )


def alike(
    work: Work, office_id: int, made: Signature, *, states: Sequence[OpinionState], besides: int | None = None
) -> list[Earlier]:
    """Up to `MOST` opinions of an office in these states that share most with a signature, the rarer the keys the
    better; not the opinion `besides`, no sealed one."""
    terms = made.keys
    if not terms:
        return []
    params: dict[str, Any] = {f"t{number}": term for number, term in enumerate(terms)}
    params |= {"office": office_id, "besides": besides or 0}
    connection = work.session.connection()
    rows = connection.execute(_query(len(terms), tuple(states)), params).all()
    if len(rows) < MOST:
        # Newer ones in other states (declined, withdrawn; open where answers are sought) may have taken the places.
        rows = connection.execute(_query(len(terms), tuple(states), past_others=True), params).all()
    return [
        Earlier(id=key, group_id=group, state=OpinionState(state), submitted_at=submitted, signature=signature)
        for key, group, state, submitted, signature in rows
    ]


@cache
def _query(terms: int, states: tuple[OpinionState, ...], *, past_others: bool = False) -> TextualSelect:
    """One statement, so that the database is asked once. Each part walks a few entries of the index; `past_others`
    walks past all in other states, at the price of looking each opinion up."""
    wanted = ", ".join(f"'{state.value}'" for state in states)
    eligible = f"NOT opinion.sealed AND opinion.signature IS NOT NULL AND opinion.state IN ({wanted})"
    source, condition = "opinion_posting", ""
    if past_others:
        source, condition = "opinion_posting JOIN opinion ON opinion.id = opinion_id", f"AND {eligible} "
    parts = " UNION ALL ".join(
        f"SELECT opinion_id, 1.0 / ({_HALF} + COUNT(*) OVER ()) AS weight FROM ("  # noqa: S608 - texts of ours only
        f"SELECT opinion_id FROM {source} WHERE opinion_posting.office_id = :office AND term = :t{number} "
        f"{condition}ORDER BY opinion_id DESC LIMIT {PER_KEY}) AS p{number}"
        for number in range(terms)
    )
    best = (
        f"SELECT opinion_id, SUM(weight) AS weight FROM ({parts}) AS found WHERE opinion_id <> :besides "  # noqa: S608
        f"GROUP BY opinion_id ORDER BY 2 DESC, 1 DESC LIMIT {_ASKED}"
    )
    statement = text(
        "SELECT opinion.id, opinion.group_id, opinion.state, opinion.submitted_at, opinion.signature "  # noqa: S608
        f"FROM ({best}) AS best JOIN opinion ON opinion.id = best.opinion_id "
        f"WHERE {eligible} ORDER BY best.weight DESC, opinion.id DESC LIMIT {MOST}"
    )
    columns = Opinion.__table__.c  # type: ignore[attr-defined]
    return statement.columns(columns.id, columns.group_id, columns.state, columns.submitted_at, columns.signature)
