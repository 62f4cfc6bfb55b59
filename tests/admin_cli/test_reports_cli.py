"""`doithoai reports`: what is due, figures and what stands behind them, documents, what was sent, the sealed list."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.codes import spoken
from casework.usecases.work import Services
from storage.records import OpinionState, Role
from tests.casework.factories import make_opinion, make_staff

Cli = Callable[..., Result]


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.MODERATOR, Role.APPROVER, name="Người duyệt")
    make_staff(services, Role.CONFIDENTIAL, name="Người giữ việc mật")

    def run(*arguments: str, day: str = "2026-12-08", staff: str = "Người duyệt") -> Result:
        common = ["--db", services.database.url, "--as-of", day, "--staff", staff]
        return CliRunner().invoke(app, ["reports", *arguments, *common])

    return run


def test_the_list_fits_a_terminal_and_says_what_is_due(cli: Cli) -> None:
    shown = cli("list", "--format", "table")
    assert shown.exit_code == 0, shown.stderr
    assert "10/12/2026" in shown.stdout
    assert "chưa gửi" in shown.stdout
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80
    (row,) = json.loads(cli("list", "--format", "json").stdout)
    assert (row["kind"], row["period"], row["due_on"], row["state"]) == ("annual", "2026", "2026-12-10", "due")


def test_a_figure_is_shown_and_explained_down_to_its_codes(services: Services, cli: Cli) -> None:
    opinion = make_opinion(services, state=OpinionState.ASSIGNED)
    make_opinion(services, sealed=True, state=OpinionState.HELD)
    shown = cli("show", "annual", "--period", "2026", "--format", "table")
    assert shown.exit_code == 0, shown.stderr
    assert max(len(line) for line in shown.stdout.splitlines()) <= 80
    told = json.loads(cli("show", "annual", "--period", "2026", "--explain", "waiting", "--format", "json").stdout)
    assert (told["value"], told["codes"]) == (1, [spoken(opinion.code or "")])
    total = json.loads(cli("show", "annual", "--explain", "received", "--format", "json").stdout)
    assert (total["value"], total["counted_only"]) == (2, 1)
    topic = json.loads(cli("show", "annual", "--explain", "topic:dien-chieu-sang", "--format", "json").stdout)
    assert topic["codes"] == [spoken(opinion.code or "")]


def test_documents_are_made_and_never_written_over_what_a_person_edited(cli: Cli, tmp_path: Path) -> None:
    made = cli("make", "annual", "--period", "2026", "--out", str(tmp_path / "out"))
    assert made.exit_code == 0, made.stderr
    assert {Path(line).name for line in made.stdout.split()} == {"bao-cao-nam-2026.docx", "bao-cao-nam-2026.xlsx"}
    assert "Còn phần để anh/chị viết" in made.stderr
    again = cli("make", "annual", "--period", "2026", "--out", str(tmp_path / "out"))
    assert again.exit_code == 0, again.stderr


def test_what_was_sent_stays_and_shows_in_the_list(services: Services, cli: Cli) -> None:
    make_opinion(services)
    assert cli("sent", "annual", "--period", "2026", "--number", "12/BC-MTTQ-BTT", "--on", "08/12/2026").exit_code == 0
    make_opinion(services)
    shown = cli("show", "annual", "--period", "2026", "--format", "json")
    assert {row["key"]: row["value"] for row in json.loads(shown.stdout)}["received"] == 1
    assert "12/BC-MTTQ-BTT" in shown.stderr
    (row,) = json.loads(cli("list", "--format", "json").stdout)
    assert (row["state"], row["number"]) == ("sent", "12/BC-MTTQ-BTT")
    twice = cli("sent", "annual", "--period", "2026", "--number", "13/BC", "--on", "08/12/2026")
    assert twice.exit_code == 1
    assert "đã gửi" in twice.stderr


def test_the_export_carries_every_number_and_no_key_of_an_opinion(services: Services, cli: Cli) -> None:
    make_opinion(services)
    exported = json.loads(cli("export", "annual", "--period", "2026", "--format", "json").stdout)
    (received,) = [one for one in exported["figures"] if one["key"] == "received"]
    assert received["value"] == 1
    assert "opinions" not in received
    assert exported["by_topic"][0]["opinions"]["value"] == 1
    assert "opinions" not in exported["by_topic"][0]["opinions"]
    rows = list(csv.DictReader(io.StringIO(cli("export", "annual", "--period", "2026", "--format", "csv").stdout)))
    assert {row["key"]: row["value"] for row in rows}["topic:dien-chieu-sang"] == "1"


def test_the_sealed_list_answers_the_keeper_and_nobody_else(cli: Cli, tmp_path: Path) -> None:
    words = ("--name", "Ông Nguyễn Văn Giả", "--post", "cán bộ thôn", "--matter", "thu tiền không biên lai")
    keeper = "Người giữ việc mật"
    assert cli("officials", "add", *words, staff=keeper).exit_code == 0
    assert "Văn Giả" in cli("officials", "list", "--format", "table", staff=keeper).stdout
    made = cli("make", "annual", "--sealed", "--out", str(tmp_path / "sealed"), staff=keeper)
    assert made.exit_code == 0, made.stderr
    for arguments in (("officials", "list"), ("officials", "erase", "1"), ("officials", "add", *words)):
        refused = cli(*arguments)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert "Không tìm thấy" in refused.stderr
    assert cli("make", "annual", "--sealed", "--out", str(tmp_path / "no")).exit_code == 1
    assert not (tmp_path / "no").exists()
    assert cli("officials", "erase", "1", staff=keeper).exit_code == 0
    assert json.loads(cli("officials", "list", "--format", "json", staff=keeper).stdout) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", "conference"),
        ("show", "conference", "--period", "2026"),
        ("show", "annual", "--conference", "HN-1"),
        ("show", "annual", "--period", "năm nay"),
        ("show", "conference", "--conference", "HN-KHONG-CO"),
        ("show", "annual", "--explain", "khong-co"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_to_do(cli: Cli, arguments: tuple[str, ...]) -> None:
    refused = cli(*arguments)
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "\n" in refused.stderr.strip()


def test_help_does_not_load_the_drawing_library() -> None:
    code = "import sys, admin_cli.reports; sys.exit('matplotlib' in sys.modules or 'docx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_figure_is_explained_to_people_in_vietnamese_without_empty_lines(services: Services, cli: Cli) -> None:
    told = cli("show", "annual", "--period", "2026", "--explain", "resolved", "--format", "table").stdout
    assert "Trả lời bằng văn bản (answered_in_writing)" in told
    assert "Hội nghị " not in told.replace("tại hội nghị", "")
    assert "Chỉ được đếm" not in told
