"""Approved Zalo template messages to phone numbers; nothing else can be sent this way, and nothing comes in.

What the platform tells of them (arrived, rated) comes over the official account's webhook.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import structlog

from bot.channel import Envelope
from bot.channels.posting import AnswerLost, CallFailed, NotSent
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_oa.tokens import NotConnected
from bot.channels.zalo_zbs.outcomes import outcome_of, table
from casework.clock import Clock, SystemClock
from casework.talk import Capabilities, InboundMessage, OutboundMessage, Outcome, OutcomeKind, TemplateMessage

log = structlog.get_logger(__name__)
K = OutcomeKind

SEND: Final = "/message/template"
_PHONE: Final = re.compile(r"84[0-9]{8,10}")
#: longest `tracking_id`
_LONGEST_REFERENCE: Final = 48
#: so many "later" in a row for one number; then this form is given up for it
TRIES: Final = 3


class ZaloZbsChannel:
    """The template service of one app. `prices`: form -> price of one message, dong."""

    name = "zalo-zbs"

    def __init__(
        self,
        client: Client,
        *,
        account: str,
        rate_per_minute: float = 60.0,
        prices: Mapping[str, int] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.client = client
        self.account = account
        self.capabilities = Capabilities(
            text_limit=2000, text_unit="codepoint", buttons=False, rate_per_second=rate_per_minute / 60.0
        )
        #: what keeps forms from going out until a person acts; None when all is well
        self.trouble: str | None = None
        self._prices = dict(prices or {})
        self._clock = clock or SystemClock()
        self._later: Counter[str] = Counter()

    def __repr__(self) -> str:
        return f"ZaloZbsChannel(account={self.account!r})"

    # ------------------------------------------------------------------ nothing comes in

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        """An identity for whatever it is. Never raises on any JSON object."""
        try:
            canonical = json.dumps(payload, sort_keys=True)
        except (ValueError, TypeError, RecursionError):
            canonical = uuid.uuid4().hex
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        return Envelope(external_id=f"sha256:{digest}", conversation_key=f"{self.name}:{self.account}:{digest}")

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        """Nothing: a phone number writes to the official account."""
        return []

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """Nothing of it is kept."""
        return {}

    # ------------------------------------------------------------------ sending

    async def open(self) -> None:
        """Get ready; asks Zalo nothing, so it works while Zalo is out of reach."""
        await self.client.open()

    async def close(self) -> None:
        """Close all connections. Safe to repeat."""
        await self.client.close()

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """There is nothing to press."""

    async def send(self, message: OutboundMessage) -> Outcome:
        """Send a filled form to a phone number. Never raises: every way it can end is an outcome."""
        objection = _objection(message)
        if objection is not None or message.template is None:
            return Outcome(kind=K.REJECTED, detail=objection or "")
        outcome = await self._send(message.chat_id, message.template, message.reference)
        if outcome.kind is K.SENT:
            self.trouble = None
        elif outcome.kind is K.CHANNEL_DOWN or _is_fault(outcome):
            self.trouble = outcome.detail
        if outcome.kind is not K.RETRY_LATER or outcome.code is None:
            self._later.pop(message.chat_id, None)
            return outcome
        self._later[message.chat_id] += 1
        if self._later[message.chat_id] < TRIES:
            return outcome
        del self._later[message.chat_id]
        return Outcome(kind=K.REJECTED, detail=f"{outcome.detail} Đã thử {TRIES} lần.", code=outcome.code)

    async def _send(self, phone: str, form: TemplateMessage, reference: str) -> Outcome:
        body = {
            "phone": phone,
            "template_id": form.template_id,
            "template_data": dict(form.data),
            "tracking_id": reference,
        }
        try:
            answer = await self.client.call(SEND, body=body)
        except NotConnected as error:
            return Outcome(kind=K.CHANNEL_DOWN, detail=error.detail)
        except NotSent as error:
            return Outcome(kind=K.RETRY_LATER, detail=f"Không kết nối được tới Zalo ({error}).")
        except AnswerLost as error:
            detail = f"Mất câu trả lời của Zalo: mẫu tin có thể đã tới hoặc chưa ({error})."
            return Outcome(kind=K.UNKNOWN, detail=detail)
        except CallFailed as error:
            return Outcome(kind=K.CHANNEL_DOWN, detail=f"Mạng hoặc proxy chặn đường tới Zalo ({error}).")
        except Exception as error:
            # Something nobody foresaw; it may have happened after the message went out.
            log.error("zalo_zbs_call_failed", error=type(error).__name__)
            return Outcome(kind=K.UNKNOWN, detail=f"Lỗi bất ngờ khi gửi mẫu tin ({type(error).__name__}).")
        if answer.error != 0:
            return outcome_of(answer.error, now=self._clock.now())
        number = answer.data.get("msg_id")
        price = self._prices.get(form.template_id)
        return Outcome(kind=K.SENT, external_id=str(number) if number else None, price_vnd=price)


def _is_fault(outcome: Outcome) -> bool:
    row = table().get(int(outcome.code)) if outcome.code is not None else None
    return row is not None and row.fault


def _objection(message: OutboundMessage) -> str | None:
    """Why this cannot be sent: said before it costs a call. These are faults of ours."""
    if message.template is None:
        return "Số điện thoại chỉ nhận được mẫu tin đã duyệt."
    if not _PHONE.fullmatch(message.chat_id):
        return "Số điện thoại phải có dạng 84…"
    if not 1 <= len(message.reference) <= _LONGEST_REFERENCE:
        return "Mẫu tin gửi tới số điện thoại cần một số theo dõi, không quá 48 ký tự."
    return None
