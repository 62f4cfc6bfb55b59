"""Telegram updates (https://core.telegram.org/bots/api#update) into neutral messages. No network, no clock.

Only what is used of an update is shown to python-telegram-bot, so that a new gift, an odd pinned message or a quoted
card can never make a citizen's words unreadable. What comes out is safe to store: normalised, without characters a
database refuses.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from telegram import CallbackQuery, Chat, Message, Update, User
from telegram.constants import ChatMemberStatus, ChatType

from bot.channel import UnreadablePayload
from bot.channels.clean import line, words
from bot.channels.telegram.attachments import files_of
from bot.channels.telegram.envelope import identifier
from casework.talk import InboundMessage, MessageKind

#: https://core.telegram.org/bots/api#message : posts of group administrators who hide their name come from this account
ANONYMOUS_ADMIN: Final = 1087968824

_USED_OF_MESSAGE: Final = (
    *("message_id", "date", "edit_date", "chat", "from", "sender_chat", "text", "caption", "media_group_id"),
    *("photo", "voice", "video", "video_note", "audio", "document", "animation", "sticker"),
    *("location", "venue", "contact", "via_bot", "migrate_to_chat_id", "migrate_from_chat_id"),
)
_STUB: Final = ("message_id", "date", "chat")
#: things a person sends on purpose that we cannot take, named for the reply that asks for words instead
_NOT_TAKEN: Final = frozenset(
    {"poll", "dice", "story", "paid_media", "game", "checklist", "giveaway", "invoice", "live_photo", "gift"}
)
#: notes the platform writes into a chat: nobody expects an answer to them
_SERVICE: Final = frozenset(
    {
        *("new_chat_members", "left_chat_member", "new_chat_title", "new_chat_photo", "delete_chat_photo"),
        *("group_chat_created", "supergroup_chat_created", "channel_chat_created", "pinned_message"),
        *("message_auto_delete_timer_changed", "forum_topic_created", "forum_topic_closed", "forum_topic_edited"),
        *("forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden"),
        *("video_chat_scheduled", "video_chat_started", "video_chat_ended", "video_chat_participants_invited"),
        *("write_access_allowed", "connected_website", "boost_added", "chat_background_set", "web_app_data"),
        *("users_shared", "chat_shared", "proximity_alert_triggered", "successful_payment", "refunded_payment"),
        *("giveaway_created", "giveaway_winners", "giveaway_completed", "checklist_tasks_done"),
        *("checklist_tasks_added", "chat_owner_changed", "chat_owner_left", "poll_option_added"),
    }
)
_COMMAND: Final = re.compile(r"/(?P<name>\w{1,32})@(?P<bot>\w+)(?P<rest>(?:\s.*)?)", re.DOTALL)
_START: Final = re.compile(r"/start(?:\s+(?P<rest>.*))?", re.DOTALL | re.IGNORECASE)
_DEEP_LINK: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEFT: Final = frozenset({ChatMemberStatus.LEFT, ChatMemberStatus.BANNED})


def parse_update(
    payload: Mapping[str, Any], *, account: str, username: str | None, now: dt.datetime
) -> list[InboundMessage]:
    """What a person did, as a list of at most one message; empty for an update that concerns nobody we talk to
    (channel posts, service notes, moves of a live location, commands to another bot, kinds we did not ask for).

    `username` is our bot's, None while unknown; `now` dates button presses, which carry no time of their own.
    Raises `UnreadablePayload` with a reason that quotes nothing of the content.
    """
    if identifier(payload.get("update_id")) is None:
        raise UnreadablePayload("no usable update_id")
    try:
        update = Update.de_json(_used(payload), None)
        message = _Reader(account=account, username=username, now=now, payload=payload).read(update)
    except UnreadablePayload:
        raise
    except TypeError as error:
        # Names the field that is missing; it cannot name a value.
        raise UnreadablePayload(f"missing or misplaced: {str(error)[:200]}") from None
    except Exception as error:
        # Whatever a malformed update breaks in the library: the update is quarantined, the channel lives on.
        raise UnreadablePayload(f"not as documented: {type(error).__name__}") from None
    return [] if message is None else [message]


def _used(payload: Mapping[str, Any]) -> dict[str, Any]:
    """A copy of the update with only what we read."""
    used: dict[str, Any] = {"update_id": payload["update_id"]}
    for kind in ("message", "edited_message"):
        if kind in payload:
            used[kind] = _pick(payload[kind], _USED_OF_MESSAGE)
            if "reply_to_message" in payload[kind]:
                used[kind]["reply_to_message"] = _pick(payload[kind]["reply_to_message"], _STUB)
    if "callback_query" in payload:
        query = dict(_object(payload["callback_query"]))
        if query.get("message") is not None:
            query["message"] = _pick(query["message"], _STUB)
        used["callback_query"] = query
    return used


def _object(value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise UnreadablePayload("not an object where one belongs")
    return value


def _pick(value: object, names: tuple[str, ...]) -> dict[str, Any]:
    whole = _object(value)
    return {name: whole[name] for name in names if name in whole}


class _Reader:
    """Reads one update."""

    def __init__(self, *, account: str, username: str | None, now: dt.datetime, payload: Mapping[str, Any]) -> None:
        self.account = account
        self.username = username
        self.now = now
        self.payload = payload

    def read(self, update: Update) -> InboundMessage | None:
        if update.message is not None:
            return self._message(update.message, _object(self.payload["message"]))
        if update.edited_message is not None:
            return self._edit(update.edited_message, _object(self.payload["edited_message"]))
        if update.callback_query is not None:
            return self._press(update.callback_query)
        if "my_chat_member" in self.payload:
            return self._membership(_object(self.payload["my_chat_member"]))
        return None

    def _message(self, message: Message, raw: Mapping[str, Any]) -> InboundMessage | None:
        if message.chat.type == ChatType.CHANNEL:
            return None
        if message.migrate_to_chat_id is not None:
            return self._migrated(message, old=message.chat.id, new=message.migrate_to_chat_id)
        if message.migrate_from_chat_id is not None:
            return self._migrated(message, old=message.migrate_from_chat_id, new=message.chat.id)
        files = files_of(message)
        if files:
            return self._said(message, raw, kind=MessageKind.MEDIA, files=files, text=_with_venue(message))
        if message.text is not None:
            return self._text(message, raw, words(message.text))
        return self._other(message, raw)

    def _text(self, message: Message, raw: Mapping[str, Any], text: str) -> InboundMessage | None:
        if command := _COMMAND.fullmatch(text):
            if not self._is_ours(command["bot"], message.chat):
                return None
            text = f"/{command['name']}{command['rest']}"
        if start := _START.fullmatch(text):
            rest = (start["rest"] or "").strip()
            hint = _DEEP_LINK.fullmatch(rest) is not None
            return self._said(
                message, raw, kind=MessageKind.START, text="" if hint else rest, payload=rest if hint else None
            )
        return self._said(message, raw, kind=MessageKind.TEXT, text=text)

    def _is_ours(self, addressee: str, chat: Chat) -> bool:
        """While our own name is unknown: in a private chat nobody else can be meant; in a group somebody else can."""
        if self.username is None:
            return chat.type == ChatType.PRIVATE
        return addressee.lower() == self.username.lower()

    def _other(self, message: Message, raw: Mapping[str, Any]) -> InboundMessage | None:
        """Anything else a person sent is answered too, whatever Telegram invents next."""
        if _SERVICE.intersection(raw):
            return None
        named = sorted(_NOT_TAKEN.intersection(raw))
        return self._said(message, raw, kind=MessageKind.OTHER, note=named[0] if named else "unknown_content")

    def _edit(self, message: Message, raw: Mapping[str, Any]) -> InboundMessage | None:
        # A live location "edits" its message with every step.
        if message.chat.type == ChatType.CHANNEL or message.location is not None:
            return None
        text = words(message.text if message.text is not None else message.caption or "")
        files = files_of(message)
        if not text and not files:
            return None
        return self._said(message, raw, kind=MessageKind.EDIT, text=text, files=files)

    def _press(self, query: CallbackQuery) -> InboundMessage:
        chat = query.message.chat if query.message is not None else None
        pressed = isinstance(query.data, str)
        return InboundMessage(
            channel="telegram",
            account=self.account,
            chat_id=_id(chat.id if chat is not None else query.from_user.id),
            sender_id=_id(query.from_user.id),
            sender_name=_name(query.from_user),
            sender_is_bot=query.from_user.is_bot is True,
            language=line(query.from_user.language_code, 16),
            is_group=chat is not None and chat.type != ChatType.PRIVATE,
            kind=MessageKind.PRESS if pressed else MessageKind.OTHER,
            token=words(query.data) if pressed else None,
            note=None if pressed else "game",
            press_ref=line(query.id, 64),
            message_ref=_id(query.message.message_id) if query.message is not None else None,
            sent_at=self.now,
        )

    def _membership(self, change: Mapping[str, Any]) -> InboundMessage | None:
        """Block and unblock in a private chat; being let into and out of a group."""
        # The members are read by hand: the library wants to see every right an administrator can have.
        was_in, is_in = _is_in(change["old_chat_member"]), _is_in(change["new_chat_member"])
        chat, sender = Chat.de_json(change["chat"], None), User.de_json(change["from"], None)
        if was_in == is_in or chat.type == ChatType.CHANNEL:
            return None
        is_group = chat.type != ChatType.PRIVATE
        note = ("group_joined" if is_in else "group_left") if is_group else None
        return InboundMessage(
            channel="telegram",
            account=self.account,
            chat_id=_id(chat.id),
            sender_id=_id(sender.id),
            sender_name=_name(sender),
            sender_is_bot=sender.is_bot is True,
            language=line(sender.language_code, 16),
            is_group=is_group,
            kind=MessageKind.UNBLOCKED if is_in else MessageKind.BLOCKED,
            note=note,
            sent_at=dt.datetime.fromtimestamp(change["date"], dt.UTC),
        )

    def _migrated(self, message: Message, *, old: int, new: int) -> InboundMessage:
        """Telegram tells it twice, in the old chat and in the new one; both become the same message."""
        return InboundMessage(
            channel="telegram",
            account=self.account,
            chat_id=_id(old),
            sender_id=_id(old),
            is_group=True,
            kind=MessageKind.MIGRATED,
            payload=_id(new),
            sent_at=_instant(message.date),
        )

    def _said(self, message: Message, raw: Mapping[str, Any], **what: Any) -> InboundMessage:
        what.setdefault("note", _note(message, raw))
        sender, as_chat = message.from_user, message.sender_chat
        # Who posts in the name of a chat is that chat: the account behind it is shared by many.
        sender_id = as_chat.id if as_chat is not None else sender.id if sender is not None else message.chat.id
        return InboundMessage(
            channel="telegram",
            account=self.account,
            chat_id=_id(message.chat.id),
            sender_id=_id(sender_id),
            sender_name=_name(sender) if as_chat is None else None,
            sender_is_bot=as_chat is None and sender is not None and sender.is_bot is True,
            language=line(sender.language_code, 16) if sender is not None else None,
            is_group=message.chat.type != ChatType.PRIVATE,
            album=line(message.media_group_id, 64),
            message_ref=_id(message.message_id),
            reply_to_ref=_id(message.reply_to_message.message_id) if message.reply_to_message is not None else None,
            sent_at=_instant(message.edit_date or message.date),
            **what,
        )


def _id(value: object) -> str:
    found = identifier(value)
    if found is None:
        raise UnreadablePayload("an id is not a whole number")
    return found


def _instant(value: object) -> dt.datetime:
    if not isinstance(value, dt.datetime):
        raise UnreadablePayload("a message without its time")
    return value


def _name(user: User | None) -> str | None:
    """As the person wrote it, without the marks that turn or hide text; never an identity."""
    return line(user.full_name, 128) if user is not None else None


def _is_in(member: object) -> bool:
    whole = _object(member)
    status = whole.get("status")
    if not isinstance(status, str):
        raise UnreadablePayload("a member without status")
    return whole.get("is_member") is True if status == ChatMemberStatus.RESTRICTED else status not in _LEFT


def _note(message: Message, raw: Mapping[str, Any]) -> str | None:
    """What a reader of the message should know of its origin."""
    if message.sender_chat is not None:
        anonymous = message.from_user is not None and message.from_user.id == ANONYMOUS_ADMIN
        return "anonymous_admin" if anonymous or message.sender_chat.id == message.chat.id else "posted_as_chat"
    if message.contact is not None and message.from_user is not None:
        # A contact card can be anybody's: it is the sender's own number only when Telegram says so.
        return "own_contact" if message.contact.user_id == message.from_user.id else "other_contact"
    if "forward_origin" in raw or "forward_date" in raw:
        return "forwarded"
    return "via_bot" if message.via_bot is not None else None


def _with_venue(message: Message) -> str:
    if message.venue is not None:
        return words(f"{message.venue.title}, {message.venue.address}")
    return words(message.caption or "")
