"""Loads the lexicon once, on first use; afterwards it is only read, so threads may share it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any

from nlp.matcher import Hit, Matcher, Phrase
from nlp.normalise import Token, clean, has_accents, tokenise

_LOADING = Lock()
#: files of the lexicon beside the topics' own, in the order they are read
_LISTS = ("kinds", "chat", "levels", "urgency", "boundaries")


@dataclass(frozen=True, kw_only=True)
class SubIssue:
    """One recurring matter of a topic: `name` completes "cùng việc …"; `level` who decides it as a rule."""

    id: str
    topic: str
    name: str
    level: str
    #: code of the body that settles it as a rule (see `nlp.competence`)
    body: str = ""
    #: its level holds as soon as it is mentioned, even beside a heavier sub-issue
    level_wins: bool = False


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """The lexicon ready for use. Tags of phrases: `topic:<code>`, `issue:<topic>/<id>`, `<list>:<group>`."""

    matcher: Matcher
    issues: Mapping[str, SubIssue]
    topic_levels: Mapping[str, str]
    abbreviations: Mapping[str, tuple[str, ...]]
    #: (sub-issue, topics it overrules when both occur)
    boundaries: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A text once read: its words and every lexicon hit, by tag family (the part before the colon)."""

    tokens: tuple[Token, ...]
    accented: bool
    hits: Mapping[str, tuple[Hit, ...]]

    def of(self, family: str, group: str | None = None) -> tuple[Hit, ...]:
        """Hits of a family, or of one group of it."""
        found = self.hits.get(family, ())
        if group is None or not found:
            return found
        tag = f"{family}:{group}"
        return tuple([hit for hit in found if hit.phrase.tag == tag])

    def weight(self, family: str, group: str) -> float:
        """Summed weight of a group's hits, each phrase counted once."""
        best: dict[str, float] = {}
        for hit in self.of(family, group):
            best[hit.phrase.text] = max(best.get(hit.phrase.text, 0.0), hit.weight)
        return sum(best.values())


def vocabulary() -> Vocabulary:
    """The shipped lexicon; the first call reads it (some tens of milliseconds)."""
    with _LOADING:
        return _load()


def read(text: str) -> Reading:
    """Reads a text of any length (its beginning, see `normalise.TEXT_LIMIT`) against the lexicon."""
    words = vocabulary()
    tokens, accented = words_of(clean(text).text)
    hits: dict[str, list[Hit]] = {}
    for hit in words.matcher.find(tokens, accented):
        hits.setdefault(hit.phrase.tag.partition(":")[0], []).append(hit)
    return Reading(
        tokens=tokens,
        accented=accented,
        hits={family: tuple(found) for family, found in hits.items()},
    )


@lru_cache(maxsize=64)
def words_of(readable: str) -> tuple[tuple[Token, ...], bool]:
    """Words of a clean text with abbreviations spelt out, and whether its writer uses accents; the last few are kept,
    as places, phrases and parts of one message are looked for in turn."""
    tokens = tuple(tokenise(readable, vocabulary().abbreviations))
    return tokens, has_accents(tokens)


def sources() -> Iterator[tuple[str, bytes]]:
    """Name and content of every file the vocabulary is made of, in reading order; line ends as on Unix."""
    root = files("nlp") / "lexicon"
    listed = [root / f"{name}.toml" for name in ("teencode", *_LISTS)]
    topics = sorted((root / "topics").iterdir(), key=lambda entry: entry.name)
    for file in (*listed, *(topic for topic in topics if topic.name.endswith(".toml"))):
        yield file.name, file.read_bytes().replace(b"\r\n", b"\n")


@cache
def _load() -> Vocabulary:
    root = files("nlp") / "lexicon"
    words = tomllib.loads((root / "teencode.toml").read_text(encoding="utf-8"))["words"]
    abbreviations = {short: tuple(spelt.split()) for short, spelt in words.items()}
    phrases: list[Phrase] = []
    issues: dict[str, SubIssue] = {}
    topic_levels: dict[str, str] = {}
    for file in sorted((root / "topics").iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".toml"):
            continue
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        topic = table["topic"]
        topic_levels[topic] = table["level"]
        phrases.extend(_phrases(table["words"], f"topic:{topic}", abbreviations))
        for entry in table["issue"]:
            key = f"{topic}/{entry['id']}"
            level = entry.get("level", table["level"])
            issues[key] = SubIssue(
                id=key,
                topic=topic,
                name=entry["name"],
                level=level,
                body=entry.get("body", ""),
                level_wins=entry.get("level_wins", False),
            )
            phrases.extend(_phrases(entry["words"], f"issue:{key}", abbreviations))
    boundaries: tuple[tuple[str, tuple[str, ...]], ...] = ()
    for name in _LISTS:
        table = tomllib.loads((root / f"{name}.toml").read_text(encoding="utf-8"))
        if rules := table.pop("rule", ()):
            boundaries = tuple((rule["issue"], tuple(rule["over"])) for rule in rules)
        for tag, listed in _lists(name, table):
            phrases.extend(_phrases(listed, tag, abbreviations))
    return Vocabulary(
        matcher=Matcher.of(phrases),
        issues=issues,
        topic_levels=topic_levels,
        abbreviations=abbreviations,
        boundaries=boundaries,
    )


def _lists(name: str, table: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Word lists of a file as (tag, words): `[danger] fire = […]` of urgency.toml is "danger:fire"."""
    for section, lists in table.items():
        for group, listed in lists.items():
            family = "chat" if name == "chat" and group == "words" else section
            yield f"{family}:{section if family == 'chat' else group}", listed


def _phrases(written: Iterable[str], tag: str, abbreviations: Mapping[str, tuple[str, ...]]) -> Iterator[Phrase]:
    seen: set[tuple[tuple[str, ...], ...]] = set()
    for text in written:
        phrase = Phrase.parse(text, tag, abbreviations)
        if phrase.canons not in seen:
            seen.add(phrase.canons)
            yield phrase
