"""Compares two opinions by place, matter and words."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from rapidfuzz import fuzz

from nlp.normalise import Token, word_set
from nlp.vocabulary import vocabulary

#: normal forms as alike as this are one message sent again
_RESENT = 92.0
#: word likeness from which two opinions of one topic are worth showing together
_WORDS_IN_COMMON = 0.08
#: word likeness that settles it when the lexicon knows neither matter
_SAME_WORDS = 0.5
_STOP_WORDS = word_set(
    """
    a ah ai anh ba bac ban bao bay ben bi biet bo cac cai can chau chi cho chu chua chung chuyen co con cua
    cung da dang day de den di do du duoc em gi gio giup gui hai hay hien ho hoi hom hon khi khong kien kinh
    la lai lam lau len luc luon ma mai may minh moi mong mot nao nay ne nen neu ngay nghi nha nhe nhieu nho
    nhu nhung no noi nua o oi ong qua ra rat roi sang sao sau se so tai tat thang the thi thoi toan toi tren
    trong tu tuan tuc va van vay ve vi viec voi vua xa xin xuong y
    """
)


class PlaceRelation(StrEnum):
    """How the places of two opinions stand to each other."""

    SAME = "same"
    CONFLICT = "conflict"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Compared:
    """A signature made ready for many comparisons."""

    text: str
    groups: frozenset[str]
    roads: frozenset[str]
    objects: frozenset[str]
    projects: frozenset[str]
    names: Mapping[str, str]
    issues: Mapping[str, float]
    topics: Mapping[str, float]
    terms: Mapping[str, int]

    @classmethod
    def of(
        cls,
        *,
        text: str,
        groups: Sequence[str],
        pins: Sequence[str],
        names: Mapping[str, str],
        issues: Mapping[str, float],
        topics: Mapping[str, float],
        terms: Sequence[str],
    ) -> Compared:
        def of_sort(sort: str) -> frozenset[str]:
            return frozenset(pin for pin in pins if pin.startswith(sort + ":"))

        return cls(
            text=text,
            groups=frozenset(groups),
            roads=of_sort("road"),
            objects=of_sort("object"),
            projects=of_sort("project"),
            names=names,
            issues=_unit(issues),
            topics=_unit(topics),
            terms=Counter(terms),
        )

    @property
    def is_placed(self) -> bool:
        return bool(self.groups or self.roads or self.objects or self.projects)


def _unit(weights: Mapping[str, float]) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {key: weight / length for key, weight in weights.items()} if length else {}


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    if len(other) < len(one):
        one, other = other, one
    return sum(weight * other.get(key, 0.0) for key, weight in one.items())


class Rarity:
    """How rare each word and word pair is among the opinions at hand; for one comparison run, not shared."""

    def __init__(self, compared: Iterable[Compared]) -> None:
        seen: Counter[str] = Counter()
        total = 0
        for each in compared:
            total += 1
            seen.update(each.terms.keys())
        self._squares = {term: math.log((total + 20) / (count + 1)) ** 2 for term, count in seen.items()}
        self._lengths: dict[Compared, float] = {}

    def cosine(self, one: Compared, other: Compared) -> float:
        """Likeness of the words alone, 0..1."""
        shared = one.terms.keys() & other.terms.keys()
        if not shared:
            return 0.0
        squares = self._squares
        product = sum([squares[term] for term in shared])
        return product / math.sqrt(self._length(one) * self._length(other))

    def _length(self, compared: Compared) -> float:
        length = self._lengths.get(compared)
        if length is None:
            length = self._lengths[compared] = sum([self._squares[term] for term in compared.terms])
        return length


def place_relation(one: Compared, other: Compared) -> PlaceRelation:
    """A shared project or single object settles it wherever the writers live; otherwise two different
    villages, roads or objects are two places."""
    if one.projects & other.projects or one.objects & other.objects:
        return PlaceRelation.SAME
    if one.projects and other.projects:
        return PlaceRelation.CONFLICT
    if one.groups and other.groups and not one.groups & other.groups:
        return PlaceRelation.CONFLICT
    if one.roads and other.roads:
        return PlaceRelation.SAME if one.roads & other.roads else PlaceRelation.CONFLICT
    if one.objects and other.objects:
        return PlaceRelation.CONFLICT
    if one.groups & other.groups:
        return PlaceRelation.SAME
    return PlaceRelation.UNKNOWN


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """The outcome of a comparison worth reporting; `score` 0..1."""

    same: bool
    score: float
    place: PlaceRelation
    matter: float
    resent: bool = False

    @staticmethod
    def terms_of(tokens: Sequence[Token]) -> tuple[str, ...]:
        """Content words and pairs of neighbouring words, accent-free."""
        keys = [token.key for token in tokens]
        words = [key for key in keys if key not in _STOP_WORDS and len(key) > 1]
        pairs = [f"{a} {b}" for a, b in pairwise(keys) if {a, b} - _STOP_WORDS]
        return tuple(dict.fromkeys([*words, *pairs]))

    def reasons(self, one: Compared, other: Compared) -> tuple[str, ...]:
        """Why, in words a clerk reads."""
        if self.resent:
            return ("nội dung gần như trùng nguyên văn",)
        shared_matter = _shared_matter(one, other)
        matter = f"cùng việc {shared_matter}" if shared_matter else "việc gần giống nhau"
        if self.place is PlaceRelation.SAME:
            where = f"cùng {_shared_place(one, other)}"
            return (where, matter if self.same or self.matter >= 0.5 else "cùng lĩnh vực nhưng khác việc")
        if self.place is PlaceRelation.CONFLICT:
            return (f"khác nơi: {_place_names(one)} và {_place_names(other)}", matter)
        return ("chưa rõ có cùng một nơi không", matter)


def _shared_matter(one: Compared, other: Compared) -> str | None:
    shared = one.issues.keys() & other.issues.keys()
    if not shared:
        return None
    best = max(shared, key=lambda issue: (one.issues[issue] * other.issues[issue], issue))
    known = vocabulary().issues.get(best)
    return known.name if known else None


def _shared_place(one: Compared, other: Compared) -> str:
    for sort in ("objects", "projects", "roads", "groups"):
        for key in sorted(getattr(one, sort) & getattr(other, sort)):
            if key in one.names or key in other.names:
                return one.names.get(key) or other.names[key]
    return "một nơi"


def _place_names(compared: Compared) -> str:
    return ", ".join(dict.fromkeys(compared.names.values())) or "nơi chưa rõ"


def compare(one: Compared, other: Compared, rarity: Rarity) -> Likeness | None:
    """None when the two have nothing to do with each other."""
    place = place_relation(one, other)
    matter = _cosine(one.issues, other.issues)
    if place is not PlaceRelation.CONFLICT and one.text and fuzz.ratio(one.text, other.text) >= _RESENT:
        return Likeness(same=True, score=1.0, place=place, matter=matter, resent=True)
    field_overlap = _cosine(one.topics, other.topics)
    shared_pin = bool((one.objects & other.objects) or (one.projects & other.projects) or (one.roads & other.roads))
    if matter < 0.2 and field_overlap < 0.5 and not shared_pin:
        return None
    words = rarity.cosine(one, other)
    score = 0.4 * matter + 0.15 * field_overlap + 0.2 * words
    score += {PlaceRelation.SAME: 0.25, PlaceRelation.UNKNOWN: 0.08, PlaceRelation.CONFLICT: 0.0}[place]
    unknown = not one.issues and not other.issues
    same = _is_same(place, 1.0 if unknown and words >= _SAME_WORDS else matter, field_overlap, words)
    near = (
        matter >= 0.5
        or shared_pin
        or (field_overlap >= 0.7 and (matter >= 0.2 or words >= _WORDS_IN_COMMON))
        or (place is PlaceRelation.SAME and field_overlap >= 0.7)
    )
    if not same and not near:
        return None
    return Likeness(same=same, score=round(min(score, 0.99), 3), place=place, matter=matter)


def _is_same(place: PlaceRelation, matter: float, field_overlap: float, words: float) -> bool:
    if place is PlaceRelation.SAME:
        return (matter >= 0.5 and field_overlap >= 0.5) or (matter >= 0.25 and words >= 0.25)
    if place is PlaceRelation.UNKNOWN:
        return matter >= 0.6 and words >= 0.6
    return False
