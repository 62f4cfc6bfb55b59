"""Words of a message that may name a person, so that no reason kept or shown apart from the message holds one.

Wider than `nlp.persons`: a reason that leaves out one word too many loses little.
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from nlp import personal_data
from nlp.normalise import Token, fold, word_forms, word_set
from nlp.persons import GIVEN, SURNAMES
from nlp.vocabulary import Reading


def _canons(words: str) -> frozenset[str]:
    return frozenset(word_forms(word)[1] for word in words.split())


#: words of a name looked for behind a title, and behind a family name
_AFTER_TITLE = 3
_AFTER_FAMILY = 2
_TITLES = "ông bà anh chị thằng con cô thầy chú bác tên già cụ dì cậu mợ thím dượng lão mụ út"
#: titles that stand before things as well: "con đường", "tên xã"
_LOOSE_TITLES = word_set("con ten gia co em")
_TITLE_KEYS = word_set(fold(_TITLES))
_TITLE_CANONS = _canons(_TITLES)
#: family names that are hardly another word, as typed with accents and without
_FAMILY_CANONS = _canons(
    "nguyễn trần lê phạm huỳnh hoàng phan vũ đặng bùi đỗ ngô dương đinh trương giàng thạch sùng trịnh mạc lường quàng "
    "thào vừ hạng"
)
_FAMILY_KEYS = word_set("nguyen tran le pham huynh hoang phan bui ngo trinh dinh giang thach sung")
#: behind any family name: "hồ văn …", "vàng a …"
_MIDDLES = _canons("văn thị a")
_MIDDLE_KEYS = word_set("van thi a")
_SENTENCE_ENDS = ".!?…"
_OPENING = " \"'“‘«([-–•*"


def may_name(reading: Reading, readable: str, places: Container[str] = frozenset()) -> frozenset[int]:
    """Numbers of the words of a clean text that may be part of a person's name or are personal data; `places`: folded
    names of places that are nobody's."""
    return frozenset(_Words(reading, readable).hidden(places))


class _Words:
    def __init__(self, reading: Reading, readable: str) -> None:
        self._tokens, self._accented, self._readable = reading.tokens, reading.accented, readable
        #: words inside a phrase of several words, and words that are a phrase by themselves
        self._in_phrase: set[int] = set()
        self._alone: set[int] = set()
        for hits in reading.hits.values():
            for hit in hits:
                if hit.end - hit.start == 1:
                    if (reading.accented and hit.quality >= 1.0) or not self._is_namelike(self._tokens[hit.start]):
                        self._alone.add(hit.start)
                elif len(hit.phrase.keys) == 1:
                    self._in_phrase.update(range(hit.start, hit.end))

    def hidden(self, places: Container[str]) -> Iterator[int]:
        yield from self._personal(places)
        for at, token in enumerate(self._tokens):
            if token.surface[:1].isupper() and self._may_be_name(at):
                yield at
            if self._is_title(token):
                yield from self._run(at + 1, _AFTER_TITLE, first_is_sure=token.key not in _LOOSE_TITLES)
            elif self._is_family(at):
                yield at
                yield from self._run(at + 1, _AFTER_FAMILY)

    def _personal(self, places: Container[str]) -> Iterator[int]:
        taken = bytearray(len(self._readable))
        for one in personal_data.find(self._readable, places):
            taken[one.start : one.end] = b"\x01" * (one.end - one.start)
        return (number for number, token in enumerate(self._tokens) if any(taken[token.start : token.end]))

    def _may_be_name(self, at: int) -> bool:
        """A capital within a sentence; one that opens a sentence unless it opens a known phrase and no second one
        follows it."""
        if not self._opens_a_sentence(self._tokens[at].start):
            return True
        follower = self._tokens[at + 1 : at + 2]
        together = bool(follower) and follower[0].surface[:1].isupper() and not follower[0].after_pause
        return at not in self._in_phrase and (together or at not in self._alone)

    def _run(self, start: int, most: int, *, first_is_sure: bool = False) -> Iterator[int]:
        """Words from `start` on until one the lexicon knows; a word alone is believed to be none when
        `first_is_sure` ("ông Cầu")."""
        for at in range(start, min(start + most, len(self._tokens))):
            spared = at in self._in_phrase or (at in self._alone and not (first_is_sure and at == start))
            if spared or self._tokens[at].after_pause:
                return
            yield at

    def _is_title(self, token: Token) -> bool:
        if self._accented:
            return token.canon in _TITLE_CANONS
        return token.key in _TITLE_KEYS

    def _is_family(self, at: int) -> bool:
        token = self._tokens[at]
        if at in self._in_phrase:
            return False
        if token.canon in _FAMILY_CANONS or (not self._accented and token.key in _FAMILY_KEYS):
            return True
        if token.key not in SURNAMES or at + 1 >= len(self._tokens) or at + 1 in self._in_phrase:
            return False
        follower = self._tokens[at + 1]
        return follower.canon in _MIDDLES if self._accented else follower.key in _MIDDLE_KEYS

    def _opens_a_sentence(self, at: int) -> bool:
        before = self._readable[:at].rstrip(_OPENING)
        return not before or before[-1] in _SENTENCE_ENDS

    @staticmethod
    def _is_namelike(token: Token) -> bool:
        return token.key in SURNAMES or token.key in GIVEN
