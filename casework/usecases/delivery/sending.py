"""Use cases of the outbox: claim what is due, record how each send ended.

A send itself happens between the two, outside any transaction. One claim is one message of the platform: of a text in
several parts, each part is claimed and recorded on its own, so that a restart goes on with the next part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement
from sqlmodel import and_, col, select

from casework.errors import InvalidInput
from casework.ladder.data import ladders
from casework.ladder.values import Rung
from casework.reaching import REPLY, Known, ask_for, called, cancel_one, pass_over, settle
from casework.talk import Button, Outcome, OutcomeKind, TemplateMessage
from casework.usecases.citizens.people import move_chat, set_reachable
from casework.usecases.delivery import attempts
from casework.usecases.delivery.attempts import count_usage
from casework.usecases.delivery.due import chats_with_replies, due, first_rows, something_waits
from casework.usecases.delivery.form_fields import filled_form
from casework.usecases.delivery.receipts import has_proof, part_arrived
from casework.usecases.moderation.telling import is_taken_back
from casework.usecases.work import Services, Work
from storage.records import ChannelIdentity, Delivery, DeliveryState

#: a message that a working platform does not take is tried again after 2, 4, 8, ... seconds, at most this long
LONGEST_BACKOFF = dt.timedelta(minutes=5)
#: so many times; then a person looks at it
MAX_ATTEMPTS = 12
#: a random part of each wait, so that many messages do not come back at the same moment
JITTER_SHARE = 0.25
#: seconds at most: who has waited for the morning shall not wait until noon
LONGEST_JITTER = 60.0
#: a wait a platform did not name
DEFAULT_WAIT = 5.0


@dataclass(frozen=True, kw_only=True)
class ClaimedSend:
    """One message that is ours to send until `until`; its row says "sending", committed."""

    delivery_id: int
    identity_id: int
    channel: str = ""
    chat_id: str
    text: str
    buttons: tuple[tuple[Button, ...], ...]
    reply_to: str | None
    #: the rung of the ladder it is sent on; None for talk
    rung: Rung | None = None
    #: sent instead of the text
    template: TemplateMessage | None = None
    #: the platform may bill it, what it costs then, and whether to ask first if the window is open
    paid: bool = False
    price_vnd: int = 0
    check_window: bool = False
    #: parts of the text the platform already has
    parts_sent: int = 0
    claimed_at: dt.datetime
    until: dt.datetime


@dataclass(frozen=True, kw_only=True)
class SendResult:
    """How a claimed send ended. `outcome` None: it was not tried and is given back."""

    claim: ClaimedSend
    outcome: Outcome | None
    #: how many parts the text has
    parts: int = 1
    #: nothing gets through on the whole channel: not held against this message
    channel_trouble: bool = False
    #: random, 0 to 1
    jitter: float = 0.0
    #: nothing was left to send: all of it had arrived before
    nothing_left: bool = False


def claim_due(
    services: Services,
    *,
    channel: str,
    account: str,
    limit: int,
    resting: Collection[int] = (),
    lease: dt.timedelta,
    after: int = 0,
) -> list[ClaimedSend]:
    """Claim up to `limit` messages that are due on one channel, at most one per chat, and commit.

    Within a chat strictly in the order they were written: nothing goes before an earlier one that is under way, due,
    or was put off after a try. (An earlier one whose time has not come and that was never tried, such as a decision
    in its undo grace, does not hold up a reply.) `resting`: identities not to be sent to now. `after`: look only at
    later ones than this delivery, replies apart; for a caller that has just been through those before, among which
    thousands of another channel may wait.
    """
    with services.reading() as work:
        if not after and not something_waits(work, channel, account):
            return []
        waiting = due(work, channel, account, resting)
        later = waiting.where(col(Delivery.id) > after).limit(1)
        urgent = chats_with_replies(work.now, channel, account, resting).limit(1)
        if work.session.exec(later).first() is None and (not after or work.session.exec(urgent).first() is None):
            return []
    while True:
        with services.writing() as work:
            rows = first_rows(work, channel, account, resting, limit, after)
            known = Known(work, [delivery for delivery, _ in rows])
            claims = [claim for delivery, identity in rows if (claim := _claim(work, delivery, identity, known, lease))]
            work.commit()
        # Rows that may no longer be sent have been put elsewhere: those behind them must not wait for that.
        if claims or not rows:
            return claims


def _claim(
    work: Work, delivery: Delivery, identity: ChannelIdentity, known: Known, lease: dt.timedelta
) -> ClaimedSend | None:
    if delivery.id is None or identity.id is None:
        raise ValueError("a delivery that is not stored")
    if not _has_ladder(delivery) and not identity.reachable and delivery.purpose != REPLY:
        # They blocked us after the notice was written: trying would only tell us again.
        _stop(work, delivery, None)
        return None
    step = settle(work, delivery, known)
    if step is None or delivery.channel_identity_id != identity.id:
        # It waits, or goes by another channel, whose lane takes it.
        return None
    template = None
    if step.rung is Rung.TEMPLATE:
        template = _filled(work, delivery, identity, known)
        if template is None:
            return None
    until = work.now + lease
    delivery.state, delivery.claimed_until = DeliveryState.SENDING, until
    work.session.add(delivery)
    return ClaimedSend(
        delivery_id=delivery.id,
        identity_id=identity.id,
        channel=identity.channel,
        chat_id=identity.external_id,
        text=delivery.text,
        buttons=tuple(tuple(Button(label=b["label"], token=b["token"]) for b in row) for row in delivery.buttons),
        reply_to=delivery.reply_to,
        rung=Rung(delivery.rung) if delivery.rung is not None else None,
        template=template,
        paid=step.rung is Rung.PAID,
        price_vnd=step.price_vnd,
        check_window=step.check_window,
        parts_sent=delivery.parts_sent,
        claimed_at=work.now,
        until=until,
    )


def _has_ladder(delivery: Delivery) -> bool:
    """A notice to a citizen, as opposed to talk in a chat and notices to staff."""
    return delivery.opinion_id is not None or delivery.citizen_id is not None


def _filled(work: Work, delivery: Delivery, identity: ChannelIdentity, known: Known) -> TemplateMessage | None:
    """The form that says there is news; one that cannot be filled is passed over, and staff see why."""
    try:
        return filled_form(work, delivery, identity.channel)
    except InvalidInput as error:
        attempts.note(
            work,
            delivery,
            identity.id,
            channel=identity.channel,
            rung=Rung.TEMPLATE,
            outcome="form_not_filled",
            detail=error.what,
        )
        pass_over(delivery, Rung.TEMPLATE, identity.id)
        settle(work, delivery, known)
        return None


def record(services: Services, results: Sequence[SendResult]) -> list[DeliveryState]:
    """Record how sends ended, in one transaction; returns the state each delivery is in now."""
    states = []
    with services.writing() as work:
        rows = _locked(work, [result.claim.delivery_id for result in results])
        for result in results:
            delivery = rows[result.claim.delivery_id]
            # A claim that ran out was marked unknown; knowing better is welcome as long as nobody has dealt with it.
            ours = delivery.claimed_until == result.claim.until
            if ours and delivery.state in (DeliveryState.SENDING, DeliveryState.UNKNOWN):
                _apply(work, delivery, result)
                work.session.add(delivery)
            states.append(DeliveryState(delivery.state))
        count_usage(work, (one.claim.identity_id for one in results if _was_taken(one)))
        work.commit()
    return states


def _was_taken(result: SendResult) -> bool:
    """Whether the platform has taken a message, as far as anybody knows."""
    outcome = result.outcome
    return outcome is not None and not result.nothing_left and outcome.kind in (OutcomeKind.SENT, OutcomeKind.UNKNOWN)


def _locked(work: Work, delivery_ids: Sequence[int]) -> dict[int, Delivery]:
    """These rows, as they are now, in one order for everybody who locks several."""
    rows = work.session.exec(
        select(Delivery).where(col(Delivery.id).in_(delivery_ids)).order_by(col(Delivery.id)).with_for_update()
    )
    return {row.id: row for row in rows if row.id is not None}


def _apply(work: Work, delivery: Delivery, result: SendResult) -> None:
    delivery.claimed_until = None
    outcome, claim = result.outcome, result.claim
    if outcome is None:
        _again(work, delivery, dt.timedelta())
        return
    moved_before = delivery.outcome == OutcomeKind.MIGRATED
    delivery.outcome, delivery.outcome_detail = outcome.kind, outcome.detail or None
    if not result.nothing_left:
        attempts.record(work, delivery, claim, outcome)
    if outcome.last_interaction_at is not None:
        attempts.correct_window(work, claim.identity_id, outcome.last_interaction_at, unless_after=claim.claimed_at)
    match outcome.kind:
        case OutcomeKind.SENT | OutcomeKind.UNKNOWN if claim.template is not None:
            # Whether the form arrived or not: the notice itself has not gone out.
            if not _heard_since(work, delivery, claim):
                called(work, delivery, claim.identity_id)
        case OutcomeKind.SENT:
            _sent(work, delivery, outcome, result.parts)
        case OutcomeKind.THROTTLED:
            wait = outcome.retry_after or DEFAULT_WAIT
            spread = min(wait * JITTER_SHARE, LONGEST_JITTER) * result.jitter
            _again(work, delivery, dt.timedelta(seconds=wait + spread))
        case OutcomeKind.RETRY_LATER if result.channel_trouble:
            _again(work, delivery, dt.timedelta())
        case OutcomeKind.RETRY_LATER:
            _retry(work, delivery, result)
        case OutcomeKind.CHANNEL_DOWN:
            _again(work, delivery, dt.timedelta())
        case OutcomeKind.UNKNOWN:
            delivery.state = DeliveryState.UNKNOWN
        case OutcomeKind.RECIPIENT_STOPPED:
            _recipient_stopped(work, delivery, claim.identity_id, outcome)
        case OutcomeKind.MIGRATED if outcome.new_chat_id and not moved_before:
            _move(work, delivery, outcome.new_chat_id)
        case OutcomeKind.WINDOW_CLOSED:
            _climb_on(work, delivery, claim)
        case OutcomeKind.REJECTED | OutcomeKind.MIGRATED:
            _reject(work, delivery, claim)


def _heard_since(work: Work, delivery: Delivery, claim: ClaimedSend) -> bool:
    """Whether the person wrote while this was being tried: then it is given to them there, in full."""
    identity = work.session.get_one(ChannelIdentity, claim.identity_id)
    heard = identity.last_inbound_at
    if claim.rung is None or heard is None or heard <= claim.claimed_at:
        return False
    ask_for(work, delivery, claim.identity_id)
    return True


def _climb_on(work: Work, delivery: Delivery, claim: ClaimedSend) -> None:
    """This rung is closed for now: the next one, and none before it again until the person is heard from."""
    if claim.rung is None:
        delivery.state, delivery.outcome = DeliveryState.WAITING_PICKUP, "window_closed"
        return
    if claim.rung is not Rung.ASKED and _heard_since(work, delivery, claim):
        return
    # What was asked for is an ordinary message; a window that is closed for billed messages is closed for free ones.
    rung = Rung.FREE if claim.rung is Rung.ASKED else claim.rung
    for passed in (Rung.FREE, Rung.PAID) if rung is Rung.PAID else (rung,):
        pass_over(delivery, passed, claim.identity_id)
    delivery.rung = rung
    if settle(work, delivery) is not None:
        delivery.not_before = work.now


def _sent(work: Work, delivery: Delivery, outcome: Outcome, parts: int) -> None:
    # An echo of this part may have come before the platform's own answer.
    known = len(delivery.external_ids) > delivery.parts_sent
    delivery.parts_sent += 1
    delivery.attempts = 0
    if outcome.external_id is not None and not known:
        # A new list: a change inside the old one would not be noticed.
        delivery.external_ids = [*delivery.external_ids, outcome.external_id]
    if delivery.parts_sent < parts:
        _again(work, delivery, dt.timedelta())
    else:
        delivery.state, delivery.finished_at = DeliveryState.SENT, work.now


def _again(work: Work, delivery: Delivery, wait: dt.timedelta) -> None:
    """Another try, as far as the person's wishes still allow it and the decision it tells of still stands."""
    if delivery.parts_sent == 0 and is_taken_back(work, delivery):
        cancel_one(work, delivery)
    elif settle(work, delivery) is not None:
        delivery.not_before = work.now + wait


def _retry(work: Work, delivery: Delivery, result: SendResult) -> None:
    delivery.attempts += 1
    if delivery.attempts >= MAX_ATTEMPTS:
        _reject(work, delivery, result.claim)
    else:
        wait = min(dt.timedelta(seconds=2**delivery.attempts), LONGEST_BACKOFF)
        _again(work, delivery, wait * (1 + JITTER_SHARE * result.jitter))


def _reject(work: Work, delivery: Delivery, claim: ClaimedSend) -> None:
    """The platform will never take this. A form has other ways behind it. A text that must reach its person is carried
    by hand; any other is looked at by a person."""
    if claim.template is not None:
        delivery.attempts = 0
        _climb_on(work, delivery, claim)
    elif _has_ladder(delivery) and ladders().purpose(delivery.purpose).allows(Rung.SLIP):
        delivery.state, delivery.outcome, delivery.rung = DeliveryState.WITH_STAFF, "rejected", Rung.SLIP
        delivery.step_at = None
    else:
        delivery.state, delivery.finished_at = DeliveryState.REJECTED, work.now


def _recipient_stopped(work: Work, delivery: Delivery, identity_id: int, outcome: Outcome) -> None:
    identity = work.session.get_one(ChannelIdentity, identity_id)
    set_reachable(work, identity, reachable=False, reason="platform_refused")
    waiting = work.session.exec(
        select(Delivery)
        .where(
            Delivery.channel_identity_id == identity.id,
            Delivery.state == DeliveryState.PENDING,
            Delivery.id != delivery.id,
        )
        # What another process is claiming at this moment is settled by its own claim.
        .with_for_update(skip_locked=True)
    )
    for row in [delivery, *waiting]:
        _stop(work, row, outcome.detail)


def _stop(work: Work, delivery: Delivery, detail: str | None) -> None:
    """What is for a citizen climbs on: another channel, or kept until they come back."""
    delivery.claimed_until = None
    if not _has_ladder(delivery):
        delivery.state, delivery.finished_at = DeliveryState.RECIPIENT_STOPPED, work.now
        delivery.outcome = OutcomeKind.RECIPIENT_STOPPED
    elif settle(work, delivery) is not None:
        delivery.not_before, delivery.attempts = work.now, 0
    delivery.outcome_detail = detail
    work.session.add(delivery)


def _move(work: Work, delivery: Delivery, new_id: str) -> None:
    """The chat has a new id: remember it and send once more. Its later deliveries move with it."""
    move_chat(work, work.session.get_one(ChannelIdentity, delivery.channel_identity_id), new_id)
    _again(work, delivery, dt.timedelta())


def expire_claims(services: Services) -> int:
    """Mark sends whose claim ran out: whoever sent them was stopped before the outcome was recorded, so nobody knows
    whether they arrived. Returns how many."""
    with services.reading() as work:
        if work.session.exec(select(Delivery.id).where(_has_run_out(work.now)).limit(1)).first() is None:
            return 0
    with services.writing() as work:
        rows = work.session.exec(select(Delivery).where(_has_run_out(work.now)).with_for_update(skip_locked=True)).all()
        for row in rows:
            if row.rung == Rung.TEMPLATE:
                # Whether the form went out or not, the notice itself has not.
                called(work, row, row.channel_identity_id)
                continue
            if has_proof(row):
                # Its echo came before its sender was stopped: it is with the person.
                part_arrived(work, row)
                continue
            # The claim stays readable: should the sender still live, it may record what it knows.
            row.state, row.outcome = DeliveryState.UNKNOWN, OutcomeKind.UNKNOWN
            row.outcome_detail = "Chương trình dừng đúng lúc đang gửi: tin có thể đã tới hoặc chưa."
            work.session.add(row)
        work.commit()
        return len(rows)


def _has_run_out(now: dt.datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == DeliveryState.SENDING, col(Delivery.claimed_until) < now)
