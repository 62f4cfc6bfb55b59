"""Use case: which reports the office owes, by when, and which went out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.deadlines.counting import count_days
from casework.deadlines.standing import effective
from casework.regulations.model import DutyRule
from casework.reports.periods import ReportKind, Scope
from casework.usecases.conference.issues import require_over
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.reports.loading import OVER, conference_scope
from casework.usecases.reports.reports import DUTY_OF, READERS, period_scope, rule_of, sent_report, text_of
from casework.usecases.work import Services, Work
from storage.records import Conference, Obligation, Staff
from storage.records import Report as SentReport


@dataclass(frozen=True, kw_only=True)
class DueReport:
    """One report the office owes: by when, and whether it went out."""

    kind: str
    period: str
    first: dt.date
    last: dt.date
    #: None: the regulation names no day
    due_on: dt.date | None
    #: due | late | sent | sent_late | no_date
    state: str
    number: str | None
    sent_on: dt.date | None
    regulation: str
    place: str
    assumed: bool
    #: one sentence: why this day
    why: str


def list_reports(services: Services, staff_id: int, *, year: int | None = None) -> list[DueReport]:
    """The half-year and annual report of a year (None: the report on last year, while it is due, and this year's) and
    one per conference held in it, by the day they are due. Raises `Forbidden`, `InvalidInput`."""
    with services.reading() as work:
        require_over(work, staff_id, *READERS)
        today = local_date(work.now)
        years = (today.year - 1, today.year) if year is None else (year,)
        rows = []
        for one in years:
            rows += [row for kind in DUTY_OF if (row := _due(work, kind, period_scope(work, kind, one), today))]
            rows += [_of_conference(work, conference) for conference in _held_in(work, one)]
            rows += _on_demand(work, one)
        began = _began(work)
        rows = [row for row in rows if row.sent_on is not None or row.due_on is None or row.due_on >= began]
        if year is None:
            rows = [row for row in rows if row.last.year == today.year or row.sent_on is None]
        return sorted(rows, key=lambda row: (row.due_on or row.last, row.kind))


# --------------------------------------------------------------------------- texts and days


def _began(work: Work) -> dt.date:
    """The day the office began to work with this program: nothing is owed for a time before (as `refresh_reports`)."""
    first = work.session.exec(select(Staff.created_at).order_by(col(Staff.created_at))).first()
    return local_date(first) if first is not None else local_date(work.now)


def _due(work: Work, kind: ReportKind, scope: Scope, today: dt.date) -> DueReport | None:
    """The periodic report on this year; None when no text demands it and none was sent."""
    found = rule_of(work, kind)
    sent = sent_report(work, scope)
    if found is None and sent is None:
        return None
    due_on, why = (None, "Quy định đang áp dụng không đòi báo cáo này.")
    if found is not None:
        due_on, why = _day(work, found[1], scope.year)
        due_on = effective(due_on, _extended(work, kind, scope))
    return DueReport(
        kind=str(kind),
        period=scope.label,
        first=scope.first,
        last=scope.last,
        due_on=due_on,
        state=_state(due_on, sent.sent_on if sent else None, today),
        number=sent.document_number if sent else None,
        sent_on=sent.sent_on if sent else None,
        regulation=found[0].name if found else "",
        place=found[1].place if found else "",
        assumed=found[1].assumed if found else False,
        why=why,
    )


def _day(work: Work, rule: DutyRule, year: int) -> tuple[dt.date, str]:
    month, day = (int(part) for part in (rule.on or "").split("-"))
    named = dt.date(year + rule.year_offset, month, day)
    counted = count_days(calendar_of(work), named, count=rule.count, unit=rule.unit, direction=rule.direction)
    why = f"{rule.place}: «{rule.quote}»" if rule.quote else rule.place
    moved = f"; lùi vì {', '.join(one.reason for one in counted.skipped)}" if counted.skipped else ""
    basis = f". {rule.reason}" if rule.assumed and rule.reason else ""
    return counted.due_on, f"{why}{moved}{basis}"


def _extended(work: Work, kind: ReportKind, scope: Scope) -> dt.date | None:
    """The day the report was put off to, with a reason, if it was."""
    rows = work.session.exec(
        select(Obligation).where(
            Obligation.office_id == work.services.office_id,
            Obligation.subject == "report",
            Obligation.subject_id == scope.subject_id,
            Obligation.duty == DUTY_OF[kind],
            col(Obligation.cancelled_at).is_(None),
        )
    )
    return min((one.extended_to for one in rows if one.extended_to is not None), default=None)


def _of_conference(work: Work, conference: Conference) -> DueReport:
    scope = conference_scope(work, conference.code)
    text = text_of(work, scope)
    rule = next((one for one in text.reports if one.report == ReportKind.CONFERENCE.value), None)
    sent = sent_report(work, scope)
    return DueReport(
        kind=ReportKind.CONFERENCE.value,
        period=scope.label,
        first=scope.first,
        last=scope.last,
        due_on=None,
        state=_state(None, sent.sent_on if sent else None, scope.last),
        number=sent.document_number if sent else None,
        sent_on=sent.sent_on if sent else None,
        regulation=text.name,
        place=rule.place if rule else "",
        assumed=rule.assumed if rule else False,
        why="Báo cáo kết quả sau hội nghị; quy định không nêu ngày." if rule else "Quy định không đòi; lập khi cần.",
    )


def _on_demand(work: Work, year: int) -> list[DueReport]:
    """Reports sent on demand, by the year in which their days end."""
    rows = work.session.exec(
        select(SentReport)
        .where(
            SentReport.office_id == work.services.office_id,
            SentReport.kind == ReportKind.ON_DEMAND,
            SentReport.period_to >= dt.date(year, 1, 1),
            SentReport.period_to <= dt.date(year, 12, 31),
        )
        .order_by(col(SentReport.id))
    )
    return [
        DueReport(
            kind=ReportKind.ON_DEMAND.value,
            period=f"{row.period_from}..{row.period_to}",
            first=row.period_from,
            last=row.period_to,
            due_on=None,
            state="sent",
            number=row.document_number,
            sent_on=row.sent_on,
            regulation="",
            place="",
            assumed=False,
            why="Báo cáo khi cấp trên yêu cầu.",
        )
        for row in rows
    ]


def _state(due_on: dt.date | None, sent_on: dt.date | None, today: dt.date) -> str:
    if sent_on is not None:
        return "sent_late" if due_on is not None and sent_on > due_on else "sent"
    if due_on is None:
        return "no_date"
    return "late" if today > due_on else "due"


def _held_in(work: Work, year: int) -> Iterable[Conference]:
    return work.session.exec(
        select(Conference)
        .where(
            Conference.office_id == work.services.office_id,
            col(Conference.state).in_(OVER),
            Conference.held_on >= dt.date(year, 1, 1),
            Conference.held_on <= dt.date(year, 12, 31),
        )
        .order_by(col(Conference.held_on))
    ).all()
