"""What papers of a conference share: when and where, what about, who, on what basis. No private name is in it."""

from __future__ import annotations

from typing import Any

from casework.clock import vietnamese_date
from casework.documents.legal_bases import legal_bases
from casework.documents.pen import BLANK_LINE, Pen, unread
from casework.documents.work_plan import due_of
from casework.names import PARTIES
from casework.public_words import one_line
from casework.regulations.model import Duty, ProgrammeItem
from casework.usecases.documents.before_facts import BeforeFile, IssueFile

TITLE_LIMIT = 600
#: lines of an agenda a plan or a notice lists itself
LISTED_LINES = 20

_SPEAKERS = {
    "secretary": "Thư ký",
    "speakers": "Người đăng ký phát biểu",
    "master_of_ceremonies": "Người dẫn chương trình",
}


def common(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """What nearly every paper says of the conference."""
    conference = file.conference
    lines = [one.line for one in file.lines if one.machine_titled and one.line is not None]
    if lines:
        pen.look(unread(lines))
    return {
        "annexed": [],
        "title": conference.title,
        "when": when(file, pen),
        "place": conference.place,
        "chair": conference.chair,
        "today": vietnamese_date(file.today),
    }


def when(file: BeforeFile, pen: Pen) -> str:
    """Hour and day; the hour stays blank until it is known."""
    hour = pen.given(file.conference.starts_at, "giờ họp", "...... giờ ......")
    return f"{hour}, ngày {vietnamese_date(file.conference.held_on)}"


def bases(file: BeforeFile) -> list[str]:
    """The texts a paper rests on, as the decree writes them: a semicolon after each, a full stop after the last."""
    named = [f"Căn cứ {basis}" for basis in legal_bases(file.texts)]
    return [f"{one};" for one in named[:-1]] + [f"{one}." for one in named[-1:]]


def content(file: BeforeFile, pen: Pen, *, listed: bool = True) -> str:
    """What the conference is about: the announced topic, or the issues on its agenda; `listed`: which follow."""
    if file.conference.topic:
        return f"{file.conference.topic.rstrip('.')}."
    if file.lines:
        ending = "." if not listed else ":" if len(file.lines) <= LISTED_LINES else ", theo danh mục kèm theo."
        return f"{len(file.lines)} vấn đề Nhân dân đã gửi ý kiến{ending}"
    pen.left("nội dung đối thoại (chưa lập danh mục)")
    return BLANK_LINE[:60]


def listed_lines(file: BeforeFile) -> list[dict[str, Any]]:
    """The agenda without names, as far as it stands in the paper itself; a long one is a paper of its own."""
    if len(file.lines) > LISTED_LINES or file.conference.topic:
        return []
    return [
        {
            "number": one.line,
            "title": title_of(one),
            "facts": f" ({one.village})" if one.village and one.village.lower() not in one.title.lower() else "",
        }
        for one in file.lines
    ]


def annexed_lines(file: BeforeFile) -> list[dict[str, Any]]:
    """The whole agenda without names, as a list behind the paper."""
    return [{"number": one.line, "title": title_of(one), "village": one.village or ""} for one in file.lines]


def participants(file: BeforeFile) -> str:
    """Who comes: those the texts name, else the people of the place."""
    rules = [rule for text in file.texts for rule in text.eligibility]
    conditions = [one for rule in rules for one in rule.conditions]
    age = max((rule.min_age for rule in rules if rule.min_age), default=None)
    said = ([f"từ đủ {age} tuổi trở lên"] if age else []) + conditions
    people = f"đại biểu được mời và Nhân dân {file.office_name}"
    return f"{people} ({'; '.join(said)})" if said else people


def programme(file: BeforeFile, pen: Pen, *, hours: bool) -> list[dict[str, Any]]:
    """The sequence of the regulation with who does what; `hours`: with the time of each point, where it is known."""
    rows = [
        {
            "number": number,
            "text": item.text.rstrip("."),
            "by": _by(file, item),
            "length": f" (không quá {item.at_most_minutes} phút)" if item.at_most_minutes else "",
            "at": "",
        }
        for number, item in enumerate(file.programme, start=1)
    ]
    if not rows:
        pen.left("trình tự hội nghị (quy định không nêu)")
    elif hours:
        rows[0]["at"] = pen.given(file.conference.starts_at, "giờ họp", "")
        if len(rows) > 1:
            pen.left("giờ của từng phần trong chương trình")
    return rows


def by_when(file: BeforeFile, duty: Duty, pen: Pen, what: str) -> str:
    """ "chậm nhất ngày 21/11/2026", from the regulation."""
    due = due_of(file, duty)
    if due is None or due.due_on is None:
        pen.left(what)
        return "chậm nhất ngày ......"
    return f"chậm nhất ngày {vietnamese_date(due.due_on)}"


def reply_by(file: BeforeFile, pen: Pen) -> str:
    """The last day for opinions: the one set for this conference, else the regulation's."""
    if file.conference.cutoff_on is not None:
        return f"chậm nhất ngày {vietnamese_date(file.conference.cutoff_on)}"
    known = next(
        (duty for duty in (Duty.OPINION_CUTOFF, Duty.FRONT_SUMMARY) if due_of(file, duty)), Duty.OPINION_CUTOFF
    )
    return by_when(file, known, pen, "ngày chốt nhận ý kiến")


def contact(file: BeforeFile, pen: Pen) -> str:
    contact = file.profile.get("contact")
    return pen.given(str(contact) if contact else None, "nơi liên hệ, số điện thoại")


def officials(file: BeforeFile, key: str) -> str:
    named = file.conference.officials.get(key) or ()
    return named if isinstance(named, str) else ", ".join(str(one) for one in named)


def as_above(file: BeforeFile) -> list[str]:
    return ["Như trên", *file.head().recipients]


def title_of(issue: IssueFile) -> str:
    return one_line(issue.title, TITLE_LIMIT).rstrip(". ")


def _by(file: BeforeFile, item: ProgrammeItem) -> str:
    if item.by == "secretary" and (names := officials(file, "secretaries")):
        return f"Thư ký: {names}"
    words = _SPEAKERS.get(str(item.by)) or PARTIES[str(item.by)]
    return words[0].upper() + words[1:]
