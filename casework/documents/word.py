"""The agenda and the table of opinions as Word documents, from the view of an agenda."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

from casework.agenda import AgendaRow, AgendaView, AskerRow, Audience, by_field
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.documents.fill import fill, letterhead
from casework.grounds import ground
from casework.names import OUTCOMES
from casework.public_words import one_line
from casework.topics import FIELDS
from nlp.analysis import Level
from storage.records import AgendaOutcome

#: code points of one asker's words in a table; a row must fit a page. The whole text stays in the case file.
WORDS_LIMIT = 1_500
#: the same for a title and for what was said of a line, whose columns are narrower
TITLE_LIMIT = 600
OUTCOME_LIMIT = 400
#: codes listed in one cell; the spreadsheet has them all
CODES_LIMIT = 20


def agenda_document(
    view: AgendaView,
    path: Path,
    *,
    number: str | None = None,
    signed_on: dt.date | None = None,
    templates: Path | None = None,
    force: bool = True,
) -> None:
    """The agenda as a Word document, in the form for the view's audience.

    A draft with blank number and date, unless both are given. `templates` is a folder with the office's own versions
    of the shipped templates. Without `force` a document somebody worked on is not replaced (`IllegalMove`). Raises
    `NotFound` or `InvalidInput` when a template is missing or spoilt.
    """
    name = "agenda_public.docx" if view.audience is Audience.PUBLIC else "agenda_internal.docx"
    fill(name, _context(view, number, signed_on), path, templates, force=force)


def summary_document(
    view: AgendaView,
    path: Path,
    *,
    number: str | None = None,
    signed_on: dt.date | None = None,
    templates: Path | None = None,
    force: bool = True,
) -> None:
    """The table of all opinions and requests as a Word document; codes stand in it when the view is internal.

    Otherwise as `agenda_document`.
    """
    fill("opinions_summary.docx", _context(view, number, signed_on), path, templates, force=force)


# --------------------------------------------------------------------------- what the templates can use


def _context(view: AgendaView, number: str | None, signed_on: dt.date | None) -> dict[str, Any]:
    levels = Counter(row.level for row in view.rows)
    return {
        **letterhead(view.head, number, signed_on),
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
