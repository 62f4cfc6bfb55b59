"""Reads the messages the model is trained on; the form of the files is told in nlp/corpus/README.md."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable

from nlp.analysis import Kind, Level, Topic

_KINDS = {
    "y": Kind.OPINION,
    "k": Kind.COMPLAINT,
    "t": Kind.DENUNCIATION,
    "n": Kind.NOT_AN_OPINION,
}
_LEVELS = {"x": Level.COMMUNE, "t": Level.PROVINCE, "w": Level.CENTRAL}
_LINE = re.compile(r"([yktn]) ([xtw]) ([-!]) ([btnh]) ([tvg]) \| (\S.*)")


@dataclass(frozen=True, kw_only=True)
class Message:
    """One labelled message. `issue` is "topic/id" of the catalogue; `author` the folder it lies in (who wrote it);
    `region` b, t, n, h (north, centre, south, highlands) and `age` t, v, g (young, middle, old) of the speaker."""

    text: str
    kind: str
    topic: str
    level: str
    urgent: bool
    issue: str = ""
    author: str = ""
    region: str = ""
    age: str = ""
    #: how it is typed, where a test set says so
    style: str = ""
    #: heads whose labels a person vouches for; None: all
    taught: frozenset[str] | None = None

    @property
    def id(self) -> str:
        """Stays the same while the text does."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:10]


def corpus_folder() -> Traversable:
    """Where the project's own corpus lies."""
    return files("nlp") / "corpus"


def messages(folder: Traversable | None = None) -> list[Message]:
    """All messages of the corpus, by author and file. Raises ValueError naming file and line of what is no message."""
    root = (folder or corpus_folder()) / "messages"
    found: list[Message] = []
    for author in _sorted(root.iterdir()):
        if author.is_dir():
            for file in _sorted(author.iterdir()):
                if file.name.endswith(".txt"):
                    found.extend(_read(file, author.name))
    return found


def held_out(folder: Traversable | None = None) -> list[Message]:
    """Messages no model may learn from and no threshold is set on, for comparing models: nlp/corpus/held_out."""
    return _rows_of((folder or corpus_folder()) / "held_out")


def calibration(folder: Traversable | None = None) -> list[Message]:
    """Messages no model may learn from, on which confidence is calibrated and thresholds are set:
    nlp/corpus/calibration."""
    return _rows_of((folder or corpus_folder()) / "calibration")


def _rows_of(folder: Traversable) -> list[Message]:
    """Lines of id, text, kind, topic, level, urgent, style. Raises ValueError naming file and line."""
    found: list[Message] = []
    for file in _sorted(folder.iterdir()):
        if not file.name.endswith(".jsonl"):
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            try:
                row = json.loads(line)
                found.append(
                    Message(
                        text=row["text"],
                        kind=Kind(row["kind"]),
                        topic=Topic(row["topic"]),
                        level=Level(row["level"]),
                        urgent=bool(row["urgent"]),
                        author=file.name.removesuffix(".jsonl"),
                        style=row.get("style", ""),
                    )
                )
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{folder.name}/{file.name}, dòng {number}: {error}") from error
    return found


_PHRASE = re.compile(r"([xtw-]) (\S.*)")


def phrases(folder: Traversable | None = None) -> list[Message]:
    """Short phrases that point to a topic, as messages of the author "phrase" (kind and urgency mean nothing there,
    an empty level is unknown). Raises ValueError naming file and line."""
    found: list[Message] = []
    root = (folder or corpus_folder()) / "phrases"
    for file in _sorted(root.iterdir()) if root.is_dir() else ():
        if not file.name.endswith(".txt"):
            continue
        topic, issue = Topic(file.name.removesuffix(".txt")), ""
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if not line.strip() or line.startswith("#"):
                continue
            if line.startswith("@"):
                issue = line[1:].strip()
                continue
            match = _PHRASE.fullmatch(line)
            if match is None:
                raise ValueError(f"phrases/{file.name}, dòng {number}: không phải một cụm từ có cấp: {line[:60]!r}")
            level = _LEVELS.get(match[1], "")
            found.append(_phrase(match[2], topic, level, f"{topic}/{issue}"))
    return found


def _phrase(text: str, topic: str, level: str, issue: str) -> Message:
    return Message(text=text, kind=Kind.OPINION, topic=topic, level=level, urgent=False, issue=issue, author="phrase")


def _sorted(entries: Iterable[Traversable]) -> Sequence[Traversable]:
    return sorted(entries, key=lambda entry: entry.name)


def _read(file: Traversable, author: str) -> Iterator[Message]:
    topic = Topic(file.name.removesuffix(".txt"))
    issue = ""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("@"):
            issue = f"{topic}/{line[1:].strip()}"
            continue
        found = _LINE.fullmatch(line)
        if found is None or not issue:
            raise ValueError(f"{author}/{file.name}, dòng {number}: không phải một tin nhắn có nhãn: {line[:60]!r}")
        kind, level, urgent, region, age, text = found.groups()
        yield Message(
            text=text,
            kind=_KINDS[kind],
            topic=topic,
            level=_LEVELS[level],
            urgent=urgent == "!",
            issue=issue,
            author=author,
            region=region,
            age=age,
        )
