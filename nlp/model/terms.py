"""What the model sees of a message: words and word pairs without accents, the same with accents where the writer
uses them, pieces of words, what the lexicon recognised and what the rules make of it.

One home for training and serving: both ask here, so a model can never meet terms made another way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from nlp.model.accents import Accents
from nlp.rules import RuleVerdict
from nlp.vocabulary import Reading

#: bump when a term is made in another way: a model of another version is refused
VERSION = 1
#: how the terms of pairs begin; the two words follow with a space between them
PLAIN_PAIR, ACCENTED_PAIR = "b:", "d:"
#: lengths of the pieces of words, edges marked
_PIECES = (2, 5)


def word_block(keys: Sequence[str], canons: Sequence[str]) -> Iterator[str]:
    """Words and pairs of neighbours, accent-free and accented (as typed, or put back by `nlp.model.accents`)."""
    for terms in (plain_words(keys), plain_pairs(keys), accented_words(canons), accented_pairs(canons)):
        yield from terms


def canons_of(reading: Reading, accents: Accents) -> list[str]:
    """The accented words of a message; where the writer left the accents out, the likeliest ones."""
    if reading.accented:
        return [token.canon for token in reading.tokens]
    return accents.restore([token.key for token in reading.tokens])


def plain_words(keys: Sequence[str]) -> list[str]:
    """The terms of words without accents."""
    return [f"w:{key}" for key in keys]


def accented_words(canons: Sequence[str]) -> list[str]:
    """The terms of words with their accents, wherever the tone marks stand."""
    return [f"c:{canon}" for canon in canons]


def plain_pairs(keys: Sequence[str]) -> list[str]:
    """The terms of neighbours without accents."""
    return [f"{PLAIN_PAIR}{one} {other}" for one, other in pairwise(keys)]


def accented_pairs(canons: Sequence[str]) -> list[str]:
    """The terms of neighbours with accents."""
    return [f"{ACCENTED_PAIR}{one} {other}" for one, other in pairwise(canons)]


@lru_cache(maxsize=32_768)
def pieces_of(key: str) -> tuple[str, ...]:
    """Runs of letters of one accent-free word."""
    marked = f"<{key[:24]}>"
    shortest, longest = _PIECES
    found = {
        f"k:{marked[at : at + size]}" for size in range(shortest, longest + 1) for at in range(len(marked) - size + 1)
    }
    return tuple(sorted(found))


def signs_of(tag: str) -> Iterator[str]:
    """What a phrase of the lexicon with this tag is a sign of: itself, and the topic a sub-issue belongs to."""
    yield f"L:{tag}"
    family, _, name = tag.partition(":")
    if family == "issue":
        yield f"L:of:{name.partition('/')[0]}"


def blocks(
    verdict: RuleVerdict, accents: Accents
) -> tuple[frozenset[str], frozenset[str], frozenset[str], frozenset[str]]:
    """The distinct terms of a message by block: words, pieces of words, signs of the lexicon, verdicts of the
    rules. Each block is scaled to length 1 before it is weighed."""
    reading = verdict.reading
    keys = [token.key for token in reading.tokens]
    return (
        frozenset(word_block(keys, canons_of(reading, accents))),
        frozenset(piece for key in keys for piece in pieces_of(key)),
        frozenset(sign for hits in reading.hits.values() for hit in hits for sign in signs_of(hit.phrase.tag)),
        frozenset(verdict.signs()),
    )
