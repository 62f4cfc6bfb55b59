"""The way from a command line into the database."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from admin_cli.options import parse_date
from admin_cli.session import acting_staff, clock_at, open_services
from casework.errors import InvalidInput, SetupNeeded
from casework.usecases.office.enrolment import add_staff
from casework.usecases.work import Services
from storage.database import Database
from storage.records import Role


def test_as_of_is_eight_in_the_morning_of_that_day_in_viet_nam() -> None:
    assert clock_at(dt.date(2026, 11, 5)).now() == dt.datetime(2026, 11, 5, 1, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", ["2026-11-05", "05/11/2026", " 5/11/2026 "])
def test_a_day_is_understood_as_people_write_it(text: str) -> None:
    assert parse_date(text) == dt.date(2026, 11, 5)


def test_a_missing_database_is_refused_and_not_created(tmp_path: Path) -> None:
    with pytest.raises(SetupNeeded, match="doithoai init"):
        open_services(f"sqlite:///{tmp_path / 'none.db'}")
    assert not (tmp_path / "none.db").exists()


def test_an_empty_database_is_refused(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    with database.engine.connect():
        pass
    database.close()
    with pytest.raises(SetupNeeded, match="doithoai init"):
        open_services(database.url)


def test_the_environment_names_the_database_unless_the_option_does(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOITHOAI_DATABASE_URL", services.database.url)
    assert open_services().office_id == services.office_id
    with pytest.raises(SetupNeeded):
        open_services(f"sqlite:///{tmp_path / 'other.db'}")


def test_the_file_in_the_working_directory_names_it_when_nothing_else_does(
    services: Services, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("DOITHOAI_DATABASE_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    Path("doithoai.toml").write_text(f'database_url = "{services.database.url}"\n', encoding="utf-8")
    assert open_services().office_id == services.office_id


def test_the_only_person_acts_without_being_named_and_two_must_say_who(services: Services) -> None:
    first = add_staff(services, None, name="Bà Mai", roles=[Role.ADMIN], first=True).staff_id
    assert acting_staff(services, None) == first
    second = add_staff(services, first, name="Ông Bình", roles=[Role.MODERATOR]).staff_id
    assert acting_staff(services, "ông bình") == second
    with pytest.raises(InvalidInput, match="--staff"):
        acting_staff(services, None)
