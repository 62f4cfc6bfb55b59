"""What a platform tells us about our own messages: they arrived, were seen, or were written by a colleague's hand.

No platform lets us ask what became of a message. Its echo or receipt is the only proof, and it settles what a lost
answer had left unknown, so that nobody has to ask the person.
"""

from __future__ import annotations

import datetime as dt
import unicodedata

from sqlmodel import and_, col, or_, select

from casework.codes import find_code
from casework.ladder.values import Rung
from casework.reaching import FOR_THE_ASKING, REPLY, called, settle
from casework.talk import InboundMessage
from casework.usecases.delivery import attempts
from casework.usecases.moderation.console import written_by_hand
from casework.usecases.work import SYSTEM, Work
from storage.records import (
    Answer,
    ChannelIdentity,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    InboxEntry,
    Opinion,
)

#: a text that came back shorter than this proves nothing when it is only a part of ours, code points
SHORTEST_PROOF = 40
#: so much of an answer's beginning, typed by hand, is that answer
BEGINNING = 80
#: why an inbox entry was closed: a colleague wrote to the person in the platform's console
BY_HAND = "typed by hand"
#: a receipt this close to a try whose answer was lost may be its proof
RECEIPT_WITHIN = dt.timedelta(minutes=15)
#: a message that fits every platform in one piece
ONE_PIECE = 1000


def confirmed(work: Work, identity: ChannelIdentity, message: InboundMessage) -> int:
    """Our messages `receipt_refs` arrived, or were seen. Returns how many notices that concerns."""
    seen = message.note == "seen"
    found = work.session.exec(
        select(Delivery)
        .join(DeliveryAttempt, col(DeliveryAttempt.delivery_id) == col(Delivery.id))
        .where(
            DeliveryAttempt.channel_identity_id == identity.id,
            col(DeliveryAttempt.external_id).in_(list(message.receipt_refs)),
        )
    ).all()
    for delivery in found:
        # A form's receipt, or that of an earlier part, says nothing of the whole.
        whole = (
            delivery.state == DeliveryState.SENT
            and delivery.external_ids[-1:] == [ref for ref in message.receipt_refs if ref in delivery.external_ids][-1:]
        )
        if whole and delivery.external_ids:
            delivery.delivered_at = delivery.delivered_at or message.sent_at
            if seen:
                delivery.seen_at = delivery.seen_at or message.sent_at
            work.session.add(delivery)
    unknown = [ref for ref in message.receipt_refs if not _is_known(work, identity, ref)]
    if not found and len(unknown) == 1:
        _arrived_after_all(work, identity, unknown[0], message.sent_at)
    return len(found)


def _is_known(work: Work, identity: ChannelIdentity, ref: str) -> bool:
    """Whether one of our last messages to this chat bears this id, or one a colleague typed in the console."""
    echo = select(InboxEntry.id).where(
        InboxEntry.channel_identity_id == identity.id,
        InboxEntry.message_ref == ref,
        InboxEntry.reason == BY_HAND,
    )
    return work.session.exec(echo.limit(1)).first() is not None or _is_ours(work, identity, ref)


def _is_ours(work: Work, identity: ChannelIdentity, ref: str) -> bool:
    """Whether one of our last messages to this chat bears this id."""
    rows = work.session.exec(
        select(Delivery.external_ids)
        .where(Delivery.channel_identity_id == identity.id)
        .order_by(col(Delivery.id).desc())
        .limit(50)
    )
    return any(ref in ids for ids in rows)


def _arrived_after_all(work: Work, identity: ChannelIdentity, ref: str, at: dt.datetime) -> None:
    """A receipt for a message we do not know belongs to the one whose answer was lost: if there is only one such, it
    was tried just before, and nobody has typed to this person by hand since."""
    rows = _in_doubt(work, identity)
    if len(rows) != 1 or rows[0].state != DeliveryState.UNKNOWN:
        return
    tried = work.session.exec(
        select(DeliveryAttempt.at)
        .where(DeliveryAttempt.delivery_id == rows[0].id)
        .order_by(col(DeliveryAttempt.id).desc())
    ).first()
    if tried is None or not tried - RECEIPT_WITHIN < at < tried + RECEIPT_WITHIN:
        return
    typed = select(InboxEntry.id).where(
        InboxEntry.channel_identity_id == identity.id,
        InboxEntry.reason == BY_HAND,
        col(InboxEntry.received_at) > tried - RECEIPT_WITHIN,
    )
    if work.session.exec(typed.limit(1)).first() is None:
        _settled(work, rows[0], ref)


def _in_doubt(work: Work, identity: ChannelIdentity) -> list[Delivery]:
    statement = (
        select(Delivery)
        .where(
            Delivery.channel_identity_id == identity.id,
            col(Delivery.state).in_([DeliveryState.UNKNOWN, DeliveryState.SENDING]),
        )
        .order_by(col(Delivery.id))
        .with_for_update()
    )
    return list(work.session.exec(statement))


def echoed(work: Work, identity: ChannelIdentity, message: InboundMessage) -> bool:
    """Our account wrote to this person. Of the program's own messages this proves that they went out; what a colleague
    typed in the platform's console is kept, and settles the answer it repeats. Returns whether it settled anything."""
    if message.by_hand:
        return _typed(work, identity, message)
    if message.message_ref and _is_ours(work, identity, message.message_ref):
        # The echo of an earlier part, or a repeat.
        return False
    for delivery in _in_doubt(work, identity):
        if not _repeats(message.text, delivery.text):
            continue
        if delivery.state == DeliveryState.SENDING:
            # Whoever is sending it will say so; should it be killed first, this is the proof.
            if message.message_ref and len(delivery.external_ids) <= delivery.parts_sent:
                delivery.external_ids = [*delivery.external_ids, message.message_ref]
                work.session.add(delivery)
            return False
        _settled(work, delivery, message.message_ref)
        return True
    return False


def has_proof(delivery: Delivery) -> bool:
    """Whether the part that was being sent has come back as an echo."""
    return len(delivery.external_ids) > delivery.parts_sent


def part_arrived(work: Work, delivery: Delivery) -> None:
    """The part whose outcome nobody knew is with the person; what follows it still goes out."""
    if delivery.rung == Rung.TEMPLATE:
        # What arrived is the form.
        called(work, delivery, delivery.channel_identity_id)
        return
    delivery.parts_sent += 1
    delivery.claimed_until, delivery.outcome_detail, delivery.attempts = None, None, 0
    if len(delivery.text) <= ONE_PIECE:
        delivery.state, delivery.outcome, delivery.finished_at = DeliveryState.SENT, "sent", work.now
    else:
        delivery.not_before, delivery.finished_at = work.now, None
        settle(work, delivery)
    work.session.add(delivery)


def _settled(work: Work, delivery: Delivery, ref: str | None) -> None:
    if ref and ref not in delivery.external_ids:
        delivery.external_ids = [*delivery.external_ids, ref]
    delivery.delivered_at = delivery.delivered_at or work.now
    part_arrived(work, delivery)
    if delivery.id is not None:
        work.record(SYSTEM, "delivery_proved", "delivery", delivery.id, state=delivery.state)


# --------------------------------------------------------------------------- typed by hand


def _typed(work: Work, identity: ChannelIdentity, message: InboundMessage) -> bool:
    rows = work.session.exec(
        select(Delivery)
        .where(
            (col(Delivery.channel_identity_id) == identity.id)
            | ((col(Delivery.citizen_id) == identity.citizen_id) & (col(Delivery.citizen_id).is_not(None))),
            # Also what would go out in the morning, and what may have gone out.
            or_(
                col(Delivery.state).in_([*FOR_THE_ASKING, DeliveryState.UNKNOWN]),
                and_(Delivery.state == DeliveryState.PENDING, Delivery.parts_sent == 0, Delivery.purpose != REPLY),
            ),
        )
        .order_by(col(Delivery.id))
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    settled = [row for row in rows if _is_answered_by(work, row, message.text)]
    for row in settled:
        row.state, row.outcome, row.rung = DeliveryState.SENT, "console", Rung.CONSOLE
        row.finished_at, row.delivered_at, row.step_at = work.now, work.now, None
        work.session.add(row)
        attempts.note(
            work,
            row,
            identity.id,
            channel=identity.channel,
            rung=Rung.CONSOLE,
            outcome="sent",
            external_id=message.message_ref,
        )
        if row.id is not None:
            work.record(SYSTEM, "typed_in_console", "delivery", row.id)
    if not settled:
        written_by_hand(work, identity)
    return bool(settled)


def _is_answered_by(work: Work, delivery: Delivery, text: str) -> bool:
    """Whether a typed text is this notice: all its words, or their beginning with the code or the document's number.
    Answers begin alike, so a beginning alone is not enough; nor is a code: "we are still looking into TM-…"."""
    answer = work.session.get(Answer, delivery.answer_id) if delivery.answer_id is not None else None
    opinion = work.session.get(Opinion, delivery.opinion_id) if delivery.opinion_id is not None else None
    typed, wanted = _plain(text), _plain(answer.text if answer is not None else delivery.text)
    if len(wanted) >= SHORTEST_PROOF and wanted in typed:
        return True
    code = opinion is not None and opinion.code is not None and find_code(text) == opinion.code
    number = _plain(answer.document_number) if answer is not None else ""
    document = bool(number) and number in typed
    begins = len(wanted) >= SHORTEST_PROOF and wanted[:BEGINNING] in typed
    return (begins and (code or document)) or (code and document)


def _repeats(echo: str, text: str) -> bool:
    heard, said = _plain(echo), _plain(text)
    return bool(heard) and (heard == said or (len(heard) >= SHORTEST_PROOF and heard in said))


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split()).casefold()
