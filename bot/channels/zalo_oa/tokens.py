"""The access token of the official account: what a call needs, and what it says when there is none."""

from __future__ import annotations

from typing import Protocol

from casework.errors import SetupNeeded


class NotConnected(SetupNeeded):
    """There is no usable access token just now; `what` says why, `todo` what a person does about it."""

    code = "D051"

    @property
    def detail(self) -> str:
        """The reason in one sentence, for an outcome or a health page; no secret in it."""
        return self.what


class Tokens(Protocol):
    """Gives the access token and keeps what is known of the account. Safe to share between tasks of one loop."""

    #: path of the sending endpoint that works for this account, once known; None: try the main one
    send_path: str | None
    #: 2 = business, 4 = state agency; None while unknown
    oa_type: int | None

    async def current(self) -> str:
        """A token that has not expired as far as we know. Raises `NotConnected`."""
        ...

    async def renewed(self, dead: str) -> str:
        """The platform refused `dead`: a newer token, got by one refresh, or the one another process has got already.
        Raises `NotConnected`."""
        ...

    async def pin(self, path: str) -> None:
        """Remember the sending endpoint that works, for this and every later process."""
        ...
