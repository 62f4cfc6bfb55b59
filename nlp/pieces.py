"""A thought spread over several messages: "Nước máy thôn Hạ", a minute later "ba hôm nay đục ngầu".

One person also reports several things one after another, or types in what others bring, so time alone joins nothing:
a message goes on with the one before where one of the two cannot stand alone, where it begins like a continuation, or
where both speak of one thing; two places or two things are two matters.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nlp.analysis import Analysis, Kind, Topic
from nlp.compared import Compared
from nlp.likeness import Difference, PlaceRelation, difference, place_relation
from nlp.normalise import Token, clean, tokenise, word_forms, word_set
from nlp.split import part_spans

#: how long after a message the same sender still goes on with it, and how long a whole thought takes
GOES_ON_WITHIN = dt.timedelta(minutes=10)
WHOLE_WITHIN = dt.timedelta(minutes=20)
#: a thing is told of without place and trouble in so many words; fewer only name it
_TOLD_IN = 6
#: in so many it is told of even if the thing is none that the lexicon knows
_TOLD_AT_LENGTH_IN = 12
#: first words of what goes on with the sentence before; typed without accents they must not be read as other words
_GOING_ON = frozenset(word_forms(word)[1] for word in ("mà", "nên", "vậy", "thế", "thì", "vì", "nhưng", "chứ", "rồi"))
_GOING_ON_BARE = word_set("ma vay thi nhung roi")
#: with these behind them they lead to another matter, or are half of another word
_LEADS_AWAY = word_set("con hoi xin cho pham kien")


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One message; without sender or time it stands alone. A time without zone is compared with such times only."""

    text: str
    sender: str | None = None
    sent_at: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Said:
    """Words and what was read in them."""

    text: str
    analysis: Analysis
    compared: Compared


def runs_of(
    pieces: Sequence[Piece], goes_on: Callable[[Sequence[int], int], bool] = lambda _run, _next: True
) -> list[tuple[int, ...]]:
    """The places in the list of what one sender wrote in one go, in the order of sending; messages that stand alone
    are left out. `goes_on` is asked whether a message, by its place, belongs to those before it, where the time lets
    it; the next is then compared with that message's run alone."""
    by_sender: dict[tuple[str, bool], list[tuple[dt.datetime, int]]] = {}
    for number, piece in enumerate(pieces):
        if piece.sender and piece.sent_at is not None:
            by_sender.setdefault((piece.sender, piece.sent_at.tzinfo is None), []).append((piece.sent_at, number))
    runs: list[list[int]] = []
    for sent in by_sender.values():
        first: dt.datetime | None = None
        last: dt.datetime | None = None
        for at, number in sorted(sent):
            if _in_time(first, last, at) and goes_on(runs[-1], number):
                runs[-1].append(number)
            else:
                runs.append([number])
                first = at
            last = at
    return [tuple(run) for run in runs if len(run) > 1]


def _in_time(first: dt.datetime | None, last: dt.datetime | None, at: dt.datetime) -> bool:
    if first is None or last is None:
        return False
    return at - last <= GOES_ON_WITHIN and at - first <= WHOLE_WITHIN


def goes_on(before: Said, this: Said) -> bool:
    """Whether `this` continues what the same sender wrote just before."""
    one, other = before.compared, this.compared
    if one.text == other.text:
        return True
    place = place_relation(one, other)
    if place is PlaceRelation.CONFLICT or difference(one, other, place) is Difference.NUMBER:
        return False
    if not (_stands_alone(before) and _stands_alone(this)):
        return True
    turns = _turns(before.text, this.text)
    if _begins_as_continuation(this.text):
        return not (turns and _is_clear(before) and _is_clear(this))
    if turns or (_tells_where(one) and _tells_where(other)):
        return False
    return difference(one, other, place) is None and _one_thing(one, other)


def _stands_alone(said: Said) -> bool:
    """Whether the words tell of a matter of their own: a thing, with a place, a trouble or some more
    words; whatever belongs to no topic is a remark."""
    read = said.compared
    if said.analysis.kind.value == Kind.NOT_AN_OPINION or said.analysis.topic.value == Topic.OTHER:
        return False
    clear, words = _is_clear(said), len(read.text.split())
    thing = read.concepts or read.issues or (clear and read.matters)
    told = read.is_placed or read.problems or (clear and words >= _TOLD_IN)
    return bool(thing and told) or (read.sure and words >= _TOLD_AT_LENGTH_IN)


def _tells_where(read: Compared) -> bool:
    """Whether the words tell where it is; an object alone may as well be the office that is asked to act."""
    return bool(read.groups or read.roads or read.projects)


def _is_clear(said: Said) -> bool:
    return "topic" not in said.analysis.unsure


def _one_thing(one: Compared, other: Compared) -> bool:
    """Whether both speak of a thing or a matter in common; where one names none, of one topic."""
    if one.concepts.keys() & other.concepts or one.issues.keys() & other.issues or one.matters.keys() & other.matters:
        return True
    if (one.concepts or one.issues) and (other.concepts or other.issues):
        return False
    return bool(one.topics.keys() & other.topics)


def _begins_as_continuation(text: str) -> bool:
    tokens = tokenise(clean(text).text)[:2]
    if len(tokens) < 2 or tokens[1].key in _LEADS_AWAY:
        return False
    return _is_going_on(tokens[0])


def _is_going_on(word: Token) -> bool:
    return word.canon in _GOING_ON if word.is_accented else word.key in _GOING_ON_BARE


def _turns(before: str, this: str) -> bool:
    """Whether read as one message the words turn to another matter just where the second piece begins."""
    begin = len(before) + 1 + len(this) - len(this.lstrip())
    return any(start == begin for start, _ in part_spans(f"{before}\n{this}"))
