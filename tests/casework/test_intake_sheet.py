"""Reading a spreadsheet of paper opinions: any file gives rows, reasons, or one refusal; never half a row."""

from __future__ import annotations

import datetime as dt
import io
import unicodedata
import zipfile
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from casework.errors import InvalidInput
from casework.intake_file import MAX_ROWS
from casework.intake_sheet import Column, ReadSheet, read_sheet
from casework.mobile import mobile_number

TODAY = dt.date(2026, 11, 20)
HEADING = [column.value for column in Column]
GOOD = ["7", "05/11/2026", "thôn 4", None, None, "Đèn đường hỏng", "Có", "Không", None, None]


def _book(*rows: Sequence[Any], heading: Sequence[Any] = HEADING) -> bytes:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(list(heading))
    for row in rows:
        page.append(list(row))
    return _bytes(book)


def _bytes(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _with(column: Column, value: Any, row: Sequence[Any] = GOOD) -> list[Any]:
    changed = list(row)
    changed[HEADING.index(column.value)] = value
    return changed


def _problems(sheet: ReadSheet) -> dict[str, str]:
    (row,) = sheet.rows
    assert (row.paper is None) == bool(row.problems)
    return {problem.column: problem.what for problem in row.problems}


def test_a_whole_row_is_read_with_its_place_in_the_sheet() -> None:
    row = [
        "007",
        dt.datetime(2026, 11, 5, tzinfo=dt.UTC).replace(tzinfo=None),
        "Xóm Trại",
        "Bà  Sáu",
        912345678,
        " Đèn hỏng \r\n lâu ",
        True,
        "x",
        1,
        "Anh Tư",
    ]
    (read,) = read_sheet(_book(row), today=TODAY).rows
    assert (read.row, read.number) == (2, "7")
    paper = read.paper
    assert paper is not None
    assert paper.received_on == dt.date(2026, 11, 5)
    assert (paper.village, paper.name, paper.phone) == ("Xóm Trại", "Bà Sáu", "84912345678")
    assert paper.text == "Đèn hỏng \n lâu"
    assert (paper.process, paper.publish, paper.by_phone, paper.written_by) == (True, True, True, "Anh Tư")


@pytest.mark.parametrize(
    "heading",
    [
        "SO PHIEU|ngay nhan phieu|Thôn / tổ dân phố|Ho va ten|SĐT|Ý kiến, kiến nghị|đồng ý xử lý dữ liệu"
        "|Đồng ý công bố (không tên)|Đồng ý nhận tin (SĐT)|cán bộ ghi",
        "số phiếu|Ngày|Bản|họ tên (để trống nếu không muốn)|điện thoại|nội dung ý kiến|ĐỒNG Ý XỬ LÝ"
        "|đồng ý công khai|đồng ý nhận tin qua số điện thoại|Người nhập",
    ],
)
def test_headings_are_known_by_their_sense(heading: str) -> None:
    (row,) = read_sheet(_book(GOOD, heading=heading.split("|")), today=TODAY).rows
    assert row.paper is not None


def test_columns_may_stand_in_any_order_below_a_title_beside_others() -> None:
    order = [9, 5, 0, 6, 2, 7, 1]
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["PHIẾU GÓP Ý THÁNG 11"])
    page.append([])
    page.append(["Ghi chú", *(HEADING[place] for place in order)])
    page.append(["x", *(GOOD[place] for place in order)])
    (row,) = read_sheet(_bytes(book), today=TODAY).rows
    assert row.row == 4
    assert row.paper is not None


@pytest.mark.parametrize("missing", [Column.NUMBER, Column.VILLAGE, Column.TEXT, Column.PROCESS, Column.PUBLISH])
def test_a_missing_column_is_named(missing: Column) -> None:
    heading = [column for column in HEADING if column != missing.value]
    with pytest.raises(InvalidInput, match=missing.value) as refused:
        read_sheet(_book(GOOD, heading=heading), today=TODAY)
    assert "doithoai intake form" in refused.value.todo


def test_a_column_that_is_there_twice_is_refused() -> None:
    with pytest.raises(InvalidInput, match="hai cột «Thôn»"):
        read_sheet(_book([*GOOD, "thôn 5"], heading=[*HEADING, "Thôn"]), today=TODAY)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("5/11/2026", dt.date(2026, 11, 5)),
        ("05-11-2026", dt.date(2026, 11, 5)),
        ("5.11.2026", dt.date(2026, 11, 5)),
        ("2026-11-05", dt.date(2026, 11, 5)),
        (46331, dt.date(2026, 11, 5)),
        ("46331", dt.date(2026, 11, 5)),
        (dt.date(2026, 11, 20), dt.date(2026, 11, 20)),
    ],
)
def test_days_are_read_as_people_and_spreadsheets_write_them(written: Any, day: dt.date) -> None:
    (row,) = read_sheet(_book(_with(Column.RECEIVED, written)), today=TODAY).rows
    assert row.paper is not None
    assert row.paper.received_on == day


@pytest.mark.parametrize(
    ("column", "written", "what"),
    [
        (Column.RECEIVED, None, "Chưa ghi ngày"),
        (Column.RECEIVED, "31/02/2026", "chưa đúng"),
        (Column.RECEIVED, "05/11/26", "chưa đúng"),
        (Column.RECEIVED, "hôm qua", "chưa đúng"),
        (Column.RECEIVED, "21/11/2026", "sau hôm nay"),
        (Column.RECEIVED, "05/11/2016", "quá hai năm"),
        (Column.NUMBER, "  ", "Chưa ghi số phiếu"),
        (Column.NUMBER, "9" * 41, "dài quá"),
        (Column.VILLAGE, None, "Chưa ghi thôn"),
        (Column.TEXT, " \n ", "Chưa ghi nội dung"),
        (Column.TEXT, "x" * 10_001, "dài quá"),
        (Column.TEXT, "=HYPERLINK(A1)", "công thức"),
        (Column.NAME, "Bà Sáu 0912", "chữ số"),
        (Column.PROCESS, None, "Chưa ghi người ấy có đồng ý"),
        (Column.PROCESS, "chắc là có", "Không rõ"),
        (Column.PUBLISH, "", "Chưa ghi người ấy có đồng ý"),
        (Column.PHONE, "0237 385 0000", "chưa đúng"),
    ],
)
def test_what_is_wrong_with_a_cell_is_said_with_its_column(column: Column, written: Any, what: str) -> None:
    problems = _problems(read_sheet(_book(_with(column, written)), today=TODAY))
    assert list(problems) == [column.value]
    assert what in problems[column.value]


def test_what_a_person_did_not_agree_to_is_not_taken_in_silence() -> None:
    refused = _with(Column.PROCESS, "Không", _with(Column.NAME, "Bà Sáu", _with(Column.PHONE, "0912345678")))
    assert set(_problems(read_sheet(_book(refused), today=TODAY))) == {"Họ tên", "Số điện thoại"}
    unasked = _with(Column.PHONE, "0912345678")
    assert set(_problems(read_sheet(_book(unasked), today=TODAY))) == {Column.BY_PHONE.value}


def test_a_report_repeats_nothing_that_stands_in_a_cell() -> None:
    row = _with(
        Column.PHONE, "Bà Trần Thị Sáu", _with(Column.RECEIVED, "Trần Văn Tư", _with(Column.PROCESS, "Lê Thị Ba"))
    )
    said = str(read_sheet(_book(row), today=TODAY).rows[0].problems)
    assert not any(name in said for name in ("Sáu", "Tư", "Ba"))


def test_every_problem_of_a_row_is_named_and_one_bad_row_stops_no_other() -> None:
    bad = [None, None, None, None, None, None, None, None, None, "Anh Tư"]
    sheet = read_sheet(_book(bad, GOOD, bad), today=TODAY)
    assert [bool(row.paper) for row in sheet.rows] == [False, True, False]
    assert len(sheet.rows[0].problems) == 6


def test_a_form_number_that_is_there_twice_is_taken_once() -> None:
    sheet = read_sheet(_book(GOOD, _with(Column.NUMBER, "007")), today=TODAY)
    assert [row.paper is None for row in sheet.rows] == [False, True]
    assert "dòng 2" in sheet.rows[1].problems[0].what


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1258"])
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_text_tables_are_read_whatever_wrote_them(encoding: str, sign: str) -> None:
    lines = [HEADING, ["7", "05/11/2026", "thôn 4", "", "", "Đèn; đường, hỏng", "Có", "Không", "", ""]]
    text = "\r\n".join(sign.join(f'"{cell}"' for cell in line) for line in lines)
    if encoding == "cp1258":
        text = _as_old_windows_wrote(text)
    (row,) = read_sheet(text.encode(encoding), today=TODAY).rows
    assert row.paper is not None
    assert (row.paper.text, row.paper.village) == ("Đèn; đường, hỏng", "thôn 4")


def _as_old_windows_wrote(text: str) -> str:
    """Tones stand apart, circumflex, breve and horn with their letter."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    written = ""
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        written += unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
        written += "".join(part for part in parts if part in tones)
    return written


def test_letters_that_a_program_could_not_write_are_noticed() -> None:
    text = ",".join(HEADING) + "\n7,05/11/2026,thôn 4,,,Đường ngõ hỏng nặng,Có,Có,,\n"
    with pytest.raises(InvalidInput, match="đã mất") as refused:
        read_sheet(text.encode("latin-1", errors="replace"), today=TODAY)
    assert "UTF-8" in refused.value.todo
    asked = ",".join(HEADING) + "\n7,05/11/2026,thôn 4,,,Bao giờ sửa?Ai sửa? Sao lâu?,Có,Có,,\n"
    assert read_sheet(asked.encode(), today=TODAY).rows[0].paper is not None


def test_a_formula_in_a_text_table_is_refused() -> None:
    text = ",".join(HEADING) + "\n7,05/11/2026,thôn 4,,,=1+1,Có,Có,,\n"
    assert set(_problems(read_sheet(text.encode(), today=TODAY))) == {"Nội dung"}


# ---------------------------------------------------------------------- other sheets


def test_example_list_and_hidden_sheets_are_not_read_and_hidden_ones_are_named() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = "Ví dụ"
    for title, state in (("Cũ", "hidden"), ("Phiếu", "visible"), ("Tháng 10", "visible")):
        sheet = book.create_sheet(title)
        sheet.sheet_state = state
        sheet.append(HEADING)
        sheet.append(_with(Column.TEXT, f"Lời ở trang {title}"))
    page.append(HEADING)
    page.append(GOOD)
    read = read_sheet(_bytes(book), today=TODAY)
    assert [row.paper.text for row in read.rows if row.paper] == ["Lời ở trang Phiếu"]
    assert any("«Cũ» đang ẩn" in note for note in read.notes)
    assert any("«Tháng 10»" in note for note in read.notes)


def test_a_merged_cell_counts_for_its_first_row_only_and_the_rest_is_told_to_unmerge() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(HEADING)
    page.append(GOOD)
    page.append(_with(Column.NUMBER, "8"))
    page.merge_cells("C2:C3")
    first, second = read_sheet(_bytes(book), today=TODAY).rows
    assert first.paper is not None
    assert "bỏ gộp" in second.problems[0].todo


# ---------------------------------------------------------------------- hostile and broken files


def test_too_many_rows_are_refused() -> None:
    with pytest.raises(InvalidInput, match="hơn"):
        read_sheet(_book(*([GOOD] * (MAX_ROWS + 1))), today=TODAY)


def test_a_row_at_the_end_of_the_world_costs_nothing_and_is_not_dropped_in_silence() -> None:
    data = _patched(
        _book(GOOD),
        lambda xml: xml.replace(
            "</sheetData>", '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>9</t></is></c></row></sheetData>'
        ),
    )
    read = read_sheet(data, today=TODAY)
    assert len(read.rows) == 1
    assert any("Chỉ đọc tới dòng" in note for note in read.notes)


def test_a_document_type_that_unfolds_is_refused() -> None:
    laughs = '<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>'
    data = _patched(_book(GOOD), lambda xml: xml.replace("<worksheet", f"{laughs}<worksheet", 1))
    with pytest.raises(InvalidInput, match="khai báo lạ"):
        read_sheet(data, today=TODAY)


def test_a_packed_file_that_swells_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", b" " * 60_000_000)
    with pytest.raises(InvalidInput, match="bất thường"):
        read_sheet(out.getvalue(), today=TODAY)


def _patched(data: bytes, change: Any) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = change(content.decode()).encode()
            new.writestr(part, content)
    return out.getvalue()


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x03\x04 broken", b"%PDF-1.7\n\0\0\0", b"\xff\xfe\xff", b"\0" * 5000])
def test_a_file_that_is_no_table_is_refused_with_what_to_do(data: bytes) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_sheet(data, today=TODAY)
    assert refused.value.todo


def test_a_spreadsheet_cut_off_anywhere_is_refused_or_read() -> None:
    data = _book(GOOD)
    for length in range(0, len(data), 37):
        with pytest.raises(InvalidInput):
            read_sheet(data[:length], today=TODAY)


_CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(dt.date(1901, 1, 1), dt.date(2200, 1, 1)),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40),
    st.sampled_from(["Có", "Không", "05/11/2026", "thôn 4", "0912345678", "=1+1", "x"]),
)


@given(st.lists(st.lists(_CELLS, min_size=1, max_size=12), min_size=1, max_size=6))
def test_any_cells_give_whole_rows_or_reasons(rows: list[list[Any]]) -> None:
    sheet = _read(_book(*rows))
    if sheet is None:
        return
    for row in sheet.rows:
        assert (row.paper is None) != (not row.problems)
        assert all(problem.column and problem.what and problem.todo for problem in row.problems)
        if row.paper is not None:
            assert row.paper.text
            assert row.paper.received_on <= TODAY
            assert row.paper.process or (row.paper.name is None and row.paper.phone is None)


@given(st.binary(max_size=400))
def test_any_bytes_below_a_heading_give_rows_or_a_refusal(tail: bytes) -> None:
    _read(",".join(HEADING).encode() + b"\n" + tail)


def _read(data: bytes) -> ReadSheet | None:
    """What the reader makes of it; a refusal says what to do. Anything else it raises fails the test."""
    try:
        return read_sheet(data, today=TODAY)
    except InvalidInput as refused:
        if not refused.todo:
            raise
        return None


@given(st.text(max_size=30))
def test_any_text_is_a_mobile_number_or_none(text: str) -> None:
    found = mobile_number(text)
    assert found is None or (found.startswith("84") and len(found) == 11 and found.isascii())


@pytest.mark.parametrize("written", ["0912 345 678", "+84 912.345.678", "84912345678", "912345678", "(0912)-345-678"])
def test_a_mobile_number_is_known_however_it_is_written(written: str) -> None:
    assert mobile_number(written) == "84912345678"
