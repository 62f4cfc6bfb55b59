"""Identity and order key of an update, found without understanding it. Nothing here raises on any JSON object."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any, Final

from bot.channel import Envelope

#: where the chat, or else the person, of any kind of update stands
_PATHS: Final = (
    ("chat", "id"),
    ("message", "chat", "id"),
    ("from", "id"),
    ("user", "id"),
    ("voter_chat", "id"),
    ("actor_chat", "id"),
)
_LARGEST_ID: Final = 2**63 - 1


def envelope_of(payload: Mapping[str, Any], *, account: str) -> Envelope:
    """Messages, button presses and membership events of one private chat share one `conversation_key`.

    An update whose chat cannot be found gets a conversation of its own, so that it holds up nobody.
    """
    external_id = _update_id(payload) or _fingerprint(payload)
    chat_id = next((found for part in payload.values() if (found := _chat_id(part))), None)
    where = chat_id if chat_id is not None else f"update:{external_id}"
    return Envelope(external_id=external_id, conversation_key=f"telegram:{account}:{where}")


def identifier(value: object) -> str | None:
    """A platform's id as a string: a whole number of at most 63 bits, or its digits; None when it is neither."""
    if isinstance(value, str) and value.removeprefix("-").isascii() and value.removeprefix("-").isdigit():
        value = int(value) if len(value) <= 20 else None
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST_ID:
        return None
    return str(value)


def _update_id(payload: Mapping[str, Any]) -> str | None:
    value = payload.get("update_id")
    return identifier(value) if isinstance(value, int) else None


def _fingerprint(payload: Mapping[str, Any]) -> str:
    try:
        canonical = json.dumps(payload, sort_keys=True)
    except (ValueError, TypeError, RecursionError):
        # Nested too deeply to write down again. A repeat would be stored twice, which is better than not at all.
        return f"odd:{uuid.uuid4().hex}"
    return f"sha256:{hashlib.sha256(canonical.encode()).hexdigest()}"


def _chat_id(part: object) -> str | None:
    for path in _PATHS:
        value = part
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        found = identifier(value)
        if found is not None:
            return found
    return None
