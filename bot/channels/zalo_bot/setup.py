"""Keeps the Zalo Bot Platform told where our webhook is; it may be out of reach when the program starts."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping

import structlog

from bot.channels.posting import CallFailed
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.channels.zalo_bot.client import Refused
from bot.channels.zalo_bot.outcomes import row_of

log = structlog.get_logger(__name__)

FIRST_WAIT = dt.timedelta(seconds=2)
LONGEST_WAIT = dt.timedelta(minutes=10)
#: shown while Zalo cannot reach our address
_NOT_REACHED = "Zalo Bot chưa gọi được tới địa chỉ webhook của ta: kiểm tra DOITHOAI_PUBLIC_URL và chứng chỉ HTTPS."


class ZaloBotSetup:
    """`run` until stopped: ask who we are and set the webhook (with an address), until both have worked once."""

    def __init__(
        self,
        channel: ZaloBotChannel,
        *,
        webhook_url: str | None = None,
        secret: str = "",
        first_wait: dt.timedelta = FIRST_WAIT,
    ) -> None:
        self._channel = channel
        self._webhook_url = webhook_url
        self._secret = secret
        self._first_wait = first_wait

    async def run(self, stop: asyncio.Event) -> None:
        """Ends when `stop` is set; nothing Zalo does ends it earlier."""
        wait = self._first_wait
        while not stop.is_set() and not await self.prepared():
            await _pause(stop, wait)
            wait = min(wait * 2, LONGEST_WAIT)
        await stop.wait()

    async def prepared(self) -> bool:
        """Try once; whether everything worked. Safe to repeat."""
        step = "getMe"
        try:
            await self._channel.client.call(step)
            if self._webhook_url is not None:
                step = "setWebhook"
                params = {"url": self._webhook_url, "secret_token": self._secret}
                if not self._is_reached(await self._channel.client.call(step, params)):
                    return False
        except Refused as error:
            self._troubled(step, row_of(error.code).detail if error.code == 401 else f"{step}: {error.code}")
            return False
        except CallFailed as error:
            self._troubled(step, f"Không kết nối được tới Zalo Bot ({error}).")
            return False
        self._channel.trouble = None
        log.info("zalo_bot_prepared", webhook=self._webhook_url is not None)
        return True

    def _is_reached(self, result: object) -> bool:
        """Newer versions of the platform call our address at once and say how that went; the address is kept anyway."""
        verification = result.get("verification") if isinstance(result, Mapping) else None
        if not isinstance(verification, Mapping) or verification.get("ok") is not False:
            return True
        self._troubled("setWebhook", _NOT_REACHED)
        return False

    def _troubled(self, step: str, what: str) -> None:
        log.warning("zalo_bot_not_prepared", step=step, why=what)
        self._channel.trouble = what


async def _pause(stop: asyncio.Event, wait: dt.timedelta) -> None:
    try:
        await asyncio.wait_for(stop.wait(), wait.total_seconds())
    except TimeoutError:
        return
