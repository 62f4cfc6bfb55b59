"""Does a quote stand in the official text: word for word, whatever the spaces, capitals, hyphens and way of typing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from casework.regulations.model import Regulation, Rule

_WORD = re.compile(r"\w+")
#: "uỷ" and "ủy" are one word: the mark of the tone may stand on either vowel of these pairs
_TONES = {"\u0300", "\u0301", "\u0303", "\u0309", "\u0323"}
_PAIRS = ("oa", "oe", "uy")


@dataclass(frozen=True, kw_only=True)
class Checked:
    """The quotes of one regulation against one source; `without` are rules whose wording was not at hand."""

    regulation: str
    found: tuple[Rule, ...]
    missing: tuple[Rule, ...]
    without: tuple[Rule, ...]


def words(text: str) -> tuple[str, ...]:
    """The words of a text, made alike: composed, lower case, tone on one vowel, no punctuation."""
    composed = unicodedata.normalize("NFC", text).lower()
    return tuple(_one_tone(word) for word in _WORD.findall(composed))


def _one_tone(word: str) -> str:
    """The word with its tone mark at the end, so that "uỷ" equals "ủy" and "hoà" equals "hòa"."""
    letters = unicodedata.normalize("NFD", word)
    bare = "".join(letter for letter in letters if letter not in _TONES)
    if not any(pair in bare for pair in _PAIRS):
        return word
    return bare + "".join(letter for letter in letters if letter in _TONES)


def check_quotes(text: Regulation, source: str) -> Checked:
    """Every quote of a regulation looked for in the official text."""
    page = f" {' '.join(words(source))} "
    quoted = [rule for rule in text.rules() if rule.quote.strip()]
    found = [rule for rule in quoted if f" {' '.join(words(rule.quote))} " in page]
    return Checked(
        regulation=text.code,
        found=tuple(found),
        missing=tuple(rule for rule in quoted if rule not in found),
        without=tuple(rule for rule in text.rules() if not rule.quote.strip()),
    )
