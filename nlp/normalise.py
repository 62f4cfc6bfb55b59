"""One normal form for every comparison: NFC, lower case, chat abbreviations spelt out, accents stripped.

Every token keeps where it stands in the *original* text, so that spans found here can be cut out there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import groupby
from typing import NamedTuple

#: characters read before any work that grows with length; longer than any message of the supported channels
TEXT_LIMIT = 4_096

_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_QUALITY = {"\u0302": "^", "\u0306": "(", "\u031b": "+"}
#: hỏi and ngã share a number: the two are the commonest confusion in writing, south and centre alike
_TONE = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "3", "\u0323": "5"}


def _accent_tables() -> tuple[dict[int, str], dict[int, str], dict[int, str]]:
    """Three tables over the Vietnamese letters: bare letter, letter without its tone, and the tone alone."""
    bare, toneless, tones = {ord("đ"): "d", ord("ð"): "d"}, {ord("ð"): "đ"}, {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base, *marks = list(unicodedata.normalize("NFD", chr(code)))
        if not marks or not base.isascii():
            continue
        bare[code] = base
        quality = "".join(mark for mark in marks if mark in _QUALITY)
        toneless[code] = unicodedata.normalize("NFC", base + quality)
        tones[code] = "".join(_TONE.get(mark, "") for mark in marks)
    return bare, toneless, tones


_BARE, _TONELESS, _TONES = _accent_tables()
#: capital letters a Vietnamese name may begin with, for use inside a character class
CAPITALS = "A-Z" + "".join(chr(code) for code in sorted(_BARE) if chr(code).isupper()) + "Đ"
SMALL_LETTERS = "a-z" + "".join(chr(code) for code in sorted(_BARE) if chr(code).islower())
_BARE_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz")
#: words after which a single letter is a label or somebody's initial
_LABELLED = frozenset(
    {
        "khu",
        "lop",
        "to",
        "nha",
        "block",
        "lo",
        "day",
        "ong",
        "ba",
        "anh",
        "chi",
        "thang",
        "ten",
        "truong",
        "hoc",
        "khoi",
    }
)
_WORD = re.compile(r"\d+[^\W\d_]*|[^\W\d_]+")
_PAUSE = re.compile(r"[,;:!?\n()]|[.…](?=\s|$)")
_NUMBER_NEXT = re.compile(r"\s?\d")
_NONE: Mapping[str, tuple[str, ...]] = {}
_LONG_DRAWN = re.compile(r"([^\W\d_])\1{2,}")
_I_OR_Y = re.compile(r"^(ng|gi|qu|[hklmst])y$")


@dataclass(frozen=True, kw_only=True, slots=True)
class Clean:
    """Readable characters of a text in NFC; `origins[i]` is the original span of character i, None when the
    text was clean already and positions are unchanged."""

    text: str
    origins: tuple[tuple[int, int], ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """The span of the original text behind a non-empty span of the clean one."""
        if self.origins is None or end <= start:
            return start, end
        return self.origins[start][0], self.origins[end - 1][1]


class Token(NamedTuple):
    """One word: `key` is the accent-free form everything is looked up by, `canon` the accented form written
    independently of where the tone mark stands, `start`/`end` offsets in the clean text."""

    surface: str
    key: str
    canon: str
    start: int
    end: int
    #: spelt out from an abbreviation, so its accents are ours and not the writer's
    is_spelt_out: bool = False
    #: a comma, full stop or the like stands before it
    after_pause: bool = False

    @property
    def is_accented(self) -> bool:
        return self.canon != self.key


#: makes a token of a tuple, without the call to Python that `Token(...)` is
_token = partial(tuple.__new__, Token)


def clean(text: str, *, limit: int | None = TEXT_LIMIT) -> Clean:
    """NFC without control, zero-width and direction marks; line breaks and tabs become spaces."""
    if limit is not None:
        text = text[:limit]
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return Clean(text=text)
    characters: list[str] = []
    origins: list[tuple[int, int]] = []
    for start, end in _clusters(text):
        for character in unicodedata.normalize("NFC", text[start:end]):
            if character in "\n\r\t":
                character = " "
            elif unicodedata.category(character) in _INVISIBLE:
                continue
            characters.append(character)
            origins.append((start, end))
    return Clean(text="".join(characters), origins=tuple(origins))


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    """Pieces that compose on their own: a letter with the marks that follow it."""
    start = 0
    for position in range(1, len(text) + 1):
        if position < len(text) and not text[position].isascii():
            joined = text[start : position + 1]
            apart = unicodedata.normalize("NFC", text[start:position]) + text[position]
            if unicodedata.combining(text[position]) or unicodedata.normalize("NFC", joined) != apart:
                continue
        if position > start:
            yield start, position
        start = position


def word_set(text: str) -> frozenset[str]:
    """The words of a text, for tables of words in code."""
    return frozenset(text.split())


def fold(text: str) -> str:
    """Lower case without Vietnamese accents, đ included; length is kept for composed text."""
    if text.isascii():
        return text.lower()
    return _folded(text) if len(text) <= TEXT_LIMIT else _lower(text).translate(_BARE)


@lru_cache(maxsize=8)
def _folded(text: str) -> str:
    """The last few are kept, as several look through one message in turn."""
    return _lower(text).translate(_BARE)


def _lower(text: str) -> str:
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


@lru_cache(maxsize=16_384)
def word_forms(word: str) -> tuple[str, str]:
    """`key` and `canon` of one word (any case)."""
    lowered = _lower(word)
    toneless = lowered.translate(_TONELESS)
    tone = "".join(_TONES.get(ord(character), "") for character in lowered)
    key = lowered.translate(_BARE)
    if _LONG_DRAWN.search(key):
        runs = ["".join(accented for _, accented in run) for _, run in _runs(key, toneless)]
        key = _LONG_DRAWN.sub(r"\1", key)
        toneless = "".join(_shortened(run) for run in runs)
    if key.endswith("y") and _I_OR_Y.match(key):
        key, toneless = key[:-1] + "i", toneless[:-1] + "i"
    return key, toneless + tone


def _runs(key: str, toneless: str) -> Iterator[tuple[str, Iterator[tuple[str, str]]]]:
    return groupby(zip(key, toneless, strict=True), key=lambda pair: pair[0])


def _shortened(run: str) -> str:
    """One letter for a long-drawn run ("ââââ", "ưuuu"), the accented one if there is one."""
    if len(run) < 3 or not run[0].isalpha():
        return run
    return next((letter for letter in run if letter not in _BARE_LETTERS), run[0])


def tokenise(text: str, abbreviations: Mapping[str, tuple[str, ...]] | None = None) -> list[Token]:
    """Words of a clean text; letters are parted from the digits that follow them ("ql37" is "ql" "37") and
    an abbreviation becomes the words it stands for, each at the place of the abbreviation."""
    tokens: list[Token] = []
    previous, last_end = "", 0
    known = abbreviations or _NONE
    for found in _WORD.finditer(text):
        start, end = found.span()
        surface = text[start:end]
        # Almost always the gap is one space; only then is there nothing to look for.
        plain_gap = start - last_end == 1 and text[last_end] == " "
        paused = not plain_gap and bool(tokens) and _PAUSE.search(text, last_end, start) is not None
        spelt = known.get(surface) or (None if surface.islower() else known.get(_lower(surface)))
        if spelt is None or _is_label(text, surface, end, previous):
            previous, canon = word_forms(surface)
            tokens.append(_token((surface, previous, canon, start, end, False, paused)))
        else:
            for word in spelt:
                previous, canon = word_forms(word)
                tokens.append(_token((word, previous, canon, start, end, True, paused)))
                paused = False
        last_end = end
    return tokens


def _is_label(text: str, word: str, end: int, previous: str) -> bool:
    """Whether what looks like an abbreviation is none: a single letter after a word that takes a label is a name
    ("khu K", "bà V."), and so is a short one with a number behind it ("k43", "đt 720")."""
    if len(word) == 1 and previous in _LABELLED:
        return True
    return len(word) <= 2 and _NUMBER_NEXT.match(text, end) is not None


def normal_form(text: str, abbreviations: Mapping[str, tuple[str, ...]] | None = None) -> str:
    """The keys of a text joined by single spaces; equal for NFC and NFD input. A normal form is its own
    normal form; abbreviations are spelt out once, in the text as written."""
    return " ".join(token.key for token in tokenise(clean(text).text, abbreviations))


def has_accents(tokens: Iterable[Token]) -> bool:
    """Whether the writer uses accents (some writers mix; a quarter of the words is enough)."""
    words = accented = 0
    for _, key, canon, _, _, is_spelt_out, _ in tokens:
        if not is_spelt_out and not key[:1].isdigit():
            words += 1
            accented += canon != key
    return words > 0 and accented >= 0.25 * words
