"""Reading texts of one's own: what is wrong is said with file, place and what is allowed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.errors import InvalidInput
from casework.regulations import applicable, library, regulation, regulations, use_folders
from casework.regulations.loader import read_text, read_with_faults

TEXT = """
code = "tan-an"
version = "2026"
name = "Tân An"
valid_from = 2026-01-01
levels = ["xa"]

[document]
title = "Quy chế đối thoại"
issuer = "Tỉnh ủy Tân An"
kind = "quy chế"
short = "Quy chế 12"

[[duties]]
id = "3.1"
duty = "invitation"
place = "Điều 3"
quote = "trước 5 ngày"
trigger = "conference"
count = 5
unit = "calendar_day"
direction = "before"
holder = "front"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tan-an.toml").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def restore() -> Iterator[None]:
    yield
    use_folders([])


def test_a_sixth_province_is_one_file(folder: Path) -> None:
    text = library(folder).find("tan-an", on=dt.date(2026, 6, 1))
    assert text.citation(text.duties[0]) == "Quy chế 12, Điều 3"
    assert [choice.code for choice in library(folder).choices()][-1] == "tan-an"


def test_an_office_reads_its_own_folder_beside_the_shipped_texts(folder: Path, restore: None) -> None:
    use_folders([folder])
    assert regulation("tan-an").name == "Tân An"
    assert "thanh-hoa" in [text.code for text in regulations()]
    with pytest.raises(InvalidInput, match="Không có thư mục"):
        use_folders([folder / "khac"])
    assert regulation("tan-an").name == "Tân An", "a folder that cannot be read changes nothing"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("holder =", "holdr =", r"tan-an\.toml: \[\[duties\]\] «3\.1» .*holdr: không có mục này; các mục: id, place"),
        ('unit = "calendar_day"', 'unit = "tuần"', r"«3\.1» unit: không nhận 'tuần'; một trong: working_day"),
        ('levels = ["xa"]', 'levels = ["ap"]', r"levels.*'ap'; một trong: tinh, huyen, xa"),
        ("count = 5", "count = -5", r"«3\.1» count: cần số nguyên không âm"),
        ("count = 5", 'count = "năm"', r"«3\.1» count: cần số nguyên"),
        ('place = "Điều 3"', "", r"«3\.1» place: thiếu mục này"),
        ('place = "Điều 3"', 'place = " "', r"«3\.1»: thiếu place"),
        ('quote = "trước 5 ngày"', "", r"«3\.1»: cần quote, hoặc reason"),
        ('quote = "trước 5 ngày"', "assumed = true", r"assumed = true thì phải có reason"),
        (
            '"trước 5 ngày"',
            '"một hai ba bốn năm sáu bảy tám chín mười mười một hai"',
            r"quote dài 13 chữ, nhiều nhất 12",
        ),
        ("valid_from = 2026-01-01", "valid_from = 2026-02-30", r"sai cú pháp TOML"),
        ("valid_from = 2026-01-01", 'valid_from = "2026-02-30"', r"valid_from: không phải ngày có thật"),
        ("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2026-01-01", r"valid_to phải sau valid_from"),
        ('trigger = "conference"', 'trigger = "calendar"', r'trigger = "calendar" cần on'),
        ('trigger = "conference"', 'trigger = "calendar"\non = "02-29"', r"«02-29» không có trong lịch"),
        ('trigger = "conference"', 'trigger = "calendar"\non = "29/2"', r"viết MM-DD"),
        ("[document]", "[document", r"sai cú pháp TOML"),
        ("[document]", "document = 5\n[khac]", r"document: cần một bảng"),
        ("[[duties]]", "[duties]", r"duties: cần danh sách"),
        ('levels = ["xa"]', 'levels = "xa"', r"levels: cần danh sách"),
        ('name = "Tân An"', "name = 5", r"name: cần chữ trong dấu nháy"),
        ("[[duties]]", "[[han]]", r"tan-an\.toml: \[\[han\]\]: không có mục này; các mục: code, version"),
    ],
)
def test_a_text_that_cannot_be_used_is_refused_saying_where_and_what_is_allowed(
    folder: Path, old: str, new: str, said: str
) -> None:
    assert old in TEXT
    (folder / "tan-an.toml").write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(InvalidInput, match=said):
        library(folder)


@given(
    line=st.integers(min_value=0, max_value=len(TEXT.splitlines()) - 1),
    value=st.sampled_from(
        ["", "5", "true", '"x"', "[]", '["x"]', "{}", "[[1]]", "2026-13-40", "1979-05-27", "-0.5", "["]
    ),
)
def test_whatever_stands_in_a_line_a_text_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, line: int, value: str
) -> None:
    lines = TEXT.splitlines()
    lines[line] = f"{lines[line].partition('=')[0]}= {value}" if value else ""
    file = tmp_path_factory.getbasetemp() / "dong.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    faults, text = read_with_faults(file)
    assert (text is None) == bool(faults)
    assert not [fault for fault in faults if "Input should" in fault]


def test_an_id_used_twice_is_refused(folder: Path) -> None:
    duty = TEXT[TEXT.index("[[duties]]") :]
    (folder / "tan-an.toml").write_text(TEXT + duty, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"id «3\.1» dùng 2 lần"):
        read_text(folder / "tan-an.toml")


def test_a_file_in_an_old_encoding_is_refused_in_words(folder: Path) -> None:
    (folder / "tan-an.toml").write_bytes(b'name = "\xd0\xff"')
    with pytest.raises(InvalidInput, match="UTF-8"):
        library(folder)


def test_two_versions_in_force_on_one_day_are_refused_naming_both_files(folder: Path) -> None:
    second = TEXT.replace('version = "2026"', 'version = "2027"').replace("2026-01-01", "2027-01-01")
    (folder / "tan-an-2027.toml").write_text(second, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"tan-an\.toml \(bản 2026.*tan-an-2027\.toml \(bản 2027"):
        library(folder)


def test_a_new_version_ends_the_one_it_replaces_and_a_conference_keeps_the_one_it_began_under(
    folder: Path, restore: None
) -> None:
    second = TEXT.replace('version = "2026"', 'version = "2027"\nreplaces = "2026"').replace("2026-01-01", "2027-01-01")
    (folder / "tan-an-2027.toml").write_text(second, encoding="utf-8")
    use_folders([folder])
    assert regulation("tan-an", on=dt.date(2026, 12, 31)).version == "2026"
    assert regulation("tan-an", on=dt.date(2027, 1, 1)).version == "2027"
    assert applicable("tan-an", on=dt.date(2027, 3, 1), version="2026")[0].version == "2026"
    assert [choice.version for choice in regulations() if choice.code == "tan-an"] == ["2027"]


def test_a_version_that_replaces_one_nobody_has_is_refused(folder: Path) -> None:
    (folder / "tan-an.toml").write_text(TEXT.replace('"2026"', '"2026"\nreplaces = "2020"', 1), encoding="utf-8")
    with pytest.raises(InvalidInput, match="không có bản «2020» của «tan-an»"):
        library(folder)


def test_a_gap_between_two_versions_is_refused_with_the_days_each_holds(folder: Path) -> None:
    first = TEXT.replace("valid_from = 2026-01-01", "valid_from = 2026-01-01\nvalid_to = 2026-07-01")
    second = TEXT.replace('version = "2026"', 'version = "2027"').replace("2026-01-01", "2027-01-01")
    (folder / "tan-an.toml").write_text(first, encoding="utf-8")
    (folder / "tan-an-2027.toml").write_text(second, encoding="utf-8")
    shelf = library(folder)
    assert shelf.find("tan-an", on=dt.date(2026, 6, 30)).version == "2026"
    with pytest.raises(InvalidInput, match=r"01/07/2026.*đến hết 30/06/2026.*từ 01/01/2027"):
        shelf.find("tan-an", on=dt.date(2026, 7, 1))
