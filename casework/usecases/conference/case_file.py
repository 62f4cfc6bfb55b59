"""Use case: the index of a conference's case file: each opinion with its answer, result and when it was settled."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.codes import spoken
from casework.lifecycle import STATE_NAMES
from casework.names import OUTCOMES
from casework.usecases.documents.after import conference_file
from casework.usecases.documents.after_values import AnswerFile, AskerFile, ConferenceFile, LineFile
from casework.usecases.work import Services
from storage.records import AgendaOutcome, OpinionState


@dataclass(frozen=True, kw_only=True)
class CaseFileRow:
    """One opinion of the file. Internal: it names the asker and quotes the words as they came."""

    line: int
    code: str | None
    received_on: dt.date
    #: what the person agreed to have kept
    name: str | None
    village: str | None
    from_the_floor: bool
    request: str
    #: what was done at the conference
    outcome: str
    answer: str | None
    answer_document: str | None
    #: where the matter stands, or who settles it
    result: str
    settled_on: dt.date | None
    #: level that settles it
    level: str


def case_file(services: Services, staff_id: int, conference_code: str) -> list[CaseFileRow]:
    """Every opinion behind the lines of a conference, in the order of the agenda.

    Raises `NotFound`, or `Forbidden` for staff whose territory is not the whole office.
    """
    file = conference_file(services, staff_id, conference_code)
    return [_row(file, line, asker) for line in file.lines for asker in line.askers]


def _row(file: ConferenceFile, line: LineFile, asker: AskerFile) -> CaseFileRow:
    final = next((answer for answer in reversed(line.answers) if answer.final and answer.published), None)
    return CaseFileRow(
        line=line.position,
        code=spoken(asker.code) if asker.code else None,
        received_on=asker.submitted_on,
        name=asker.name,
        village=asker.village,
        from_the_floor=asker.floor,
        request=asker.words,
        outcome=OUTCOMES[line.outcome],
        answer=final.text if final else line.outcome_note,
        answer_document=_document(final) if final else None,
        result=_result(line, asker),
        settled_on=_settled_on(file, line, final),
        level=line.level_name,
    )


def _document(answer: AnswerFile) -> str:
    """Number and day of the document; of an answer told in person, its day."""
    return f"{answer.document_number or 'trả lời trực tiếp'} ngày {answer.document_date:%d/%m/%Y}"


def _result(line: LineFile, asker: AskerFile) -> str:
    state = STATE_NAMES[OpinionState(asker.state)]
    if line.referral is not None and line.referral.answered_on is None:
        return f"{state} ({line.referral.body})"
    if asker.state == OpinionState.ASSIGNED and line.assignment is not None:
        due = f", hạn {line.assignment.due_on:%d/%m/%Y}" if line.assignment.due_on else ""
        return f"{state} ({line.assignment.agency}{due})"
    return state


def _settled_on(file: ConferenceFile, line: LineFile, final: AnswerFile | None) -> dt.date | None:
    if final is not None:
        return final.document_date
    settled = line.outcome == AgendaOutcome.DECLINED or (line.outcome == AgendaOutcome.ANSWERED and line.outcome_note)
    return file.conference.held_on if settled else None
