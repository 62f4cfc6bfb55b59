"""Use case: look for earlier opinions about the same concrete issue, and propose; a person decides.

Runs after the turn that took the opinion, so that nobody waits for it; what a crash left undone is found by
`suggested_at` and done later. Denunciations and what is held for a person are never compared with anything, and what
staff took apart is not proposed again.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from sqlalchemy import bindparam
from sqlmodel import col, func, insert, select, update

from casework.clock import local_date
from casework.usecases.citizens.likeness_index import Earlier, alike, index
from casework.usecases.moderation.rulings import ruled_apart
from casework.usecases.work import Services, Work
from nlp.analysis import Match
from nlp.landmarks import Named
from nlp.similar import VERSION, Signature, relate, signature
from storage.records import Conference, ConferenceState, GroupSuggestion, Opinion, OpinionState, ResidentialGroup

#: issues proposed per opinion; more would not be read
KEEP = 3
#: opinions of before that are made findable at a time
_AT_A_TIME = 50

COMPARED = (
    OpinionState.RECEIVED,
    OpinionState.CLARIFYING,
    OpinionState.APPROVED,
    OpinionState.SCHEDULED,
    OpinionState.ASSIGNED,
    OpinionState.REFERRED,
    OpinionState.ANSWERED,
)
_UNDECIDED = (OpinionState.RECEIVED, OpinionState.CLARIFYING)
_HELD = (ConferenceState.HELD, ConferenceState.CONCLUDED, ConferenceState.FAILED)

# Columns, not records: each wake asks these.
_WHAT_COUNTS = (
    select(Opinion.id, Opinion.version, Opinion.kind, Opinion.original_text)
    .join(ResidentialGroup, col(ResidentialGroup.id) == col(Opinion.residential_group_id), isouter=True)
    .add_columns(col(ResidentialGroup.code), col(ResidentialGroup.name))
)
_WAITING = (
    _WHAT_COUNTS.where(
        col(Opinion.suggested_at).is_(None), col(Opinion.sealed).is_(False), col(Opinion.state).in_(COMPARED)
    )
    .order_by(col(Opinion.id))
    .limit(bindparam("limit"))
)
_OLD_KEYS = (
    _WHAT_COUNTS.where(col(Opinion.indexed_version) < VERSION, col(Opinion.sealed).is_(False))
    .order_by(col(Opinion.indexed_version), col(Opinion.id).desc())
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, kw_only=True)
class _Pending:
    id: int
    version: int
    kind: str
    text: str
    #: id in the gazetteer and name of the village its asker or staff chose
    village: Named | None


def keep_up(services: Services) -> None:
    """What runs now and then: some of the opinions an older version compared, then those not yet compared, which can
    only find what is findable."""
    index_earlier(services)
    suggest_pending(services)


def suggest_pending(services: Services, limit: int = 50) -> int:
    """Compare every opinion not yet compared with the earlier ones; returns how many were done."""
    pending = _asked(services, _WAITING, limit)
    for opinion in pending:
        _suggest(services, opinion)
    return len(pending)


def index_earlier(services: Services, limit: int = _AT_A_TIME) -> int:
    """Make opinions findable that were compared by an older version of the program, the newest first; returns how
    many were done, 0 when all are. Can be stopped and taken up again at any time."""
    pending = _asked(services, _OLD_KEYS, limit)
    for opinion in pending:
        made = signature_of(services, opinion.text, opinion.kind, opinion.village)
        with services.writing() as work:
            row = work.session.get_one(Opinion, opinion.id, with_for_update=True)
            if row.version == opinion.version and row.indexed_version is not None and not row.sealed:
                index(work, row, made)
                work.commit()
    if pending and not _asked(services, _OLD_KEYS, 1):
        _compare_again(services)
    return len(pending)


def _compare_again(services: Services) -> None:
    """What came in while earlier opinions could not be found has missed them; what is decided needs no proposal."""
    with services.writing() as work:
        work.session.exec(
            update(Opinion)
            .where(
                col(Opinion.suggested_at).is_not(None),
                col(Opinion.sealed).is_(False),
                col(Opinion.state).in_(_UNDECIDED),
            )
            .values(suggested_at=None)
        )
        work.commit()


def signature_of(services: Services, text: str, kind: str, village: Named | None) -> Signature:
    """The signature of an opinion of this kind in this village: what a person ruled it to be counts, not what the
    program would."""
    made = signature(text, services.gazetteer, services.understander.analyse(text), village=village)
    return made if made.kind == kind else replace(made, kind=kind, sure=True)


def _asked(services: Services, statement: object, limit: int) -> list[_Pending]:
    with services.reading() as work:
        rows = work.session.exec(statement, params={"limit": limit})  # type: ignore[call-overload]
        return [
            _Pending(id=key, version=version, kind=kind, text=text, village=None if code is None else (code, name))
            for key, version, kind, text, code, name in rows
        ]


def _suggest(services: Services, opinion: _Pending) -> None:
    # Reading and comparing hold no lock; only the result is written.
    mine = signature_of(services, opinion.text, opinion.kind, opinion.village)
    with services.reading() as work:
        others = _others(work, opinion.id, mine)
    matches = relate(mine, dict(_signatures(others)))
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id, with_for_update=True)
        if row.sealed or row.suggested_at is not None or row.version != opinion.version:
            return
        open_ones = _not_sealed(work, [match.id for match in matches])
        matches = [match for match in matches if match.id in open_ones]
        index(work, row, mine)
        row.suggested_at = work.now
        work.session.add(row)
        # What staff have decided on needs no proposal; it only can be found by others.
        _replace_suggestions(work, opinion.id, matches if row.state in _UNDECIDED else [], others)
        work.commit()


def _signatures(others: Sequence[Earlier]) -> Iterator[tuple[str, Signature]]:
    """Those that can be read: one that was damaged in the database must not keep all others from being compared."""
    for other in others:
        with suppress(ValueError):
            yield str(other.id), Signature.from_json(other.signature)


def _others(work: Work, opinion_id: int, mine: Signature) -> list[Earlier]:
    """Opinions it may be one with: open ones, and those answered in this period; an answer of an earlier one is another
    matter (`earlier_answers`). Without those staff took apart, and without their issues."""
    if not mine.comparable:
        return []
    found = alike(work, work.services.office_id, mine, states=COMPARED, besides=opinion_id)
    since = period_start(work)
    apart = ruled_apart(work, [opinion_id]).get(opinion_id, set())
    left = groups_of(work, apart)
    return [
        other
        for other in found
        if other.id not in apart
        and (other.group_id is None or other.group_id not in left)
        and not is_of_earlier_period(other, since)
        and _is_readable(other)
    ]


def _is_readable(other: Earlier) -> bool:
    """Whether this version of the program made its signature; else it is made anew before long."""
    return f'"version":{VERSION},' in other.signature[:20]


def groups_of(work: Work, opinion_ids: set[int]) -> set[int]:
    """The issues these opinions stand in."""
    if not opinion_ids:
        return set()
    rows = work.session.exec(select(Opinion.group_id).where(col(Opinion.id).in_(opinion_ids)))
    return {group for group in rows if group is not None}


def period_start(work: Work) -> dt.date:
    """The day of the office's last conference; what was answered before it was answered in an earlier period."""
    last = work.session.exec(
        select(func.max(Conference.held_on)).where(
            Conference.office_id == work.services.office_id, col(Conference.state).in_(_HELD)
        )
    ).one()
    return last or dt.date.min


def is_of_earlier_period(other: Earlier, since: dt.date) -> bool:
    """Whether it was sent before the last conference and is answered."""
    return other.state is OpinionState.ANSWERED and local_date(other.submitted_at) < since


def _not_sealed(work: Work, ids: Sequence[str]) -> frozenset[str]:
    """Those of these opinions that nobody has sealed while we compared, kept from being sealed until we are done."""
    statement = select(Opinion.id).where(col(Opinion.id).in_([int(one) for one in ids]), col(Opinion.sealed).is_(False))
    return frozenset(str(found) for found in work.session.exec(statement.with_for_update(read=True)))


def _replace_suggestions(work: Work, opinion_id: int, matches: Sequence[Match], others: Sequence[Earlier]) -> None:
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
        if len(seen) >= KEEP or len(rows) >= 2 * KEEP:
            break
    if rows:
        # Nobody needs their keys: one statement, not one for each.
        work.session.exec(insert(GroupSuggestion), params=rows)
    # Deleted last: the key of a proposal that was shown is given to no other.
    for old in replaced:
        work.session.delete(old)
