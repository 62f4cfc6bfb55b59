"""A report as JSON: what is kept of one that was sent, and what `doithoai reports export` writes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from casework.reports.figures import AnnexRow, Breakdown, Figure, Meeting, PreviousLine, Report, Unit

#: number of this form of the JSON, for whoever must read old ones later
FORM = 1


def freeze(report: Report) -> dict[str, Any]:
    """The report with every figure and the ids behind it. Definitions stay with the numbers: rules may change later."""
    return {
        "form": FORM,
        **{name: getattr(report, name) for name in _PLAIN},
        "meetings": [dataclasses.asdict(one) for one in report.meetings],
        "previous": dataclasses.asdict(report.previous) if report.previous else None,
        "figures": [_figure(one) for one in report.figures.values()],
        "by_ground": [_figure(one) for one in report.by_ground],
        **{
            name: [
                {"code": row.code, "name": row.name, **{part: _figure(getattr(row, part)) for part in _PARTS}}
                for row in getattr(report, name)
            ]
            for name in _TABLES
        },
        "annex": [
            {
                **{name: getattr(row, name) for name in ("unit_name", "held_on", "invited", "attendance", "note")},
                "resolved": _figure(row.resolved),
                "unresolved": _figure(row.unresolved),
            }
            for row in report.annex
        ],
        "previous_lines": [dataclasses.asdict(line) for line in report.previous_lines],
    }


def thaw(stored: Mapping[str, Any]) -> Report:
    """The report as it was frozen."""
    figures = [_thawed(one) for one in stored["figures"]]
    return Report(
        **{name: stored[name] for name in _PLAIN},
        meetings=tuple(Meeting(**one) for one in stored["meetings"]),
        previous=Meeting(**stored["previous"]) if stored["previous"] else None,
        figures={one.key: one for one in figures},
        by_ground=tuple(_thawed(one) for one in stored["by_ground"]),
        by_level=_table(stored["by_level"]),
        by_topic=_table(stored["by_topic"]),
        by_village=_table(stored["by_village"]),
        annex=tuple(
            AnnexRow(**{**row, "resolved": _thawed(row["resolved"]), "unresolved": _thawed(row["unresolved"])})
            for row in stored["annex"]
        ),
        previous_lines=tuple(PreviousLine(**line) for line in stored["previous_lines"]),
    )


_PLAIN = ("kind", "label", "first", "last", "on")
_TABLES = ("by_level", "by_topic", "by_village")
_PARTS = ("opinions", "people", "issues", "resolved", "unresolved")


def _table(stored: Sequence[Mapping[str, Any]]) -> tuple[Breakdown, ...]:
    return tuple(
        Breakdown(code=row["code"], name=row["name"], **{part: _thawed(row[part]) for part in _PARTS}) for row in stored
    )


def _figure(figure: Figure) -> dict[str, Any]:
    return {
        "key": figure.key,
        "name": figure.name,
        "unit": figure.unit.value,
        "definition": figure.definition,
        "value": figure.value,
        "opinions": sorted(figure.opinions),
        "conferences": list(figure.conferences),
        "parts": list(figure.parts),
    }


def _thawed(stored: Mapping[str, Any]) -> Figure:
    return Figure(
        key=stored["key"],
        name=stored["name"],
        unit=Unit(stored["unit"]),
        definition=stored["definition"],
        value=stored["value"],
        opinions=frozenset(stored["opinions"]),
        conferences=tuple(stored["conferences"]),
        parts=tuple(stored["parts"]),
    )
