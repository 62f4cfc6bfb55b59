"""The residents' phones: Telegram ones over real HTTP against the stand-in of the platform, the others over the
terminal channel (text and digits, as on the oldest phones)."""

from __future__ import annotations

import datetime as dt
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp.web import AppRunner, TCPSite

from admin_cli.demo.residents import Record, Resident
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.webhook import check_secret
from bot.metrics import Metrics
from bot.rehearsal import Rehearsal
from bot.standins.telegram import Delivered, TelegramStandin
from bot.standins.telegram_faults import Fault
from bot.web import Web, Webhook
from casework.talk import Button, OutboundMessage

#: a talk with the bot is over after this many answers, whatever it still asks
PATIENCE = 9


@asynccontextmanager
async def webhook(rehearsal: Rehearsal, telegram: TelegramChannel, platform: TelegramStandin) -> AsyncIterator[None]:
    """Our real web server on loopback, and the platform told where it is."""
    secret = "a-play-has-no-secrets"  # noqa: S105 - both ends live in this process, for seconds
    door = Webhook(path="/webhook/telegram", channel=telegram, admits=lambda headers: check_secret(headers, secret))
    server = Web(rehearsal.services, rehearsal.inbox, webhooks=[door], channels=list, metrics=Metrics())
    runner = AppRunner(server.app, access_log=None)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    problems = await telegram.prepare(
        office_name="xã Tân Minh",
        webhook_url=f"http://127.0.0.1:{port}{door.path}",
        webhook_secret=secret,
    )
    if problems:
        raise RuntimeError(f"the stand-in refused: {problems}")
    try:
        yield
    finally:
        await runner.cleanup()


@dataclass(kw_only=True)
class Phones:
    """All phones of the play, by sender."""

    rehearsal: Rehearsal
    telegram: TelegramChannel
    platform: TelegramStandin
    channels: dict[str, str] = field(default_factory=dict)
    #: how much of each chat its owner has already reacted to
    _read: dict[str, int] = field(default_factory=dict)
    _blocked: set[str] = field(default_factory=set)

    @classmethod
    def of(
        cls, records: list[Record], rehearsal: Rehearsal, telegram: TelegramChannel, platform: TelegramStandin
    ) -> Phones:
        channels = {record.sender: record.channel for record in records}
        return cls(rehearsal=rehearsal, telegram=telegram, platform=platform, channels=channels)

    @property
    def senders(self) -> list[str]:
        return list(self.channels)

    def on_telegram(self, sender: str) -> bool:
        return self.channels[sender] == "telegram"

    # ---------------------------------------------------------------- time

    async def wait(self, seconds: float) -> None:
        await self.rehearsal.wait(seconds)

    async def wait_until(self, instant: dt.datetime) -> None:
        await self.rehearsal.wait_until(instant)

    # ---------------------------------------------------------------- acting

    async def write(self, sender: str, text: str) -> None:
        """Send words; what the bot said before counts as read."""
        self._read[sender] = len(self._texts(sender))
        if self.on_telegram(sender):
            await self._update({"message": {**self._head(sender), "text": text}})
        else:
            await self.rehearsal.write(sender, text, name=f"Bà con {sender[-4:]}")

    async def respond(self, resident: Resident) -> None:
        """React to what has come since: choose among what is offered until the bot asks nothing more."""
        sender = resident.sender
        for _ in range(PATIENCE):
            news = self._news(sender)
            if news is None:
                return
            question, buttons = news
            chosen = resident.choose(question, buttons)
            self._read[sender] = len(self._texts(sender))
            if chosen is None:
                return
            if resident.taps:
                await self._press(sender, chosen)
            else:
                await self.write(sender, resident.says(chosen))
            await self.wait(1)

    def asked_back(self) -> list[str]:
        """Who has been asked something by staff since they last looked."""
        return [sender for sender in self.channels if any("xin hỏi thêm" in text for text, _ in self._unread(sender))]

    def block(self, sender: str) -> bool:
        """Block the bot; only Telegram lets the platform say so when we send."""
        if not self.on_telegram(sender):
            return False
        self.platform.inject(Fault.blocked(), method="sendMessage", chat_id=self._number(sender), times=None)
        self._blocked.add(sender)
        return True

    def has_blocked(self, sender: str) -> bool:
        return sender in self._blocked

    # ---------------------------------------------------------------- seeing

    def transcript(self, sender: str) -> list[str]:
        """What the bot said to one phone."""
        return [text for text, _ in self._texts(sender)]

    def _news(self, sender: str) -> tuple[str, list[Button]] | None:
        unread = [(text, buttons) for text, buttons in self._unread(sender) if buttons]
        return unread[-1] if unread else None

    def _unread(self, sender: str) -> list[tuple[str, list[Button]]]:
        return self._texts(sender)[self._read.get(sender, 0) :]

    def _texts(self, sender: str) -> list[tuple[str, list[Button]]]:
        if self.on_telegram(sender):
            return [_from_platform(message) for message in self.platform.delivered[str(self._number(sender))]]
        return [_from_terminal(message) for message in self.rehearsal.seen(sender)]

    # ---------------------------------------------------------------- Telegram's side

    def _number(self, sender: str) -> int:
        return 5_000_000_000 + zlib.crc32(sender.encode())

    def _head(self, sender: str) -> dict[str, Any]:
        person = {"id": self._number(sender), "is_bot": False, "first_name": f"Bà con {sender[-4:]}"}
        return {
            "message_id": self.platform.next_update_id(),
            "date": int(self.rehearsal.clock.now().timestamp()),
            "chat": {"id": person["id"], "type": "private", "first_name": person["first_name"]},
            "from": person,
        }

    async def _press(self, sender: str, button: Button) -> None:
        if not self.on_telegram(sender):
            await self.rehearsal.press(sender, button.token, name=f"Bà con {sender[-4:]}")
            return
        head = self._head(sender)
        query = {
            "id": str(self.platform.next_update_id()),
            "from": head["from"],
            "chat_instance": "demo",
            "data": button.token,
            "message": {**head, "text": "…"},
        }
        await self._update({"callback_query": query})

    async def _update(self, update: dict[str, Any]) -> None:
        status = await self.platform.post(update)
        if status != 200:
            raise RuntimeError(f"the webhook answered {status}")
        await self.rehearsal.settle()


def _from_platform(message: Delivered) -> tuple[str, list[Button]]:
    buttons = [Button(label=one["text"], token=one["callback_data"]) for row in message.buttons for one in row]
    return message.text, buttons


def _from_terminal(message: OutboundMessage) -> tuple[str, list[Button]]:
    return message.text, [button for row in message.buttons for button in row]
