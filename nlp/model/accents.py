"""Puts the accents back into a message typed without them, for the model's eyes only: nobody is ever shown words
he or she did not write.

The likeliest sequence of accented words by their frequency and by which word follows which (Viterbi over word pairs,
Katz-like back-off), counted in the project's own corpus.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: accented forms kept of one accent-free word
_FORMS = 5
#: share of a pair's own frequency; the rest backs off to the frequency of the word
_PAIR_SHARE = 0.75
#: words restored; what follows keeps its bare form
_WORDS = 400


@dataclass(frozen=True, kw_only=True)
class Accents:
    """`names` are the accented forms (N) with their frequency `single` (N; 0..1); `forms` accent-free word -> numbers
    of its forms, commonest first; `pairs` (P) sorted codes `before * N + after` with `follows` (P): how often the one
    follows the other, 0..1."""

    names: tuple[str, ...]
    single: NDArray[np.float32]
    forms: Mapping[str, tuple[int, ...]]
    pairs: NDArray[np.int64]
    follows: NDArray[np.float32]

    @classmethod
    def learn(cls, sentences: Iterable[Sequence[tuple[str, str]]]) -> Accents:
        """From the (accent-free, accented) words of messages typed with accents."""
        counts: dict[str, Counter[str]] = defaultdict(Counter)
        pairs: Counter[tuple[str, str]] = Counter()
        heads: Counter[str] = Counter()
        for words in sentences:
            before = ""
            for key, canon in words:
                counts[key][canon] += 1
                if before:
                    pairs[before, canon] += 1
                    heads[before] += 1
                before = canon
        kept = {
            key: [canon for canon, _ in sorted(forms.items(), key=lambda form: (-form[1], form[0]))[:_FORMS]]
            for key, forms in sorted(counts.items())
        }
        names = tuple(sorted({canon for forms in kept.values() for canon in forms}))
        number = {name: at for at, name in enumerate(names)}
        total = sum(sum(forms.values()) for forms in counts.values())
        single = np.zeros(len(names), np.float32)
        for key, forms in kept.items():
            for canon in forms:
                single[number[canon]] = counts[key][canon] / total
        coded = sorted(
            (number[one] * len(names) + number[other], count / heads[one])
            for (one, other), count in pairs.items()
            if one in number and other in number
        )
        return cls(
            names=names,
            single=single,
            forms={key: tuple(number[canon] for canon in forms) for key, forms in kept.items()},
            pairs=np.array([code for code, _ in coded], np.int64),
            follows=np.array([share for _, share in coded], np.float32),
        )

    def restore(self, keys: Sequence[str]) -> list[str]:
        """The likeliest accented form of every word; a word never met stays as it is."""
        if not self.names:
            return list(keys)
        options = [self.forms.get(key, ()) for key in keys[:_WORDS]]
        bonds = self._bonds(options)
        single = self.single
        scores: list[float] = [0.0]
        came_from: list[list[int]] = []
        for at, forms in enumerate(options):
            table = bonds[at]
            best, back = [], []
            for row, form in enumerate(forms or (-1,)):
                rare = float(single[form]) if form >= 0 else 1e-6
                chances = [
                    score + math.log(_PAIR_SHARE * table[row][before] + (1 - _PAIR_SHARE) * rare)
                    for before, score in enumerate(scores)
                ]
                chosen = max(range(len(chances)), key=chances.__getitem__)
                best.append(chances[chosen])
                back.append(chosen)
            scores = best
            came_from.append(back)
        place = max(range(len(scores)), key=scores.__getitem__)
        restored: list[str] = []
        for at in range(len(options) - 1, -1, -1):
            restored.append(self.names[options[at][place]] if options[at] else keys[at])
            place = came_from[at][place]
        return restored[::-1] + list(keys[_WORDS:])

    def _bonds(self, options: Sequence[tuple[int, ...]]) -> list[list[list[float]]]:
        """For every word: by its form and by the form before it, how often they follow each other."""
        codes: list[int] = []
        size = len(self.names)
        before: tuple[int, ...] = (-1,)
        for forms in options:
            for form in forms or (-1,):
                codes += [one * size + form if one >= 0 and form >= 0 else -1 for one in before]
            before = forms or (-1,)
        asked = np.array(codes, np.int64)
        where = np.searchsorted(self.pairs, asked)
        where[where == len(self.pairs)] = 0
        known = self.pairs[where] == asked if len(self.pairs) else np.zeros(len(asked), bool)
        found = np.where(known, self.follows[where] if len(self.pairs) else 0.0, 0.0).tolist()
        bonds: list[list[list[float]]] = []
        at, width = 0, 1
        for forms in options:
            count = len(forms) or 1
            bonds.append([found[at + row * width : at + (row + 1) * width] for row in range(count)])
            at += count * width
            width = count
        return bonds
