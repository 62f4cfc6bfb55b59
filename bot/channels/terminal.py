"""The terminal channel: plain lines in, plain lines out. It carries `doithoai chat`, rehearsals, demo and transcripts.

A payload is JSON: {"id", "chat", "name", "at", "text"?, "press"?, "start"?, "files"?, "edit_of"?, "ref"?}.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from bot.channel import Envelope, UnreadablePayload
from casework.talk import AttachedFile, Capabilities, InboundMessage, MessageKind, OutboundMessage, Outcome, OutcomeKind

NAME = "terminal"


class TerminalChannel:
    """A channel whose far end is a function, e.g. one that prints."""

    name = NAME

    def __init__(
        self, deliver: Callable[[OutboundMessage], None], *, account: str = "local", buttons: bool = True
    ) -> None:
        self.account = account
        self.capabilities = Capabilities(
            text_limit=100_000, buttons=buttons, rate_per_second=10_000.0, seconds_per_chat=0.0
        )
        self._deliver = deliver
        self._sent = 0

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        chat = str(payload.get("chat", ""))
        given = payload.get("id")
        external_id = str(given) if given is not None else _fingerprint(payload)
        return Envelope(external_id=external_id, conversation_key=f"{self.name}:{self.account}:{chat}")

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        try:
            sent_at = dt.datetime.fromisoformat(payload["at"])
            files = tuple(AttachedFile(**file) for file in payload.get("files", ()))
            chat = str(payload["chat"])
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadablePayload(f"terminal payload: {error!r}") from error
        return [
            InboundMessage(
                channel=self.name,
                account=self.account,
                chat_id=chat,
                sender_id=chat,
                sender_name=payload.get("name"),
                kind=_kind(payload, files),
                text=str(payload.get("text") or ""),
                token=payload.get("press"),
                payload=payload.get("start"),
                files=files,
                album=payload.get("album"),
                message_ref=payload.get("ref"),
                sent_at=sent_at,
            )
        ]

    def without_names(self, payload: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in payload.items() if key != "name"}

    async def open(self) -> None:
        """Nothing to connect."""

    async def send(self, message: OutboundMessage) -> Outcome:
        self._sent += 1
        self._deliver(message)
        return Outcome(kind=OutcomeKind.SENT, external_id=str(self._sent))

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        """A terminal has no spinner."""

    async def close(self) -> None:
        """Nothing to close."""


def _kind(payload: Mapping[str, Any], files: tuple[AttachedFile, ...]) -> MessageKind:
    if payload.get("press") is not None:
        return MessageKind.PRESS
    if payload.get("start") is not None:
        return MessageKind.START
    if payload.get("edit"):
        return MessageKind.EDIT
    return MessageKind.MEDIA if files else MessageKind.TEXT


def _fingerprint(payload: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()[:32]
