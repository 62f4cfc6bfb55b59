"""What is attached to a message: metadata only. The address is the reference; files are fetched from the row."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any, Final

from bot.channels.clean import file_name, line, words
from casework.talk import AttachedFile

_LONGEST_URL: Final = 2000


def files_of(message: Mapping[str, Any], kind: str) -> tuple[AttachedFile, ...]:
    """Every attachment of a message that is made of `kind`."""
    if kind == "location":
        return tuple(_locations(message))
    return tuple(_file(kind, payload) for payload in _payloads(message))


def link_text(message: Mapping[str, Any]) -> str:
    """A shared page as words: what was written to it, what it is called, where it is."""
    parts = [message.get("text")]
    for payload in _payloads(message):
        parts += [payload.get("description"), payload.get("url")]
    found = [words(part).strip() for part in parts if isinstance(part, str)]
    return "\n".join(dict.fromkeys(part for part in found if part))


def contact_card(message: Mapping[str, Any]) -> bool:
    """Whether the link is a contact card: its description is JSON with a phone number."""
    for payload in _payloads(message):
        description = payload.get("description")
        if isinstance(description, str) and description.lstrip().startswith("{"):
            try:
                card = json.loads(description)
            except (ValueError, RecursionError):
                continue
            if isinstance(card, dict) and "phone" in card:
                return True
    return False


def _payloads(message: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    attachments = message.get("attachments")
    for each in attachments if isinstance(attachments, list) else []:
        payload = each.get("payload") if isinstance(each, Mapping) else None
        if isinstance(payload, Mapping):
            yield payload


def _file(kind: str, payload: Mapping[str, Any]) -> AttachedFile:
    mime = line(payload.get("type"), 100)
    return AttachedFile(
        kind=kind,
        file_ref=line(payload.get("url"), _LONGEST_URL),
        unique_ref=line(payload.get("checksum"), 100) or line(payload.get("id"), 100),
        file_name=file_name(payload.get("name")),
        # Some clients say "pdf" here, which is no media type; what a file really is, its bytes tell.
        mime=mime if mime is not None and "/" in mime else None,
        size=_count(payload.get("size")),
    )


def _locations(message: Mapping[str, Any]) -> Iterator[AttachedFile]:
    """The place stands in an attachment; one guide shows it in the message itself."""
    places = [payload.get("coordinates") for payload in _payloads(message)] + [message.get("location")]
    for place in places:
        if not isinstance(place, Mapping):
            continue
        inner = place.get("coordinates")
        spot = inner if isinstance(inner, Mapping) else place
        latitude, longitude = _degrees(spot.get("latitude"), 90), _degrees(spot.get("longitude"), 180)
        if latitude is not None and longitude is not None:
            yield AttachedFile(kind="location", latitude=latitude, longitude=longitude)


def _degrees(value: Any, largest: float) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and abs(number) <= largest else None


def _count(value: Any) -> int | None:
    """A whole number our database can hold; Zalo writes sizes as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
        value = int(value)
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value < 2**63 else None
