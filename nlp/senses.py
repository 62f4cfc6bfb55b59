"""The sense of a message: a direction in a space in which messages of one matter lie close, whatever their words.

Every word and pair of words has a vector; a message is the sum of its own, scaled to length 1. The vectors are learned
by `nlp.training.fit_senses` and lie in `lexicon/senses.npz`. What `echoes` tells matter by matter, this tells as a
whole, and for words that no matter of the catalogue leads with.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock

import numpy as np
import numpy.typing as npt

from nlp.packed import arrays_of, insist

#: dimensions of the space
SIZE = 160
_LOADING = Lock()

Sense = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Senses:
    """The vectors of the terms: `numbers` are the terms, by `number_of`, sorted; row n of `vectors` times `scales[n]`
    belongs to number n."""

    numbers: npt.NDArray[np.uint32]
    vectors: npt.NDArray[np.int8] = field(repr=False)
    scales: npt.NDArray[np.float32] = field(repr=False)

    def of(self, terms: Iterable[str]) -> str:
        """The sense of a message with these terms as it is stored, "" when no term is known."""
        asked = np.fromiter(map(number_of, terms), np.uint32)
        where = np.searchsorted(self.numbers, asked)
        where[where == len(self.numbers)] = 0
        where = where[self.numbers[where] == asked]
        whole = self.scales[where] @ self.vectors[where].astype(np.float32)
        highest = float(np.abs(whole).max(initial=0.0))
        if highest == 0.0:
            return ""
        return b64encode(np.rint(whole * (127 / highest)).astype(np.int8).tobytes()).decode()


def number_of(term: str) -> int:
    """The number under which a term is known; the same in every process."""
    return zlib.crc32(term.encode())


@lru_cache(maxsize=64)
def restored(stored: str) -> Sense:
    """A stored sense as a vector of length 1; of length 0 for "". The last few are kept: a signature is checked when it
    is read and compared right after. Raises ValueError when it is none."""
    if not stored:
        return _NO_SENSE
    try:
        vector = np.frombuffer(b64decode(stored, validate=True), np.int8).astype(np.float32)
    except (TypeError, ValueError) as error:
        raise ValueError(_NO_SENSE_AT_ALL) from error
    insist(vector.shape == (SIZE,), refusal=_NO_SENSE_AT_ALL)
    length = float(np.sqrt(vector @ vector))
    return vector / np.float32(length) if length else _NO_SENSE


_NO_SENSE_AT_ALL = "Không phải véc-tơ nghĩa hợp lệ; hãy tính lại từ văn bản."
_NO_SENSE: Sense = np.zeros(SIZE, np.float32)


def senses() -> Senses:
    """The shipped vectors; the first call reads them (some tens of milliseconds)."""
    with _LOADING:
        return _load()


@cache
def _load() -> Senses:
    return unpacked((files("nlp") / "lexicon" / "senses.npz").read_bytes())


def unpacked(packed: bytes) -> Senses:
    """Reads what `nlp.training.fit_senses` wrote. Raises ValueError when it is damaged."""
    read = arrays_of(packed, _FORM, refusal=_DAMAGED)
    numbers, vectors, scales = read["numbers"], read["vectors"], read["scales"]
    insist(
        len(numbers) > 0,
        vectors.shape == (len(numbers), SIZE),
        scales.shape == numbers.shape,
        bool(np.all(scales > 0)),
        bool(np.all(numbers[1:] > numbers[:-1])),
        refusal=_DAMAGED,
    )
    return Senses(numbers=numbers, vectors=vectors, scales=scales)


_FORM: Mapping[str, tuple[npt.DTypeLike, int]] = {
    "numbers": (np.uint32, 1),
    "vectors": (np.int8, 2),
    "scales": (np.float32, 1),
}
_DAMAGED = "Tệp véc-tơ nghĩa lexicon/senses.npz hỏng; hãy cài lại phần mềm hoặc chạy nlp.training.fit_senses."


def forget() -> None:
    """Read the file again at the next call; for the fit that writes it."""
    _load.cache_clear()
