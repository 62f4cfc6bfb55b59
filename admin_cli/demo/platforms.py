"""The platforms of the play: Telegram, Zalo's official account and Zalo's bot as stand-ins on loopback, our real
channels before them, and our real web server for what they call.

Nothing is taken from the environment: a play must never reach a real platform.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp.web import AppRunner, TCPSite
from pydantic import SecretStr

from bot.channel import Channel
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.connection import connect as connect_telegram
from bot.channels.zalo_bot.connection import connect as connect_zalo_bot
from bot.channels.zalo_oa.connection import connect as connect_zalo_oa
from bot.connection import Connection
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.settings import Settings
from bot.standins.telegram import TelegramStandin
from bot.standins.zalo_bot import ZaloBotStandin
from bot.standins.zalo_oa import ZaloOaStandin
from bot.standins.zalo_templates import Template
from bot.web import Web
from casework.clock import Clock
from casework.ladder import Policy, TemplateForm
from casework.usecases.office import zalo_grant
from casework.usecases.work import Services

#: of an access token
TOKEN_LIFE = dt.timedelta(hours=25)
SECRET = "a-play-has-no-secrets"  # noqa: S105 - both ends live in this process, for seconds
FORM = TemplateForm(
    template_id="302259",
    parameters={"ma": "code", "tinh_trang": "status"},
    limits={"ma": 30, "tinh_trang": 30},
    price_vnd=210,
)
#: what the office of the play allows: forms on its official account, no billed messages
POLICY = Policy(forms={"*": FORM}, keep_line_open="on")
#: the same form as the platform approved it
TEMPLATE = Template(
    template_id=FORM.template_id,
    text="Kiến nghị mã <ma> của ông/bà: <tinh_trang>. Ông/bà nhắn mã này tới đây để xem đầy đủ.",
    params={"ma": 30, "tinh_trang": 30},
)


@dataclass(frozen=True, kw_only=True)
class Platforms:
    """The three far ends, and our channels to them."""

    telegram: TelegramStandin
    oa: ZaloOaStandin
    bot: ZaloBotStandin
    channels: tuple[Channel, ...]


@asynccontextmanager
async def platforms(services: Services, clock: Clock) -> AsyncIterator[Platforms]:
    """Everything up, connected and told where our web server is."""
    async with AsyncExitStack() as stack:
        telegram = await stack.enter_async_context(TelegramStandin())
        oa = await stack.enter_async_context(ZaloOaStandin(clock=clock))
        bot = await stack.enter_async_context(ZaloBotStandin(clock=clock))
        # The free tier of three weeks in one commune would not do; the play is not about its caps.
        bot.people_limit, bot.messages_per_month = 500, 30_000
        oa.templates[TEMPLATE.template_id] = TEMPLATE
        _permit(services, oa)
        settings = _settings(telegram, oa, bot)
        connections = [
            connection
            for connect in (connect_telegram, connect_zalo_oa, connect_zalo_bot)
            if (connection := connect(settings, services)) is not None
        ]
        for connection in connections:
            await connection.channel.open()
            stack.push_async_callback(connection.channel.close)
        url = await _serve(stack, services, connections)
        oa.caller.url = f"{url}/webhook/zalo-oa"
        bot.webhook = {"url": f"{url}/webhook/zalo-bot", "secret_token": SECRET}
        await _tell_telegram(connections, url)
        yield Platforms(telegram=telegram, oa=oa, bot=bot, channels=tuple(each.channel for each in connections))


def _settings(telegram: TelegramStandin, oa: ZaloOaStandin, bot: ZaloBotStandin) -> Settings:
    values: dict[str, Any] = {
        "public_url": "https://doithoai.example.vn",
        "telegram_token": SecretStr(telegram.token),
        "telegram_base_url": telegram.base_url,
        "telegram_mode": "webhook",
        "telegram_webhook_secret": SecretStr(SECRET),
        "zalo_oa_app_id": oa.APP_ID,
        "zalo_oa_app_secret": SecretStr(oa.APP_SECRET),
        "zalo_oa_secret_key": SecretStr(oa.SECRET_KEY),
        "zalo_oa_id": oa.OA_ID,
        "zalo_oa_base_url": oa.base_url,
        "zalo_oa_oauth_url": oa.oauth_url,
        "zalo_bot_token": SecretStr(bot.token),
        "zalo_bot_base_url": bot.base_url,
        "zalo_bot_webhook_secret": SecretStr(SECRET),
    }
    # Not validated: that would read the environment first.
    return Settings.model_construct(**values)


def _permit(services: Services, oa: ZaloOaStandin) -> None:
    """An administrator of the account gives the permission."""
    pair = oa.oauth.grant()
    kept = zalo_grant.Pair(access_token=pair.access_token, refresh_token=pair.refresh_token, life=TOKEN_LIFE)
    zalo_grant.keep_consented(services, oa.APP_ID, kept)
    account = zalo_grant.Account(oa_id=oa.OA_ID, name=oa.name, oa_type=oa.oa_type, package="Growth")
    zalo_grant.keep_account(services, oa.APP_ID, account)


async def _serve(stack: AsyncExitStack, services: Services, connections: list[Connection]) -> str:
    inbox = Inbox(services)
    stack.push_async_callback(inbox.close)
    web = Web(
        services,
        inbox,
        webhooks=[each.webhook for each in connections if each.webhook is not None],
        channels=list,
        metrics=Metrics(),
    )
    runner = AppRunner(web.app, access_log=None)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await TCPSite(runner, "127.0.0.1", 0).start()
    return f"http://127.0.0.1:{runner.addresses[0][1]}"


async def _tell_telegram(connections: list[Connection], url: str) -> None:
    for connection in connections:
        if isinstance(connection.channel, TelegramChannel):
            problems = await connection.channel.prepare(
                office_name="xã Tân Minh", webhook_url=f"{url}/webhook/telegram", webhook_secret=SECRET
            )
            if problems:
                raise RuntimeError(f"the stand-in refused: {problems}")
