"""What tells two reports apart that use the same words: labelled numbers, months, and what is asked for.

"Lớp 6" is not "lớp 9", "hẻm 47" not "hẻm 74", the bill of March not that of September, and "mở rộng" not
"giữ nguyên".
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from threading import Lock

from nlp.matcher import Matcher, Phrase
from nlp.normalise import Token, word_set
from nlp.vocabulary import vocabulary

_LOADING = Lock()
#: words of a message that are looked at
WORDS_READ = 300
#: words before an action within which a word of asking, or one against it, speaks of it
_ASKED_WITHIN = 9
_AGAINST_WITHIN = 4
#: word (or pair of words) before a number -> what the number labels; those that name a spot part two reports always
_LABELS = {
    "hem": "lane", "kiet": "lane", "ngo": "lane", "ngach": "lane", "km": "km", "kilomet": "km", "block": "block",
    "toa": "block", "thua": "plot", "lop": "class", "khoi": "class", "khoa": "course", "tuyen": "line",
    "buyt": "line", "bus": "line", "lo": "lot", "cot": "pole", "tru": "pole", "phong": "room", "quay": "counter",
    "day": "row", "nha so": "house", "so nha": "house", "ho so so": "file", "ma ho so": "file", "bien ap so": "station",
    "kenh": "canal", "cong so": "sluice", "ao so": "pond", "can ho": "flat", "tang": "floor", "duong so": "street",
    "to": "cell",
}  # fmt: skip
#: labels of a spot: two different ones are two places
SPOTS = frozenset({"lane", "km", "block", "plot", "line", "house", "file", "station", "lot", "street"})
_NUMBER = re.compile(r"\d{1,4}[a-z]{0,2}")
_SPELT = {"mot": "1", "hai": "2", "ba": "3", "tu": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8", "chin": "9"}
_MONTH_NAMES = {**_SPELT, "muoi": "10", "gieng": "1", "chap": "12"}
_SINCE = word_set("tu hoi sau truoc dau cuoi giua khoang den toi")
#: the sender says that it is over
_OVER = (
    ("da", "sua", "xong"), ("da", "co", "lai"), ("da", "khac", "phuc"), ("co", "lai", "roi"), ("da", "on"),
    ("da", "duoc", "sua"), ("da", "sang", "lai"), ("sang", "lai", "roi"), ("sua", "xong", "roi"),
)  # fmt: skip
_NOT_OVER = word_set("lai van tiep nua chua")


@dataclass(frozen=True, kw_only=True)
class Particulars:
    """`numbers` as "lane:47"; `months` as numbers, only those an event belongs to; `asks` as "+widen" or "-widen";
    `over` when the sender says that it has ended."""

    numbers: tuple[str, ...] = ()
    months: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    over: bool = False


def particulars_of(tokens: Sequence[Token], accented: bool) -> Particulars:
    """Reads the beginning of a message."""
    words = tokens[:WORDS_READ]
    keys = [word.key for word in words]
    return Particulars(
        numbers=tuple(sorted(set(_numbers(keys)))),
        months=tuple(sorted(set(_months(keys)))),
        asks=tuple(sorted(_asks(words, accented))),
        over=_is_over(keys),
    )


def _numbers(keys: Sequence[str]) -> Iterable[str]:
    for place, key in enumerate(keys):
        if not _NUMBER.fullmatch(key) or place == 0:
            continue
        before = keys[max(0, place - 3) : place]
        if before[-1] == "so" and len(before) > 1 and before[-2] in _LABELS:
            yield f"{_LABELS[before[-2]]}:{key.lstrip('0') or '0'}"
            continue
        for size in (3, 2, 1):
            label = _LABELS.get(" ".join(before[-size:])) if len(before) >= size else None
            if label is not None:
                yield f"{label}:{key.lstrip('0') or '0'}"
                break


def _months(keys: Sequence[str]) -> Iterable[str]:
    for place in range(len(keys) - 1):
        month = _MONTH_NAMES.get(keys[place + 1], keys[place + 1])
        if keys[place] != "thang" or not (month.isdigit() and 1 <= int(month) <= 12):
            continue
        if place + 2 < len(keys) and keys[place + 1] in _MONTH_NAMES and keys[place + 2] in ("lan", "nay", "roi"):
            continue
        if not _SINCE & set(keys[max(0, place - 2) : place]):
            yield str(int(month))


def _is_over(keys: Sequence[str]) -> bool:
    for pattern in _OVER:
        size = len(pattern)
        for start in range(len(keys) - size + 1):
            if tuple(keys[start : start + size]) == pattern:
                rest = set(keys[start + size : start + size + 8])
                return not rest & _NOT_OVER
    return False


def _asks(words: Sequence[Token], accented: bool) -> set[str]:
    hits = _matcher().find(words, accented)
    cues = [(hit.start, hit.end) for hit in hits if hit.phrase.tag == "cue:ask"]
    against = [hit.end for hit in hits if hit.phrase.tag == "cue:against"]
    found = set()
    for hit in hits:
        axis, _, end = hit.phrase.tag.partition(":")
        if axis == "cue":
            continue
        refused = any(0 <= hit.start - stop <= _AGAINST_WITHIN for stop in against)
        if refused or any(0 <= hit.start - stop <= _ASKED_WITHIN for _, stop in cues):
            plus = (end == "plus") != refused
            found.add(f"{'+' if plus else '-'}{axis}")
    return {ask for ask in found if not {f"+{ask[1:]}", f"-{ask[1:]}"} <= found}


def opposite(some: Iterable[str], others: Iterable[str]) -> str | None:
    """The axis on which the two ask for opposite things; None when there is none."""
    wanted = set(others)
    for ask in sorted(some):
        if f"{'-' if ask[0] == '+' else '+'}{ask[1:]}" in wanted:
            return ask[1:]
    return None


def _matcher() -> Matcher:
    with _LOADING:
        return _read()


@cache
def _read() -> Matcher:
    table: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
        (files("nlp") / "lexicon" / "asks.toml").read_text(encoding="utf-8")
    )
    abbreviations = vocabulary().abbreviations
    return Matcher.of(
        Phrase.parse(text, f"{axis}:{end}", abbreviations)
        for axis, ends in table.items()
        for end, written in ends.items()
        for text in written
    )
