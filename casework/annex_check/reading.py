"""Tables of a Word file or sheets of an Excel file as rows with a question and an answer, whatever the column order."""

from __future__ import annotations

import datetime as dt
import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from docx import Document
from docx.exceptions import PythonDocxError
from docx.opc.exceptions import OpcError
from docx.table import Table, _Cell
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from casework.annex_check.package import Sort, sniff
from casework.errors import InvalidInput
from casework.plain_words import plain

#: most rows read of one file
MAX_ROWS = 5000
#: most columns read of one row
MAX_COLUMNS = 30
#: how Word marks a cell merged with the one above
_GOES_ON = "continue"
#: header rows are looked for among the first rows of a table
_HEADER_DEPTH = 8
#: longest cell that may be a heading, characters
_HEADING_LENGTH = 90

#: what the two libraries raise for a package that unpacks but is no document; errors of XML are SyntaxErrors
_BROKEN = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, NotImplementedError, OSError, RuntimeError),
    *(
        SyntaxError,
        TypeError,
        ValueError,
        zipfile.BadZipFile,
        zlib.error,
        InvalidFileException,
        PythonDocxError,
        OpcError,
    ),
)


class Column(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    CODE = "code"
    QUESTION = "question"
    ANSWER = "answer"
    OTHER = "other"


@dataclass(frozen=True, kw_only=True)
class AnnexRow:
    """One row of the annex; `where` is how people find it: "bảng 1, hàng 3"."""

    where: str
    #: numbers written in the column of numbers: an agenda may be answered several lines at a time
    numbers: tuple[int, ...]
    question: str
    answer: str
    #: every cell, for codes
    text: str


def read_annex(data: bytes) -> list[AnnexRow]:
    """Every row of every table that has a question. Raises `InvalidInput` for a file that cannot be read, or holds no
    table."""
    sort = sniff(data)
    try:
        tables = list(_word_tables(data) if sort is Sort.WORD else _sheets(data))
    except _BROKEN as error:
        raise InvalidInput("Tệp bị hỏng, không đọc được bảng.", todo="Lưu lại tệp bằng Word hoặc Excel.") from error
    rows = [row for name, cells in tables for row in _rows(name, cells)]
    if not rows:
        raise InvalidInput(
            "Không thấy bảng nào có nội dung trong tệp.",
            todo="Phụ lục phải là bảng: mỗi ý kiến một hàng, có cột trả lời.",
        )
    return rows


# --------------------------------------------------------------------------- cells


def _word_tables(data: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    document = Document(io.BytesIO(data))
    count = 0
    for number, table in enumerate(document.tables, start=1):
        cells = _word_rows(table)
        count += len(cells)
        _check_rows(count)
        yield f"bảng {number}", cells


def _word_rows(table: Table) -> list[list[str]]:
    """The cells of each row by column; a cell that spans several columns stands in the first of them, one merged
    downwards in each row.

    Read from the file's own elements: asking the library for a row's cells copies a cell once per column it claims to
    span, and a hostile file claims a billion.
    """
    rows: list[list[str]] = []
    for line in table._tbl.tr_lst:
        cells: list[str] = []
        for element in line.tc_lst[:MAX_COLUMNS]:
            above = rows[-1][len(cells)] if rows and len(cells) < len(rows[-1]) else ""
            cells.append(above if element.vMerge == _GOES_ON else _Cell(element, table).text.strip())
            cells.extend([""] * (min(element.grid_span, MAX_COLUMNS) - 1))
        rows.append(cells[:MAX_COLUMNS])
    return rows


def _sheets(data: bytes) -> Iterator[tuple[str, list[list[str]]]]:
    with warnings.catch_warnings():
        # Drop-down lists and the like that the library does not know: nothing we read.
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            count = 0
            for sheet in book.worksheets:
                cells = []
                for row in sheet.iter_rows(max_col=MAX_COLUMNS, values_only=True):
                    cells.append([_said(value) for value in row])
                    count += any(cells[-1])
                    # Empty rows may be declared by the million.
                    if count > MAX_ROWS or len(cells) > 4 * MAX_ROWS:
                        break
                _check_rows(count)
                yield f"trang «{sheet.title}»", cells
        finally:
            book.close()


def _said(value: object) -> str:
    """A cell as people read it; formulas are nobody's words."""
    match value:
        case dt.datetime() | dt.date():
            return f"{value:%d/%m/%Y}"
        case float() if value.is_integer():
            return str(int(value))
        case str() if not value.lstrip().startswith("="):
            return value.strip()
        case bool():
            return ""
        case int() | float():
            return str(value)
    return ""


def _check_rows(count: int) -> None:
    if count > MAX_ROWS:
        raise InvalidInput(f"Tệp có hơn {MAX_ROWS} hàng.", todo="Chỉ để lại các bảng của phụ lục rồi thử lại.")


# --------------------------------------------------------------------------- columns


# Asked in this order: «ý kiến trả lời» is an answer although it speaks of «ý kiến».
_HEADINGS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    (Column.NUMBER, re.compile(r"^(?:stt|tt|so tt|so thu tu|dong|dong so|so dong)$")),
    (Column.CODE, re.compile(r"^ma(?: so)?(?: y kien| phieu| tra cuu| kien nghi)?$")),
    (
        Column.OTHER,
        re.compile(r"co quan|don vi|trach nhiem|nguoi |thoi han|thoi gian|ghi chu|linh vuc|thon|so van ban"),
    ),
    (
        Column.ANSWER,
        re.compile(r"tra loi|giai quyet|ket qua|tiep thu|giai trinh|ket luan|y kien chi dao|chi dao|huong xu ly|xu ly"),
    ),
    (Column.QUESTION, re.compile(r"noi dung|y kien|kien nghi|cau hoi|phan anh|van de|de nghi")),
)


def _rows(name: str, cells: Sequence[Sequence[str]]) -> Iterator[AnnexRow]:
    header, columns = _header(cells)
    for number, row in enumerate(cells, start=1):
        if number <= header or not any(row):
            continue
        found = _row(f"{name}, hàng {number}", row, columns)
        if found is not None:
            yield found


def _header(cells: Sequence[Sequence[str]]) -> tuple[int, dict[int, Column]]:
    """How many rows come before the content, and what each column holds; guessed from the widths without a heading."""
    for number, row in enumerate(cells[:_HEADER_DEPTH], start=1):
        named = {place: _heading(cell) for place, cell in enumerate(row)}
        sorts = {sort for sort in named.values() if sort is not None}
        if {Column.QUESTION, Column.ANSWER} <= sorts:
            return number, {place: sort for place, sort in named.items() if sort is not None}
    return 0, _guessed(cells)


def _heading(cell: str) -> Column | None:
    text = plain(cell)
    if not text or len(text) > _HEADING_LENGTH:
        return None
    return next((sort for sort, pattern in _HEADINGS if pattern.search(text)), None)


def _guessed(cells: Sequence[Sequence[str]]) -> dict[int, Column]:
    """Without headings: a column of numbers counts, the first column of words asks and the last one answers."""
    width = max((len(row) for row in cells), default=0)
    columns: dict[int, Column] = {}
    wide = []
    for place in range(width):
        said = [row[place] for row in cells if place < len(row) and row[place]]
        if said and all(_numbers(text) for text in said):
            columns[place] = Column.NUMBER if Column.NUMBER not in columns.values() else Column.OTHER
        elif said:
            wide.append(place)
    if wide:
        columns[wide[0]] = Column.QUESTION
    if len(wide) > 1:
        columns[wide[-1]] = Column.ANSWER
    return columns


def _row(where: str, row: Sequence[str], columns: dict[int, Column]) -> AnnexRow | None:
    def joined(sort: Column) -> str:
        return "\n".join(cell for place, cell in enumerate(row) if cell and columns.get(place) is sort)

    question = joined(Column.QUESTION)
    numbers = _numbers(joined(Column.NUMBER))
    # A row of column numbers ("1", "2", "3" or "(1)", "(2)") stands under many headings.
    if not question or _numbers(question):
        return None
    return AnnexRow(
        where=where,
        numbers=numbers,
        question=question,
        answer=joined(Column.ANSWER),
        text=" | ".join(filter(None, row)),
    )


def _numbers(text: str) -> tuple[int, ...]:
    """Numbers of a cell that holds nothing else: "3", "3.", "1, 4", "(2)"."""
    if not re.fullmatch(r"[\s\d.,;()&+-]+|(?:[\s\d,;]|và)+", text) or not re.search(r"\d", text):
        return ()
    return tuple(int(number) for number in re.findall(r"\d{1,4}", text))
