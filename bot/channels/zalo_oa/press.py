"""How a tap is told apart from typing: Zalo brings both as a text (developers.zalo.me, structure of buttons)."""

from __future__ import annotations

import re
from typing import Final

#: before each token. The "#" also passes the console's filter for texts that begin with it, should it be left on.
_MARK: Final = "#dt:"
_PAYLOAD: Final = re.compile(re.escape(_MARK) + r"(?P<token>[!-~]{1,64})")


def payload_of(token: str) -> str:
    """What a button sends back for a token."""
    return f"{_MARK}{token}"


def token_of(text: str) -> str | None:
    """The token of a tapped button; None for words somebody typed."""
    match = _PAYLOAD.fullmatch(text.strip())
    return match["token"] if match is not None else None
