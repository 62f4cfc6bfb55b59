"""Templates of the summaries of opinions and the lists of speakers."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Pt

from casework.documents.word_parts import addressee, body, close, head, mark, page, section, signature, title
from casework.documents.word_tables import Cell, Column, list_table, number_cell, ruled_table

_INTERNAL = "BẢN NỘI BỘ - CÓ THÔNG TIN CÁ NHÂN, KHÔNG PHỔ BIẾN"


def _summary_leaders() -> Any:
    document = page(landscape=True)
    head(document, kind="BC")
    title(document, "BÁO CÁO", "Tổng hợp ý kiến, kiến nghị của Nhân dân gửi đến {{ title }}")
    mark(document, _INTERNAL)
    addressee(document, "Kính gửi: {{ addressees }}")
    section(document, "I. TÌNH HÌNH TIẾP NHẬN")
    body(
        document,
        "Đến ngày {{ today }} có {{ opinions }} ý kiến, gộp thành {{ issues }} vấn đề do {{ people }} lượt người "
        "nêu, trong đó {{ on_agenda }} vấn đề đã đưa vào nội dung đối thoại, {{ beyond }} vấn đề vượt thẩm quyền cấp "
        "xã, {{ late }} vấn đề chỉ có ý kiến đến sau ngày chốt{{ waiting_words }}.",
    )
    columns = [
        Column(heading="Lĩnh vực", width=110),
        Column(heading="Số vấn đề", width=45),
        Column(heading="Số ý kiến", width=45),
        Column(heading="Số người nêu", width=52),
    ]
    list_table(
        document,
        columns,
        "row in by_field",
        [
            Cell(text="{{ row.name }}"),
            number_cell("{{ row.issues }}"),
            number_cell("{{ row.opinions }}"),
            number_cell("{{ row.people }}"),
        ],
        empty="Chưa có ý kiến nào.",
        total=[
            Cell(text="Tổng số", bold=True),
            Cell(text="{{ issues }}", align=ALIGN.CENTER, bold=True),
            Cell(text="{{ opinions }}", align=ALIGN.CENTER, bold=True),
            Cell(text="{{ people }}", align=ALIGN.CENTER, bold=True),
        ],
    )
    body(document, "Chia theo thôn, tổ dân phố của người gửi: {{ by_village }}.").paragraph_format.space_before = Pt(6)
    section(document, "II. Ý KIẾN, KIẾN NGHỊ CỤ THỂ")
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
            number_cell("{{ asker.code }}"),
            Cell(text="{{ asker.village }}"),
            Cell(text="{{ asker.name }}"),
            number_cell("{{ asker.submitted_on }}"),
            Cell(text="{{ asker.words }}"),
        ],
    )
    section(document, "III. VIỆC VƯỢT THẨM QUYỀN CẤP XÃ")
    body(document, "{{ beyond_words }}")
    section(document, "IV. ĐỀ XUẤT")
    body(
        document,
        "Đề nghị người chủ trì xem trước các ý kiến trên; giao các cơ quan chuyên môn chuẩn bị nội dung trả lời"
        "{{ prepare_by }}.",
    )
    body(document, "Đề xuất khác:")
    body(document, "{{ proposal }}")
    close(document, "Trên đây là tổng hợp ý kiến, kiến nghị của Nhân dân")
    signature(document, filed="VT, BTT")
    return document


def _summary_upper() -> Any:
    document = page(landscape=True)
    head(document, kind="BC")
    title(document, "BÁO CÁO", "{{ about }} {{ title }}")
    addressee(document, "Kính gửi: {{ addressees }}")
    body(
        document,
        "Qua tiếp nhận ý kiến chuẩn bị {{ title }} (tổ chức {{ when }}), có {{ lines }} vấn đề do {{ people }} lượt "
        "người nêu {{ asked }}.",
    )
    columns = [
        Column(heading="STT", width=13),
        Column(heading="Nội dung ý kiến, kiến nghị", width=106),
        Column(heading="Thôn, tổ dân phố", width=33),
        Column(heading="Số người nêu", width=20),
        Column(heading="Mã ý kiến", width=48),
        Column(heading="Thẩm quyền", width=32),
    ]
    ruled_table(
        document,
        columns,
        [
            [
                number_cell("{{ row.number }}"),
                Cell(text="{{ row.title }}{{ row.urgent_mark }}"),
                Cell(text="{{ row.village }}"),
                number_cell("{{ row.people }}"),
                Cell(text="{{ row.codes }}"),
                Cell(text="{{ row.level_name }}"),
            ]
        ],
        total=[
            Cell(text="Tổng số: {{ lines }} vấn đề", span=3, bold=True),
            Cell(text="{{ people }}", align=ALIGN.CENTER, bold=True),
            Cell(text="", span=2),
        ],
    )
    close(document)
    signature(document, filed="VT, BTT")
    return document


def _summary_public() -> Any:
    document = page(landscape=False)
    head(document, kind="BC")
    title(document, "BÁO CÁO", "Tổng hợp ý kiến, kiến nghị của Nhân dân gửi đến {{ title }}")
    body(
        document,
        "Đến ngày {{ today }} có {{ opinions }} ý kiến, gộp thành {{ lines }} vấn đề. Các ý kiến cùng một việc cụ thể "
        "được gộp thành một mục; ai đã gửi ý kiến đều được báo tin và nhận trả lời.",
    )
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Vấn đề", width=78),
        Column(heading="Thôn, tổ dân phố", width=33),
        Column(heading="Số người nêu", width=18),
        Column(heading="Thẩm quyền", width=24),
    ]
    ruled_table(
        document,
        columns,
        [
            [
                number_cell("{{ row.number }}"),
                Cell(text="{{ row.title }}{{ row.urgent_mark }}"),
                Cell(text="{{ row.village }}"),
                number_cell("{{ row.people }}"),
                Cell(text="{{ row.level_name }}"),
            ]
        ],
        total=[
            Cell(text="Tổng số: {{ lines }} vấn đề", span=3, bold=True),
            Cell(text="{{ people }}", align=ALIGN.CENTER, bold=True),
            Cell(text=""),
        ],
    )
    close(document)
    signature(document)
    return document


def _speakers() -> Any:
    document = page(landscape=True)
    head(document, kind=None)
    title(document, "DANH SÁCH", "Đăng ký phát biểu tại {{ title }}")
    mark(document, _INTERNAL)
    body(document, "Thời gian: {{ when }}. Địa điểm: {{ place }}. Chủ trì: {{ chair }}.")
    columns = [
        Column(heading="Thứ tự", width=16),
        Column(heading="Họ và tên", width=52),
        Column(heading="Thôn, tổ dân phố", width=35),
        Column(heading="Nội dung phát biểu", width=93),
        Column(heading="Mã ý kiến", width=26),
        Column(heading="Ghi chú", width=30),
    ]
    list_table(
        document,
        columns,
        "row in rows",
        [
            number_cell("{{ row.number }}"),
            Cell(text="{{ row.name }}"),
            Cell(text="{{ row.village }}"),
            Cell(text="{{ row.matter }}"),
            number_cell("{{ row.code }}"),
            Cell(text="{{ row.state }}"),
        ],
        empty="Chưa có ai đăng ký.",
    )
    close(document, "Danh sách có {{ count }} người đăng ký")
    signature(document)
    return document


def _speakers_public() -> Any:
    document = page(landscape=False)
    head(document, kind=None)
    title(document, "DANH SÁCH", "Nội dung đăng ký phát biểu tại {{ title }}")
    body(document, "Thời gian: {{ when }}. Địa điểm: {{ place }}.")
    columns = [
        Column(heading="Thứ tự", width=18),
        Column(heading="Thôn, tổ dân phố", width=42),
        Column(heading="Nội dung phát biểu", width=105),
    ]
    list_table(
        document,
        columns,
        "row in rows",
        [number_cell("{{ row.number }}"), Cell(text="{{ row.village }}"), Cell(text="{{ row.matter }}")],
        empty="Chưa có ai đăng ký.",
    )
    close(document, "Danh sách có {{ count }} lượt đăng ký; ai chưa đăng ký có thể đăng ký với thư ký tại hội trường")
    signature(document)
    return document


TEMPLATES = {
    "summary_leaders.docx": _summary_leaders,
    "summary_upper.docx": _summary_upper,
    "summary_public.docx": _summary_public,
    "speakers.docx": _speakers,
    "speakers_public.docx": _speakers_public,
}
