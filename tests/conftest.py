"""Shared fixtures: a real SQLite database, a clock that stands still, seeded randomness, a commune to work in."""

from __future__ import annotations

import datetime as dt
import random
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from casework.clock import ManualClock
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import upgrade

DATA = Path(__file__).parents[1] / "admin_cli" / "demo" / "tan_minh"
#: Monday 2 November 2026, 08:00 in Viet Nam
START = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A program that was run in a test set the level of logs for its process; the next test reads them all."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy from: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def database(template_database: Path, tmp_path: Path) -> Iterator[Database]:
    path = tmp_path / "doithoai.db"
    shutil.copy(template_database, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def bare_services(database: Database, clock: ManualClock) -> Services:
    """Services over an empty database: no office yet."""
    return Services(database=database, clock=clock, random=random.Random(2026))


@pytest.fixture
def services(bare_services: Services) -> Services:
    """Services of xã Tân Minh (an imaginary commune) with its seven villages."""
    install_office(
        bare_services,
        code="tan-minh",
        name="xã Tân Minh",
        regulation="thanh-hoa",
        gazetteer=tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8")),
        profile={"contact": "Văn phòng Mặt trận xã Tân Minh, điện thoại 0950 000 001, giờ hành chính"},
    )
    return bare_services
