"""The cells of a spreadsheet or text table somebody hands in, whatever wrote it. Pure: bytes in, rows of values out.

Formulas are not computed and not read: a cell that holds one says so.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import unicodedata
import warnings
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from casework.annex_check.package import MAX_FILE, Sort, sniff
from casework.errors import InvalidInput
from casework.plain_words import plain

#: most rows with content in one file
MAX_ROWS = 5000
#: rows looked at, empty ones too
MAX_SCANNED = 20_000
MAX_COLUMNS = 40
#: the heading stands in one of the first rows
HEADER_DEPTH = 10
#: sheets of our form that hold no opinions
EXAMPLE_SHEET, VILLAGE_SHEET = "Ví dụ", "Danh mục thôn"

__all__ = ["EXAMPLE_SHEET", "HEADER_DEPTH", "MAX_FILE", "VILLAGE_SHEET", "Formula", "Row", "filled", "read_table"]

_NOT_READ = frozenset({plain(EXAMPLE_SHEET), plain(VILLAGE_SHEET), "huong dan"})
#: a question mark between letters, where a program could not write a Vietnamese one; so many are no slip of a hand
_LOST = re.compile(r"[^\W\d]\?+[^\W\d]")
_TOO_MANY_LOST = 5
_BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RuntimeError),
    *(SyntaxError, TypeError, ValueError, csv.Error, zipfile.BadZipFile, zlib.error, InvalidFileException),
)

#: number of a row as the spreadsheet counts, and its cells
Row = tuple[int, list[Any]]
HasHeader = Callable[[Sequence[Row]], bool]


class Formula:
    """Stands for a cell whose content is computed, or is no value at all."""


def read_table(data: bytes, has_header: HasHeader) -> tuple[list[Row], list[str]]:
    """Every row with content of the sheet people see that has the heading, and what of the file was not read.

    Raises `InvalidInput` for a file that cannot be read or is too large.
    """
    notes: list[str] = []
    try:
        rows = _from_excel(data, has_header, notes) if data[:2] == b"PK" else list(_from_text(data))
    except _BROKEN as error:
        raise InvalidInput(
            "Tệp bị hỏng, không đọc được.", todo="Mở tệp bằng Excel, lưu lại thành .xlsx rồi thử lại."
        ) from error
    return rows, notes


def _from_excel(data: bytes, has_header: HasHeader, notes: list[str]) -> list[Row]:
    if sniff(data) is not Sort.EXCEL:
        raise InvalidInput("Tệp này là Word, không phải bảng tính.", todo="Chép bảng sang Excel, lưu thành .xlsx.")
    with warnings.catch_warnings():
        # Drop-down lists and the like that the library does not know: nothing we read.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            return _chosen_sheet(book, has_header, notes)
        finally:
            book.close()


def _chosen_sheet(book: Any, has_header: HasHeader, notes: list[str]) -> list[Row]:
    """The rows of the first sheet people see that has our heading; what else has one is named."""
    found: list[Row] | None = None
    for sheet in book.worksheets:
        if plain(sheet.title) in _NOT_READ:
            continue
        hidden = sheet.sheet_state != "visible"
        if found is not None or hidden:
            if has_header(_rows_of(sheet, HEADER_DEPTH)):
                notes.append(f"Trang «{sheet.title}» {'đang ẩn nên ' if hidden else ''}không được đọc.")
            continue
        rows = _rows_of(sheet, HEADER_DEPTH)
        if has_header(rows) or len(book.worksheets) == 1:
            found = _rows_of(sheet, MAX_SCANNED, notes)
    return found if found is not None else []


def _rows_of(sheet: Any, most: int, notes: list[str] | None = None) -> list[Row]:
    rows: list[Row] = []
    # Without this the library trusts the size the file declares for itself.
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        if number > most:
            if notes is not None:
                notes.append(f"Chỉ đọc tới dòng {most}: xóa các dòng trống thừa nếu phía dưới còn phiếu.")
            break
        values = [_value(cell) for cell in cells]
        if any(map(filled, values)):
            rows.append((number, values))
            _check_count(len(rows))
    return rows


def _value(cell: Any) -> Any:
    if cell.data_type == "f" or not isinstance(cell.value, str | int | float | dt.date | dt.time | type(None)):
        return Formula()
    if cell.data_type == "e":
        return Formula()
    return cell.value


def _from_text(data: bytes) -> Iterator[Row]:
    if len(data) > MAX_FILE:
        raise InvalidInput("Tệp quá lớn.", todo="Chia thành nhiều tệp nhỏ hơn 20 MB.")
    text = _decoded(data)
    if len(_LOST.findall(text[:20_000])) >= _TOO_MANY_LOST:
        raise InvalidInput(
            "Chữ có dấu trong tệp đã mất, thành dấu hỏi (?).",
            todo="Mở tệp gốc bằng Excel, lưu thành .xlsx hoặc «CSV UTF-8», rồi nhập tệp mới.",
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    kept = 0
    for number, cells in enumerate(reader, start=1):
        values: list[Any] = [Formula() if cell.lstrip().startswith("=") else cell for cell in cells[:MAX_COLUMNS]]
        if any(map(filled, values)):
            kept += 1
            _check_count(kept)
            yield number, values


def _decoded(data: bytes) -> str:
    """The text of a file whose encoding nobody told: byte order marks, then UTF-8, then the old Vietnamese code page of
    Windows, whose letters come in two parts."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    zeros = data[:4000].count(0)
    if zeros and zeros * 3 > len(data[:4000]):
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be")
    if zeros:
        raise InvalidInput("Tệp này không phải bảng tính.", todo="Dùng tệp .xlsx hoặc .csv.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return unicodedata.normalize("NFC", data.decode("cp1258", errors="replace"))


def _delimiter(text: str) -> str:
    """What parts the columns: the sign that stands most often in the line of the heading."""
    lines = [line for line in text.splitlines()[:HEADER_DEPTH] if line.strip()]
    return max(";,\t|", key=lambda sign: max((line.count(sign) for line in lines), default=0))


def _check_count(count: int) -> None:
    if count > MAX_ROWS:
        raise InvalidInput(f"Bảng có hơn {MAX_ROWS} dòng.", todo="Chia thành nhiều tệp rồi nhập từng tệp.")


def filled(value: Any) -> bool:
    """Whether a cell holds anything."""
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
