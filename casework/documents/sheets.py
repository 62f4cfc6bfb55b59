"""The agenda as a spreadsheet: one row per line in the public form, one row per opinion in the internal one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from casework.agenda import AgendaRow, AgendaView, AskerRow, Audience
from casework.codes import spoken
from casework.documents.tables import CELL_LIMIT, Field, Sheet, cell, write_sheets
from casework.documents.word import outcome_words

__all__ = ["CELL_LIMIT", "agenda_sheet", "agenda_spreadsheet", "cell"]

_PUBLIC = (
    Field(heading="STT", width=6),
    Field(heading="Vấn đề", width=70),
    Field(heading="Lĩnh vực", width=22),
    Field(heading="Thẩm quyền", width=14),
    Field(heading="Thôn, tổ dân phố", width=18),
    Field(heading="Số người nêu", width=12),
    Field(heading="Khẩn", width=8),
    Field(heading="Kết quả", width=30),
)
_INTERNAL = (
    *_PUBLIC,
    Field(heading="Mã ý kiến", width=12),
    Field(heading="Người nêu", width=24),
    Field(heading="Thôn của người nêu", width=18),
    Field(heading="Ngày gửi", width=12),
    Field(heading="Nguyên văn", width=80),
)


def agenda_spreadsheet(
    view: AgendaView, path: Path, *, force: bool = True, progress: Callable[[int, int], None] | None = None
) -> None:
    """Write the agenda as a spreadsheet, in the form for the view's audience."""
    write_sheets([agenda_sheet(view)], path, force=force, progress=progress)


def agenda_sheet(view: AgendaView) -> Sheet:
    """The agenda as a table."""
    internal = view.audience is Audience.INTERNAL
    rows: list[list[Any]] = []
    for row in view.rows:
        askers: tuple[AskerRow | None, ...] = (row.askers if internal else ()) or (None,)
        rows += [[*_line(row), *(_asker(asker) if internal else ())] for asker in askers]
    fields = _INTERNAL if internal else _PUBLIC
    total = ["", f"Cộng: {len(view.rows)} vấn đề", "", "", "", view.people]
    return Sheet(
        name="Nội dung đối thoại",
        title=view.title,
        fields=fields,
        rows=rows,
        total=[*total, *[""] * (len(fields) - len(total))],
    )


def _line(row: AgendaRow) -> list[Any]:
    return [
        row.position,
        row.title,
        row.topic_name,
        row.level_name,
        row.village or "",
        row.people,
        "khẩn" if row.urgent else "",
        outcome_words(row),
    ]


def _asker(asker: AskerRow | None) -> list[Any]:
    if asker is None:
        return [""] * (len(_INTERNAL) - len(_PUBLIC))
    return [
        spoken(asker.code) if asker.code else "",
        asker.name or "",
        asker.village or "",
        asker.submitted_on,
        asker.words,
    ]
