"""Zalo's side of the webhook: signs events, posts them, comes again when there is no 200 in time, and gives up."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from casework.clock import Clock

#: waits after each failure; a failure after the last one ends the subscription
RETRIES = tuple(dt.timedelta(seconds=seconds) for seconds in (30, 300, 900, 1800, 3600))
#: seconds within which the platform wants its 200
DEADLINE = 2.0
SIGNATURE = "X-ZEvent-Signature"


@dataclass(kw_only=True)
class _Retry:
    at: dt.datetime
    number: int
    body: bytes
    headers: dict[str, str]


@dataclass(kw_only=True)
class Caller:
    """Calls one webhook address. Time for retries is `clock`'s: move it, then `retry_due`."""

    clock: Clock
    app_id: str
    oa_id: str
    secret_key: str
    url: str = ""
    #: the id that begins what is signed: "app" as documented, "oa" as seen in the field
    signs_with: str = "app"
    mac_prefix: bool = True
    #: further copies of every event
    duplicates: int = 0
    #: so many answers count as not received: the event is posted again although it arrived
    deaf_for: int = 0
    subscribed: bool = True
    #: HTTP status of each post, 0 for none; with the retry's number
    statuses: list[tuple[int, int]] = field(default_factory=list)
    #: events nobody was told of because the subscription had ended
    lost: list[dict[str, Any]] = field(default_factory=list)
    retries: list[_Retry] = field(default_factory=list)
    _session: aiohttp.ClientSession | None = None

    def signed(self, event: dict[str, Any], *, secret_key: str | None = None) -> tuple[bytes, dict[str, str]]:
        """Body and headers of an event, as they go over the wire."""
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        first = self.app_id if self.signs_with == "app" else self.oa_id
        stamp = str(event.get("timestamp", ""))
        mac = hashlib.sha256(first.encode() + body + stamp.encode() + (secret_key or self.secret_key).encode())
        value = ("mac=" if self.mac_prefix else "") + mac.hexdigest()
        return body, {SIGNATURE: value, "Content-Type": "application/json"}

    async def emit(self, event: dict[str, Any]) -> int:
        """Post an event (with its duplicates); what fails comes again later. Returns the last HTTP status, 0: none."""
        if not self.url or not self.subscribed:
            self.lost.append(event)
            return 0
        body, headers = self.signed(event)
        status = 0
        for _ in range(1 + self.duplicates):
            status = await self._try(_Retry(at=self.clock.now(), number=0, body=body, headers=headers))
        return status

    async def retry_due(self) -> int:
        """Post again what is due by now; returns how many posts that were."""
        due = [one for one in self.retries if one.at <= self.clock.now()]
        for one in due:
            self.retries.remove(one)
            await self._try(one)
        return len(due)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _try(self, one: _Retry) -> int:
        status = await self.post(one.body, one.headers | ({"num_retry": str(one.number)} if one.number else {}))
        self.statuses.append((status, one.number))
        heard = status == 200 and self.deaf_for == 0
        self.deaf_for = max(0, self.deaf_for - 1)
        if heard:
            return status
        if one.number >= len(RETRIES):
            self.subscribed = False
        else:
            wait = RETRIES[one.number]
            self.retries.append(
                _Retry(at=self.clock.now() + wait, number=one.number + 1, body=one.body, headers=one.headers)
            )
        return status

    async def post(self, body: bytes, headers: dict[str, str]) -> int:
        """Post once; the HTTP status, 0 when there was none in time."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=DEADLINE))
        try:
            async with self._session.post(self.url, data=body, headers=headers) as response:
                return response.status
        except (TimeoutError, aiohttp.ClientError, OSError):
            return 0
