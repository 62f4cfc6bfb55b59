"""A full turn: load, analyse, advance, commit - worked off from a full inbox by one thread on one core."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

from benchmarks.place import office, update
from benchmarks.report import Figure
from bot.channel import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.inbox import Inbox, arrival_of_payload
from bot.standins.telegram import TelegramStandin
from bot.turn import handle_entry, wake_conversation
from bot.worker import Worker

TURNS = 1000
#: messages of each citizen
EACH = 4
RUNS = 5


def measure() -> list[Figure]:
    """Turns per second through inbox rows, worker, engine and use cases on SQLite."""
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        runs = [_run() for _ in range(RUNS)]
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
    return [
        Figure(
            name="full turn, one thread on one core",
            unit="/s",
            runs=[wall for wall, _ in runs],
            target=100,
            how=f"{TURNS} messages of {TURNS // EACH} new citizens: claim, parse, load, analyse, advance, commit",
            limit=LIMIT,
        ),
        Figure(
            name="full turn, per second of processor time",
            unit="/s",
            runs=[processor for _, processor in runs],
            how="the same runs without the time the core worked for others or waited for the disk",
        ),
    ]


#: from a profile of one run, by where the time is spent
LIMIT = (
    "SQLAlchemy, 56 % of the time for some 17 statements a turn; disk flush 12 %, understanding 6 %, SQLite itself 3 %"
)


def _run() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as name:
        services = office(Path(name))
        channel = TelegramChannel(TelegramStandin.TOKEN)
        channels: dict[tuple[str, str], Channel] = {(channel.name, channel.account): channel}
        payloads = [update(number, 10_000 + number % (TURNS // EACH)) for number in range(TURNS)]
        Inbox(services).store_many([arrival_of_payload(channel, payload) for payload in payloads])
        worker = Worker(services, channels, handle_entry=handle_entry, wake_conversation=wake_conversation)
        # Loading gazetteer and word lists happens once in the life of a process.
        services.understander.analyse("xin chào")
        begun, worked = time.perf_counter(), time.process_time()
        drained = worker.drain()
        seconds, processor = time.perf_counter() - begun, time.process_time() - worked
        services.database.close()
    if drained.entries != TURNS:
        raise RuntimeError(f"{drained.entries} of {TURNS} entries handled")
    return TURNS / seconds, TURNS / processor
