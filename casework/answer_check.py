"""Signs of an evasive answer, for the eyes of whoever approves it: a warning, never a block. Pure."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from casework.public_words import holds_personal_data


class AnswerWarning(StrEnum):
    """What an answer seems to lack, as the approver reads it."""

    HOLLOW = "Có lời hứa chung chung («ghi nhận», «tiếp thu», «quán triệt», «trong thời gian tới»...)."
    NO_ACTION = "Chưa thấy việc cụ thể đã làm hoặc sẽ làm."
    NO_DATE = "Chưa thấy ngày, tháng hay thời hạn nào."
    SHORT = "Câu trả lời rất ngắn."
    NAMES = "Có tên người, số điện thoại hoặc dữ liệu riêng của ai đó."


#: fewer words than this cannot say what, who and when
SHORT_WORDS = 20

_HOLLOW = re.compile(
    r"ghi nhận|tiếp thu|quán triệt|trong thời gian tới|thời gian tới|cơ bản (?:được|đã)|"
    r"nghiên cứu,? xem xét|xem xét,? nghiên cứu|ngày càng tốt hơn|thực hiện tốt hơn|quan tâm hơn nữa|"
    r"nâng cao tinh thần|tăng cường công tác|theo đúng quy định|rút kinh nghiệm",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"kiểm tra|sửa|thay|lắp|xây|trả lại|trả (?:hết|toàn bộ)|hoàn trả|cấp|chi trả|xử phạt|phạt|lập biên bản|yêu cầu|"
    r"ký hợp đồng|thi công|nạo vét|thu gom|làm việc với|gửi văn bản|văn bản số|chuyển (?:tới|đến|đơn|hồ sơ|sở)|gửi "
    r"ảnh|bố trí|tổ chức|rà soát|nối lại|thông báo kết quả|hướng dẫn|nhận hồ sơ|đã chuyển|dừng thu|đình chỉ|bàn giao|"
    r"cử \d|đã nối|bổ sung|đo đạc|cắm mốc|khảo sát|phê bình",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\d{1,2}\s*[/.-]\s*\d{1,2}|tháng\s+\d|năm\s+20\d\d|quý\s+(?:[IV]+|\d)|"
    r"\d+\s*(?:ngày|tuần|tháng|giờ|phút)|thứ\s+(?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|hôm nay|ngày mai",
    re.IGNORECASE,
)


def warnings(text: str, *, promised: bool = False) -> tuple[AnswerWarning, ...]:
    """What to look at before approving this answer; empty when nothing stands out. `promised`: a date is promised
    beside the words."""
    words = unicodedata.normalize("NFC", text)
    found = {
        AnswerWarning.HOLLOW: bool(_HOLLOW.search(words)),
        AnswerWarning.NO_ACTION: not _ACTION.search(words),
        AnswerWarning.NO_DATE: not promised and not _DATE.search(words),
        AnswerWarning.SHORT: len(words.split()) < SHORT_WORDS,
        AnswerWarning.NAMES: holds_personal_data(words),
    }
    return tuple(warning for warning, present in found.items() if present)
