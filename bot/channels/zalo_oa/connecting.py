"""Waiting for an admin of the official account to agree: on a page of our own, or on that of the running program."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from bot.channels.zalo_oa import oauth
from bot.settings import Settings
from casework.usecases.office.zalo_grant import Grant, grant_of
from casework.usecases.work import Services

#: seconds between two looks into the database
LOOK: Final = 0.5
#: seconds an exchange may take after the consent has come back
EXCHANGE: Final = 40.0
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")


def door_of(settings: Settings) -> tuple[str, int]:
    """Host and port at which the callback arrives on this machine: those of a callback address on loopback, else where
    the web server listens behind its proxy."""
    back = urlsplit(oauth.callback_url(settings) or "")
    if back.hostname in _LOOPBACK:
        return back.hostname or "127.0.0.1", back.port or 80
    return settings.http_host, settings.http_port


async def wait(settings: Settings, services: Services, *, patience: float) -> Grant | None:
    """The new grant, once the consent that is open just now has been finished, here or by a running program; None when
    it was refused or nobody agreed within `patience` seconds."""
    account = oauth.client_of(settings).app_id
    loop = asyncio.get_running_loop()
    ends = loop.time() + patience
    before = await asyncio.to_thread(grant_of, services, account)
    runner = await _serve(settings, services)
    try:
        while loop.time() < ends:
            grant = await asyncio.to_thread(grant_of, services, account)
            if grant.obtained_at is not None and grant.access_token != before.access_token:
                # The page shows the account's name, which is learnt last.
                await asyncio.sleep(2 * LOOK)
                return await asyncio.to_thread(grant_of, services, account)
            if grant.pending_at is None:
                ends = min(ends, loop.time() + EXCHANGE)
            await asyncio.sleep(LOOK)
        return None
    finally:
        if runner is not None:
            await runner.cleanup()


async def _serve(settings: Settings, services: Services) -> web.AppRunner | None:
    """The callback page on its port; None when the port is taken, as a rule by the running program, which has it."""
    app = web.Application()
    oauth.pages(settings, services)(app)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, *door_of(settings)).start()
    except OSError:
        await runner.cleanup()
        return None
    return runner
