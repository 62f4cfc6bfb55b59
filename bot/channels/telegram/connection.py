"""The Telegram account as the settings describe it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import poll
from bot.channels.telegram.request import AiohttpRequest
from bot.channels.telegram.setup import TelegramSetup
from bot.channels.telegram.webhook import check_secret
from bot.connection import Connection, Running
from bot.inbox import Inbox, arrival_of_payload
from bot.metrics import Metrics
from bot.settings import Settings
from bot.web import Webhook
from casework.usecases.work import Services


def connect(settings: Settings, services: Services) -> Connection | None:
    """The account, or None without a token. Raises `SetupNeeded` for a token or a proxy that cannot be one."""
    if settings.telegram_token is None:
        return None
    proxy = settings.telegram_proxy.get_secret_value() if settings.telegram_proxy else None
    telegram = TelegramChannel(
        settings.telegram_token.get_secret_value(),
        base_url=settings.telegram_base_url,
        clock=services.clock,
        # The outbox stops waiting first; then the answer is known to be lost, and says so.
        request=AiohttpRequest(proxy=proxy, read_timeout=min(20.0, settings.send_timeout_seconds * 0.8)),
    )
    return Connection(
        channel=telegram,
        webhook=_webhook(settings, telegram),
        polling=_poller(telegram) if settings.telegram_mode == "polling" else None,
        preparing=[TelegramSetup(telegram, services, settings).run],
        trouble=lambda: telegram.trouble or "",
    )


def _webhook(settings: Settings, telegram: TelegramChannel) -> Webhook | None:
    if settings.telegram_mode != "webhook" or settings.telegram_webhook_secret is None:
        return None
    secret = settings.telegram_webhook_secret.get_secret_value()
    return Webhook(path="/webhook/telegram", channel=telegram, admits=lambda headers: check_secret(headers, secret))


def _poller(telegram: TelegramChannel) -> Callable[[Inbox, Metrics], Running]:
    def poller(inbox: Inbox, metrics: Metrics) -> Running:
        async def store(batch: list[dict[str, Any]]) -> None:
            results = await asyncio.gather(*(inbox.put(arrival_of_payload(telegram, payload)) for payload in batch))
            for result in results:
                metrics.arrivals.labels(telegram.name, result).inc()

        return lambda stop: poll(telegram, store, stop)

    return poller
