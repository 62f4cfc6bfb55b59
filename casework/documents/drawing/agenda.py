"""Templates of the agenda and of the table of all opinions."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from casework.documents.word_parts import body, close, head, mark, page, signature, title, when_and_where
from casework.documents.word_tables import Cell, Column, ruled_table


def _agenda_public() -> Any:
    document = page(landscape=False)
    head(document, kind="CTr")
    title(document, "CHƯƠNG TRÌNH", "Nội dung đối thoại tại {{ title }}")
    when_and_where(document)
    body(document, "{%p if lines %}")
    body(
        document,
        "Danh mục gồm {{ lines }} vấn đề do {{ people }} lượt người nêu. Các ý kiến cùng một vấn đề cụ thể "
        "được gộp thành một mục; mỗi người đã gửi ý kiến đều được thông báo và nhận trả lời.",
    )
    body(document, "{%p endif %}")
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Vấn đề", width=93),
        Column(heading="Thôn, tổ dân phố", width=35),
        Column(heading="Số người nêu", width=25),
    ]
    ruled_table(
        document,
        columns,
        [
            [
                Cell(text="{{ row.number }}", align=ALIGN.CENTER),
                Cell(text="{{ row.title }}{{ row.urgent_mark }}"),
                Cell(text="{{ row.village }}"),
                Cell(text="{{ row.people }}", align=ALIGN.CENTER),
            ]
        ],
    )
    close(document)
    signature(document)
    return document


def _agenda_internal() -> Any:
    document = page(landscape=True)
    head(document, kind="CTr")
    title(document, "CHƯƠNG TRÌNH", "Nội dung đối thoại tại {{ title }}")
    mark(document, "BẢN NỘI BỘ - CÓ THÔNG TIN CÁ NHÂN, KHÔNG PHỔ BIẾN")
    when_and_where(document)
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Mã", width=26),
        Column(heading="Thôn, tổ dân phố", width=30),
        Column(heading="Người nêu", width=40),
        Column(heading="Ngày gửi", width=26),
        Column(heading="Nguyên văn ý kiến", width=118),
    ]
    ruled_table(
        document,
        columns,
        [
            [
                Cell(text="{{ row.number }}", align=ALIGN.CENTER, bold=True),
                Cell(text="{{ row.title }}{{ row.urgent_mark }} ({{ row.facts }})", span=5, bold=True),
            ]
        ],
        askers=[
            Cell(text=""),
            Cell(text="{{ asker.code }}", align=ALIGN.CENTER),
            Cell(text="{{ asker.village }}"),
            Cell(text="{{ asker.name }}"),
            Cell(text="{{ asker.submitted_on }}{{ asker.late_mark }}", align=ALIGN.CENTER),
            Cell(text="{{ asker.words }}"),
        ],
    )
    close(document)
    signature(document)
    return document


def _opinions_summary() -> Any:
    document = page(landscape=True)
    head(document, kind="BC")
    title(document, "BÁO CÁO", "Tổng hợp ý kiến, kiến nghị của Nhân dân gửi đến {{ title }}")
    body(
        document,
        "Tổng số {{ lines }} vấn đề, {{ people }} lượt người nêu; cấp xã {{ by_level.xa }}, cấp tỉnh "
        "{{ by_level.tinh }}, trung ương {{ by_level.trung_uong }} vấn đề.",
    )
    columns = [
        Column(heading="STT", width=13),
        Column(heading="Nội dung ý kiến, kiến nghị", width=78),
        Column(heading="Thôn, tổ dân phố", width=26),
        Column(heading="Số người nêu", width=17),
        Column(heading="Mã ý kiến", width=26),
        Column(heading="Lĩnh vực", width=26),
        Column(heading="Thẩm quyền", width=22),
        Column(heading="Kết quả, trả lời", width=44),
    ]
    ruled_table(
        document,
        columns,
        [
            [
                Cell(text="{{ row.number }}", align=ALIGN.CENTER),
                Cell(text="{{ row.title }}{{ row.urgent_mark }}"),
                Cell(text="{{ row.village }}"),
                Cell(text="{{ row.people }}", align=ALIGN.CENTER),
                Cell(text="{{ row.codes }}"),
                Cell(text="{{ row.topic_name }}"),
                Cell(text="{{ row.level_name }}"),
                Cell(text="{{ row.outcome }}"),
            ]
        ],
        total=[
            Cell(text="Tổng số: {{ lines }} vấn đề", span=3, bold=True),
            Cell(text="{{ people }}", align=ALIGN.CENTER, bold=True),
            Cell(text="", span=4),
        ],
    )
    close(document)
    signature(document)
    return document


TEMPLATES = {
    "agenda_public.docx": _agenda_public,
    "agenda_internal.docx": _agenda_internal,
    "opinions_summary.docx": _opinions_summary,
}
