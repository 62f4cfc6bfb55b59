"""Concepts: what a message speaks of and what is wrong with it, whatever the words ("ngõ tối om" is a street lamp)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from threading import Lock

from nlp.matcher import Hit, Matcher, Phrase, longest_only
from nlp.normalise import Token
from nlp.vocabulary import vocabulary

_LOADING = Lock()
#: words of a message in which concepts are looked for
WORDS_READ = 300
#: what a further phrase of one concept adds to the first, and the most a concept weighs
_FURTHER = 0.3
_HEAVIEST = 4.0


@dataclass(frozen=True, kw_only=True)
class Concepts:
    """Weights of the concepts found, by code, 0..4."""

    objects: Mapping[str, float]
    problems: Mapping[str, float]


def concepts_of(tokens: Sequence[Token], accented: bool) -> Concepts:
    """The concepts of a message read before."""
    hits = _matcher().find(tokens[:WORDS_READ], accented)
    return Concepts(objects=_weights(hits, "object"), problems=_weights(hits, "problem"))


def _weights(hits: Sequence[Hit], family: str) -> dict[str, float]:
    found: dict[str, dict[str, float]] = {}
    for hit in longest_only(hit for hit in hits if hit.phrase.tag.startswith(family)):
        told = found.setdefault(hit.topic, {})
        told[hit.phrase.text] = max(told.get(hit.phrase.text, 0.0), hit.weight)
    weights = {}
    for code, told in found.items():
        heaviest = max(told.values())
        weights[code] = round(min(heaviest + _FURTHER * (sum(told.values()) - heaviest), _HEAVIEST), 2)
    return weights


def concept_names() -> Mapping[str, str]:
    """Code of each concept -> its first phrase, for reasons people read."""
    return _load()[1]


def _matcher() -> Matcher:
    return _load()[0]


def _load() -> tuple[Matcher, Mapping[str, str]]:
    with _LOADING:
        return _read()


@cache
def _read() -> tuple[Matcher, Mapping[str, str]]:
    table = tomllib.loads((files("nlp") / "lexicon" / "concepts.toml").read_text(encoding="utf-8"))
    abbreviations = vocabulary().abbreviations
    phrases: list[Phrase] = []
    names: dict[str, str] = {}
    for family, groups in table.items():
        for code, written in groups.items():
            seen: set[str] = set()
            for text in written:
                phrase = Phrase.parse(text, f"{family}:{code}", abbreviations)
                if phrase.text not in seen:
                    seen.add(phrase.text)
                    phrases.append(phrase)
            names[code] = phrases[-len(seen)].text
    return Matcher.of(phrases), names
