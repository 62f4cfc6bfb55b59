"""Which row of the annex speaks of which agenda line: by code, by number with words, by words alone. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz

from casework.annex_check.reading import AnnexRow
from casework.answer_check import AnswerWarning, warnings
from casework.codes import parse_code
from casework.plain_words import plain

#: words this alike are the same matter, 0..100
SURE = 82.0
#: below this they are two matters, 0..100
POSSIBLE = 62.0
#: with the line's own number beside them, words need agree no more than this, 0..100
WITH_NUMBER = 50.0
#: a second line this close makes the choice unsure, points
MARGIN = 5.0
#: a wording of fewer words is short, words
_SHORT = 3

_CODE = re.compile(r"(?<![0-9A-Za-z])([0-9A-Za-z]{3})[\s.\-–]?([0-9A-Za-z]{3})(?![0-9A-Za-z])")
_NOTHING_SAID = frozenset({"", "khong", "khong co", "chua", "chua co", "chua tra loi", "x", "nt", "nhu tren"})


class How(StrEnum):
    """By what a row was found to speak of a line."""

    CODE = "code"
    NUMBER = "number"
    WORDS = "words"


class Finding(StrEnum):
    """What to look at."""

    UNANSWERED = "unanswered"  # no row answers this line
    EMPTY = "empty"  # its row has no answer in it
    UNSURE = "unsure"  # a row may speak of this line; a person must say
    EVASIVE = "evasive"  # answered, but in empty words
    STRAY = "stray"  # a row that fits no line


@dataclass(frozen=True, kw_only=True)
class WantedLine:
    """One agenda line: its public title, what its askers wrote, their receipt codes."""

    position: int
    title: str
    words: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Match:
    """A row that speaks of a line."""

    line: int
    row: AnnexRow
    how: How
    score: float
    sure: bool


@dataclass(frozen=True, kw_only=True)
class Remark:
    """One finding, for a table: the line or the row it is about."""

    finding: Finding
    line: int | None
    title: str | None
    where: str | None
    words: str
    #: likeness of the words, 0..100
    score: float | None = None


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What the annex says of the agenda."""

    matches: tuple[Match, ...]
    remarks: tuple[Remark, ...]

    @property
    def unanswered(self) -> tuple[int, ...]:
        """Lines that no row surely answers."""
        wanted = (Finding.UNANSWERED, Finding.EMPTY, Finding.UNSURE)
        return tuple(sorted({one.line for one in self.remarks if one.finding in wanted and one.line is not None}))


def check(lines: Sequence[WantedLine], rows: Sequence[AnnexRow]) -> Checked:
    """Hold an annex against an agenda. Rows and lines may come in any order; the result follows the agenda."""
    forms = {
        line.position: tuple(_Form.of(text) for text in dict.fromkeys((line.title, *line.words))) for line in lines
    }
    matches = tuple(match for row in rows for match in _matches(row, lines, forms))
    remarks = [
        remark for line in lines for remark in _of_line(line, [one for one in matches if one.line == line.position])
    ]
    found = {id(match.row) for match in matches}
    remarks += [
        Remark(finding=Finding.STRAY, line=None, title=None, where=row.where, words=row.question)
        for row in rows
        if id(row) not in found
    ]
    return Checked(matches=matches, remarks=tuple(remarks))


# --------------------------------------------------------------------------- one row


def _matches(row: AnnexRow, lines: Sequence[WantedLine], forms: dict[int, tuple[_Form, ...]]) -> list[Match]:
    codes = {code for found in _CODE.finditer(row.text) if (code := parse_code(found[1] + found[2])) is not None}
    by_code = [line for line in lines if codes & line.codes]
    if by_code:
        return [Match(line=line.position, row=row, how=How.CODE, score=100.0, sure=True) for line in by_code]
    asked = _Form.of(row.question)
    scores = {line.position: _likeness(asked, forms[line.position]) for line in lines}
    numbered = [place for place in row.numbers if scores.get(place, 0.0) >= WITH_NUMBER]
    best = max(scores.values(), default=0.0)
    # The number of another numbering must not win over words that clearly name another line.
    if numbered and max(scores[place] for place in numbered) + MARGIN >= min(best, SURE):
        return [Match(line=place, row=row, how=How.NUMBER, score=scores[place], sure=True) for place in numbered]
    if best < POSSIBLE:
        return []
    place = min(place for place, score in scores.items() if score == best)
    second = max((score for other, score in scores.items() if other != place), default=0.0)
    return [Match(line=place, row=row, how=How.WORDS, score=best, sure=best >= SURE and best - second >= MARGIN)]


@dataclass(frozen=True, kw_only=True)
class _Form:
    """One wording of a matter, made ready to be compared."""

    words: str
    short: bool
    numbers: frozenset[str]

    @classmethod
    def of(cls, text: str) -> _Form:
        words = plain(text)
        return cls(words=words, short=len(words.split()) < _SHORT, numbers=frozenset(re.findall(r"\d+", words)))


def _likeness(asked: _Form, forms: Sequence[_Form]) -> float:
    """How alike two wordings of a matter are, 0 below what anything is made of. Numbers must agree: "thôn 3" is not
    "thôn 5"."""
    best = 0.0
    for form in forms:
        # One shared word makes a short text a part of every long one.
        alike = fuzz.token_sort_ratio if asked.short or form.short else fuzz.token_set_ratio
        score = alike(asked.words, form.words, score_cutoff=max(best, WITH_NUMBER))
        if asked.numbers and form.numbers and not asked.numbers & form.numbers:
            score = min(score, POSSIBLE + 1)
        best = max(best, score)
    return round(best, 1)


# --------------------------------------------------------------------------- one line


def _of_line(line: WantedLine, matches: Sequence[Match]) -> list[Remark]:
    def remark(finding: Finding, words: str, match: Match | None = None) -> Remark:
        return Remark(
            finding=finding,
            line=line.position,
            title=line.title,
            where=match.row.where if match else None,
            words=words,
            score=match.score if match else None,
        )

    sure = [match for match in matches if match.sure]
    answered = [match for match in sure if not _is_empty(match.row.answer)]
    if answered:
        return [remark(Finding.EVASIVE, match.row.answer, match) for match in answered if _is_evasive(match.row.answer)]
    if sure:
        return [remark(Finding.EMPTY, "Ô trả lời để trống.", match) for match in sure]
    if matches:
        return [remark(Finding.UNSURE, match.row.question, match) for match in matches]
    return [remark(Finding.UNANSWERED, "Không hàng nào của phụ lục trả lời dòng này.")]


def _is_empty(answer: str) -> bool:
    return plain(answer) in _NOTHING_SAID


def _is_evasive(answer: str) -> bool:
    """Hollow words, and no deed beside them."""
    signs = warnings(answer)
    return AnswerWarning.HOLLOW in signs and (AnswerWarning.NO_ACTION in signs or AnswerWarning.NO_DATE in signs)
