"""Use cases: show a report, explain a figure, list what is due, record what was sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.codes import spoken
from casework.errors import AlreadyDecided, IllegalMove, InvalidInput
from casework.regulations import Regulation, applicable
from casework.regulations.model import Duty, DutyRule, ReportRule, Step
from casework.reports.compute import compute
from casework.reports.figures import Figure, Report
from casework.reports.frozen import freeze, thaw
from casework.reports.periods import KIND_NAMES, ReportKind, Scope, half_year, read_span, read_year, whole_year
from casework.usecases.access import DECIDERS, Member
from casework.usecases.conference.issues import key_of, require_over
from casework.usecases.conference.steps import put_step
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.obligations import refresh_conference, refresh_reports, texts_of
from casework.usecases.reports.loading import conference_scope, load
from casework.usecases.reports.officials import officials
from casework.usecases.work import Services, Work, staff_member
from storage.records import Conference, Office, Opinion, Role
from storage.records import Report as SentReport

#: may read reports: the whole office stands in them
READERS = (*DECIDERS, Role.CONFIDENTIAL)
DUTY_OF = {ReportKind.HALF_YEAR: Duty.HALF_YEAR_REPORT, ReportKind.ANNUAL: Duty.ANNUAL_REPORT}


@dataclass(frozen=True, kw_only=True)
class Sending:
    """A report as it was sent."""

    number: str
    sent_on: dt.date


@dataclass(frozen=True, kw_only=True)
class ShownReport:
    """A report with the text it is made under; `sent` when its figures are those that were sent."""

    report: Report
    scope: Scope
    regulation: Regulation
    #: what the regulation wants of this report; None where it says nothing
    rule: ReportRule | None
    sent: Sending | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """A figure and what stands behind it, as far as the reader may know."""

    key: str
    name: str
    value: int | float | None
    unit: str
    definition: str
    #: figures whose union it is
    parts: tuple[str, ...]
    #: receipt codes, of sealed opinions their numbers (for the confidential role only)
    codes: tuple[str, ...]
    #: opinions behind it that this reader may only count
    counted_only: int
    conferences: tuple[str, ...]


def show_report(
    services: Services, staff_id: int, kind: ReportKind, target: str | None = None, *, live: bool = False
) -> ShownReport:
    """The report of this kind on a conference (its code), a year ("2026"; None = this one) or, on demand, a stretch of
    days ("2026-01-01..2026-03-31").

    One that was sent keeps its figures; with `live` they are computed afresh. Raises `Forbidden`, `NotFound`,
    `InvalidInput`, or `IllegalMove` for a conference that was not held.
    """
    with services.reading() as work:
        require_over(work, staff_id, *READERS)
        return shown(work, kind, target, live=live)


def explain_figure(
    services: Services, staff_id: int, kind: ReportKind, target: str | None, key: str, *, live: bool = False
) -> Explanation:
    """What one figure counts and the opinions behind it. Raises as `show_report`, and `NotFound` for another key."""
    with services.reading() as work:
        reader = require_over(work, staff_id, *READERS)
        figure = shown(work, kind, target, live=live).report.find(key)
        codes, counted = _codes(work, reader, figure)
        return Explanation(
            key=figure.key,
            name=figure.name,
            value=figure.value,
            unit=figure.unit.value,
            definition=figure.definition,
            parts=figure.parts,
            codes=codes,
            counted_only=counted,
            conferences=figure.conferences,
        )


def send_report(
    services: Services, staff_id: int, kind: ReportKind, target: str | None, *, number: str, sent_on: dt.date
) -> Report:
    """The report went out under this number on this day: its figures are frozen as they stand now.

    Raises `Forbidden`, `InvalidInput`, `AlreadyDecided` when it was sent before, `IllegalMove` before its period ends.
    """
    if not number.strip():
        raise InvalidInput("Còn thiếu số của báo cáo.", todo="Ghi số văn bản, ví dụ 12/BC-MTTQ-BTT.")
    with services.writing() as work:
        require_over(work, staff_id, Role.APPROVER)
        # Two who send the same report at once queue here, and the second is told of the first.
        work.session.exec(select(Office).where(Office.id == services.office_id).with_for_update()).one()
        fresh = shown(work, kind, target, live=True)
        scope = fresh.scope
        _check_day(work, scope, sent_on)
        earlier = sent_report(work, scope)
        if earlier is not None:
            raise AlreadyDecided(
                f"{KIND_NAMES[kind].capitalize()} {scope.label} đã gửi: số {earlier.document_number}, "
                f"ngày {vietnamese_date(earlier.sent_on)}.",
                todo="Nếu phải đính chính, gửi văn bản riêng.",
            )
        row = work.add(
            SentReport(
                office_id=services.office_id,
                kind=kind,
                period_from=scope.first,
                period_to=scope.last,
                conference_id=scope.conference_id,
                document_number=number.strip(),
                sent_on=sent_on,
                figures=freeze(fresh.report),
                staff_id=staff_id,
                created_at=work.now,
            )
        )
        work.record(
            staff_member(staff_id),
            "report_sent",
            "report",
            key_of(row),
            kind=str(kind),
            period=scope.label,
            number=row.document_number,
            sent_on=sent_on.isoformat(),
        )
        if scope.conference_id is not None:
            conference = work.session.get_one(Conference, scope.conference_id)
            put_step(work, staff_id, conference, Step.RESULT_REPORTED, done_on=sent_on, number=row.document_number)
            refresh_conference(work, conference)
        refresh_reports(work)
        work.commit()
        return fresh.report


# --------------------------------------------------------------------------- inside a unit of work


def shown(work: Work, kind: ReportKind, target: str | None, *, live: bool = False) -> ShownReport:
    """As `show_report`, for whoever checked the role already."""
    scope = scope_of(work, kind, target)
    text = text_of(work, scope)
    rule = next((one for one in text.reports if one.report == kind.value), None)
    sent = None if live else sent_report(work, scope)
    if sent is not None:
        return ShownReport(
            report=thaw(sent.figures),
            scope=scope,
            regulation=text,
            rule=rule,
            sent=Sending(number=sent.document_number, sent_on=sent.sent_on),
        )
    facts = load(work, scope, calendar_of(work))
    listed = len(officials(work, scope)) if rule is not None and rule.officials_annex else None
    return ShownReport(
        report=compute(facts, complained_officials=listed), scope=scope, regulation=text, rule=rule, sent=None
    )


def scope_of(work: Work, kind: ReportKind, target: str | None) -> Scope:
    """What the report covers. Raises `NotFound`, `InvalidInput`, `IllegalMove`."""
    if kind is ReportKind.CONFERENCE:
        if target is None:
            raise InvalidInput(
                "Báo cáo hội nghị cần mã hội nghị.", todo="Thêm --conference MÃ (xem: doithoai conferences list)."
            )
        return conference_scope(work, target)
    if kind is ReportKind.ON_DEMAND:
        if target is None:
            raise InvalidInput(
                "Báo cáo đột xuất cần khoảng ngày.", todo="Thêm --period NGÀY..NGÀY, ví dụ 2026-01-01..2026-03-31."
            )
        return read_span(target)
    year = read_year(target) if target is not None else local_date(work.now).year
    return period_scope(work, kind, year)


def period_scope(work: Work, kind: ReportKind, year: int) -> Scope:
    """The half or whole year as the office's regulation cuts it."""
    annual = rule_of(work, ReportKind.ANNUAL)
    if kind is ReportKind.ANNUAL:
        return whole_year(year, annual=annual[1] if annual else None)
    half = rule_of(work, ReportKind.HALF_YEAR)
    return half_year(year, half=half[1] if half else None, annual=annual[1] if annual else None)


# --------------------------------------------------------------------------- texts and days


def text_of(work: Work, scope: Scope) -> Regulation:
    """The text a report is made under: of a conference the one it keeps, else the one in force today.

    Raises `InvalidInput`.
    """
    if scope.conference_id is not None:
        return texts_of(work.session.get_one(Conference, scope.conference_id))[0]
    office = work.session.get_one(Office, work.services.office_id)
    return applicable(office.regulation, on=local_date(work.now))[0]


def rule_of(work: Work, kind: ReportKind) -> tuple[Regulation, DutyRule] | None:
    """The rule in force today that sets the day of this report, the office's own text before the national one."""
    office = work.session.get_one(Office, work.services.office_id)
    for text in applicable(office.regulation, on=local_date(work.now)):
        for rule in text.duties:
            if rule.duty is DUTY_OF[kind] and office.level in rule.levels and rule.on is not None:
                return text, rule
    return None


# --------------------------------------------------------------------------- what was sent, who may see what


def sent_report(work: Work, scope: Scope) -> SentReport | None:
    statement = select(SentReport).where(SentReport.office_id == work.services.office_id, SentReport.kind == scope.kind)
    if scope.conference_id is not None:
        statement = statement.where(SentReport.conference_id == scope.conference_id)
    elif scope.kind is ReportKind.ON_DEMAND:
        statement = statement.where(SentReport.period_from == scope.first, SentReport.period_to == scope.last)
    else:
        # By its end: a text that changed since may cut the beginning another way.
        statement = statement.where(
            SentReport.period_to >= dt.date(scope.year, 1, 1), SentReport.period_to <= dt.date(scope.year, 12, 31)
        )
    return work.session.exec(statement.order_by(col(SentReport.id).desc())).first()


def _check_day(work: Work, scope: Scope, sent_on: dt.date) -> None:
    if sent_on > local_date(work.now):
        raise InvalidInput("Ngày gửi báo cáo chưa tới.", todo="Ghi khi đã gửi.")
    if sent_on < scope.last:
        raise IllegalMove(
            f"Kỳ báo cáo kéo dài tới {vietnamese_date(scope.last)}, sau ngày gửi.",
            todo="Xem lại ngày gửi, hoặc kỳ báo cáo.",
        )


def _codes(work: Work, reader: Member, figure: Figure) -> tuple[tuple[str, ...], int]:
    """Names of the opinions this reader may see, and how many others there are."""
    keys = sorted(figure.opinions)
    codes: list[str] = []
    for start in range(0, len(keys), 5_000):
        for opinion in work.session.exec(
            select(Opinion).where(col(Opinion.id).in_(keys[start : start + 5_000])).order_by(col(Opinion.id))
        ):
            # Judged by the seal of today, also for figures frozen before it.
            if reader.may(opinion, *DECIDERS):
                codes.append(spoken(opinion.code) if opinion.code else f"#{opinion.id}")
    return tuple(codes), len(keys) - len(codes)
