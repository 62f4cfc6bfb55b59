"""What every use case relies on: rollback by default, queueing writers, durable commits, aware instants."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select, text

from storage.database import Database
from storage.records import Citizen, Office, ZaloGrant

NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)


def office(code: str = "a") -> Office:
    return Office(code=code, name=code, regulation="thanh-hoa")


def codes(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.exec(select(Office.code)))


def pragma(session: Session, name: str) -> object:
    return session.connection().execute(text(f"PRAGMA {name}")).scalar_one()


def test_what_is_not_committed_is_gone(database: Database) -> None:
    with database.writing() as session:
        session.add(office())
        session.flush()
    assert codes(database) == []


def test_an_error_half_way_leaves_nothing_behind(database: Database) -> None:
    with pytest.raises(RuntimeError), database.writing() as session:
        session.add(office())
        session.flush()
        raise RuntimeError
    assert codes(database) == []


def test_sqlite_runs_with_a_write_ahead_log_full_synchronisation_and_foreign_keys(
    tmp_path: Path, sqlite_in_service: Callable[[Engine], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._tune_sqlite", sqlite_in_service)
    database = Database(f"sqlite:///{tmp_path / 'service.db'}")
    with database.reading() as session:
        assert pragma(session, "journal_mode") == "wal"
        assert pragma(session, "synchronous") == 2
        assert pragma(session, "foreign_keys") == 1
    database.close()


def test_a_reference_to_nothing_is_refused(database: Database) -> None:
    with pytest.raises(IntegrityError), database.writing() as session:
        session.add(Citizen(office_id=999, created_at=NOW))
        session.flush()


def test_a_second_writer_waits_for_the_first_and_both_succeed(database: Database) -> None:
    first_is_writing = threading.Event()

    def slow() -> None:
        with database.writing() as session:
            session.add(office("slow"))
            session.flush()
            first_is_writing.set()
            time.sleep(0.2)
            session.commit()

    thread = threading.Thread(target=slow)
    thread.start()
    first_is_writing.wait()
    with database.writing() as session:
        # BEGIN IMMEDIATE waited: the first writer's row is already visible, so no decision rests on stale data.
        assert session.exec(select(Office.code)).all() == ["slow"]
        session.add(office("quick"))
        session.commit()
    thread.join()
    assert codes(database) == ["quick", "slow"]


def test_a_reader_is_not_held_up_by_a_writer_and_sees_only_what_is_committed(database: Database) -> None:
    with database.writing() as session:
        session.add(office())
        session.flush()
        assert codes(database) == []
        session.commit()
    assert codes(database) == ["a"]


def test_an_error_of_the_database_does_not_repeat_peoples_words(database: Database) -> None:
    with pytest.raises(StatementError) as raised, database.writing() as session:
        session.add(Citizen(office_id=999, display_name="Bà Xoan", created_at=NOW))
        session.flush()
    assert "Xoan" not in str(raised.value)


def test_a_naive_instant_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="naive datetime"), database.writing() as session:
        session.add(office())
        session.flush()
        session.add(Citizen(office_id=1, created_at=dt.datetime(2026, 11, 2)))  # noqa: DTZ001 - the point of it
        session.flush()


def test_an_instant_of_any_zone_comes_back_as_the_same_instant_in_utc(database: Database) -> None:
    local = dt.datetime(2026, 11, 2, 8, 0, 0, 123456, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    with database.writing() as session:
        session.add(office())
        session.flush()
        session.add(Citizen(office_id=1, created_at=local))
        session.commit()
    with database.reading() as session:
        read = session.exec(select(Citizen.created_at)).one()
    assert read == local
    assert read.tzinfo is dt.UTC


def test_the_keys_to_the_official_account_are_shown_in_no_log() -> None:
    grant = ZaloGrant(
        account="1",
        access_token="secret",
        refresh_token="secret",
        previous_refresh_token="secret",
        pending_state="secret",
        pending_verifier="secret",
    )
    assert grant.access_token == "secret"
    assert "secret" not in f"{grant!r} {grant}"
