"""Reading a choice: a digit, a few plain words, or nothing at all. People type "1", "số 1", "dạ đúng", "gửi đi ạ"."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from nlp.normalise import fold

_WORD = re.compile(r"[a-z0-9]+")
_NUMBER_WORDS = {"mot": "1", "hai": "2", "ba": "3", "bon": "4", "nam": "5", "sau": "6", "bay": "7", "tam": "8"}
#: polite words that change nothing
_FILLERS = frozenset(
    _WORD.findall("da a oi nhe nha ah em toi chau con bac chu anh chi minh roi luon di giup voi cho nua nghe")
)
_YES = frozenset(
    {
        "uk",
        "uki",
        "oki",
        "okie",
        "okela",
        "u dong y",
        "dung",
        "ok",
        "oke",
        "okay",
        "u",
        "uh",
        "vang",
        "duoc",
        "dong y",
        "co",
        "chuan",
        "phai",
    }
)

#: words that mean a choice, besides its digit; accent-free, without fillers
WORDS: dict[str, frozenset[str]] = {
    "send": _YES | {"gui", "dang ky", "dung gui", "gui ngay", "xac nhan", "dung vay", "dung the"},
    "change": frozenset({"sua", "viet them", "them", "sua lai", "chua dung", "sai", "khong dung", "viet them sua"})
    | {"khong", "ko", "k", "chua", "thoi", "khoi"},
    "drop": frozenset({"bo", "huy", "khong gui", "thoi khong gui", "xoa"}),
    "yes": _YES,
    "no": frozenset({"khong", "ko", "k", "hong", "khong dong y", "thoi", "khoi", "giu lai", "giu"}),
    "add": frozenset({"viet them", "them", "bo sung"}),
    "rewrite": frozenset({"viet lai", "sua", "sua lai"}),
    "withdraw": frozenset({"rut", "rut lai", "rut y kien", "bao nham", "nham", "xin rut"}),
    "keep": frozenset({"giu", "giu lai", "cu giu", "dong y", "ok", "vang"}),
    "ordinary": frozenset({"gop y", "phan anh", "gop y thuong", "khong phai khieu nai", "khong phai to cao"}),
    "erase": frozenset({"xoa", "bo", "khong luu"}),
    "elsewhere": frozenset(
        {"noi khac", "khong muon noi", "khong", "khac", "thoi", "khong biet", "khong nho", "gi cung duoc"}
        | {"the nao cung duoc", "o dau cung duoc"}
    ),
    "ok": frozenset({"thoi", "cam on", "thoi cam on", "khong", "ok", "duoc"}) | _YES,
    "stop": frozenset({"thoi", "khong", "ko", "k", "huy", "bo", "khong dang ky", "khong dang ky nua", "thoi khong"}),
    "new": frozenset({"viec khac", "khac", "viec moi", "moi"}),
    "another": frozenset({"dang ky them", "them", "viec khac", "dang ky them viec khac"}),
    "no_name": frozenset({"khong", "ko", "k", "thoi", "khong ghi", "khong ghi ten", "khong can", "thoi khong ghi ten"}),
    "family": frozenset({"nguoi nha", "cua nguoi nha", "ho", "giup nguoi nha", "nguoi nha nho"}),
    "family_paper": frozenset({"nguoi nha", "cua nguoi nha", "ho", "giup nguoi nha", "nguoi nha nho"}),
    "settled": _YES | {"xong", "da xong", "da giai quyet", "da giai quyet duoc", "tot"},
    "not_settled": frozenset({"chua", "chua xong", "chua duoc", "chua giai quyet", "khong", "ko", "k", "hoi them"}),
    "write": frozenset({"gui y kien", "y kien", "viet"}),
    "mine": frozenset({"xem", "danh sach"}),
    "reply": frozenset({"tra loi"}),
}


def words_of(text: str) -> str:
    """Accent-free words without polite fillers, joined by spaces."""
    return " ".join(word for word in _WORD.findall(fold(text)) if word not in _FILLERS)


def read_digit(text: str) -> str | None:
    """The number a short message consists of: "2", "2.", "số 2", "chọn số hai"."""
    words = [word for word in words_of(text).split() if word not in {"so", "chon", "bam", "muc"}]
    if len(words) != 1:
        return None
    word = _NUMBER_WORDS.get(words[0], words[0])
    return str(int(word)) if word.isdigit() and len(word) <= 2 else None


def read_choice(text: str, options: Mapping[str, str], labels: Sequence[str] = ()) -> str | None:
    """The choice a message makes among `options` (digit -> choice), or None when it makes none. A label typed out
    word for word chooses like its digit."""
    digit = read_digit(text)
    if digit is not None:
        return options.get(digit)
    said = words_of(text)
    for choice, label in zip(options.values(), labels, strict=False):
        if said and said == words_of(label):
            return choice
    if not said:
        # "dạ", "vâng ạ": only polite words; a plain yes where a yes is one of the choices.
        said = "vang" if _WORD.search(fold(text)) else ""
    # "đừng" and "đúng" fall together without accents: let the accents speak when they are there.
    negative = "đừng" in text.lower()
    for choice in options.values():
        name = choice.partition(":")[0]
        if said in WORDS.get(name, frozenset()) and not (negative and name in {"send", "yes", "settled"}):
            return choice
    return None
