"""The calls we make to the official account's API.

https://developers.zalo.me/docs/official-account/ : the token goes into a header of its own, failures mostly come as
HTTP 200 with an error number, and there is no idempotency key. So every fault is told apart by one question: can the
message have been delivered?
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels import posting
from bot.channels.posting import AnswerLost, CallFailed, NotSent, Poster
from bot.channels.zalo_oa.oauth_client import proof_of
from bot.channels.zalo_oa.outcomes import DEAD_TOKEN, INVALID_PARAMETER, OLD_PATH_CLOSED, RATE_LIMIT, WRONG_ACCOUNT_TYPE
from bot.channels.zalo_oa.press import payload_of
from bot.channels.zalo_oa.tokens import Tokens
from casework.talk import Button, TemplateMessage

log = structlog.get_logger(__name__)

#: consultation messages ("tư vấn")
SEND: Final = "/v3.0/oa/message/cs"
#: the same body for accounts of state agencies, which the newer endpoint may refuse
SEND_OLD: Final = "/v2.0/oa/message"
SEND_TEMPLATE: Final = "/v3.0/oa/message/template"
QUOTA: Final = "/v3.0/oa/quota/message"
PROFILE: Final = "/v3.0/oa/user/detail"
MAX_BUTTONS: Final = 5
MAX_TITLE: Final = 100
#: a refusal that says "this is the wrong endpoint for you", and the right one. No other error may lead to a second
#: endpoint, because it may follow a delivered message.
_OTHER_PATH: Final = {(SEND, WRONG_ACCOUNT_TYPE): SEND_OLD, (SEND_OLD, OLD_PATH_CLOSED): SEND}


class NotZalo(CallFailed):
    """Something between us and Zalo answered (a proxy, a blocking page, a wrong base address)."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """Zalo's answer; `error` 0 is success."""

    error: int
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def message_id(self) -> str | None:
        """Of a send that worked; the only key to match later events."""
        return _text(self.data.get("message_id"))

    @property
    def quota_type(self) -> str | None:
        """Which allowance a message was counted against; None when Zalo does not say."""
        quota = self.data.get("quota")
        return _text(quota.get("quota_type")) if isinstance(quota, Mapping) else None

    @property
    def last_interaction_at(self) -> dt.datetime | None:
        """When the person last did something that opens the window, of a quota call; None when Zalo does not say."""
        return _instant(self.data.get("last_interaction"))


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What Zalo shows of a person who has written to us."""

    display_name: str | None
    is_follower: bool | None


class Client:
    """`token_patience`: seconds a renewal of the token may take before the message is put off. `app_secret`: given when
    the app's settings ask for `appsecret_proof`. `button_template_type`: "" leaves `payload.template_type` out (sources
    differ)."""

    def __init__(
        self,
        tokens: Tokens,
        *,
        base_url: str,
        poster: Poster | None = None,
        token_patience: float = 8.0,
        app_secret: str | None = None,
        button_template_type: str = "",
    ) -> None:
        self._tokens = tokens
        self._base_url = base_url.rstrip("/")
        self._poster = poster or Poster()
        self._token_patience = token_patience
        self._app_secret = app_secret
        self._button_template_type = button_template_type
        #: a renewed token was refused too, and nothing has been taken since
        self._renewed_in_vain = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._base_url!r})"

    async def open(self) -> None:
        """Get ready; connects to nothing yet. Safe to repeat."""
        await self._poster.open()

    async def close(self) -> None:
        """Close all connections. Safe to repeat."""
        await self._poster.close()

    # Each call raises `tokens.NotConnected` without a usable token, and `NotSent`, `NotZalo` or `AnswerLost`.

    async def send_text(
        self, user_id: str, text: str, *, buttons: Sequence[Button] = (), quote: str | None = None
    ) -> Answer:
        """A consultation message, in answer to the message `quote` if that still exists. At most `MAX_BUTTONS`."""
        message: dict[str, Any] = {"text": text}
        if buttons:
            message["attachment"] = self._template(buttons=[_button(each) for each in buttons])
        if quote is None:
            return await self._send(user_id, message)
        answer = await self._send(user_id, message | {"quote_message_id": quote})
        if answer.error == INVALID_PARAMETER:
            # Most likely the quoted message is too old or gone; the words must come all the same.
            return await self._send(user_id, message)
        return answer

    async def ask_for_contact(self, user_id: str, *, title: str, subtitle: str, image_url: str) -> Answer:
        """Zalo's own form for name, phone and address; what is filled in comes back as an event."""
        element = {"title": title, "subtitle": subtitle, "image_url": image_url}
        payload = {"template_type": "request_user_info", "elements": [element]}
        return await self._send(user_id, {"attachment": {"type": "template", "payload": payload}})

    async def send_template(self, user_id: str, form: TemplateMessage) -> Answer:
        """An approved form, to an account."""
        body = {"user_id": user_id, "template_id": form.template_id, "template_data": dict(form.data)}
        return await self.call(SEND_TEMPLATE, body=body)

    async def quota(self, user_id: str) -> Answer:
        """What may be sent to a person, and when they last did something. Sends nothing."""
        return await self.call(QUOTA, body={"user_id": user_id})

    async def profile(self, user_id: str) -> Profile | None:
        """How a person is shown on Zalo; None when Zalo does not tell."""
        answer = await self.call(PROFILE, query={"data": json.dumps({"user_id": user_id})})
        if answer.error != 0:
            return None
        follows = answer.data.get("user_is_follower")
        name = _text(answer.data.get("display_name"))
        return Profile(display_name=name, is_follower=follows if isinstance(follows, bool) else None)

    # ------------------------------------------------------------------ how a call is made

    def _template(self, **payload: Any) -> dict[str, Any]:
        kind = {"template_type": self._button_template_type} if self._button_template_type else {}
        return {"type": "template", "payload": kind | payload}

    async def _send(self, user_id: str, message: Mapping[str, Any]) -> Answer:
        """Over the endpoint that works for this account; one that turns out to be the right one is remembered."""
        body = {"recipient": {"user_id": user_id}, "message": message}
        path = self._tokens.send_path or SEND
        answer = await self.call(path, body=body)
        other = _OTHER_PATH.get((path, answer.error))
        if other is None:
            return answer
        answer = await self.call(other, body=body)
        if answer.error == 0:
            await self._pin(other)
        return answer

    async def _pin(self, path: str) -> None:
        try:
            await self._tokens.pin(path)
        except SQLAlchemyError as error:
            # The message is delivered by now; the next one finds the way again.
            log.error("zalo_oa_path_not_kept", error=type(error).__name__)
        else:
            log.warning("zalo_oa_path_pinned", path=path)

    async def call(
        self, path: str, *, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Answer:
        """POST of `body`, or GET without one; repeated once, with a renewed token, when the token was refused. Also
        for the template service, whose calls have the same shape. Raises as the others do."""
        token = await self._token()
        answer = await self._exchange(path, token, body, query)
        if answer.error in DEAD_TOKEN and not self._renewed_in_vain:
            token = await self._token(dead=token)
            answer = await self._exchange(path, token, body, query)
        # A further renewal would change nothing here, and end the token others work with.
        self._renewed_in_vain = answer.error in DEAD_TOKEN
        return answer

    async def _token(self, *, dead: str | None = None) -> str:
        try:
            # Put off while nothing is sent yet: the outbox would have to take its own patience for a lost answer.
            async with asyncio.timeout(self._token_patience):
                return await (self._tokens.current() if dead is None else self._tokens.renewed(dead))
        except (TimeoutError, SQLAlchemyError) as error:
            raise NotSent(f"no token: {type(error).__name__}") from None

    async def _exchange(
        self, path: str, token: str, body: Mapping[str, Any] | None, query: Mapping[str, str] | None
    ) -> Answer:
        url, headers = self._base_url + path, self._headers(token)
        if body is None:
            return _answer(await self._poster.get(url, params=query, headers=headers))
        return _answer(await self._poster.post(url, body, headers=headers))

    def _headers(self, token: str) -> dict[str, str]:
        headers = {"access_token": token}
        if self._app_secret is not None:
            headers["appsecret_proof"] = proof_of(token, self._app_secret)
        return headers


def _button(button: Button) -> dict[str, str]:
    # "hide": the tap is not shown as a text of the person's own.
    return {"title": button.label[:MAX_TITLE], "type": "oa.query.hide", "payload": payload_of(button.token)}


def _answer(found: posting.Answer) -> Answer:
    """Zalo's own answer, on whatever HTTP status it comes. Raises `NotZalo` or `AnswerLost` when it is none."""
    status, whole = found.status, found.body or {}
    code = _whole(whole.get("error"))
    if code is None:
        if status == HTTPStatus.UNAUTHORIZED:
            return Answer(error=int(status))
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return Answer(error=RATE_LIMIT)
        if 300 <= status < 500 and status != HTTPStatus.REQUEST_TIMEOUT:
            raise NotZalo(f"HTTP {status}")
        raise AnswerLost(f"unreadable answer, HTTP {status}")
    if code == 0 and status >= 300:
        raise AnswerLost(f"success said with HTTP {status}")
    data = whole.get("data")
    return Answer(error=code, data=data if isinstance(data, Mapping) else {})


def _whole(value: object) -> int | None:
    """A number, or its digits as Zalo often writes them."""
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 10:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _text(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return value if isinstance(value, str) and value else None


def _instant(value: object) -> dt.datetime | None:
    """Milliseconds as text or number; 0 is "never"."""
    digits = _text(value)
    if digits is None or not digits.isascii() or not digits.isdigit() or len(digits) > 14 or int(digits) == 0:
        return None
    return dt.datetime.fromtimestamp(int(digits) / 1000, dt.UTC)
