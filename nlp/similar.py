"""Is this the same concrete issue as an earlier one? Text alike is not issue alike: "đèn đường thôn 3" and
"đèn đường thôn 5" share their words and are two issues, so place decides first, then the matter, then words.

A wrong merge is worse than a missed one. Messages without opinion are never compared; `relate`, which the live
system uses, never compares complaints and denunciations either, while `group`, a command over files, puts two
denunciations of one deed together (and hardly ever one with an ordinary opinion).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any
from zlib import crc32

from nlp.analysis import Analysis, Kind, Match, Topic
from nlp.candidates import place_numbers, posting_keys
from nlp.classify import understood
from nlp.clusters import cluster
from nlp.compared import STOP_WORDS, Compared, Rarity, sort_of, spread, unit
from nlp.concepts import concepts_of
from nlp.echoes import echoes
from nlp.landmarks import Landmarks, Named, is_nameless, lane, learned, numbered
from nlp.likeness import compare
from nlp.normalise import TEXT_LIMIT, Token, clean
from nlp.particulars import particulars_of
from nlp.pieces import Piece, Said, goes_on, runs_of
from nlp.places import Gazetteer, Mention
from nlp.reasons import reasons
from nlp.senses import restored, senses
from nlp.split import parts_of
from nlp.understand import Understander

#: bump when stored signatures no longer compare with new ones
VERSION = 4
#: characters of the normal form kept for recognising a message sent twice
_TEXT_KEPT = 400
#: words and pairs of words kept
_TERMS_KEPT = 60
#: what an echo counts in a topic nobody takes the message for
_OFF_TOPIC = 0.4
#: matches returned at most
MOST_MATCHES = 20

Weights = tuple[tuple[str, float], ...]

#: matters settled by a rule or at a desk that is one for the whole commune: the village chosen for them tells where the
#: asker lives, so two villages are no two issues
_ANYWHERE = frozenset(
    {
        *{Topic.BUSINESS, Topic.HEALTH, Topic.SOCIAL_PROTECTION, Topic.LABOUR, Topic.MILITARY},
        *{Topic.PROCEDURES, Topic.OFFICIALS, Topic.PARTY_GOVERNMENT},
    }
)


@dataclass(frozen=True, kw_only=True)
class Signature:
    """All that comparing needs of one opinion, computed once and stored. `groups` are villages, `pins` other
    places that are pinned down (roads "road:", objects "object:", projects "project:"), `names` their names;
    `issues` and `topics` are weights of sub-issues and topics, `matters` the catalogue's likeliest ones, `echoes`
    those its words sound like, `bare` those of the words that name no place; `sense` and `bare_sense` are the sense
    of all words and of those that name no place; `concepts` is what it speaks of, `problems` what is wrong with it;
    `numbers`, `months`, `asks` and `over` are particulars (see `nlp.particulars`); `keys` are what it is found by
    (see `nlp.candidates`); `sure` tells whether the kind is."""

    version: int = VERSION
    kind: str = Kind.NOT_AN_OPINION
    sure: bool = False
    text: str = ""
    groups: tuple[str, ...] = ()
    pins: tuple[str, ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    issues: Weights = ()
    topics: Weights = ()
    matters: Weights = ()
    echoes: Weights = ()
    bare: Weights = ()
    sense: str = ""
    bare_sense: str = ""
    concepts: Weights = ()
    problems: Weights = ()
    numbers: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    over: bool = False
    keys: tuple[int, ...] = ()

    @property
    def comparable(self) -> bool:
        """Whether the live system compares it; not complaints about one's own case, denunciations and chat."""
        return self.kind == Kind.OPINION

    def to_json(self) -> str:
        """A compact JSON object; `from_json` gives the same signature back."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Signature:
        """Raises ValueError when the text is no signature of this version."""
        try:
            stored = json.loads(text)
            version = stored["version"]
            if version != VERSION:
                raise _OfAnotherVersion(f"Chữ ký phiên bản {version} không so được; hãy tính lại từ văn bản.")
            plain: dict[str, Any] = {name: tuple([str(said) for said in stored[name]]) for name in _PLAIN}
            weighed: dict[str, Any] = {
                name: tuple([(str(key), float(weight)) for key, weight in stored[name]]) for name in _WEIGHED
            }
            return cls(
                kind=str(stored["kind"]),
                sure=bool(stored["sure"]),
                text=str(stored["text"]),
                over=bool(stored["over"]),
                sense=_checked(stored["sense"]),
                bare_sense=_checked(stored["bare_sense"]),
                names=tuple([(str(key), str(name)) for key, name in stored["names"]]),
                keys=tuple([int(key) for key in stored["keys"]]),
                **plain,
                **weighed,
            )
        except _OfAnotherVersion:
            raise
        except (KeyError, TypeError, ValueError, ArithmeticError, RecursionError) as error:
            raise ValueError("Không phải chữ ký hợp lệ; hãy tính lại từ văn bản.") from error


class _OfAnotherVersion(ValueError):
    """A signature that is whole, but made by another version."""


def _checked(sense: str) -> str:
    restored(sense)
    return sense


_PLAIN = ("groups", "pins", "numbers", "months", "asks")
_WEIGHED = ("issues", "topics", "matters", "echoes", "bare", "concepts", "problems")


def signature(
    text: str,
    gazetteer: Gazetteer | None = None,
    analysis: Analysis | None = None,
    *,
    village: Named | None = None,
) -> Signature:
    """The signature of a message. Pass the analysis when there is one, so that it is not made twice. `village` (its id
    in the gazetteer, its name) is the one its asker or staff chose: it is where the matter is when the text tells no
    village and the matter stands somewhere."""
    gazetteer = gazetteer or Gazetteer.empty()
    analysis = analysis or Understander(gazetteer).analyse(text)
    readable = clean(text[:TEXT_LIMIT]).text
    main = parts_of(readable)[0] if analysis.issues > 1 else readable
    reading, subject = understood(main)
    concepts = concepts_of(reading.tokens, reading.accented)
    particulars = particulars_of(reading.tokens, reading.accented)
    groups, pins, names = _places(gazetteer, main, readable)
    if village is not None and not groups and analysis.topic.value not in _ANYWHERE:
        key = numbered(village[0])
        groups, names = (key,), tuple(sorted({**dict(names), key: village[1]}.items()))
    elsewhere = _without_places(reading.tokens, gazetteer.mentions(main))
    terms = terms_of(reading.tokens)
    topics = _leading(
        dict(analysis.topics or tuple(subject.topics.items()) or ((analysis.topic.value, 1.0),)), 4, least=0.1
    )
    matters = _leading(dict(analysis.matters), 6, least=0.1)
    issues = _leading(subject.issues, 6)
    objects, problems = _leading(concepts.objects, 6), _leading(concepts.problems, 6)
    likely = spread(topics)
    heard = [(matter, weight * (_OFF_TOPIC + likely.get(_topic(matter), 0.0))) for matter, weight in echoes().of(terms)]
    return Signature(
        kind=analysis.kind.value,
        sure="kind" not in analysis.unsure,
        text=" ".join(token.key for token in reading.tokens)[:_TEXT_KEPT],
        groups=groups,
        pins=pins,
        names=names,
        issues=issues,
        topics=topics,
        matters=matters,
        concepts=objects,
        problems=problems,
        numbers=particulars.numbers,
        months=particulars.months,
        asks=particulars.asks,
        over=particulars.over,
        echoes=_short(heard),
        bare=_short(echoes().of(terms_of(elsewhere))),
        sense=senses().of(all_terms_of(reading.tokens)),
        bare_sense=senses().of(all_terms_of(elsewhere)),
        keys=posting_keys(
            groups=groups,
            pins=pins,
            topics=topics,
            matters=matters,
            issues=issues,
            echoed=heard,
            concepts=objects,
            problems=problems,
            terms=terms,
        ),
    )


def _places(
    gazetteer: Gazetteer, main: str, readable: str
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Villages, other pinned-down places, and the names of both. A village told counts more than that of an object."""
    groups: dict[str, None] = {}
    pins: dict[str, None] = {}
    hosts: dict[str, None] = {}
    names: dict[str, str] = {}
    for mention in gazetteer.mentions(main) or gazetteer.mentions(readable):
        place = mention.place
        if place.sort == "group":
            key = numbered(place.id)
            groups[key] = None
            names[key] = place.name
            continue
        if mention.is_asked:
            continue
        if mention.pin is not None and not is_nameless(mention.pin):
            key = lane(place.name) or f"{place.sort}:{mention.pin}"
            pins[key] = None
            names[key] = place.name
        if place.residential_group:
            hosts[place.residential_group] = None
    return tuple(sorted(groups or hosts)), tuple(sorted(pins)), tuple(sorted(names.items()))


def _without_places(tokens: Sequence[Token], mentions: Iterable[Mention]) -> list[Token]:
    """What is said besides where: two reports on one market share the market's name whatever they say of it."""
    where = {place for mention in mentions for place in range(mention.start, mention.end)}
    return [token for place, token in enumerate(tokens) if place not in where]


def _short(heard: Iterable[tuple[str, float]]) -> Weights:
    """Matters by a short code: their names are long, there are many, and nobody reads them."""
    return tuple((f"{crc32(matter.encode()):x}", round(weight, 2)) for matter, weight in heard)


def _topic(matter: str) -> str:
    return matter.partition("/")[0]


def terms_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """The first content words and pairs of neighbouring words, accent-free."""
    return all_terms_of(tokens)[:_TERMS_KEPT]


def all_terms_of(tokens: Sequence[Token]) -> tuple[str, ...]:
    """Content words and pairs of neighbouring words, accent-free."""
    keys = [token.key for token in tokens]
    words = [key for key in keys if key not in STOP_WORDS and len(key) > 1]
    pairs = [f"{a} {b}" for a, b in pairwise(keys) if {a, b} - STOP_WORDS]
    return tuple(dict.fromkeys([*words, *pairs]))


def _leading(weights: Mapping[str, float], count: int, *, least: float = 0.25) -> Weights:
    """The heaviest entries that weigh at least a share `least` of the first."""
    ranked = sorted(weights.items(), key=lambda item: (-item[1], item[0]))[:count]
    return tuple((key, round(weight, 3)) for key, weight in ranked if weight > 0 and weight >= least * ranked[0][1])


def relate(new: Signature, others: Mapping[str, Signature]) -> list[Match]:
    """Earlier opinions that are the same concrete issue or similar but different, best first."""
    if not new.comparable:
        return []
    compared = {key: compared_of(other) for key, other in others.items() if other.comparable}
    this = compared_of(new)
    rarity = Rarity([this, *compared.values()])
    matches = []
    for key, other in compared.items():
        likeness = compare(this, other, rarity)
        if likeness.shown:
            matches.append(
                Match(
                    id=key,
                    score=round(likeness.score, 3),
                    same=likeness.same,
                    reasons=reasons(this, other, likeness),
                )
            )
    matches.sort(key=lambda match: (not match.same, -match.score, match.id))
    return matches[:MOST_MATCHES]


def compared_of(stored: Signature) -> Compared:
    """A stored signature made ready for comparing."""

    def of_sort(sort: str) -> frozenset[str]:
        return frozenset([pin for pin in stored.pins if pin.startswith(sort)])

    names = dict(stored.names)
    objects = of_sort("object:")
    numbers: dict[str, frozenset[str]] = {}
    for number in stored.numbers:
        label, _, value = number.partition(":")
        numbers[label] = numbers.get(label, frozenset()) | {value}
    return Compared(
        kind=stored.kind,
        sure=stored.sure,
        text=stored.text,
        groups=frozenset(stored.groups),
        roads=of_sort("road:"),
        objects=objects,
        projects=of_sort("project:"),
        object_sorts=frozenset([sort_of(names.get(pin, pin)) for pin in objects]),
        names=names,
        issues=dict(stored.issues),
        concepts=dict(stored.concepts),
        problems=dict(stored.problems),
        topics=spread(stored.topics),
        matters=spread(stored.matters),
        echoes=unit(dict(stored.echoes)),
        bare=unit(dict(stored.bare)),
        sense=restored(stored.sense),
        bare_sense=restored(stored.bare_sense),
        keys=stored.keys,
        numbers=numbers,
        months=frozenset(stored.months),
        asks=frozenset(stored.asks),
        over=stored.over,
    )


def placed(made: Signature, known: Landmarks) -> Signature:
    """With the places that other messages taught the names of."""
    groups, pins = known.in_text(made.text)
    if groups.keys() <= set(made.groups) and pins.keys() <= set(made.pins):
        return made
    return replace(
        made,
        groups=made.groups or tuple(sorted(groups)),
        pins=tuple(sorted({*made.pins, *pins})),
        keys=(*made.keys, *place_numbers(() if made.groups else groups, pins, made.concepts, made.topics)),
        names=tuple(sorted({**pins, **({} if made.groups else groups), **dict(made.names)}.items())),
    )


@dataclass(frozen=True, kw_only=True)
class GroupLine:
    """Where one message belongs: equal `group` means the same concrete issue, `related` are ids of messages
    that are similar but different."""

    id: str
    group: str
    related: tuple[str, ...] = ()


def _silent(_done: int, _total: int) -> None:
    """For whoever does not wait."""


@dataclass(frozen=True, kw_only=True)
class _Read:
    """A message, or several as one, with what was read in it."""

    text: str
    analysis: Analysis
    made: Signature

    def said(self) -> Said:
        return Said(text=self.text, analysis=self.analysis, compared=compared_of(self.made))


def _thoughts(
    read: Mapping[int, _Read], senders: Sequence[Piece], gazetteer: Gazetteer, understander: Understander
) -> dict[int, Signature]:
    """The signature of the whole thought for each message that is only a piece of one."""
    wholes = {each.text: each for each in read.values()}

    def whole_of(run: Sequence[int]) -> _Read | None:
        text = "\n".join(dict.fromkeys(read[number].text for number in run if number in read))
        if text and text not in wholes:
            analysis = understander.analyse(text)
            wholes[text] = _Read(text=text, analysis=analysis, made=signature(text, gazetteer, analysis))
        return wholes.get(text)

    def belongs(run: Sequence[int], number: int) -> bool:
        before, this = whole_of(run), read.get(number)
        if before is None or this is None:
            return True
        within = len(before.text) + 1 + len(this.text) <= TEXT_LIMIT
        return within and goes_on(before.said(), this.said())

    made: dict[int, Signature] = {}
    for run in runs_of(senders, belongs):
        whole = whole_of(run)
        if whole is not None:
            made |= {number: whole.made for number in run if number in read}
    return made


def group(
    items: Iterable[tuple[str, str]],
    gazetteer: Gazetteer | None = None,
    *,
    senders: Sequence[Piece] = (),
    progress: Callable[[int, int], None] | None = None,
) -> list[GroupLine]:
    """Groups (id, text) pairs, one line each in the same order. Groups are named by their first message; the
    partition does not depend on the order of the messages. `senders` tells for each message, in the same order, who
    sent it when: pieces of one thought are then read as one (`nlp.pieces`); mere talk among them stays alone all the
    same. `progress` is told how many steps are done, of how many: each message is read and then compared."""
    gazetteer = gazetteer or Gazetteer.empty()
    understander = Understander(gazetteer)
    listed = list(items)
    tell = progress or _silent
    read: dict[int, _Read] = {}
    for number, (_, text) in enumerate(listed):
        analysis = understander.analyse(text)
        if analysis.kind.value != Kind.NOT_AN_OPINION or "kind" in analysis.unsure:
            read[number] = _Read(text=text, analysis=analysis, made=signature(text, gazetteer, analysis))
        tell(number + 1, 2 * len(listed))
    signatures = {number: each.made for number, each in read.items()}
    signatures |= _thoughts(read, senders, gazetteer, understander)
    known = learned(name for made in signatures.values() for name in made.names)
    compared = {number: compared_of(placed(made, known)) for number, made in signatures.items()}
    leaders, related = cluster(compared, tell=lambda done: tell(len(listed) + done, 2 * len(listed)))
    names: dict[int, str] = {}
    lines = []
    for number, (key, _) in enumerate(listed):
        leader = leaders.get(number, number)
        name = names.setdefault(leader, f"g{len(names) + 1:04d}")
        near = dict.fromkeys(listed[other][0] for other in related.get(number, ()))
        lines.append(GroupLine(id=key, group=name, related=tuple(near)))
    return lines
