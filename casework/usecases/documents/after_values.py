"""A conference from its day on, as the papers and tables of that time see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from casework.document_head import Body, DocumentHead, body_of_chair, body_of_number
from casework.public_words import without_names
from casework.regulations import Regulation
from casework.regulations.model import Step
from casework.usecases.documents.after_dates import AnswerDue, until
from storage.records import AgendaOutcome, Conference


@dataclass(frozen=True, kw_only=True)
class AskerFile:
    """One opinion behind a line. `words` are the asker's own, unchanged."""

    opinion_id: int
    citizen_id: int | None
    code: str | None
    #: None when the asker gave none or did not agree to keep it
    name: str | None
    village: str | None
    submitted_on: dt.date
    words: str
    state: str
    late: bool
    #: raised in the hall
    floor: bool


@dataclass(frozen=True, kw_only=True)
class AssignmentFile:
    """Which agency owes the written answer of a line, and by when."""

    id: int
    agency: str
    basis: str | None
    assigned_on: dt.date
    document_number: str | None
    received_on: dt.date | None
    #: the day agreed where no rule sets one
    agreed_on: dt.date | None
    #: how the regulation leads to the date, one for each rule that was ever applied
    rules: tuple[AnswerDue, ...]
    #: taken back from the agency
    cancelled_on: dt.date | None

    @property
    def due(self) -> AnswerDue | None:
        """The rule that drives: the one whose day comes first."""
        counting = [one for one in self.rules if one.cancelled_on is None]
        return min(counting, key=lambda one: one.due_on or dt.date.max, default=None)

    @property
    def due_on(self) -> dt.date | None:
        """The day the answer is owed by, extensions included."""
        return self.due.due_on if self.due is not None and self.due.due_on is not None else self.agreed_on


@dataclass(frozen=True, kw_only=True)
class AnswerFile:
    """A written answer to a line that was approved or published."""

    id: int
    final: bool
    agency: str
    document_number: str
    document_date: dt.date
    text: str
    promised_on: dt.date | None
    forwarded_to: str | None
    published: bool
    #: the day people could first read it; None while unpublished
    published_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class ReferralFile:
    """A line on its way to another body or level."""

    id: int
    level_name: str
    body: str
    document_number: str | None
    opened_on: dt.date
    sent_on: dt.date | None
    answered_on: dt.date | None


@dataclass(frozen=True, kw_only=True)
class LineFile:
    """One line of the conference with all that became of it."""

    position: int
    group_id: int
    #: name-free
    title: str
    people: int
    urgent: bool
    topic_name: str
    field_name: str
    level: str
    level_name: str
    village: str | None
    outcome: str
    outcome_ground: str | None
    outcome_note: str | None
    answered_by: str | None
    askers: tuple[AskerFile, ...]
    #: all there ever were, oldest first
    assignments: tuple[AssignmentFile, ...]
    #: oldest first
    answers: tuple[AnswerFile, ...]
    referral: ReferralFile | None
    #: the title is the program's; nobody is known to have read it
    machine_titled: bool

    @property
    def assignment(self) -> AssignmentFile | None:
        """The one that binds: the newest not taken back. What was answered in the hall binds nobody, unless an answer
        is still owed."""
        standing = [one for one in self.assignments if one.cancelled_on is None]
        if not standing:
            return None
        settled = self.outcome == AgendaOutcome.ANSWERED and not any(rule.open for rule in standing[-1].rules)
        return None if settled else standing[-1]


@dataclass(frozen=True, kw_only=True)
class SpeakerFile:
    """Somebody who registered to speak."""

    position: int | None
    name: str | None
    village: str | None
    matter: str
    state: str
    source: str


@dataclass(frozen=True, kw_only=True)
class StepFile:
    """A step of the conference's life that counts."""

    step: str
    done_on: dt.date
    document_number: str | None
    note: str | None


@dataclass(frozen=True, kw_only=True)
class ConferenceFile:
    """A conference from its day on: what every document and table of that time is made from."""

    office_name: str
    heads: Mapping[Body, DocumentHead]
    #: a copy that no longer stands in the database
    conference: Conference
    #: the text the conference keeps, then the national one
    texts: tuple[Regulation, ...]
    lines: tuple[LineFile, ...]
    speakers: tuple[SpeakerFile, ...]
    steps: tuple[StepFile, ...]
    #: raised in the hall and not on a line: a person must look first
    floor_waiting: int
    #: villages in the office's order, also those nobody wrote from
    villages: tuple[str, ...]
    #: how people reach the office; empty when it gave nothing
    contact: str
    today: dt.date

    @property
    def chair_body(self) -> Body:
        """Whose document it is when the chair signs: the body in the number of the conclusion, once there is one; else
        a Party secretary signs for the Party committee."""
        known = body_of_number(self.conference.conclusion_number)
        return known if known is not None else body_of_chair(self.conference.chair)

    def letter_of(self, given: AssignmentFile) -> tuple[str, dt.date] | None:
        """Number and day of the letter an agency was assigned by: its own, else the one recorded for all of them; None
        while none is recorded."""
        if given.document_number:
            return given.document_number, given.assigned_on
        sent = (one for one in reversed(self.steps) if one.step == Step.ASSIGNMENTS_SENT and one.document_number)
        return next(
            ((one.document_number or "", one.done_on) for one in sent if given.assigned_on <= one.done_on), None
        )

    @property
    def people(self) -> int:
        """People behind all lines; somebody who asked two things is counted for each."""
        return sum(line.people for line in self.lines)


def as_it_stood(file: ConferenceFile, day: dt.date) -> ConferenceFile:
    """The file at the end of `day`, for a paper of that day made again: nothing assigned, answered, extended or sent
    since is in it. Who took words back since stays out of it all the same."""
    return replace(file, lines=tuple(line_as_it_stood(line, day) for line in file.lines))


def line_as_it_stood(line: LineFile, day: dt.date) -> LineFile:
    """One line at the end of `day`; see `as_it_stood`."""
    assignments = tuple(_assignment_on(one, day) for one in line.assignments if one.assigned_on <= day)
    answers = (one for one in line.answers if max(one.document_date, one.published_on or dt.date.min) <= day)
    referral = line.referral
    if referral is not None:
        referral = _referral_on(referral, day) if referral.opened_on <= day else None
    return replace(line, assignments=assignments, answers=tuple(answers), referral=referral)


def _assignment_on(one: AssignmentFile, day: dt.date) -> AssignmentFile:
    return replace(
        one,
        received_on=until(one.received_on, day),
        rules=tuple(rule.on(day) for rule in one.rules),
        cancelled_on=until(one.cancelled_on, day),
    )


def _referral_on(one: ReferralFile, day: dt.date) -> ReferralFile:
    sent_on = until(one.sent_on, day)
    return replace(
        one,
        sent_on=sent_on,
        document_number=one.document_number if sent_on is not None else None,
        answered_on=until(one.answered_on, day),
    )


def masked(file: ConferenceFile) -> ConferenceFile:
    """The file without any asker's name in what staff and agencies wrote, and without who registered to speak. The
    askers themselves are still in it."""
    names = frozenset(asker.name for line in file.lines for asker in line.askers if asker.name)
    return replace(file, lines=tuple(_masked(line, names) for line in file.lines), speakers=())


def without_askers(file: ConferenceFile) -> ConferenceFile:
    """As `masked`, and without the askers and their words."""
    hidden = masked(file)
    return replace(hidden, lines=tuple(replace(line, askers=()) for line in hidden.lines))


def _masked(line: LineFile, names: frozenset[str]) -> LineFile:
    return replace(
        line,
        title=without_names(line.title, names),
        outcome_note=without_names(line.outcome_note, names) if line.outcome_note else None,
        answers=tuple(replace(answer, text=without_names(answer.text, names)) for answer in line.answers),
    )
