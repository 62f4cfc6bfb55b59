"""The Zalo bot as the settings describe it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.channels.posting import Poster
from bot.channels.zalo_bot.channel import ZaloBotChannel, capabilities
from bot.channels.zalo_bot.polling import poll
from bot.channels.zalo_bot.setup import ZaloBotSetup
from bot.channels.zalo_bot.webhook import check_secret, is_usable_secret
from bot.connection import Connection, Running
from bot.inbox import Inbox
from bot.metrics import Metrics
from bot.policy import caps_of
from bot.schedule import Every, Job
from bot.settings import Settings
from bot.web import Webhook
from casework.errors import SetupNeeded
from casework.usecases.delivery import caps
from casework.usecases.delivery.caps import Cap
from casework.usecases.work import Services

PATH = "/webhook/zalo-bot"
#: how often the caps are looked at
LOOK_AT_CAPS = dt.timedelta(minutes=15)
#: no deadline is documented; what is not stored by then is not given to us again
ANSWER_WITHIN = 10.0


def connect(settings: Settings, services: Services) -> Connection | None:
    """The bot, or None without a token. Raises `SetupNeeded` for a token or a webhook that cannot be one."""
    if settings.zalo_bot_token is None:
        return None
    channel = ZaloBotChannel(
        settings.zalo_bot_token.get_secret_value(),
        base_url=settings.zalo_bot_base_url,
        clock=services.clock,
        # The outbox stops waiting first; then the answer is known to be lost, and says so.
        poster=Poster(read_timeout=min(15.0, settings.send_timeout_seconds * 0.8)),
        can=capabilities(
            people=settings.zalo_bot_people,
            messages_per_month=settings.zalo_bot_messages_per_month,
            rate_per_second=settings.zalo_bot_rate_per_second,
        ),
    )
    watch = _Caps(caps_of(settings))
    url, secret = _webhook_of(settings)
    return Connection(
        channel=channel,
        webhook=_webhook(channel, secret) if url is not None else None,
        polling=None if url is not None else _poller(channel),
        preparing=[ZaloBotSetup(channel, webhook_url=url, secret=secret).run] if url is not None else [],
        jobs=[Job(name="zalo_bot_caps", when=Every(interval=LOOK_AT_CAPS), act=watch.look)],
        trouble=lambda: channel.trouble or watch.trouble,
    )


def _webhook_of(settings: Settings) -> tuple[str | None, str]:
    """Address and secret of the webhook; no address when we poll. Raises `SetupNeeded`."""
    if settings.zalo_bot_mode == "polling":
        return None, ""
    secret = settings.zalo_bot_webhook_secret.get_secret_value() if settings.zalo_bot_webhook_secret else ""
    if not settings.public_url:
        raise SetupNeeded(
            "Zalo Bot ở chế độ webhook cần DOITHOAI_PUBLIC_URL.",
            todo="Đặt địa chỉ https của máy này, hoặc dùng DOITHOAI_ZALO_BOT_MODE=polling để chạy thử.",
        )
    if not is_usable_secret(secret):
        raise SetupNeeded(
            "Mật khẩu webhook của Zalo Bot không dùng được.",
            todo="Đặt DOITHOAI_ZALO_BOT_WEBHOOK_SECRET gồm 8-256 chữ cái không dấu, chữ số, không có dấu cách.",
        )
    return settings.public_url.rstrip("/") + PATH, secret


def _webhook(channel: ZaloBotChannel, secret: str) -> Webhook:
    return Webhook(
        path=PATH,
        channel=channel,
        admits=lambda headers: check_secret(headers, secret),
        answer_within=ANSWER_WITHIN,
    )


def _poller(channel: ZaloBotChannel) -> Callable[[Inbox, Metrics], Running]:
    def poller(inbox: Inbox, metrics: Metrics) -> Running:
        async def store(event: Mapping[str, Any]) -> None:
            result = await inbox.put_payload(channel, event)
            metrics.arrivals.labels(channel.name, result).inc()

        return lambda stop: poll(channel, store, stop)

    return poller


class _Caps:
    """Looks at the caps now and then, and remembers for the health page what it found."""

    def __init__(self, caps: Sequence[Cap]) -> None:
        self._caps = caps
        self.trouble = ""

    def look(self, services: Services) -> int:
        found, written = caps.warn(services, self._caps)
        self.trouble = " ".join(caps.words(use) for use in found if use.level is not None)
        return written
