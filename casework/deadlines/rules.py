"""The due dates of a conference: each duty rule of the texts that bind it, on its facts and a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from casework.clock import vietnamese_date
from casework.deadlines.counting import count_days, years_from
from casework.deadlines.explain import explain
from casework.deadlines.values import ConferenceFacts, Counted, Due, WorkingCalendar
from casework.errors import InvalidInput
from casework.names import CONFERENCE_KINDS
from casework.regulations.model import NATIONAL, ConferenceKind, Duty, DutyRule, Regulation, Trigger, Unit

#: how the national text is called beside the province's
NATIONAL_SOURCE = "pháp luật chung"
_ORDER = {duty: number for number, duty in enumerate(Duty)}


def duties(
    texts: Sequence[Regulation], facts: ConferenceFacts, calendar: WorkingCalendar, *, level: str = "xa"
) -> list[Due]:
    """Every duty the texts set for this kind of conference at this level, by date, those without a date last.

    Raises `InvalidInput` for facts that cannot be, and for a year without calendar.
    """
    check_facts(facts)
    found = [
        due(rule, text, trigger_day(rule, facts, calendar), calendar, beside=_silent(texts, text, rule, facts.kind))
        for text in texts
        for rule in text.duties
        if facts.kind in rule.kinds and level in rule.levels
    ]
    return sorted(found, key=lambda one: (one.due_on is None, one.due_on or dt.date.max, _ORDER[one.duty]))


def _silent(texts: Sequence[Regulation], text: Regulation, rule: DutyRule, kind: ConferenceKind) -> str:
    """That another text asks for this duty at conferences of other kinds only, in words; empty when none does."""
    for other in texts:
        rules = [one for one in other.duties if one.duty is rule.duty]
        if other is not text and rules and not any(kind in one.kinds for one in rules):
            name = other.document.short or other.name
            return f"{name} thì không đòi việc này với đối thoại {CONFERENCE_KINDS[kind]}"
    return ""


def due(
    rule: DutyRule, text: Regulation, trigger_on: dt.date | None, calendar: WorkingCalendar, *, beside: str = ""
) -> Due:
    """One duty counted from the day of its event; `trigger_on` None while that has not happened. `beside`: what
    another text says of it, for the explanation.

    For a fixed day of the year `trigger_on` is that day (`fixed_day`). Raises `InvalidInput` for a year without
    calendar.
    """
    counted = None if trigger_on is None else count(rule, trigger_on, calendar)
    return Due(
        duty=rule.duty,
        rule=rule,
        regulation=text.code,
        regulation_version=text.version,
        source=NATIONAL_SOURCE if text.code == NATIONAL else text.name,
        holder=rule.holder,
        due_on=counted.due_on if counted else None,
        count=rule.count,
        unit=rule.unit,
        direction=rule.direction,
        trigger=rule.trigger,
        trigger_on=trigger_on,
        citation=text.citation(rule),
        quote=rule.quote,
        assumed=rule.assumed,
        skipped=counted.skipped if counted else (),
        explanation=explain(rule, text, trigger_on, counted, calendar, beside=beside),
    )


def count(rule: DutyRule, trigger_on: dt.date, calendar: WorkingCalendar) -> Counted:
    """The date alone, without its explanation. Raises as `due` does."""
    return count_days(
        calendar, trigger_on, count=rule.count, unit=rule.unit, direction=rule.direction, rolls=rule.rolls
    )


def in_days(one: Due, conference_on: dt.date) -> tuple[int, Unit]:
    """Number and unit for readers who know days only: years as the days from the event, or from the conference while
    the event is open."""
    if one.unit is not Unit.YEAR:
        return one.count, one.unit
    start = one.trigger_on or conference_on
    return (years_from(start, one.count) - start).days, Unit.CALENDAR_DAY


def fixed_day(rule: DutyRule, year: int) -> dt.date:
    """The day a calendar rule names, in a year. Raises `ValueError` for a rule that names none."""
    if rule.on is None:
        raise ValueError(f"rule {rule.id} names no day of the year")
    return dt.date.fromisoformat(f"{year:04}-{rule.on}")


def trigger_day(rule: DutyRule, facts: ConferenceFacts, calendar: WorkingCalendar) -> dt.date | None:
    """The day of the event a rule counts from; None while it has not happened.

    A report is the first one due on or after the conference, in the year the rule says.
    """
    match rule.trigger:
        case Trigger.CONFERENCE:
            return facts.held_on
        case Trigger.CONCLUSION_NOTICE:
            return facts.conclusion_on
        case Trigger.ASSIGNMENT_RECEIVED:
            return facts.assignment_received_on
        case Trigger.FILE_CLOSED:
            return facts.file_closed_on
        case Trigger.OPINION_RECEIVED:
            return None
        case Trigger.CALENDAR:
            first = fixed_day(rule, facts.held_on.year + rule.year_offset)
            if count(rule, first, calendar).due_on >= facts.held_on:
                return first
            return fixed_day(rule, first.year + 1)


def check_facts(facts: ConferenceFacts) -> None:
    """Raises `InvalidInput` when something that follows the conference is dated before it."""
    held = vietnamese_date(facts.held_on)
    for day, what in (
        (facts.conclusion_on, "Thông báo kết luận"),
        (facts.assignment_received_on, "Ngày cơ quan nhận văn bản giao việc"),
        (facts.file_closed_on, "Ngày đóng hồ sơ"),
    ):
        if day is not None and day < facts.held_on:
            raise InvalidInput(
                f"{what} ({vietnamese_date(day)}) không thể trước ngày họp ({held}).", todo="Xem lại hai ngày đã ghi."
            )
