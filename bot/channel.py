"""What every channel is: a translator between one platform and the neutral messages, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from casework.talk import Capabilities, InboundMessage, OutboundMessage, Outcome


class UnreadablePayload(Exception):
    """The payload is not one this channel can understand: it is quarantined with this reason, never lost."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """What must be known of a payload to store it, found without understanding the rest of it."""

    external_id: str
    conversation_key: str


class Channel(Protocol):
    """One platform account of ours."""

    name: str
    #: which bot or official account: identities are scoped to it
    account: str
    capabilities: Capabilities

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        """Identity and order key of a payload. Never raises on any JSON object."""
        ...

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        """Neutral messages of a payload; empty when it concerns nobody. Raises `UnreadablePayload`."""
        ...

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        """The payload as it may be kept once it has been handled: without anybody's name as the platform shows it.
        A name is kept only where its owner agreed, and not here. Never raises on any JSON object."""
        ...

    async def open(self) -> None:
        """Connect. Must not fail because the platform is unreachable: sends will say so."""
        ...

    async def send(self, message: OutboundMessage) -> Outcome:
        """Hand one message to the platform. Never raises: every way it can end is an outcome."""
        ...

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """Stop the spinner of a pressed button, if the platform has one. Best effort."""
        ...

    async def close(self) -> None: ...
