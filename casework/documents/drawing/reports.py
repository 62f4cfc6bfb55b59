"""Templates of the reports and of the sealed list of officials."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Mm, Pt

from casework.documents.word_parts import body, close, head, mark, page, signature, tag, text_run, title
from casework.documents.word_tables import Cell, Column, list_table


def _report() -> Any:
    document = page(landscape=False)
    head(document, kind="BC")
    title(document, "BÁO CÁO", "{{ about }}")
    for sentence in ("{{ basis }}", "{{ covers }}"):
        body(document, sentence)
    tag(document, "{%p for section in sections %}")
    _headings(document)
    tag(document, "{%p for block in section.blocks %}")
    _blocks(document)
    tag(document, "{%p endfor %}")
    tag(document, "{%p endfor %}")
    close(document, "{{ closing }}")
    signature(document)
    _annex(document)
    _definitions(document)
    return document


def _headings(document: Any) -> None:
    tag(document, "{%p if section.level == 1 %}")
    body(document, "{{ section.heading }}", bold=True, keep=True).paragraph_format.space_before = Pt(8)
    tag(document, "{%p else %}")
    body(document, "{{ section.heading }}", bold=True, italic=True, keep=True).paragraph_format.space_before = Pt(8)
    tag(document, "{%p endif %}")


def _blocks(document: Any) -> None:
    """What may stand in a section, in the order the context gives it."""
    _when(document, "text")
    body(document, "{{ block.text }}").paragraph_format.space_before = Pt(4)
    tag(document, "{%p endif %}")
    _when(document, "pen")
    body(document, "{{ block.text }}").paragraph_format.space_before = Pt(6)
    tag(document, "{%p endif %}")
    _when(document, "chart")
    picture = document.add_paragraph()
    text_run(picture, "{{ block.picture }}", size=13)
    picture.alignment = ALIGN.CENTER
    picture.paragraph_format.space_before = Pt(6)
    picture.paragraph_format.keep_with_next = True
    caption = body(document, "{{ block.caption }}", italic=True)
    caption.alignment, caption.paragraph_format.first_line_indent = ALIGN.CENTER, Mm(0)
    tag(document, "{%p endif %}")
    _when(document, "figures")
    _caption(document)
    list_table(
        document,
        [
            Column(heading="Chỉ tiêu", width=107),
            Column(heading="Số lượng", width=34),
            Column(heading="Tỷ lệ", width=24),
        ],
        "row in block.rows",
        [
            Cell(text="{{ row.name }}"),
            Cell(text="{{ row.value }}", align=ALIGN.CENTER),
            Cell(text="{{ row.share }}", align=ALIGN.CENTER),
        ],
    )
    tag(document, "{%p endif %}")
    _when(document, "breakdown")
    _caption(document)
    _breakdown(document)
    tag(document, "{%p endif %}")
    _when(document, "previous")
    _caption(document)
    _previous(document)
    tag(document, "{%p endif %}")


def _when(document: Any, kind: str) -> None:
    tag(document, f"{{%p if block.kind == '{kind}' %}}")


def _caption(document: Any) -> None:
    caption = body(document, "{{ block.caption }}", italic=True, keep=True)
    caption.paragraph_format.space_before = Pt(6)


def _breakdown(document: Any) -> None:
    columns = [
        Column(heading="{{ block.heading }}", width=55),
        Column(heading="Ý kiến", width=20),
        Column(heading="Người", width=20),
        Column(heading="Vấn đề", width=20),
        Column(heading="Đã giải quyết", width=25),
        Column(heading="Chưa giải quyết", width=25),
    ]
    numbers = ("opinions", "people", "issues", "resolved", "unresolved")
    list_table(
        document,
        columns,
        "row in block.rows",
        [Cell(text="{{ row.name }}"), *(Cell(text=f"{{{{ row.{one} }}}}", align=ALIGN.CENTER) for one in numbers)],
        empty="Không có ý kiến nào.",
        total=[
            Cell(text="Tổng số", bold=True),
            *(Cell(text=f"{{{{ block.total.{one} }}}}", align=ALIGN.CENTER, bold=True) for one in numbers),
        ],
    )


def _previous(document: Any) -> None:
    columns = [
        Column(heading="Dòng", width=15),
        Column(heading="Vấn đề", width=70),
        Column(heading="Số người nêu", width=18),
        Column(heading="Tại hội nghị", width=28),
        Column(heading="Đến nay", width=34),
    ]
    list_table(
        document,
        columns,
        "row in block.rows",
        [
            Cell(text="{{ row.position }}", align=ALIGN.CENTER),
            Cell(text="{{ row.title }}"),
            Cell(text="{{ row.people }}", align=ALIGN.CENTER),
            Cell(text="{{ row.outcome }}"),
            Cell(text="{{ row.standing }}"),
        ],
        empty="Hội nghị trước không có dòng nào.",
    )


def _appendix(document: Any, number: str, about: str) -> None:
    heading = body(document, number, bold=True, keep=True)
    heading.alignment, heading.paragraph_format.first_line_indent = ALIGN.CENTER, Mm(0)
    heading.paragraph_format.page_break_before = True
    line = body(document, about, bold=True, keep=True)
    line.alignment, line.paragraph_format.first_line_indent = ALIGN.CENTER, Mm(0)
    with_what = body(document, "{{ belongs_to }}", italic=True, keep=True)
    with_what.alignment, with_what.paragraph_format.first_line_indent = ALIGN.CENTER, Mm(0)


def _annex(document: Any) -> None:
    tag(document, "{%p if annex %}")
    _appendix(document, "Phụ lục 1", "KẾT QUẢ TỔ CHỨC HỘI NGHỊ TRAO ĐỔI, ĐỐI THOẠI")
    widths = (34, 24, 20, 20, 19, 19, 29)
    columns = [Column(heading=f"{{{{ annex.columns[{place}] }}}}", width=width) for place, width in enumerate(widths)]
    center = ALIGN.CENTER
    list_table(
        document,
        columns,
        "row in annex.rows",
        [
            Cell(text="{{ row.unit_name }}"),
            Cell(text="{{ row.held_on }}", align=center),
            *(
                Cell(text=f"{{{{ row.{one} }}}}", align=center)
                for one in ("invited", "attendance", "resolved", "unresolved")
            ),
            Cell(text="{{ row.note }}"),
        ],
        empty="Chưa có hội nghị nào trong kỳ.",
        total=[
            Cell(text="Tổng số: {{ annex.total.conferences }} hội nghị", span=2, bold=True),
            *(
                Cell(text=f"{{{{ annex.total.{one} }}}}", align=center, bold=True)
                for one in ("invited", "attendance", "resolved", "unresolved")
            ),
            Cell(text=""),
        ],
    )
    note = body(document, "{{ annex.note }}", italic=True)
    note.paragraph_format.space_before = Pt(8)
    body(document, "Người tổng hợp: {{ annex.compiler }}")
    tag(document, "{%p endif %}")


def _definitions(document: Any) -> None:
    _appendix(document, "Phụ lục {{ definitions.number }}", "CÁCH TÍNH SỐ LIỆU")
    list_table(
        document,
        [Column(heading="Chỉ tiêu", width=55), Column(heading="Cách tính", width=110)],
        "row in definitions.rows",
        [Cell(text="{{ row.name }}"), Cell(text="{{ row.definition }}")],
    )


def _officials() -> Any:
    document = page(landscape=True)
    head(document, kind="PL")
    title(document, "PHỤ LỤC NIÊM PHONG", "{{ about }}")
    mark(document, "CHỈ DÀNH CHO NGƯỜI CÓ THẨM QUYỀN - KHÔNG SAO CHỤP, KHÔNG GỬI KÈM BÁO CÁO")
    columns = [
        Column(heading="STT", width=13),
        Column(heading="Họ và tên", width=45),
        Column(heading="Chức vụ, đơn vị", width=52),
        Column(heading="Nội dung phản ánh", width=82),
        Column(heading="Kết quả xử lý", width=60),
    ]
    list_table(
        document,
        columns,
        "row in rows",
        [
            Cell(text="{{ row.number }}", align=ALIGN.CENTER),
            Cell(text="{{ row.name }}"),
            Cell(text="{{ row.post }}"),
            Cell(text="{{ row.matter }}"),
            Cell(text="{{ row.result }}"),
        ],
        empty="Không có ai trong danh sách.",
    )
    close(document, "{{ closing }}")
    signature(document)
    return document


TEMPLATES = {"report.docx": _report, "report_officials.docx": _officials}
