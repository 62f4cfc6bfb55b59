"""Names of the three-tier time and who has their work since 1/7/2025, when districts ended."""

from __future__ import annotations

import datetime as dt
import tomllib
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

from pydantic import BaseModel, ConfigDict

from casework.errors import InvalidInput


class Level(StrEnum):
    """A level of government as a text means it, whatever word it uses."""

    PROVINCE = "tinh"
    DISTRICT = "huyen"
    COMMUNE = "xa"


class Task(StrEnum):
    """What the old level did: its successor differs."""

    SERVE = "serve"  # work for citizens
    OVERSEE = "oversee"  # direct, compile, receive reports


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What an old name means on a day: the level and name that hold then, and on which law the change rests.

    `citation` is empty while nothing has changed.
    """

    name: str
    level: Level
    citation: str


class _Name(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    was: tuple[str, ...]
    level: Level
    now: Level
    #: None where the old name stays right
    name: str | None = None
    regulation: str | None = None
    citation: str | None = None


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    since: dt.date
    citation: str
    tasks: dict[Task, Level]
    names: tuple[_Name, ...]


def standing(name: str, *, on: dt.date, regulation: str | None = None) -> Standing:
    """What an old name of a body or level means on a day, under a regulation when its word is its own.

    «Cấp thành phố» is a district in the Sầm Sơn text and a province in Hà Nội's: such words need `regulation`.
    Raises `InvalidInput` for a name the table does not have.
    """
    table = _read()
    wanted = _plain(name)
    fitting = [
        row
        for row in table.names
        if row.regulation in (None, regulation) and any(_plain(known) == wanted for known in row.was)
    ]
    if not fitting:
        raise InvalidInput(
            f"Chưa biết «{name}» thuộc cấp nào.",
            todo="Ghi tên như trong văn bản, kèm mã quy định nếu là «cấp thành phố» (ví dụ ha-noi, thanh-hoa).",
        )
    # A text's own word speaks before the common one.
    row = max(fitting, key=lambda one: one.regulation is not None)
    if on < table.since or row.name is None:
        return Standing(name=name, level=row.level, citation="")
    return Standing(name=row.name, level=row.now, citation=row.citation or table.citation)


def level_on(level: Level, task: Task, on: dt.date) -> Level:
    """Which level does on a day what a text gives to `level`; only the district has changed hands."""
    table = _read()
    if level is not Level.DISTRICT or on < table.since:
        return level
    return table.tasks[task]


def two_tier_since() -> dt.date:
    """The first day of two-tier government."""
    return _read().since


@cache
def _read() -> _Table:
    text = resources.files(__package__).joinpath("two_tier.toml").read_text(encoding="utf-8")
    return _Table.model_validate(tomllib.loads(text))


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())
