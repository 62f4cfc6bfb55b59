"""What a regulation text may say: the shape of the TOML files beside this module.

Every rule is a table with a citation of its own (`place`, `quote`); where the text is silent and the program still
needs a rule, the table says `assumed = true` and why. Unknown keys are refused by the loader.
"""

from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator


def _in_every_year(month_day: str) -> str:
    month, day = map(int, month_day.split("-"))
    try:
        dt.date(_COMMON_YEAR, month, day)
    except ValueError:
        raise ValueError(f"«{month_day}» không có trong lịch của mọi năm") from None
    return month_day


#: a year without 29 February
_COMMON_YEAR = 2025
MonthDay = Annotated[
    str, StringConstraints(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), AfterValidator(_in_every_year)
]
#: code under which rules of the whole country stand
NATIONAL = "quoc-gia"


class Duty(StrEnum):
    """What somebody owes by a date. The first thirteen are an interface others read (`doithoai deadlines show`)."""

    FRONT_SUMMARY = "front_summary"
    PREPARATORY_MEETING = "preparatory_meeting"
    OPINION_CUTOFF = "opinion_cutoff"
    INVITATION = "invitation"
    PUBLIC_NOTICE = "public_notice"
    CONCLUSION_NOTICE = "conclusion_notice"
    QUICK_ANSWER = "quick_answer"
    ASSIGNMENT = "assignment"
    FINAL_ANSWER = "final_answer"
    PUBLISH_RESULT = "publish_result"
    HALF_YEAR_REPORT = "half_year_report"
    ANNUAL_REPORT = "annual_report"
    RETENTION = "retention"
    # owed on live data, outside the calendar of one conference
    UPWARD_SUMMARY = "upward_summary"  # what is beyond competence goes to the next level
    ACKNOWLEDGEMENT = "acknowledgement"  # the asker hears that it was taken up or passed on
    DEBRIEF = "debrief"  # those who held the conference look back on it


class Unit(StrEnum):
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    YEAR = "year"


class Direction(StrEnum):
    BEFORE = "before"
    AFTER = "after"


class Trigger(StrEnum):
    """The event a period is counted from."""

    CONFERENCE = "conference"  # the day it is held; its last day if it takes several
    CONCLUSION_NOTICE = "conclusion_notice"  # the day of issue
    ASSIGNMENT_RECEIVED = "assignment_received"  # the day the agency receives its assignment
    OPINION_RECEIVED = "opinion_received"
    FILE_CLOSED = "file_closed"
    CALENDAR = "calendar"  # a fixed day of the year: `on`


class Party(StrEnum):
    """Who owes or receives: the offices and people the texts name."""

    FRONT = "front"  # Ban Thường trực Ủy ban MTTQ of the level
    FRONT_WORK_COMMITTEE = "front_work_committee"  # Ban công tác Mặt trận of a village
    UPPER_FRONT = "upper_front"
    UPPER_PARTY = "upper_party"  # cấp ủy cấp trên trực tiếp
    PARTY_COMMITTEE = "party_committee"
    PARTY_SECRETARY = "party_secretary"
    PEOPLE_COMMITTEE = "people_committee"
    PEOPLE_COUNCIL = "people_council"
    CHAIR = "chair"
    ORGANISING_OFFICE = "organising_office"
    AGENCY = "agency"  # made responsible for an opinion
    MASS_ORGANISATION = "mass_organisation"
    MASS_MOBILISATION_BOARD = "mass_mobilisation_board"  # Ban Dân vận, now Ban Tuyên giáo và Dân vận
    VILLAGE_HEAD = "village_head"
    UPPER_LEVEL = "upper_level"  # the government body above
    INVITEE = "invitee"
    ASKER = "asker"
    PUBLIC = "public"


class ConferenceKind(StrEnum):
    """How a conference came about."""

    PERIODIC = "periodic"
    ONGOING = "ongoing"
    AD_HOC = "ad_hoc"


class Step(StrEnum):
    """What the life of a conference consists of; a regulation demands some of them."""

    PLAN = "plan"
    PLAN_AGREED = "plan_agreed"  # with people's council, Front
    PLAN_APPROVED = "plan_approved"  # by the Party committee
    OPINIONS_REQUESTED = "opinions_requested"  # letter asking units to supply opinions
    COLLECTION_ANNOUNCED = "collection_announced"  # villages tell people plan, content, attendance, time
    SUMMARY_SENT = "summary_sent"  # summary of opinions to the leaders
    UPWARD_SENT = "upward_sent"  # what is beyond competence to the upper Front
    ANSWERS_PREPARED = "answers_prepared"  # agencies' draft answers compiled for the chair
    PREPARATORY_MEETING = "preparatory_meeting"
    INVITATIONS_SENT = "invitations_sent"
    PUBLIC_NOTICE = "public_notice"
    SPEAKERS_LISTED = "speakers_listed"
    HOUSE_RULES = "house_rules"
    PROGRAMME = "programme"
    VENUE_READY = "venue_ready"
    SECRETARIES_NAMED = "secretaries_named"
    HELD = "held"
    MINUTES_SIGNED = "minutes_signed"
    DEBRIEF = "debrief"
    CONCLUSION_ISSUED = "conclusion_issued"
    ASSIGNMENTS_SENT = "assignments_sent"
    RESULT_PUBLISHED = "result_published"
    UPWARD_REPORTED = "upward_reported"  # over-competence matters submitted after the conference
    RESULT_REPORTED = "result_reported"  # to superiors, Front, organisations
    FILE_CLOSED = "file_closed"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Rule(_Table):
    """One rule with its source.

    `quote`: at most twelve words of the official text, so that a reader finds the place; empty only where the rule is
    assumed or (national law) the wording was not at hand.
    """

    #: short name of the rule in its file, unique there: "IV.2.2a"
    id: str
    place: str
    quote: str = ""
    assumed: bool = False
    #: why it is assumed, or how the text is read; in Vietnamese
    reason: str = ""
    note: str = ""
    #: made by the program of a rule for other kinds of conference (`OtherKinds`); no file says it
    borrowed: bool = False


class DutyRule(Rule):
    """A period, or a fixed day each year, by which somebody owes something."""

    duty: Duty
    trigger: Trigger
    count: int = Field(default=0, ge=0)
    unit: Unit = Unit.CALENDAR_DAY
    direction: Direction
    #: with trigger "calendar": the day the report is due before/on ("06-20")
    on: MonthDay | None = None
    #: with trigger "calendar": 1 = in the year after the conference
    year_offset: int = 0
    holder: Party
    recipients: tuple[Party, ...] = ()
    #: None: the text names no form
    form: Literal["written", "spoken_or_written", "public"] | None = None
    #: kinds of conference it holds for
    kinds: tuple[ConferenceKind, ...] = tuple(ConferenceKind)
    #: level of the office it holds for
    levels: tuple[Literal["xa", "tinh"], ...] = ("xa",)
    #: an issue the chair settled in the hall owes nothing
    not_if_settled_at_conference: bool = False
    #: a written interim answer with a new date may stand in for the final one
    interim_allowed: bool = False
    #: False: a last day that is a day off stays where it is, for nobody has to act on it (letting an opinion arrive)
    rolls: bool = True

    @model_validator(mode="after")
    def _calendar_has_its_day(self) -> Self:
        if (self.trigger is Trigger.CALENDAR) != (self.on is not None):
            raise ValueError('trigger = "calendar" cần on = "MM-DD", và chỉ trigger ấy mới có on')
        return self

    @model_validator(mode="after")
    def _only_calendar_days_can_stay(self) -> Self:
        if not self.rolls and self.unit is not Unit.CALENDAR_DAY:
            raise ValueError('rolls = false chỉ dùng với unit = "calendar_day"')
        return self


class FrequencyRule(Rule):
    """How often, and in which part of the year; windows warn and never block."""

    min_per_year: int = Field(ge=0)
    kind: ConferenceKind = ConferenceKind.PERIODIC
    #: first and last day of each part of the year
    windows: tuple[tuple[MonthDay, MonthDay], ...] = ()
    #: the conference takes half a day
    half_day: bool = False
    #: also when this share of the voters asks for it, per cent
    voters_percent: int | None = None
    #: also whenever there is need
    when_needed: bool = False
    #: level of the office it holds for
    levels: tuple[Literal["xa", "tinh"], ...] = ("xa",)

    @model_validator(mode="after")
    def _windows_run_forward(self) -> Self:
        for first, last in self.windows:
            if last < first:
                raise ValueError(f"windows: «{first}» phải trước «{last}»")
        return self


class StepRule(Rule):
    """A step the regulation demands; `parts` are what it must contain (of a plan, a notice, a file)."""

    step: Step
    holder: Party
    parts: tuple[str, ...] = ()
    kinds: tuple[ConferenceKind, ...] = tuple(ConferenceKind)
    #: without it the file cannot be closed
    required: bool = True


class ProgrammeItem(Rule):
    """One point of the programme, in order."""

    text: str
    by: Party | Literal["secretary", "speakers", "master_of_ceremonies"]
    at_most_minutes: int | None = None
    kinds: tuple[ConferenceKind, ...] = tuple(ConferenceKind)


class ChairRule(Rule):
    """Who chairs, who sits beside, and when a deputy may."""

    chairs: tuple[str, ...]
    co_chairs: tuple[str, ...] = ()
    #: "authorised": when the chair is ill or called away; "vacancy": only when the post is vacant
    deputy: Literal["silent", "authorised", "vacancy"] = "silent"


class SecretariesRule(Rule):
    """How many secretaries there are, and what they do."""

    #: exact number; None = the text names no number
    count: int | None = None
    tasks: tuple[str, ...] = ()


class EligibilityRule(Rule):
    """Who may attend and speak. Nobody is asked for papers: a declaration of one's own is enough."""

    min_age: int | None = None
    conditions: tuple[str, ...] = ()
    #: who may not attend
    excluded: tuple[str, ...] = ()


class AttendanceRule(Rule):
    """Whom the conference is for, or who is invited to it."""

    groups: tuple[str, ...]
    #: the number of people may not be limited
    unlimited: bool = False


class FormsRule(Rule):
    """Ways in which the conference may be held."""

    forms: tuple[Literal["in_person", "online", "social_network"], ...]


class LateOpinionsRule(Rule):
    """What becomes of an opinion after the cut-off."""

    treatment: Literal["written_answer", "next_conference"]
    #: it holds for what comes up in the hall too
    arising_at_conference: bool = False


class InterimRule(Rule):
    """When a notice may come before the final answer, and what it must say."""

    causes: tuple[Literal["complex", "beyond_competence"], ...]
    says: tuple[Literal["expected_date", "responsible_agency", "progress"], ...]
    #: None: the text names no form
    form: Literal["written", "spoken_or_written"] | None = None


class GroundRule(Rule):
    """A ground of `casework.grounds` this regulation knows; who may use it, and whether it refuses or defers."""

    ground: str
    used_by: tuple[Party, ...] = (Party.CHAIR,)
    effect: Literal["refuse", "defer", "redirect"] = "refuse"


class PlainRule(Rule):
    """A rule in one sentence: topics, excluded matters, confidentiality, stop or failure of a conference."""

    text: str
    kinds: tuple[ConferenceKind, ...] = tuple(ConferenceKind)


class TaskRule(PlainRule):
    """A standing task without a day of its own: preparing, following up, overseeing."""

    holder: Party


class ReportRule(Rule):
    """A report with its recipients and the figures and sections it must hold."""

    report: Literal["conference", "half_year", "annual", "on_demand"]
    recipients: tuple[Party, ...]
    sections: tuple[str, ...] = ()
    #: columns of the annex table, where the text fixes them
    columns: tuple[str, ...] = ()
    officials_annex: bool = False


class Document(_Table):
    """The official text."""

    title: str
    issuer: str
    number: str | None = None
    issued_on: dt.date | None = None
    #: how people cite it before a place ("Quy chế kèm Quyết định 2200-QĐ/TU"); empty when the places name their law
    short: str = ""
    supersedes: tuple[str, ...] = ()
    #: kind of document and how binding it is, in Vietnamese
    kind: str
    status: str = ""


class OtherKinds(_Table):
    """Kinds of conference a text does not know: its periods and steps are kept for them too, as assumed ones."""

    kinds: tuple[ConferenceKind, ...]
    #: why, in Vietnamese; ends with a full stop
    reason: str


class Regulation(_Table):
    """One version of one regulation. Validity is half-open: `valid_from` <= day < `valid_to`."""

    code: str
    version: str
    #: province, as people choose it
    name: str
    document: Document
    valid_from: dt.date
    valid_to: dt.date | None = None
    #: version of the same code that ends on the day this one begins; its own file stays as it is
    replaces: str | None = None
    #: place in the list people choose from
    listed: int = 99
    #: levels as the text names them; `casework.regulations.two_tier` maps them by date
    levels: tuple[Literal["tinh", "huyen", "xa"], ...]
    other_kinds: OtherKinds | None = None
    duties: tuple[DutyRule, ...] = ()
    frequency: tuple[FrequencyRule, ...] = ()
    steps: tuple[StepRule, ...] = ()
    programme: tuple[ProgrammeItem, ...] = ()
    chair: tuple[ChairRule, ...] = ()
    secretaries: tuple[SecretariesRule, ...] = ()
    eligibility: tuple[EligibilityRule, ...] = ()
    attendance: tuple[AttendanceRule, ...] = ()
    forms: tuple[FormsRule, ...] = ()
    topics: tuple[PlainRule, ...] = ()
    intake: tuple[PlainRule, ...] = ()  # by which ways opinions come, how they are chosen and classified
    late_opinions: tuple[LateOpinionsRule, ...] = ()
    interim: tuple[InterimRule, ...] = ()
    grounds: tuple[GroundRule, ...] = ()
    excluded: tuple[PlainRule, ...] = ()
    confidentiality: tuple[PlainRule, ...] = ()
    conduct: tuple[PlainRule, ...] = ()  # stop, failure, house rules
    tasks: tuple[TaskRule, ...] = ()
    reports: tuple[ReportRule, ...] = ()

    def in_force(self, on: dt.date) -> bool:
        """Whether this version holds on that day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def citation(self, rule: Rule) -> str:
        """The place of a rule as people cite it, document first."""
        return f"{self.document.short}, {rule.place}" if self.document.short else rule.place

    def rules(self) -> tuple[Rule, ...]:
        """Every rule as the text has it, in the order of the file's tables."""
        return tuple(
            rule
            for name in type(self).model_fields
            if isinstance(value := getattr(self, name), tuple)
            for rule in value
            if isinstance(rule, Rule) and not rule.borrowed
        )
