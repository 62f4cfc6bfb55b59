"""What Telegram shows before anybody writes: command lists per scope and language, descriptions, deep links.

The lists are cosmetic: anybody can type any command, so roles are checked where the command is carried out.
"""

from __future__ import annotations

import re
import string
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from telegram import Bot, BotCommand, BotCommandScope, BotCommandScopeAllPrivateChats, BotCommandScopeChat
from telegram.constants import BotCommandLimit, BotDescriptionLimit

from casework.errors import InvalidInput

#: Telegram shows the list of the phone's language first: both are set, so that neither hides the other
LANGUAGES: Final = (None, "vi")
_PAYLOAD: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NAME: Final = re.compile(r"[a-z0-9_]{1,32}")


@dataclass(frozen=True, kw_only=True)
class Command:
    """One line of a command list. `name`: a-z, 0-9 and _, at most 32; Vietnamese letters are not allowed."""

    name: str
    description: str

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or not 1 <= len(self.description) <= BotCommandLimit.MAX_DESCRIPTION:
            raise InvalidInput(
                f"Telegram không nhận lệnh «{self.name}».",
                todo="Tên lệnh chỉ gồm a-z, 0-9, _ (tối đa 32); mô tả 1 đến 256 ký tự.",
            )


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("menu.toml").read_text(encoding="utf-8"))


def citizen_commands() -> tuple[Command, ...]:
    """The list citizens see."""
    return tuple(Command(name=name, description=text) for name, text in _texts()["commands"].items())


def descriptions(office_name: str) -> tuple[str, str]:
    """Text of the empty chat and the short text of the profile. A name too long for Telegram's limit is left out."""
    found = []
    limits = {"description": BotDescriptionLimit.MAX_DESCRIPTION_LENGTH, "short_description": 120}
    for key, limit in limits.items():
        template = string.Template(_texts()[key].strip())
        text = template.substitute(office=office_name)
        found.append(text if len(text) <= limit else template.substitute(office="địa phương"))
    return found[0], found[1]


def deep_link(bot_username: str, village_code: str) -> str:
    """Address that opens the chat with the village as a hint; printed as a QR code on posters.

    It can be guessed and passed on: never take it for a proof of anything. Raises `InvalidInput` for a code Telegram
    cannot carry.
    """
    if not _PAYLOAD.fullmatch(village_code):
        raise InvalidInput(
            f"Mã thôn «{village_code}» không dùng được trong đường dẫn Telegram.",
            todo="Mã thôn chỉ gồm chữ không dấu, số, - và _, tối đa 64 ký tự.",
        )
    return f"https://t.me/{bot_username}?start={village_code}"


async def set_citizen_menu(bot: Bot) -> None:
    """Citizens' list for everybody who has no list of their own. Raises `TelegramError`."""
    for scope in (None, BotCommandScopeAllPrivateChats()):
        await _set(bot, citizen_commands(), scope)


async def set_chat_menu(bot: Bot, chat_id: int, commands: Sequence[Command]) -> None:
    """The list of one chat, a staff member's or a staff group's. Raises `TelegramError` (chat not met yet: 400)."""
    await _set(bot, commands, BotCommandScopeChat(chat_id))


async def clear_chat_menu(bot: Bot, chat_id: int) -> None:
    """Back to the citizens' list. Raises `TelegramError`."""
    for language in LANGUAGES:
        await bot.delete_my_commands(scope=BotCommandScopeChat(chat_id), language_code=language)


async def set_descriptions(bot: Bot, office_name: str) -> None:
    """Texts of the empty chat and of the profile. Raises `TelegramError`."""
    description, short = descriptions(office_name)
    for language in LANGUAGES:
        await bot.set_my_description(description, language_code=language)
        await bot.set_my_short_description(short, language_code=language)


async def _set(bot: Bot, commands: Sequence[Command], scope: BotCommandScope | None) -> None:
    listed = [BotCommand(command.name, command.description) for command in commands]
    for language in LANGUAGES:
        await bot.set_my_commands(listed, scope=scope, language_code=language)
