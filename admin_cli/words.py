"""Longer words for a command: typed on the line, or read from a file."""

from __future__ import annotations

from pathlib import Path

import typer

from casework.errors import InvalidInput


def text_or_file(text: str | None, file: Path | None) -> str | None:
    """The words given one way or the other; None when neither. Raises `InvalidInput` for a file that is not UTF-8."""
    if text is not None and file is not None:
        raise typer.BadParameter("chỉ ghi một trong --text và --file.")
    if file is None:
        return text
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"Tệp {file.name} không phải chữ UTF-8.", todo="Lưu lại tệp với mã UTF-8.") from error
