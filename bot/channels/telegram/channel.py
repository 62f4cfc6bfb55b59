"""The Telegram channel: neutral messages on one side, python-telegram-bot's `Bot` on the other."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import CallbackQueryLimit, InlineKeyboardButtonLimit, MessageLimit
from telegram.error import BadRequest, TelegramError

from bot.channel import Envelope
from bot.channels.telegram import menu
from bot.channels.telegram.attachments import MAX_DOWNLOAD
from bot.channels.telegram.client import ALLOWED_UPDATES, Client
from bot.channels.telegram.envelope import envelope_of
from bot.channels.telegram.menu import Command
from bot.channels.telegram.nameless import nameless
from bot.channels.telegram.outcomes import is_lost_reply_target, outcome_of
from bot.channels.telegram.parse import parse_update
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.webhook import is_usable_secret
from casework.clock import Clock, SystemClock
from casework.errors import InvalidInput, SetupNeeded
from casework.talk import Button, Capabilities, InboundMessage, OutboundMessage, Outcome, OutcomeKind

log = structlog.get_logger(__name__)

_TOKEN: Final = re.compile(r"(?P<id>[0-9]{1,20}):[A-Za-z0-9_-]+")
_CHAT_ID: Final = re.compile(r"-?[0-9]{1,19}")
_MESSAGE_ID: Final = re.compile(r"[0-9]{1,10}")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
#: connections Telegram may open to our webhook at once
_MAX_CONNECTIONS: Final = 40

CAPABILITIES: Final = Capabilities(
    # Telegram's limit is 4096 UTF-16 units; the rest is reserve for what its parser may count differently.
    text_limit=4000,
    text_unit="utf16",
    buttons=True,
    # Telegram speaks of 30 a second over all chats and one a second in one chat.
    rate_per_second=25.0,
    seconds_per_chat=1.0,
    edits=True,
    max_download_bytes=MAX_DOWNLOAD,
)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A step of preparing that did not work: `step` names it, `outcome` says why. Preparing may be repeated."""

    step: str
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class QueueStatus:
    """What Telegram holds for us (getWebhookInfo), for health checks."""

    webhook_set: bool
    pending: int
    last_error: str | None
    last_error_at: dt.datetime | None


class TelegramChannel:
    """One Telegram bot.

    `base_url`: address up to and including ".../bot", to which the token is appended; `proxy`: forward proxy for
    networks that block Telegram; `username`: our bot's, learnt by `prepare` when not given.
    Raises `SetupNeeded` for a token or a proxy that cannot be one.
    """

    name = "telegram"
    capabilities = CAPABILITIES

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.telegram.org/bot",
        proxy: str | None = None,
        username: str | None = None,
        clock: Clock | None = None,
        request: AiohttpRequest | None = None,
    ) -> None:
        match = _TOKEN.fullmatch(token.strip())
        if match is None:
            raise SetupNeeded(
                "Mã bot Telegram không đúng dạng.",
                todo="Chép lại nguyên mã mà BotFather cấp (dạng số:chữ) vào DOITHOAI_TELEGRAM_TOKEN.",
            )
        if proxy and not proxy.startswith(("http://", "https://")):
            raise SetupNeeded(
                "Địa chỉ proxy cho Telegram không dùng được.",
                todo="Dùng proxy kiểu http://máy:cổng (không dùng socks).",
            )
        # The number in front of the colon is the bot's id: no need to ask Telegram who we are before starting.
        self.account = match["id"]
        self.username = username.removeprefix("@") if username else None
        #: what keeps messages from coming in, for health checks; None when all is well
        self.trouble: str | None = None
        self._clock = clock or SystemClock()
        self._request = request or AiohttpRequest(proxy=proxy)
        self._client = Client(match.group(), base_url=base_url, request=self._request)

    def __repr__(self) -> str:
        return f"TelegramChannel(account={self.account!r})"

    @property
    def client(self) -> Client:
        """The library's `Bot`, for polling."""
        return self._client

    # ------------------------------------------------------------------ receiving

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        """Identity and order key of an update. Never raises on any JSON object."""
        return envelope_of(payload, account=self.account)

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        """What a person did, if anybody did anything. Raises `UnreadablePayload`."""
        return parse_update(payload, account=self.account, username=self.username, now=self._clock.now())

    # ------------------------------------------------------------------ sending

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return nameless(payload)

    async def open(self) -> None:
        """Get ready; asks Telegram nothing, so it works while Telegram is out of reach."""
        await self._request.initialize()

    async def close(self) -> None:
        await self._request.shutdown()

    async def send(self, message: OutboundMessage) -> Outcome:
        """Send plain text without link previews. Never raises: every way it can end is an outcome."""
        objection = _objection(message)
        if objection is not None:
            return Outcome(kind=OutcomeKind.REJECTED, detail=objection)
        try:
            external_id = await self._deliver(message)
        except TelegramError as error:
            return outcome_of(error)
        except Exception as error:
            return self._surprise(error)
        return Outcome(kind=OutcomeKind.SENT, external_id=external_id)

    async def _deliver(self, message: OutboundMessage) -> str:
        try:
            return await self._deliver_as(message, reply_to=message.reply_to)
        except BadRequest as error:
            if message.reply_to is None or not is_lost_reply_target(error):
                raise
        return await self._deliver_as(message, reply_to=None)

    async def _deliver_as(self, message: OutboundMessage, *, reply_to: str | None) -> str:
        sent = await self._client.send_message(
            chat_id=int(message.chat_id),
            # No parse_mode: a citizen's words are text, never markup.
            text=message.text,
            reply_markup=_keyboard(message.buttons),
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_parameters=_reply_parameters(reply_to),
        )
        return str(sent.message_id)

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """Stop the spinner; a text is shown in a window to be closed, because a fleeting one is easily missed."""
        shown = text[: CallbackQueryLimit.ANSWER_CALLBACK_QUERY_TEXT_LENGTH] or None
        outcome = await self._call(
            lambda: self._client.answer_callback_query(press_ref, text=shown, show_alert=shown is not None)
        )
        if outcome.kind is not OutcomeKind.SENT:
            log.info("telegram_press_not_acknowledged", outcome=outcome.kind, detail=outcome.detail)

    async def remove_buttons(self, chat_id: str, message_ref: str) -> Outcome:
        """Take the buttons off a card that has been decided. Never raises."""
        return await self._call(
            lambda: self._client.edit_message_reply_markup(
                chat_id=int(chat_id), message_id=int(message_ref), reply_markup=None
            )
        )

    # ------------------------------------------------------------------ set-up

    async def prepare(
        self,
        *,
        office_name: str,
        webhook_url: str | None = None,
        webhook_secret: str | None = None,
        staff_chats: Sequence[str] = (),
        staff_commands: Sequence[Command] = (),
    ) -> list[Problem]:
        """Tell Telegram who we are: name, webhook (when there is an address), command lists, descriptions.

        Every step is tried; returns those that did not work, to be repeated later. Safe to repeat: the same values
        are set again and nothing that waits is dropped. Raises `InvalidInput` for a webhook secret Telegram refuses.
        """
        steps: list[tuple[str, Callable[[], Awaitable[Any]]]] = [("getMe", self._learn_name)]
        if webhook_url is not None:
            set_webhook = self._webhook_setter(webhook_url, webhook_secret or "")
            steps.append(("setWebhook", set_webhook))
        steps.append(("setMyCommands", lambda: menu.set_citizen_menu(self._client)))
        steps.append(("setMyDescription", lambda: menu.set_descriptions(self._client, office_name)))
        problems = [
            Problem(step=step, outcome=outcome)
            for step, act in steps
            if (outcome := await self._call(act)).kind is not OutcomeKind.SENT
        ]
        for chat_id in staff_chats:
            outcome = await self.set_staff_commands(chat_id, staff_commands)
            if outcome.kind is not OutcomeKind.SENT:
                problems.append(Problem(step="setMyCommands for staff", outcome=outcome))
        return problems

    async def set_staff_commands(self, chat_id: str, commands: Sequence[Command]) -> Outcome:
        """The list a staff member (or staff group) sees; to be set when they are enrolled. Never raises."""
        return await self._call(lambda: menu.set_chat_menu(self._client, int(chat_id), commands))

    async def clear_staff_commands(self, chat_id: str) -> Outcome:
        """The citizens' list again, when a staff member leaves. Never raises."""
        return await self._call(lambda: menu.clear_chat_menu(self._client, int(chat_id)))

    async def queue_status(self) -> QueueStatus | None:
        """What waits at Telegram; None when it cannot be asked."""
        try:
            info = await self._client.get_webhook_info()
        except (TelegramError, TypeError, ValueError, LookupError):
            return None
        return QueueStatus(
            webhook_set=bool(info.url),
            pending=info.pending_update_count,
            last_error=info.last_error_message,
            last_error_at=info.last_error_date,
        )

    async def _learn_name(self) -> None:
        self.username = (await self._client.get_me()).username or self.username

    def _webhook_setter(self, url: str, secret: str) -> Callable[[], Awaitable[bool]]:
        if not is_usable_secret(secret):
            raise InvalidInput(
                "Mật khẩu webhook của Telegram không dùng được.",
                todo="Đặt DOITHOAI_TELEGRAM_WEBHOOK_SECRET gồm 1-256 ký tự A-Z, a-z, 0-9, _ và -.",
            )
        return lambda: self._client.set_webhook(
            url,
            allowed_updates=ALLOWED_UPDATES,
            secret_token=secret,
            max_connections=_MAX_CONNECTIONS,
            # What waits is citizens' questions.
            drop_pending_updates=False,
        )

    # ------------------------------------------------------------------ how calls end

    async def _call(self, act: Callable[[], Awaitable[Any]]) -> Outcome:
        try:
            await act()
        except TelegramError as error:
            return outcome_of(error)
        except Exception as error:
            return self._surprise(error)
        return Outcome(kind=OutcomeKind.SENT)

    def _surprise(self, error: Exception) -> Outcome:
        """Something nobody foresaw; it may have happened after the message went out."""
        log.error("telegram_call_failed", error=type(error).__name__)
        return Outcome(kind=OutcomeKind.UNKNOWN, detail=f"Lỗi bất ngờ khi gửi qua Telegram ({type(error).__name__}).")


def _objection(message: OutboundMessage) -> str | None:
    """Why Telegram would refuse this message: said before it costs a call. These are faults of ours."""
    if not _CHAT_ID.fullmatch(message.chat_id):
        return "Số định danh cuộc trò chuyện không phải của Telegram."
    if not message.text.strip():
        return "Tin nhắn trống."
    buttons = [button for row in message.buttons for button in row]
    if any(_SURROGATE.search(text) for text in (message.text, *(b.label + b.token for b in buttons))):
        return "Tin nhắn có ký tự hỏng."
    if len(message.text.encode("utf-16-le")) // 2 > MessageLimit.MAX_TEXT_LENGTH:
        return "Tin nhắn dài quá giới hạn 4096 của Telegram."
    longest = InlineKeyboardButtonLimit.MAX_CALLBACK_DATA
    if any(not 1 <= len(button.token.encode()) <= longest for button in buttons):
        return "Nút bấm mang mã dài quá 64 byte."
    if any(not button.label.strip() for button in buttons):
        return "Nút bấm không có chữ."
    return None


def _keyboard(buttons: Sequence[Sequence[Button]]) -> InlineKeyboardMarkup | None:
    if not buttons:
        return None
    return InlineKeyboardMarkup(
        [[InlineKeyboardButton(button.label, callback_data=button.token) for button in row] for row in buttons]
    )


def _reply_parameters(reply_to: str | None) -> ReplyParameters | None:
    if reply_to is None or not _MESSAGE_ID.fullmatch(reply_to):
        return None
    # The citizen may have deleted the message: the answer must come all the same.
    return ReplyParameters(int(reply_to), allow_sending_without_reply=True)


__all__ = ["CAPABILITIES", "Command", "Problem", "QueueStatus", "TelegramChannel"]
