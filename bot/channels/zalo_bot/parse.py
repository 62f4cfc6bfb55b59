"""Events of the Zalo Bot Platform (docs "webhook") into neutral messages. No network, no clock.

{"ok": true, "result": {"event_name": "message.text.received", "message": {
    "from": {"id": "…", "display_name": "…", "is_bot": false}, "chat": {"id": "…", "chat_type": "PRIVATE"},
    "message_id": "…", "date": 1793581200000, "text": "…"}}}
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from bot.channel import UnreadablePayload
from bot.channels.clean import line, words
from bot.channels.zalo_bot.envelope import event_of, identifier
from casework.talk import WITHHELD, AttachedFile, InboundMessage, MessageKind

_EVENT: Final = re.compile(r"message\.(?P<what>[a-z_]+)\.received")
#: what a person does with a message of ours; nobody expects an answer to it
_GESTURES: Final = ("reaction", "reacted", "seen", "delivered", "typing", "recalled", "undo")
_START: Final = re.compile(r"/start(?:\s+(?P<rest>.*))?", re.DOTALL | re.IGNORECASE)
#: in a group a message for us begins with our name: "@Bot Tân Minh /hangdoi"
_MENTION: Final = re.compile(r"@[^/]{0,80}?\s(?=/)|@\S+\s+")
#: instants before this number of milliseconds would be in 1973: such a number counts seconds
_MILLISECONDS: Final = 100_000_000_000


def parse_event(payload: Mapping[str, Any], *, account: str, now: dt.datetime) -> list[InboundMessage]:
    """What a person did, as a list of at most one message; empty for events that want no answer.

    `now` dates events that carry no usable time. Raises `UnreadablePayload` with a reason that quotes nothing.
    """
    event = event_of(payload)
    name = event.get("event_name")
    if not isinstance(name, str):
        raise UnreadablePayload("no event_name")
    match = _EVENT.fullmatch(name)
    if match is None or any(gesture in name for gesture in _GESTURES):
        return []
    message = event.get("message")
    if not isinstance(message, Mapping):
        raise UnreadablePayload("an event without message")
    chat = message.get("chat")
    chat_id = identifier(chat.get("id")) if isinstance(chat, Mapping) else None
    if chat_id is None or not isinstance(chat, Mapping):
        raise UnreadablePayload("a message without usable chat")
    sender = message.get("from")
    sender = sender if isinstance(sender, Mapping) else {}
    is_group = chat.get("chat_type") == "GROUP"
    return [
        InboundMessage(
            channel="zalo-bot",
            account=account,
            chat_id=chat_id,
            sender_id=identifier(sender.get("id")) or chat_id,
            sender_name=line(sender.get("display_name"), 128),
            sender_is_bot=sender.get("is_bot") is True,
            is_group=is_group,
            message_ref=identifier(message.get("message_id")),
            sent_at=_instant(message.get("date")) or now,
            **_content(match["what"], message, is_group=is_group),
        )
    ]


def _content(what: str, message: Mapping[str, Any], *, is_group: bool) -> dict[str, Any]:
    """What was said, by kind of event; one we do not know is read for its text, and else answered as unreadable."""
    text = _text(message, "text")
    match what:
        case "image" | "photo":
            return _file("photo", message, "photo")
        case "sticker":
            return _file("sticker", message, "url", unique="sticker")
        case "voice" | "audio":
            return _file("voice", message, "voice_url")
        case "unsupported":
            # A document, a contact card, or anything a specially protected person writes: it comes without content.
            return {"kind": MessageKind.OTHER, "note": WITHHELD}
        case _ if not text.strip():
            return {"kind": MessageKind.OTHER, "note": what[:40]}
    if is_group:
        text = _MENTION.sub("", text, count=1).strip() if text.lstrip().startswith("@") else text
    if start := _START.fullmatch(text.strip()):
        return {"kind": MessageKind.START, "text": (start["rest"] or "").strip()}
    return {"kind": MessageKind.TEXT, "text": text}


def _file(kind: str, message: Mapping[str, Any], where: str, *, unique: str = "") -> dict[str, Any]:
    file = AttachedFile(
        kind=kind, file_ref=_address(message.get(where)), unique_ref=identifier(message.get(unique)) if unique else None
    )
    return {"kind": MessageKind.MEDIA, "text": _text(message, "caption"), "files": (file,)}


def _text(message: Mapping[str, Any], where: str) -> str:
    value = message.get(where)
    return words(value) if isinstance(value, str) else ""


def _address(value: object) -> str | None:
    """Where the platform keeps a file; whether it is fetched from there is decided elsewhere."""
    if not isinstance(value, str) or not value.startswith(("https://", "http://")) or len(value) > 2000:
        return None
    return value if value.isascii() and value.isprintable() else None


def _instant(value: object) -> dt.datetime | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 15:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 10**14:
        return None
    seconds = value / 1000 if value >= _MILLISECONDS else value
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
