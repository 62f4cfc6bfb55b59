"""How well a reader of messages does: per label, per style of typing, per region, and how honest its confidence is."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from nlp.analysis import Analysis, Kind
from nlp.training.corpus import Message
from nlp.training.examples import noises
from nlp.training.fit import LABELS, SEED, label_of

HEADS = tuple(LABELS)
Reader = Callable[[str], Analysis]


@dataclass(frozen=True, kw_only=True)
class Recall:
    """Of one label: share found, share of what was called so that is so, harmonic mean, messages that bear it."""

    recall: float
    precision: float
    f1: float
    support: int


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Scores of one reader on one set. `accuracy` by head; `labels` by head and label; `kept` the share of answers
    not marked unsure and `right_when_kept` how many of those are right; `calibration_error` the expected
    calibration error over ten bins (Guo et al., ICML 2017)."""

    messages: int
    accuracy: Mapping[str, float]
    labels: Mapping[str, Mapping[str, Recall]]
    kept: Mapping[str, float]
    right_when_kept: Mapping[str, float]
    calibration_error: Mapping[str, float]

    def macro_f1(self, head: str) -> float:
        """Mean F1 of the labels that occur."""
        found = [each.f1 for each in self.labels[head].values() if each.support]
        return sum(found) / len(found) if found else 0.0

    def as_json(self) -> dict[str, object]:
        """Rounded figures for the manifest and the command line."""
        return {
            "messages": self.messages,
            "accuracy": _rounded(self.accuracy),
            "kind_macro_f1": round(self.macro_f1("kind"), 4),
            "denunciation_recall": round(self.labels["kind"][Kind.DENUNCIATION].recall, 4),
            "complaint_recall": round(self.labels["kind"][Kind.COMPLAINT].recall, 4),
            "urgent_recall": round(self.labels["urgent"]["true"].recall, 4),
            "urgent_precision": round(self.labels["urgent"]["true"].precision, 4),
            "kept": _rounded(self.kept),
            "right_when_kept": _rounded(self.right_when_kept),
            "calibration_error": _rounded(self.calibration_error),
        }


def _rounded(values: Mapping[str, float]) -> dict[str, float]:
    return {name: round(value, 4) for name, value in values.items()}


def measure(reader: Reader, messages: Sequence[Message]) -> Measured:
    """Reads every message and compares with its labels."""
    read = [reader(message.text) for message in messages]
    heads = {
        head: [
            (
                label_of(message, head),
                str(getattr(analysis, head).value),
                float(getattr(analysis, head).confidence),
                head not in analysis.unsure,
            )
            for message, analysis in zip(messages, read, strict=True)
        ]
        for head in HEADS
    }
    return Measured(
        messages=len(messages),
        accuracy={head: _share(wanted == said for wanted, said, _, _ in rows) for head, rows in heads.items()},
        labels={head: {label: _recall(rows, label) for label in LABELS[head]} for head, rows in heads.items()},
        kept={head: _share(sure for *_, sure in rows) for head, rows in heads.items()},
        right_when_kept={
            head: _share(wanted == said for wanted, said, _, sure in rows if sure) for head, rows in heads.items()
        },
        calibration_error={head: _calibration_error(rows) for head, rows in heads.items()},
    )


Row = tuple[str, str, float, bool]


def _share(outcomes: Iterable[bool]) -> float:
    listed = list(outcomes)
    return sum(listed) / len(listed) if listed else 1.0


def _recall(rows: Sequence[Row], label: str) -> Recall:
    hits = sum(wanted == said == label for wanted, said, _, _ in rows)
    support = sum(wanted == label for wanted, *_ in rows)
    called = sum(said == label for _, said, *_ in rows)
    recall = hits / support if support else 1.0
    precision = hits / called if called else 1.0
    f1 = 2 * hits / (support + called) if support + called else 1.0
    return Recall(recall=recall, precision=precision, f1=f1, support=support)


def _calibration_error(rows: Sequence[Row]) -> float:
    bins: dict[int, list[tuple[bool, float]]] = {}
    for wanted, said, confidence, _ in rows:
        bins.setdefault(min(9, int(confidence * 10)), []).append((wanted == said, confidence))
    gaps = (
        abs(sum(right for right, _ in found) - sum(confidence for _, confidence in found)) for found in bins.values()
    )
    return sum(gaps) / len(rows) if rows else 0.0


def in_styles(messages: Sequence[Message], only: str | None = None) -> dict[str, list[Message]]:
    """The messages as written and once in every way of typing (or in the `only` one), each with the same noise every
    time."""
    styled: dict[str, list[Message]] = {"as-written": list(messages)}
    for name, (make, _) in noises().items():
        if only not in (None, name):
            continue
        chance = random.Random(SEED)  # noqa: S311 - reproducible noise, no secret
        styled[name] = [_retyped(message, make(message.text, chance), name) for message in messages]
    return styled


def _retyped(message: Message, text: str, style: str) -> Message:
    return Message(
        text=text, kind=message.kind, topic=message.topic, level=message.level, urgent=message.urgent, style=style
    )
