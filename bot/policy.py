"""What the office allows of the ways to reach people, as its settings say it."""

from __future__ import annotations

from bot.settings import CHANNEL_NEEDS, Settings
from casework.ladder import Policy


def policy_of(settings: Settings) -> Policy:
    """The policy every use case is given. Raises `InvalidInput` for a template file that cannot be used."""
    return Policy(
        channels=frozenset(name for name in CHANNEL_NEEDS if not settings.missing(name)) | {"terminal"},
        paid=settings.zalo_oa_paid,
        paid_price_vnd=settings.zalo_oa_paid_price_vnd,
        quiet_from=settings.quiet_from,
        quiet_until=settings.quiet_until,
        keep_line_open=settings.keep_line_open,
        public_url=settings.public_url.rstrip("/") if settings.public_url else None,
    )
