"""The history: one chain, append-only, and every kind of tampering shows."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select, text

from storage import history
from storage.database import Database
from storage.records import Act, HistoryHead

NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)


def act(session: Session, verb: str, number: int = 1) -> Act:
    return history.append(
        session,
        at=NOW,
        actor="staff",
        actor_id=3,
        verb=verb,
        subject="opinion",
        subject_id=number,
        why="trùng",
        details={"ground": "ngoài phạm vi", "ids": [1, 2]},
    )


@pytest.fixture
def written(database: Database) -> Database:
    for verb in ("approved", "merged", "answered"):
        with database.writing() as session:
            act(session, verb)
            session.commit()
    return database


def verify(database: Database) -> list[str]:
    with database.reading() as session:
        return history.verify(session)


def tamper(database: Database, sql: str) -> None:
    """Change the history as somebody with the database file and ill will could."""
    with database.engine.begin() as connection:
        for name in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER act_no_{name}"))
        connection.execute(text(sql))


def test_an_untouched_history_verifies_after_being_read_back(written: Database) -> None:
    assert verify(written) == []
    with written.reading() as session:
        acts = session.exec(select(Act).order_by(Act.id)).all()  # type: ignore[arg-type]
    assert [a.verb for a in acts] == ["approved", "merged", "answered"]
    assert acts[1].previous_hash == acts[0].hash


@pytest.mark.parametrize("sql", ["UPDATE act SET why = 'x' WHERE id = 1", "DELETE FROM act WHERE id = 1"])
def test_the_database_itself_refuses_to_change_or_remove_an_act(written: Database, sql: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), written.engine.begin() as connection:
        connection.execute(text(sql))
    assert verify(written) == []


@pytest.mark.parametrize(
    ("sql", "sign"),
    [
        ("UPDATE act SET why = 'khác' WHERE id = 2", "act 2: content does not match"),
        ("UPDATE act SET at = '2025-01-01 00:00:00' WHERE id = 2", "act 2: content does not match"),
        ("UPDATE act SET actor_id = 9 WHERE id = 1", "act 1: content does not match"),
        ("UPDATE act SET details = '{}' WHERE id = 3", "act 3: content does not match"),
        ("DELETE FROM act WHERE id = 2", "act 3: does not follow"),
        ("DELETE FROM act WHERE id = 3", "ends after 2 acts"),
        ("DELETE FROM act", "ends after 0 acts"),
    ],
)
def test_tampering_behind_the_programs_back_is_found(written: Database, sql: str, sign: str) -> None:
    tamper(written, sql)
    assert any(sign in breach for breach in verify(written))


def test_an_act_of_a_transaction_that_is_rolled_back_leaves_no_trace(written: Database) -> None:
    with written.writing() as session:
        act(session, "declined")
    assert verify(written) == []
    with written.reading() as session:
        assert session.get_one(HistoryHead, 1).length == 3


def test_acts_of_many_threads_form_one_line(database: Database) -> None:
    def write(number: int) -> None:
        for _ in range(5):
            with database.writing() as session:
                act(session, "approved", number)
                session.commit()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert verify(database) == []
    with database.reading() as session:
        assert session.get_one(HistoryHead, 1).length == 20
