"""Gathers opinions into groups of the same concrete issue, without comparing every pair."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from nlp.likeness import Compared, PlaceRelation, Rarity, compare, place_relation

#: in a posting only so many neighbours (in the order of their texts) are compared: place is telling, topic less
_NEIGHBOURS = {"place": 300, "pin": 300, "term": 100, "issue": 80, "topic": 40}
#: similar-but-different ones listed per opinion
MOST_RELATED = 8
#: members looked at when two groups are checked for a conflict
_CHECKED = 40


def cluster(compared: Mapping[int, Compared]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """The leader (lowest number) of each opinion's group, and the similar but different ones, best first."""
    rarity = Rarity(compared.values())
    same: list[tuple[float, str, str, int, int]] = []
    near: dict[int, list[tuple[float, int]]] = {}
    for one, other in _candidates(compared):
        likeness = compare(compared[one], compared[other], rarity)
        if likeness is None:
            continue
        if likeness.same:
            texts = sorted((compared[one].text, compared[other].text))
            same.append((-likeness.score, texts[0], texts[1], one, other))
        near.setdefault(one, []).append((-likeness.score, other))
        near.setdefault(other, []).append((-likeness.score, one))
    leaders = _join(compared, sorted(same))
    related = {
        number: [other for _, other in sorted(found) if leaders[other] != leaders[number]][:MOST_RELATED]
        for number, found in near.items()
    }
    return leaders, related


def _join(compared: Mapping[int, Compared], pairs: list[tuple[float, str, str, int, int]]) -> dict[int, int]:
    """Joins from the surest pair down; a pair is refused when it would bring two places into one group."""
    members = {number: [number] for number in compared}
    home = {number: number for number in compared}
    for _, _, _, one, other in pairs:
        a, b = home[one], home[other]
        if a == b or _conflicts(compared, members[a], members[b]):
            continue
        if b < a:
            a, b = b, a
        members[a].extend(members.pop(b))
        for number in members[a]:
            home[number] = a
    return home


def _conflicts(compared: Mapping[int, Compared], some: list[int], others: list[int]) -> bool:
    return any(
        place_relation(compared[one], compared[other]) is PlaceRelation.CONFLICT
        for one in some[:_CHECKED]
        for other in others[:_CHECKED]
    )


def _candidates(compared: Mapping[int, Compared]) -> Iterator[tuple[int, int]]:
    """Pairs that share a place and a topic, a sub-issue, or a telling pair of words; each pair once."""
    postings: dict[tuple[str, str], list[int]] = {}
    frequency = Counter(term for each in compared.values() for term in each.terms)
    for number in sorted(compared, key=lambda n: (compared[n].text, n)):
        for key in _keys(compared[number], frequency):
            postings.setdefault(key, []).append(number)
    seen: set[tuple[int, int]] = set()
    for key in sorted(postings):
        listed = postings[key]
        for position, one in enumerate(listed):
            for other in listed[position + 1 : position + 1 + _NEIGHBOURS[key[0]]]:
                pair = (one, other) if one < other else (other, one)
                if pair not in seen:
                    seen.add(pair)
                    yield pair


def _keys(each: Compared, frequency: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    topics = sorted(each.topics, key=lambda topic: (-each.topics[topic], topic))[:2]
    issues = sorted(each.issues, key=lambda issue: (-each.issues[issue], issue))[:1]
    terms = sorted(each.terms, key=lambda term: (frequency[term], term))[:4]
    yield from (("place", f"{group} {topic}") for group in each.groups for topic in topics)
    yield from (("pin", pin) for pin in each.roads | each.objects | each.projects)
    yield from (("issue", issue) for issue in issues)
    yield from (("topic", topic) for topic in topics[:1])
    yield from (("term", term) for term in terms)
