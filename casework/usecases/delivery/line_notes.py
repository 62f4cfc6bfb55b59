"""Keeping the line open honestly: where a platform closes a chat after some days of silence, useful news may invite a
reply of one digit, at most twice for an opinion. Nothing is ever sent only to make somebody answer."""

from __future__ import annotations

import datetime as dt

from sqlmodel import col, select

from casework.codes import spoken
from casework.ladder.climbing import is_quiet
from casework.ladder.data import ladders
from casework.notices import Buttons, consents_of, tell_asker
from casework.talk import Button
from casework.usecases.citizens.speaking import next_conference
from casework.usecases.conference.issues import when_of
from casework.usecases.work import Services, Work
from casework.wording import say
from storage.records import (
    ChannelIdentity,
    Conference,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Opinion,
    OpinionState,
    ZaloGrant,
)

#: notices that may invite a reply: that it stands on the agenda, and when the conference is
INVITING = ("agenda", "line")
#: invitations for one opinion, at most
MOST = 2
#: state agencies' accounts as the platform numbers them
STATE_AGENCY = 4


def invitation(work: Work, opinion: Opinion) -> Buttons:
    """The button that shows where the opinion stands, if a notice written now may invite to press it; else nothing."""
    if not _wanted(work) or opinion.sealed or opinion.code is None or not _line_is_open(work, opinion):
        return ()
    if _invited(work, opinion) >= MOST:
        return ()
    return ((Button(label=say("line.status"), token=f"st:{opinion.code}"),),)


def keep_lines_open(services: Services) -> int:
    """Tell those whose opinion was taken up before a conference had its day what day it is, while their chat is open.
    Once per opinion and conference. Returns notices written."""
    with services.writing() as work:
        conference = next_conference(work)
        if conference is None or not _wanted(work) or is_quiet(work.now, services.policy):
            return 0
        told = 0
        for opinion in _untold(work, conference):
            buttons = invitation(work, opinion)
            if buttons and consents_of(work, opinion.citizen_id).get(ConsentPurpose.PUSH, False):
                text = say(
                    "line.conference",
                    code=spoken(opinion.code or ""),
                    when=when_of(conference),
                    place=conference.place,
                )
                notice = tell_asker(
                    work, opinion, purpose="line", occasion=str(conference.id), text=text, buttons=buttons
                )
                told += notice is not None
        work.commit()
        return told


def is_wanted(services: Services) -> bool:
    """Whether invitations go out at all, as the settings and the kind of the official account decide."""
    with services.reading() as work:
        return _wanted(work)


def _wanted(work: Work) -> bool:
    match work.services.policy.keep_line_open:
        case "on":
            return True
        case "auto":
            # An account not known yet may be a state agency's.
            kinds = work.session.exec(select(ZaloGrant.oa_type)).all()
            return bool(kinds) and all(kind is not None and kind != STATE_AGENCY for kind in kinds)
        case _:
            return False


def _windowed() -> dict[str, dt.timedelta]:
    return {
        name: dt.timedelta(hours=one.free_hours)
        for name, one in ladders().channels.items()
        if one.free_hours is not None
    }


def _line_is_open(work: Work, opinion: Opinion) -> bool:
    if opinion.channel_identity_id is None:
        return False
    identity = work.session.get_one(ChannelIdentity, opinion.channel_identity_id)
    window = _windowed().get(identity.channel)
    if window is None or identity.last_inbound_at is None or not identity.reachable:
        return False
    return work.now - identity.last_inbound_at < window


def _invited(work: Work, opinion: Opinion) -> int:
    rows = work.session.exec(
        select(Delivery.buttons).where(
            Delivery.opinion_id == opinion.id,
            col(Delivery.purpose).in_(INVITING),
            Delivery.state != DeliveryState.CANCELLED,
        )
    )
    return sum(bool(buttons) for buttons in rows)


def _untold(work: Work, conference: Conference) -> list[Opinion]:
    """Opinions taken up whose askers may still be written to free of charge, and who heard of no day so far."""
    windows = _windowed()
    if not windows:
        return []
    heard = (
        select(Delivery.id)
        .where(
            Delivery.opinion_id == Opinion.id,
            col(Delivery.created_at) >= conference.created_at,
            col(Delivery.purpose).in_(["approved", "merged", *INVITING]),
        )
        .exists()
    )
    return list(
        work.session.exec(
            select(Opinion)
            .join(ChannelIdentity, col(ChannelIdentity.id) == col(Opinion.channel_identity_id))
            .where(
                Opinion.state == OpinionState.APPROVED,
                col(Opinion.sealed).is_(False),
                col(ChannelIdentity.channel).in_(list(windows)),
                col(ChannelIdentity.last_inbound_at) > work.now - max(windows.values()),
                ~heard,
            )
            .order_by(col(Opinion.id))
        )
    )
