"""Longer words for a command: typed on the line, or read from a file."""

from __future__ import annotations

import errno
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


_SYSTEM = {
    errno.ENOENT: "không có tệp hay thư mục này",
    errno.EACCES: "không có quyền",
    errno.EPERM: "không có quyền",
    errno.EISDIR: "đây là thư mục",
    errno.ENOTDIR: "một phần của đường dẫn không phải thư mục",
    errno.EEXIST: "đã có tệp cùng tên",
    errno.ENOSPC: "ổ đĩa hết chỗ",
    errno.EROFS: "ổ đĩa chỉ cho đọc",
    errno.ENAMETOOLONG: "tên quá dài",
}


def why_not(error: OSError) -> str:
    """What the system says of a file, in Vietnamese."""
    return _SYSTEM.get(error.errno or 0, f"lỗi số {error.errno} của máy")
