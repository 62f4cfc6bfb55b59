"""The official account as the settings describe it."""

from __future__ import annotations

import datetime as dt
from typing import Final

from bot.channels.posting import Poster
from bot.channels.zalo_oa import outcomes
from bot.channels.zalo_oa.channel import ZaloOaChannel
from bot.channels.zalo_oa.client import Client
from bot.channels.zalo_oa.envelope import CHANNEL
from bot.channels.zalo_oa.names import ShownNames
from bot.channels.zalo_oa.oauth import keeping_fresh, pages, tokens_of
from bot.channels.zalo_oa.signature import SignatureCheck
from bot.connection import Connection
from bot.schedule import Every, Job
from bot.settings import Settings
from bot.web import Webhook
from casework.usecases.delivery import alarms
from casework.usecases.work import Services

PATH: Final = "/webhook/zalo-oa"
#: Zalo wants its 200 within 2 seconds, whatever the event
ANSWER_WITHIN: Final = 1.8
#: bytes; an event of Zalo's is a few thousand
MAX_BODY: Final = 128 * 1024
#: how often is looked for what keeps messages from coming in, and for what accounts lack
LOOK_AT_WAY_IN: Final = dt.timedelta(minutes=1)
LOOK_FOR_SHORTAGES: Final = dt.timedelta(minutes=15)


def connect(settings: Settings, services: Services) -> Connection | None:
    """The account, or None without its app. It need not have agreed yet: sends say so until it has."""
    secret_key = settings.zalo_oa_secret_key
    if settings.missing("zalo-oa") or settings.zalo_oa_app_id is None or secret_key is None:
        return None
    tokens = tokens_of(settings, services)
    app_secret = settings.zalo_oa_app_secret if settings.zalo_oa_appsecret_proof else None
    client = Client(
        tokens,
        base_url=settings.zalo_oa_base_url,
        poster=_poster(settings.send_timeout_seconds),
        token_patience=settings.send_timeout_seconds * 0.25,
        app_secret=app_secret.get_secret_value() if app_secret is not None else None,
        button_template_type=settings.zalo_oa_button_template_type,
    )
    channel = ZaloOaChannel(
        client,
        account=settings.zalo_oa_app_id,
        rate_per_minute=settings.zalo_oa_rate_per_minute,
        price_vnd=settings.zalo_oa_paid_price_vnd,
        template_prices={form.template_id: form.price_vnd for form in services.policy.forms.values()},
        clock=services.clock,
    )
    check = SignatureCheck(
        app_id=settings.zalo_oa_app_id,
        secret_key=secret_key.get_secret_value(),
        oa_id=lambda: settings.zalo_oa_id or tokens.oa_id,
        clock=services.clock,
    )
    return Connection(
        channel=channel,
        webhook=Webhook(
            path=PATH,
            channel=channel,
            verifies=check,
            why_set_aside=check.why_set_aside,
            max_body=MAX_BODY,
            answer_within=ANSWER_WITHIN,
        ),
        preparing=[ShownNames(channel, services).run],
        jobs=[keeping_fresh(tokens), *_alarms(check)],
        pages=pages(settings, services),
        trouble=lambda: " ".join(each for each in (tokens.trouble(), check.trouble()) if each),
    )


def _alarms(check: SignatureCheck) -> list[Job]:
    def way_in(services: Services) -> int:
        return alarms.way_in_troubled(services, channel=CHANNEL, trouble=check.trouble())

    def shortages(services: Services) -> int:
        return alarms.watch_shortages(services, channel=CHANNEL, codes=outcomes.shortages())

    return [
        Job(name="zalo_oa_way_in", when=Every(interval=LOOK_AT_WAY_IN), act=way_in),
        Job(name="zalo_oa_shortages", when=Every(interval=LOOK_FOR_SHORTAGES), act=shortages),
    ]


def _poster(send_timeout: float) -> Poster:
    """A question about the window and the send after it fit into the outbox's patience, so that a lost answer is known
    as such and a question without answer costs nothing."""
    return Poster(connect_timeout=min(5.0, send_timeout * 0.15), read_timeout=min(10.0, send_timeout * 0.3))
