"""Is this the same concrete issue as an earlier one? Text alike is not issue alike: "đèn đường thôn 3" and
"đèn đường thôn 5" share their words and are two issues, so place decides first, then the matter, then words.

A wrong merge is worse than a missed one. Denunciations are never compared, nor are messages without opinion.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

from nlp.analysis import Analysis, Kind, Match
from nlp.classify import understood
from nlp.clusters import cluster
from nlp.likeness import Compared, Likeness, Rarity, compare
from nlp.normalise import TEXT_LIMIT, clean
from nlp.places import Gazetteer
from nlp.split import parts_of
from nlp.understand import Understander

#: bump when stored signatures no longer compare with new ones
VERSION = 1
#: characters of the normal form kept for recognising a message sent twice
_TEXT_KEPT = 600
#: matches returned at most
MOST_MATCHES = 20


@dataclass(frozen=True, kw_only=True)
class Signature:
    """All that comparing needs of one opinion, computed once and stored. `groups` are villages, `pins` other
    places that are pinned down (roads "road:", objects "object:", projects "project:"), `names` their names;
    `issues` and `topics` are weights of sub-issues and topics; `comparable` is False for denunciations,
    complaints about one's own case and messages that are no opinion."""

    version: int = VERSION
    comparable: bool = False
    text: str = ""
    groups: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    issues: tuple[tuple[str, float], ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    terms: tuple[str, ...] = field(default=())

    def to_json(self) -> str:
        """A compact JSON object; `from_json` gives the same signature back."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Signature:
        """Raises ValueError when the text is no signature of this version."""
        try:
            stored = json.loads(text)
            if stored["version"] != VERSION:
                raise ValueError(f"Chữ ký phiên bản {stored['version']} không so được; hãy tính lại từ văn bản.")
            return cls(
                comparable=bool(stored["comparable"]),
                text=str(stored["text"]),
                groups=tuple(stored["groups"]),
                pins=tuple(stored["pins"]),
                names=tuple((key, name) for key, name in stored["names"]),
                issues=tuple((key, float(weight)) for key, weight in stored["issues"]),
                topics=tuple((key, float(weight)) for key, weight in stored["topics"]),
                terms=tuple(stored["terms"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError("Không phải chữ ký hợp lệ; hãy tính lại từ văn bản.") from error


def signature(text: str, gazetteer: Gazetteer | None = None, analysis: Analysis | None = None) -> Signature:
    """The signature of a message. Pass the analysis when there is one, so that it is not made twice."""
    gazetteer = gazetteer or Gazetteer.empty()
    analysis = analysis or Understander(gazetteer).analyse(text)
    readable = clean(text[:TEXT_LIMIT]).text
    main = parts_of(readable)[0] if analysis.issues > 1 else readable
    reading, subject = understood(main)
    groups: dict[str, None] = {}
    pins: dict[str, None] = {}
    hosts: dict[str, None] = {}
    names: dict[str, str] = {}
    mentions = gazetteer.mentions(main) or gazetteer.mentions(readable)
    for mention in mentions:
        place = mention.place
        if place.sort == "group":
            groups[place.id] = None
            names[place.id] = place.name
            continue
        if mention.is_asked:
            continue
        if mention.pin is not None:
            pins[f"{place.sort}:{mention.pin}"] = None
            names[f"{place.sort}:{mention.pin}"] = place.name
        if place.residential_group:
            hosts[place.residential_group] = None
    told = tuple(groups) or tuple(hosts)
    return Signature(
        comparable=analysis.kind.value == Kind.OPINION,
        text=" ".join(token.key for token in reading.tokens)[:_TEXT_KEPT],
        groups=tuple(sorted(told)),
        pins=tuple(sorted(pins)),
        names=tuple(sorted(names.items())),
        issues=_leading(subject.issues, 6),
        topics=_leading(subject.topics, 3),
        terms=Likeness.terms_of(reading.tokens),
    )


def _leading(weights: Mapping[str, float], count: int) -> tuple[tuple[str, float], ...]:
    """The heaviest entries that weigh at least a quarter of the first."""
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:count]
    return tuple((key, round(weight, 2)) for key, weight in ranked if weight >= 0.25 * ranked[0][1])


def relate(new: Signature, others: Mapping[str, Signature]) -> list[Match]:
    """Earlier opinions that are the same concrete issue or similar but different, best first."""
    if not new.comparable:
        return []
    compared = {key: _compared(other) for key, other in others.items() if other.comparable}
    this = _compared(new)
    rarity = Rarity([this, *compared.values()])
    matches = []
    for key, other in compared.items():
        likeness = compare(this, other, rarity)
        if likeness is not None:
            matches.append(
                Match(id=key, score=likeness.score, same=likeness.same, reasons=likeness.reasons(this, other))
            )
    matches.sort(key=lambda match: (not match.same, -match.score, match.id))
    return matches[:MOST_MATCHES]


def _compared(stored: Signature) -> Compared:
    return Compared.of(
        text=stored.text,
        groups=stored.groups,
        pins=stored.pins,
        names=dict(stored.names),
        issues=dict(stored.issues),
        topics=dict(stored.topics),
        terms=stored.terms,
    )


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """Where one message belongs: equal `group` means the same concrete issue, `related` are ids of messages
    that are similar but different."""

    id: str
    group: str
    related: tuple[str, ...] = ()


def group(items: Iterable[tuple[str, str]], gazetteer: Gazetteer | None = None) -> list[GroupLine]:
    """Groups (id, text) pairs, one line each in the same order. Groups are named by their first message; the
    partition does not depend on the order of the messages."""
    gazetteer = gazetteer or Gazetteer.empty()
    understander = Understander(gazetteer)
    listed = list(items)
    signatures = [signature(text, gazetteer, understander.analyse(text)) for _, text in listed]
    comparable = {n: _compared(s) for n, s in enumerate(signatures) if s.comparable}
    leaders, related = cluster(comparable)
    names: dict[int, str] = {}
    lines = []
    for number, (key, _) in enumerate(listed):
        leader = leaders.get(number, number)
        name = names.setdefault(leader, f"g{len(names) + 1:04d}")
        near = dict.fromkeys(listed[other][0] for other in related.get(number, ()))
        lines.append(GroupLine(id=key, group=name, related=tuple(near)))
    return lines
