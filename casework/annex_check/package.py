"""The Office file somebody hands in, looked at before any library opens it. Pure: bytes in, a sort or a refusal out."""

from __future__ import annotations

import io
import zipfile
import zlib
from enum import StrEnum

from casework.errors import InvalidInput

#: largest file taken, bytes
MAX_FILE = 20 * 1024 * 1024
#: largest content after unpacking, bytes; an annex of a thousand lines needs some two megabytes
MAX_UNPACKED = 80 * 1024 * 1024
#: most parts in one package
MAX_PARTS = 2000
#: a part this much larger than its packed form is no text a person wrote
MAX_RATIO = 250
#: parts smaller than this are not judged by their ratio: a short row of blanks packs very well, bytes
_SMALL = 2 * 1024 * 1024


class Sort(StrEnum):
    """What the file is, by its content."""

    WORD = "docx"
    EXCEL = "xlsx"


_MAIN = {"word/document.xml": Sort.WORD, "xl/workbook.xml": Sort.EXCEL}


def sniff(data: bytes) -> Sort:
    """What kind of file this is. Raises `InvalidInput` for anything but a sound Word or Excel file of modest size."""
    if len(data) > MAX_FILE:
        raise InvalidInput(
            f"Tệp nặng {len(data) // (1024 * 1024)} MB, quá {MAX_FILE // (1024 * 1024)} MB.",
            todo="Bỏ bớt hình trong tệp, hoặc tách phụ lục ra một tệp riêng.",
        )
    if data[:4] != b"PK\x03\x04":
        raise InvalidInput(
            "Tệp này không phải Word (.docx) hay Excel (.xlsx).",
            todo="Mở tệp bằng Word hoặc Excel, chọn Lưu thành .docx hoặc .xlsx, không đặt mật khẩu.",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            _check_size(package.infolist())
            sort = next((_MAIN[part.filename] for part in package.infolist() if part.filename in _MAIN), None)
            _check_parts(package)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError, zlib.error) as error:
        raise InvalidInput(
            "Tệp bị hỏng, không mở được.", todo="Lưu lại tệp bằng Word hoặc Excel rồi thử lại."
        ) from error
    if sort is None:
        raise InvalidInput("Tệp này không phải Word (.docx) hay Excel (.xlsx).", todo="Lưu thành .docx hoặc .xlsx.")
    return sort


def _check_size(parts: list[zipfile.ZipInfo]) -> None:
    swollen = any(part.file_size > max(_SMALL, MAX_RATIO * max(part.compress_size, 1)) for part in parts)
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or swollen:
        raise InvalidInput(
            "Tệp nén bất thường: mở ra quá lớn nên không đọc.", todo="Chép các bảng sang một tệp mới rồi thử lại."
        )


def _check_parts(package: zipfile.ZipFile) -> None:
    """Office writes no document type of its own; who adds one wants a parser to unfold it."""
    for part in package.infolist():
        if part.filename.endswith((".xml", ".rels")):
            # `read` stops at the size the entry declares, which was judged before.
            content = package.read(part)
            # UTF-16 would hide the mark from a search for plain bytes.
            if (
                b"<!DOCTYPE" in content
                or b"<!ENTITY" in content
                or b"\x00<\x00!" in content
                or b"<\x00!\x00" in content
            ):
                raise InvalidInput(
                    "Tệp có phần khai báo lạ nên không đọc.", todo="Chép các bảng sang một tệp mới rồi thử lại."
                )
