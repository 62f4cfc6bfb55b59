"""A door for so many at once: a flood of pages must not take the threads webhooks live on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Busy(Exception):
    """Too many are inside and at the door already."""


class Gate:
    """Lets `inside` in at a time and `waiting` more wait; to everybody else it says so at once."""

    def __init__(self, *, inside: int, waiting: int) -> None:
        self._room = asyncio.Semaphore(inside)
        self._present = 0
        self._most = inside + waiting

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        """Inside, once there is room. Raises `Busy`."""
        if self._present >= self._most:
            raise Busy
        self._present += 1
        try:
            async with self._room:
                yield
        finally:
            self._present -= 1
