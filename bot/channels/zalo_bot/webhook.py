"""Is this request to our webhook from the Zalo Bot Platform? Asked before anything in it is read."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Final

#: docs "webhook": equals the configured secret
SECRET_HEADER: Final = "X-Bot-Api-Secret-Token"  # noqa: S105 - a header name


def check_secret(headers: Mapping[str, str], secret: str) -> bool:
    """Whether the request carries our secret; takes the same time however much of it is right.

    `headers`: case-insensitive, as aiohttp gives them. An empty `secret` lets nobody in.
    """
    given = headers.get(SECRET_HEADER, "")
    same = hmac.compare_digest(given.encode("utf-8", "surrogateescape"), secret.encode())
    return same and bool(secret)


def is_usable_secret(secret: str) -> bool:
    """Whether Zalo accepts it: 8 to 256 characters; ours are printable ASCII, as a header needs."""
    return 8 <= len(secret) <= 256 and secret.isascii() and secret.isprintable() and " " not in secret
