"""How opinions and grounds are printed: the rows of `doithoai opinions`."""

from __future__ import annotations

from typing import Any

from casework import cards
from casework.cards import KIND_NAMES, say_ref
from casework.grounds import Ground
from casework.lifecycle import STATE_NAMES
from casework.names import PURPOSES
from casework.topics import LEVEL_NAMES, TOPIC_NAMES
from casework.usecases.delivery.delivery import STATE_NAMES as SENT
from casework.usecases.moderation.queue import WAITING_FOR_US, Label, OpinionView, QueueLine
from nlp.analysis import Level, Topic
from storage.records import DeliveryState, OpinionState

#: columns of a queue printed for people
QUEUE_COLUMNS = {
    "ref": "Mã",
    "section": "Mục",
    "village": "Thôn",
    "topic_name": "Việc",
    "unsure": "Chưa chắc",
    "waiting_days": "Chờ (ngày)",
    "text": "Ý kiến",
}
#: columns of a list of all: what nobody has to decide any more is in no part of the queue
LIST_COLUMNS = {
    "ref": "Mã",
    "queue_part": "Mục",
    "village": "Thôn",
    "topic_name": "Việc",
    "unsure": "Chưa chắc",
    "text": "Ý kiến",
    "state_name": "Hiện",
}
_JUDGED = {"kind": "loại", "topic": "việc", "level": "cấp", "urgent": "khẩn"}
_SECTIONS = {"urgent": "KHẨN", "waiting": "chờ duyệt", "held": "giữ lại", "sealed": "giữ kín"}


def queue_row(line: QueueLine) -> dict[str, Any]:
    """A line of the queue with every field a program may want."""
    unsure = [name for name in _JUDGED if getattr(line, name).unsure]
    return {
        "ref": say_ref(line.ref),
        "id": line.opinion_id,
        "version": line.version,
        "state": line.state,
        "state_name": STATE_NAMES[OpinionState(line.state)],
        "section": _SECTIONS[line.section],
        "queue_part": _SECTIONS[line.section] if line.state in WAITING_FOR_US else "",
        "village": line.village,
        "kind": line.kind.value,
        "topic": line.topic.value,
        "topic_name": TOPIC_NAMES[Topic(line.topic.value)],
        "level": line.level.value,
        "urgent": line.urgent.value == "true",
        "confidence": {name: getattr(line, name).confidence for name in _JUDGED},
        "unsure": unsure,
        "waiting_days": max(line.waiting.days, 0),
        "submitted_at": line.submitted_at,
        "publishable": line.publishable,
        "group": line.group_id,
        "same_as": [str(one.group_id or say_ref(one.ref)) for one in line.suggestions if one.same],
        "text": line.text,
    }


def table_row(line: QueueLine) -> dict[str, Any]:
    """The same line as people read it: what the program is not sure of is said in words."""
    row = queue_row(line)
    row["unsure"] = [_JUDGED[name] for name in row["unsure"]]
    if line.urgent.unsure and row["section"] == _SECTIONS["urgent"]:
        row["section"] = cards.URGENT_PERHAPS
        row["queue_part"] = row["queue_part"] and cards.URGENT_PERHAPS
    return row


def sheet(view: OpinionView) -> dict[str, Any]:
    """Everything a decision needs, labelled as a clerk reads it; empty fields are left out."""
    line = view.line
    told = ", ".join(f"{PURPOSES.get(what, what)} ({SENT[DeliveryState(state)]})" for what, state in view.notices)
    fields: dict[str, Any] = {
        "Mã": f"{say_ref(line.ref)} (bản {line.version})",
        "Hiện": STATE_NAMES[OpinionState(line.state)],
        "Thôn": line.village or "chưa rõ",
        "Nhận": line.submitted_at,
        "Hạn": view.due,
        "Lời gốc": view.original_text,
        "Lời biên tập": view.edited_text,
        "Người gửi": None if line.sealed else view.asker_name,
        "Kèm theo": list(view.files),
        "Loại": _judged(KIND_NAMES[line.kind.value], line.kind),
        "Việc": _judged(TOPIC_NAMES[Topic(line.topic.value)], line.topic),
        "Cấp": _judged(LEVEL_NAMES[Level(line.level.value)], line.level),
        "Vì sao": cards.reasons_line(line),
        "Nơi giải quyết": cards.settled_line(view.settled_by) if view.settled_by else None,
        "Khẩn": _judged("có" if line.urgent.value == "true" else "không", line.urgent),
        "Nội dung": f"{line.group_id} ({view.people} người): {view.title}" if line.group_id else None,
        "Nêu công khai": None if line.sealed else "có" if line.publishable else "người gửi KHÔNG đồng ý",
        "Tên nếu duyệt": None if line.group_id or line.sealed else view.title or "cần anh/chị đặt (--title)",
        "So sánh": "\n".join(cards.suggestion_line(one) for one in line.suggestions),
        "Đã trả lời trước": "\n".join(cards.answered_line(one) for one in view.answered_before),
        "Đã hỏi lại": view.question,
        "Căn cứ": view.ground,
        "Ghi thêm": view.note,
        "Đã báo": told,
        "Lịch sử": cards.history_card(view),
        "Hoàn tác được": view.undoable,
    }
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def _judged(words: str, label: Label) -> str:
    """A label in words, marked where the program is not sure of it: "giao thông (chưa chắc, 55 %)"."""
    if not label.unsure:
        return words
    how_sure = f", {cards.percent(label.confidence)}" if label.confidence is not None else ""
    return f"{words} (chưa chắc{how_sure})"


def ground_row(ground: Ground, regulation: str) -> dict[str, Any]:
    """A ground with what it rests on under this regulation."""
    basis = ground.basis(regulation)
    return {
        "number": ground.number,
        "code": ground.code,
        "name": ground.name,
        "use": ground.use.value,
        "text": ground.text,
        "instead": ground.instead,
        "needs": ground.needs,
        "basis": basis.text,
        "assumed": basis.assumed,
        "assumption": basis.reason,
    }
