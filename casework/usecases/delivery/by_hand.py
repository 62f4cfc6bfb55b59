"""Use cases: a colleague hands a notice over, or types it in the platform's console, and says so.

Whoever meets the person may also give them what still waits for them to write. What the person has meanwhile been
given in the chat, or is being sent this moment, is no longer ours to hand over: the reason is said.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import VIETNAM, local_date, vietnamese_date
from casework.codes import spoken
from casework.errors import DoithoaiError, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.ladder import Rung
from casework.usecases.access import DECIDERS, VIEWERS, Member, find_opinion, key_of, no_such_opinion, ref_of, require
from casework.usecases.delivery.slip_list import (
    WaitingSlip,
    home_of,
    list_slips,
    may_give,
    waiting_slips,
    words_in_full,
)
from casework.usecases.work import Services, Work, staff_member
from casework.wording import say
from storage.records import Act, Citizen, Delivery, DeliveryState, Opinion, Role

__all__ = [
    "Handed",
    "HandedOver",
    "Refused",
    "WaitingSlip",
    "hand_over",
    "hand_over_all",
    "read_out",
    "take_back",
    "typed",
    "waiting_slips",
]

S = DeliveryState
#: recorded in the history
_HANDED, _TAKEN_BACK, _TYPED = "handed_over", "hand_over_taken_back", "typed_in_console"
#: states in which a colleague who meets the person may give them the notice
_TO_GIVE = (S.WITH_STAFF, S.WAITING_PICKUP)
#: a day without an hour counts as its noon
_NOON = dt.time(12, 0)


@dataclass(frozen=True, kw_only=True)
class Handed:
    """One notice that now counts as given."""

    delivery_id: int
    #: receipt code, or "#number" while the opinion is sealed
    ref: str
    state: str
    on: dt.date


@dataclass(frozen=True, kw_only=True)
class Refused:
    """One code that was not taken, and why."""

    ref: str
    why: str


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """What became of each code: one that is refused holds nothing else up."""

    done: tuple[Handed, ...] = ()
    refused: tuple[Refused, ...] = ()


def hand_over(
    services: Services,
    staff_id: int,
    refs: Sequence[str | int],
    *,
    on: dt.date | None = None,
    note: str | None = None,
) -> HandedOver:
    """These were given to their people in person, `on` that day (else today). A ref is a receipt code, "#number" of a
    sealed opinion, or the number of one notice; a code stands for all that waits on its opinion.

    Raises `Forbidden` for who hands nothing over, `InvalidInput` for a day that is to come.
    """
    with services.writing() as work:
        who = require(work, staff_id, *VIEWERS, Role.CONFIDENTIAL)
        at = _instant(work, on)
        done: list[Handed] = []
        refused: list[Refused] = []
        for ref in dict.fromkeys(refs):
            try:
                done += _give(work, who, ref, at, note)
            except DoithoaiError as error:
                refused.append(Refused(ref=_said(ref), why=error.what))
        work.commit()
        return HandedOver(done=tuple(done), refused=tuple(refused))


def hand_over_all(
    services: Services,
    staff_id: int,
    *,
    expected: int,
    village: str | None = None,
    on: dt.date | None = None,
) -> HandedOver:
    """All printed slips of the staff member's villages (or of one) were given; `expected` is how many the colleague
    was told there are.

    Raises `IllegalMove` when there are more or fewer by now, else as `hand_over`.
    """
    with services.writing() as work:
        who = require(work, staff_id, *VIEWERS)
        printed = [slip for slip in list_slips(work, staff_id, village) if slip.printed_at is not None]
        if len(printed) != expected:
            raise IllegalMove(
                f"Nay có {len(printed)} phiếu đã in đang chờ trao, không phải {expected}.", todo="Xem lại danh sách."
            )
        at = _instant(work, on)
        done = [one for slip in printed for one in _give(work, who, slip.delivery_id, at, None)]
        work.commit()
        return HandedOver(done=tuple(done))


def take_back(services: Services, staff_id: int, ref: str | int) -> list[Handed]:
    """The colleague marked the wrong one a moment ago (within the grace of an undo): it waits again.

    Raises `NotFound` when nothing was marked by this colleague so lately.
    """
    with services.writing() as work:
        who = require(work, staff_id, *VIEWERS, Role.CONFIDENTIAL)
        rows = [row for row, _ in _known(work, who, ref) if row.state == S.HANDED_OVER]
        mine = _marked_lately(work, staff_id, (row.id for row in rows))
        taken = [row for row in rows if row.id in mine]
        if not taken:
            raise NotFound(
                say("by_hand.nothing_to_take_back", minutes=max(1, round(services.undo_grace.total_seconds() / 60)))
            )
        for row in taken:
            row.state = S.WITH_STAFF if row.rung in (Rung.SLIP, Rung.CONSOLE) else S.WAITING_PICKUP
            row.finished_at = None
            _note(work, staff_id, _TAKEN_BACK, row, before=S.HANDED_OVER)
        handed = [_handed(row, _said(ref), local_date(work.now)) for row in taken]
        work.commit()
        return handed


def typed(services: Services, staff_id: int, ref: str | int, *, note: str | None = None) -> HandedOver:
    """A colleague typed the notice in the platform's own console: it counts as sent, by hand.

    Raises `NotFound`, `Forbidden`, `IllegalMove` when it does not wait for that.
    """
    with services.writing() as work:
        who = require(work, staff_id, *DECIDERS, Role.CONFIDENTIAL)
        known = _known(work, who, ref)
        rows = [(row, opinion) for row, opinion in known if row.state == S.WITH_STAFF and row.rung == Rung.CONSOLE]
        if not rows:
            raise IllegalMove(
                say("by_hand.not_for_console", ref=_said(ref)), todo="Xem: doithoai delivery list --state with_staff"
            )
        done = []
        for row, opinion in rows:
            row.state, row.outcome, row.finished_at = S.SENT, Rung.CONSOLE, work.now
            row.claimed_until = row.step_at = None
            _note(work, staff_id, _TYPED, row, why=note, before=S.WITH_STAFF)
            done.append(_handed(row, ref_of(opinion), local_date(work.now)))
        work.commit()
        return HandedOver(done=tuple(done))


def read_out(services: Services, staff_id: int, ref: str) -> list[str]:
    """The words of what waits for the person behind a code, to be read to them before it is marked as given.

    Raises `NotFound`, `Forbidden`, `IllegalMove` saying what became of it when nothing waits.
    """
    with services.reading() as work:
        who = require(work, staff_id, *VIEWERS, Role.CONFIDENTIAL)
        return [words_in_full(work, row) for row, _ in _to_give(work, who, ref)]


# --------------------------------------------------------------------------- one code


def _give(work: Work, who: Member, ref: str | int, at: dt.datetime, note: str | None) -> list[Handed]:
    rows = _to_give(work, who, ref)
    early = [row for row, _ in rows if local_date(at) < local_date(row.created_at)]
    if early:
        raise InvalidInput(say("by_hand.before_it_was", date=vietnamese_date(local_date(early[0].created_at))))
    done = []
    for row, opinion in rows:
        before, row.state = row.state, S.HANDED_OVER
        row.finished_at, row.claimed_until = at, None
        _note(work, who.id, _HANDED, row, why=note, before=before)
        done.append(_handed(row, ref_of(opinion), local_date(at)))
    return done


def _to_give(work: Work, who: Member, ref: str | int) -> list[tuple[Delivery, Opinion]]:
    """What a colleague may give now. Raises `IllegalMove` with what became of it when there is nothing."""
    known = _known(work, who, ref)
    rows = [(row, opinion) for row, opinion in known if row.state in _TO_GIVE and row.not_before <= work.now]
    if not rows:
        raise IllegalMove(_why_not(work, [row for row, _ in known]))
    return rows


def _known(work: Work, who: Member, ref: str | int) -> list[tuple[Delivery, Opinion]]:
    """The notices behind a code, oldest first, as far as this person may know and give them."""
    statement = select(Delivery).with_for_update(of=Delivery).order_by(col(Delivery.id))
    if isinstance(ref, int):
        row = work.session.exec(statement.where(Delivery.id == ref)).first()
        opinion = work.session.get(Opinion, row.opinion_id) if row is not None and row.opinion_id is not None else None
        if row is None or opinion is None:
            raise _no_such_notice(ref)
        rows = [row]
    else:
        opinion = find_opinion(work, ref)
        rows = list(work.session.exec(statement.where(Delivery.opinion_id == key_of(opinion))))
    person = work.session.get(Citizen, opinion.citizen_id) if opinion.citizen_id is not None else None
    if not may_give(who, opinion, home_of(opinion, person)):
        if opinion.sealed or opinion.office_id != who.office_id:
            # As for a number or a code that was never given out.
            raise _no_such_notice(ref) if isinstance(ref, int) else no_such_opinion()
        raise Forbidden(say("by_hand.other_village"))
    # What was written before a seal says too much: it is not given to anybody.
    return [(row, opinion) for row in rows if row.content_free or not opinion.sealed]


def _no_such_notice(number: int) -> NotFound:
    return NotFound(f"Không có tin số {number} để trao cho người dân.", todo="Xem: doithoai delivery list")


def _why_not(work: Work, rows: Sequence[Delivery]) -> str:
    """What became of the newest notice that is not waiting."""
    told = [row for row in rows if row.state != S.CANCELLED]
    if not told:
        return say("by_hand.nothing_yet")
    row = told[-1]
    date = vietnamese_date(local_date(row.finished_at or row.created_at))
    match S(row.state):
        case S.HANDED_OVER:
            return say("by_hand.already", date=date)
        case S.PICKED_UP:
            return say("by_hand.picked_up", date=date)
        case S.SENT:
            return say("by_hand.sent", date=date)
        case S.WITH_STAFF | S.WAITING_PICKUP:
            return say("by_hand.in_grace")
        case S.EXPIRED:
            return say("by_hand.expired")
        case S.PENDING | S.SENDING:
            return say("by_hand.being_sent")
        case _:
            return say("by_hand.unclear")


def _marked_lately(work: Work, staff_id: int, ids: Iterable[int | None]) -> set[int]:
    rows = work.session.exec(
        select(Act.subject_id).where(
            Act.subject == "delivery",
            col(Act.subject_id).in_([one for one in ids if one is not None]),
            Act.verb == _HANDED,
            Act.actor_id == staff_id,
            col(Act.at) >= work.now - work.services.undo_grace,
        )
    )
    return set(rows)


def _note(work: Work, staff_id: int, verb: str, row: Delivery, *, before: str, why: str | None = None) -> None:
    work.add(row)
    if row.id is None:
        raise ValueError("a delivery that is not stored")
    # The day is kept with the notice; the act says when it was noted, and by whom.
    day = local_date(row.finished_at).isoformat() if row.finished_at is not None else None
    reason = (why or "").strip() or None
    work.record(staff_member(staff_id), verb, "delivery", row.id, why=reason, before=before, state=row.state, on=day)


def _handed(row: Delivery, ref: str, on: dt.date) -> Handed:
    return Handed(delivery_id=row.id or 0, ref=ref, state=row.state, on=on)


def _instant(work: Work, on: dt.date | None) -> dt.datetime:
    today = local_date(work.now)
    if on is None or on == today:
        return work.now
    if on > today:
        raise InvalidInput(f"Ngày {vietnamese_date(on)} chưa tới.", todo="Ghi ngày đã trao.")
    return dt.datetime.combine(on, _NOON, VIETNAM)


def _said(ref: str | int) -> str:
    if isinstance(ref, int):
        return f"tin số {ref}"
    return spoken(ref) if len(ref) == 6 and ref.isalnum() else ref
