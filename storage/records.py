"""The nouns of the system as database records: one definition each, no second copy elsewhere.

Conventions: primary keys are integers; instants are aware UTC (`UtcDateTime`), dates of the law are local dates;
identifiers given by platforms are strings (they exceed 53 bits on some); structured columns are JSON. Nothing here
is particular to one database. Facts are stored, lateness and phase are computed.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlmodel import Field, SQLModel

BigKey = BigInteger().with_variant(Integer, "sqlite")


class UtcDateTime(TypeDecorator[dt.datetime]):
    """An instant. Refuses naive values, returns aware UTC on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: instants are stored as aware UTC")
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


def _key() -> Any:
    return Field(default=None, sa_column=Column(BigKey, primary_key=True, autoincrement=True))


def _instant(*, nullable: bool = False, index: bool = False) -> Any:
    column: Column[dt.datetime] = Column(UtcDateTime(), nullable=nullable, index=index)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def _json(default: type[dict[str, Any]] | type[list[Any]]) -> Any:
    return Field(default_factory=default, sa_column=Column(JSON, nullable=False))


def _text(*, nullable: bool = False) -> Any:
    column: Column[str] = Column(Text, nullable=nullable)
    return Field(default=None, sa_column=column) if nullable else Field(sa_column=column)


def _secret() -> Any:
    """Text that no log or error may show; None where there is none."""
    return Field(default=None, sa_column=Column(Text, nullable=True), repr=False)


def _ref(target: str, *, nullable: bool = False, index: bool = True) -> Any:
    kwargs: dict[str, Any] = {"foreign_key": target, "index": index, "nullable": nullable, "sa_type": BigKey}
    return Field(default=None, **kwargs) if nullable else Field(**kwargs)


# --------------------------------------------------------------------------- places and people


class Office(SQLModel, table=True):
    """A commune office of the Front: owner of conferences, opinions and staff territory."""

    __tablename__ = "office"
    id: int | None = _key()
    code: str = Field(unique=True)
    name: str
    level: str = "xa"
    regulation: str
    #: the gazetteer as read from its TOML file: commune, group, road, object, project
    gazetteer: dict[str, Any] = _json(dict)
    #: lines of document heads, contact of the office, next steps texts: what an office fills in itself
    profile: dict[str, Any] = _json(dict)


class ResidentialGroup(SQLModel, table=True):
    """Village or street quarter (thôn, bản, tổ dân phố); merged ones keep their validity."""

    __tablename__ = "residential_group"
    __table_args__ = (UniqueConstraint("office_id", "code"),)
    id: int | None = _key()
    office_id: int = _ref("office.id")
    code: str
    name: str
    position: int = 0
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None


class Citizen(SQLModel, table=True):
    """A person who asks. The name is what the channel shows, and only with consent to keep it."""

    __tablename__ = "citizen"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    display_name: str | None = None
    residential_group_id: int | None = _ref("residential_group.id", nullable=True)
    created_at: dt.datetime = _instant()
    erased_at: dt.datetime | None = _instant(nullable=True)
    #: found to be the same person as this one (channels linked by a one-time code); nothing else points here any more
    merged_into_id: int | None = _ref("citizen.id", nullable=True)


class ChannelIdentity(SQLModel, table=True):
    """One account of a citizen or staff member on one channel; a phone number that may be sent templates is the
    account of channel "zalo-zbs"."""

    __tablename__ = "channel_identity"
    __table_args__ = (UniqueConstraint("channel", "account", "external_id"),)
    id: int | None = _key()
    channel: str
    #: which bot or official account of ours it talks to: ids are scoped to it
    account: str
    external_id: str
    citizen_id: int | None = _ref("citizen.id", nullable=True)
    display_name: str | None = None
    language: str | None = None
    reachable: bool = True
    unreachable_reason: str | None = None
    reachability_changed_at: dt.datetime | None = _instant(nullable=True)
    #: last thing the person did that opens the platform's windows (wrote, tapped, followed); reading is none
    last_inbound_at: dt.datetime | None = _instant(nullable=True)
    is_group: bool = False


class ConsentPurpose(StrEnum):
    """What a citizen may agree to; each is asked and stored on its own."""

    PROCESS = "process"  # keep name, village and words with the opinion
    PUSH = "push"  # send news and the answer to this device
    PUBLISH = "publish"  # publish the name-free summary
    SPEAK = "speak"  # write the name down in the internal list of speakers
    PHONE = "phone"  # send a short notice to the phone number given for that
    FALLBACK = "fallback"  # when one channel cannot carry the answer, use another linked one


class Consent(SQLModel, table=True):
    """One answer to one consent question; append-only, the latest per purpose counts.

    The text shown is stored by version and hash (decree 356/2025, art. 6: provable, per purpose, never by silence).
    """

    __tablename__ = "consent"
    id: int | None = _key()
    citizen_id: int = _ref("citizen.id")
    purpose: str
    granted: bool
    wording_version: str
    wording_hash: str
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    at: dt.datetime = _instant()


# --------------------------------------------------------------------------- inbox


class InboxStatus(StrEnum):
    RECEIVED = "received"
    HANDLED = "handled"
    IGNORED = "ignored"
    QUARANTINED = "quarantined"


class InboxEntry(SQLModel, table=True):
    """One payload a platform handed us, stored before the platform got its 200."""

    __tablename__ = "inbox_entry"
    __table_args__ = (
        UniqueConstraint("channel", "account", "external_id"),
        Index("ix_inbox_open", "status", "conversation_key", "id"),
    )
    id: int | None = _key()
    channel: str
    account: str
    #: unique with channel and account: an update id or the hash of a payload that has none
    external_id: str
    #: messages of one conversation are handled strictly in this order of arrival
    conversation_key: str
    raw: str = _text()
    status: str = InboxStatus.RECEIVED
    #: why it was ignored or quarantined: for staff, without personal data
    reason: str | None = None
    attempts: int = 0
    received_at: dt.datetime = _instant()
    handled_at: dt.datetime | None = _instant(nullable=True)
    #: filled when parsed
    kind: str | None = None
    text: str | None = _text(nullable=True)
    #: id of the message within its chat, for edits and replies
    message_ref: str | None = Field(default=None, index=True)
    sent_at: dt.datetime | None = _instant(nullable=True)
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    opinion_id: int | None = _ref("opinion.id", nullable=True)


class Attachment(SQLModel, table=True):
    """Metadata of a photo, voice note, file or location; the bytes stay with the platform until fetched."""

    __tablename__ = "attachment"
    id: int | None = _key()
    inbox_entry_id: int = _ref("inbox_entry.id")
    opinion_id: int | None = _ref("opinion.id", nullable=True)
    kind: str
    file_ref: str | None = None
    unique_ref: str | None = None
    file_name: str | None = None
    mime: str | None = None
    size: int | None = Field(default=None, sa_type=BigInteger)
    duration_seconds: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    album: str | None = None
    #: larger than the platform lets us fetch: staff must ask for it another way
    too_large: bool = False
    #: our own copy, named by its content, for platforms whose addresses expire
    sha256: str | None = None
    stored_at: dt.datetime | None = _instant(nullable=True)
    #: why there is no copy (host not allowed, too large, not what it says it is)
    fetch_problem: str | None = None


class Conversation(SQLModel, table=True):
    """Where a talk stands: the engine's state as JSON, with the time the engine wants to be woken."""

    __tablename__ = "conversation"
    id: int | None = _key()
    #: channel, account and chat in one key, as in `InboxEntry.conversation_key`
    key: str = Field(unique=True)
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    state: dict[str, Any] = _json(dict)
    wake_at: dt.datetime | None = _instant(nullable=True, index=True)
    #: one worker at a time: claimed until this instant by this worker
    claimed_until: dt.datetime | None = _instant(nullable=True)
    claimed_by: str | None = None
    updated_at: dt.datetime = _instant()


# --------------------------------------------------------------------------- opinions


class OpinionState(StrEnum):
    """Exactly one at any moment; who may move it where is `casework.lifecycle`."""

    RECEIVED = "received"
    HELD = "held"  # looks like a complaint, denunciation: a person decides
    CLARIFYING = "clarifying"  # the citizen was asked back
    APPROVED = "approved"  # in a group, waits for an agenda
    SCHEDULED = "scheduled"  # on the agenda of a conference
    ASSIGNED = "assigned"  # an agency owes the written answer
    ANSWERED = "answered"  # the final answer is published
    DECLINED = "declined"
    REDIRECTED = "redirected"  # a person confirmed: complaint or denunciation, other channel
    REFERRED = "referred"  # beyond competence, sent to the upper level
    WITHDRAWN = "withdrawn"


class OpinionGroup(SQLModel, table=True):
    """One concrete issue: what becomes one agenda line, however many people asked."""

    __tablename__ = "opinion_group"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    #: name-free wording for agenda and public notices, written or approved by staff
    title: str = _text()
    #: a person gave it this title; else the program made it of an asker's words, and nobody may have read it yet
    titled_by_staff: bool = False
    topic: str
    level: str
    urgent: bool = False
    residential_group_id: int | None = _ref("residential_group.id", nullable=True)
    created_at: dt.datetime = _instant()
    version: int = 0


class Opinion(SQLModel, table=True):
    """What one citizen asked, with the words unchanged in `original_text`."""

    __tablename__ = "opinion"
    id: int | None = _key()
    #: receipt code, to be read aloud; None while sealed
    code: str | None = Field(default=None, unique=True)
    office_id: int = _ref("office.id")
    citizen_id: int | None = _ref("citizen.id", nullable=True)
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    residential_group_id: int | None = _ref("residential_group.id", nullable=True)
    state: str = Field(default=OpinionState.RECEIVED, index=True)
    #: chat | floor | proxy (a village officer entered it for the person) | paper (imported from a spreadsheet)
    source: str = "chat"
    #: who entered it for the person
    entered_by_staff_id: int | None = _ref("staff.id", nullable=True)
    #: number of the paper form or of the row it was imported from: imported once
    source_ref: str | None = Field(default=None, index=True)
    kind: str
    topic: str
    level: str
    urgent: bool = False
    #: a denunciation: only staff with the confidential role see it, in no list, group, agenda or export
    sealed: bool = False
    original_text: str = _text()
    #: staff's wording for agenda and public use; None = not edited
    edited_text: str | None = _text(nullable=True)
    group_id: int | None = _ref("opinion_group.id", nullable=True)
    #: the conference on whose agenda it stands; for opinions from the floor, where they were raised
    conference_id: int | None = _ref("conference.id", nullable=True)
    #: came after the cut-off of the conference: answered in writing
    late: bool = False
    decline_ground: str | None = None
    #: what staff asked the citizen back; counts while the state is `clarifying`
    question: str | None = _text(nullable=True)
    #: staff's words to the asker with the last decision: note to a decline, body and document of a referral
    decision_note: str | None = _text(nullable=True)
    #: signature of the text for grouping, as nlp made it
    signature: str | None = _text(nullable=True)
    issues: int = 1
    submitted_at: dt.datetime = _instant(index=True)
    decided_at: dt.datetime | None = _instant(nullable=True)
    #: asked on after the answer to this earlier opinion
    follows_opinion_id: int | None = _ref("opinion.id", nullable=True)
    #: when similar opinions were looked for; None = still to do
    suggested_at: dt.datetime | None = _instant(nullable=True, index=True)
    #: version of the signature whose keys are stored as postings; None = there are none to store
    indexed_version: int | None = Field(default=None, index=True)
    #: raised by each change; a decision on an older version is refused
    version: int = 0


class Wording(SQLModel, table=True):
    """Every wording an opinion ever had, append-only: the citizen's edits and the staff's."""

    __tablename__ = "wording"
    id: int | None = _key()
    opinion_id: int = _ref("opinion.id")
    author: str  # citizen | staff
    text: str = _text()
    at: dt.datetime = _instant()


class Prediction(SQLModel, table=True):
    """One label of one opinion as somebody judged it: rule, model or person. The newest by a person wins."""

    __tablename__ = "prediction"
    id: int | None = _key()
    opinion_id: int = _ref("opinion.id")
    label: str
    value: str
    confidence: float
    made_by: str
    #: its maker would rather have a person decide
    unsure: bool = False
    reason: str = ""
    at: dt.datetime = _instant()


class GroupSuggestion(SQLModel, table=True):
    """The program's proposal that an opinion is the same concrete issue as a group or another opinion."""

    __tablename__ = "group_suggestion"
    id: int | None = _key()
    opinion_id: int = _ref("opinion.id")
    group_id: int | None = _ref("opinion_group.id", nullable=True)
    other_opinion_id: int | None = _ref("opinion.id", nullable=True)
    score: float
    same: bool
    reasons: list[str] = _json(list)
    at: dt.datetime = _instant()


class OpinionPosting(SQLModel, table=True):
    """A key under which an opinion is found again when another one is to be compared; grows with the opinions, is
    never scanned as a whole. `term` is a number made of the key (`nlp.candidates`)."""

    __tablename__ = "opinion_posting"
    __table_args__: Any = {"sqlite_with_rowid": False}
    office_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    term: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    #: key of the opinion; no reference, which the database would check for each of two dozen keys
    opinion_id: int = Field(sa_column=Column(BigKey, primary_key=True, autoincrement=False, index=True))


class LikenessRuling(SQLModel, table=True):
    """What staff decided of two opinions: one issue (they merged them) or not (they split them). The newest that was
    not undone counts; append-only."""

    __tablename__ = "likeness_ruling"
    id: int | None = _key()
    #: the two opinions, the smaller key first
    one_id: int = _ref("opinion.id")
    other_id: int = _ref("opinion.id")
    same: bool
    staff_id: int | None = _ref("staff.id", nullable=True)
    at: dt.datetime = _instant()
    undone_at: dt.datetime | None = _instant(nullable=True)


# --------------------------------------------------------------------------- conference and answers


class ConferenceState(StrEnum):
    PLANNED = "planned"
    AGENDA_SET = "agenda_set"
    HELD = "held"
    CONCLUDED = "concluded"
    FAILED = "failed"  # the dialogue came to nothing: minutes, report to the superior
    CANCELLED = "cancelled"


class Conference(SQLModel, table=True):
    """A dialogue conference; it keeps the regulation it began under."""

    __tablename__ = "conference"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    code: str = Field(unique=True)
    title: str
    kind: str = "periodic"  # periodic | ongoing | ad_hoc
    regulation: str
    held_on: dt.date
    starts_at: str | None = None
    place: str
    chair: str
    state: str = ConferenceState.PLANNED
    cutoff_on: dt.date | None = None
    attendance: int | None = None
    conclusion_number: str | None = None
    conclusion_on: dt.date | None = None
    conclusion_text: str | None = _text(nullable=True)
    #: version of the regulation it began under and keeps
    regulation_version: str | None = None
    #: in_person | online | social_network
    form: str = "in_person"
    #: the one announced matter of an ad hoc conference
    topic: str | None = _text(nullable=True)
    #: {"co_chairs": [...], "secretaries": [...], "deputy": name, "deputy_reason": why, "unit": who compiles}
    officials: dict[str, Any] = _json(dict)
    invited: int | None = None
    #: the chair broke it off before the end, or it came to nothing: why
    stopped_why: str | None = _text(nullable=True)
    #: the case file is closed; kept until
    closed_on: dt.date | None = None
    retain_until: dt.date | None = None
    created_at: dt.datetime = _instant()
    version: int = 0


class ConferenceStep(SQLModel, table=True):
    """A step of a conference's life that somebody did: plan approved, invitations sent, minutes signed.

    Append-only; `void_at` marks one that no longer counts (the day was moved after the notice went out).
    """

    __tablename__ = "conference_step"
    id: int | None = _key()
    conference_id: int = _ref("conference.id")
    step: str
    done_on: dt.date
    document_number: str | None = None
    note: str | None = _text(nullable=True)
    staff_id: int | None = _ref("staff.id", nullable=True)
    at: dt.datetime = _instant()
    void_at: dt.datetime | None = _instant(nullable=True)
    void_why: str | None = _text(nullable=True)


class SpeakerState(StrEnum):
    """Where a registration to speak stands."""

    REGISTERED = "registered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    SPOKEN = "spoken"
    ABSENT = "absent"


class SpeakingRegistration(SQLModel, table=True):
    """Somebody wants to speak at a conference on a registered matter, in an order."""

    __tablename__ = "speaking_registration"
    id: int | None = _key()
    conference_id: int = _ref("conference.id")
    citizen_id: int | None = _ref("citizen.id", nullable=True)
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    opinion_id: int | None = _ref("opinion.id", nullable=True)
    residential_group_id: int | None = _ref("residential_group.id", nullable=True)
    #: as given for the list; internal
    name: str | None = None
    matter: str = _text()
    #: declared to fulfil what the regulation asks of those who attend
    eligible_declared: bool = False
    source: str = "staff"  # chat | staff | hall
    position: int | None = None
    state: str = SpeakerState.REGISTERED
    decline_reason: str | None = _text(nullable=True)
    created_at: dt.datetime = _instant()
    version: int = 0


class AgendaOutcome(StrEnum):
    PENDING = "pending"
    ANSWERED = "answered"
    DEFERRED = "deferred"  # to be answered in writing
    DECLINED = "declined"


class AgendaItem(SQLModel, table=True):
    """One line of a conference's agenda."""

    __tablename__ = "agenda_item"
    __table_args__ = (
        UniqueConstraint("conference_id", "group_id"),
        UniqueConstraint("conference_id", "position"),
    )
    id: int | None = _key()
    conference_id: int = _ref("conference.id")
    group_id: int = _ref("opinion_group.id")
    position: int
    #: frozen when the agenda is set: distinct people behind the line
    people: int
    outcome: str = AgendaOutcome.PENDING
    outcome_ground: str | None = None
    outcome_note: str | None = _text(nullable=True)
    answered_by: str | None = None


class Assignment(SQLModel, table=True):
    """An agency owes the written answer of one issue."""

    __tablename__ = "assignment"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    group_id: int = _ref("opinion_group.id")
    agenda_item_id: int | None = _ref("agenda_item.id", nullable=True)
    agency: str
    basis: str | None = None
    assigned_on: dt.date
    due_on: dt.date | None = None
    #: number of the assignment notice, and the day the agency confirmed to have it: its clock starts then
    document_number: str | None = None
    received_on: dt.date | None = None
    cancelled_at: dt.datetime | None = _instant(nullable=True)


class AnswerState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"
    PUBLISHED = "published"


class Answer(SQLModel, table=True):
    """An answer to one issue, in writing or told in person; final, or interim with the date the final one is promised
    for."""

    __tablename__ = "answer"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    group_id: int = _ref("opinion_group.id")
    final: bool
    agency: str
    #: empty for an answer told in person
    document_number: str
    #: of the document, or the day the answer was told
    document_date: dt.date
    #: who told the answer in person, where the text allows that; None for a written one
    told_by: str | None = None
    #: why it is interim, as the text names it (`casework.regulations.model.InterimRule`)
    cause: str | None = None
    text: str = _text()
    promised_on: dt.date | None = None
    forwarded_to: str | None = None
    state: str = AnswerState.DRAFT
    written_by_staff_id: int | None = _ref("staff.id", nullable=True)
    approved_by_staff_id: int | None = _ref("staff.id", nullable=True)
    created_at: dt.datetime = _instant()
    published_at: dt.datetime | None = _instant(nullable=True)
    version: int = 0


class AnswerFile(SQLModel, table=True):
    """A file that belongs to an answer (the signed document), kept under its content's name."""

    __tablename__ = "answer_file"
    id: int | None = _key()
    answer_id: int = _ref("answer.id")
    name: str
    mime: str
    size: int = Field(sa_type=BigInteger)
    sha256: str
    added_by_staff_id: int | None = _ref("staff.id", nullable=True)
    at: dt.datetime = _instant()


class AnswerLink(SQLModel, table=True):
    """The secret address of an answer page, one asker's; only its hash is kept."""

    __tablename__ = "answer_link"
    id: int | None = _key()
    secret_hash: str = Field(unique=True)
    answer_id: int = _ref("answer.id")
    opinion_id: int = _ref("opinion.id")
    created_at: dt.datetime = _instant()
    revoked_at: dt.datetime | None = _instant(nullable=True)
    opened_at: dt.datetime | None = _instant(nullable=True)


class Verdict(SQLModel, table=True):
    """What the asker thinks of the answer: whether it settles the matter."""

    __tablename__ = "verdict"
    __table_args__ = (UniqueConstraint("answer_id", "opinion_id"),)
    id: int | None = _key()
    answer_id: int = _ref("answer.id")
    opinion_id: int = _ref("opinion.id")
    settled: bool
    at: dt.datetime = _instant()


# --------------------------------------------------------------------------- deadlines


class CalendarAmendment(SQLModel, table=True):
    """A day the office added to the calendar: a swap decided late, with its source. Append-only."""

    __tablename__ = "calendar_amendment"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    day: dt.date = Field(index=True)
    working: bool
    reason: str
    citation: str
    #: announced, not decided: shown, not counted
    proposed: bool = False
    staff_id: int | None = _ref("staff.id", nullable=True)
    added_at: dt.datetime = _instant()
    removed_at: dt.datetime | None = _instant(nullable=True)


class Obligation(SQLModel, table=True):
    """One duty on live data: who owes what by when, under which rule. How it stands on a day is computed.

    `due_on` is what the rule leads to with the calendar of its last computation; None while its event has not
    happened. `extended_to` moves it with a reason. Several rules may set the same duty on the same subject (province
    and country): each has its row, the earliest open one drives.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("office_id", "subject", "subject_id", "duty", "regulation", "rule"),
        Index("ix_obligation_open", "office_id", "met_on", "cancelled_at", "due_on"),
    )
    id: int | None = _key()
    office_id: int = _ref("office.id", index=False)
    duty: str
    #: opinion | assignment | conference | line (put off, given to nobody yet) | referral | report
    subject: str
    #: key of the subject; for a report: year * 10 + 1 (first half), 2 (whole year)
    subject_id: int = Field(sa_type=BigInteger)
    #: conference it belongs to, if any
    conference_id: int | None = _ref("conference.id", nullable=True)
    #: code, version and rule id of the text
    regulation: str
    regulation_version: str
    rule: str
    #: party that owes it (`casework.regulations.model.Party`), and the agency's name when it is one
    holder: str
    agency: str | None = None
    trigger_on: dt.date | None = None
    #: the trigger's day was assumed (receipt not confirmed)
    trigger_assumed: bool = False
    due_on: dt.date | None = Field(default=None, index=True)
    extended_to: dt.date | None = None
    met_on: dt.date | None = None
    cancelled_at: dt.datetime | None = _instant(nullable=True)
    created_at: dt.datetime = _instant()


class Extension(SQLModel, table=True):
    """A due date moved, never silently: reason, new date and the body that owes it. Append-only."""

    __tablename__ = "extension"
    id: int | None = _key()
    obligation_id: int = _ref("obligation.id")
    from_on: dt.date | None = None
    to_on: dt.date
    reason: str = _text()
    body: str
    document_number: str | None = None
    #: the interim answer that promised the new date; None where the date was moved by decision
    answer_id: int | None = _ref("answer.id", nullable=True)
    staff_id: int | None = _ref("staff.id", nullable=True)
    at: dt.datetime = _instant()


class DutyContact(SQLModel, table=True):
    """Who is reminded when a party or an agency owes something, and who is told when it stays undone."""

    __tablename__ = "duty_contact"
    __table_args__ = (UniqueConstraint("office_id", "holder"),)
    id: int | None = _key()
    office_id: int = _ref("office.id")
    #: a party's code, or an agency's name
    holder: str
    staff_id: int | None = _ref("staff.id", nullable=True)
    head_staff_id: int | None = _ref("staff.id", nullable=True)


class Referral(SQLModel, table=True):
    """An issue beyond the office's competence on its way to the next level, and back."""

    __tablename__ = "referral"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    group_id: int = _ref("opinion_group.id")
    conference_id: int | None = _ref("conference.id", nullable=True)
    level: str
    body: str
    #: None while it waits for the next compilation
    document_number: str | None = None
    sent_on: dt.date | None = None
    #: the day the asker was promised to hear again by, answer or not
    report_on: dt.date | None = None
    answered_on: dt.date | None = None
    answer_id: int | None = _ref("answer.id", nullable=True)
    created_at: dt.datetime = _instant()
    cancelled_at: dt.datetime | None = _instant(nullable=True)


class Report(SQLModel, table=True):
    """A report that was sent: its figures stand as they were on that day, each with the opinions behind it."""

    __tablename__ = "report"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    kind: str  # conference | half_year | annual
    period_from: dt.date
    period_to: dt.date
    conference_id: int | None = _ref("conference.id", nullable=True)
    document_number: str
    sent_on: dt.date
    figures: dict[str, Any] = _json(dict)
    staff_id: int | None = _ref("staff.id", nullable=True)
    created_at: dt.datetime = _instant()


class ComplainedOfficial(SQLModel, table=True):
    """An official somebody complained about, kept by the confidential role for the sealed annex of a report."""

    __tablename__ = "complained_official"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    opinion_id: int | None = _ref("opinion.id", nullable=True)
    name: str
    post: str
    matter: str = _text()
    result: str | None = _text(nullable=True)
    staff_id: int | None = _ref("staff.id", nullable=True)
    at: dt.datetime = _instant()
    erased_at: dt.datetime | None = _instant(nullable=True)


# --------------------------------------------------------------------------- outbox


class DeliveryState(StrEnum):
    """Closed list of where a notice to one person stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"  # the platform hid the outcome: resolved by echo, receipt or a person, never resent blindly
    RECIPIENT_STOPPED = "recipient_stopped"  # blocked us, account gone
    REJECTED = "rejected"  # the platform refuses this message: look
    WAITING_PICKUP = "waiting_pickup"  # no way or no consent to push: given when the person asks
    PICKED_UP = "picked_up"
    WITH_STAFF = "with_staff"  # no channel can carry it: typed by hand in the platform's console, or handed over
    HANDED_OVER = "handed_over"  # given by hand, on paper or by word
    EXPIRED = "expired"  # what it says is no longer news: not sent any more
    CANCELLED = "cancelled"


class Delivery(SQLModel, table=True):
    """One notice to one person, written in the transaction of the act that causes it."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("ix_delivery_due", "state", "id"),
        Index("ix_delivery_purpose", "state", "purpose"),
        Index("ix_delivery_step", "state", "step_at"),
    )
    id: int | None = _key()
    #: one notice per person and purpose: a repeat of the act cannot write it twice
    key: str = Field(unique=True)
    purpose: str
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    citizen_id: int | None = _ref("citizen.id", nullable=True)
    opinion_id: int | None = _ref("opinion.id", nullable=True)
    answer_id: int | None = _ref("answer.id", nullable=True)
    text: str = _text()
    #: rows of buttons, each {"label", "token"}
    buttons: list[list[dict[str, str]]] = _json(list)
    #: message of the chat this one replies to
    reply_to: str | None = None
    #: written while its opinion was sealed: says nothing of the content, so it may go out under the seal
    content_free: bool = False
    state: str = DeliveryState.PENDING
    #: parts already accepted by the platform when a long text is sent in several
    parts_sent: int = 0
    attempts: int = 0
    outcome: str | None = None
    outcome_detail: str | None = None
    external_ids: list[str] = _json(list)
    not_before: dt.datetime = _instant()
    claimed_until: dt.datetime | None = _instant(nullable=True)
    created_at: dt.datetime = _instant()
    finished_at: dt.datetime | None = _instant(nullable=True)
    #: rung of the delivery ladder it stands on (`casework.ladder`); None for replies in a running talk
    rung: str | None = None
    #: rungs that failed, were passed over or waited on in vain, in order, each with its identity: "template:12"
    passed: list[str] = _json(list)
    #: when the ladder goes on by itself
    step_at: dt.datetime | None = _instant(nullable=True)
    #: after this it is no longer news
    expires_at: dt.datetime | None = _instant(nullable=True)
    #: the platform says it arrived, was seen; "sent" alone means accepted
    delivered_at: dt.datetime | None = _instant(nullable=True)
    seen_at: dt.datetime | None = _instant(nullable=True)
    #: when its slip was printed
    printed_at: dt.datetime | None = _instant(nullable=True)


class DeliveryAttempt(SQLModel, table=True):
    """One try of a notice on one rung of the ladder, append-only but for receipts; replies in a talk have none."""

    __tablename__ = "delivery_attempt"
    id: int | None = _key()
    delivery_id: int = _ref("delivery.id")
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    channel: str
    rung: str
    outcome: str
    detail: str | None = None
    #: the platform's message id: the only thing a receipt or echo names
    external_id: str | None = Field(default=None, index=True)
    #: billed by the platform, as far as it says or the price list does; Vietnamese dong
    price_vnd: int | None = None
    at: dt.datetime = _instant(index=True)


class ChannelUsage(SQLModel, table=True):
    """Messages handed to a platform in one calendar month (Asia/Ho_Chi_Minh), for platforms that cap them."""

    __tablename__ = "channel_usage"
    __table_args__ = (UniqueConstraint("channel", "account", "month"),)
    id: int | None = _key()
    channel: str
    account: str
    #: "2026-11"
    month: str
    sent: int = 0


class ZaloGrant(SQLModel, table=True):
    """The official account's permission for our app. Refresh tokens work once: the row is the lock of the refresher.
    (developers.zalo.me, OAuth v4 for official accounts)"""

    __tablename__ = "zalo_grant"
    id: int | None = _key()
    #: the app's id
    account: str = Field(unique=True)
    oa_id: str | None = None
    oa_name: str | None = None
    #: 2 = business, 4 = state agency
    oa_type: int | None = None
    package: str | None = None
    access_token: str | None = _secret()
    refresh_token: str | None = _secret()
    #: kept for finding out what happened; dead at the platform
    previous_refresh_token: str | None = _secret()
    obtained_at: dt.datetime | None = _instant(nullable=True)
    expires_at: dt.datetime | None = _instant(nullable=True)
    #: one refresher at a time: claimed until then
    refreshing_until: dt.datetime | None = _instant(nullable=True)
    #: the refresh token whose use had an unknown outcome, as a hash: tried once more at most
    doubtful_token_hash: str | None = None
    #: why it can no longer be used; None while all is well
    problem: str | None = None
    problem_at: dt.datetime | None = _instant(nullable=True)
    #: the sending endpoint that works for this account, once known (state agencies: the v2 one)
    send_path: str | None = None
    #: consent under way: what the callback must bring back, and the PKCE verifier
    pending_state: str | None = Field(default=None, repr=False)
    pending_verifier: str | None = Field(default=None, repr=False)
    pending_at: dt.datetime | None = _instant(nullable=True)


class LinkCode(SQLModel, table=True):
    """A one-time code by which a person shows that a further channel (or a paper receipt) is theirs; only its hash."""

    __tablename__ = "link_code"
    id: int | None = _key()
    code_hash: str = Field(unique=True)
    citizen_id: int = _ref("citizen.id")
    #: the paper receipt it is printed on
    opinion_id: int | None = _ref("opinion.id", nullable=True)
    created_at: dt.datetime = _instant()
    expires_at: dt.datetime = _instant()
    used_at: dt.datetime | None = _instant(nullable=True)


# --------------------------------------------------------------------------- staff and history


class Role(StrEnum):
    VILLAGE_OFFICER = "village_officer"
    MODERATOR = "moderator"
    APPROVER = "approver"
    ADMIN = "admin"
    CONFIDENTIAL = "confidential"


class Staff(SQLModel, table=True):
    """A person who works with opinions. Chats are linked by a one-time code."""

    __tablename__ = "staff"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    name: str
    active: bool = True
    channel_identity_id: int | None = _ref("channel_identity.id", nullable=True)
    created_at: dt.datetime = _instant()


class StaffRole(SQLModel, table=True):
    """A role within a territory: the whole office, or one residential group."""

    __tablename__ = "staff_role"
    id: int | None = _key()
    staff_id: int = _ref("staff.id")
    role: str
    residential_group_id: int | None = _ref("residential_group.id", nullable=True)


class EnrolmentCode(SQLModel, table=True):
    """One-time code that links a chat account (or a group chat) to staff; only its hash is kept."""

    __tablename__ = "enrolment_code"
    id: int | None = _key()
    code_hash: str = Field(unique=True)
    office_id: int = _ref("office.id")
    #: None: the code enrols a staff *group* chat
    staff_id: int | None = _ref("staff.id", nullable=True)
    expires_at: dt.datetime = _instant()
    used_at: dt.datetime | None = _instant(nullable=True)


class StaffChat(SQLModel, table=True):
    """A group chat in which staff work together."""

    __tablename__ = "staff_chat"
    id: int | None = _key()
    office_id: int = _ref("office.id")
    channel_identity_id: int = _ref("channel_identity.id")
    active: bool = True


class Act(SQLModel, table=True):
    """The history: who did what, when and why. Append-only and chained, so that tampering shows.

    `details` holds identifiers and labels, never personal words: rows cannot be erased.
    """

    __tablename__ = "act"
    __table_args__ = (Index("ix_act_subject", "subject", "subject_id"),)
    id: int | None = _key()
    at: dt.datetime = _instant()
    actor: str  # citizen | staff | system
    actor_id: int | None = Field(default=None, sa_type=BigInteger)
    verb: str
    subject: str
    subject_id: int = Field(sa_type=BigInteger)
    why: str | None = _text(nullable=True)
    details: dict[str, Any] = _json(dict)
    previous_hash: str
    hash: str = Field(unique=True)


class HistoryHead(SQLModel, table=True):
    """Length and last hash of the history; one row, locked by whoever appends."""

    __tablename__ = "history_head"
    id: int = Field(primary_key=True)
    length: int = Field(default=0, sa_type=BigInteger)
    last_hash: str = ""
