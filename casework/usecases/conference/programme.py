"""Use case: the programme of a conference, in the sequence its regulation sets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from casework.conference_life.planning import source
from casework.names import PARTIES
from casework.regulations.model import ConferenceKind, Party
from casework.regulations.reading import programme_for
from casework.usecases.access import VIEWERS, require
from casework.usecases.conference.issues import find_conference
from casework.usecases.deadlines.obligations import texts_of
from casework.usecases.work import Services

_OTHERS = {
    "secretary": "thư ký",
    "speakers": "người đăng ký phát biểu",
    "master_of_ceremonies": "người dẫn chương trình",
}
_START = re.compile(r"(\d{1,2}) giờ (\d{2})")


@dataclass(frozen=True, kw_only=True)
class ProgrammePoint:
    """One point of the programme; its hour only while the text fixes how long everything before it takes."""

    number: int
    starts_at: str | None
    text: str
    by: str
    at_most_minutes: int | None
    source: str


def programme_of(services: Services, staff_id: int, conference_code: str) -> list[ProgrammePoint]:
    """The points in order, from the first text that sets a sequence; empty when none does.

    Raises `NotFound`, `Forbidden`.
    """
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        texts = texts_of(conference)
        items = programme_for(texts, ConferenceKind(conference.kind))
        match = _START.fullmatch(conference.starts_at or "")
        minute = int(match[1]) * 60 + int(match[2]) if match else None
        points = []
        for number, item in enumerate(items, start=1):
            points.append(
                ProgrammePoint(
                    number=number,
                    starts_at=f"{minute // 60} giờ {minute % 60:02d}" if minute is not None else None,
                    text=item.text,
                    by=_OTHERS[item.by] if item.by in _OTHERS else PARTIES[Party(item.by)],
                    at_most_minutes=item.at_most_minutes,
                    source=next(source(text, item) for text in texts if item in text.programme),
                )
            )
            if minute is not None:
                minute = minute + item.at_most_minutes if item.at_most_minutes else None
        return points
