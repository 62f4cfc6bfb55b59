"""The running program: all parts in one loop, until a signal; then an orderly end within a deadline.

The web server comes up first and needs no platform. At the end it is the first to say no (503: the platforms come
again), turns and sends under way are brought to their end, and the database is closed last.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Collection, Coroutine, Iterator
from enum import StrEnum
from typing import Any

import structlog
from aiohttp import web

from bot.settings import Settings
from bot.wiring import Program, build
from casework.errors import SetupNeeded
from casework.memory import settle

log = structlog.get_logger(__name__)


class Part(StrEnum):
    """What a process can do; several processes may share the work over one database."""

    WEB = "web"
    POLLING = "polling"
    WORKER = "worker"
    OUTBOX = "outbox"
    SCHEDULE = "schedule"


async def run(settings: Settings, *, only: Collection[Part] = (), stop: asyncio.Event | None = None) -> None:
    """Run until SIGTERM, SIGINT or `stop`. `only`: these parts (all when empty).

    Raises `SetupNeeded` or `InvalidInput` before anything is started; an error of a part after all have been stopped.
    """
    parts = set(only) or set(Part)
    program = await asyncio.to_thread(build, settings)
    stop = stop or asyncio.Event()
    with _signals(stop):
        await _Life(program, parts, stop).lead()


def _warm(program: Program) -> None:
    program.services.understander.analyse("xin chào")
    settle()


class _Life:
    def __init__(self, program: Program, parts: set[Part], stop: asyncio.Event) -> None:
        self.program = program
        self.parts = parts
        self.stop = stop
        #: set when new work is no longer wanted, in this order: arrivals, then sends
        self.no_arrivals = asyncio.Event()
        self.no_sends = asyncio.Event()
        self.tasks: list[asyncio.Task[None]] = []
        self.sending: list[asyncio.Task[None]] = []
        self.warming: asyncio.Task[object] | None = None

    async def lead(self) -> None:
        program = self.program
        program.presses.loop = asyncio.get_running_loop()
        runner: web.AppRunner | None = None
        try:
            for channel in program.channels.values():
                await channel.open()
            if Part.WEB in self.parts:
                runner = await self._serve()
            self._start()
            for state in program.states():
                log.info("channel", name=state.name, on=state.on, why=state.why)
            log.info("running", parts=sorted(self.parts), office=program.services.office_id)
            await self._until_stopped()
        finally:
            await self._end(runner)
        for task in (*self.tasks, *self.sending):
            if not task.cancelled():
                task.result()

    async def _serve(self) -> web.AppRunner:
        host, port = self.program.settings.http_host, self.program.settings.http_port
        # Nothing of a request that was turned away is read on for long.
        runner = web.AppRunner(self.program.web.app, access_log=None, lingering_time=2.0, shutdown_timeout=5.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, backlog=1024).start()
        except OSError as error:
            await runner.cleanup()
            raise SetupNeeded(
                f"Không mở được cổng {port} trên {host} ({error.strerror}).",
                todo="Tắt chương trình đang dùng cổng đó, hoặc đặt DOITHOAI_HTTP_PORT sang số khác.",
            ) from error
        log.info("listening", addresses=[f"{address[0]}:{address[1]}" for address in runner.addresses])
        return runner

    def _start(self) -> None:
        program = self.program
        if Part.WORKER in self.parts:
            program.worker.start()
            self.tasks.append(_task(program.media.run(self.no_arrivals), "media"))
            # Gazetteer and word lists are loaded now, not while the first citizen waits.
            self.warming = asyncio.create_task(asyncio.to_thread(_warm, program))
        if Part.OUTBOX in self.parts:
            self.sending.append(_task(program.outbox.run(self.no_sends), "outbox"))
        if Part.SCHEDULE in self.parts:
            self.tasks.append(_task(program.schedule.run(self.no_arrivals, program.outbox.notify), "schedule"))
        if Part.POLLING in self.parts:
            self.tasks += [_task(receive(self.no_arrivals), "polling") for receive in program.polling]
        if self.parts & {Part.POLLING, Part.WEB}:
            self.tasks += [_task(prepare(self.no_arrivals), "preparing") for prepare in program.preparing]

    async def _until_stopped(self) -> None:
        """Until somebody stops us, or a part ends that should not."""
        stopped = asyncio.create_task(self.stop.wait())
        done, _ = await asyncio.wait({stopped, *self.tasks, *self.sending}, return_when=asyncio.FIRST_COMPLETED)
        for task in done - {stopped}:
            error = None if task.cancelled() else task.exception()
            log.error("part_ended", part=task.get_name(), error=type(error).__name__ if error else None)
        stopped.cancel()

    async def _end(self, runner: web.AppRunner | None) -> None:
        program = self.program
        deadline = time.monotonic() + program.settings.stop_seconds
        log.info("stopping")
        program.web.stop_accepting()
        self.no_arrivals.set()
        if Part.WORKER in self.parts and not await asyncio.to_thread(program.worker.stop, _left(deadline)):
            # Undone or done, a turn is one transaction: what is cut off here is done again after the next start.
            log.warning("turns_cut_off")
        await _ended([*self.tasks, *filter(None, [self.warming])], deadline)
        self.no_sends.set()
        await _ended(self.sending, deadline)
        if runner is not None:
            await runner.cleanup()
        await program.inbox.close()
        for channel in program.channels.values():
            await channel.close()
        program.services.database.close()
        log.info("stopped")


def _task(work: Coroutine[Any, Any, None] | Any, name: str) -> asyncio.Task[None]:
    return asyncio.create_task(work, name=name)


def _left(deadline: float) -> float:
    return max(0.1, deadline - time.monotonic())


async def _ended(tasks: Collection[asyncio.Task[Any]], deadline: float) -> None:
    """Wait for tasks to end by themselves, and make them when the deadline has come."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=_left(deadline))
    for task in late:
        log.warning("cut_off", part=task.get_name())
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    """SIGTERM and SIGINT set `stop`, on every system Python runs on."""
    loop = asyncio.get_running_loop()
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    for number in before:
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stop.set))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
