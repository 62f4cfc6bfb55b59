"""The ways the Zalo stand-ins can be told to fail."""

from __future__ import annotations

from dataclasses import dataclass, field


class Refusal(Exception):
    """Zalo's own "no": its error number and words; the HTTP status is 200 as a rule."""

    def __init__(self, error: int, message: str = "", *, status: int = 200) -> None:
        super().__init__(message or f"error {error}")
        self.error = error
        self.message = message or f"error {error}"
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Fault:
    """How one call goes wrong; use the named constructors."""

    refusal: Refusal | None = None
    #: a bare answer, as a gateway gives it
    status: int = 200
    body: str = ""
    content_type: str = "text/html"
    #: the connection is cut instead of an answer
    drops: bool = False
    #: the call has its effect all the same
    carries_out: bool = False
    #: seconds before the answer
    delay: float = 0.0

    @property
    def ends_badly(self) -> bool:
        return self.drops or self.refusal is not None or self.status != 200 or bool(self.body)

    @classmethod
    def code(cls, error: int, message: str = "", *, status: int = 200, delivers: bool = False) -> Fault:
        """Zalo says no with this number; with `delivers` the call has its effect although the answer says otherwise."""
        return cls(refusal=Refusal(error, message, status=status), carries_out=delivers)

    @classmethod
    def page(cls, status: int, body: str = "<html><body>Bad Gateway</body></html>", *, delivers: bool = False) -> Fault:
        """A gateway's HTML instead of Zalo's JSON; with `delivers` the call has its effect."""
        return cls(status=status, body=body, carries_out=delivers)

    @classmethod
    def garbage(cls, body: str = '{"error": 0, "data": {"mess', *, delivers: bool = True) -> Fault:
        """HTTP 200 with a body that is no JSON; by default the call had its effect."""
        return cls(body=body, content_type="application/json", carries_out=delivers)

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
    recipient: str | None
    left: int | None

    def fits(self, method: str, recipient: str) -> bool:
        wanted = self.recipient is None or self.recipient == recipient
        return self.left != 0 and self.method in (None, method) and wanted

    def take(self) -> Fault:
        if self.left is not None:
            self.left -= 1
        return self.fault


@dataclass(kw_only=True)
class Faults:
    """What is to go wrong, earlier rules first."""

    rules: list[Rule] = field(default_factory=list)

    def inject(
        self, fault: Fault, *, method: str | None = None, recipient: str | None = None, times: int | None = 1
    ) -> None:
        """Let the next `times` matching calls (None: all) end in `fault`. `recipient`: user id, chat id or phone."""
        self.rules.append(Rule(fault=fault, method=method, recipient=recipient, left=times))

    def heal(self) -> None:
        """Forget all faults."""
        self.rules.clear()

    def take(self, method: str, recipient: str) -> Fault | None:
        """The fault of this call, used up by one; None when it goes well."""
        return next((rule.take() for rule in self.rules if rule.fits(method, recipient)), None)
