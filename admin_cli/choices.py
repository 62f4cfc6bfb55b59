"""Choices as people type them: the code, or the Vietnamese words the screen shows for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

import typer

from casework.names import PURPOSES
from casework.plain_words import plain

E = TypeVar("E", bound=StrEnum)


def choice(kind: type[E], names: Mapping[E, str] | Mapping[str, str]) -> Callable[[str], E]:
    """Reads one of `kind` for `typer.Option(parser=...)`: by code, by its name in `names`, or by the beginning of
    one name alone; accents and case do not matter."""

    said = {str(code): name for code, name in names.items()}

    def read(text: str) -> E:
        wanted = _simple(text)
        begun = []
        for one in kind:
            name = _simple(said.get(one.value, one.value))
            if wanted in (_simple(one.value), name):
                return one
            if wanted and name.startswith(wanted):
                begun.append(one)
        if len(begun) == 1:
            return begun[0]
        known = ", ".join(f"{one.value} ({said[one.value]})" if one.value in said else one.value for one in kind)
        raise typer.BadParameter(f"«{text}» không nằm trong: {known}.")

    return read


def _simple(text: str) -> str:
    return plain(text.replace("_", " "))


def purpose(text: str) -> str:
    """Reads what a message is about for `typer.Option(parser=...)`: its code, or its Vietnamese name."""
    wanted = _simple(text)
    for code, name in PURPOSES.items():
        if wanted in (_simple(code), _simple(name)):
            return code
    begun = {name: code for code, name in PURPOSES.items() if wanted and _simple(name).startswith(wanted)}
    if len(begun) == 1:
        return next(iter(begun.values()))
    raise typer.BadParameter(f"«{text}» không phải loại tin nào. Ghi một trong: {', '.join(PURPOSES)}, hoặc tên gọi.")
