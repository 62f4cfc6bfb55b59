"""What a consultation message to the OA may look like, and what the person then sees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.standins.zalo_faults import Refusal

Json = dict[str, Any]
INVALID, OVER_LIMIT = -201, -210
LONGEST_TEXT, LONGEST_TITLE, LONGEST_SUBTITLE, LONGEST_PAYLOAD, MOST_BUTTONS = 2000, 100, 500, 1000, 5
_QUERIES: Final = ("oa.query.show", "oa.query.hide")


@dataclass(kw_only=True)
class Shown:
    """One message on a person's phone."""

    message_id: str
    text: str
    at: dt.datetime
    #: cs | v2 | template | console | person
    by: str
    #: as billed: reply, welcome_msg, sub_quota, ...; empty: billed to the account
    quota_type: str = ""
    buttons: list[Json] = field(default_factory=list)
    #: the "template" or "file" attachment as it came
    attachment: Json | None = None
    template_id: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)
    seen: bool = False

    @property
    def ours(self) -> bool:
        """Written by the account, not by the person."""
        return self.by != "person"


@dataclass(frozen=True, kw_only=True)
class Content:
    """A message that has been found good."""

    text: str
    buttons: list[Json]
    attachment: Json | None


def read_message(message: Any, *, asset: Callable[[str], None], known: Callable[[str], bool]) -> Content:
    """Check the `message` of a send. `asset` raises `Refusal` for an upload that is unknown or too old; `known` tells
    whether a message id can be quoted. Raises `Refusal`."""
    if not isinstance(message, dict):
        raise Refusal(INVALID, "message is invalid")
    text, attachment = message.get("text", ""), message.get("attachment")
    if not isinstance(text, str):
        raise Refusal(INVALID, "message.text is invalid")
    if len(text) > LONGEST_TEXT:
        raise Refusal(OVER_LIMIT, "message.text is over the limit")
    if attachment is None and not text:
        raise Refusal(INVALID, "message.text is empty")
    quoted = message.get("quote_message_id")
    if quoted is not None and not known(str(quoted)):
        raise Refusal(INVALID, "quote_message_id is invalid")
    buttons = _attachment(attachment, text, asset) if attachment is not None else []
    return Content(text=text, buttons=buttons, attachment=attachment)


def _attachment(attachment: Any, text: str, asset: Callable[[str], None]) -> list[Json]:
    payload = attachment.get("payload") if isinstance(attachment, dict) else None
    if not isinstance(payload, dict):
        raise Refusal(INVALID, "message.attachment is invalid")
    if attachment.get("type") == "file":
        asset(str(payload.get("token", "")))
        return []
    if attachment.get("type") != "template":
        raise Refusal(INVALID, "attachment.type is invalid")
    match payload.get("template_type"):
        case None | "button":
            if not text:
                raise Refusal(INVALID, "message.text is empty")
            return _buttons(payload.get("buttons"), required=True)
        case "media":
            _media(payload.get("elements"), asset)
        case "request_user_info":
            _elements(payload.get("elements"), most=1)
        case "list":
            _elements(payload.get("elements"), most=5)
        case _:
            raise Refusal(INVALID, "template_type is invalid")
    return _buttons(payload.get("buttons"), required=False)


def _media(elements: Any, asset: Callable[[str], None]) -> None:
    element = elements[0] if isinstance(elements, list) and len(elements) == 1 else None
    if not isinstance(element, dict) or element.get("media_type") not in ("image", "gif", "sticker"):
        raise Refusal(INVALID, "elements are invalid")
    if "attachment_id" in element:
        if element["media_type"] != "sticker":
            asset(str(element["attachment_id"]))
    elif not str(element.get("url", "")).startswith("http"):
        raise Refusal(INVALID, "element without url or attachment_id")


def _elements(elements: Any, *, most: int) -> None:
    if not isinstance(elements, list) or not 1 <= len(elements) <= most:
        raise Refusal(INVALID, "elements are invalid")
    for element in elements:
        title, subtitle = str(element.get("title", "")), str(element.get("subtitle", ""))
        if not title or (not subtitle and element is elements[0]):
            raise Refusal(INVALID, "element without title or subtitle")
        if len(title) > LONGEST_TITLE or len(subtitle) > LONGEST_SUBTITLE:
            raise Refusal(OVER_LIMIT, "element is over the limit")


def _buttons(buttons: Any, *, required: bool) -> list[Json]:
    if buttons is None and not required:
        return []
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise Refusal(INVALID, "buttons are invalid")
    for button in buttons:
        if not isinstance(button, dict) or not isinstance(button.get("title"), str) or not button["title"].strip():
            raise Refusal(INVALID, "button without title")
        if len(button["title"]) > LONGEST_TITLE:
            raise Refusal(OVER_LIMIT, "button title is over the limit")
        _button_payload(button.get("type"), button.get("payload"))
    return list(buttons)


def _button_payload(kind: Any, payload: Any) -> None:
    wanted = {"oa.open.url": "url", "oa.open.phone": "phone_code", "oa.open.sms": "phone_code"}
    if kind in _QUERIES:
        if not isinstance(payload, str) or not 1 <= len(payload) <= LONGEST_PAYLOAD:
            raise Refusal(INVALID, "button payload is invalid")
    elif kind not in wanted or not isinstance(payload, dict) or not payload.get(wanted[kind]):
        raise Refusal(INVALID, "button type or payload is invalid")


def is_query(button: Json) -> bool:
    """Whether a tap on it arrives as a message of the person."""
    return button["type"] in _QUERIES
