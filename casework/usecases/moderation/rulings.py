"""What staff ruled on likeness: merged opinions are one issue, a split one is not. A ruling is remembered, so that
nobody is proposed again what somebody has already refused; undoing the decision takes the ruling back.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlmodel import col, or_, select, update

from casework.usecases.work import Work
from storage.records import LikenessRuling

#: opinions of one issue a split one is ruled apart from, the newest; the issue as a whole follows from any of them
_MOST = 200


def rule_same(
    work: Work, staff_id: int, opinion_ids: Sequence[int], *, joining: Collection[int], issue: Collection[int]
) -> None:
    """Staff put these into one issue: each is ruled to be one with the first. Those `joining` are ruled to be one, too,
    with every opinion of the `issue` (they among them) they were ruled apart from: a split it overrules left more
    than one such pair."""
    first, *others = opinion_ids
    pairs = {_pair(first, other) for other in others}
    for one, apart in ruled_apart(work, joining).items():
        if one in joining:
            pairs |= {_pair(one, other) for other in apart.intersection(issue)}
    _rule(work, staff_id, pairs, same=True)


def rule_different(work: Work, staff_id: int, opinion_id: int, others: Sequence[int]) -> None:
    """Staff took an opinion out of the issue of these others."""
    _rule(work, staff_id, {_pair(opinion_id, other) for other in sorted(others)[-_MOST:]}, same=False)


def _pair(one: int, other: int) -> tuple[int, int]:
    return min(one, other), max(one, other)


def _rule(work: Work, staff_id: int, pairs: Iterable[tuple[int, int]], *, same: bool) -> None:
    for one_id, other_id in sorted(pairs):
        work.session.add(LikenessRuling(one_id=one_id, other_id=other_id, same=same, staff_id=staff_id, at=work.now))


def take_back(work: Work, opinion_ids: Collection[int], made_at: dt.datetime) -> None:
    """The decision of that instant on these opinions was undone: what it ruled counts no more."""
    named = or_(col(LikenessRuling.one_id).in_(opinion_ids), col(LikenessRuling.other_id).in_(opinion_ids))
    work.session.connection().execute(
        update(LikenessRuling)
        .where(named, col(LikenessRuling.at) == made_at, col(LikenessRuling.undone_at).is_(None))
        .values(undone_at=work.now)
    )


def ruled_apart(work: Work, opinion_ids: Collection[int]) -> dict[int, set[int]]:
    """For each of these opinions, the ones it was ruled not to be one with; the newest ruling on a pair counts."""
    newest: dict[tuple[int, int], bool] = {}
    wanted = sorted(opinion_ids)
    for start in range(0, len(wanted), 5_000):
        portion = wanted[start : start + 5_000]
        for column in (LikenessRuling.one_id, LikenessRuling.other_id):
            rows = work.session.exec(
                select(LikenessRuling.id, LikenessRuling.one_id, LikenessRuling.other_id, LikenessRuling.same)
                .where(col(column).in_(portion), col(LikenessRuling.undone_at).is_(None))
                .order_by(col(LikenessRuling.id))
            )
            newest |= {(one, other): same for _, one, other, same in rows}
    apart: dict[int, set[int]] = defaultdict(set)
    for (one, other), same in newest.items():
        if not same:
            apart[one].add(other)
            apart[other].add(one)
    return apart
