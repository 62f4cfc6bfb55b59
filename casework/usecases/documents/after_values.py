"""A conference from its day on, as the papers and tables of that time see it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from casework.document_head import Body, DocumentHead
from casework.public_words import without_names
from casework.regulations import Regulation
from casework.usecases.documents.after_dates import AnswerDue
from storage.records import Conference


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
    due_on: dt.date | None
    #: how the regulation leads to the date; None where no rule was applied
    due: AnswerDue | None


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


@dataclass(frozen=True, kw_only=True)
class ReferralFile:
    """A line on its way to another body or level."""

    id: int
    level_name: str
    body: str
    document_number: str | None
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
    assignment: AssignmentFile | None
    #: oldest first
    answers: tuple[AnswerFile, ...]
    referral: ReferralFile | None


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
        """Whose document it is when the chair signs: a Party secretary signs for the Party committee."""
        by_secretary = "bí thư" in self.conference.chair.casefold()
        return Body.PARTY_COMMITTEE if by_secretary else Body.PEOPLE_COMMITTEE

    @property
    def people(self) -> int:
        """People behind all lines; somebody who asked two things is counted for each."""
        return sum(line.people for line in self.lines)


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
