"""How often somebody may ask: budgets that fill up again with time, one per client and one for all wrong guesses.

In memory, of bounded size, per process. A restart forgives everybody, which a guesser cannot bring about.
"""

from __future__ import annotations

import datetime as dt
import math
from collections import OrderedDict
from dataclasses import dataclass

from casework.clock import Clock


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Points one may spend at once, and seconds until one point has come back."""

    points: float
    seconds_per_point: float


#: many phones of one mobile network share an address, and all of them get their answer in the same hour: 240 pages at
#: once, then two a second
CLIENT = Budget(points=240, seconds_per_point=0.5)
#: price of a page, and of a wrong code or secret on top of it: four at once, then one in half a minute
PAGE = 1.0
WRONG = 60.0
#: the first wrong ones of a client are slips of an honest hand: so many at this price, and one more every ten minutes
HONEST = Budget(points=6, seconds_per_point=600)
SLIP = 5.0
#: wrong codes of everybody together. Of some 28 million codes (31 to the power of 5) 1,000 may be given out: at one
#: guess in 6 seconds, whoever guesses day and night from everywhere hits one in two days, and reads no name on it
EVERYBODY = Budget(points=100, seconds_per_point=6)
#: clients remembered; whoever was not heard of for longest is forgotten first
MOST_CLIENTS = 10_000


class Limiter:
    """Budgets by key; a key never seen has its budget in full."""

    def __init__(self, budget: Budget, clock: Clock, *, most: int = MOST_CLIENTS) -> None:
        self._budget = budget
        self._clock = clock
        self._most = most
        #: key -> points missing at that instant
        self._spent: OrderedDict[str, tuple[float, dt.datetime]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._spent)

    def wait(self, key: str = "") -> int:
        """Whole seconds until this key may ask again; 0: now. Spends nothing."""
        over = self._missing(key) + PAGE - self._budget.points
        return max(0, math.ceil(over * self._budget.seconds_per_point))

    def spend(self, key: str = "", points: float = PAGE) -> None:
        """Take points from a key's budget; a budget cannot be overdrawn by more than one wrong guess."""
        missing = min(self._missing(key) + points, self._budget.points + WRONG)
        self._spent[key] = (missing, self._clock.now())
        self._spent.move_to_end(key)
        while len(self._spent) > self._most:
            self._spent.popitem(last=False)

    def _missing(self, key: str) -> float:
        missing, since = self._spent.get(key, (0.0, None))
        if since is None:
            return 0.0
        # A clock set back must not lock anybody out.
        passed = max(0.0, (self._clock.now() - since).total_seconds())
        return max(0.0, missing - passed / self._budget.seconds_per_point)
