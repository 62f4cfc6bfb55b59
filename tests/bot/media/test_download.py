"""Downloads: which addresses are called at all, and what is taken from them."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from hypothesis import given
from hypothesis import strategies as st

from bot.media.addresses import AddressRules, NotAllowed, PublicResolver, is_public
from bot.media.download import Downloader, Failed, Passing
from bot.settings import Settings
from casework.usecases.citizens.copies import FetchProblem

HOSTS = ("zdn.vn", "zalo.me")


class FixedResolver(AbstractResolver):
    """Says one address for every name."""

    def __init__(self, address: str) -> None:
        self.address = address

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=self.address, port=port, family=family, proto=0, flags=0)]

    async def close(self) -> None:
        """Nothing to close."""


# --------------------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    "address",
    [
        "https://zdn.vn/a.jpg",
        "https://f20-zpg.zdn.vn/jpg/123/abc.jpg?x=%2B&y=1",
        "https://ZDN.VN:443/a",
        "https://f1.zdn.vn./a",
    ],
)
def test_files_of_the_allowed_hosts_and_their_subdomains_are_fetched(address: str) -> None:
    assert AddressRules(HOSTS).check(address).scheme == "https"


@pytest.mark.parametrize(
    "address",
    [
        "http://zdn.vn/a.jpg",
        "https://zdn.vn:8443/a",
        "https://evilzdn.vn/a",
        "https://zdn.vn.evil.example/a",
        "https://evil.example/zdn.vn",
        "https://zdn.vn@evil.example/a",
        "https://evil.example@zdn.vn/a",
        "https://a:b@zdn.vn/a",
        "https://evil.example#@zdn.vn/",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://10.0.0.1/a",
        "https://169.254.169.254/latest",
        "https://2130706433/a",
        "https://0x7f.1/a",
        "https://localhost/a",
    ],
)
def test_no_other_host_is_called_however_the_address_is_dressed(address: str) -> None:
    with pytest.raises(NotAllowed) as refused:
        AddressRules(HOSTS).check(address)
    assert address not in str(refused.value)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.jpg",
        "//zdn.vn/a",
        "ftp://zdn.vn/a",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https://evil.example\\@zdn.vn/",
        "https://zdn.vn /a",
        "https://zdn.vn/\r\nHost: x",
        "https://[::1/a",
        "https://zdn.vn:99999/a",
    ],
)
def test_what_programs_could_read_differently_is_no_address(address: str) -> None:
    with pytest.raises((ValueError, NotAllowed)):
        AddressRules(HOSTS).check(address)


@given(st.text(max_size=60))
def test_whatever_is_allowed_leads_to_an_allowed_host(text: str) -> None:
    for address in (text, f"https://{text}", f"https://zdn.vn{text}", f"https://{text}zdn.vn/"):
        try:
            url = AddressRules(HOSTS).check(address)
        except (ValueError, NotAllowed):
            continue
        host = (url.host or "").rstrip(".").lower()
        assert (url.scheme, url.port, url.user) == ("https", 443, None)
        assert host in HOSTS or host.endswith((".zdn.vn", ".zalo.me"))


def test_this_machine_is_called_only_when_the_settings_name_it() -> None:
    rules = AddressRules(("127.0.0.1", "localhost"))
    assert rules.check("http://127.0.0.1:8099/a").port == 8099
    assert rules.check("http://localhost:8099/a").port == 8099
    for address in ("http://127.0.0.2/a", "http://a.localhost/a", "https://zdn.vn/a"):
        with pytest.raises(NotAllowed):
            rules.check(address)


def test_the_hosts_of_the_settings_are_public_names() -> None:
    rules = AddressRules(Settings().zalo_media_hosts)
    assert rules.check("https://photo.zadn.vn/a.jpg")
    with pytest.raises(NotAllowed):
        rules.check("http://127.0.0.1/a")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("1.1.1.1", True),
        ("2606:4700::1111", True),
        *((one, False) for one in ("10.1.2.3", "192.168.1.1", "172.16.0.1", "127.0.0.1", "169.254.169.254")),
        *((one, False) for one in ("0.0.0.0", "100.64.0.1", "224.0.0.1", "::1", "fd00::1", "fe80::1", "::")),
        *((one, False) for one in ("::ffff:10.0.0.1", "2002:0a00:0001::", "kein")),
        *((one, False) for one in ("64:ff9b::7f00:1", "64:ff9b:1::a00:1", "::127.0.0.1", "fec0::1")),
    ],
)
def test_only_the_public_internet_is_public(address: str, public: bool) -> None:
    assert is_public(address) is public


async def test_an_allowed_name_that_points_into_a_private_network_is_not_called() -> None:
    rules = AddressRules(HOSTS)
    resolver = PublicResolver(rules, FixedResolver("10.0.0.5"))
    with pytest.raises(NotAllowed):
        await resolver.resolve("f1.zdn.vn", 443)
    public = PublicResolver(rules, FixedResolver("1.1.1.1"))
    assert (await public.resolve("f1.zdn.vn", 443))[0]["host"] == "1.1.1.1"
    async with Downloader(rules, resolver=FixedResolver("127.0.0.1")) as downloader:
        with pytest.raises(Failed) as failed:
            await downloader.fetch("https://f1.zdn.vn/a.jpg")
    assert failed.value.problem is FetchProblem.HOST_NOT_ALLOWED


# --------------------------------------------------------------------------- what is taken


@pytest.fixture
async def far_end() -> AsyncIterator[TestServer]:
    """A host of files with every bad habit."""
    app = web.Application()

    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(100):
            await response.write(b"x" * 1000)
        return response

    async def slow(request: web.Request) -> web.StreamResponse:
        await asyncio.Event().wait()
        return web.Response()

    async def packed(request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept-Encoding"] == "identity"
        return web.Response(body=gzip.compress(b"x" * 100_000), headers={"Content-Encoding": "gzip"})

    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        if request.transport is not None:
            request.transport.close()
        return response

    async def status(request: web.Request) -> web.StreamResponse:
        return web.Response(status=int(request.match_info["status"]), body=b"x")

    async def redirect(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def around(request: web.Request) -> web.StreamResponse:
        return web.Response(status=302, headers={"Location": "/around"})

    async def small(request: web.Request) -> web.StreamResponse:
        assert "Cookie" not in request.headers
        return web.Response(body=b"anh", headers={"Set-Cookie": "a=1"})

    for handler in (small, endless, slow, packed, cut, redirect, around):
        app.router.add_get(f"/{handler.__name__}", handler)
    app.router.add_get("/status/{status}", status)
    async with TestServer(app) as server:
        yield server


@pytest.fixture
def between_pieces() -> float:
    """Seconds the downloader waits for the next piece. A pause of a busy machine must not look like a slow host."""
    return 30.0


@pytest.fixture
async def downloader(between_pieces: float) -> AsyncIterator[Downloader]:
    rules = AddressRules(("127.0.0.1",))
    async with Downloader(rules, largest=5000, patience=60, between_pieces=between_pieces) as one:
        yield one


async def test_the_bytes_come_without_cookies(downloader, far_end) -> None:
    for _ in range(2):
        assert await downloader.fetch(str(far_end.make_url("/small"))) == b"anh"


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/endless", FetchProblem.TOO_LARGE),
        ("/status/404", FetchProblem.GONE),
        ("/status/403", FetchProblem.GONE),
        ("/status/204", FetchProblem.GONE),
        ("/redirect?to=http://169.254.169.254/latest", FetchProblem.HOST_NOT_ALLOWED),
        ("/redirect?to=https://evil.example/", FetchProblem.HOST_NOT_ALLOWED),
        ("/redirect?to=file:///etc/passwd", FetchProblem.BAD_ADDRESS),
        ("/around", FetchProblem.GONE),
    ],
)
async def test_what_will_never_come_is_given_up(downloader, far_end, path, problem) -> None:
    with pytest.raises(Failed) as ended:
        await downloader.fetch(str(far_end.make_url(path)))
    assert ended.value.problem is problem


@pytest.mark.parametrize("path", ["/status/500", "/status/503", "/status/429", "/cut"])
async def test_what_may_pass_is_tried_again_later(downloader, far_end, path) -> None:
    with pytest.raises(Passing) as later:
        await downloader.fetch(str(far_end.make_url(path)))
    assert "127.0.0.1" not in str(later.value)


@pytest.mark.parametrize("between_pieces", [0.5])
async def test_a_host_that_has_gone_silent_is_a_passing_fault(downloader, far_end) -> None:
    with pytest.raises(Passing):
        await downloader.fetch(str(far_end.make_url("/slow")))


async def test_a_host_that_does_not_answer_is_a_passing_fault(downloader, far_end) -> None:
    address = str(far_end.make_url("/small"))
    await far_end.close()
    with pytest.raises(Passing):
        await downloader.fetch(address)


async def test_packed_bytes_are_not_unpacked(downloader, far_end) -> None:
    body = await downloader.fetch(str(far_end.make_url("/packed")))
    assert len(body) < 1000


async def test_a_file_is_followed_to_where_it_lies_on_an_allowed_host(downloader, far_end) -> None:
    assert await downloader.fetch(str(far_end.make_url("/redirect?to=/small"))) == b"anh"


@given(st.text(max_size=40))
def test_a_strange_address_ends_in_one_of_the_two_ways(text: str) -> None:
    async def fetch() -> None:
        async with Downloader(AddressRules(HOSTS), resolver=FixedResolver("127.0.0.1")) as downloader:
            with pytest.raises(Failed):
                await downloader.fetch(text)

    asyncio.run(fetch())
