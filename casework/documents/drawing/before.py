"""Templates of the documents before the day of a conference: plan, request for opinions, summaries, invitation, public
notice, programme, house rules, list of speakers."""

from __future__ import annotations

from typing import Any

from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from casework.documents.word_parts import (
    addressee,
    body,
    close,
    head,
    mark,
    page,
    repeated,
    section,
    signature,
    tag,
    title,
)
from casework.documents.word_tables import Cell, Column, list_table, ruled_table

_INTERNAL = "BẢN NỘI BỘ - CÓ THÔNG TIN CÁ NHÂN, KHÔNG PHỔ BIẾN"


def _number(text: str) -> Cell:
    return Cell(text=text, align=ALIGN.CENTER)


def _basis(document: Any) -> None:
    """What the document rests on, one line each."""
    repeated(document, "basis in bases", "{{ basis }}", italic=True)


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
            _number("{{ row.number }}"),
            Cell(text="{{ row.work }}"),
            Cell(text="{{ row.who }}"),
            _number("{{ row.by_when }}"),
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
    body(document, "3. Gửi về {{ send_to }} {{ reply_by }}.")
    body(document, "Bà con cũng có thể tự gửi ý kiến qua kênh tin nhắn tiếp nhận ý kiến của Mặt trận.")
    columns = [
        Column(heading="STT", width=12),
        Column(heading="Nội dung ý kiến, kiến nghị (nguyên văn)", width=78),
        Column(heading="Thôn, tổ dân phố", width=30),
        Column(heading="Lĩnh vực", width=25),
        Column(heading="Số người nêu", width=20),
    ]
    list_table(document, columns, "row in blank_rows", [_number("{{ row }}"), *(Cell(text="") for _ in range(4))])
    close(document, "Rất mong nhận được sự phối hợp của các cơ quan, đơn vị")
    signature(document, filed="VT, BTT")
    return document


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
            _number("{{ row.issues }}"),
            _number("{{ row.opinions }}"),
            _number("{{ row.people }}"),
        ],
        empty="Chưa có ý kiến nào.",
        total=[
            Cell(text="Tổng số", bold=True),
            Cell(text="{{ issues }}", align=ALIGN.CENTER, bold=True),
            Cell(text="{{ opinions }}", align=ALIGN.CENTER, bold=True),
            Cell(text="{{ people }}", align=ALIGN.CENTER, bold=True),
        ],
    )
    body(document, "Chia theo thôn, tổ dân phố của người gửi: {{ by_village }}.").paragraph_format.space_before = 76200
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
            _number("{{ asker.code }}"),
            Cell(text="{{ asker.village }}"),
            Cell(text="{{ asker.name }}"),
            _number("{{ asker.submitted_on }}"),
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
    title(document, "BÁO CÁO", "Tổng hợp ý kiến, kiến nghị vượt thẩm quyền cấp xã trước {{ title }}")
    addressee(document, "Kính gửi: {{ addressees }}")
    body(
        document,
        "Qua tiếp nhận ý kiến chuẩn bị {{ title }} (tổ chức {{ when }}), có {{ lines }} vấn đề do {{ people }} lượt "
        "người nêu thuộc thẩm quyền của cấp trên. Đề nghị xem xét, chuyển cơ quan có thẩm quyền và cho biết kết quả "
        "để trả lời từng người đã gửi ý kiến.",
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
                _number("{{ row.number }}"),
                Cell(text="{{ row.title }}{{ row.urgent_mark }}"),
                Cell(text="{{ row.village }}"),
                _number("{{ row.people }}"),
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
    close(document, "Trên đây là các ý kiến, kiến nghị vượt thẩm quyền cấp xã")
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
                _number("{{ row.number }}"),
                Cell(text="{{ row.title }}{{ row.urgent_mark }}"),
                Cell(text="{{ row.village }}"),
                _number("{{ row.people }}"),
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
    repeated(document, "line in lines", "- {{ line.title }}{{ line.facts }};")
    body(
        document,
        "Đơn khiếu nại, tố cáo không giải quyết tại hội nghị này; xin ông/bà gửi đến nơi tiếp công dân để được "
        "hướng dẫn.",
    )
    close(document, "Kính mời ông/bà quan tâm, tham dự. Hỏi thêm: {{ contact }}")
    signature(document)
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
            _number("{{ item.number }}"),
            _number("{{ item.at }}"),
            Cell(text="{{ item.text }}{{ item.length }}"),
            Cell(text="{{ item.by }}"),
        ],
        empty="Quy định không nêu trình tự; người chủ trì quyết định.",
    )
    close(document, "Nội dung đối thoại gồm {{ lines }} vấn đề theo danh mục kèm theo")
    signature(document)
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
            _number("{{ row.number }}"),
            Cell(text="{{ row.name }}"),
            Cell(text="{{ row.village }}"),
            Cell(text="{{ row.matter }}"),
            _number("{{ row.code }}"),
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
        [_number("{{ row.number }}"), Cell(text="{{ row.village }}"), Cell(text="{{ row.matter }}")],
        empty="Chưa có ai đăng ký.",
    )
    close(document, "Danh sách có {{ count }} lượt đăng ký; ai chưa đăng ký có thể đăng ký với thư ký tại hội trường")
    signature(document)
    return document


TEMPLATES = {
    "plan.docx": _plan,
    "opinions_request.docx": _request,
    "summary_leaders.docx": _summary_leaders,
    "summary_upper.docx": _summary_upper,
    "summary_public.docx": _summary_public,
    "invitation.docx": _invitation,
    "public_notice.docx": _public_notice,
    "programme.docx": _programme,
    "house_rules.docx": _house_rules,
    "speakers.docx": _speakers,
    "speakers_public.docx": _speakers_public,
}
