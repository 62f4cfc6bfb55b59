"""The tables of a report as a spreadsheet; numbers are numbers, and no cell of it can run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from casework.documents.report_text import ANNEX_COLUMNS, STANDINGS, period_words
from casework.documents.tables import Field, Sheet, write_sheets
from casework.names import OUTCOMES
from casework.reports.figures import UNIT_NAMES, Breakdown, Report

_Column = tuple[str, int]
_FIGURES: tuple[_Column, ...] = (
    ("Mã số liệu", 26),
    ("Chỉ tiêu", 44),
    ("Số lượng", 12),
    ("Đơn vị", 16),
    ("Cách tính", 90),
)
_BREAKDOWN: tuple[_Column, ...] = (
    *(("Tên", 34), ("Ý kiến", 10), ("Người", 10), ("Vấn đề", 10)),
    *(("Đã giải quyết", 15), ("Chưa giải quyết", 15)),
)
_PREVIOUS: tuple[_Column, ...] = (
    *(("Dòng", 8), ("Vấn đề", 70), ("Số người nêu", 14), ("Tại hội nghị", 28), ("Đến nay", 34), ("Cơ quan", 34)),
)


def report_spreadsheet(report: Report, path: Path, *, columns: Sequence[str] = (), force: bool = False) -> Path:
    """Write all tables of a report, one sheet each; `columns`: headings of the annex as the regulation fixes them.

    Raises as `write_sheets` does.
    """
    period = f"Ý kiến nhận {period_words(report)}"
    figures = [*report.figures.values(), *report.by_ground]
    own = columns if len(columns) == len(ANNEX_COLUMNS) else ANNEX_COLUMNS
    sheets = [
        _sheet(
            "Số liệu",
            period,
            _FIGURES,
            [[one.key, one.name, one.value, UNIT_NAMES[one.unit], one.definition] for one in figures],
        ),
        *(
            _sheet(name, f"{name}. {period}", _BREAKDOWN, [_breakdown(row) for row in rows])
            for name, rows in (
                ("Theo thẩm quyền", report.by_level),
                ("Theo lĩnh vực", report.by_topic),
                ("Theo thôn", report.by_village),
            )
        ),
        _sheet(
            "Hội nghị",
            "Các hội nghị trong kỳ",
            tuple((heading, 20) for heading in own),
            [
                [
                    row.unit_name,
                    row.held_on,
                    row.invited,
                    row.attendance,
                    row.resolved.value,
                    row.unresolved.value,
                    row.note,
                ]
                for row in report.annex
            ],
        ),
    ]
    if report.previous is not None:
        lines = [
            [one.position, one.title, one.people, OUTCOMES[one.outcome], STANDINGS[one.standing], one.agency]
            for one in report.previous_lines
        ]
        sheets.append(_sheet("Hội nghị trước", "Kết quả giải quyết ý kiến của hội nghị trước", _PREVIOUS, lines))
    return write_sheets(sheets, path, force=force)


def _breakdown(row: Breakdown) -> list[Any]:
    return [row.name, *(figure.value for figure in row.figures)]


def _sheet(name: str, title: str, columns: Sequence[_Column], rows: Sequence[Sequence[Any]]) -> Sheet:
    fields = tuple(Field(heading=heading, width=width) for heading, width in columns)
    return Sheet(name=name, title=title, fields=fields, rows=rows)
