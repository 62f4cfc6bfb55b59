"""Cutting a long text into messages a platform takes. Nothing is dropped but white space at the cuts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import lru_cache

_GAP = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.!?…][\"'”’»)\]]*\Z")
#: a better place to cut is taken only when the part keeps more than this share of its room
_LEAST_SHARE = 0.3
_JOINER = "\u200d"


def utf16_units(text: str) -> int:
    """Length as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


UNITS: dict[str, Callable[[str], int]] = {"utf16": utf16_units, "codepoint": len}


def split(text: str, *, limit: int, unit: str = "utf16") -> list[str]:
    """`text` in Unicode normal form C, in parts of at most `limit` units ("utf16" or "codepoint").

    Cuts at the end of a paragraph, else of a line, a sentence, a word; only a single endless word is cut inside, and
    then never inside a character made of several code points (unless one such character alone is over the limit).
    Always the same parts for the same text. Raises `ValueError` for a limit below 2.
    """
    if limit < 2:
        raise ValueError(f"limit {limit}: a part must have room for one character of two units")
    return list(_all_parts(text, limit, unit))


# The outbox asks once for every part it sends; a text of a hundred thousand characters takes 40 ms to cut.
@lru_cache(maxsize=16)
def _all_parts(text: str, limit: int, unit: str) -> tuple[str, ...]:
    return tuple(_parts(unicodedata.normalize("NFC", text), limit, UNITS[unit]))


def _parts(text: str, limit: int, length: Callable[[str], int]) -> Iterator[str]:
    start = 0
    while True:
        window = _longest_prefix(text[start : start + limit], limit, length)
        if start + len(window) == len(text):
            if window.strip() or start == 0:
                yield window
            return
        end, following = _cut(text, start, start + len(window))
        if text[start:end].strip():
            yield text[start:end]
        start = following


def _longest_prefix(text: str, limit: int, length: Callable[[str], int]) -> str:
    while (excess := length(text) - limit) > 0:
        # A character is at most two units long, so this never takes away too many.
        text = text[: len(text) - max(1, excess // 2)]
    return text


def _cut(text: str, start: int, end: int) -> tuple[int, int]:
    """Where the part that begins at `start` ends, at most at `end`, and where the next one begins."""
    least = start + int((end - start) * _LEAST_SHARE)
    best: dict[int, tuple[int, int]] = {}
    last: tuple[int, int] | None = None
    # One more character is looked at: a part may end exactly before the white space.
    for gap in _GAP.finditer(text, start, end + 1):
        whole = _GAP.match(text, gap.start())
        if whole is None or gap.start() == start or _continues(text, whole.end()):
            continue
        last = whole.span()
        if gap.start() > least:
            best[_rank(text, *last)] = last
    if best:
        return best[min(best)]
    if last is not None:
        return last
    position = _between_characters(text, start, end)
    return position, position


def _rank(text: str, gap_start: int, gap_end: int) -> int:
    """How good a place to cut a gap is: 0 end of a paragraph, 1 of a line, 2 of a sentence, 3 of a word."""
    breaks = text.count("\n", gap_start, gap_end)
    if breaks:
        return 0 if breaks > 1 else 1
    return 2 if _SENTENCE_END.search(text, max(0, gap_start - 8), gap_start) else 3


def _between_characters(text: str, start: int, end: int) -> int:
    position = end
    while position > start and _continues(text, position):
        position -= 1
    return position if position > start else end


def _continues(text: str, position: int) -> bool:
    """Whether the code point at `position` belongs to the character before it."""
    if position >= len(text):
        return False
    symbol, before = text[position], text[position - 1]
    if unicodedata.category(symbol) in ("Mn", "Mc", "Me") or symbol == _JOINER or before == _JOINER:
        return True
    point, point_before = ord(symbol), ord(before)
    if 0x1F3FB <= point <= 0x1F3FF or 0xE0020 <= point <= 0xE007F:
        return True
    if _is_flag_half(point) and _is_flag_half(point_before):
        halves = 0
        while position - 1 - halves >= 0 and _is_flag_half(ord(text[position - 1 - halves])):
            halves += 1
        return halves % 2 == 1
    return False


def _is_flag_half(point: int) -> bool:
    return 0x1F1E6 <= point <= 0x1F1FF
