"""What a run of refusals means. Zalo documents neither how a blocked bot is told nor how the end of the month's quota
differs from "slower, please"; so the channel remembers what was refused and judges by that.

A 403 is documented as "internal server error". The third in a row for one chat counts as "this person cannot be
reached", unless nobody else can be reached either: then it is the platform. A 429 is the month's quota when its words
speak of a quota and not of a rate, or when nothing at all has got through for half an hour; else it is the rate. How to
find out live: docs/zalo.md.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from nlp.normalise import fold

#: so many 403 in a row for one chat
TRIES: Final = 3
#: seconds to wait after a 429 that names no time: doubled with each, at most this long
FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 3600.0
#: nothing but 429 for so long: the month's messages are used up, seconds
QUOTA_AFTER: Final = 1800.0
_QUOTA: Final = re.compile(r"quota|month|\bhan muc\b|\bthang\b")
_RATE: Final = re.compile(r"\brate\b|second|minute|too many|\bgiay\b|\bphut\b")


class Refusals:
    """Memory of one channel, for this run of the program."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        #: refused with 403 in a row, per chat
        self._by_chat: Counter[str] = Counter()
        #: chats refused although somebody else got a message since
        self._others_reached: set[str] = set()
        #: somebody was given up without proof that others can be reached
        self._in_doubt = False
        self._slower_since: float | None = None
        self._slower = 0

    def delivered(self, chat: str) -> None:
        """A message went out."""
        self._forget(chat)
        self._others_reached = set(self._by_chat)
        self._in_doubt, self._slower_since, self._slower = False, None, 0

    def is_the_person(self, chat: str) -> bool:
        """Take note of a 403; whether it now means that this person cannot be reached."""
        self._by_chat[chat] += 1
        if self._by_chat[chat] < TRIES:
            return False
        proven = chat in self._others_reached
        if not proven and (self._in_doubt or len(self._by_chat) > 1):
            return False
        self._in_doubt = self._in_doubt or not proven
        self._forget(chat)
        return True

    def wait(self, description: str, said: float | None) -> float | None:
        """Take note of a 429; seconds to wait, or None when the month's messages are used up."""
        now = self._monotonic()
        if self._slower_since is None:
            self._slower_since = now
        self._slower += 1
        if said is not None:
            return said
        words = fold(description)
        names_quota = _QUOTA.search(words) is not None and _RATE.search(words) is None
        if names_quota or now - self._slower_since >= QUOTA_AFTER:
            return None
        return min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** min(self._slower - 1, 20))

    def _forget(self, chat: str) -> None:
        self._by_chat.pop(chat, None)
        self._others_reached.discard(chat)
