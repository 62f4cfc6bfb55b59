"""Inserting what may be there already, in one statement, on each database we run on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table, inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert_missing(session: Session, record: type[SQLModel], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows` (column -> value, every required column given); a row that breaks a unique key is left out.

    Neither the other rows nor the transaction suffer from it, also when two processes insert the same at once.
    """
    if not rows:
        return
    table: Table = inspect(record).local_table
    if session.get_bind().dialect.name == "postgresql":
        statement: Any = postgresql.insert(table).on_conflict_do_nothing()
    else:
        statement = sqlite.insert(table).on_conflict_do_nothing()
    session.connection().execute(statement, [dict(row) for row in rows])
