"""Keys under which an opinion is found again: who shares a rare one with it is worth comparing with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

from nlp.echoes import echoes

#: keys of one opinion
MOST_KEYS = 24
#: of these, at most so many that name a place, and so many that name matters
_MOST_PLACES = 8
_MOST_MATTERS = 12

#: codes with their weights
Weights = Iterable[tuple[str, float]]


def posting_keys(
    *,
    groups: Sequence[str],
    pins: Sequence[str],
    topics: Weights,
    matters: Weights,
    issues: Weights,
    echoed: Weights,
    concepts: Weights,
    problems: Weights,
    terms: Iterable[str],
) -> tuple[int, ...]:
    """Numbers of the keys of an opinion, signed 64-bit, at most `MOST_KEYS`: place with matter, matters, rare words.
    Chosen by rule, not by what is stored already, so that two opinions alike choose alike. The arguments are what
    `nlp.similar.Signature` holds, and its words."""
    things, named = _heaviest(concepts, 3), _heaviest(topics, 2)
    places = _place_keys(groups, pins, things[:2], named)
    about = _matter_keys(matters, issues, echoed, things, _heaviest(problems, 2), named[:1])
    chosen: dict[str, None] = {}
    for keys, most in ((places, _MOST_PLACES), (about, _MOST_MATTERS)):
        for key, _ in zip(keys, range(most), strict=False):
            chosen[key] = None
    for term in _rarest(terms):
        if len(chosen) >= MOST_KEYS:
            break
        chosen[f"word {term}"] = None
    return tuple(dict.fromkeys(number_of(key) for key in chosen))


def place_numbers(groups: Iterable[str], pins: Iterable[str], concepts: Weights, topics: Weights) -> list[int]:
    """The keys of places found later."""
    keys = _place_keys(sorted(groups), sorted(pins), _heaviest(concepts, 2), _heaviest(topics, 2))
    return [number_of(key) for key in keys]


def number_of(key: str) -> int:
    """A key as it is stored; the same in every process, for it lives in databases."""
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _place_keys(
    groups: Sequence[str], pins: Sequence[str], things: Sequence[str], topics: Sequence[str]
) -> Iterator[str]:
    yield from (f"pin {pin}" for pin in pins)
    for group in groups:
        yield from (f"at {group} {thing}" for thing in things)
        yield from (f"at {group} {topic}" for topic in topics)


def _matter_keys(
    matters: Weights,
    issues: Weights,
    echoed: Weights,
    things: Sequence[str],
    problems: Sequence[str],
    topics: Sequence[str],
) -> Iterator[str]:
    yield from (f"matter {matter}" for matter in _heaviest(matters, 2))
    yield from (f"issue {issue}" for issue in _heaviest(issues, 2))
    yield from (f"echo {matter}" for matter in _heaviest(echoed, 3))
    yield from (f"pair {thing} {problem}" for thing in things[:2] for problem in problems)
    yield from (f"thing {thing}" for thing in things)
    yield from (f"topic {topic}" for topic in topics)


def _rarest(terms: Iterable[str]) -> list[str]:
    """The rarest in general first; among equals an order by chance that is the same for everybody."""
    shares = echoes().shares
    return sorted(terms, key=lambda term: (shares.get(term, 0.0), " " not in term, _by_chance(term)))


def _by_chance(term: str) -> bytes:
    return blake2b(term.encode(), digest_size=4).digest()


def _heaviest(weights: Weights, count: int) -> list[str]:
    ranked: list[tuple[str, float]] = sorted(weights, key=lambda entry: (-entry[1], entry[0]))
    return [key for key, _ in ranked[:count]]
