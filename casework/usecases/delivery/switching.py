"""Losing a platform, and getting it back: everybody owed something climbs to another way, and nobody is told twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import CursorResult
from sqlmodel import col, select, update

from casework.errors import AlreadyDecided, IllegalMove, InvalidInput
from casework.ladder.values import Rung
from casework.names import CHANNELS
from casework.reaching import FOR_THE_ASKING, Known, pass_over, settle
from casework.usecases.access import Member, require
from casework.usecases.delivery.lost_channels import BACK, LOST, REASON, lost_since
from casework.usecases.delivery.switch_plan import (
    WAITED_ON,
    SwitchPlan,
    check_channel,
    is_left,
    make_plan,
    of_the_office,
)
from casework.usecases.work import Services, Work, staff_member
from storage.records import ChannelIdentity, Delivery, DeliveryState, Opinion, Role

#: who may give a channel up and take it back
KEEPERS = (Role.ADMIN, Role.APPROVER)
#: notices settled at once
BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Switched:
    """What giving a channel up, or taking it back, has done."""

    channel: str
    #: chats that changed
    chats: int
    #: notices that go out at once: on another channel, or on the one that is back
    sent_on: int
    #: notices that wait for a colleague now
    with_staff: int
    #: notices that wait for their person
    waiting: int
    #: nobody knows whether these arrived: left to a colleague
    unknown: int


def give_up(
    services: Services, staff_id: int, channel: str, *, why: str, to: str | None = None
) -> tuple[SwitchPlan, Switched]:
    """The channel is lost: its chats count as unreachable, and what was to go there climbs on. What nobody knows the
    outcome of stays for a colleague; what is being handed to the platform ends first. With `to` what waits now goes to
    no other channel than that one (and phone numbers). Returns what it meant, and did.

    Raises `Forbidden`, `InvalidInput` (unknown channel, no reason), `AlreadyDecided` when it is given up already.
    """
    reason = _reason(why)
    with services.writing() as work:
        who = require(work, staff_id, *KEEPERS)
        plan = make_plan(work, who, channel, to=to)
        if channel in lost_since(work):
            raise AlreadyDecided(
                f"Kênh {CHANNELS[channel]} đã được ghi là mất rồi.",
                todo=f"Kênh có lại thì chạy: doithoai delivery switch --back {channel}",
            )
        chats = _set_reachable(work, who, channel, reachable=False)
        done = _move_on(work, who, channel, chats, to)
        work.record(
            staff_member(staff_id),
            LOST,
            "office",
            services.office_id,
            why=reason,
            channel=channel,
            to=to,
            chats=chats,
            people=len(plan.people),
        )
        work.commit()
    return plan, done


def take_back(services: Services, staff_id: int, channel: str, *, why: str) -> Switched:
    """The channel works again: its chats count as reachable, and what still waits there goes out once. What went by
    another way, was handed over, or is printed already stays as it is.

    Raises `Forbidden`, `InvalidInput`, `IllegalMove` when the channel was not given up.
    """
    reason = _reason(why)
    with services.writing() as work:
        who = require(work, staff_id, *KEEPERS)
        check_channel(channel)
        if channel not in lost_since(work):
            raise IllegalMove(
                f"Kênh {CHANNELS[channel]} không bị ghi là mất.", todo="Xem ai chờ gì: doithoai delivery summary"
            )
        returned = _chats_given_up(work, channel)
        chats = _set_reachable(work, who, channel, reachable=True)
        done = _start_again(work, who, channel, chats, returned)
        work.record(
            staff_member(staff_id), BACK, "office", services.office_id, why=reason, channel=channel, chats=chats
        )
        work.commit()
    return done


def _reason(why: str) -> str:
    reason = why.strip()
    if not reason:
        raise InvalidInput("Cần ghi lý do.", todo='Thêm --why "nền tảng bị chặn từ sáng nay".')
    return reason


def _set_reachable(work: Work, who: Member, channel: str, *, reachable: bool) -> int:
    """All chats of a channel at once; those that could not be reached for another reason stay so. Returns how many."""
    changing = col(ChannelIdentity.unreachable_reason) == REASON if reachable else col(ChannelIdentity.reachable)
    result = work.session.exec(
        update(ChannelIdentity)
        .where(col(ChannelIdentity.channel) == channel, changing, of_the_office(who.office_id))
        .values(
            reachable=reachable,
            unreachable_reason=None if reachable else REASON,
            reachability_changed_at=work.now,
        )
    )
    return result.rowcount if isinstance(result, CursorResult) else 0


def _move_on(work: Work, who: Member, channel: str, chats: int, to: str | None) -> Switched:
    counts = dict.fromkeys(DeliveryState, 0)
    for rows in _batches(work, who, channel, (DeliveryState.PENDING, *FOR_THE_ASKING)):
        known = Known(work, rows)
        for row in rows:
            before = row.channel_identity_id
            _close_ways(row, known, channel, to)
            settle(work, row, known)
            if row.channel_identity_id != before:
                # Begun there, it is told from the beginning here.
                row.parts_sent, row.external_ids, row.attempts = 0, [], 0
                row.not_before = max(row.not_before, work.now)
            counts[DeliveryState(row.state)] += _told(known.opinion_of(row), who)
    return _counted(work, who, channel, chats, counts)


def _close_ways(row: Delivery, known: Known, channel: str, to: str | None) -> None:
    """As the plan reckons: nobody is waited for on a channel that is gone, and with `to` no other one is tried."""
    condition = known.condition(row)
    if condition.own is not None and not is_left(condition.own, channel, to):
        for rung in WAITED_ON:
            pass_over(row, rung, condition.own.identity_id)
    for way in (condition.own, *condition.others):
        if way is not None and way.channel != channel and not is_left(way, channel, to):
            for rung in (Rung.FREE, Rung.PAID, Rung.TEMPLATE):
                pass_over(row, rung, way.identity_id)


def _told(opinion: Opinion | None, who: Member) -> bool:
    """Whether a notice is counted for this person: of what is sealed only the confidential role hears."""
    return opinion is None or not opinion.sealed or who.has(Role.CONFIDENTIAL)


def _start_again(work: Work, who: Member, channel: str, chats: int, returned: set[int]) -> Switched:
    counts = dict.fromkeys(DeliveryState, 0)
    for rows in _batches(work, who, channel, FOR_THE_ASKING):
        ours = [row for row in rows if row.printed_at is None and row.channel_identity_id in returned]
        known = Known(work, ours)
        for row in ours:
            row.passed, row.state, row.rung, row.step_at = [], DeliveryState.PENDING, None, None
            if settle(work, row, known) is not None:
                row.outcome, row.not_before = None, max(row.not_before, work.now)
            counts[DeliveryState(row.state)] += _told(known.opinion_of(row), who)
    return _counted(work, who, channel, chats, counts)


def _chats_given_up(work: Work, channel: str) -> set[int]:
    rows = work.session.exec(
        select(ChannelIdentity.id).where(
            ChannelIdentity.channel == channel, ChannelIdentity.unreachable_reason == REASON
        )
    )
    return {row for row in rows if row is not None}


def _batches(work: Work, who: Member, channel: str, states: tuple[DeliveryState, ...]) -> Iterator[list[Delivery]]:
    """The office's notices on a channel in these states, oldest first, locked, each once."""
    last = 0
    while True:
        rows = list(
            work.session.exec(
                select(Delivery)
                .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
                .where(
                    ChannelIdentity.channel == channel,
                    of_the_office(who.office_id),
                    col(Delivery.state).in_(states),
                    col(Delivery.id) > last,
                )
                .order_by(col(Delivery.id))
                .limit(BATCH)
                .with_for_update(of=Delivery)
            )
        )
        if not rows:
            return
        yield rows
        last = max(row.id or 0 for row in rows)


def _counted(work: Work, who: Member, channel: str, chats: int, counts: dict[DeliveryState, int]) -> Switched:
    unknown = work.session.exec(
        select(Delivery.id, Opinion)
        .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id))
        .outerjoin(Opinion, col(Opinion.id) == col(Delivery.opinion_id))
        .where(
            ChannelIdentity.channel == channel,
            of_the_office(who.office_id),
            Delivery.state == DeliveryState.UNKNOWN,
        )
    ).all()
    return Switched(
        channel=channel,
        chats=chats,
        sent_on=counts[DeliveryState.PENDING],
        with_staff=counts[DeliveryState.WITH_STAFF],
        waiting=counts[DeliveryState.WAITING_PICKUP],
        unknown=sum(_told(opinion, who) for _, opinion in unknown),
    )
