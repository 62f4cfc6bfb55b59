"""Templates of what leaves in letters after the conference: to agencies, to askers, to other bodies.

One template holds one letter and repeats itself: every letter begins on a page of its own, numbered from 1.
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from casework.documents.word_parts import (
    body,
    close,
    head,
    page,
    party_head,
    repeated,
    signature,
    tag,
    text_run,
    title,
)
from casework.documents.word_tables import Cell, Column, list_table


def each_letter(document: Any) -> None:
    """What follows, up to `all_letters_end`, is repeated for every letter."""
    tag(document, "{%p for letter in letters %}")


def all_letters_end(document: Any) -> None:
    """A section ends with each letter but the last, which ends with the document."""
    numbered_from_one(document.sections[-1])
    tag(document, "{%p if not loop.last %}")
    ending = document.add_paragraph()
    ending.paragraph_format.line_spacing = Pt(1)
    ending._p.get_or_add_pPr().append(deepcopy(document.sections[-1]._sectPr))
    tag(document, "{%p endif %}")
    tag(document, "{%p endfor %}")


def numbered_from_one(section: Any) -> None:
    """The section counts its pages from 1."""
    start = OxmlElement("w:pgNumType")
    start.set(qn("w:start"), "1")
    section._sectPr.find(qn("w:pgMar")).addnext(start)


def optional(document: Any, condition: str, text: str) -> None:
    """A paragraph that is there only when `condition` holds."""
    tag(document, f"{{%p if {condition} %}}")
    body(document, text)
    tag(document, "{%p endif %}")


def quoted(document: Any, text: str, *, italic: bool = False) -> None:
    """Somebody's own words: lines keep their breaks, which justified text would stretch."""
    body(document, text, italic=italic).alignment = ALIGN.LEFT


def either_head(document: Any, *, kind: str) -> None:
    """The State's head, or the Party's when the Party committee issues the document."""
    tag(document, "{%p if party %}")
    party_head(document, kind=kind)
    tag(document, "{%p else %}")
    head(document, kind=kind)
    tag(document, "{%p endif %}")


def addressee(document: Any, text: str) -> None:
    """ "Kính gửi", centred."""
    line = document.add_paragraph()
    text_run(line, f"Kính gửi: {text}", size=14)
    line.alignment = ALIGN.CENTER
    line.paragraph_format.space_before = line.paragraph_format.space_after = Pt(10)


# --------------------------------------------------------------------------- the letters


def _assignment_notice() -> Any:
    document = page(landscape=False)
    each_letter(document)
    either_head(document, kind="TB")
    title(document, "THÔNG BÁO GIAO VIỆC", "Trả lời, giải quyết ý kiến nêu tại {{ title }}")
    addressee(document, "{{ letter.agency }}")
    body(
        document,
        "Căn cứ Thông báo kết luận {{ conclusion }} tại {{ title }} ngày {{ held }}, giao {{ letter.agency }} xem xét, "
        "giải quyết và trả lời bằng văn bản các vấn đề sau:",
    )
    list_table(
        document,
        [
            Column(heading="Mục", width=13),
            Column(heading="Vấn đề", width=47),
            Column(heading="Số người nêu", width=15),
            Column(heading="Mã ý kiến", width=26),
            Column(heading="Ý kiến tại hội nghị", width=40),
            Column(heading="Hạn trả lời", width=24),
        ],
        "row in letter.rows",
        [
            Cell(text="{{ row.number }}", align=ALIGN.CENTER),
            Cell(text="{{ row.title }}{% if row.village %} ({{ row.village }}){% endif %}"),
            Cell(text="{{ row.people }}", align=ALIGN.CENTER),
            Cell(text="{{ row.codes }}"),
            Cell(text="{{ row.said }}"),
            Cell(text="{{ row.due }}", align=ALIGN.CENTER),
        ],
    )
    spaced = body(document, "Cách tính hạn trả lời:", bold=True, keep=True)
    spaced.paragraph_format.space_before = Pt(8)
    tag(document, "{%p if not letter.dates %}")
    body(document, "Hạn trả lời ghi trong bảng; ô trống là chưa ấn định.")
    tag(document, "{%p endif %}")
    repeated(document, "sentence in letter.dates", "{{ sentence }}")
    body(document, "Kết quả gửi: {{ letter.report_to }}; đồng gửi Ban Thường trực Ủy ban MTTQ Việt Nam để theo dõi.")
    body(
        document,
        "Việc phức tạp chưa giải quyết xong trong hạn thì báo bằng văn bản lý do, ngày dự kiến xong và cơ quan chịu "
        "trách nhiệm, để báo lại cho người có ý kiến.",
    )
    close(document, "Đề nghị cơ quan được giao xác nhận ngày nhận được văn bản này")
    signature(document, recipients="letter.recipients")
    all_letters_end(document)
    return document


def _answer_letter() -> Any:
    document = page(landscape=False)
    each_letter(document)
    head(document, kind="", about="V/v trả lời ý kiến mã {{ letter.code }}")
    addressee(
        document, "{% if letter.who %}Ông/Bà {{ letter.who }}{% else %}Người gửi ý kiến mã {{ letter.code }}{% endif %}"
    )
    optional(document, "letter.village", "Nơi ở: {{ letter.village }}.")
    body(document, "Ngày {{ letter.submitted }}, ông/bà gửi ý kiến mã {{ letter.code }}, nguyên văn như sau:")
    quoted(document, "“{{ letter.words }}”", italic=True)
    tag(document, "{%p if letter.final %}")
    body(document, "{{ letter.agency }} trả lời tại Văn bản số {{ letter.document }} như sau:")
    tag(document, "{%p else %}")
    body(document, "{{ letter.agency }} trả lời bước đầu tại Văn bản số {{ letter.document }} như sau:")
    tag(document, "{%p endif %}")
    repeated(document, "line in letter.paragraphs", "{{ line }}")
    optional(document, "letter.forwarded_to", "Việc này đã được chuyển tới {{ letter.forwarded_to }}.")
    optional(document, "letter.promised", "Ngày hẹn báo kết quả tiếp theo: {{ letter.promised }}.")
    optional(document, "letter.contact", "Nếu còn điều chưa rõ, xin ông/bà liên hệ: {{ letter.contact }}.")
    close(document, "Trân trọng cảm ơn ông/bà đã gửi ý kiến")
    signature(document, recipients="['Như kính gửi']")
    all_letters_end(document)
    return document


def _transfer_slip() -> Any:
    document = page(landscape=False)
    each_letter(document)
    head(document, kind="PC")
    title(document, "PHIẾU CHUYỂN", "Ý kiến, kiến nghị thuộc thẩm quyền của cơ quan khác")
    addressee(document, "{{ letter.body }}")
    body(
        document,
        "Tại {{ title }} ngày {{ held }}, Nhân dân nêu các vấn đề dưới đây, thuộc thẩm quyền xem xét của quý cơ quan. "
        "Xin chuyển để quý cơ quan xem xét, giải quyết và báo kết quả, để trả lời người có ý kiến:",
    )
    list_table(
        document,
        [
            Column(heading="STT", width=13),
            Column(heading="Vấn đề", width=64),
            Column(heading="Thôn, tổ dân phố", width=26),
            Column(heading="Số người nêu", width=16),
            Column(heading="Mã ý kiến", width=26),
            Column(heading="Thẩm quyền", width=20),
        ],
        "row in letter.rows",
        [
            Cell(text="{{ row.number }}", align=ALIGN.CENTER),
            Cell(text="{{ row.title }}"),
            Cell(text="{{ row.village }}"),
            Cell(text="{{ row.people }}", align=ALIGN.CENTER),
            Cell(text="{{ row.codes }}"),
            Cell(text="{{ row.level }}"),
        ],
        empty="Không có vấn đề nào.",
    )
    close(document, "Khi trả lời, xin ghi lại mã ý kiến để chuyển đúng người")
    signature(document, recipients="letter.recipients")
    all_letters_end(document)
    return document


def _redirect_slip() -> Any:
    document = page(landscape=False)
    head(document, kind="PHD")
    title(document, "PHIẾU HƯỚNG DẪN", "Gửi đơn đến nơi có thẩm quyền")
    addressee(document, "Ông/Bà {{ who }}{% if village %}, {{ village }}{% endif %}")
    body(document, "Ngày {{ received }}, chúng tôi nhận được việc ông/bà gửi, số tiếp nhận {{ ref }}.")
    body(document, "{{ reason }}")
    body(document, "{{ guidance }}")
    body(document, "Cơ quan có thẩm quyền: {{ competent }}")
    close(document, "Phiếu này giao tận tay người gửi, không gửi nơi khác")
    signature(document, filed="hồ sơ riêng", recipients="['Như kính gửi']")
    return document


TEMPLATES = {
    "assignment_notice.docx": _assignment_notice,
    "answer_letter.docx": _answer_letter,
    "transfer_slip.docx": _transfer_slip,
    "redirect_slip.docx": _redirect_slip,
}
