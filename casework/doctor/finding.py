"""What a check is and what it can find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from casework.usecases.work import Work


class Severity(StrEnum):
    """How bad it is."""

    BREACH = "breach"  # a promise is broken
    WARNING = "warning"  # nothing is broken yet, but a person must look


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, named by table and id: `what` quotes nobody's words."""

    subject: str
    subject_id: int | None
    what: str
    severity: Severity = Severity.BREACH


@dataclass(frozen=True, kw_only=True)
class Check:
    """One promise, or the part of it that data can show.

    `promise` is its number in docs/loi-hua.md and `quote` the words of it that are checked.
    """

    name: str
    promise: int
    quote: str
    look: Callable[[Work], Iterable[Finding]]


def breach(subject: str, subject_id: int | None, what: str) -> Finding:
    """A broken promise."""
    return Finding(subject=subject, subject_id=subject_id, what=what)


def warning(subject: str, subject_id: int | None, what: str) -> Finding:
    """Something a person must look at."""
    return Finding(subject=subject, subject_id=subject_id, what=what, severity=Severity.WARNING)
