"""By which way a notice is to reach its person now: what the database knows, put to the delivery ladder.

Asked when a notice is written, before every (further) try, and when a wait is over: consent may have been taken back,
the chat blocked, a window closed, the opinion sealed since.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from sqlmodel import col, select

from casework.ladder.climbing import Condition, Step, StepKind, mark, next_step
from casework.ladder.data import ladders
from casework.ladder.values import PHONE_CHANNEL, Rung, Way
from casework.talk import OutcomeKind
from casework.usecases.work import Work
from storage.records import (
    ChannelIdentity,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Opinion,
)

#: answers in a running chat; the person sits at the phone
REPLY = "reply"
#: states in which a notice is the person's for the asking
FOR_THE_ASKING = (DeliveryState.WAITING_PICKUP, DeliveryState.WITH_STAFF)
#: why an identity cannot be reached: its whole platform is gone; the person asked to be forgotten
CHANNEL_LOST = "channel_lost"
WITHDRAWN = "withdrawn"
#: why a notice waits although the person would have it sent: it goes out as soon as they write
GOES_OUT_WHEN_THEY_WRITE = ("window_closed", "notified", "unreachable", "channel_off")


def life_of(purpose: str, now: dt.datetime) -> dt.datetime | None:
    """Until when a notice of this purpose, written now, is news."""
    life = ladders().purpose(purpose).life
    return None if life is None else now + life


class Known:
    """What decides about some notices, loaded for all of them at once."""

    def __init__(self, work: Work, deliveries: Sequence[Delivery]) -> None:
        self._work = work
        self._opinions = self._load_opinions(deliveries)
        people = {person for one in deliveries if (person := self.person_of(one)) is not None}
        self._consents = self._load_consents(people)
        wanted = {one.channel_identity_id for one in deliveries}
        wanted |= {opinion.channel_identity_id for opinion in self._opinions.values()}
        self._identities = self._load_identities(people, {one for one in wanted if one is not None})
        self._forms = self._load_forms()

    def _load_opinions(self, deliveries: Iterable[Delivery]) -> dict[int, Opinion]:
        ids = {one.opinion_id for one in deliveries if one.opinion_id is not None}
        if not ids:
            return {}
        rows = self._work.session.exec(select(Opinion).where(col(Opinion.id).in_(ids)))
        return {row.id: row for row in rows if row.id is not None}

    def _load_consents(self, people: set[int]) -> dict[int, dict[str, bool]]:
        found: dict[int, dict[str, bool]] = {}
        if people:
            rows = self._work.session.exec(
                select(Consent.citizen_id, Consent.purpose, Consent.granted)
                .where(col(Consent.citizen_id).in_(people))
                .order_by(col(Consent.id))
            )
            for person, purpose, granted in rows:
                found.setdefault(person, {})[purpose] = granted
        return found

    def _load_identities(self, people: set[int], ids: set[int]) -> dict[int, ChannelIdentity]:
        if not people and not ids:
            return {}
        rows = self._work.session.exec(
            select(ChannelIdentity)
            .where(col(ChannelIdentity.citizen_id).in_(people) | col(ChannelIdentity.id).in_(ids))
            .order_by(col(ChannelIdentity.id))
        )
        return {row.id: row for row in rows if row.id is not None}

    def _load_forms(self) -> list[tuple[int | None, int | None, dt.datetime]]:
        """Forms that were sent about these opinions: opinion, account, when. Only offices with forms are asked."""
        policy = self._work.services.policy
        if not self._opinions or not (policy.forms or policy.phone_forms):
            return []
        rows = self._work.session.exec(
            select(Delivery.opinion_id, DeliveryAttempt.channel_identity_id, DeliveryAttempt.at)
            .join(Delivery, col(Delivery.id) == col(DeliveryAttempt.delivery_id))
            .where(
                col(Delivery.opinion_id).in_(list(self._opinions)),
                DeliveryAttempt.rung == Rung.TEMPLATE,
                # One whose outcome is unknown may have called them: it counts.
                col(DeliveryAttempt.outcome).in_([OutcomeKind.SENT, OutcomeKind.UNKNOWN]),
            )
        )
        return [(opinion, identity, at) for opinion, identity, at in rows]

    def _forms_sent(self, opinion_id: int | None) -> int:
        """Forms about an opinion to accounts that were not heard from since."""
        count = 0
        for opinion, account, at in self._forms:
            identity = self._identities.get(account) if account is not None else None
            heard = identity.last_inbound_at if identity is not None else None
            count += opinion == opinion_id and (heard is None or heard < at)
        return count

    def opinion_of(self, delivery: Delivery) -> Opinion | None:
        """The opinion a notice is about."""
        return None if delivery.opinion_id is None else self._opinions.get(delivery.opinion_id)

    def person_of(self, delivery: Delivery) -> int | None:
        """The citizen a notice is for; None for talk and for staff."""
        opinion = self.opinion_of(delivery)
        return opinion.citizen_id if opinion is not None else delivery.citizen_id

    def condition(self, delivery: Delivery) -> Condition:
        """All that decides about one notice now."""
        opinion, person = self.opinion_of(delivery), self.person_of(delivery)
        # What they asked for by writing goes to the chat they wrote in.
        here = opinion is None or is_asked_for(delivery)
        own_id = delivery.channel_identity_id if here else opinion.channel_identity_id if opinion is not None else None
        own = self._identities.get(own_id) if own_id is not None else None
        consents = self._consents.get(person, {}) if person is not None else {}
        # What is said of a sealed opinion goes to the chat it was told in, or to nobody: others may read the rest.
        alone = person is None or (opinion is not None and opinion.sealed)
        others = [] if alone else [one for one in self._identities.values() if one.citizen_id == person]
        if own is None and others:
            # Entered for them on paper; a channel they linked since is their own way now.
            own = next((one for one in others if one.channel != PHONE_CHANNEL), None)
        return Condition(
            purpose=delivery.purpose,
            now=self._work.now,
            own=self._way(own) if own is not None else None,
            others=tuple(self._way(one) for one in others if own is None or one.id != own.id),
            push=is_asked_for(delivery) or not _climbs(delivery) or consents.get(ConsentPurpose.PUSH, False),
            phone=consents.get(ConsentPurpose.PHONE, False),
            fallback=consents.get(ConsentPurpose.FALLBACK, False),
            left_alone=own is not None and own.unreachable_reason == WITHDRAWN,
            passed=tuple(delivery.passed),
            forms_sent=self._forms_sent(delivery.opinion_id) if self._forms else 0,
            expires_at=delivery.expires_at,
        )

    def _way(self, identity: ChannelIdentity) -> Way:
        if identity.id is None:
            raise ValueError("an identity that is not stored")
        return Way(
            identity_id=identity.id,
            channel=identity.channel,
            reachable=identity.reachable,
            last_inbound_at=identity.last_inbound_at,
            on=self._work.services.policy.is_on(identity.channel),
            lost=identity.unreachable_reason == CHANNEL_LOST,
        )


def settle(work: Work, delivery: Delivery, known: Known | None = None) -> Step | None:
    """Put a notice where the ladder has it now; the step when it may be sent, else None.

    Of a sealed opinion nothing goes out that was written before the seal. Talk and staff notices have no ladder: they
    go to their chat, or wait for its window to open.
    """
    known = known or Known(work, [delivery])
    opinion = known.opinion_of(delivery)
    if opinion is not None and opinion.sealed and not delivery.content_free:
        cancel_one(work, delivery)
        return None
    step = next_step(known.condition(delivery), work.services.policy)
    if delivery.opinion_id is None and delivery.citizen_id is None and step.rung is not Rung.FREE:
        step = _talk_waits(step)
    return _stand(work, delivery, step)


def _talk_waits(step: Step) -> Step:
    """Talk and staff notices are never billed, sent as forms or handed over."""
    if step.kind is StepKind.EXPIRED:
        return step
    return Step(kind=StepKind.WAIT, rung=Rung.PICKUP, way=step.way, why="window_closed")


def _stand(work: Work, delivery: Delivery, step: Step) -> Step | None:
    delivery.step_at = step.until
    match step.kind:
        case StepKind.SEND if step.way is not None:
            asked = is_asked_for(delivery) and step.rung is Rung.FREE
            delivery.rung = Rung.ASKED if asked else step.rung if _climbs(delivery) else None
            if delivery.channel_identity_id != step.way.identity_id:
                # On another channel nothing of it has been read: all of it goes there.
                delivery.parts_sent, delivery.external_ids = 0, []
            delivery.channel_identity_id = step.way.identity_id
            delivery.state = DeliveryState.PENDING
            work.session.add(delivery)
            return step
        case StepKind.EXPIRED:
            delivery.state, delivery.finished_at, delivery.outcome = DeliveryState.EXPIRED, work.now, "expired"
        case StepKind.STAFF:
            delivery.state, delivery.outcome, delivery.rung = DeliveryState.WITH_STAFF, step.why, step.rung
        case _:
            delivery.state, delivery.outcome, delivery.rung = DeliveryState.WAITING_PICKUP, step.why, Rung.PICKUP
            if work.services.policy.provisional and step.why in GOES_OUT_WHEN_THEY_WRITE:
                # On no rung yet: whoever knows what is set up puts it on one (`climb_due`).
                delivery.rung, delivery.step_at = None, None
    delivery.claimed_until = None
    work.session.add(delivery)
    return None


#: states of a notice that is being sent
ON_ITS_WAY = (DeliveryState.PENDING, DeliveryState.SENDING)


def is_asked_for(delivery: Delivery) -> bool:
    """The person has just written, so giving them what waited is no push; the mark stays until it is out."""
    return delivery.rung == Rung.ASKED and delivery.state in ON_ITS_WAY


def _climbs(delivery: Delivery) -> bool:
    return delivery.opinion_id is not None or delivery.citizen_id is not None


def pass_over(delivery: Delivery, rung: Rung, identity_id: int | None) -> None:
    """The rung led nowhere for this notice: it is not tried again until the person is heard from."""
    tried = f"{rung}:{identity_id if identity_id is not None else ''}"
    if tried not in delivery.passed:
        # A new list: a change inside the old one would not be noticed.
        delivery.passed = [*delivery.passed, tried]


def called(work: Work, delivery: Delivery, identity_id: int | None) -> None:
    """A form says there is news (or may say so: nobody knows). The notice itself has not gone out: it waits until the
    person writes, and then climbs on."""
    pass_over(delivery, Rung.TEMPLATE, identity_id)
    delivery.attempts, delivery.claimed_until = 0, None
    delivery.state, delivery.outcome, delivery.rung = DeliveryState.WAITING_PICKUP, "notified", Rung.PICKUP
    delivery.step_at = work.now + dt.timedelta(days=ladders().waits.pickup)
    work.session.add(delivery)


def ask_for(work: Work, delivery: Delivery, identity_id: int) -> None:
    """The person has just been heard from on this chat: the notice goes there in full, which is no push."""
    if delivery.channel_identity_id != identity_id:
        # Nothing of it has been read here.
        delivery.parts_sent, delivery.external_ids = 0, []
    delivery.state, delivery.rung, delivery.channel_identity_id = DeliveryState.PENDING, Rung.ASKED, identity_id
    delivery.passed, delivery.outcome, delivery.step_at = [], None, None
    delivery.attempts, delivery.claimed_until = 0, None
    delivery.not_before = max(delivery.not_before, work.now)
    work.session.add(delivery)


def cancel_one(work: Work, delivery: Delivery) -> None:
    """Take a notice back that no platform has; its key is free again, for a later decision."""
    delivery.state, delivery.claimed_until, delivery.step_at = DeliveryState.CANCELLED, None, None
    delivery.key = f"{delivery.key}:cancelled:{delivery.id}"
    delivery.finished_at = work.now
    work.session.add(delivery)


__all__ = [
    "FOR_THE_ASKING",
    "GOES_OUT_WHEN_THEY_WRITE",
    "ON_ITS_WAY",
    "REPLY",
    "Known",
    "ask_for",
    "called",
    "cancel_one",
    "is_asked_for",
    "life_of",
    "mark",
    "pass_over",
    "settle",
]
