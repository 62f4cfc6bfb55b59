"""`doithoai answers`: from the assignment to the verdict at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.answer_check import AnswerWarning, warnings
from casework.usecases.answers.answering import record_verdict
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

Cli = Callable[..., Result]
WRITE = ("--agency", "Phòng Kinh tế", "--document", "112/UBND-KT", "--date", "26/11/2026")


@pytest.fixture
def cli(services: Services) -> Cli:
    make_staff(services, Role.MODERATOR, name="Người soạn")
    make_staff(services, Role.APPROVER, name="Người duyệt")

    def run(*arguments: str, who: str = "Người soạn") -> Result:
        options = ["--staff", who, "--db", services.database.url, "--as-of", "2026-11-26"]
        return CliRunner().invoke(app, ["answers", *arguments, *options])

    return run


def test_an_answer_goes_from_assignment_to_verdict(services: Services, cli: Cli, tmp_path: Path) -> None:
    group = make_group(services)
    opinion = make_opinion(services, citizen=make_citizen(services), group=group)
    assert cli("assign", f"nhom:{group}", "--agency", "Phòng Kinh tế", "--due", "18/12/2026").exit_code == 0
    (owed,) = json.loads(cli("waiting", "--format", "json").stdout)
    assert (owed["agency"], owed["due_on"], owed["why"]) == ("Phòng Kinh tế", "2026-12-18", "assigned")

    letter = tmp_path / "tra-loi.txt"
    letter.write_text("UBND xã ghi nhận, tiếp thu ý kiến.", encoding="utf-8-sig")
    written = cli("write", f"nhom:{group}", *WRITE, "--file", str(letter), "--format", "json")
    number = str(json.loads(written.stdout)["id"])
    assert "Nên xem lại" in written.stderr

    refused = cli("publish", number, who="Người duyệt")
    assert (refused.exit_code, "chưa được duyệt" in refused.stderr) == (1, True)
    assert cli("approve", number).exit_code == 1
    assert cli("edit", number, "--text", "Đã thay 5 bóng đèn ngày 25/11/2026, đèn thôn 4 sáng trở lại.").exit_code == 0
    assert cli("approve", number, "--expected-version", "0", who="Người duyệt").exit_code == 1
    approved = cli("approve", number, who="Người duyệt")
    assert approved.exit_code == 0
    done = json.loads(cli("publish", number, "--format", "json", who="Người duyệt").stdout)
    assert (done["askers"], done["pushed"], done["waiting"]) == (1, 1, 0)
    assert cli("publish", number, who="Người duyệt").exit_code == 1
    assert len(notices_of(services, "answer")) == 1

    with services.writing() as work:
        record_verdict(work, answer_id=int(number), opinion_id=opinion.id or 0, settled=False)
        work.commit()
    (row,) = json.loads(cli("unsettled", "--format", "json").stdout)
    assert row["code"] == opinion.code
    shown = json.loads(cli("show", number, "--format", "json").stdout)
    assert (shown["state"], shown["not_settled"]) == ("published", 1)
    assert json.loads(cli("list", "--state", "draft", "--format", "json").stdout) == []


def test_tables_read_well_and_hold_every_column(services: Services, cli: Cli) -> None:
    group = make_group(services, "Đèn thôn 4")
    cli("write", f"nhom:{group}", *WRITE, "--text", "Đã thay bóng ngày 25/11/2026.", "--promised", "30/11/2026")
    table = cli("list", "--format", "table").stdout
    assert "Đèn thôn 4" in table
    assert "112/UBND-KT" in table
    assert "30/11/2026" in cli("show", "1", "--format", "table").stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("assign", "K7P", "--agency", "x"), 1),
        (("assign", "nhom:77", "--agency", "x"), 1),
        (("assign", "nhom:77"), 2),
        (("write", "nhom:77", *WRITE), 1),
        (("write", "nhom:77", *WRITE, "--file", "khong-co.txt"), 2),
        (("show", "77"), 1),
        (("approve", "x"), 2),
        (("waiting", "--conference", "HN-1"), 1),
    ],
)
def test_refusals_exit_1_and_wrong_usage_exits_2(cli: Cli, arguments: tuple[str, ...], code: int) -> None:
    assert cli(*arguments).exit_code == code


def test_words_come_from_one_place_and_in_utf8(services: Services, cli: Cli, tmp_path: Path) -> None:
    group = make_group(services)
    letter = tmp_path / "tra-loi.txt"
    letter.write_bytes("Đã sửa".encode("utf-16"))
    assert cli("write", f"nhom:{group}", *WRITE, "--file", str(letter)).exit_code == 1
    assert cli("write", f"nhom:{group}", *WRITE, "--file", str(letter), "--text", "Đã sửa").exit_code == 2


def test_a_second_spelling_of_an_agency_is_asked_about_and_another_agency_is_not(services: Services, cli: Cli) -> None:
    groups = [make_group(services, title=f"Việc {number}") for number in range(3)]
    first = cli("assign", f"nhom:{groups[0]}", "--agency", "Phòng Kinh tế xã Mường Ngàn", "--on", "25/11/2026")
    assert first.exit_code == 0, first.stderr
    for spelling in ("Phòng kinh tế", "phong kinh te xa muong ngan", "Phòng Kinh tế xã Mường Ngàm"):
        refused = cli("assign", f"nhom:{groups[1]}", "--agency", spelling)
        assert refused.exit_code == 1
        assert "Có phải «Phòng Kinh tế xã Mường Ngàn»?" in refused.stderr
    assert cli("assign", f"nhom:{groups[1]}", "--agency", "Phòng kinh tế", "--new-agency").exit_code == 0
    assert cli("assign", f"nhom:{groups[2]}", "--agency", "Phòng Văn hóa - Xã hội").exit_code == 0


def test_a_promised_date_is_a_date_and_each_warning_says_what_to_do() -> None:
    from admin_cli.answers import _TODO

    words = "Đang kiểm tra lại."
    assert AnswerWarning.NO_DATE in warnings(words)
    assert AnswerWarning.NO_DATE not in warnings(words, promised=True)
    assert set(_TODO) == set(AnswerWarning)
