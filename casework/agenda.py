"""Ranking of issues for the agenda of a conference: pure rules on plain values.

What people see first is what puts somebody in danger, then what most people ask. People are counted, not messages:
one person who writes five times about one lamp is one person. Opinions that were withdrawn, declined, referred up,
guided elsewhere or sealed are neither counted nor listed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from casework.document_head import DocumentHead
from storage.records import OpinionState

#: states in which an opinion stands behind an agenda line
COUNTED = frozenset({OpinionState.APPROVED, OpinionState.SCHEDULED, OpinionState.ASSIGNED, OpinionState.ANSWERED})


@dataclass(frozen=True, kw_only=True)
class Voice:
    """One opinion behind an issue, as the ranking sees it."""

    opinion_id: int
    #: None: nobody we know by identity (a slip without a name, an opinion from the floor)
    citizen_id: int | None
    state: OpinionState
    submitted_at: dt.datetime
    urgent: bool = False
    sealed: bool = False
    #: came after the cut-off: answered in writing, not on the agenda
    late: bool = False

    @property
    def counts(self) -> bool:
        return self.state in COUNTED and not self.sealed and not self.late


@dataclass(frozen=True, kw_only=True)
class Issue:
    """One concrete issue with everybody who raised it."""

    group_id: int
    #: staff marked the whole issue as urgent
    urgent: bool = False
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AgendaLine:
    """One line of an agenda before it is written down: `people` distinct persons stand behind it."""

    group_id: int
    people: int
    urgent: bool
    first_asked_at: dt.datetime
    #: in order of submission
    opinion_ids: tuple[int, ...]


def count_people(voices: Iterable[Voice]) -> int:
    """Distinct people among the voices that count; each voice without an identity is one person."""
    counted = [voice for voice in voices if voice.counts]
    known = {voice.citizen_id for voice in counted if voice.citizen_id is not None}
    return len(known) + sum(voice.citizen_id is None for voice in counted)


def line_of(issue: Issue) -> AgendaLine | None:
    """The line an issue makes, or None when nobody who counts stands behind it."""
    counted = sorted(
        (voice for voice in issue.voices if voice.counts), key=lambda voice: (voice.submitted_at, voice.opinion_id)
    )
    if not counted:
        return None
    return AgendaLine(
        group_id=issue.group_id,
        people=count_people(counted),
        urgent=issue.urgent or any(voice.urgent for voice in counted),
        first_asked_at=counted[0].submitted_at,
        opinion_ids=tuple(voice.opinion_id for voice in counted),
    )


def rank(issues: Iterable[Issue]) -> tuple[AgendaLine, ...]:
    """Lines in the order of the agenda: urgent first, then by people, then the one asked first.

    The result does not depend on the order of the input.
    """
    lines = (line_of(issue) for issue in issues)
    return tuple(
        sorted(
            (line for line in lines if line is not None),
            key=lambda line: (not line.urgent, -line.people, line.first_asked_at, line.group_id),
        )
    )


def is_late(submitted_on: dt.date, cutoff_on: dt.date | None) -> bool:
    """Whether an opinion came after the last day for this agenda; without a cut-off none is late."""
    return cutoff_on is not None and submitted_on > cutoff_on


class Audience(StrEnum):
    """Who will read an agenda: the public form names nobody and quotes nobody."""

    PUBLIC = "public"
    INTERNAL = "internal"


@dataclass(frozen=True, kw_only=True)
class AskerRow:
    """One opinion behind a line, for staff only."""

    code: str | None
    #: the asker's own words, unchanged
    words: str
    #: None when the asker gave none, did not agree to keep it, or the reader may not see it
    name: str | None
    village: str | None
    submitted_on: dt.date
    late: bool


@dataclass(frozen=True, kw_only=True)
class AgendaRow:
    """One line as a reader sees it; `askers` is empty in the public form."""

    position: int
    group_id: int
    #: name-free
    title: str
    people: int
    urgent: bool
    topic: str
    topic_name: str
    field_name: str
    level: str
    level_name: str
    village: str | None
    #: what became of it: pending, answered, deferred, declined
    outcome: str
    #: the program made the title; nobody is known to have read it
    machine_titled: bool = False
    #: who spoke, and the words or note of the outcome; internal form only
    answered_by: str | None = None
    outcome_note: str | None = None
    outcome_ground: str | None = None
    askers: tuple[AskerRow, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AgendaView:
    """An agenda as data: what every table, JSON output and document is made from."""

    audience: Audience
    office_name: str
    #: names, symbol and signature its documents carry
    head: DocumentHead
    conference: str
    title: str
    kind: str
    state: str
    held_on: dt.date
    starts_at: str | None
    place: str
    chair: str
    cutoff_on: dt.date | None
    attendance: int | None
    conclusion_number: str | None
    conclusion_on: dt.date | None
    rows: tuple[AgendaRow, ...] = ()
    #: how many opinions came after the cut-off and are answered in writing
    late: int = 0

    @property
    def machine_titled(self) -> tuple[int, ...]:
        """Places of lines whose title no person gave or confirmed."""
        return tuple(row.position for row in self.rows if row.machine_titled)

    @property
    def people(self) -> int:
        """People behind all lines; somebody who asked two things is counted for each."""
        return sum(row.people for row in self.rows)


def by_field(rows: Iterable[AgendaRow], fields: Iterable[str]) -> tuple[tuple[str, tuple[AgendaRow, ...]], ...]:
    """Rows under the heading of their field, fields in the given order, rows in the order of the agenda."""
    ordered = sorted(rows, key=lambda row: row.position)
    parts = ((field, tuple(row for row in ordered if row.field_name == field)) for field in fields)
    return tuple((field, part) for field, part in parts if part)
