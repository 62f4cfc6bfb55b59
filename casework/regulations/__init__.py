"""Regulations a conference can be held under: data, cited; a new province is a new TOML file in `texts/`.

An amendment is a new file with the same code, its own version and validity; a conference keeps the version it began
under. `library` reads further folders of an office; the functions here speak for the folders in use.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from casework.regulations.library import Library, library, shipped_folder
from casework.regulations.model import NATIONAL, Regulation

__all__ = [
    "NATIONAL",
    "Library",
    "Regulation",
    "applicable",
    "library",
    "national",
    "regulation",
    "regulations",
    "shipped_folder",
    "use_folders",
]

_extra: tuple[Path, ...] = ()


def use_folders(folders: Sequence[Path]) -> None:
    """Read these folders beside the shipped texts from now on; called once, where the program is put together.

    Raises `InvalidInput` for a folder or a text that cannot be used, and then changes nothing.
    """
    global _extra
    wanted = tuple(folders)
    library(*wanted)
    _extra = wanted


def regulations() -> tuple[Regulation, ...]:
    """Those an office may choose, the newest version of each, in the order in which people are asked."""
    return library(*_extra).choices()


def regulation(code: str, *, on: dt.date | None = None, version: str | None = None) -> Regulation:
    """One text: this version, or the version in force on a day, or the newest.

    Raises `InvalidInput` naming the codes or versions there are, or the days on which some version holds.
    """
    return library(*_extra).find(code, on=on, version=version)


def national(on: dt.date) -> Regulation:
    """The rules of the whole country in force on a day. Raises `InvalidInput` when none are."""
    return library(*_extra).find(NATIONAL, on=on)


def oldest(code: str) -> Regulation:
    """The version of a text that was the first in force. Raises `InvalidInput` for an unknown code."""
    return library(*_extra).oldest(code)


def applicable(code: str, *, on: dt.date, version: str | None = None) -> tuple[Regulation, ...]:
    """What binds a conference: the office's own text (this version, or the one in force), then the national one if
    one is in force. Raises `InvalidInput` as `regulation` does."""
    return library(*_extra).applicable(code, on=on, version=version)
