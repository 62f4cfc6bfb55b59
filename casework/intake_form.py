"""The empty spreadsheet for opinions on paper, and the report of what became of one that was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill, Protection
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.properties import PageSetupProperties

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.documents.tables import Field, Sheet, cell, refuse_edited, write_sheets
from casework.errors import InvalidInput
from casework.intake_file import EXAMPLE_SHEET, VILLAGE_SHEET
from casework.intake_sheet import NEEDED, Column

if TYPE_CHECKING:
    from casework.usecases.citizens.proxy_import import Imported

#: rows made ready for writing
ROWS = 2000
_FIRST = "Nhập phiếu"
_GUIDE = "Hướng dẫn"
_WIDTHS: dict[Column, float] = {
    Column.NUMBER: 11,
    Column.RECEIVED: 13,
    Column.VILLAGE: 18,
    Column.NAME: 24,
    Column.PHONE: 16,
    Column.TEXT: 70,
    Column.PROCESS: 12,
    Column.PUBLISH: 12,
    Column.BY_PHONE: 20,
    Column.WRITTEN_BY: 20,
}
_NOTES: dict[Column, str] = {
    Column.NUMBER: "Số ghi trên phiếu giấy, mỗi phiếu một số. Nhập lại số cũ thì máy báo đã nhập, không ghi thêm.",
    Column.RECEIVED: "Ngày nhận phiếu, ghi như 05/11/2026.",
    Column.VILLAGE: "Chọn trong danh sách, hoặc ghi tên thôn.",
    Column.NAME: "Để trống nếu người ấy không muốn ghi tên. Không đồng ý ghi họ tên thì phải để trống.",
    Column.PHONE: "Chỉ ghi khi người ấy đồng ý nhận tin qua số này.",
    Column.TEXT: "Ghi đúng lời người ấy. Mỗi việc một dòng.",
    Column.PROCESS: "Có hoặc Không: đồng ý cho ghi họ tên kèm ý kiến. Không đồng ý vẫn nhận, chỉ ghi thôn.",
    Column.PUBLISH: "Có hoặc Không: đồng ý nêu ý kiến ra công khai, không ghi tên.",
    Column.BY_PHONE: "Có hoặc Không. Để trống nếu không ghi số điện thoại.",
    Column.WRITTEN_BY: "Tên cán bộ phụ trách thôn ấy, như trong danh sách cán bộ. Để trống: người nhập tệp này.",
}
_ANSWERS = ("Có", "Không")


def write_form(path: Path, *, villages: Sequence[str], sentences: Sequence[str], today: dt.date, force: bool) -> Path:
    """Write the empty form: drop-down lists, notes on the headings, an example on a sheet of its own.

    `sentences`: what is read aloud before an answer is written down, one for each question. Raises `IllegalMove` when
    `path` holds a spreadsheet somebody worked on and `force` is not set, `InvalidInput` when it cannot be written.
    """
    refuse_edited(path, force=force)
    book = Workbook()
    page = book.active or book.create_sheet()
    page.title = _FIRST
    _heading(page)
    _ready_rows(page)
    _lists(page, len(villages))
    # The heading stays as it is; everything below can be written.
    page.protection.sheet = True
    for free in ("formatCells", "formatColumns", "formatRows", "insertRows", "deleteRows", "sort", "autoFilter"):
        setattr(page.protection, free, False)
    _example(book.create_sheet(EXAMPLE_SHEET), villages, today)
    _guide(book.create_sheet(_GUIDE), sentences)
    listed = book.create_sheet(VILLAGE_SHEET)
    for number, village in enumerate(villages, start=1):
        listed.cell(row=number, column=1, value=cell(village))
    listed.column_dimensions["A"].width = 30
    book.properties.creator = ""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        book.save(path)
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được tệp {path}.", todo="Đóng tệp nếu đang mở trong Excel, hoặc chọn chỗ khác."
        ) from error
    return path


def _heading(page: Any) -> None:
    for place, column in enumerate(Column, start=1):
        head = page.cell(row=1, column=place, value=column.value)
        head.font = Font(bold=True)
        head.fill = PatternFill("solid", fgColor="DDE7F0" if column in NEEDED else "F2F2F2")
        head.alignment = Alignment(wrap_text=True, vertical="center", horizontal="center")
        head.comment = Comment(_NOTES[column], "", width=280, height=110)
        page.column_dimensions[get_column_letter(place)].width = _WIDTHS[column]
    page.row_dimensions[1].height = 48
    page.freeze_panes = "A2"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_options.gridLines = True


def _ready_rows(page: Any) -> None:
    """Whole columns look as they should, so that thousands of cells need not be stored."""
    for place, column in enumerate(Column, start=1):
        form = page.column_dimensions[get_column_letter(place)]
        form.protection = Protection(locked=False)
        form.alignment = Alignment(wrap_text=column is Column.TEXT, vertical="top")
        # As text, a spreadsheet keeps the zeros in front, and does not take the 5th of November for the 11th of May.
        form.number_format = "@"


def _lists(page: Any, villages: int) -> None:
    named = DataValidation(type="list", formula1=f"'{VILLAGE_SHEET}'!$A$1:$A${max(villages, 1)}", allow_blank=True)
    # Another name of a village is understood, too.
    named.showErrorMessage = False
    answers = DataValidation(type="list", formula1=f'"{",".join(_ANSWERS)}"', allow_blank=True)
    answers.error, answers.errorTitle = "Ghi Có hoặc Không.", "Đồng ý"
    answers.showErrorMessage = True
    for place, column in enumerate(Column, start=1):
        letter = get_column_letter(place)
        if column is Column.VILLAGE:
            named.add(f"{letter}2:{letter}{ROWS + 1}")
        elif column in (Column.PROCESS, Column.PUBLISH, Column.BY_PHONE):
            answers.add(f"{letter}2:{letter}{ROWS + 1}")
    page.add_data_validation(named)
    page.add_data_validation(answers)


def _example(page: Any, villages: Sequence[str], today: dt.date) -> None:
    _heading(page)
    home = villages[0] if villages else "thôn 1"
    day = vietnamese_date(today)
    lamp, water = "Đèn đường đầu ngõ hỏng cả tháng, xin xã cho sửa.", "Nước yếu vào buổi tối, cả xóm phải chờ."
    rows: tuple[tuple[Any, ...], ...] = (
        ("01", day, home, "Nguyễn Thị Mẫu", "0912 000 001", lamp, "Có", "Có", "Có", ""),
        ("02", day, home, None, None, water, "Không", "Có", None, ""),
    )
    for number, row in enumerate(rows, start=2):
        for place, value in enumerate(row, start=1):
            one = page.cell(row=number, column=place, value=cell(value))
            one.alignment = Alignment(wrap_text=True, vertical="top")


def _guide(page: Any, sentences: Sequence[str]) -> None:
    lines = [
        "Mỗi phiếu giấy một dòng ở trang «Nhập phiếu». Cột nền xanh phải ghi; cột nền xám có thì ghi.",
        "Trước khi ghi Có hoặc Không, đọc to từng câu này cho người ấy nghe, hoặc in nguyên câu trên phiếu giấy:",
        *(f"{number}. {sentence}" for number, sentence in enumerate(sentences, start=1)),
        "Xem trước, chưa ghi gì: doithoai intake import TỆP --check",
        "Nhập thật: doithoai intake import TỆP --report ket-qua.xlsx",
        "Dòng nào sai thì sửa rồi nhập lại cả tệp: dòng đã nhập không bị ghi lần nữa.",
    ]
    for number, line in enumerate(lines, start=1):
        page.cell(row=number, column=1, value=line).alignment = Alignment(wrap_text=True, vertical="top")
    page.column_dimensions["A"].width = 110


# --------------------------------------------------------------------------- report

RESULT_NAMES: dict[str, str] = {
    "taken": "đã nhận",
    "sealed": "đã nhận, để riêng",
    "would_be_taken": "sẽ nhận",
    "known": "đã nhập từ trước",
    "refused": "chưa nhận",
}
_REPORT = (
    Field(heading="Dòng", width=8),
    Field(heading="Số phiếu", width=14),
    Field(heading="Thôn", width=18),
    Field(heading="Kết quả", width=18),
    Field(heading="Mã", width=12),
    Field(heading="Cột", width=20),
    Field(heading="Vì sao, cần lưu ý", width=60),
    Field(heading="Làm gì", width=50),
)


def write_report(path: Path, imported: Imported, *, force: bool) -> Path:
    """Write what became of each row as a spreadsheet. Names nobody. Raises as `write_sheets`."""
    rows = [
        [
            one.row,
            one.number,
            one.village,
            RESULT_NAMES[one.result],
            spoken(one.code) if one.code else "",
            one.column,
            one.what,
            one.todo,
        ]
        for one in imported.rows
    ]
    sheet = Sheet(name="Kết quả nhập phiếu", title="Kết quả nhập phiếu ý kiến", fields=_REPORT, rows=rows)
    return write_sheets([sheet], path, force=force)
