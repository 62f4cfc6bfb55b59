"""A receipt code in the names of its letters, so that it can be read aloud, over a telephone or to an old ear."""

from __future__ import annotations

_NAMES = {
    **dict(zip("23456789", ["hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"], strict=True)),
    "A": "a",
    "B": "bê",
    "C": "xê",
    "D": "dê",
    "E": "e",
    "F": "ép",
    "G": "giê",
    "H": "hát",
    "J": "gi",
    "K": "ca",
    "L": "e-lờ",
    "M": "em-mờ",
    "N": "en-nờ",
    "P": "pê",
    "Q": "cu",
    "R": "e-rờ",
    "S": "ét-sì",
    "T": "tê",
    "U": "u",
    "V": "vê",
    "W": "vê kép",
    "X": "ích-xì",
    "Y": "i dài",
}


def read_aloud(code: str) -> str:
    """The code as it is said: "K7P4MX" -> "ca, bảy, pê - bốn, em-mờ, ích-xì". Separators are left out."""
    names = [_NAMES[symbol] for symbol in code.upper() if symbol in _NAMES]
    half = (len(names) + 1) // 2
    return " – ".join(", ".join(part) for part in (names[:half], names[half:]) if part)
