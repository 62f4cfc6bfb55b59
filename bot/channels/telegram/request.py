"""HTTP for python-telegram-bot over one aiohttp session.

Two things matter more than speed here. A send that surely never left this machine (`NotSent`) may be repeated; one
whose answer was lost may not, because Telegram has no idempotency key. And every Bot API address contains the token,
as do the messages of aiohttp's own errors: so errors are said anew, without cause or context.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import re
from collections.abc import Mapping
from http import HTTPStatus
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import aiohttp
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

if TYPE_CHECKING:
    from telegram._utils.types import ODVInput

#: idle connections are given up before Telegram's side closes them: a request written into a connection that is
#: just being closed ends as "outcome unknown", which costs a person's time; a new TLS handshake costs 0.2 s
KEEP_ALIVE_SECONDS: Final = 5.0
#: wait after a 429 that does not say how long
DEFAULT_RETRY_AFTER: Final = 5.0
#: the last such pair of the address: an earlier one is host and port
_TOKEN_IN_URL: Final = re.compile(r".*[0-9]:(?P<secret>[A-Za-z0-9_-]+)/")
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}
#: answers whose Telegram text python-telegram-bot turns into its own errors
_LEFT_TO_PTB: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT}
)


class NotSent(NetworkError):
    """Surely not delivered: no connection, none free, or turned away at the door."""


class NotSentInTime(NotSent, TimedOut):
    """Surely not delivered: no connection within the time allowed."""


class NotTelegram(NetworkError):
    """Something between us and Telegram answered (a proxy, a blocking page): Telegram never saw the request."""


class Throttled(TelegramError):
    """Telegram asks us to wait `seconds`; the request was not carried out."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"Flood control exceeded, retry in {seconds:g} s")
        self.seconds = seconds


class AiohttpRequest(BaseRequest):
    """One `aiohttp.ClientSession` for all calls of one bot.

    `proxy`: http or https address of a forward proxy, with credentials if it needs them. Timeouts in seconds.
    """

    def __init__(
        self,
        *,
        connections: int = 64,
        connect_timeout: float = 10.0,
        read_timeout: float = 20.0,
        proxy: str | None = None,
    ) -> None:
        self._connections = connections
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}(proxy={'yes' if self._proxy else 'no'})"

    @property
    def read_timeout(self) -> float:
        return self._read_timeout

    async def initialize(self) -> None:
        """Make the session ready; connects to nothing yet. Safe to repeat."""
        if self._session is not None and not self._session.closed:
            return
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_mark_written)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
            headers={"User-Agent": self.USER_AGENT},
        )

    async def shutdown(self) -> None:
        """Close all connections. Safe to repeat."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """Status and body of one call.

        Raises `NotSent` or `NotSentInTime` when Telegram cannot have seen the request, `NotTelegram` when another
        party answered it, `Throttled` on 429, `TimedOut` and `NetworkError` when it may have been carried out.
        """
        session = self._session
        if session is None or session.closed:
            raise NotSent("The connection to Telegram is not open")
        connect = _given(connect_timeout, self._connect_timeout)
        read = _given(read_timeout, self._read_timeout)
        written = SimpleNamespace(value=False)
        fault: TelegramError
        try:
            async with session.request(
                method,
                url,
                timeout=_timeout(connect=connect, read=read),
                proxy=self._proxy,
                # A redirect would carry the token elsewhere and turn POST into GET.
                allow_redirects=False,
                trace_request_ctx=written,
                **_body(request_data),
            ) as response:
                status, headers, payload = response.status, response.headers, await response.read()
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            fault = _fault(error, written=written.value)
        else:
            if status >= 300:
                payload = _without_token(payload, url)
            return _checked(status, headers, payload, is_call=method == "POST")
        # Raised outside of the handler: as context the original error would carry the address, and so the token.
        raise fault


def _timeout(*, connect: float | None, read: float | None) -> aiohttp.ClientTimeout:
    total = None if read is None or connect is None else read + connect
    return aiohttp.ClientTimeout(total=total, connect=connect, sock_connect=connect, sock_read=read)


def _given(value: ODVInput[float], default: float) -> float | None:
    return value if value is None or isinstance(value, int | float) else default


def _body(request_data: RequestData | None) -> dict[str, Any]:
    if request_data is None:
        return {}
    if not request_data.contains_files:
        return {"data": request_data.url_encoded_parameters().encode(), "headers": _FORM}
    form = aiohttp.FormData(request_data.json_parameters)
    for name, (file_name, content, mime) in request_data.multipart_data.items():
        form.add_field(name, content, filename=file_name, content_type=mime)
    return {"data": form}


async def _mark_written(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
    # Told when the first bytes are about to be written: from here on the request may have arrived. (The CONNECT to a
    # proxy is not reported.)
    context.trace_request_ctx.value = True


def _fault(error: Exception, *, written: bool) -> TelegramError:
    name, late = type(error).__name__, isinstance(error, asyncio.TimeoutError)
    if not written:
        return NotSentInTime(f"No connection in time ({name})") if late else NotSent(f"No connection ({name})")
    if late:
        return TimedOut(f"No answer in time ({name})")
    return NetworkError(f"Answer lost ({name})")


def _without_token(payload: bytes, url: str) -> bytes:
    """Refusals are shown and logged, and a server or gateway may quote the address in them."""
    token = _TOKEN_IN_URL.match(url)
    return payload.replace(token["secret"].encode(), b"***") if token is not None else payload


def _checked(status: int, headers: Mapping[str, str], payload: bytes, *, is_call: bool) -> tuple[int, bytes]:
    """Let through what python-telegram-bot reads rightly; raise for everything it would take for something else."""
    if 200 <= status <= 299 and not is_call:
        return status, payload
    answer = _json_object(payload)
    if 200 <= status <= 299:
        if "result" not in answer:
            raise NetworkError(f"Answer unreadable (HTTP {status})")
        return status, payload
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        raise Throttled(_retry_after(answer, headers))
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        raise NotSent("Service unavailable (HTTP 503)")
    if status >= 500:
        raise NetworkError(f"Fault at Telegram (HTTP {status})")
    description = answer.get("description")
    if not isinstance(description, str) or not isinstance(answer.get("parameters", {}), dict):
        raise NotTelegram(f"Not Telegram's answer (HTTP {status})")
    if status not in _LEFT_TO_PTB:
        raise BadRequest(f"Bad Request: {description}")
    return status, payload


def _json_object(payload: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _retry_after(answer: Mapping[str, Any], headers: Mapping[str, str]) -> float:
    parameters = answer.get("parameters")
    said = parameters.get("retry_after") if isinstance(parameters, dict) else headers.get("Retry-After")
    try:
        seconds = float(said or 0)
    except (TypeError, ValueError, OverflowError):
        return DEFAULT_RETRY_AFTER
    return seconds if 0 < seconds < dt.timedelta(days=1).total_seconds() else DEFAULT_RETRY_AFTER
