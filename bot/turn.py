"""From a stored payload to a finished turn: parse, tell apart staff and citizens, hand over to the use cases.

Runs in a worker thread; each call opens and commits its own units of work and may be repeated at any time.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.channel import Channel, UnreadablePayload
from bot.conversation.engine import advance
from bot.staff.desk import handle_staff, may_enrol
from casework.effects import Engine
from casework.talk import Capabilities, InboundMessage, MessageKind, Reply
from casework.usecases.citizens import grouping, intake, people
from casework.usecases.office import platform_news
from casework.usecases.work import Services
from storage.records import InboxStatus

Channels = Mapping[tuple[str, str], Channel]


@dataclass(frozen=True, kw_only=True)
class PressToAcknowledge:
    """A pressed button whose spinner the channel should stop."""

    channel: str
    account: str
    press_ref: str


def handle_entry(
    services: Services, channels: Channels, entry_id: int, *, engine: Engine = advance
) -> list[PressToAcknowledge]:
    """Handle one inbox entry to its end: handled, ignored or quarantined. Repeating it changes nothing.

    Raises only what is our own fault (the caller counts attempts and quarantines in the end).
    """
    with services.reading() as work:
        entry = intake.arrived(work, entry_id)
    if entry.status != InboxStatus.RECEIVED:
        return []
    channel = channels.get((entry.channel, entry.account))
    if channel is None:
        intake.set_aside(services, entry_id=entry_id, status=InboxStatus.QUARANTINED, reason="channel is off")
        return []
    try:
        payload = json.loads(entry.raw)
        messages = channel.parse(payload)
    except json.JSONDecodeError as error:
        reason = f"unreadable: {error}"
        intake.set_aside(services, entry_id=entry_id, status=InboxStatus.QUARANTINED, reason=reason[:300])
        return []
    except UnreadablePayload as error:
        reason = f"unreadable: {error}"
        kept = _as_kept(channel, payload)
        intake.set_aside(services, entry_id=entry_id, status=InboxStatus.QUARANTINED, reason=reason[:300], kept=kept)
        return []
    kept = _as_kept(channel, payload)
    if _dispatch(services, channel, entry_id, messages, engine, kept):
        grouping.suggest_pending(services)
    return [
        PressToAcknowledge(channel=message.channel, account=message.account, press_ref=message.press_ref)
        for message in messages
        if message.press_ref is not None
    ]


def _as_kept(channel: Channel, payload: Any) -> str | None:
    """The payload as it may be kept; None for something no channel can make nameless."""
    # ASCII: half of a surrogate pair, which JSON can carry, is no text a database takes.
    return json.dumps(channel.without_names(payload)) if isinstance(payload, dict) else None


def _dispatch(
    services: Services,
    channel: Channel,
    entry_id: int,
    messages: Sequence[InboundMessage],
    engine: Engine,
    kept: str | None,
) -> bool:
    """Hand over to whom it concerns; whether there are new words to look for alike ones."""
    reason = _why_ignored(messages)
    if reason is not None:
        intake.set_aside(services, entry_id=entry_id, status=InboxStatus.IGNORED, reason=reason, kept=kept)
        return False
    message = messages[0]
    if message.kind is MessageKind.NEWS:
        platform_news.tell(services, message, entry_id=entry_id)
        reason = message.note or "news"
        intake.set_aside(services, entry_id=entry_id, status=InboxStatus.HANDLED, reason=reason, kept=kept)
        return False
    if message.kind in {MessageKind.BLOCKED, MessageKind.UNBLOCKED, MessageKind.MIGRATED}:
        buttons = channel.capabilities.buttons
        intake.change_reachability(
            services, entry_id=entry_id, message=message, kept=kept, engine=engine, buttons=buttons
        )
        return False
    if message.kind in {MessageKind.RECEIPT, MessageKind.ECHO, MessageKind.WITHDRAWN}:
        intake.take_notice(services, entry_id=entry_id, message=message, kept=kept)
        return False
    replies = _staff_replies(services, entry_id, message, channel.capabilities)
    if replies is not None:
        intake.finish_with_replies(services, entry_id=entry_id, message=message, replies=replies, kept=kept)
    elif message.is_group:
        reason = "group that is not staff's"
        intake.set_aside(services, entry_id=entry_id, status=InboxStatus.IGNORED, reason=reason, kept=kept)
    else:
        buttons = channel.capabilities.buttons
        return intake.take_turn(services, engine, entry_id=entry_id, messages=messages, buttons=buttons, kept=kept)
    return False


def _why_ignored(messages: Sequence[InboundMessage]) -> str | None:
    if not messages:
        return "concerns nobody"
    message = messages[0]
    if message.sender_is_bot:
        return "another bot"
    if message.kind is MessageKind.OTHER and message.is_group:
        return message.note or "nothing to do"
    return None


def _staff_replies(
    services: Services, entry_id: int, message: InboundMessage, capabilities: Capabilities
) -> list[Reply] | None:
    with services.reading() as work:
        chat = people.known_chat(work, message)
    if chat.staff_id is None and not message.is_group and not may_enrol(message):
        return None
    identity_id = chat.identity_id or intake.met_now(services, message)
    return handle_staff(services, identity_id, message, entry_id, shows=capabilities.shows)


def wake_conversation(
    services: Services, channels: Channels, conversation_id: int, *, engine: Engine = advance
) -> None:
    """Wake one talk whose time has come; a talk that is no longer due is left alone."""
    talk = intake.channel_of(services, conversation_id)
    channel = channels.get(talk) if talk is not None else None
    intake.wake(
        services,
        engine,
        conversation_id=conversation_id,
        buttons=channel.capabilities.buttons if channel is not None else False,
    )
    grouping.suggest_pending(services)
