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
_DEAD_END: dict[str, Any] = {}


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One lexicon entry; `tag` says what it is evidence for."""

    text: str
    tag: str
    weight: float
    needs_accents: bool
    segments: tuple[tuple[Token, ...], ...]

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
        return cls(text=text, tag=tag, weight=weight, needs_accents=needs_accents, segments=segments)


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
        hits: list[Hit] = []
        for start in range(len(tokens)):
            node: dict[str, Any] = self._root
            for position in range(start + 1, len(tokens) + 1):
                node = node.get(tokens[position - 1].key, _DEAD_END)
                if not node:
                    break
                for phrase in node.get("", ()):
                    end = _rest_end(phrase, tokens, position)
                    if end is None:
                        continue
                    quality = _quality(phrase, tokens, start, end, accented)
                    if quality > 0:
                        hits.append(Hit(phrase, start, end, quality))
        return hits


def _rest_end(phrase: Phrase, tokens: Sequence[Token], position: int) -> int | None:
    """Where the phrase ends when its later segments follow within their gaps; None when they do not."""
    for segment in phrase.segments[1:]:
        size = len(segment)
        for begin in range(position, min(position + GAP, len(tokens) - size) + 1):
            if all(tokens[begin + i].key == segment[i].key for i in range(size)):
                position = begin + size
                break
        else:
            return None
    return position


def _quality(phrase: Phrase, tokens: Sequence[Token], start: int, end: int, accented: bool) -> float:
    if not accented:
        return 0.0 if phrase.needs_accents else 1.0
    if len(phrase.segments) == 1:
        pairs = list(zip(phrase.segments[0], tokens[start:end], strict=True))
    else:
        pairs = _gapped_pairs(phrase, tokens, start)
    same = sum(wanted.canon == seen.canon for wanted, seen in pairs)
    if same == len(pairs):
        return 1.0
    if len(pairs) == 1 or phrase.needs_accents:
        return 0.0
    if same:
        return 0.6
    unmarked = all(not seen.is_accented for _, seen in pairs)
    return 0.5 if unmarked and len(pairs) > 1 else 0.0


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
    """Drops hits whose words lie inside a longer unbroken hit: "trạm bơm" inside "trạm bơm chống ngập"."""
    kept: list[Hit] = []
    for hit in sorted(hits, key=lambda h: (h.start - h.end, h.start)):
        inside = any(
            other.start <= hit.start
            and hit.end <= other.end
            and hit.end - hit.start < other.end - other.start
            and len(other.phrase.segments) == 1
            and other.quality >= hit.quality
            for other in kept
        )
        if not inside:
            kept.append(hit)
    return sorted(kept, key=lambda h: h.start)
