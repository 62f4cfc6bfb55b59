"""Reading what staff type: a command word, opinions it is about, and the rest. Pure; never fails on any text.

With a slash every message is a command, known or not. Without one, only what cannot be mistaken for ordinary words:
a command word followed by a valid code, or a command word alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

from casework.codes import parse_code
from casework.usecases.access import DECIDERS, Member
from nlp.normalise import fold
from storage.records import Role


class Verb(StrEnum):
    """What staff can ask for; the value is the command as typed after the slash."""

    QUEUE = "hangdoi"
    URGENT = "khan"
    SHOW = "xem"
    HISTORY = "lichsu"
    APPROVE = "duyet"
    DECLINE = "tuchoi"
    GROUNDS = "cancu"
    MERGE = "gop"
    SPLIT = "tach"
    RECLASSIFY = "phanloai"
    REFER = "chuyentren"
    ASK_BACK = "hoilai"
    REWORD = "sua"
    MASK = "che"
    RELEASE = "trave"
    REDIRECT = "donthu"
    UNDO = "hoantac"
    TODAY = "homnay"
    DUE = "han"
    WHY = "visao"
    REPORTS = "baocao"
    CONFERENCE = "hoinghi"
    VILLAGE = "ketqua"
    RECEIVED = "danhan"
    SPEAKERS = "phatbieu"
    SLIPS = "phieu"
    HANDED = "datrao"
    PROXY = "nhapho"
    BRING = "bosung"
    HELP = "trogiup"


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """How many opinions a command names, and whether words follow them."""

    refs: int = 0
    more_refs: bool = False
    words: bool = False
    #: shown after the command in help
    usage: str = ""
    help: str


GRAMMAR: dict[Verb, Grammar] = {
    Verb.QUEUE: Grammar(words=True, usage="[trang]", help="các ý kiến chờ quyết định"),
    Verb.URGENT: Grammar(help="riêng việc khẩn"),
    Verb.TODAY: Grammar(help="tóm tắt việc hôm nay"),
    Verb.SHOW: Grammar(refs=1, usage="MÃ", help="xem một ý kiến"),
    Verb.HISTORY: Grammar(refs=1, usage="MÃ", help="ai đã làm gì với ý kiến"),
    Verb.APPROVE: Grammar(refs=1, words=True, usage="MÃ [số nội dung | tên việc]", help="duyệt"),
    Verb.DECLINE: Grammar(refs=1, words=True, usage="MÃ CĂN_CỨ [lời ghi thêm]", help="không đưa vào hội nghị"),
    Verb.GROUNDS: Grammar(help="danh sách căn cứ"),
    Verb.MERGE: Grammar(refs=2, more_refs=True, words=True, usage="MÃ MÃ [lý do]", help="gộp ý kiến cùng một việc"),
    Verb.SPLIT: Grammar(refs=1, words=True, usage="MÃ [tên việc]", help="tách ra thành nội dung riêng"),
    Verb.RECLASSIFY: Grammar(
        refs=1, words=True, usage="MÃ loai=… viec=… cap=… khan=… thon=… kin=…", help="phân loại lại"
    ),
    Verb.REFER: Grammar(refs=1, words=True, usage="MÃ nơi nhận [| số văn bản]", help="chuyển cấp trên"),
    Verb.ASK_BACK: Grammar(refs=1, words=True, usage="MÃ câu hỏi", help="hỏi lại người gửi"),
    Verb.REWORD: Grammar(refs=1, words=True, usage="MÃ lời mới", help="sửa lời biên tập (lời gốc giữ nguyên)"),
    Verb.MASK: Grammar(refs=1, usage="MÃ", help="che tên, số điện thoại máy thấy"),
    Verb.REDIRECT: Grammar(
        refs=1, words=True, usage="MÃ [khieu-nai | to-cao]", help="đúng là đơn thư: hướng dẫn nơi giải quyết"
    ),
    Verb.RELEASE: Grammar(refs=1, usage="MÃ", help="không phải đơn thư: trả về hàng đợi"),
    Verb.UNDO: Grammar(refs=1, usage="MÃ", help="hoàn tác việc vừa làm"),
    Verb.DUE: Grammar(words=True, usage="[tatca] [trang]", help="việc sắp đến hạn, quá hạn của tôi, hoặc của cả xã"),
    Verb.WHY: Grammar(words=True, usage="SỐ", help="vì sao hạn là ngày ấy (số ghi trong /han)"),
    Verb.REPORTS: Grammar(help="các báo cáo phải gửi và hạn gửi"),
    Verb.CONFERENCE: Grammar(help="hội nghị sắp tới hoặc vừa họp còn thiếu gì"),
    Verb.VILLAGE: Grammar(help="kết quả các việc của thôn tôi phụ trách"),
    Verb.RECEIVED: Grammar(words=True, usage="HỘI_NGHỊ/DÒNG [ngày]", help="cơ quan đã nhận việc được giao"),
    Verb.SPEAKERS: Grammar(words=True, usage="[duyet 3 | tuchoi 3 lý do | ...]", help="danh sách đăng ký phát biểu"),
    Verb.SLIPS: Grammar(words=True, usage="[SỐ | MÃ]", help="phiếu trả lời chờ trao tận tay ở thôn tôi; xem một phiếu"),
    Verb.HANDED: Grammar(words=True, usage="SỐ | MÃ [MÃ ...] | tatca | bo MÃ", help="đã trao tận tay (bo: ghi nhầm)"),
    Verb.PROXY: Grammar(words=True, usage="[lời]", help="nhập hộ ý kiến cho người không có điện thoại"),
    Verb.BRING: Grammar(
        refs=1, words=True, usage="MÃ lời người ấy trả lời", help="ghi hộ trả lời của người không có điện thoại"
    ),
    Verb.HELP: Grammar(help="xem các lệnh"),
}

#: other spellings people use
ALIASES: dict[str, Verb] = {
    "help": Verb.HELP,
    "queue": Verb.QUEUE,
    "huongdan": Verb.HELP,
    "tachra": Verb.SPLIT,
    "khongduyet": Verb.DECLINE,
}


@dataclass(frozen=True, kw_only=True)
class Command:
    """One command, well-formed as far as grammar goes."""

    verb: Verb
    #: receipt codes in normal form, or "#number"
    refs: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Misuse:
    """A command that cannot be carried out; `verb` None when the command itself is unknown."""

    verb: Verb | None
    #: what was typed where a code belongs, None when nothing was
    wrong_code: str | None = None
    #: the unknown command as it was typed
    typed: str = field(default="", compare=False)


#: how staff ask for a list in plain words, without accents
QUESTIONS: tuple[tuple[re.Pattern[str], Verb], ...] = (
    (re.compile(r"(con no|no gi|tre chua|co tre|qua han|tre han|den han|sap han|con viec gi|han nao)"), Verb.DUE),
    (re.compile(r"(vi sao|sao lai|tai sao).*\b(ngay|han)\b"), Verb.WHY),
    (re.compile(r"bao cao.*\b(dau|nao|gi|chua)\b|(dau|nao|con|no) .*bao cao"), Verb.REPORTS),
    (re.compile(r"hoi nghi.*\b(thieu|con no|con gi|xong chua)\b|(thieu|con no) gi.*hoi nghi"), Verb.CONFERENCE),
    (re.compile(r"ket qua.*\b(thon|xom|ban|ap|to|khu)\b.*\b(toi|minh|em|chau)\b"), Verb.VILLAGE),
)
#: longest such question, words
_QUESTION_WORDS = 9


def question(text: str) -> Command | None:
    """The list a staff member asks for in plain words; None when the words are none of these questions."""
    said = " ".join(_LETTERS.sub(" ", fold(text)).split())
    if text.lstrip().startswith("/") or len(said.split()) > _QUESTION_WORDS:
        return None
    # What names the conference, the reports or the village is more than what only says "owed".
    order = (Verb.CONFERENCE, Verb.REPORTS, Verb.VILLAGE, Verb.WHY, Verb.DUE)
    found = {verb for pattern, verb in QUESTIONS if pattern.search(said)}
    verb = next((one for one in order if one in found), None)
    number = re.search(r"\b(\d{1,9})\b", said)
    if verb is None:
        return None
    return Command(verb=verb, words=number[1] if verb is Verb.WHY and number else "")


_SLASHED = re.compile(r"/([^\s/@]{1,64})(?:@\w+)?(?:\s+(.*))?", re.DOTALL)
_REF = re.compile(r"(#\d{1,15}|[0-9A-Za-z]{3}[\s.\-–]?[0-9A-Za-z]{3})(?![0-9A-Za-z])[,;]?\s*", re.ASCII)
_LETTERS = re.compile(r"[^a-z0-9]+")


def parse(text: str, *, slash_only: bool) -> Command | Misuse | None:
    """What a message asks for; None when it is no command at all."""
    typed = text.strip()
    match = _SLASHED.fullmatch(typed)
    if match is not None:
        verb = _verb(match[1])
        return Misuse(verb=None, typed=match[1]) if verb is None else _read(verb, match[2] or "")
    return None if slash_only else _plain(typed)


def _plain(typed: str) -> Command | None:
    """A command without its slash: "duyệt K7P-4MX", "hàng đợi"."""
    for taken in (1, 2, 3):
        words = typed.split(maxsplit=taken)
        if len(words) < taken:
            break
        verb = _verb("".join(words[:taken]))
        if verb is not None:
            rest = words[taken] if len(words) > taken else ""
            return _unmistakable(verb, rest)
    return None


def _unmistakable(verb: Verb, rest: str) -> Command | None:
    found = _read(verb, rest)
    if isinstance(found, Misuse):
        return None
    if verb in (Verb.RECEIVED, Verb.BRING):
        # "đã nhận" is what anybody answers, and "bổ sung" what askers write of their own matters; these commands are
        # written with their slash.
        return None
    if verb is Verb.HANDED:
        # So is "đã trao"; but "đã trao K7P-4MX" is nothing else.
        refs, wrong = all_refs(rest)
        return found if refs and wrong is None else None
    if verb is Verb.APPROVE and found.words and not found.words.isdecimal():
        # "duyệt K7P-4MX nhé chị" is talk, not a title.
        return None
    return None if not found.refs and rest.strip() else found


def _verb(word: str) -> Verb | None:
    name = _LETTERS.sub("", fold(word))
    return next((verb for verb in Verb if verb.value == name), ALIASES.get(name))


def _read(verb: Verb, rest: str) -> Command | Misuse:
    grammar = GRAMMAR[verb]
    refs: list[str] = []
    left = rest.strip()
    while len(refs) < grammar.refs or (grammar.more_refs and left):
        ref, after = _take_ref(left)
        if ref is None:
            if len(refs) >= grammar.refs:
                break
            return Misuse(verb=verb, wrong_code=left.split()[0] if left else None)
        refs.append(ref)
        left = after
    words = left.strip() if grammar.words else ""
    return Command(verb=verb, refs=tuple(refs), words=words)


def all_refs(text: str) -> tuple[list[str], str | None]:
    """The codes and numbers a text is made of, and the first word that is none of them."""
    refs: list[str] = []
    left = text.strip()
    while left:
        ref, left = _take_ref(left)
        if ref is None:
            return refs, left.split()[0]
        refs.append(ref)
    return refs, None


def _take_ref(text: str) -> tuple[str | None, str]:
    match = _REF.match(text)
    if match is None:
        return None, text
    typed = match[1]
    ref = typed if typed.startswith("#") else parse_code(typed)
    return (ref, text[match.end() :]) if ref is not None else (None, text)


_FIELD = re.compile(r"(\w+)\s*=\s*")


def parse_fields(words: str) -> dict[str, str]:
    """ "loai=y-kien cap = tinh thon=Thôn Hạ" as accent-free names and values; values may hold spaces."""
    found: dict[str, str] = {}
    matches = list(_FIELD.finditer(words))
    ends = [following.start() for following in matches[1:]] + [len(words)]
    for match, end in zip(matches, ends, strict=False):
        found[fold(match[1])] = words[match.end() : end].strip()
    return found


def menu() -> tuple[tuple[str, str], ...]:
    """Commands and descriptions for the platform's list of a staff chat."""
    return tuple((verb.value, grammar.help) for verb, grammar in GRAMMAR.items())


#: all an officer of a village needs, in the order of use; the rest is for those who decide
_FOR_OFFICERS = (
    *(Verb.SLIPS, Verb.HANDED, Verb.PROXY, Verb.BRING),
    *(Verb.QUEUE, Verb.SHOW, Verb.ASK_BACK, Verb.VILLAGE),
)
#: what whoever decides begins with; all other commands follow
_FOR_DECIDERS = (Verb.QUEUE, Verb.TODAY, Verb.DUE)
#: so many commands are named at the first greeting
_GREETED_WITH = 3
#: what runs the office without deciding on opinions
_FOR_ADMINS = (Verb.TODAY, Verb.DUE, Verb.WHY, Verb.REPORTS, Verb.CONFERENCE, Verb.VILLAGE, Verb.RECEIVED)


def commands_of(who: Member) -> tuple[Verb, ...]:
    """The commands this person is told of, those used first before the others; whoever knows another may type it, and
    the use case refuses."""
    if who.has(*DECIDERS, Role.CONFIDENTIAL):
        return tuple(dict.fromkeys((*_FOR_DECIDERS, *GRAMMAR)))
    officers = _FOR_OFFICERS if who.has(Role.VILLAGE_OFFICER) else ()
    admins = _FOR_ADMINS if who.has(Role.ADMIN) else ()
    return tuple(dict.fromkeys((*officers, *admins, Verb.HELP)))


def help_text(who: Member) -> str:
    """The commands of this person with their use."""
    lines = [f"{usage_line(verb)}: {GRAMMAR[verb].help}" for verb in commands_of(who)]
    return "\n".join(["Các lệnh của cán bộ (MÃ là mã ý kiến, ví dụ K7P-4MX):", *lines])


def greeting(who: Member) -> str:
    """What somebody needs on the first day."""
    lines = [f"/{verb.value}: {GRAMMAR[verb].help}" for verb in commands_of(who)[:_GREETED_WITH]]
    return "\n".join([*lines, f"/{Verb.HELP.value}: xem đủ các lệnh"])


def did_you_mean(typed: str, who: Member) -> str:
    """For an unknown command: the one most like it, and where all are."""
    known = [verb.value for verb in commands_of(who)]
    near = get_close_matches(_LETTERS.sub("", fold(typed)), known, n=1, cutoff=0.6)
    verb = Verb(near[0]) if near else Verb.HELP
    lines = ["Không có lệnh này."]
    if verb is not Verb.HELP:
        lines.append(f"Có phải anh/chị muốn: {usage_line(verb)} ({GRAMMAR[verb].help})?")
    return "\n".join([*lines, f"Xem các lệnh: /{Verb.HELP.value}"])


def usage_line(verb: Verb) -> str:
    """A command and what follows it: "/xem MÃ"."""
    return f"/{verb.value} {GRAMMAR[verb].usage}".rstrip()


_OPTIONAL = re.compile(r"\[([^\]]*)\]")


def is_template(verb: Verb, words: str) -> bool:
    """Whether the words still are those of the usage shown, sent as they stand: they would reach the citizen."""
    typed = _plain_words(words)
    shown = GRAMMAR[verb].usage.replace("MÃ", "")
    if "=…" in words or any(option.group(0) in words for option in _OPTIONAL.finditer(shown)):
        return True
    choices = [part for option in _OPTIONAL.finditer(shown) for part in option.group(1).split("|")]
    # A choice of one word is a value to be typed as it stands (to-cao), not a name for what belongs there.
    samples = {_plain_words(part) for part in (_OPTIONAL.sub("", shown), *choices) if " " in part.strip()}
    return typed in samples or typed in {f"{sample}: {_plain_words(GRAMMAR[verb].help)}" for sample in samples}


def _plain_words(text: str) -> str:
    return " ".join(fold(text).split())


def usage(verb: Verb) -> str:
    """How one command is used."""
    return f"Cách dùng: {usage_line(verb)}"
