"""Who of the staff acts, where, and because of which message."""

from __future__ import annotations

from dataclasses import dataclass

from casework.usecases.access import Member
from casework.usecases.work import Services


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Who acts, where, and because of which message."""

    services: Services
    who: Member
    in_group: bool
    #: the same for every repeat of one message, so that nothing is done twice
    request: str
