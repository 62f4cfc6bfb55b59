"""Which channels the office has given up as lost, as the history has it: the last word on each counts."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from casework.reaching import CHANNEL_LOST
from casework.usecases.work import Work
from storage.records import Act

#: why the identities of a lost channel cannot be reached
REASON = CHANNEL_LOST
LOST, BACK = "channel_lost", "channel_back"


def lost_since(work: Work) -> dict[str, dt.datetime]:
    """Channel -> since when it is given up; a channel that came back is not in it."""
    lost: dict[str, dt.datetime] = {}
    for act in work.session.exec(select(Act).where(col(Act.verb).in_([LOST, BACK])).order_by(col(Act.id))):
        channel = str(act.details.get("channel"))
        if act.verb == LOST:
            lost[channel] = act.at
        else:
            lost.pop(channel, None)
    return lost
