"""A stand-in of Zalo on loopback, and our channel connected to it with tokens that are easy to spoil."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.posting import Poster
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_oa.tokens import NotConnected
from bot.standins.zalo_oa import ZaloOaStandin
from casework.clock import ManualClock

#: somebody who writes to the account
PERSON = "4521893670011223344"


class HeldTokens:
    """Tokens in memory: what the stand-in granted last, renewed there when asked to."""

    def __init__(self, standin: ZaloOaStandin) -> None:
        self._standin = standin
        self._token = standin.oauth.grant().access_token
        self.send_path: str | None = None
        self.oa_type: int | None = None
        self.pinned: list[str] = []
        self.renewals = 0
        self.gone = False
        #: no token is found as long as anybody could wait
        self.stuck = False

    async def current(self) -> str:
        if self.stuck:
            await asyncio.Event().wait()
        if self.gone:
            raise NotConnected("Zalo OA chưa cấp quyền.", todo="Kết nối lại Zalo OA.")
        return self._token

    async def renewed(self, dead: str) -> str:
        assert dead == self._token
        self.renewals += 1
        self._token = self._standin.oauth.grant().access_token
        return self._token

    async def pin(self, path: str) -> None:
        self.send_path = path
        self.pinned.append(path)


@pytest.fixture
async def zalo(clock: ManualClock) -> AsyncIterator[ZaloOaStandin]:
    async with ZaloOaStandin(clock=clock) as standin:
        yield standin


@pytest.fixture
def tokens(zalo: ZaloOaStandin) -> HeldTokens:
    return HeldTokens(zalo)


@pytest.fixture
async def channel(
    zalo: ZaloOaStandin, tokens: HeldTokens, clock: ManualClock, patience: float
) -> AsyncIterator[ZaloOaChannel]:
    poster = Poster(read_timeout=patience)
    client = Client(tokens, base_url=zalo.base_url, poster=poster, token_patience=patience)
    channel = ZaloOaChannel(client, account=zalo.APP_ID, template_prices={"321": 210}, clock=clock)
    await channel.open()
    yield channel
    await channel.close()
