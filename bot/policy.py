"""What the office allows of the ways to reach people, as its settings say it."""

from __future__ import annotations

from bot.settings import CHANNEL_NEEDS, Settings
from casework.ladder import Policy
from casework.ladder.forms import Forms, read_forms


def policy_of(settings: Settings) -> Policy:
    """The policy every use case is given. Raises `InvalidInput` for a template file that cannot be used."""
    forms = forms_of(settings)
    return Policy(
        channels=frozenset(name for name in CHANNEL_NEEDS if not settings.missing(name)) | {"terminal"},
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
