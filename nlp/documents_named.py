"""Documents named in a text: "QĐ 123/QĐ-UBND", "biên bản số 45/BB-VPHC", receipt codes such as "K7P-4MX"."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlp.normalise import clean, fold, word_set

#: the kind a document's sign or the words before its number tell
_KINDS = {
    "qd": "decision", "quyet dinh": "decision", "bb": "minutes", "bien ban": "minutes", "tb": "notice",
    "thong bao": "notice", "cv": "letter", "cong van": "letter", "ubnd": "letter", "nd": "decree",
    "nghi dinh": "decree", "nq": "resolution", "nghi quyet": "resolution", "tt": "circular", "thong tu": "circular",
    "kh": "plan", "ke hoach": "plan", "gm": "invitation", "giay moi": "invitation", "gp": "permit",
    "giay phep": "permit", "gpxd": "permit", "luat": "law", "qh": "law", "bien lai": "receipt", "hoa don": "receipt",
    "phieu thu": "receipt", "giay hen": "file", "phieu hen": "file", "ho so": "file", "ma ho so": "file",
    "don": "petition", "to trinh": "submission", "ttr": "submission",
}  # fmt: skip
_WORDS = "|".join(
    sorted((name for name in _KINDS if " " in name or name in ("qd", "cv", "luat", "don")), key=len, reverse=True)
)
#: "123/QĐ-UBND", "168/2024/NĐ-CP", "45/BB-VPHC"
_SIGNED = re.compile(
    r"(?<![\w/.-])(?P<number>\d{1,6}[a-z]?(?:/(?:19|20)\d{2})?/(?P<sign>[a-z]{2,8})(?:[-–][a-z0-9]{1,12}){0,3})(?![\w/])"
)
#: "quyết định số 112", "biên lai 00123"
_NUMBERED = re.compile(
    rf"\b(?P<word>{_WORDS})\b(?: (?:xu phat|hanh chinh|vi pham|thu tien|thu hoi dat|cua xa|mot cua)){{0,2}}"
    r"(?:(?: so| ma)[ :]{1,2}|[ :]{1,2}(?=\d{3}))"
    r"(?P<number>[a-z0-9]{0,6}\d[a-z0-9]{0,20}(?:[./-][a-z0-9]{1,12}){0,6})(?![\w/])"
)
_RECEIPT = re.compile(r"(?<![0-9A-Za-z])[2-9A-HJ-NP-Y]{3}[-–. ]?[2-9A-HJ-NP-Y]{3}(?![0-9A-Za-z])")
_CALLED_CODE = re.compile(r"(?:\bma|\by kien|\bma so|\bma la)[ :]{1,2}$")
#: "50/ngay" is a price or a rate, no document
_RATES = word_set(
    "ngay thang nam nguoi ho khau lan kg tan ta gio phut cai m2 met sao cong km kwh kw khoi lit ngan nghin"
)


@dataclass(frozen=True, kw_only=True)
class DocumentMention:
    """A document named at `start` to `end` of the text as received; `kind` one of decision, minutes, notice, letter,
    decree, resolution, circular, plan, invitation, permit, law, receipt, file, petition, submission, opinion (a code
    of this channel), other; `number` as written."""

    start: int
    end: int
    kind: str
    number: str


def documents(text: str) -> list[DocumentMention]:
    """Documents of a text in reading order, without overlaps."""
    readable = clean(text)
    folded = fold(readable.text)
    if not any(character.isdigit() for character in folded):
        return []
    spans: list[tuple[int, int, str]] = []
    for found in _SIGNED.finditer(folded):
        if found["sign"] not in _RATES:
            spans.append((*found.span("number"), _KINDS.get(found["sign"], "other")))
    for found in _NUMBERED.finditer(folded):
        spans.append((*found.span("number"), _KINDS[found["word"]]))
    for found in _RECEIPT.finditer(readable.text):
        if _is_code(found.group(), folded[max(0, found.start() - 12) : found.start()]):
            spans.append((*found.span(), "opinion"))
    mentions: list[DocumentMention] = []
    last = 0
    for start, end, kind in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= last:
            first, stop = readable.original(start, end)
            mentions.append(DocumentMention(start=first, end=stop, kind=kind, number=readable.text[start:end]))
            last = end
    return mentions


def _is_code(written: str, before: str) -> bool:
    symbols = [character for character in written if character.isalnum()]
    mixed = any(symbol.isdigit() for symbol in symbols) and any(symbol.isalpha() for symbol in symbols)
    return mixed and (written[3] in "-–" or _CALLED_CODE.search(before) is not None)
