"""`doithoai regulations`: what people and programs see of the texts."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.regulations import regulation, shipped_folder


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["regulations", *arguments])


def test_the_list_names_every_text_with_its_validity() -> None:
    rows = {row["code"]: row for row in json.loads(run("list", "--format", "json").stdout)}
    assert set(rows) == {"thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong", "quoc-gia"}
    assert rows["ha-noi"]["valid_from"] == "2017-05-25"
    assert rows["thanh-hoa"]["assumed"] > 0


@pytest.mark.parametrize("code", ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong", "quoc-gia"])
def test_a_text_is_shown_with_every_place_and_quote_in_eighty_columns(code: str) -> None:
    page = run("show", code, "--format", "table").stdout
    assert max(map(len, page.splitlines())) <= 80
    running = " ".join(page.split())
    for rule in regulation(code).rules():
        assert " ".join(rule.place.split()) in running
        assert rule.quote in running
    assert running.count("[tạm hiểu]") == sum(rule.assumed for rule in regulation(code).rules())


def test_who_has_the_work_of_the_old_district_is_said_from_the_day_it_ended() -> None:
    before = run("show", "dien-bien", "--as-of", "2025-06-30", "--format", "table").stdout
    after = run("show", "dien-bien", "--as-of", "2025-07-01", "--format", "table").stdout
    assert "Cấp trong văn bản: huyện, xã." in before
    assert "Cấp huyện đã thôi" not in before
    assert "việc phục vụ người dân nay của cấp xã" in " ".join(after.split())


def test_a_text_is_given_whole_to_programs() -> None:
    text = json.loads(run("show", "dien-bien", "--format", "json").stdout)
    assert text["secretaries"][0]["count"] == 2
    rows = list(csv.DictReader(io.StringIO(run("show", "dien-bien", "--format", "csv").stdout)))
    assert len(rows) == len(regulation("dien-bien").rules())


def test_an_unknown_code_is_refused_with_those_there_are() -> None:
    refused = run("show", "sao-hoa")
    assert refused.exit_code == 1
    assert "thanh-hoa, ha-noi" in refused.stderr


def test_two_texts_stand_side_by_side() -> None:
    rows = {
        row["parameter"]: row for row in json.loads(run("compare", "thanh-hoa", "ha-noi", "--format", "json").stdout)
    }
    answer = rows["Trả lời bằng văn bản"]
    assert "20 ngày làm việc" in answer["first"]
    assert "30 ngày làm việc" in answer["second"]
    assert rows["Gửi giấy mời"]["first"] == "không nói"
    assert "ủy quyền cho cấp phó" in rows["Cấp phó chủ trì thay"]["second"]
    assert rows["Hình thức"]["same"] is True
    differing = json.loads(run("compare", "thanh-hoa", "ha-noi", "--differing", "--format", "json").stdout)
    assert {row["parameter"] for row in differing} == {name for name, row in rows.items() if not row["same"]}


def test_a_text_compared_with_itself_differs_in_nothing() -> None:
    assert json.loads(run("compare", "son-la", "son-la", "--differing", "--format", "json").stdout) == []


def test_a_duty_for_some_kinds_of_conference_says_which() -> None:
    rows = {row["parameter"]: row for row in json.loads(run("compare", "ha-noi", "son-la", "--format", "json").stdout)}
    assert rows["Thông báo công khai"]["first"].endswith("không nói (đột xuất)")
    assert rows["Gửi giấy mời"]["second"] == "5 ngày làm việc trước hội nghị"


def test_the_shipped_texts_have_no_fault() -> None:
    checked = run("check", "--format", "json")
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, [])
    assert "Đã đọc 6 văn bản" in checked.stderr


def test_every_fault_of_every_file_is_reported_at_once(tmp_path: Path) -> None:
    good = (shipped_folder() / "ha-noi.toml").read_text(encoding="utf-8")
    (tmp_path / "mot.toml").write_text(good.replace('holder = "agency"', 'holdr = "agency"'), encoding="utf-8")
    (tmp_path / "hai.toml").write_text("[document", encoding="utf-8")
    (tmp_path / "ba.toml").write_text(
        good.replace('code = "ha-noi"', 'code = "tan-an"').replace('ground = "TO_CAO"', 'ground = "TO_CAOO"'),
        encoding="utf-8",
    )
    files = [str(tmp_path / name) for name in ("mot.toml", "hai.toml", "ba.toml")]
    checked = run("check", *files, "--format", "table")
    assert checked.exit_code == 1
    said = " ".join(checked.stdout.split())
    assert "mot.toml: [[duties]] «10.2» holdr: không có mục này; các mục: id, place" in said
    assert "hai.toml: sai cú pháp TOML" in said
    assert "ba.toml: [[grounds]] «1.2-to-cao» ground: không nhận 'TO_CAOO'; một trong: DA_GIAI_QUYET" in said


def test_a_second_version_in_force_on_the_same_days_is_a_fault(tmp_path: Path) -> None:
    good = (shipped_folder() / "ha-noi.toml").read_text(encoding="utf-8")
    newer = good.replace("valid_from = 2017-05-25", "valid_from = 2027-01-01").replace(
        'version = "2017"', 'version = "2027"'
    )
    file = tmp_path / "ha-noi-2027.toml"
    file.write_text(newer, encoding="utf-8")
    assert "chồng lên nhau" in run("check", str(file), "--format", "table").stdout
    file.write_text(newer.replace('"2027"', '"2027"\nreplaces = "2017"', 1), encoding="utf-8")
    assert run("check", str(file), "--format", "table").exit_code == 0
    versions = [row["version"] for row in json.loads(run("list", "--dir", str(tmp_path), "--format", "json").stdout)]
    assert {"2017", "2027"} <= set(versions)
    compared = run("compare", "ha-noi@2017", "ha-noi@2027", "--differing", "--dir", str(tmp_path), "--format", "json")
    assert json.loads(compared.stdout) == []
    old = run("show", "ha-noi", "--dir", str(tmp_path), "--as-of", "2026-12-31", "--format", "json")
    assert json.loads(old.stdout)["version"] == "2017"


def test_quotes_are_proved_against_the_official_text(tmp_path: Path) -> None:
    text = regulation("hai-phong")
    source = tmp_path / "ke-hoach.txt"
    source.write_text("\n".join(rule.quote.upper() for rule in text.rules()), encoding="utf-8")
    file = str(shipped_folder() / "hai-phong.toml")
    assert run("check", file, "--source", str(source)).exit_code == 0
    source.write_text("\n".join(rule.quote for rule in text.rules() if rule.id != "III.4"), encoding="utf-8")
    checked = run("check", file, "--source", str(source), "--format", "json")
    assert checked.exit_code == 1
    (fault,) = json.loads(checked.stdout)
    assert "«III.4»" in fault["fault"]
    assert run("check", "--source", str(source)).exit_code == 1


def test_an_office_reads_its_folder_from_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = (shipped_folder() / "ha-noi.toml").read_text(encoding="utf-8")
    (tmp_path / "tan-an.toml").write_text(good.replace('code = "ha-noi"', 'code = "tan-an"'), encoding="utf-8")
    monkeypatch.setenv("DOITHOAI_REGULATIONS_DIR", str(tmp_path))
    assert run("show", "tan-an", "--format", "json").exit_code == 0
