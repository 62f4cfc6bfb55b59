"""One platform account put together: its channel, how messages come in from it, and what it needs while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiohttp import web

from bot.channel import Channel
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.schedule import Job
from bot.web import Webhook

#: runs until stopped
Running = Callable[[asyncio.Event], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What `bot.wiring` needs to know of one account that is set up."""

    channel: Channel
    webhook: Webhook | None = None
    #: fetches what the platform does not bring to us
    polling: Callable[[Inbox, Metrics], Running] | None = None
    #: tells the platform who we are, as often as it takes
    preparing: Sequence[Running] = ()
    jobs: Sequence[Job] = ()
    #: further pages of the web server that belong to it (a consent callback)
    pages: Callable[[web.Application], None] | None = None
    #: what is wrong just now, for people; empty when all is well
    trouble: Callable[[], str] = field(default=lambda: "")
