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


def runs_of(pieces: Sequence[Piece]) -> list[tuple[int, ...]]:
    """The places in the list of what one sender wrote in one go, in the order of sending; messages that stand alone
    are left out."""
    by_sender: dict[str, list[tuple[float, int]]] = {}
    for number, piece in enumerate(pieces):
        if piece.sender and piece.sent_at is not None:
            by_sender.setdefault(piece.sender, []).append((piece.sent_at.timestamp(), number))
    runs: list[list[int]] = []
    for sent in by_sender.values():
        last: float | None = None
        for at, number in sorted(sent):
            if last is not None and at - last <= GOES_ON_WITHIN.total_seconds():
                runs[-1].append(number)
            else:
                runs.append([number])
            last = at
    return [tuple(run) for run in runs if len(run) > 1]
