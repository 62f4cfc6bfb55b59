"""JSON over one aiohttp session, for platforms that offer no idempotency key.

Two things matter more than speed. A call that surely never left this machine (`NotSent`) may be repeated; one whose
answer was lost (`AnswerLost`) may not. And an address can hold a token, as do the messages of aiohttp's own errors:
so errors are said anew, without cause or context.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Final

import aiohttp

#: idle connections are given up before the platform's side closes them: a call written into a connection that is just
#: being closed ends as "outcome unknown"
KEEP_ALIVE_SECONDS: Final = 5.0


class CallFailed(Exception):
    """There is no answer. The text names what happened, never the address."""


class NotSent(CallFailed):
    """Surely not carried out: no connection."""


class AnswerLost(CallFailed):
    """May have been carried out."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What came back: HTTP status, headers in lower case, and the JSON object (None when it was none)."""

    status: int
    headers: Mapping[str, str]
    body: Mapping[str, Any] | None


class Poster:
    """Timeouts in seconds; `open` connects to nothing yet, `close` may be repeated."""

    def __init__(self, *, connect_timeout: float = 10.0, read_timeout: float = 15.0, connections: int = 32) -> None:
        self._connect_timeout = connect_timeout
        self._read_timeout = read_timeout
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the session ready. Safe to repeat."""
        if self._session is not None and not self._session.closed:
            return
        trace = aiohttp.TraceConfig()
        trace.on_request_headers_sent.append(_mark_written)
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=KEEP_ALIVE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trace_configs=[trace],
        )

    async def close(self) -> None:
        """Close all connections. Safe to repeat."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def post(
        self,
        url: str,
        body: Mapping[str, Any],
        *,
        headers: Mapping[str, str] | None = None,
        read_timeout: float | None = None,
    ) -> Answer:
        """POST a JSON object. Raises `NotSent`, `AnswerLost`."""
        return await self._call("POST", url, headers=headers, read_timeout=read_timeout, json=body)

    async def get(
        self, url: str, *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """GET. Raises `NotSent`, `AnswerLost`."""
        return await self._call("GET", url, headers=headers, params=params)

    async def _call(self, method: str, url: str, *, read_timeout: float | None = None, **request: Any) -> Answer:
        session = self._session
        if session is None or session.closed:
            raise NotSent("connection not open")
        read = read_timeout or self._read_timeout
        written = SimpleNamespace(value=False)
        fault: CallFailed
        try:
            async with session.request(
                method,
                url,
                timeout=aiohttp.ClientTimeout(
                    total=self._connect_timeout + read, connect=self._connect_timeout, sock_read=read
                ),
                # A redirect would carry the token elsewhere and turn POST into GET.
                allow_redirects=False,
                trace_request_ctx=written,
                **request,
            ) as response:
                content = await response.read()
                headers = {name.lower(): value for name, value in response.headers.items()}
                return Answer(status=response.status, headers=headers, body=_json_object(content))
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError, RuntimeError) as error:
            fault = _fault(error, written=written.value)
        # Raised outside of the handler: as context the original error would carry the address, and so the token.
        raise fault


async def _mark_written(_session: aiohttp.ClientSession, context: SimpleNamespace, _params: Any) -> None:
    # Told when the first bytes are about to be written: from here on the call may have arrived.
    context.trace_request_ctx.value = True


def _fault(error: Exception, *, written: bool) -> CallFailed:
    name = type(error).__name__
    if not written:
        return NotSent(f"no connection ({name})")
    late = isinstance(error, asyncio.TimeoutError)
    return AnswerLost(f"no answer in time ({name})" if late else f"answer lost ({name})")


def _json_object(content: bytes) -> Mapping[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) else None
