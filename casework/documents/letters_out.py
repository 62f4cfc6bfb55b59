"""Letters that leave after the conference, one per addressee: to the agency, to the asker, to another body.

Each context holds `letters`; a template repeats itself for each, on pages of its own. A letter to an asker names
nobody but that asker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.document_head import Body, DocumentHead, body_of_number
from casework.documents.fill import BLANK_LINE, letterhead
from casework.documents.line_words import CELL_LIMIT, codes, flowing
from casework.documents.numbers import in_parts
from casework.documents.pen import FEW
from casework.names import PARTIES
from casework.public_words import name_free, one_line
from casework.regulations.model import Party
from casework.usecases.documents.after_letters import AnswerLetter, RedirectLetter
from casework.usecases.documents.after_values import ConferenceFile, LineFile

#: abbreviation of the kind of document, as the template prints it
_ASSIGNMENT = "TB"


def assignment_context(
    file: ConferenceFile,
    agencies: Sequence[tuple[str, Sequence[LineFile]]],
    number: str | None = None,
    signed_on: dt.date | None = None,
) -> dict[str, Any]:
    """What "assignment_notice.docx" needs: one letter per agency with its lines and their due date."""
    conference = file.conference
    recorded = {
        letter
        for _, lines in agencies
        for line in lines
        if line.assignment is not None and (letter := file.letter_of(line.assignment)) is not None
    }
    if number is None and len(recorded) == 1:
        ((number, signed_on),) = recorded
    body = body_of_number(number) or file.chair_body
    party = body is Body.PARTY_COMMITTEE
    if party and not recorded:
        # What the Party committee is still to sign is only drafted here.
        number = signed_on = None
    plain, symbol = in_parts(number, _ASSIGNMENT, file.heads[body].symbol)
    head = replace(file.heads[body], symbol=symbol)
    return {
        **letterhead(head, plain, signed_on),
        "party": party,
        "title": conference.title,
        "held": vietnamese_date(conference.held_on),
        "conclusion": _conclusion_words(file),
        "letters": [
            {
                "agency": agency,
                "recipients": [agency, *head.recipients],
                "rows": [_assigned_row(line) for line in lines],
                "dates": _date_sentences(lines),
                "report_to": _report_to(lines),
            }
            for agency, lines in agencies
        ],
    }


def answer_context(
    head: DocumentHead, letters: Iterable[AnswerLetter], number: str | None = None, signed_on: dt.date | None = None
) -> dict[str, Any]:
    """What "answer_letter.docx" needs: one letter per asker, with the asker's own words and the agency's answer."""
    return {**letterhead(head, number, signed_on), "letters": [_answer_letter(letter) for letter in letters]}


def transfer_context(
    file: ConferenceFile,
    bodies: Sequence[tuple[str, Sequence[LineFile]]],
    number: str | None = None,
    signed_on: dt.date | None = None,
) -> dict[str, Any]:
    """What "transfer_slip.docx" needs: one slip per body that is competent, without the askers' names."""
    return {
        **letterhead(file.heads[Body.FRONT], number, signed_on),
        "title": file.conference.title,
        "held": vietnamese_date(file.conference.held_on),
        "letters": [
            {
                "body": body or BLANK_LINE,
                "recipients": [body, *file.heads[Body.FRONT].recipients] if body else file.heads[Body.FRONT].recipients,
                "rows": [_transferred_row(line) for line in lines],
            }
            for body, lines in bodies
        ],
    }


def redirect_context(
    head: DocumentHead, letter: RedirectLetter, number: str | None = None, signed_on: dt.date | None = None
) -> dict[str, Any]:
    """What "redirect_slip.docx" needs: who sent it and when; never a word of what it says."""
    return {
        **letterhead(head, number, signed_on),
        "who": letter.name or BLANK_LINE,
        "village": letter.village or "",
        "ref": spoken(letter.code) if letter.code else f"#{letter.opinion_id}",
        "received": vietnamese_date(letter.received_on),
        "reason": letter.reason,
        "guidance": letter.guidance,
        "competent": BLANK_LINE,
    }


# --------------------------------------------------------------------------- rows


def _assigned_row(line: LineFile) -> dict[str, Any]:
    due = line.assignment.due_on if line.assignment is not None else None
    return {
        "number": line.position,
        "title": line.title,
        "village": line.village or "",
        "people": line.people,
        "codes": codes(line.askers),
        "said": one_line(name_free(line.outcome_note or ""), CELL_LIMIT),
        "due": vietnamese_date(due) if due is not None else "",
    }


def _date_sentences(lines: Sequence[LineFile]) -> list[str]:
    """Each way a date is counted, said once, with the lines it holds for."""
    found: dict[str, list[int]] = {}
    for line in lines:
        if line.assignment is not None and line.assignment.due is not None:
            found.setdefault(line.assignment.due.explanation, []).append(line.position)
        elif line.assignment is not None and line.assignment.basis:
            found.setdefault(f"Căn cứ: {line.assignment.basis}", []).append(line.position)
    return [f"Mục {', '.join(map(str, positions))}: {sentence.rstrip('. ')}." for sentence, positions in found.items()]


def _report_to(lines: Sequence[LineFile]) -> str:
    """Who must get the result, as the rules behind the dates say; the asker is always among them."""
    named = {
        PARTIES[party]
        for line in lines
        if line.assignment is not None and line.assignment.due is not None
        for party in line.assignment.due.recipients
    }
    asker = PARTIES[Party.ASKER]
    return ", ".join([asker, *sorted(named - {asker})])


def _answer_letter(letter: AnswerLetter) -> dict[str, Any]:
    answer = letter.answer
    return {
        "who": letter.name or "",
        "village": letter.village or "",
        "code": spoken(letter.code),
        "submitted": vietnamese_date(letter.submitted_on),
        "words": flowing(letter.words),
        "agency": answer.agency,
        "document": f"{answer.document_number} ngày {vietnamese_date(answer.document_date)}",
        "paragraphs": [line.strip() for line in answer.text.splitlines() if line.strip()],
        "final": answer.final,
        "forwarded_to": answer.forwarded_to or "",
        "promised": vietnamese_date(answer.promised_on) if answer.promised_on is not None else "",
        "contact": letter.contact,
    }


def _transferred_row(line: LineFile) -> dict[str, Any]:
    return {
        "number": line.position,
        "title": name_free(line.title),
        "village": line.village or "",
        "people": line.people,
        "codes": codes(line.askers),
        "level": line.level_name,
    }


def _conclusion_words(file: ConferenceFile) -> str:
    conference = file.conference
    if conference.conclusion_number and conference.conclusion_on:
        return f"số {conference.conclusion_number} ngày {vietnamese_date(conference.conclusion_on)}"
    return f"số {FEW} ngày {FEW}"
