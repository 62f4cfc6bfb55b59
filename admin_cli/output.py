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

    Row = Mapping[str, Any] | DataclassInstance

#: longest text in a cell of a list, characters; whole texts are in JSON, CSV and `show`
CELL_LIMIT = 72
#: cells up to this long are never broken, characters
SHORT_CELL = 14
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
    field's codes in words; a table shortens long texts. JSON and CSV always carry every field in full, as it is."""
    plain = [_fields(row) for row in rows]
    match chosen(format):
        case Format.JSON:
            _json(plain)
        case Format.CSV:
            _csv(plain, list(columns or {}))
        case Format.TABLE:
            if plain:
                _table([_brief(row, names or {}) for row in plain], columns or {name: name for name in plain[0]})
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
            _table([{"name": shown[n], "value": said[n]} for n in shown], {"name": "", "value": ""}, header=False)


def _said(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Codes in words where `names` has them."""
    return {name: names.get(name, {}).get(str(value), value) for name, value in row.items()}


def _brief(row: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """A row of a list: codes in words, long texts cut at a word."""
    said = _said(row, names)
    return {name: _shortened(value) if isinstance(value, str) else value for name, value in said.items()}


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= CELL_LIMIT else line[:CELL_LIMIT].rsplit(" ", 1)[0] + "…"


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


def _table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str], *, header: bool = True) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD if header else None, show_header=header, pad_edge=False, padding=(0, 1, 0, 0))
    for name, heading in columns.items():
        numeric = all(isinstance(row.get(name), int | float) for row in rows)
        widest = max((len(_words(row.get(name))) for row in rows), default=0)
        # Short cells keep their line, so that the one long column gets the room.
        table.add_column(
            heading, justify="right" if numeric else "left", overflow="fold", no_wrap=widest <= SHORT_CELL and header
        )
    for row in rows:
        table.add_row(*(Text(_harmless(_words(row.get(name)), keep="\n")) for name in columns))
    Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH, highlight=False).print(table)


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
