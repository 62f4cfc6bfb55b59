"""Learns the vectors of `nlp.senses` from the corpus.

python -m nlp.training.fit_senses

Writes `lexicon/senses.npz`; takes less than a minute. Every message, phrase of the catalogue and concept is a text of
its matter; the vectors of the terms start from a singular value decomposition and are then moved (Adam, two passes)
so that a text lies closer to the middle of its own matter than to those of all others.
"""

from __future__ import annotations

import math
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.extmath import randomized_svd

from nlp.senses import SIZE, forget, number_of
from nlp.similar import all_terms_of
from nlp.training.corpus import messages, phrases
from nlp.training.fit_likeness import catalogue_phrases
from nlp.vocabulary import read

LEXICON = Path(__file__).parents[1] / "lexicon"
#: how often a term must occur to get a vector
_SEEN = 3
_PASSES = 2
_BATCH = 512
_RATE = 0.01
#: share of a text's terms left out at every look, so that no word carries a matter alone
_LEFT_OUT = 0.2
#: how sharply a text must prefer its own matter; softer is better for matters never seen
_SHARPNESS = 5.0
_SEED = 2026

Floats = NDArray[np.float32]


def main() -> int:
    """Learns and writes."""
    listed = [(terms, matter) for terms, matter in _texts() if terms]
    seen = Counter(term for terms, _ in listed for term in terms)
    known = sorted((term for term, count in seen.items() if count >= _SEEN), key=number_of)
    rarity = np.array([math.log((len(listed) + 1) / (seen[term] + 0.5)) for term in known], np.float32)
    matters = {name: row for row, name in enumerate(sorted({matter for _, matter in listed}))}
    of = np.array([matters[matter] for _, matter in listed])
    texts = _weighed([terms for terms, _ in listed], {term: row for row, term in enumerate(known)}, rarity)
    vectors = _learned(texts, of, len(matters)) * rarity[:, None]
    _write(known, vectors)
    sys.stdout.write(f"{len(listed)} texts, {len(matters)} matters, {len(known)} terms\n")
    return 0


def _texts() -> Iterator[tuple[tuple[str, ...], str]]:
    """Terms and matter of every text; terms with digits say where or when, not what."""
    for one in messages():
        yield _terms(one.text), one.issue
    for one in phrases():
        yield _terms(one.text), one.issue
    for issue, phrase in catalogue_phrases():
        yield _terms(phrase), issue
    for family, groups in tomllib.loads((LEXICON / "concepts.toml").read_text(encoding="utf-8")).items():
        for code, written in groups.items():
            for phrase in written:
                yield _terms(phrase.lstrip("^?!").replace("~", " ")), f"{family}:{code}"


def _terms(text: str) -> tuple[str, ...]:
    return tuple(term for term in all_terms_of(read(text).tokens) if not any(map(str.isdigit, term)))


def _weighed(listed: Sequence[Sequence[str]], row_of: dict[str, int], rarity: Floats) -> csr_matrix:
    """Texts by terms, rarer terms heavier, each row of length 1."""
    columns, values, starts = [], [], [0]
    for terms in listed:
        own = [row_of[term] for term in terms if term in row_of]
        weights = rarity[own]
        columns += own
        values.append(weights / max(float(np.sqrt(weights @ weights)), 1e-6))
        starts.append(len(columns))
    return csr_matrix((np.concatenate(values), columns, starts), shape=(len(listed), len(row_of)), dtype=np.float32)


def _learned(texts: csr_matrix, of: NDArray[np.intp], count: int) -> Floats:
    chance = np.random.default_rng(_SEED)
    vectors: Floats = randomized_svd(texts, SIZE, random_state=_SEED, n_iter=3)[2].T.astype(np.float32)
    middles = np.zeros((count, SIZE), np.float32)
    np.add.at(middles, of, _unit(texts @ vectors)[0])
    middles = _unit(middles)[0]
    moved = _Adam([vectors, middles], steps=_PASSES * (len(of) // _BATCH))
    for _ in range(_PASSES):
        order = chance.permutation(len(of))
        for start in range(0, len(of) - _BATCH + 1, _BATCH):
            chosen = order[start : start + _BATCH]
            looked = texts[chosen]
            looked.data = looked.data * (chance.random(len(looked.data)) > _LEFT_OUT).astype(np.float32)
            moved.step(_slopes(looked, of[chosen], vectors, middles))
    return vectors


def _slopes(looked: csr_matrix, of: NDArray[np.intp], vectors: Floats, middles: Floats) -> list[Floats]:
    """By how much the loss (cross-entropy of the matters' cosines) grows with vectors and middles."""
    said, said_length = _unit(looked @ vectors)
    meant, meant_length = _unit(middles)
    scores = _SHARPNESS * (said @ meant.T)
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    shares[np.arange(len(of)), of] -= 1.0
    shares *= _SHARPNESS / len(of)
    of_said, of_meant = shares @ meant, shares.T @ said
    of_said = (of_said - (of_said * said).sum(axis=1, keepdims=True) * said) / said_length
    of_meant = (of_meant - (of_meant * meant).sum(axis=1, keepdims=True) * meant) / meant_length
    return [looked.T @ of_said, of_meant]


def _unit(rows: Floats) -> tuple[Floats, Floats]:
    lengths = np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-4))
    return rows / lengths, lengths


class _Adam:
    """Moves arrays in place against their slopes, ever more slowly."""

    def __init__(self, moved: Sequence[Floats], *, steps: int) -> None:
        self._moved, self._steps, self._done = moved, steps, 0
        self._means = [np.zeros_like(one) for one in moved]
        self._squares = [np.zeros_like(one) for one in moved]

    def step(self, slopes: Sequence[Floats]) -> None:
        self._done += 1
        rate = _RATE * (1.0 - self._done / (self._steps + 1))
        for moved, slope, mean, square in zip(self._moved, slopes, self._means, self._squares, strict=True):
            mean += 0.1 * (slope - mean)
            square += 0.01 * (slope * slope - square)
            moved -= rate * (mean / (1 - 0.9**self._done)) / (np.sqrt(square / (1 - 0.99**self._done)) + 1e-8)


def _write(known: Sequence[str], vectors: Floats) -> None:
    """Two terms of one number (there is hardly such a pair) share the first one's vector."""
    numbers, first = np.unique(np.array([number_of(term) for term in known], np.uint32), return_index=True)
    kept = vectors[first]
    scales = np.maximum(np.abs(kept).max(axis=1), 1e-9) / 127
    np.savez_compressed(
        LEXICON / "senses.npz",
        numbers=numbers,
        vectors=np.rint(kept / scales[:, None]).astype(np.int8),
        scales=scales.astype(np.float32),
    )
    forget()


if __name__ == "__main__":
    sys.exit(main())
