"""How each way a call to the Zalo Bot Platform can fail counts (docs "error_code"): the table, and its reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from bot.channels.posting import AnswerLost, CallFailed, NotSent
from bot.channels.zalo_bot.client import NotZalo, Refused
from bot.channels.zalo_bot.refusals import Refusals
from casework.talk import Outcome, OutcomeKind

K = OutcomeKind


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one `error_code` means for a message."""

    kind: OutcomeKind
    #: for staff
    detail: str
    #: whether Zalo's own words tell more than `detail`
    quote: bool = False


TABLE: Final[dict[int, Row]] = {
    400: Row(kind=K.REJECTED, detail="Zalo Bot không nhận tin này: tham số không đúng.", quote=True),
    401: Row(kind=K.CHANNEL_DOWN, detail="Zalo Bot không nhận mã bot: kiểm tra DOITHOAI_ZALO_BOT_TOKEN."),
    # Documented as "internal server error"; `Refusals` tells when it is the person.
    403: Row(kind=K.RETRY_LATER, detail="Zalo Bot báo lỗi 403, chưa gửi được.", quote=True),
    404: Row(
        kind=K.CHANNEL_DOWN, detail="Zalo Bot không có địa chỉ này: kiểm tra DOITHOAI_ZALO_BOT_BASE_URL và mã bot."
    ),
    # Documented for a long poll only. On a send nobody knows what was done before the time was up.
    408: Row(kind=K.UNKNOWN, detail="Zalo Bot hết giờ khi đang gửi: tin có thể đã tới hoặc chưa."),
    426: Row(kind=K.REJECTED, detail="Zalo Bot báo thử webhook quá thường xuyên (426).", quote=True),
    429: Row(kind=K.THROTTLED, detail="Zalo Bot yêu cầu gửi chậm lại."),
}
STOPPED: Final = Row(
    kind=K.RECIPIENT_STOPPED, detail="Zalo Bot không gửi được tới người này: có thể đã chặn hoặc xóa bot.", quote=True
)
QUOTA_SPENT: Final = Row(kind=K.WINDOW_CLOSED, detail="Zalo Bot đã hết số tin được gửi trong tháng.")
SERVER_FAULT: Final = Row(kind=K.UNKNOWN, detail="Zalo Bot báo lỗi máy chủ: tin có thể đã tới hoặc chưa.", quote=True)
UNKNOWN_CODE: Final = Row(kind=K.REJECTED, detail="Zalo Bot báo lỗi chưa biết: cần người xem.", quote=True)


def outcome_of(error: CallFailed | Refused, *, chat: str, refusals: Refusals) -> Outcome:
    """The outcome a failed send to `chat` ends in."""
    match error:
        case Refused():
            return _refused(error, chat, refusals)
        case NotSent():
            return Outcome(kind=K.RETRY_LATER, detail=f"Không kết nối được tới Zalo Bot ({error}).")
        case NotZalo():
            return Outcome(kind=K.CHANNEL_DOWN, detail=f"Mạng hoặc proxy chặn đường tới Zalo Bot ({error}).")
        case AnswerLost():
            detail = f"Mất câu trả lời của Zalo Bot: tin có thể đã tới hoặc chưa ({error})."
            return Outcome(kind=K.UNKNOWN, detail=detail)
        case _:
            return Outcome(kind=K.UNKNOWN, detail="Lỗi bất ngờ khi gửi qua Zalo Bot.")


def _refused(error: Refused, chat: str, refusals: Refusals) -> Outcome:
    row, wait = row_of(error.code), None
    if error.code == 403 and refusals.is_the_person(chat):
        row = STOPPED
    elif error.code == 429:
        wait = refusals.wait(error.description, error.retry_after)
        row = QUOTA_SPENT if wait is None else row
    # The platform's words may name the chat.
    said = error.description.replace(chat, "***")
    code = "?" if error.code is None else str(error.code)
    quoted = f" ({code}: {said})" if row.quote and said else f" ({code})"
    return Outcome(kind=row.kind, detail=row.detail + quoted, code=code, retry_after=wait)


def row_of(code: int | None) -> Row:
    """The row of a code; every code has one."""
    if code is not None and 500 <= code <= 599:
        return SERVER_FAULT
    return TABLE.get(code, UNKNOWN_CODE) if code is not None else UNKNOWN_CODE
