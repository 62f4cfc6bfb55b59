"""Consistent copies of a SQLite database while it is in use, and the way back from one."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from storage.database import BUSY_TIMEOUT_MS, Database

#: backups hold everything people wrote: for the owner's eyes only
OWNER_ONLY = 0o600
#: seconds to wait for a writer, as the program itself does
_PATIENCE = BUSY_TIMEOUT_MS / 1000


class UnsoundCopy(Exception):
    """The file is no SQLite database or a damaged one."""


def file_of(database: Database) -> Path | None:
    """The file a SQLite database lives in; None for any other database or one in memory."""
    name = database.engine.url.database
    return Path(name) if database.is_sqlite and name not in (None, "", ":memory:") else None


def copy_to(source: Path, target: Path) -> None:
    """Copy the database file `source` to the new file `target`, with all that is committed at one moment.

    Writers may go on meanwhile. Raises `FileExistsError` when `target` exists and `UnsoundCopy` when the copy does
    not pass SQLite's own check; then `target` does not appear.
    """
    if target.exists():
        raise FileExistsError(target)
    unfinished = target.with_name(f"{target.name}.part")
    unfinished.touch(mode=OWNER_ONLY)
    try:
        with contextlib.closing(sqlite3.connect(source, timeout=_PATIENCE)) as reader:
            _copy(reader, unfinished)
        check(unfinished)
        unfinished.rename(target)
    except sqlite3.DatabaseError as error:
        raise UnsoundCopy(str(error)) from error
    finally:
        for suffix in ("", "-wal", "-shm"):
            unfinished.with_name(unfinished.name + suffix).unlink(missing_ok=True)


def restore_from(source: Path, target: Path) -> None:
    """Replace everything in the database file `target` by what the copy `source` holds.

    Raises `UnsoundCopy` when `source` is damaged; then `target` is untouched.
    """
    check(source)
    with contextlib.closing(_open_resting(source)) as reader:
        _copy(reader, target)


def check(file: Path) -> None:
    """Raise `UnsoundCopy` unless `file` is a whole SQLite database."""
    try:
        with contextlib.closing(_open_resting(file)) as connection:
            [verdict] = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        raise UnsoundCopy(str(error)) from error
    if verdict != "ok":
        raise UnsoundCopy(verdict)


def _open_resting(file: Path) -> sqlite3.Connection:
    # `immutable`: nobody writes to a copy, and it may lie on a disk that cannot be written to.
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)


def _copy(reader: sqlite3.Connection, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(target, timeout=_PATIENCE)) as writer:
        reader.backup(writer)
    with target.open("rb") as written:
        os.fsync(written.fileno())
