"""Draws the Word templates shipped in `templates/`: `python -m casework.documents.build_templates`.

Run after a change of layout. An office keeps its own versions in its own folder, so drawing again harms nobody.
"""

from __future__ import annotations

import importlib
import pkgutil
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
    """Draw every template into `folder`; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, draw in drawings().items():
        draw().save(str(folder / name))
        made.append(folder / name)
    return made


if __name__ == "__main__":
    build_all()
