"""A whole bot in one thread with a clock that is moved by hand: for `doithoai chat`, the demo and the transcripts.

Nothing is faked but the far end: payloads go through the durable inbox, the worker, the engine, the use cases and
the outbox, exactly as in life.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.channel import Channel
from bot.channels.terminal import TerminalChannel
from bot.inbox import Inbox
from bot.outbox import Outbox, no_waiting
from bot.turn import handle_entry, wake_conversation
from bot.worker import Worker
from casework.clock import ManualClock
from casework.talk import Button, OutboundMessage
from casework.usecases.citizens import intake
from casework.usecases.work import Services


@dataclass(kw_only=True)
class Rehearsal:
    """Chats on the terminal channel (and any `more` channels) over real storage.

    `services.clock` must be the `clock` given here.
    """

    services: Services
    clock: ManualClock
    buttons: bool = True
    more: Sequence[Channel] = ()
    #: everything delivered on the terminal channel, oldest first
    delivered: list[OutboundMessage] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.channel = TerminalChannel(self.delivered.append, buttons=self.buttons)
        channels: dict[tuple[str, str], Channel] = {
            (channel.name, channel.account): channel for channel in (self.channel, *self.more)
        }
        self.inbox = Inbox(self.services)
        self.worker = Worker(self.services, channels, handle_entry=handle_entry, wake_conversation=wake_conversation)
        self.outbox = Outbox(self.services, channels, pace=no_waiting)
        self._references = 0

    # ---------------------------------------------------------------- what a person does

    async def write(self, chat: str, text: str, *, name: str | None = None) -> None:
        await self._put({"chat": chat, "name": name, "text": text})

    async def press(self, chat: str, token: str, *, name: str | None = None) -> None:
        await self._put({"chat": chat, "press": token, "name": name})

    async def start(self, chat: str, payload: str = "") -> None:
        await self._put({"chat": chat, "start": payload})

    async def send_files(
        self, chat: str, files: Sequence[Mapping[str, Any]], *, text: str = "", album: str | None = None
    ) -> None:
        await self._put({"chat": chat, "text": text, "files": [dict(file) for file in files], "album": album})

    async def edit(self, chat: str, ref: str, text: str) -> None:
        """Change an earlier message; `ref` as `last_ref` said after it was written."""
        await self._put({"chat": chat, "edit": True, "text": text, "ref": ref})

    @property
    def last_ref(self) -> str:
        return str(self._references)

    async def _put(self, event: dict[str, Any]) -> None:
        self._references += 1
        payload = {
            "id": f"{event['chat']}-{self._references}-{self.clock.now().timestamp()}",
            "at": self.clock.now().isoformat(),
            "ref": str(self._references),
            **{key: value for key, value in event.items() if value not in (None, [])},
        }
        raw = json.dumps(payload, ensure_ascii=False)
        self.inbox.store(self.channel.name, self.channel.account, self.channel.envelope(payload), raw)
        await self.settle()

    # ---------------------------------------------------------------- time

    async def settle(self) -> None:
        """Handle and send all that is due now."""
        self.worker.drain()
        await self.outbox.flush()

    async def wait(self, seconds: float) -> None:
        """Let time pass: every talk that wants to be woken on the way is woken at its time."""
        await self.wait_until(self.clock.now() + dt.timedelta(seconds=seconds))

    async def wait_until(self, instant: dt.datetime) -> None:
        while (due := intake.next_wake(self.services)) is not None and due <= instant:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(instant)
        await self.settle()

    def listens(self, chat: str) -> bool:
        """Whether the bot is silent because the sender may not have finished."""
        key = intake.conversation_key(self.channel.name, self.channel.account, chat)
        wake_at = intake.wake_of(self.services, key)
        return wake_at is not None and wake_at - self.clock.now() < dt.timedelta(minutes=1)

    # ---------------------------------------------------------------- what a person sees

    def seen(self, chat: str) -> list[OutboundMessage]:
        return [message for message in self.delivered if message.chat_id == chat]

    def buttons_of(self, chat: str) -> list[Button]:
        """The buttons of the newest message that has some."""
        for message in reversed(self.seen(chat)):
            if message.buttons:
                return [button for row in message.buttons for button in row]
        return []
