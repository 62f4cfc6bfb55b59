"""Many coroutines write, one thread commits: what waits together shares a transaction and its disk flush."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Closed(Exception):
    """Nothing is accepted any more: the program is stopping."""


class GroupCommit(Generic[T, R]):
    """`write` gets a batch and returns one result per item, in order, having committed; it runs in one thread of its
    own, one batch after the other. When it raises, every item of the batch is told so."""

    def __init__(self, write: Callable[[list[T]], list[R]], *, name: str, largest: int = 500) -> None:
        self._write = write
        self._largest = largest
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        self._waiting: list[tuple[T, asyncio.Future[R]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def waiting(self) -> int:
        """How many items wait for the next commit."""
        return len(self._waiting)

    async def put(self, item: T) -> R:
        """Hand in one item; returns its result after the commit. Raises what `write` raised, or `Closed`.

        An item once handed in is written even when its caller does not wait for the end.
        """
        if self._closed:
            raise Closed
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all())
        return await future

    async def close(self) -> None:
        """Write what was handed in and accept nothing more. Safe to repeat."""
        self._closed = True
        if self._writer is not None:
            await self._writer
        self._thread.shutdown()

    async def _write_all(self) -> None:
        loop = asyncio.get_running_loop()
        while self._waiting:
            batch, self._waiting = self._waiting[: self._largest], self._waiting[self._largest :]
            try:
                results = await loop.run_in_executor(self._thread, self._write, [item for item, _ in batch])
            except Exception as error:
                # Not swallowed: every one who waits is told.
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():
                        future.set_result(result)
