"""Recognises the places of one commune: villages, roads, public objects and projects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from rapidfuzz import fuzz

from nlp.analysis import Place
from nlp.gazetteer_file import GazetteerFile, proper_names
from nlp.normalise import Token, clean, tokenise, word_forms, word_set
from nlp.vocabulary import vocabulary, words_of

#: words before the name of a village; writers mix them, so they are one class
VILLAGE_WORDS = frozenset(
    {"thon", "xom", "ap", "ban", "buon", "lang", "to", "doi", "khu", "tdp", "kp", "plei", "soc", "bon", "cum", "phum"}
)
#: words that point somewhere; a one-syllable name counts after them when it is capitalised
LOCATIVES = frozenset({"o", "tai", "ben", "duoi", "tren", "ngoai", "trong", "phia", "man", "dan", "ve", "tu", "mien"})
LANE_WORDS = frozenset({"ngo", "ngach"})
_SPELT_NUMBERS = (
    ("một", "1"), ("hai", "2"), ("ba", "3"), ("bốn", "4"), ("tư", "4"), ("năm", "5"), ("sáu", "6"), ("bảy", "7"),
    ("tám", "8"), ("chín", "9"), ("mười", "10"),
)  # fmt: skip
_NUMBERS = {word_forms(word)[0]: digit for word, digit in _SPELT_NUMBERS}
_NUMBER_CANON = {word_forms(word)[1]: digit for word, digit in _SPELT_NUMBERS}
_NUMBER = re.compile(r"\d{1,4}[a-z]?")
_FUZZY = 84.0
#: letters a misspelt name has at least; shorter ones are all alike
_FUZZY_FROM = 4
#: texts whose mentions are kept: several look for the places of one message in turn
_TEXTS_KEPT = 8
#: words after "thôn" of which is kept whose name they are like
_NAMES_KEPT = 1_024


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A place said in a text at words `start` to `end`; `pin` identifies it for comparing (an instance of a
    repeated object has its own), None when the words alone do not pin it down; `is_asked` when it is only
    asked to act ("nhờ xã với trạm y tế kiểm tra")."""

    place: Place
    start: int
    end: int
    pin: str | None
    is_asked: bool = False


@dataclass(frozen=True, kw_only=True)
class _Alias:
    words: tuple[Token, ...]
    place: Place
    pin: str | None
    accents_needed: bool


@dataclass(frozen=True, kw_only=True)
class Gazetteer:
    """Places of one commune, see `from_toml`. Without entries, villages, lanes, roads and named objects are told
    by their form and get ids of their own, such as "thon:4" and "duong:le loi".
    Read-only once built."""

    #: id of a road or project -> level that manages or owns it
    managers: Mapping[str, str] = field(default_factory=dict)
    #: proper names of places, folded: no personal data
    names: frozenset[str] = frozenset()
    #: by the first two words (an empty one where there is no second), longest first
    _aliases: Mapping[tuple[str, str], tuple[_Alias, ...]] = field(default_factory=dict)
    _villages: Mapping[str, Place] = field(default_factory=dict)
    #: core name of a village without its trigger word ("ha", "4") -> village
    _cores: Mapping[str, tuple[str, Place]] = field(default_factory=dict)
    #: the same names by their number of syllables
    _by_syllables: Mapping[int, tuple[tuple[str, Place], ...]] = field(default_factory=dict)
    _known: frozenset[str] = frozenset()
    #: clean text -> its mentions
    _kept: Callable[[str], tuple[Mention, ...]] = field(init=False, repr=False, compare=False)
    #: words -> the one village with nearly such a name
    _nearest: Callable[[str], Place | None] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_kept", lru_cache(maxsize=_TEXTS_KEPT)(self._found))
        object.__setattr__(self, "_nearest", lru_cache(maxsize=_NAMES_KEPT)(self._like))

    @classmethod
    def empty(cls) -> Gazetteer:
        """A gazetteer without entries, for a commune that has none yet."""
        return cls()

    @classmethod
    def from_toml(cls, mapping: Mapping[str, Any]) -> Gazetteer:
        """Builds from the parsed TOML tables `group`, `road`, `object`, `project`; unknown keys are ignored.
        Raises ValueError naming the entry that lacks an id or a name."""
        parsed = GazetteerFile.parse(mapping)
        abbreviations = vocabulary().abbreviations
        aliases: dict[tuple[str, str], list[_Alias]] = {}
        for written, place, pin in parsed.aliases:
            words = tuple(tokenise(clean(written).text, abbreviations))
            if words:
                single = len(words) == 1 and not words[0].key.isdigit()
                entry = _Alias(words=words, place=place, pin=pin, accents_needed=single)
                aliases.setdefault((words[0].key, words[1].key if len(words) > 1 else ""), []).append(entry)
        cores = {}
        for core, place in parsed.cores:
            spelt = tokenise(core)
            cores[" ".join(word.key for word in spelt)] = (" ".join(word.canon for word in spelt), place)
        by_syllables: dict[int, tuple[tuple[str, Place], ...]] = {}
        for core, (_, place) in cores.items():
            syllables = core.count(" ") + 1
            by_syllables[syllables] = (*by_syllables.get(syllables, ()), (core, place))
        return cls(
            managers=parsed.managers,
            names=proper_names(mapping),
            _aliases={key: tuple(sorted(found, key=lambda alias: -len(alias.words))) for key, found in aliases.items()},
            _villages={place.id: place for place in parsed.villages},
            _cores=cores,
            _by_syllables=by_syllables,
            _known=frozenset(alias.place.id for found in aliases.values() for alias in found),
        )

    def find(self, text: str) -> tuple[Place, ...]:
        """Places said in the text, each once, in reading order; with entries, only places among them."""
        return self.places_of(self.mentions(text))

    def places_of(self, mentions: Iterable[Mention]) -> tuple[Place, ...]:
        """The same from what `mentions` found."""
        seen: dict[str, Place] = {}
        for mention in mentions:
            if self._villages and mention.place.id not in self._known:
                continue
            known = seen.get(mention.place.id)
            if known is None or (known.residential_group is None and mention.place.residential_group):
                seen[mention.place.id] = mention.place
        return tuple(seen.values())

    def village_of(self, text: str) -> Place | None:
        """The one village meant, None when there is none or more than one. For answers to "which village?":
        a bare name or number ("4", "thon 4", "xóm trại", "hạ") is understood too."""
        if not self._villages:
            return None
        groups = {m.place.id: m.place for m in self.mentions(text[:500]) if m.place.sort == "group"}
        if len(groups) == 1:
            return self._villages.get(next(iter(groups)))
        if groups:
            return None
        words = [word for word in tokenise(clean(text[:500]).text) if word.key not in _FILLERS]
        if len(words) > 4:
            pinned = {m.place.residential_group for m in self.mentions(text[:500]) if m.place.residential_group}
            return self._villages.get(pinned.pop()) if len(pinned) == 1 else None
        return self._bare_village(words)

    def village_alone(self, text: str) -> Place | None:
        """The village a text names and says nothing else ("thôn Hạ", "dạ em ở thôn 4", "t4"); None for all other
        texts. For the word a poster asks for as the first message."""
        words = tokenise(clean(text[:100]).text, vocabulary().abbreviations)
        if len(text) > 100 or len(words) > 8:
            return None
        said = [mention for mention in self.mentions(text) if mention.place.id in self._villages]
        around = [word for place, word in enumerate(words) if not any(one.start <= place < one.end for one in said)]
        rest = [word for word in around if word.key not in _FILLERS | _GREETINGS]
        if said:
            return said[0].place if not rest and len({one.place.id for one in said}) == 1 else None
        named = len(rest) in (2, 3) and rest[0].key in VILLAGE_WORDS | _SHORT_VILLAGE_WORDS
        return self._bare_village(rest) if named else None

    def _bare_village(self, words: Sequence[Token]) -> Place | None:
        while words and words[0].key in VILLAGE_WORDS | _SHORT_VILLAGE_WORDS:
            words = words[1:]
        key = " ".join(_number(word, accented=True) or word.key for word in words)
        if key in self._cores:
            return self._cores[key][1]
        near = {
            place.id: place
            for core, (_, place) in self._cores.items()
            if len(core) >= 3 and core.count(" ") == key.count(" ") and fuzz.ratio(core, key) >= _FUZZY
        }
        return next(iter(near.values())) if len(near) == 1 else None

    def mentions(self, text: str) -> list[Mention]:
        """Every place said, with its words; a mention inside a longer one of another place is dropped, and so
        is what the writer rules out ("không phải đường 720")."""
        return list(self._kept(clean(text).text))

    def _found(self, readable: str) -> tuple[Mention, ...]:
        words, accented = words_of(readable)
        found = [*self._exact(words, accented), *self._by_trigger(words, accented)]
        if not found:
            return ()
        kept: list[Mention] = []
        #: by word, where the farthest kept mention over it ends
        ends: dict[int, int] = {}
        for mention in sorted(found, key=lambda m: (m.start - m.end, m.pin is None, m.start)):
            if mention.end <= ends.get(mention.start, 0):
                continue
            kept.append(mention)
            for word in range(mention.start, mention.end):
                ends[word] = max(ends.get(word, 0), mention.end)
        return tuple(
            [
                replace(mention, is_asked=_is_asked(words, mention.start))
                for mention in sorted(kept, key=lambda m: m.start)
                if not _ruled_out(words, mention.start)
            ]
        )

    def _exact(self, words: Sequence[Token], accented: bool) -> Iterable[Mention]:
        aliases, keys = self._aliases, [word.key for word in words]
        if not aliases:
            return
        for start, pair in enumerate(zip_longest(keys, keys[1:], fillvalue="")):
            for alias in (*aliases.get(pair, ()), *aliases.get((pair[0], ""), ())):
                end = start + len(alias.words)
                if end > len(words) or not _agrees(alias, words[start:end], accented):
                    continue
                if _is_short_code(alias) and not _said_as_place(words, start):
                    continue
                yield Mention(place=alias.place, start=start, end=end, pin=alias.pin)

    def _by_trigger(self, words: Sequence[Token], accented: bool) -> Iterable[Mention]:
        """Villages by trigger word and core name or number, known to the gazetteer or not; lanes, roads and
        objects by their number or capitalised name."""
        for start in range(len(words) - 1):
            if words[start].key not in _TRIGGERS:
                continue
            trigger, name = words[start], words[start + 1]
            if trigger.key in VILLAGE_WORDS and _is_village_word(trigger, accented):
                if not _is_within_abbreviation(words, start):
                    yield from self._village_after(words, start, accented)
            elif trigger.key in LOCATIVES and name.surface[:1].isupper():
                yield from self._bare_after(words, start + 1, accented)
            elif trigger.key in LANE_WORDS and (label := _label(words, start + 1, accented)):
                kind = Place(id=f"ngo:{label[0]}", sort="road", name=f"ngõ {label[1]}")
                yield Mention(place=kind, start=start, end=start + 1 + label[2], pin=kind.id)
            elif trigger.key in _FIRST_WORDS:
                yield from _named_thing(words, start, accented)

    def _bare_after(self, words: Sequence[Token], start: int, accented: bool) -> Iterable[Mention]:
        """A village by its name alone: "ở Hạ", "tại Đông Lĩnh"."""
        for size in (3, 2, 1) if self._cores else ():
            chosen = words[start : start + size]
            known = self._cores.get(" ".join(word.key for word in chosen))
            if known is None or len(chosen) < size or not all(word.surface[:1].isupper() for word in chosen):
                continue
            canon, place = known
            if not accented or canon == " ".join(word.canon for word in chosen):
                yield Mention(place=place, start=start, end=start + size, pin=place.id)
                return

    def _village_after(self, words: Sequence[Token], start: int, accented: bool) -> Iterable[Mention]:
        for size in (3, 2, 1) if self._cores else ():
            chosen = words[start + 1 : start + 1 + size]
            if len(chosen) < size:
                continue
            key = " ".join(word.key for word in chosen)
            if size == 1 and (digit := _number(chosen[0], accented)):
                key = digit
            if key not in self._cores:
                continue
            canon, place = self._cores[key]
            said = " ".join(word.canon for word in chosen)
            if not accented or canon == said or key.isdigit():
                yield Mention(place=place, start=start, end=start + 1 + size, pin=place.id)
                return
        near = self._misspelt(words, start + 1) if self._cores else None
        if near is not None:
            yield near
        elif label := _label(words, start + 1, accented):
            name = f"{words[start].surface.lower()} {label[1]}"
            place = Place(id=f"thon:{label[0]}", sort="group", name=name)
            yield Mention(place=place, start=start, end=start + 1 + label[2], pin=place.id)

    def _misspelt(self, words: Sequence[Token], start: int) -> Mention | None:
        """The one village whose name of as many syllables is written nearly so: "thôn Thượg"."""
        for size in (3, 2, 1):
            chosen = words[start : start + size]
            key = " ".join(word.key for word in chosen)
            if len(chosen) < size or len(key) < _FUZZY_FROM or any(word.key.isdigit() for word in chosen):
                continue
            if place := self._nearest(key):
                return Mention(place=place, start=start - 1, end=start + size, pin=place.id)
        return None

    def _like(self, key: str) -> Place | None:
        near = {
            place.id: place
            for core, place in self._by_syllables.get(key.count(" ") + 1, ())
            if abs(len(core) - len(key)) <= 2 and fuzz.ratio(core, key) >= _FUZZY
        }
        return next(iter(near.values())) if len(near) == 1 else None


def _named_thing(words: Sequence[Token], start: int, accented: bool) -> Iterable[Mention]:
    """A road or object told by the word before its name: "đường Lê Lợi", "tỉnh lộ 720", "cầu Ván"."""
    for table, sort, prefix in ((_ROADS, "road", "duong"), (_OBJECTS, "object", "")):
        for size in table.sizes.get(words[start].key, ()):
            trigger = words[start : start + size]
            canon = table.names.get(" ".join([word.key for word in trigger]))
            if canon is None or (accented and canon != " ".join([word.canon for word in trigger])):
                continue
            end = start + size
            counted = end < len(words) and words[end].key == "so"
            label = _label(words, end, accented) if counted else _label_here(words, end, accented)
            is_number = label is not None and label[0].isdigit() and not counted
            if label is None or (is_number and (sort == "object" or len(label[0]) < 2)):
                continue
            said = " ".join(word.surface.lower() for word in trigger)
            key = prefix or "-".join(word.key for word in trigger)
            place = Place(id=f"{key}:{label[0]}", sort=sort, name=f"{said} {label[1]}")
            yield Mention(place=place, start=start, end=start + size + label[2], pin=place.id)
            return


@dataclass(frozen=True, kw_only=True)
class _Sorts:
    """Phrases by which a thing is told, accent-free form to accented form, and by first word how many words they may
    have, most first."""

    names: Mapping[str, str]
    sizes: Mapping[str, tuple[int, ...]]


def _sorts(text: str) -> _Sorts:
    """Of phrases parted by commas."""
    names: dict[str, str] = {}
    sizes: dict[str, set[int]] = {}
    for phrase in text.split(","):
        forms = [word_forms(word) for word in phrase.split()]
        names[" ".join(key for key, _ in forms)] = " ".join(canon for _, canon in forms)
        sizes.setdefault(forms[0][0], set()).add(len(forms))
    return _Sorts(names=names, sizes={first: tuple(sorted(found, reverse=True)) for first, found in sizes.items()})


_ROADS = _sorts("đường, phố, quốc lộ, tỉnh lộ, đường tỉnh, hương lộ, huyện lộ, ql, tl, đt, dt, đh, hl, lộ")
_OBJECTS = _sorts(
    "chợ, cầu, trường, chùa, đình, đền, hồ, đập, kênh, sông, suối, cống, bệnh viện, nhà máy, công ty, trạm bơm, "
    "chung cư, công viên, nghĩa trang, bến đò, bến phà, tiểu học, mầm non, quán, mỏ, bãi, bến, đồng, đồi, hòn, "
    "ngã tư, ngã ba, vòng xoay, trạm biến áp, trạm điện, bãi rác, cây xăng, nhà văn hóa, trạm y tế, bưu điện, "
    "sân bóng, hầm chui, kè, bờ kè, đê, dốc, giếng, máng, tràn, ngầm, đò, phà, siêu thị, nhà thờ, "
    "thánh thất, miếu, xưởng"
)
#: words between "tổ", "khu", "ngõ" and its number or name: "tổ dân phố 5", "khu phố 6", "ngõ số 3"
_BEFORE_A_LABEL = frozenset({"so", "dan", "pho"}) | VILLAGE_WORDS
_FIRST_WORDS = frozenset(name.partition(" ")[0] for name in (*_ROADS.names, *_OBJECTS.names))
#: words at which a place may begin
_TRIGGERS = VILLAGE_WORDS | LOCATIVES | LANE_WORDS | _FIRST_WORDS
_ASKING = frozenset({"nho", "nghi", "mong", "cau", "xin"})
_LINKING = word_set("xa voi va ben phia cac anh chi ca cong an phuong cung co chu")


def _is_asked(words: Sequence[Token], start: int) -> bool:
    for word in reversed(words[max(0, start - 5) : start]):
        if word.key in _ASKING:
            return True
        if word.key not in _LINKING:
            return False
    return False


_FILLERS = frozenset(
    {"da", "o", "la", "nha", "toi", "em", "minh", "chau", "a", "thua", "vang", "day", "so", "nhe", "u", "chu"}
)
_GREETINGS = frozenset({"xin", "chao", "alo", "ong", "bac", "con", "ad", "oi", "gui", "tu"})
#: abbreviations of "thôn" that precede a number in an answer
_SHORT_VILLAGE_WORDS = frozenset({"t", "th"})


def _is_village_word(trigger: Token, accented: bool) -> bool:
    """With accents, "tổ" is not "to" and "bản" is not "bán"."""
    if not accented or trigger.canon in _VILLAGE_CANON:
        return True
    return not trigger.is_accented and trigger.key in _PLAIN_VILLAGE_WORDS


def _is_within_abbreviation(words: Sequence[Token], position: int) -> bool:
    """Whether the word is not the first that an abbreviation stands for: the "ban" of "UBND" is no "bản", while "kp"
    is the "khu phố" it looks like."""
    word = words[position]
    return word.is_spelt_out and position > 0 and words[position - 1].start == word.start


#: understood even when an accented text leaves out their accents; "ban", "to", "doi" are other words then
_PLAIN_VILLAGE_WORDS = frozenset({"thon", "xom", "khu", "ap"})
_VILLAGE_CANON = frozenset(
    word_forms(word)[1] for word in word_set("thôn xóm ấp bản buôn làng tổ đội khu tdp kp plei sóc bon cụm phum")
)


def _number(word: Token, accented: bool) -> str | None:
    if word.key.isdigit():
        return word.key.lstrip("0") or "0"
    return _NUMBER_CANON.get(word.canon) if accented and word.is_accented else _NUMBERS.get(word.key)


def _label(words: Sequence[Token], position: int, accented: bool) -> tuple[str, str, int] | None:
    """The number or capitalised name at a position as (key, as written, words taken)."""
    skipped = 0
    first = words[position].key if position < len(words) else ""
    if first == "dan" and position + 1 < len(words) and words[position + 1].key == "pho":
        skipped = 2
    elif first in _BEFORE_A_LABEL:
        skipped = 1
    further = _label_here(words, position + skipped, accented) if skipped else None
    if further:
        return further[0], further[1], further[2] + skipped
    return _label_here(words, position, accented)


def _label_here(words: Sequence[Token], position: int, accented: bool) -> tuple[str, str, int] | None:
    if position >= len(words):
        return None
    word = words[position]
    if _NUMBER.fullmatch(word.key):
        return word.key.lstrip("0") or "0", word.surface, 1
    taken = 0
    while taken < 3 and position + taken < len(words):
        candidate = words[position + taken]
        glued = position + taken > 0 and candidate.start - words[position + taken - 1].end == 1
        if not (glued and candidate.surface[:1].isupper() and not candidate.surface[1:2].isupper()):
            break
        taken += 1
    if not taken:
        return None
    chosen = words[position : position + taken]
    following = words[position + taken] if position + taken < len(words) else None
    if taken == 1 and len(word.key) == 1 and following and following.start == word.end and following.key.isdigit():
        # "N3": the tokeniser parts letters from digits.
        return word.key + following.key, word.surface + following.surface, 2
    return " ".join(w.key for w in chosen), " ".join(w.surface for w in chosen), taken


def _agrees(alias: _Alias, words: Sequence[Token], accented: bool) -> bool:
    if any(wanted.key != said.key for wanted, said in zip(alias.words, words, strict=True)):
        return False
    if not accented:
        return not alias.accents_needed or not alias.words[0].is_accented
    different = sum(wanted.canon != said.canon for wanted, said in zip(alias.words, words, strict=True))
    if alias.accents_needed or len(alias.words) == 2:
        return different == 0 or (len(alias.words) == 2 and all(not said.is_accented for said in words))
    return different <= 1


def _is_short_code(alias: _Alias) -> bool:
    """Whether it is like "t4", which may be a village or the month of April."""
    return len(alias.words) == 2 and len(alias.words[0].key) == 1 and alias.words[1].key.isdigit()


def _said_as_place(words: Sequence[Token], start: int) -> bool:
    return start > 0 and words[start - 1].key in LOCATIVES | VILLAGE_WORDS | {"duong", "truc", "ba", "con"}


def _ruled_out(words: Sequence[Token], start: int) -> bool:
    before = [word.key for word in words[max(0, start - 2) : start]]
    return before == ["khong", "phai"]
