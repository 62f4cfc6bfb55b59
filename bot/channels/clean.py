"""Text from strangers, made safe to store and to show. The payload as it came stays in the inbox."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Final

_SURROGATES: Final = re.compile(r"[\ud800-\udfff]")
_FORBIDDEN_IN_NAMES: Final = re.compile(r'[\\/:*?"<>|]')


def words(value: Any) -> str:
    """A person's words: NFC, and without the two things a database refuses, NUL and half characters.

    Raises `TypeError` when it is no text.
    """
    if not isinstance(value, str):
        raise TypeError(f"text expected, not {type(value).__name__}")
    return unicodedata.normalize("NFC", _SURROGATES.sub("\ufffd", value).replace("\x00", ""))


def line(value: Any, longest: int) -> str | None:
    """A short text for one line of a list: no control, direction or zero-width marks. None when nothing is left."""
    if not isinstance(value, str):
        return None
    kept = "".join(mark for mark in words(value) if mark.isspace() or unicodedata.category(mark)[0] != "C")
    return " ".join(kept.split())[:longest] or None


def file_name(value: Any) -> str | None:
    """The name of a file as a name only: no folders, no characters a file system reads as something else."""
    name = line(value, 150)
    return _FORBIDDEN_IN_NAMES.sub("_", name).lstrip(".") or None if name else None
