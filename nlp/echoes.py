"""Which matters of the catalogue the words of a message echo: what relates "vòi inox rỉ hết" to salty tap water.

Each matter is the sum of the words of all messages and phrases the corpus has for it; `lexicon/echoes.npz` holds
them, made by `nlp.training.fit_likeness`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from io import BytesIO
from threading import Lock

import numpy as np
import numpy.typing as npt

#: matters kept of one message
MOST_ECHOES = 24
#: share of the strongest echo below which one is noise
_LEAST = 0.05
#: how much the rarity of a word counts
RARITY_POWER = 1.5
_LOADING = Lock()

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Echoes:
    """The matters as rows of words: word number n has the entries `starts[n]` to `starts[n + 1]` of `matters` (row
    numbers) and `values`; `rarity` is the weight of the word itself, `shares` the share of messages of the
    corpus that hold it (0 for a word it does not know)."""

    names: tuple[str, ...]
    words: Mapping[str, int]
    rarity: Floats
    shares: Mapping[str, float]
    starts: npt.NDArray[np.uint32]
    matters: npt.NDArray[np.uint16]
    values: npt.NDArray[np.float32] = field(repr=False)

    def of(self, terms: Iterable[str]) -> tuple[tuple[str, float], ...]:
        """The matters that stand out, strongest first, with their strength as shares of 1."""
        known = [number for term in terms if (number := self.words.get(term)) is not None]
        if not known or not self.names:
            return ()
        spans = [slice(int(self.starts[number]), int(self.starts[number + 1])) for number in known]
        rows = np.concatenate([self.matters[span] for span in spans])
        values = np.concatenate(
            [self.values[span] * self.rarity[number] for span, number in zip(spans, known, strict=True)]
        )
        sums = np.bincount(rows, weights=values, minlength=len(self.names))
        outstanding = sums - sums.mean() - sums.std()
        first = np.argsort(-outstanding, kind="stable")[:MOST_ECHOES]
        strongest = float(outstanding[first[0]])
        if strongest <= 0:
            return ()
        return tuple(
            (self.names[row], round(float(outstanding[row]) / strongest, 3))
            for row in first
            if outstanding[row] > _LEAST * strongest
        )


def echoes() -> Echoes:
    """The shipped matters; the first call reads them (some tens of milliseconds)."""
    with _LOADING:
        return _load()


@cache
def _load() -> Echoes:
    file = files("nlp") / "lexicon" / "echoes.npz"
    with np.load(BytesIO(file.read_bytes()), allow_pickle=False) as table:
        words = bytes(table["words"]).decode().split("\n")
        return Echoes(
            names=tuple(bytes(table["names"]).decode().split("\n")),
            words={word: number for number, word in enumerate(words)},
            rarity=table["rarity"].astype(np.float32),
            shares=dict(zip(words, table["shares"].astype(np.float32).tolist(), strict=True)),
            starts=table["starts"],
            matters=table["matters"],
            values=table["values"].astype(np.float32) / np.float32(65535),
        )


def forget() -> None:
    """Read the file again at the next call; for the fit that writes it."""
    _load.cache_clear()
