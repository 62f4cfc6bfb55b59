"""What stands around the matter of a message: the greeting, who the sender is, the thanks and the name at its end.

They are set aside for titles and for comparing matters, never thrown away.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from nlp.normalise import clean, fold
from nlp.persons import names_in

Span = tuple[int, int]

#: words of the matter that must be left; with fewer the message is nothing but politeness
_LEAST_LEFT = 3
#: parts of a message in which a sender introduces himself, characters from its beginning
_INTRODUCED_WITHIN = 240
_WHOM = (
    r"(?:uy ban|ubnd|ubmttq|mttq|mat tran|to quoc|nhan dan|viet nam|dang uy|hdnd|hoi dong|lanh dao|chinh quyen|ban|"
    r"dong chi|bien tap|quan tri|admin|ad|can bo|xa|phuong|tinh|thon|cac|cap|anh|chi|em|co|chu|bac|ong|ba|nha|quy|"
    r"cong an|toan the|moi|"
    r"nguoi|duong day nong|so|phong|kenh|doi thoai|a|oi|nhe|voi|va|cung)"
)
_GREETING = re.compile(
    rf"\s*(?:(?:da|vang|alo|a|hi|hello|em|chau|con|toi|tui|minh)[ ,]{{1,3}})?"
    rf"(?:(?:xin )?(?:kinh )?chao|kinh (?:gui|thua|chao|bach|mong)|(?:thua|gui)(?= {_WHOM}\b)|alo|hello|hi|"
    rf"(?:xa|ad|admin|cac bac|cac anh chi|anh chi|uy ban|chinh quyen|cac co chu|bac|chu|co) oi|kg)\b"
    rf"(?:[ ,]{{1,2}}{_WHOM}\b){{0,14}}(?:[ ]?[^\s.,!:;\n]{{1,12}}){{0,3}}?[ ]?(?P<end>[.,!:;\n]+|$)"
)
#: the same typed without a mark behind it
_PLAIN_GREETING = re.compile(
    rf"\s*(?:(?:da|alo|a|hi|em|chau|con|toi)[ ,]{{1,3}})?"
    rf"(?:(?:xin )?chao|kinh (?:gui|thua|chao)|thua(?= {_WHOM}\b)|alo|hello|hi|"
    rf"(?:xa|ad|admin|cac bac|anh chi|uy ban) oi)\b"
    rf"(?:[ ,]{{1,2}}{_WHOM}(?=[ ]|$)){{0,14}}"
)
_I_AM = re.compile(
    r"(?:^|(?<=[.,!:;\n]))\s{0,2}(?:(?:da|thua)[ ,]{1,2})?"
    r"(?:(?:ten )?(?:toi|em|chau|minh|tui|con)(?: ten)?(?: la| ten la| ten)|ten (?:toi|em|chau)(?: la)?|ho (?:va )?ten|"
    r"nguoi gui|chung toi la|gia dinh toi la|(?:toi|em)(?=,? [a-z]+ (?:van|thi) ))\b[ :]?"
)
#: what an introduction goes on with after a comma
_AND = re.compile(
    r"[ ,]{1,3}(?:hien )?(?:o|tai|sinh|thon|xom|ap|ban|to|khu pho|khu|so nha|nha so|dia chi|so dien thoai|sdt|dt|"
    r"dien thoai|cccd|can cuoc|que|thuong tru|cu tru|nguoi|\d{2,4} tuoi|nam nay)\b[^.,!;\n]{0,40}"
)
_WHERE = re.compile(r" (?:hien )?(?:o|tai|nha o)?[ ]?(?:thon|xom|ap|ban|to|khu pho|khu|lang|doi) [^\s.,!;\n]{1,8}")
_BEFORE_A_MATTER = re.compile(
    r"\b(?:xin hoi|de nghi|phan anh|kien nghi|muon|hoi|bi|co|duoc|khong|chua|mong|nho|thay|dang|da|xin|lam|toi|nop)\b"
)
_CLOSING = re.compile(
    r"(?:^|(?<=[.,!?;\n ]))(?:(?:toi|em|chau|chung toi|gia dinh toi|ba con|minh|con)[ ])?(?:rat )?(?:xin )?"
    r"(?:(?:chan thanh )?cam on|tran trong|kinh thu|kinh don|kinh chao|ky ten|nguoi gui|nguoi viet|thay mat|thanks|tks|"
    r"xin het|lien he|chao than ai)\b"
)
#: words a closing may have
_CLOSING_WORDS = 14


@dataclass(frozen=True, kw_only=True)
class Asides:
    """Offsets in the text as received; the spans do not overlap and leave words of the matter between them."""

    text: str
    greetings: tuple[Span, ...] = ()
    introductions: tuple[Span, ...] = ()
    signatures: tuple[Span, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """All of them in reading order."""
        return tuple(sorted((*self.greetings, *self.introductions, *self.signatures)))

    @property
    def rest(self) -> str:
        """The matter itself."""
        return _without(self.text, self.spans)


def set_aside(text: str) -> Asides:
    """The asides of a message; none where nothing but them would be said."""
    readable = clean(text)
    folded = fold(readable.text)
    greeting = _greeting(folded)
    start = greeting[1] if greeting else 0
    introduction = _introduction(readable.text, folded, start)
    floor = introduction[1] if introduction else start
    signature = _signature(readable.text, folded, floor)
    found = [span for span in (greeting, introduction, signature) if span]
    if len(_without(folded, found).split()) < _LEAST_LEFT:
        return Asides(text=text)

    def original(span: Span | None) -> tuple[Span, ...]:
        return (readable.original(*span),) if span else ()

    return Asides(
        text=text, greetings=original(greeting), introductions=original(introduction), signatures=original(signature)
    )


def _greeting(folded: str) -> Span | None:
    found = _GREETING.match(folded) or _PLAIN_GREETING.match(folded)
    return _trimmed(folded, 0, found.end()) if found else None


def _introduction(text: str, folded: str, start: int) -> Span | None:
    """ "Tôi tên …, ở thôn …": up to what no longer tells who writes."""
    found = _I_AM.search(folded, start, start + _INTRODUCED_WITHIN)
    if found is None:
        return None
    begin = end = found.end()
    window = text[begin : begin + 60]
    named = [
        (first, last) for first, last in names_in(text[found.start() : begin + 60], folded[found.start() : begin + 60])
    ]
    name = next((last for first, last in named if first <= begin - found.start() + 6), None)
    mark = re.search(r"[.,!;\n]", window)
    if name is not None:
        end = found.start() + name
    elif mark is not None and _BEFORE_A_MATTER.search(folded, begin, begin + mark.start()) is None:
        end = begin + mark.start()
    else:
        return None
    if where := _WHERE.match(folded, end):
        end = where.end()
    while more := _AND.match(folded, end):
        if _BEFORE_A_MATTER.search(folded, more.start() + 4, more.end()):
            break
        end = more.end()
    while end < len(folded) and folded[end] in " ,.;":
        end += 1
    return _trimmed(folded, found.start(), end)


def _signature(text: str, folded: str, floor: int) -> Span | None:
    """Thanks and a name at the end, if nothing else follows them."""
    tail = max(floor, len(folded) - 160)
    for found in _CLOSING.finditer(folded, tail):
        words = folded[found.start() :].split()
        if len(words) <= _CLOSING_WORDS and _BEFORE_A_MATTER.search(folded, found.end() + 12) is None:
            return _trimmed(folded, found.start(), len(folded))
    return None


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and text[start] in " \n":
        start += 1
    while end > start and text[end - 1] in " \n":
        end -= 1
    return (start, end) if end > start else None


def _without(text: str, spans: Iterable[Span]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end in sorted(spans):
        pieces.append(text[position:start])
        position = max(position, end)
    pieces.append(text[position:])
    return " ".join(" ".join(pieces).split())
