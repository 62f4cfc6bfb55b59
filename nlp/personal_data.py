"""Finds and masks personal data in what citizens write.

Spans are offsets in the text as it was received. Missing one exposes a person, masking too much only makes a
sentence harder to read; still, money, document numbers and road numbers are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from dataclasses import dataclass

from nlp.analysis import PersonalData
from nlp.normalise import clean, fold
from nlp.persons import names_in

#: longest text searched; a message of any channel is shorter
SEARCHED = 100_000

# Patterns run on the accent-free lower-case text; it has the length of the clean text.
_MONEY_NEXT = r"(?!\s*(?:d\b|dong|vnd|ngan(?! hang)|nghin|trieu|ty\b|tr\b|m2|%))"
_SPELT = "(?:khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin|muoi)"
_NO_STREET = "(?:bi|mat|nuoc|dien|hoi|hay|vao|lay|ngap|hong|duoc|co|khong|la|cong) "
_LANES = "(?:ngo|ngach|hem|duong|pho|kiet|to|thon|xom|ap|khu pho|kp)"


@dataclass(frozen=True, kw_only=True)
class _Pattern:
    """`signs`: one of them stands in every text the pattern matches; most texts are told so at once."""

    type: str
    regex: re.Pattern[str]
    signs: tuple[str, ...] = ()


def _pattern(kind: str, regex: str, signs: str = "") -> _Pattern:
    return _Pattern(type=kind, regex=re.compile(regex), signs=tuple(signs.split("|")) if signs else ())


#: looked for in every text
_WITHOUT_DIGITS = (
    _pattern("email", r"\b[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}\b", "@"),
    _pattern("phone", rf"\b(?:khong|o)(?:[ ,]{{1,2}}{_SPELT}){{8,10}}\b", "khong|o "),
)
#: looked for in texts with a digit
_WITH_DIGITS = (
    _pattern("insurance_number", r"\b[a-z]{2}[ .-]?\d(?:[ .-]?\d){12}(?!\d)"),
    _pattern(
        "insurance_number",
        r"\b(?:ma so bhxh|so so bhxh|so bhxh|ma bhxh|bhxh so|ma the|the bhyt so|so the bhyt|ma so bao hiem|so bao hiem)"
        r"[\s:]*(?:so\s*)?(?:la\s*)?(?P<value>[a-z]{0,2}\d{10,15})\b",
        "bhxh|ma the|bhyt|bao hiem",
    ),
    _pattern(
        "bank_account",
        r"\b(?:stk|so tai khoan|tai khoan|so tk|tk|the atm|so the atm|the ngan hang)\b[^\d\n]{0,40}"
        r"(?P<value>\d(?:[ .-]?\d){5,18})(?!\d)" + _MONEY_NEXT,
        "tk|tai khoan|atm|the ngan hang",
    ),
    _pattern("id_number", r"(?<![\d.,/-])0\d{2}[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?![\d/]|[.,]\d)"),
    _pattern(
        "id_number",
        r"\b(?:cmnd|cccd|cmt|chung minh nhan dan|chung minh thu|chung minh|can cuoc cong dan|can cuoc|ho chieu|"
        r"so dinh danh|dinh danh)[^\d\n]{0,24}(?P<value>[a-z]?\d{7,9}|\d{3}[ .]\d{3}[ .]\d{3})(?!\d)",
        "cmnd|cccd|cmt|chung minh|can cuoc|ho chieu|dinh danh",
    ),
    _pattern(
        "phone",
        r"(?<![\d.,/-])(?:\(?\+?84\)?[ .-]?(?:\(?0\)?)?[2-9]|\(?0[ .-]?[1-9])(?:\d{1,3}\))?(?:[ .-]?\d){6,9}(?![\d/])",
        "0|84",
    ),
    #: the letter o for the first digit, as in "o9 12 …"
    _pattern("phone", r"(?<![a-z\d])o[ .-]?[35789](?:[ .-]?[\do]){8}(?![a-z\d])", "o"),
    _pattern(
        "birth_date",
        r"\b(?:sinh|ngay sinh|nam sinh|sn|ns|sinh nhat|de ngay)\b[\s:]*(?:ngay|nam)?[\s:]*"
        r"(?P<value>\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)?\d{2}"
        r"|\d{1,2} thang \d{1,2}(?: nam (?:19|20)\d{2})?|(?:19|20)\d{2})\b",
        "sinh|sn|ns|de ngay",
    ),
    _pattern(
        "plate",
        r"(?<![\d/])\b[1-9]\d\s?-?\s?(?:[a-z]{1,2}\d?|[a-z]\d)\s?[-. ]\s?\d{3}[.]?\d{2}\b"
        r"|\b(?:bien so|bien kiem soat|bks)(?: xe)?[\s:]*"
        r"(?P<value>\d{2}\s?-?[a-z]{1,2}\d?\s?[-. ]?\s?\d{3}[.]?\d{1,2})\b",
    ),
    _pattern(
        "parcel_number",
        r"\b(?:thua(?: dat)?(?: so)?[\s:]{1,2}(?P<value>\d{1,5}[a-z]?[, ]{1,2}(?:thuoc )?(?:to ban do|to bd|tbd|to)"
        r"(?: so)?[\s:]{1,2}\d{1,4})|thua(?: dat)? so[\s:]{1,2}(?P<only>\d{1,5})\b)",
        "thua",
    ),
    _pattern(
        "parcel_number",
        r"\b(?:so do|so hong|giay chung nhan|gcn|gcnqsdd|so vao so)[^\d\n]{0,20}?(?:so[\s:]{1,2})?"
        r"(?P<value>\b[a-z]{2} ?\d{5,8})\b",
        "so do|so hong|giay chung nhan|gcn|vao so",
    ),
    _pattern(
        "address",
        r"\b(?:so nha|nha so|dia chi(?: nha)?(?: tai| o)?(?: so)?|o so|tai so|nha toi so|nha em so)"
        r"[\s:]+(?:so )?"
        rf"(?P<value>\d{{1,4}}[a-z]?(?:/\d{{1,4}}[a-z]?){{0,4}}"
        rf"(?:[ ,]{{1,2}}{_LANES}\s[^\s,.;!?]{{1,12}}(?: (?!{_NO_STREET}|{_LANES} )[^\s,.;!?]{{1,12}}){{0,2}}){{0,3}})",
        "so nha|nha so|dia chi|o so|tai so|nha toi so|nha em so",
    ),
)
#: a year behind a name is that of a birth: "Nguyễn Thị Lúa, 1951"
_YEAR_AFTER = re.compile(r"[ ,(-]{1,3}((?:19[2-9]|20[012])\d)\b(?!\s*(?:d\b|dong|m2))")
_DIGIT = re.compile(r"\d")


def find(text: str, places: Container[str] = frozenset()) -> tuple[PersonalData, ...]:
    """Personal data of a text in reading order, without overlaps; offsets are those of `text`. `places`: names of
    places, folded, that are nobody's name unless somebody is addressed by them."""
    readable = clean(text, limit=SEARCHED)
    folded = fold(readable.text)
    spans: list[tuple[int, int, str]] = []
    taken = bytearray(len(folded))
    patterns = _WITHOUT_DIGITS + _WITH_DIGITS if _DIGIT.search(folded) else _WITHOUT_DIGITS
    for pattern in patterns:
        if pattern.signs and not any(map(folded.__contains__, pattern.signs)):
            continue
        for found in pattern.regex.finditer(folded):
            named = [name for name, value in found.groupdict().items() if value]
            group: str | int = named[0] if named else 0
            if pattern.type == "phone" and not _is_phone(found.group(group)):
                continue
            _claim(spans, taken, found.start(group), found.end(group), pattern.type)
    for start, end in names_in(readable.text, folded, places):
        _claim(spans, taken, start, end, "name")
        if born := _YEAR_AFTER.match(folded, end):
            _claim(spans, taken, born.start(1), born.end(1), "birth_date")
    return tuple(
        PersonalData(type=sort, start=start, end=end)
        for start, end, sort in sorted((*readable.original(start, end), sort) for start, end, sort in spans)
    )


def _is_phone(written: str) -> bool:
    digits = sum(character.isdigit() or character == "o" for character in written)
    return 9 <= digits <= 12 or not any(character.isdigit() for character in written)


def _claim(spans: list[tuple[int, int, str]], taken: bytearray, start: int, end: int, sort: str) -> None:
    """The first pattern to claim a stretch keeps it."""
    if not any(taken[start:end]):
        taken[start:end] = b"\x01" * (end - start)
        spans.append((start, end, sort))


def redact(text: str, spans: Iterable[PersonalData], mask: str = "[…]") -> str:
    """The text with every span replaced by `mask`; spans may overlap and come in any order."""
    pieces: list[str] = []
    position = 0
    for span in sorted(spans, key=lambda item: (item.start, item.end)):
        if span.end <= position:
            continue
        if span.start >= position:
            pieces += [text[position : span.start], mask]
        position = span.end
    pieces.append(text[position:])
    return "".join(pieces)
