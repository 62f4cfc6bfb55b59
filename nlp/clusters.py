"""Gathers opinions into groups of the same concrete issue, without comparing every pair.

Near-linear: each opinion is compared with at most `COMPARED_WITH` others, those that share the rarest keys with it.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from nlp.compared import Compared, Rarity
from nlp.likeness import Likeness, PlaceRelation, compare, weights

#: opinions looked at per key, the neighbours in the order of their texts, and opinions compared in all
LISTED_PER_KEY = 160
COMPARED_WITH = 50
#: similar but different ones listed per opinion
MOST_RELATED = 10
#: members of two groups that are compared when the groups might join
_CHECKED = 8
#: what a pair counts that a rule parts, when groups are joined
_PARTED = -4.0
#: by how much the best partner of an opinion without a place must lead one at another place
_CLEAR_LEAD = 0.5


class _Pairs:
    """Comparisons made, each once."""

    def __init__(self, compared: Mapping[int, Compared]) -> None:
        self._compared = compared
        self._rarity = Rarity(list(compared.values()))
        self._made: dict[tuple[int, int], Likeness] = {}

    def of(self, one: int, other: int) -> Likeness:
        pair = (one, other) if one < other else (other, one)
        found = self._made.get(pair)
        if found is None:
            found = self._made[pair] = compare(self._compared[pair[0]], self._compared[pair[1]], self._rarity)
        return found

    def all(self) -> Iterator[tuple[int, int, Likeness]]:
        for (one, other), likeness in self._made.items():
            yield one, other, likeness


def cluster(
    compared: Mapping[int, Compared], *, tell: Callable[[int], None] = lambda _: None
) -> tuple[dict[int, int], dict[int, list[int]]]:
    """The leader (lowest number) of each opinion's group, and the similar but different ones, best first. `tell` hears
    now and then how many have been compared."""
    pairs = _Pairs(compared)
    for seen, (one, other) in enumerate(candidates(compared)):
        pairs.of(one, other)
        if seen % COMPARED_WITH == 0:
            tell(min(seen // COMPARED_WITH, len(compared)))
    found = list(pairs.all())
    leaders = _join(compared, pairs, found)
    near: dict[int, list[tuple[float, str, int]]] = {}
    for one, other, likeness in found:
        if likeness.related and leaders[one] != leaders[other]:
            near.setdefault(one, []).append((-likeness.odds, compared[other].text, other))
            near.setdefault(other, []).append((-likeness.odds, compared[one].text, one))
    related = {number: [other for _, _, other in sorted(listed)[:MOST_RELATED]] for number, listed in near.items()}
    return leaders, related


def _join(
    compared: Mapping[int, Compared], pairs: _Pairs, found: Sequence[tuple[int, int, Likeness]]
) -> dict[int, int]:
    """Joins from the surest pair down; two groups join when their members are alike on the whole and no rule parts
    any of them."""
    torn = _torn(compared, found)
    ranked: list[tuple[float, list[str], int, int]] = sorted(
        (-likeness.odds, sorted((compared[one].text, compared[other].text)), one, other)
        for one, other, likeness in found
        if likeness.same and (one, other) not in torn
    )
    members = {number: [number] for number in compared}
    home = {number: number for number in compared}
    for *_, one, other in ranked:
        a, b = home[one], home[other]
        if a == b or not _alike(pairs, members[a], members[b]):
            continue
        if b < a:
            a, b = b, a
        members[a] = sorted([*members[a], *members.pop(b)], key=lambda number: (compared[number].text, number))
        for number in members[a]:
            home[number] = a
    return home


def _alike(pairs: _Pairs, some: Sequence[int], others: Sequence[int]) -> bool:
    total, count = 0.0, 0
    for one in _sample(some):
        for other in _sample(others):
            likeness = pairs.of(one, other)
            if likeness.difference is not None:
                return False
            total += likeness.odds
            count += 1
    return total / count >= weights().join_from


def _sample(members: Sequence[int]) -> Sequence[int]:
    """Some members spread evenly over the group."""
    if len(members) <= _CHECKED:
        return members
    return [members[place * len(members) // _CHECKED] for place in range(_CHECKED)]


def _torn(compared: Mapping[int, Compared], found: Sequence[tuple[int, int, Likeness]]) -> set[tuple[int, int]]:
    """Pairs of an opinion without a place that would do as well at another place: nobody can tell which is meant."""
    partners: dict[int, list[tuple[float, int]]] = {}
    for one, other, likeness in found:
        if likeness.same and likeness.place is PlaceRelation.UNKNOWN and not likeness.resent:
            for mine, theirs in ((one, other), (other, one)):
                if not compared[mine].is_placed and compared[theirs].groups:
                    partners.setdefault(mine, []).append((likeness.odds, theirs))
    torn = set()
    for mine, listed in partners.items():
        best, first = max(listed, key=lambda each: (each[0], compared[each[1]].text))
        if any(
            odds > best - _CLEAR_LEAD and not compared[theirs].groups & compared[first].groups
            for odds, theirs in listed
        ):
            torn |= {(min(mine, theirs), max(mine, theirs)) for _, theirs in listed}
    return torn


def candidates(compared: Mapping[int, Compared]) -> Iterator[tuple[int, int]]:
    """Pairs worth comparing: for each opinion those that share most with it, the rarer the better."""
    order = sorted(compared, key=lambda number: (compared[number].text, number))
    postings: dict[int, list[int]] = {}
    keys: list[tuple[int, ...]] = []
    for place, number in enumerate(order):
        keys.append(tuple(dict.fromkeys(compared[number].keys)))
        for key in keys[-1]:
            postings.setdefault(key, []).append(place)
    total = len(order)
    rarity = {key: math.log((total + 1) / len(listed)) for key, listed in postings.items() if len(listed) > 1}
    for place, own in enumerate(keys):
        shared: dict[int, float] = {}
        for key in own:
            weight = rarity.get(key)
            if weight is None:
                continue
            for other in _around(postings[key], place):
                shared[other] = shared.get(other, 0.0) + weight
        shared.pop(place, None)
        for other in heapq.nsmallest(COMPARED_WITH, shared, key=lambda other: (-shared[other], other)):
            # Both may choose each other; the pair is compared once all the same.
            yield order[place], order[other]


def _around(listed: Sequence[int], place: int) -> Sequence[int]:
    """The neighbours of a place in a sorted list."""
    if len(listed) <= LISTED_PER_KEY:
        return listed
    low, high = 0, len(listed)
    while low < high:
        middle = (low + high) // 2
        if listed[middle] < place:
            low = middle + 1
        else:
            high = middle
    start = max(0, min(low - LISTED_PER_KEY // 2, len(listed) - LISTED_PER_KEY))
    return listed[start : start + LISTED_PER_KEY]
