"""The family of reports: on a conference, the half year, the year; and the sealed list of officials."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlmodel import col, select

from casework.clock import vietnamese_date
from casework.document_head import Body, DocumentHead
from casework.documents.fill import fill, letterhead
from casework.documents.registry import DocumentKind, Made, Order, Readers, Subject
from casework.documents.report_text import Paper, context
from casework.errors import Forbidden
from casework.names import PARTIES, STEP_NAMES
from casework.public_words import name_free, one_line
from casework.regulations.model import Party, Regulation, ReportRule, Step
from casework.reports.figures import Report
from casework.reports.periods import ReportKind
from casework.usecases.conference.issues import require_over
from casework.usecases.reports.officials import OfficialRow, check_entitled, officials
from casework.usecases.reports.reports import DUTY_OF, READERS, ShownReport, rule_of, shown
from casework.usecases.work import Services, Work, staff_member
from storage.records import Conference, ConferenceState, ConferenceStep, Office

#: steps up to the day itself; what comes after it is a result, not a preparation
_BEFORE = frozenset(list(Step)[: list(Step).index(Step.HELD)])
_FILES = {
    ReportKind.CONFERENCE: "bao-cao-hoi-nghi",
    ReportKind.HALF_YEAR: "bao-cao-6-thang",
    ReportKind.ANNUAL: "bao-cao-nam",
    ReportKind.ON_DEMAND: "bao-cao-dot-xuat",
}
_WORDS_LIMIT = 600


def make_report(services: Services, staff_id: int, kind: ReportKind, order: Order, *, live: bool = False) -> Made:
    """The report as a Word document and a spreadsheet beside it; of one that was sent, with the figures that were.

    Raises what `show_report` raises, and what `fill` does.
    """
    # The spreadsheet library is slow to load, and so are the charts: only who makes a report pays.
    from casework.documents.charts import timeliness_chart, topics_chart
    from casework.documents.report_sheets import report_spreadsheet
    from casework.documents.tables import refuse_edited

    with services.reading() as work:
        require_over(work, staff_id, *READERS)
        made = shown(work, kind, order.target or None, live=live)
        paper = _paper(work, made, order)
    path = order.place(f"{_FILES[kind]}-{_plain(made.scope.label)}")
    table = path.with_suffix(".xlsx")
    refuse_edited(table, force=order.force)
    with tempfile.TemporaryDirectory() as folder:
        charts = {
            "topics": topics_chart(made.report, Path(folder) / "topics.png"),
            "timeliness": timeliness_chart(made.report, Path(folder) / "timeliness.png"),
        }
        filled = context(made.report, replace(paper, charts=charts))
        fill("report.docx", filled, path, order.templates, force=order.force)
    report_spreadsheet(made.report, table, columns=paper.columns, force=order.force)
    return Made(paths=(path, table), blanks=_blanks(filled))


def make_officials(services: Services, staff_id: int, kind: ReportKind, order: Order) -> Made:
    """The sealed annex as a file of its own; the history holds that it was made.

    Raises `NotFound` without the confidential role.
    """
    with services.writing() as work:
        check_entitled(work, staff_id)
        made = shown(work, kind, order.target or None)
        work.record(staff_member(staff_id), "sealed_annex_made", "office", services.office_id, period=made.scope.label)
        office = work.session.get_one(Office, services.office_id)
        head = DocumentHead.of(office.name, office.profile)
        rows = officials(work, made.scope)
        work.commit()
    filled = {
        **letterhead(replace(head, recipients=("Người giữ việc mật (01 bản)",)), order.number, order.signed_on),
        "about": "Danh sách cán bộ bị phản ánh "
        f"từ ngày {vietnamese_date(made.scope.first)} đến ngày {vietnamese_date(made.scope.last)}",
        "rows": [_official(number, row) for number, row in enumerate(rows, start=1)],
        "closing": f"Danh sách gồm {len(rows)} người",
    }
    path = order.place(f"phu-luc-niem-phong-{_plain(made.scope.label)}")
    return Made(paths=(fill("report_officials.docx", filled, path, order.templates, force=order.force),))


def _plain(label: str) -> str:
    """A label in the name of a file."""
    return label.replace("..", "_")


# --------------------------------------------------------------------------- what stands around the figures


def _paper(work: Work, made: ShownReport, order: Order) -> Paper:
    office = work.session.get_one(Office, work.services.office_id)
    rule = made.rule
    body = _issuer(work, made)
    steps = _steps(work, made.report)
    return Paper(
        head=DocumentHead.of(office.name, office.profile, body),
        office_name=office.name,
        basis=_basis(made.regulation, rule),
        sections=_sections(made.regulation, rule),
        recipients=[_recipient(party, office.name) for party in rule.recipients] if rule is not None else (),
        columns=rule.columns if rule is not None else (),
        directions=_directions(made.regulation, steps),
        preparations=_preparations(steps),
        number=_number(order.number or (made.sent.number if made.sent else None)),
        signed_on=order.signed_on or (made.sent.sent_on if made.sent else None),
    )


def _number(number: str | None) -> str | None:
    """The number alone: kind and symbol after the stroke are in the head already."""
    return number.partition("/")[0].strip() if number is not None else None


def _issuer(work: Work, made: ShownReport) -> Body:
    """Whose paper it is: the Front's, unless the text puts it on the People's Committee."""
    if made.scope.kind not in DUTY_OF:
        holder = next((one.holder for one in made.regulation.steps if one.step is Step.RESULT_REPORTED), None)
    else:
        found = rule_of(work, made.scope.kind)
        holder = found[1].holder if found is not None else None
    return Body.PEOPLE_COMMITTEE if holder is Party.PEOPLE_COMMITTEE else Body.FRONT


def _basis(text: Regulation, rule: ReportRule | None) -> str:
    document = text.document
    number = f" số {document.number}" if document.number else ""
    dated = f" ngày {vietnamese_date(document.issued_on)}" if document.issued_on else ""
    place = f", {rule.place}" if rule is not None else ""
    return f"Thực hiện «{document.title}»{number}{dated} của {document.issuer}{place}."


def _sections(text: Regulation, rule: ReportRule | None) -> Sequence[str]:
    """The outline of this report; a text that fixes one for another of its reports with the same annex means it too."""
    if rule is None or rule.sections or not rule.columns:
        return rule.sections if rule is not None else ()
    return next((one.sections for one in text.reports if one.sections and one.columns == rule.columns), ())


def _recipient(party: Party, office: str) -> str:
    known = {
        Party.UPPER_FRONT: "Ban Thường trực Ủy ban MTTQ Việt Nam cấp tỉnh (b/c)",
        Party.UPPER_PARTY: "Thường trực cấp ủy cấp tỉnh (b/c)",
        Party.UPPER_LEVEL: "Ủy ban nhân dân cấp tỉnh (b/c)",
        Party.PARTY_COMMITTEE: f"Thường trực Đảng ủy {office} (b/c)",
        Party.PEOPLE_COMMITTEE: f"UBND {office}",
        Party.PEOPLE_COUNCIL: f"HĐND {office}",
        Party.FRONT: f"Ban Thường trực Ủy ban MTTQ Việt Nam {office}",
        Party.MASS_ORGANISATION: "Các đoàn thể chính trị - xã hội",
    }
    return known.get(party) or PARTIES[party][:1].upper() + PARTIES[party][1:]


def _steps(work: Work, report: Report) -> list[tuple[Conference, ConferenceStep]]:
    """Steps that count, of the conferences of the report, in the order they were done."""
    codes = [meeting.code for meeting in report.meetings]
    rows = work.session.exec(
        select(Conference, ConferenceStep)
        .where(
            ConferenceStep.conference_id == Conference.id,
            Conference.office_id == work.services.office_id,
            col(Conference.code).in_(codes),
            col(ConferenceStep.void_at).is_(None),
        )
        .order_by(col(ConferenceStep.done_on), col(ConferenceStep.id))
    )
    return list(rows)


def _directions(text: Regulation, steps: Sequence[tuple[Conference, ConferenceStep]]) -> list[str]:
    """Each document of the conferences: number, what it is about, day."""
    numbered = [
        f"số {step.document_number} ngày {vietnamese_date(step.done_on)} ({STEP_NAMES[Step(step.step)]})"
        for _, step in steps
        if step.document_number
    ]
    return [f"Văn bản đã ban hành: {'; '.join(numbered)}."] if numbered else []


def _preparations(steps: Sequence[tuple[Conference, ConferenceStep]]) -> list[str]:
    done: dict[str, list[str]] = {}
    for conference, step in steps:
        if Step(step.step) in _BEFORE:
            words = f"{STEP_NAMES[Step(step.step)]} ({vietnamese_date(step.done_on)})"
            done.setdefault(vietnamese_date(conference.held_on), []).append(words)
    return [f"Chuẩn bị hội nghị ngày {day}: {'; '.join(words)}." for day, words in done.items()]


def _official(number: int, row: OfficialRow) -> dict[str, object]:
    return {
        "number": number,
        "name": one_line(row.name, _WORDS_LIMIT),
        "post": one_line(row.post, _WORDS_LIMIT),
        "matter": one_line(row.matter, _WORDS_LIMIT),
        "result": one_line(row.result or "", _WORDS_LIMIT),
    }


def _blanks(filled: dict[str, object]) -> tuple[str, ...]:
    """Headings under which a pen still has to write."""
    sections = filled["sections"]
    if not isinstance(sections, list):
        return ()
    return tuple(
        name_free(one_line(section["heading"], 80))
        for section in sections
        if any(block["kind"] == "pen" for block in section["blocks"])
    )


# --------------------------------------------------------------------------- the kinds


def _kind(name: str, title: str, kind: ReportKind) -> DocumentKind:
    def make(services: Services, staff_id: int | None, order: Order) -> Made:
        return make_report(services, _somebody(staff_id), kind, order)

    conference = kind is ReportKind.CONFERENCE
    return DocumentKind(
        name=name,
        title=title,
        subject=Subject.CONFERENCE if conference else Subject.PERIOD,
        readers=Readers.INTERNAL,
        templates=("report.docx",),
        stages=frozenset({ConferenceState.CONCLUDED}) if conference else frozenset(),
        make=make,
    )


def _somebody(staff_id: int | None) -> int:
    if staff_id is None:
        raise Forbidden("Báo cáo do cán bộ lập.", todo="Ghi rõ --staff TÊN.")
    return staff_id


KINDS = (
    _kind("report", "Báo cáo kết quả hội nghị", ReportKind.CONFERENCE),
    _kind("report-half-year", "Báo cáo 6 tháng", ReportKind.HALF_YEAR),
    _kind("report-annual", "Báo cáo năm", ReportKind.ANNUAL),
    _kind("report-on-demand", "Báo cáo đột xuất", ReportKind.ON_DEMAND),
)
