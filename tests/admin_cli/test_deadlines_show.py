"""`doithoai deadlines show`: what other programs read, what people see, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from admin_cli.app import app
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_staff

Show = Callable[..., Result]
KEYS = [
    *("duty", "due_on", "count", "unit", "direction", "trigger", "trigger_on", "citation", "quote", "assumed"),
    *("skipped", "explanation"),
]
DUTIES = {
    *("front_summary", "preparatory_meeting", "opinion_cutoff", "invitation", "public_notice", "conclusion_notice"),
    *("quick_answer", "assignment", "final_answer", "publish_result", "half_year_report", "annual_report", "retention"),
}
PROVINCES = ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong"]


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Show:
    """The command in a folder without database or settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOITHOAI_DATABASE_URL", raising=False)

    def run(*arguments: str, regulation: str = "thanh-hoa", conference: str = "2026-11-20") -> Result:
        return CliRunner().invoke(
            app, ["deadlines", "show", "--regulation", regulation, "--conference", conference, *arguments]
        )

    return run


def rows(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.stderr
    found: list[dict[str, Any]] = json.loads(result.stdout)
    return found


@pytest.mark.parametrize("regulation", PROVINCES)
def test_each_row_has_the_keys_others_read_in_their_order_and_no_other_duty(show: Show, regulation: str) -> None:
    found = rows(show("--format", "json", regulation=regulation))
    for row in found:
        assert list(row)[: len(KEYS)] == KEYS
        assert row["duty"] in DUTIES
        assert row["unit"] in ("working_day", "calendar_day")
        assert row["direction"] in ("before", "after")
        assert all(set(day) == {"date", "reason"} for day in row["skipped"])
        assert row["explanation"]
        assert row["citation"]
    assert {"pháp luật chung"} < {row["source"] for row in found}
    assert {"public_notice", "publish_result"} <= {row["duty"] for row in found if row["regulation"] == "quoc-gia"}
    days = [row["due_on"] for row in found]
    assert days == sorted(days, key=lambda day: (day is None, day))


def test_a_row_says_the_whole_count(show: Show) -> None:
    (row,) = [row for row in rows(show("--format", "json")) if row["duty"] == "quick_answer"]
    assert row | {"explanation": ""} == {
        "duty": "quick_answer",
        "due_on": "2026-12-07",
        "count": 10,
        "unit": "working_day",
        "direction": "after",
        "trigger": "conference",
        "trigger_on": "2026-11-20",
        "citation": "Hướng dẫn tổ chức đối thoại của Mặt trận năm 2022, mục II.3, ý 6",
        "quote": "chậm nhất sau 10 ngày làm việc",
        "assumed": False,
        "skipped": [
            {"date": "2026-11-21", "reason": "thứ Bảy"},
            {"date": "2026-11-22", "reason": "Chủ nhật"},
            {"date": "2026-11-24", "reason": "ngày Văn hóa Việt Nam"},
            {"date": "2026-11-28", "reason": "thứ Bảy"},
            {"date": "2026-11-29", "reason": "Chủ nhật"},
            {"date": "2026-12-05", "reason": "thứ Bảy"},
            {"date": "2026-12-06", "reason": "Chủ nhật"},
        ],
        "explanation": "",
        "regulation": "thanh-hoa",
        "regulation_version": "2022",
        "rule": "II.3g",
        "holder": "chair",
        "source": "Thanh Hóa",
    }


def test_the_final_answer_waits_for_the_conclusion_notice_and_is_dated_by_it(show: Show) -> None:
    def final(*arguments: str) -> Any:
        return [row["due_on"] for row in rows(show("--format", "json", *arguments)) if row["duty"] == "final_answer"]

    assert final() == [None]
    assert final("--conclusion-notice", "2026-12-07") == ["2027-01-05"]
    assert final("--conclusion-notice", "7/12/2026") == ["2027-01-05"]


def test_an_ad_hoc_conference_owes_what_the_regulation_asks_of_it(show: Show) -> None:
    found = rows(show("--ad-hoc", "--format", "json", regulation="ha-noi"))
    assert [row["regulation"] for row in found if row["duty"] == "public_notice"] == ["quoc-gia"]


def test_five_years_are_told_in_days(show: Show) -> None:
    def kept(*arguments: str) -> dict[str, Any]:
        return rows(show("--why", "retention", "--format", "json", *arguments, regulation="dien-bien"))[0]

    waiting, dated = kept(), kept("--file-closed", "2027-01-29")
    assert (waiting["due_on"], waiting["count"], waiting["unit"]) == (None, 1826, "calendar_day")
    assert (dated["due_on"], dated["count"], dated["unit"]) == ("2032-01-29", 1826, "calendar_day")


def test_all_adds_what_is_owed_outside_the_interface(show: Show) -> None:
    assert {row["duty"] for row in rows(show("--all", "--format", "json"))} - DUTIES == {
        "upward_summary",
        "acknowledgement",
    }


def test_the_table_fits_eighty_columns_and_why_gives_the_sentence(show: Show, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    for regulation in PROVINCES:
        table = show("--format", "table", regulation=regulation).stdout
        assert max(len(line) for line in table.splitlines()) <= 80
        assert "chưa có" in table or regulation == "dien-bien"
    told = show("--format", "table", "--why", "front_summary").stdout
    assert "Gửi bản tổng hợp ý kiến chậm nhất thứ Tư 11/11/2026: ngày làm việc thứ 7 đếm ngược" in told


def test_proposed_days_within_a_count_are_mentioned_beside_the_result(show: Show) -> None:
    result = show("--format", "json")
    assert "23/11/2026 mới được đề xuất là ngày nghỉ" in result.stderr
    assert "đề xuất" not in show("--format", "json", conference="2026-08-20", regulation="hai-phong").stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--conference", "2026-02-30"], "Không có ngày «2026-02-30»"),
        (["--conference", "31/4/2026"], "Không có ngày «31/4/2026»"),
        (["--conclusion-notice", "2026-11-19"], "Thông báo kết luận (19/11/2026) không thể trước ngày họp"),
        (["--assignment-received", "2026-11-19"], "nhận văn bản giao việc (19/11/2026) không thể trước"),
        (["--regulation", "tan-phong"], "Không có quy định mã «tan-phong»"),
        (["--conference", "2023-06-01"], "Chưa có lịch ngày nghỉ của năm 2023"),
        (["--conference", "2150-06-01"], "Chưa có lịch ngày nghỉ của năm 2150"),
        (["--regulation", "hai-phong", "--conference", "2025-07-17"], "không có bản nào"),
        (["--db", "sqlite:///nowhere.db"], "Chưa có cơ sở dữ liệu"),
    ],
)
def test_what_cannot_be_is_refused_with_a_word_why(show: Show, arguments: list[str], words: str) -> None:
    result = show(*arguments)
    assert (result.exit_code, result.stdout) == (1, "")
    assert words in result.stderr


@pytest.mark.parametrize("arguments", [["--conference", "hom-qua"], ["--why", "tea"], ["--level", "huyen"], ["--x"]])
def test_wrong_usage_is_told_apart(show: Show, arguments: list[str]) -> None:
    assert show(*arguments).exit_code == 2


def test_the_offices_own_days_count_when_there_is_a_database(
    show: Show, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_staff(services, Role.APPROVER)
    added = CliRunner().invoke(
        app,
        [
            *("calendar", "add", "2026-11-25", "--off", "--reason", "nghỉ tránh bão", "--citation", "15/CĐ-UBND"),
            *("--db", services.database.url),
        ],
    )
    assert added.exit_code == 0, added.stderr

    def due(*arguments: str) -> str:
        return str(rows(show("--why", "quick_answer", "--format", "json", *arguments))[0]["due_on"])

    assert due("--db", services.database.url) == "2026-12-08"
    assert due() == "2026-12-08", "the database of the folder one works in"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert due() == "2026-12-07"
