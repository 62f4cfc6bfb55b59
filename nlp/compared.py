"""A signature made ready for many comparisons, and how rare its matters are among the opinions at hand."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from nlp.normalise import fold, word_set
from nlp.senses import Sense

#: words that say nothing of the matter, accent-free
STOP_WORDS = word_set(
    """
    a ah ai anh ba bac ban bao bay ben bi biet bo cac cai can chau chi cho chu chua chung chuyen co con cua
    cung da dang day de den di do du duoc em gi gio giup gui hai hay hien ho hoi hom hon khi khong kien kinh
    la lai lam lau len luc luon ma mai may minh moi mong mot nao nay ne nen neu ngay nghi nha nhe nhieu nho
    nhu nhung no noi nua o oi ong qua ra rat roi sang sao sau se so tai tat thang the thi thoi toan toi tren
    trong tu tuan tuc va van vay ve vi viec voi vua xa xin xuong y thon phuong xom ap lang dan ba con chinh quyen
    bay gio tui bua ni mo rang rua chi hong hem dzay u nghen thay luon nguoi nam nhan quan tam xem dung
    """
)


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Compared:
    """What `nlp.similar.Signature` holds, as sets and unit vectors; see there for the meaning."""

    kind: str
    sure: bool
    text: str
    groups: frozenset[str]
    roads: frozenset[str]
    objects: frozenset[str]
    projects: frozenset[str]
    object_sorts: frozenset[str]
    names: Mapping[str, str]
    issues: Mapping[str, float]
    concepts: Mapping[str, float]
    problems: Mapping[str, float]
    topics: Mapping[str, float]
    matters: Mapping[str, float]
    echoes: Mapping[str, float]
    bare: Mapping[str, float]
    sense: Sense
    bare_sense: Sense
    keys: tuple[int, ...]
    numbers: Mapping[str, frozenset[str]]
    months: frozenset[str]
    asks: frozenset[str]
    over: bool

    @property
    def is_placed(self) -> bool:
        return bool(self.groups or self.roads or self.objects or self.projects)


def sort_of(name: str) -> str:
    """What sort of object a name tells of: its first word ("trường", "cầu", "chợ"), accent-free."""
    return fold(name).split(" ")[0]


def unit(weights: Mapping[str, float]) -> dict[str, float]:
    """The vector of length 1 in the same direction."""
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return {key: weight / length for key, weight in weights.items()} if length else {}


def dot(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Cosine of two unit vectors."""
    if len(other) < len(one):
        one, other = other, one
    return sum([weight * other[key] for key, weight in one.items() if key in other])


@dataclass(frozen=True, slots=True)
class Vector:
    """Weights with their length."""

    values: Mapping[str, float]
    length: float

    @classmethod
    def of(cls, values: Mapping[str, float]) -> Vector:
        return cls(values, math.sqrt(sum([value * value for value in values.values()])))

    def cosine(self, other: Vector) -> float:
        shared = self.values.keys() & other.values.keys()
        if not shared:
            return 0.0
        mine, theirs = self.values, other.values
        return sum([mine[key] * theirs[key] for key in shared]) / (self.length * other.length)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The vectors of one opinion, weighed by rarity."""

    objects: Vector
    problems: Vector
    issues: Vector


class Rarity:
    """How rare concepts and matters are among the opinions at hand; for one run of comparisons, not shared."""

    def __init__(self, compared: Collection[Compared]) -> None:
        self._total = len(compared)
        self._matters: Counter[str] = Counter()
        for each in compared:
            self._matters.update(each.concepts.keys() | each.problems.keys() | each.issues.keys())
        self._weighed: dict[Compared, Weighed] = {}

    def weighed(self, one: Compared) -> Weighed:
        """The opinion's vectors, made once."""
        found = self._weighed.get(one)
        if found is None:
            found = self._weighed[one] = Weighed(
                Vector.of({key: weight * self._matter(key) for key, weight in one.concepts.items()}),
                Vector.of({key: weight * self._matter(key) for key, weight in one.problems.items()}),
                Vector.of({key: weight * self._matter(key) for key, weight in one.issues.items()}),
            )
        return found

    def _matter(self, key: str) -> float:
        return max(0.1, math.log((self._total + 20) / (self._matters[key] + 1)))

    def rarest_shared(self, one: Compared, other: Compared) -> float:
        """How rare the rarest matter is that both speak of: 1 when they are the only two, 0 when none is shared."""
        shared = (one.concepts.keys() & other.concepts.keys()) | (one.issues.keys() & other.issues.keys())
        if not shared or self._total < 3:
            return 0.0
        fewest = min([self._matters[key] for key in shared])
        return 1.0 - math.log(max(fewest, 2) / 2) / math.log(max(self._total, 3) / 2)


def spread(weights: Iterable[tuple[str, float]]) -> dict[str, float]:
    """Shares of probability as a vector whose product with another is their overlap (1 for equal ones)."""
    kept = [(key, value) for key, value in weights if value > 0]
    total = sum(value for _, value in kept)
    return {key: math.sqrt(value / total) for key, value in kept} if total else {}
