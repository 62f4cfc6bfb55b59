"""Sending: 10,000 answers wait, the platform takes 50 ms for each; how close does the outbox come to its rate?

The Telegram stand-in runs in a process of its own and writes down when each message came.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import json
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

from sqlmodel import func, select

from benchmarks.place import office
from benchmarks.report import Figure
from bot.channel import Channel
from bot.channels.telegram.channel import CAPABILITIES, TelegramChannel
from bot.outbox import Outbox
from bot.standins.telegram import TelegramStandin
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryState
from storage.upsert import insert_missing

ANSWERS = 10_000
LATENCY = 0.05
#: seconds of sending that are measured at Telegram's own rate; all 10,000 would take seven minutes
SLICE = 20.0
FAST = 200.0
RUNS = 3
TEXT = "Kính gửi ông/bà. Về việc sửa đường trục thôn, Ủy ban nhân dân xã trả lời như sau. " * 8

PLATFORM = """
import asyncio, json, sys
from bot.standins.telegram import TelegramStandin

async def main():
    async with TelegramStandin(latency={latency}) as telegram:
        print(telegram.base_url, flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(json.dumps([call.at for call in telegram.calls if call.method == "sendMessage"]), flush=True)

asyncio.run(main())
"""


def measure() -> list[Figure]:
    """Rates achieved, and the most messages in any one second."""
    slow = [asyncio.run(_run(CAPABILITIES.rate_per_second, SLICE)) for _ in range(RUNS)]
    fast = [asyncio.run(_run(FAST, None)) for _ in range(RUNS)]
    return [
        *_figures("25/s", CAPABILITIES.rate_per_second, slow, f"the first {SLICE:g} s of {ANSWERS} waiting"),
        *_figures("200/s", FAST, fast, f"all {ANSWERS}"),
    ]


#: from a profile, and from a run with the rate set to 3,000/s, which came to 440/s
LIMITS = {
    "25/s": "the pacer, which keeps 2 % below the configured rate",
    "200/s": "the pacer as well; without it one core ends at some 440/s (HTTP and JSON in Python about 1.2 ms a "
    "message, claiming and recording 0.8 ms)",
}


def _figures(name: str, rate: float, runs: Sequence[tuple[float, int]], what: str) -> list[Figure]:
    how = f"{what}, to as many chats, {len(TEXT)} characters each, stand-in answers after {LATENCY * 1000:g} ms"
    return [
        Figure(
            name=f"sends, configured {name}",
            unit="/s",
            runs=[achieved for achieved, _ in runs],
            target=rate * 0.95,
            how=how,
            limit=LIMITS[name],
        ),
        Figure(
            name=f"sends, configured {name}: most in any one second",
            unit="",
            runs=[float(most) for _, most in runs],
            how="as they came in at the platform; no more than configured leave in any second, the way there jitters",
        ),
    ]


async def _run(rate: float, seconds: float | None) -> tuple[float, int]:
    with tempfile.TemporaryDirectory() as name:
        services = office(Path(name))
        async with _platform() as (base_url, arrivals):
            channel = TelegramChannel(TelegramStandin.TOKEN, base_url=base_url)
            channel.capabilities = dataclasses.replace(CAPABILITIES, rate_per_second=rate)
            _write_answers(services, channel)
            await channel.open()
            await _send(services, channel, seconds)
            await channel.close()
            moments = await arrivals()
        _check(services, len(moments))
        services.database.close()
    return (len(moments) - 1) / (moments[-1] - moments[0]), _most_in_a_second(moments)


async def _send(services: Services, channel: TelegramChannel, seconds: float | None) -> None:
    channels: dict[tuple[str, str], Channel] = {(channel.name, channel.account): channel}
    outbox, stop = Outbox(services, channels), asyncio.Event()
    running = asyncio.create_task(outbox.run(stop))
    if seconds is not None:
        await asyncio.sleep(seconds)
    else:
        while await asyncio.to_thread(_waiting, services) > 0:  # noqa: ASYNC110 - looks at the database
            await asyncio.sleep(0.2)
    stop.set()
    await running


@contextlib.asynccontextmanager
async def _platform() -> AsyncIterator[tuple[str, Callable[[], Awaitable[list[float]]]]]:
    code = PLATFORM.format(latency=LATENCY)
    process = subprocess.Popen(  # noqa: ASYNC220 - a benchmark has nothing else to do meanwhile
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    stdin, stdout = process.stdin, process.stdout
    if stdin is None or stdout is None:
        raise RuntimeError("no pipes to the stand-in")

    async def arrivals() -> list[float]:
        stdin.write("\n")
        stdin.flush()
        moments: list[float] = json.loads(await asyncio.to_thread(stdout.readline))
        return moments

    try:
        yield (await asyncio.to_thread(stdout.readline)).strip(), arrivals
    finally:
        process.kill()
        process.wait()
        stdin.close()
        stdout.close()


def _write_answers(services: Services, channel: TelegramChannel) -> None:
    now = services.clock.now() - dt.timedelta(minutes=1)
    with services.writing() as work:
        identities = [
            {"channel": channel.name, "account": channel.account, "external_id": str(10_000 + number)}
            for number in range(ANSWERS)
        ]
        insert_missing(work.session, ChannelIdentity, identities)
        keys = work.session.exec(select(ChannelIdentity.id)).all()
        shared = {"purpose": "answer", "text": TEXT, "not_before": now, "created_at": now}
        rows = [{"key": f"answer:{key}", "channel_identity_id": key, **shared} for key in keys]
        insert_missing(work.session, Delivery, rows)
        work.commit()


def _count(services: Services, state: DeliveryState) -> int:
    with services.reading() as work:
        return work.session.exec(select(func.count()).select_from(Delivery).where(Delivery.state == state)).one()


def _waiting(services: Services) -> int:
    return _count(services, DeliveryState.PENDING) + _count(services, DeliveryState.SENDING)


def _check(services: Services, arrived: int) -> None:
    sent = _count(services, DeliveryState.SENT)
    if sent != arrived:
        raise RuntimeError(f"{arrived} messages arrived, {sent} are recorded as sent")


def _most_in_a_second(moments: list[float]) -> int:
    most, first = 0, 0
    for last, moment in enumerate(moments):
        while moments[first] <= moment - 1.0:
            first += 1
        most = max(most, last - first + 1)
    return most
