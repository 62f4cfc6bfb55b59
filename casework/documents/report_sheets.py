"""The tables of a report as a spreadsheet; numbers are numbers, and no cell of it can run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from casework.documents.report_text import ANNEX_COLUMNS, STANDINGS, period_words
from casework.documents.sheets import cell
from casework.errors import InvalidInput
from casework.names import OUTCOMES
from casework.reports.figures import UNIT_NAMES, Breakdown, Report

_Column = tuple[str, int]
_FIGURES: tuple[_Column, ...] = (
    ("Mã số liệu", 26),
    ("Chỉ tiêu", 44),
    ("Số lượng", 12),
    ("Đơn vị", 16),
    ("Cách tính", 90),
)
_BREAKDOWN: tuple[_Column, ...] = (
    *(("Tên", 34), ("Ý kiến", 10), ("Người", 10), ("Vấn đề", 10)),
    *(("Đã giải quyết", 15), ("Chưa giải quyết", 15)),
)
_PREVIOUS: tuple[_Column, ...] = (
    *(("Dòng", 8), ("Vấn đề", 70), ("Số người nêu", 14), ("Tại hội nghị", 28), ("Đến nay", 34), ("Cơ quan", 34)),
)


def report_spreadsheet(report: Report, path: Path, *, columns: Sequence[str] = ()) -> Path:
    """Write all tables of a report, one sheet each; `columns`: headings of the annex as the regulation fixes them.

    Raises `InvalidInput` when the file cannot be written.
    """
    book = Workbook()
    first = book.active
    if first is None:
        raise ValueError("a new workbook has a sheet")
    book.remove(first)
    figures = [*report.figures.values(), *report.by_ground]
    _sheet(
        book,
        "Số liệu",
        _FIGURES,
        [[one.key, one.name, one.value, UNIT_NAMES[one.unit], one.definition] for one in figures],
        above=f"Ý kiến nhận {period_words(report)}",
    )
    for name, rows in (
        ("Theo thẩm quyền", report.by_level),
        ("Theo lĩnh vực", report.by_topic),
        ("Theo thôn", report.by_village),
    ):
        _sheet(book, name, _BREAKDOWN, [_breakdown(row) for row in rows])
    own = columns if len(columns) == len(ANNEX_COLUMNS) else ANNEX_COLUMNS
    _sheet(
        book,
        "Hội nghị",
        tuple((heading, 20) for heading in own),
        [
            [
                row.unit_name,
                row.held_on,
                row.invited,
                row.attendance,
                row.resolved.value,
                row.unresolved.value,
                row.note,
            ]
            for row in report.annex
        ],
    )
    if report.previous is not None:
        lines = [
            [one.position, one.title, one.people, OUTCOMES[one.outcome], STANDINGS[one.standing], one.agency]
            for one in report.previous_lines
        ]
        _sheet(book, "Hội nghị trước", _PREVIOUS, lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        book.save(path)
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được tệp {path}.", todo="Đóng tệp nếu đang mở trong Excel, hoặc chọn chỗ khác."
        ) from error
    return path


def _breakdown(row: Breakdown) -> list[Any]:
    return [row.name, *(figure.value for figure in row.figures)]


def _sheet(
    book: Workbook, name: str, columns: Sequence[_Column], rows: Sequence[Sequence[Any]], *, above: str | None = None
) -> None:
    sheet = book.create_sheet(name)
    if above is not None:
        sheet.append([cell(above)])
    sheet.append([heading for heading, _ in columns])
    heading_row = sheet.max_row
    for row in rows:
        sheet.append([cell(value) for value in row])
    wrapped = Alignment(wrap_text=True, vertical="top")
    for cells in sheet.iter_rows(min_row=heading_row):
        for one in cells:
            one.font = Font(name="Times New Roman", size=12, bold=one.row == heading_row)
            one.alignment = wrapped
    for place, (_, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = f"A{heading_row + 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = f"{heading_row}:{heading_row}"
