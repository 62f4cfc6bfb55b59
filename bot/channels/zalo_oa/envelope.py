"""Identity and order key of an event, found without understanding it. Nothing here raises on any JSON object.

https://developers.zalo.me/docs/official-account/webhook/tong-quan : events may come twice and in any order.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping
from typing import Any, Final

from bot.channel import Envelope
from casework.usecases.citizens.intake import conversation_key

CHANNEL: Final = "zalo-oa"
RECEIVED: Final = "user_received_message"
SEEN: Final = "user_seen_message"
_ID: Final = re.compile(r"[A-Za-z0-9_.\-]{1,80}")
#: where the person stands in events about something they did
_PERSON: Final = (("sender", "id"), ("follower", "id"), ("user_id",), ("user", "id"))


def envelope_of(payload: Mapping[str, Any], *, account: str) -> Envelope:
    """Everything between one person and us shares one `conversation_key`; an event without a person gets one of its
    own, so that it holds up nobody."""
    external_id = _identity(payload)
    person = person_of(payload)
    where = person if person is not None else f"event:{external_id}"
    if (form := form_of(payload)) is not None:
        # The recipient is a phone number, which its owner may have us forget: nothing is kept by it.
        where = f"form:{form}"
    return Envelope(external_id=external_id, conversation_key=conversation_key(CHANNEL, account, where))


def person_of(payload: Mapping[str, Any]) -> str | None:
    """The citizen an event is about: the sender of what a person did, the recipient of what we sent."""
    event = event_of(payload)
    if event.startswith("oa_") or event in (RECEIVED, SEEN):
        return identifier(_at(payload, "recipient", "id"))
    return next((found for path in _PERSON if (found := identifier(_at(payload, *path))) is not None), None)


def form_of(payload: Mapping[str, Any]) -> str | None:
    """What an approved form sent to a phone number is known by, in the receipt of one; None for everything else."""
    message = message_of(payload)
    if "tracking_id" not in message:
        return None
    return identifier(message["tracking_id"]) or identifier(message.get("msg_id")) or "?"


def event_of(payload: Mapping[str, Any]) -> str:
    """The event's name; empty when it has none."""
    name = payload.get("event_name")
    return name if isinstance(name, str) else ""


def message_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The part that holds the message; empty when there is none."""
    found = payload.get("message")
    return found if isinstance(found, Mapping) else {}


def identifier(value: object) -> str | None:
    """A platform's id as a string, however it is written; they exceed what a floating point number holds."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**30 else None
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def refs_of(payload: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the messages an event speaks of."""
    message = message_of(payload)
    many = message.get("msg_ids")
    candidates = [message.get("msg_id"), payload.get("msg_id"), *(many if isinstance(many, list) else [])]
    return tuple(dict.fromkeys(found for each in candidates if (found := identifier(each)) is not None))


def _identity(payload: Mapping[str, Any]) -> str:
    event = event_of(payload)
    # The event is part of it: writing, arriving and being seen are three events about one message id.
    if (msg_id := identifier(message_of(payload).get("msg_id"))) is not None and event.isascii() and len(event) <= 60:
        return f"{event}:{msg_id}"
    person, timestamp = person_of(payload), identifier(payload.get("timestamp"))
    if event and person is not None and timestamp is not None:
        return _digest(json.dumps([event, person, timestamp, *sorted(refs_of(payload))]))
    try:
        return _digest(json.dumps(payload, sort_keys=True))
    except (ValueError, TypeError, RecursionError):
        # Nested too deeply to write down again. A repeat would be stored twice, which is better than not at all.
        return f"odd:{uuid.uuid4().hex}"


def _digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _at(payload: Mapping[str, Any], *path: str) -> object:
    value: object = payload
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
