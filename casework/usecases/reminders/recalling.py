"""Reminders that are not sent yet are taken back when their reader may not read them any more. The duties in them
count as not told, so that whoever may still know is told by the next run."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import and_, col, or_, select

from casework import notices
from casework.usecases.work import Work
from storage.records import Act, AgendaItem, Assignment, Delivery, DeliveryState, Obligation, Opinion, Referral

#: purpose of every reminder
PURPOSE = "reminder"


def recall_about(work: Work, opinion: Opinion) -> None:
    """Take back the reminders that name an opinion now sealed, or the issue it stood in, whose title may be its
    words. To be called while it still stands there."""
    group = opinion.group_id
    about: list[tuple[str, Any]] = [("opinion", [opinion.id])]
    if group is not None:
        about += [
            ("assignment", select(Assignment.id).where(Assignment.group_id == group)),
            ("line", select(AgendaItem.id).where(AgendaItem.group_id == group)),
            ("referral", select(Referral.id).where(Referral.group_id == group)),
        ]
    conditions = [
        and_(col(Obligation.subject) == subject, col(Obligation.subject_id).in_(keys)) for subject, keys in about
    ]
    acts = work.session.exec(
        select(Act).where(
            Act.subject == "obligation",
            Act.verb == "reminded",
            col(Act.subject_id).in_(select(Obligation.id).where(or_(*conditions))),
        )
    )
    notices.cancel(work, {act.details["notice"] for act in acts if "notice" in act.details})


def recall_from(work: Work, identity_id: int | None, *, purposes: Collection[str] = (PURPOSE,)) -> None:
    """Take back what waits to be sent to the chat of a staff member."""
    if identity_id is None:
        return
    waiting = work.session.exec(
        select(Delivery.id).where(
            Delivery.channel_identity_id == identity_id,
            col(Delivery.purpose).in_(list(purposes)),
            Delivery.state == DeliveryState.PENDING,
        )
    ).all()
    notices.cancel(work, [key for key in waiting if key is not None])


def recalled(work: Work) -> frozenset[int]:
    """Keys of the reminders nobody was sent."""
    rows = work.session.exec(
        select(Delivery.id).where(Delivery.purpose == PURPOSE, Delivery.state == DeliveryState.CANCELLED)
    )
    return frozenset(key for key in rows if key is not None)
