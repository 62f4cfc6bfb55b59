"""Duties as staff read them: a row of the list, why its date is that date, and which rows somebody wants."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.deadlines.standing import OPEN_STATES
from casework.deadlines.values import DueState, Skipped
from casework.regulations.model import Duty


@dataclass(frozen=True, kw_only=True)
class ObligationRow:
    """One duty, or one promise, as staff read it."""

    #: 0 for a promise: it has no rule to explain
    id: int
    #: None for a promise
    duty: Duty | None
    #: "trả lời bằng văn bản"
    duty_name: str
    #: conference | line | assignment | opinion | report | referral
    subject: str
    #: "HN-20261222", "HN-20261222/3", "K7P-4MX", "2026-H1"
    ref: str
    title: str
    conference: str | None
    #: who owes it, in words
    holder: str
    #: party code
    party: str
    #: the day that counts, extension included; None while its event has not happened
    due_on: dt.date | None
    #: the day the rule alone leads to
    legal_on: dt.date | None
    extended_to: dt.date | None
    #: times the date was moved
    extensions: int
    #: the moved date was promised by an interim answer
    promised: bool
    met_on: dt.date | None
    state: DueState
    state_name: str
    #: calendar days until `due_on`, negative when it has passed; None for what is done or has no date
    days_left: int | None
    #: of several rules that set this duty, the one whose day comes first
    drives: bool
    #: code of the text; its name or "pháp luật chung"
    regulation: str
    source: str
    trigger_on: dt.date | None
    #: the trigger's day was assumed: receipt of the assignment is not confirmed, or the law counts from another one
    trigger_assumed: bool
    #: the rule itself is an assumption where the text is silent
    assumed: bool
    explanation: str
    citation: str
    quote: str
    #: only a day people go by, as things are: never late
    marker: bool = False
    #: the day that had passed before it was moved, if so
    missed_on: dt.date | None = None


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One time the date was moved."""

    was: dt.date | None
    now: dt.date
    reason: str
    body: str
    document_number: str | None
    at: dt.datetime
    by_interim_answer: bool


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why one duty is due on its day."""

    row: ObligationRow
    skipped: tuple[Skipped, ...]
    moved: tuple[Moved, ...]
    #: other rules that set the same duty
    others: tuple[ObligationRow, ...]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """Which duties to list."""

    holder: str | None = None
    states: frozenset[DueState] = OPEN_STATES
    duty: Duty | None = None
    conference: str | None = None
    #: only what the reader, or somebody the reader heads, owes
    mine: bool = False
