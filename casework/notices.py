"""Writing notices into the outbox, inside the transaction of the act that causes them.

Every notice has a key of person and purpose, so a repeated act cannot write it twice. Whether it may be pushed is
decided here and only here: consent, reachability and the way back decide between sending and waiting for the person
to fetch it by code.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlmodel import and_, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from casework.codes import find_code
from casework.ladder.values import Rung
from casework.reaching import (
    FOR_THE_ASKING,
    GOES_OUT_WHEN_THEY_WRITE,
    ON_ITS_WAY,
    REPLY,
    Known,
    ask_for,
    cancel_one,
    is_asked_for,
    life_of,
    settle,
)
from casework.talk import Button, Reply
from casework.usecases.work import Work
from storage.records import (
    ChannelIdentity,
    Consent,
    Delivery,
    DeliveryState,
    Opinion,
    Role,
    Staff,
    StaffChat,
    StaffRole,
)

Buttons = Sequence[Sequence[Button]]


def as_json(buttons: Buttons) -> list[list[dict[str, str]]]:
    """Rows of buttons as a delivery stores them."""
    return [[{"label": button.label, "token": button.token} for button in row] for row in buttons]


def with_choices(text: str, buttons: Buttons) -> str:
    """The text with its numbered choices written out: a phone without buttons answers by digit."""
    labels = [button.label for row in buttons for button in row]
    return "\n".join([text, *(label for label in labels if label[:1].isdigit() and label not in text)])


def consents_of(work: Work, citizen_id: int | None) -> dict[str, bool]:
    """Latest answer per purpose; purposes never asked are missing."""
    if citizen_id is None:
        return {}
    rows = work.session.exec(select(Consent).where(Consent.citizen_id == citizen_id).order_by(col(Consent.id)))
    return {row.purpose: row.granted for row in rows}


def _exists(work: Work, key: str) -> bool:
    return work.session.exec(select(Delivery.id).where(Delivery.key == key)).first() is not None


def reply(
    work: Work, *, key: str, identity_id: int, message: Reply, reply_to: str | None = None, purpose: str = "reply"
) -> Delivery | None:
    """Write to a chat, as a rule the one a person has just written in. None when this very message was written
    before."""
    if _exists(work, key):
        return None
    delivery = Delivery(
        key=key,
        purpose=purpose,
        channel_identity_id=identity_id,
        text=message.text,
        buttons=as_json(message.buttons),
        reply_to=reply_to,
        not_before=work.now,
        created_at=work.now,
        # A receipt is worth having however late; the rest of a talk is not.
        expires_at=None if find_code(message.text) else life_of(REPLY, work.now),
    )
    return work.add(delivery)


def tell_asker(
    work: Work,
    opinion: Opinion,
    *,
    purpose: str,
    text: str,
    occasion: str | int = "",
    answer_id: int | None = None,
    buttons: Buttons = (),
    grace: bool = False,
) -> Delivery | None:
    """Tell the asker of `opinion` something, once per purpose and occasion.

    Pushed only with consent, to an identity that can be reached; otherwise the notice waits for pick-up by code.
    With `grace` it is held back a little, so that an undo can still cancel it. None when it was written before.
    """
    key = f"{purpose}:{opinion.id}" + (f":{occasion}" if occasion != "" else "")
    if _exists(work, key):
        return None
    delivery = Delivery(
        key=key,
        purpose=purpose,
        channel_identity_id=opinion.channel_identity_id,
        citizen_id=opinion.citizen_id,
        opinion_id=opinion.id,
        answer_id=answer_id,
        content_free=opinion.sealed,
        text=with_choices(text, buttons),
        buttons=as_json(buttons),
        not_before=work.now + (work.services.undo_grace if grace else dt.timedelta()),
        created_at=work.now,
        expires_at=life_of(purpose, work.now),
    )
    settle(work, delivery)
    return work.add(delivery)


def tell_citizen(
    work: Work, *, citizen_id: int, identity_id: int | None, key: str, purpose: str, text: str
) -> Delivery | None:
    """Tell a person something that is about no opinion, once per key: pushed only with consent and to a chat that can
    be reached, else it waits until the person asks. None when it was written before."""
    if _exists(work, key):
        return None
    delivery = Delivery(
        key=key,
        purpose=purpose,
        channel_identity_id=identity_id,
        citizen_id=citizen_id,
        text=text,
        not_before=work.now,
        created_at=work.now,
        expires_at=life_of(purpose, work.now),
    )
    settle(work, delivery)
    return work.add(delivery)


def waiting_of(work: Work, citizen_id: int, purposes: Iterable[str]) -> list[Delivery]:
    """Notices of these purposes that are about no opinion and wait until this person asks, oldest first."""
    rows = work.session.exec(
        select(Delivery)
        .where(
            Delivery.citizen_id == citizen_id,
            col(Delivery.opinion_id).is_(None),
            col(Delivery.purpose).in_(list(purposes)),
            col(Delivery.state).in_(FOR_THE_ASKING),
        )
        .order_by(col(Delivery.id))
    )
    return list(rows)


def release(work: Work, *, identity_id: int, reason: str, citizen_id: int | None = None) -> int:
    """What waited because of `reason` ("unreachable", "no_consent") goes out after all, as far as nothing else stands
    against it: the person wrote to us again, or agreed to be sent news (wherever they were asked: `citizen_id`).
    Returns how many were released."""
    mine = col(Delivery.channel_identity_id) == identity_id
    if citizen_id is not None:
        mine = mine | (col(Delivery.citizen_id) == citizen_id)
    rows = _locked(
        work, select(Delivery).where(mine, col(Delivery.state).in_(FOR_THE_ASKING), Delivery.outcome == reason)
    )
    return _start_again(work, rows)


def deliver_waiting(
    work: Work, *, citizen_id: int | None, identity_id: int, reasons: Iterable[str] = GOES_OUT_WHEN_THEY_WRITE
) -> int:
    """The person has just been heard from on this chat, so its window is open: what waited for that goes out in full,
    before the reply. What belongs to a sealed opinion goes only to the chat it was told in. Returns how many."""
    mine = col(Delivery.channel_identity_id) == identity_id
    if citizen_id is not None:
        mine = mine | (col(Delivery.citizen_id) == citizen_id)
    waits = and_(col(Delivery.state).in_(FOR_THE_ASKING), col(Delivery.outcome).in_(list(reasons)))
    # Due, but held back by the night or about to go another way.
    due = and_(
        col(Delivery.state) == DeliveryState.PENDING,
        or_(col(Delivery.opinion_id).is_not(None), col(Delivery.citizen_id).is_not(None)),
        or_(col(Delivery.rung).is_(None), col(Delivery.rung) != Rung.ASKED),
        col(Delivery.not_before) <= work.now,
    )
    rows = _locked(work, select(Delivery).where(mine, or_(waits, due)))
    sealed = _sealed(work, rows)
    given: set[tuple[str, str]] = set()
    count = 0
    for row in rows:
        if row.opinion_id in sealed and row.channel_identity_id != identity_id:
            continue
        if row.parts_sent == 0 and (row.purpose, row.text) in given:
            # The same words about several opinions of one person are said once.
            row.state, row.outcome, row.finished_at = DeliveryState.PICKED_UP, "told_with_another", work.now
            row.step_at = None
            work.session.add(row)
            continue
        given.add((row.purpose, row.text))
        ask_for(work, row, identity_id)
        count += 1
    return count


def _locked(work: Work, statement: SelectOfScalar[Delivery]) -> list[Delivery]:
    """These rows as they are now, locked in one order: a sender may be claiming them at this moment."""
    locked = statement.order_by(col(Delivery.id)).with_for_update().execution_options(populate_existing=True)
    return list(work.session.exec(locked))


def _sealed(work: Work, rows: Iterable[Delivery]) -> set[int | None]:
    ids = {row.opinion_id for row in rows if row.opinion_id is not None}
    found = work.session.exec(select(Opinion.id).where(col(Opinion.id).in_(ids), col(Opinion.sealed))) if ids else ()
    return set(found)


def _start_again(work: Work, rows: Sequence[Delivery]) -> int:
    """Climb from the first rung again; returns how many may be sent."""
    known = Known(work, rows)
    released = 0
    for row in rows:
        row.passed, row.state, row.rung = [], DeliveryState.PENDING, None
        if settle(work, row, known) is not None:
            row.outcome, row.not_before = None, max(row.not_before, work.now)
            released += 1
    return released


def hold_back(work: Work, *, citizen_id: int) -> int:
    """The person no longer wants to be sent news: what is not yet on its way waits for pick-up."""
    rows = _locked(
        work,
        select(Delivery).where(
            Delivery.citizen_id == citizen_id,
            Delivery.state == DeliveryState.PENDING,
            Delivery.purpose != REPLY,
        ),
    )
    known = Known(work, rows)
    for row in rows:
        settle(work, row, known)
    return len(rows)


def offered(work: Work, opinion_ids: Iterable[int]) -> dict[int, list[Delivery]]:
    """Notices that wait to be fetched, and those that go out just now because the person wrote (`is_asked_for`), oldest
    first, per opinion."""
    waiting: dict[int, list[Delivery]] = {}
    going = col(Delivery.state).in_(ON_ITS_WAY) & (col(Delivery.rung) == Rung.ASKED)
    rows = work.session.exec(
        select(Delivery)
        .where(
            col(Delivery.opinion_id).in_(list(opinion_ids)),
            col(Delivery.state).in_(FOR_THE_ASKING) | going,
        )
        .order_by(col(Delivery.id))
    )
    for row in rows:
        if row.opinion_id is not None:
            waiting.setdefault(row.opinion_id, []).append(row)
    return waiting


def waiting_for_person(work: Work, citizen_id: int) -> list[Delivery]:
    """Notices about a person's own sealed opinions that are due and wait to be fetched, oldest first. Such an opinion
    has no code to fetch them by; they say nothing of its content."""
    rows = work.session.exec(
        select(Delivery)
        .join(Opinion, col(Opinion.id) == col(Delivery.opinion_id))
        .where(
            Opinion.citizen_id == citizen_id,
            col(Opinion.sealed),
            col(Delivery.content_free),
            col(Delivery.state).in_(FOR_THE_ASKING),
            col(Delivery.not_before) <= work.now,
        )
        .order_by(col(Delivery.id))
    )
    return list(rows)


def hand_over(work: Work, delivery: Delivery, *, identity_id: int) -> None:
    """Give a waiting notice as a reply in the chat its person has just written in: that needs no consent to push."""
    buttons = tuple(tuple(Button(label=one["label"], token=one["token"]) for one in row) for row in delivery.buttons)
    message = Reply(text=delivery.text, buttons=buttons)
    reply(work, key=f"handed:{delivery.id}", identity_id=identity_id, message=message)
    shown(work, delivery)


def picked_up(work: Work, *, opinion_id: int) -> int:
    """The person has been shown what waited on this opinion. Returns how many notices that settles."""
    rows = [row for row in offered(work, [opinion_id]).get(opinion_id, []) if not is_asked_for(row)]
    for row in rows:
        shown(work, row)
    return len(rows)


def shown(work: Work, delivery: Delivery) -> None:
    """A waiting notice was read by its person."""
    delivery.state, delivery.finished_at, delivery.step_at = DeliveryState.PICKED_UP, work.now, None
    work.session.add(delivery)


def cancel_pending(work: Work, *, opinion_id: int, purposes: Iterable[str]) -> list[str]:
    """Cancel notices of these purposes that have not been handed to a platform; returns the purposes cancelled.

    The key is released, so that the same notice can be written again after a later decision.
    """
    statement = select(Delivery.id).where(Delivery.opinion_id == opinion_id, col(Delivery.purpose).in_(list(purposes)))
    return [row.purpose for row in cancel(work, [key for key in work.session.exec(statement) if key is not None])]


def cancel(work: Work, delivery_ids: Iterable[int]) -> list[Delivery]:
    """Cancel those of these notices that have not been handed to a platform; returns them."""
    rows = _locked(
        work,
        select(Delivery).where(
            col(Delivery.id).in_(list(delivery_ids)),
            col(Delivery.state).in_([DeliveryState.PENDING, *FOR_THE_ASKING]),
            Delivery.parts_sent == 0,
        ),
    )
    for row in rows:
        cancel_one(work, row)
    work.session.flush()
    return list(rows)


def reopen(work: Work, delivery_ids: Iterable[int]) -> None:
    """Notices that were cancelled go out after all, held back a little once more. One that was written anew since
    stays cancelled: the person is told once."""
    rows = work.session.exec(
        select(Delivery).where(col(Delivery.id).in_(list(delivery_ids)), Delivery.state == DeliveryState.CANCELLED)
    ).all()
    for row in rows:
        key = row.key.removesuffix(f":cancelled:{row.id}")
        if _exists(work, key):
            continue
        row.key, row.outcome = key, None
        row.not_before, row.finished_at = work.now + work.services.undo_grace, None
        settle(work, row)


def tell_staff(
    work: Work,
    *,
    key: str,
    purpose: str,
    text: str,
    role: Role,
    residential_group_id: int | None = None,
    buttons: Buttons = (),
    groups_too: bool = False,
) -> int:
    """Tell every active staff member with `role` (whole office, or the given village) who has a linked chat; with
    `groups_too` also the staff groups. A chat that cannot be reached counts as none. Returns how many notices were
    written."""
    identities: set[int] = set()
    rows = work.session.exec(
        select(Staff, StaffRole).where(StaffRole.staff_id == Staff.id, StaffRole.role == role, col(Staff.active))
    )
    for staff, staff_role in rows:
        in_territory = staff_role.residential_group_id in (None, residential_group_id)
        if staff.channel_identity_id is not None and in_territory:
            identities.add(staff.channel_identity_id)
    if groups_too:
        chats = work.session.exec(select(StaffChat).where(col(StaffChat.active)))
        identities.update(chat.channel_identity_id for chat in chats)
    reachable = select(ChannelIdentity.id).where(
        col(ChannelIdentity.id).in_(identities), col(ChannelIdentity.reachable)
    )
    written = 0
    for identity_id in work.session.exec(reachable.order_by(col(ChannelIdentity.id))).all():
        identity_key = f"{key}:to:{identity_id}"
        if _exists(work, identity_key):
            continue
        work.add(
            Delivery(
                key=identity_key,
                purpose=purpose,
                channel_identity_id=identity_id,
                text=text,
                buttons=as_json(buttons),
                not_before=work.now,
                created_at=work.now,
                expires_at=life_of(purpose, work.now),
            )
        )
        written += 1
    return written
