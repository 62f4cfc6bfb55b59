"""`doithoai db`: an operator upgrades, looks, copies away and back without knowing SQL."""

from __future__ import annotations

import json
import sqlite3
import stat
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlmodel import select
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.errors import NotFound
from casework.usecases.work import Services
from storage.database import Database
from storage.migrate import newest_revision, upgrade
from storage.records import Obligation, Office, Role
from tests.casework.factories import make_staff


@pytest.fixture
def url(services: Services) -> str:
    return services.database.url


def run(*arguments: str, answer: str | None = None) -> Result:
    return CliRunner().invoke(app, ["db", *arguments], input=answer)


def test_upgrade_creates_the_tables_and_says_nothing_is_left_to_do_the_second_time(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    assert f"lên {newest_revision()}" in run("upgrade", "--db", url).stderr
    again = run("upgrade", "--db", url)
    assert again.exit_code == 0
    assert "mới nhất" in again.stderr


def test_a_new_database_is_for_the_eyes_of_its_owner_alone_and_an_old_one_is_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "new.db"
    assert run("upgrade", "--db", f"sqlite:///{file}").exit_code == 0
    assert {stat.S_IMODE(one.stat().st_mode) for one in tmp_path.glob("new.db*")} == {0o600}
    file.chmod(0o640)
    assert run("upgrade", "--db", f"sqlite:///{file}").exit_code == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_status_counts_and_says_the_schema_is_current(url: str) -> None:
    result = run("status", "--db", url)
    facts = json.loads(result.stdout)
    assert result.exit_code == 0
    assert facts["up_to_date"] is True
    assert facts["offices"] == 1
    assert facts["bytes"] > 0


def test_status_of_an_empty_database_names_the_command_and_exits_1(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    result = run("status", "--db", f"sqlite:///{tmp_path / 'empty.db'}", "--format", "json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["opinions"] is None
    assert "doithoai db upgrade" in result.stderr


def test_asking_about_a_missing_database_does_not_create_it(tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    result = run("status", "--db", f"sqlite:///{missing}")
    assert result.exit_code == 1
    assert "doithoai init" in result.stderr
    assert not missing.exists()


def test_a_wrong_url_is_refused_without_repeating_it() -> None:
    result = run("status", "--db", "postgres//bob:secret@x/y")
    assert result.exit_code == 1
    assert "secret" not in result.output


def test_a_backup_holds_what_is_committed_while_a_writer_is_half_way(
    services: Services, url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    with services.database.writing() as session:
        session.add(Office(code="half", name="half", regulation="thanh-hoa"))
        session.flush()
        result = run("backup", str(copy), "--db", url)
    assert result.exit_code == 0, result.stderr
    assert copy.stat().st_mode & 0o077 == 0
    with Database(f"sqlite:///{copy}").reading() as session:
        assert [office.code for office in session.exec(select(Office))] == ["tan-minh"]
    assert not list(tmp_path.glob("copy.db.part*"))


def test_a_backup_never_overwrites_a_file(url: str, tmp_path: Path) -> None:
    precious = tmp_path / "precious.db"
    precious.write_text("yesterday")
    result = run("backup", str(precious), "--db", url)
    assert result.exit_code == 1
    assert precious.read_text() == "yesterday"


def test_a_backup_of_another_database_names_that_databases_own_tool() -> None:
    result = run("backup", "x.db", "--db", "postgresql+psycopg://localhost/doithoai")
    assert result.exit_code == 1
    assert "pg_dump" in result.stderr or "thư viện" in result.stderr


def test_restore_brings_everything_back_and_keeps_what_was_there_before(
    services: Services, url: str, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    run("backup", str(copy), "--db", url)
    with services.database.writing() as session:
        session.add(Office(code="later", name="later", regulation="thanh-hoa"))
        session.commit()
    result = run("restore", str(copy), "--db", url, answer="y\n")
    assert result.exit_code == 0, result.stderr
    with services.database.reading() as session:
        assert [office.code for office in session.exec(select(Office))] == ["tan-minh"]
    [kept] = tmp_path.glob("doithoai.db.truoc-*")
    with Database(f"sqlite:///{kept}").reading() as session:
        assert len(session.exec(select(Office)).all()) == 2


def test_restore_changes_nothing_when_the_operator_says_no(services: Services, url: str, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    run("backup", str(copy), "--db", url)
    with services.database.writing() as session:
        session.add(Office(code="later", name="later", regulation="thanh-hoa"))
        session.commit()
    assert run("restore", str(copy), "--db", url, answer="n\n").exit_code == 1
    with services.database.reading() as session:
        assert len(session.exec(select(Office)).all()) == 2


def test_a_damaged_copy_is_refused_and_the_data_stay(services: Services, url: str, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.db"
    damaged.write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)
    result = run("restore", str(damaged), "--db", url, "--yes")
    assert result.exit_code == 1
    assert "nguyên vẹn" in result.stderr
    with services.database.reading() as session:
        assert session.exec(select(Office)).one().code == "tan-minh"


def test_upgrading_an_older_database_fills_the_duties_also_of_a_conference_older_than_its_text(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(url)
    upgrade(database, "0002")
    at = "2019-11-20 01:00:00.000000"
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO office (id, code, name, level, regulation, gazetteer, profile) "
                "VALUES (1, 'tan-minh', 'xã Tân Minh', 'xa', 'thanh-hoa', '{}', '{}')"
            )
        )
        connection.execute(
            text(
                "INSERT INTO conference (id, office_id, code, title, kind, regulation, held_on, place, chair, state, "
                "created_at, version) VALUES (1, 1, 'HN-20261128', 'Hội nghị', 'periodic', 'thanh-hoa', '2026-11-28', "
                f"'hội trường', 'Bí thư', 'planned', '{at}', 0)"
            )
        )
    result = run("upgrade", "--db", url)
    assert result.exit_code == 0, result.stderr
    assert "Chưa tính được" not in result.stderr
    with database.reading() as session:
        duties = session.exec(select(Obligation)).all()
    assert {(one.subject, one.regulation_version) for one in duties if one.regulation == "thanh-hoa"} == {
        ("conference", "2022")
    }
    database.close()


def test_upgrading_an_older_database_without_an_office_fills_nothing_and_says_nothing_of_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    database = Database(url)
    upgrade(database, "0002")
    database.close()
    result = run("upgrade", "--db", url)
    assert result.exit_code == 0
    assert "sổ hạn" not in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("deadlines", "why", "99999999999999999999999"),
        ("referrals", "return", "99999999999999999999999", "--why", "xã quản lý"),
        ("answers", "show", "99999999999999999999999"),
        ("answers", "assign", "nhom:99999999999999999999999", "--agency", "Phòng Kinh tế"),
    ],
)
def test_a_number_longer_than_a_database_takes_is_not_found(
    services: Services, url: str, arguments: tuple[str, ...]
) -> None:
    staff = make_staff(services, Role.APPROVER, Role.MODERATOR)
    result = CliRunner().invoke(app, [*arguments, "--db", url, "--staff", str(staff)])
    assert result.exit_code == 1, result.stderr
    assert NotFound.code in result.stderr
    assert "Không có" in result.stderr
