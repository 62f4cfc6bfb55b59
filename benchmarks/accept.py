"""Accept and store: a burst of updates on the webhook of the real program, which runs in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from aiohttp import ClientSession, TCPConnector
from sqlmodel import func, select

from benchmarks.place import office, update
from benchmarks.report import Figure
from bot.channels.telegram.webhook import SECRET_HEADER
from bot.standins.telegram import TelegramStandin
from casework.usecases.work import Services
from storage.records import InboxEntry

#: as many connections as we let Telegram open
CONNECTIONS = 40
BURST = 5000
RUNS = 5
#: the program loads its word lists in the first second
WARM_UP_SECONDS = 2.0
SECRET = "benchmark"
PROGRAM = "import sys; from admin_cli.app import main; sys.exit(main())"


def measure() -> list[Figure]:
    """The web part alone, and the whole program in one process with its workers at work."""
    figures = []
    for parts, name in (("web", "accept and store, web part"), ("web,worker", "accept and store while workers handle")):
        results = [_run(parts) for _ in range(RUNS)]
        figures += [
            Figure(
                name=name,
                unit="/s",
                runs=[rate for rate, _, _ in results],
                target=1000,
                how=f"{BURST} updates of as many chats over {CONNECTIONS} connections on loopback, client in another "
                "process; each answered 200 after its commit (SQLite WAL, synchronous=FULL)",
                limit=LIMITS[parts],
            ),
            Figure(
                name=f"{name}: p99",
                unit="ms",
                runs=[p99 for _, p99, _ in results],
                target=50,
                at_least=False,
                how=f"median latency {statistics.median(p50 for _, _, p50 in results):.1f} ms",
            ),
        ]
    return figures


#: from a profile of the program's event loop and of its writer thread
LIMITS = {
    "web": "half of the writer's time is the disk flush of a commit (about 3 ms for some 16 arrivals); the rest is "
    "HTTP in Python, whose client takes the other core",
    "web,worker": "as above, and turns already begun when the burst comes: they hold interpreter and write lock for "
    "some 10 ms each; new ones give way",
}


def _run(parts: str) -> tuple[float, float, float]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        services = office(folder)
        with _program(services, folder, parts) as port:
            seconds, latencies = asyncio.run(_burst(port))
        with services.reading() as work:
            stored = work.session.exec(select(func.count()).select_from(InboxEntry)).one()
        services.database.close()
    if stored != BURST:
        raise RuntimeError(f"{stored} of {BURST} updates stored")
    return BURST / seconds, _percentile(latencies, 99), _percentile(latencies, 50)


async def _burst(port: int) -> tuple[float, list[float]]:
    url = f"http://127.0.0.1:{port}/webhook/telegram"
    headers = {SECRET_HEADER: SECRET, "Content-Type": "application/json"}
    bodies = [json.dumps(update(number, 10_000 + number)).encode() for number in range(BURST)]
    latencies: list[float] = []
    async with ClientSession(connector=TCPConnector(limit=CONNECTIONS)) as session:

        async def sender(own: list[bytes]) -> None:
            for body in own:
                begun = time.perf_counter()
                async with session.post(url, data=body, headers=headers) as response:
                    if response.status != 200:
                        raise RuntimeError(f"HTTP {response.status}")
                latencies.append((time.perf_counter() - begun) * 1000)

        # The connections are open before the burst, as on a server that has run for a while.
        await asyncio.gather(*(_greet(session, port) for _ in range(CONNECTIONS)))
        await asyncio.sleep(WARM_UP_SECONDS)
        begun = time.perf_counter()
        await asyncio.gather(*(sender(bodies[number::CONNECTIONS]) for number in range(CONNECTIONS)))
        return time.perf_counter() - begun, latencies


async def _greet(session: ClientSession, port: int) -> None:
    async with session.get(f"http://127.0.0.1:{port}/healthz") as response:
        await response.read()


@contextlib.contextmanager
def _program(services: Services, folder: Path, parts: str) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    environment = os.environ | {
        "DOITHOAI_DATABASE_URL": services.database.url,
        "DOITHOAI_HTTP_PORT": str(port),
        "DOITHOAI_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DOITHOAI_TELEGRAM_TOKEN": TelegramStandin.TOKEN,
        # Nobody listens there: what is measured is taking in.
        "DOITHOAI_TELEGRAM_BASE_URL": "http://127.0.0.1:9/bot",
        "DOITHOAI_TELEGRAM_MODE": "webhook",
        "DOITHOAI_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "DOITHOAI_LOG_LEVEL": "error",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, "run", "--only", parts], cwd=folder, env=environment, stderr=log
        )
    try:
        _wait_for(port, process)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise RuntimeError("the program did not start")


def _percentile(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100)[percent - 1]
