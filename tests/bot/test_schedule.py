"""Jobs by the clock: when they are due, on both sides of the border, and that one failing job stops no other."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from bot.schedule import Daily, Every, Job, Schedule
from casework.clock import VIETNAM, ManualClock, SystemClock
from casework.usecases.work import Services

SEVEN = dt.time(7, 0)


def local(hour: int, minute: int = 0, second: int = 0, day: int = 2) -> dt.datetime:
    return dt.datetime(2026, 11, day, hour, minute, second, tzinfo=VIETNAM).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        (local(6, 59, 59), None, False),
        (local(7), None, True),
        (local(7, 0, 1), local(7), False),
        (local(12, 59, 59), None, True),
        (local(13), None, False),
        (local(7, day=3), local(7, day=2), True),
        (local(6, 59, day=3), local(7, day=2), False),
    ],
)
def test_a_daily_job_is_due_once_a_local_day_from_its_hour_on_but_not_in_the_afternoon(now, last, due) -> None:
    assert Daily(at=SEVEN).is_due(now, last) is due


def test_a_repeated_job_runs_at_the_start_and_after_each_interval(bare_services, clock) -> None:
    ran: list[dt.datetime] = []
    job = Job(name="j", when=Every(interval=dt.timedelta(seconds=10)), act=lambda s: ran.append(s.clock.now()))
    schedule = Schedule(bare_services, [job])
    assert schedule.run_due() == ["j"]
    clock.advance(9.9)
    assert schedule.run_due() == []
    clock.advance(0.1)
    assert schedule.run_due() == ["j"]
    assert len(ran) == 2


def test_a_job_that_fails_stops_no_other_and_is_tried_again_a_minute_later(bare_services, clock) -> None:
    failing, tried = [True], []

    def shaky(services: Services) -> None:
        tried.append(1)
        if failing:
            raise ZeroDivisionError

    every = Every(interval=dt.timedelta(hours=1))
    schedule = Schedule(
        bare_services, [Job(name="shaky", when=every, act=shaky), Job(name="steady", when=every, act=lambda s: 1)]
    )
    assert schedule.run_due() == ["steady"]
    failing.clear()
    clock.advance(59)
    assert schedule.run_due() == []
    clock.advance(1)
    assert schedule.run_due() == ["shaky"]
    assert len(tried) == 2


async def test_a_running_schedule_runs_its_jobs_tells_so_and_stops_when_told(database) -> None:
    ran = asyncio.Event()
    stop = asyncio.Event()
    services = Services(database=database, clock=SystemClock())
    schedule = Schedule(services, [Job(name="j", when=Every(interval=dt.timedelta(hours=1)), act=lambda s: None)])
    running = asyncio.create_task(schedule.run(stop, ran.set))
    async with asyncio.timeout(30):
        await ran.wait()
        stop.set()
        await running


def test_a_clock_that_stands_still_before_the_hour_leads_to_nothing(database) -> None:
    services = Services(database=database, clock=ManualClock(local(5)))
    assert Schedule(services, [Job(name="j", when=Daily(at=SEVEN), act=lambda s: None)]).run_due() == []
