"""Results on stdout (tables for people, JSON and CSV for programs), notes on stderr, and the way into the database."""

from __future__ import annotations

import csv
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING, Any

import typer

from admin_cli.options import Format

#: field -> code -> words
Names = Mapping[str, Mapping[str, str]]

if TYPE_CHECKING:
    from _typeshed import DataclassInstance
    from rich.console import Console

    Row = Mapping[str, Any] | DataclassInstance

#: width of a table when it does not go to a terminal
PLAIN_WIDTH = 80


def note(text: str) -> None:
    """A remark for the person at the screen: to stderr, so that pipes stay clean."""
    typer.echo(_harmless(text, keep="\n"), err=True)


def chosen(format: Format | None) -> Format:
    """The format asked for; else a table on a terminal and JSON in a pipe."""
    return format or (Format.TABLE if sys.stdout.isatty() else Format.JSON)


def emit(
    rows: Sequence[Row],
    format: Format | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    names: Names | None = None,
) -> None:
    """Print a list. `columns` chooses and heads the table's columns (field -> Vietnamese heading), `names` says a
    field's codes in words; a table cuts long texts. JSON and CSV always carry every field in full, as it is."""
    plain = [_fields(row) for row in rows]
    match chosen(format):
        case Format.JSON:
            _json(plain)
        case Format.CSV:
            _csv(plain, list(columns or {}))
        case Format.TABLE:
            if plain:
                _list([_said(row, names or {}) for row in plain], columns or {name: name for name in plain[0]})
            else:
                note("Không có dòng nào.")


def show(
    row: Row, format: Format | None = None, *, labels: Mapping[str, str] | None = None, names: Names | None = None
) -> None:
    """Print one thing: a JSON object, one CSV line, or a table of two columns, with `names` as in `emit`."""
    fields = _fields(row)
    match chosen(format):
        case Format.JSON:
            _json(fields)
        case Format.CSV:
            _csv([fields], [])
        case Format.TABLE:
            shown = labels or {name: name for name in fields}
            said = _said(fields, names or {})
            _sheet([(shown[n], _words(said[n])) for n in shown])


def _said(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Codes in words where `names` has them."""
    return {name: names.get(name, {}).get(str(value), value) for name, value in row.items()}


def _fields(row: Row) -> dict[str, Any]:
    if isinstance(row, Mapping):
        return dict(row)
    return {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}


def _json(value: Any) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_json_value))


def _json_value(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _fields(value)
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)


def _csv(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row)) or list(columns)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[_csv_cell(row.get(name)) for name in names] for row in rows])


def _csv_cell(value: Any) -> Any:
    if value is None or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    text = _harmless(_words(value), keep="\n\t")
    # A spreadsheet would run a citizen's "=..." as a formula; an apostrophe makes it text again.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text


def _list(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from admin_cli.table import cut, widths

    console = _console()
    cells = {name: [_harmless(" ".join(_words(row.get(name)).split()), keep="") for row in rows] for name in columns}
    width = widths(columns, cells, console.width)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name, heading in columns.items():
        numeric = all(isinstance(row.get(name), int | float | None) for row in rows)
        table.add_column(heading, justify="right" if numeric else "left", overflow="fold", width=width[name])
    for row in zip(*cells.values(), strict=True):
        table.add_row(*(Text(cut(cell, width[name])) for name, cell in zip(columns, row, strict=True)))
    console.print(table)


def _sheet(lines: Sequence[tuple[str, str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column(overflow="fold")
    table.add_column(overflow="fold")
    for name, value in lines:
        table.add_row(name, Text(_harmless(value, keep="\n")))
    _console().print(table)


def _console() -> Console:
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False)


def _words(value: Any) -> str:
    """A value as a clerk reads it."""
    match value:
        case None:
            return ""
        case bool():
            return "có" if value else "không"
        case Enum():
            return str(value.value)
        case dt.datetime():
            from casework.clock import vietnamese_time

            return vietnamese_time(value)
        case dt.date():
            return f"{value:%d/%m/%Y}"
        case list() | tuple() | set() | frozenset():
            return ", ".join(_words(item) for item in value)
        case dict():
            return ", ".join(f"{key}: {_words(item)}" for key, item in value.items())
    return str(value)


def _harmless(text: str, *, keep: str) -> str:
    """Without control and direction-override characters: a citizen's words cannot steer the clerk's terminal."""
    return "".join(symbol if symbol in keep or _shown(symbol) else "\N{REPLACEMENT CHARACTER}" for symbol in text)


def _shown(symbol: str) -> bool:
    point = ord(symbol)
    controls = point < 0x20 or 0x7F <= point < 0xA0
    overrides = 0x202A <= point <= 0x202E or 0x2066 <= point <= 0x2069
    return not controls and not overrides
