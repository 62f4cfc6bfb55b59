"""The Zalo Bot channel: neutral messages on one side, the platform's few methods on the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import structlog

from bot.channel import Envelope
from bot.channels.patience import Patience
from bot.channels.posting import CallFailed, Poster
from bot.channels.zalo_bot.client import Client, Refused
from bot.channels.zalo_bot.envelope import envelope_of, identifier, nameless
from bot.channels.zalo_bot.outcomes import outcome_of
from bot.channels.zalo_bot.parse import parse_event
from bot.channels.zalo_bot.refusals import Refusals
from casework.clock import Clock, SystemClock
from casework.errors import SetupNeeded
from casework.talk import Capabilities, InboundMessage, OutboundMessage, Outcome, OutcomeKind

log = structlog.get_logger(__name__)

_TOKEN: Final = re.compile(r"(?P<id>[0-9]{1,30}):[\x21-\x2e\x30-\x7e]{1,256}")
_CHAT_ID: Final = re.compile(r"[\x21-\x7e]{1,128}")
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
#: docs "sendMessage"
LONGEST_TEXT: Final = 2000


def capabilities(*, people: int = 50, messages_per_month: int = 3000, rate_per_second: float = 1.0) -> Capabilities:
    """What the platform can do; the caps are those of its free tier, the rate is not published."""
    return Capabilities(
        # The platform takes 2,000; the rest is reserve for what it may count differently.
        text_limit=1900,
        text_unit="codepoint",
        buttons=False,
        rate_per_second=rate_per_second,
        seconds_per_chat=1.0,
        messages_per_month=messages_per_month,
        people=people,
    )


class ZaloBotChannel:
    """One Zalo bot. Raises `SetupNeeded` for a token that cannot be one.

    `base_url`: scheme and host; `can`: what the office's plan allows; `refusals`: what a run of refusals means.
    """

    name = "zalo-bot"

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://bot-api.zaloplatforms.com",
        clock: Clock | None = None,
        poster: Poster | None = None,
        refusals: Refusals | None = None,
        can: Capabilities | None = None,
    ) -> None:
        match = _TOKEN.fullmatch(token.strip())
        if match is None:
            raise SetupNeeded(
                "Mã bot Zalo không đúng dạng.",
                todo="Chép lại nguyên mã mà Zalo Bot Creator cấp (dạng số:chữ) vào DOITHOAI_ZALO_BOT_TOKEN.",
            )
        # The number in front of the colon is the bot's id: no need to ask who we are before starting.
        self.account = match["id"]
        self.capabilities = can or capabilities()
        #: what keeps messages from going out or coming in, for health checks; None when all is well
        self.trouble: str | None = None
        self._clock = clock or SystemClock()
        self._poster = poster or Poster()
        self._refusals = refusals or Refusals()
        self._patience = Patience(self._clock)
        self.client = Client(match.group(), base_url=base_url, poster=self._poster)

    def __repr__(self) -> str:
        return f"ZaloBotChannel(account={self.account!r})"

    # ------------------------------------------------------------------ receiving

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        """Identity and order key of an event. Never raises on any JSON object."""
        return envelope_of(payload, account=self.account)

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        """What a person did, if anybody did anything. Raises `UnreadablePayload`."""
        return parse_event(payload, account=self.account, now=self._clock.now())

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload without the name the platform shows."""
        return nameless(payload)

    # ------------------------------------------------------------------ sending

    async def open(self) -> None:
        """Get ready; asks Zalo nothing, so it works while Zalo is out of reach."""
        await self._poster.open()

    async def close(self) -> None:
        """Close all connections. Safe to repeat."""
        await self._poster.close()

    async def send(self, message: OutboundMessage) -> Outcome:
        """Send plain text. Never raises: every way it can end is an outcome."""
        objection = _objection(message)
        if objection is not None:
            return Outcome(kind=OutcomeKind.REJECTED, detail=objection)
        try:
            # No parse_mode: a citizen's words are text, never markup.
            result = await self.client.call("sendMessage", {"chat_id": message.chat_id, "text": message.text})
        except (CallFailed, Refused) as error:
            return self._patience.judge(message, self._failed(error, message.chat_id))
        except Exception as error:
            # Something nobody foresaw; it may have happened after the message went out.
            log.error("zalo_bot_call_failed", error=type(error).__name__)
            return Outcome(
                kind=OutcomeKind.UNKNOWN, detail=f"Lỗi bất ngờ khi gửi qua Zalo Bot ({type(error).__name__})."
            )
        self._refusals.delivered(message.chat_id)
        self.trouble = None
        number = result.get("message_id") if isinstance(result, Mapping) else None
        return Outcome(kind=OutcomeKind.SENT, external_id=identifier(number))

    def _failed(self, error: CallFailed | Refused, chat: str) -> Outcome:
        outcome = outcome_of(error, chat=chat, refusals=self._refusals)
        if outcome.kind in (OutcomeKind.CHANNEL_DOWN, OutcomeKind.WINDOW_CLOSED):
            # A person must act: nothing goes out, or nothing more this month.
            self.trouble = outcome.detail
        return outcome

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """There are no buttons here."""


def _objection(message: OutboundMessage) -> str | None:
    """Why Zalo would refuse this message: said before it costs a call. These are faults of ours."""
    if message.template is not None:
        return "Zalo Bot không gửi được mẫu tin."
    if not _CHAT_ID.fullmatch(message.chat_id):
        return "Số định danh cuộc trò chuyện không phải của Zalo Bot."
    if not message.text.strip():
        return "Tin nhắn trống."
    if _SURROGATE.search(message.text):
        return "Tin nhắn có ký tự hỏng."
    if len(message.text) > LONGEST_TEXT:
        return f"Tin nhắn dài quá giới hạn {LONGEST_TEXT} của Zalo Bot."
    return None
