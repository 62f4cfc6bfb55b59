"""Fills a Word template. What people wrote is data: it can neither break the file nor run in it.

A template is one of those shipped in `templates/`, or the office's own version of the same name. Large tables are
plain template loops: 2,000 rows take about a second.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from docx import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.shared import Mm
from docxtpl import DocxTemplate, InlineImage
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from casework.document_head import DocumentHead
from casework.documents.ticking import Progress, ticking
from casework.errors import IllegalMove, InvalidInput, NotFound

SHIPPED = Path(__file__).parent / "templates"
#: room for a pen: no-break spaces, which Word does not swallow
BLANK = "\u00a0" * 6
#: a whole line for a pen
BLANK_LINE = "." * 40
#: controls, surrogates, direction overrides and non-characters: nothing XML or a reader's eye can take
_UNFIT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane * 0x10000 + last) for plane in range(17) for last in (0xFFFE, 0xFFFF))
    + "]"
)
_MAIN_PART = "word/document.xml"
_SEAL = "doithoai:"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture file for a place in a template, `width` mm wide; `alt` says it in words to who cannot see it."""

    path: Path
    width: float
    alt: str = ""


class _Described(InlineImage):  # type: ignore[misc]
    """A picture with its words, where screen readers look for them."""

    alt = ""

    def _insert_image(self) -> str:
        xml: str = super()._insert_image()
        return xml.replace("<wp:docPr ", f"<wp:docPr descr={quoteattr(self.alt)} ", 1)


def fill(
    template: str,
    context: Mapping[str, Any],
    path: Path,
    templates: Path | None = None,
    *,
    force: bool = False,
    progress: Progress | None = None,
) -> Path:
    """Fill the template called `template` ("plan.docx") and write it to `path`; returns `path`.

    `templates` is a folder with the office's own versions; a template missing there is taken from the shipped ones.
    `progress` is told how many rows are filled in.
    Raises `NotFound` without that folder, `InvalidInput` when the template asks for what `context` lacks or cannot be
    read, `IllegalMove` when `path` holds a document somebody worked on and `force` is not set.
    """
    if templates is not None and not templates.is_dir():
        raise NotFound(f"Không có thư mục mẫu {templates}.", todo="Kiểm tra đường dẫn, hoặc bỏ lựa chọn này.")
    keep_what_people_wrote(path, force=force)
    own = templates / template if templates is not None else None
    document = _opened(own if own is not None and own.exists() else SHIPPED / template)
    ready = _pictured(harmless(context), document)
    try:
        document.render(
            ticking(ready, progress) if progress is not None else ready,
            SandboxedEnvironment(autoescape=True, undefined=StrictUndefined),
            autoescape=True,
        )
    except TemplateError as error:
        raise InvalidInput(
            f"Mẫu Word {template} có chỗ điền không đúng: {error}.",
            todo="Sửa chữ trong dấu {{ }} hoặc {% %} của mẫu, hoặc dùng lại mẫu gốc.",
        ) from error
    document.docx.core_properties.identifier = _SEAL + _digest(document.docx.part.blob)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        document.save(str(path))
    except OSError as error:
        raise InvalidInput(
            f"Không ghi được tệp {path}.", todo="Đóng tệp nếu đang mở trong Word, hoặc chọn chỗ khác."
        ) from error
    return path


def _opened(source: Path) -> Any:
    document = DocxTemplate(str(source))
    try:
        document.init_docx()
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise InvalidInput(
            f"Mẫu {source.name} không phải tệp Word, hoặc tệp đã hỏng.", todo="Lưu lại dạng .docx, hoặc dùng mẫu gốc."
        ) from error
    return document


def keep_what_people_wrote(path: Path, *, force: bool) -> None:
    """Raise `IllegalMove` when the file at `path` is not exactly as the program made it."""
    if force or not path.exists() or _untouched(path):
        return
    raise IllegalMove(
        f"Tệp {path} đã có người sửa, nên không ghi đè.", todo="Chọn tên khác, hoặc thêm --force để thay tệp cũ."
    )


def _untouched(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as package:
            body = package.read(_MAIN_PART)
        return bool(Document(str(path)).core_properties.identifier == _SEAL + _digest(body))
    except (zipfile.BadZipFile, KeyError, PackageNotFoundError, ValueError, OSError):
        return False


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _pictured(value: Any, document: Any) -> Any:
    match value:
        case Picture():
            picture = _Described(document, str(value.path), width=Mm(value.width))
            picture.alt = value.alt
            return picture
        case dict():
            return {key: _pictured(item, document) for key, item in value.items()}
        case list():
            return [_pictured(item, document) for item in value]
    return value


def harmless(value: Any) -> Any:
    """The same data with every text fit for XML: no control or direction-override characters, no lone surrogates."""
    if isinstance(value, str):
        return _UNFIT.sub("", unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n")))
    if isinstance(value, Mapping):
        return {key: harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(item) for item in value]
    return value


def letterhead(head: DocumentHead, number: str | None = None, signed_on: dt.date | None = None) -> dict[str, Any]:
    """What every template needs for its head and foot: a draft with blank number and date, unless both are given.

    Raises `InvalidInput` when only one is given.
    """
    if (number is None) != (signed_on is None):
        raise InvalidInput("Số và ngày của văn bản đi cùng nhau.", todo="Ghi cả hai, hoặc để trống cả hai (dự thảo).")
    return {
        "head": {
            "superior": head.superior,
            "issuer": head.issuer,
            "board": head.board,
            "symbol": head.symbol,
            "place": head.place,
            "signed_for": head.signed_for,
            "signer_title": head.signer_title,
        },
        "recipients": list(head.recipients),
        "signer": head.signer or BLANK,
        "draft": number is None,
        "number": number or BLANK,
        "day": _two_digits(signed_on.day, below=10) if signed_on else BLANK,
        "month": _two_digits(signed_on.month, below=3) if signed_on else BLANK,
        "year": str(signed_on.year) if signed_on else BLANK,
    }


def _two_digits(value: int, *, below: int) -> str:
    """Decree 30/2020/NĐ-CP, annex I: a leading zero for days under 10 and months 1 and 2 only."""
    return f"{value:02d}" if value < below else str(value)


def shipped_templates() -> Sequence[Path]:
    """The Word templates an office may copy and edit."""
    return sorted(SHIPPED.glob("*.docx"))
