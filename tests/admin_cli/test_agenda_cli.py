"""`doithoai agenda`: building, ordering, showing and exporting at the command line."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from docx import Document
from openpyxl import load_workbook
from typer.testing import CliRunner

from admin_cli.app import app
from casework.usecases.conference import conferences
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

CODE = "HN-20261128"
Cli = Callable[..., Result]


@pytest.fixture
def cli(services: Services) -> Cli:
    staff_id = make_staff(services, Role.MODERATOR, name="Người làm")
    conferences.plan(
        services, staff_id, title="Đối thoại", held_on=dt.date(2026, 11, 28), place="Hội trường", chair="Bí thư"
    )
    for title, people in (("Rác ngõ 12", 2), ("Đèn thôn 4", 1)):
        group = make_group(services, title)
        for _ in range(people):
            make_opinion(
                services, citizen=make_citizen(services, name="Lò Thị Tưởng"), group=group, text="=HYPERLINK()"
            )

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["agenda", *arguments, "--db", services.database.url, "--as-of", "2026-11-05"])

    return run


def test_the_agenda_is_built_ordered_and_shown(cli: Cli) -> None:
    built = json.loads(cli("build", CODE, "--format", "json").stdout)
    assert (built["lines"], built["people"], built["told"]) == (2, 3, 3)
    assert cli("move", CODE, "2", "1").exit_code == 0
    shown = json.loads(cli("show", CODE, "--format", "json").stdout)
    assert [(row["position"], row["title"]) for row in shown["rows"]] == [(1, "Đèn thôn 4"), (2, "Rác ngõ 12")]
    assert cli("drop", CODE, "1", "--why", "làm riêng").exit_code == 0
    again = json.loads(cli("build", CODE, "--max-lines", "5", "--format", "json").stdout)
    assert again["lines"] == 1


def test_only_the_internal_form_carries_names_and_words(cli: Cli) -> None:
    cli("build", CODE)
    for format_ in ("json", "csv", "table"):
        public = cli("show", CODE, "--format", format_)
        assert "Rác ngõ 12" in public.stdout
        assert "Tưởng" not in public.output
        assert "HYPERLINK" not in public.output
    rows = list(csv.DictReader(io.StringIO(cli("show", CODE, "--audience", "internal", "--format", "csv").stdout)))
    assert [(row["title"], row["name"]) for row in rows] == [
        ("Rác ngõ 12", "Lò Thị Tưởng"),
        ("Rác ngõ 12", "Lò Thị Tưởng"),
        ("Đèn thôn 4", "Lò Thị Tưởng"),
    ]
    assert rows[0]["words"] == "'=HYPERLINK()"


def test_documents_and_spreadsheets_are_written_by_the_ending_of_their_name(cli: Cli, tmp_path: Path) -> None:
    cli("build", CODE)
    word, sheet, summary = tmp_path / "a" / "nd.docx", tmp_path / "nd.xlsx", tmp_path / "th.docx"
    assert cli("export", CODE, "--out", str(word)).exit_code == 0
    assert cli("export", CODE, "--out", str(sheet), "--audience", "internal").exit_code == 0
    done = cli("export", CODE, "--out", str(summary), "--summary", "--number", "05", "--date", "05/01/2027")
    assert done.exit_code == 0
    assert "2 dòng" in done.stderr
    assert "Rác ngõ 12" in [cell.text for row in Document(str(word)).tables[1].rows for cell in row.cells]
    assert load_workbook(sheet).active is not None
    assert "Số: 05/BC-MTTQ-BTT" in Document(str(summary)).tables[0].rows[0].cells[0].text


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("show", "HN-1"), 1),
        (("move", CODE, "9", "1"), 1),
        (("export", CODE, "--out", "nd.pdf"), 2),
        (("export", CODE, "--out", "nd.docx", "--docx", "--xlsx"), 2),
        (("export", CODE, "--out", "nd.xlsx", "--summary"), 1),
        (("export", CODE, "--out", "nd.docx", "--number", "05"), 1),
        (("build", CODE, "--max-lines", "0"), 2),
        (("drop", CODE, "1"), 2),
    ],
)
def test_refusals_exit_1_and_wrong_usage_exits_2(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int
) -> None:
    monkeypatch.chdir(tmp_path)
    cli("build", CODE)
    assert cli(*arguments).exit_code == code
    assert list(tmp_path.glob("nd.*")) == []


def test_a_folder_that_cannot_be_written_is_a_refusal(cli: Cli, tmp_path: Path) -> None:
    cli("build", CODE)
    (tmp_path / "taken").write_text("", encoding="utf-8")
    result = cli("export", CODE, "--out", str(tmp_path / "taken" / "nd.docx"))
    assert result.exit_code == 1
    assert "Không ghi được tệp" in result.stderr


def test_a_public_agenda_remarks_titles_that_no_person_has_read_until_one_is_given(cli: Cli, tmp_path: Path) -> None:
    cli("build", CODE)
    assert "Còn 2 dòng mang tên máy đặt, chưa ai đọc lại: 1, 2." in cli("show", CODE, "--format", "table").stderr
    assert cli("title", CODE, "1", "Thu gom rác ngõ 12").exit_code == 0
    exported = cli("export", CODE, "--out", str(tmp_path / "a.xlsx"))
    assert exported.exit_code == 0
    assert "Còn 1 dòng mang tên máy đặt, chưa ai đọc lại: 2." in exported.stderr
    assert f'doithoai agenda title {CODE} DÒNG "tên việc"' in exported.stderr
    assert "máy đặt" not in cli("show", CODE, "--audience", "internal", "--format", "table").stderr
    assert json.loads(cli("show", CODE, "--format", "json").stdout)["rows"][0]["title"] == "Thu gom rác ngõ 12"
    assert cli("title", CODE, "2", "Gọi 0912345678").exit_code != 0
