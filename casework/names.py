"""Vietnamese names of the states staff read in tables, documents and cards: one home for each."""

from __future__ import annotations

from storage.records import AgendaOutcome, AnswerState, ConferenceState

CONFERENCE_STATES: dict[str, str] = {
    ConferenceState.PLANNED: "đã lên kế hoạch",
    ConferenceState.AGENDA_SET: "đã có nội dung",
    ConferenceState.HELD: "đã họp",
    ConferenceState.CONCLUDED: "đã kết luận",
    ConferenceState.FAILED: "đối thoại không thành",
    ConferenceState.CANCELLED: "đã hủy",
}

OUTCOMES: dict[str, str] = {
    AgendaOutcome.PENDING: "chưa ghi",
    AgendaOutcome.ANSWERED: "đã trả lời tại hội nghị",
    AgendaOutcome.DEFERRED: "trả lời bằng văn bản",
    AgendaOutcome.DECLINED: "không đối thoại",
}

ANSWER_STATES: dict[str, str] = {
    AnswerState.DRAFT: "đang soạn",
    AnswerState.APPROVED: "đã duyệt",
    AnswerState.PUBLISHED: "đã gửi",
}
