"""Use cases: the accounts of ours that posters and receipts lead to."""

from __future__ import annotations

from sqlmodel import col, select

from casework.doors import Entrances, bot_name
from casework.usecases.access import DECIDERS, require
from casework.usecases.work import Services, staff_member
from storage.records import Office, Role, ZaloGrant

#: the key of the office's profile
_TELEGRAM = "telegram_bot"


def entrances(services: Services, *, zalo_oa_id: str | None = None, zalo_url: str | None = None) -> Entrances:
    """Our accounts as far as they are known: the official account that gave our app its permission, else the one of
    the settings; the Telegram bot the office named."""
    with services.reading() as work:
        office = work.session.get_one(Office, services.office_id)
        granted = work.session.exec(
            select(ZaloGrant.oa_id).where(col(ZaloGrant.oa_id).is_not(None)).order_by(col(ZaloGrant.id).desc())
        ).first()
        return Entrances(
            zalo_oa_id=granted or zalo_oa_id, zalo_url=zalo_url, telegram_bot=office.profile.get(_TELEGRAM) or None
        )


def remember_telegram_bot(services: Services, staff_id: int, typed: str) -> str:
    """Keep the user name of the office's Telegram bot; returns it as kept. Raises `Forbidden`, `InvalidInput`."""
    name = bot_name(typed)
    with services.writing() as work:
        require(work, staff_id, Role.ADMIN, *DECIDERS)
        office = work.session.get_one(Office, services.office_id)
        # A new mapping: a change inside the old one would not be noticed.
        office.profile = {**office.profile, _TELEGRAM: name}
        work.add(office)
        work.record(staff_member(staff_id), "telegram_bot_named", "office", services.office_id)
        work.commit()
    return name
