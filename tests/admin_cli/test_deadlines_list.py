"""`doithoai deadlines list|why|extend` and `answers received` on live data."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import Result
from sqlalchemy import text
from typer.testing import CliRunner

from admin_cli.app import app
from admin_cli.output import PLAIN_WIDTH
from casework.usecases.work import Services
from storage.records import Office, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

Cli = Callable[..., Result]
#: fields other programs read
FIELDS = {"duty", "subject", "holder", "due_on", "state", "explanation", "citation", "drives"}


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.MODERATOR, Role.APPROVER, name="Người duyệt")

    def run(*arguments: str, on: str = "2026-11-02") -> Result:
        options = ["--db", services.database.url, "--as-of", on]
        return CliRunner(env={"DOITHOAI_STAFF": "Người duyệt"}).invoke(app, [*arguments, *options])

    return run


@pytest.fixture
def conference(services: Services, cli: Cli) -> str:
    """A conference under the text of Sơn La, with one line that an agency was made to answer."""
    with services.writing() as work:
        work.session.get_one(Office, services.office_id).regulation = "son-la"
        work.commit()
    make_opinion(services, citizen=make_citizen(services), group=make_group(services), decided_at=services.clock.now())
    code = "HN-20261222"
    words = ("--title", "Đối thoại", "--place", "Nhà văn hóa xã", "--chair", "Bí thư Đảng ủy xã")
    steps: list[tuple[str, ...]] = [
        ("conferences", "plan", "--date", "22/12/2026", *words),
        ("agenda", "build", code),
    ]
    on_the_day: list[tuple[str, ...]] = [
        ("conferences", "hold", code),
        ("conferences", "outcome", code, "1", "deferred"),
        ("answers", "assign", f"{code}/1", "--agency", "Phòng Kinh tế"),
    ]
    for day, acts in (("2026-11-02", steps), ("2026-12-22", on_the_day)):
        for act in acts:
            done = cli(*act, on=day)
            assert done.exit_code == 0, done.stderr
    return code


def listed(cli: Cli, *arguments: str, on: str = "2026-12-22") -> list[dict[str, Any]]:
    result = cli("deadlines", "list", *arguments, "--format", "json", on=on)
    assert result.exit_code == 0, result.stderr
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def test_the_list_carries_what_other_programs_read_and_fits_the_screen(cli: Cli, conference: str) -> None:
    rows = listed(cli, "--conference", conference, "--all")
    assert rows[0].keys() >= FIELDS
    answer = next(row for row in rows if row["duty"] == "final_answer")
    assert (answer["holder"], answer["due_on"], answer["state"], answer["drives"]) == (
        "Phòng Kinh tế",
        "2027-01-14",
        "open",
        True,
    )
    assert answer["explanation"].endswith(".")
    assert answer["citation"]
    table = cli("deadlines", "list", "--format", "table", on="2026-12-22")
    assert max(map(len, table.stdout.splitlines())) <= PLAIN_WIDTH
    assert f"{conference}/1" in table.stdout


def test_the_list_is_narrowed_by_holder_state_and_duty(cli: Cli, conference: str) -> None:
    assert {row["duty"] for row in listed(cli, "--holder", "phòng kinh tế")} == {"final_answer"}
    late = listed(cli, "--state", "late", "--state", "very-late")
    assert late
    assert {row["state"] for row in late} <= {"late", "very_late"}
    assert {row["duty"] for row in listed(cli, "--duty", "invitation")} == {"invitation"}
    wrong = cli("deadlines", "list", "--state", "sometime")
    assert (wrong.exit_code, "chưa tới lúc đếm" in wrong.stderr) == (2, True)
    late_again = listed(cli, "--state", "quá hạn", "--state", "quá hạn lâu")
    assert [row["id"] for row in late_again] == [row["id"] for row in late]
    code = cli("deadlines", "show", "--regulation", "thanh-hoa", "--conference", conference)
    assert (code.exit_code, f"deadlines list --conference {conference}" in code.stderr) == (1, True)


def test_why_says_the_count_the_source_and_the_days_passed_over(cli: Cli, conference: str) -> None:
    (answer,) = listed(cli, "--duty", "final_answer")
    told = cli("deadlines", "why", str(answer["id"]), "--format", "table", on="2026-12-22")
    for words in ("ngày làm việc thứ 15", "Nguồn: ", "01/01/2027", "chưa xác nhận"):
        assert words in told.stdout
    plain = json.loads(cli("deadlines", "why", str(answer["id"]), "--format", "json", on="2026-12-22").stdout)
    assert {"date": "2027-01-01"}.items() <= next(
        day for day in plain["skipped"] if day["date"] == "2027-01-01"
    ).items()
    assert cli("deadlines", "why", "999").exit_code == 1


def test_a_receipt_and_an_extension_move_the_date_and_refuse_what_cannot_be(cli: Cli, conference: str) -> None:
    early = cli("answers", "received", f"{conference}/1", "--on", "21/12/2026", on="2026-12-24")
    assert (early.exit_code, "trước ngày giao việc" in early.stderr) == (1, True)
    done = cli("answers", "received", f"{conference}/1", "--on", "24/12/2026", on="2026-12-24")
    assert (done.exit_code, "15/01/2027" in done.stderr) == (0, True)
    (answer,) = listed(cli, "--duty", "final_answer", on="2026-12-24")
    number = str(answer["id"])
    words = ("--reason", "phải đo lại đất", "--body", "Phòng Kinh tế")
    past = cli("deadlines", "extend", number, "--to", "15/1/2027", *words, on="2026-12-24")
    assert (past.exit_code, "sau hạn hiện nay" in past.stderr) == (1, True)
    assert cli("deadlines", "extend", number, "--to", "29/2/2027", *words, on="2026-12-24").exit_code == 1
    moved = cli("deadlines", "extend", number, "--to", "20/2/2027", *words, "--format", "table", on="2026-12-24")
    assert (moved.exit_code, "báo 1 người hỏi" in moved.stderr) == (0, True)
    told = cli("deadlines", "why", number, "--format", "table", on="2026-12-24").stdout
    assert "Gia hạn: từ 15/01/2027 tới 20/02/2027, theo Phòng Kinh tế, vì phải đo lại đất." in told


def test_a_refresh_repairs_what_was_lost_and_then_finds_nothing_to_do(
    services: Services, cli: Cli, conference: str
) -> None:
    with services.writing() as work:
        work.session.connection().execute(text("DELETE FROM obligation"))
        work.commit()
    changed = [
        json.loads(cli("deadlines", "refresh", "--format", "json", on="2026-12-22").stdout)["changed"] for _ in "12"
    ]
    assert changed[0] > 5
    assert changed[1] == 0
    assert listed(cli, "--duty", "final_answer")
