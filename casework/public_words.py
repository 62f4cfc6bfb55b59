"""Words that may leave the office: without personal data, on one line, short.

Masking is the program's best effort; a person reads the wording before it becomes public.
"""

from __future__ import annotations

import re
from functools import lru_cache

from nlp import personal_data
from nlp.asides import set_aside

#: what stands where personal data stood
MASK = "(…)"
#: longest wording proposed as the title of an agenda line
TITLE_LIMIT = 200

_SPACES = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"(?<=[.!?…])\s")


#: proper names of the places of the office this installation serves, folded; told once, when the office is found
_places: frozenset[str] = frozenset()


def know_places(names: frozenset[str]) -> None:
    """From now on these names of places are nobody's name."""
    global _places
    _places = names


def name_free(text: str, *, keep: str | None = None) -> str:
    """The text with every stretch of personal data the program finds masked, but for the one name to `keep`; names of
    places stay."""
    found = personal_data.find(text, _places)
    own = _pattern(frozenset({keep})) if keep else None
    # What is found may be a part of the name: "Tư Hoa" of "Bà Tư Hoa".
    kept = [match.span() for match in own.finditer(text)] if own is not None else []
    others = tuple(one for one in found if not any(start <= one.start and one.end <= end for start, end in kept))
    return personal_data.redact(text, others, MASK)


def without_names(text: str, names: frozenset[str], *, keep: str | None = None) -> str:
    """The text with these people's names masked wherever they stand, but for the one to `keep`; single words are too
    common to be sure."""
    pattern = _pattern(names)
    if pattern is None:
        return text
    kept = _as_said(keep or "")
    return pattern.sub(lambda found: found[0] if _as_said(found[0]) == kept else MASK, text)


def _as_said(name: str) -> str:
    return _SPACES.sub(" ", name).strip().casefold()


@lru_cache(maxsize=4)
def _pattern(names: frozenset[str]) -> re.Pattern[str] | None:
    known = {tuple(name.split()) for name in names}
    full = sorted((words for words in known if len(words) > 1), key=lambda words: (-len(words), words))
    if not full:
        return None
    wanted = "|".join(r"\s+".join(re.escape(word) for word in words) for words in full)
    return re.compile(rf"(?<!\w)(?:{wanted})(?!\w)", re.IGNORECASE)


def holds_personal_data(text: str) -> bool:
    """Whether the program finds personal data in the text."""
    return bool(personal_data.find(text, _places))


def one_line(text: str, limit: int) -> str:
    """The text on one line, cut at a word when longer than `limit` characters."""
    flat = _SPACES.sub(" ", text).strip()
    if len(flat) <= limit:
        return flat
    cut = flat[: limit - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > limit // 2 else cut).rstrip(" ,.;:") + "…"


def proposed_title(text: str) -> str:
    """A name-free wording for the agenda out of a citizen's words, without greeting, introduction and signature:
    whole sentences while they fit."""
    flat = one_line(name_free(set_aside(text).rest), len(text) + len(MASK) * len(text))
    title = ""
    for sentence in _SENTENCE_END.split(flat):
        longer = f"{title} {sentence}".strip()
        if title and len(longer) > TITLE_LIMIT:
            break
        title = longer
    return one_line(title, TITLE_LIMIT)
