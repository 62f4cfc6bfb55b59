"""Compares two reports by place, matter, ask, time and words, and says in words what is the same and what differs.

Rules come first: another place, number or ask, or a time that is over, is another issue whatever the words. What the
rules leave open is weighed; the weights stand in `lexicon/likeness.toml` and are fitted by
`nlp.training.fit_likeness`.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from operator import mul

from rapidfuzz import fuzz

from nlp.analysis import Kind, Topic
from nlp.compared import Compared, Rarity, dot
from nlp.particulars import SPOTS, opposite

#: normal forms as alike as this are one message sent again
_RESENT = 92.0
#: shared by both, in this order, when the reason names what is the same
_PIN_SORTS = ("objects", "projects", "roads")


class PlaceRelation(StrEnum):
    """How the places of two opinions stand to each other."""

    SAME = "same"  # a road, object or project both name
    VILLAGE = "village"  # the village alone
    NEAR = "near"  # one village, but each names another spot of it
    UNKNOWN = "unknown"  # one of them, or both, say no place
    CONFLICT = "conflict"


def place_relation(one: Compared, other: Compared) -> PlaceRelation:
    """A shared project or single object settles it wherever the writers live; otherwise two different villages, roads
    or objects of one sort are two places."""
    if one.projects & other.projects or one.objects & other.objects:
        return PlaceRelation.SAME
    if one.projects and other.projects:
        return PlaceRelation.CONFLICT
    if one.groups and other.groups and not one.groups & other.groups:
        return PlaceRelation.CONFLICT
    if one.roads and other.roads:
        return PlaceRelation.SAME if one.roads & other.roads else PlaceRelation.CONFLICT
    if one.objects and other.objects and one.object_sorts & other.object_sorts:
        return PlaceRelation.CONFLICT
    if one.groups & other.groups:
        return PlaceRelation.NEAR if one.objects and other.objects else PlaceRelation.VILLAGE
    if one.objects and other.objects:
        return PlaceRelation.CONFLICT
    return PlaceRelation.UNKNOWN


class Difference(StrEnum):
    """What makes two reports two issues although they are alike."""

    PLACE = "place"
    NUMBER = "number"
    ASK = "ask"
    TIME = "time"
    KIND = "kind"


def difference(one: Compared, other: Compared, place: PlaceRelation) -> Difference | None:
    """The first reason for which the two are never one issue; None when no rule parts them."""
    if place is PlaceRelation.CONFLICT:
        return Difference.PLACE
    if Kind.NOT_AN_OPINION in (one.kind, other.kind) or _of_two_kinds(one, other):
        return Difference.KIND
    if any(
        one.numbers.get(label) and other.numbers.get(label) and not one.numbers[label] & other.numbers[label]
        for label in SPOTS
    ):
        return Difference.NUMBER
    if opposite(one.asks, other.asks):
        return Difference.ASK
    if one.over != other.over or (one.months and other.months and not one.months & other.months):
        return Difference.TIME
    return None


#: fields in which an angry report is often taken for a denunciation: what everybody sees, smells and stumbles over
_OPEN_TO_ALL = frozenset({Topic.TRANSPORT, Topic.ELECTRICITY, Topic.WATER, Topic.ENVIRONMENT})


def _of_two_kinds(one: Compared, other: Compared) -> bool:
    """A complaint is its writer's own case, and who denounces a deed is kept apart from what is reported openly; in the
    fields open to all a difference of kinds weighs against the two without parting them."""
    if one.kind == other.kind or not (one.sure and other.sure):
        return False
    return Kind.COMPLAINT in (one.kind, other.kind) or not (_is_open_to_all(one) and _is_open_to_all(other))


def _is_open_to_all(one: Compared) -> bool:
    return max(one.topics, key=lambda topic: (one.topics[topic], topic), default="") in _OPEN_TO_ALL


#: names of the features in the order `features` gives them
FEATURES = (
    "same_pin",
    "same_village",
    "near",
    "one_unplaced",
    "elsewhere",
    "both_unplaced",
    "objects",
    "problems",
    "issues",
    "matters",
    "echoes",
    "topics",
    "rare",
    "wordless",
    "other_numbers",
    "other_kind",
    "complaints",
    "pin_matter",
    "village_matter",
    "unplaced_matter",
    "unplaced_rare",
    "bare",
    "pin_bare",
    "village_bare",
    "pin_echoes",
    "village_echoes",
    "echoed_matter",
    "sense",
    "bare_sense",
)


def features(one: Compared, other: Compared, place: PlaceRelation, rarity: Rarity) -> tuple[float, ...]:
    """What is weighed, each about 0..1, in the order of `FEATURES`."""
    mine, theirs = rarity.weighed(one), rarity.weighed(other)
    objects = mine.objects.cosine(theirs.objects)
    problems = mine.problems.cosine(theirs.problems)
    issues = mine.issues.cosine(theirs.issues)
    matters = dot(one.matters, other.matters)
    echoes = dot(one.echoes, other.echoes)
    bare = dot(one.bare, other.bare)
    topics = dot(one.topics, other.topics)
    matter = max(objects, issues, matters)
    rare = rarity.rarest_shared(one, other)
    unplaced = place is PlaceRelation.UNKNOWN
    both = unplaced and not one.is_placed and not other.is_placed
    pin, village = place is PlaceRelation.SAME, place in (PlaceRelation.VILLAGE, PlaceRelation.NEAR)
    clash = any(
        label not in SPOTS and not values & other.numbers.get(label, values) for label, values in one.numbers.items()
    )
    return (
        float(pin),
        float(village),
        float(place is PlaceRelation.NEAR),
        float(unplaced and one.is_placed != other.is_placed),
        float(unplaced and one.is_placed and other.is_placed),
        float(both),
        objects,
        problems,
        issues,
        matters,
        echoes,
        topics,
        rare,
        float(not (one.concepts and other.concepts)),
        float(clash),
        float(one.kind != other.kind),
        float(one.kind == other.kind == Kind.COMPLAINT),
        pin * matter,
        village * matter,
        unplaced * matter,
        unplaced * rare,
        bare,
        pin * bare,
        village * bare,
        pin * echoes,
        village * echoes,
        echoes * matter,
        float(one.sense @ other.sense),
        float(one.bare_sense @ other.bare_sense),
    )


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The fitted weights: what a pair's features sum up to, from where on it is the same or related, and how
    alike two groups must be on the whole to join."""

    bias: float
    of: tuple[float, ...]
    same_from: float
    join_from: float
    related_from: float
    shown_from: float

    def score(self, values: tuple[float, ...]) -> float:
        """Log-odds that two reports with these features are one issue."""
        spoken: float = sum(map(mul, self.of, values))
        return self.bias + spoken


def weights() -> Weights:
    """The weights in use: the shipped ones, unless `use` was called."""
    return _IN_USE[-1] if _IN_USE else _shipped()


def use(chosen: Weights) -> None:
    """Compare with other weights from now on; for fitting and measuring only."""
    _IN_USE[:] = [chosen]


_IN_USE: list[Weights] = []


@cache
def _shipped() -> Weights:
    table = tomllib.loads((files("nlp") / "lexicon" / "likeness.toml").read_text(encoding="utf-8"))
    return Weights(
        bias=float(table["bias"]),
        of=tuple(float(table["weights"][name]) for name in FEATURES),
        same_from=float(table["same_from"]),
        join_from=float(table["join_from"]),
        related_from=float(table["related_from"]),
        shown_from=float(table["shown_from"]),
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Likeness:
    """The outcome of a comparison: `odds` are log-odds of being one issue, were it not for `difference`."""

    odds: float
    place: PlaceRelation
    difference: Difference | None = None
    resent: bool = False

    @property
    def same(self) -> bool:
        return self.difference is None and self.odds >= weights().same_from

    @property
    def joins(self) -> bool:
        """Alike enough for two groups to be joined, were all their pairs like this one."""
        return self.difference is None and self.odds >= weights().join_from

    @property
    def related(self) -> bool:
        """Worth naming beside each other, whether or not it is the same."""
        return self.odds >= weights().related_from

    @property
    def shown(self) -> bool:
        """Worth a busy person's look."""
        return self.odds >= weights().shown_from

    @property
    def score(self) -> float:
        """0..1; the probability as the weights see it."""
        return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, self.odds))))


#: what text sent again counts
_RESENT_ODDS = 9.0


def compare(one: Compared, other: Compared, rarity: Rarity) -> Likeness:
    """How alike two reports are."""
    place = place_relation(one, other)
    differs = difference(one, other, place)
    if differs is None and one.text and fuzz.ratio(one.text, other.text, score_cutoff=_RESENT):
        return Likeness(odds=_RESENT_ODDS, place=place, resent=True)
    values = features(one, other, place, rarity)
    return Likeness(odds=weights().score(values), place=place, difference=differs)
