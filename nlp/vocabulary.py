"""Loads the lexicon once, on first use; afterwards it is only read, so threads may share it."""

from __future__ import annotations

import gzip
import hashlib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any

from nlp.matcher import Hit, Matcher, Phrase, as_text, longest_only
from nlp.normalise import Token, clean, has_accents, tokenise

_LOADING = Lock()
#: what `compiled` made of the files
COMPILED = "compiled.txt.gz"
_FORMAT = 3
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
    hits: Mapping[str, Sequence[Hit]]

    def of(self, family: str, group: str | None = None) -> Sequence[Hit]:
        """Hits of a family, or of one group of it."""
        found = self.hits.get(family, ())
        if group is None or not found:
            return found
        tag = f"{family}:{group}"
        return [hit for hit in found if hit.phrase.tag == tag]

    def weight(self, family: str, group: str) -> float:
        """Summed weight of a group's hits, each phrase counted once."""
        if family not in self.hits:
            return 0.0
        best: dict[str, float] = {}
        for hit in self.of(family, group):
            best[hit.phrase.text] = max(best.get(hit.phrase.text, 0.0), hit.weight)
        return sum(best.values())

    @cached_property
    def about(self) -> Sequence[Hit]:
        """The hits that tell what the text is about, in reading order, without those inside longer ones."""
        return longest_only([*self.of("issue"), *self.of("topic")])


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
        hits.setdefault(hit.phrase.family, []).append(hit)
    return Reading(tokens=tokens, accented=accented, hits=hits)


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
def lexicon_digest() -> str:
    """Fingerprint of all files the vocabulary is made of."""
    found = hashlib.blake2b(digest_size=16)
    for name, content in sources():
        found.update(name.encode() + b"\0" + content + b"\0")
    return found.hexdigest()


def compiled() -> bytes:
    """The vocabulary cut into words beforehand, for `COMPILED`: reading the files anew takes several times as long.
    The same files give the same bytes."""
    table, phrases = _parsed()
    head = json.dumps(
        {"format": _FORMAT, "lexicon": lexicon_digest(), **table}, ensure_ascii=False, separators=(",", ":")
    )
    return gzip.compress(f"{head}\n{as_text(phrases)}".encode(), mtime=0)


@cache
def _load() -> Vocabulary:
    table, matcher = _precut() or _cut()
    issues = [SubIssue(**entry) for entry in table["issues"]]
    return Vocabulary(
        matcher=matcher,
        issues={issue.id: issue for issue in issues},
        topic_levels=table["topic_levels"],
        abbreviations={short: tuple(words) for short, words in table["abbreviations"].items()},
        boundaries=tuple((issue, tuple(topics)) for issue, topics in table["boundaries"]),
    )


def _cut() -> tuple[dict[str, Any], Matcher]:
    table, phrases = _parsed()
    return table, Matcher.of(phrases)


def _precut() -> tuple[dict[str, Any], Matcher] | None:
    """The compiled vocabulary; None when there is none or somebody has edited the lexicon since."""
    file = files("nlp") / "lexicon" / COMPILED
    if not file.is_file():
        return None
    head, _, written = gzip.decompress(file.read_bytes()).decode().partition("\n")
    table: dict[str, Any] = json.loads(head)
    fits = table.get("format") == _FORMAT and table["lexicon"] == lexicon_digest()
    return (table, Matcher.from_text(written)) if fits else None


def _parsed() -> tuple[dict[str, Any], Iterable[Phrase]]:
    """The files read: all but the phrases as plain lists and strings, and the phrases."""
    tables = {name: tomllib.loads(content.decode()) for name, content in sources()}
    words = tables.pop("teencode.toml")["words"]
    abbreviations = {short: tuple(spelt.split()) for short, spelt in words.items()}
    phrases: list[Phrase] = []
    issues: list[dict[str, Any]] = []
    topic_levels: dict[str, str] = {}
    boundaries: list[tuple[str, list[str]]] = []
    for table in (tables[name] for name in sorted(tables) if "topic" in tables[name]):
        topic = table["topic"]
        topic_levels[topic] = table["level"]
        phrases.extend(_phrases(table["words"], f"topic:{topic}", abbreviations))
        for entry in table["issue"]:
            key = f"{topic}/{entry['id']}"
            issue = SubIssue(
                id=key,
                topic=topic,
                name=entry["name"],
                level=entry.get("level", table["level"]),
                body=entry.get("body", ""),
                level_wins=entry.get("level_wins", False),
            )
            issues.append(asdict(issue))
            phrases.extend(_phrases(entry["words"], f"issue:{key}", abbreviations))
    for name in _LISTS:
        table = tables[f"{name}.toml"]
        boundaries += [(rule["issue"], rule["over"]) for rule in table.pop("rule", ())]
        for tag, listed in _lists(name, table):
            phrases.extend(_phrases(listed, tag, abbreviations))
    table = {
        "abbreviations": abbreviations,
        "topic_levels": topic_levels,
        "issues": issues,
        "boundaries": boundaries,
    }
    return table, phrases


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
