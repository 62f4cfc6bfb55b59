"""Reports on the live database: what is counted, who may see what stands behind, what stays when it was sent."""

from __future__ import annotations

import datetime as dt
import json
import time
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from sqlmodel import select

from casework.clock import VIETNAM, ManualClock
from casework.codes import spoken
from casework.documents.registry import Order
from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.regulations.model import Step
from casework.reports.periods import ReportKind
from casework.usecases.conference.steps import steps_of
from casework.usecases.documents.reports import make_officials, make_report
from casework.usecases.reports.due import list_reports
from casework.usecases.reports.officials import add_official, erase_official, list_officials
from casework.usecases.reports.reports import explain_figure, send_report, show_report
from casework.usecases.work import Services
from storage.records import (
    Act,
    AgendaItem,
    AgendaOutcome,
    Assignment,
    ComplainedOfficial,
    Conference,
    Obligation,
    Office,
    Opinion,
    OpinionGroup,
    OpinionState,
    Report,
    Role,
    Staff,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

ANNUAL, CONFERENCE = ReportKind.ANNUAL, ReportKind.CONFERENCE


def at(day: str, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(day), dt.time(hour), tzinfo=VIETNAM)


def approver(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def hold_conference(
    services: Services, code: str, held_on: str, *, state: str = "held", regulation: str = "thanh-hoa", **more: object
) -> int:
    """A conference that took place, put straight into the database."""
    with services.writing() as work:
        conference = work.add(
            Conference(
                office_id=services.office_id,
                code=code,
                title="Hội nghị đối thoại với Nhân dân",
                regulation=regulation,
                held_on=dt.date.fromisoformat(held_on),
                place="Hội trường xã",
                chair="Bí thư Đảng ủy xã",
                state=state,
                created_at=at("2026-01-05"),
                **more,
            )
        )
        work.commit()
        return conference.id or 0


def put_line(services: Services, conference: int, group: int, position: int, outcome: AgendaOutcome) -> None:
    with services.writing() as work:
        work.add(AgendaItem(conference_id=conference, group_id=group, position=position, people=1, outcome=outcome))
        work.commit()


def value(
    services: Services, staff: int, key: str, *, kind: ReportKind = ANNUAL, target: str | None = "2026"
) -> object:
    return show_report(services, staff, kind, target).report[key].value


# --------------------------------------------------------------------------- what is counted


def test_an_opinion_counts_by_its_vietnamese_day_of_receipt_on_both_sides_of_the_border(
    services: Services, clock: ManualClock
) -> None:
    staff = approver(services)
    # The half year of Thanh Hóa, due on 20 June, is cut at the end of May; the year begins on 1 December.
    for instant in (
        at("2026-05-31", 23),
        at("2026-06-01", 0),
        dt.datetime(2025, 11, 30, 16, 59, tzinfo=dt.UTC),  # 23:59 on 30 November in Viet Nam: the year before
        dt.datetime(2025, 11, 30, 17, 0, tzinfo=dt.UTC),  # midnight: 1 December
    ):
        make_opinion(services, submitted_at=instant)
    assert value(services, staff, "received", kind=ReportKind.HALF_YEAR) == 2
    assert value(services, staff, "received") == 3


def test_a_conference_counts_its_agenda_and_what_came_since_the_one_before(
    services: Services, clock: ManualClock
) -> None:
    clock.move_to(at("2026-12-08"))
    staff = approver(services)
    before = hold_conference(services, "HN-20260620", "2026-06-20", state="concluded")
    now = hold_conference(services, "HN-20261120", "2026-11-20", attendance=142, invited=150)
    old, new = make_group(services, "Việc của kỳ trước"), make_group(services, "Việc kỳ này")
    put_line(services, before, old, 1, AgendaOutcome.DEFERRED)
    put_line(services, now, new, 1, AgendaOutcome.ANSWERED)
    make_opinion(services, group=old, conference_id=before, submitted_at=at("2026-06-01"), state=OpinionState.ASSIGNED)
    on_agenda = make_opinion(
        services, group=new, conference_id=now, submitted_at=at("2026-06-10"), state=OpinionState.SCHEDULED
    )
    left_over = make_opinion(services, submitted_at=at("2026-06-21"))
    make_opinion(services, submitted_at=at("2026-06-20"))  # before: the day of the last round
    make_opinion(services, submitted_at=at("2026-11-21"))  # after the day
    shown = show_report(services, staff, CONFERENCE, "HN-20261120").report
    assert shown["received"].opinions == {on_agenda.id, left_over.id}
    assert shown["answered_at_conference"].opinions == {on_agenda.id}
    assert (shown["attendance"].value, shown["invited"].value) == (142, 150)
    assert [(line.title, line.standing) for line in shown.previous_lines] == [("Việc của kỳ trước", "unresolved")]


def test_the_answer_is_judged_by_the_newest_assignment_and_its_extension(
    services: Services, clock: ManualClock
) -> None:
    clock.move_to(at("2026-12-08"))
    staff = approver(services)
    group = make_group(services)
    opinion = make_opinion(services, group=group, state=OpinionState.ASSIGNED, submitted_at=at("2026-11-02"))
    with services.writing() as work:
        for agency, due in (("Cũ", "2026-11-10"), ("Mới", "2026-12-01")):
            row = work.add(
                Assignment(
                    office_id=services.office_id,
                    group_id=group,
                    agency=agency,
                    assigned_on=dt.date(2026, 11, 5),
                    due_on=dt.date.fromisoformat(due),
                )
            )
        work.commit()
        key = row.id or 0
    assert show_report(services, staff, ANNUAL, "2026").report["overdue"].opinions == {opinion.id}
    with services.writing() as work:
        work.add(
            Obligation(
                office_id=services.office_id,
                duty="final_answer",
                subject="assignment",
                subject_id=key,
                regulation="thanh-hoa",
                regulation_version="1",
                rule="x",
                holder="agency",
                due_on=dt.date(2026, 12, 1),
                extended_to=dt.date(2026, 12, 20),
                created_at=work.now,
            )
        )
        work.commit()
    report = show_report(services, staff, ANNUAL, "2026").report
    assert report["extended_open"].opinions == {opinion.id} == report["extended"].opinions


def test_a_conference_that_was_not_held_has_no_report(services: Services) -> None:
    hold_conference(services, "HN-1", "2026-12-20", state="planned")
    with pytest.raises(IllegalMove, match="chưa họp"):
        show_report(services, approver(services), CONFERENCE, "HN-1")


# --------------------------------------------------------------------------- who may see what


def test_every_figure_names_its_opinions_and_the_sealed_only_to_the_confidential_role(services: Services) -> None:
    open_one = make_opinion(services, state=OpinionState.REDIRECTED, kind="khieu-nai")
    sealed = make_opinion(services, sealed=True, state=OpinionState.HELD, kind="to-cao")
    staff, keeper = approver(services), make_staff(services, Role.CONFIDENTIAL)
    told = explain_figure(services, staff, ANNUAL, "2026", "redirected")
    assert (told.value, told.codes, told.counted_only) == (1, (spoken(open_one.code or ""),), 0)
    quiet = explain_figure(services, staff, ANNUAL, "2026", "sealed_waiting")
    assert (quiet.value, quiet.codes, quiet.counted_only) == (1, (), 1)
    kept = explain_figure(services, keeper, ANNUAL, "2026", "sealed_waiting")
    assert (kept.codes, kept.counted_only) == ((f"#{sealed.id}",), 0)


def test_an_opinion_sealed_after_the_report_was_sent_is_no_longer_named(services: Services, clock: ManualClock) -> None:
    clock.move_to(at("2026-12-08"))
    staff = approver(services)
    opinion = make_opinion(services, submitted_at=at("2026-11-02"))
    send_report(services, staff, ANNUAL, "2026", number="12/BC-MTTQ-BTT", sent_on=dt.date(2026, 12, 8))
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id)
        row.sealed, row.code, row.state = True, None, OpinionState.HELD
        work.add(row)
        work.commit()
    told = explain_figure(services, staff, ANNUAL, "2026", "waiting")
    assert (told.value, told.codes, told.counted_only) == (1, (), 1)


def test_a_village_officer_reads_no_report(services: Services) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="thuong")
    with pytest.raises(Forbidden):
        show_report(services, officer, ANNUAL, "2026")
    with pytest.raises(Forbidden):
        list_reports(services, officer)


def test_an_unknown_figure_is_refused_with_the_names_there_are(services: Services) -> None:
    with pytest.raises(NotFound, match="resolved"):
        explain_figure(services, approver(services), ANNUAL, "2026", "happiness")


# --------------------------------------------------------------------------- sent


def test_figures_that_were_sent_do_not_change_and_the_duty_is_met(services: Services, clock: ManualClock) -> None:
    staff = approver(services)
    make_opinion(services)
    clock.move_to(at("2026-12-08"))
    send_report(services, staff, ANNUAL, "2026", number="12/BC-MTTQ-BTT", sent_on=dt.date(2026, 12, 8))
    make_opinion(services, submitted_at=at("2026-11-05"))
    assert value(services, staff, "received") == 1
    assert show_report(services, staff, ANNUAL, "2026", live=True).report["received"].value == 2
    (row,) = [one for one in list_reports(services, staff) if one.kind == ANNUAL]
    assert (row.state, row.number, row.due_on) == ("sent", "12/BC-MTTQ-BTT", dt.date(2026, 12, 10))
    with services.reading() as work:
        owed = work.session.exec(select(Obligation).where(Obligation.subject == "report")).all()
        assert [one.met_on for one in owed if one.subject_id == 20262] == [dt.date(2026, 12, 8)]
        act = work.session.exec(select(Act).where(Act.verb == "report_sent")).one()
        assert act.details["number"] == "12/BC-MTTQ-BTT"


def test_a_report_is_sent_once_after_its_period_and_by_an_approver(services: Services, clock: ManualClock) -> None:
    staff, moderator = approver(services), make_staff(services, Role.MODERATOR)
    day = dt.date(2026, 12, 1)
    with pytest.raises(InvalidInput):
        send_report(services, staff, ANNUAL, "2026", number="12/BC", sent_on=day)  # still to come
    clock.move_to(at("2026-12-08"))
    with pytest.raises(IllegalMove):
        send_report(services, staff, ANNUAL, "2026", number="12/BC", sent_on=dt.date(2026, 11, 29))
    with pytest.raises(Forbidden):
        send_report(services, moderator, ANNUAL, "2026", number="12/BC", sent_on=day)
    send_report(services, staff, ANNUAL, "2026", number="12/BC", sent_on=day)
    with pytest.raises(AlreadyDecided, match="12/BC"):
        send_report(services, staff, ANNUAL, "2026", number="13/BC", sent_on=day)
    with services.reading() as work:
        assert len(work.session.exec(select(Report)).all()) == 1


def test_the_report_on_a_conference_is_a_step_of_its_life(services: Services, clock: ManualClock) -> None:
    clock.move_to(at("2026-12-08"))
    key = hold_conference(services, "HN-1", "2026-11-20", state="concluded")
    day = dt.date(2026, 12, 7)
    send_report(services, approver(services), CONFERENCE, "HN-1", number="9/BC-MTTQ-BTT", sent_on=day)
    with services.reading() as work:
        steps = steps_of(work, work.session.get_one(Conference, key))
        assert (steps[Step.RESULT_REPORTED].done_on, steps[Step.RESULT_REPORTED].document_number) == (
            day,
            "9/BC-MTTQ-BTT",
        )


def test_a_superior_may_ask_for_any_stretch_of_days(services: Services, clock: ManualClock, tmp_path: Path) -> None:
    clock.move_to(at("2026-12-08"))
    staff, span = approver(services), "2026-11-01..2026-11-30"
    for day in ("2026-10-31", "2026-11-01", "2026-11-30", "2026-12-01"):
        make_opinion(services, submitted_at=at(day))
    kind = ReportKind.ON_DEMAND
    assert value(services, staff, "received", kind=kind, target=span) == 2
    send_report(services, staff, kind, span, number="14/BC-MTTQ-BTT", sent_on=dt.date(2026, 12, 8))
    assert [(row.period, row.state) for row in list_reports(services, staff) if row.kind == kind] == [(span, "sent")]
    (word, _) = make_report(services, staff, kind, Order(target=span, out=tmp_path)).paths
    # Once it was sent the document carries its number: kind and symbol stand in the head already.
    assert "Số: 14/BC-MTTQ-BTT" in _words(word)
    for wrong in (None, "2026", "2026-11-30..2026-11-01"):
        with pytest.raises(InvalidInput):
            show_report(services, staff, kind, wrong)


def test_the_list_says_by_when_and_why_under_the_regulation_in_force(services: Services, clock: ManualClock) -> None:
    with services.writing() as work:
        office = work.session.get_one(Office, services.office_id)
        office.regulation = "son-la"
        work.add(office)
        work.commit()
    staff = approver(services)
    (annual,) = [row for row in list_reports(services, staff) if row.kind == ANNUAL]
    # "trước 10/12": the last day is the 9th, a Wednesday; nothing is owed for the half year before the office began.
    assert (annual.due_on, annual.state, annual.assumed) == (dt.date(2026, 12, 9), "due", False)
    assert "Điều 14" in annual.why
    clock.move_to(at("2026-12-10"))
    (late,) = [row for row in list_reports(services, staff) if row.kind == ANNUAL]
    assert late.state == "late"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("thanh-hoa", [("half_year", "2026-06-19"), ("annual", "2026-12-10")]),  # 20 June 2026 is a Saturday
        ("ha-noi", [("half_year", "2026-06-19"), ("annual", "2026-12-10")]),
        ("son-la", [("half_year", "2026-06-19"), ("annual", "2026-12-09")]),
        ("dien-bien", [("annual", "2027-02-12")]),  # before 15 February 2027; the 14th is a Sunday
        ("hai-phong", []),
    ],
)
def test_each_regulation_demands_its_reports_by_its_days(
    services: Services, clock: ManualClock, code: str, expected: list[tuple[str, str]]
) -> None:
    staff = approver(services)
    with services.writing() as work:
        work.session.get_one(Office, services.office_id).regulation = code
        work.session.get_one(Staff, staff).created_at = at("2026-01-05")
        work.commit()
    clock.move_to(at("2026-12-31"))
    assert [(row.kind, str(row.due_on)) for row in list_reports(services, staff, year=2026)] == expected


# --------------------------------------------------------------------------- the sealed list


def test_the_list_of_officials_does_not_exist_for_an_approver(services: Services, tmp_path: Path) -> None:
    staff, keeper = approver(services), make_staff(services, Role.CONFIDENTIAL)
    add_official(services, keeper, name="Ông Nguyễn Văn Giả", post="cán bộ thôn 9", matter="thu tiền không biên lai")
    order = Order(target="2026", out=tmp_path / "mật")
    for act in (
        lambda: list_officials(services, staff),
        lambda: add_official(services, staff, name="", post="", matter=""),
        lambda: erase_official(services, staff, 1),
        lambda: make_officials(services, staff, ANNUAL, order),
    ):
        with pytest.raises(NotFound, match="Không tìm thấy"):
            act()
    assert not order.out.exists()


def test_the_sealed_annex_is_its_own_file_and_the_report_holds_only_the_number(
    services: Services, tmp_path: Path
) -> None:
    with services.writing() as work:
        office = work.session.get_one(Office, services.office_id)
        office.regulation = "dien-bien"
        work.add(office)
        work.commit()
    staff, keeper = approver(services), make_staff(services, Role.CONFIDENTIAL)
    key = add_official(services, keeper, name="Ông Nguyễn Văn Giả", post="cán bộ thôn 9", matter="thu tiền trái phép")
    made = make_report(services, staff, ANNUAL, Order(target="2026", out=tmp_path))
    words = _words(made.paths[0])
    assert "Số cán bộ bị phản ánh: 1" in words
    assert "Văn Giả" not in words
    assert "Văn Giả" not in json.dumps(_cells(made.paths[1]), ensure_ascii=False)
    sealed = make_officials(services, keeper, ANNUAL, Order(target="2026", out=tmp_path))
    assert "Ông Nguyễn Văn Giả" in _words(sealed.paths[0])
    erase_official(services, keeper, key)
    assert list_officials(services, keeper) == []
    with services.reading() as work:
        row = work.session.get_one(ComplainedOfficial, key)
        assert "Văn Giả" not in row.name
        acts = work.session.exec(select(Act).where(Act.subject == "complained_official")).all()
        assert [act.verb for act in acts] == ["sealed_row_added", "sealed_row_erased"]
        assert work.session.exec(select(Act).where(Act.verb == "sealed_annex_made")).one().details == {"period": "2026"}
        assert all("Văn Giả" not in f"{act.why} {act.details}" for act in acts)


def test_an_official_counts_in_the_year_the_complaint_came_whenever_the_row_was_entered(
    services: Services, clock: ManualClock
) -> None:
    with services.writing() as work:
        work.session.get_one(Office, services.office_id).regulation = "dien-bien"
        work.commit()
    keeper = make_staff(services, Role.MODERATOR, Role.APPROVER, Role.CONFIDENTIAL)
    behind = make_opinion(services, sealed=True, submitted_at=at("2026-12-30"))
    hold_conference(services, "HN-1", "2026-11-20", state="concluded", regulation="dien-bien")
    clock.move_to(at("2027-01-10"))
    words = {"name": "Ông Nguyễn Văn Giả", "post": "cán bộ thôn", "matter": "thu tiền không biên lai"}
    add_official(services, keeper, opinion=f"#{behind.id}", **words)
    add_official(services, keeper, **words)
    assert value(services, keeper, "complained_officials", target="2026") == 1
    assert value(services, keeper, "complained_officials", target="2027") == 1
    assert value(services, keeper, "complained_officials", kind=CONFERENCE, target="HN-1") == 2


# --------------------------------------------------------------------------- documents


def test_a_report_is_a_draft_with_blank_number_until_signed(services: Services, tmp_path: Path) -> None:
    staff = approver(services)
    group = make_group(services, topic="giao-thong")
    make_opinion(services, citizen=make_citizen(services, name="Bà Lê Thị Mẫu"), group=group, topic="giao-thong")
    made = make_report(services, staff, ANNUAL, Order(target="2026", out=tmp_path / "nháp"))
    words = _words(made.paths[0])
    assert "DỰ THẢO" in words
    assert "Giao thông" in words
    assert "Mẫu" not in words
    assert "Tồn tại, hạn chế, nguyên nhân" in " ".join(made.blanks)
    picture = Document(str(made.paths[0])).inline_shapes[0]
    assert picture._inline.docPr.get("descr").startswith("Số ý kiến theo lĩnh vực: Giao thông 1")
    signed = make_report(
        services,
        staff,
        ANNUAL,
        Order(target="2026", out=tmp_path / "ký.docx", number="12", signed_on=dt.date(2026, 12, 8)),
    )
    words = _words(signed.paths[0])
    assert "DỰ THẢO" not in words
    assert "Số: 12/BC-MTTQ-BTT" in words


def test_an_empty_report_has_its_tables_and_no_chart(services: Services, tmp_path: Path) -> None:
    made = make_report(services, approver(services), ANNUAL, Order(target="2026", out=tmp_path))
    document = Document(str(made.paths[0]))
    assert len(document.inline_shapes) == 0
    words = _words(made.paths[0])
    assert "Trong kỳ chưa tổ chức hội nghị đối thoại nào" in words
    assert "Cách tính" in words
    assert "{" not in words


def test_the_spreadsheet_holds_the_same_numbers_and_what_they_count(services: Services, tmp_path: Path) -> None:
    staff = approver(services)
    make_opinion(services)
    made = make_report(services, staff, ANNUAL, Order(target="2026", out=tmp_path))
    rows = {row[0]: row[1:] for row in _cells(made.paths[1])}
    assert rows["received"][:3] == ["Tổng số ý kiến nhận được", 1, "ý kiến"]


@pytest.mark.parametrize("code", ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong"])
@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_regulation_has_every_report(
    services: Services, clock: ManualClock, tmp_path: Path, code: str, kind: ReportKind
) -> None:
    clock.move_to(at("2026-12-08"))
    hold_conference(services, "HN-1", "2026-11-20", state="concluded")
    with services.writing() as work:
        work.session.get_one(Office, services.office_id).regulation = code
        work.session.exec(select(Conference)).one().regulation = code
        work.commit()
    target = {CONFERENCE: "HN-1", ReportKind.ON_DEMAND: "2026-11-01..2026-11-30"}.get(kind, "2026")
    made = make_report(services, approver(services), kind, Order(target=target, out=tmp_path))
    words = _words(made.paths[0])
    assert "{" not in words
    assert "Đã giải quyết" in words
    if code == "dien-bien" and kind in (CONFERENCE, ANNUAL):
        assert "Tổng số đại biểu được mời" in words
        assert words.index("I. Đặc điểm") < words.index("II. Lãnh đạo") < words.index("IV. Đề xuất")


def test_two_thousand_opinions_are_reported_within_two_seconds(services: Services) -> None:
    staff = approver(services)
    with services.writing() as work:
        groups = [
            work.add(
                OpinionGroup(
                    office_id=services.office_id, title=f"Việc {n}", topic="giao-thong", level="xa", created_at=work.now
                )
            ).id
            for n in range(300)
        ]
        work.session.add_all(
            Opinion(
                office_id=services.office_id,
                state=OpinionState.APPROVED,
                kind="y-kien",
                topic="giao-thong",
                level="xa",
                original_text="Đường hỏng.",
                group_id=groups[n % 300],
                submitted_at=work.now,
            )
            for n in range(2_000)
        )
        work.commit()
    began = time.process_time()
    report = show_report(services, staff, ANNUAL, "2026").report
    assert time.process_time() - began < 2
    assert (report["received"].value, report["issues"].value) == (2_000, 300)


def _words(path: Path) -> str:
    """All text of a Word file in the order of the document."""
    body = Document(str(path)).element.body
    return " ".join("".join(t.text or "" for t in p.iter() if t.tag.endswith("}t")) for p in body.iter() if _is_p(p))


def _is_p(element: object) -> bool:
    return str(getattr(element, "tag", "")).endswith("}p")


def _cells(path: Path) -> list[list[object]]:
    book = load_workbook(path)
    return [list(row) for sheet in book for row in sheet.iter_rows(values_only=True)]


def test_a_spreadsheet_somebody_worked_on_is_replaced_only_when_asked_to_and_neither_file_is_touched_before(
    services: Services, tmp_path: Path
) -> None:
    staff = approver(services)
    word, table = make_report(services, staff, ANNUAL, Order(target="2026", out=tmp_path)).paths
    book = load_workbook(table)
    book.worksheets[0]["A2"] = "ghi chú của chị Lan"
    book.save(table)
    before = word.read_bytes()

    with pytest.raises(IllegalMove, match="đã có người sửa"):
        make_report(services, staff, ANNUAL, Order(target="2026", out=tmp_path))
    assert word.read_bytes() == before
    assert load_workbook(table).worksheets[0]["A2"].value == "ghi chú của chị Lan"

    make_report(services, staff, ANNUAL, Order(target="2026", out=tmp_path, force=True))
    assert load_workbook(table).worksheets[0]["A2"].value != "ghi chú của chị Lan"
