"""Which matters of the catalogue the words of a message echo: what relates "vòi inox rỉ hết" to salty tap water.

Each matter is the sum of the words of all messages and phrases the corpus has for it; `lexicon/echoes.npz` holds
them, made by `nlp.training.fit_likeness`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from threading import Lock

import numpy as np
import numpy.typing as npt

from nlp.packed import arrays_of, insist

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
    return unpacked((files("nlp") / "lexicon" / "echoes.npz").read_bytes())


def unpacked(packed: bytes) -> Echoes:
    """Reads what `nlp.training.fit_likeness` wrote. Raises ValueError when it is damaged."""
    read = arrays_of(packed, _FORM, refusal=_DAMAGED)
    starts, matters, rarity, shares = read["starts"], read["matters"], read["rarity"], read["shares"]
    names, words = _lines(read["names"]), _lines(read["words"])
    known = {word: number for number, word in enumerate(words)}
    insist(
        len(known) == len(words),
        len(rarity) == len(shares) == len(words),
        bool(np.all(rarity >= 0) and np.all(shares >= 0) and np.all(shares <= 1)),
        len(starts) == len(words) + 1 and starts[0] == 0 and starts[-1] == len(matters),
        bool(np.all(starts[1:] >= starts[:-1])),
        len(read["values"]) == len(matters),
        bool(np.all(matters < len(names))),
        refusal=_DAMAGED,
    )
    return Echoes(
        names=names,
        words=known,
        rarity=rarity.astype(np.float32),
        shares=dict(zip(words, shares.astype(np.float32).tolist(), strict=True)),
        starts=starts,
        matters=matters,
        values=read["values"].astype(np.float32) / np.float32(65535),
    )


def _lines(letters: npt.NDArray[np.uint8]) -> tuple[str, ...]:
    try:
        return tuple(letters.tobytes().decode().split("\n"))
    except UnicodeDecodeError as error:
        raise ValueError(_DAMAGED) from error


_FORM: Mapping[str, tuple[npt.DTypeLike, int]] = {
    "names": (np.uint8, 1),
    "words": (np.uint8, 1),
    "rarity": (np.float16, 1),
    "shares": (np.float16, 1),
    "starts": (np.uint32, 1),
    "matters": (np.uint16, 1),
    "values": (np.uint16, 1),
}
_DAMAGED = "Tệp chủ đề lexicon/echoes.npz hỏng; hãy cài lại phần mềm hoặc chạy nlp.training.fit_likeness."


def forget() -> None:
    """Read the file again at the next call; for the fit that writes it."""
    _load.cache_clear()
