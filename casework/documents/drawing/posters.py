"""Template of the poster of a village: one A4 page that an eighty-year-old reads from a metre away."""

from __future__ import annotations

from typing import Any

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from casework.documents.word_parts import keep_row_whole, line_of, page, text_run

#: mm: margins, and the codes with their white border: a code is read from about ten times its width
_SIDE, _EDGE = 15.0, 12.0
FIRST_QR, SECOND_QR = 84.0, 62.0
_CODE_COLUMN, _TEXT_COLUMN = 86.0, 94.0


def _poster() -> Any:
    document = page(landscape=False)
    section = document.sections[0]
    section.left_margin = section.right_margin = Mm(_SIDE)
    section.top_margin = section.bottom_margin = Mm(_EDGE)
    section.different_first_page_header_footer = False
    section.header.is_linked_to_previous = True
    document.styles["Normal"].paragraph_format.line_spacing = 1.0
    _centred(document, "{{ issuer }}", size=15, bold=True)
    _centred(document, "HỎI LÃNH ĐẠO {{ unit | upper }}", size=36, bold=True, before=6)
    _centred(document, "bằng điện thoại", size=26, bold=True)
    _centred(document, "Có điều muốn hỏi, muốn kiến nghị: nhắn vào đây. Ai hỏi cũng có trả lời.", size=17, before=4)
    _first_door(document)
    document.add_paragraph("{%p if second %}")
    _second_door(document)
    document.add_paragraph("{%p endif %}")
    _below(document)
    return document


def _first_door(document: Any) -> None:
    code, text = _row(document)
    line_of(code, "{{ first.qr }}", first=True)
    line_of(code, "{{ first.name | upper }}", size=28, bold=True)
    _step(text, "1", "Mở {{ first.name }} trên điện thoại, quét ô vuông này.", first=True)
    line_of(text, "{%p if first.knows_village %}", align=ALIGN.LEFT)
    _step(text, "2", "Bấm nút bắt đầu. Máy biết bà con ở:")
    line_of(text, "{%p else %}", align=ALIGN.LEFT)
    _step(text, "2", "Nhắn tên nơi mình ở:")
    line_of(text, "{%p endif %}", align=ALIGN.LEFT)
    line_of(text, "{%p if village | length > 16 %}", align=ALIGN.LEFT)
    _boxed(line_of(text, "{{ village }}", size=22, bold=True, before=6))
    line_of(text, "{%p else %}", align=ALIGN.LEFT)
    _boxed(line_of(text, "{{ village }}", size=36, bold=True, before=6))
    line_of(text, "{%p endif %}", align=ALIGN.LEFT)
    _step(text, "3", "Viết điều muốn hỏi bằng lời của mình. Gửi ảnh, ghi âm cũng được.")


def _second_door(document: Any) -> None:
    code, text = _row(document)
    line_of(code, "{{ second.qr }}", first=True)
    line_of(text, "Ai dùng {{ second.name }}", size=20, bold=True, align=ALIGN.LEFT, first=True, before=14)
    line_of(text, "thì quét ô vuông bên này,", size=18, align=ALIGN.LEFT)
    line_of(text, "{%p if second.knows_village %}", align=ALIGN.LEFT)
    line_of(text, "bấm nút bắt đầu, rồi viết.", size=18, align=ALIGN.LEFT)
    line_of(text, "{%p else %}", align=ALIGN.LEFT)
    line_of(text, "nhắn tên nơi mình ở, rồi viết.", size=18, align=ALIGN.LEFT)
    line_of(text, "{%p endif %}", align=ALIGN.LEFT)


def _below(document: Any) -> None:
    _centred(document, "Không cần cài thêm gì. Nhắn lúc nào cũng được, kể cả ngày nghỉ.", size=18, bold=True, before=8)
    _centred(
        document,
        "Cán bộ Mặt trận đọc từng ý kiến, chuyển tới người có trách nhiệm, rồi báo lại. Lời bà con nhắn chỉ dùng để "
        "giải quyết ý kiến; có ghi tên hay không là tùy bà con. Xin đừng gửi ảnh căn cước.",
        size=13,
        before=6,
    )
    _centred(
        document,
        "Không có điện thoại thông minh: nhờ cán bộ Mặt trận thôn, tổ ghi giúp, hoặc liên hệ: {{ contact }}.",
        size=13,
        bold=True,
        before=6,
    )


def _row(document: Any) -> tuple[Any, Any]:
    table = document.add_table(rows=1, cols=2)
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    keep_row_whole(table.rows[0])
    for column, cell, width in zip(table.columns, table.rows[0].cells, (_CODE_COLUMN, _TEXT_COLUMN), strict=True):
        column.width = cell.width = Mm(width)
    code, text = table.rows[0].cells
    return code, text


def _step(cell: Any, number: str, text: str, *, first: bool = False) -> None:
    paragraph = cell.paragraphs[0] if first else cell.add_paragraph()
    text_run(paragraph, f"{number}. ", size=28, bold=True)
    text_run(paragraph, text, size=22)
    paragraph.paragraph_format.space_before = Pt(8)


def _centred(document: Any, text: str, *, size: float, bold: bool = False, before: float = 0) -> None:
    paragraph = document.add_paragraph()
    text_run(paragraph, text, size=size, bold=bold)
    paragraph.alignment = ALIGN.CENTER
    paragraph.paragraph_format.space_before = Pt(before)


def _boxed(paragraph: Any) -> None:
    borders = OxmlElement("w:pBdr")
    for side in ("top", "left", "bottom", "right"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("w:val", "single"), ("w:sz", "18"), ("w:space", "4"), ("w:color", "000000")):
            line.set(qn(name), value)
        borders.append(line)
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(3)
    paragraph._p.get_or_add_pPr().insert_element_before(borders, "w:spacing", "w:ind", "w:jc", "w:rPr")


TEMPLATES = {"village_poster.docx": _poster}
