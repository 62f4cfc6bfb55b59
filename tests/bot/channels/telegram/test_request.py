"""The HTTP under the library: what is surely not sent, what may have been, and through which door."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import pytest
from telegram.error import NetworkError, TimedOut
from telegram.request import RequestData

from bot.channels.telegram.request import AiohttpRequest, NotSent, NotSentInTime, NotTelegram
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def opened(**options: float | str) -> AsyncIterator[AiohttpRequest]:
    async with AiohttpRequest(**options) as request:  # type: ignore[arg-type]
        yield request


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[int]:
    """A bare TCP server on loopback that does with a connection what `handler` does, then closes it."""
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(serve(reader, writer)))

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


def address(telegram: TelegramStandin, method: str = "getMe") -> str:
    return f"{telegram.base_url}{telegram.token}/{method}"


async def has_arrived(telegram: TelegramStandin) -> None:
    async with asyncio.timeout(30):
        while not telegram.calls:  # noqa: ASYNC110 - the stand-in has no event for it
            await asyncio.sleep(0.01)


async def test_a_call_gives_the_result(telegram: TelegramStandin) -> None:
    async with opened() as request:
        me = await request.post(address(telegram))
    assert isinstance(me, dict)
    assert me["username"] == telegram.username


async def test_a_file_is_fetched_as_bytes_and_not_read_as_an_answer() -> None:
    async def file(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nOggS")

    async with listening(file) as port, opened() as request:
        assert await request.retrieve(f"http://127.0.0.1:{port}/file/bot1:x/voice.oga") == b"OggS"


async def test_a_closed_port_means_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound but not listening: refuses
        async with opened() as request:
            with pytest.raises(NotSent):
                await request.post(f"http://127.0.0.1:{taken.getsockname()[1]}/bot1:x/getMe")


async def test_no_free_connection_means_not_sent_in_time(telegram: TelegramStandin) -> None:
    telegram.inject(Fault.silent())
    async with opened(connections=1) as request:
        busy = asyncio.create_task(request.post(address(telegram)))
        await has_arrived(telegram)
        with pytest.raises(NotSentInTime) as caught:
            await request.post(address(telegram), connect_timeout=0.1)
        assert isinstance(caught.value, TimedOut), "the library's users know it as a time-out"
        # aiohttp's own error names the address, token included: it must not hang on as cause or context.
        assert (caught.value.__cause__, caught.value.__context__) == (None, None)
        busy.cancel()
        with pytest.raises(asyncio.CancelledError):
            await busy
    assert len(telegram.calls) == 1


async def test_an_answer_that_does_not_come_may_have_been_delivered(telegram: TelegramStandin) -> None:
    telegram.inject(Fault.silent())
    async with opened(read_timeout=0.3) as request:
        with pytest.raises(TimedOut) as caught:
            await request.post(address(telegram))
    assert not isinstance(caught.value, NotSent)


async def test_an_answer_that_trickles_for_ever_ends_in_time() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b" ")
            await asyncio.sleep(0.05)

    async with listening(trickle) as port, opened(read_timeout=0.2, connect_timeout=0.5) as request:
        async with asyncio.timeout(30):
            with pytest.raises(TimedOut):
                await request.post(f"http://127.0.0.1:{port}/bot1:x/getMe")


async def test_a_longer_wait_can_be_asked_for_one_call(telegram: TelegramStandin) -> None:
    telegram.inject(Fault.slow(0.3))
    async with opened(read_timeout=0.05) as request:
        assert await request.post(address(telegram), read_timeout=30)


async def test_a_send_is_never_repeated_by_the_client_itself(telegram: TelegramStandin) -> None:
    """aiohttp repeats some methods when a kept connection breaks; a POST must not be among them."""
    async with opened() as request:
        await request.post(address(telegram))
        telegram.inject(Fault.cut_before(), times=None)
        with pytest.raises(NetworkError):
            await request.post(address(telegram))
    assert len(telegram.calls) == 2


async def test_a_redirect_does_not_carry_the_token_elsewhere() -> None:
    visitors: list[bytes] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        visitors.append(await reader.readuntil(b"\r\n\r\n"))

    async with listening(elsewhere) as trap:

        async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            location = f"http://127.0.0.1:{trap}/bot1:x/getMe"
            writer.write(f"HTTP/1.1 307 Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())

        async with listening(redirect) as port, opened() as request:
            with pytest.raises(NotTelegram):
                await request.post(f"http://127.0.0.1:{port}/bot1:x/getMe")
    assert visitors == []


async def test_before_opening_and_after_closing_nothing_is_sent(telegram: TelegramStandin) -> None:
    request = AiohttpRequest()
    with pytest.raises(NotSent):
        await request.post(address(telegram))
    await request.initialize()
    await request.initialize()
    await request.shutdown()
    await request.shutdown()
    with pytest.raises(NotSent):
        await request.post(address(telegram))
    await request.initialize()
    assert await request.post(address(telegram))
    await request.shutdown()


async def test_calls_go_through_the_proxy_and_its_password_is_not_shown() -> None:
    seen: list[bytes] = []

    async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        body = b'{"ok": true, "result": true}'
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s" % (len(body), body))

    async with listening(proxy) as port, opened(proxy=f"http://nguoi:mat-khau@127.0.0.1:{port}") as request:
        assert await request.post("http://api.telegram.invalid/bot1:x/logOut", RequestData()) is True
        assert "mat-khau" not in repr(request)
    assert seen[0].startswith(b"POST http://api.telegram.invalid/bot1:x/logOut")
    assert b"Proxy-Authorization: Basic" in seen[0]


async def test_a_tunnel_the_proxy_refuses_or_breaks_means_not_sent() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        assert request.startswith(b"CONNECT api.telegram.invalid:443")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    async def hang_up(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")

    for handler in (refuse, hang_up):
        async with listening(handler) as port, opened(proxy=f"http://127.0.0.1:{port}") as request:
            with pytest.raises(NotSent):
                await request.post("https://api.telegram.invalid/bot1:x/sendMessage")


async def test_a_handshake_that_fails_means_not_sent() -> None:
    async def no_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"this is not TLS\r\n")

    async with listening(no_tls) as port, opened() as request:
        with pytest.raises(NotSent):
            await request.post(f"https://127.0.0.1:{port}/bot1:x/sendMessage")


async def test_a_cancelled_call_is_cancelled_and_not_swallowed(telegram: TelegramStandin) -> None:
    telegram.inject(Fault.silent())
    async with opened() as request:
        call = asyncio.create_task(request.post(address(telegram)))
        await has_arrived(telegram)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
