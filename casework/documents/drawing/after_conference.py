"""Templates of the conference's own papers: minutes, conclusion notice with its annex, public result, case file."""

from __future__ import annotations

from typing import Any

from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.shared import Mm, Pt

from casework.documents.drawing.after_letters import (
    all_letters_end,
    each_letter,
    either_head,
    numbered_from_one,
    optional,
    quoted,
)
from casework.documents.word_parts import (
    body,
    borderless,
    close,
    head,
    keep_row_whole,
    line_of,
    mark,
    page,
    repeated,
    section,
    signature,
    tag,
    text_run,
    text_width,
    title,
)
from casework.documents.word_tables import Cell, Column, list_table, ruled_table


def _minutes() -> Any:
    document = page(landscape=False)
    head(document, kind="BB")
    title(document, "BIÊN BẢN", "{{ title }}")
    mark(document, "BẢN NỘI BỘ - CÓ THÔNG TIN CÁ NHÂN, KHÔNG PHỔ BIẾN")
    body(document, "Hội nghị mở đầu lúc {{ opened }}, tại {{ place_held }}; hình thức: {{ form }}.")
    optional(document, "topic", "Chuyên đề: {{ topic }}.")
    section(document, "I. THÀNH PHẦN")
    body(document, "Chủ trì: {{ chair }}.")
    optional(
        document,
        "deputy",
        "Được ủy quyền chủ trì: {{ deputy }}{% if deputy_reason %} (lý do: {{ deputy_reason }}){% endif %}.",
    )
    optional(document, "co_chairs", "Đồng chủ trì: {{ co_chairs | join('; ') }}.")
    body(document, "Thư ký ghi biên bản: {{ secretaries | join('; ') }}.")
    body(document, "Số người được mời: {{ invited }}; số người dự: {{ attendance }}.")
    section(document, "II. TRÌNH TỰ HỘI NGHỊ")
    tag(document, "{%p if not programme %}")
    body(document, "." * 80)
    tag(document, "{%p endif %}")
    repeated(document, "item in programme", "{{ loop.index }}. {{ item }}")
    section(document, "III. NGƯỜI ĐĂNG KÝ PHÁT BIỂU")
    list_table(
        document,
        [
            Column(heading="Thứ tự", width=16),
            Column(heading="Họ tên", width=40),
            Column(heading="Thôn, tổ dân phố", width=30),
            Column(heading="Nội dung đăng ký", width=54),
            Column(heading="Kết quả", width=25),
        ],
        "speaker in speakers",
        [
            Cell(text="{{ speaker.number }}", align=ALIGN.CENTER),
            Cell(text="{{ speaker.name }}"),
            Cell(text="{{ speaker.village }}"),
            Cell(text="{{ speaker.matter }}"),
            Cell(text="{{ speaker.state }}"),
        ],
        empty="Không có ai đăng ký trước.",
    )
    section(document, "IV. CÁC VẤN ĐỀ TRONG CHƯƠNG TRÌNH")
    _minuted_lines(document, "prepared", "Không có vấn đề nào.")
    section(document, "V. Ý KIẾN NÊU THÊM TẠI HỘI TRƯỜNG")
    _minuted_lines(document, "floor", "Không có ý kiến nêu thêm.")
    optional(document, "floor_waiting", "Ngoài ra, {{ floor_waiting }} ý kiến được tiếp nhận để xem xét theo quy định.")
    section(document, "VI. KẾT LUẬN CỦA NGƯỜI CHỦ TRÌ")
    repeated(document, "line in conclusion", "{{ line }}")
    optional(document, "stopped_why", "Hội nghị dừng trước khi hết chương trình. Lý do: {{ stopped_why }}.")
    optional(document, "failed", "Cuộc đối thoại không thành; biên bản được gửi cấp trên để xin ý kiến.")
    close(
        document,
        "Hội nghị kết thúc lúc ........ giờ ........ cùng ngày. Biên bản đã được đọc lại cho mọi người cùng nghe và "
        "cùng xác nhận",
    )
    _minutes_signatures(document)
    return document


def _minuted_lines(document: Any, lines: str, empty: str) -> None:
    tag(document, f"{{%p if not {lines} %}}")
    body(document, empty, italic=True)
    tag(document, "{%p endif %}")
    tag(document, f"{{%p for line in {lines} %}}")
    body(document, "{{ line.number }}. {{ line.title }} ({{ line.facts }})", bold=True, keep=True)
    tag(document, "{%p for asker in line.askers %}")
    quoted(document, "Người nêu: {{ asker.who }}{{ asker.floor_mark }}. Nguyên văn: “{{ asker.words }}”")
    tag(document, "{%p endfor %}")
    quoted(
        document,
        "{% if line.answered_by %}Người trả lời: {{ line.answered_by }}. Nội dung trả lời: "
        "{% else %}Ghi nhận: {% endif %}{{ line.said }}",
    )
    quoted(document, "Kết quả: {{ line.result }}", italic=True)
    tag(document, "{%p endfor %}")


def _minutes_signatures(document: Any) -> None:
    width = text_width(document)
    table = borderless(document, (width * 0.5, width * 0.5))
    keep_row_whole(table.rows[0])
    left, right = table.rows[0].cells
    line_of(left, "THƯ KÝ", size=13, bold=True, first=True)
    line_of(left, "{%p for secretary in signing_secretaries %}")
    line_of(left, "{{ secretary }}", size=13, bold=True, before=64)
    line_of(left, "{%p endfor %}")
    line_of(right, "NGƯỜI CHỦ TRÌ", size=13, bold=True, first=True)
    line_of(right, "(Ký, ghi rõ họ tên)", size=13, italic=True)


def _conclusion_notice() -> Any:
    document = page(landscape=False)
    either_head(document, kind="TB")
    title(document, "THÔNG BÁO", "Kết luận của người chủ trì tại {{ title }}")
    tag(document, "{%p for basis in bases %}")
    body(document, "Căn cứ {{ basis }}{% if loop.last %}.{% else %};{% endif %}", italic=True)
    tag(document, "{%p endfor %}")
    body(
        document,
        "Ngày {{ held }}, tại {{ place_held }}, {{ chair }} đã chủ trì {{ title }}, với {{ attendance }} người dự. "
        "Hội nghị đối thoại về {{ lines }} vấn đề do {{ people }} lượt người nêu.",
    )
    optional(document, "tally and not pending", "{{ tally }}.")
    optional(document, "stopped_why", "Hội nghị dừng trước khi hết chương trình. Lý do: {{ stopped_why }}.")
    section(document, "1. Kết luận chung")
    repeated(document, "line in conclusion", "{{ line }}")
    tag(document, "{%p if told_in_hall %}")
    section(document, "2. Đã trả lời tại hội nghị")
    body(document, "{{ told_in_hall | capitalize }} của Phụ lục.")
    tag(document, "{%p endif %}")
    section(document, "{% if told_in_hall %}3{% else %}2{% endif %}. Giao việc")
    tag(document, "{%p if not agencies %}")
    body(document, "Chưa giao cơ quan nào.", italic=True)
    tag(document, "{%p endif %}")
    repeated(
        document,
        "one in agencies",
        "{{ one.agency }}: trả lời {{ one.which }} của Phụ lục, hạn {{ one.deadlines }}.",
    )
    close(document, "Kết quả từng vấn đề có trong Phụ lục kèm theo")
    signature(document)
    _landscape_annex(document)
    line = document.add_paragraph()
    text_run(line, "Phụ lục", size=14, bold=True)
    line.alignment = ALIGN.CENTER
    line = document.add_paragraph()
    text_run(line, "KẾT QUẢ TRẢ LỜI CÁC VẤN ĐỀ TẠI HỘI NGHỊ ĐỐI THOẠI", size=14, bold=True)
    line.alignment = ALIGN.CENTER
    line = document.add_paragraph()
    text_run(line, "(Kèm theo Thông báo {{ annexed_to }})", size=13, italic=True)
    line.alignment = ALIGN.CENTER
    line.paragraph_format.space_after = Pt(8)
    list_table(
        document,
        [
            Column(heading="STT", width=13),
            Column(heading="Nội dung", width=80),
            Column(heading="Kết quả, nội dung trả lời", width=89),
            Column(heading="Cơ quan, người trả lời", width=42),
            Column(heading="Thời hạn", width=28),
        ],
        "row in annex",
        [
            Cell(text="{{ row.number }}", align=ALIGN.CENTER),
            Cell(text="{{ row.title }}{% if row.village %} ({{ row.village }}){% endif %}"),
            Cell(text="{{ row.result }}"),
            Cell(text="{{ row.who }}"),
            Cell(text="{{ row.deadline }}", align=ALIGN.CENTER),
        ],
        empty="Chưa có vấn đề nào.",
        total=[
            Cell(text="Cộng: {{ lines }} vấn đề", span=2, bold=True),
            Cell(text="{{ tally }}", span=3, bold=True),
        ],
    )
    return document


def _landscape_annex(document: Any) -> None:
    """A new section on its side, numbered from 1 on its own (decree 30/2020, annex I)."""
    annex = document.add_section()
    annex.orientation = WD_ORIENT.LANDSCAPE
    annex.page_width, annex.page_height = Mm(297), Mm(210)
    numbered_from_one(annex)


def _public_result() -> Any:
    document = page(landscape=False)
    each_letter(document)
    head(document, kind="TB")
    title(document, "THÔNG BÁO", "Kết quả {{ title }}")
    body(
        document,
        "Ngày {{ held }}, tại {{ place_held }}, {{ title }} đã xem xét {{ total }} vấn đề bà con nêu"
        "{% if letter.village %}, trong đó {{ letter.own }} vấn đề của {{ letter.village }}{% endif %}"
        "{% if conclusion %}; kết luận có trong Thông báo {{ conclusion }}{% endif %}.",
    )
    tag(document, "{%p if letter.village %}")
    body(
        document,
        "Bản này dành cho {{ letter.village }}"
        "{% if letter.lines > letter.own %}, kèm {{ letter.lines - letter.own }} việc chung{% endif %}.",
    )
    tag(document, "{%p endif %}")
    optional(document, "letter.tally and not letter.pending", "{{ letter.tally }}.")
    ruled_table(
        document,
        [
            Column(heading="STT", width=12),
            Column(heading="Lĩnh vực", width=25),
            Column(heading="Vấn đề", width=46),
            Column(heading="Kết quả", width=46),
            Column(heading="Cơ quan trả lời, thời hạn", width=36),
        ],
        [
            [
                Cell(text="{{ row.number }}", align=ALIGN.CENTER),
                Cell(text="{{ row.field }}"),
                Cell(text="{{ row.title }} ({{ row.people }} người nêu)"),
                Cell(text="{{ row.result }}"),
                Cell(text="{{ row.who }}{% if row.deadline %}, hạn {{ row.deadline }}{% endif %}"),
            ]
        ],
        parts="letter.parts",
    )
    spaced = document.add_paragraph()
    spaced.paragraph_format.line_spacing = Pt(8)
    optional(document, "contact", "Bà con cần hỏi thêm, xin liên hệ: {{ contact }}.")
    close(document, "Ai đã gửi ý kiến đều được trả lời riêng; bà con giữ mã ý kiến để hỏi lại khi cần")
    signature(document)
    all_letters_end(document)
    return document


def _case_file() -> Any:
    document = page(landscape=False)
    head(document, kind="MLHS")
    title(document, "MỤC LỤC HỒ SƠ", "{{ title }}")
    body(document, "Mã hội nghị: {{ code }}. Ngày họp: {{ held }}. Gồm {{ lines }} vấn đề, {{ opinions }} ý kiến.")
    body(document, "Ngày đóng hồ sơ: {{ closed }}. Lưu đến hết ngày: {{ retain_until }}.")
    list_table(
        document,
        [
            Column(heading="STT", width=13),
            Column(heading="Ngày", width=26),
            Column(heading="Số văn bản", width=38),
            Column(heading="Tên tài liệu", width=58),
            Column(heading="Tờ số", width=15),
            Column(heading="Ghi chú", width=15),
        ],
        "row in rows",
        [
            Cell(text="{{ row.number }}", align=ALIGN.CENTER),
            Cell(text="{{ row.date }}", align=ALIGN.CENTER),
            Cell(text="{{ row.document }}"),
            Cell(text="{{ row.what }}"),
            Cell(text=""),
            Cell(text=""),
        ],
        empty="Chưa ghi nhận tài liệu nào.",
    )
    close(document, "Bảng từng ý kiến, nội dung trả lời và kết quả lưu kèm hồ sơ này")
    signature(document)
    return document


TEMPLATES = {
    "minutes.docx": _minutes,
    "conclusion_notice.docx": _conclusion_notice,
    "public_result.docx": _public_result,
    "case_file.docx": _case_file,
}
