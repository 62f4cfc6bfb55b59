"""A small Zalo Bot Platform on loopback.

    async with ZaloBotStandin(clock=clock) as bot:
        channel_base_url, token = bot.base_url, bot.token
        await bot.says("3f1e…", "Xin chào")
        bot.inject(Fault.code(429, "Quota exceeded"), method="sendMessage")

Methods, for faults and `calls_of`, are the platform's own names; it answers as
docs.zaloplatforms.com/docs/BOT describes.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

import aiohttp
from aiohttp import web

from bot.standins.loopback import Call, Json, Loopback, Numbers
from bot.standins.zalo_faults import Refusal
from casework.clock import VIETNAM, Clock

LONGEST_TEXT = 2000
SECRET_HEADER: Final = "X-Bot-Api-Secret-Token"  # noqa: S105 - a header name


@dataclass(kw_only=True)
class Delivered:
    """One message in a chat."""

    message_id: str
    text: str
    #: sendMessage | sendPhoto | sendSticker | sendVoice
    method: str
    params: Json


class ZaloBotStandin(Loopback):
    """One bot. A chat can be written to once its person has written."""

    TOKEN: ClassVar[str] = "2345678901234567890:khoa-bi-mat-cua-bot-thu"  # noqa: S105 - of a stand-in

    def __init__(self, *, clock: Clock | None = None, latency: float = 0.0, token: str = TOKEN) -> None:
        super().__init__(clock=clock, latency=latency)
        self.token = token
        #: per chat, in order of arrival
        self.delivered: dict[str, list[Delivered]] = defaultdict(list)
        self.typing: list[str] = []
        #: people in the order in which they first wrote
        self.people: list[str] = []
        self.blocked: set[str] = set()
        #: caps of the free tier
        self.people_limit = 50
        self.messages_per_month = 3000
        self.sent: dict[str, int] = defaultdict(int)
        self.webhook: Json = {}
        #: the documented body {ok, result}, or the flat one seen in the field
        self.wrapped = True
        #: refusals come as HTTP 200 with ok: false, or with the number as HTTP status
        self.refuses_with_200 = True
        #: longest real wait of getUpdates, seconds
        self.longest_poll = 30.0
        self.queue: list[Json] = []
        self.numbers = Numbers()
        self._arrived = asyncio.Event()
        self._session: aiohttp.ClientSession | None = None
        self._methods: dict[str, Callable[[Call], Json]] = {
            "getMe": self._get_me,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": lambda call: self._webhook_state(),
            "testWebhook": lambda call: {"ok": bool(self.webhook), "outcome": "success", "status_code": 200},
            "sendMessage": lambda call: self._send(call, field="text"),
            "sendPhoto": lambda call: self._send(call, field="photo"),
            "sendSticker": lambda call: self._send(call, field="sticker"),
            "sendVoice": lambda call: self._send(call, field="voice_url"),
            "sendChatAction": self._chat_action,
        }

    def _register(self, app: web.Application) -> None:
        app.router.add_route("*", "/bot{token}/{method}", self._enter)

    async def go_down(self) -> None:
        self._arrived.set()
        if self._session is not None:
            await self._session.close()
            self._session = None
        await super().go_down()

    # ------------------------------------------------------------------ what people do

    async def says(self, chat_id: str, text: str, *, group: bool = False, sender: str | None = None) -> Json:
        """They write; in a group only what mentions the bot comes here. Returns the event."""
        return await self._event("message.text.received", chat_id, {"text": text}, group=group, sender=sender)

    async def sends_photo(self, chat_id: str, url: str, caption: str = "") -> Json:
        more = {"photo": url} | ({"caption": caption} if caption else {})
        return await self._event("message.image.received", chat_id, more)

    async def sends_sticker(self, chat_id: str) -> Json:
        more = {"sticker": "bfe458bf64fa8da4d4eb", "url": f"{self.base_url}/sticker.webp"}
        return await self._event("message.sticker.received", chat_id, more)

    async def sends_voice(self, chat_id: str, url: str) -> Json:
        return await self._event("message.voice.received", chat_id, {"voice_url": url})

    async def sends_unsupported(self, chat_id: str) -> Json:
        """A document, a contact card, or anything of a specially protected person: it comes without content."""
        return await self._event("message.unsupported.received", chat_id, {})

    def blocks(self, chat_id: str) -> None:
        """They block or delete the bot: what the platform answers then is not documented; 403 is played."""
        self.blocked.add(chat_id)

    def unblocks(self, chat_id: str) -> None:
        self.blocked.discard(chat_id)

    def messages_of(self, chat_id: str) -> list[Delivered]:
        """What is on a person's phone, in order."""
        return self.delivered[chat_id]

    def texts_to(self, chat_id: str) -> list[str]:
        """The words of `messages_of`."""
        return [message.text for message in self.delivered[chat_id]]

    async def post(self, event: Json, *, secret: str | None = None) -> int:
        """Hand an event to the webhook once; the HTTP status, 0 for none. There is no retry."""
        body = {"ok": True, "result": event} if self.wrapped else event
        headers = {SECRET_HEADER: self.webhook.get("secret_token", "") if secret is None else secret}
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5))
        try:
            async with self._session.post(self.webhook["url"], json=body, headers=headers) as response:
                return response.status
        except (TimeoutError, aiohttp.ClientError, OSError):
            return 0

    async def _event(
        self, name: str, chat_id: str, content: Json, *, group: bool = False, sender: str | None = None
    ) -> Json:
        who = sender or chat_id
        if chat_id not in self.people and not group:
            self.people.append(chat_id)
        message = {
            "from": {"id": who, "display_name": f"Bà con {who[-4:]}", "is_bot": False},
            "chat": {"id": chat_id, "chat_type": "GROUP" if group else "PRIVATE"},
            "message_id": self.numbers.next(),
            "date": int(self.clock.now().timestamp() * 1000),
            **content,
        }
        event = {"event_name": name, "message": message}
        if self.webhook:
            await self.post(event)
        else:
            self.queue.append(event)
            self._arrived.set()
        return event

    # ------------------------------------------------------------------ answering

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        if request.match_info["token"] != self.token:
            return self._refused(Refusal(401, "Unauthorized"))
        method = request.match_info["method"]
        return await self._serve(method, self._act, admit=False)(request)

    def _admit(self, call: Call) -> None:
        """The token stands in the address and is checked before the call is recorded."""

    def _refused(self, refusal: Refusal) -> web.Response:
        body = {"ok": False, "description": refusal.message, "error_code": refusal.error}
        return web.json_response(body, status=200 if self.refuses_with_200 else refusal.error)

    async def _act(self, call: Call) -> Json:
        if call.method == "getUpdates":
            return {"ok": True, "result": await self._get_updates(call)}
        if call.method not in self._methods:
            raise Refusal(404, "Method not found")
        return {"ok": True, "result": self._methods[call.method](call)}

    async def _get_updates(self, call: Call) -> Json:
        """One event, the oldest; it is gone then."""
        if self.webhook:
            raise Refusal(400, "getUpdates cannot be used while a webhook is set")
        if not self.queue:
            self._arrived.clear()
            try:
                seconds = min(float(call.params.get("timeout", 30)), self.longest_poll)
                await asyncio.wait_for(self._arrived.wait(), seconds or 0.001)
            except TimeoutError:
                raise Refusal(408, "Request timeout") from None
        if not self.queue:
            raise Refusal(408, "Request timeout")
        return self.queue.pop(0)

    def _get_me(self, call: Call) -> Json:
        bot_id = self.token.partition(":")[0]
        return {"id": bot_id, "account_name": "bot.doithoai", "account_type": "BASIC", "can_join_groups": False}

    def _set_webhook(self, call: Call) -> Json:
        url, secret = str(call.params.get("url", "")), str(call.params.get("secret_token", ""))
        if not url.startswith(("https://", "http://127.0.0.1")):
            raise Refusal(400, "url must be a public HTTPS address")
        if not 8 <= len(secret) <= 256:
            raise Refusal(400, "secret_token must have 8 to 256 characters")
        self.webhook = {"url": url, "secret_token": secret}
        return self._webhook_state() | {"verification": {"ok": True, "outcome": "success", "status_code": 200}}

    def _delete_webhook(self, call: Call) -> Json:
        self.webhook = {}
        return self._webhook_state()

    def _webhook_state(self) -> Json:
        return {"url": self.webhook.get("url", ""), "updated_at": int(self.clock.now().timestamp() * 1000)}

    def _send(self, call: Call, *, field: str) -> Json:
        text = str(call.params.get("text" if field == "text" else "caption", ""))
        if not call.params.get(field) or len(text) > LONGEST_TEXT:
            raise Refusal(400, f"{field} is empty or too long")
        chat_id = self._chat(call)
        month = f"{self.clock.now().astimezone(VIETNAM):%Y-%m}"
        if self.sent[month] >= self.messages_per_month:
            raise Refusal(429, "Quota exceeded")
        self.sent[month] += 1
        message = Delivered(message_id=self.numbers.next(), text=text, method=call.method, params=dict(call.params))
        self.delivered[chat_id].append(message)
        return {"message_id": message.message_id, "date": int(self.clock.now().timestamp() * 1000)}

    def _chat_action(self, call: Call) -> Json:
        if call.params.get("action") != "typing":
            raise Refusal(400, "action is invalid")
        self.typing.append(self._chat(call))
        return {"ok": True}

    def _chat(self, call: Call) -> str:
        chat_id = str(call.params.get("chat_id", ""))
        if not chat_id:
            raise Refusal(400, "chat_id is required")
        if chat_id in self.blocked:
            raise Refusal(403, "Internal server error")
        if chat_id in self.people[self.people_limit :]:
            raise Refusal(429, "Quota exceeded")
        return chat_id
