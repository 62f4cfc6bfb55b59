"""Parts from which the Word templates are drawn: page, head, title, table, signature.

Measures are those of decree 30/2020/NĐ-CP, annex I: A4, margins, Times New Roman, head in two columns, drawn lines
(borders, never underlining), page number centred in the top margin from page 2 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
#: margins, mm
LEFT, RIGHT, TOP, BOTTOM = 30, 15, 20, 20
#: width of the issuer's half of the head, mm; the other half keeps the national name on one line
LEFT_BLOCK = 65


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


def page(*, landscape: bool) -> Any:
    """An empty A4 document with its margins, font and page number."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = FONT, Pt(13)
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for script in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(script), FONT)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    if landscape:
        section.orientation = WD_ORIENT.LANDSCAPE
        section.page_width, section.page_height = Mm(297), Mm(210)
    section.left_margin, section.right_margin = Mm(LEFT), Mm(RIGHT)
    section.top_margin, section.bottom_margin = Mm(TOP), Mm(BOTTOM)
    section.header_distance = Mm(10)
    # The number stands on every page but the first, whose header stays empty.
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = ALIGN.CENTER
    _field(number, "PAGE")
    document.core_properties.author = ""
    document.core_properties.comments = ""
    return document


def head(document: Any, *, kind: str) -> None:
    """Issuer, number and draft mark on the left; national name, motto, place and date on the right. `kind` is the
    abbreviation of the kind of document ("BC").
    """
    table = _borderless(document, (LEFT_BLOCK, _text_width(document) - LEFT_BLOCK))
    left, right = table.rows[0].cells
    _line_of(left, "{%p if head.superior %}", first=True)
    _line_of(left, "{{ head.superior }}", size=12)
    _line_of(left, "{%p endif %}")
    _line_of(left, "{{ head.issuer }}", size=12, bold=True)
    _line_of(left, "{{ head.board }}", size=12, bold=True)
    _drawn_line(left, width=24, within=LEFT_BLOCK)
    _line_of(left, f"Số: {{{{ number }}}}/{kind}-{{{{ head.symbol }}}}", size=13, before=4)
    _line_of(left, "{%p if draft %}")
    _boxed(_line_of(left, "DỰ THẢO", size=12, bold=True, before=6), within=LEFT_BLOCK)
    _line_of(left, "{%p endif %}")
    width = _text_width(document) - LEFT_BLOCK
    _line_of(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=13, bold=True, first=True)
    _line_of(right, "Độc lập - Tự do - Hạnh phúc", size=14, bold=True)
    _drawn_line(right, width=60, within=width)
    _line_of(right, "{{ head.place }}, ngày {{ day }} tháng {{ month }} năm {{ year }}", size=13, italic=True, before=6)


def title(document: Any, kind: str, about: str) -> None:
    """Kind of document and what it is about, with the drawn line below."""
    paragraph = document.add_paragraph()
    _text(paragraph, kind, size=14, bold=True)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_before = Pt(14)
    paragraph = document.add_paragraph()
    _text(paragraph, about, size=14, bold=True)
    paragraph.alignment = ALIGN.CENTER
    _drawn_line(document, width=50, within=_text_width(document), after=8)


def mark(document: Any, text: str) -> None:
    """A bold warning under the title."""
    paragraph = document.add_paragraph()
    _text(paragraph, text, size=12, bold=True)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_after = Pt(6)


def when_and_where(document: Any) -> None:
    """Time, place and chair of the conference."""
    for line in ("Thời gian: {{ when }}.", "Địa điểm: {{ place }}.", "Chủ trì: {{ chair }}."):
        body(document, line)


def body(document: Any, text: str) -> None:
    """One paragraph of text."""
    paragraph = document.add_paragraph()
    _text(paragraph, text, size=13)
    paragraph.alignment = ALIGN.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Mm(12.7)
    paragraph.paragraph_format.space_after = Pt(6)


def late_and_close(document: Any) -> None:
    """The closing sentence with the sign that ends a document ("./.")."""
    closing = document.add_paragraph()
    _text(closing, "{{ closing }}./.", size=13)
    closing.alignment = ALIGN.JUSTIFY
    closing.paragraph_format.first_line_indent = Mm(12.7)
    closing.paragraph_format.space_before = closing.paragraph_format.space_after = Pt(8)
    closing.paragraph_format.keep_with_next = True


def signature(document: Any) -> None:
    """Recipients on the left, who signs on the right with room for the signature; never split over pages."""
    width = _text_width(document)
    table = _borderless(document, (width * 0.5, width * 0.5))
    _keep_row_whole(table.rows[0])
    left, right = table.rows[0].cells
    _line_of(left, "Nơi nhận:", size=12, bold=True, italic=True, align=ALIGN.LEFT, first=True)
    _line_of(left, "{%p for recipient in recipients %}", align=ALIGN.LEFT)
    _line_of(left, "- {{ recipient }};", size=11, align=ALIGN.LEFT)
    _line_of(left, "{%p endfor %}", align=ALIGN.LEFT)
    _line_of(left, "- Lưu: VT.", size=11, align=ALIGN.LEFT)
    _line_of(right, "{{ head.signed_for }}", size=13, bold=True, first=True)
    _line_of(right, "{{ head.signer_title }}", size=13, bold=True)
    _line_of(right, "{{ signer }}", size=13, bold=True, before=64)


def ruled_table(
    document: Any,
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    *,
    askers: Sequence[Cell] = (),
    total: Sequence[Cell] = (),
) -> None:
    """A table with a repeated heading; each field has its own heading row, each line its `rows`."""
    table = document.add_table(rows=0, cols=len(columns))
    table.style = document.styles["Table Grid"]
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, spec in zip(table.columns, columns, strict=True):
        column.width = Mm(spec.width)
    heading = _add(table, columns, [Cell(text=one.heading, align=ALIGN.CENTER, bold=True) for one in columns])
    _repeat_on_every_page(heading)
    everything = len(columns)
    _tag(table, columns, "{%tr if not parts %}")
    _add(table, columns, [Cell(text="Chưa có vấn đề nào.", align=ALIGN.CENTER, span=everything, italic=True)])
    _tag(table, columns, "{%tr endif %}")
    _tag(table, columns, "{%tr for part in parts %}")
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


# --------------------------------------------------------------------------- Word by hand


def _text_width(document: Any) -> float:
    """Width between the margins, mm."""
    return float(document.sections[0].page_width.mm) - LEFT - RIGHT


def _text(paragraph: Any, text: str, *, size: float, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def _line_of(
    cell: Any,
    text: str,
    *,
    size: float = 12,
    bold: bool = False,
    italic: bool = False,
    before: float = 0,
    align: Any = ALIGN.CENTER,
    first: bool = False,
) -> Any:
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    _text(paragraph, text, size=size, bold=bold, italic=italic)
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    return paragraph


def _drawn_line(container: Any, *, width: float, within: float, after: float = 0) -> None:
    """A solid line of `width` mm in the middle of `within` mm: the upper border of a paragraph of no height."""
    paragraph = container.add_paragraph()
    indent = Mm(max(0.0, (within - width) / 2))
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = indent
    form.space_before, form.space_after, form.line_spacing = Pt(2), Pt(after), Pt(2)
    _border(paragraph, "top")


def _boxed(paragraph: Any, *, within: float) -> None:
    form = paragraph.paragraph_format
    form.left_indent = form.right_indent = Mm((within - 28) / 2)
    _border(paragraph, "top", "left", "bottom", "right")


def _border(paragraph: Any, *sides: str) -> None:
    borders = OxmlElement("w:pBdr")
    for side in sides:
        line = OxmlElement(f"w:{side}")
        for name, value in (("w:val", "single"), ("w:sz", "6"), ("w:space", "1"), ("w:color", "000000")):
            line.set(qn(name), value)
        borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _field(paragraph: Any, code: str) -> None:
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), code)
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "2"
    run.append(text)
    field.append(run)
    paragraph._p.append(field)


def _borderless(document: Any, widths: Sequence[float]) -> Any:
    table = document.add_table(rows=1, cols=len(widths))
    table.autofit = False
    margins = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        margin = OxmlElement(f"w:{side}")
        margin.set(qn("w:w"), "0")
        margin.set(qn("w:type"), "dxa")
        margins.append(margin)
    table._tbl.tblPr.append(margins)
    for column, cell, width in zip(table.columns, table.rows[0].cells, widths, strict=True):
        column.width = cell.width = Mm(width)
    return table


def _add(table: Any, columns: Sequence[Column], cells: Sequence[Cell]) -> Any:
    row = table.add_row()
    _keep_row_whole(row)
    start = 0
    for spec in cells:
        cell = row.cells[start]
        width = sum(column.width for column in columns[start : start + spec.span])
        if spec.span > 1:
            cell = cell.merge(row.cells[start + spec.span - 1])
        cell.width = Mm(width)
        paragraph = cell.paragraphs[0]
        _text(paragraph, spec.text, size=12, bold=spec.bold, italic=spec.italic)
        paragraph.alignment = spec.align
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        start += spec.span
    return row


def _tag(table: Any, columns: Sequence[Column], tag: str) -> None:
    _add(table, columns, [Cell(text=tag, span=len(columns))])


def _row_property(row: Any, name: str) -> None:
    flag = OxmlElement(name)
    row._tr.get_or_add_trPr().append(flag)


def _keep_row_whole(row: Any) -> None:
    _row_property(row, "w:cantSplit")


def _repeat_on_every_page(row: Any) -> None:
    _row_property(row, "w:tblHeader")


def _stay_with_next(row: Any) -> None:
    for cell in row.cells:
        for paragraph in cell.paragraphs:
            paragraph.paragraph_format.keep_with_next = True
