"""The pages over HTTP: who may ask, what is answered, and which headers keep it private."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TypeVar
from urllib.parse import quote

import structlog
from aiohttp import web
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import place_of
from bot.metrics import Metrics
from bot.pages.addresses import client_key, networks
from bot.pages.gate import Busy, Gate
from bot.pages.limits import CLIENT, EVERYBODY, HONEST, SLIP, WRONG, Limiter
from bot.pages.rendering import LARGE, render, style, style_path
from casework.codes import parse_code
from casework.files import FileStore, content_disposition
from casework.usecases.answers import looking_up, pages
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

R = TypeVar("R")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

#: pages in the making at once, and how many may wait for that; files on their way at once
MAKING = 2
WAITING = 30
SENDING = 64
#: bytes of a file in memory for each reader
PIECE = 256 * 1024
#: seconds after which somebody may come back to a busy server
BUSY_SECONDS = 60
#: longest text typed into the form that is looked at, code points
LONGEST_CODE = 20
#: a phone may keep the style sheet for a year: its address changes with it
STYLE_CACHE = "public, max-age=31536000, immutable"

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Else the names and versions of what we are made of.
    "Server": "doithoai",
}


class _Limited(Exception):
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds


class Pages:
    """Answer pages and look-up. `register` puts them into the web server."""

    def __init__(
        self, services: Services, *, trusted_proxies: Sequence[str] = (), metrics: Metrics | None = None
    ) -> None:
        self._services = services
        self._metrics = metrics or Metrics()
        self._store = FileStore(services.files_dir)
        self._trusted = networks(trusted_proxies)
        self._clients = Limiter(CLIENT, services.clock)
        self._honest = Limiter(HONEST, services.clock)
        self._wrong_codes = Limiter(EVERYBODY, services.clock)
        self._wrong_secrets = Limiter(EVERYBODY, services.clock)
        self._making = Gate(inside=MAKING, waiting=WAITING)
        self._sending = Gate(inside=SENDING, waiting=0)
        #: as last read: also who has to wait, or is lost, learns whom to call
        self._office: looking_up.OfficeWords | None = None

    def register(self, app: web.Application) -> None:
        """Add the routes."""
        app.router.add_get("/", self._answered("home", self._home))
        app.router.add_get("/tra-cuu", self._answered("look_up", self._look_up))
        app.router.add_get(pages.PATH + "{secret}", self._answered("answer", self._answer))
        app.router.add_get(pages.PATH + "{secret}/tep/{number}", self._answered("file", self._file))
        app.router.add_get(style_path(), self._style)

    # ------------------------------------------------------------------ pages

    async def _home(self, request: web.Request) -> web.StreamResponse:
        office = await self._read_office()
        large = _is_large(request)
        return _html(render("home.html", large=large, here="/", office=office.name, contact=office.contact))

    async def _look_up(self, request: web.Request) -> web.StreamResponse:
        typed = request.query.get("ma", "").strip()[:LONGEST_CODE]
        if not typed:
            return await self._lookup_page(request, empty="ma" in request.query)
        # Checked first: whoever has to wait learns nothing, right or wrong.
        self._allow(self._wrong_codes)
        found = await self._in_thread(partial(looking_up.look_up, self._services, typed))
        if found is None:
            if parse_code(typed) is not None:
                # A slip of the finger is no guess: the check symbol tells the two apart.
                self._guessed(request)
                self._wrong_codes.spend()
            return await self._lookup_page(request, typed=typed, status=404)
        return await self._lookup_page(request, typed=found.code, standing=found)

    async def _lookup_page(
        self,
        request: web.Request,
        *,
        typed: str = "",
        empty: bool = False,
        standing: looking_up.Standing | None = None,
        status: int = 200,
    ) -> web.StreamResponse:
        office = await self._read_office()
        here = f"/tra-cuu?ma={quote(typed, safe='')}" if typed else "/tra-cuu"
        text = render(
            "lookup.html",
            large=_is_large(request),
            here=here,
            office=office.name,
            contact=office.contact,
            typed=typed,
            empty=empty,
            unknown=status == 404,
            standing=standing,
        )
        return _html(text, status=status)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        secret = request.match_info["secret"]
        page = await self._in_thread(partial(pages.open_page, self._services, secret))
        if page is None:
            return await self._wrong_secret(request)
        text = render(
            "answer.html",
            large=_is_large(request),
            here=request.path,
            office=page.office,
            contact=page.contact,
            page=page,
            files_path=f"{request.path}/tep",
        )
        return _html(text)

    async def _file(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]
        # No answer has a file of a longer number.
        wanted = int(number) if number.isascii() and number.isdigit() and len(number) < 4 else 0
        find = partial(pages.open_file, self._services, request.match_info["secret"], wanted)
        file = await self._in_thread(find)
        if file is None:
            return await self._wrong_secret(request)
        path = self._store.path(file.sha256)
        if path is None:
            log.error("answer_file_missing", sha256=file.sha256)
            return await self._lost(request)
        headers = HEADERS | {"Content-Type": file.mime, "Content-Disposition": content_disposition(file.name)}
        response = web.StreamResponse(headers=headers)
        response.content_length = file.size
        async with self._sending.entered():
            with await asyncio.to_thread(path.open, "rb") as content:
                await response.prepare(request)
                while request.method == "GET" and (piece := await asyncio.to_thread(content.read, PIECE)):
                    await response.write(piece)
                await response.write_eof()
        return response

    async def _style(self, request: web.Request) -> web.StreamResponse:
        headers = {"Cache-Control": STYLE_CACHE, "X-Content-Type-Options": "nosniff"}
        return web.Response(text=style(), content_type="text/css", charset="utf-8", headers=headers)

    # ------------------------------------------------------------------ refusals

    async def _wrong_secret(self, request: web.Request) -> web.StreamResponse:
        """One answer for every address that leads nowhere. A right one is served even in a storm of wrong ones: 130
        bits cannot be guessed, so the limit only spares the machine."""
        self._guessed(request)
        self._allow(self._wrong_secrets)
        self._wrong_secrets.spend()
        return await self._lost(request)

    async def _lost(self, request: web.Request) -> web.StreamResponse:
        if self._office is None:
            await self._read_office()
        return await self._notice(request, "lost.html", 404)

    async def _notice(
        self, request: web.Request, template: str, status: int, *, seconds: int | None = None
    ) -> web.Response:
        # Without the database: these are sent when it is to be spared.
        large, office = _is_large(request), self._office
        minutes = math.ceil(seconds / 60) if seconds is not None else 0
        text = render(
            template,
            large=large,
            here=None,
            office=office.name if office is not None else None,
            contact=office.contact if office is not None else "",
            minutes=minutes,
        )
        response = _html(text, status=status)
        if seconds is not None:
            response.headers["Retry-After"] = str(seconds)
        return response

    # ------------------------------------------------------------------ shared

    def _answered(self, name: str, handler: Handler) -> Handler:
        kindly = self._kindly(handler)

        async def counted(request: web.Request) -> web.StreamResponse:
            response = await kindly(request)
            self._metrics.pages.labels(name, response.status).inc()
            return response

        return counted

    def _kindly(self, handler: Handler) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            client = self._client(request)
            try:
                self._allow(self._clients, client)
                self._clients.spend(client)
                return await handler(request)
            except _Limited as limit:
                return await self._notice(request, "limited.html", 429, seconds=limit.seconds)
            except Busy:
                return await self._notice(request, "busy.html", 503, seconds=BUSY_SECONDS)
            except (SQLAlchemyError, TimeoutError) as error:
                log.error("page_without_database", error=type(error).__name__)
                return await self._notice(request, "busy.html", 503, seconds=BUSY_SECONDS)
            except (web.HTTPException, ConnectionError):
                raise
            except Exception as error:
                # The server's own report would name the reader's address.
                log.error("page_fault", error=type(error).__name__, at=place_of(error))
                return await self._notice(request, "busy.html", 500, seconds=BUSY_SECONDS)

        return answer

    async def _read_office(self) -> looking_up.OfficeWords:
        self._office = await self._in_thread(partial(looking_up.office_of, self._services))
        return self._office

    def _guessed(self, request: web.Request) -> None:
        """A wrong code or address costs little at first, and much from whoever goes on."""
        client = self._client(request)
        slip = self._honest.wait(client) == 0
        if slip:
            self._honest.spend(client)
        self._clients.spend(client, SLIP if slip else WRONG)

    def _allow(self, limiter: Limiter, key: str = "") -> None:
        if seconds := limiter.wait(key):
            raise _Limited(seconds)

    def _client(self, request: web.Request) -> str:
        return client_key(request.remote, request.headers.getall("X-Forwarded-For", []), self._trusted)

    async def _in_thread(self, work: Callable[[], R]) -> R:
        async with self._making.entered():
            return await asyncio.to_thread(work)


def _is_large(request: web.Request) -> bool:
    return request.query.get("co") == LARGE


def _html(text: str, *, status: int = 200) -> web.Response:
    return web.Response(text=text, content_type="text/html", charset="utf-8", status=status, headers=HEADERS)
