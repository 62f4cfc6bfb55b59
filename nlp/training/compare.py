"""Is a candidate at least as good as the model in use? Compared on the same unseen messages, label by label, in every
way of typing, and by how honest its confidence is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlp.analysis import Kind
from nlp.training.corpus import Message
from nlp.training.evaluate import HEADS, Measured, Reader, in_styles, measure

#: a candidate may lose this much of a share to chance (about one message in a hundred)
TOLERANCE = 0.01
#: of a single way of typing or a single label there are fewer messages
TOLERANCE_OF_PARTS = 0.03
Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure of both; `worse` when the candidate loses more than chance explains."""

    what: str
    style: str
    current: float
    candidate: float
    worse: bool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """All figures; a candidate is refused when one of them is worse."""

    rows: tuple[Row, ...]

    @property
    def accepted(self) -> bool:
        return not any(row.worse for row in self.rows)


def compare(current: Reader, candidate: Reader, messages: Sequence[Message], tell: Tell = lambda _: None) -> Comparison:
    """Reads every message in every style with both."""
    rows: list[Row] = []
    for style, styled in in_styles(messages).items():
        tell(f"So trên cách gõ: {style}")
        one, other = measure(current, styled), measure(candidate, styled)
        whole = style == "as-written"
        tolerance = TOLERANCE if whole else TOLERANCE_OF_PARTS
        rows += [_higher(f"{head}", style, one.accuracy[head], other.accuracy[head], tolerance) for head in HEADS]
        rows.append(_higher("kind macro-F1", style, one.macro_f1("kind"), other.macro_f1("kind"), tolerance))
        if whole:
            rows += _parts(one, other)
    return Comparison(rows=tuple(rows))


def _parts(one: Measured, other: Measured) -> list[Row]:
    style = "as-written"
    rows = [
        _higher(f"{label} recall", style, one.labels[head][label].recall, other.labels[head][label].recall, TOLERANCE)
        for head, label in (
            ("kind", str(Kind.DENUNCIATION)),
            ("kind", str(Kind.COMPLAINT)),
            ("urgent", "true"),
        )
    ]
    for head in HEADS:
        rows += [
            _higher(f"{head} {label} F1", style, found.f1, other.labels[head][label].f1, 2 * TOLERANCE_OF_PARTS)
            for label, found in one.labels[head].items()
            if found.support
        ]
        rows.append(
            _higher(f"{head} sure and right", style, one.right_when_kept[head], other.right_when_kept[head], TOLERANCE)
        )
        gap = other.calibration_error[head] - one.calibration_error[head]
        rows.append(
            Row(
                what=f"{head} calibration error",
                style=style,
                current=one.calibration_error[head],
                candidate=other.calibration_error[head],
                worse=gap > TOLERANCE_OF_PARTS,
            )
        )
    return rows


def _higher(what: str, style: str, current: float, candidate: float, tolerance: float) -> Row:
    return Row(what=what, style=style, current=current, candidate=candidate, worse=candidate < current - tolerance)
