"""`doithoai conferences speakers`: the list of speakers at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_staff

Cli = Callable[..., Result]
PLAN = ("--title", "Đối thoại cuối năm", "--date", "28/11/2026", "--place", "Hội trường xã", "--chair", "Bí thư")
HN = "HN-20261128"


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.MODERATOR, Role.APPROVER, name="Người làm")

    def run(*arguments: str, day: str = "2026-11-05") -> Result:
        return CliRunner().invoke(app, ["conferences", *arguments, "--db", services.database.url, "--as-of", day])

    assert run("plan", *PLAN).exit_code == 0
    return run


def test_speakers_are_added_ordered_confirmed_and_listed(cli: Cli) -> None:
    added = cli("speakers", "add", HN, "Nước sạch thôn Hạ", "--village", "ha", "--name", "Bà Sáu", "--format", "json")
    assert json.loads(added.stdout)["number"] == 1
    assert cli("speakers", "add", HN, "Đường ngõ 3 thôn 4 nhiều ổ gà", "--village", "t4").exit_code == 0
    moved = cli("speakers", "order", HN, "2", "1", "--format", "json")
    assert [row["matter"] for row in json.loads(moved.stdout)] == ["Đường ngõ 3 thôn 4 nhiều ổ gà", "Nước sạch thôn Hạ"]
    assert "anh/chị báo giúp" in cli("speakers", "confirm", HN, "2").stderr
    table = cli("speakers", "list", HN, "--format", "table")
    assert "Bà Sáu" in table.stdout
    assert max(map(len, table.stdout.splitlines())) <= 80
    hall = cli("speakers", "list", HN, "--public", "--format", "csv")
    assert hall.stdout.splitlines() == ["number,village", "2,thôn Hạ"]


def test_what_cannot_be_is_refused_with_what_to_do(cli: Cli) -> None:
    unknown = cli("speakers", "confirm", HN, "7")
    assert unknown.exit_code == 1
    assert "doithoai conferences speakers list" in unknown.stderr
    assert cli("speakers", "add", HN, "Nước sạch").exit_code == 0
    early = cli("speakers", "spoken", HN, "1")
    assert early.exit_code == 1
    assert "chưa họp" in early.stderr
    assert cli("speakers", "withdraw", HN, "#1").exit_code == 0
    assert cli("speakers", "decline", HN, "#1", "--reason", "trùng").exit_code == 1
