"""From labelled messages to matrices: copies with noise, rule verdicts, term blocks."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlp.model.accents import Accents
from nlp.model.terms import blocks
from nlp.normalise import clean
from nlp.rules import by_rules
from nlp.training import noise
from nlp.training.corpus import Message
from nlp.vocabulary import read, vocabulary

Block = frozenset[str]
Blocks = tuple[Block, Block, Block, Block]
#: a term must stand in this many different messages to be learnt
_LEAST_MESSAGES = 4


@dataclass(frozen=True, kw_only=True)
class Example:
    """A message as typed, or a noisy copy of it."""

    message: Message
    text: str
    style: str = "as-written"


def read_blocks(text: str, accents: Accents) -> Blocks:
    """The terms of a text, as the served model will meet them."""
    return blocks(by_rules(clean(text).text), accents)


def learn_accents(messages: Iterable[Message]) -> Accents:
    """Which accented words people use and which follow which, from what was typed with accents."""
    readings = (read(clean(message.text).text) for message in messages)
    return Accents.learn(
        [(token.key, token.canon) for token in reading.tokens] for reading in readings if reading.accented
    )


Noise = Callable[[str, random.Random], str]


def noises() -> dict[str, tuple[Noise, float]]:
    """Every way of typing with its share among the noisy copies."""
    short = noise.shortenings(vocabulary().abbreviations)

    def chat(text: str, chance: random.Random) -> str:
        return noise.teencode(text, chance, short=short)

    def plain(make: Noise) -> Noise:
        return lambda text, chance: noise.without_accents(make(text, chance), chance)

    return {
        "no-accents": (noise.without_accents, 0.26),
        "teencode": (chat, 0.12),
        "no-accents-teencode": (plain(chat), 0.08),
        "regional": (noise.regional_spelling, 0.22),
        "typing-errors": (noise.typing_errors, 0.06),
        "no-accents-errors": (plain(noise.typing_errors), 0.06),
        "some-accents": (noise.some_accents_lost, 0.06),
        "telex": (noise.telex_slips, 0.05),
        "spaces-lost": (noise.spaces_lost, 0.05),
        "careless": (noise.careless, 0.04),
    }


def with_noise(messages: Iterable[Message], copies: int, seed: int) -> list[Example]:
    """Each message and `copies` noisy ones of it."""
    chance = random.Random(seed)  # noqa: S311 - reproducible noise, no secret
    made = noises()
    names, shares = list(made), [share for _, share in made.values()]
    examples: list[Example] = []
    for message in messages:
        examples.append(Example(message=message, text=message.text))
        for name in chance.choices(names, shares, k=copies):
            examples.append(Example(message=message, text=made[name][0](message.text, chance), style=name))
    return examples


class TermTable:
    """The learnt terms with their rarity; makes matrices of block lists."""

    def __init__(self, read: Sequence[Blocks], owners: Sequence[str]) -> None:
        """`owners` says of each entry which message it is (a copy of): terms are counted by message."""
        seen: dict[str, set[int]] = {}
        words: set[str] = set()
        numbers: dict[str, int] = {}
        for entry, owner in zip(read, owners, strict=True):
            number = numbers.setdefault(owner, len(numbers))
            words |= entry[0]
            for block in entry:
                for term in block:
                    seen.setdefault(term, set()).add(number)
        kept = sorted(term for term, where in seen.items() if len(where) >= _LEAST_MESSAGES)
        self.index = {term: row for row, term in enumerate(kept)}
        #: which terms are words or pairs of words
        self.words = np.array([term in words for term in kept], np.bool_)
        counts = Counter({term: len(seen[term]) for term in kept})
        total = len(numbers)
        self.rarity = np.array([np.log((1 + total) / (1 + counts[term])) + 1.0 for term in kept], np.float32)

    def matrices(self, read: Sequence[Blocks]) -> list[sparse.csr_matrix]:
        """One matrix (messages x terms) per block, rows of length 1."""
        return [self._matrix([entry[at] for entry in read]) for at in range(4)]

    def _matrix(self, read: Sequence[Block]) -> sparse.csr_matrix:
        columns: list[int] = []
        values: list[NDArray[np.float32]] = []
        ends = [0]
        for block in read:
            rows = sorted(self.index[term] for term in block if term in self.index)
            weights = self.rarity[rows]
            length = float(np.sqrt(np.square(weights).sum())) if rows else 1.0
            columns.extend(rows)
            values.append(weights / length)
            ends.append(len(columns))
        data = np.concatenate(values) if values else np.zeros(0, np.float32)
        shape = (len(read), len(self.index))
        return sparse.csr_matrix((data, np.array(columns, np.int32), np.array(ends, np.int32)), shape=shape)


def joined(matrices: Sequence[sparse.csr_matrix], weights: Sequence[float]) -> sparse.csr_matrix:
    """The blocks added up with their weights; terms of different blocks are different columns."""
    total = matrices[0] * weights[0]
    for matrix, weight in zip(matrices[1:], weights[1:], strict=True):
        total = total + matrix * weight
    return total.tocsr()
