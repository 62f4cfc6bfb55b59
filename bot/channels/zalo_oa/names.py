"""Zalo's events carry no name. Of people who agreed that theirs is kept, it is asked for, once."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.clean import line
from bot.channels.posting import CallFailed
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.channels.zalo_oa.tokens import NotConnected
from casework.usecases.citizens.shown_names import NameToAsk, keep_shown_name, names_to_ask
from casework.usecases.work import Services

log = structlog.get_logger(__name__)

LOOK_EVERY: Final = dt.timedelta(seconds=20)
_LONGEST: Final = 128


class ShownNames:
    """`run` until stopped. Where Zalo does not tell a name, the person stays without one."""

    def __init__(self, channel: ZaloOaChannel, services: Services, *, every: dt.timedelta = LOOK_EVERY) -> None:
        self._channel = channel
        self._services = services
        self._every = every
        self._after = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Ends when `stop` is set; nothing Zalo or the database does ends it earlier."""
        while not stop.is_set():
            try:
                await self.look()
            except (CallFailed, NotConnected, SQLAlchemyError) as error:
                log.info("zalo_oa_names_later", error=type(error).__name__)
            try:
                await asyncio.wait_for(stop.wait(), self._every.total_seconds())
            except TimeoutError:
                continue

    async def look(self) -> int:
        """Ask for the names of those who agreed since the last look; returns how many are kept now.

        Raises `CallFailed`, `NotConnected`, the database's error: whoever was not asked then is asked next time.
        """
        kept = 0
        while found := await asyncio.to_thread(self._found):
            for wanted in found:
                kept += await self._ask(wanted)
                self._after = wanted.consent_id
        return kept

    def _found(self) -> list[NameToAsk]:
        return names_to_ask(
            self._services, channel=self._channel.name, account=self._channel.account, after=self._after
        )

    async def _ask(self, wanted: NameToAsk) -> bool:
        profile = await self._channel.client.profile(wanted.chat_id)
        name = line(profile.display_name, _LONGEST) if profile is not None else None
        return name is not None and await asyncio.to_thread(keep_shown_name, self._services, wanted, name)
