"""Imaginary communes with messages whose groups are known; reads them and measures how well they are found again."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

from nlp.pieces import Piece
from nlp.places import Gazetteer
from nlp.similar import GroupLine, group

#: where the communes of the corpus lie; names begin with "dev-" (for tuning) or "test-" (figures only)
COMMUNES = Path(__file__).parents[1] / "corpus" / "communes"
#: tags that name a style of typing
STYLES = ("no-diacritics", "teencode", "dialect", "typo", "nfd", "emoji", "caps", "long", "split")


@dataclass(frozen=True, kw_only=True)
class Commune:
    """Messages of one commune with the group each belongs to; groups of messages without a matter begin with "N"."""

    name: str
    texts: Mapping[str, str]
    #: who sent each of them and when, in the same order
    senders: tuple[Piece, ...] = ()
    groups: Mapping[str, str]
    tags: Mapping[str, tuple[str, ...]]
    places: Gazetteer = field(repr=False)

    @classmethod
    def read(cls, prefix: str) -> Commune:
        """From the files `<prefix>intake.jsonl`, `<prefix>labels.jsonl` and `<prefix>places.toml`; a folder ends
        with a slash."""
        rows = _rows(Path(f"{prefix}intake.jsonl"))
        labels = {row["id"]: row for row in _rows(Path(f"{prefix}labels.jsonl"))}
        table = tomllib.loads(Path(f"{prefix}places.toml").read_text(encoding="utf-8"))
        return cls(
            name=Path(prefix.rstrip("/_")).name,
            texts={row["id"]: row["text"] for row in rows},
            senders=tuple(_piece(row) for row in rows),
            groups={row["id"]: labels[row["id"]]["group"] for row in rows},
            tags={row["id"]: tuple(labels[row["id"]].get("tags", ())) for row in rows},
            places=Gazetteer.from_toml(table),
        )

    def partners(self) -> dict[str, set[str]]:
        """The other messages of each message's group; messages that stand alone are left out."""
        members: dict[str, list[str]] = {}
        for key, code in self.groups.items():
            if not code.startswith("N"):
                members.setdefault(code, []).append(key)
        return {key: set(ids) - {key} for ids in members.values() if len(ids) > 1 for key in ids}

    def hard_negatives(self) -> list[tuple[str, str]]:
        """Pairs a label calls alike and yet different ("hard-negative:G01")."""
        members: dict[str, list[str]] = {}
        for key, code in self.groups.items():
            members.setdefault(code, []).append(key)
        return [
            (key, other)
            for key, tags in self.tags.items()
            for tag in tags
            if tag.startswith("hard-negative:")
            for other in members.get(tag.partition(":")[2], ())
            if self.groups[key] != self.groups[other]
        ]


def communes(kind: str = "") -> list[Commune]:
    """The communes of the corpus whose name begins with `kind`, in the order of their names."""
    folders = sorted(folder for folder in COMMUNES.glob(f"{kind}*") if (folder / "labels.jsonl").is_file())
    return [Commune.read(f"{folder}/") for folder in folders]


def _piece(row: Mapping[str, str]) -> Piece:
    return Piece(text=row["text"], sender=row["sender"], sent_at=dt.datetime.fromisoformat(row["sent_at"]))


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


@dataclass(frozen=True, kw_only=True)
class Score:
    """Counts over pairs and messages, to be added up over communes."""

    hits: int = 0
    together: int = 0
    wanted: int = 0
    found: int = 0
    with_partner: int = 0
    apart: int = 0
    negatives: int = 0

    def __add__(self, other: Score) -> Score:
        return Score(**{name: getattr(self, name) + getattr(other, name) for name in self.__dataclass_fields__})

    @property
    def precision(self) -> float:
        return self.hits / self.together if self.together else 1.0

    @property
    def recall(self) -> float:
        return self.hits / self.wanted if self.wanted else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.hits / (self.together + self.wanted) if self.together + self.wanted else 1.0

    @property
    def partner_found(self) -> float:
        """Share of messages with a partner that have one in their group or among the related."""
        return self.found / self.with_partner if self.with_partner else 1.0

    @property
    def kept_apart(self) -> float:
        """Share of the hard negatives that are in different groups."""
        return self.apart / self.negatives if self.negatives else 1.0


def measure(commune: Commune, lines: Iterable[GroupLine], *, only: Callable[[str], bool] = lambda _: True) -> Score:
    """Scores a grouping; `only` restricts it to pairs with such a message."""
    listed = {line.id: line for line in lines}
    members: dict[str, list[str]] = {}
    for key, line in listed.items():
        members.setdefault(line.group, []).append(key)
    together = [pair for ids in members.values() for pair in combinations(ids, 2) if only(pair[0]) or only(pair[1])]
    partners = commune.partners()
    asked = [key for key in partners if only(key)]
    negatives = [pair for pair in commune.hard_negatives() if only(pair[0]) or only(pair[1])]
    return Score(
        hits=sum(other in partners.get(key, ()) for key, other in together),
        together=len(together),
        wanted=sum(only(key) or only(other) for key, others in partners.items() for other in others) // 2,
        found=sum(
            any(listed[other].group == listed[key].group or other in listed[key].related for other in partners[key])
            for key in asked
        ),
        with_partner=len(asked),
        apart=sum(listed[key].group != listed[other].group for key, other in negatives),
        negatives=len(negatives),
    )


def grouped(commune: Commune, *, with_places: bool = True, pieces: bool = False) -> list[GroupLine]:
    """The commune's messages as `nlp.similar.group` gathers them; with `pieces` it is told who sent them and when, so
    that a thought spread over several is one."""
    senders = commune.senders if pieces else ()
    return group(commune.texts.items(), commune.places if with_places else None, senders=senders)
