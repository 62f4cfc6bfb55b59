"""Shared fixtures: a real SQLite database, a clock that stands still, seeded randomness, a commune to work in.

What thousands of tests need alike is made once in each worker: the migrated database, the commune's office in it, and
what SQLAlchemy makes of a statement.
"""

from __future__ import annotations

import datetime as dt
import gc
import random
import shutil
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, create_engine, event

import storage.database
from casework.clock import ManualClock
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import upgrade

DATA = Path(__file__).parents[1] / "admin_cli" / "demo" / "tan_minh"
#: Monday 2 November 2026, 08:00 in Viet Nam
START = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)

# A gate that fails by chance, or because the machine is busy, says nothing about the change before it: the same
# examples each time, and no clock. To search for new ones: `make test ARGS="--hypothesis-profile=search"`.
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("same", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("same")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest tests begin, so that no worker is left alone with one at the end; all others as they stand."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


def pytest_collection() -> None:
    """Modules and tests stay to the end: the collector of garbage need not look through them again and again, neither
    while they become more nor (see `pytest_collection_finish`) when they are all there."""
    gc.disable()


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()
    gc.enable()


@pytest.fixture(autouse=True)
def _logs_as_before() -> Iterator[None]:
    """A program that was run in a test set the level of logs for its process; the next test reads them all."""
    yield
    structlog.reset_defaults()


Tune = Callable[[Engine], None]


@pytest.fixture(scope="session", autouse=True)
def sqlite_in_service() -> Iterator[Tune]:
    """How SQLite is set up in service. Here it also takes over what was compiled for the tests before (each has an
    engine of its own), and does not wait for the disk: no test cuts the power."""
    in_service = storage.database._tune_sqlite
    engine_of_all = create_engine("sqlite://")
    engine_of_all.connect().close()
    compiled: dict[Any, Any] = {}

    def tune(engine: Engine) -> None:
        in_service(engine)
        engine.dialect = engine_of_all.dialect
        engine.update_execution_options(compiled_cache=compiled)
        event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF").close())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storage.database, "_tune_sqlite", tune)
        yield in_service
    engine_of_all.dispose()


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty database to copy from: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    upgrade(database)
    _close_as_one_file(database)
    return path


@pytest.fixture(scope="session")
def template_office(template_database: Path) -> Path:
    """The same with the office of `services`."""
    path = template_database.with_name("office.db")
    shutil.copy(template_database, path)
    database = Database(f"sqlite:///{path}")
    _install(Services(database=database, clock=ManualClock(START), random=random.Random(2026)))
    _close_as_one_file(database)
    return path


def _close_as_one_file(database: Database) -> None:
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def _install(services: Services) -> None:
    install_office(
        services,
        code="tan-minh",
        name="xã Tân Minh",
        regulation="thanh-hoa",
        gazetteer=tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8")),
        profile={"contact": "Văn phòng Mặt trận xã Tân Minh, điện thoại 0950 000 001, giờ hành chính"},
    )


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Of this test alone; with the office in it when the test asks for `services`."""
    with_office = "services" in request.fixturenames
    template: Path = request.getfixturevalue("template_office" if with_office else "template_database")
    path = tmp_path / "doithoai.db"
    shutil.copy(template, path)
    database = Database(f"sqlite:///{path}")
    yield database
    database.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def bare_services(database: Database, clock: ManualClock) -> Services:
    """Services over an empty database: no office yet (unless the test asks for `services` too)."""
    return Services(database=database, clock=clock, random=random.Random(2026))


@pytest.fixture
def services(bare_services: Services) -> Services:
    """Services of xã Tân Minh (an imaginary commune) with its seven villages."""
    return bare_services
