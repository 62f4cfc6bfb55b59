"""What the office allows of the ways to reach people, as its settings say it."""

from __future__ import annotations

from bot.settings import CHANNEL_NEEDS, Settings
from casework.ladder import Policy
from casework.ladder.forms import Forms, read_forms
from casework.usecases.delivery.caps import Cap


def policy_of(settings: Settings) -> Policy:
    """The policy every use case is given. Raises `InvalidInput` for a template file that cannot be used."""
    forms = forms_of(settings)
    on = frozenset(name for name in CHANNEL_NEEDS if not settings.missing(name))
    return Policy(
        channels=on | {"terminal"} if on else None,
        provisional=not on,
        paid=settings.zalo_oa_paid,
        paid_price_vnd=settings.zalo_oa_paid_price_vnd,
        forms=forms.uid,
        phone_forms=forms.phone if settings.zalo_zbs_by_phone else {},
        phone_account=settings.zalo_oa_app_id or "",
        quiet_from=settings.quiet_from,
        quiet_until=settings.quiet_until,
        keep_line_open=settings.keep_line_open,
        public_url=settings.public_url.rstrip("/") if settings.public_url else None,
    )


def forms_of(settings: Settings) -> Forms:
    """The approved templates of the office; none without a file. Raises as `read_forms` does."""
    return read_forms(settings.zalo_zbs_templates) if settings.zalo_zbs_templates is not None else Forms()


def caps_of(settings: Settings) -> list[Cap]:
    """What platforms allow our accounts, where they cap it."""
    token = settings.zalo_bot_token
    if token is None:
        return []
    # The number in front of the colon is the bot's id.
    account = token.get_secret_value().strip().partition(":")[0]
    people, messages = settings.zalo_bot_people, settings.zalo_bot_messages_per_month
    return [Cap(channel="zalo-bot", account=account, people=people, messages_per_month=messages)]
