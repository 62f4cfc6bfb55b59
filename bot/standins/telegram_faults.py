"""The ways the Telegram stand-in can be told to fail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class Refusal(Exception):
    """Telegram's own "no": HTTP status, its text, and its parameters."""

    def __init__(self, status: int, description: str, parameters: Mapping[str, Any] | None = None) -> None:
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = dict(parameters or {})


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one call goes wrong; use the named constructors."""

    refusal: Refusal | None = None
    #: a bare answer, as a gateway or a blocking page gives it
    status: int = 200
    body: str = ""
    content_type: str = "text/html"
    headers: Mapping[str, str] = field(default_factory=dict)
    #: the connection is cut instead of an answer
    drops: bool = False
    #: the call has its effect all the same
    carries_out: bool = False
    #: seconds between the effect and the answer
    delay: float = 0.0

    @property
    def ends_badly(self) -> bool:
        return self.drops or self.refusal is not None or self.status != 200 or bool(self.body)

    @classmethod
    def refused(cls, status: int, description: str, **parameters: Any) -> Fault:
        """Telegram says no, e.g. `refused(403, "Forbidden: bot was blocked by the user")`."""
        return cls(refusal=Refusal(status, description, parameters))

    @classmethod
    def blocked(cls) -> Fault:
        return cls.refused(403, "Forbidden: bot was blocked by the user")

    @classmethod
    def flood(cls, seconds: int) -> Fault:
        return cls.refused(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)

    @classmethod
    def migrated(cls, new_chat_id: int) -> Fault:
        return cls.refused(
            400,
            "Bad Request: group chat was upgraded to a supergroup chat",
            migrate_to_chat_id=new_chat_id,
        )

    @classmethod
    def conflict(cls) -> Fault:
        return cls.refused(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        )

    @classmethod
    def page(cls, status: int, body: str = "<html><body>Bad Gateway</body></html>", *, delivers: bool = False) -> Fault:
        """A gateway's or blocker's HTML instead of Telegram's JSON; with `delivers` the call has its effect."""
        return cls(status=status, body=body, carries_out=delivers)

    @classmethod
    def lost_reply(cls) -> Fault:
        """Carried out, then the connection is cut before the answer."""
        return cls(drops=True, carries_out=True)

    @classmethod
    def cut_before(cls) -> Fault:
        """The connection is cut after the request was read and before it is carried out."""
        return cls(drops=True)

    @classmethod
    def slow(cls, seconds: float) -> Fault:
        """Carried out and answered, but late."""
        return cls(delay=seconds, carries_out=True)

    @classmethod
    def silent(cls) -> Fault:
        """Carried out, and not answered as long as anybody could wait."""
        return cls.slow(86_400.0)


@dataclass(kw_only=True)
class Rule:
    """A fault with the calls it is meant for; `left` counts down, None is for ever."""

    fault: Fault
    method: str | None
    chat_id: str | None
    left: int | None

    def fits(self, method: str, chat_id: str) -> bool:
        return self.left != 0 and self.method in (None, method) and (self.chat_id is None or self.chat_id == chat_id)

    def take(self) -> Fault:
        if self.left is not None:
            self.left -= 1
        return self.fault
