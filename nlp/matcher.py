"""Finds the phrases of a lexicon in a tokenised text, with and without accents, in one pass.

A phrase is written in accented Vietnamese. Marks: a leading `!` asks for the accents to be there, `^` makes it
count more, `?` less; `~` inside a phrase stands for up to `GAP` other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial
from operator import attrgetter
from sys import intern
from typing import NamedTuple

from nlp.normalise import Token, has_accents, tokenise

#: words that `~` may stand for
GAP = 5
_MARKS = {"!": 1.0, "^": 2.0, "?": 0.4}
#: how much a phrase counts by its number of words: longer ones are more telling
_LENGTH_WEIGHT = {1: 1.0, 2: 1.8, 3: 2.4}
_LONGEST_WEIGHT = 2.8
#: quality of a single accented word met in a text without accents
_AMBIGUOUS = 0.4
#: quality of a phrase with accents left out, and of a longer one with one word spelt wrongly
_LEFT_OUT = 0.7
_ONE_TYPO = 0.5
_NO_KEYS: frozenset[str] = frozenset()


# Not frozen, as a frozen one takes three times as long to make and every start makes thirteen thousand.
@dataclass(kw_only=True, slots=True, eq=False)
class Phrase:
    """One lexicon entry, never changed; `tag` says what it is evidence for. `keys` and `canons` hold the accent-free
    and the accented words of each unbroken stretch, `rest_keys` all keys after the first gap."""

    text: str
    tag: str
    weight: float
    needs_accents: bool
    keys: tuple[tuple[str, ...], ...]
    canons: tuple[tuple[str, ...], ...]
    rest_keys: frozenset[str] = frozenset()
    #: the part of the tag before the colon, and the topic a tag of the families "issue" and "topic" speaks for
    family: str = field(init=False)
    topic: str = field(init=False)
    #: quality of a hit in a text without accents
    bare_quality: float = field(init=False)

    def __post_init__(self) -> None:
        self.family, self.topic = _tag_parts(self.tag)
        if self.needs_accents:
            self.bare_quality = 0.0
        else:
            self.bare_quality = _AMBIGUOUS if self.is_one_accented_word else 1.0

    @property
    def is_one_accented_word(self) -> bool:
        """Such a phrase is a guess in a text without accents: "den" is "đèn", "đến" and "đen"."""
        return len(self.keys) == 1 and len(self.keys[0]) == 1 and self.keys[0] != self.canons[0]

    @classmethod
    def parse(cls, written: str, tag: str, abbreviations: Mapping[str, tuple[str, ...]] | None = None) -> Phrase:
        """Raises ValueError when a stretch holds no word."""
        text, factor, needs_accents = written.strip(), 1.0, False
        while text and text[0] in _MARKS:
            factor *= _MARKS[text[0]]
            needs_accents = needs_accents or text[0] == "!"
            text = text[1:]
        stretches = [tokenise(part, abbreviations) for part in text.split("~")]
        if not all(stretches):
            raise ValueError(f"Cụm từ trống trong từ vựng: {written!r} ({tag}). Hãy sửa hoặc bỏ dòng này.")
        count = sum(len(stretch) for stretch in stretches)
        keys = tuple(tuple(intern(token.key) for token in stretch) for stretch in stretches)
        return cls(
            text=text,
            tag=tag,
            weight=factor * _LENGTH_WEIGHT.get(count, _LONGEST_WEIGHT),
            needs_accents=needs_accents,
            keys=keys,
            canons=tuple(tuple(intern(token.canon) for token in stretch) for stretch in stretches),
            rest_keys=_after_gap(keys),
        )

    def as_line(self) -> str:
        """One line from which `from_line` makes the phrase again."""
        keys, canons = ("~".join(" ".join(stretch) for stretch in forms) for forms in (self.keys, self.canons))
        return "\t".join([self.text, self.tag, repr(self.weight), "!" if self.needs_accents else "", keys, canons])

    @classmethod
    def from_line(cls, line: str) -> Phrase:
        """The phrase of a line made by `as_line`."""
        text, tag, weight, mark, keys_said, canons_said = line.split("\t")
        keys = _stretches(keys_said)
        return cls(
            text=text,
            tag=intern(tag),
            weight=float(weight),
            needs_accents=mark == "!",
            keys=keys,
            # Without accents the two are one; so is the memory they take.
            canons=keys if canons_said == keys_said else _stretches(canons_said),
            rest_keys=_after_gap(keys),
        )


@lru_cache(maxsize=4_096)
def _tag_parts(tag: str) -> tuple[str, str]:
    family, _, name = tag.partition(":")
    return intern(family), intern(name.partition("/")[0])


def _stretches(said: str) -> tuple[tuple[str, ...], ...]:
    return tuple([tuple(map(intern, stretch.split(" "))) for stretch in said.split("~")])


def _after_gap(keys: Sequence[Sequence[str]]) -> frozenset[str]:
    return frozenset(key for stretch in keys[1:] for key in stretch) if len(keys) > 1 else _NO_KEYS


class Hit(NamedTuple):
    """A phrase found at tokens `start` to `end` (exclusive); `quality` 0..1 tells how well accents agree."""

    phrase: Phrase
    start: int
    end: int
    quality: float

    @property
    def weight(self) -> float:
        return self.phrase.weight * self.quality

    @property
    def topic(self) -> str:
        """The topic a hit of the families "issue" and "topic" speaks for."""
        return self.phrase.topic


#: makes a hit of a tuple, without the call to Python that `Hit(...)` is
_hit = partial(tuple.__new__, Hit)
_START = attrgetter("start")


@dataclass(slots=True)
class Matcher:
    """An index of phrases by their first two accent-free words. Of an index read from text the phrases are made when
    their first word is first met: most never are, and making them all takes longer than reading a hundred messages.
    Safe across threads: two that meet a word at once make the same phrases of it."""

    #: first word -> second word ("" for phrases whose first stretch is one word) -> phrases, shorter stretches first
    _begins: dict[str, dict[str, list[Phrase]]] = field(default_factory=dict)

    #: first word -> lines of the phrases not yet made
    _written: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, phrases: Iterable[Phrase]) -> Matcher:
        by_first: dict[str, list[Phrase]] = {}
        for phrase in phrases:
            by_first.setdefault(phrase.keys[0][0], []).append(phrase)
        return cls(_begins={first: _by_second(found) for first, found in by_first.items()})

    @classmethod
    def from_text(cls, text: str) -> Matcher:
        """The index of a text made by `as_text`."""
        return cls(_written=dict([group.split("\n", 1) for group in text.split("\n\n")] if text else ()))

    def _make(self, first: str) -> dict[str, list[Phrase]]:
        made = _by_second(map(Phrase.from_line, self._written[first].split("\n")))
        self._begins[first] = made
        return made

    def find(self, tokens: Sequence[Token], accented: bool | None = None) -> list[Hit]:
        """All hits, overlapping ones included, in reading order."""
        if accented is None:
            accented = has_accents(tokens)
        keys = [token.key for token in tokens]
        canons = tuple([token.canon for token in tokens])
        present = frozenset(keys)
        size = len(keys)
        begins = self._begins
        hits: list[Hit] = []
        for start, key in enumerate(keys):
            seconds = begins.get(key)
            if seconds is None:
                if key not in self._written:
                    continue
                seconds = self._make(key)
            # A phrase does not run on across a comma: "tra cứu, tôi" is no cry for help.
            further = start + 1 < size and not tokens[start + 1].after_pause
            third = keys[start + 2] if start + 2 < size else None
            for phrases in (seconds.get(""), seconds.get(keys[start + 1]) if further else None):
                for phrase in phrases or ():
                    stretch = phrase.keys[0]
                    length = len(stretch)
                    if length > 2 and (stretch[2] != third or not _runs_on(stretch, tokens, keys, start)):
                        continue
                    end = start + length
                    if phrase.rest_keys:
                        # Most phrases with a gap lack their later words; a set tells so at once.
                        if not phrase.rest_keys <= present:
                            continue
                        rest_end = _rest_end(phrase, keys, end)
                        if rest_end is None:
                            continue
                        end = rest_end
                        quality = _gapped_quality(phrase, canons, keys, start) if accented else phrase.bare_quality
                    elif accented:
                        quality = _quality(phrase, canons[start:end])
                    else:
                        quality = phrase.bare_quality
                    if quality > 0:
                        hits.append(_hit((phrase, start, end, quality)))
        return hits


def as_text(phrases: Iterable[Phrase]) -> str:
    """Text from which `Matcher.from_text` makes the index again, a paragraph for each first word."""
    by_first: dict[str, list[str]] = {}
    for phrase in phrases:
        by_first.setdefault(phrase.keys[0][0], []).append(phrase.as_line())
    return "\n\n".join("\n".join([first, *lines]) for first, lines in by_first.items())


def _by_second(phrases: Iterable[Phrase]) -> dict[str, list[Phrase]]:
    seconds: dict[str, list[Phrase]] = {}
    for phrase in phrases:
        stretch = phrase.keys[0]
        seconds.setdefault(stretch[1] if len(stretch) > 1 else "", []).append(phrase)
    for listed in seconds.values():
        listed.sort(key=lambda phrase: len(phrase.keys[0]))
    return seconds


def _runs_on(stretch: Sequence[str], tokens: Sequence[Token], keys: Sequence[str], start: int) -> bool:
    """Whether the third and later words of a stretch follow without a pause; the first two are known to be there."""
    if start + len(stretch) > len(keys):
        return False
    further = range(2, len(stretch))
    return all(keys[start + at] == stretch[at] and not tokens[start + at].after_pause for at in further)


def _rest_end(phrase: Phrase, keys: Sequence[str], position: int) -> int | None:
    """Where the phrase ends when its later stretches follow within their gaps; None when they do not."""
    for stretch in phrase.keys[1:]:
        size = len(stretch)
        for begin in range(position, min(position + GAP, len(keys) - size) + 1):
            if keys[begin] == stretch[0] and all(keys[begin + i] == stretch[i] for i in range(1, size)):
                position = begin + size
                break
        else:
            return None
    return position


def _quality(phrase: Phrase, seen: tuple[str, ...]) -> float:
    """How well the accents of the words seen agree with those of an unbroken phrase."""
    wanted = phrase.canons[0]
    if wanted == seen:
        return 1.0
    if len(wanted) == 1:
        return 0.0
    return _of_all([_agreement(*each) for each in zip(phrase.keys[0], wanted, seen, strict=True)], phrase)


def _of_all(agreement: list[float], phrase: Phrase) -> float:
    """The quality of a phrase from the agreement of its words, one at least."""
    wrong = agreement.count(0.0)
    if wrong == 0:
        weakest = min(agreement)
        strict = phrase.needs_accents or len(agreement) == 1
        return weakest if weakest == 1.0 or not strict else 0.0
    return _ONE_TYPO if wrong == 1 and len(agreement) >= 3 and not phrase.needs_accents else 0.0


def _agreement(key: str, canon: str, seen: str) -> float:
    """1 for the same word, less when the writer left out its accents or its tone, 0 for another word."""
    if canon == seen:
        return 1.0
    return _LEFT_OUT if seen in (key, canon.rstrip("0123456789")) else 0.0


def _gapped_quality(phrase: Phrase, seen: Sequence[str], words: Sequence[str], start: int) -> float:
    found: list[float] = []
    position = start
    for keys, canons in zip(phrase.keys, phrase.canons, strict=True):
        while any(words[position + i] != key for i, key in enumerate(keys)):
            position += 1
        found += [
            _agreement(key, canon, seen[position + i]) for i, (key, canon) in enumerate(zip(keys, canons, strict=True))
        ]
        position += len(keys)
    return _of_all(found, phrase)


def longest_only(hits: Iterable[Hit]) -> list[Hit]:
    """Drops hits whose words lie inside a longer unbroken hit for something else: "trạm bơm" (fields) inside
    "trạm bơm chống ngập" (streets). Hits of the same topic are kept; their sum is the caller's business."""
    kept: list[Hit] = []
    #: by word, the longer hits over it
    longer: dict[int, list[Hit]] = {}
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        if _lies_inside(hit, longer.get(hit.start, ())):
            continue
        kept.append(hit)
        if hit.end - hit.start > 1 and len(hit.phrase.keys) == 1:
            for word in range(hit.start, hit.end):
                longer.setdefault(word, []).append(hit)
    kept.sort(key=_START)
    return kept


def _lies_inside(hit: Hit, others: Iterable[Hit]) -> bool:
    """Whether one of the hits over its first word is longer, goes as far, and is for something else."""
    phrase, start, end, quality = hit
    for other, begin, stop, sure in others:
        if end <= stop and end - start < stop - begin and sure >= quality and other.topic != phrase.topic:
            return True
    return False
