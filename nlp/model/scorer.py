"""Weighs the terms of a message with the trained weights: one gather and one sum for all labels at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from itertools import accumulate, chain, repeat

import numpy as np
from numpy.typing import NDArray

from nlp.model.accents import Accents
from nlp.model.pairs import UNKNOWN, Pairs
from nlp.model.terms import (
    accented_words,
    canons_of,
    pieces_of,
    plain_words,
    signs_of,
)
from nlp.rules import RuleVerdict

Floats = NDArray[np.float32]

#: heads in the order of the columns of `Weights.linear`
HEADS = ("topic", "kind", "level", "urgent")
#: words kept with the numbers of their pieces; a word more is looked up again
_WORDS_KEPT = 20_000
#: words an explanation names at most
_NAMED = 3
_MATTERS = 5


@dataclass(frozen=True, kw_only=True)
class Weights:
    """The arrays of a model: T terms, C columns (labels of all heads in a row), M matters.

    `index` term -> row; `rarity` (T) inverse document frequency; `linear` (T, C) weights already times rarity, in
    units of `steps` (C); `bias` (C); `scale` per head, `shift` (C): calibrated logits are `scale * score + shift`;
    `block_weights` of words, pieces, signs, rules; `matter_rows` term row -> row of `matters` (R, M; int8) or -1.
    """

    index: Mapping[str, int]
    rarity: Floats
    linear: NDArray[np.int8]
    steps: Floats
    bias: Floats
    scale: Mapping[str, float]
    shift: Floats
    block_weights: tuple[float, float, float, float]
    labels: Mapping[str, tuple[str, ...]]
    matters: NDArray[np.int8]
    matter_rows: NDArray[np.int32]
    matter_names: tuple[str, ...]
    matter_scale: float
    accents: Accents

    def columns(self, head: str) -> slice:
        """Where the labels of a head stand among the columns."""
        start = sum(len(self.labels[name]) for name in HEADS[: HEADS.index(head)])
        return slice(start, start + len(self.labels[head]))


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Probabilities by head and label; sums to 1 per head."""

    by_head: Mapping[str, Mapping[str, float]]
    matters: tuple[tuple[str, float], ...]
    #: rows of the weights for each word and each pair of neighbours (without, with accents), -1 where unknown
    words: tuple[Sequence[int], Sequence[int]]
    pairs: tuple[Sequence[int], Sequence[int]]
    _ranked: dict[str, list[tuple[str, float]]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def knows_a_word(self) -> bool:
        """Whether any word of the message was met in training."""
        return any(row >= 0 for rows in self.words for row in rows)

    def of(self, head: str) -> Mapping[str, float]:
        """Label -> probability."""
        return self.by_head[head]

    def ranked(self, head: str) -> list[tuple[str, float]]:
        """Labels with their probability, likeliest first."""
        known = self._ranked.get(head)
        if known is None:
            known = self._ranked[head] = sorted(self.by_head[head].items(), key=lambda item: (-item[1], item[0]))
        return known


class Scorer:
    """Scores messages; holds only a bounded cache of words, so threads may share one."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._squares = np.square(weights.rarity)
        self._pairs = Pairs(weights.index)
        self._pieces_kept: dict[str, tuple[int, ...]] = {}
        self._signs: dict[str, tuple[int, ...]] = {}
        self._columns = {head: weights.columns(head) for head in HEADS}
        scales = [weights.scale[head] for head in HEADS for _ in weights.labels[head]]
        self._scale = np.array(scales, np.float32)
        self._starts = [self._columns[head].start for head in HEADS]
        self._head_of = [number for number, head in enumerate(HEADS) for _ in weights.labels[head]]
        self._matters_of = [_stretch(weights.matter_names, topic) for topic in weights.labels["topic"]]

    def score(self, verdict: RuleVerdict, *, matters: bool = True) -> Scores:
        """Probabilities of every label, and the likeliest matters unless nobody asks for them."""
        weights = self._weights
        reading = verdict.reading
        keys = [token.key for token in reading.tokens]
        canons = canons_of(reading, weights.accents)
        words = self._rows(plain_words(keys)), self._rows(accented_words(canons))
        pairs = self._pairs.rows(keys, canons)
        known = {*words[0], *words[1], *pairs[0], *pairs[1]}
        known.discard(UNKNOWN)
        blocks = (known, self._pieces(keys), self._signs_met(verdict), self._verdicts(verdict))
        logits = self._scale * self._total(blocks) + weights.shift
        below = (logits - np.maximum.reduceat(logits, self._starts)[self._head_of]).tolist()
        by_head = {
            head: dict(zip(weights.labels[head], _shares(below[self._columns[head]]), strict=True)) for head in HEADS
        }
        likely = self._matters(known, list(by_head["topic"].values())) if matters else ()
        return Scores(by_head=by_head, matters=likely, words=words, pairs=pairs)

    def _total(self, blocks: Iterable[Collection[int]]) -> Floats:
        """The scores of all columns: every block is scaled to length 1, weighed and added."""
        weights = self._weights
        filled = [(rows, share) for rows, share in zip(blocks, weights.block_weights, strict=True) if rows]
        if not filled:
            return weights.bias
        sizes = [len(rows) for rows, _ in filled]
        starts = [0, *accumulate(sizes[:-1])]
        numbers = np.fromiter(chain.from_iterable(rows for rows, _ in filled), np.intp, sum(sizes))
        sums = np.add.reduceat(weights.linear.take(numbers, axis=0), starts, axis=0, dtype=np.int32)
        squares = np.add.reduceat(self._squares.take(numbers), starts).tolist()
        factors = [share / math.sqrt(square) for (_, share), square in zip(filled, squares, strict=True)]
        # Cast at the end: numbers that overflow only together are to be seen.
        total: Floats = (weights.bias + weights.steps * (np.array(factors) @ sums)).astype(np.float32)
        return total

    def _rows(self, terms: Iterable[str]) -> list[int]:
        return list(map(self._weights.index.get, terms, repeat(UNKNOWN)))

    def _pieces(self, keys: Iterable[str]) -> set[int]:
        kept = self._pieces_kept
        found: set[int] = set()
        for key in set(keys):
            pieces = kept.get(key)
            found.update(self._pieces_of(key) if pieces is None else pieces)
        return found

    def _signs_met(self, verdict: RuleVerdict) -> set[int]:
        tags = {hit.phrase.tag for hits in verdict.reading.hits.values() for hit in hits}
        return {row for tag in tags for row in self._signs_of(tag)}

    def _verdicts(self, verdict: RuleVerdict) -> set[int]:
        return {row for row in self._rows(verdict.signs()) if row != UNKNOWN}

    def _pieces_of(self, key: str) -> tuple[int, ...]:
        index = self._weights.index
        known = tuple([index[piece] for piece in pieces_of(key) if piece in index])
        if len(self._pieces_kept) < _WORDS_KEPT:
            self._pieces_kept[key] = known
        return known

    def _signs_of(self, tag: str) -> tuple[int, ...]:
        known = self._signs.get(tag)
        if known is None:
            index = self._weights.index
            known = self._signs[tag] = tuple(index[sign] for sign in signs_of(tag) if sign in index)
        return known

    def _matters(self, known: Collection[int], topics: Sequence[float]) -> tuple[tuple[str, float], ...]:
        """The likeliest matters of the two likeliest topics; those of a topic share its probability."""
        weights = self._weights
        words = np.fromiter(known, np.intp, len(known))
        rows = weights.matter_rows[words]
        rows = rows[rows >= 0]
        if not rows.size:
            return ()
        scale = weights.matter_scale / float(np.sqrt(self._squares[words].sum()))
        names: list[str] = []
        parts: list[NDArray[np.float64]] = []
        for topic in sorted(range(len(topics)), key=lambda each: -topics[each])[:2]:
            own = self._matters_of[topic]
            if own.stop > own.start:
                names += weights.matter_names[own]
                logits = scale * weights.matters[rows, own].sum(axis=0, dtype=np.int32)
                parts.append(topics[topic] * np.array(_shares((logits - logits.max()).tolist())))
        if not parts:
            return ()
        shares = np.concatenate(parts)
        best = np.argsort(-shares, kind="stable")[:_MATTERS].tolist()
        return tuple((names[at], round(float(shares[at]), 4)) for at in best)

    def words_for(
        self, scores: Scores, verdict: RuleVerdict, head: str, label: str, hidden: Set[int] = frozenset()
    ) -> tuple[str, ...]:
        """The writer's words that speak most for a label, as typed, strongest first, none twice; none of those whose
        numbers are `hidden`."""
        tokens = verdict.reading.tokens
        columns = self._columns[head]
        column = columns.start + self._weights.labels[head].index(label)
        single = self._push(scores.words, column, columns)
        spans = [(value, at, at + 1) for at, value in enumerate(single.tolist())]
        if scores.pairs[0]:
            joint = self._push(scores.pairs, column, columns) + 0.5 * (single[:-1] + single[1:])
            spans += [(value, at, at + 2) for at, value in enumerate(joint.tolist())]
        chosen: list[tuple[int, int]] = []
        named: set[str] = set()
        for value, start, end in sorted(spans, key=lambda span: (-span[0], span[1])):
            if value <= 0 or len(chosen) == _NAMED:
                break
            if not hidden.isdisjoint(range(start, end)):
                continue
            said = " ".join(token.key for token in tokens[start:end])
            if said not in named and all(end <= other or stop <= start for other, stop in chosen):
                chosen.append((start, end))
                named.add(said)
        return tuple(" ".join(token.surface for token in tokens[start:end]) for start, end in chosen)

    def _push(self, found: tuple[Sequence[int], Sequence[int]], column: int, columns: slice) -> Floats:
        """How much each word or pair speaks for a column rather than for the other columns of its head."""
        rows = np.array(found, np.intp)
        linear = self._weights.linear[rows, columns] * self._weights.steps[columns]
        push: Floats = np.where(rows >= 0, linear[..., column - columns.start] - linear.mean(axis=-1), 0.0)
        total: Floats = push.sum(axis=0)
        return total


def _stretch(names: Sequence[str], topic: str) -> slice:
    """Where the matters of a topic stand; names are sorted, so they stand together."""
    own = [at for at, name in enumerate(names) if name.startswith(f"{topic}/")]
    return slice(own[0], own[-1] + 1) if own else slice(0, 0)


def _shares(logits: Sequence[float]) -> list[float]:
    """Softmax of logits of which the greatest is 0."""
    raised = list(map(math.exp, logits))
    total = sum(raised)
    return [each / total for each in raised]
