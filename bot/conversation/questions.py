"""Questions about one's own matters in plain words: "khi nao toi duoc phat bieu", "sao lau the chua tra loi".

A message is such a question only when every word of it is an everyday word of asking; one word that names a matter
("cầu", "rác", "sổ đỏ") makes it an opinion, and that goes its own way. Accents do not count, north, centre and south
ask with their own words, and a slip of the finger in the word that matters is forgiven.
"""

from __future__ import annotations

import re
from enum import StrEnum

from bot.conversation.choices import words_of
from nlp.normalise import word_set

#: longest question, words without polite fillers
LONGEST = 16


class Asked(StrEnum):
    """What somebody wants to know or do."""

    #: what became of one's opinions
    ANSWER = "answer"
    #: whether and when one's turn to speak comes
    TURN_TO_SPEAK = "turn_to_speak"
    TO_SPEAK = "to_speak"
    NOT_TO_SPEAK = "not_to_speak"
    #: when and where the conference is, whether it still is
    CONFERENCE = "conference"


#: pairs of words that say what the question is about, written as one word; typed with a slip they still are these
_PAIRS = ("phatbieu", "traloi", "phanhoi", "hoiam", "giaiquyet", "hoinghi", "doithoai", "dangky", "xuly", "ketqua")
#: one word in the spellings of phones and of north, centre and south
_SPELLINGS = {
    **dict.fromkeys(("ko", "k", "kg", "kh", "hk", "hok", "hong", "khum", "hem", "hog", "hum", "khg", "hok"), "khong"),
    **dict.fromkeys(("dc", "dx", "dj", "dcj", "dduoc"), "duoc"),
    **dict.fromkeys(("j", "ji", "gj"), "gi"),
    **dict.fromkeys(("rang", "seo"), "sao"),
    **dict.fromkeys(("z", "v", "dzay", "zay", "rua", "ri"), "vay"),
    **dict.fromkeys(("he", "hi", "hen", "ak", "hem"), "ha"),
    **dict.fromkeys(("dki", "dangki", "dky", "dk"), "dangky"),
    **dict.fromkeys(("tl", "rep", "reply"), "traloi"),
    "mo": "nao",
    "pb": "phatbieu",
    "gq": "giaiquyet",
    "fat": "phat",
    "cha": "tra",
    "yk": "ykien",
}
#: everyday words of asking and of one's own matters; none of them names a matter
_EVERYDAY = word_set(
    """
    khi nao bao gio chung luc chung hoi dao bua ngay mai hom tuan thang lau qua nay gi ai thay may thu so luot phien
    lan den toi dau sao vay khong chua co duoc da van cu con chang hay hoai mai im lim lang re biet nghe nhan tin tuc
    xa phuong uy ban ubnd lanh dao can bo mat tran nha cac nguoi ta viec vu don y kien cau hoi phan anh nghi kien
    gui cua cai do kia ay nao roi xong tiep xem duyet xep sap se thi la ha ma tui tao ong ba co cho xin muon can
    phai doi cho len noi truoc tuoi hen van giay bang chu ve het nua lai rut huy bo thoi khoi ban dang khong the sang
    y di du tham ten danh sach thoi gian dia diem o hop mo hoan dung tiep tuc doi lich buoi chieu toi sang
    phatbieu traloi phanhoi hoiam giaiquyet hoinghi doithoai dangky xuly ketqua
    tron ngoi cham tre moi chinh thuc ro bi lam nam kip day ykien mang kenh vo tham kiem tra hoai luon
    """
)
_WHEN = r"(khi|luc|ngay|hom|bua|gio|chung|hoi|dao) nao|bao|may"
_ASKING = re.compile(rf"\b({_WHEN}|dau|sao|chua|ha|gi|ai|the nao)\b| (khong|a)$")
_ANSWER = re.compile(
    r"\b(traloi|phanhoi|hoiam|ketqua|giaiquyet|xuly)\b"
    r"|\b(viec|vu|don|y kien|ykien|cau hoi|phan anh|kien nghi)\b.*\b(dau|sao|the nao|chua)\b"
    r"|\bchua (thay|nghe) (ai|gi)\b|\bsao (ma )?lau (the|vay|qua|lam)\b|\bim (re|lim|lang)\b|^den dau$"
)
_WITHDRAWS = re.compile(r"\b(rut|huy|xoa)\b(?!.*\bhoinghi\b).*\bphatbieu\b")
_DECLINES = re.compile(
    r"\b(khong|thoi|khoi|chang|bo)\b (?!(duoc|biet|cho|thay|co)\b)((muon|len|dang|can|noi|di|dangky) ){0,2}phatbieu\b"
    r"|\b(ban|khong)\b.*\bkhong\b.*\bphatbieu\b"
)
_WISHES = re.compile(
    r"\b(muon|xin|cho|dangky|duoc|can)\b.*\bphatbieu\b|^phatbieu( y kien| lai)?$|\bdangky (lai|tiep)\b"
)
_OF_SPEAKING = re.compile(r"\bphatbieu\b|\bdangky\b|\b(den|toi) (luot|phien)\b|\b(luot|phien)\b")
_OF_CONFERENCE = re.compile(
    r"\b(hoinghi|doithoai)\b"
    rf"|^({_WHEN})( gio)?( thi)? hop\b|\bhop (o dau|{_WHEN})\b"
)


def asked(text: str) -> Asked | None:
    """What the message asks about the sender's own matters; None when it may be anything else."""
    words = _words(text)
    if not words or len(words) > LONGEST or any(word not in _EVERYDAY and not _is_number(word) for word in words):
        return None
    said = " ".join(words)
    questioned = _ASKING.search(said) is not None
    if "phatbieu" in words and _WITHDRAWS.search(said) and " bi " not in f" {said} ":
        return Asked.NOT_TO_SPEAK
    if "phatbieu" in words and not _asks(said) and _DECLINES.search(said):
        return Asked.NOT_TO_SPEAK
    if "phatbieu" in words and not questioned and _WISHES.search(said):
        return Asked.TO_SPEAK
    if "hoinghi" in words and not {"phatbieu", "dangky", "luot"} & set(words):
        return Asked.CONFERENCE if questioned or len(words) <= 4 else None
    if _OF_SPEAKING.search(said) and questioned:
        return Asked.TURN_TO_SPEAK
    if _ANSWER.search(said) and (questioned or "chua" in words or "khong" in words):
        return Asked.ANSWER
    return Asked.CONFERENCE if _OF_CONFERENCE.search(said) and questioned else None


def _asks(said: str) -> bool:
    """Whether the words ask rather than decline: "sao tôi không được phát biểu", "khi nào tôi phát biểu"."""
    return re.search(rf"\b({_WHEN}|sao|chua)\b", said) is not None


def _is_number(word: str) -> bool:
    return word.isdigit() and len(word) <= 2


def _words(text: str) -> list[str]:
    """The words of a message, pairs that matter as one word, in one spelling."""
    plain = [_SPELLINGS.get(word, word) for word in words_of(text).split()]
    found: list[str] = []
    position = 0
    while position < len(plain):
        pair = _pair("".join(plain[position : position + 2])) if position + 1 < len(plain) else None
        found.append(pair or _pair(plain[position]) or plain[position])
        position += 2 if pair else 1
    return found


def _pair(typed: str) -> str | None:
    """The pair that was meant: the same letters, one too many, one missing, or two changed over."""
    if len(typed) < 5:
        return None
    return next((pair for pair in _PAIRS if typed == pair or (len(pair) > 5 and _slipped(typed, pair))), None)


def _slipped(typed: str, meant: str) -> bool:
    if len(typed) == len(meant):
        wrong = [place for place, pair in enumerate(zip(typed, meant, strict=True)) if pair[0] != pair[1]]
        return len(wrong) == 2 and typed[wrong[0]] == meant[wrong[1]] and typed[wrong[1]] == meant[wrong[0]]
    longer, shorter = (typed, meant) if len(typed) > len(meant) else (meant, typed)
    return len(longer) - len(shorter) == 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )
