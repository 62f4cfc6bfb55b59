"""What single words and word pairs tell about the topic when no whole phrase of the lexicon is there.

Every phrase of a topic is read as a tiny document of it; a word that occurs in the phrases of few topics points to
them. Weak evidence, but it is there for wordings nobody listed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from nlp.matcher import Phrase
from nlp.normalise import Token

#: a word pointing to its best topic less clearly than this says nothing
_CLEAREST_SHARE = 0.34
_TOO_COMMON_FROM = 8


def hints_of(phrases: Iterable[Phrase]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Words and pairs, in accented (`canon`) and accent-free form, with their weight for each topic."""
    counts: dict[str, Counter[str]] = {}
    for phrase in phrases:
        family, _, name = phrase.tag.partition(":")
        if family not in ("issue", "topic"):
            continue
        topic = name.partition("/")[0]
        for segment in phrase.segments:
            for term in {*terms(segment, accented=True), *terms(segment, accented=False)}:
                counts.setdefault(term, Counter())[topic] += 1
    table = {}
    for term, by_topic in counts.items():
        total = sum(by_topic.values())
        clearest = max(by_topic.values()) / total
        if clearest >= _CLEAREST_SHARE and len(by_topic) < _TOO_COMMON_FROM:
            size = clearest * math.log1p(total) * (1.0 if " " in term else 0.6)
            table[term] = tuple((topic, size * count / total) for topic, count in sorted(by_topic.items()))
    return table


def terms(words: Sequence[Token], *, accented: bool) -> Iterator[str]:
    """Words longer than one letter and pairs of neighbours."""
    forms = [word.canon if accented else word.key for word in words]
    for position, form in enumerate(forms):
        if len(words[position].key) > 1:
            yield form
        if position + 1 < len(forms):
            yield f"{form} {forms[position + 1]}"


def pointed_topics(
    words: Sequence[Token], accented: bool, hints: Mapping[str, tuple[tuple[str, float], ...]]
) -> dict[str, float]:
    """Summed hints of a text, each term once."""
    topics: dict[str, float] = {}
    for term in set(terms(words, accented=accented)):
        for topic, weight in hints.get(term, ()):
            topics[topic] = topics.get(topic, 0.0) + weight
    return topics
