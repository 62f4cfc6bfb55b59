"""A stand-in of the platform on loopback, and our channel connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.request import AiohttpRequest
from bot.standins.telegram import TelegramStandin


@pytest.fixture
async def telegram() -> AsyncIterator[TelegramStandin]:
    async with TelegramStandin() as standin:
        yield standin


@pytest.fixture
async def channel(telegram: TelegramStandin, patience: float) -> AsyncIterator[TelegramChannel]:
    channel = TelegramChannel(
        telegram.token,
        base_url=telegram.base_url,
        request=AiohttpRequest(read_timeout=patience),
    )
    await channel.open()
    yield channel
    await channel.close()
