"""`doithoai competence`: the map as a clerk looks things up in it and checks a file of the office."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from nlp.competence import shipped
from nlp.vocabulary import vocabulary

OWN = """
[[row]]
matters = ["giao-thong/traffic-light"]
level = "xa"
body = "ubnd-xa"
basis = "Quyết định giao đèn tín hiệu"
mark = "sure"
until = 2027-02-28
"""


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOITHOAI_COMPETENCE_FILE", raising=False)


def run(*arguments: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["competence", *arguments], env=environment)


def rows(*arguments: str) -> Any:
    done = run(*arguments, "--format", "json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "rieng.toml"
    file.write_text(OWN, encoding="utf-8")
    return file


def test_the_list_names_every_matter_with_who_settles_it() -> None:
    listed = rows("list")
    assert [row["matter"] for row in listed] == sorted(vocabulary().issues)
    assert all(row["body"] in shipped().bodies and row["basis"] for row in listed)


def test_the_list_can_be_of_one_topic() -> None:
    assert {row["matter"].partition("/")[0] for row in rows("list", "--topic", "giao thông")} == {"giao-thong"}


def test_the_bodies_are_listed_with_the_codes_a_file_may_use() -> None:
    assert {row["code"] for row in rows("bodies")} == set(shipped().bodies)


def test_a_message_is_explained_today_and_in_the_days_of_the_district() -> None:
    text = "làm sổ đỏ lần đầu ở đâu"
    today, then = rows("explain", text), rows("explain", text, "--as-of", "2025-06-01")
    assert (today["level"], today["body"], today["mark"]) == ("xa", "ubnd-xa", "sure")
    assert (then["level"], then["body"]) == ("huyen", "ubnd-huyen")


def test_small_talk_is_refused_in_words() -> None:
    done = run("explain", "chào anh chị")
    assert done.exit_code == 1
    assert "không phải ý kiến" in done.output


def test_the_file_of_the_office_is_taken_from_the_option_or_the_setting(own: Path) -> None:
    text = "đèn đỏ ngã tư hỏng"
    assert rows("explain", text, "--file", str(own), "--as-of", "2026-11-02")["by_office"]
    done = run("explain", text, "--as-of", "2026-11-02", "--format", "json", DOITHOAI_COMPETENCE_FILE=str(own))
    assert json.loads(done.stdout)["by_office"]
    late = rows("explain", text, "--file", str(own), "--as-of", "2027-03-01")
    assert not late["by_office"]


def test_a_sound_file_is_said_to_be_sound_and_until_when(own: Path) -> None:
    done = run("check", str(own))
    assert done.exit_code == 0
    assert "không có lỗi" in done.output
    assert "28/02/2027" in done.output


def test_every_fault_of_a_file_is_named_with_its_row(own: Path) -> None:
    own.write_text(OWN.replace("ubnd-xa", "ubnd-xom").replace('"sure"', '"chac"'), encoding="utf-8")
    done = run("check", str(own), "--format", "json")
    assert done.exit_code == 1
    faults = [row["fault"] for row in json.loads(done.stdout)]
    assert len(faults) == 2
    assert all("[[row]] thứ 1" in fault for fault in faults)
    refused = run("list", "--file", str(own))
    assert refused.exit_code == 1
    assert "rieng.toml" in refused.output


def test_a_file_that_is_not_there_is_told() -> None:
    done = run("check", "khong-co.toml")
    assert done.exit_code == 1
    assert "Không đọc được tệp" in done.output


@pytest.mark.parametrize("verb", [("list", "--topic", "giao-thong"), ("bodies",), ("explain", "quốc lộ 37 đầy ổ gà")])
def test_tables_fit_eighty_columns(verb: tuple[str, ...]) -> None:
    done = run(*verb, "--format", "table", COLUMNS="80")
    assert done.exit_code == 0
    assert max(map(len, done.stdout.splitlines())) <= 80
