"""What happens by the clock alone: small jobs, each safe to repeat, run when they are due.

Nothing is remembered across restarts: a job that must happen once a day sees to that itself, in the database.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from bot.logs import place_of
from casework.clock import VIETNAM
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

#: how often the clock is looked at, seconds
TICK = 1.0
#: a job that failed is tried again after this time
RETRY_AFTER = dt.timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Every:
    """Due at the start and then each time this has passed."""

    interval: dt.timedelta

    def is_due(self, now: dt.datetime, last: dt.datetime | None) -> bool:
        return last is None or now - last >= self.interval


@dataclass(frozen=True, kw_only=True)
class Daily:
    """Due once a local day from `at` on; a program that starts more than `patience` later leaves it for tomorrow."""

    at: dt.time
    patience: dt.timedelta = dt.timedelta(hours=6)

    def is_due(self, now: dt.datetime, last: dt.datetime | None) -> bool:
        local = now.astimezone(VIETNAM)
        begins = dt.datetime.combine(local.date(), self.at, VIETNAM)
        return begins <= local < begins + self.patience and (last is None or last < begins)


@dataclass(frozen=True, kw_only=True)
class Job:
    """`act` opens its own unit of work; its result, if it is a number above 0, is logged."""

    name: str
    when: Every | Daily
    act: Callable[[Services], int | None]


class Schedule:
    """Runs jobs when they are due by the services' clock. A job that fails stops no other and is tried again."""

    def __init__(self, services: Services, jobs: Sequence[Job]) -> None:
        self._services = services
        self._jobs = list(jobs)
        self._last: dict[str, dt.datetime] = {}
        self._failed: dict[str, dt.datetime] = {}

    def run_due(self) -> list[str]:
        """Run all that is due now; returns the names of the jobs that succeeded."""
        done = []
        for job in self._jobs:
            now = self._services.clock.now()
            failed = self._failed.get(job.name)
            if not job.when.is_due(now, self._last.get(job.name)) or (failed and now - failed < RETRY_AFTER):
                continue
            try:
                result = job.act(self._services)
            except Exception as error:
                # Whatever it was must not keep the other jobs from running.
                self._failed[job.name] = now
                log.error("job_failed", job=job.name, error=type(error).__name__, at=place_of(error))
                continue
            self._last[job.name] = now
            done.append(job.name)
            if result:
                log.info("job_done", job=job.name, result=result)
        return done

    async def run(self, stop: asyncio.Event, after: Callable[[], None] = lambda: None) -> None:
        """Run jobs until `stop` is set; `after` is called when some have run (they may have written notices)."""
        while not stop.is_set():
            if await asyncio.to_thread(self.run_due):
                after()
            try:
                await asyncio.wait_for(stop.wait(), TICK)
            except TimeoutError:
                continue
