"""An update as it may be kept: what the platform shows of people's names is cut out, everything else stays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: fields of users, chats and contacts that name a person
_NAMES = frozenset({"first_name", "last_name", "username", "author_signature", "sender_user_name"})


def nameless(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without those fields at any depth."""
    return {key: _nameless(value) for key, value in payload.items() if key not in _NAMES}


def _nameless(value: Any) -> Any:
    if isinstance(value, Mapping):
        return nameless(value)
    return [_nameless(item) for item in value] if isinstance(value, list) else value
