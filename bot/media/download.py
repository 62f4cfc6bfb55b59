"""One download: from an allowed host, of a bounded size, within a bounded time. The other side is not trusted."""

from __future__ import annotations

import asyncio
from types import TracebackType

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver
from yarl import URL

from bot.media.addresses import AddressRules, NotAllowed, PublicResolver
from casework.usecases.citizens.copies import FetchProblem

#: bytes; what Zalo lets people send is at most as large, except videos
LARGEST = 25 * 1024 * 1024
#: seconds for the whole of it, to connect, and between two pieces
PATIENCE = 120.0
TO_CONNECT = 10.0
BETWEEN_PIECES = 20.0
#: times it may be sent elsewhere, each time to an address that is allowed too
MOST_REDIRECTS = 3
_PIECE = 64 * 1024
#: the other side, or the way there, has a passing problem
_PASSING = {408, 425, 429}


class Failed(Exception):
    """There will be no copy."""

    def __init__(self, problem: FetchProblem) -> None:
        super().__init__(problem)
        self.problem = problem


class Passing(Exception):
    """Not now; another try may succeed. `args` name the class of the fault, never the address."""


class Downloader:
    """Fetches files. Use as an asynchronous context."""

    def __init__(
        self,
        rules: AddressRules,
        *,
        largest: int = LARGEST,
        patience: float = PATIENCE,
        between_pieces: float = BETWEEN_PIECES,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._rules = rules
        self._largest = largest
        self._timeout = ClientTimeout(total=patience, sock_connect=TO_CONNECT, sock_read=between_pieces)
        self._inner = resolver
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Downloader:
        resolver = PublicResolver(self._rules, self._inner or ThreadedResolver())
        self._session = ClientSession(
            connector=TCPConnector(resolver=resolver, limit=4, use_dns_cache=False),
            cookie_jar=DummyCookieJar(),
            timeout=self._timeout,
            # A few packed bytes may unpack to anything: what is sent is taken as it is.
            auto_decompress=False,
            headers={"Accept-Encoding": "identity"},
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def fetch(self, address: str) -> bytes:
        """The bytes behind an address. Raises `Failed` for good, `Passing` for now."""
        if self._session is None:
            raise RuntimeError("used outside of its context")
        try:
            url = self._rules.check(address)
            for _ in range(MOST_REDIRECTS + 1):
                async with self._session.get(url, allow_redirects=False) as response:
                    if response.status not in {301, 302, 303, 307, 308}:
                        return await self._body(response)
                    url = self._next(url, response)
        except NotAllowed as error:
            raise Failed(FetchProblem.HOST_NOT_ALLOWED) from error
        except ValueError as error:
            raise Failed(FetchProblem.BAD_ADDRESS) from error
        except (ClientError, TimeoutError, OSError, asyncio.IncompleteReadError) as error:
            if isinstance(error.__cause__, NotAllowed):
                raise Failed(FetchProblem.HOST_NOT_ALLOWED) from error
            raise Passing(type(error).__name__) from error
        raise Failed(FetchProblem.GONE)

    def _next(self, url: URL, response: ClientResponse) -> URL:
        return self._rules.check(str(url.join(URL(response.headers.get("Location", "")))))

    async def _body(self, response: ClientResponse) -> bytes:
        if response.status >= 500 or response.status in _PASSING:
            raise Passing(f"HTTP {response.status}")
        if response.status != 200:
            raise Failed(FetchProblem.GONE)
        if (response.content_length or 0) > self._largest:
            raise Failed(FetchProblem.TOO_LARGE)
        body = bytearray()
        async for piece in response.content.iter_chunked(_PIECE):
            body += piece
            if len(body) > self._largest:
                raise Failed(FetchProblem.TOO_LARGE)
        return bytes(body)
