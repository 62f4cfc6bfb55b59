"""The durable inbox: a payload is committed before its platform is told that we have it.

Nothing is understood here beyond identity and order. What is not even a JSON object is kept as it came, quarantined.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlmodel import col, select

from bot.channel import Channel, Envelope
from bot.group_commit import GroupCommit
from casework.usecases.work import Services
from storage.records import InboxEntry, InboxStatus
from storage.upsert import insert_missing

#: so many arrivals waiting for one commit are a burst; it counts as over this long after the last such batch
BURST_SIZE = 4
BURST_SECONDS = 0.1


class StoreResult(StrEnum):
    """What became of a payload; each of these is a receipt."""

    NEW = "new"
    DUPLICATE = "duplicate"
    QUARANTINED = "quarantined"


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A payload with the little that must be known to store it."""

    channel: str
    account: str
    external_id: str
    conversation_key: str
    raw: str
    #: why it can never be handled; None for everything that is a JSON object
    malformed: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.account, self.external_id


def arrival_of(channel: Channel, body: bytes) -> Arrival:
    """Read the body of a webhook request. Never raises: what is no JSON object is kept word for word."""
    try:
        text = body.decode()
        payload = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _malformed(channel, body, type(error).__name__)
    if not isinstance(payload, dict):
        return _malformed(channel, body, f"{type(payload).__name__} instead of an object")
    return _arrival(channel, channel.envelope(payload), text)


def arrival_of_payload(channel: Channel, payload: Mapping[str, Any]) -> Arrival:
    """The same for a payload that comes already decoded (long polling, terminal)."""
    # Escaped to ASCII: half of a surrogate pair, which JSON can carry, is no text a database takes.
    return _arrival(channel, channel.envelope(payload), json.dumps(payload))


def _arrival(channel: Channel, envelope: Envelope, raw: str) -> Arrival:
    return Arrival(
        channel=channel.name,
        account=channel.account,
        external_id=envelope.external_id,
        conversation_key=envelope.conversation_key,
        raw=raw,
    )


def _malformed(channel: Channel, body: bytes, reason: str) -> Arrival:
    digest = hashlib.sha256(body).hexdigest()
    return Arrival(
        channel=channel.name,
        account=channel.account,
        external_id=f"malformed:{digest}",
        conversation_key=f"{channel.name}:{channel.account}:malformed:{digest}",
        raw=_as_text(body),
        malformed=f"malformed: {reason}",
    )


def _as_text(body: bytes) -> str:
    """Word for word where a database can hold it as text (UTF-8 without NUL), else "base64:..."."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = "\0"
    return text if "\0" not in text else f"base64:{base64.b64encode(body).decode()}"


class Inbox:
    """Stores arrivals. `on_new` is called after each commit that brought work; it must be quick and thread-safe."""

    def __init__(self, services: Services, *, on_new: Callable[[], None] = lambda: None) -> None:
        self._services = services
        self._on_new = on_new
        self._burst_until = float("-inf")
        self._group: GroupCommit[Arrival, StoreResult] = GroupCommit(self.store_many, name="inbox")

    def in_burst(self) -> bool:
        """Whether many arrive together just now: then storing goes before handling. Thread-safe."""
        return time.monotonic() < self._burst_until

    async def put(self, arrival: Arrival) -> StoreResult:
        """Store one arrival together with those that arrive at the same time; returns after the commit.

        Raises the database's error: then nothing is stored and the platform must be told to come again.
        """
        return await self._group.put(arrival)

    async def put_payload(self, channel: Channel, payload: Mapping[str, Any]) -> StoreResult:
        """Store a decoded payload; as `put`."""
        return await self.put(arrival_of_payload(channel, payload))

    def store(self, channel: str, account: str, envelope: Envelope, raw: str) -> StoreResult:
        """Store one payload now, in the calling thread; returns after the commit."""
        arrival = Arrival(
            channel=channel,
            account=account,
            external_id=envelope.external_id,
            conversation_key=envelope.conversation_key,
            raw=raw,
        )
        return self.store_many([arrival])[0]

    def store_payload(self, channel: Channel, payload: Mapping[str, Any]) -> StoreResult:
        """Store a decoded payload now; as `store`."""
        return self.store_many([arrival_of_payload(channel, payload)])[0]

    def store_many(self, arrivals: Sequence[Arrival]) -> list[StoreResult]:
        """Store a batch in one transaction; returns after the commit, one result per arrival."""
        if len(arrivals) >= BURST_SIZE:
            self._burst_until = time.monotonic() + BURST_SECONDS
        with self._services.writing() as work:
            fresh: dict[tuple[str, str, str], Arrival] = {}
            results: list[StoreResult] = []
            known = _known(work.session, arrivals)
            for arrival in arrivals:
                if arrival.key in known or arrival.key in fresh:
                    results.append(StoreResult.DUPLICATE)
                    continue
                fresh[arrival.key] = arrival
                results.append(StoreResult.QUARANTINED if arrival.malformed else StoreResult.NEW)
            insert_missing(work.session, InboxEntry, [_row(arrival, work.now) for arrival in fresh.values()])
            work.commit()
        if StoreResult.NEW in results:
            self._on_new()
        return results

    async def close(self) -> None:
        """Commit what waits and take nothing more. Safe to repeat."""
        await self._group.close()


def _known(session: Any, arrivals: Sequence[Arrival]) -> set[tuple[str, str, str]]:
    rows = session.exec(
        select(InboxEntry.channel, InboxEntry.account, InboxEntry.external_id).where(
            col(InboxEntry.channel).in_({arrival.channel for arrival in arrivals}),
            col(InboxEntry.account).in_({arrival.account for arrival in arrivals}),
            col(InboxEntry.external_id).in_([arrival.external_id for arrival in arrivals]),
        )
    )
    return {(row[0], row[1], row[2]) for row in rows}


def _row(arrival: Arrival, now: Any) -> dict[str, Any]:
    return {
        "channel": arrival.channel,
        "account": arrival.account,
        "external_id": arrival.external_id,
        "conversation_key": arrival.conversation_key,
        "raw": arrival.raw,
        "status": InboxStatus.QUARANTINED if arrival.malformed else InboxStatus.RECEIVED,
        "reason": arrival.malformed,
        "received_at": now,
        "handled_at": now if arrival.malformed else None,
    }
