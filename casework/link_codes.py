"""One-time codes that show a further chat, or a paper receipt, to be the same person's: "LK-7KP-4MX-W2H".

Told apart from receipt codes by their beginning and length. Nine symbols of 31 are 44 bits; only the hash is stored.
"""

from __future__ import annotations

import re

from casework.codes import ALPHABET, Random
from casework.codes import code_hash as hash_of

PREFIX = "LK"
SYMBOLS = 9

_GAP = r"[\s.\-–]{0,3}"
_CODE = re.compile(
    rf"(?<![0-9A-Za-z])L{_GAP}K{_GAP}([0-9A-Za-z]{{3}}){_GAP}([0-9A-Za-z]{{3}}){_GAP}([0-9A-Za-z]{{3}})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def draw(random: Random) -> str:
    """A fresh code without separators."""
    while True:
        body = "".join(random.choice(ALPHABET) for _ in range(SYMBOLS))
        # A digit in every code keeps three ordinary words from being taken for one.
        if _has_digit(body):
            return PREFIX + body


def shown(code: str) -> str:
    """The code as people read it: "LK-7KP-4MX-W2H"."""
    body = code.removeprefix(PREFIX)
    return "-".join([PREFIX, *(body[start : start + 3] for start in range(0, SYMBOLS, 3))])


def find(text: str) -> str | None:
    """The code in a message, however it is spaced and cased; None when there is none."""
    match = _CODE.search(text)
    if match is None:
        return None
    body = "".join(match.groups()).upper()
    return PREFIX + body if _has_digit(body) else None


def _has_digit(body: str) -> bool:
    return any(symbol.isdigit() for symbol in body)


__all__ = ["PREFIX", "SYMBOLS", "draw", "find", "hash_of", "shown"]
