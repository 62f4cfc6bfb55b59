"""The template service's stand-in on loopback, beside that of the official account, and our channel connected to it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.channels.posting import Poster
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_oa.tokens import NotConnected
from bot.channels.zalo_zbs.channel import ZaloZbsChannel
from bot.standins.zalo_oa import ZaloOaStandin
from bot.standins.zalo_templates import Template
from bot.standins.zalo_zbs import ZaloZbsStandin
from casework.clock import ManualClock

TEMPLATE = Template(template_id="301", text="Kiến nghị <ma> đã có kết quả", params={"ma": 30}, price_phone=300)


class HeldTokens:
    """Tokens in memory, renewed at the stand-in."""

    send_path: str | None = None
    oa_type: int | None = None

    def __init__(self, oa: ZaloOaStandin) -> None:
        self._oa = oa
        self._token = oa.oauth.grant().access_token
        self.renewals = 0
        self.gone = False

    async def current(self) -> str:
        if self.gone:
            raise NotConnected("Zalo OA chưa cấp quyền.", todo="Kết nối lại Zalo OA.")
        return self._token

    async def renewed(self, dead: str) -> str:
        self.renewals += 1
        self._token = self._oa.oauth.grant().access_token
        return self._token

    async def pin(self, path: str) -> None:
        raise NotImplementedError(path)


@pytest.fixture
async def oa(clock: ManualClock) -> AsyncIterator[ZaloOaStandin]:
    async with ZaloOaStandin(clock=clock) as standin:
        standin.templates["301"] = TEMPLATE
        yield standin


@pytest.fixture
async def zbs(oa: ZaloOaStandin) -> AsyncIterator[ZaloZbsStandin]:
    async with ZaloZbsStandin(oa) as standin:
        yield standin


@pytest.fixture
def tokens(oa: ZaloOaStandin) -> HeldTokens:
    return HeldTokens(oa)


@pytest.fixture
async def channel(
    zbs: ZaloZbsStandin, tokens: HeldTokens, clock: ManualClock, patience: float
) -> AsyncIterator[ZaloZbsChannel]:
    client = Client(tokens, base_url=zbs.base_url, poster=Poster(read_timeout=patience))
    channel = ZaloZbsChannel(client, account="77", prices={"301": 300}, clock=clock)
    await channel.open()
    yield channel
    await channel.close()
