"""A stand-in of the Zalo Bot Platform on loopback, and our channel connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.posting import Poster
from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.standins.zalo_bot import ZaloBotStandin


@pytest.fixture
async def zalo() -> AsyncIterator[ZaloBotStandin]:
    async with ZaloBotStandin() as standin:
        yield standin


@pytest.fixture
async def channel(zalo: ZaloBotStandin, patience: float) -> AsyncIterator[ZaloBotChannel]:
    channel = ZaloBotChannel(zalo.token, base_url=zalo.base_url, poster=Poster(read_timeout=patience))
    await channel.open()
    yield channel
    await channel.close()
