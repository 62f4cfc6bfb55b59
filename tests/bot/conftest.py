"""What the tests of inbox, worker and outbox share: a channel that records, and a turn that answers "đã nhận"."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from bot.channel import Channel, Envelope
from bot.worker import Channels
from casework.talk import Capabilities, InboundMessage, OutboundMessage, Outcome, OutcomeKind
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, InboxEntry, InboxStatus

SENT = Outcome(kind=OutcomeKind.SENT, external_id="1")
Script = Callable[[OutboundMessage], Outcome]


class RecordingChannel:
    """A channel whose far end is a list. `script` decides how sends end; `latency` in seconds."""

    name = "thu"
    account = "kenh-1"

    def __init__(
        self,
        *,
        script: Script = lambda message: SENT,
        latency: float = 0.0,
        capabilities: Capabilities | None = None,
    ) -> None:
        self.script = script
        self.latency = latency
        self.capabilities = capabilities or Capabilities(text_limit=4000)
        self.sent: list[OutboundMessage] = []
        self.tried: list[OutboundMessage] = []
        self.acknowledged: list[str] = []

    def envelope(self, payload: Mapping[str, Any]) -> Envelope:
        key = f"{self.name}:{self.account}:{payload.get('chat', '?')}"
        return Envelope(external_id=str(payload.get("id")), conversation_key=key)

    def parse(self, payload: Mapping[str, Any]) -> list[InboundMessage]:
        raise NotImplementedError("the turns of these tests read the payload themselves")

    async def open(self) -> None:
        """Nothing to connect."""

    async def send(self, message: OutboundMessage) -> Outcome:
        if self.latency:
            await asyncio.sleep(self.latency)
        self.tried.append(message)
        outcome = self.script(message)
        if outcome.kind is OutcomeKind.SENT:
            self.sent.append(message)
        return outcome

    async def acknowledge_press(self, press_ref: str, text: str = "") -> None:
        self.acknowledged.append(press_ref)

    async def close(self) -> None:
        """Nothing to close."""

    def texts_to(self, chat_id: str) -> list[str]:
        return [message.text for message in self.sent if message.chat_id == chat_id]


class AnsweringTurn:
    """A stand-in for `bot.turn`: writes one reply per entry; a payload with "poison" fails each time."""

    def __init__(self) -> None:
        self.order: list[tuple[str, str]] = []
        self.threads: set[str] = set()
        self.woken: list[int] = []
        self.fail_wakes = False

    def handle_entry(self, services: Services, channels: Channels, entry_id: int) -> list[Any]:
        with services.writing() as work:
            entry = work.session.get_one(InboxEntry, entry_id)
            payload = json.loads(entry.raw)
            if payload.get("poison"):
                raise ZeroDivisionError("secret words of a citizen")
            identity = identity_for(work, entry.channel, entry.account, str(payload["chat"]))
            work.add(
                Delivery(
                    key=f"reply:{entry_id}",
                    purpose="reply",
                    channel_identity_id=identity.id,
                    text=f"đã nhận {payload['id']}",
                    not_before=work.now,
                    created_at=work.now,
                )
            )
            entry.status, entry.handled_at = InboxStatus.HANDLED, work.now
            work.session.add(entry)
            work.commit()
        self.order.append((str(payload["chat"]), str(payload["id"])))
        self.threads.add(threading.current_thread().name)
        return []

    def wake_conversation(self, services: Services, channels: Channels, conversation_id: int) -> None:
        if self.fail_wakes:
            raise KeyError("state")
        from storage.records import Conversation

        with services.writing() as work:
            conversation = work.session.get_one(Conversation, conversation_id)
            conversation.wake_at = None
            work.session.add(conversation)
            work.commit()
        self.woken.append(conversation_id)


def identity_for(work: Any, channel: str, account: str, chat: str) -> ChannelIdentity:
    from sqlmodel import select

    found: ChannelIdentity | None = work.session.exec(
        select(ChannelIdentity).where(
            ChannelIdentity.channel == channel,
            ChannelIdentity.account == account,
            ChannelIdentity.external_id == chat,
        )
    ).first()
    return found or work.add(ChannelIdentity(channel=channel, account=account, external_id=chat))


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


@pytest.fixture
def channels(channel: RecordingChannel) -> dict[tuple[str, str], Channel]:
    return {(channel.name, channel.account): channel}


@pytest.fixture
def turn() -> AnsweringTurn:
    return AnsweringTurn()
