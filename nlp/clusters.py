"""Gathers opinions into groups of the same concrete issue, without comparing every pair.

Near-linear: for each opinion at most `COMPARED_WITH` others are chosen that share the rarest keys with it, and
compared. Where groups might join, a few more members of both are compared, at most `_CHECKED` of each.
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
#: by how much the best partner of an opinion without a place must lead one at another place
_CLEAR_LEAD = 0.5
#: members of two groups that are compared when the groups might join
_CHECKED = 8
#: decimals of the odds in the order of joining: what differs by less is as good, whatever order it was added up in
_DECIMALS = 6
#: joins after which those who wait hear that work goes on
_JOINS_TOLD = 50


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
    now and then how many have been compared, all of them again and again while groups are joined."""
    pairs = _Pairs(compared)
    for seen, (one, other) in enumerate(candidates(compared)):
        pairs.of(one, other)
        if seen % COMPARED_WITH == 0:
            tell(min(seen // COMPARED_WITH, len(compared)))
    found = list(pairs.all())
    leaders = _join(compared, pairs, found, lambda: tell(len(compared)))
    near: dict[int, list[tuple[float, str, int]]] = {}
    for one, other, likeness in found:
        if likeness.related and leaders[one] != leaders[other]:
            near.setdefault(one, []).append((-likeness.odds, compared[other].text, other))
            near.setdefault(other, []).append((-likeness.odds, compared[one].text, one))
    related = {number: [other for _, _, other in sorted(listed)[:MOST_RELATED]] for number, listed in near.items()}
    return leaders, related


def _join(
    compared: Mapping[int, Compared],
    pairs: _Pairs,
    found: Sequence[tuple[int, int, Likeness]],
    alive: Callable[[], None],
) -> dict[int, int]:
    """Joins the two groups most alike on the whole, again and again, until none are alike enough. Groups of which a
    rule parts two members are not joined, as far as looked: of larger ones a sample of `_CHECKED` members each.
    `alive` is called now and then."""
    least = weights().join_from
    groups = _Groups(compared, pairs)
    torn = _torn(compared, found)
    for one, other, likeness in found:
        if likeness.joins and (one, other) not in torn:
            groups.link(one, other, likeness.odds)
    joined = 0
    while groups.join_next(least):
        joined += 1
        if joined % _JOINS_TOLD == 0:
            alive()
    return {number: min(members) for members in groups.members.values() for number in members}


class _Groups:
    """Groups being joined, and how alike those are that hold at least one likely pair: only they can be alike enough
    on the whole."""

    def __init__(self, compared: Mapping[int, Compared], pairs: _Pairs) -> None:
        self._compared, self._pairs = compared, pairs
        self.members = {number: [number] for number in compared}
        self._near: dict[int, dict[int, float]] = {}
        self._queue: list[tuple[float, list[str], int, int]] = []

    def link(self, one: int, other: int, odds: float) -> None:
        self._near.setdefault(one, {})[other] = self._near.setdefault(other, {})[one] = odds
        first, second = sorted((one, other), key=lambda group: (self._name(group), group))
        heapq.heappush(self._queue, (-round(odds, _DECIMALS), [self._name(first), self._name(second)], first, second))

    def join_next(self, least: float) -> bool:
        """Joins the best two; False when there are none."""
        while self._queue:
            negative, _, one, other = heapq.heappop(self._queue)
            if -negative < least:
                return False
            current = self._near.get(one, {}).get(other)
            if current is not None and round(current, _DECIMALS) == -negative:
                self._join(one, other)
                return True
        return False

    def _join(self, one: int, other: int) -> None:
        mine, theirs = self._near.pop(one), self._near.pop(other)
        sizes = len(self.members[one]), len(self.members[other])
        both = self.members.pop(other)
        for group in sorted((mine.keys() | theirs.keys()) - {one, other}):
            self._near[group].pop(one, None)
            self._near[group].pop(other, None)
            first = mine[group] if group in mine else self._on_the_whole(self.members[one], self.members[group])
            second = theirs[group] if group in theirs else self._on_the_whole(both, self.members[group])
            if first is not None and second is not None:
                mine[group] = (first * sizes[0] + second * sizes[1]) / sum(sizes)
            else:
                mine.pop(group, None)
        self.members[one] = sorted([*self.members[one], *both], key=self._order)
        self._near[one] = {}
        for group, odds in mine.items():
            if group not in (one, other):
                self.link(one, group, odds)

    def _name(self, group: int) -> str:
        return self._compared[self.members[group][0]].text

    def _order(self, number: int) -> tuple[str, int]:
        return self._compared[number].text, number

    def _on_the_whole(self, some: Sequence[int], others: Sequence[int]) -> float | None:
        """The mean odds of their pairs, of large groups those of a sample; None when a rule parts one of them."""
        total, count = 0.0, 0
        for one in _sample(some):
            for other in _sample(others):
                likeness = self._pairs.of(one, other)
                if likeness.difference is not None:
                    return None
                total += likeness.odds
                count += 1
        return total / count


def _sample(members: Sequence[int]) -> Sequence[int]:
    """Some members spread evenly over the group."""
    if len(members) <= _CHECKED:
        return members
    return [members[place * len(members) // _CHECKED] for place in range(_CHECKED)]


def _torn(compared: Mapping[int, Compared], found: Sequence[tuple[int, int, Likeness]]) -> set[tuple[int, int]]:
    """Pairs of an opinion without a place that would do as well at another place: nobody can tell which is meant."""
    partners: dict[int, list[tuple[float, int]]] = {}
    for one, other, likeness in found:
        if likeness.joins and likeness.place is PlaceRelation.UNKNOWN and not likeness.resent:
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
