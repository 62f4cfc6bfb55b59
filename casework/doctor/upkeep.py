"""Promise 9: the database itself is whole and fits the program."""

from __future__ import annotations

from collections.abc import Iterator

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Table, select
from sqlmodel import SQLModel

from casework.doctor.finding import Finding, breach
from casework.usecases.work import Work
from storage.migrate import newest_revision


def the_schema_is_current(work: Work) -> Iterator[Finding]:
    """Tables are those this program needs."""
    revision = MigrationContext.configure(work.session.connection()).get_current_revision()
    if revision != newest_revision():
        yield breach(
            "database", None, f"đang ở bản {revision or 'trống'}, cần bản {newest_revision()}: doithoai db upgrade"
        )


def references_lead_somewhere(work: Work) -> Iterator[Finding]:
    """No row refers to a row that is not there."""
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            for key in column.foreign_keys:
                yield from _dangling(work, table, column, key.column)


def _dangling(work: Work, table: Table, column: Column[int], target: Column[int]) -> Iterator[Finding]:
    there = target.table.alias()
    rows = work.session.connection().execute(
        select(table.c.id, column)
        .select_from(table.outerjoin(there, there.c[target.name] == column))
        .where(column.is_not(None), there.c[target.name].is_(None))
        .order_by(table.c.id)
    )
    for row_id, missing in rows:
        yield breach(table.name, row_id, f"{column.name} trỏ đến {target.table.name} số {missing} không tồn tại")
