"""Three channels at once: 100,000 answers wait, each channel sends at its own rate, no longer than it must, and the
process does not grow.

The far ends are lists that answer after some latency: what is measured is claiming, pacing and recording, with the
ladder asked for every notice. HTTP itself is measured in `sends`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlmodel import func, select

from benchmarks.place import office
from benchmarks.report import Figure
from bot.channel import Channel, Envelope
from bot.outbox import Outbox
from casework.ladder import Policy
from casework.talk import Capabilities, InboundMessage, OutboundMessage, Outcome, OutcomeKind
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Opinion,
    OpinionState,
)
from storage.upsert import insert_missing

ANSWERS = 100_000
LATENCY = 0.05
#: messages a second each channel allows here: some twenty times what the platforms do, or it would take a day
RATES = {"telegram": 150.0, "zalo-oa": 100.0, "zalo-bot": 50.0}
TEXT = "Kính gửi ông/bà. Về việc sửa đường trục thôn, Ủy ban nhân dân xã trả lời như sau. " * 8
BATCH = 5_000


class FarEnd:
    """A channel that takes everything after `LATENCY` seconds and writes down when."""

    account = "bench"

    def __init__(self, name: str, rate: float) -> None:
        self.name = name
        self.capabilities = Capabilities(text_limit=4000, rate_per_second=rate, seconds_per_chat=1.0)
        self.moments: list[float] = []

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        raise NotImplementedError("nothing comes in here")

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        raise NotImplementedError("nothing comes in here")

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return payload

    async def open(self) -> None:
        """Nothing to connect."""

    async def send(self, message: OutboundMessage) -> Outcome:
        self.moments.append(time.monotonic())
        await asyncio.sleep(LATENCY)
        return Outcome(kind=OutcomeKind.SENT, external_id=message.reference)

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """Nobody presses anything."""

    async def close(self) -> None:
        """Nothing to close."""


def measure() -> list[Figure]:
    """Rate of each channel, and how much the process grew between a tenth and the end."""
    with tempfile.TemporaryDirectory() as name:
        services = office(Path(name))
        # The bench runs at any hour.
        services.policy = Policy(quiet_from=dt.time(0), quiet_until=dt.time(0))
        _write(services)
        ends = [FarEnd(channel, rate) for channel, rate in RATES.items()]
        memory = asyncio.run(_send(services, ends))
        _check(services)
        services.database.close()
    how = f"all {ANSWERS} answers, split by the rates, to as many chats, on the ladder, {LATENCY * 1000:g} ms latency"
    figures = [
        Figure(
            name=f"lanes, {end.name} at {RATES[end.name]:g}/s",
            unit="/s",
            runs=[(len(end.moments) - 1) / (end.moments[-1] - end.moments[0])],
            target=RATES[end.name] * 0.95,
            how=how,
            limit="the pacer, which keeps 2 % below the configured rate",
        )
        for end in ends
    ]
    grown = max(memory[len(memory) // 10 :]) - memory[len(memory) // 10]
    return [
        *figures,
        Figure(
            name="lanes, growth of the process after the first tenth",
            unit="MB",
            runs=[grown / 1e6],
            how=f"resident memory, looked at every second; {memory[-1] / 1e6:.0f} MB at the end, of which the "
            "bench's own list of moments is 3 MB",
        ),
    ]


async def _send(services: Services, ends: list[FarEnd]) -> list[int]:
    channels: dict[tuple[str, str], Channel] = {(end.name, end.account): end for end in ends}
    outbox, stop = Outbox(services, channels), asyncio.Event()
    running = asyncio.create_task(outbox.run(stop))
    memory = []
    while sum(len(end.moments) for end in ends) < ANSWERS:
        await asyncio.sleep(1.0)
        memory.append(_resident())
    stop.set()
    await running
    return memory


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def _write(services: Services) -> None:
    now = services.clock.now() - dt.timedelta(minutes=1)
    share = [name for name, rate in RATES.items() for _ in range(int(rate // 10))]
    for start in range(0, ANSWERS, BATCH):
        numbers = range(start + 1, start + BATCH + 1)
        with services.writing() as work:
            session = work.session
            insert_missing(
                session, Citizen, [{"id": n, "office_id": services.office_id, "created_at": now} for n in numbers]
            )
            insert_missing(
                session,
                ChannelIdentity,
                [
                    {
                        "id": n,
                        "channel": share[n % len(share)],
                        "account": "bench",
                        "external_id": str(n),
                        "citizen_id": n,
                        "last_inbound_at": now,
                    }
                    for n in numbers
                ],
            )
            consent = {"purpose": ConsentPurpose.PUSH, "granted": True, "wording_version": "1", "wording_hash": "x"}
            insert_missing(session, Consent, [{"id": n, "citizen_id": n, "at": now, **consent} for n in numbers])
            labels = {"kind": "y-kien", "topic": "giao-thong", "level": "xa", "state": OpinionState.ANSWERED}
            insert_missing(
                session,
                Opinion,
                [
                    {
                        "id": n,
                        "code": f"B{n}",
                        "office_id": services.office_id,
                        "citizen_id": n,
                        "channel_identity_id": n,
                        "original_text": "Bao giờ sửa đường?",
                        "submitted_at": now,
                        **labels,
                    }
                    for n in numbers
                ],
            )
            shared = {"purpose": "answer", "text": TEXT, "not_before": now, "created_at": now}
            insert_missing(
                session,
                Delivery,
                [
                    {
                        "key": f"answer:{n}",
                        "channel_identity_id": n,
                        "opinion_id": n,
                        "citizen_id": n,
                        "rung": "free",
                        **shared,
                    }
                    for n in numbers
                ],
            )
            work.commit()
    gc.collect()


def _check(services: Services) -> None:
    with services.reading() as work:
        sent = work.session.exec(
            select(func.count()).select_from(Delivery).where(Delivery.state == DeliveryState.SENT)
        ).one()
        tries = work.session.exec(select(func.count()).select_from(DeliveryAttempt)).one()
    if (sent, tries) != (ANSWERS, ANSWERS):
        raise RuntimeError(f"{ANSWERS} answers: {sent} are recorded as sent, in {tries} tries")
