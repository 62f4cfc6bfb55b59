"""A thought spread over several messages: "Nước máy thôn Hạ", a minute later "ba hôm nay đục ngầu"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

#: how long after a message the same sender still goes on with it
GOES_ON_WITHIN = dt.timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One message; without sender or time it stands alone."""

    text: str
    sender: str | None = None
    sent_at: dt.datetime | None = None


def whole_texts(pieces: Sequence[Piece]) -> list[str]:
    """For every message, in the same order, all that its sender wrote in one go, in the order of sending."""
    by_sender: dict[str, list[int]] = {}
    for number, piece in enumerate(pieces):
        if piece.sender and piece.sent_at is not None:
            by_sender.setdefault(piece.sender, []).append(number)
    whole = [piece.text for piece in pieces]
    for numbers in by_sender.values():
        for run in _runs(pieces, numbers):
            text = "\n".join(dict.fromkeys(pieces[number].text for number in run))
            for number in run:
                whole[number] = text
    return whole


def _runs(pieces: Sequence[Piece], numbers: Sequence[int]) -> list[list[int]]:
    timed = sorted((sent_at.timestamp(), number) for number in numbers if (sent_at := pieces[number].sent_at))
    runs: list[list[int]] = []
    last = 0.0
    for at, number in timed:
        if runs and at - last <= GOES_ON_WITHIN.total_seconds():
            runs[-1].append(number)
        else:
            runs.append([number])
        last = at
    return runs
