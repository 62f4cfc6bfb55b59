"""An event as it may be kept: without names, phone numbers, pictures and contact forms of people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.channels.zalo_oa.envelope import event_of, form_of, message_of

_PERSONAL: Final = frozenset(
    {
        *("display_name", "user_alias", "name", "avatar", "avatars", "info", "shared_info"),
        *("phone", "phone_number", "qrCodeUrl", "qr_code_url", "user_dob", "address", "full_address"),
    }
)
#: a file's name, kept because it says what was sent
_OF_FILES: Final = frozenset({"name"})
#: how deep an event is looked into; nothing we read lies deeper
_DEEPEST: Final = 20


def nameless(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A copy without them at any depth."""
    kept: dict[str, Any] = _nameless(payload, frozenset(), depth=0)
    if event_of(payload) == "user_send_business_card":
        # Somebody else's card: number and picture stand inside of texts and addresses.
        kept["message"] = {key: value for key, value in message_of(kept).items() if key != "attachments"}
    if form_of(payload) is not None:
        # Sent to a phone number: the recipient is that number.
        kept.pop("recipient", None)
    return kept


def _nameless(value: Any, allowed: frozenset[str], *, depth: int) -> Any:
    if depth > _DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {
            key: _nameless(inner, _OF_FILES if key == "attachments" else allowed, depth=depth + 1)
            for key, inner in value.items()
            if key in allowed or key not in _PERSONAL
        }
    if isinstance(value, list):
        return [_nameless(item, allowed, depth=depth + 1) for item in value]
    return value
