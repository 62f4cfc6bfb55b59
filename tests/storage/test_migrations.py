"""The sum of the migrations is the schema the records describe, and older databases are brought up to it."""

from __future__ import annotations

import shutil
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlmodel import SQLModel

from storage.database import Database
from storage.migrate import MIGRATIONS, current_revision, draft, newest_revision, upgrade


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


def test_a_draft_of_the_next_migration_holds_nothing_while_records_and_migrations_agree(tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder)
    draft("Keep the channel hint", "0099", folder)
    written = (folder / "versions" / "0099_keep_the_channel_hint.py").read_text(encoding="utf-8")
    assert f'down_revision = "{newest_revision()}"' in written.replace("'", '"')
    assert "op." not in written
