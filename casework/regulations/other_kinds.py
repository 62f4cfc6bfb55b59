"""Rules of a text for kinds of conference it does not know: the same rules, marked as assumed, under ids of their own.

A text written for the yearly conference says nothing of one held ad hoc. The program keeps the same days there, and
never tells people that the text demands it.
"""

from __future__ import annotations

from typing import TypeVar

from casework.regulations.model import ConferenceKind, DutyRule, OtherKinds, Regulation, StepRule, Trigger

_Rule = TypeVar("_Rule", DutyRule, StepRule)

#: ends the id of a rule kept for other kinds
SUFFIX = "-khac"
#: clocks a conference starts; what a year, an opinion or a receipt starts is owed whatever the conference was
_OF_A_CONFERENCE = frozenset({Trigger.CONFERENCE, Trigger.CONCLUSION_NOTICE, Trigger.FILE_CLOSED})


def with_other_kinds(text: Regulation) -> Regulation:
    """The text with each duty and step split in two: for the kinds it knows, and for `other_kinds`, assumed."""
    other = text.other_kinds
    if other is None:
        return text
    return text.model_copy(
        update={
            "duties": tuple(
                part
                for rule in text.duties
                for part in (_split(rule, other) if rule.trigger in _OF_A_CONFERENCE else (rule,))
            ),
            "steps": tuple(part for rule in text.steps for part in _split(rule, other)),
        }
    )


def _split(rule: _Rule, other: OtherKinds) -> tuple[_Rule, ...]:
    borrowed = _among(rule.kinds, other.kinds)
    # What is assumed anyway says why already.
    if rule.assumed or not borrowed:
        return (rule,)
    known = tuple(kind for kind in rule.kinds if kind not in borrowed)
    twin = rule.model_copy(
        update={
            "id": f"{rule.id}{SUFFIX}",
            "kinds": borrowed,
            "assumed": True,
            "reason": other.reason,
            "borrowed": True,
        }
    )
    return (rule.model_copy(update={"kinds": known}), twin) if known else (twin,)


def _among(kinds: tuple[ConferenceKind, ...], other: tuple[ConferenceKind, ...]) -> tuple[ConferenceKind, ...]:
    return tuple(kind for kind in kinds if kind in other)
