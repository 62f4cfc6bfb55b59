"""Receipt codes and one-time codes: short, made to be read aloud and typed by old fingers.

The alphabet has no 0/O and no 1/I. The last of the six characters checks the first five: any single wrong character
and any swap of two neighbours is noticed (ISO 7064 style, modulus 31 over 31 of the symbols; see `_check`).
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import Protocol

#: 31 symbols: a prime count makes every single slip and every swap of neighbours visible
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXY"
LENGTH = 6

_LOOSE = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{3})[\s.\-–]?([0-9A-Za-z]{3})(?![0-9A-Za-z])")


class Random(Protocol):
    """What we ask of a source of randomness; `secrets.SystemRandom()` in life, a seeded one in tests."""

    def choice(self, seq: str, /) -> str: ...


def system_random() -> Random:
    return secrets.SystemRandom()


def _check(body: str) -> str:
    # Weights 2.. and a prime modulus: no two single slips and no swap of neighbours give the same sum.
    total = sum((position + 2) * ALPHABET.index(symbol) for position, symbol in enumerate(body))
    return ALPHABET[total % len(ALPHABET)]


def new_code(random: Random) -> str:
    """A fresh receipt code without separator, e.g. "K7P4MX"; uniqueness is the caller's to enforce."""
    while True:
        body = "".join(random.choice(ALPHABET) for _ in range(LENGTH - 1))
        code = body + _check(body)
        # A digit in every code keeps two ordinary three-letter words from being taken for one.
        if any(symbol.isdigit() for symbol in code):
            return code


def spoken(code: str) -> str:
    """The code as shown to people: two groups of three, "K7P-4MX"."""
    return f"{code[:3]}-{code[3:]}"


def parse_code(text: str) -> str | None:
    """Normal form of a code a person typed ("k7p 4mx", "K7P-4MX"), or None when it cannot be one."""
    symbols = re.sub(r"[\s.\-–]", "", text).upper()
    if len(symbols) != LENGTH or any(symbol not in ALPHABET for symbol in symbols):
        return None
    return symbols if symbols[-1] == _check(symbols[:-1]) else None


def find_code(text: str) -> str | None:
    """The first valid code inside a longer text."""
    for match in _LOOSE.finditer(text):
        code = parse_code(match[1] + match[2])
        if code is not None and any(symbol.isdigit() for symbol in code):
            return code
    return None


def one_time_code(random: Random) -> str:
    """A one-time code for linking accounts: ten symbols, about 49 bits, shown once."""
    return "".join(random.choice(ALPHABET) for _ in range(10))


def code_hash(code: str) -> str:
    """What is stored of a one-time code."""
    normal = re.sub(r"[\s.\-–]", "", code).upper()
    return hashlib.sha256(normal.encode()).hexdigest()
