"""The ways people's typing differs from the written norm, made by code so that the model has seen them all.

Each takes the text and a random source and gives another text of the same meaning; `nlp.training.tried` measures
what learning from them is worth.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Mapping

from nlp.normalise import fold

_WORD = re.compile(r"[^\W\d_]+")
_TONES = {"\u0301": "s", "\u0300": "f", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_SHAPES = {"\u0302": None, "\u0306": "w", "\u031b": "w"}
_NEIGHBOURS = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "g": "fh", "h": "gj", "i": "uo", "k": "jl", "l": "k",
    "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "wa", "r": "et", "s": "ad", "t": "ry", "u": "yi", "v": "cb",
    "x": "zc", "y": "tu",
}  # fmt: skip
#: letters people of some region write for another sound of theirs
_HEADS = (
    ("tr", "ch"), ("ch", "tr"), ("s", "x"), ("x", "s"), ("gi", "d"), ("d", "gi"), ("v", "d"), ("l", "n"), ("n", "l"),
    ("r", "g"), ("r", "d"),
)  # fmt: skip
_TAILS = (("n", "ng"), ("ng", "n"), ("t", "c"), ("c", "t"), ("nh", "n"))


def without_accents(text: str, chance: random.Random) -> str:
    """As typed on a phone without a Vietnamese keyboard; case is kept."""
    return "".join(_bare(letter) for letter in unicodedata.normalize("NFC", text))


def _bare(letter: str) -> str:
    plain = fold(letter)
    return plain.upper() if letter.isupper() else plain


def some_accents_lost(text: str, chance: random.Random) -> str:
    """A writer who puts the accents where it suits."""
    share = chance.uniform(0.2, 0.7)
    return _WORD.sub(lambda word: without_accents(word[0], chance) if chance.random() < share else word[0], text)


def teencode(text: str, chance: random.Random, *, short: Mapping[str, tuple[str, ...]]) -> str:
    """Words shortened as in chat; `short` maps a word or phrase to the ways of shortening it."""
    share = chance.uniform(0.4, 0.95)
    words = text.split(" ")
    out: list[str] = []
    position = 0
    while position < len(words):
        for size in (4, 3, 2, 1):
            phrase = " ".join(words[position : position + size]).lower()
            if phrase in short and chance.random() < share:
                out.append(chance.choice(short[phrase]))
                position += size
                break
        else:
            out.append(words[position])
            position += 1
    return " ".join(out)


def telex_slips(text: str, chance: random.Random) -> str:
    """Keys of the telex keyboard left standing ("dduwowngf") or a tone key that came too late."""
    return _some_words(text, chance, 0.12, _in_telex)


def _in_telex(word: str, chance: random.Random) -> str:
    letters, tone = [], ""
    for letter in unicodedata.normalize("NFC", word):
        base, marks = unicodedata.normalize("NFD", letter)[0], unicodedata.normalize("NFD", letter)[1:]
        if letter in "đĐ":
            letters.append("dd" if chance.random() < 0.5 else "d")
            continue
        letters.append(base)
        for mark in marks:
            if mark in _TONES:
                tone = _TONES[mark]
            elif mark in _SHAPES:
                letters.append(_SHAPES[mark] or base.lower())
    return "".join(letters) + tone


def typing_errors(text: str, chance: random.Random) -> str:
    """Letters swapped, dropped, doubled or taken from the next key."""
    return _some_words(text, chance, 0.1, _mistyped)


def _mistyped(word: str, chance: random.Random) -> str:
    if len(word) < 3:
        return word
    at = chance.randrange(len(word) - 1)
    match chance.randrange(4):
        case 0:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case 1:
            return word[:at] + word[at + 1 :]
        case 2:
            return word[: at + 1] + word[at] + word[at + 1 :]
        case _:
            near = _NEIGHBOURS.get(fold(word[at]), word[at])
            return word[:at] + chance.choice(near) + word[at + 1 :]


def regional_spelling(text: str, chance: random.Random) -> str:
    """As it is spoken: tr/ch, s/x, d/gi/v, l/n, final n/ng and t/c, hỏi for ngã."""
    return _some_words(text, chance, 0.25, _as_spoken)


def _as_spoken(word: str, chance: random.Random) -> str:
    choice = chance.random()
    if choice < 0.5:
        decomposed = unicodedata.normalize("NFD", word)
        swapped = decomposed.translate({0x309: 0x303, 0x303: 0x309})
        if swapped != decomposed:
            return unicodedata.normalize("NFC", swapped)
    lowered = word.lower()
    if choice < 0.8:
        fitting = [
            (old, new)
            for old, new in _HEADS
            if lowered.startswith(old) and not (old == "n" and lowered[1:2] in ("g", "h"))
        ]
        if fitting:
            old, new = chance.choice(fitting)
            return new + word[len(old) :]
    fitting = [(old, new) for old, new in _TAILS if lowered.endswith(old)]
    if fitting and len(word) > 3:
        old, new = chance.choice(fitting)
        return word[: -len(old)] + new
    return word


def spaces_lost(text: str, chance: random.Random) -> str:
    """Some neighbours run together, punctuation without the space after it."""
    text = re.sub(r"([,.!?;]) ", lambda found: found[1] if chance.random() < 0.6 else found[0], text)
    return re.sub(r"(?<=[^\W\d_]) (?=[^\W\d_])", lambda found: "" if chance.random() < 0.06 else " ", text)


def careless(text: str, chance: random.Random) -> str:
    """No capitals and little punctuation, or all in capitals."""
    if chance.random() < 0.15:
        return text.upper()
    return re.sub(r"[,.;]", lambda found: "" if chance.random() < 0.7 else found[0], text.lower())


def _some_words(text: str, chance: random.Random, share: float, change: Callable[[str, random.Random], str]) -> str:
    return _WORD.sub(lambda word: change(word[0], chance) if chance.random() < share else word[0], text)


def shortenings(abbreviations: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """The chat abbreviations the other way round: what is said -> how it is shortened."""
    short: dict[str, list[str]] = {}
    for abbreviation, words in abbreviations.items():
        short.setdefault(" ".join(words), []).append(abbreviation)
    return {said: tuple(sorted(ways)) for said, ways in sorted(short.items())}
