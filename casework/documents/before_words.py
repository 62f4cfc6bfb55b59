"""What the templates of plan, request, invitation, notice, programme and house rules can use."""

from __future__ import annotations

from typing import Any

from casework.documents.conference_words import (
    LISTED_LINES,
    annexed_lines,
    as_above,
    bases,
    by_when,
    common,
    contact,
    content,
    listed_lines,
    officials,
    participants,
    programme,
    reply_by,
)
from casework.documents.pen import BLANK_LINE, Pen
from casework.documents.work_plan import parts_of_plan, roman, work_plan
from casework.names import CONFERENCE_FORMS, CONFERENCE_KINDS
from casework.regulations.model import Duty
from casework.usecases.documents.before_facts import BeforeFile

#: rows of an empty form
FORM_ROWS = 4


def plan_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The plan, with the table of work whose dates follow from the regulation."""
    more = parts_of_plan(file, pen)
    count = 6 + len(more)
    return {
        **common(file, pen),
        **_around(file, pen),
        "bases": bases(file),
        "content": content(file, pen),
        "lines": listed_lines(file),
        "annexed": _annexed(file),
        "programme": programme(file, pen, hours=False),
        "notice_by": by_when(file, Duty.PUBLIC_NOTICE, pen, "ngày thông báo công khai"),
        "result_by": by_when(file, Duty.PUBLISH_RESULT, pen, "ngày công khai kết quả"),
        "more_parts": [
            {"heading": f"{roman(7 + n)}. {name.upper()}", "text": text} for n, (name, text) in enumerate(more)
        ],
        "schedule": work_plan(file, pen),
        "schedule_note": _schedule_note(file),
        "schedule_number": roman(count + 1),
        "duties_number": roman(count + 2),
    }


def request_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The letter asking units for the opinions they know."""
    return {
        **common(file, pen),
        "recipients": as_above(file),
        "addressees": "Các cơ quan, đơn vị, tổ chức thành viên của Mặt trận và các Ban công tác Mặt trận "
        f"{file.office_name}",
        "send_to": contact(file, pen),
        "reply_by": reply_by(file, pen),
        "blank_rows": [str(number) for number in range(1, FORM_ROWS + 1)],
    }


def invitation_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The invitation; the invitee is written by hand."""
    pen.left("tên người được mời")
    return {
        **common(file, pen),
        "recipients": ["Như trên"],
        "invitee": BLANK_LINE[:60],
        "content": content(file, pen, listed=False),
        "contact": contact(file, pen),
    }


def notice_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The public notice: when, where, what about, who may come and how, how to send an opinion."""
    told = contact(file, pen)
    return {
        **common(file, pen),
        "bases": bases(file),
        "office": file.office_name,
        "participants": participants(file),
        "attend": _attend(file, pen),
        "send": "nhắn tin qua kênh tiếp nhận ý kiến của Mặt trận, gặp Ban công tác Mặt trận nơi ở, hoặc báo: "
        f"{told}. Gửi {reply_by(file, pen)} để kịp đưa vào nội dung; gửi sau vẫn được trả lời bằng văn bản.",
        "content": content(file, pen),
        "lines": listed_lines(file),
        "annexed": _annexed(file),
        "contact": told,
    }


def programme_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The programme in the regulation's sequence; hours only where they follow from its limits."""
    return {
        **common(file, pen),
        "co_chairs": officials(file, "co_chairs"),
        "programme": programme(file, pen, hours=True),
        "lines": len(file.lines),
        "closing": _about(file, pen),
        "annexed": annexed_lines(file),
    }


def house_rules_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The house rules: the general ones of the template, then what the texts say of conduct."""
    rules = [(rule, text) for text in file.texts for rule in text.conduct if file.kind in rule.kinds]
    return {
        **common(file, pen),
        "secretaries": pen.given(officials(file, "secretaries"), "thư ký hội nghị"),
        "rules": [
            {"number": number, "text": rule.text.rstrip("."), "source": text.citation(rule)}
            for number, (rule, text) in enumerate(rules, start=1)
        ],
    }


def _annexed(file: BeforeFile) -> list[dict[str, Any]]:
    """The agenda behind a plan or a notice, where it is too long to stand in it."""
    return annexed_lines(file) if len(file.lines) > LISTED_LINES and not file.conference.topic else []


def _about(file: BeforeFile, pen: Pen) -> str:
    if file.lines:
        return f"Nội dung đối thoại gồm {len(file.lines)} vấn đề, theo danh mục kèm theo"
    return f"Nội dung đối thoại: {content(file, pen).rstrip('.') if file.conference.topic else content(file, pen)}"


def _around(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    conference = file.conference
    invited = str(conference.invited) if conference.invited is not None else None
    return {
        "form": CONFERENCE_FORMS[conference.form],
        "kind": CONFERENCE_KINDS[conference.kind],
        "co_chairs": pen.given(officials(file, "co_chairs"), "đồng chủ trì") if _wants_co_chairs(file) else "không",
        "secretaries": pen.given(officials(file, "secretaries"), "thư ký hội nghị"),
        "participants": participants(file),
        "invited": pen.given(invited, "số đại biểu dự kiến"),
        "contact": contact(file, pen),
    }


def _schedule_note(file: BeforeFile) -> str:
    own = file.texts[0].document
    return f"Ngày tính theo quy định; cột «Theo» dẫn điều, mục của {own.short or own.title}, hoặc của luật có ghi tên."


def _wants_co_chairs(file: BeforeFile) -> bool:
    return bool(officials(file, "co_chairs")) or any(rule.co_chairs for text in file.texts for rule in text.chair)


def _attend(file: BeforeFile, pen: Pen) -> str:
    if file.conference.form == "in_person":
        return "đến dự trực tiếp; muốn phát biểu thì đăng ký trước với Mặt trận hoặc với thư ký tại hội trường."
    pen.left("đường dẫn dự trực tuyến")
    return f"dự {CONFERENCE_FORMS[file.conference.form]} tại địa chỉ {BLANK_LINE[:40]}"
