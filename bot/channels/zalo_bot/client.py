"""Calls of the Zalo Bot Platform (bot.zaloplatforms.com, docs "call_api"): POST and JSON, the token in the address."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from bot.channels.posting import Answer, AnswerLost, CallFailed, NotSent, Poster

#: how much longer than the long poll itself we wait for its answer, seconds
_POLL_MARGIN: Final = 10.0
#: longest piece of the platform's own words kept, characters
_QUOTE: Final = 160


class NotZalo(CallFailed):
    """Something between us and Zalo answered (a proxy, a wrong host): Zalo never saw the call."""


class Refused(Exception):
    """Zalo answered that it did not do it. `code` None: it gave none."""

    def __init__(self, code: int | None, description: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"refused with {code}")
        self.code = code
        #: the platform's own words, without our token
        self.description = description
        #: seconds
        self.retry_after = retry_after


class Client:
    """`base_url`: scheme and host, as "https://bot-api.zaloplatforms.com"."""

    def __init__(self, token: str, *, base_url: str, poster: Poster) -> None:
        self._token = token
        # No slash between "bot" and the token.
        self._address = f"{base_url.rstrip('/')}/bot{token}/"
        self._poster = poster

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    async def call(self, method: str, params: Mapping[str, Any] | None = None, *, hold: float | None = None) -> Any:
        """The `result` of one method; `hold`: seconds the platform may keep an empty answer back.

        Raises `Refused`, `NotSent`, `AnswerLost`, `NotZalo`.
        """
        wait = None if hold is None else hold + _POLL_MARGIN
        answer = await self._poster.post(self._address + method, params or {}, read_timeout=wait)
        if answer.body is not None and answer.body.get("ok") is True:
            return answer.body.get("result")
        raise self._fault(answer)

    def _fault(self, answer: Answer) -> Exception:
        body, status = answer.body or {}, answer.status
        # HTTP 200 may carry a refusal, and so may any other status.
        code = _number(body.get("error_code"))
        if code is not None or body.get("ok") is False:
            return self._refused(code if code is not None else status if status >= 400 else None, answer)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return self._refused(status, answer)
        if status == HTTPStatus.SERVICE_UNAVAILABLE:
            return NotSent(f"HTTP {status}")
        if status < 300 or status >= 500:
            return AnswerLost(f"answer unreadable, HTTP {status}")
        return NotZalo(f"HTTP {status}")

    def _refused(self, code: int | None, answer: Answer) -> Refused:
        body = answer.body or {}
        said = body.get("description")
        text = said if isinstance(said, str) else ""
        # A server or gateway may quote the address.
        for secret in (self._token, self._token.partition(":")[2]):
            text = text.replace(secret, "***")
        parameters = body.get("parameters")
        wait = parameters.get("retry_after") if isinstance(parameters, Mapping) else answer.headers.get("retry-after")
        seconds = _number(wait)
        return Refused(code, text[:_QUOTE], retry_after=float(seconds) if seconds and 0 < seconds <= 86_400 else None)


def _number(value: object) -> int | None:
    """A whole number, also when it comes as digits."""
    if isinstance(value, str) and len(value) <= 9 and value.removeprefix("-").isascii():
        value = int(value) if value.removeprefix("-").isdigit() else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
