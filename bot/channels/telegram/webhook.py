"""Is this request to our webhook from Telegram? Asked before anything in it is read."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Final

#: https://core.telegram.org/bots/api#setwebhook
SECRET_HEADER: Final = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header name
#: largest body we read, bytes: an update with a 4096-character text and every entity is far smaller
MAX_BODY: Final = 1024 * 1024
_SECRET: Final = re.compile(r"[A-Za-z0-9_-]{1,256}")


def check_secret(headers: Mapping[str, str], secret: str) -> bool:
    """Whether the request carries our secret; takes the same time however much of it is right.

    `headers`: case-insensitive, as aiohttp gives them. An empty `secret` lets nobody in.
    """
    given = headers.get(SECRET_HEADER, "")
    same = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())
    return same and bool(secret)


def is_usable_secret(secret: str) -> bool:
    """Whether Telegram accepts it: 1 to 256 of A-Z, a-z, 0-9, _ and -."""
    return _SECRET.fullmatch(secret) is not None
