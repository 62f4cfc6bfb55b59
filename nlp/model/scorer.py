"""Weighs the terms of a message with the trained weights: one gather and one sum for all labels at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nlp.model.accents import Accents
from nlp.model.terms import (
    accented_pair,
    accented_word,
    canons_of,
    pieces_of,
    plain_pair,
    plain_word,
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
    """Probabilities by head, in the order of the head's labels; sums to 1 per head."""

    by_head: Mapping[str, Floats]
    labels: Mapping[str, tuple[str, ...]]
    matters: tuple[tuple[str, float], ...]
    #: rows of the weights for each word and each pair of neighbours (without, with accents), -1 where unknown
    words: NDArray[np.intp]
    pairs: NDArray[np.intp]

    @property
    def knows_a_word(self) -> bool:
        """Whether any word of the message was met in training."""
        return bool((self.words >= 0).any())

    def of(self, head: str) -> dict[str, float]:
        """Label -> probability."""
        return dict(zip(self.labels[head], map(float, self.by_head[head]), strict=True))

    def ranked(self, head: str) -> list[tuple[str, float]]:
        """Labels with their probability, likeliest first."""
        return sorted(self.of(head).items(), key=lambda item: (-item[1], item[0]))


class Scorer:
    """Scores messages; holds only a bounded cache of words, so threads may share one."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._squares = np.square(weights.rarity)
        self._pieces: dict[str, tuple[int, ...]] = {}
        self._signs: dict[str, tuple[int, ...]] = {}
        self._columns = {head: weights.columns(head) for head in HEADS}
        self._matters_of = [_stretch(weights.matter_names, topic) for topic in weights.labels["topic"]]

    def score(self, verdict: RuleVerdict, *, matters: bool = True) -> Scores:
        """Probabilities of every label, and the likeliest matters unless nobody asks for them."""
        weights = self._weights
        total = weights.bias.copy()
        keys = [token.key for token in verdict.reading.tokens]
        canons = canons_of(verdict.reading, weights.accents)
        words, pairs = self._rows_of_words(keys, canons), self._rows_of_pairs(keys, canons)
        known = _rows({row for rows in (words, pairs) for row in rows.ravel().tolist() if row >= 0})
        for numbers, share in zip((known, *self._others(verdict)), weights.block_weights, strict=True):
            if numbers.size:
                length = float(np.sqrt(self._squares[numbers].sum()))
                total += (share / length) * weights.steps * weights.linear[numbers].sum(axis=0, dtype=np.int32)
        by_head = {}
        for head in HEADS:
            logits = weights.scale[head] * total[self._columns[head]] + weights.shift[self._columns[head]]
            by_head[head] = _softmax(logits)
        likely = self._matters(known, by_head["topic"]) if matters else ()
        return Scores(by_head=by_head, labels=weights.labels, matters=likely, words=words, pairs=pairs)

    def _rows_of_words(self, keys: Sequence[str], canons: Sequence[str]) -> NDArray[np.intp]:
        get = self._weights.index.get
        plain = [get(plain_word(key), -1) for key in keys]
        return np.array([plain, [get(accented_word(canon), -1) for canon in canons]], np.intp)

    def _rows_of_pairs(self, keys: Sequence[str], canons: Sequence[str]) -> NDArray[np.intp]:
        get = self._weights.index.get
        plain = [get(plain_pair(one, other), -1) for one, other in pairwise(keys)]
        accented = [get(accented_pair(one, other), -1) for one, other in pairwise(canons)]
        return np.array([plain, accented], np.intp)

    def _others(self, verdict: RuleVerdict) -> Iterator[NDArray[np.intp]]:
        index = self._weights.index
        pieces: set[int] = set()
        for token in verdict.reading.tokens:
            pieces.update(self._pieces_of(token.key))
        yield _rows(pieces)
        signs: set[int] = set()
        for hits in verdict.reading.hits.values():
            for hit in hits:
                signs.update(self._signs_of(hit.phrase.tag))
        yield _rows(signs)
        yield _rows({index[sign] for sign in verdict.signs() if sign in index})

    def _pieces_of(self, key: str) -> tuple[int, ...]:
        known = self._pieces.get(key)
        if known is None:
            index = self._weights.index
            known = tuple(index[piece] for piece in pieces_of(key) if piece in index)
            if len(self._pieces) < _WORDS_KEPT:
                self._pieces[key] = known
        return known

    def _signs_of(self, tag: str) -> tuple[int, ...]:
        known = self._signs.get(tag)
        if known is None:
            index = self._weights.index
            known = self._signs[tag] = tuple(index[sign] for sign in signs_of(tag) if sign in index)
        return known

    def _matters(self, words: NDArray[np.intp], topics: Floats) -> tuple[tuple[str, float], ...]:
        """The likeliest matters of the two likeliest topics; those of a topic share its probability."""
        weights = self._weights
        rows = weights.matter_rows[words] if words.size else words
        rows = rows[rows >= 0]
        if not rows.size:
            return ()
        scale = weights.matter_scale / float(np.sqrt(self._squares[words].sum()))
        names: list[str] = []
        parts: list[Floats] = []
        for topic in np.argsort(-topics, kind="stable")[:2].tolist():
            own = self._matters_of[topic]
            if own.stop > own.start:
                names += weights.matter_names[own]
                parts.append(topics[topic] * _softmax(scale * weights.matters[rows, own].sum(axis=0, dtype=np.int32)))
        if not parts:
            return ()
        shares = np.concatenate(parts)
        best = np.argsort(-shares, kind="stable")[:_MATTERS].tolist()
        return tuple((names[at], round(float(shares[at]), 4)) for at in best)

    def words_for(
        self, scores: Scores, verdict: RuleVerdict, head: str, label: str, hidden: Set[int] = frozenset()
    ) -> tuple[str, ...]:
        """The writer's words that speak most for a label, as typed, strongest first; none of those whose numbers are
        `hidden`."""
        tokens = verdict.reading.tokens
        columns = self._columns[head]
        column = columns.start + self._weights.labels[head].index(label)
        single = self._push(scores.words, column, columns)
        spans = [(value, at, at + 1) for at, value in enumerate(single.tolist())]
        if scores.pairs.shape[1]:
            joint = self._push(scores.pairs, column, columns) + 0.5 * (single[:-1] + single[1:])
            spans += [(value, at, at + 2) for at, value in enumerate(joint.tolist())]
        chosen: list[tuple[int, int]] = []
        for value, start, end in sorted(spans, key=lambda span: (-span[0], span[1])):
            if value <= 0 or len(chosen) == _NAMED:
                break
            if not hidden.isdisjoint(range(start, end)):
                continue
            if all(end <= other or stop <= start for other, stop in chosen):
                chosen.append((start, end))
        return tuple(" ".join(token.surface for token in tokens[start:end]) for start, end in chosen)

    def _push(self, rows: NDArray[np.intp], column: int, columns: slice) -> Floats:
        """How much each word or pair speaks for a column rather than for the other columns of its head."""
        linear = self._weights.linear[rows] * self._weights.steps
        push: Floats = np.where(rows >= 0, linear[..., column] - linear[..., columns].mean(axis=-1), 0.0)
        total: Floats = push.sum(axis=0)
        return total


def _stretch(names: Sequence[str], topic: str) -> slice:
    """Where the matters of a topic stand; names are sorted, so they stand together."""
    own = [at for at, name in enumerate(names) if name.startswith(f"{topic}/")]
    return slice(own[0], own[-1] + 1) if own else slice(0, 0)


def _rows(found: set[int]) -> NDArray[np.intp]:
    return np.fromiter(found, dtype=np.intp, count=len(found))


def _softmax(logits: Floats) -> Floats:
    raised: Floats = np.exp(logits - logits.max())
    shares: Floats = raised / raised.sum()
    return shares
