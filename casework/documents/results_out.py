"""The public notice of results, by village and field, naming nobody; and the list of what the case file holds."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from casework.clock import vietnamese_date
from casework.document_head import Body
from casework.documents.fill import letterhead
from casework.documents.line_words import deadline, short_result, standing, tally, who_answers
from casework.documents.pen import FEW
from casework.names import PARTIES, STEP_NAMES
from casework.public_words import name_free, one_line
from casework.regulations.model import Party, Step
from casework.topics import FIELDS
from casework.usecases.documents.after_values import AnswerFile, ConferenceFile, LineFile
from storage.records import AgendaOutcome

#: heading of what concerns no single village
WHOLE_PLACE = "Việc chung của nhiều thôn, tổ dân phố"
_FIELD_ORDER = {name: place for place, (name, _) in enumerate(FIELDS)}
_TITLE_LIMIT = 600


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One public notice: for the board of the whole place, or for the head of one village."""

    #: empty: for everybody
    village: str
    #: lines under their heading
    parts: Sequence[tuple[str, Sequence[LineFile]]]


def villages_of(file: ConferenceFile) -> list[tuple[str, tuple[LineFile, ...]]]:
    """Lines under their village, villages in the office's order, then what concerns the whole place."""
    known = [(village, tuple(line for line in file.lines if line.village == village)) for village in file.villages]
    whole = tuple(line for line in file.lines if line.village not in file.villages)
    return [(name, lines) for name, lines in (*known, (WHOLE_PLACE, whole)) if lines]


def for_village(
    villages: Sequence[tuple[str, Sequence[LineFile]]], wanted: str
) -> list[tuple[str, Sequence[LineFile]]]:
    """What the head of one village gets: the village's own lines, and those that concern the whole place."""
    return [(name, lines) for name, lines in villages if name in (wanted, WHOLE_PLACE)]


def public_result_context(
    file: ConferenceFile,
    notices: Sequence[Notice],
    number: str | None = None,
    signed_on: dt.date | None = None,
) -> dict[str, Any]:
    """What "public_result.docx" needs.

    Nobody is named, nobody quoted; personal data in answers is masked.
    """
    conference, head = file.conference, file.heads[Body.PEOPLE_COMMITTEE]
    return {
        **letterhead(head, number, signed_on),
        "recipients": [*head.recipients, f"{_first_up(PARTIES[Party.VILLAGE_HEAD])} (niêm yết, báo cho bà con)"],
        "title": conference.title,
        "held": vietnamese_date(conference.held_on),
        "place_held": conference.place,
        "conclusion": (
            f"số {conference.conclusion_number} ngày {vietnamese_date(conference.conclusion_on)}"
            if conference.conclusion_number and conference.conclusion_on
            else ""
        ),
        "total": len(file.lines),
        "letters": [_notice(one) for one in notices],
        "contact": file.contact,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    shown = [line for _, lines in notice.parts for line in lines]
    counts = Counter(line.outcome for line in shown)
    return {
        "village": notice.village,
        "lines": len(shown),
        "own": sum(len(lines) for name, lines in notice.parts if name == notice.village),
        "tally": tally(shown),
        "answered": counts[AgendaOutcome.ANSWERED],
        "deferred": counts[AgendaOutcome.DEFERRED],
        "declined": counts[AgendaOutcome.DECLINED],
        "pending": counts[AgendaOutcome.PENDING],
        "parts": [
            {"field": name, "rows": [_public_row(line) for line in _by_field(lines)]} for name, lines in notice.parts
        ],
    }


def case_file_context(
    file: ConferenceFile, number: str | None = None, signed_on: dt.date | None = None
) -> dict[str, Any]:
    """What "case_file.docx" needs: the papers of the case file in order of date, and the figures of its cover."""
    conference = file.conference
    rows = sorted(_papers(file), key=lambda row: (row[0] or dt.date.max, row[2]))
    return {
        **letterhead(file.heads[Body.FRONT], number, signed_on),
        "title": conference.title,
        "code": conference.code,
        "held": vietnamese_date(conference.held_on),
        "lines": len(file.lines),
        "opinions": sum(len(line.askers) for line in file.lines),
        "closed": vietnamese_date(conference.closed_on) if conference.closed_on else FEW * 2,
        "retain_until": vietnamese_date(conference.retain_until) if conference.retain_until else FEW * 2,
        "rows": [
            {
                "number": place,
                "date": vietnamese_date(day) if day else "",
                "document": document,
                "what": what,
            }
            for place, (day, document, what) in enumerate(rows, start=1)
        ],
    }


def _by_field(lines: Sequence[LineFile]) -> list[LineFile]:
    return sorted(lines, key=lambda line: (_FIELD_ORDER.get(line.field_name, len(_FIELD_ORDER)), line.position))


def _public_row(line: LineFile) -> dict[str, Any]:
    return {
        "number": line.position,
        "field": line.field_name,
        "title": one_line(name_free(line.title), _TITLE_LIMIT),
        "people": line.people,
        "result": short_result(line, public=True),
        "who": name_free(who_answers(line)),
        "deadline": deadline(line) if standing(line) != "đã trả lời" else "",
    }


def _answer_name(answer: AnswerFile, line: LineFile) -> str:
    if answer.final:
        return f"Văn bản trả lời của {answer.agency}, mục {line.position}"
    promised = f", hẹn trả lời tiếp ngày {vietnamese_date(answer.promised_on)}" if answer.promised_on else ""
    return f"Văn bản trả lời bước đầu của {answer.agency}, mục {line.position}{promised}"


def _first_up(words: str) -> str:
    """The words with a capital first letter; names among them stay as they are."""
    return words[:1].upper() + words[1:]


def _papers(file: ConferenceFile) -> list[tuple[dt.date | None, str, str]]:
    """Day, number and name of every paper the program knows to exist; none is invented."""
    conference = file.conference
    papers: list[tuple[dt.date | None, str, str]] = [
        (step.done_on, step.document_number or "", _first_up(STEP_NAMES[Step(step.step)])) for step in file.steps
    ]
    if conference.conclusion_on is not None and conference.conclusion_number:
        papers.append((conference.conclusion_on, conference.conclusion_number, "Thông báo kết luận"))
    for line in file.lines:
        for given in line.assignments:
            if given.document_number:
                words = f"Văn bản giao việc cho {given.agency}"
                papers.append((given.assigned_on, given.document_number, words))
        if line.referral is not None and line.referral.document_number:
            words = f"Văn bản chuyển {line.referral.body}"
            papers.append((line.referral.sent_on, line.referral.document_number, words))
        for answer in line.answers:
            if answer.published and answer.document_number != conference.conclusion_number:
                papers.append((answer.document_date, answer.document_number, _answer_name(answer, line)))
    return list(dict.fromkeys(papers))
