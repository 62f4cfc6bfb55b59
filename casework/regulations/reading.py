"""What the texts in force say of one conference. `texts` is what `applicable` returns: the office's own text first."""

from __future__ import annotations

from collections.abc import Sequence

from casework.regulations.model import ConferenceKind, FrequencyRule, ProgrammeItem, Regulation


def programme_for(texts: Sequence[Regulation], kind: ConferenceKind) -> tuple[ProgrammeItem, ...]:
    """The points of the programme in order, of the first text that gives one for this kind; empty when none does."""
    for text in texts:
        items = tuple(item for item in text.programme if kind in item.kinds)
        if items:
            return items
    return ()


def frequency_rules(text: Regulation, level: str = "xa") -> tuple[FrequencyRule, ...]:
    """How often this text asks an office of this level ("xa", "tinh") for conferences of each kind."""
    return tuple(rule for rule in text.frequency if level in rule.levels)
