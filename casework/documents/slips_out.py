"""What the templates of slips and of the list to sign off need, from plain values; long texts dealt out over halves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from casework.clock import vietnamese_date
from casework.codes import parse_code, spoken
from casework.document_head import DocumentHead
from casework.documents.drawing.slips import FOOT_SIZE, FULL_COLUMN, LOWER_BODY, QR_WIDTH, TEXT_SIZE
from casework.documents.fill import Picture
from casework.documents.half_pages import parted, wrapped
from casework.wording import say

#: mm: a line of Times New Roman in the size of the text and of the foot; the white above a paragraph
_LINE, _FOOT_LINE, _ABOVE = TEXT_SIZE * 1.15 * 25.4 / 72, FOOT_SIZE * 1.15 * 25.4 / 72, 3 * 25.4 / 72
#: mm kept free below the text
_SPARE = 4.0
#: mm: what a cell keeps to its left and right
_CELL = 4.0
_WIDTH = FULL_COLUMN - _CELL


@dataclass(frozen=True, kw_only=True)
class SlipPaper:
    """One notice as its slip says it."""

    heading: str
    #: receipt code, or "#number" while the opinion is sealed
    ref: str
    village: str | None
    #: what the person asked; empty while sealed
    about: str
    paragraphs: Sequence[str]
    #: whom to ask, where else to read it, what to do when it does not help
    foot: Sequence[str]
    #: picture of the code that opens the answer's page
    qr: Path | None = None


@dataclass(frozen=True, kw_only=True)
class SignOffRow:
    """One person on the list to sign: by code, with the name where it may be kept."""

    ref: str
    name: str | None
    village: str | None
    #: papers under this code
    slips: int


def slips_context(head: DocumentHead, slips: Sequence[SlipPaper]) -> dict[str, Any]:
    """What "answer_slips.docx" needs: sheets of two halves; who has much to read gets several, each with its code."""
    halves = [half for slip in slips for half in _halves(slip)]
    sheets = [
        {"upper": halves[place], "lower": halves[place + 1] if place + 1 < len(halves) else None}
        for place in range(0, len(halves), 2)
    ]
    return {"issuer": " ".join(head.issuer.split()), "sheets": sheets}


def sign_off_context(rows: Sequence[SignOffRow], *, village: str, made_on: dt.date) -> dict[str, Any]:
    """What "sign_off_list.docx" needs."""
    return {
        "village": village,
        "made_on": vietnamese_date(made_on),
        "rows": [
            {
                "number": number,
                "code": said(row.ref) + (f" ({row.slips} phiếu)" if row.slips > 1 else ""),
                "name": row.name or "",
                "village": row.village or "",
            }
            for number, row in enumerate(rows, start=1)
        ],
    }


def said(ref: str) -> str:
    """A receipt code in its two groups; the number of a sealed opinion as it is."""
    return spoken(ref) if parse_code(ref) else ref


def _halves(slip: SlipPaper) -> list[dict[str, Any]]:
    texts = _dealt(slip)
    return [
        {
            "heading": slip.heading,
            "code": said(slip.ref),
            "place": _place(slip, part, len(texts)),
            "about": slip.about if part == 1 else "",
            "lines": lines,
            "foot": list(slip.foot) if part == len(texts) else [say("slip.goes_on")],
            "qr": _picture(slip) if part == 1 else None,
        }
        for part, lines in enumerate(texts, start=1)
    ]


def _dealt(slip: SlipPaper) -> list[list[str]]:
    """The paragraphs of each half, so that the foot fits on the last one."""
    foot = _height(slip.foot, size=FOOT_SIZE, line=_FOOT_LINE)
    about = _height([f"Việc ông/bà hỏi: {slip.about}"], size=TEXT_SIZE, line=_LINE) if slip.about else 0.0
    goes_on = _height([say("slip.goes_on")], size=FOOT_SIZE, line=_FOOT_LINE)
    texts: list[list[str]] = []
    for below in (goes_on, foot):
        room = LOWER_BODY - _SPARE - below
        texts = parted(
            slip.paragraphs,
            rooms=[(room - about) / _LINE, room / _LINE],
            size=TEXT_SIZE,
            width=_WIDTH,
            gap=_ABOVE / _LINE,
        )
        above = about if len(texts) == 1 else 0.0
        if above + _height(texts[-1], size=TEXT_SIZE, line=_LINE) + foot <= LOWER_BODY - _SPARE:
            break
    return texts


def _place(slip: SlipPaper, part: int, parts: int) -> str:
    of_several = [say("slip.part", part=part, parts=parts)] if parts > 1 else []
    return " ".join([*([slip.village] if slip.village else []), *of_several])


def _picture(slip: SlipPaper) -> Picture | None:
    if slip.qr is None:
        return None
    return Picture(path=slip.qr, width=QR_WIDTH, alt=f"Mã QR mở trang trả lời của mã {said(slip.ref)}")


def _height(paragraphs: Sequence[str], *, size: float, line: float) -> float:
    return sum(len(wrapped(one, size=size, width=_WIDTH)) * line + _ABOVE for one in paragraphs)
