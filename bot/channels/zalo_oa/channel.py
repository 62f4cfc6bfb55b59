"""The Zalo official account as a channel: neutral messages on one side, `Client` on the other."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import structlog

from bot.channel import Envelope
from bot.channels.patience import Patience
from bot.channels.posting import AnswerLost, NotSent
from bot.channels.zalo_oa.client import MAX_BUTTONS, Answer, Client, NotZalo
from bot.channels.zalo_oa.envelope import CHANNEL, envelope_of
from bot.channels.zalo_oa.nameless import nameless
from bot.channels.zalo_oa.outcomes import INVALID_PARAMETER, WRONG_ACCOUNT_TYPE, outcome_of
from bot.channels.zalo_oa.parse import parse_event
from bot.channels.zalo_oa.tokens import NotConnected
from bot.digits import spelled_out
from casework.clock import Clock, SystemClock
from casework.ladder import ladders
from casework.talk import Capabilities, InboundMessage, OutboundMessage, Outcome, OutcomeKind

log = structlog.get_logger(__name__)

#: longer texts are refused as a whole (-210)
MAX_TEXT: Final = 2000
#: where we cut: the rest is reserve for what Zalo may count differently
TEXT_LIMIT: Final = 1900
_USER_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
#: allowances that cost nothing: inside of 48 hours, and the greeting of somebody who has followed
_FREE_QUOTAS: Final = frozenset({"reply", "welcome_msg"})


class ZaloOaChannel:
    """One official account, known by the id of the app that speaks for it.

    `price_vnd`: what an ordinary message outside of the free window costs; `template_prices`: form -> price of one.
    """

    name = CHANNEL

    def __init__(
        self,
        client: Client,
        *,
        account: str,
        rate_per_minute: float = 60.0,
        price_vnd: int = 55,
        template_prices: Mapping[str, int] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.account = account
        self.client = client
        self.capabilities = Capabilities(
            text_limit=TEXT_LIMIT,
            text_unit="codepoint",
            buttons=True,
            most_buttons=MAX_BUTTONS,
            rate_per_second=rate_per_minute / 60.0,
            seconds_per_chat=1.0,
        )
        self._price_vnd = price_vnd
        self._template_prices = dict(template_prices or {})
        self._clock = clock or SystemClock()
        self._patience = Patience(self._clock)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(account={self.account!r})"

    # ------------------------------------------------------------------ receiving

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        """Identity and order key of an event. Never raises on any JSON object."""
        return envelope_of(payload, account=self.account)

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        """What a person did, if anybody did anything. Raises `UnreadablePayload`."""
        return parse_event(payload, account=self.account)

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return nameless(payload)

    # ------------------------------------------------------------------ sending

    async def open(self) -> None:
        """Get ready; asks Zalo nothing, so it works while Zalo is out of reach."""
        await self.client.open()

    async def close(self) -> None:
        await self.client.close()

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """Zalo's buttons have no spinner."""

    async def send(self, message: OutboundMessage) -> Outcome:
        """Send a text, or a form. Never raises: every way it can end is an outcome."""
        objection = _objection(message)
        if objection is not None:
            return Outcome(kind=OutcomeKind.REJECTED, detail=objection)
        if message.template is not None or not message.check_window:
            return self._patience.judge(message, await self._deliver(message))
        last, closed = await self._look_at_window(message)
        outcome = self._patience.judge(message, closed or await self._deliver(message))
        if last is None:
            return outcome
        if outcome.kind is OutcomeKind.THROTTLED and outcome.retry_after is not None:
            # What waits for money waits only while it may still be sent then.
            then = self._clock.now() + dt.timedelta(seconds=outcome.retry_after)
            if self._closed(last, then, paid=message.paid) is not None:
                detail = (
                    f"Zalo chưa nhận tin này (mã {outcome.code}), mà chờ thêm thì quá hạn gửi: chuyển sang cách khác."
                )
                outcome = replace(outcome, kind=OutcomeKind.WINDOW_CLOSED, retry_after=None, detail=detail)
        return replace(outcome, last_interaction_at=last)

    async def ask_for_contact(self, chat_id: str, *, title: str, subtitle: str, image_url: str) -> Outcome:
        """Zalo's own form for name and phone number; the answer is a message of kind CONTACT. Never raises."""
        try:
            answer = await self.client.ask_for_contact(chat_id, title=title, subtitle=subtitle, image_url=image_url)
        except Exception as error:
            return _failed(error)
        return self._outcome(answer)

    async def _deliver(self, message: OutboundMessage) -> Outcome:
        form = message.template
        try:
            if form is not None:
                answer = await self.client.send_template(message.chat_id, form)
            else:
                text = unicodedata.normalize("NFC", message.text)
                buttons = [button for row in message.buttons for button in row]
                quote = message.reply_to if _MESSAGE_ID.fullmatch(message.reply_to or "") else None
                answer = await self.client.send_text(message.chat_id, text, buttons=buttons, quote=quote)
                if buttons and answer.error == INVALID_PARAMETER:
                    answer = await self._without_buttons(message, text) or answer
        except Exception as error:
            return _failed(error)
        outcome = self._outcome(answer, template=form is not None, paid=message.paid)
        if outcome.kind is not OutcomeKind.SENT:
            return outcome
        return replace(outcome, price_vnd=self._price(message, answer))

    async def _without_buttons(self, message: OutboundMessage, text: str) -> Answer | None:
        """Once more as plain text with the choices written out, because Zalo does not take this kind of buttons; None
        when that would be too long."""
        whole = unicodedata.normalize("NFC", spelled_out(text, message.buttons))
        if len(whole) > MAX_TEXT:
            return None
        answer = await self.client.send_text(message.chat_id, whole)
        if answer.error == 0:
            log.warning("zalo_oa_buttons_refused", todo="DOITHOAI_ZALO_OA_BUTTON_TEMPLATE_TYPE")
        return answer

    async def _look_at_window(self, message: OutboundMessage) -> tuple[dt.datetime | None, Outcome | None]:
        """When the person last did something, as Zalo says, and what ends the send before it begins, if anything."""
        try:
            answer = await self.client.quota(message.chat_id)
        except Exception as error:
            failed = _failed(error)
            if failed.kind is not OutcomeKind.UNKNOWN:
                return None, failed
            # Only a question was asked: whatever became of it, the message itself was not sent.
            detail = f"Chưa hỏi được Zalo xem còn gửi được không nên chưa gửi ({type(error).__name__})."
            return None, Outcome(kind=OutcomeKind.RETRY_LATER, detail=detail)
        if answer.error != 0:
            refused = self._outcome(answer, paid=message.paid)
            # A question that is refused for its own sake, or from this kind of account, says nothing about the
            # message: the send itself will tell whether the window is closed.
            own_sake = answer.error == WRONG_ACCOUNT_TYPE or refused.kind is OutcomeKind.REJECTED
            return None, None if own_sake else refused
        last = answer.last_interaction_at
        return last, None if last is None else self._closed(last, self._clock.now(), paid=message.paid)

    def _closed(self, last: dt.datetime, now: dt.datetime, *, paid: bool) -> Outcome | None:
        windows = ladders().channel(CHANNEL)
        hours = (now - last) / dt.timedelta(hours=1)
        if windows.paid_hours is not None and hours >= windows.paid_hours:
            detail = "Người nhận không nhắn gì cho Zalo OA trong 7 ngày qua (Zalo xác nhận): chuyển sang cách khác."
            return Outcome(kind=OutcomeKind.WINDOW_CLOSED, detail=detail)
        if windows.free_hours is not None and hours >= windows.free_hours and not paid:
            detail = "Đã quá 48 giờ từ lần nhắn cuối (Zalo xác nhận): gửi lúc này phải trả tiền nên không gửi."
            return Outcome(kind=OutcomeKind.WINDOW_CLOSED, detail=detail)
        return None

    # ------------------------------------------------------------------ how sends end

    def _outcome(self, answer: Answer, *, template: bool = False, paid: bool = False) -> Outcome:
        if answer.error == 0:
            return Outcome(kind=OutcomeKind.SENT, external_id=answer.message_id)
        return outcome_of(answer.error, now=self._clock.now(), template=template, paid=paid)

    def _price(self, message: OutboundMessage, answer: Answer) -> int | None:
        if answer.quota_type in _FREE_QUOTAS:
            return 0
        if message.template is not None:
            return self._template_prices.get(message.template.template_id)
        # Without a quota Zalo bills the account, or (older endpoint) does not say: only what we meant to pay counts.
        return self._price_vnd if answer.quota_type is not None or message.paid else None


def _failed(error: Exception) -> Outcome:
    """How a call ends that brought no answer of Zalo."""
    match error:
        case NotConnected():
            return Outcome(kind=OutcomeKind.CHANNEL_DOWN, detail=str(error))
        case NotSent():
            return Outcome(kind=OutcomeKind.RETRY_LATER, detail=f"Không kết nối được tới Zalo ({error}).")
        case NotZalo():
            detail = f"Mạng, proxy hoặc địa chỉ DOITHOAI_ZALO_OA_BASE_URL chặn đường tới Zalo ({error})."
            return Outcome(kind=OutcomeKind.CHANNEL_DOWN, detail=detail)
        case AnswerLost():
            detail = f"Mất câu trả lời của Zalo: tin có thể đã tới hoặc chưa ({error})."
            return Outcome(kind=OutcomeKind.UNKNOWN, detail=detail)
    # Something nobody foresaw; it may have happened after the message went out.
    log.error("zalo_oa_call_failed", error=type(error).__name__)
    return Outcome(kind=OutcomeKind.UNKNOWN, detail=f"Lỗi bất ngờ khi gửi qua Zalo OA ({type(error).__name__}).")


def _objection(message: OutboundMessage) -> str | None:
    """Why Zalo would refuse this message: said before it costs a call. These are faults of ours."""
    if not _USER_ID.fullmatch(message.chat_id):
        return "Số định danh người nhận không phải của Zalo."
    if message.template is not None:
        return None
    buttons = [button for row in message.buttons for button in row]
    if any(_SURROGATE.search(text) for text in (message.text, *(b.label + b.token for b in buttons))):
        return "Tin nhắn có ký tự hỏng."
    if not message.text.strip():
        return "Tin nhắn trống."
    if len(unicodedata.normalize("NFC", message.text)) > MAX_TEXT:
        return "Tin nhắn dài quá giới hạn 2000 ký tự của Zalo."
    if any(not button.label.strip() for button in buttons):
        return "Nút bấm không có chữ."
    if len(buttons) > MAX_BUTTONS:
        return "Tin nhắn có quá 5 nút bấm."
    return None
