"""Template messages to phone numbers as the settings describe them."""

from __future__ import annotations

import datetime as dt
from typing import Final

from bot.channels.posting import Poster
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_oa.oauth import tokens_of
from bot.channels.zalo_zbs import outcomes
from bot.channels.zalo_zbs.channel import ZaloZbsChannel
from bot.connection import Connection
from bot.schedule import Every, Job
from bot.settings import Settings
from casework.usecases.delivery import alarms
from casework.usecases.work import Services

#: how often is looked for what the account lacks
LOOK_FOR_SHORTAGES: Final = dt.timedelta(minutes=15)


def connect(settings: Settings, services: Services) -> Connection | None:
    """The template service, or None without the app, the file of templates or the leave to use phone numbers."""
    if settings.missing("zalo-zbs") or settings.zalo_oa_app_id is None:
        return None
    channel = ZaloZbsChannel(
        client_of(settings, services),
        account=settings.zalo_oa_app_id,
        rate_per_minute=settings.zalo_zbs_rate_per_minute,
        prices={form.template_id: form.price_vnd for form in services.policy.phone_forms.values()},
        clock=services.clock,
    )

    def short(services: Services) -> int:
        return alarms.watch_shortages(services, channel=channel.name, codes=outcomes.shortages())

    return Connection(
        channel=channel,
        jobs=[Job(name="zalo_zbs_shortages", when=Every(interval=LOOK_FOR_SHORTAGES), act=short)],
        trouble=lambda: channel.trouble or "",
    )


def client_of(settings: Settings, services: Services) -> Client:
    """Calls of the template service, with the official account's token. Raises `InvalidInput` as `tokens_of` does."""
    secret = settings.zalo_oa_app_secret if settings.zalo_oa_appsecret_proof else None
    return Client(
        tokens_of(settings, services),
        base_url=settings.zalo_zbs_base_url,
        # The outbox stops waiting first; then the answer is known to be lost, and says so.
        poster=Poster(connect_timeout=5.0, read_timeout=min(15.0, settings.send_timeout_seconds * 0.6)),
        app_secret=secret.get_secret_value() if secret is not None else None,
    )
