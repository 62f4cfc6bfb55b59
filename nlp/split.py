"""Which separate matters does a message hold, and where does each begin?

A new matter begins where the writer says so (numbers, "thứ hai", "với lại"), or where a new sentence or clause turns
to a subject the words before did not have. A consequence ("trẻ con ngã"), a place or an office that is asked to act
is no new subject. People who type without full stops are read too: any word may begin a clause then, but it takes
more to believe it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nlp.classify import understood
from nlp.normalise import Clean, Token, clean
from nlp.turnings import Turn, Turning, Turnings
from nlp.vocabulary import Reading

#: more separate matters than this in one message are listed by no one
MOST_ISSUES = 6
#: words searched; what follows belongs to the last part
WORDS_READ = 400
#: words a part has at least; fewer are the tail or the head of a neighbour
_SHORTEST = 3
#: a sentence of fewer words only comments on the one before
_SENTENCE_WORDS = 6
#: words of a clause in which the new subject must show
_CLAUSE_WORDS = 14
#: weight from which phrases of the lexicon speak of a subject, and from which they do without a full stop
_SAID = 1.8
_SAID_PLAINLY = 3.6
#: a subject with at least this share of the leading one is spoken of too
_ALSO = 0.45
#: what a general word of a topic ("học sinh") counts beside the name of a matter
_GENERAL = 0.5


def part_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where each separate matter stands in `text`, in reading order; together the spans hold every word of it. One
    span at least for a text that is not blank."""
    readable = clean(text)
    reading = understood(readable.text)[0]
    starts = [_with_its_mark(readable.text, reading.tokens, at) for at in _cuts(readable, reading, text)]
    bounds = [0, *(readable.original(at, at + 1)[0] for at in starts), len(text)]
    spans = []
    for start, end in pairwise(bounds):
        piece = text[start:end]
        if piece.strip():
            spans.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
    return tuple(spans)


def parts_of(text: str) -> list[str]:
    """The message cut where the writer turns to another matter; together the parts hold every word."""
    return [text[start:end] for start, end in part_spans(text)]


def count_issues(text: str) -> int:
    """Separate matters, at least 1. Pass the text as received: in a cleaned one the line breaks are gone."""
    readable = clean(text)
    return 1 + len(_cuts(readable, understood(readable.text)[0], text))


def _with_its_mark(text: str, tokens: Sequence[Token], at: int) -> int:
    """Where the words of a part begin, with the "-" or "(" before them and "b)" or "2."."""
    start, floor = tokens[at].start, tokens[at - 1].end
    if at > 1 and len(tokens[at - 1].key) == 1 and text[floor:start].strip() in {".", ")", "/", ":", "-", ".)"}:
        start, floor = tokens[at - 1].start, tokens[at - 2].end
    while start > floor and text[start - 1] in " -+*•–([":
        start -= 1
    return start + len(text[start:]) - len(text[start:].lstrip())


def _cuts(readable: Clean, reading: Reading, text: str) -> list[int]:
    """The words at which another matter begins."""
    tokens = reading.tokens[:WORDS_READ]
    if len(tokens) < 2 * _SHORTEST:
        return []
    subjects = _Subjects(reading, len(tokens))
    turnings = Turnings(
        _with_line_breaks(readable, text),
        tokens,
        accented=reading.accented,
        things=subjects.things,
        named=subjects.named,
    )
    found = turnings.find()
    if not found:
        return []
    announced = turnings.announced
    heads = [turning.at for turning in found if turning.turn >= Turn.SENTENCE]
    cuts: list[int] = []
    for turning in found:
        start = cuts[-1] if cuts else 0
        end = next((head for head in heads if head > turning.at), len(tokens))
        if turning.turn < Turn.SENTENCE:
            end = min(end, turning.at + _CLAUSE_WORDS)
        if turning.at - start >= _SHORTEST and subjects.changes(turning, start, end, announced=announced):
            cuts.append(turning.at)
    return cuts[: MOST_ISSUES - 1]


def _with_line_breaks(readable: Clean, text: str) -> str:
    if readable.origins is None:
        return readable.text
    return "".join(
        "\n" if text[start] in "\n\r" else character
        for character, (start, _) in zip(readable.text, readable.origins, strict=True)
    )


@dataclass(frozen=True, kw_only=True)
class _Subject:
    """Weight by topic and by matter of a stretch of words, and that of its heaviest phrase."""

    topics: Mapping[str, float]
    matters: Mapping[str, float]
    heaviest: float

    @property
    def leading(self) -> str | None:
        return _heaviest(self.topics)

    def is_apart_from(self, other: _Subject, *, weight_from: float) -> bool:
        """Whether each speaks of something with at least this weight that the other does not speak of."""
        mine, theirs = self.leading, other.leading
        if mine is None or theirs is None:
            return False
        weight, weight_of_theirs = self.topics[mine], other.topics[theirs]
        return (
            min(weight, weight_of_theirs) >= weight_from
            and other.topics.get(mine, 0.0) < _ALSO * weight_of_theirs
            and self.topics.get(theirs, 0.0) < _ALSO * weight
        )

    def is_the_matter_of(self, other: _Subject) -> bool:
        """Whether both speak of one matter of the catalogue, or one topic where the matter is unknown."""
        if self.leading is None or self.leading != other.leading:
            return False
        mine, theirs = _heaviest(self.matters), _heaviest(other.matters)
        return mine is None or theirs is None or mine in other.matters or theirs in self.matters


def _heaviest(weights: Mapping[str, float]) -> str | None:
    return max(weights, key=lambda name: (weights[name], name)) if weights else None


class _Subjects:
    """What the stretches of one message are about, by the phrases of the lexicon in them."""

    def __init__(self, reading: Reading, size: int) -> None:
        self._hits = sorted([hit for hit in reading.about if hit.end <= size], key=lambda hit: hit.start)
        self._starts = [hit.start for hit in self._hits]
        self.things = {hit.start for hit in self._hits}
        self.named = {hit.start for hit in self._hits if hit.phrase.family == "issue" and hit.weight >= _SAID}

    def of(self, start: int, end: int) -> _Subject:
        """The subject of the words from `start` to `end`."""
        topics: dict[str, float] = {}
        matters: dict[str, float] = {}
        heaviest = 0.0
        for hit in self._hits[bisect_left(self._starts, start) : bisect_left(self._starts, end)]:
            if hit.end <= end:
                named = hit.phrase.family == "issue"
                weight = hit.weight if named else _GENERAL * hit.weight
                topics[hit.topic] = topics.get(hit.topic, 0.0) + weight
                if named:
                    matters[hit.phrase.tag] = matters.get(hit.phrase.tag, 0.0) + weight
                heaviest = max(heaviest, weight)
        return _Subject(topics=topics, matters=matters, heaviest=heaviest)

    def changes(self, turning: Turning, start: int, end: int, *, announced: bool) -> bool:
        """Whether the words from a turning on to `end` are about something that the part begun at `start` is not.
        `announced`: the writer says that there are several matters, so less is needed to believe it."""
        if turning.turn is Turn.LISTED:
            return True
        if end - turning.at < _SHORTEST:
            return False
        # The thing a new sentence is about stands at its head, maybe after one other word ("cái", "con").
        headed = end - turning.at >= _SENTENCE_WORDS and bool({turning.at, turning.at + 1} & self.named)
        if turning.turn is Turn.SENTENCE and not (announced or headed):
            return False
        before, after = self.of(start, turning.at), self.of(turning.at, end)
        if turning.turn is Turn.ANNOUNCED:
            return not after.is_the_matter_of(before)
        expected = announced or turning.turn is Turn.ADDED
        if not after.is_apart_from(before, weight_from=_SAID * _GENERAL if expected else _SAID):
            return False
        if turning.turn is Turn.CLAUSE and not announced:
            return min(before.heaviest, after.heaviest) >= _SAID_PLAINLY
        return True
