from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import load_workbook

from casework.documents.registry import Made, Order, Readers, kind
from casework.documents.tables import Field, Sheet, write_sheets
from casework.errors import Forbidden, IllegalMove, InvalidInput
from casework.usecases.work import Services
from storage.records import Role, SpeakingRegistration
from tests.casework.conference_day import (
    CODE,
    make_answer,
    make_assignment,
    make_conference,
    make_line,
    make_referral,
)
from tests.casework.factories import make_staff

RUNNING = ["=1+1", "+cmd", "-2", "@SUM(A1)", "\t=1", "＝1", '=HYPERLINK("http://x")']


@pytest.fixture
def clerk(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def make(services: Services, staff: int | None, name: str, out: Path, readers: Readers | None = None) -> Made:
    return kind(name, readers).make(services, staff, Order(target=CODE, out=out))


def cells(path: Path) -> list[list[object]]:
    sheet = load_workbook(path).active
    assert sheet is not None
    return [[_day(one.value) for one in line] for line in sheet.iter_rows()]


def _day(value: object) -> object:
    """A day is read back as its midnight."""
    return value.date() if isinstance(value, dt.datetime) else value


def column(path: Path, heading: str) -> list[object]:
    """What stands under a heading, the total left out."""
    table = cells(path)
    place = table[0].index(heading)
    return [row[place] for row in table[1:-1]]


def everything(path: Path) -> str:
    return "\n".join(str(value) for row in cells(path) for value in row)


def plain(*rows: list[object]) -> Sheet:
    return Sheet(
        name="Bảng [a/b]: thử",
        title="Hội nghị A & B",
        fields=(Field(heading="Lời", width=40), Field(heading="Ngày", width=12), Field(heading="Số", width=8)),
        rows=rows,
        total=["Cộng", "", 3],
    )


# --------------------------------------------------------------------------- the writer


def test_a_table_is_ready_to_read_filter_and_print(tmp_path: Path) -> None:
    path = write_sheets(
        [plain(["một", dt.date(2026, 12, 7), 1], ["hai", dt.date(2026, 12, 8), 2])], tmp_path / "t.xlsx"
    )
    sheet = load_workbook(path).active
    assert sheet is not None
    assert sheet.title == "Bảng ab thử"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:C3"
    assert sheet.print_title_rows == "$1:$1"
    assert (sheet.page_setup.orientation, int(sheet.page_setup.paperSize)) == ("landscape", 9)
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.column_dimensions["A"].width == 40
    assert sheet["B2"].is_date
    assert sheet["B2"].number_format == "DD/MM/YYYY"
    assert sheet["C3"].value == 2
    assert sheet["A4"].value == "Cộng"
    assert sheet["A4"].font.b


def test_words_never_run_as_a_formula(tmp_path: Path) -> None:
    path = write_sheets([plain(*([words, "", 1] for words in RUNNING))], tmp_path / "t.xlsx")
    sheet = load_workbook(path).active
    assert sheet is not None
    assert "f" not in {one.data_type for line in sheet.iter_rows() for one in line}
    assert all(str(value).startswith("'") for value in column(path, "Lời"))


def test_a_table_may_be_made_again_until_somebody_works_on_it(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    for number in (1, 2):
        write_sheets([plain(["một", dt.date(2026, 12, 7), number])], path)
    assert column(path, "Số") == [2]
    book = load_workbook(path)
    assert book.active is not None
    book.active["A2"] = "ghi thêm"
    book.save(path)
    with pytest.raises(IllegalMove, match="đã có người sửa"):
        write_sheets([plain(["một", "", 3])], path)
    assert column(path, "Lời") == ["ghi thêm"]
    write_sheets([plain(["một", "", 3])], path, force=True)
    assert column(path, "Số") == [3]


def test_writing_tells_how_far_it_is(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    rows = [["x", "", number] for number in range(250)]
    write_sheets([plain(*rows)], tmp_path / "t.xlsx", progress=lambda done, total: told.append((done, total)))
    assert told == [(100, 250), (200, 250), (250, 250)]


# --------------------------------------------------------------------------- the tables


def test_the_three_forms_of_the_summary_show_what_their_readers_may_see(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(services, state="agenda_set")
    line = make_line(services, conference, 1, ("Lò Thị Tưởng", "lời một"), (None, "lời hai"), title="Đường thôn")
    upper = make_line(services, conference, 2, ("Vàng A Súa", "lời ba"), title="Quốc lộ", level="tinh")
    make_referral(services, upper.group, "Sở Xây dựng")
    make_line(services, conference, 3, (None, "lời bốn"), title="Giá điện", level="trung-uong")
    files = {}
    for readers in (Readers.LEADERS, Readers.UPPER_FRONT, Readers.PUBLIC):
        files[readers] = tmp_path / f"{readers}.xlsx"
        make(services, clerk, "summary-sheet", files[readers], readers)
    assert column(files[Readers.LEADERS], "Nguyên văn") == ["lời một", "lời hai", "lời ba", "lời bốn"]
    assert column(files[Readers.LEADERS], "Người nêu") == ["Lò Thị Tưởng", None, "Vàng A Súa", None]
    assert column(files[Readers.UPPER_FRONT], "Vấn đề") == ["Quốc lộ"]
    code = upper.opinions[0].code or ""
    assert column(files[Readers.UPPER_FRONT], "Mã ý kiến") == [f"{code[:3]}-{code[3:]}"]
    assert column(files[Readers.PUBLIC], "Vấn đề") == ["Đường thôn", "Quốc lộ", "Giá điện"]
    for readers in (Readers.UPPER_FRONT, Readers.PUBLIC):
        assert not {"Súa", "lời"} & set(everything(files[readers]).split())
    assert (line.opinions[0].code or "?")[:3] not in everything(files[Readers.PUBLIC])


def test_the_case_file_has_a_row_per_opinion_with_the_columns_the_guidance_names(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(
        services, state="concluded", conclusion_number="12/TB-UBND", conclusion_on=dt.date(2026, 12, 7)
    )
    done = make_line(
        services, conference, 1, ("Lò Thị Tưởng", "lời một"), (None, "lời hai"), outcome="answered", state="answered"
    )
    make_answer(services, done.group, "Đã sửa xong.")
    owed = make_line(services, conference, 2, ("Vàng A Súa", "lời ba"), outcome="deferred", state="assigned")
    make_assignment(services, owed, "Công an xã")
    path = tmp_path / "h.xlsx"
    make(services, clerk, "case-file-sheet", path)
    assert column(path, "Tên người, tổ chức nêu") == ["Lò Thị Tưởng", None, "Vàng A Súa"]
    assert column(path, "Nguyên văn") == ["lời một", "lời hai", "lời ba"]
    assert column(path, "Nội dung trả lời") == ["Đã sửa xong.", "Đã sửa xong.", None]
    assert column(path, "Kết quả, hướng giải quyết") == ["đã trả lời", "đã trả lời", "đang giải quyết"]
    assert column(path, "Hình thức trả lời") == ["tại hội nghị", "tại hội nghị", "bằng văn bản"]
    assert column(path, "Thời hạn") == [None, None, dt.date(2027, 1, 5)]
    assert column(path, "Ngày trả lời") == [dt.date(2026, 12, 10)] * 2 + [None]
    assert column(path, "Cấp giải quyết") == ["Cấp xã"] * 3
    assert cells(path)[-1][1] == "Cộng: 3 ý kiến"


def test_the_table_of_assignments_has_real_dates_and_says_how_they_are_counted(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    conference = make_conference(
        services, state="concluded", conclusion_number="12/TB-UBND", conclusion_on=dt.date(2026, 12, 7)
    )
    line = make_line(services, conference, 1, (None, "x"), outcome="deferred", state="assigned")
    make_assignment(services, line, "Công an xã", document_number="31/TB-UBND", received_on=dt.date(2026, 12, 8))
    path = tmp_path / "g.xlsx"
    make(services, clerk, "assignments-sheet", path)
    assert column(path, "Hạn trả lời") == [dt.date(2027, 1, 5)]
    assert column(path, "Ngày nhận") == [dt.date(2026, 12, 8)]
    assert "ngày làm việc thứ 20" in str(column(path, "Cách tính hạn, căn cứ")[0])


def test_public_tables_name_and_quote_nobody(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services, state="concluded")
    line = make_line(
        services,
        conference,
        1,
        ("Lò Thị Tưởng", "nguyên văn của tôi"),
        outcome="answered",
        outcome_note="Đã nói với bà Lò Thị Tưởng.",
        state="answered",
    )
    for name, readers in (("public-result-sheet", None), ("conclusion-sheet", None), ("agenda-sheet", Readers.PUBLIC)):
        path = tmp_path / f"{name}.xlsx"
        make(services, clerk, name, path, readers)
        text = everything(path)
        assert "Tưởng" not in text
        assert "nguyên văn của tôi" not in text
        assert (line.opinions[0].code or "?")[3:] not in text


def test_speakers_and_letters_have_their_tables(services: Services, clerk: int, tmp_path: Path) -> None:
    conference = make_conference(services)
    line = make_line(services, conference, 1, ("Lò Thị Tưởng", "=lời"), state="answered")
    make_answer(services, line.group, "Đã sửa.")
    with services.writing() as work:
        for position, name in ((2, "Vàng A Súa"), (1, "Lò Thị Tưởng")):
            work.add(
                SpeakingRegistration(
                    conference_id=conference, name=name, matter="Đường", position=position, created_at=work.now
                )
            )
        work.commit()
    make(services, clerk, "speakers-sheet", tmp_path / "s.xlsx")
    assert column(tmp_path / "s.xlsx", "Họ tên") == ["Lò Thị Tưởng", "Vàng A Súa"]
    make(services, clerk, "answers-sheet", tmp_path / "a.xlsx")
    assert column(tmp_path / "a.xlsx", "Nguyên văn") == ["'=lời"]
    assert column(tmp_path / "a.xlsx", "Ngày văn bản") == [dt.date(2026, 12, 10)]


def test_tables_of_an_empty_conference_have_their_heading_and_a_total(
    services: Services, clerk: int, tmp_path: Path
) -> None:
    make_conference(services)
    for name in ("conclusion-sheet", "assignments-sheet", "public-result-sheet", "case-file-sheet", "speakers-sheet"):
        make(services, clerk, name, tmp_path / f"{name}.xlsx")
        assert len(cells(tmp_path / f"{name}.xlsx")) == 2


def test_tables_are_for_staff_and_go_into_spreadsheets(services: Services, clerk: int, tmp_path: Path) -> None:
    make_conference(services)
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    for staff in (None, officer):
        with pytest.raises(Forbidden):
            make(services, staff, "case-file-sheet", tmp_path / "h.xlsx")
    with pytest.raises(InvalidInput, match=r"\.xlsx"):
        make(services, clerk, "case-file-sheet", tmp_path / "h.docx")
    assert make(services, clerk, "case-file-sheet", tmp_path).paths == (tmp_path / f"ho-so-{CODE}.xlsx",)
