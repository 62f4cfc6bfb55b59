"""The minutes of a conference: sequence, who presided and wrote, every line with the askers' own words unchanged."""

from __future__ import annotations

from typing import Any

from casework.clock import vietnamese_date
from casework.document_head import Body
from casework.documents.fill import BLANK, BLANK_LINE, letterhead
from casework.documents.issuer import issuer_of
from casework.documents.line_words import asked_by, flowing, outcome_words, referral_words
from casework.documents.pen import FEW, UNNAMED
from casework.names import CONFERENCE_FORMS, SPEAKER_STATES
from casework.regulations.model import ConferenceKind, Step
from casework.regulations.reading import programme_for
from casework.usecases.documents.after_values import ConferenceFile, LineFile
from storage.records import AgendaOutcome, ConferenceState

#: lines for a pen where nothing was recorded
_PEN_LINES = 3


def minutes_context(file: ConferenceFile, number: str | None = None, signed_on: Any = None) -> dict[str, Any]:
    """What the template "minutes.docx" needs, and nothing cut short: minutes are complete. `file` as it stood on the
    day people met: what was decided later is not in the minutes."""
    conference = file.conference
    officials = conference.officials
    co_chairs = [str(one) for one in officials.get("co_chairs", ())]
    secretaries = [str(one) for one in officials.get("secretaries", ())]
    prepared = [line for line in file.lines if not from_the_floor(line)]
    floor = [line for line in file.lines if from_the_floor(line)]
    return {
        **letterhead(file.heads[_issuer(file)], number, signed_on),
        "title": conference.title,
        "topic": conference.topic or "",
        "opened": _opened(file),
        "place_held": conference.place,
        "form": CONFERENCE_FORMS.get(conference.form, conference.form),
        "chair": conference.chair,
        "deputy": str(officials.get("deputy") or ""),
        "deputy_reason": str(officials.get("deputy_reason") or ""),
        "co_chairs": co_chairs,
        "secretaries": secretaries or [BLANK_LINE] * _secretaries_asked(file),
        "signing_secretaries": secretaries or [BLANK] * _secretaries_asked(file),
        "invited": conference.invited if conference.invited is not None else FEW,
        "attendance": conference.attendance if conference.attendance is not None else FEW,
        "programme": [item.text for item in programme_for(file.texts, ConferenceKind(conference.kind))],
        "speakers": [_speaker(one, place) for place, one in enumerate(file.speakers, start=1)],
        "prepared": [_line(line) for line in prepared],
        "floor": [_line(line) for line in floor],
        "floor_waiting": file.floor_waiting,
        "stopped_why": conference.stopped_why or "",
        "failed": conference.state == ConferenceState.FAILED,
        "conclusion": paragraphs(conference.conclusion_text) or [BLANK_LINE * 2] * _PEN_LINES,
    }


def paragraphs(text: str | None) -> list[str]:
    """The text line by line, empty ones left out."""
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def from_the_floor(line: LineFile) -> bool:
    """Whether everybody behind the line spoke up in the hall."""
    return bool(line.askers) and all(asker.floor for asker in line.askers)


def _issuer(file: ConferenceFile) -> Body:
    conference = file.conference
    numbers = {Step(one.step): one.document_number for one in file.steps if one.document_number}
    return issuer_of(
        file.texts,
        ConferenceKind(conference.kind),
        Step.MINUTES_SIGNED,
        chair=conference.chair,
        numbers=numbers,
    )


def _opened(file: ConferenceFile) -> str:
    conference = file.conference
    hour = conference.starts_at or "...... giờ ......"
    return f"{hour}, ngày {vietnamese_date(conference.held_on)}"


def _secretaries_asked(file: ConferenceFile) -> int:
    return next((rule.count for text in file.texts for rule in text.secretaries if rule.count), 1)


def _speaker(speaker: Any, place: int) -> dict[str, Any]:
    return {
        "number": speaker.position or place,
        "name": speaker.name or UNNAMED,
        "village": speaker.village or "",
        "matter": speaker.matter,
        "state": SPEAKER_STATES[speaker.state],
    }


def _line(line: LineFile) -> dict[str, Any]:
    pending = line.outcome == AgendaOutcome.PENDING
    return {
        "number": line.position,
        "title": line.title,
        "facts": "; ".join(part for part in (line.topic_name, line.village, f"{line.people} người nêu") if part),
        "askers": [
            {
                "who": asked_by(asker),
                "words": flowing(asker.words),
                "floor_mark": " (nêu tại hội trường)" if asker.floor else "",
            }
            for asker in line.askers
        ],
        # Who took note of a line that was put off has not answered it.
        "answered_by": (line.answered_by or BLANK_LINE) if pending or line.outcome == AgendaOutcome.ANSWERED else "",
        "said": line.outcome_note or BLANK_LINE * 2,
        "result": BLANK_LINE if pending else _result(line),
    }


def _result(line: LineFile) -> str:
    given = line.assignment if line.outcome == AgendaOutcome.DEFERRED else None
    parts = [f"Giao {given.agency} trả lời bằng văn bản" if given is not None else outcome_words(line)]
    if line.referral is not None:
        parts.append(referral_words(line))
    return "; ".join(part for part in parts if part)
