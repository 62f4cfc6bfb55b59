"""The sum of the migrations is the schema the records describe, and older databases are brought up to it."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from storage.database import Database
from storage.migrate import current_revision, newest_revision, upgrade


def test_migrations_from_empty_give_exactly_the_tables_of_the_records(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    assert current_revision(database) == newest_revision()
    upgrade(database)
    assert current_revision(database) == newest_revision()


def test_an_empty_database_has_no_revision(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    assert current_revision(database) is None
    database.close()


def test_a_path_with_a_percent_sign_can_be_migrated(tmp_path: Path) -> None:
    folder = tmp_path / "100%"
    folder.mkdir()
    database = Database(f"sqlite:///{folder / 'x.db'}")
    upgrade(database)
    assert current_revision(database) == newest_revision()
    database.close()
