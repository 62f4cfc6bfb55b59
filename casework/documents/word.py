"""Fills the Word templates. What people wrote is data: it can neither break the file nor run in it."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import SandboxedEnvironment

from casework.agenda import AgendaRow, AgendaView, AskerRow, Audience, by_field
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.errors import InvalidInput, NotFound
from casework.grounds import ground
from casework.names import OUTCOMES
from casework.public_words import one_line
from casework.topics import FIELDS
from nlp.analysis import Level
from storage.records import AgendaOutcome

SHIPPED = Path(__file__).parent / "templates"
#: code points of one asker's words in a table; a row must fit a page. The whole text stays in the case file.
WORDS_LIMIT = 1_500
#: the same for a title and for what was said of a line, whose columns are narrower
TITLE_LIMIT = 600
OUTCOME_LIMIT = 400
#: codes listed in one cell; the spreadsheet has them all
CODES_LIMIT = 20
#: room for a pen: no-break spaces, which Word does not swallow
_BLANK = "\u00a0" * 6


def agenda_document(
    view: AgendaView,
    path: Path,
    *,
    number: str | None = None,
    signed_on: dt.date | None = None,
    templates: Path | None = None,
) -> None:
    """The agenda as a Word document, in the form for the view's audience.

    A draft with blank number and date, unless both are given. `templates` is a folder with the office's own versions
    of the shipped templates. Raises `NotFound` or `InvalidInput` when a template is missing or spoilt.
    """
    name = "agenda_public.docx" if view.audience is Audience.PUBLIC else "agenda_internal.docx"
    _fill(name, _context(view, number, signed_on), path, templates)


def summary_document(
    view: AgendaView,
    path: Path,
    *,
    number: str | None = None,
    signed_on: dt.date | None = None,
    templates: Path | None = None,
) -> None:
    """The table of all opinions and requests as a Word document; codes stand in it when the view is internal.

    Otherwise as `agenda_document`.
    """
    _fill("opinions_summary.docx", _context(view, number, signed_on), path, templates)


def _fill(name: str, context: Mapping[str, Any], path: Path, templates: Path | None) -> None:
    own = templates / name if templates is not None else None
    source = own if own is not None and own.exists() else SHIPPED / name
    if templates is not None and not templates.is_dir():
        raise NotFound(f"Không có thư mục mẫu {templates}.", todo="Kiểm tra đường dẫn, hoặc bỏ lựa chọn này.")
    template = DocxTemplate(str(source))
    try:
        template.render(
            harmless(context), SandboxedEnvironment(autoescape=True, undefined=StrictUndefined), autoescape=True
        )
    except TemplateError as error:
        raise InvalidInput(
            f"Mẫu Word {name} có chỗ điền không đúng: {error}.",
            todo="Sửa chữ trong dấu {{ }} hoặc {% %} của mẫu, hoặc dùng lại mẫu gốc.",
        ) from error
    path.parent.mkdir(parents=True, exist_ok=True)
    template.save(str(path))


def harmless(value: Any) -> Any:
    """The same data with every text fit for XML: no control or direction-override characters, no lone surrogates."""
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n").replace("\r", "\n"))
        return "".join(symbol for symbol in text if symbol in "\n\t" or _fits(symbol))
    if isinstance(value, Mapping):
        return {key: harmless(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [harmless(item) for item in value]
    return value


def _fits(symbol: str) -> bool:
    # Cc: controls, Cs: surrogates; Bidi overrides could make a line read backwards.
    point = ord(symbol)
    overrides = 0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069
    return unicodedata.category(symbol) not in ("Cc", "Cs") and not overrides and point & 0xFFFE != 0xFFFE


# --------------------------------------------------------------------------- what the templates can use


def _context(view: AgendaView, number: str | None, signed_on: dt.date | None) -> dict[str, Any]:
    if (number is None) != (signed_on is None):
        raise InvalidInput("Số và ngày của văn bản đi cùng nhau.", todo="Ghi cả hai, hoặc để trống cả hai (dự thảo).")
    levels = Counter(row.level for row in view.rows)
    return {
        "head": _head(view),
        "recipients": view.head.recipients,
        "signer": view.head.signer or _BLANK,
        "draft": number is None,
        "number": number or _BLANK,
        "day": _two_digits(signed_on.day, below=10) if signed_on else _BLANK,
        "month": _two_digits(signed_on.month, below=3) if signed_on else _BLANK,
        "year": str(signed_on.year) if signed_on else _BLANK,
        "title": view.title,
        "when": _when(view),
        "place": view.place,
        "chair": view.chair,
        "lines": len(view.rows),
        "people": view.people,
        "by_level": {level.value.replace("-", "_"): levels[level.value] for level in Level},
        "closing": _closing(view),
        "parts": [
            {"field": field, "rows": [_row(row) for row in rows]}
            for field, rows in by_field(view.rows, [name for name, _ in FIELDS])
        ],
    }


def _head(view: AgendaView) -> dict[str, str]:
    head = view.head
    return {
        "superior": head.superior,
        "issuer": head.issuer,
        "board": head.board,
        "symbol": head.symbol,
        "place": head.place,
        "signed_for": head.signed_for,
        "signer_title": head.signer_title,
    }


def _row(row: AgendaRow) -> dict[str, Any]:
    facts = [row.topic_name, row.level_name, f"{row.people} người nêu", row.village or ""]
    return {
        # The line's own place, also below the heading of a field: whoever reads "4" on paper types 4.
        "number": row.position,
        "title": one_line(row.title, TITLE_LIMIT),
        "urgent_mark": " (khẩn)" if row.urgent else "",
        "facts": "; ".join(fact for fact in facts if fact),
        "people": row.people,
        "village": row.village or "",
        "topic_name": row.topic_name,
        "level_name": row.level_name,
        "codes": _codes(row),
        "outcome": one_line(outcome_words(row), OUTCOME_LIMIT),
        "askers": [_asker(asker) for asker in row.askers],
    }


def outcome_words(row: AgendaRow) -> str:
    """What became of a line, in the words of a report; empty while nothing has."""
    # Nothing recorded yet leaves the cell to the pen.
    words = "" if row.outcome == AgendaOutcome.PENDING else OUTCOMES[row.outcome].capitalize()
    if row.outcome_ground:
        words = f"{words}: {ground(row.outcome_ground).name}"
    if row.answered_by:
        words = f"{words} ({row.answered_by})"
    if row.outcome_note:
        words = f"{words}: {row.outcome_note}"
    return words


def _codes(row: AgendaRow) -> str:
    codes = [spoken(asker.code) for asker in row.askers if asker.code]
    more = len(codes) - CODES_LIMIT
    return ", ".join(codes[:CODES_LIMIT]) + (f" và {more} mã khác" if more > 0 else "")


def _asker(asker: AskerRow) -> dict[str, str]:
    return {
        "code": spoken(asker.code) if asker.code else "",
        "village": asker.village or "",
        "name": asker.name or "",
        "submitted_on": vietnamese_date(asker.submitted_on),
        "late_mark": " (đến sau ngày chốt)" if asker.late else "",
        "words": one_line(asker.words, WORDS_LIMIT),
    }


def _when(view: AgendaView) -> str:
    day = f"ngày {vietnamese_date(view.held_on)}"
    return f"{view.starts_at}, {day}" if view.starts_at else day


def _closing(view: AgendaView) -> str:
    cutoff = vietnamese_date(view.cutoff_on) if view.cutoff_on else None
    if cutoff is None:
        return "Những ý kiến chưa có trong danh mục được trả lời bằng văn bản hoặc đưa vào hội nghị sau"
    late = f" (đến nay có {view.late} ý kiến)" if view.late else ""
    return f"Những ý kiến gửi đến sau ngày {cutoff}{late} được trả lời bằng văn bản"


def _two_digits(value: int, *, below: int) -> str:
    """Decree 30/2020/NĐ-CP, annex I: a leading zero for days under 10 and months 1 and 2 only."""
    return f"{value:02d}" if value < below else str(value)


def shipped_templates() -> Sequence[Path]:
    """The Word templates an office may copy and edit."""
    return sorted(SHIPPED.glob("*.docx"))
