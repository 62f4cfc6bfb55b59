"""Copies of a database: whole or not there at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import backup
from storage.database import Database


def test_a_copy_of_something_that_is_no_database_does_not_appear(tmp_path: Path) -> None:
    source = tmp_path / "letter.txt"
    source.write_text("Kính gửi Ủy ban\n" * 100, encoding="utf-8")
    with pytest.raises(backup.UnsoundCopy):
        backup.copy_to(source, tmp_path / "copy.db")
    assert list(tmp_path.iterdir()) == [source]


def test_a_copy_can_be_checked_on_a_disk_that_cannot_be_written_to(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "usb"
    folder.mkdir()
    source = backup.file_of(database)
    assert source is not None
    backup.copy_to(source, folder / "copy.db")
    folder.chmod(0o500)
    backup.check(folder / "copy.db")
    assert [file.name for file in folder.iterdir()] == ["copy.db"]
    folder.chmod(0o700)


def test_only_a_sqlite_database_in_a_file_has_a_file() -> None:
    memory = Database("sqlite://")
    assert backup.file_of(memory) is None
    memory.close()
