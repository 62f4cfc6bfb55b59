"""Tables as spreadsheets: header that stays, filter, widths, A4 on its side one page wide, totals; nothing can run.

A file the program made may be made again; one somebody worked on is only replaced when asked to (as `fill` does).
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Border, Font, NamedStyle, Side
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.worksheet.properties import PageSetupProperties

from casework.documents.fill import harmless
from casework.errors import IllegalMove, InvalidInput

#: longest text a cell of the format holds
CELL_LIMIT = 32_767
_STARTERS = ("=", "+", "-", "@", "\t", "\n", "＝", "＋", "－", "＠")
_DATE = "DD/MM/YYYY"
_SEAL = "doithoai:"
#: characters Excel refuses in the name of a sheet, and how long it may be
_NOT_IN_NAMES = str.maketrans("", "", "[]:*?/\\")
_NAME_LIMIT = 31
#: rows between two reports of progress
_STEP = 100

_THIN = Side(style="thin")
#: looks of a cell: a style by name is set in one go, which matters with 40,000 cells
_TEXT, _NUMBER, _DAY, _TOTAL, _HEADING = "dt-text", "dt-number", "dt-day", "dt-total", "dt-heading"


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column: its heading and its width in characters."""

    heading: str
    width: float


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table. Days are given as dates, numbers as numbers, everything else as text."""

    name: str
    #: printed above every page
    title: str
    fields: Sequence[Field]
    rows: Sequence[Sequence[Any]]
    #: last row, in bold; empty = none
    total: Sequence[Any] = ()


def write_sheets(
    sheets: Sequence[Sheet],
    path: Path,
    *,
    force: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """Write the tables, one sheet each; returns `path`.

    Raises `IllegalMove` when `path` holds a spreadsheet somebody worked on and `force` is not set, `InvalidInput` when
    it cannot be written.
    """
    refuse_edited(path, force=force)
    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    for style in _styles():
        book.add_named_style(style)
    count, done = sum(len(sheet.rows) for sheet in sheets), 0
    for sheet in sheets:
        for _ in _written(book, sheet):
            done += 1
            if progress is not None and (done % _STEP == 0 or done == count):
                progress(done, count)
    book.properties.creator = ""
    book.properties.identifier = _SEAL + _digest(book)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        book.save(path)
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được tệp {path}.", todo="Đóng tệp nếu đang mở trong Excel, hoặc chọn chỗ khác."
        ) from error
    return path


def refuse_edited(path: Path, *, force: bool) -> None:
    """Raise `IllegalMove` when `path` holds a spreadsheet somebody worked on and `force` is not set."""
    if not force and path.exists() and not _untouched(path):
        raise IllegalMove(
            f"Tệp {path} đã có người sửa, nên không ghi đè.", todo="Chọn tên khác, hoặc thêm --force để thay tệp cũ."
        )


def cell(value: Any) -> Any:
    """A value as a cell may hold it: a text that a spreadsheet would run gets an apostrophe in front."""
    if not isinstance(value, str):
        return value
    text = harmless(value)
    text = f"'{text}" if text.startswith(_STARTERS) else text
    return text[:CELL_LIMIT]


def _written(book: Workbook, sheet: Sheet) -> Iterable[None]:
    """Writes the sheet, row by row."""
    page = book.create_sheet(cell(sheet.name).translate(_NOT_IN_NAMES)[:_NAME_LIMIT])
    _write_row(page, 1, [field.heading for field in sheet.fields], style=_HEADING)
    last = 1
    for last, row in enumerate(sheet.rows, start=2):
        _write_row(page, last, row)
        yield None
    if sheet.total:
        _write_row(page, last + 1, sheet.total, style=_TOTAL)
    for place, field in enumerate(sheet.fields, start=1):
        page.column_dimensions[get_column_letter(place)].width = field.width
    page.freeze_panes = "A2"
    page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.fields))}{last}"
    page.page_setup.orientation, page.page_setup.paperSize = "landscape", page.PAPERSIZE_A4
    page.page_setup.fitToWidth, page.page_setup.fitToHeight = 1, 0
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.print_title_rows = "1:1"
    # "&" begins a code in the header of a page.
    page.oddHeader.center.text = cell(sheet.title).replace("&", "&&")
    page.oddFooter.center.text = "&P/&N"


def _write_row(page: Any, number: int, values: Sequence[Any], *, style: str | None = None) -> None:
    # Asking the sheet for its last row looks at every cell there is: the caller counts.
    for column, value in enumerate(values, start=1):
        one = page.cell(row=number, column=column, value=cell(value))
        one.style = style or _style_of(value)


def _style_of(value: Any) -> str:
    if isinstance(value, dt.date):
        return _DAY
    return _NUMBER if isinstance(value, int | float) else _TEXT


def _styles() -> list[NamedStyle]:
    return [
        _style(_TEXT),
        _style(_NUMBER, centred=True),
        _style(_DAY, centred=True, number_format=_DATE),
        _style(_TOTAL, bold=True),
        _style(_HEADING, bold=True, centred=True),
    ]


def _style(name: str, *, bold: bool = False, centred: bool = False, number_format: str = "General") -> NamedStyle:
    return NamedStyle(
        name=name,
        font=Font(name="Times New Roman", size=12, bold=bold),
        alignment=Alignment(wrap_text=True, vertical="top", horizontal="center" if centred else None),
        border=Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN),
        number_format=number_format,
    )


def _untouched(path: Path) -> bool:
    try:
        book = load_workbook(path)
    except (BadZipFile, InvalidFileException, KeyError, ValueError):
        return False
    return bool(book.properties.identifier == _SEAL + _digest(book))


def _digest(book: Workbook) -> str:
    """What the cells say; how it looks may be changed by whoever opened it."""
    digest = hashlib.sha256()
    for page in book.worksheets:
        digest.update(page.title.encode())
        for row in page.iter_rows(values_only=True):
            digest.update(repr([_plain(value) for value in row]).encode())
    return digest.hexdigest()


def _plain(value: Any) -> Any:
    # A day is read back as midnight of that day; an empty text is read back as nothing.
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value or None
