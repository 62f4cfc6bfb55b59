"""What the Zalo stand-ins share: a server on loopback that records every call and lets it fail on request."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.web_request import FileField

from bot.standins.zalo_faults import Fault, Faults, Refusal
from casework.clock import Clock, SystemClock

Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file as it came."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request as it came; `params` from query, form or JSON body."""

    method: str
    params: Mapping[str, Any]
    headers: Mapping[str, str]
    at: dt.datetime
    upload: Upload | None = None

    @property
    def recipient(self) -> str:
        """User id, chat id or phone number the call is about; empty for none."""
        inner = self.params.get("recipient")
        found = inner.get("user_id") if isinstance(inner, dict) else None
        return str(found or next((self.params[k] for k in ("user_id", "chat_id", "phone") if k in self.params), ""))


Act = Callable[[Call], Awaitable[Json]]


class Loopback(ABC):
    """A platform on 127.0.0.1. `clock` is its own idea of the time; `latency`: seconds before each answer."""

    def __init__(self, *, clock: Clock | None = None, latency: float = 0.0) -> None:
        self.clock: Clock = clock or SystemClock()
        self.latency = latency
        self.calls: list[Call] = []
        self.faults = Faults()
        self._runner: web.AppRunner | None = None
        self._port = 0

    # ------------------------------------------------------------------ life

    async def __aenter__(self) -> Self:
        await self.come_up()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.go_down()

    @property
    def base_url(self) -> str:
        """Scheme, host and port, without a slash at the end."""
        return f"http://127.0.0.1:{self._port}"

    async def come_up(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application(client_max_size=16 * 1024 * 1024)
        self._register(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]

    async def go_down(self) -> None:
        """Stop listening and drop all connections; what was delivered stays delivered."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
            # Lets clients in this process notice that their idle connections are gone.
            await asyncio.sleep(0.01)

    def inject(
        self, fault: Fault, *, method: str | None = None, recipient: str | None = None, times: int | None = 1
    ) -> None:
        """Let the next `times` matching calls (None: all) end in `fault`."""
        self.faults.inject(fault, method=method, recipient=recipient, times=times)

    def heal(self) -> None:
        """Forget all faults."""
        self.faults.heal()

    def calls_of(self, method: str, recipient: str | None = None) -> list[Call]:
        """Calls of one method (about one person), oldest first."""
        return [c for c in self.calls if c.method == method and recipient in (None, c.recipient)]

    # ------------------------------------------------------------------ answering

    @abstractmethod
    def _register(self, app: web.Application) -> None:
        """Add the routes, each a `_serve`."""

    @abstractmethod
    def _refused(self, refusal: Refusal) -> web.Response:
        """How this platform says no."""

    def _headers(self) -> dict[str, str]:
        """Headers of every answer."""
        return {}

    @abstractmethod
    def _admit(self, call: Call) -> None:
        """What is asked of every call before it is carried out. Raises `Refusal`."""

    def _serve(
        self, method: str, act: Act, *, admit: bool = True
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        """A handler that records the call, lets it fail when told so, and carries it out. `act` raises `Refusal`."""

        async def handle(request: web.Request) -> web.StreamResponse:
            return await self._handle(request, method, act, admit=admit)

        return handle

    async def _handle(self, request: web.Request, method: str, act: Act, *, admit: bool) -> web.StreamResponse:
        call = await _call(request, method, self.clock.now())
        self.calls.append(call)
        if self.latency:
            await asyncio.sleep(self.latency)
        fault = self.faults.take(method, call.recipient)
        if fault is not None and not fault.carries_out:
            return self._fail(request, fault)
        try:
            if admit:
                self._admit(call)
            answer = await act(call)
        except Refusal as refusal:
            return self._refused(refusal)
        if fault is not None:
            await asyncio.sleep(fault.delay)
            if fault.ends_badly:
                return self._fail(request, fault)
        return web.json_response(answer, headers=self._headers())

    def _fail(self, request: web.Request, fault: Fault) -> web.StreamResponse:
        if fault.drops:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if fault.refusal is not None:
            return self._refused(fault.refusal)
        return web.Response(status=fault.status, text=fault.body, content_type=fault.content_type)


@dataclass(kw_only=True)
class Numbers:
    """Ids as Zalo gives them: digits beyond what a double can hold."""

    last: int = field(default=4_600_000_000_000_000_000)

    def next(self) -> str:
        self.last += 7
        return str(self.last)


async def _call(request: web.Request, method: str, at: dt.datetime) -> Call:
    params: Json = dict(request.query)
    upload = None
    if request.content_type == "application/json":
        params |= _object(await request.text())
    elif request.method == "POST":
        for name, value in (await request.post()).items():
            if isinstance(value, FileField):
                upload = Upload(name=value.filename, content_type=value.content_type, data=value.file.read())
            else:
                params[name] = value
    if isinstance(data := params.get("data"), str):
        params |= _object(data)
    return Call(method=method, params=params, headers=dict(request.headers), at=at, upload=upload)


def _object(text: str) -> Json:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
