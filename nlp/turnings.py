"""Where the writer of a message may go on to another matter: lists, turning words, sentences, clauses."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise

from nlp.normalise import Token, word_forms, word_set


class Turn(IntEnum):
    """How plainly the writer goes on to another matter, least first."""

    #: a clause about another thing, without full stop or comma before it
    CLAUSE = 1
    #: the same behind a word like "còn" or before "thì"
    LED_CLAUSE = 2
    SENTENCE = 3
    #: a word that adds something, or the same way of asking said again
    ADDED = 4
    #: a word that announces another matter ("với lại", "nhân tiện")
    ANNOUNCED = 5
    #: counted out or marked in a list
    LISTED = 6


@dataclass(frozen=True, kw_only=True)
class Turning:
    """A word at which another matter may begin."""

    at: int
    turn: Turn


Phrases = Mapping[str, tuple[tuple[str, ...], ...]]


def _by_first_word(written: str) -> Phrases:
    table: dict[str, list[tuple[str, ...]]] = {}
    for phrase in written.split("|"):
        words = tuple(phrase.split())
        table.setdefault(words[0], []).append(words)
    return {first: tuple(sorted(found, key=len, reverse=True)) for first, found in table.items()}


_ANNOUNCING = _by_first_word(
    "voi lai|nhan tien|nhan day|tien the|tien day|san day|san tien|san do|san dip|luon tien|them nua|mat khac|"
    "viec nua|chuyen nua|hoi them|hoi nua|hoi luon|phan anh them|toi cung muon|em cung muon|toi con muon|"
    "mot viec nua|mot chuyen nua|viec thu hai|viec thu 2|viec thu ba|viec thu 3|chuyen thu hai|chuyen thu 2|"
    "chuyen thu ba|chuyen thu 3|van de thu hai|van de thu 2|van de nua|noi them|y thu hai|y thu 2|con vu|con viec|"
    "con chuyen|con van de"
)
#: they add something to the same matter as well
_ADDING = _by_first_word(
    "ngoai ra|ben canh do|chua ke|dong thoi|va xin|va de nghi|va hoi|va cho|va mong|va nen|voi ca|con ve|them vao do"
)
#: ways of asking; said again, something else may be asked
_ASKS = _by_first_word(
    "de nghi|kien nghi|xin hoi|cho hoi|cho toi hoi|cho em hoi|toi hoi|yeu cau|gop y|phan anh|cau hoi|nho xa|"
    "toi de nghi|toi xin hoi|em hoi|toi muon hoi|con hoi|cho con hoi|ve|hoi|xin|mong|nho|nen"
)
#: asking words that say nothing by being said twice, unless at the head of sentences
_WEAK_ASKS = word_set("ve hoi xin mong nho nen")
#: first words of all these, and those that are looked at one by one
_TELLING = frozenset({*_ANNOUNCING, *_ADDING, *_ASKS, "con", "vua"})
_COUNTS = word_set("hai ba bon may 2 3 4")
_COUNTED = word_set("viec chuyen y dieu vu cau")
#: in which words matters are counted out
_ORDINALS = tuple(
    tuple(tuple(name.split()) for name in names.split("|"))
    for names in (
        "thu nhat|thu hai|thu ba|thu tu|thu nam", "thu 1|thu 2|thu 3|thu 4|thu 5",
        "mot la|hai la|ba la|bon la|nam la", "1 la|2 la|3 la|4 la|5 la", "dau tien|tiep theo|cuoi cung",
        "viec 1|viec 2|viec 3|viec 4", "viec mot|viec hai|viec ba|viec bon",
        "viec thu nhat|viec thu hai|viec thu ba", "chuyen thu nhat|chuyen thu hai|chuyen thu ba",
        "cau 1|cau 2|cau 3|cau 4", "cau hoi 1|cau hoi 2|cau hoi 3", "y 1|y 2|y 3|y 4",
    )
)  # fmt: skip
_FIRST_ORDINALS = frozenset(names[0][0] for names in _ORDINALS)
_BULLET = re.compile(r"(?:^|(?<=[\n.;:,?!]))[ \t]*[-+*•–][ \t]*(?=[^\W\d_])")
_NUMBERED = re.compile(r"(?<![\w/.,-])([1-9]|[a-eA-E])[ \t]?[.)/:-]+[ \t]*(?=[^\W\d_]{2})")
#: what every bullet and every numbered mark has, found much faster
_BULLET_SIGN = re.compile(r"[-+*•–]")
_NUMBERED_SIGN = re.compile(r"[1-9a-eA-E][ \t]?[.)/:-]")
_FULL_STOP = re.compile(r"[.!?;…\n]")
#: a thing named after these only says where, whose or through what
_LEADS_INTO = word_set(
    "o tai truoc sau gan ben canh duoi tren trong ngoai vao ra den qua tu cua cho bi lam la voi va cung ve doi the nhu "
    "mot hai ba bon cai con nhung cac may moi do tien lay xe nguoi ong ba anh chi co sua xay bo di hoc goi tro nhu voi"
)
#: first words of what only goes on: a consequence, an earlier step, a wish about the same
_GOES_ON = word_set(
    "vay the nen ho no nhu do day ai chi chac tom neu vi tai nguy kho lan bao bat dung goi ca minh chung nguoi tre "
    "chau hom nam sang chieu toi dem cu da truoc gia len sao cac mong nho xin giu cung yeu kien khach"
)
#: "con" before these is a child or an animal, not "còn"
_CHILD_BEFORE = word_set(
    "toi nho em gai trai chau bi di hoc khong chua o phai duoc lai rat nhieu co bat nguoi cho trau bo ga ca minh dau "
    "re be thi deu mui mac sot thay"
)
_STILL = word_forms("còn")[1]
_THEN = word_forms("thì")[1]
_CLAUSE_LEADS = word_set("con va voi")
#: words between a thing and the "thì" that sets it against another
_THEN_WITHIN = 4
#: words between two clauses
_CLAUSE_LENGTH = 4
#: words behind an announcement that still belong to it ("với lại sẵn đây cho con hỏi luôn")
_NO_TURN_WITHIN = 5
#: words between the two of "vừa … vừa …"
_BOTH_WITHIN = 10
#: words behind a way of asking before which the same is not said again for something else
_AGAIN_AFTER = 5


class Turnings:
    """Reads the words of one message (`lines`: its clean text with the line breaks still in it). `things`: words at
    which something the lexicon knows begins, `named` those that name a matter."""

    def __init__(
        self, lines: str, tokens: Sequence[Token], *, accented: bool, things: Collection[int], named: Collection[int]
    ) -> None:
        self._lines, self._tokens, self._accented = lines, tokens, accented
        self._things, self._named = things, named
        self._keys = [token.key for token in tokens]
        self._present = frozenset(self._keys)
        self._found: dict[int, Turn] = {}

    @property
    def announced(self) -> bool:
        """Whether the writer says that there are several matters ("hai việc")."""
        if self._present.isdisjoint(_COUNTED):
            return False
        return any(count in _COUNTS and word in _COUNTED for count, word in pairwise(self._keys))

    def find(self) -> list[Turning]:
        """In reading order, one for a word at most."""
        heads = self._sentence_heads()
        self._lists()
        self._words(heads)
        self._sentences(heads)
        self._clauses(paused=bool(heads))
        return [Turning(at=at, turn=self._found[at]) for at in sorted(self._found)]

    def _add(self, at: int, turn: Turn) -> None:
        if 0 < at < len(self._keys) and turn > self._found.get(at, 0):
            self._found[at] = turn

    # ------------------------------------------------------------------ lists

    def _lists(self) -> None:
        if not self._present.isdisjoint(_FIRST_ORDINALS):
            for names in _ORDINALS:
                for at in self._counted_out(names)[1:]:
                    self._add(at, Turn.LISTED)
        marks = [*self._bullets()[1:], *self._numbers()[1:]]
        if marks:
            begins = [token.start for token in self._tokens]
            for mark in marks:
                self._add(bisect_left(begins, mark), Turn.LISTED)

    def _counted_out(self, names: Sequence[tuple[str, ...]]) -> list[int]:
        """Where the first of the names stands, the second behind it and so on; nothing unless there are two."""
        places: list[int] = []
        if not self._present.issuperset(names[0]) or not self._present.issuperset(names[1]):
            return places
        at = 0
        for words in names:
            found = self._next(words, at)
            if found is None:
                break
            places.append(found)
            at = found + len(words)
        return places

    def _next(self, words: tuple[str, ...], at: int) -> int | None:
        keys = self._keys
        first, rest = words[0], list(words[1:])
        while True:
            try:
                at = keys.index(first, at) + 1
            except ValueError:
                return None
            if keys[at : at + len(rest)] == rest:
                return at - 1

    def _bullets(self) -> list[int]:
        if _BULLET_SIGN.search(self._lines) is None:
            return []
        return [found.end() for found in _BULLET.finditer(self._lines)]

    def _numbers(self) -> list[int]:
        """Ends of "1.", "2)", "b)" as far as they follow one another."""
        places: list[int] = []
        if _NUMBERED_SIGN.search(self._lines) is None:
            return places
        expected = "1a"
        for found in _NUMBERED.finditer(self._lines):
            mark = found[1].lower()
            if mark in expected:
                places.append(found.end())
                expected = chr(ord(mark) + 1)
        return places

    # ------------------------------------------------------------------ words

    def _words(self, heads: Collection[int]) -> None:
        keys, after = self._keys, 0
        asked: dict[str, int] = {}
        for at, key in enumerate(keys):
            if key not in _TELLING:
                continue
            if at >= after and key in _ANNOUNCING and (size := _length(_ANNOUNCING, keys, at)):
                self._add(at, Turn.ANNOUNCED)
                after = at + size + _NO_TURN_WITHIN
            elif (key in _ADDING and _length(_ADDING, keys, at)) or (
                key == "con" and at in heads and self._is_still(at)
            ):
                self._add(at, Turn.ADDED)
            elif key == "vua" and key in keys[max(0, at - _BOTH_WITHIN) : at]:
                # "vừa hôi vừa thiếu nước"
                self._add(at, Turn.ADDED)
            elif key in _ASKS and (size := _length(_ASKS, keys, at)):
                again = asked.get(keys[at : at + size][-1])
                if again is not None and at - again >= _AGAIN_AFTER and (key not in _WEAK_ASKS or at in heads):
                    self._add(at, Turn.ADDED)
                asked[keys[at : at + size][-1]] = at

    def _is_still(self, at: int) -> bool:
        """Whether this "con" is "còn" and goes on to something else."""
        word = self._tokens[at]
        if self._accented and (word.is_accented or self._tokens[at].canon == _STILL):
            return word.canon == _STILL
        return at + 1 < len(self._keys) and self._keys[at + 1] not in _CHILD_BEFORE and not self._accented

    # ------------------------------------------------------------------ sentences and clauses

    def _sentence_heads(self) -> set[int]:
        heads: set[int] = set()
        tokens, lines = self._tokens, self._lines
        ends = [found.start() for found in _FULL_STOP.finditer(lines, tokens[0].end, tokens[-1].start)]
        if not ends:
            return heads
        begins = [token.start for token in tokens]
        for end in ends:
            # Words of one abbreviation stand in one place; the first of those behind the mark is the head.
            at = bisect_left(begins, end)
            if at and tokens[at - 1].end <= end:
                heads.add(at)
        return heads

    def _sentences(self, heads: Collection[int]) -> None:
        for at in heads:
            if self._keys[at] not in _GOES_ON and not _length(_ASKS, self._keys, at):
                self._add(at, Turn.SENTENCE)

    def _clauses(self, *, paused: bool) -> None:
        keys = self._keys
        paused = paused or True in [token.after_pause for token in self._tokens]
        for at in sorted(self._things):
            if at < 2 or any(near in self._found for near in range(at - _CLAUSE_LENGTH + 1, at + 1)):
                continue
            led = keys[at - 1] in _CLAUSE_LEADS and (keys[at - 1] != "con" or self._is_still(at - 1))
            if led and at in self._named:
                self._add(at - 1, Turn.LED_CLAUSE)
            elif keys[at - 1] in _LEADS_INTO:
                continue
            elif self._set_against(at):
                self._add(at, Turn.LED_CLAUSE)
            elif not paused and at in self._named:
                self._add(at, Turn.CLAUSE)

    def _set_against(self, at: int) -> bool:
        """Whether a "thì" follows: "đường thì bụi, chợ thì bẩn"."""
        if "thi" not in self._present:
            return False
        return any(
            token.key == "thi" and (not self._accented or token.canon == _THEN)
            for token in self._tokens[at + 1 : at + _THEN_WITHIN]
        )


def _length(phrases: Phrases, keys: Sequence[str], at: int) -> int:
    """Words of the longest phrase that stands at a place; 0 when none does."""
    for words in phrases.get(keys[at], ()):
        if tuple(keys[at : at + len(words)]) == words:
            return len(words)
    return 0
