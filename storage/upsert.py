"""Inserting what may be there already, in one statement, on each database we run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_missing(session: Session, record: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (column -> value, all of the same columns); a row that breaks a unique key is left out.

    Columns not given have the record's defaults. Neither the other rows nor the transaction suffer from a row left
    out, also when two processes insert the same at once.
    """
    if not rows:
        return
    table: Table = inspect(record).local_table
    if session.get_bind().dialect.name == "postgresql":
        statement: Any = postgresql.insert(table).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    fields = {
        name: field
        for name, field in record.model_fields.items()
        if name not in rows[0] and not table.columns[name].primary_key and not field.is_required()
    }
    filled = [
        {name: field.get_default(call_default_factory=True) for name, field in fields.items()} | dict(row)
        for row in rows
    ]
    session.connection().execute(statement, filled)
