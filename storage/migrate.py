"""Bring a database to the newest schema: alembic with the migrations that ship beside this file."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from storage.database import Database

MIGRATIONS = Path(__file__).parent / "migrations"


def _config(database: Database, folder: Path = MIGRATIONS) -> Config:
    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["engine"] = database.engine
    return config


def upgrade(database: Database, revision: str = "head") -> None:
    """Create or upgrade all tables, up to `revision`. Safe to repeat."""
    command.upgrade(_config(database), revision)


def current_revision(database: Database) -> str | None:
    """Revision the database stands at; None when it is empty."""
    with database.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str:
    """Revision this program needs."""
    script = ScriptDirectory(str(MIGRATIONS))
    head = script.get_current_head()
    if head is None:
        raise RuntimeError("no migrations beside storage/migrate.py: the installation is incomplete")
    return head


def draft(message: str, revision: str, folder: Path = MIGRATIONS) -> None:
    """Write the next migration into `folder`: what the records say now and the migrations so far do not. To be read
    and completed by a person: it sees columns, not intentions."""
    with TemporaryDirectory() as scratch:
        database = Database(f"sqlite:///{scratch}/scratch.db")
        config = _config(database, folder)
        command.upgrade(config, "head")
        command.revision(config, message, autogenerate=True, rev_id=revision)
        database.close()
