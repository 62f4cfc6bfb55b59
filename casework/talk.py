"""The neutral shape of what comes in from a chat and what goes out to one. No platform's word appears here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum


class MessageKind(StrEnum):
    """What happened in the chat."""

    TEXT = "text"
    PRESS = "press"  # a button; `token` says which
    START = "start"  # first contact or a deep link; `payload` is the link's hint
    EDIT = "edit"  # the sender changed an earlier message
    MEDIA = "media"  # attachments, with or without text
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    MIGRATED = "migrated"  # the chat has a new id: `payload`
    RECEIPT = "receipt"  # our messages `receipt_refs` arrived, or were seen (`note`): delivered | seen
    ECHO = "echo"  # our own account wrote to the person: `by_hand` tells a colleague in the platform's console
    WITHDRAWN = "withdrawn"  # the person asks, through the platform, that their data be erased or restricted
    CONTACT = "contact"  # the person filled in the platform's form: `phone`
    NEWS = "news"  # the platform tells us about our own account, no person did anything: `note` names it
    WAKE = "wake"  # the engine asked to be woken; no person wrote
    OTHER = "other"  # something we do not understand: `note` names it


#: note of a message whose content the platform keeps from us (of specially protected persons, it may be anything)
WITHHELD = "withheld"


@dataclass(frozen=True, kw_only=True)
class AttachedFile:
    """Metadata of one attachment; the bytes stay with the platform."""

    kind: str  # photo | voice | audio | video | document | location | contact | sticker | other
    file_ref: str | None = None
    unique_ref: str | None = None
    file_name: str | None = None
    mime: str | None = None
    size: int | None = None
    duration_seconds: int | None = None
    latitude: float | None = None
    longitude: float | None = None
    too_large: bool = False


@dataclass(frozen=True, kw_only=True)
class InboundMessage:
    """One thing a person did in a chat."""

    channel: str
    account: str
    #: where to answer
    chat_id: str
    #: the person; equals `chat_id` in private chats
    sender_id: str
    sender_name: str | None = None
    sender_is_bot: bool = False
    language: str | None = None
    is_group: bool = False
    kind: MessageKind
    text: str = ""
    token: str | None = None
    #: must be acknowledged to the platform (a pressed button's query), if any
    press_ref: str | None = None
    payload: str | None = None
    #: of news: template_status | template_quality (`payload`: which form) | daily_quota
    note: str | None = None
    files: tuple[AttachedFile, ...] = ()
    #: messages with the same album belong together
    album: str | None = None
    message_ref: str | None = None
    reply_to_ref: str | None = None
    #: of a receipt: the ids of our messages
    receipt_refs: tuple[str, ...] = ()
    by_hand: bool = False
    #: digits with country code, "84…"
    phone: str | None = None
    sent_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Button:
    """A tap that spares typing. `token` is ASCII, at most 64 bytes; the label starts with the digit that does
    the same, because every step must work with digits alone."""

    label: str
    token: str


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One message to the chat the talk is in."""

    text: str
    buttons: tuple[tuple[Button, ...], ...] = field(default=())


@dataclass(frozen=True, kw_only=True)
class TemplateMessage:
    """A form the platform has approved, filled in; it may go out when free text may not."""

    template_id: str
    #: parameter -> value, checked against the form's limits
    data: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class OutboundMessage:
    """One message (or part of one) a channel must send now."""

    chat_id: str
    text: str
    buttons: tuple[tuple[Button, ...], ...] = ()
    reply_to: str | None = None
    #: send this form instead of the text
    template: TemplateMessage | None = None
    #: the platform may bill it
    paid: bool = False
    #: ask the platform whether the window is open before sending: our own clock may be wrong about it
    check_window: bool = False
    #: our own number of it, for platforms that take one
    reference: str = ""


class OutcomeKind(StrEnum):
    """Closed list of how one send can end."""

    SENT = "sent"
    THROTTLED = "throttled"  # not delivered; again after `retry_after`
    RETRY_LATER = "retry_later"  # surely not delivered, a passing fault
    UNKNOWN = "unknown"  # may or may not have been delivered
    WINDOW_CLOSED = "window_closed"
    RECIPIENT_STOPPED = "recipient_stopped"
    REJECTED = "rejected"  # this message will never be accepted
    MIGRATED = "migrated"  # the chat lives under `new_chat_id` now
    CHANNEL_DOWN = "channel_down"  # our credentials or the platform: nothing about this message


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How one send ended. `detail` is for staff: no personal data, no secrets."""

    kind: OutcomeKind
    external_id: str | None = None
    retry_after: float | None = None
    new_chat_id: str | None = None
    detail: str = ""
    #: the platform's own error number, for counting
    code: str | None = None
    #: what the platform billed, Vietnamese dong; None = unknown or nothing
    price_vnd: int | None = None
    #: when the person last did something that opens the window, as the platform says
    last_interaction_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """What a channel can do, as data."""

    #: longest text of one message, counted in `text_unit`
    text_limit: int
    text_unit: str = "utf16"  # utf16 | codepoint
    buttons: bool = True
    #: buttons one message may have; a message with more carries them all as numbered lines
    most_buttons: int | None = None
    #: sends per second over all chats, and seconds between two sends to one chat
    rate_per_second: float = 25.0
    seconds_per_chat: float = 1.0
    edits: bool = False
    max_download_bytes: int | None = None
    #: what the platform allows in a calendar month, and how many people may talk to us
    messages_per_month: int | None = None
    people: int | None = None

    def shows(self, buttons: Sequence[Sequence[Button]]) -> bool:
        """Whether these can be shown as buttons; else their numbers stand in the text and do what a press would do."""
        return self.buttons and (self.most_buttons is None or sum(map(len, buttons)) <= self.most_buttons)
