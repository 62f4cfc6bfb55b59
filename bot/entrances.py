"""The ways into our chats, as settings and database know them."""

from __future__ import annotations

from bot.settings import Settings
from casework.doors import Entrances
from casework.usecases.office.entrances import entrances
from casework.usecases.work import Services


def entrances_of(settings: Settings, services: Services) -> Entrances:
    """Our accounts, for `casework.doors.doors`."""
    return entrances(services, zalo_oa_id=settings.zalo_oa_id, zalo_url=settings.zalo_door_url)
