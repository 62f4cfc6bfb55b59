"""Keys under which an opinion is found again: who shares a rare one with it is worth comparing with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from hashlib import blake2b

from nlp.compared import Compared
from nlp.echoes import echoes

#: keys stored of one opinion
MOST_KEYS = 24
#: of these, at most so many that name a place, and so many that name matters
_MOST_PLACES = 8
_MOST_MATTERS = 12


def keys_of(one: Compared) -> Iterator[str]:
    """All keys, the telling ones first: place with matter, matters, pairs of words, rare words."""
    yield from _place_keys(one)
    yield from _matter_keys(one)
    yield from _word_keys(one)


def posting_keys(one: Compared) -> tuple[int, ...]:
    """Numbers of the keys stored of an opinion, signed 64-bit, at most `MOST_KEYS`. Chosen by rule, not by what is
    stored already, so that two opinions alike choose alike."""
    chosen: dict[str, None] = {}
    for keys, most in ((_place_keys(one), _MOST_PLACES), (_matter_keys(one), _MOST_MATTERS)):
        for key, _ in zip(keys, range(most), strict=False):
            chosen[key] = None
    for key in _word_keys(one):
        if len(chosen) >= MOST_KEYS:
            break
        chosen[key] = None
    return tuple(dict.fromkeys(_number(key) for key in chosen))


def _number(key: str) -> int:
    return int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big", signed=True)


def _place_keys(one: Compared) -> Iterator[str]:
    topics, things = _heaviest(one.topics, 2), _heaviest(one.concepts, 2)
    for pin in sorted(one.roads | one.objects | one.projects):
        yield f"pin {pin}"
    for group in sorted(one.groups):
        yield from (f"at {group} {thing}" for thing in things)
        yield from (f"at {group} {topic}" for topic in topics)


def _matter_keys(one: Compared) -> Iterator[str]:
    things, problems = _heaviest(one.concepts, 3), _heaviest(one.problems, 2)
    yield from (f"matter {matter}" for matter in _heaviest(one.matters, 2))
    yield from (f"issue {issue}" for issue in _heaviest(one.issues, 2))
    yield from (f"echo {matter}" for matter in _heaviest(one.echoes, 3))
    yield from (f"pair {thing} {problem}" for thing in things[:2] for problem in problems)
    yield from (f"thing {thing}" for thing in things)
    yield from (f"topic {topic}" for topic in _heaviest(one.topics, 1))


def _word_keys(one: Compared) -> Iterator[str]:
    """The rarest in general first; among equals an order by chance that is the same for everybody."""
    shares = echoes().shares
    yield from (
        f"word {term}" for term in sorted(one.terms, key=lambda term: (shares.get(term, 0.0), " " not in term, hash_of(term)))
    )


def hash_of(term: str) -> bytes:
    """An order of terms that has nothing to do with their letters."""
    return blake2b(term.encode(), digest_size=4).digest()


def _heaviest(weights: Mapping[str, float], count: int) -> list[str]:
    return sorted(weights, key=lambda key: (-weights[key], key))[:count]
