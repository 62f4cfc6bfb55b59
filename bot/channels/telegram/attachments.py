"""What is attached to a message: metadata only, the bytes stay with Telegram."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

from telegram import Message
from telegram.constants import FileSizeLimit

from bot.channels.clean import file_name, line
from casework.talk import AttachedFile

#: the largest file a bot may fetch, bytes
MAX_DOWNLOAD: Final = int(FileSizeLimit.FILESIZE_DOWNLOAD)
#: field of a message -> our word for it. An animation also comes as `document`, so it is looked for first.
_KINDS: Final = {
    "animation": "video",
    "video": "video",
    "video_note": "video",
    "voice": "voice",
    "audio": "audio",
    "document": "document",
    "sticker": "sticker",
}


def files_of(message: Message) -> tuple[AttachedFile, ...]:
    """The one attachment of a message, if it has one (each picture of an album is a message of its own).

    Raises `TypeError` when the attachment has no usable file id.
    """
    if message.photo:
        # The same picture in several sizes: the best of those a bot can fetch, else the best.
        sizes = sorted(message.photo, key=lambda size: size.width * size.height)
        fetchable = [size for size in sizes if not _is_too_large(size.file_size)]
        return (_file("photo", (fetchable or sizes)[-1].to_dict()),)
    for field, kind in _KINDS.items():
        part = getattr(message, field)
        if part is not None:
            # As a dict, because durations read from the object warn of a coming change of type.
            return (_file(kind, part.to_dict()),)
    if message.location is not None:
        latitude, longitude = message.location.latitude, message.location.longitude
        return (AttachedFile(kind="location", latitude=_degrees(latitude), longitude=_degrees(longitude)),)
    if message.contact is not None:
        return (AttachedFile(kind="contact"),)
    return ()


def _file(kind: str, part: Mapping[str, Any]) -> AttachedFile:
    file_ref = line(part.get("file_id"), 300)
    if file_ref is None:
        raise TypeError("file_id expected")
    size = _count(part.get("file_size"))
    return AttachedFile(
        kind=kind,
        file_ref=file_ref,
        unique_ref=line(part.get("file_unique_id"), 100),
        file_name=file_name(part.get("file_name")),
        mime=line(part.get("mime_type"), 100),
        size=size,
        duration_seconds=_count(part.get("duration"), largest=2**31 - 1),
        too_large=_is_too_large(size),
    )


def _is_too_large(size: Any) -> bool:
    return isinstance(size, int) and size > MAX_DOWNLOAD


def _count(value: Any, *, largest: int = 2**63 - 1) -> int | None:
    """A whole number our database can hold, else None."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    return value if whole and 0 <= value <= largest else None


def _degrees(value: Any) -> float | None:
    usable = isinstance(value, int | float) and math.isfinite(value) and abs(value) <= 180
    return float(value) if usable else None
