"""The web server over real HTTP: who is let in, what is read, when 200 is said, and what health tells."""

from __future__ import annotations

import asyncio
import io
import json
import threading
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.webhook import SECRET_HEADER, check_secret
from bot.health import ChannelState
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.standins.telegram import TelegramStandin
from bot.web import MAX_BODY, Web, Webhook
from storage.records import InboxEntry, InboxStatus

SECRET = "mat-khau_2026"
RIGHT = {SECRET_HEADER: SECRET}
PATH = "/webhook/telegram"
CHAT = 7_700_112_233


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def trouble() -> list[str]:
    return []


@pytest.fixture
def server(services, metrics, trouble) -> Web:
    channel = TelegramChannel(TelegramStandin.TOKEN)
    webhook = Webhook(path=PATH, channel=channel, admits=lambda headers: check_secret(headers, SECRET))
    return Web(
        services,
        Inbox(services),
        webhooks=[webhook],
        channels=lambda: [ChannelState(name="telegram", on=True, why="".join(trouble))],
        metrics=metrics,
        examined_for=0.0,
    )


@pytest.fixture
async def client(server) -> AsyncIterator[TestClient]:
    async with TestClient(TestServer(server.app)) as client:
        yield client


def update(number: int = 1) -> dict[str, object]:
    return {"update_id": number, "message": {"message_id": 5, "chat": {"id": CHAT, "type": "private"}, "text": "Chào"}}


def stored(services) -> list[InboxEntry]:
    with services.reading() as work:
        return list(work.session.exec(select(InboxEntry)))


async def test_the_same_update_twice_is_answered_200_twice_and_stored_once(client, services, metrics) -> None:
    for _ in range(2):
        async with client.post(PATH, json=update(), headers=RIGHT) as response:
            assert response.status == 200
    assert [entry.external_id for entry in stored(services)] == ["1"]
    page = metrics.exposition().decode()
    assert 'doithoai_arrivals_total{channel="telegram",result="new"} 1.0' in page
    assert 'doithoai_arrivals_total{channel="telegram",result="duplicate"} 1.0' in page


@pytest.mark.parametrize("headers", [{}, {SECRET_HEADER: "falsch"}, {SECRET_HEADER: SECRET + "x"}, {SECRET_HEADER: ""}])
async def test_a_wrong_secret_is_refused_and_nothing_is_stored(client, services, headers) -> None:
    async with client.post(PATH, json=update(), headers=headers) as response:
        assert response.status == 403
        assert await response.read() == b""
    assert stored(services) == []


async def test_a_wrong_secret_is_refused_before_the_body_has_come(server) -> None:
    async with TestServer(server.app) as running:
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        writer.write(f"POST {PATH} HTTP/1.1\r\nHost: x\r\nContent-Length: 900000\r\n\r\n".encode())
        async with asyncio.timeout(30):
            assert b"403" in await reader.readline()
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"\xff\xfe", b"[" * 60_000])
async def test_malformed_json_is_kept_and_answered_200_so_that_it_does_not_come_for_a_day(
    client, services, body
) -> None:
    async with client.post(PATH, data=body, headers=RIGHT) as response:
        assert response.status == 200
    assert [entry.status for entry in stored(services)] == [InboxStatus.QUARANTINED]


async def test_a_body_of_just_the_limit_is_taken_and_one_byte_more_is_not(client, services) -> None:
    filler = MAX_BODY - len(json.dumps(update() | {"x": ""}))
    for more, status in ((0, 200), (1, 413)):
        body = json.dumps(update(more) | {"x": "a" * (filler + more)})
        async with client.post(PATH, data=io.BytesIO(body.encode()), headers=RIGHT) as response:
            assert response.status == status
    assert len(stored(services)) == 1


async def test_a_body_in_pieces_without_a_length_is_cut_off_at_the_limit_too(client, services) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"a" * 65_536

    async with client.post(PATH, data=endless(), headers=RIGHT) as response:
        assert response.status == 413
    assert stored(services) == []


async def test_when_the_database_refuses_the_platform_is_asked_to_come_again_and_then_is_heard(
    client, services
) -> None:
    def rename(old: str, new: str) -> None:
        with services.database.engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
            connection.commit()

    rename("inbox_entry", "hidden")
    async with client.post(PATH, json=update(), headers=RIGHT) as response:
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0
    async with client.get("/healthz") as response:
        assert response.status == 503
    rename("hidden", "inbox_entry")
    async with client.post(PATH, json=update(), headers=RIGHT) as response:
        assert response.status == 200
    assert len(stored(services)) == 1


async def test_while_stopping_nothing_is_taken_any_more(client, server, services) -> None:
    server.stop_accepting()
    async with client.post(PATH, json=update(), headers=RIGHT) as response:
        assert response.status == 503
    assert stored(services) == []


async def test_many_at_once_are_all_committed_before_they_are_acknowledged(client, services) -> None:
    async def post(number: int) -> int:
        async with client.post(PATH, json=update(number), headers=RIGHT) as response:
            return response.status

    assert set(await asyncio.gather(*(post(number) for number in range(200)))) == {200}
    assert len(stored(services)) == 200


async def test_health_tells_schema_queue_deliveries_and_channels(client, services, clock, trouble) -> None:
    async with client.get("/healthz") as response:
        found = await response.json()
    assert response.status == 200
    assert found["status"] == "ok"
    assert found["revision"] == found["expected_revision"]
    assert found["deliveries"] == {"pending": 0, "sending": 0, "unknown": 0}
    assert found["channels"] == [{"name": "telegram", "on": True, "why": ""}]
    async with client.post(PATH, json=update(), headers=RIGHT):
        clock.advance(121)
    async with client.get("/healthz") as response:
        found = await response.json()
    assert (found["status"], found["inbox_waiting"], found["inbox_oldest_seconds"]) == ("degraded", 1, 121.0)


async def test_a_channel_in_trouble_shows_in_health(client, trouble) -> None:
    trouble.append("Không kết nối được tới Telegram.")
    async with client.get("/healthz") as response:
        assert (await response.json())["status"] == "degraded"


async def test_metrics_are_readable_and_hold_nothing_about_anybody(client) -> None:
    async with client.post(PATH, json=update(), headers=RIGHT):
        pass
    async with client.get("/metrics") as response:
        page = await response.text()
    assert response.content_type == "text/plain"
    assert "doithoai_inbox_waiting 1.0" in page
    assert "Chào" not in page
    assert str(CHAT) not in page


async def test_unknown_paths_and_methods_are_told_so(client) -> None:
    session: ClientSession = client.session
    assert session is not None
    async with client.get(PATH) as response:
        assert response.status == 405
    async with client.post("/webhook/zalo-oa", json={}) as response:
        assert response.status == 404


async def test_however_many_ask_how_things_are_one_thread_looks_and_nobody_else_waits_for_a_thread(services) -> None:
    looks: list[str] = []
    seen = threading.Event()

    def channels() -> list[ChannelState]:
        looks.append(threading.current_thread().name)
        assert seen.wait(60)
        return [ChannelState(name="telegram", on=True)]

    web = Web(services, Inbox(services), webhooks=[], channels=channels, metrics=Metrics(), examined_for=600.0)
    async with TestClient(TestServer(web.app)) as client:

        async def ask(path: str) -> int:
            async with client.get(path) as response:
                return response.status

        asking = [asyncio.create_task(ask(path)) for path in ("/healthz", "/metrics") * 50]
        async with asyncio.timeout(30):
            while not looks:  # noqa: ASYNC110 - another thread's state
                await asyncio.sleep(0.01)
            # All but one of the threads are left for those who have work to do.
            await asyncio.gather(*(asyncio.to_thread(lambda: None) for _ in range(3)))
        seen.set()
        asking[0].cancel()
        assert set(await asyncio.gather(*asking[1:])) == {200}
        await ask("/healthz")
    assert len(looks) == 1
    assert looks != [threading.main_thread().name], "the loop is never held up by the database"


async def test_a_look_that_fails_is_told_to_all_who_asked_and_is_not_the_last(services) -> None:
    answers: list[Exception | None] = [OperationalError("", {}, Exception()), None]

    def channels() -> list[ChannelState]:
        if (error := answers.pop(0)) is not None:
            raise error
        return []

    web = Web(services, Inbox(services), webhooks=[], channels=channels, metrics=Metrics(), examined_for=0.0)
    async with TestClient(TestServer(web.app)) as client:
        for status in (503, 200):
            async with client.get("/healthz") as response:
                assert response.status == status
