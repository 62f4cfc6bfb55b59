"""Which rung a notice stands on next: a pure function of what is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from casework.clock import VIETNAM
from casework.ladder.data import ChannelLadder, Ladders, ladders
from casework.ladder.values import PHONE_CHANNEL, Policy, Rung, Way

#: our clock and the platform's may differ a little: so long before a window closes the platform is asked
WINDOW_MARGIN = dt.timedelta(minutes=30)


class StepKind(StrEnum):
    """What is to be done with a notice."""

    SEND = "send"
    WAIT = "wait"  # for the person
    STAFF = "staff"  # for a colleague
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True)
class Condition:
    """All that decides about one notice to one person."""

    purpose: str
    now: dt.datetime
    #: the account they asked from; None when they have none
    own: Way | None
    #: further accounts of theirs, oldest first
    others: tuple[Way, ...] = ()
    #: agreed to be sent news, to a short notice by phone number, to another channel when one is closed
    push: bool = True
    phone: bool = False
    fallback: bool = False
    #: rungs that failed or were waited on in vain, each "rung:identity"
    passed: Collection[str] = ()
    #: asked to be forgotten: nothing is sent or carried to them, they can still ask
    left_alone: bool = False
    #: forms about this opinion since the person was last heard from
    forms_sent: int = 0
    #: while waiting on a rung: until when
    waiting_until: dt.datetime | None = None
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """What comes next. `why` is a code (`casework.names.LADDER_WHYS` has the words)."""

    kind: StepKind
    rung: Rung
    #: the account to send to
    way: Way | None = None
    why: str = ""
    #: when the ladder goes on by itself if nothing happens before
    until: dt.datetime | None = None
    #: ask the platform before sending whether the window is open
    check_window: bool = False
    price_vnd: int = 0


def mark(rung: Rung, way: Way | None) -> str:
    """How a rung that was tried is remembered."""
    return f"{rung}:{way.identity_id if way is not None else ''}"


def next_step(condition: Condition, policy: Policy, rules: Ladders | None = None) -> Step:
    """The first rung that is open and has not been tried in vain, of the notice's own ladder.

    A waiting or hand-given rung ends the climb; the last one stays as it is.
    """
    rules = rules or ladders()
    if condition.expires_at is not None and condition.now >= condition.expires_at:
        return Step(kind=StepKind.EXPIRED, rung=Rung.PICKUP, why="expired")
    return _Climb(condition, policy, rules).step()


@dataclass(frozen=True)
class _Climb:
    condition: Condition
    policy: Policy
    rules: Ladders

    def step(self) -> Step:
        condition = self.condition
        if condition.left_alone:
            return Step(kind=StepKind.WAIT, rung=Rung.PICKUP, way=condition.own, why="left_alone")
        rule = self.rules.purpose(condition.purpose)
        for rung in self._ladder().rungs:
            if rule.allows(rung) and (step := self._open(rung)) is not None:
                return step
        # Nothing is open (any more): it waits for the person, who can always ask.
        return Step(kind=StepKind.WAIT, rung=Rung.PICKUP, way=condition.own, why=self._why_waiting())

    def _ladder(self) -> ChannelLadder:
        own = self.condition.own
        if not self.condition.push and own is not None and own.channel != PHONE_CHANNEL:
            return self.rules.channel("not_to_phone")
        return self.rules.channel(own.channel if own is not None else None)

    def _open(self, rung: Rung) -> Step | None:
        match rung:
            case Rung.FREE | Rung.PAID | Rung.TEMPLATE:
                return self._send(rung, self.condition.own)
            case Rung.PICKUP:
                return self._pickup()
            case Rung.OTHER_CHANNEL:
                return self._other()
            case Rung.CONSOLE:
                return self._console()
            case Rung.ASKED:
                return None
            case Rung.SLIP:
                return Step(kind=StepKind.STAFF, rung=Rung.SLIP, why=self._why_waiting())

    # ------------------------------------------------------------------ sending

    def _send(self, rung: Rung, way: Way | None) -> Step | None:
        condition = self.condition
        if way is None or not way.on or not way.reachable or mark(rung, way) in condition.passed:
            return None
        if way.channel == PHONE_CHANNEL and not condition.phone:
            return None
        windows = self.rules.channel(way.channel)
        if rung not in windows.rungs:
            return None
        since = None if way.last_inbound_at is None else condition.now - way.last_inbound_at
        match rung:
            case Rung.FREE:
                return self._free(way, windows, since)
            case Rung.PAID:
                open_for = _hours(windows.paid_hours)
                if not self.policy.paid or since is None or (open_for is not None and since >= open_for):
                    return None
                price = self.policy.paid_price_vnd
                return Step(kind=StepKind.SEND, rung=rung, way=way, check_window=True, price_vnd=price)
            case _:
                form = self.policy.form(way.channel, condition.purpose)
                if form is None or condition.forms_sent >= self.rules.forms.per_case:
                    return None
                return Step(kind=StepKind.SEND, rung=rung, way=way, price_vnd=form.price_vnd)

    def _free(self, way: Way, windows: ChannelLadder, since: dt.timedelta | None) -> Step | None:
        open_for = _hours(windows.free_hours)
        if open_for is None:
            return Step(kind=StepKind.SEND, rung=Rung.FREE, way=way)
        if since is None or since >= open_for:
            return None
        return Step(kind=StepKind.SEND, rung=Rung.FREE, way=way, check_window=since > open_for - WINDOW_MARGIN)

    def _other(self) -> Step | None:
        condition = self.condition
        for way in condition.others:
            if way.channel != PHONE_CHANNEL and not (condition.push and condition.fallback):
                continue
            for rung in (Rung.FREE, Rung.PAID, Rung.TEMPLATE):
                if self.rules.purpose(condition.purpose).allows(rung) and (step := self._send(rung, way)) is not None:
                    return step
        return None

    # ------------------------------------------------------------------ waiting

    def _pickup(self) -> Step | None:
        condition, own = self.condition, self.condition.own
        if own is None or own.lost or mark(Rung.PICKUP, own) in condition.passed:
            return None
        if condition.push and not (own.reachable and own.on) and self._other() is not None:
            # Nobody comes back soon to a channel they left: another one is tried at once.
            return None
        until = condition.waiting_until or condition.now + dt.timedelta(days=self.rules.waits.pickup)
        return Step(kind=StepKind.WAIT, rung=Rung.PICKUP, way=own, why=self._why_waiting(), until=until)

    def _console(self) -> Step | None:
        condition, own = self.condition, self.condition.own
        if own is None or not self.policy.console or not own.on or mark(Rung.CONSOLE, own) in condition.passed:
            return None
        days = self.rules.channel(own.channel).console_days
        since = None if own.last_inbound_at is None else condition.now - own.last_inbound_at
        if not own.reachable or since is None or (days is not None and since >= dt.timedelta(days=days)):
            return None
        until = condition.waiting_until or condition.now + dt.timedelta(days=self.rules.waits.console)
        return Step(kind=StepKind.STAFF, rung=Rung.CONSOLE, way=own, why="window_closed", until=until)

    def _why_waiting(self) -> str:
        condition, own = self.condition, self.condition.own
        if own is None:
            return "no_channel"
        if not condition.push and own.channel != PHONE_CHANNEL:
            return "no_consent"
        if not own.on:
            return "channel_off"
        if not own.reachable:
            return "unreachable"
        if condition.forms_sent:
            return "notified"
        return "window_closed"


def _hours(hours: float | None) -> dt.timedelta | None:
    return None if hours is None else dt.timedelta(hours=hours)


def is_quiet(now: dt.datetime, policy: Policy) -> bool:
    """Whether no notice may be pushed at this instant."""
    local = now.astimezone(VIETNAM).time()
    begin, end = policy.quiet_from, policy.quiet_until
    return begin <= local or local < end if begin > end else begin <= local < end


def after_quiet(now: dt.datetime, policy: Policy) -> dt.datetime:
    """The first instant from `now` on at which notices may be pushed."""
    if not is_quiet(now, policy):
        return now
    local = now.astimezone(VIETNAM)
    morning = dt.datetime.combine(local.date(), policy.quiet_until, VIETNAM)
    return (morning if morning > local else morning + dt.timedelta(days=1)).astimezone(dt.UTC)
