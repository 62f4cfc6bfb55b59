"""Tables of the Word templates: a heading repeated on every page, rows that never split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Mm, Pt

from casework.documents.word_parts import keep_row_whole, row_property, text_run


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a table: heading and width in mm."""

    heading: str
    width: float


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One cell of a template row: its text, alignment and how many columns it spans."""

    text: str
    align: Any = ALIGN.LEFT
    span: int = 1
    bold: bool = False
    italic: bool = False


def number_cell(text: str) -> Cell:
    """A short value in the middle of its cell: a number, a date, a code."""
    return Cell(text=text, align=ALIGN.CENTER)


def list_table(
    document: Any,
    columns: Sequence[Column],
    loop: str,
    cells: Sequence[Cell],
    *,
    empty: str = "",
    total: Sequence[Cell] = (),
) -> None:
    """A table with one row per item: `loop` as in "row in rows". `empty` is said when there is none."""
    table = _ruled(document, columns)
    if empty:
        _tag(table, columns, f"{{%tr if not {loop.partition(' in ')[2]} %}}")
        _add(table, columns, [Cell(text=empty, align=ALIGN.CENTER, span=len(columns), italic=True)])
        _tag(table, columns, "{%tr endif %}")
    _tag(table, columns, f"{{%tr for {loop} %}}")
    _add(table, columns, cells)
    _tag(table, columns, "{%tr endfor %}")
    if total:
        _add(table, columns, total)


def ruled_table(
    document: Any,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    askers: Sequence[Cell] = (),
    total: Sequence[Cell] = (),
    parts: str = "parts",
) -> None:
    """A table with a repeated heading; each field has its own heading row, each line its `rows`. `parts`: what the
    template calls the list of fields."""
    table = _ruled(document, columns)
    everything = len(columns)
    _tag(table, columns, f"{{%tr if not {parts} %}}")
    _add(table, columns, [Cell(text="Chưa có vấn đề nào.", align=ALIGN.CENTER, span=everything, italic=True)])
    _tag(table, columns, "{%tr endif %}")
    _tag(table, columns, f"{{%tr for part in {parts} %}}")
    _stay_with_next(_add(table, columns, [Cell(text="{{ part.field }}", span=everything, bold=True, italic=True)]))
    _tag(table, columns, "{%tr for row in part.rows %}")
    for row in rows:
        added = _add(table, columns, row)
        if askers:
            _stay_with_next(added)
    if askers:
        _tag(table, columns, "{%tr for asker in row.askers %}")
        _add(table, columns, askers)
        _tag(table, columns, "{%tr endfor %}")
    _tag(table, columns, "{%tr endfor %}")
    _tag(table, columns, "{%tr endfor %}")
    if total:
        _add(table, columns, total)


def _ruled(document: Any, columns: Sequence[Column]) -> Any:
    """A table of thin lines with its heading."""
    table = document.add_table(rows=0, cols=len(columns))
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, spec in zip(table.columns, columns, strict=True):
        column.width = Mm(spec.width)
    heading = _add(table, columns, [Cell(text=one.heading, align=ALIGN.CENTER, bold=True) for one in columns])
    _repeat_on_every_page(heading)
    return table


def _add(table: Any, columns: Sequence[Column], cells: Sequence[Cell]) -> Any:
    row = table.add_row()
    keep_row_whole(row)
    start = 0
    for spec in cells:
        cell = row.cells[start]
        width = sum(column.width for column in columns[start : start + spec.span])
        if spec.span > 1:
            cell = cell.merge(row.cells[start + spec.span - 1])
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        text_run(paragraph, spec.text, size=12, bold=spec.bold, italic=spec.italic)
        paragraph.alignment = spec.align
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        start += spec.span
    return row


def _tag(table: Any, columns: Sequence[Column], tag: str) -> None:
    _add(table, columns, [Cell(text=tag, span=len(columns))])


def _repeat_on_every_page(row: Any) -> None:
    row_property(row, "w:tblHeader")


def _stay_with_next(row: Any) -> None:
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True
