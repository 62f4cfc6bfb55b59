"""Names of people in a text, by what stands before them and by how Vietnamese names are made.

A name is believed after somebody is addressed, introduced or named by an office ("ông", "tôi tên", "trưởng thôn");
without such a word only when it has the shape of one (surname, "Văn" or "Thị", given name). Streets, schools and
villages that bear a person's name are told by the word before them.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from enum import IntEnum
from string import ascii_uppercase

from nlp.normalise import CAPITALS, fold, word_set


class _Cue(IntEnum):
    """What a word says about the next one."""

    #: "ba", "co", "con": a title, or another word
    MAYBE_TITLE = 1
    TITLE = 2
    #: an office one person holds
    ROLE = 3
    #: "tôi tên", "người gửi"
    SAID = 4
    #: "liên hệ", "của": a full name may follow
    FULL_ONLY = 5


def _cues() -> dict[str, tuple[tuple[tuple[str, ...], _Cue], ...]]:
    written = {
        _Cue.MAYBE_TITLE: "ba|co|em|con|cau|di|chau|be|mo|me|toi|chu|ten|tui|bac|minh|lao",
        _Cue.TITLE: "ong|anh|chi|cu|thay|thim|duong|thang|dong chi|dc|ten la|co giao|thay giao|"
        "chu nha|nha ong|nha ba|con ong|con ba|ho ong|ho ba|nha anh|nha chi|em ten|chau ten|be ten",
        _Cue.ROLE: "truong thon|pho thon|truong ap|truong ban|truong xom|to truong|bi thu|bi thu chi bo|chu tich|"
        "chu tich xa|chu tich phuong|pho chu tich|chu tich hoi|cong an vien|bac si|y si|y ta|ke toan|thu quy|giam doc|"
        "pho giam doc|can bo|can bo dia chinh|can bo tu phap|hieu truong|hieu pho|hoi truong|truong cong an|"
        "pho cong an|truong khu pho|truong phong|thu ky|nan nhan|chu xuong|chu tro|chu quan|gd|xa doi|luat su",
        _Cue.SAID: "toi ten|toi ten la|ten toi|ten toi la|em ten|em ten la|chau ten|chau ten la|toi la|em la|chau la|"
        "minh la|ho ten|ho va ten|nguoi gui|nguoi viet|ky ten|kinh thu|tran trong|kinh don|nguoi lam don|vo toi la|"
        "vo toi ten|chong toi la|chong toi ten|bo toi la|bo toi ten|me toi la|me toi ten|con toi la|con toi ten|"
        "bo em la|me em la|tui ten|tui la|minh ten|con ten|ten that la|hang xom ten|hang xom la|nan nhan ten|"
        "vo toi|chong toi|me toi|bo toi",
        _Cue.FULL_ONLY: "lien he|gap|cua|la|voi|va|cho|gui|con la",
    }
    table: dict[str, list[tuple[tuple[str, ...], _Cue]]] = {}
    for cue, phrases in written.items():
        for phrase in phrases.split("|"):
            words = tuple(phrase.split())
            table.setdefault(words[0], []).append((words, cue))
    return {first: tuple(sorted(found, key=lambda one: (-len(one[0]), -one[1]))) for first, found in table.items()}


_CUES = _cues()
#: words from the first of a cue to the second of the name behind it
_NEAR = 7
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_CAPITAL = frozenset(ascii_uppercase + CAPITALS.removeprefix("A-Z"))
SURNAMES = word_set(
    """
    au bach bui cam cao cham chau chu cu dam dang danh dao dieu dinh do doan duong giang giap ha ho hoang
    hu hua huynh khong khuat kieu kim la lam le li lo lu luong luu ly ma mac mai mau nghiem ngo nguyen nhan
    ninh nong on pham phan phung quach quang ro sung ta tang thach thai than thao tieu to tong tran trang
    trieu trinh truong tu van vang vi vo vu y giay giang hoa lau mua so trang thao vuong ung mao
    """
)
#: surnames that are few other words, believed without a word before them
_PLAIN_SURNAMES = word_set(
    "nguyen tran pham hoang huynh phan vo dang bui ngo duong trinh dinh luong truong le vu do lam mai"
)
#: surnames that are everyday words when typed in small letters
_SMALL_SURNAMES = SURNAMES - word_set(
    "la y a au so mua ta to cu chu thai mau vi ho co hoa ong on kim song nhan than lai van"
)
#: how a word that introduces somebody is written with accents; `_ONLY_ACCENTED` are other words without them
_ACCENTED_CUES = {
    "ba": "bà", "co": "cô", "cau": "cậu", "di": "dì", "chau": "cháu", "be": "bé", "mo": "mợ", "me": "mẹ", "toi": "tôi",
    "chu": "chú", "ten": "tên", "bac": "bác", "lao": "lão", "ong": "ông", "chi": "chị", "cu": "cụ", "thay": "thầy",
    "thim": "thím", "duong": "dượng", "thang": "thằng", "cua": "của", "gap": "gặp", "la": "là", "voi": "với",
    "va": "và", "gui": "gửi", "truong": "trưởng", "pho": "phó", "bi": "bí", "giam": "giám", "ke": "kế", "vo": "vợ",
    "chong": "chồng",
}  # fmt: skip
_ONLY_ACCENTED = word_set("cau di duong mo be lao")
#: "bà con", "ông bà", "chung cư": nobody in particular
_NOT_ADDRESSED = frozenset(
    tuple(pair.split())
    for pair in (
        "ba con",
        "con em",
        "anh em",
        "chi em",
        "ong ba",
        "anh chi",
        "co bac",
        "chung cu",
        "tru cu",
        "nga ba",
        "nga tu",
    )
)
#: offices after which the name of a place stands more often than somebody's
_OF_A_PLACE = word_set("thon ap xom xa phuong pho ban hoi an bo")
_MIDDLES = word_set(
    "van thi dinh duc huu ngoc quang xuan quoc gia nhat the dang thanh cong duy manh tien viet trong khac minh kim so"
)
#: given names typed in small letters; those that are everyday words ("sau", "hai") are left out
GIVEN = word_set(
    """
    anh bich binh canh chau chien cuong dung duong dat diep giang hanh hang hau hieu hoa hoai hoan hong hue hung huong
    huy huyen khanh khoa khue kien kiet lan linh loan long luan ly mai mao minh my nga ngan nghia ngoc nguyet nhan
    nhi nhung oanh phuc phung phuong quan quang quyen quynh son tai tam thanh thao thang thoa thuy thu thuong tien toan
    trang tri trinh truong tuan tung tuyen ty tuyet uyen van vinh vu xuan yen han thuy luyen dao phat phia po hao
    """
)
#: given names that are other words as often
_OTHER_WORDS = word_set(
    "duong quan hang hoa toan tien thanh phuong truong thuong chau hong luan trang anh dat loan ngan hanh hau hoan "
    "huong canh tri linh tam mai phat xuan thang diep giang"
)
#: words between somebody and something else
_LOOSE_LINKS = word_set("la voi va cho gui cua")
_ORDINALS = word_set("hai ba tu nam sau bay tam chin muoi ut ca")
#: what does not follow a nickname's number: "ông sáu nhà", "anh ba nay"
_NO_NICKNAME = word_set(
    "nay nha gia dinh o bi va voi khong co la thi ma da dang se con cung tuoi thang nam ngay nguoi xa thon xom lan "
    "muong ruong dat hua noi lam cho ban xay nuoi hoi con em anh chi ong ba truong cho no duoc di thoi de tap ngheo bac"
)
#: capitalised words that begin the name of an office or a place, never of a person
_NOT_A_NAME = word_set(
    """
    bac ban benh bo can chi chinh cho chung cong dan dang duong em ha hoi hop huyen khu mat nam nguoi nha nhan
    phong phuong quoc so tap thon tinh to toi tram tran trung truong uy vien viet xa xom ap ubnd giao si
    ong ba anh co chau con bi cac may
    """
)
#: two capitalised words that begin with these are seldom a person's whole name
_HEADS_OF_TWO = word_set("nha na")
#: a name after these is that of a street, a school, a village or a firm
_PLACES = word_set(
    """
    duong pho phuong xa thon xom ap ban lang to khu chua dinh den mieu cho cau ho song kenh rach truong thpt thcs th
    hem ngo kiet kcn huyen quan tinh cong ty cty benh vien ben nui deo dao hoc mam tieu du an tnhh hieu quan nhom giao
    xu dap phu lo
    """
)
_PLACES_OF_TWO = word_set("ty may truong cong benh thi nha khu")
#: whom streets and schools are named after
_FAMOUS = frozenset(
    """
    tran hung dao|ly thuong kiet|le hong phong|nguyen van troi|vo thi sau|tran quoc toan|le thanh tong|ly thai to|
    nguyen van linh|nguyen thi minh khai|tran quang khai|nguyen tat thanh|le van tam|nguyen van cu|hoang van thu|
    phan dinh phung|ngo gia tu|nguyen chi thanh|vo van kiet|pham van dong|hoang quoc viet|le quy don|phan boi chau|
    phan chu trinh|nguyen dinh chieu|nguyen binh khiem|tran nhan tong|ly thanh tong|hoang hoa tham|nguyen cong tru|
    nguyen van be|tran quoc tuan|le dai hanh|hai ba trung|bui thi xuan|huynh thuc khang|ton duc thang
    """.replace("\n", "")
    .replace("    ", "")
    .split("|")
)
#: without one behind its first letter a text with accents names nobody
_MAY_BE_NAMED = re.compile(f"[{CAPITALS}]|văn|thị")
_ENDS = frozenset(",.;:!?\n)")


class Names:
    """The words of one clean text (`folded`: its accent-free form of the same length). `places`: folded names of
    places that are nobody's unless somebody is addressed by them."""

    def __init__(self, text: str, folded: str, places: Container[str]) -> None:
        self._text, self._places = text, places
        self._spans = [found.span() for found in _WORD.finditer(text)]
        self._keys = [folded[start:end] for start, end in self._spans]
        self._shouted = text.isupper()
        self._near = self._names_near()

    def find(self) -> Iterator[tuple[int, int]]:
        """Offsets of names, in reading order."""
        at, keys = 0, self._keys
        while at < len(keys):
            end = None
            begin = at
            cues = _CUES.get(keys[at]) if self._near[at] else None
            if cues is not None:
                for words, cue in cues:
                    size = len(words)
                    if not self._is_cue(at, words):
                        continue
                    begin = self._after_cue(at + size, cue)
                    if self._names_a_place(at, size, cue):
                        continue
                    end = self._name_at(begin, cue)
                    if end is not None:
                        break
            if end is None and (keys[at] in _PLAIN_SURNAMES or self._keys[at + 1 : at + 2] in (["thi"], ["van"])):
                begin, end = at, self._plain_name_at(at)
            if end is None:
                at += 1
            else:
                yield self._spans[begin][0], self._spans[end - 1][1]
                at = end

    def _names_near(self) -> list[bool]:
        """By word: whether a name may follow within a few words. In an accented text that takes a capital letter or
        "văn", "thị"; in another one anything may be a name."""
        if not self._accented_text() or self._shouted:
            return [True] * len(self._keys)
        near, left = [], 0
        for start, end in reversed(self._spans):
            near.append(left > 0)
            capital = self._text[start] in _CAPITAL or self._text[start:end] in ("văn", "thị")
            left = _NEAR if capital else left - 1
        return near[::-1]

    def _is_cue(self, at: int, words: tuple[str, ...]) -> bool:
        if len(words) > 1 and tuple(self._keys[at : at + len(words)]) != words:
            return False
        if at and (self._keys[at - 1], words[0]) in _NOT_ADDRESSED:
            return False
        start, end = self._spans[at]
        surface = self._text[start:end].lower()
        if words[0] in _ONLY_ACCENTED or self._accented_text():
            return surface == _ACCENTED_CUES.get(words[0], surface)
        return True

    def _after_cue(self, at: int, cue: _Cue) -> int:
        """Skips "là" and a title between the word and the name ("liên hệ ông …")."""
        keys = self._keys
        if at < len(keys) and cue is not _Cue.MAYBE_TITLE and keys[at] in ("la", "ten"):
            at += 1
        titled = at + 1 < len(keys) and cue in (_Cue.SAID, _Cue.FULL_ONLY, _Cue.ROLE) and keys[at] in _TITLES
        if titled and not (self._is_capital(at) and keys[at + 1] in ("thi", "van")):
            at += 1
        return at

    def _names_a_place(self, at: int, size: int, cue: _Cue) -> bool:
        """ "chợ Bà Chiểu", "cầu Ông Lãnh"."""
        if at == 0 or cue > _Cue.TITLE or self._keys[at - 1] not in _PLACES:
            return False
        return self._is_capital(at) or not self._accented(at)

    def _name_at(self, at: int, cue: _Cue) -> int | None:
        if at >= len(self._keys) or not self._follows(at, cue):
            return None
        if self._is_capital(at):
            return self._capital_name(at, cue)
        return self._small_name(at, cue)

    def _capital_name(self, at: int, cue: _Cue) -> int | None:
        end = self._capitals_from(at)
        keys, size = self._keys, end - at
        addressed = cue is not _Cue.FULL_ONLY and (cue is not _Cue.MAYBE_TITLE or keys[at - 1] in ("ba", "toi", "ten"))
        if not addressed and " ".join(keys[at:end]) in self._places:
            return None
        if size >= 2:
            if cue is _Cue.FULL_ONLY and keys[at - 1] in _LOOSE_LINKS:
                return end if keys[at] in _PLAIN_SURNAMES else None
            if cue is _Cue.ROLE and keys[at - 1] in _OF_A_PLACE:
                return end if keys[at] in SURNAMES else None
            plain = keys[at] in SURNAMES or keys[at] in _ORDINALS or keys[at] not in _NOT_A_NAME | _HEADS_OF_TWO
            return end if plain else None
        if cue is _Cue.SAID:
            return end if self._ends_clause(at) else None
        if cue is _Cue.FULL_ONLY or (keys[at] in _NOT_A_NAME and keys[at] not in _ORDINALS):
            return None
        if cue is _Cue.ROLE and keys[at - 1] in _OF_A_PLACE and self._spans[at][1] - self._spans[at][0] > 1:
            return None
        initial = self._spans[at][1] - self._spans[at][0] == 1
        if initial and cue is _Cue.MAYBE_TITLE and keys[at - 1] in ("o", "toi", "con", "em", "minh"):
            return None
        if cue is _Cue.MAYBE_TITLE and keys[at - 1] in ("o", "toi", "tui", "minh"):
            return None
        return end

    def _capitals_from(self, at: int) -> int:
        """End of the capitalised words from `at` on that may be one name; "THPT Trần" is none."""
        end, upper = at + 1, self._is_upper(at)
        while end < len(self._keys) and end - at < 4 and self._is_capital(end) and self._glued(end):
            if self._is_upper(end) != upper and self._spans[end][1] - self._spans[end][0] > 1:
                break
            end += 1
        return end

    def _is_upper(self, at: int) -> bool:
        start, end = self._spans[at]
        return end - start > 1 and self._text[start:end].isupper()

    def _small_name(self, at: int, cue: _Cue) -> int | None:
        keys = self._keys
        rest = keys[at : at + 4]
        if cue is _Cue.FULL_ONLY or any(not self._glued(at + step) for step in range(1, min(len(rest), 2))):
            return None
        if self._accented_text():
            whole = len(rest) >= 3 and rest[0] in _SMALL_SURNAMES and self._glued(at + 2)
            start, end = self._spans[at + 1] if whole else (0, 0)
            return at + 3 if self._text[start:end].lower() in ("văn", "thị") else None
        middle = len(rest) >= 3 and (rest[1] in _MIDDLES or (rest[1] == "a" and rest[0] in ("vang", "giang", "sung")))
        if rest[0] in _SMALL_SURNAMES and middle and self._glued(at + 2):
            four = len(rest) > 3 and rest[3] in GIVEN and self._glued(at + 3)
            return at + (4 if four and (rest[1] == "thi" or rest[2] in _MIDDLES) else 3)
        if cue is _Cue.MAYBE_TITLE and keys[at - 1] not in ("ten", "em", "chau", "bac", "chu", "ba"):
            return None
        nickname = rest[0] in _ORDINALS and len(rest) > 1 and rest[1] not in _NO_NICKNAME
        if nickname and (cue is _Cue.TITLE or self._follows_house(at)):
            return at + 2
        if keys[at - 1] in ("chau", "em", "ba") or (cue is _Cue.MAYBE_TITLE and keys[at - 1] != "ten"):
            return None
        known = rest[0] in GIVEN and (cue is not _Cue.TITLE or rest[0] not in _OTHER_WORDS)
        two = len(rest) > 1 and rest[1] in GIVEN and self._glued(at + 1)
        if cue is _Cue.SAID:
            known = known and (two or self._ends_clause(at))
        return at + (2 if two else 1) if known else None

    def _follows_house(self, at: int) -> bool:
        return at >= 2 and self._keys[at - 2] in ("nha", "con", "ho")

    def _plain_name_at(self, at: int) -> int | None:
        """A whole name nobody is introduced by: surname, "Văn" or "Thị" or another capitalised word, given name."""
        keys = self._keys
        if at + 2 >= len(keys) or not self._glued(at + 1) or not self._glued(at + 2):
            return None
        if (at and keys[at - 1] in _PLACES) or (at > 1 and keys[at - 2] in _PLACES_OF_TWO):
            return None
        if self._text[self._spans[at][0]] in "Đđ" and keys[at] == "duong":
            return None
        if not all(self._is_capital(at + step) and not self._is_upper(at + step) for step in range(3)):
            return None
        end = at + 3
        if end < len(keys) and self._is_capital(end) and self._glued(end):
            end += 1
        name = " ".join(keys[at:end])
        return None if name in _FAMOUS or name in self._places else end

    # ------------------------------------------------------------------ looking at words

    def _is_capital(self, at: int) -> bool:
        start, end = self._spans[at]
        if self._shouted or self._text[start] not in _CAPITAL:
            return False
        return end - start == 1 or not self._text[start + 1 : end].isupper() or end - start > 2

    def _glued(self, at: int) -> bool:
        return self._spans[at][0] - self._spans[at - 1][1] == 1 and self._text[self._spans[at][0] - 1] == " "

    def _follows(self, at: int, cue: _Cue) -> bool:
        """Whether nothing but a space stands before the word; after "người gửi" a colon, comma or new line may."""
        gap = self._text[self._spans[at - 1][1] : self._spans[at][0]]
        if gap == " ":
            return True
        return cue in (_Cue.SAID, _Cue.FULL_ONLY) and gap.strip(" :,-.\n") == "" and len(gap) <= 3

    def _ends_clause(self, at: int) -> bool:
        end = self._spans[at][1]
        following = self._text[end : end + 1]
        return not following or following in _ENDS or (at + 1 < len(self._keys) and self._keys[at + 1] in _AFTER_NAME)

    def _accented(self, at: int) -> bool:
        start, end = self._spans[at]
        return self._keys[at] != self._text[start:end].lower()

    def _accented_text(self) -> bool:
        return not self._text.isascii()


_TITLES = word_set("ong ba anh chi co chu bac cu thay di cau chau em be thim")
_AFTER_NAME = word_set("o sinh nam sdt dt so hien xin tuoi thon xom xay")


def names_in(text: str, folded: str | None = None, places: Container[str] = frozenset()) -> list[tuple[int, int]]:
    """Offsets of people's names in a clean text, in reading order, without overlaps."""
    if not text.isascii() and _MAY_BE_NAMED.search(text, 1) is None:
        return []
    return list(Names(text, fold(text) if folded is None else folded, places).find())
