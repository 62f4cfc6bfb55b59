"""Fetches what people sent as soon as their message was handled, in the background; what fails for now is tried again.

Nothing is remembered across restarts but the rows: an attachment with neither a copy nor a problem is still to do.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Collection, Coroutine
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.logs import place_of
from bot.media.addresses import NotAllowed
from bot.media.download import Downloader, Failed, Passing
from casework.files import FileStore, Kind, UnreadableImage, sniff, without_metadata
from casework.usecases.citizens import copies
from casework.usecases.citizens.copies import FetchProblem, Wanted
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

#: waits between tries; after the last one the file counts as unreachable
WAITS = tuple(dt.timedelta(seconds=seconds) for seconds in (5, 60, 600, 3600, 6 * 3600))
#: when our own disk or database refuses
OUR_FAULT = dt.timedelta(minutes=1)
#: files on their way at once
AT_ONCE = 4
#: seconds: how often the clock is looked at for tries that are due, and how soon after news the database is asked
POLL = 1.0
#: files found in one look; when there are more, the next look goes on
AT_A_LOOK = 500
#: longest name of a host there is, characters
LONGEST_HOST = 253
#: everything is looked at anew so often: rows of another process, rows that became visible out of order
LOOK_AGAIN = dt.timedelta(minutes=10)


@dataclass(kw_only=True)
class _Task:
    wanted: Wanted
    due: dt.datetime
    tries: int = 0


class MediaFetcher:
    """`run` lives in the loop; `notify` may be called from any thread after a message was handled."""

    def __init__(self, services: Services, downloader: Callable[[], Downloader], *, channels: Collection[str]) -> None:
        self._services = services
        self._downloader = downloader
        self._on = any(channel in copies.EXPIRING for channel in channels)
        self._store = FileStore(services.files_dir)
        self._tasks: dict[int, _Task] = {}
        self._seen = 0
        self._looked: dt.datetime | None = None
        self._begun = False
        self._news = False

    def notify(self) -> None:
        """A message was handled: it may have brought files."""
        self._news = True

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch until `stop` is set; downloads under way are given up then and begun again after the next start."""
        if not self._on:
            await stop.wait()
            return
        async with self._downloader() as downloader:
            while not stop.is_set():
                try:
                    if await self.look():
                        await _or_stop(self.fetch_due(downloader), stop)
                except Exception as error:
                    # The database or the disk; people's files are looked for again.
                    log.error("media_fault", error=type(error).__name__, at=place_of(error))
                    self._looked = None
                try:
                    await asyncio.wait_for(stop.wait(), POLL)
                except TimeoutError:
                    continue

    async def look(self) -> bool:
        """Find what is new; whether anything is due."""
        now = self._services.clock.now()
        if self._looked is None or now - self._looked >= LOOK_AGAIN:
            if not self._begun:
                # The hosts of the settings may be others than before the start.
                await asyncio.to_thread(copies.try_refused_hosts_again, self._services)
                self._begun = True
            self._looked, self._seen = now, 0
            self._news = True
        if self._news:
            self._news = False
            found = await asyncio.to_thread(copies.to_fetch, self._services, after=self._seen, limit=AT_A_LOOK)
            self._news |= len(found) == AT_A_LOOK
            for wanted in found:
                self._seen = max(self._seen, wanted.attachment_id)
                self._tasks.setdefault(wanted.attachment_id, _Task(wanted=wanted, due=now))
        return any(task.due <= now for task in self._tasks.values())

    async def fetch_due(self, downloader: Downloader) -> None:
        """Fetch all that is due, a few at a time."""
        now = self._services.clock.now()
        room = asyncio.Semaphore(AT_ONCE)

        async def one(task: _Task) -> None:
            async with room:
                await self._fetch(downloader, task)

        await asyncio.gather(*(one(task) for task in list(self._tasks.values()) if task.due <= now))

    async def _fetch(self, downloader: Downloader, task: _Task) -> None:
        key = task.wanted.attachment_id
        try:
            data = await downloader.fetch(task.wanted.url)
            await asyncio.to_thread(self._keep, key, data)
        except Passing as fault:
            if self._is_later(task):
                log.info("media_later", attachment=key, fault=str(fault), tries=task.tries)
                return
            await self._give_up(key, FetchProblem.UNREACHABLE)
        except Failed as failure:
            if isinstance(failure.__cause__, NotAllowed):
                # The name alone, for DOITHOAI_ZALO_MEDIA_HOSTS: the rest of the address opens the file.
                host = (failure.__cause__.host or "")[:LONGEST_HOST]
                log.warning("media_host_not_allowed", host=host, why=failure.__cause__.reason)
            await self._give_up(key, failure.problem)
        except (OSError, SQLAlchemyError) as error:
            # Our own disk or database: not held against the file.
            task.due = self._services.clock.now() + OUR_FAULT
            log.error("media_not_stored", attachment=key, error=type(error).__name__)
            return
        except Exception as error:
            # Nobody knows what it is: it may not be fetched for ever, nor hold up the others.
            log.error("media_fault", attachment=key, error=type(error).__name__, at=place_of(error))
            if self._is_later(task):
                return
            await self._give_up(key, FetchProblem.FAULT)
        del self._tasks[key]

    def _is_later(self, task: _Task) -> bool:
        """Put off to the next wait; False when all of them are over."""
        if task.tries >= len(WAITS):
            return False
        task.due = self._services.clock.now() + WAITS[task.tries]
        task.tries += 1
        return True

    def _keep(self, key: int, data: bytes) -> None:
        kind = sniff(data)
        if kind is None:
            raise Failed(FetchProblem.UNKNOWN_KIND)
        data = _bare(data, kind)
        sha256 = self._store.keep(data)
        if not copies.copy_kept(self._services, key, sha256=sha256, kind=kind, size=len(data)):
            copies.drop_unnamed(self._services, sha256)

    async def _give_up(self, key: int, problem: FetchProblem) -> None:
        log.warning("media_not_kept", attachment=key, problem=problem)
        await asyncio.to_thread(copies.no_copy, self._services, key, problem)


def _bare(data: bytes, kind: Kind) -> bytes:
    try:
        return without_metadata(data, kind)
    except UnreadableImage as error:
        raise Failed(FetchProblem.UNREADABLE_IMAGE) from error


async def _or_stop(work: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Let this end, or cut it off when we are stopped."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return
    task.result()
