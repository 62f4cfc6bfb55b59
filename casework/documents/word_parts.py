"""Parts from which the Word templates are drawn: page, head, title, text, signature. Tables: `word_tables`.

Measures are those of decree 30/2020/NĐ-CP, annex I: A4, margins, Times New Roman, head in two columns, drawn lines
(borders, never underlining), page number centred in the top margin from page 2 on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

FONT = "Times New Roman"
#: margins, mm
LEFT, RIGHT, TOP, BOTTOM = 30, 15, 20, 20
#: width of the issuer's half of the head, mm; the other half keeps the national name on one line
LEFT_BLOCK = 65
_DATED = "{{ head.place }}, ngày {{ day }} tháng {{ month }} năm {{ year }}"


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


def head(document: Any, *, kind: str | None, about: str = "") -> None:
    """Issuer, number and draft mark on the left; national name, motto, place and date on the right. `kind` is the
    abbreviation of the kind of document ("BC"); "" for an official letter, which has `about` instead of a title; None
    for a paper without number.
    """
    table = borderless(document, (LEFT_BLOCK, text_width(document) - LEFT_BLOCK))
    left, right = table.rows[0].cells
    number = "" if kind is None else f"Số: {{{{ number }}}}/{kind + '-' if kind else ''}{{{{ head.symbol }}}}"
    _issuer(left, number=number, about=about)
    width = text_width(document) - LEFT_BLOCK
    line_of(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=13, bold=True, first=True)
    line_of(right, "Độc lập - Tự do - Hạnh phúc", size=14, bold=True)
    drawn_line(right, width=60, within=width)
    line_of(right, _DATED, size=13, italic=True, before=6)


def party_head(document: Any, *, kind: str) -> None:
    """The head of a document of the Party committee: its name on the right instead of the national one. The program
    makes such documents as drafts only."""
    table = borderless(document, (LEFT_BLOCK, text_width(document) - LEFT_BLOCK))
    left, right = table.rows[0].cells
    _issuer(left, number=f"Số {{{{ number }}}}-{kind}/{{{{ head.symbol }}}}")
    line_of(right, "ĐẢNG CỘNG SẢN VIỆT NAM", size=15, bold=True, first=True)
    drawn_line(right, width=68, within=text_width(document) - LEFT_BLOCK)
    line_of(right, _DATED, size=13, italic=True, before=6)


def _issuer(left: Any, *, number: str, about: str = "") -> None:
    line_of(left, "{%p if head.superior %}", first=True)
    line_of(left, "{{ head.superior }}", size=12)
    line_of(left, "{%p endif %}")
    line_of(left, "{{ head.issuer }}", size=12, bold=True)
    line_of(left, "{%p if head.board %}")
    line_of(left, "{{ head.board }}", size=12, bold=True)
    line_of(left, "{%p endif %}")
    drawn_line(left, width=24, within=LEFT_BLOCK)
    if number:
        line_of(left, number, size=13, before=4)
    if about:
        line_of(left, about, size=12, before=4)
    line_of(left, "{%p if draft %}")
    _boxed(line_of(left, "DỰ THẢO", size=12, bold=True, before=6), within=LEFT_BLOCK)
    line_of(left, "{%p endif %}")


def title(document: Any, kind: str, about: str) -> None:
    """Kind of document and what it is about, with the drawn line below."""
    paragraph = document.add_paragraph()
    text_run(paragraph, kind, size=14, bold=True)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_before = Pt(14)
    paragraph = document.add_paragraph()
    text_run(paragraph, about, size=14, bold=True)
    paragraph.alignment = ALIGN.CENTER
    drawn_line(document, width=50, within=text_width(document), after=8)


def mark(document: Any, text: str) -> None:
    """A bold warning under the title."""
    paragraph = document.add_paragraph()
    text_run(paragraph, text, size=12, bold=True)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_after = Pt(6)


def when_and_where(document: Any) -> None:
    """Time, place and chair of the conference."""
    for line in ("Thời gian: {{ when }}.", "Địa điểm: {{ place }}.", "Chủ trì: {{ chair }}."):
        body(document, line)


def body(document: Any, text: str, *, bold: bool = False, italic: bool = False, keep: bool = False) -> Any:
    """One paragraph of text; `keep` holds it on the page of what follows."""
    paragraph = document.add_paragraph()
    text_run(paragraph, text, size=13, bold=bold, italic=italic)
    paragraph.alignment = ALIGN.JUSTIFY
    paragraph.paragraph_format.first_line_indent = Mm(12.7)
    paragraph.paragraph_format.space_after = Pt(6)
    paragraph.paragraph_format.keep_with_next = keep
    return paragraph


def addressee(document: Any, text: str) -> None:
    """To whom a letter goes, centred."""
    paragraph = document.add_paragraph()
    text_run(paragraph, text, size=14)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_before = Pt(14)
    paragraph.paragraph_format.space_after = Pt(8)


def section(document: Any, text: str) -> None:
    """The bold heading of a part ("I. MỤC ĐÍCH"); stays with what follows."""
    body(document, text, bold=True, keep=True).paragraph_format.space_before = Pt(6)


def tag(document: Any, text: str) -> None:
    """A line of the template language that leaves nothing behind: "{%p if ... %}", "{%p for ... %}"."""
    document.add_paragraph(text)


def repeated(document: Any, loop: str, text: str, **style: Any) -> None:
    """One paragraph per item: `loop` as in "part in parts"."""
    tag(document, f"{{%p for {loop} %}}")
    body(document, text, **style)
    tag(document, "{%p endfor %}")


def close(document: Any, text: str = "{{ closing }}") -> None:
    """The closing sentence, given without its full stop, with the sign that ends a document ("./.")."""
    closing = body(document, f"{text}./.", keep=True)
    closing.paragraph_format.space_before = closing.paragraph_format.space_after = Pt(8)


def signature(document: Any, *, filed: str = "VT", recipients: str = "recipients") -> None:
    """Recipients on the left, who signs on the right with room for the signature; never split over pages. `filed`:
    where copies are kept; `recipients`: what the template calls the list of recipients."""
    width = text_width(document)
    table = borderless(document, (width * 0.5, width * 0.5))
    keep_row_whole(table.rows[0])
    left, right = table.rows[0].cells
    line_of(left, "Nơi nhận:", size=12, bold=True, italic=True, align=ALIGN.LEFT, first=True)
    line_of(left, f"{{%p for recipient in {recipients} %}}", align=ALIGN.LEFT)
    line_of(left, "- {{ recipient }};", size=11, align=ALIGN.LEFT)
    line_of(left, "{%p endfor %}", align=ALIGN.LEFT)
    line_of(left, f"- Lưu: {filed}.", size=11, align=ALIGN.LEFT)
    line_of(right, "{{ head.signed_for }}", size=13, bold=True, first=True)
    line_of(right, "{{ head.signer_title }}", size=13, bold=True)
    line_of(right, "{{ signer }}", size=13, bold=True, before=64)


# --------------------------------------------------------------------------- Word by hand


def text_width(document: Any) -> float:
    """Width between the margins, mm."""
    return float(document.sections[0].page_width.mm) - LEFT - RIGHT


def text_run(paragraph: Any, text: str, *, size: float, bold: bool = False, italic: bool = False) -> None:
    run = paragraph.add_run(text)
    run.font.size, run.bold, run.italic = Pt(size), bold, italic


def line_of(
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
    text_run(paragraph, text, size=size, bold=bold, italic=italic)
    paragraph.alignment = align
    paragraph.paragraph_format.space_before = Pt(before)
    return paragraph


def drawn_line(container: Any, *, width: float, within: float, after: float = 0) -> None:
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


def borderless(document: Any, widths: Sequence[float]) -> Any:
    """A table of one row without lines: columns of the given widths, mm."""
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


def row_property(row: Any, name: str) -> None:
    """Set a flag of a table row."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def keep_row_whole(row: Any) -> None:
    """The row never splits over two pages."""
    row_property(row, "w:cantSplit")
