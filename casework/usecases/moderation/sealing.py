"""The seal on an opinion, one way for all who put it on: the program, the asker's own added words, or staff."""

from __future__ import annotations

from typing import Any, Final

from sqlmodel import col, or_, select

from casework import notices
from casework.usecases.answers.pages import revoke_links
from casework.usecases.citizens import likeness_index
from casework.usecases.conference.speaking import leave_speaking
from casework.usecases.reminders.recalling import recall_about
from casework.usecases.work import Work
from storage.records import Delivery, GroupSuggestion, Opinion

#: what the seal does to the columns: in no list and no group, without a code, compared with nothing (looked at afresh
#: should the seal be lifted)
SEALED: Final[dict[str, Any]] = {
    "sealed": True,
    "code": None,
    "group_id": None,
    **likeness_index.UNREAD,
}


def seal(work: Work, opinion: Opinion) -> list[int]:
    """Seal an opinion that its asker is just changing. Returns the keys of the notices kept back, for the history."""
    hushed = hush(work, opinion)
    for name, value in SEALED.items():
        setattr(opinion, name, value)
    work.session.add(opinion)
    forget_likeness(work, opinion)
    return hushed


def forget_likeness(work: Work, opinion: Opinion) -> None:
    """No proposal names it any more, from either side, and nothing leads to it."""
    likeness_index.forget(work, opinion.id)
    mentions = or_(col(GroupSuggestion.opinion_id) == opinion.id, col(GroupSuggestion.other_opinion_id) == opinion.id)
    for suggestion in work.session.exec(select(GroupSuggestion).where(mentions)):
        work.session.delete(suggestion)


def hush(work: Work, opinion: Opinion) -> list[int]:
    """Whatever has not been sent about an opinion that is now sealed stays unsent: it may quote its words. What is on
    its way at this moment is stopped by `notices.settle_way`. Pages of its answers are closed. Reminders that name it
    are taken back, and whoever is to speak on it leaves the list. Returns the keys of the notices to the asker."""
    recall_about(work, opinion)
    leave_speaking(work, opinion)
    if opinion.id is not None:
        revoke_links(work, opinion_id=opinion.id)
    all_of_it = work.session.exec(select(Delivery.id).where(Delivery.opinion_id == opinion.id)).all()
    hushed = notices.cancel(work, [key for key in all_of_it if key is not None])
    return [row.id for row in hushed if row.id is not None]
