"""Who is owed something over a channel that may be lost, and by which way it would reach each of them then.

Read only, and computed by the same rules as sending: the ladder is asked as if the channel were gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from enum import StrEnum

from sqlalchemy import ColumnElement
from sqlmodel import col, func, or_, select

from casework.errors import InvalidInput
from casework.ladder.climbing import Condition, Step, StepKind, mark, next_step
from casework.ladder.values import PHONE_CHANNEL, Rung, Way
from casework.names import CHANNELS
from casework.reaching import FOR_THE_ASKING, Known
from casework.usecases.access import Member, ref_of, require
from casework.usecases.work import Services, Work
from storage.records import (
    ChannelIdentity,
    Citizen,
    Delivery,
    DeliveryState,
    Opinion,
    OpinionState,
    ResidentialGroup,
    Role,
    Staff,
    StaffChat,
)

#: who may look at the plan; who may carry it out is `switching.KEEPERS`
READERS = (Role.MODERATOR, Role.APPROVER, Role.ADMIN, Role.CONFIDENTIAL)
#: an opinion in one of these is done with; only an undelivered notice is still owed on it
AT_REST = (OpinionState.ANSWERED, OpinionState.DECLINED, OpinionState.REDIRECTED, OpinionState.WITHDRAWN)
#: notices that have not reached their person, or nobody knows
NOT_THERE = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNKNOWN, *FOR_THE_ASKING)
#: rungs on which the person is waited for where they asked
WAITED_ON = (Rung.PICKUP, Rung.CONSOLE)
#: keys per query
_BATCH = 500


class NextWay(StrEnum):
    """By which way somebody is reached once the channel is gone."""

    OTHER_CHANNEL = "other_channel"  # another channel of theirs, agreed to
    PHONE = "phone"  # a short notice to the phone number given for that
    CONSOLE = "console"  # a colleague types it in the platform's console
    SLIP = "slip"  # only a person: printed and handed over in the village
    PICKUP = "pickup"  # waits until they come by themselves


NEXT_WAYS: Mapping[str, str] = {
    NextWay.OTHER_CHANNEL: "kênh khác đã đồng ý",
    NextWay.PHONE: "tin ngắn qua số điện thoại",
    NextWay.CONSOLE: "cán bộ gõ tay",
    NextWay.SLIP: "chỉ người trao được",
    NextWay.PICKUP: "chờ người ấy tìm tới",
}


@dataclass(frozen=True, kw_only=True)
class OwedPerson:
    """One person who is owed something over the channel: codes, no name."""

    #: receipt codes, "#number" of what is sealed; empty when only news about no opinion waits
    codes: tuple[str, ...]
    #: notices that have not reached them, among them answers
    waiting: int
    unknown: int
    #: where the person lives, else where the matter is
    village: str | None
    way: NextWay
    #: the channel of that way
    channel: str | None
    sealed: bool


@dataclass(frozen=True, kw_only=True)
class SwitchPlan:
    """What giving a channel up would mean."""

    channel: str
    people: tuple[OwedPerson, ...]
    #: way (and channel, "other_channel:zalo-oa") -> people
    ways: Mapping[str, int]
    #: people whom only a colleague can reach
    by_person: int
    #: chats of the channel that count as reachable
    reachable: int
    #: colleagues and staff groups whose chat is on this channel
    staff: int


def plan_switch(services: Services, staff_id: int, channel: str, *, to: str | None = None) -> SwitchPlan:
    """Everyone owed something over `channel` where the staff member works, with the next way that is open; `to`: count
    on this other channel (and phone numbers) alone.

    What is sealed only the confidential role sees. Raises `Forbidden`, `InvalidInput` for an unknown channel.
    """
    with services.reading() as work:
        who = require(work, staff_id, *READERS)
        return make_plan(work, who, channel, to=to)


def make_plan(work: Work, who: Member, channel: str, *, to: str | None = None) -> SwitchPlan:
    """As `plan_switch`, within a unit of work."""
    for name in (channel, to):
        check_channel(name)
    people = _people(work, _Owed(work, who, channel), channel, to)
    ways: dict[str, int] = {}
    for one in people:
        name = f"{one.way}:{one.channel}" if one.way is NextWay.OTHER_CHANNEL else str(one.way)
        ways[name] = ways.get(name, 0) + 1
    return SwitchPlan(
        channel=channel,
        people=tuple(people),
        ways=ways,
        by_person=sum(one.way in (NextWay.SLIP, NextWay.CONSOLE) for one in people),
        reachable=_reachable(work, who.office_id, channel),
        staff=_staff_chats(work, who.office_id, channel),
    )


def check_channel(name: str | None) -> None:
    """Raises `InvalidInput` for a channel nobody knows."""
    if name is not None and name not in CHANNELS:
        wanted = name.strip().casefold()
        near = [one for one in CHANNELS if wanted and one.startswith(wanted)] or get_close_matches(
            wanted, CHANNELS, n=1
        )
        meant = f"Có phải anh/chị muốn: {near[0]}? " if near else ""
        raise InvalidInput(f"Không có kênh «{name}».", todo=f"{meant}Chọn trong: {', '.join(CHANNELS)}.")


# ---------------------------------------------------------------------- who is owed what


class _Owed:
    """Opinions and notices whose own way is the channel, by person, as far as `who` may know; what is sealed apart."""

    def __init__(self, work: Work, who: Member, channel: str) -> None:
        ours = select(ChannelIdentity.id).where(
            ChannelIdentity.channel == channel, col(ChannelIdentity.is_group).is_(False)
        )
        undelivered = work.session.exec(
            select(Delivery)
            .join(Opinion, col(Opinion.id) == col(Delivery.opinion_id), isouter=True)
            .where(
                col(Delivery.state).in_(NOT_THERE),
                or_(col(Delivery.opinion_id).is_not(None), col(Delivery.citizen_id).is_not(None)),
                or_(col(Delivery.channel_identity_id).in_(ours), col(Opinion.channel_identity_id).in_(ours)),
            )
            .order_by(col(Delivery.id))
        ).all()
        on_it = {one.opinion_id for one in undelivered if one.opinion_id is not None}
        open_ones = work.session.exec(
            select(Opinion)
            .where(col(Opinion.channel_identity_id).in_(ours), col(Opinion.state).not_in(AT_REST))
            .order_by(col(Opinion.id))
        ).all()
        opinions = {one.id: one for one in open_ones}
        opinions |= {one.id: one for one in _opinions(work, on_it - set(opinions))}
        opinions = {key: one for key, one in opinions.items() if who.may(one, *READERS)}
        homes = _homes_of_the_office(work, who, {one.citizen_id for one in undelivered if one.opinion_id is None})
        self.opinions: dict[tuple[str, int], list[Opinion]] = {}
        self.notices: dict[tuple[str, int], list[Delivery]] = {}
        for opinion in sorted(opinions.values(), key=lambda one: one.id or 0):
            self.opinions.setdefault(_person(opinion), []).append(opinion)
        for notice in undelivered:
            about = opinions.get(notice.opinion_id)
            if about is not None:
                self.notices.setdefault(_person(about), []).append(notice)
            elif notice.opinion_id is None and notice.citizen_id in homes:
                self.notices.setdefault(("citizen", notice.citizen_id), []).append(notice)

    @property
    def keys(self) -> list[tuple[str, int]]:
        return list(dict.fromkeys([*self.opinions, *self.notices]))


def _opinions(work: Work, ids: Iterable[int | None]) -> list[Opinion]:
    wanted = sorted(one for one in ids if one is not None)
    return [
        opinion
        for start in range(0, len(wanted), _BATCH)
        for opinion in work.session.exec(select(Opinion).where(col(Opinion.id).in_(wanted[start : start + _BATCH])))
    ]


def _homes_of_the_office(work: Work, who: Member, people: set[int | None]) -> set[int]:
    """Those of these people who belong to the office and live where `who` works."""
    wanted = sorted(one for one in people if one is not None)
    found = set()
    for start in range(0, len(wanted), _BATCH):
        rows = work.session.exec(
            select(Citizen.id, Citizen.residential_group_id).where(
                col(Citizen.id).in_(wanted[start : start + _BATCH]), Citizen.office_id == who.office_id
            )
        )
        found |= {
            person
            for person, home in rows
            if person is not None and any(one.role in READERS and one.covers(home) for one in who.grants)
        }
    return found


def _person(opinion: Opinion) -> tuple[str, int]:
    """What is sealed is a line of its own: nothing may tie it to the rest."""
    if opinion.sealed or opinion.citizen_id is None:
        return ("opinion", opinion.id or 0)
    return ("citizen", opinion.citizen_id)


# ---------------------------------------------------------------------- by which way then


def _people(work: Work, owed: _Owed, channel: str, to: str | None) -> list[OwedPerson]:
    villages = {row.id: row.name for row in work.session.exec(select(ResidentialGroup))}
    found = []
    keys = owed.keys
    for start in range(0, len(keys), _BATCH):
        probes = {key: _probe(owed, key) for key in keys[start : start + _BATCH]}
        known, homes = Known(work, list(probes.values())), _homes(work, probes)
        for key, probe in probes.items():
            step = step_without(known.condition(probe), work, channel, to=to)
            places = [homes.get(key), *(one.residential_group_id for one in owed.opinions.get(key, []))]
            village = next((villages[place] for place in places if place in villages), None)
            found.append(_row(owed, key, step, village))
    return found


def _homes(work: Work, keys: Iterable[tuple[str, int]]) -> dict[tuple[str, int], int | None]:
    ids = [number for sort, number in keys if sort == "citizen"]
    rows = work.session.exec(select(Citizen.id, Citizen.residential_group_id).where(col(Citizen.id).in_(ids)))
    return {("citizen", person or 0): home for person, home in rows}


def _probe(owed: _Owed, key: tuple[str, int]) -> Delivery:
    """An answer to this person, as it would be written now; never stored."""
    opinions, notices = owed.opinions.get(key, []), owed.notices.get(key, [])
    identity = notices[0].channel_identity_id if notices else None
    since = notices[0].created_at if notices else opinions[0].submitted_at
    return Delivery(
        key="",
        purpose="answer",
        text="",
        citizen_id=key[1] if key[0] == "citizen" else None,
        opinion_id=opinions[0].id if opinions else None,
        channel_identity_id=opinions[0].channel_identity_id if opinions else identity,
        not_before=since,
        created_at=since,
    )


def step_without(condition: Condition, work: Work, channel: str, *, to: str | None = None) -> Step:
    """What the ladder says as if a channel were gone, and nobody could be waited for on it."""
    own = _without(condition.own, channel, None) if condition.own is not None else None
    gone = [mark(rung, own) for rung in WAITED_ON] if own is not None and not own.on else []
    others = tuple(_without(way, channel, to) for way in condition.others)
    return next_step(
        replace(condition, own=own, others=others, passed=(*condition.passed, *gone)), work.services.policy
    )


def is_left(way: Way, channel: str, to: str | None) -> bool:
    """Whether this account still counts once `channel` is gone (and, with `to`, only that other channel is used)."""
    return way.channel != channel and (to is None or way.channel in (to, PHONE_CHANNEL))


def _without(way: Way, channel: str, to: str | None) -> Way:
    return replace(way, on=way.on and is_left(way, channel, to))


def _row(owed: _Owed, key: tuple[str, int], step: Step, village: str | None) -> OwedPerson:
    opinions, notices = owed.opinions.get(key, []), owed.notices.get(key, [])
    return OwedPerson(
        codes=tuple(ref_of(one) for one in opinions),
        waiting=len(notices),
        unknown=sum(one.state == DeliveryState.UNKNOWN for one in notices),
        village=village,
        way=_way(step),
        channel=step.way.channel if step.kind is StepKind.SEND and step.way is not None else None,
        sealed=any(one.sealed for one in opinions),
    )


def _way(step: Step) -> NextWay:
    match step.kind:
        case StepKind.SEND:
            by_phone = step.way is not None and step.way.channel == PHONE_CHANNEL
            return NextWay.PHONE if by_phone else NextWay.OTHER_CHANNEL
        case StepKind.STAFF:
            return NextWay.CONSOLE if step.rung is Rung.CONSOLE else NextWay.SLIP
        case _:
            return NextWay.PICKUP


# ---------------------------------------------------------------------- the channel itself


def of_the_office(office_id: int) -> ColumnElement[bool]:
    """Accounts of the office's people, and those that belong to nobody yet."""
    people = select(Citizen.id).where(Citizen.office_id == office_id)
    return or_(col(ChannelIdentity.citizen_id).is_(None), col(ChannelIdentity.citizen_id).in_(people))


def _reachable(work: Work, office_id: int, channel: str) -> int:
    statement = select(func.count()).where(
        ChannelIdentity.channel == channel, col(ChannelIdentity.reachable), of_the_office(office_id)
    )
    return work.session.exec(statement).one()


def _staff_chats(work: Work, office_id: int, channel: str) -> int:
    ours = select(ChannelIdentity.id).where(ChannelIdentity.channel == channel)
    people = select(func.count()).where(
        col(Staff.channel_identity_id).in_(ours), col(Staff.active), Staff.office_id == office_id
    )
    groups = select(func.count()).where(
        col(StaffChat.channel_identity_id).in_(ours), col(StaffChat.active), StaffChat.office_id == office_id
    )
    return work.session.exec(people).one() + work.session.exec(groups).one()
