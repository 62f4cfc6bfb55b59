"""The ways into our chats that a QR code can open, per village."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from casework.errors import InvalidInput

#: opens the chat with an official account. No parameter for a payload is documented, so the person says the village
ZALO = "https://zalo.me/{oa_id}"
#: opens the chat with a bot; the payload comes with the person's first tap (core.telegram.org/bots/features, deep
#: links)
TELEGRAM = "https://t.me/"
#: what a bot may be called (core.telegram.org/bots/features, creating a bot), and what a payload may be made of
_BOT_NAME = re.compile(r"[A-Za-z]\w{1,28}bot", re.ASCII | re.IGNORECASE)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
#: a village's hint in a payload; the conversation reads it
VILLAGE_HINT = "v_"


@dataclass(frozen=True, kw_only=True)
class Entrances:
    """Our accounts, as far as they are known."""

    zalo_oa_id: str | None = None
    #: address behind the Zalo code, with {oa_id} and, once a payload proves possible, {village}; None: `ZALO`
    zalo_url: str | None = None
    #: user name of the Telegram bot, without @
    telegram_bot: str | None = None


@dataclass(frozen=True, kw_only=True)
class Door:
    """One way in."""

    #: as channels are named
    channel: str
    #: as people call it
    name: str
    url: str
    #: the chat knows the village by itself; else the person writes its name first
    knows_village: bool


def doors(entrances: Entrances, village_code: str | None = None) -> list[Door]:
    """The ways in for people of a village (None: of any), the one most people have first.

    Raises `InvalidInput` for a Zalo address with fields we cannot fill.
    """
    hint = f"{VILLAGE_HINT}{village_code}" if village_code else ""
    found = []
    if entrances.zalo_oa_id:
        template = entrances.zalo_url or ZALO
        url = _filled(template, oa_id=entrances.zalo_oa_id, village=hint)
        found.append(
            Door(channel="zalo-oa", name="Zalo", url=url, knows_village=bool(hint) and "{village}" in template)
        )
    if entrances.telegram_bot:
        known = _PAYLOAD.fullmatch(hint) is not None
        url = f"{TELEGRAM}{entrances.telegram_bot}" + (f"?start={hint}" if known else "")
        found.append(Door(channel="telegram", name="Telegram", url=url, knows_village=known))
    return found


def bot_name(typed: str) -> str:
    """The user name of a Telegram bot out of what a clerk types or pastes: "@TanMinhBot", "https://t.me/TanMinhBot".

    Raises `InvalidInput`.
    """
    name = re.sub(r"^(?:https?://)?t\.me/", "", typed.strip()).lstrip("@").partition("?")[0]
    if not _BOT_NAME.fullmatch(name):
        raise InvalidInput(
            f"«{typed}» không phải tên bot Telegram.",
            todo="Tên gồm chữ không dấu và số, kết thúc bằng bot, ví dụ @TanMinhBot.",
        )
    return name


def _filled(template: str, *, oa_id: str, village: str) -> str:
    url = template.replace("{oa_id}", quote(oa_id, safe="")).replace("{village}", quote(village, safe=""))
    if "{" in url or not url.startswith("https://"):
        raise InvalidInput(
            "Địa chỉ sau mã QR Zalo (DOITHOAI_ZALO_DOOR_URL) không đúng mẫu.",
            todo="Bắt đầu bằng https://, chỉ dùng {oa_id} và {village}, ví dụ https://zalo.me/{oa_id}",
        )
    return url
