"""`doithoai conferences`: the life of a conference at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.codes import parse_code
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

Cli = Callable[..., Result]
PLAN = ("--title", "Đối thoại cuối năm", "--date", "28/11/2026", "--place", "Hội trường xã", "--chair", "Bí thư")


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.MODERATOR, Role.APPROVER, name="Người làm")

    def run(*arguments: str, day: str = "2026-11-05") -> Result:
        return CliRunner().invoke(app, ["conferences", *arguments, "--db", services.database.url, "--as-of", day])

    return run


def test_a_conference_is_planned_held_and_concluded(services: Services, cli: Cli) -> None:
    group = make_group(services)
    make_opinion(services, citizen=make_citizen(services), group=group)
    planned = cli("plan", *PLAN, "--time", "8h", "--cutoff", "23/11/2026", "--format", "json")
    assert planned.exit_code == 0, planned.stderr
    row = json.loads(planned.stdout)
    assert (row["code"], row["starts_at"], row["cutoff_on"]) == ("HN-20261128", "8 giờ 00", "2026-11-23")
    build = ["agenda", "build", "HN-20261128", "--db", services.database.url, "--as-of", "2026-11-23"]
    assert CliRunner().invoke(app, build).exit_code == 0

    early = cli("hold", "HN-20261128")
    assert early.exit_code == 1
    assert "Chưa tới ngày họp" in early.stderr
    assert cli("hold", "HN-20261128", "--attendance", "142", day="2026-11-28").exit_code == 0

    raised = cli("floor", "HN-20261128", "Cống ngõ 5 tắc", "--village", "moi", "--format", "json", day="2026-11-28")
    slip = json.loads(raised.stdout)
    assert slip["position"] == 2
    assert parse_code(slip["code"]) == slip["code"]
    assert f"{slip['code'][:3]}-{slip['code'][3:]}" in raised.stderr

    said = cli("outcome", "HN-20261128", "1", "answered", "--note", "Đã thay bóng ngày 25/11.", day="2026-11-28")
    assert "Còn 1 dòng" in said.stderr
    refused = cli("conclude", "HN-20261128", "--number", "05/TB-UBND", "--date", "3/12/2026", day="2026-12-03")
    assert refused.exit_code == 1
    assert "dòng 2 «Cống ngõ 5 tắc»" in refused.stderr
    assert cli("outcome", "HN-20261128", "2", "deferred", day="2026-11-28").exit_code == 0
    done = cli(
        "conclude", "HN-20261128", "--number", "05/TB-UBND", "--date", "3/12/2026", "--format", "json", day="2026-12-03"
    )
    assert json.loads(done.stdout) == {"answered": 1, "deferred": 1, "declined": 0, "told": 2} | {
        "unassigned": [2],
        "remarks": [],
    }
    assert "doithoai answers assign HN-20261128/2" in done.stderr
    shown = json.loads(cli("show", "HN-20261128", "--format", "json").stdout)
    assert (shown["state"], shown["attendance"], shown["conclusion_number"]) == ("concluded", 142, "05/TB-UBND")


def test_a_cancelled_conference_stays_in_the_list(services: Services, cli: Cli) -> None:
    cli("plan", *PLAN)
    assert cli("cancel", "HN-20261128", "--why", "hoãn vì bão").exit_code == 0
    (row,) = json.loads(cli("list", "--format", "json").stdout)
    assert row["state"] == "cancelled"
    assert cli("list", "--format", "table").stdout.count("HN-20261128") == 1
    assert notices_of(services) == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "HN-1"), 1),
        (("plan", "--title", "Đối thoại", "--date", "28/11/2025", "--place", "x", "--chair", "y"), 1),
        (("plan", "--title", "Đối thoại", "--date", "mai", "--place", "x", "--chair", "y"), 2),
        (("plan",), 2),
        (("outcome", "HN-1", "1", "done"), 2),
        (("outcome", "HN-1", "0", "answered"), 2),
        (("hold", "HN-1", "--attendance", "-1"), 2),
    ],
)
def test_refusals_exit_1_and_wrong_usage_exits_2(cli: Cli, arguments: tuple[str, ...], code: int) -> None:
    assert cli(*arguments).exit_code == code
