"""The residents' phones: each writes over the platform it uses, by real HTTP against that platform's stand-in, and
sees what the platform put on its screen."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from dataclasses import dataclass, field
from typing import Any, Protocol

from admin_cli.demo.platforms import Platforms
from admin_cli.demo.residents import Record, Resident
from bot.rehearsal import Rehearsal
from bot.standins.telegram import TelegramStandin
from bot.standins.telegram_faults import Fault
from bot.standins.zalo_bot import ZaloBotStandin
from bot.standins.zalo_oa import ZaloOaStandin
from casework.talk import Button
from casework.usecases.delivery.climbing import climb_due

#: a talk with the bot is over after this many answers, whatever it still asks
PATIENCE = 9
#: so long a wait is worth a look at what has waited its time
LONG = dt.timedelta(hours=1)
#: by these words a form that says there is news is told from a message
FORM = "tới đây để xem đầy đủ"
_CHOICE = re.compile(r"^\d+\. ")

Said = tuple[str, list[Button]]


class Screen(Protocol):
    """One platform as its people see it. `user`: the person's id there."""

    def user(self, sender: str) -> str: ...

    async def write(self, user: str, text: str) -> None: ...

    async def press(self, user: str, button: Button) -> bool:
        """Tap a button; False where there is none to tap."""
        ...

    def block(self, user: str) -> None: ...

    def shown(self, user: str) -> list[Said]: ...


@dataclass(kw_only=True)
class TelegramScreen:
    """Telegram: buttons under messages."""

    platform: TelegramStandin
    rehearsal: Rehearsal

    def user(self, sender: str) -> str:
        return str(5_000_000_000 + zlib.crc32(sender.encode()))

    async def write(self, user: str, text: str) -> None:
        await self._update({"message": {**self._head(user), "text": text}})

    async def press(self, user: str, button: Button) -> bool:
        head = self._head(user)
        query = {
            "id": str(self.platform.next_update_id()),
            "from": head["from"],
            "chat_instance": "demo",
            "data": button.token,
            "message": {**head, "text": "…"},
        }
        await self._update({"callback_query": query})
        return True

    def block(self, user: str) -> None:
        self.platform.inject(Fault.blocked(), method="sendMessage", chat_id=int(user), times=None)

    def shown(self, user: str) -> list[Said]:
        return [
            (
                message.text,
                [Button(label=one["text"], token=one["callback_data"]) for row in message.buttons for one in row],
            )
            for message in self.platform.delivered[user]
        ]

    def _head(self, user: str) -> dict[str, Any]:
        person = {"id": int(user), "is_bot": False, "first_name": f"Bà con {user[-4:]}"}
        return {
            "message_id": self.platform.next_update_id(),
            "date": int(self.rehearsal.clock.now().timestamp()),
            "chat": {"id": person["id"], "type": "private", "first_name": person["first_name"]},
            "from": person,
        }

    async def _update(self, update: dict[str, Any]) -> None:
        status = await self.platform.post(update)
        if status != 200:
            raise RuntimeError(f"the webhook answered {status}")


@dataclass(kw_only=True)
class OfficialAccountScreen:
    """Zalo's official account: at most five buttons; a form instead of a message when its window is closed."""

    platform: ZaloOaStandin

    def user(self, sender: str) -> str:
        return str(4_521_893_670_000_000_000 + zlib.crc32(sender.encode()))

    async def write(self, user: str, text: str) -> None:
        await self.platform.says(user, text)

    async def press(self, user: str, button: Button) -> bool:
        if not button.token:
            return False
        await self.platform.taps(user, button.label)
        return True

    def block(self, user: str) -> None:
        self.platform.blocks(user)

    def shown(self, user: str) -> list[Said]:
        return [
            (
                message.text,
                [Button(label=one["title"], token=str(one["payload"])) for one in message.buttons]
                or choices_in(message.text),
            )
            for message in self.platform.messages_of(user)
        ]


@dataclass(kw_only=True)
class BotScreen:
    """Zalo's bot: words and digits alone."""

    platform: ZaloBotStandin

    def user(self, sender: str) -> str:
        return f"{zlib.crc32(sender.encode()):010d}"

    async def write(self, user: str, text: str) -> None:
        await self.platform.says(user, text)

    async def press(self, user: str, button: Button) -> bool:
        return False

    def block(self, user: str) -> None:
        self.platform.blocks(user)

    def shown(self, user: str) -> list[Said]:
        return [(text, choices_in(text)) for text in self.platform.texts_to(user)]


def choices_in(text: str) -> list[Button]:
    """The numbered choices a message ends with, as somebody reads them who has no buttons."""
    lines: list[str] = []
    for line in reversed(text.splitlines()):
        if not _CHOICE.match(line):
            break
        lines.insert(0, line)
    return [Button(label=line, token="") for line in lines]


@dataclass(kw_only=True)
class Phones:
    """All phones of the play, by sender."""

    rehearsal: Rehearsal
    screens: dict[str, Screen]
    oa: ZaloOaStandin
    channels: dict[str, str] = field(default_factory=dict)
    #: how much of each chat its owner has already reacted to
    _read: dict[str, int] = field(default_factory=dict)
    #: how much of it stood there when they last wrote themselves
    _wrote: dict[str, int] = field(default_factory=dict)
    _blocked: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, records: list[Record], rehearsal: Rehearsal, far: Platforms) -> Phones:
        screens: dict[str, Screen] = {
            "telegram": TelegramScreen(platform=far.telegram, rehearsal=rehearsal),
            "zalo-oa": OfficialAccountScreen(platform=far.oa),
            "zalo-bot": BotScreen(platform=far.bot),
        }
        channels = {record.sender: record.channel for record in records}
        return cls(rehearsal=rehearsal, screens=screens, oa=far.oa, channels=channels)

    @property
    def senders(self) -> list[str]:
        return list(self.channels)

    def user(self, sender: str) -> str:
        """The person's id on the platform they use."""
        return self._screen(sender).user(sender)

    def _screen(self, sender: str) -> Screen:
        return self.screens[self.channels[sender]]

    # ---------------------------------------------------------------- time

    async def wait(self, seconds: float) -> None:
        await self.wait_until(self.rehearsal.clock.now() + dt.timedelta(seconds=seconds))

    async def wait_until(self, instant: dt.datetime) -> None:
        """Let time pass; what falls due on the way happens, notices climb their ladder."""
        long = instant - self.rehearsal.clock.now() >= LONG
        await self.rehearsal.wait_until(instant)
        if long and climb_due(self.rehearsal.services):
            await self.rehearsal.settle()
        await self._echoes()

    async def settle(self) -> None:
        """Until nothing is due and the official account has told us of its own messages."""
        await self.rehearsal.settle()
        await self._echoes()

    async def _echoes(self) -> None:
        while self.oa.outgoing:
            await self.oa.deliver()
            await self.rehearsal.settle()

    # ---------------------------------------------------------------- acting

    async def write(self, sender: str, text: str) -> None:
        """Send words; what the bot said before counts as read."""
        self._read[sender] = self._wrote[sender] = len(self._texts(sender))
        await self._screen(sender).write(self.user(sender), text)
        await self.settle()

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
            if resident.taps and await self._screen(sender).press(self.user(sender), chosen):
                await self.settle()
            else:
                await self.write(sender, resident.says(chosen))
            await self.wait(1)

    def asked_back(self) -> list[str]:
        """Who has been asked something by staff since they last looked."""
        return [sender for sender in self.channels if any("xin hỏi thêm" in text for text, _ in self._unread(sender))]

    def called_to_come(self) -> list[str]:
        """Who was told by a form, since they last wrote, that something waits for them."""
        return [
            sender
            for sender in self.channels
            if sender not in self._blocked
            and any(FORM in text for text in self.transcript(sender)[self._wrote.get(sender, 0) :])
        ]

    def block(self, sender: str) -> None:
        """Block the bot: the platform says so when we send."""
        self._screen(sender).block(self.user(sender))
        self._blocked.add(sender)

    def has_blocked(self, sender: str) -> bool:
        return sender in self._blocked

    # ---------------------------------------------------------------- seeing

    def transcript(self, sender: str) -> list[str]:
        """What the bot said to one phone."""
        return [text for text, _ in self._texts(sender)]

    def _news(self, sender: str) -> Said | None:
        unread = [(text, buttons) for text, buttons in self._unread(sender) if buttons]
        return unread[-1] if unread else None

    def _unread(self, sender: str) -> list[Said]:
        return self._texts(sender)[self._read.get(sender, 0) :]

    def _texts(self, sender: str) -> list[Said]:
        return self._screen(sender).shown(self.user(sender))
