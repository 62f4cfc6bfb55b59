"""Many coroutines write, one thread commits: what waits together shares a transaction and its disk flush."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Closed(Exception):
    """Nothing is accepted any more: the program is stopping."""


@dataclass(frozen=True, kw_only=True)
class _Waiting(Generic[T, R]):
    item: T
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[R]


class GroupCommit(Generic[T, R]):
    """`write` gets a batch and returns one result per item, in order, having committed; it runs in one thread of its
    own. When it raises, every item of the batch is told so."""

    def __init__(self, write: Callable[[list[T]], list[R]], *, name: str, largest: int = 500) -> None:
        self._write = write
        self._name = name
        self._largest = largest
        self._queue: queue.SimpleQueue[_Waiting[T, R] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many items wait for the writer right now."""
        return self._queue.qsize()

    async def put(self, item: T) -> R:
        """Hand in one item; returns its result after the commit. Raises what `write` raised, or `Closed`."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        with self._lock:
            if self._closed:
                raise Closed
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=self._name, daemon=True)
                self._thread.start()
            self._queue.put(_Waiting(item=item, loop=loop, future=future))
        return await future

    def close(self) -> None:
        """Write what was handed in, then end the thread. Safe to repeat."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
            thread = self._thread
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        going = True
        while going:
            batch, going = self._next_batch()
            if batch:
                self._commit(batch)

    def _next_batch(self) -> tuple[list[_Waiting[T, R]], bool]:
        batch: list[_Waiting[T, R]] = []
        try:
            while len(batch) < self._largest:
                waiting = self._queue.get(block=not batch)
                if waiting is None:
                    return batch, False
                batch.append(waiting)
        except queue.Empty:
            pass
        return batch, True

    def _commit(self, batch: list[_Waiting[T, R]]) -> None:
        try:
            results: list[R] | Exception = self._write([waiting.item for waiting in batch])
        except Exception as error:
            # Not swallowed: every one who waits is told below.
            results = error
        by_loop: dict[asyncio.AbstractEventLoop, list[tuple[asyncio.Future[R], R | Exception]]] = {}
        for index, waiting in enumerate(batch):
            outcome = results if isinstance(results, Exception) else results[index]
            by_loop.setdefault(waiting.loop, []).append((waiting.future, outcome))
        for loop, settled in by_loop.items():
            # A loop that has ended has nobody waiting in it; what was written stays written.
            if not loop.is_closed():
                loop.call_soon_threadsafe(_settle, settled)


def _settle(settled: list[tuple[asyncio.Future[R], R | Exception]]) -> None:
    for future, outcome in settled:
        if future.done():
            continue
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
