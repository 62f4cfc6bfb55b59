"""Where records live: an engine by URL, SQLite tuned for one small machine, any other database as it comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlmodel import Session

#: how long a SQLite connection waits for the one writer before it gives up, milliseconds
BUSY_TIMEOUT_MS = 20_000


class Database:
    """A database by SQLAlchemy URL, e.g. `sqlite:///doithoai.db` or `postgresql+psycopg://...`.

    SQLite runs in WAL mode with full synchronisation: what is committed survives a power cut, which is what
    "stored before acknowledged" needs. Writers take the write lock when they begin, so that two of them queue
    instead of failing half-way.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        # Values of a failed statement are people's words and names: they stay out of messages and logs.
        self.engine: Engine = create_engine(url, hide_parameters=True)
        if self.is_sqlite:
            _tune_sqlite(self.engine)
        self._writer = self.engine.execution_options(doithoai_write=True)
        self._line = threading.Lock()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that writes. Leaving without `session.commit()` rolls back."""
        with self._in_line(), Session(self._writer, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """SQLite has one writer, and lets those who wait sleep and look again, up to 0.1 s at a time. Threads of this
        process wait for each other here instead, and go on at once."""
        waited = self.is_sqlite and self._line.acquire(timeout=BUSY_TIMEOUT_MS / 1000)
        try:
            yield
        finally:
            if waited:
                self._line.release()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot to read from; nothing of it is ever committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()


def _tune_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions by itself: `on_begin` does, with the right lock.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        write = connection.get_execution_options().get("doithoai_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
