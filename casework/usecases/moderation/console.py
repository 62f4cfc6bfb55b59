"""A colleague wrote to somebody by hand, in the platform's own console: staff see that it happened."""

from __future__ import annotations

from typing import Final

from sqlmodel import col, or_, select

from casework.clock import local_date
from casework.usecases.access import key_of
from casework.usecases.work import SYSTEM, Work
from storage.records import Act, ChannelIdentity, Opinion, OpinionState

S = OpinionState

#: recorded in the history, without a word of what was written
WRITTEN: Final = "written_in_console"
_CLOSED = (S.ANSWERED, S.DECLINED, S.REDIRECTED, S.WITHDRAWN)


def written_by_hand(work: Work, identity: ChannelIdentity) -> None:
    """A text typed in the console that settles no notice stands in the history of the person's newest open opinion,
    once a local day: who decides on it knows that somebody is talking with the person. Nothing where none is open."""
    mine = [col(Opinion.channel_identity_id) == identity.id]
    if identity.citizen_id is not None:
        mine.append(col(Opinion.citizen_id) == identity.citizen_id)
    opinion = work.session.exec(
        select(Opinion).where(or_(*mine), col(Opinion.state).not_in(_CLOSED)).order_by(col(Opinion.id).desc()).limit(1)
    ).first()
    if opinion is None:
        return
    last = work.session.exec(
        select(Act.at)
        .where(Act.subject == "opinion", Act.subject_id == opinion.id, Act.verb == WRITTEN)
        .order_by(col(Act.id).desc())
        .limit(1)
    ).first()
    if last is None or local_date(last) < local_date(work.now):
        work.record(SYSTEM, WRITTEN, "opinion", key_of(opinion))
