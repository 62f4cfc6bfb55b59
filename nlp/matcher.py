"""Finds the phrases of a lexicon in a tokenised text, with and without accents, in one pass.

A phrase is written in accented Vietnamese. Marks: a leading `!` asks for the accents to be there, `^` makes it
count more, `?` less; `~` inside a phrase stands for up to `GAP` other words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

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


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One lexicon entry; `tag` says what it is evidence for."""

    text: str
    tag: str
    weight: float
    needs_accents: bool
    segments: tuple[tuple[Token, ...], ...]
    #: keys of the words after the first gap
    rest_keys: frozenset[str] = frozenset()

    @property
    def is_one_accented_word(self) -> bool:
        """Such a phrase is a guess in a text without accents: "den" is "đèn", "đến" and "đen"."""
        return len(self.segments) == 1 and len(self.segments[0]) == 1 and self.segments[0][0].is_accented

    @classmethod
    def parse(cls, written: str, tag: str, abbreviations: Mapping[str, tuple[str, ...]] | None = None) -> Phrase:
        """Raises ValueError when a segment holds no word."""
        text, factor, needs_accents = written.strip(), 1.0, False
        while text and text[0] in _MARKS:
            factor *= _MARKS[text[0]]
            needs_accents = needs_accents or text[0] == "!"
            text = text[1:]
        segments = tuple(tuple(tokenise(part, abbreviations)) for part in text.split("~"))
        if not all(segments):
            raise ValueError(f"Cụm từ trống trong từ vựng: {written!r} ({tag}). Hãy sửa hoặc bỏ dòng này.")
        count = sum(len(segment) for segment in segments)
        weight = factor * _LENGTH_WEIGHT.get(count, _LONGEST_WEIGHT)
        rest = frozenset(token.key for segment in segments[1:] for token in segment)
        return cls(text=text, tag=tag, weight=weight, needs_accents=needs_accents, segments=segments, rest_keys=rest)


@dataclass(frozen=True, slots=True)
class Hit:
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
        return self.phrase.tag.partition(":")[2].partition("/")[0]


@dataclass(slots=True)
class Matcher:
    """An index of phrases by their accent-free words; built once, then only read (safe across threads)."""

    _root: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, phrases: Iterable[Phrase]) -> Matcher:
        matcher = cls()
        for phrase in phrases:
            node = matcher._root
            for token in phrase.segments[0]:
                node = node.setdefault(token.key, {})
            node.setdefault("", []).append(phrase)
        return matcher

    def find(self, tokens: Sequence[Token], accented: bool | None = None) -> list[Hit]:
        """All hits, overlapping ones included, in reading order."""
        if accented is None:
            accented = has_accents(tokens)
        keys = [token.key for token in tokens]
        present = frozenset(keys)
        size = len(keys)
        root = self._root
        hits: list[Hit] = []
        for start in range(size):
            node: dict[str, Any] | None = root.get(keys[start])
            position = start + 1
            while node:
                for phrase in node.get("", ()):
                    # Most phrases with a gap lack their later words; a set tells so at once.
                    if not phrase.rest_keys <= present:
                        continue
                    end = _rest_end(phrase, keys, position)
                    if end is None:
                        continue
                    quality = _quality(phrase, tokens, start, end, accented)
                    if quality > 0:
                        hits.append(Hit(phrase, start, end, quality))
                # A phrase does not run on across a comma: "tra cứu, tôi" is no cry for help.
                if position >= size or tokens[position].after_pause:
                    break
                node = node.get(keys[position])
                position += 1
        return hits


def _rest_end(phrase: Phrase, keys: Sequence[str], position: int) -> int | None:
    """Where the phrase ends when its later segments follow within their gaps; None when they do not."""
    for segment in phrase.segments[1:]:
        size = len(segment)
        for begin in range(position, min(position + GAP, len(keys) - size) + 1):
            if keys[begin] == segment[0].key and all(keys[begin + i] == segment[i].key for i in range(1, size)):
                position = begin + size
                break
        else:
            return None
    return position


def _quality(phrase: Phrase, tokens: Sequence[Token], start: int, end: int, accented: bool) -> float:
    if not accented:
        if phrase.needs_accents:
            return 0.0
        return _AMBIGUOUS if phrase.is_one_accented_word else 1.0
    if len(phrase.segments) == 1:
        wanted = phrase.segments[0]
        if all(one.canon == tokens[start + i].canon for i, one in enumerate(wanted)):
            return 1.0
        pairs = list(zip(wanted, tokens[start:end], strict=True))
    else:
        pairs = _gapped_pairs(phrase, tokens, start)
    agreement = [_agreement(wanted, seen) for wanted, seen in pairs]
    wrong = agreement.count(0.0)
    if wrong == 0:
        weakest = min(agreement)
        strict = phrase.needs_accents or len(pairs) == 1
        return weakest if weakest == 1.0 or not strict else 0.0
    return _ONE_TYPO if wrong == 1 and len(pairs) >= 3 and not phrase.needs_accents else 0.0


def _agreement(wanted: Token, seen: Token) -> float:
    """1 for the same word, less when the writer left out its accents or its tone, 0 for another word."""
    if wanted.canon == seen.canon:
        return 1.0
    return _LEFT_OUT if seen.canon in (wanted.key, wanted.canon.rstrip("0123456789")) else 0.0


def _gapped_pairs(phrase: Phrase, tokens: Sequence[Token], start: int) -> list[tuple[Token, Token]]:
    pairs: list[tuple[Token, Token]] = []
    position = start
    for segment in phrase.segments:
        while any(tokens[position + i].key != segment[i].key for i in range(len(segment))):
            position += 1
        pairs.extend(zip(segment, tokens[position : position + len(segment)], strict=True))
        position += len(segment)
    return pairs


def longest_only(hits: Iterable[Hit]) -> list[Hit]:
    """Drops hits whose words lie inside a longer unbroken hit for something else: "trạm bơm" (fields) inside
    "trạm bơm chống ngập" (streets). Hits of the same topic are kept; their sum is the caller's business."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        inside = any(
            other.start <= hit.start
            and hit.end <= other.end
            and hit.end - hit.start < other.end - other.start
            and len(other.phrase.segments) == 1
            and other.quality >= hit.quality
            and other.topic != hit.topic
            for other in kept
        )
        if not inside:
            kept.append(hit)
    return sorted(kept, key=lambda h: h.start)
