"""Finds and masks personal data in what citizens write.

Spans are offsets in the text as it was received. Missing one exposes a person, masking too much only makes a
sentence harder to read; still, money, document numbers and road numbers are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable

from nlp.analysis import PersonalData
from nlp.normalise import CAPITALS, SMALL_LETTERS, clean, fold, word_set

#: longest text searched; a message of any channel is shorter
SEARCHED = 100_000

# Patterns run on the accent-free lower-case text unless said otherwise; it has the length of the clean text.
_MONEY_NEXT = r"(?!\s*(?:d\b|dong|vnd|ngan(?! hang)|nghin|trieu|ty\b|tr\b|m2|%))"
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"\b[a-z0-9][a-z0-9._%+-]{0,63}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,4}\b")),
    ("insurance_number", re.compile(r"\b[a-z]{2}[ .-]?\d[ .-]?\d{2}[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{4}\b")),
    ("insurance_number", re.compile(r"\b[a-z]{2}[ .-]?\d[ .-]?\d{12}\b")),
    (
        "insurance_number",
        re.compile(
            r"\b(?:ma so bhxh|so so bhxh|so bhxh|ma bhxh|ma the|the bhyt so|so the bhyt|ma so bao hiem)"
            r"[\s:]*(?:so\s*)?(?P<value>[a-z]{0,2}\d{10,15})\b"
        ),
    ),
    ("id_number", re.compile(r"(?<![\d.,/-])0\d{2}[ .-]?\d{3}[ .-]?\d{3}[ .-]?\d{3}(?![\d/]|[.,]\d)")),
    (
        "id_number",
        re.compile(
            r"\b(?:cmnd|cccd|cmt|chung minh nhan dan|chung minh thu|chung minh|can cuoc cong dan|can cuoc|ho chieu|"
            r"so dinh danh|dinh danh)[^\d\n]{0,24}(?P<value>[a-z]?\d{7,9}|\d{3}[ .]\d{3}[ .]\d{3})(?!\d)"
        ),
    ),
    (
        "phone",
        re.compile(
            r"(?<![\d.,/-])(?:\(?\+?84\)?[ .-]?(?:\(?0\)?)?[2-9]|\(?0[1-9])(?:\d{1,3}\))?(?:[ .-]?\d){7,9}(?![\d/])"
        ),
    ),
    (
        "bank_account",
        re.compile(
            r"\b(?:stk|so tai khoan|tai khoan|so tk|tk)\b[^\d\n]{0,40}(?P<value>\d(?:[ .-]?\d){5,18})(?!\d)"
            + _MONEY_NEXT
        ),
    ),
    (
        "birth_date",
        re.compile(
            r"\b(?:sinh|ngay sinh|nam sinh|sn|ns|sinh nhat|de ngay)\b[\s:]*(?:ngay|nam)?[\s:]*"
            r"(?P<value>\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)?\d{2}"
            r"|\d{1,2} thang \d{1,2}(?: nam (?:19|20)\d{2})?|(?:19|20)\d{2})\b"
        ),
    ),
    (
        "plate",
        re.compile(
            r"(?<![\d/])\b[1-9]\d\s?-?\s?(?:[a-z]{1,2}\d?|[a-z]\d)\s?[-. ]\s?\d{3}[.]?\d{2}\b"
            r"|\b(?:bien so|bien kiem soat|bks)(?: xe)?[\s:]*"
            r"(?P<value>\d{2}\s?-?[a-z]{1,2}\d?\s?[-. ]?\s?\d{3}[.]?\d{1,2})\b"
        ),
    ),
    (
        "address",
        re.compile(
            r"\b(?:so nha|nha so|dia chi(?: nha)?(?: tai| o)?(?: so)?|o so|tai so)[\s:]+"
            r"(?P<value>\d{1,4}[a-z]?(?:/\d{1,4}[a-z]?){0,4}"
            r"(?:[ ,]{1,2}(?:ngo|ngach|hem|duong|pho|kiet|to|thon|xom|ap|khu pho)"
            r"\s[^\s,.;!?]{1,12}(?: [^\s,.;!?]{1,12}){0,3}){0,3})"
        ),
    ),
)

_WORD = rf"[{CAPITALS}][{SMALL_LETTERS}]{{0,6}}"
_FULL_NAME = rf"{_WORD}(?:[ ]{_WORD}){{1,3}}"
_INTRODUCTION = (
    r"(?:[Tt]ôi tên(?: là)?|[Tt]ên tôi(?: là)?|[Tt]ôi là|[Ee]m là|[Ee]m tên(?: là)?|[Cc]háu là|[Cc]háu tên(?: là)?|"
    r"[Tt]ên(?: là)?|[Hh]ọ tên|[Hh]ọ và tên|[Ll]iên hệ|[Gg]ặp|[Cc]ủa|[Cc]on là|[Kk]ý tên|[Nn]gười gửi|"
    r"[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Cc]ô|[Cc]hú|[Bb]ác|[Cc]háu|[Tt]hầy|[Dd]ì|[Cc]ậu|[Bb]é|[Mm]ẹ tôi là|[Bb]ố tôi là|"
    r"[Cc]ụ|[Đđ]ồng chí|[Vv]ợ tôi là|[Cc]hồng tôi là|[Tt]oi la|[Tt]oi ten(?: la)?|[Tt]en toi(?: la)?|"
    r"[Ll]ien he|[Oo]ng|[Bb]a|[Cc]hi|[Cc]hau)"
)
_NAME = re.compile(
    rf"(?<!\w){_INTRODUCTION}[ :]{{1,2}}(?:(?:là|la|ông|bà|anh|chị|cháu|cô|ong|ba|chi)[ ])?"
    rf"(?P<value>{_FULL_NAME})(?!\w)"
)
_SAID_NAME = re.compile(
    r"(?<!\w)(?:[Tt]ôi tên(?: là)?|[Tt]ên tôi(?: là)?|[Tt]ôi là|[Hh]ọ tên|[Hh]ọ và tên)[ :]{1,2}"
    rf"(?P<value>{_WORD})(?=[,.;\n]|$| ở| sinh| năm| sđt| SĐT)"
)
#: capitalised words that begin the name of an office or a place, never of a person
_NOT_A_NAME = word_set(
    """
    bac ban benh bo can chi chinh cho chung cong dan dang duong em ha hoi hop huyen khu mat nam nguoi nha
    phong phuong quoc so tap thon tinh to toi tram tran trung truong uy vien viet xa xom
    """
)
_SURNAMES = word_set(
    """
    a au bach bui cam cao cham chau chu cu dam dang danh dao dieu dinh do doan duong giang giap h ha ho hoang
    hu hua huynh khong khuat kieu kim la lam le li lo lu luong luu ly ma mac mai mau nghiem ngo nguyen nhan
    ninh nong on pham phan phung quach quang ro sung ta tang thach thai than thao tieu to tong tran trang
    trieu trinh truong tu van vang vi vo vu y
    """
)


#: what somebody is introduced or addressed by: after it even the name of a place is a person's
_PERSONAL = re.compile(r"\b(?:ten|ten la|toi la|em la|chau la|ong|ba|anh|chi|thay|dong chi|cu)[ :]{1,2}$")


def find(text: str, places: Container[str] = frozenset()) -> tuple[PersonalData, ...]:
    """Personal data of a text in reading order, without overlaps; offsets are those of `text`. `places`: names of
    places, folded, that are nobody's name unless somebody is addressed by them."""
    readable = clean(text, limit=SEARCHED)
    folded = fold(readable.text)
    spans: list[tuple[int, int, str]] = []
    taken = bytearray(len(folded))
    for sort, pattern in _PATTERNS:
        for found in pattern.finditer(folded):
            group = "value" if found.groupdict().get("value") else 0
            if sort == "phone" and not 9 <= _digits(found.group(group)) <= 12:
                continue
            _claim(spans, taken, found.start(group), found.end(group), sort)
    for pattern, needs_check in ((_NAME, True), (_SAID_NAME, False)):
        for found in pattern.finditer(readable.text):
            if _is_place(found.group("value"), folded[: found.start("value")], places):
                continue
            if not needs_check or _may_be_person(found.group("value")):
                _claim(spans, taken, found.start("value"), found.end("value"), "name")
    return tuple(
        PersonalData(type=sort, start=start, end=end)
        for start, end, sort in sorted((*readable.original(start, end), sort) for start, end, sort in spans)
    )


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _claim(spans: list[tuple[int, int, str]], taken: bytearray, start: int, end: int, sort: str) -> None:
    """The first pattern to claim a stretch keeps it."""
    if not any(taken[start:end]):
        taken[start:end] = b"\x01" * (end - start)
        spans.append((start, end, sort))


def _is_place(name: str, before: str, places: Container[str]) -> bool:
    return " ".join(fold(name).split()) in places and _PERSONAL.search(before[-12:]) is None


def _may_be_person(name: str) -> bool:
    words = fold(name).split()
    if words[0] in _SURNAMES and len(words) >= 2:
        return True
    return words[0] not in _NOT_A_NAME and len(words) >= 2


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
