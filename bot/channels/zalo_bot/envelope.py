"""Identity and order key of an event, found without understanding it. Nothing here raises on any JSON object."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from bot.channel import Envelope

#: names of people as the platform shows them
_NAMES: Final = frozenset({"display_name", "avatar"})
_LONGEST_ID: Final = 128


def event_of(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """The event itself: documented inside `{"ok", "result": {...}}`, seen in the wild without that wrapping."""
    result = payload.get("result")
    return result if isinstance(result, Mapping) and "event_name" not in payload else payload


def identifier(value: object) -> str | None:
    """A platform's id as text; ids exceed 53 bits and come as strings or numbers. None when it is neither."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**40 else None
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_ID:
        return None
    return value if value.isascii() and value.isprintable() and " " not in value else None


def envelope_of(payload: Mapping[str, Any], *, account: str) -> Envelope:
    """Both body forms of one event have the same identity. An event without a chat gets a conversation of its own."""
    event = event_of(payload)
    message = event.get("message")
    message = message if isinstance(message, Mapping) else {}
    chat = message.get("chat")
    chat_id = identifier(chat.get("id")) if isinstance(chat, Mapping) else None
    number = identifier(message.get("message_id"))
    name = identifier(event.get("event_name"))
    # Reactions and the like may name the message they are about: the kind of event belongs to the identity.
    external_id = f"{name}:{chat_id}:{number}" if number and chat_id and name else _fingerprint(event)
    where = chat_id or f"event:{external_id}"
    return Envelope(external_id=external_id, conversation_key=f"zalo-bot:{account}:{where}")


def nameless(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The payload without anybody's name, at any depth."""
    return {key: _nameless(value) for key, value in payload.items() if key not in _NAMES}


def _nameless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return nameless(value)
    return [_nameless(item) for item in value] if isinstance(value, list) else value


def _fingerprint(event: Mapping[str, Any]) -> str:
    try:
        canonical = json.dumps(event, sort_keys=True)
    except (ValueError, TypeError, RecursionError):
        # Nested too deeply to write down again. A repeat would be stored twice, which is better than not at all.
        return f"odd:{uuid.uuid4().hex}"
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"
