"""The conclusion notice with its annex: every line, what was answered, who answers the rest and by when.

It may be drafted before the conference (Sơn La, art. 8: the notice is prepared beforehand); what is not known yet stays
blank for the pen.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

from casework.clock import vietnamese_date
from casework.document_head import Body
from casework.documents.fill import BLANK_LINE, letterhead
from casework.documents.legal_bases import legal_bases
from casework.documents.line_words import deadline, places, short_result, tally, who_answers
from casework.documents.minutes import paragraphs
from casework.documents.numbers import in_parts, whole
from casework.documents.pen import FEW
from casework.usecases.documents.after_values import ConferenceFile, LineFile
from storage.records import AgendaOutcome

#: lines for a pen where the chair's words are not known yet
_PEN_LINES = 3
#: abbreviation of the kind of document, as the template prints it
_KIND = "TB"


def conclusion_context(
    file: ConferenceFile, number: str | None = None, signed_on: dt.date | None = None
) -> dict[str, Any]:
    """What the template "conclusion_notice.docx" needs. The askers' names and words are not in it."""
    conference = file.conference
    counts = Counter(line.outcome for line in file.lines)
    party = file.chair_body is Body.PARTY_COMMITTEE
    issued = conference.conclusion_number is not None and conference.conclusion_on is not None
    if number is None and issued:
        number, signed_on = conference.conclusion_number, conference.conclusion_on
    elif party:
        # What the Party committee is still to sign is only drafted here.
        number = signed_on = None
    plain, symbol = in_parts(number, _KIND, file.heads[file.chair_body].symbol)
    head = replace(file.heads[file.chair_body], symbol=symbol)
    told = [line.position for line in file.lines if line.outcome == AgendaOutcome.ANSWERED]
    return {
        **letterhead(head, plain, signed_on),
        "party": party,
        "annexed_to": _annexed_to(whole(plain, _KIND, symbol, party=party), signed_on),
        "bases": legal_bases(file.texts),
        "title": conference.title,
        "held": vietnamese_date(conference.held_on),
        "place_held": conference.place,
        "chair": conference.chair,
        "attendance": conference.attendance if conference.attendance is not None else FEW,
        "lines": len(file.lines),
        "people": file.people,
        "answered": counts[AgendaOutcome.ANSWERED],
        "deferred": counts[AgendaOutcome.DEFERRED],
        "declined": counts[AgendaOutcome.DECLINED],
        "pending": counts[AgendaOutcome.PENDING],
        "tally": tally(file.lines),
        "told_in_hall": places(told) if told else "",
        "stopped_why": conference.stopped_why or "",
        "conclusion": paragraphs(conference.conclusion_text) or [BLANK_LINE * 2] * _PEN_LINES,
        "agencies": _agencies(file),
        "annex": [annex_row(line) for line in file.lines],
    }


def annex_row(line: LineFile) -> dict[str, Any]:
    """One line of the annex; nobody is named as an asker."""
    return {
        "number": line.position,
        "title": line.title,
        "village": line.village or "",
        "result": short_result(line, public=True),
        "who": who_answers(line),
        "deadline": deadline(line),
    }


def _agencies(file: ConferenceFile) -> list[dict[str, str]]:
    found: dict[str, list[LineFile]] = {}
    for line in file.lines:
        if line.assignment is not None:
            found.setdefault(line.assignment.agency, []).append(line)
    return [
        {
            "agency": agency,
            "lines": ", ".join(str(line.position) for line in lines),
            "which": places(line.position for line in lines),
            "deadlines": _deadlines(lines),
        }
        for agency, lines in found.items()
    ]


def _deadlines(lines: list[LineFile]) -> str:
    days = sorted({line.assignment.due_on for line in lines if line.assignment and line.assignment.due_on})
    return ", ".join(vietnamese_date(day) for day in days) or FEW * 2


def _annexed_to(number: str | None, day: dt.date | None) -> str:
    if number is None or day is None:
        return f"số {FEW} ngày {FEW}"
    return f"số {number} ngày {vietnamese_date(day)}"
