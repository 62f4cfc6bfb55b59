"""Templates of plan, request for opinions, invitation, public notice, programme and house rules."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from casework.documents.word_parts import addressee, body, close, head, page, repeated, section, signature, tag, title
from casework.documents.word_tables import Cell, Column, list_table, number_cell


def _basis(document: Any) -> None:
    """What the document rests on, one line each."""
    repeated(document, "basis in bases", "{{ basis }}", italic=True)


def _annexed_list(document: Any, paper: str) -> None:
    """The agenda on pages of its own behind a paper that refers to it."""
    tag(document, "{%p if annexed %}")
    heading = body(document, "DANH MỤC NỘI DUNG ĐỐI THOẠI", bold=True, keep=True)
    heading.paragraph_format.page_break_before = True
    for line in (heading, body(document, f"(Kèm theo {paper} trên)", italic=True, keep=True)):
        line.alignment = ALIGN.CENTER
        line.paragraph_format.first_line_indent = 0
    list_table(
        document,
        [
            Column(heading="STT", width=14),
            Column(heading="Vấn đề", width=113),
            Column(heading="Thôn, tổ dân phố", width=38),
        ],
        "line in annexed",
        [number_cell("{{ line.number }}"), Cell(text="{{ line.title }}"), Cell(text="{{ line.village }}")],
    )
    tag(document, "{%p endif %}")


def _plan() -> Any:
    document = page(landscape=False)
    head(document, kind="KH")
    title(document, "KẾ HOẠCH", "Tổ chức {{ title }}")
    _basis(document)
    section(document, "I. MỤC ĐÍCH, YÊU CẦU")
    body(
        document,
        "1. Phát huy quyền làm chủ của Nhân dân; để người đứng đầu cấp ủy, chính quyền trực tiếp lắng nghe, trả lời "
        "và chỉ đạo giải quyết những việc Nhân dân quan tâm.",
    )
    body(
        document,
        "2. Việc đối thoại dân chủ, công khai, khách quan, đúng quy định; mỗi ý kiến gửi đến đều được ghi nhận, "
        "trả lời và thông báo lại cho người gửi.",
    )
    section(document, "II. NỘI DUNG ĐỐI THOẠI")
    body(document, "{{ content }}")
    repeated(document, "line in lines", "{{ line.number }}. {{ line.title }}{{ line.facts }}.")
    section(document, "III. HÌNH THỨC, THỜI GIAN, ĐỊA ĐIỂM")
    for line in (
        "1. Hình thức: {{ form }}; loại hội nghị: {{ kind }}.",
        "2. Thời gian: {{ when }}.",
        "3. Địa điểm: {{ place }}.",
    ):
        body(document, line)
    section(document, "IV. CHỦ TRÌ, THÀNH PHẦN")
    for line in (
        "1. Chủ trì: {{ chair }}.",
        "2. Đồng chủ trì: {{ co_chairs }}.",
        "3. Thư ký: {{ secretaries }}.",
        "4. Thành phần: {{ participants }}.",
        "5. Số đại biểu dự kiến: {{ invited }}.",
    ):
        body(document, line)
    section(document, "V. CHƯƠNG TRÌNH HỘI NGHỊ")
    repeated(document, "item in programme", "{{ item.number }}. {{ item.text }} ({{ item.by }}).")
    section(document, "VI. CÔNG TÁC TUYÊN TRUYỀN")
    body(
        document,
        "Thông báo rộng rãi thời gian, địa điểm, nội dung, cách tham dự và cách gửi ý kiến đến Nhân dân "
        "{{ notice_by }}; công khai kết quả {{ result_by }}.",
    )
    tag(document, "{%p for part in more_parts %}")
    section(document, "{{ part.heading }}")
    body(document, "{{ part.text }}")
    tag(document, "{%p endfor %}")
    section(document, "{{ schedule_number }}. TIẾN ĐỘ THỰC HIỆN")
    body(document, "{{ schedule_note }}", keep=True)
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Công việc", width=55),
        Column(heading="Người, cơ quan thực hiện", width=36),
        Column(heading="Chậm nhất", width=26),
        Column(heading="Theo", width=36),
    ]
    list_table(
        document,
        columns,
        "row in schedule",
        [
            number_cell("{{ row.number }}"),
            Cell(text="{{ row.work }}"),
            Cell(text="{{ row.who }}"),
            number_cell("{{ row.by_when }}"),
            Cell(text="{{ row.source }}"),
        ],
        empty="Chưa có việc nào.",
    )
    section(document, "{{ duties_number }}. TỔ CHỨC THỰC HIỆN")
    body(
        document,
        "Các cơ quan, đơn vị, các Ban công tác Mặt trận và tổ chức thành viên căn cứ kế hoạch này thực hiện đúng "
        "tiến độ; có vướng mắc thì báo: {{ contact }}.",
    )
    close(document, "Trên đây là kế hoạch tổ chức {{ title }}")
    signature(document)
    _annexed_list(document, "Kế hoạch")
    return document


def _request() -> Any:
    document = page(landscape=False)
    head(document, kind="", about="V/v đề nghị cung cấp ý kiến, kiến nghị của Nhân dân phục vụ {{ title }}")
    addressee(document, "Kính gửi: {{ addressees }}")
    body(
        document,
        "Để chuẩn bị {{ title }}, dự kiến tổ chức {{ when }}, tại {{ place }}, do {{ chair }} chủ trì, "
        "{{ issuer_name }} đề nghị các cơ quan, đơn vị, Ban công tác Mặt trận:",
    )
    body(
        document,
        "1. Tập hợp ý kiến, kiến nghị của tổ chức, cá nhân và Nhân dân thuộc địa bàn, lĩnh vực phụ trách; ghi nguyên "
        "văn, không sửa ý của người nêu.",
    )
    body(
        document,
        "2. Mỗi việc ghi một dòng theo mẫu dưới đây. Đơn khiếu nại, tố cáo không đưa vào mẫu này; đề nghị hướng dẫn "
        "người gửi đến nơi tiếp công dân.",
    )
    body(document, "3. Gửi về: {{ send_to }}; {{ reply_by }}.")
    body(document, "Bà con cũng có thể tự gửi ý kiến qua kênh tin nhắn tiếp nhận ý kiến của Mặt trận.")
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Nội dung ý kiến, kiến nghị (nguyên văn)", width=78),
        Column(heading="Thôn, tổ dân phố", width=30),
        Column(heading="Lĩnh vực", width=25),
        Column(heading="Số người nêu", width=20),
    ]
    list_table(document, columns, "row in blank_rows", [number_cell("{{ row }}"), *(Cell(text="") for _ in range(4))])
    close(document, "Rất mong nhận được sự phối hợp của các cơ quan, đơn vị")
    signature(document, filed="VT, BTT")
    return document


def _invitation() -> Any:
    document = page(landscape=False)
    head(document, kind="GM")
    title(document, "GIẤY MỜI", "Dự {{ title }}")
    addressee(document, "Trân trọng kính mời: {{ invitee }}")
    for line in (
        "Đến dự: {{ title }}.",
        "Nội dung: {{ content }}",
        "Chủ trì: {{ chair }}.",
        "Thời gian: {{ when }}.",
        "Địa điểm: {{ place }}.",
    ):
        body(document, line)
    body(
        document,
        "Đại biểu có ý kiến muốn phát biểu, xin đăng ký trước với thư ký hoặc báo: {{ contact }}. Không đến dự được, "
        "xin báo lại theo địa chỉ này.",
    )
    close(document, "Rất hân hạnh được đón tiếp")
    signature(document)
    return document


def _public_notice() -> Any:
    document = page(landscape=False)
    head(document, kind="TB")
    title(document, "THÔNG BÁO", "Về việc tổ chức {{ title }}")
    _basis(document)
    body(document, "{{ issuer_name }} trân trọng thông báo đến toàn thể Nhân dân {{ office }}:")
    for line in (
        "1. Thời gian: {{ when }}.",
        "2. Địa điểm: {{ place }}.",
        "3. Chủ trì: {{ chair }}.",
        "4. Thành phần: {{ participants }}.",
        "5. Cách tham dự: {{ attend }}",
        "6. Cách gửi ý kiến: {{ send }}",
        "7. Nội dung đối thoại: {{ content }}",
    ):
        body(document, line)
    repeated(document, "line in lines", "- {{ line.title }}{{ line.facts }}{% if loop.last %}.{% else %};{% endif %}")
    body(
        document,
        "Đơn khiếu nại, tố cáo không giải quyết tại hội nghị này; xin ông/bà gửi đến nơi tiếp công dân để được "
        "hướng dẫn.",
    )
    close(document, "Kính mời ông/bà quan tâm, tham dự. Hỏi thêm: {{ contact }}")
    signature(document)
    _annexed_list(document, "Thông báo")
    return document


def _programme() -> Any:
    document = page(landscape=False)
    head(document, kind="CTr")
    title(document, "CHƯƠNG TRÌNH", "{{ title }}")
    for line in ("Thời gian: {{ when }}.", "Địa điểm: {{ place }}.", "Chủ trì: {{ chair }}."):
        body(document, line)
    tag(document, "{%p if co_chairs %}")
    body(document, "Đồng chủ trì: {{ co_chairs }}.")
    tag(document, "{%p endif %}")
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Giờ", width=24),
        Column(heading="Nội dung", width=83),
        Column(heading="Người thực hiện", width=46),
    ]
    list_table(
        document,
        columns,
        "item in programme",
        [
            number_cell("{{ item.number }}"),
            number_cell("{{ item.at }}"),
            Cell(text="{{ item.text }}{{ item.length }}"),
            Cell(text="{{ item.by }}"),
        ],
        empty="Quy định không nêu trình tự; người chủ trì quyết định.",
    )
    close(document)
    signature(document)
    _annexed_list(document, "Chương trình")
    return document


def _house_rules() -> Any:
    document = page(landscape=False)
    head(document, kind=None)
    title(document, "NỘI QUY", "{{ title }}")
    section(document, "I. NGƯỜI DỰ HỘI NGHỊ")
    for line in (
        "1. Đến đúng giờ, ngồi đúng nơi quy định; để điện thoại ở chế độ im lặng.",
        "2. Phát biểu theo thứ tự và nội dung đã đăng ký, ngắn gọn, vào thẳng việc; ai chưa đăng ký thì đăng ký với "
        "thư ký: {{ secretaries }}.",
        "3. Nói đúng sự thật và chịu trách nhiệm về điều mình nói; tôn trọng người chủ trì và các đại biểu khác.",
        "4. Đơn khiếu nại, tố cáo không giải quyết tại hội nghị; thư ký hướng dẫn nơi gửi.",
    ):
        body(document, line)
    tag(document, "{%p if rules %}")
    section(document, "II. QUY ĐỊNH ĐANG ÁP DỤNG")
    tag(document, "{%p endif %}")
    repeated(document, "rule in rules", "{{ rule.number }}. {{ rule.text }} ({{ rule.source }}).")
    close(document, "Người chủ trì điều hành hội nghị; mọi người có mặt chấp hành sự điều hành đó")
    signature(document)
    return document


TEMPLATES = {
    "plan.docx": _plan,
    "opinions_request.docx": _request,
    "invitation.docx": _invitation,
    "public_notice.docx": _public_notice,
    "programme.docx": _programme,
    "house_rules.docx": _house_rules,
}
