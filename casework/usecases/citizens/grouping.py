"""Use case: look for earlier opinions about the same concrete issue, and propose; a person decides.

Runs after the turn that took the opinion, so that nobody waits for it; what a crash left undone is found by
`suggested_at` and done later. Denunciations and what is held for a person are never compared with anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam
from sqlmodel import col, insert, select

from casework.usecases.work import Services, Work
from nlp.analysis import Match
from nlp.similar import Signature, relate, signature
from storage.records import GroupSuggestion, Opinion, OpinionState

#: opinions compared with a new one: the newest of the office
SCOPE = 500
#: proposals kept per opinion; more would not be read
KEEP = 3

_COMPARED = (
    OpinionState.RECEIVED,
    OpinionState.CLARIFYING,
    OpinionState.APPROVED,
    OpinionState.SCHEDULED,
    OpinionState.ASSIGNED,
    OpinionState.REFERRED,
    OpinionState.ANSWERED,
)

# Columns, not records: of the earlier opinions there are hundreds, and each wake and each opinion asks these.
_WAITING = (
    select(Opinion.id, Opinion.version, Opinion.original_text)
    .where(col(Opinion.suggested_at).is_(None), col(Opinion.sealed).is_(False), Opinion.state == OpinionState.RECEIVED)
    .order_by(col(Opinion.id))
    .limit(bindparam("limit"))
)
_EARLIER = (
    select(Opinion.id, Opinion.group_id, Opinion.signature)
    .where(
        Opinion.office_id == bindparam("office"),
        Opinion.id != bindparam("opinion"),
        col(Opinion.sealed).is_(False),
        col(Opinion.suggested_at).is_not(None),
        col(Opinion.state).in_(_COMPARED),
    )
    .order_by(col(Opinion.id).desc())
    .limit(SCOPE)
)


@dataclass(frozen=True, kw_only=True)
class _Pending:
    id: int
    version: int
    text: str


@dataclass(frozen=True, kw_only=True)
class _Earlier:
    """What comparing needs of an opinion compared before."""

    id: int
    group_id: int | None
    signature: str


def suggest_pending(services: Services, limit: int = 50) -> int:
    """Compare every opinion not yet compared with the earlier ones; returns how many were done."""
    pending = _pending(services, limit)
    for opinion in pending:
        _suggest(services, opinion)
    return len(pending)


def _pending(services: Services, limit: int) -> list[_Pending]:
    with services.reading() as work:
        rows = work.session.exec(_WAITING, params={"limit": limit})
        return [_Pending(id=key, version=version, text=text) for key, version, text in rows if key is not None]


def _suggest(services: Services, opinion: _Pending) -> None:
    # Reading and comparing hold no lock; only the result is written.
    analysis = services.understander.analyse(opinion.text)
    mine = signature(opinion.text, services.gazetteer, analysis)
    with services.reading() as work:
        others = _others(work, opinion.id)
    matches = relate(mine, {str(other.id): Signature.from_json(other.signature) for other in others})
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id, with_for_update=True)
        if row.sealed or row.suggested_at is not None or row.version != opinion.version:
            return
        open_ones = _not_sealed(work, [match.id for match in matches])
        matches = [match for match in matches if match.id in open_ones]
        row.signature, row.suggested_at = mine.to_json(), work.now
        work.session.add(row)
        _replace_suggestions(work, opinion.id, matches, others)
        work.commit()


def _others(work: Work, opinion_id: int) -> list[_Earlier]:
    rows = work.session.exec(_EARLIER, params={"office": work.services.office_id, "opinion": opinion_id})
    return [
        _Earlier(id=key, group_id=group_id, signature=signed)
        for key, group_id, signed in rows
        if key is not None and signed
    ]


def _not_sealed(work: Work, ids: Sequence[str]) -> frozenset[str]:
    """Those of these opinions that nobody has sealed while we compared, kept from being sealed until we are done."""
    statement = select(Opinion.id).where(col(Opinion.id).in_([int(one) for one in ids]), col(Opinion.sealed).is_(False))
    return frozenset(str(found) for found in work.session.exec(statement.with_for_update(read=True)))


def _replace_suggestions(work: Work, opinion_id: int, matches: Sequence[Match], others: Sequence[_Earlier]) -> None:
    replaced = work.session.exec(select(GroupSuggestion).where(GroupSuggestion.opinion_id == opinion_id)).all()
    by_id = {str(other.id): other for other in others}
    seen: set[int] = set()
    rows: list[dict[str, object]] = []
    for match in matches:
        other = by_id[match.id]
        if other.group_id is not None and other.group_id in seen:
            continue
        if other.group_id is not None:
            seen.add(other.group_id)
        rows.append(
            {
                "opinion_id": opinion_id,
                "group_id": other.group_id,
                "other_opinion_id": other.id,
                "score": match.score,
                "same": match.same,
                "reasons": list(match.reasons),
                "at": work.now,
            }
        )
        if len(seen) >= KEEP:
            break
    if rows:
        # Nobody needs their keys: one statement, not one for each.
        work.session.exec(insert(GroupSuggestion), params=rows)
    # Deleted last: the key of a proposal that was shown is given to no other.
    for old in replaced:
        work.session.delete(old)
