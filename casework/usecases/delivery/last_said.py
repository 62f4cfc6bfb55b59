"""What a chat was last told, for channels on which a digit stands for a press."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlmodel import col, select

from casework.talk import Button
from casework.usecases.work import Work
from storage.records import Delivery, DeliveryState

#: messages in which a list is still looked for
_LOOKED_BACK = 20
_ON_THE_SCREEN = (DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.PENDING)


def last_buttons(work: Work, identity_id: int) -> tuple[tuple[Button, ...], ...]:
    """The buttons of the newest message of a chat; empty when that message had none."""
    rows = work.session.exec(
        select(Delivery.buttons)
        .where(
            Delivery.channel_identity_id == identity_id,
            col(Delivery.state).in_(_ON_THE_SCREEN),
            col(Delivery.not_before) <= work.now,
        )
        .order_by(col(Delivery.id).desc())
        .limit(1)
    ).first()
    return _as_buttons(rows or [])


def last_list(work: Work, identity_id: int, begins: str) -> tuple[Button, ...]:
    """The buttons whose token begins so, of the newest of the last messages of a chat that had such; empty when none
    of them had."""
    rows = work.session.exec(
        select(Delivery.buttons)
        .where(
            Delivery.channel_identity_id == identity_id,
            col(Delivery.state).in_(_ON_THE_SCREEN),
            col(Delivery.not_before) <= work.now,
        )
        .order_by(col(Delivery.id).desc())
        .limit(_LOOKED_BACK)
    )
    for buttons in rows:
        found = [one for row in _as_buttons(buttons) for one in row if one.token.startswith(begins)]
        if found:
            return tuple(found)
    return ()


def _as_buttons(rows: Iterable[Iterable[Mapping[str, str]]]) -> tuple[tuple[Button, ...], ...]:
    return tuple(tuple(Button(label=one["label"], token=one["token"]) for one in row) for row in rows)
