"""A small Bot API on loopback: keeps Telegram's limits, remembers what was delivered, fails on request.

    async with TelegramStandin() as telegram:
        channel = TelegramChannel(TelegramStandin.TOKEN, base_url=telegram.base_url)
        telegram.inject(Fault.flood(3), method="sendMessage", times=1)

It answers as https://core.telegram.org/bots/api and the open-source server describe. One process, no persistence.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, ClassVar, Final

import aiohttp
from aiohttp import web

from bot.standins.telegram_faults import Fault, Refusal, Rule

Json = dict[str, Any]
_COMMAND_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header name


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it came: `params` decoded from JSON where they are JSON."""

    method: str
    params: Mapping[str, Any]
    at: float


@dataclass(kw_only=True)
class Delivered:
    """One message in a chat."""

    message_id: int
    text: str
    params: Mapping[str, Any]
    at: float
    buttons: list[list[Json]] = field(default_factory=list)


class TelegramStandin:
    """The platform, as far as one bot sees it. Every chat exists unless it is in `unknown_chats`."""

    TOKEN: ClassVar[str] = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"  # noqa: S105 - the documentation's example
    USERNAME: ClassVar[str] = "doi_thoai_thu_bot"

    def __init__(self, *, token: str = TOKEN, username: str = USERNAME, latency: float = 0.0) -> None:
        self.token = token
        self.username = username
        #: seconds before each answer
        self.latency = latency
        self.unknown_chats: set[str] = set()
        self.calls: list[Call] = []
        #: per chat, in order of arrival
        self.delivered: dict[str, list[Delivered]] = defaultdict(list)
        #: answered button presses: query id -> text shown
        self.answered_presses: dict[str, str] = {}
        #: (scope as JSON, language) -> names
        self.commands: dict[tuple[str, str], list[str]] = {}
        #: (method, language) -> text
        self.texts: dict[tuple[str, str], str] = {}
        self.webhook: Json = {}
        #: updates not yet confirmed by an offset
        self.queue: list[Json] = []
        self._rules: list[Rule] = []
        self._ids = itertools.count(1)
        self._update_ids = itertools.count(800_000_001)
        self._arrived = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._methods: dict[str, Callable[[Json], Any]] = {
            "getMe": self._get_me,
            "sendMessage": self._send_message,
            "editMessageReplyMarkup": self._edit_reply_markup,
            "answerCallbackQuery": self._answer_callback_query,
            "setWebhook": self._set_webhook,
            "deleteWebhook": self._delete_webhook,
            "getWebhookInfo": self._get_webhook_info,
            "setMyCommands": self._set_my_commands,
            "deleteMyCommands": self._delete_my_commands,
            "setMyDescription": lambda p: self._set_text("setMyDescription", p.get("description", ""), p, 512),
            "setMyShortDescription": lambda p: self._set_text(
                "setMyShortDescription", p.get("short_description", ""), p, 120
            ),
        }

    # ------------------------------------------------------------------ life

    async def __aenter__(self) -> TelegramStandin:
        await self.come_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_down()

    @property
    def base_url(self) -> str:
        """What the token is appended to."""
        return f"http://127.0.0.1:{self._port}/bot"

    async def come_up(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application(client_max_size=4 * 1024 * 1024)
        app.router.add_route("*", "/bot{token}/{method}", self._handle)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True)
        await site.start()
        self._port = self._runner.addresses[0][1]

    async def go_down(self) -> None:
        """Stop listening and drop all connections; what was delivered stays delivered."""
        if self._runner is not None:
            self._arrived.set()
            await self._runner.cleanup()
            self._runner = None
            # Lets clients in this process notice that their idle connections are gone.
            await asyncio.sleep(0.01)

    def inject(
        self, fault: Fault, *, method: str | None = None, chat_id: str | int | None = None, times: int | None = 1
    ) -> None:
        """Let the next `times` matching calls (None: all) end in `fault`. Earlier rules go first."""
        self._rules.append(
            Rule(fault=fault, method=method, chat_id=None if chat_id is None else str(chat_id), left=times)
        )

    def heal(self) -> None:
        """Forget all faults."""
        self._rules.clear()

    # ------------------------------------------------------------------ incoming updates

    def next_update_id(self) -> int:
        return next(self._update_ids)

    def push(self, update: Json) -> Json:
        """Queue an update for getUpdates; it gets an `update_id` if it has none."""
        update = {"update_id": self.next_update_id()} | update
        self.push_raw(update)
        return update

    def push_raw(self, update: Any) -> None:
        """Queue anything at all, as it is."""
        self.queue.append(update)
        self._arrived.set()

    async def post(self, update: Json, *, secret: str | None = None) -> int:
        """Hand an update to the webhook that was set; returns the HTTP status it answers."""
        update = {"update_id": self.next_update_id()} | update
        headers = {_SECRET_HEADER: self.webhook.get("secret_token", "") if secret is None else secret}
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.webhook["url"], json=update, headers=headers) as response,
        ):
            return response.status

    def texts_to(self, chat_id: str | int) -> list[str]:
        """What a person has read in their chat, in order."""
        return [message.text for message in self.delivered[str(chat_id)]]

    # ------------------------------------------------------------------ answering

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        method = request.match_info["method"]
        params = _decoded(await request.post() if request.method == "POST" else request.query)
        if self.latency:
            await asyncio.sleep(self.latency)
        if request.match_info["token"] != self.token:
            return _refused(Refusal(401, "Unauthorized"))
        self.calls.append(Call(method=method, params=params, at=asyncio.get_running_loop().time()))
        fault = self._fault_for(method, params)
        if fault is not None and not fault.carries_out:
            return self._fail(request, fault)
        try:
            answer = await self._get_updates(params) if method == "getUpdates" else self._carry_out(method, params)
        except Refusal as refusal:
            return _refused(refusal)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.ends_badly:
                return self._fail(request, fault)
        return web.json_response({"ok": True, "result": answer})

    def _carry_out(self, method: str, params: Json) -> Any:
        if method not in self._methods:
            raise Refusal(404, "Not Found")
        return self._methods[method](params)

    def _fault_for(self, method: str, params: Json) -> Fault | None:
        chat_id = str(params.get("chat_id", ""))
        for rule in self._rules:
            if rule.fits(method, chat_id):
                return rule.take()
        return None

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.drops:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.refusal is not None:
            return _refused(fault.refusal)
        return web.Response(
            status=fault.status, text=fault.body, content_type=fault.content_type, headers=dict(fault.headers)
        )

    # ------------------------------------------------------------------ methods

    def _get_me(self, _params: Json) -> Json:
        bot_id = int(self.token.partition(":")[0])
        return {"id": bot_id, "is_bot": True, "first_name": "Đối thoại", "username": self.username}

    def _known_chat(self, params: Mapping[str, Any]) -> str:
        chat_id = str(params.get("chat_id", ""))
        if not chat_id.removeprefix("-").isdigit() or chat_id in self.unknown_chats:
            raise Refusal(400, "Bad Request: chat not found")
        return chat_id

    def _send_message(self, params: Json) -> Json:
        chat_id = self._known_chat(params)
        text = str(params.get("text", ""))
        if not text.strip():
            raise Refusal(400, "Bad Request: message text is empty")
        if len(text.encode("utf-16-le")) // 2 > 4096:
            raise Refusal(400, "Bad Request: message is too long")
        buttons = (params.get("reply_markup") or {}).get("inline_keyboard", [])
        if any(not 1 <= len(b.get("callback_data", "").encode()) <= 64 for row in buttons for b in row):
            raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        reply = params.get("reply_parameters") or {}
        if reply and not reply.get("allow_sending_without_reply") and not self._has(chat_id, reply["message_id"]):
            raise Refusal(400, "Bad Request: message to be replied not found")
        now = asyncio.get_running_loop().time()
        message = Delivered(message_id=next(self._ids), text=text, params=params, at=now, buttons=buttons)
        self.delivered[chat_id].append(message)
        kind = "private" if int(chat_id) > 0 else "supergroup"
        date = int(dt.datetime.now(dt.UTC).timestamp())
        return {
            "message_id": message.message_id,
            "date": date,
            "chat": {"id": int(chat_id), "type": kind},
            "text": text,
        }

    def _has(self, chat_id: str, message_id: Any) -> bool:
        return any(message.message_id == message_id for message in self.delivered[chat_id])

    def _edit_reply_markup(self, params: Json) -> Any:
        chat_id = self._known_chat(params)
        wanted = int(params.get("message_id", 0))
        message = next((m for m in self.delivered[chat_id] if m.message_id == wanted), None)
        if message is None:
            raise Refusal(400, "Bad Request: message to edit not found")
        buttons = (params.get("reply_markup") or {}).get("inline_keyboard", [])
        if buttons == message.buttons:
            raise Refusal(
                400,
                "Bad Request: message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message",
            )
        message.buttons = buttons
        return True

    def _answer_callback_query(self, params: Json) -> bool:
        query_id = str(params.get("callback_query_id", ""))
        if query_id in self.answered_presses:
            raise Refusal(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
        text = str(params.get("text", ""))
        if len(text) > 200:
            raise Refusal(400, "Bad Request: MESSAGE_TOO_LONG")
        self.answered_presses[query_id] = text
        return True

    def _set_webhook(self, params: Json) -> bool:
        if not str(params.get("url", "")).startswith(("https://", "http://127.0.0.1")):
            raise Refusal(400, "Bad Request: bad webhook: An HTTPS URL must be provided for webhook")
        self.webhook = params
        if params.get("drop_pending_updates"):
            self.queue.clear()
        return True

    def _delete_webhook(self, params: Json) -> bool:
        self.webhook = {}
        if params.get("drop_pending_updates"):
            self.queue.clear()
        return True

    def _get_webhook_info(self, _params: Json) -> Json:
        return {
            "url": self.webhook.get("url", ""),
            "has_custom_certificate": False,
            "pending_update_count": len(self.queue),
        }

    def _set_my_commands(self, params: Json) -> bool:
        commands = params.get("commands") or []
        for command in commands:
            name = command["command"]
            if not 1 <= len(name) <= 32 or not _COMMAND_CHARACTERS.issuperset(name):
                raise Refusal(400, "Bad Request: BOT_COMMAND_INVALID")
            if not 1 <= len(command["description"]) <= 256:
                raise Refusal(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
        self.commands[self._scope(params)] = [command["command"] for command in commands]
        return True

    def _delete_my_commands(self, params: Json) -> bool:
        self.commands.pop(self._scope(params), None)
        return True

    def _scope(self, params: Json) -> tuple[str, str]:
        scope = params.get("scope") or {"type": "default"}
        if "chat_id" in scope:
            self._known_chat(scope)
        return json.dumps(scope, sort_keys=True), str(params.get("language_code", ""))

    def _set_text(self, method: str, text: str, params: Json, limit: int) -> bool:
        if len(text) > limit:
            raise Refusal(400, "Bad Request: BOT_DESCRIPTION_INVALID")
        self.texts[method, str(params.get("language_code", ""))] = text
        return True

    async def _get_updates(self, params: Json) -> list[Any]:
        if self.webhook:
            raise Refusal(
                409,
                "Conflict: can't use getUpdates method while webhook is active; "
                "use deleteWebhook to delete the webhook first",
            )
        offset = int(params.get("offset", 0))
        if offset:
            self.queue = [update for update in self.queue if not _is_below(update, offset)]
        if not self.queue:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), float(params.get("timeout", 0)) or 0.001)
            except TimeoutError:
                return []
        return self.queue[: int(params.get("limit", 100))]


def _is_below(update: Any, offset: int) -> bool:
    number = update.get("update_id") if isinstance(update, dict) else None
    return isinstance(number, int) and number < offset


def _decoded(form: Mapping[str, Any]) -> Json:
    """Parameters with lists, objects, numbers and truth values read from their JSON; texts stay texts."""
    return {name: _value(name, value) for name, value in form.items()}


def _value(name: str, value: Any) -> Any:
    if name in ("text", "description", "short_description", "callback_query_id", "secret_token", "chat_id"):
        return value
    try:
        return json.loads(value)
    except (ValueError, TypeError):
        return value


def _refused(refusal: Refusal) -> web.Response:
    body: Json = {"ok": False, "error_code": refusal.status, "description": refusal.description}
    if refusal.parameters:
        body["parameters"] = refusal.parameters
    return web.json_response(body, status=refusal.status)
