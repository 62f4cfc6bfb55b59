"""What a platform allows in a month, and how much of it is used up: counted by us, because it does not tell.

Nobody is turned away here: whoever comes beyond a cap is answered as far as the platform lets us. Staff are warned
while there is still time to move people to another channel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import col, func, select

from casework import notices
from casework.names import CHANNELS
from casework.usecases.access import VIEWERS, require
from casework.usecases.delivery.attempts import month_of
from casework.usecases.work import Services, Work
from casework.wording import say
from storage.records import ChannelIdentity, ChannelUsage, Role

#: shares of a cap at which staff are warned, per cent
LEVELS = (80, 100)


@dataclass(frozen=True, kw_only=True)
class Cap:
    """What one account of ours may do; None: no cap is known."""

    channel: str
    account: str
    people: int | None = None
    messages_per_month: int | None = None


@dataclass(frozen=True, kw_only=True)
class CapUse:
    """One cap and how much of it is used. `what`: people (all time) or messages (this calendar month)."""

    channel: str
    account: str
    what: str
    used: int
    allowed: int

    @property
    def level(self) -> int | None:
        """The highest level of warning that is reached, per cent."""
        return max((level for level in LEVELS if self.used * 100 >= self.allowed * level), default=None)


def uses(work: Work, caps: Iterable[Cap]) -> list[CapUse]:
    """How much of each cap is used now. Groups count as messages go, not as people."""
    found = []
    for cap in caps:
        account = {"channel": cap.channel, "account": cap.account}
        if cap.people is not None:
            found.append(CapUse(what="people", used=_people(work, cap), allowed=cap.people, **account))
        if cap.messages_per_month is not None:
            found.append(CapUse(what="messages", used=_messages(work, cap), allowed=cap.messages_per_month, **account))
    return found


def list_uses(services: Services, staff_id: int, caps: Iterable[Cap]) -> list[CapUse]:
    """`uses`, for staff. Raises `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS, Role.ADMIN, Role.CONFIDENTIAL)
        return uses(work, caps)


def warn(services: Services, caps: Iterable[Cap]) -> tuple[list[CapUse], int]:
    """Warn administrators and staff groups, once a month for each cap and level. Returns all uses, and how many
    notices were written."""
    with services.writing() as work:
        found, written = uses(work, caps), 0
        for use in found:
            if use.level is None:
                continue
            key = f"cap:{use.channel}:{use.account}:{use.what}:{use.level}:{month_of(work.now)}"
            text = words(use)
            written += notices.tell_staff(work, key=key, purpose="alert", text=text, role=Role.ADMIN, groups_too=True)
        work.commit()
    return found, written


def words(use: CapUse) -> str:
    """What staff read of a cap that is (nearly) used up."""
    full = "full" if use.level == max(LEVELS) else "near"
    channel = CHANNELS.get(use.channel, use.channel)
    return say(f"channel_cap.{use.what}_{full}", channel=channel, used=use.used, allowed=use.allowed)


def standing(use: CapUse) -> str:
    """How far one cap is used, in a line."""
    channel = CHANNELS.get(use.channel, use.channel)
    return say(f"channel_cap.{use.what}_standing", channel=channel, used=use.used, allowed=use.allowed)


def _people(work: Work, cap: Cap) -> int:
    return work.session.exec(
        select(func.count())
        .select_from(ChannelIdentity)
        .where(
            ChannelIdentity.channel == cap.channel,
            ChannelIdentity.account == cap.account,
            col(ChannelIdentity.is_group).is_(False),
        )
    ).one()


def _messages(work: Work, cap: Cap) -> int:
    sent = work.session.exec(
        select(ChannelUsage.sent).where(
            ChannelUsage.channel == cap.channel,
            ChannelUsage.account == cap.account,
            ChannelUsage.month == month_of(work.now),
        )
    ).first()
    return sent or 0
