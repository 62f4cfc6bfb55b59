"""`doithoai calendar`: what is shown, added, confirmed, taken back, and computed again."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.usecases.work import Services
from storage.records import Obligation, Role
from tests.casework.factories import make_staff

Cli = Callable[..., Result]
STORM = ("2026-11-25", "--off", "--reason", "nghỉ tránh bão", "--citation", "15/CĐ-UBND")


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.APPROVER, name="Người duyệt")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["calendar", *arguments, "--db", services.database.url, "--as-of", "2026-11-21"])

    return run


def owe(services: Services) -> None:
    with services.writing() as work:
        work.add(
            Obligation(
                office_id=services.office_id,
                duty="conclusion_notice",
                subject="conference",
                subject_id=1,
                regulation="thanh-hoa",
                regulation_version="2022",
                rule="II.3-ket-luan",
                holder="chair",
                trigger_on=dt.date(2026, 11, 20),
                due_on=dt.date(2026, 12, 7),
                created_at=work.now,
            )
        )
        work.commit()


def test_a_year_shows_days_off_make_up_days_and_proposals_with_their_source(cli: Cli) -> None:
    found = {row["day"]: row for row in json.loads(cli("show", "2026", "--format", "json").stdout)}
    assert found["2026-01-02"]["kind"] == "off"
    assert found["2026-01-02"]["source"] == "12729/VPCP-KGVX ngày 25/12/2025"
    assert found["2026-01-10"]["kind"] == "make_up"
    assert found["2026-11-23"]["kind"] == "proposed_off"
    assert found["2026-11-28"]["kind"] == "proposed_working"
    assert found["2026-04-27"]["reason"] == "nghỉ bù Giỗ Tổ Hùng Vương"
    assert not any(row["provisional"] for row in found.values())


@pytest.mark.parametrize("month", ["11/2026", "2026-11"])
def test_a_month_is_shown_alone(cli: Cli, month: str) -> None:
    assert [row["day"] for row in json.loads(cli("show", month, "--format", "json").stdout)] == [
        "2026-11-23",
        "2026-11-24",
        "2026-11-28",
    ]


def test_the_present_year_is_shown_when_none_is_named_and_next_year_is_provisional(cli: Cli) -> None:
    assert json.loads(cli("show", "--format", "json").stdout)[0]["day"] == "2026-01-01"
    later = cli("show", "2027", "--format", "json")
    assert all(row["provisional"] for row in json.loads(later.stdout))
    assert "Năm 2027 chưa có thông báo lịch nghỉ" in later.stderr


def test_the_calendar_is_shown_without_any_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOITHOAI_DATABASE_URL", raising=False)
    result = CliRunner().invoke(app, ["calendar", "show", "2026", "--format", "csv"])
    assert result.exit_code == 0
    assert len(list(csv.DictReader(result.stdout.splitlines()))) == 19
    assert list(tmp_path.iterdir()) == []


def test_the_table_fits_eighty_columns(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    table = cli("show", "2026", "--format", "table").stdout
    assert max(len(line) for line in table.splitlines()) <= 80
    assert "đề xuất làm bù" in table


def test_a_day_is_added_seen_and_taken_back(cli: Cli) -> None:
    added = cli("add", *STORM)
    assert added.exit_code == 0, added.stderr
    assert "Đã ghi thứ Tư 25/11/2026 nghỉ." in added.stderr
    assert "calendar replay --dry-run" in added.stderr
    assert "nghỉ tránh bão" in cli("show", "11/2026", "--format", "json").stdout
    again = cli("add", *STORM)
    assert again.exit_code == 1
    assert "đã được ghi là ngày nghỉ" in again.stderr
    assert cli("remove", "25/11/2026").exit_code == 0
    assert cli("remove", "25/11/2026").exit_code == 1
    assert "nghỉ tránh bão" not in cli("show", "11/2026", "--format", "json").stdout


def test_the_proposed_swap_is_confirmed_in_one_go(cli: Cli) -> None:
    done = cli("confirm", "23/11/2026", "28/11/2026", "--citation", "11000/VPCP-KGVX")
    assert done.exit_code == 0, done.stderr
    assert "Từ nay thứ Bảy 28/11/2026 làm việc." in done.stderr
    kinds = {row["day"]: row["kind"] for row in json.loads(cli("show", "11/2026", "--format", "json").stdout)}
    assert kinds == {"2026-11-23": "off", "2026-11-24": "off", "2026-11-28": "make_up"}


def test_replay_lists_what_moves_first_without_and_then_with_effect(services: Services, cli: Cli) -> None:
    owe(services)
    cli("add", *STORM)
    seen = cli("replay", "--dry-run", "--format", "json")
    done = cli("replay", "--format", "json")
    assert json.loads(seen.stdout) == json.loads(done.stdout)
    (row,) = json.loads(done.stdout)
    assert (row["was"], row["now"], row["cases"]) == ("2026-12-07", "2026-12-08", 1)
    assert row["why"] == "25/11/2026 là ngày nghỉ theo 15/CĐ-UBND"
    assert "1 hạn sẽ đổi (chưa ghi)" in seen.stderr
    assert "1 hạn đã đổi" in done.stderr
    assert json.loads(cli("replay", "--format", "json").stdout) == []


def test_replay_says_what_it_could_not_compute_and_ends_with_one(services: Services, cli: Cli) -> None:
    owe(services)
    with services.writing() as work:
        row = work.session.get_one(Obligation, 1)
        row.regulation = "tan-phong"
        work.session.add(row)
        work.commit()
    result = cli("replay")
    assert result.exit_code == 1
    assert "Không có quy định mã «tan-phong»" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("add", "2026-11-25", "--reason", "bão", "--citation", "1"), 2),
        (("add", "2026-11-25", "--off", "--working", "--reason", "bão", "--citation", "1"), 2),
        (("add", "hom-qua", "--off", "--reason", "bão", "--citation", "1"), 2),
        (("add", "2026-11-25", "--off", "--reason", "bão"), 2),
        (("add", "2026-11-25", "--off", "--reason", " ", "--citation", "1"), 1),
        (("add", "2019-11-25", "--off", "--reason", "bão", "--citation", "1"), 1),
        (("add", "2026-11-22", "--off", "--reason", "bão", "--citation", "1"), 1),
        (("remove", "2026-01-02"), 1),
        (("confirm", "2026-11-25", "--citation", "1"), 1),
        (("confirm", "2026-11-23"), 2),
        (("show", "2023"), 1),
        (("show", "2026-13"), 1),
        (("show", "nay"), 2),
    ],
)
def test_bad_input_is_refused(cli: Cli, arguments: tuple[str, ...], code: int) -> None:
    result = cli(*arguments)
    assert result.exit_code == code, result.stderr
    assert result.stderr
