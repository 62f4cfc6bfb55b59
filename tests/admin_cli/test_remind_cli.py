"""`doithoai deadlines remind` and `deadlines contacts` at the command line."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.regulations.model import Duty
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Obligation, Role, Staff
from tests.casework.factories import make_staff, notices_of

Cli = Callable[..., Result]
#: the due date is a Monday
DAY = "2026-11-16"


@pytest.fixture
def cli(services: Services) -> Cli:
    boss = make_staff(services, Role.APPROVER, Role.ADMIN, name="Chị Phê")
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="7"))
        staff = work.session.get_one(Staff, boss)
        staff.channel_identity_id = identity.id
        work.session.add(staff)
        work.add(
            Obligation(
                office_id=services.office_id,
                duty=Duty.ANNUAL_REPORT,
                subject="report",
                subject_id=20262,
                regulation="thanh-hoa",
                regulation_version="1",
                rule="x",
                holder="organising_office",
                due_on=dt.date.fromisoformat(DAY),
                created_at=work.now,
            )
        )
        work.commit()

    def run(*arguments: str, day: str = DAY) -> Result:
        return CliRunner().invoke(app, ["deadlines", *arguments, "--db", services.database.url, "--as-of", day])

    return run


def test_the_preview_sends_nothing_and_send_sends_once(services: Services, cli: Cli) -> None:
    seen = cli("remind", "--format", "json")
    assert seen.exit_code == 0, seen.stderr
    (row,) = json.loads(seen.stdout)
    assert (row["staff"], row["role"], row["rung"], row["due_on"]) == ("Chị Phê", "fallback", "0", DAY)
    assert "Sẽ có 1 tin" in seen.stderr
    assert notices_of(services, "reminder") == []
    assert "Đã ghi 1 tin" in cli("remind", "--send").stderr
    assert len(notices_of(services, "reminder")) == 1
    assert json.loads(cli("remind", "--format", "json").stdout) == []


def _column(table: str, name: str, following: str) -> list[str]:
    """The words of one column of a table; a cell may stand on several lines."""
    lines = table.splitlines()
    head = next(line for line in lines if name in line)
    start, end = head.index(name), head.index(following)
    return [cell for line in lines if (cell := line[start:end].strip())]


def test_the_preview_fits_a_terminal_of_80_columns(cli: Cli) -> None:
    table = cli("remind", "--format", "table")
    assert "báo cáo năm, cả năm 2026" in " ".join(_column(table.stdout, "Việc", "Vì sao"))
    assert max(map(len, table.stdout.splitlines())) <= 80


def test_on_a_day_off_nobody_is_reminded_and_it_says_so(cli: Cli) -> None:
    sunday = cli("remind", "--send", "--format", "json", day="2026-11-22")
    assert json.loads(sunday.stdout) == []
    assert "không nhắc ai" in sunday.stderr


def test_contacts_are_set_listed_and_removed(cli: Cli) -> None:
    made = cli("contacts", "set", "organising_office", "--person", "Chị Phê", "--format", "json")
    assert json.loads(made.stdout)["staff"] == "Chị Phê"
    assert json.loads(cli("remind", "--format", "json").stdout)[0]["role"] == "holder"
    assert "văn phòng giúp việc" in cli("contacts", "list", "--format", "table").stdout
    assert cli("contacts", "remove", "organising_office").exit_code == 0
    gone = cli("contacts", "remove", "organising_office")
    assert gone.exit_code == 1
    assert "contacts list" in gone.stderr
