"""Regulations a conference can be held under: data, cited; a new province is a new entry."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources

from casework.errors import InvalidInput


@dataclass(frozen=True, kw_only=True)
class Regulation:
    """One regulation an office may work under; `text` is the document it is read from."""

    code: str
    name: str
    text: str


@cache
def regulations() -> tuple[Regulation, ...]:
    """All that are known, in the order in which people are asked."""
    table = tomllib.loads(resources.files(__name__).joinpath("known.toml").read_text(encoding="utf-8"))
    return tuple(Regulation(**row) for row in table["regulation"])


def regulation(code: str) -> Regulation:
    """The regulation with this code. Raises `InvalidInput` naming those there are."""
    for known in regulations():
        if known.code == code:
            return known
    codes = ", ".join(known.code for known in regulations())
    raise InvalidInput(f"Không có quy định mã «{code}».", todo=f"Chọn một trong: {codes}.")
