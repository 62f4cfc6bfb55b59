"""A figure: a number with its definition and the opinions behind it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from casework.errors import NotFound


class Unit(StrEnum):
    """What a figure counts."""

    OPINION = "opinion"
    PERSON = "person"
    ISSUE = "issue"
    CONFERENCE = "conference"
    WORKING_DAY = "working_day"


UNIT_NAMES: dict[Unit, str] = {
    Unit.OPINION: "ý kiến",
    Unit.PERSON: "người",
    Unit.ISSUE: "vấn đề",
    Unit.CONFERENCE: "hội nghị",
    Unit.WORKING_DAY: "ngày làm việc",
}


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a figure is called and what it counts; of a total, the figures whose union it is."""

    key: str
    name: str
    unit: Unit
    definition: str
    parts: tuple[str, ...] = ()


@cache
def definitions() -> Mapping[str, Definition]:
    """All figures by key, in the order of the file."""
    table = tomllib.loads(resources.files(__package__ or __name__).joinpath("figures.toml").read_text(encoding="utf-8"))
    rows = (
        Definition(
            key=row["key"],
            name=row["name"],
            unit=Unit(row["unit"]),
            definition=row["definition"],
            parts=tuple(row.get("parts", ())),
        )
        for row in table["figure"]
    )
    return {row.key: row for row in rows}


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One number of a report. `value` None: cannot be told (nobody recorded it, nothing to measure).

    `opinions` holds the ids behind it, `conferences` their codes where the number comes from conferences.
    """

    key: str
    name: str
    unit: Unit
    definition: str
    value: int | float | None
    opinions: frozenset[int] = frozenset()
    conferences: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Breakdown:
    """One row of a table "by topic", "by village": the keys of its figures."""

    code: str
    name: str
    opinions: Figure
    people: Figure
    issues: Figure
    resolved: Figure
    unresolved: Figure

    @property
    def figures(self) -> tuple[Figure, ...]:
        return (self.opinions, self.people, self.issues, self.resolved, self.unresolved)


@dataclass(frozen=True, kw_only=True)
class AnnexRow:
    """One conference in the annex table."""

    unit_name: str
    held_on: str
    invited: int | None
    attendance: int | None
    resolved: Figure
    unresolved: Figure
    note: str


@dataclass(frozen=True, kw_only=True)
class Meeting:
    """One conference in the text of the report; days as people write them."""

    code: str
    title: str
    kind: str
    held_on: str
    place: str
    chair: str
    attendance: int | None
    took_place: bool
    #: "05/TB-UBND ngày 03/12/2026"
    conclusion: str | None
    #: why it was broken off or came to nothing
    stopped_why: str | None


@dataclass(frozen=True, kw_only=True)
class PreviousLine:
    """A line of the round before, and what became of it since."""

    position: int
    #: name-free
    title: str
    people: int
    outcome: str
    #: resolved | unresolved | referred | declined
    standing: str
    agency: str | None


@dataclass(frozen=True, kw_only=True)
class Report:
    """All figures of one report, as they stood on `on`."""

    kind: str
    label: str
    first: str
    last: str
    on: str
    figures: Mapping[str, Figure]
    by_level: tuple[Breakdown, ...] = ()
    by_topic: tuple[Breakdown, ...] = ()
    by_village: tuple[Breakdown, ...] = ()
    #: declined ones by lawful ground
    by_ground: tuple[Figure, ...] = ()
    annex: tuple[AnnexRow, ...] = ()
    meetings: tuple[Meeting, ...] = ()
    #: the round before, with its lines
    previous: Meeting | None = None
    previous_lines: tuple[PreviousLine, ...] = ()

    def __getitem__(self, key: str) -> Figure:
        return self.figures[key]

    def everything(self) -> tuple[Figure, ...]:
        """Every figure of the report, those of its tables too."""
        rows = (*self.by_level, *self.by_topic, *self.by_village)
        return (
            *self.figures.values(),
            *(figure for row in rows for figure in row.figures),
            *self.by_ground,
            *(figure for row in self.annex for figure in (row.resolved, row.unresolved)),
        )

    def find(self, key: str) -> Figure:
        """The figure of this key ("resolved", "topic:dat-dai"). Raises `NotFound` naming those there are."""
        wanted = key.strip().lower().replace("-", "_")
        for figure in self.everything():
            if wanted == figure.key.lower().replace("-", "_"):
                return figure
        keys = ", ".join(self.figures)
        raise NotFound(
            f"Báo cáo này không có số liệu «{key}».",
            todo=f"Chọn một trong: {keys}; hoặc mã có dấu hai chấm trong: doithoai reports show --tables.",
        )


def count(key: str, opinions: Iterable[int], *, name: str | None = None) -> Figure:
    """A figure that counts opinions; `name` replaces the one of its definition."""
    ids = frozenset(opinions)
    rule = definitions()[key]
    return Figure(
        key=key,
        name=name or rule.name,
        unit=rule.unit,
        definition=rule.definition,
        value=len(ids),
        opinions=ids,
        parts=rule.parts,
    )


def measure(key: str, value: float | None, *, opinions: Iterable[int] = (), conferences: Iterable[str] = ()) -> Figure:
    """A figure whose value is not the number of its opinions."""
    rule = definitions()[key]
    return Figure(
        key=key,
        name=rule.name,
        unit=rule.unit,
        definition=rule.definition,
        value=value,
        opinions=frozenset(opinions),
        conferences=tuple(conferences),
        parts=rule.parts,
    )
