"""Puts the accents back into a message typed without them, for the model's eyes only: nobody is ever shown words
he or she did not write.

The likeliest sequence of accented words by their frequency and by which word follows which (Viterbi over word pairs,
Katz-like back-off), counted in the project's own corpus.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import add

import numpy as np
from numpy.typing import NDArray

#: accented forms kept of one accent-free word
_FORMS = 5
#: share of a pair's own frequency; the rest backs off to the frequency of the word
_PAIR_SHARE = 0.75
#: frequency of a word never met
_RARE = 1e-6
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
    pairs: NDArray[np.int64] | NDArray[np.int32]
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
        chances = self._chances(options)
        scores: list[float] = [0.0]
        came_from: list[list[int]] = []
        at = 0
        for forms in options:
            width, count = len(scores), len(forms) or 1
            end = at + width * count
            if width == 1:
                scores = [scores[0] + chance for chance in chances[at:end]]
                came_from.append([0] * count)
            else:
                best, back = [], []
                for row in range(at, end, width):
                    summed = list(map(add, scores, chances[row : row + width]))
                    highest = max(summed)
                    best.append(highest)
                    back.append(summed.index(highest))
                scores = best
                came_from.append(back)
            at = end
        place = max(range(len(scores)), key=scores.__getitem__)
        restored: list[str] = []
        for at in range(len(options) - 1, -1, -1):
            restored.append(self.names[options[at][place]] if options[at] else keys[at])
            place = came_from[at][place]
        return restored[::-1] + list(keys[_WORDS:])

    def _chances(self, options: Sequence[tuple[int, ...]]) -> list[float]:
        """For every word, by its form and by the form before it: how likely it is there (logarithm)."""
        size = len(self.names)
        codes: list[int] = []
        rows: list[int] = []
        starts = [-size]
        for forms in options:
            if forms:
                for form in forms:
                    codes += [start + form for start in starts]
                    rows += [form] * len(starts)
                starts = [form * size for form in forms]
            else:
                codes += [-1] * len(starts)
                rows += [size] * len(starts)
                starts = [-size]
        logs: list[float] = np.log(_PAIR_SHARE * self._follow(codes) + (1 - _PAIR_SHARE) * self._alone[rows]).tolist()
        return logs

    @cached_property
    def _alone(self) -> NDArray[np.float64]:
        """How often each form occurs, and at the end a word never met."""
        alone: NDArray[np.float64] = np.append(self.single.astype(np.float64), _RARE)
        return alone

    def _follow(self, codes: Sequence[int]) -> NDArray[np.float64]:
        """How often the two words of each code follow each other; a code below 0 is no pair."""
        if not len(self.pairs):
            return np.zeros(len(codes))
        asked = np.array(codes, self.pairs.dtype)
        where = np.searchsorted(self.pairs, asked)
        where[where == len(self.pairs)] = 0
        found: NDArray[np.float64] = np.where(self.pairs[where] == asked, self.follows[where].astype(np.float64), 0.0)
        return found
