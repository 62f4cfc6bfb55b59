"""`doithoai intake`: entering for somebody, the receipt, the form, the spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlmodel import col, select
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.intake_sheet import Column
from casework.usecases.work import Services
from storage.records import Citizen, Opinion, Role
from tests.casework.factories import make_staff

Cli = Callable[..., Result]
LAMP = "Đèn đường đầu ngõ hỏng cả tháng nay, tối đi lại sợ lắm."
YES = ("--process", "có", "--publish", "không")


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.MODERATOR, name="Người làm")

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["intake", *arguments, "--db", services.database.url, "--as-of", "2026-11-05"])

    return run


def _at_the_terminal(services: Services, *arguments: str, typed: str) -> subprocess.CompletedProcess[str]:
    """The command with somebody at its keyboard."""
    keyboard, stdin = os.openpty()
    command = [sys.executable, "-c", "import sys; from admin_cli.app import main; sys.exit(main())", "intake"]
    options = ["--db", services.database.url, "--as-of", "2026-11-05"]
    try:
        os.write(keyboard, typed.encode())
        return subprocess.run(
            [*command, *arguments, *options], stdin=stdin, capture_output=True, text=True, timeout=60, check=False
        )
    finally:
        os.close(keyboard)
        os.close(stdin)


def _opinions(services: Services) -> list[Opinion]:
    with services.reading() as work:
        return list(work.session.exec(select(Opinion).order_by(col(Opinion.id))))


def test_a_script_gives_every_answer_as_an_option(services: Services, cli: Cli) -> None:
    added = cli("add", LAMP, "--village", "xóm Trại", *YES, "--name", "Bà Sáu", "--format", "json")
    assert added.exit_code == 0, added.output
    said = json.loads(added.stdout)
    assert (said["village"], said["held"], said["sealed"]) == ("t4", False, False)
    (opinion,) = _opinions(services)
    assert said["code"].replace("-", "") == opinion.code
    assert f"doithoai intake receipt {said['code']}" in added.stderr
    again = cli("add", LAMP, "--village", "t4", *YES)
    assert again.exit_code == 1
    assert "--again" in again.stderr
    assert cli("add", LAMP, "--village", "t4", *YES, "--again").exit_code == 0


@pytest.mark.parametrize(
    ("options", "missing"),
    [
        (("--village", "t4"), "--process"),
        (("--village", "t4", "--process", "k"), "--publish"),
        (YES, "--village"),
    ],
)
def test_a_script_is_told_which_option_is_missing(
    services: Services, cli: Cli, options: tuple[str, ...], missing: str
) -> None:
    refused = cli("add", LAMP, *options)
    assert refused.exit_code == 2
    assert missing in refused.stderr
    assert _opinions(services) == []


def test_at_the_terminal_it_is_asked_step_by_step_with_the_sentences_to_read(services: Services, cli: Cli) -> None:
    typed = f"{LAMP}\n2\nchắc\n1\n2\nBà Sáu\n"
    added = _at_the_terminal(services, "add", "--format", "json", typed=typed)
    assert added.returncode == 0, added.stderr
    assert "2. thôn Hạ" in added.stderr
    assert "không nêu tên ra công khai" in added.stderr
    assert "không rõ" in added.stderr
    assert json.loads(added.stdout)["village"] == "ha"
    (opinion,) = _opinions(services)
    with services.reading() as work:
        assert work.session.get_one(Citizen, opinion.citizen_id).display_name == "Bà Sáu"
    # A moment later: the same words are asked about, and are another person's.
    again = _at_the_terminal(services, "add", LAMP, "--village", "ha", "--process", "k", "--publish", "k", typed="1\n")
    assert again.returncode == 0, again.stderr
    assert "một người khác" in again.stderr
    assert len(_opinions(services)) == 2


def test_a_denunciation_is_guided_and_gets_no_code(cli: Cli) -> None:
    words = "Tôi tố cáo ông trưởng thôn nhận tiền của hộ nghèo, lấy tiền hỗ trợ bão lụt chia nhau."
    added = cli("add", words, "--village", "t4", "--process", "không", "--format", "json")
    kept = {"code": None, "village": "t4", "village_name": "thôn 4", "held": True, "sealed": True}
    assert json.loads(added.stdout) == kept
    assert "thanh tra" in added.stderr


def test_a_wrong_name_or_number_is_refused_before_anything_is_kept(services: Services, cli: Cli) -> None:
    assert "Họ tên chưa đúng" in cli("add", LAMP, "--village", "t4", *YES, "--name", "Bà 6").stderr
    wrong = cli("add", LAMP, "--village", "t4", *YES, "--by-phone", "có", "--phone", "123")
    assert "10 chữ số" in wrong.stderr
    assert _opinions(services) == []


def test_the_receipt_is_written_and_says_when_there_is_no_door(cli: Cli, tmp_path: Path) -> None:
    code = json.loads(cli("add", LAMP, "--village", "t4", *YES, "--format", "json").stdout)["code"]
    out = tmp_path / "giay-hen.docx"
    printed = cli("receipt", code, "--out", str(out))
    assert printed.exit_code == 0, printed.output
    assert printed.stdout.strip() == str(out)
    assert out.stat().st_size > 5000
    assert "không có mã QR" in printed.stderr
    assert cli("receipt", "K7P-4MX", "--out", str(out)).exit_code == 1


def _fill(path: Path, *rows: dict[Column, Any]) -> None:
    book = load_workbook(path)
    page = book.worksheets[0]
    for number, row in enumerate(rows, start=2):
        for place, column in enumerate(Column, start=1):
            page.cell(row=number, column=place, value=row.get(column))
    book.save(path)


def _row(number: str, **changes: Any) -> dict[Column, Any]:
    values = {
        Column.NUMBER: number,
        Column.RECEIVED: "01/11/2026",
        Column.VILLAGE: "thôn 4",
        Column.TEXT: f"Đường ngõ {number} hỏng nặng, mưa là lầy lội.",
        Column.PROCESS: "Có",
        Column.PUBLISH: "Không",
    }
    return values | {Column[key]: value for key, value in changes.items()}


def test_form_look_import_and_report_go_hand_in_hand(services: Services, cli: Cli, tmp_path: Path) -> None:
    path, report = tmp_path / "phieu.xlsx", tmp_path / "kq.xlsx"
    assert cli("form", "--out", str(path)).exit_code == 0
    _fill(path, _row("1"), _row("2", RECEIVED="31/02/2026"), _row("3"))
    looked = cli("import", str(path), "--check", "--format", "json")
    assert looked.exit_code == 1
    assert "chưa ghi gì" in looked.stderr
    assert _opinions(services) == []
    done = cli("import", str(path), "--report", str(report), "--format", "csv")
    assert done.exit_code == 1
    assert [row["result"] for row in csv.DictReader(io.StringIO(done.stdout))] == ["taken", "refused", "taken"]
    assert "đã nhận 2; chưa nhận 1" in done.stderr
    assert load_workbook(report).worksheets[0].max_row == 4
    _fill(path, _row("1"), _row("2"), _row("3"))
    fixed = cli("import", str(path), "--format", "table")
    assert fixed.exit_code == 0
    assert "đã nhập" in fixed.stdout
    assert max(map(len, fixed.stdout.splitlines())) <= 80
    assert [one.source_ref for one in _opinions(services)] == ["tan-minh:1", "tan-minh:3", "tan-minh:2"]


def test_files_that_are_none_are_refused_in_words(cli: Cli, tmp_path: Path) -> None:
    lost = cli("import", str(tmp_path / "mat.xlsx"))
    assert lost.exit_code == 2
    assert "không có tệp" in lost.stderr
    broken = tmp_path / "hong.xlsx"
    broken.write_bytes(b"PK\x03\x04 hong")
    assert "hỏng" in cli("import", str(broken)).stderr
    assert cli("form", "--out", str(tmp_path / "f.docx")).exit_code == 2


def test_a_village_there_is_none_of_is_answered_with_those_there_are(cli: Cli) -> None:
    refused = cli("add", "Đèn đường đầu ngõ hỏng", "--village", "t9", "--process", "có", "--publish", "có")
    assert refused.exit_code == 1
    assert "«t9»" in refused.stderr
    assert "t4 (thôn 4)" in refused.stderr


def test_the_table_names_the_village_as_people_do(cli: Cli) -> None:
    added = cli(
        *("add", "Đèn đường đầu ngõ hỏng cả tháng", "--village", "t4"),
        *("--process", "không", "--publish", "có", "--by-phone", "không", "--format", "table"),
    )
    assert "thôn 4" in added.stdout
