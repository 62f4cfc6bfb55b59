"""How well the personal data of annotated messages is found: `python -m nlp.training.spans FILE`.

A line of the file is one message with "[type:words]" around what belongs to a person. A span counts as found when one
of the same type shares most of its characters; for redaction it is also told which share of the characters that had to
be masked is masked by spans of any type.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nlp import personal_data
from nlp.analysis import PersonalData

#: share of characters two spans have in common when they are the same
SAME = 0.6
_ANNOTATION = re.compile(r"\[([a-z_]+):([^\]]+)\]")
Finder = Callable[[str], Sequence[PersonalData]]


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A message with the spans a person marked in it."""

    text: str
    spans: tuple[PersonalData, ...]


@dataclass(frozen=True, kw_only=True)
class Score:
    """Spans of one type: how many were right, found in all, and marked in all."""

    right: int
    found: int
    marked: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.marked if self.marked else 1.0


def annotated(lines: Iterable[str]) -> list[Annotated]:
    """The messages of an annotated file; lines that begin with "#" are notes."""
    return [_parsed(line.rstrip("\n")) for line in lines if line.strip() and not line.startswith("#")]


def _parsed(line: str) -> Annotated:
    pieces: list[str] = []
    spans: list[PersonalData] = []
    position = length = 0
    for found in _ANNOTATION.finditer(line):
        before = line[position : found.start()]
        pieces += [before, found[2]]
        start = length + len(before)
        length = start + len(found[2])
        spans.append(PersonalData(type=found[1], start=start, end=length))
        position = found.end()
    return Annotated(text="".join([*pieces, line[position:]]), spans=tuple(spans))


def scores(messages: Iterable[Annotated], find: Finder = personal_data.find) -> dict[str, Score]:
    """By type and for all types together ("all")."""
    right: Counter[str] = Counter()
    found: Counter[str] = Counter()
    marked: Counter[str] = Counter()
    for message in messages:
        guesses = find(message.text)
        found.update(guess.type for guess in guesses)
        marked.update(span.type for span in message.spans)
        right.update(span.type for span in message.spans if any(_same(span, guess) for guess in guesses))
    names = sorted({*found, *marked})
    table = {name: Score(right=right[name], found=found[name], marked=marked[name]) for name in names}
    return {**table, "all": Score(right=right.total(), found=found.total(), marked=marked.total())}


def masked(messages: Iterable[Annotated], find: Finder = personal_data.find) -> float:
    """Share of the marked characters that lie in a span of any type."""
    hidden = wanted = 0
    for message in messages:
        covered = {place for guess in find(message.text) for place in range(guess.start, guess.end)}
        for span in message.spans:
            wanted += span.end - span.start
            hidden += sum(place in covered for place in range(span.start, span.end))
    return hidden / wanted if wanted else 1.0


def _same(span: PersonalData, guess: PersonalData) -> bool:
    common = min(span.end, guess.end) - max(span.start, guess.start)
    return span.type == guess.type and common >= SAME * (max(span.end, guess.end) - min(span.start, guess.start))


def report(messages: Sequence[Annotated]) -> str:
    """A table for people."""
    lines = [f"{'loại':18}{'đúng':>6}{'thấy':>6}{'có':>6}{'chính xác':>11}{'tìm đủ':>8}"]
    for name, score in scores(messages).items():
        lines.append(
            f"{name:18}{score.right:6}{score.found:6}{score.marked:6}{score.precision:11.3f}{score.recall:8.3f}"
        )
    lines.append(f"ký tự cần che đã che: {masked(messages):.3f}")
    return "\n".join(lines)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        sys.stdout.write(report(annotated(Path(name).read_text(encoding="utf-8").splitlines())) + "\n")
