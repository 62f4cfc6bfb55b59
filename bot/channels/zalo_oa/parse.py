"""Events of the official account (https://developers.zalo.me/docs/official-account/webhook/tong-quan) into neutral
messages. No network, no clock. What comes out is safe to store."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.channel import UnreadablePayload
from bot.channels.clean import words
from bot.channels.zalo_oa.attachments import contact_card, files_of, link_text
from bot.channels.zalo_oa.envelope import (
    CHANNEL,
    RECEIVED,
    SEEN,
    event_of,
    form_of,
    identifier,
    message_of,
    person_of,
    refs_of,
)
from bot.channels.zalo_oa.press import token_of
from casework.mobile import mobile_number
from casework.talk import AttachedFile, InboundMessage, MessageKind

#: receipts of templates sent to phone numbers come on the same way
PHONE_CHANNEL: Final = "zalo-zbs"
#: what Zalo tells about the office's own account and forms: no citizen did anything, but staff should look
_NEWS: Final = {
    "change_template_status": "template_status",
    "change_template_quality": "template_quality",
    "change_oa_daily_quota": "daily_quota",
}
_SENT_FILES: Final = {
    "user_send_image": "photo",
    "user_send_gif": "photo",
    "user_send_audio": "voice",
    "user_send_video": "video",
    "user_send_sticker": "sticker",
    "user_send_file": "document",
    "user_send_location": "location",
}
_TIMESTAMP: Final = re.compile(r"[0-9]{1,15}")


def parse_event(payload: Mapping[str, Any], *, account: str) -> list[InboundMessage]:
    """What happened, as a list of at most one message; empty for an event that concerns nobody we talk to
    (reactions, tags, groups, calls, shop events). Raises `UnreadablePayload` with a reason that quotes no content."""
    name = event_of(payload)
    if not name:
        raise UnreadablePayload("no event_name")
    reader = _reader_of(name)
    if reader is None:
        return []
    try:
        return [reader(_Event(name=name, account=account, payload=payload))]
    except UnreadablePayload:
        raise
    except Exception as error:
        # Whatever a malformed event breaks: it is quarantined, the channel lives on.
        raise UnreadablePayload(f"not as documented: {type(error).__name__}") from None


@dataclass(frozen=True, kw_only=True)
class _Event:
    """One event with what every reader asks of it."""

    name: str
    account: str
    payload: Mapping[str, Any]

    @property
    def message(self) -> Mapping[str, Any]:
        return message_of(self.payload)

    @property
    def text(self) -> str:
        said = self.message.get("text")
        return words(said) if said is not None else ""

    @property
    def person(self) -> str:
        found = person_of(self.payload)
        if found is None:
            raise UnreadablePayload("no person in it")
        return found

    @property
    def nobody(self) -> str:
        """Stands where a chat is named, for events that are no talk with one person."""
        return f"account-{self.account}"

    def say(self, kind: MessageKind, **what: Any) -> InboundMessage:
        chat_id = what.pop("chat_id", None) or self.person
        return InboundMessage(
            channel=what.pop("channel", CHANNEL),
            account=self.account,
            chat_id=chat_id,
            sender_id=chat_id,
            kind=kind,
            sent_at=_instant(self.payload.get("timestamp")),
            **what,
        )

    def said(self, kind: MessageKind, **what: Any) -> InboundMessage:
        """Something the person sent us."""
        return self.say(
            kind,
            message_ref=identifier(self.message.get("msg_id")),
            reply_to_ref=identifier(self.message.get("quote_msg_id")),
            **what,
        )


Reader = Callable[[_Event], InboundMessage]


def _reader_of(name: str) -> Reader | None:
    if name in _READERS:
        return _READERS[name]
    if "_group_" in name:
        return None
    if "anonymous" in name:
        return _anonymous
    if name.startswith("oa_send_"):
        return _echo
    # Whatever Zalo invents next that a person sends on purpose is answered too.
    return _unknown if name.startswith("user_send_") else None


# ---------------------------------------------------------------------- what people send


def _text(event: _Event) -> InboundMessage:
    text = event.text
    token = token_of(text)
    if token is not None:
        return event.said(MessageKind.PRESS, token=token)
    return event.said(MessageKind.TEXT, text=text) if text.strip() else _unknown(event)


def _files(event: _Event) -> InboundMessage:
    files = files_of(event.message, _SENT_FILES[event.name])
    if files:
        return event.said(MessageKind.MEDIA, files=files, text=event.text)
    return _text(event)


def _link(event: _Event) -> InboundMessage:
    """A shared page is words: what it is called and where it is. A contact card travels as a link as well."""
    if contact_card(event.message):
        return _card(event)
    text = link_text(event.message)
    return event.said(MessageKind.TEXT, text=text) if text else _unknown(event)


def _card(event: _Event) -> InboundMessage:
    # Anybody's card can be sent on: whose number it is, nobody knows.
    return event.said(MessageKind.MEDIA, files=(AttachedFile(kind="contact"),), note="other_contact")


def _unknown(event: _Event) -> InboundMessage:
    return event.said(MessageKind.OTHER, note="unknown_content")


# ---------------------------------------------------------------------- what people do


def _follow(event: _Event) -> InboundMessage:
    return event.say(MessageKind.UNBLOCKED, note="followed")


def _unfollow(event: _Event) -> InboundMessage:
    return event.say(MessageKind.BLOCKED, note="unfollowed")


def _chat_now(event: _Event) -> InboundMessage:
    return event.say(MessageKind.UNBLOCKED, note="chatnow")


def _withdraw(event: _Event) -> InboundMessage:
    return event.say(MessageKind.WITHDRAWN)


def _contact(event: _Event) -> InboundMessage:
    info = event.payload.get("info")
    phone = mobile_number(str(info.get("phone"))) if isinstance(info, Mapping) else None
    if phone is None:
        # They did fill in the form: asking once more in words is better than silence.
        return event.said(MessageKind.OTHER, note="contact_without_phone")
    return event.said(MessageKind.CONTACT, phone=phone)


# ---------------------------------------------------------------------- what becomes of our own messages


def _receipt(event: _Event) -> InboundMessage:
    refs = refs_of(event.payload)
    if not refs:
        raise UnreadablePayload("a receipt without message ids")
    note = "seen" if event.name == SEEN else "delivered"
    if form_of(event.payload) is None:
        return event.say(MessageKind.RECEIPT, receipt_refs=refs, note=note)
    # A form sent to a phone number: the recipient is that number.
    chat_id = mobile_number(event.person) or event.person
    return event.say(MessageKind.RECEIPT, channel=PHONE_CHANNEL, chat_id=chat_id, receipt_refs=refs, note=note)


def _echo(event: _Event) -> InboundMessage:
    """Our account wrote to the person: through us, or typed by a colleague in Zalo's console, who has an id."""
    sender = event.payload.get("sender")
    by_hand = isinstance(sender, Mapping) and identifier(sender.get("admin_id")) is not None
    return event.said(MessageKind.ECHO, text=event.text, by_hand=by_hand)


# ---------------------------------------------------------------------- what concerns no citizen


def _news(event: _Event) -> InboundMessage:
    form = identifier(event.payload.get("template_id"))
    return event.say(MessageKind.NEWS, chat_id=event.nobody, note=_NEWS[event.name], payload=form)


def _anonymous(event: _Event) -> InboundMessage:
    """Visitors who are not logged in to Zalo: there is no address under which an answer would find them later. As if in
    a strange group, so that nobody is met and nobody is answered; the inbox keeps it with its reason."""
    note = "anonymous visitor: no address to answer to"
    return event.say(MessageKind.OTHER, chat_id=event.nobody, is_group=True, note=note)


_READERS: Final[Mapping[str, Reader]] = {
    "user_send_text": _text,
    "user_send_link": _link,
    "user_send_business_card": _card,
    **dict.fromkeys(_SENT_FILES, _files),
    "follow": _follow,
    "unfollow": _unfollow,
    "user_click_chatnow": _chat_now,
    "user_submit_info": _contact,
    "user_withdraw": _withdraw,
    RECEIVED: _receipt,
    SEEN: _receipt,
    **dict.fromkeys(_NEWS, _news),
}


def _instant(value: object) -> dt.datetime:
    """Milliseconds, as text or as a number."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise UnreadablePayload("no usable timestamp")
    return dt.datetime.fromtimestamp(int(value) / 1000, dt.UTC)
