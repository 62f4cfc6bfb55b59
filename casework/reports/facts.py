"""What a report is computed from: plain rows, loaded once by `casework.usecases.reports.loading`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from casework.deadlines.values import WorkingCalendar
from casework.reports.periods import Scope


@dataclass(frozen=True, kw_only=True)
class OpinionFact:
    """One opinion, without a word of it."""

    id: int
    citizen_id: int | None
    group_id: int | None
    village_id: int | None
    conference_id: int | None
    topic: str
    level: str
    kind: str
    state: str
    source: str
    sealed: bool
    late: bool
    decline_ground: str | None
    #: local day
    received_on: dt.date


@dataclass(frozen=True, kw_only=True)
class ConferenceFact:
    """One conference that is not cancelled."""

    id: int
    code: str
    title: str
    kind: str
    state: str
    held_on: dt.date
    place: str
    chair: str
    invited: int | None
    attendance: int | None
    #: people who registered to speak, and who spoke
    registered: int = 0
    spoken: int = 0
    conclusion_number: str | None = None
    conclusion_on: dt.date | None = None
    stopped_why: str | None = None

    @property
    def took_place(self) -> bool:
        """Whether people met; a dialogue that came to nothing did not."""
        return self.state in ("held", "concluded")


@dataclass(frozen=True, kw_only=True)
class LineFact:
    """One line of the agenda of a conference."""

    conference_id: int
    group_id: int
    position: int
    #: name-free
    title: str
    outcome: str
    people: int


@dataclass(frozen=True, kw_only=True)
class DebtFact:
    """Who owes or owed the written answer of an issue, by when; the newest assignment that was not cancelled."""

    group_id: int
    agency: str
    assigned_on: dt.date
    #: earliest day by which a text or the assignment itself wants the answer
    due_on: dt.date | None
    #: the newest of the days it was extended to
    extended_to: dt.date | None = None
    #: the newest day was promised by an interim answer, not given by decision
    promised: bool = False
    #: its day had passed before it was extended
    missed: bool = False


@dataclass(frozen=True, kw_only=True)
class AnswerFact:
    """One published answer; `published_on` is the local day it went out."""

    group_id: int
    final: bool
    published_on: dt.date


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Everything one report is computed from."""

    scope: Scope
    #: "xã Tân Minh"
    office_name: str
    #: the day on which things stood so
    on: dt.date
    calendar: WorkingCalendar
    #: those the report counts
    opinions: tuple[OpinionFact, ...]
    #: those on the agenda of its conferences, whatever day they came: the annex counts them
    on_agendas: tuple[OpinionFact, ...] = ()
    #: those in scope, oldest first
    conferences: tuple[ConferenceFact, ...] = ()
    #: of every conference an opinion stands on, also of one outside the scope
    lines: tuple[LineFact, ...] = ()
    held_on: Mapping[int, dt.date] = field(default_factory=dict)
    #: by issue
    debts: Mapping[int, DebtFact] = field(default_factory=dict)
    #: by issue, oldest first
    answers: Mapping[int, tuple[AnswerFact, ...]] = field(default_factory=dict)
    #: newest word of an asker on an answer, by opinion: whether it settles the matter
    verdicts: Mapping[int, bool] = field(default_factory=dict)
    #: opinions whose answer a colleague handed over, or typed by hand
    given_by_hand: frozenset[int] = frozenset()
    #: issues that went to a higher level, answered since or not
    referred_groups: frozenset[int] = frozenset()
    #: opinions whose acknowledgement went out late, or is late
    late_acknowledged: frozenset[int] = frozenset()
    #: code and name of each village, in the order of the office
    villages: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    #: the round before this conference, with the lines people were promised an answer on
    previous: ConferenceFact | None = None
    previous_lines: tuple[LineFact, ...] = ()
    previous_opinions: tuple[OpinionFact, ...] = ()
