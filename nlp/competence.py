"""Who settles a matter (thẩm quyền): level, body, legal basis, and how sure that is.

The map is data (`lexicon/competence.toml`, explained in docs/tham-quyen.md); an office may lay a file of its own over
it. The level is the model's: neither explicit words nor the usual level of the likeliest matters, alone or mixed with
its probabilities, were better on messages of authors it had not learnt from. Two things are above it: what the office
itself wrote down, and, where it hesitates between commune and province about something in a village, the rule that
matters of the commune are not pushed up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nlp.analysis import Analysis, Kind, Level
from nlp.classify import Subject, understood
from nlp.competence_file import Body, MapFile, MapRefused, Mark, Row, read_file
from nlp.matcher import Matcher, Phrase
from nlp.normalise import TEXT_LIMIT, clean
from nlp.vocabulary import Reading, SubIssue, vocabulary

#: the district level ended the day before
TWO_TIER_FROM = dt.date(2025, 7, 1)
#: province ahead of commune by less than this share is no decision
_HESITATES = 0.1
#: from this share of a matter the office's own row on it decides the level
_SURE_MATTER = 0.5
_BEFORE = "theo phân cấp thời chính quyền ba cấp, trước 1/7/2025"


@dataclass(frozen=True, kw_only=True)
class Competence:
    """Who settles a matter. `body` is a code of the map and `body_name` its Vietnamese name; `reason` why this body,
    in words a clerk reads; `basis` the law; `note` what else to know; `by_office` when the office's own file says
    so, `level_by_office` when it decided the level."""

    level: str
    body: str
    body_name: str
    reason: str
    basis: str
    mark: Mark
    note: str = ""
    by_office: bool = False
    level_by_office: bool = False


@dataclass(frozen=True, kw_only=True)
class Settled:
    """A body found, and the row that tells its basis."""

    body: str
    row: Row
    reason: str


class CompetenceMap:
    """Bodies and rows, indexed. Read-only once built, so threads may share one."""

    def __init__(self, *layers: MapFile) -> None:
        """Later layers lie over earlier ones: their bodies replace, their rows are asked first."""
        self.bodies: dict[str, Body] = {body.code: body for layer in layers for body in layer.bodies}
        self.rows: tuple[Row, ...] = tuple(row for layer in reversed(layers) for row in layer.rows)
        self._catalogue = vocabulary().issues
        self._by_matter: dict[str, list[Row]] = {}
        self._of_kind: dict[str, list[Row]] = {}
        spoken: dict[str, list[Phrase]] = {}
        for at, row in enumerate(self.rows):
            if row.kind is not None:
                self._of_kind.setdefault(row.kind, []).append(row)
            elif row.words:
                phrases = [_phrase(words, at) for words in row.words]
                for topic in {_topic_of(matter) for matter in row.matters}:
                    spoken.setdefault(topic, []).extend(phrases)
            else:
                for matter in row.matters:
                    self._by_matter.setdefault(matter, []).append(row)
        self._words = {topic: Matcher.of(phrases) for topic, phrases in spoken.items()}

    def settle(
        self,
        *,
        topic: str,
        level_shares: Mapping[str, float],
        matters: Sequence[tuple[str, float]] = (),
        kind: str = Kind.OPINION,
        reading: Reading | None = None,
        level_is_listed: bool = False,
        in_village: bool = False,
        on: dt.date | None = None,
    ) -> Competence | None:
        """Who settles a message of this kind and topic.

        `level_shares`: probability of each level, one of 1.0 when it is known; `matters`: the likeliest matters with
        their probability, best first; `level_is_listed`: the gazetteer says who manages the road; `in_village`: what
        it is about stands in a village; `on`: the day asked about, None for rows without an end. None when the map
        has no row for the topic at that level.
        """
        said = list(self._said(reading, topic, on)) if reading is not None else []
        own = [pair for pair in matters if pair[0].startswith(f"{topic}/")]
        level = max(level_shares, key=lambda each: level_shares[each])
        written: str | None = None
        if not level_is_listed and kind == Kind.OPINION:
            written = self._written_by_office(said, own, on)
            level = written or self._not_pushed_up(level, level_shares, in_village)
        found = self._body(topic, level, said, own, on)
        special = self._first((row for row in self._of_kind.get(kind, ()) if _is_about(row, topic)), level, on)
        if special is not None and found is not None:
            body = special.body or found.body
            why = "khiếu nại gửi nơi đã ra quyết định" if kind == Kind.COMPLAINT else "theo đường tố cáo"
            found = Settled(body=body, row=special, reason=why)
        if found is None:
            return None
        return self._as_of(found, level, on, level_by_office=written is not None)

    def usual(self, matter: str) -> tuple[str, str] | None:
        """Level and body code of a matter of the catalogue as a rule; None when it is unknown or names no body."""
        issue = self._catalogue.get(matter)
        if issue is None:
            return None
        for row in self._by_matter.get(matter, ()):
            if row.body is not None and row.level is not None and (row.is_own or row.level == issue.level):
                return row.level, row.body
        return (issue.level, issue.body) if self._is_known(issue) else None

    def _said(self, reading: Reading, topic: str, on: dt.date | None) -> Iterator[tuple[Row, str]]:
        """Rows whose words are said of the thing itself, not of where it is, the office's own first."""
        words = self._words.get(topic)
        hits = words.find(reading.tokens, reading.accented) if words else ()
        if not hits:
            return
        where = {hit.end for hit in reading.of("where")}
        found: dict[int, str] = {}
        for hit in hits:
            at = int(hit.phrase.tag)
            only_place = hit.start in where or hit.start - 1 in where
            if not only_place and hit.quality >= 1.0 and at not in found:
                found[at] = hit.phrase.text.replace(" ~ ", " ")
        for at in sorted(found, key=lambda each: not self.rows[each].is_own):
            if self.rows[at].holds(on):
                yield self.rows[at], found[at]

    def _written_by_office(
        self, said: Iterable[tuple[Row, str]], matters: Sequence[tuple[str, float]], on: dt.date | None
    ) -> str | None:
        for row, _ in said:
            if row.is_own:
                return row.level
        if matters and matters[0][1] >= _SURE_MATTER:
            for row in self._by_matter.get(matters[0][0], ()):
                if row.is_own and row.holds(on):
                    return row.level
        return None

    @staticmethod
    def _not_pushed_up(level: str, shares: Mapping[str, float], in_village: bool) -> str:
        """Commune when undecided between commune and province about something in a village (Điện Biên, I.2)."""
        hesitates = level == Level.PROVINCE and shares[level] - shares.get(Level.COMMUNE, 0.0) < _HESITATES
        return Level.COMMUNE.value if hesitates and in_village else level

    def _body(
        self,
        topic: str,
        level: str,
        said: Iterable[tuple[Row, str]],
        matters: Sequence[tuple[str, float]],
        on: dt.date | None,
    ) -> Settled | None:
        for row, words in said:
            if row.level == level and row.body is not None:
                return Settled(body=row.body, row=row, reason=f"tin nhắn nói rõ: {words}")
        # Bodies are voted for: that a matter is one of three of the same school tells more than which of the three.
        votes: dict[str, float] = {}
        speakers: dict[str, Settled] = {}
        for matter, share in matters:
            found = self._body_of(matter, topic, level, on)
            if found is not None:
                votes[found.body] = votes.get(found.body, 0.0) + share
                speakers.setdefault(found.body, found)
        if votes:
            return speakers[max(votes, key=lambda body: votes[body])]
        general = self._first(self._by_matter.get(topic, ()), level, on)
        if general is None or general.body is None:
            return None
        return Settled(body=general.body, row=general, reason="nơi giải quyết thường thấy của lĩnh vực ở cấp này")

    def _body_of(self, matter: str, topic: str, level: str, on: dt.date | None) -> Settled | None:
        issue = self._catalogue.get(matter)
        if issue is None:
            return None
        reason = f"việc «{issue.name}» thường do nơi này giải quyết"
        listed = self._first(self._by_matter.get(matter, ()), level, on)
        if listed is not None and listed.body is not None:
            return Settled(body=listed.body, row=listed, reason=reason)
        if issue.level == level and self._is_known(issue):
            return Settled(body=issue.body, row=self._basis_of(topic, level, issue.body, on), reason=reason)
        return None

    def _basis_of(self, topic: str, level: str, body: str, on: dt.date | None) -> Row:
        """The row that tells the basis of a body the catalogue names: the topic's with the same body, else what the
        body itself rests on, else the topic's row of the level."""
        row = self._first(self._by_matter.get(topic, ()), level, on)
        if row is not None and row.body == body:
            return row
        known = self.bodies[body]
        if known.basis or row is None:
            return Row(number=0, basis=known.basis, mark=Mark.LIKELY, before=known.before)
        return Row(number=row.number, basis=row.basis, mark=Mark.UNSURE, before=known.before or body)

    def _is_known(self, issue: SubIssue) -> bool:
        return issue.body in self.bodies and issue.level in self.bodies[issue.body].levels

    @staticmethod
    def _first(rows: Iterable[Row], level: str, on: dt.date | None) -> Row | None:
        return next((row for row in rows if row.level in (None, level) and row.holds(on)), None)

    def _as_of(self, found: Settled, level: str, on: dt.date | None, *, level_by_office: bool) -> Competence:
        row, body = found.row, self.bodies[found.body]
        basis = row.basis or body.basis
        if on is not None and on < TWO_TIER_FROM:
            body = self.bodies[row.before or body.before or body.code]
            level = level if level in body.levels else body.levels[0]
            basis = _BEFORE
        return Competence(
            level=level,
            body=body.code,
            body_name=body.name,
            reason=found.reason,
            basis=basis,
            mark=row.mark,
            note=row.note,
            by_office=row.is_own,
            level_by_office=level_by_office,
        )


def matters_by_rules(subject: Subject) -> list[tuple[str, float]]:
    """The matters the lexicon found, with their share of its evidence, best first."""
    total = sum(subject.issues.values()) or 1.0
    shares = ((issue, weight / total) for issue, weight in subject.issues.items())
    return sorted(shares, key=lambda each: (-each[1], each[0]))


def settle_judged(
    map: CompetenceMap, text: str, analysis: Analysis, *, kind: str, topic: str, level: str, on: dt.date | None = None
) -> Competence | None:
    """Who settles a message whose labels are decided (by a person, or by `analysis` itself); None for what is no
    opinion."""
    if kind == Kind.NOT_AN_OPINION:
        return None
    reading, subject = understood(clean(text[:TEXT_LIMIT]).text)
    return map.settle(
        topic=topic,
        level_shares={level: 1.0},
        matters=analysis.matters or matters_by_rules(subject),
        kind=kind,
        reading=reading,
        level_is_listed=True,
        on=on,
    )


def _phrase(words: str, at: int) -> Phrase:
    """A dot inside the number of a road ("ĐH.05") may be left out by who types it, and ends no sentence."""
    return Phrase.parse(_INNER_DOT.sub(" ~ ", words), str(at), vocabulary().abbreviations)


_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")


def _topic_of(matter: str) -> str:
    return matter.partition("/")[0]


def _is_about(row: Row, topic: str) -> bool:
    return not row.matters or topic in row.matters


@cache
def _shipped_file() -> MapFile:
    entry = files("nlp") / "lexicon" / "competence.toml"
    return read_file(entry.read_bytes(), entry.name, is_own=False)


@cache
def shipped() -> CompetenceMap:
    """The map of this release; the first call reads it."""
    return CompetenceMap(_shipped_file())


def with_own(written: bytes, name: str) -> CompetenceMap:
    """The map of this release under an office's own file. Raises `MapRefused` naming file and row."""
    return CompetenceMap(_shipped_file(), read_file(written, name, shipped().bodies, is_own=True))


__all__ = [
    "Body",
    "Competence",
    "CompetenceMap",
    "MapRefused",
    "Mark",
    "Row",
    "matters_by_rules",
    "settle_judged",
    "shipped",
    "with_own",
]
