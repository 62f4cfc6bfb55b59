"""Draws the Word templates shipped in `templates/`: `python -m casework.documents.build_templates`.

Run after a change of layout. An office keeps its own versions in its own folder, so drawing again harms nobody.
"""

from __future__ import annotations

import importlib
import io
import pkgutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from casework.documents import drawing

TEMPLATES = Path(__file__).parent / "templates"


def drawings() -> dict[str, Callable[[], Any]]:
    """File name of every template, and the function that draws it."""
    found: dict[str, Callable[[], Any]] = {}
    for module in pkgutil.iter_modules(drawing.__path__, f"{drawing.__name__}."):
        found |= importlib.import_module(module.name).TEMPLATES
    return found


def build_all(folder: Path = TEMPLATES) -> list[Path]:
    """Draw every template into `folder`; returns the files. One that is already as drawn is left alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in drawings().items():
        drawn = io.BytesIO()
        draw().save(drawn)
        if not (folder / name).exists() or _parts(folder / name) != _parts(drawn):
            (folder / name).write_bytes(drawn.getvalue())
    return [folder / name for name in drawings()]


def _parts(package: Path | io.BytesIO) -> dict[str, bytes]:
    """What is inside a Word file: the archive itself differs each time it is written."""
    with zipfile.ZipFile(package) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.startswith("word/")}


if __name__ == "__main__":
    build_all()
