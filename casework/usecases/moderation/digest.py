"""What staff hear without asking: one digest a day instead of a card per question, an alert where it cannot wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, func, select

from casework import cards, notices
from casework.clock import VIETNAM, local_date
from casework.talk import Button, Reply
from casework.usecases.access import DECIDERS, VIEWERS, Grant, Member, key_of, member, ref_of
from casework.usecases.delivery.slip_list import count_waiting
from casework.usecases.reminders.open_duties import DueCounts, due_counts
from casework.usecases.work import SYSTEM, Services, Work
from storage.records import (
    ChannelIdentity,
    Delivery,
    DeliveryState,
    InboxEntry,
    InboxStatus,
    Opinion,
    OpinionState,
    ResidentialGroup,
    Role,
    Staff,
    StaffChat,
)

S = OpinionState

#: whoever hears first; the next only when nobody before has a linked chat
_ALERTED = (Role.MODERATOR, Role.APPROVER, Role.ADMIN)
#: a payload not handled after this long needs a look
_STUCK_AFTER = dt.timedelta(minutes=10)
#: the buttons below a digest
OPEN_QUEUE = Button(label="Xem hàng đợi", token="s:q")  # noqa: S106 - no secret, the name of a press
OPEN_SLIPS = Button(label="Xem phiếu chờ trao", token="s:sl")  # noqa: S106 - likewise
LOOK = Button(label="Xem ý kiến ở thôn", token="s:q")  # noqa: S106 - likewise


@dataclass(frozen=True, kw_only=True)
class Digest:
    """What waits for one person (or one staff group) today."""

    new: int = 0
    waiting: int = 0
    urgent: int = 0
    held: int = 0
    sealed: int = 0
    clarifying: int = 0
    #: how long the oldest has waited for a decision
    oldest: dt.timedelta | None = None
    #: notices whose platform hid the outcome
    unknown_deliveries: int = 0
    #: messages that were set aside or are not handled yet
    unfinished: int = 0
    #: answers on paper that wait to be printed or handed over
    slips: int = 0
    #: duties of the office that press: due soon, late, open under a new date
    due_soon: int = 0
    late: int = 0
    extended: int = 0
    #: may look at opinions, not decide on them: hears nothing of what waits for others to decide
    only_looks: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(
            (
                self.new,
                self.waiting,
                self.urgent,
                self.held,
                self.sealed,
                self.clarifying,
                self.unknown_deliveries,
                self.unfinished,
                self.slips,
                self.due_soon,
                self.late,
            )
        )


def digest(services: Services, staff_id: int, *, sealed_too: bool = True) -> Digest:
    """Today's counts within the staff member's role and territory; `sealed_too` False in group chats.

    Raises `Forbidden`.
    """
    with services.reading() as work:
        return _digest(work, member(work, staff_id), _Due(work), sealed_too=sealed_too)


def send_digest(services: Services) -> int:
    """Send each staff member and staff group today's digest, once a local day; nothing where nothing is to tell.

    Returns how many were written.
    """
    with services.writing() as work:
        day = local_date(work.now).isoformat()
        due = _Due(work)
        written = 0
        for staff in work.session.exec(select(Staff).where(col(Staff.active)).order_by(col(Staff.id))).all():
            if staff.id is None or staff.channel_identity_id is None:
                continue
            counts = _digest(work, member(work, staff.id), due, sealed_too=True)
            written += _send(work, f"digest:{day}:staff:{staff.id}", staff.channel_identity_id, counts)
        for chat in work.session.exec(select(StaffChat).where(col(StaffChat.active))).all():
            counts = _digest(work, _whole_office(chat.office_id), due, sealed_too=False)
            written += _send(work, f"digest:{day}:chat:{chat.id}", chat.channel_identity_id, counts)
        work.commit()
    return written


def _send(work: Work, key: str, identity_id: int, counts: Digest) -> int:
    identity = work.session.get_one(ChannelIdentity, identity_id)
    if counts.is_empty or not identity.reachable:
        return 0
    message = Reply(text=cards.digest_card(counts), buttons=ways_on(counts))
    return int(notices.reply(work, key=key, identity_id=identity_id, message=message, purpose="digest") is not None)


def ways_on(counts: Digest) -> tuple[tuple[Button, ...], ...]:
    """The buttons below a digest: only what this person may do, and only where there is something."""
    if not counts.only_looks:
        return ((OPEN_QUEUE,),)
    slips = ((OPEN_SLIPS,),) if counts.slips else ()
    return (*slips, (LOOK,)) if counts.new or counts.urgent else slips


def _whole_office(office_id: int) -> Member:
    """A staff group sees what a moderator of the whole office sees, never what is sealed."""
    return Member(id=0, office_id=office_id, name="", grants=(Grant(role=Role.MODERATOR, residential_group_id=None),))


class _Due:
    """The duties that press, counted once for all who may know the same."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._counts: dict[bool, DueCounts] = {}

    def seen_by(self, who: Member, *, sealed_too: bool) -> DueCounts:
        if not who.has(*DECIDERS, Role.ADMIN):
            return DueCounts()
        knows = sealed_too and who.has(Role.CONFIDENTIAL)
        if knows not in self._counts:
            self._counts[knows] = due_counts(self._work, local_date(self._work.now), sealed_too=knows)
        return self._counts[knows]


def _digest(work: Work, who: Member, duties: _Due, *, sealed_too: bool) -> Digest:
    open_ones = work.session.exec(
        select(Opinion).where(
            Opinion.office_id == who.office_id,
            col(Opinion.state).in_([S.RECEIVED, S.HELD, S.CLARIFYING]),
        )
    )
    mine = [one for one in open_ones if who.may(one, *VIEWERS) and (sealed_too or not one.sealed)]
    ours = [one for one in mine if one.state != S.CLARIFYING]
    ordinary = [one for one in ours if one.state == S.RECEIVED and not one.sealed]
    since = dt.datetime.combine(local_date(work.now), dt.time(), VIETNAM) - dt.timedelta(days=1)
    decides = who.has(*DECIDERS, Role.ADMIN)
    only_looks = not (decides or who.has(Role.CONFIDENTIAL))
    due = duties.seen_by(who, sealed_too=sealed_too)
    return Digest(
        new=sum(one.submitted_at >= since for one in mine),
        waiting=0 if only_looks else len(ordinary),
        urgent=sum(one.urgent for one in ordinary),
        held=0 if only_looks else sum(one.state == S.HELD and not one.sealed for one in ours),
        sealed=sum(one.sealed for one in ours),
        clarifying=len(mine) - len(ours),
        oldest=max((work.now - one.submitted_at for one in ours), default=None),
        unknown_deliveries=_unknown_deliveries(work) if decides else 0,
        unfinished=_unfinished(work) if decides else 0,
        slips=count_waiting(work, who),
        due_soon=due.soon,
        late=due.late,
        extended=due.extended,
        only_looks=only_looks,
    )


def _unknown_deliveries(work: Work) -> int:
    return work.session.exec(
        select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.UNKNOWN)
    ).one()


def _unfinished(work: Work) -> int:
    late = (col(InboxEntry.status) == InboxStatus.RECEIVED) & (col(InboxEntry.received_at) < work.now - _STUCK_AFTER)
    set_aside = col(InboxEntry.status) == InboxStatus.QUARANTINED
    return work.session.exec(select(func.count()).select_from(InboxEntry).where(set_aside | late)).one()


# ---------------------------------------------------------------------- alerts


def alert_staff(work: Work, *, reason: str, opinion: Opinion | None) -> None:
    """Tell staff now, inside the caller's transaction, once per reason and version of the opinion.

    Of a sealed opinion only the confidential role hears, and no staff group.
    """
    occasion = f"{opinion.id}:{opinion.version}" if opinion is not None else work.now.isoformat()
    key = f"alert:{reason}:{occasion}"
    if work.session.exec(select(Delivery.id).where(col(Delivery.key).startswith(f"{key}:", autoescape=True))).first():
        return
    sealed = opinion is not None and opinion.sealed
    text = cards.alert_card(
        reason,
        ref=ref_of(opinion) if opinion is not None else None,
        village=_village(work, opinion),
        words=opinion.original_text if opinion is not None and not sealed else None,
    )
    buttons = ((Button(label="Xem", token=f"s:v:{ref_of(opinion)}"),),) if opinion is not None else ()
    for role in (Role.CONFIDENTIAL,) if sealed else _ALERTED:
        written = notices.tell_staff(
            work,
            key=key,
            purpose="alert",
            text=text,
            role=role,
            residential_group_id=opinion.residential_group_id if opinion is not None else None,
            buttons=buttons,
            groups_too=not sealed,
        )
        if written:
            break
    if opinion is not None:
        work.record(SYSTEM, "staff_alerted", "opinion", key_of(opinion), reason=reason)


def _village(work: Work, opinion: Opinion | None) -> str | None:
    if opinion is None or opinion.sealed or opinion.residential_group_id is None:
        return None
    return work.session.get_one(ResidentialGroup, opinion.residential_group_id).name
