"""Templates of what leaves on half a page, and the paper receipt that is filled from one of them.

A4 upright with two halves, one above the other, and a dashed line to cut along: any old printer does that, and the
halves are A5. Nothing on a half depends on the other.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from docx.enum.table import WD_ROW_HEIGHT_RULE as HEIGHT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.documents.fill import Picture, fill
from casework.documents.word_parts import keep_row_whole, line_of, mark, page, title
from casework.documents.word_tables import Cell, Column, list_table, number_cell
from casework.qr import png
from casework.spelling import read_aloud

#: mm: paper, and margins that also old printers keep free
PAPER_HEIGHT, SIDE, EDGE = 297.0, 15.0, 8.0
#: mm: the text beside the QR code, the column of the code, and the code itself with its white border
TEXT_COLUMN, QR_COLUMN, QR_WIDTH = 138.0, 42.0, 33.0
#: mm: the whole width of a half
FULL_COLUMN = TEXT_COLUMN + QR_COLUMN
_HEAD_HEIGHT = 44.0
_UPPER_BODY = PAPER_HEIGHT / 2 - EDGE - _HEAD_HEIGHT
#: a little shorter, so that the two halves never need a second page
LOWER_BODY = _UPPER_BODY - 8
#: points: what old eyes read, and what stands below it
TEXT_SIZE, FOOT_SIZE = 14, 12


# --------------------------------------------------------------------------- halves


def _half_page() -> Any:
    document = page(landscape=False)
    section = document.sections[0]
    section.left_margin = section.right_margin = Mm(SIDE)
    section.top_margin = section.bottom_margin = Mm(EDGE)
    # Slips are not numbered by page, and a header would take room from the upper half.
    section.different_first_page_header_footer = False
    section.header.is_linked_to_previous = True
    # Single: how much fits on a half is reckoned with it.
    document.styles["Normal"].paragraph_format.line_spacing = 1.0
    return document


def _halves_table(document: Any) -> Any:
    table = document.add_table(rows=0, cols=2)
    table.autofit = False
    for column, width in zip(table.columns, (TEXT_COLUMN, QR_COLUMN), strict=True):
        column.width = Mm(width)
    return table


def _half(table: Any, *, upper: bool) -> tuple[Any, Any, Any]:
    """Rows of one half; returns the cells for text, QR code and body."""
    head, body = table.add_row(), table.add_row()
    for row, height in ((head, _HEAD_HEIGHT), (body, _UPPER_BODY if upper else LOWER_BODY)):
        row.height, row.height_rule = Mm(height), HEIGHT.AT_LEAST
        keep_row_whole(row)
    text, code = head.cells
    text.width, code.width = Mm(TEXT_COLUMN), Mm(QR_COLUMN)
    whole = body.cells[0].merge(body.cells[1])
    whole.width = Mm(FULL_COLUMN)
    if upper:
        _cut_below(whole)
    else:
        _room_above(text, 4)
        _room_above(code, 4)
    return text, code, whole


def _tag_row(table: Any, text: str) -> None:
    """A row of the template language that leaves nothing behind."""
    row = table.add_row()
    row.cells[0].merge(row.cells[1]).paragraphs[0].add_run(text)


def _cut_below(cell: Any) -> None:
    borders = OxmlElement("w:tcBorders")
    line = OxmlElement("w:bottom")
    for name, value in (("w:val", "dashed"), ("w:sz", "6"), ("w:space", "0"), ("w:color", "000000")):
        line.set(qn(name), value)
    borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _room_above(cell: Any, millimetres: float) -> None:
    margins = OxmlElement("w:tcMar")
    top = OxmlElement("w:top")
    top.set(qn("w:w"), str(round(millimetres / 25.4 * 1440)))
    top.set(qn("w:type"), "dxa")
    margins.append(top)
    cell._tc.get_or_add_tcPr().append(margins)


def _tag_in(cell: Any, text: str, *, first: bool = False) -> None:
    line_of(cell, text, align=ALIGN.LEFT, first=first)


def _left(cell: Any, text: str, **style: Any) -> Any:
    return line_of(cell, text, align=ALIGN.LEFT, **style)


def _last(cell: Any, before: float = 0) -> None:
    """The paragraph a cell must end with whatever the template leaves out, of no height."""
    line_of(cell, "", before=before).paragraph_format.line_spacing = Pt(1)


def _end(document: Any) -> None:
    """The paragraph Word wants after a table, of no height."""
    last = document.add_paragraph()
    last.paragraph_format.line_spacing = Pt(1)
    last.paragraph_format.space_before = last.paragraph_format.space_after = Pt(0)


# --------------------------------------------------------------------------- slips


def _answer_slips() -> Any:
    document = _half_page()
    table = _halves_table(document)
    _tag_row(table, "{%tr for sheet in sheets %}")
    _slip(table, "sheet.upper", upper=True)
    _tag_row(table, "{%tr if sheet.lower %}")
    _slip(table, "sheet.lower", upper=False)
    _tag_row(table, "{%tr endif %}")
    _tag_row(table, "{%tr endfor %}")
    _end(document)
    return document


def _slip(table: Any, slip: str, *, upper: bool) -> None:
    text, code, body = _half(table, upper=upper)
    _left(text, "{{ issuer }}", size=11, bold=True, first=True)
    _left(text, f"{{{{ {slip}.heading }}}}", size=14, bold=True, before=4)
    _left(text, f"Mã: {{{{ {slip}.code }}}}", size=30, bold=True)
    _left(text, f"{{{{ {slip}.place }}}}", size=12)
    _tag_in(code, f"{{%p if {slip}.qr %}}", first=True)
    line_of(code, f"{{{{ {slip}.qr }}}}")
    line_of(code, "Quét để đọc trên điện thoại", size=9)
    _tag_in(code, "{%p endif %}")
    _last(code)
    _tag_in(body, f"{{%p if {slip}.about %}}", first=True)
    _left(body, f"Việc ông/bà hỏi: {{{{ {slip}.about }}}}", size=TEXT_SIZE, italic=True)
    _tag_in(body, "{%p endif %}")
    _tag_in(body, f"{{%p for line in {slip}.lines %}}")
    _left(body, "{{ line }}", size=TEXT_SIZE, before=3)
    _tag_in(body, "{%p endfor %}")
    _tag_in(body, f"{{%p for line in {slip}.foot %}}")
    _left(body, "{{ line }}", size=FOOT_SIZE, before=3)
    _tag_in(body, "{%p endfor %}")
    _last(body)


def _sign_off() -> Any:
    document = page(landscape=False)
    title(document, "DANH SÁCH KÝ NHẬN PHIẾU TRẢ LỜI", "{{ village }}")
    mark(document, "GIẤY NỘI BỘ CỦA CÁN BỘ - CÓ THÔNG TIN CÁ NHÂN, KHÔNG PHỔ BIẾN")
    line = document.add_paragraph()
    line.add_run("Lập ngày {{ made_on }}: {{ rows | length }} phiếu. Trao xong phiếu nào, nhắn cho kênh: /datrao MÃ.")
    line.paragraph_format.space_after = Pt(6)
    list_table(
        document,
        [
            Column(heading="STT", width=13),
            Column(heading="Mã", width=25),
            Column(heading="Người nhận", width=40),
            Column(heading="Thôn, tổ dân phố", width=29),
            Column(heading="Ngày trao", width=25),
            Column(heading="Ký nhận", width=33),
        ],
        "row in rows",
        [
            number_cell("{{ row.number }}"),
            Cell(text="{{ row.code }}", align=ALIGN.CENTER, bold=True),
            Cell(text="{{ row.name }}"),
            Cell(text="{{ row.village }}"),
            Cell(text=""),
            Cell(text=""),
        ],
        empty="Không có phiếu nào.",
    )
    # Room for a signature; the last row is a line of the template language.
    row = document.tables[-1].rows[-2]
    row.height, row.height_rule = Mm(10), HEIGHT.AT_LEAST
    note = document.add_paragraph()
    note.add_run(
        "Ô «Người nhận» trống là người chưa đồng ý cho ghi tên. Người đó đưa mã trong giấy hẹn hoặc trong tin báo "
        "nhận; đúng mã thì trao."
    ).italic = True
    note.paragraph_format.space_before = Pt(6)
    return document


# --------------------------------------------------------------------------- receipt


def _receipt() -> Any:
    document = _half_page()
    table = _halves_table(document)
    text, code, body = _half(table, upper=True)
    _left(text, "{{ issuer }}", size=11, bold=True, first=True)
    _left(text, "GIẤY HẸN TRẢ LỜI Ý KIẾN", size=14, bold=True, before=4)
    _left(text, "Mã: {{ code }}", size=30, bold=True)
    _left(text, "Đọc là: {{ spelt }}", size=12)
    _tag_in(code, "{%p if qr %}", first=True)
    line_of(code, "{{ qr }}")
    line_of(code, "Quét để mở {{ door }}", size=9)
    _tag_in(code, "{%p endif %}")
    _last(code)
    _left(body, "Nhận ngày {{ date }}{% if village %}, {{ village }}{% endif %}.", size=TEXT_SIZE, first=True)
    _tag_in(body, "{%p if about %}")
    _left(body, "Việc ông/bà hỏi: {{ about }}", size=TEXT_SIZE, italic=True, before=3)
    _tag_in(body, "{%p endif %}")
    _tag_in(body, "{%p for line in lines %}")
    _left(body, "{{ line }}", size=TEXT_SIZE, before=3)
    _tag_in(body, "{%p endfor %}")
    _tag_in(body, "{%p if link_code %}")
    _left(
        body,
        "Khi có điện thoại: {% if qr %}quét ô vuông ở trên{% else %}hỏi Mặt trận xã cách nhắn tin cho xã{% endif %}, "
        "rồi nhắn mã này (dùng một lần; in giấy mới thì mã ở giấy cũ hết dùng):",
        size=TEXT_SIZE,
        before=3,
    )
    _left(body, "{{ link_code }}", size=TEXT_SIZE, bold=True)
    _tag_in(body, "{%p endif %}")
    _left(body, "Ông/bà đã trả lời: {{ consents | join('; ') }}.", size=FOOT_SIZE, before=3)
    _left(body, "{{ contact }}", size=FOOT_SIZE, before=3)
    _last(body)
    _kept_half(table)
    _end(document)
    return document


def _kept_half(table: Any) -> None:
    """What the office keeps: who agreed to what, with room to sign. No words of the opinion, no code for linking."""
    text, _, body = _half(table, upper=False)
    _left(text, "{{ issuer }}", size=11, bold=True, first=True)
    _left(text, "PHẦN LƯU TẠI MẶT TRẬN", size=14, bold=True, before=4)
    _left(text, "Mã: {{ code }}", size=24, bold=True)
    _left(text, "Nhận ngày {{ date }}{% if village %}, {{ village }}{% endif %}.", size=12)
    _left(body, "Cán bộ đã đọc lại từng câu hỏi; người gửi ý kiến trả lời:", size=TEXT_SIZE, first=True)
    _tag_in(body, "{%p for line in consents %}")
    _left(body, "- {{ line }}", size=TEXT_SIZE, before=2)
    _tag_in(body, "{%p endfor %}")
    _left(
        body,
        "Người gửi ý kiến (ký hoặc điểm chỉ):" + "\u00a0" * 24 + "Cán bộ ghi:",
        size=TEXT_SIZE,
        before=10,
    )
    _last(body, before=40)


TEMPLATES = {
    "answer_slips.docx": _answer_slips,
    "sign_off_list.docx": _sign_off,
    "paper_receipt.docx": _receipt,
}


def make_receipt(
    path: Path,
    *,
    office: str,
    code: str,
    date: dt.date,
    consents: Sequence[str],
    contact: str,
    next_steps: Sequence[str] = (),
    about: str | None = None,
    village: str | None = None,
    link_url: str | None = None,
    link_name: str = "kênh",
    link_code: str | None = None,
    templates: Path | None = None,
    force: bool = True,
) -> Path:
    """The paper a person without a phone takes home, with the half the office keeps; one A4 page, to be cut.

    `office` is printed as the issuer ("Ủy ban MTTQ Việt Nam xã Tân Minh"); `code` is the receipt code; `about` and
    `next_steps` must be free of names; `consents` says in one sentence each what was agreed to or not ("Đồng ý nhận
    tin báo qua điện thoại: không"). `link_url` is what the QR code opens (`casework.doors`) and `link_name` what people
    call that, `link_code` the one-time code of `casework.usecases.citizens.linking`. Returns `path`. Raises as
    `casework.documents.fill.fill`.
    """
    with tempfile.TemporaryDirectory() as folder:
        qr = None
        if link_url is not None:
            picture = Path(folder) / "qr.png"
            picture.write_bytes(png(link_url))
            qr = Picture(path=picture, width=QR_WIDTH, alt="Mã QR mở kênh nhận ý kiến")
        context = {
            "issuer": office,
            "code": spoken(code),
            "spelt": read_aloud(code),
            "date": vietnamese_date(date),
            "village": village,
            "about": about,
            "lines": list(next_steps),
            "consents": list(consents),
            "contact": contact,
            "qr": qr,
            "door": link_name,
            "link_code": link_code,
        }
        return fill("paper_receipt.docx", context, path, templates, force=force)
