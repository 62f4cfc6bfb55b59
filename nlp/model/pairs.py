"""Finds the rows of all pairs of neighbours of a message in one look-up, by the numbers of their words: most pairs were
never met, and asking a large table for the name of each takes longest of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

import numpy as np

from nlp.model.terms import ACCENTED_PAIR, PLAIN_PAIR

#: the row of a pair never met
UNKNOWN = -1
_AT_ONCE = 4_096


class Pairs:
    """The pairs among the terms of a model (`index`: term -> row). Read-only once built. Raises ValueError when the
    term of a pair is not two words with one space between them."""

    def __init__(self, index: Mapping[str, int]) -> None:
        #: word -> number; a word without accents and one with them have different numbers
        self._plain: dict[str, int] = {}
        self._accented: dict[str, int] = {}
        ordered: list[int] = []
        rows: list[int] = []
        for prefix, numbers in ((PLAIN_PAIR, self._plain), (ACCENTED_PAIR, self._accented)):
            terms = [term for term in index if term.startswith(prefix)]
            rows += map(index.__getitem__, terms)
            first = 0 if numbers is self._plain else len(self._plain)
            # A few at a time: all words of all pairs at once would take more memory than the whole model.
            for start in range(0, len(terms), _AT_ONCE):
                words = _words(terms[start : start + _AT_ONCE], len(prefix))
                new = [word for word in dict.fromkeys(words) if word not in numbers]
                numbers.update(zip(new, range(first + len(numbers), first + len(numbers) + len(new)), strict=True))
                ordered += map(numbers.__getitem__, words)
        self._count = len(self._plain) + len(self._accented)
        #: makes every code it is part of negative, which none in the table is
        self._never = -self._count * self._count - 1
        both = np.array(ordered, np.int64).reshape(-1, 2)
        codes = both[:, 0] * self._count + both[:, 1]
        order = np.argsort(codes)
        # The last one is met by no code, so that every search ends at an entry.
        self._codes = np.append(codes[order], np.iinfo(np.int64).max)
        self._rows = np.append(np.array(rows, np.int64)[order], UNKNOWN)

    def rows(self, keys: Sequence[str], canons: Sequence[str]) -> tuple[list[int], list[int]]:
        """For each two neighbours of as many words without and with accents, the row of their term or `UNKNOWN`."""
        never = repeat(self._never)
        numbers = np.array([*map(self._plain.get, keys, never), *map(self._accented.get, canons, never)], np.int64)
        codes = numbers[:-1] * self._count + numbers[1:]
        where = self._codes.searchsorted(codes)
        found: list[int] = np.where(self._codes[where] == codes, self._rows[where], UNKNOWN).tolist()
        return found[: len(keys) - 1], found[len(keys) :]


def _words(terms: Iterable[str], prefix: int) -> list[str]:
    """The two words of each term, one after the other."""
    pairs = [term[prefix:] for term in terms]
    # One term of three words and one of a single word would else shift all between them.
    if any(pair.count(" ") != 1 for pair in pairs):
        raise ValueError("a pair of words is not two words")
    joined = " ".join(pairs)
    return joined.split(" ") if joined else []
