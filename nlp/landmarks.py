"""Names of places learned from the messages themselves, where no gazetteer has them: who writes "Trạm bơm Cầu Đá" with
capitals tells where "tram bom cau da" is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from nlp.normalise import fold, word_set
from nlp.places import LOCATIVES, VILLAGE_WORDS

#: beginnings of what stands between "trường" and its name
_NO_NAMES = word_set("tieu mam trung thcs thpt th cap mau van y hang cong chinh phuong xa huyen tinh")
#: words of a name at the most
_LONGEST = 6
_SPELT_VILLAGES = {
    "mot": "1", "hai": "2", "ba": "3", "bon": "4", "tu": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8",
    "chin": "9", "muoi": "10",
}  # fmt: skip

#: a place: key, name as written
Named = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Landmarks:
    """Words (accent-free, joined by spaces) -> the place they name; villages by their bare name."""

    places: Mapping[str, Named] = field(default_factory=dict)
    villages: Mapping[str, Named] = field(default_factory=dict)

    def in_text(self, text: str) -> tuple[dict[str, str], dict[str, str]]:
        """Villages and other places that a normal form names: key -> name."""
        words = text.split(" ")
        found: dict[str, str] = {}
        for start in range(len(words)):
            for size in range(2, _LONGEST + 1):
                named = self.places.get(" ".join(words[start : start + size]))
                if named is not None:
                    found[named[0]] = named[1]
        groups = dict(
            self.villages[name] for before, name in pairwise(words) if name in self.villages and before in _POINTING
        )
        return groups, found


_POINTING = (LOCATIVES | VILLAGE_WORDS) - {"to", "ban", "ve", "tu", "khu", "cum"}


def learned(named: Iterable[tuple[str, str]]) -> Landmarks:
    """From (key, name) of places told by their form: "object:tram-bom:cau da", "thon:ha". What two different things
    bear in common names neither alone."""
    places: dict[str, Named] = {}
    tails: dict[str, set[str]] = {}
    villages: dict[str, Named] = {}
    owners: dict[str, Named] = {}
    for key, name in sorted(named):
        sort, _, rest = key.partition(":")
        head, _, tail = rest.partition(":")
        if sort == "thon" and rest and not rest[0].isdigit() and " " not in rest and len(rest) > 1:
            villages.setdefault(rest, (key, name))
        if sort not in ("object", "road") or not tail or tail[0].isdigit() or tail.split(" ")[0] in _NO_NAMES:
            continue
        places.setdefault(f"{head.replace('-', ' ')} {tail}", (key, name))
        if " " in tail:
            tails.setdefault(tail, set()).add(key)
            owners[tail] = (key, name)
    for tail, keys in tails.items():
        if len(keys) == 1:
            places.setdefault(tail, owners[tail])
    return Landmarks(places=places, villages=villages)


def is_nameless(pin: str) -> bool:
    """Whether what looks like a name only says which sort it is: "truong:tieu" of "Trường Tiểu học số 1"."""
    return pin.partition(":")[2].partition(" ")[0] in _NO_NAMES


_LANE = re.compile(r"(?:ngo|ngach|hem|kiet)\s+(?:so\s+)?(\d{1,4}[a-z]?)\b")


def lane(name: str) -> str | None:
    """The key of a numbered lane, one for all words for it: "hẻm 12", "kiệt số 12"; None for other places."""
    found = _LANE.match(fold(name))
    return f"road:lane:{found.group(1)}" if found else None


def numbered(group: str) -> str:
    """ "thon:bon" is "thon:4": a village told by its form with a spelt number."""
    sort, _, name = group.partition(":")
    return f"{sort}:{_SPELT_VILLAGES[name]}" if sort == "thon" and name in _SPELT_VILLAGES else group
