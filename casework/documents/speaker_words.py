"""What the templates of the list of speakers can use: with names for the chair, without for the notice board."""

from __future__ import annotations

from typing import Any

from casework.codes import spoken
from casework.documents.conference_words import TITLE_LIMIT, common
from casework.documents.pen import UNNAMED, Pen
from casework.public_words import MASK, name_free, one_line
from casework.usecases.documents.before_facts import BeforeFile, Speaker
from storage.records import SpeakerState

#: code points of what somebody registered to say: for the chair, and where everybody reads it
MATTER_LIMIT, PUBLIC_MATTER_LIMIT = 1_200, 160

_STATES = {
    SpeakerState.REGISTERED: "mới đăng ký",
    SpeakerState.CONFIRMED: "đã xác nhận",
    SpeakerState.SPOKEN: "đã phát biểu",
    SpeakerState.ABSENT: "vắng",
}


def speakers_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """Who speaks when about what, for the chair and the secretaries."""
    return {
        **common(file, pen),
        "rows": [{**_speaker(one), "name": one.name or UNNAMED, "code": _code(one)} for one in file.speakers],
        "count": len(file.speakers),
    }


def public_speakers_words(file: BeforeFile, pen: Pen) -> dict[str, Any]:
    """The same for the notice board: no name, no code; the title of the issue where one is known, else what was
    registered, shortened and without personal data."""
    own_words = [str(one.position or "?") for one in file.speakers if not one.issue_title]
    if own_words:
        pen.left(f"đọc lại lời người đăng ký trước khi niêm yết (thứ tự {', '.join(own_words)})")
    return {
        **common(file, pen),
        "rows": [{**_speaker(one), "matter": _public_matter(one)} for one in file.speakers],
        "count": len(file.speakers),
    }


def _public_matter(one: Speaker) -> str:
    if one.issue_title:
        return one_line(one.issue_title, TITLE_LIMIT)
    words = one.matter.replace(one.name, MASK) if one.name else one.matter
    return one_line(name_free(words), PUBLIC_MATTER_LIMIT)


def _speaker(one: Speaker) -> dict[str, Any]:
    return {
        "number": one.position or "",
        "village": one.village or "",
        "matter": one_line(one.matter, MATTER_LIMIT),
        "state": _STATES.get(SpeakerState(one.state), ""),
    }


def _code(one: Speaker) -> str:
    return spoken(one.opinion_code) if one.opinion_code else ""
