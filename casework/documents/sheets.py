"""The agenda as a spreadsheet. No cell of it can run: what people wrote stays text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from casework.agenda import AgendaRow, AgendaView, AskerRow, Audience
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.documents.fill import harmless
from casework.documents.word import outcome_words

#: longest text a cell of the format holds
CELL_LIMIT = 32_767
_STARTERS = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")

_PUBLIC = (
    ("STT", 6),
    ("Vấn đề", 70),
    ("Lĩnh vực", 22),
    ("Thẩm quyền", 14),
    ("Thôn, tổ dân phố", 18),
    ("Số người nêu", 12),
    ("Khẩn", 8),
    ("Kết quả", 30),
)
_INTERNAL = (
    *_PUBLIC,
    ("Mã ý kiến", 12),
    ("Người nêu", 24),
    ("Thôn của người nêu", 18),
    ("Ngày gửi", 12),
    ("Nguyên văn", 80),
)


def agenda_spreadsheet(view: AgendaView, path: Path) -> None:
    """Write the agenda: one row per line in the public form, one row per opinion behind it in the internal one."""
    book = Workbook()
    sheet = book.active
    if sheet is None:
        raise ValueError("a new workbook has a sheet")
    sheet.title = "Nội dung đối thoại"
    columns = _PUBLIC if view.audience is Audience.PUBLIC else _INTERNAL
    sheet.append([heading for heading, _ in columns])
    for row in view.rows:
        askers: tuple[AskerRow | None, ...] = row.askers or (None,)
        for asker in askers:
            sheet.append([cell(value) for value in _values(row, asker, view.audience)])
    wrapped = Alignment(wrap_text=True, vertical="top")
    for cells in sheet.iter_rows():
        for one in cells:
            one.font = Font(name="Times New Roman", size=12, bold=one.row == 1)
            one.alignment = wrapped
    for number, (_, width) in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.freeze_panes = "A2"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def cell(value: Any) -> Any:
    """A value as a cell may hold it: a text that a spreadsheet would run gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    text = harmless(value)
    text = f"'{text}" if text.startswith(_STARTERS) else text
    return text[:CELL_LIMIT]


def _values(row: AgendaRow, asker: AskerRow | None, audience: Audience) -> list[Any]:
    values: list[Any] = [
        row.position,
        row.title,
        row.topic_name,
        row.level_name,
        row.village or "",
        row.people,
        "khẩn" if row.urgent else "",
        outcome_words(row),
    ]
    if audience is Audience.PUBLIC:
        return values
    if asker is None:
        return [*values, "", "", "", "", ""]
    return [
        *values,
        spoken(asker.code) if asker.code else "",
        asker.name or "",
        asker.village or "",
        vietnamese_date(asker.submitted_on),
        asker.words,
    ]
