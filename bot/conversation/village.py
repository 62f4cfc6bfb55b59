"""Where the matter is: named for this draft, read from its words, or remembered."""

from __future__ import annotations

import re

from bot.conversation.turn import Turn
from casework.wording import say
from nlp.analysis import Analysis
from nlp.normalise import fold

_ACCENTED = {"thon": "thôn", "xom": "xóm", "ap": "ấp", "ban": "bản", "to": "tổ", "khu": "khu", "lang": "làng"}
_NUMBERED = re.compile(r"\b(thôn|thon|xóm|xom|ấp|ap|bản|ban|tổ|to|khu|làng|lang)\s+(\d{1,2})\b", re.IGNORECASE)


def draft_village(turn: Turn, analysis: Analysis) -> str | None:
    """Code of the village named for this draft, else the one its words pin down, else the remembered one."""
    if turn.talk.village is not None:
        return turn.talk.village
    named = {place.residential_group for place in analysis.places if place.residential_group}
    known = {village.code for village in turn.facts.villages}
    if len(named & known) == 1:
        return next(iter(named & known))
    return turn.facts.village


def named_village(analysis: Analysis) -> str | None:
    """The one village a text calls by its name; where a school or an office stands says nothing of the sender."""
    named = {place.residential_group for place in analysis.places if place.sort == "group"}
    return named.pop() if len(named) == 1 else None


def village_name(turn: Turn, code: str | None) -> str | None:
    return next((village.name for village in turn.facts.villages if village.code == code), None)


def village_as_said(turn: Turn, code: str | None, text: str) -> str | None:
    """The name of a village, with the number the text calls it by where that is another: "thôn Trung (thôn 3)"."""
    name = village_name(turn, code)
    if name is None:
        return None
    for said in _NUMBERED.finditer(text):
        called = " ".join(said[0].split())
        if turn.facts.village_named(called) == code and fold(called) != fold(name):
            word = _ACCENTED.get(fold(said[1]), said[1].lower())
            return say("draft.also_called", village=name, said=f"{word} {said[2]}")
    return name


def village_in(turn: Turn, text: str) -> str | None:
    """The village a typed answer names. A bare number is the line of the list it was shown with."""
    if text.strip().rstrip(".").isdigit() or len(text) > 60 or _only_sounds_alike(turn, text):
        return None
    return turn.facts.village_named(text)


def _only_sounds_alike(turn: Turn, text: str) -> bool:
    """«hả» is not thôn Hạ: a single word with other accents than a village's is no answer."""
    word = text.strip(" ?!.,").lower()
    names = {part.lower() for village in turn.facts.villages for part in village.name.split()}
    return not word.isascii() and word not in names and fold(word) in {fold(name) for name in names}
