"""The people who talk with the official account, their phones, and a colleague at its console.

What they do is told to the webhook as signed events, with the account's clock.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import json
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, ClassVar

from bot.standins.loopback import Json, Loopback, Numbers
from bot.standins.zalo_caller import Caller
from bot.standins.zalo_message import Shown, is_query
from casework.clock import Clock

#: how long after the last interaction a colleague may still type in the console
CONSOLE_DAYS = 365


@dataclass(kw_only=True)
class Person:
    """One Zalo account as the official account sees it."""

    user_id: str
    follows: bool = False
    #: message, tap, follow, first "chat now"; reading is none
    last_interaction: dt.datetime | None = None
    has_written: bool = False
    #: the number every send to them is refused with (-213, -227, -244, ...); None: they can be reached
    refuses: int | None = None
    screen: list[Shown] = field(default_factory=list)


class OaPeople(Loopback):
    """The account's people. Receipts and echoes wait in `outgoing` until `deliver`, or go out at once when `live`."""

    APP_ID: ClassVar[str] = "2918400771122334455"
    OA_ID: ClassVar[str] = "4318657068771012646"
    SECRET_KEY: ClassVar[str] = "khoa-webhook-thu-2026"  # noqa: S105 - of a stand-in

    def __init__(self, *, clock: Clock | None = None, latency: float = 0.0) -> None:
        super().__init__(clock=clock, latency=latency)
        self.people: dict[str, Person] = {}
        self.caller = Caller(clock=self.clock, app_id=self.APP_ID, oa_id=self.OA_ID, secret_key=self.SECRET_KEY)
        self.numbers = Numbers()
        #: the account's own messages are told to the webhook; that they arrived; that they were seen
        self.echoes = True
        self.receipts = False
        self.live = False
        self.outgoing: list[Json] = []
        self.media: dict[str, tuple[str, bytes]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def go_down(self) -> None:
        for task in self._tasks:
            task.cancel()
        await self.caller.close()
        await super().go_down()

    # ------------------------------------------------------------------ what is seen

    def person(self, user_id: str) -> Person:
        """The person, who appears when first asked for."""
        return self.people.setdefault(user_id, Person(user_id=user_id))

    def messages_of(self, user_id: str) -> list[Shown]:
        """What the account has put on a person's phone, in order."""
        return [message for message in self.person(user_id).screen if message.ours]

    def texts_to(self, user_id: str) -> list[str]:
        """The words of `messages_of`."""
        return [message.text for message in self.messages_of(user_id)]

    # ------------------------------------------------------------------ what people do

    async def says(self, user_id: str, text: str, *, quoting: str | None = None) -> str:
        """They write; returns the message id."""
        message: Json = {"text": text} | ({"quote_msg_id": quoting} if quoting else {})
        return await self._sends(user_id, "user_send_text", message)

    async def taps(self, user_id: str, label: str) -> str | None:
        """They tap the newest button whose title contains `label`. A query button writes its payload for them; any
        other opens something, is no interaction and is not told: its address is returned. Raises `LookupError`."""
        for message in reversed(self.messages_of(user_id)):
            for button in message.buttons:
                if label in button["title"]:
                    if is_query(button):
                        await self.says(user_id, button["payload"])
                        return None
                    return str(next(iter(button["payload"].values())))
        raise LookupError(f"{label!r} is on no button of {self.texts_to(user_id)}")

    async def follows(self, user_id: str, source: str = "oa_profile") -> None:
        person = self.person(user_id)
        person.follows, person.refuses, person.last_interaction = True, None, self.clock.now()
        await self.caller.emit(self._follow("follow", user_id) | {"source": source})

    async def unfollows(self, user_id: str, *, refuses: int | None = -213) -> None:
        """They leave; sends are refused with `refuses` from now on (None: whoever wrote before is still reached)."""
        person = self.person(user_id)
        person.follows, person.refuses = False, refuses
        await self.caller.emit(self._follow("unfollow", user_id) | {"source": "oa_profile"})

    def blocks(self, user_id: str, code: int = -213) -> None:
        """Sends to them are refused with this number; nobody is told."""
        self.person(user_id).refuses = code

    def unblocks(self, user_id: str) -> None:
        self.person(user_id).refuses = None

    async def chats_now(self, user_id: str) -> None:
        """Their first tap on the "chat now" button."""
        self.person(user_id).last_interaction = self.clock.now()
        event = self._flat("user_click_chatnow") | {"oa_id": self.OA_ID, "user_id": user_id}
        await self.caller.emit(event | {"user_id_by_app": by_app(user_id)})

    async def withdraws(self, user_id: str) -> None:
        """They ask Zalo that their data be erased."""
        event = self._flat("user_withdraw") | {"user_id": user_id, "user_id_by_app": by_app(user_id)}
        await self.caller.emit(event)

    async def sends_image(self, user_id: str, data: bytes, *, text: str = "", name: str = "anh.jpg") -> str:
        """They send a photo, which this stand-in serves."""
        url = self.serve(name, data, "image/jpeg")
        payload = {"thumbnail": url, "url": url}
        message: Json = {"attachments": [{"type": "image", "payload": payload}]} | ({"text": text} if text else {})
        return await self._sends(user_id, "user_send_image", message)

    async def sends_file(self, user_id: str, name: str, data: bytes, content_type: str = "application/pdf") -> str:
        """They send a document."""
        payload = {
            "url": self.serve(name, data, content_type),
            "name": name,
            "size": str(len(data)),
            "type": name.rpartition(".")[2],
            "checksum": hashlib.md5(data, usedforsecurity=False).hexdigest(),
        }
        return await self._sends(user_id, "user_send_file", {"attachments": [{"type": "file", "payload": payload}]})

    async def sends_audio(self, user_id: str, data: bytes, *, name: str = "loi.amr") -> str:
        """They speak instead of writing."""
        payload = {"url": self.serve(name, data, "audio/amr")}
        return await self._sends(user_id, "user_send_audio", {"attachments": [{"type": "audio", "payload": payload}]})

    async def sends_sticker(self, user_id: str) -> str:
        payload = {"url": self.serve("sticker.png", b"\x89PNG", "image/png"), "id": "24123"}
        return await self._sends(
            user_id, "user_send_sticker", {"attachments": [{"type": "sticker", "payload": payload}]}
        )

    async def shares_location(self, user_id: str, latitude: float, longitude: float) -> str:
        coordinates = {"latitude": str(latitude), "longitude": str(longitude)}
        attachment = {"type": "location", "payload": {"coordinates": coordinates}}
        return await self._sends(user_id, "user_send_location", {"attachments": [attachment]})

    async def submits_info(self, user_id: str, *, name: str, phone: str) -> None:
        """They fill in the form of `request_user_info`."""
        self._interacts(user_id)
        await self.caller.emit(self._from_user("user_submit_info", user_id) | {"info": {"name": name, "phone": phone}})

    async def sees(self, user_id: str) -> list[str]:
        """They open the chat on a mobile phone; returns the ids of what they had not seen."""
        unseen = [message for message in self.messages_of(user_id) if not message.seen]
        for message in unseen:
            message.seen = True
        ids = [message.message_id for message in unseen]
        if ids:
            await self.caller.emit(self._to_user("user_seen_message", user_id, {"msg_ids": ids}))
        return ids

    async def console_types(self, user_id: str, text: str, *, admin_id: str = "7788990011223344") -> str:
        """A colleague answers by hand in the OA Manager. Raises `PermissionError` more than 365 days after the person's
        last interaction."""
        person = self.person(user_id)
        last = person.last_interaction
        if last is None or self.clock.now() - last > dt.timedelta(days=CONSOLE_DAYS):
            raise PermissionError("the console does not let anybody write to this person any more")
        shown = self.put(user_id, text=text, by="console")
        event = self._to_user("oa_send_text", user_id, {"text": text, "msg_id": shown.message_id})
        await self.caller.emit(event | {"sender": {"id": self.OA_ID, "admin_id": admin_id}})
        return shown.message_id

    # ------------------------------------------------------------------ what the account's own sends cause

    def put(self, user_id: str, *, text: str, by: str, **more: Any) -> Shown:
        """A message appears on the phone."""
        shown = Shown(message_id=self.numbers.next(), text=text, at=self.clock.now(), by=by, **more)
        self.person(user_id).screen.append(shown)
        return shown

    def tell_of(self, user_id: str, shown: Shown) -> None:
        """Echo and receipt of a message sent over the API, as far as they are switched on."""
        if self.echoes and shown.by != "template":
            self._tell(self._to_user(_echo_name(shown), user_id, {"text": shown.text, "msg_id": shown.message_id}))
        if self.receipts:
            self._tell(self._to_user("user_received_message", user_id, {"msg_id": shown.message_id}))

    async def deliver(self) -> int:
        """Post the echoes and receipts that wait, oldest first; returns how many."""
        events, self.outgoing = self.outgoing, []
        for event in events:
            await self.caller.emit(event)
        return len(events)

    def _tell(self, event: Json) -> None:
        if self.live:
            self._spawn(self.caller.emit(event))
        else:
            self.outgoing.append(event)

    def _spawn(self, act: Coroutine[Any, Any, Any]) -> None:
        task = asyncio.ensure_future(act)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------------ events

    def text_event(self, user_id: str, text: str) -> Json:
        """The event of a text without telling anybody of it: for tests that post it themselves."""
        self._interacts(user_id)
        return self._from_user("user_send_text", user_id) | {"message": {"text": text, "msg_id": self.numbers.next()}}

    def serve(self, name: str, data: bytes, content_type: str) -> str:
        """Keep bytes under an address of this stand-in."""
        key = f"{self.numbers.next()}-{name}"
        self.media[key] = (content_type, data)
        return f"{self.base_url}/media/{key}"

    async def _sends(self, user_id: str, event_name: str, message: Json) -> str:
        self._interacts(user_id)
        number = self.numbers.next()
        self.person(user_id).screen.append(
            Shown(message_id=number, text=message.get("text", ""), at=self.clock.now(), by="person")
        )
        await self.caller.emit(self._from_user(event_name, user_id) | {"message": message | {"msg_id": number}})
        return number

    def _interacts(self, user_id: str) -> None:
        person = self.person(user_id)
        person.last_interaction, person.has_written = self.clock.now(), True

    def _flat(self, event_name: str) -> Json:
        stamp = str(int(self.clock.now().timestamp() * 1000))
        return {"app_id": self.APP_ID, "event_name": event_name, "timestamp": stamp}

    def _from_user(self, event_name: str, user_id: str) -> Json:
        return self._flat(event_name) | {
            "sender": {"id": user_id},
            "recipient": {"id": self.OA_ID},
            "user_id_by_app": by_app(user_id),
        }

    def _to_user(self, event_name: str, user_id: str, message: Json) -> Json:
        return self._flat(event_name) | {
            "sender": {"id": self.OA_ID},
            "recipient": {"id": user_id},
            "user_id_by_app": by_app(user_id),
            "message": message,
        }

    def _follow(self, event_name: str, user_id: str) -> Json:
        return self._flat(event_name) | {
            "oa_id": self.OA_ID,
            "follower": {"id": user_id},
            "user_id_by_app": by_app(user_id),
        }


def by_app(user_id: str) -> str:
    """The same person's id for the app."""
    return str(int(user_id) + 1) if user_id.isdigit() else user_id


def _echo_name(shown: Shown) -> str:
    attachment = json.dumps(shown.attachment or {})
    if '"file"' in attachment:
        return "oa_send_file"
    return "oa_send_image" if '"media"' in attachment else "oa_send_text"
