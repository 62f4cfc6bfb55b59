"""How each way a call to Telegram can fail counts: the table, and the reading of it.

The texts are those of Telegram's Bot API server. python-telegram-bot lowers their case, so they are matched in lower
case. Rows are tried in order, the special before the general.
"""

from __future__ import annotations

import datetime as dt
import warnings
from dataclasses import dataclass
from typing import Final

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.warnings import PTBDeprecationWarning

from bot.channels.telegram.request import DEFAULT_RETRY_AFTER, NotSent, NotTelegram, Throttled
from casework.talk import Outcome, OutcomeKind

#: longest piece of Telegram's own text kept for staff
_QUOTE_LENGTH: Final = 160


@dataclass(frozen=True, kw_only=True)
class Row:
    """An error of class `error` whose text contains one of `texts` (any text, when there are none)."""

    error: type[TelegramError]
    texts: tuple[str, ...] = ()
    kind: OutcomeKind
    #: for staff
    detail: str
    #: whether Telegram's own text tells more than `detail`
    quote: bool = False


K = OutcomeKind

TABLE: Final = (
    Row(
        error=Forbidden,
        texts=("blocked by the user",),
        kind=K.RECIPIENT_STOPPED,
        detail="Người nhận đã chặn kênh Telegram này.",
    ),
    Row(
        error=Forbidden,
        texts=("user is deactivated",),
        kind=K.RECIPIENT_STOPPED,
        detail="Tài khoản Telegram của người nhận không còn.",
    ),
    Row(
        error=Forbidden,
        texts=("can't initiate conversation",),
        kind=K.RECIPIENT_STOPPED,
        detail="Người nhận chưa bấm Bắt đầu với kênh Telegram này.",
    ),
    Row(
        error=Forbidden,
        texts=("kicked from", "not a member", "group chat was deleted"),
        kind=K.RECIPIENT_STOPPED,
        detail="Bot không còn trong nhóm Telegram: mời bot vào lại nhóm.",
    ),
    Row(error=Forbidden, kind=K.RECIPIENT_STOPPED, detail="Telegram không cho gửi tới người nhận này.", quote=True),
    Row(
        error=BadRequest,
        texts=("message is not modified",),
        kind=K.SENT,
        detail="Tin đã đúng như vậy từ trước.",
    ),
    Row(
        error=BadRequest,
        texts=("chat not found", "peer_id_invalid", "user not found", "chat_id is empty"),
        kind=K.REJECTED,
        detail="Telegram không biết cuộc trò chuyện này: sai số định danh hoặc thuộc về bot khác.",
    ),
    Row(
        error=BadRequest,
        texts=("group is deactivated", "chat_write_forbidden", "not enough rights", "have no rights to send"),
        kind=K.RECIPIENT_STOPPED,
        detail="Bot không được phép gửi tin vào nhóm này: xem lại quyền của bot trong nhóm.",
    ),
    Row(
        error=BadRequest,
        texts=("topic_closed", "topic_deleted", "message thread not found"),
        kind=K.REJECTED,
        detail="Chủ đề trong nhóm Telegram đã đóng hoặc bị xóa: mở lại chủ đề Chung của nhóm.",
    ),
    Row(
        error=BadRequest,
        texts=("query is too old", "query id is invalid"),
        kind=K.REJECTED,
        detail="Lượt bấm nút đã quá cũ.",
    ),
    Row(
        error=BadRequest,
        texts=("message to be replied not found", "message to edit not found", "message to delete not found"),
        kind=K.REJECTED,
        detail="Tin nhắn được nhắc tới không còn.",
    ),
    Row(error=BadRequest, kind=K.REJECTED, detail="Telegram không nhận tin này.", quote=True),
    Row(
        error=InvalidToken,
        kind=K.CHANNEL_DOWN,
        detail="Telegram không nhận mã bot: kiểm tra DOITHOAI_TELEGRAM_TOKEN.",
    ),
    Row(
        error=Conflict,
        kind=K.CHANNEL_DOWN,
        detail="Một chương trình khác đang dùng cùng mã bot: chỉ để một nơi chạy.",
        quote=True,
    ),
    Row(
        error=NotTelegram,
        kind=K.CHANNEL_DOWN,
        detail="Mạng hoặc proxy chặn đường tới Telegram.",
        quote=True,
    ),
    Row(error=NotSent, kind=K.RETRY_LATER, detail="Không kết nối được tới Telegram.", quote=True),
    Row(
        error=TimedOut,
        kind=K.UNKNOWN,
        detail="Telegram không trả lời kịp: tin có thể đã tới hoặc chưa.",
        quote=True,
    ),
    # NetworkError proper (lost answers, 500, 502, 504) and whatever the library may raise besides.
    Row(
        error=TelegramError,
        kind=K.UNKNOWN,
        detail="Mất câu trả lời của Telegram: tin có thể đã tới hoặc chưa.",
        quote=True,
    ),
)


def outcome_of(error: TelegramError) -> Outcome:
    """The outcome a failed send ends in."""
    if isinstance(error, ChatMigrated):
        return Outcome(
            kind=K.MIGRATED, new_chat_id=str(error.new_chat_id), detail="Nhóm Telegram đã được nâng cấp, có số mới."
        )
    if isinstance(error, Throttled | RetryAfter):
        return Outcome(kind=K.THROTTLED, retry_after=_wait(error), detail="Telegram yêu cầu gửi chậm lại.")
    row = row_of(error)
    detail = f"{row.detail} ({error.message[:_QUOTE_LENGTH]})" if row.quote else row.detail
    return Outcome(kind=row.kind, detail=detail)


def row_of(error: TelegramError) -> Row:
    """The first row that fits; the last row fits every error."""
    text = error.message.lower()
    return next(
        row
        for row in TABLE
        if isinstance(error, row.error) and (not row.texts or any(wanted in text for wanted in row.texts))
    )


def is_lost_reply_target(error: BadRequest) -> bool:
    """Whether only the message replied to (or its topic) is missing: worth one more try without it."""
    gone = ("replied not found", "message thread not found", "reply_message_id_invalid")
    return any(text in error.message.lower() for text in gone)


def _wait(error: Throttled | RetryAfter) -> float:
    if isinstance(error, Throttled):
        return error.seconds
    with warnings.catch_warnings():
        # The library announces that this number becomes a timedelta; both are read here.
        warnings.simplefilter("ignore", PTBDeprecationWarning)
        wait = error.retry_after
    seconds = wait.total_seconds() if isinstance(wait, dt.timedelta) else float(wait)
    return seconds if seconds > 0 else DEFAULT_RETRY_AFTER
