"""How long one message is tried again that a platform keeps refusing without saying why: a few times and not for long,
then its next way to the person is taken. Remembered for this run of the program; the outbox counts tries besides."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Final

from casework.clock import Clock
from casework.talk import OutboundMessage, Outcome, OutcomeKind

#: so many refusals "later", over so long a time, before a message goes another way
TRIES: Final = 4
TRIED_FOR: Final = dt.timedelta(minutes=10)
#: so long a message waits from morning to morning for an allowance or for money
MORNINGS_FOR: Final = dt.timedelta(days=3)
#: a wait longer than this is one for another day
_LONG: Final = 3600.0
#: messages remembered
_MOST: Final = 10_000


@dataclass(kw_only=True)
class _Tried:
    since: dt.datetime
    times: int = 0


class Patience:
    """Judges the outcomes of one channel, each send once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tried: dict[tuple[str, str], _Tried] = {}

    def judge(self, message: OutboundMessage, outcome: Outcome) -> Outcome:
        """The same outcome, or "this way is closed" when it has been "later" too often."""
        key = (message.chat_id, message.reference)
        passing = outcome.kind is OutcomeKind.RETRY_LATER and outcome.code is not None
        for_days = outcome.kind is OutcomeKind.THROTTLED and (outcome.retry_after or 0.0) > _LONG
        if not passing and not for_days:
            self._tried.pop(key, None)
            return outcome
        now = self._clock.now()
        tried = self._tried.setdefault(key, _Tried(since=now))
        tried.times += 1
        if len(self._tried) > _MOST:
            del self._tried[next(iter(self._tried))]
        since = now - tried.since
        if since < MORNINGS_FOR if for_days else tried.times < TRIES or since < TRIED_FOR:
            return outcome
        del self._tried[key]
        detail = f"{outcome.detail} Đã thử {tried.times} lần: chuyển sang cách khác."
        return replace(outcome, kind=OutcomeKind.WINDOW_CLOSED, retry_after=None, detail=detail)
