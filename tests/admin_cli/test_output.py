"""Tables for people, JSON and CSV for programs, and nothing in them that could steer a terminal or a spreadsheet."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from dataclasses import dataclass
from enum import StrEnum

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from admin_cli.options import Format
from admin_cli.output import emit, note, show


class Colour(StrEnum):
    RED = "đỏ"


@dataclass(frozen=True)
class Line:
    id: int
    text: str
    on: dt.date
    colour: Colour
    urgent: bool
    missing: str | None = None


LINE = Line(id=7, text="Đèn đường thôn Hạ hỏng", on=dt.date(2026, 11, 5), colour=Colour.RED, urgent=True)


def test_json_keeps_types_vietnamese_letters_and_every_field(capsys: pytest.CaptureFixture[str]) -> None:
    emit([LINE], Format.JSON, columns={"id": "Số"})
    out = capsys.readouterr().out
    assert json.loads(out) == [
        {
            "id": 7,
            "text": "Đèn đường thôn Hạ hỏng",
            "on": "2026-11-05",
            "colour": "đỏ",
            "urgent": True,
            "missing": None,
        }
    ]
    assert "Đèn" in out


def test_a_pipe_gets_json_when_no_format_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    emit([LINE])
    assert json.loads(capsys.readouterr().out)[0]["id"] == 7


def test_a_table_has_the_chosen_columns_in_vietnamese_within_eighty_columns(
    capsys: pytest.CaptureFixture[str],
) -> None:
    emit(
        [LINE, {"id": 8, "text": "rất dài " * 40, "on": LINE.on, "urgent": False}],
        Format.TABLE,
        columns={"id": "Số", "text": "Nội dung", "on": "Ngày", "urgent": "Khẩn"},
    )
    out = capsys.readouterr().out
    assert "Nội dung" in out
    assert "05/11/2026" in out
    assert "không" in out
    assert "colour" not in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "rất…" in out
    emit([{"text": "rất dài " * 40}], Format.JSON)
    assert capsys.readouterr().out.count("dài") == 40


def test_a_row_with_several_long_texts_takes_three_lines_and_keeps_codes_and_days_whole(
    capsys: pytest.CaptureFixture[str],
) -> None:
    row = {
        "code": "HN-20261128/12",
        "title": "nước máy trên thôn Thượng cứ năm giờ chiều là tắc tị, rỉ từng giọt, nhà em có người già",
        "agency": "Phòng Văn hóa - Xã hội xã Tân Minh",
        "due": LINE.on,
        "state": "được gia hạn sau khi quá hạn: còn 40 ngày",
    }
    emit([row], Format.TABLE, columns={name: name for name in row})
    lines = [line for line in capsys.readouterr().out.splitlines()[3:] if line.strip()]
    assert len(lines) <= 3
    assert "HN-20261128/12" in lines[0]
    assert "05/11/2026" in lines[0]


def test_an_empty_table_says_so_on_stderr_only(capsys: pytest.CaptureFixture[str]) -> None:
    emit([], Format.TABLE)
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Không có dòng nào" in captured.err


def test_one_record_is_shown_as_labels_and_values(capsys: pytest.CaptureFixture[str]) -> None:
    show(LINE, Format.TABLE, labels={"text": "Nội dung", "on": "Ngày"})
    out = capsys.readouterr().out
    assert "Nội dung" in out
    assert "Đèn đường thôn Hạ hỏng" in out


def test_square_brackets_of_a_citizen_are_text_and_not_markup(capsys: pytest.CaptureFixture[str]) -> None:
    emit([{"text": "[red]nóng[/red] [link=x]"}], Format.TABLE)
    assert "[red]nóng[/red] [link=x]" in capsys.readouterr().out


@pytest.mark.parametrize("format", [Format.TABLE, Format.CSV])
def test_escape_codes_and_direction_overrides_do_not_reach_the_terminal(
    format: Format, capsys: pytest.CaptureFixture[str]
) -> None:
    emit([{"text": "a\x1b]0;x\x07b\u202ec"}], format)
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\u202e"} & set(out)


def test_a_note_goes_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    note("Đã xong")
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "Đã xong\n")


def test_an_empty_csv_still_has_its_heading(capsys: pytest.CaptureFixture[str]) -> None:
    emit([], Format.CSV, columns={"id": "Số", "text": "Nội dung"})
    assert capsys.readouterr().out == "id,text\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_no_csv_cell_is_ever_a_formula(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    emit([{"number": -5, "text": text}], Format.CSV)
    [_, row] = csv.reader(io.StringIO(capsys.readouterr().out))
    assert row[0] == "-5"
    assert not row[1].startswith(("=", "+", "-", "@"))
