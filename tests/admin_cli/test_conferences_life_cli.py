"""`doithoai conferences`: plan by the regulation, steps, a new day, an early end, what is owed, the file, the annex."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from docx import Document
from typer.testing import CliRunner

from admin_cli.app import app
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.conference_factories import add_issue, under
from tests.casework.factories import make_staff

Cli = Callable[..., Result]
CODE = "HN-20261210"
PLAN = ("--title", "Đối thoại", "--date", "10/12/2026", "--place", "Hội trường xã", "--chair", "Chủ tịch UBND xã")


@pytest.fixture
def cli(services: Services) -> Cli:
    under(services, "dien-bien")
    make_staff(services, Role.MODERATOR, Role.APPROVER, name="Người làm")

    def run(*arguments: str, day: str = "2026-11-05", noun: str = "conferences") -> Result:
        return CliRunner().invoke(app, [noun, *arguments, "--db", services.database.url, "--as-of", day])

    return run


def test_a_plan_says_on_stderr_what_the_regulation_adds_and_refuses_what_it_forbids(cli: Cli) -> None:
    refused = cli("plan", *PLAN, "--secretary", "A")
    assert (refused.exit_code, refused.stdout) == (1, "")
    assert "Điện Biên" in refused.stderr
    planned = cli("plan", *PLAN, "--secretary", "A", "--secretary", "B", "--form", "online", "--format", "json")
    assert planned.exit_code == 0, planned.stderr
    row = json.loads(planned.stdout)
    assert (row["secretaries"], row["regulation"]) == (["A", "B"], "dien-bien, bản 2024")
    assert "cùng chủ trì còn có" in planned.stderr
    assert "chỉ nói họp trực tiếp" in planned.stderr
    assert "Kế hoạch phải có" in planned.stderr


def test_steps_are_written_listed_voided(cli: Cli) -> None:
    cli("plan", *PLAN)
    done = cli("step", CODE, "gửi giấy mời", "--number", "5/GM", "--format", "json")
    assert json.loads(done.stdout)["step"] == "invitations_sent"
    assert cli("void-step", CODE, "invitations_sent", "--why", "in sai").exit_code == 0
    (row,) = json.loads(cli("steps", CODE, "--format", "json").stdout)
    assert row["void_why"] == "in sai"
    assert cli("step", CODE, "held").exit_code == 1
    assert cli("step", CODE, "plan", "--done-on", "31/2/2026").exit_code == 2


def test_a_move_refuses_a_day_too_near_names_the_rule_and_takes_a_reason(cli: Cli) -> None:
    cli("plan", *PLAN)
    refused = cli("move", CODE, "9/11/2026", "--why", "bão")
    assert refused.exit_code == 1
    assert "mục V.1, ý 2" in refused.stderr
    moved = cli("move", CODE, "9/11/2026", "--why", "bão", "--force", "chỉ đạo của tỉnh", "--format", "json")
    assert (moved.exit_code, json.loads(moved.stdout)["new"]) == (0, "2026-11-09")
    assert "Không kịp hạn" in moved.stderr


def test_the_checklist_fits_eighty_columns_and_says_who_owes_what_by_when(cli: Cli) -> None:
    cli("plan", *PLAN)
    table = cli("checklist", CODE, "--format", "table")
    assert max(len(line) for line in table.stdout.splitlines()) <= 80
    assert "03/12/2026" in table.stdout
    items = json.loads(cli("checklist", CODE, "--format", "json").stdout)
    notice = next(item for item in items if item["step"] == "public_notice")
    assert (notice["due_on"], notice["state"], notice["required"]) == ("2026-12-03", "owed", True)
    late = json.loads(cli("checklist", CODE, "--open", "--format", "json", day="2026-12-04").stdout)
    assert next(item for item in late if item["step"] == "public_notice")["state"] == "late"


def test_a_conference_is_stopped_concluded_and_its_file_stays_open_while_a_line_waits(
    services: Services, cli: Cli
) -> None:
    cli("plan", *PLAN)
    add_issue(services, "Đèn tắt")
    add_issue(services, "Rác ngõ 12")
    cli("build", CODE, noun="agenda")
    day = "2026-12-10"
    held = cli("hold", CODE, "--attendance", "120", "--invited", "150", "--group", "thôn 4=30", day=day)
    assert held.exit_code == 0, held.stderr
    assert "Chưa đúng quy định" in held.stderr
    assert cli("hold", CODE, "--group", "thôn 4", day=day).exit_code == 2
    cli("outcome", CODE, "1", "answered", "--note", "Đã thay 5 bóng ngày 9/12.", day=day)
    stopped = cli("stop", CODE, "--why", "mất điện", day=day)
    assert "1 dòng chưa tới lượt" in stopped.stderr
    cli("conclude", CODE, "--number", "5/TB", "--date", "10/12/2026", day=day)
    refused = cli("close", CODE, day=day)
    assert refused.exit_code == 1
    assert "dòng 2 «Rác ngõ 12»" in refused.stderr
    rows = json.loads(cli("file", CODE, "--format", "json", day=day).stdout)
    assert [row["line"] for row in rows] == [1, 2]


def test_a_failed_dialogue_is_reported_closed_and_reopened(services: Services, cli: Cli) -> None:
    cli("plan", *PLAN)
    add_issue(services, "Đèn tắt")
    cli("build", CODE, noun="agenda")
    day = "2026-12-10"
    assert "báo 1 người" in cli("fail", CODE, "--why", "không thống nhất", day=day).stderr
    for step in ("ký biên bản", "upward_reported"):
        assert cli("step", CODE, step, day=day).exit_code == 0
    closed = cli("close", CODE, "--format", "json", day=day)
    assert json.loads(closed.stdout)["closed_on"] == day
    assert cli("reopen", CODE, "--why", "thiếu chữ ký", day=day).exit_code == 0


def test_an_annex_with_a_gap_exits_1_and_a_whole_one_0(services: Services, cli: Cli, tmp_path: Path) -> None:
    cli("plan", *PLAN)
    add_issue(services, "Đèn đường trục thôn 4 không sáng")
    cli("build", CODE, noun="agenda")
    gap = cli("check-annex", CODE, str(annex(tmp_path / "thieu.docx", "")), "--format", "json")
    assert gap.exit_code == 1
    assert [row["finding"] for row in json.loads(gap.stdout)] == ["empty"]
    whole = cli(
        "check-annex", CODE, str(annex(tmp_path / "du.docx", "Đã thay bóng ngày 20/11/2026.")), "--format", "json"
    )
    assert (whole.exit_code, json.loads(whole.stdout)) == (0, [])
    (tmp_path / "la.docx").write_text("không phải Word")
    assert cli("check-annex", CODE, str(tmp_path / "la.docx")).exit_code == 1
    assert cli("check-annex", CODE, str(tmp_path / "khong-co.docx")).exit_code == 2


def annex(path: Path, answer: str) -> Path:
    document = Document()
    table = document.add_table(rows=2, cols=3)
    for place, text in enumerate(("TT", "Ý kiến, kiến nghị", "Trả lời")):
        table.cell(0, place).text = text
    for place, text in enumerate(("1", "Đèn đường trục thôn 4 không sáng", answer)):
        table.cell(1, place).text = text
    document.save(str(path))
    return path


def test_the_programme_follows_the_text_with_the_hours_it_fixes(cli: Cli) -> None:
    cli("plan", *PLAN, "--time", "8h")
    points = json.loads(cli("programme", CODE, "--format", "json").stdout)
    assert [point["starts_at"] for point in points[:3]] == ["8 giờ 00", "8 giờ 10", None]
    assert len(points) == 10


def test_officials_are_named_and_shown(cli: Cli) -> None:
    cli("plan", *PLAN)
    assert cli("officials", CODE, "--secretary", "A").exit_code == 1
    named = cli("officials", CODE, "--secretary", "A", "--secretary", "B", "--co-chair", "Chủ tịch HĐND xã")
    assert named.exit_code == 0, named.stderr
    assert "Thư ký" in cli("show", CODE, "--format", "table").stdout


@pytest.mark.parametrize(
    "arguments", [("checklist", "HN-1"), ("steps", "HN-1"), ("close", "HN-1"), ("file", "HN-1"), ("programme", "HN-1")]
)
def test_an_unknown_conference_is_refused_with_exit_1(cli: Cli, arguments: tuple[str, ...]) -> None:
    assert cli(*arguments).exit_code == 1
