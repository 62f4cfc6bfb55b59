"""What the kill tests share: the real program in a process of its own, and whether it has come to rest."""

from __future__ import annotations

import asyncio
import datetime as dt
import multiprocessing
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from sqlmodel import col, or_, select

from casework.clock import SystemClock
from casework.usecases.work import Services
from storage.records import Conversation, Delivery, DeliveryState, InboxEntry, InboxStatus
from tests.ports import free_port

#: the console script, in a process that has its imports ready (they are half of each start)
PROGRAM = """
import os, sys
os.environ.update({environment!r})
os.chdir({folder!r})
sys.stderr = sys.stdout = open("log.jsonl", "a", buffering=1)
sys.argv = ["doithoai", "run"]
from admin_cli.app import main
sys.exit(main())
"""
SPAWN = multiprocessing.get_context(
    "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn"
)
if SPAWN.get_start_method() == "forkserver":
    SPAWN.set_forkserver_preload(["admin_cli.app", "admin_cli.run", "bot.run", "bot.wiring"])


class Program:
    """The real program in a process of its own."""

    def __init__(self, services: Services, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.folder = folder
        environment = {
            "DOITHOAI_DATABASE_URL": services.database.url,
            "DOITHOAI_HTTP_PORT": str(self.port),
            "DOITHOAI_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "DOITHOAI_FILES_DIR": str(folder / "files"),
            "DOITHOAI_QUIET_SECONDS": "0.5",
            "DOITHOAI_WORKER_LEASE_SECONDS": "1",
            "DOITHOAI_SEND_TIMEOUT_SECONDS": "1",
            **{f"DOITHOAI_{name.upper()}": value for name, value in settings.items()},
        }
        self.code = PROGRAM.format(environment=environment, folder=str(folder))
        self.process = SPAWN.Process(target=exec, args=(self.code, {}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        self.process = SPAWN.Process(target=exec, args=(self.code, {}))
        self.process.start()
        async with asyncio.timeout(60):
            while True:
                try:
                    _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                except OSError:
                    assert self.process.is_alive(), (self.folder / "log.jsonl").read_text()[-2000:]
                    await asyncio.sleep(0.01)
                else:
                    writer.close()
                    return

    async def kill(self) -> None:
        if self.process.pid is not None:
            self.process.kill()
            await asyncio.to_thread(self.process.join)
            self.process.close()

    async def stop(self) -> int | None:
        self.process.terminate()
        await asyncio.to_thread(self.process.join)
        return self.process.exitcode


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[None]:
    try:
        yield
    finally:
        with suppress(ValueError):
            await program.kill()


def at_rest(services: Services) -> bool:
    """Whether nothing is left to handle, to send or (soon) to wake."""
    soon = SystemClock().now() + dt.timedelta(seconds=30)
    with services.reading() as work:
        open_entry = select(InboxEntry.id).where(InboxEntry.status == InboxStatus.RECEIVED)
        open_send = select(Delivery.id).where(
            or_(Delivery.state == DeliveryState.PENDING, Delivery.state == DeliveryState.SENDING)
        )
        open_wake = select(Conversation.id).where(col(Conversation.wake_at) < soon)
        return all(work.session.exec(query).first() is None for query in (open_entry, open_send, open_wake))
