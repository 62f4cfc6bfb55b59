"""Promise 1: what a citizen sent is kept and dealt with, or set aside for a stated reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sqlmodel import col, select

from casework.doctor.finding import Finding, breach
from casework.usecases.work import Work
from storage.records import Conversation, InboxEntry, InboxStatus, Opinion, Wording

#: a message that waits longer has been forgotten, or nobody runs the program
PATIENCE = dt.timedelta(minutes=15)


def messages_are_dealt_with(work: Work) -> Iterator[Finding]:
    """Every message in the inbox is handled, ignored, quarantined, or has only just come."""
    rows = work.session.exec(
        select(InboxEntry.id)
        .where(InboxEntry.status == InboxStatus.RECEIVED, col(InboxEntry.received_at) < work.now - PATIENCE)
        .order_by(col(InboxEntry.id))
    )
    for entry_id in rows:
        yield breach("inbox_entry", entry_id, "tin đã nhận nhưng chưa xử lý (doithoai run có đang chạy không?)")
    known = [str(status) for status in InboxStatus]
    for entry_id, status in work.session.exec(
        select(InboxEntry.id, InboxEntry.status).where(col(InboxEntry.status).not_in(known))
    ):
        yield breach("inbox_entry", entry_id, f"tình trạng lạ «{status}»")


def nothing_is_set_aside_without_a_reason(work: Work) -> Iterator[Finding]:
    """Ignored and quarantined messages say why."""
    rows = work.session.exec(
        select(InboxEntry.id, InboxEntry.status)
        .where(
            col(InboxEntry.status).in_([InboxStatus.QUARANTINED, InboxStatus.IGNORED]),
            (col(InboxEntry.reason).is_(None)) | (InboxEntry.reason == ""),
        )
        .order_by(col(InboxEntry.id))
    )
    for entry_id, status in rows:
        kind = "để riêng" if status == InboxStatus.QUARANTINED else "bỏ qua"
        yield breach("inbox_entry", entry_id, f"tin bị {kind} mà không ghi lý do")


def talks_are_woken(work: Work) -> Iterator[Finding]:
    """A talk that collects several messages into one opinion is woken when its time has come."""
    rows = work.session.exec(
        select(Conversation.id).where(col(Conversation.wake_at) < work.now - PATIENCE).order_by(col(Conversation.id))
    )
    for conversation_id in rows:
        yield breach("conversation", conversation_id, "cuộc trò chuyện đến giờ mà chưa được xử lý tiếp")


def opinions_have_words(work: Work) -> Iterator[Finding]:
    """Every opinion holds its words, and the wording it came with."""
    rows = work.session.exec(
        select(Opinion.id)
        .outerjoin(Wording, (col(Wording.opinion_id) == col(Opinion.id)) & (col(Wording.author) == "citizen"))
        .where((col(Wording.id).is_(None)) | (Opinion.original_text == ""))
        .distinct()
        .order_by(col(Opinion.id))
    )
    for opinion_id in rows:
        yield breach("opinion", opinion_id, "không còn lời gốc của người gửi")
