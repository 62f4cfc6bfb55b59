"""`doithoai documents`: listing the kinds, making one or all, copying the templates."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.usecases.conference import conferences
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

CODE = "HN-20261128"
NAME = "Lò Thị Tưởng"
Cli = Callable[..., Result]


@pytest.fixture
def cli(services: Services) -> Cli:
    staff_id = make_staff(services, Role.MODERATOR, name="Bà Mai")
    make_staff(services, Role.VILLAGE_OFFICER, name="Ông Sự")
    conferences.plan(
        services, staff_id, title="Đối thoại", held_on=dt.date(2026, 11, 28), place="Hội trường", chair="Bí thư"
    )
    group = make_group(services, "Đèn thôn 4 tắt")
    make_opinion(services, citizen=make_citizen(services, name=NAME), group=group, text="Đèn tắt")
    conferences.build_agenda(services, staff_id, CODE)

    def run(*arguments: str, staff: str = "Bà Mai") -> Result:
        more = ["--staff", staff, "--db", services.database.url, "--as-of", "2026-11-05"]
        return CliRunner().invoke(app, ["documents", *arguments, *(more if arguments[0] == "make" else [])])

    return run


def words(path: Path) -> str:
    document = Document(str(path))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])


def test_the_list_says_what_there_is_for_whom_and_from_which_template(cli: Cli) -> None:
    rows = json.loads(cli("list", "--format", "json").stdout)
    named = {(row["name"], row["audience"]): row for row in rows}
    assert named["plan", "internal"]["templates"] == ["plan.docx"]
    assert {audience for name, audience in named if name == "summary"} == {"leaders", "upper_front", "public"}
    table = cli("list", "--format", "table").stdout
    assert "Giấy mời" in table
    assert max(len(line) for line in table.splitlines()) <= 80


def test_one_paper_is_made_and_its_blanks_are_named(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "moi" / "ke-hoach.docx"
    made = cli("make", "plan", CODE, "--out", str(out))
    assert made.exit_code == 0
    assert made.stdout.strip() == str(out)
    assert "Còn trống: " in made.stderr
    assert "giờ họp" in made.stderr
    assert "DỰ THẢO" in words(out)
    signed = cli("make", "plan", CODE, "--out", str(out), "--number", "07", "--signed-on", "5/11/2026")
    assert signed.exit_code == 0
    assert "Số: 07/KH-MTTQ-BTT" in words(out)


def test_a_kind_with_several_forms_asks_for_whom(cli: Cli, tmp_path: Path) -> None:
    unclear = cli("make", "summary", CODE, "--out", str(tmp_path))
    assert unclear.exit_code == 1
    assert "--audience leaders" in unclear.stderr
    assert cli("make", "summary", CODE, "--out", str(tmp_path), "--audience", "public").exit_code == 0
    assert NAME not in words(tmp_path / f"tong-hop-y-kien-cong-khai-{CODE}.docx")
    assert cli("make", "summary", CODE, "--audience", "bao-chi").exit_code == 2
    assert cli("make", "giấy mời", CODE, "--out", str(tmp_path)).exit_code == 0
    assert (tmp_path / f"giay-moi-{CODE}.docx").exists()
    unknown = cli("make", "thiệp cưới", CODE)
    assert unknown.exit_code == 1
    assert "documents list" in unknown.stderr


def test_all_makes_what_fits_the_stage_and_says_once_what_many_lack(cli: Cli, tmp_path: Path) -> None:
    made = cli("make", "all", CODE, "--out", str(tmp_path / "ho-so"))
    assert made.exit_code == 0
    files = {path.name for path in (tmp_path / "ho-so").iterdir()}
    for name in ("ke-hoach", "giay-moi", "thong-bao", "chuong-trinh", "noi-quy", "noi-dung-cong-khai"):
        assert f"{name}-{CODE}.docx" in files
    assert not any("cap-tren" in name for name in files)
    assert made.stderr.count("họ tên người ký") == 1
    assert made.stderr.count("Nên xem lại: dòng mang tên máy đặt, chưa ai đọc lại: 1.") == 1
    assert cli("make", "all", CODE, "--out", str(tmp_path / "a.docx")).exit_code == 1
    numbered = cli("make", "all", CODE, "--out", str(tmp_path), "--number", "5", "--signed-on", "2026-11-05")
    assert numbered.exit_code == 1


def test_all_leaves_out_what_the_role_does_not_allow_and_says_so(cli: Cli, tmp_path: Path) -> None:
    made = cli("make", "all", CODE, "--out", str(tmp_path), staff="Ông Sự")
    assert made.exit_code == 1
    assert "Báo cáo tổng hợp ý kiến: đủ tên" in made.stderr
    files = {path.name for path in tmp_path.iterdir()}
    assert f"thong-bao-{CODE}.docx" in files
    assert f"tong-hop-y-kien-lanh-dao-{CODE}.docx" not in files


def test_all_for_one_audience_makes_only_its_forms(cli: Cli, tmp_path: Path) -> None:
    assert cli("make", "all", CODE, "--out", str(tmp_path / "cong-khai"), "--audience", "public").exit_code == 0
    for path in (tmp_path / "cong-khai").iterdir():
        assert NAME not in words(path), path.name


def test_what_somebody_edited_stays_until_force(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "giay-moi.docx"
    assert cli("make", "invitation", CODE, "--out", str(out)).exit_code == 0
    edited = Document(str(out))
    edited.add_paragraph("Kính mời bà Tưởng Tượng")
    edited.save(str(out))
    refused = cli("make", "invitation", CODE, "--out", str(out))
    assert refused.exit_code == 1
    assert "--force" in refused.stderr
    assert "Tưởng Tượng" in words(out)
    assert cli("make", "invitation", CODE, "--out", str(out), "--force").exit_code == 0


def test_templates_are_copied_edited_and_used(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mau"
    copied = cli("templates", "--out", str(folder))
    assert copied.exit_code == 0
    assert str(folder / "plan.docx") in copied.stdout
    own = Document(str(folder / "plan.docx"))
    own.add_paragraph("Ý riêng của xã: {{ chair }}")
    own.save(str(folder / "plan.docx"))
    again = cli("templates", "--out", str(folder))
    assert "plan.docx" in again.stderr
    assert cli("make", "plan", CODE, "--out", str(tmp_path), "--templates", str(folder)).exit_code == 0
    assert "Ý riêng của xã: Bí thư" in words(tmp_path / f"ke-hoach-{CODE}.docx")
    monkeypatch.setenv("DOITHOAI_TEMPLATES_DIR", str(folder))
    assert cli("make", "plan", CODE, "--out", str(tmp_path / "moi")).exit_code == 0
    assert "Ý riêng của xã: Bí thư" in words(tmp_path / "moi" / f"ke-hoach-{CODE}.docx")
    monkeypatch.delenv("DOITHOAI_TEMPLATES_DIR")
    cli("templates", "--out", str(folder), "--force")
    assert "Ý riêng" not in words(folder / "plan.docx")
    missing = cli("make", "plan", CODE, "--out", str(tmp_path), "--templates", str(tmp_path / "khong-co"))
    assert missing.exit_code == 1


def test_a_spreadsheet_is_made_where_one_is_named(cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "bang.xlsx"
    result = cli("make", "case-file", CODE, "--out", str(out))
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [str(out)]
    sheet = load_workbook(out).active
    assert sheet is not None
    assert sheet["C2"].value == NAME
    refused = cli("make", "case-file-sheet", CODE, "--out", str(tmp_path / "bang.docx"))
    assert refused.exit_code == 1
    assert not (tmp_path / "bang.docx").exists()
