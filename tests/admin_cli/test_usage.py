"""What was typed wrongly is said in Vietnamese, with the way to the help; exit code 2 as everywhere."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from admin_cli.app import app
from admin_cli.usage import in_vietnamese


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["conferences", "plan"], "Còn thiếu --title."),
        (["conferences", "nope"], "Không có lệnh «nope»."),
        (
            ["answers", "list", "--state", "x"],
            "--state: «x» không nằm trong: draft (đang soạn), approved (đã duyệt), published (đã gửi).",
        ),
        (["answers", "list", "--foo"], "Lệnh này không có lựa chọn --foo. Ý anh/chị là: --format?"),
        (["answers", "list", "--state"], "Sau --state cần ghi giá trị."),
        (["answers", "show", "abc"], "SỐ: phải là số."),
        (["answers", "show", "1", "hai"], "Thừa «hai»."),
        (["answers", "write"], "Còn thiếu VIỆC."),
        (["deadlines", "show", "--regulation", "son-la", "--conference", "hôm nào"], "«hôm nào» không phải ngày"),
    ],
)
def test_a_command_typed_wrongly_is_corrected_in_vietnamese(typed: list[str], said: str) -> None:
    result = CliRunner().invoke(app, typed)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Error" not in result.stderr
    assert "Xem cách gõ: doithoai" in result.stderr
    assert result.stdout == ""


def test_a_noun_without_a_verb_shows_its_help() -> None:
    result = CliRunner().invoke(app, ["calendar"])
    assert result.exit_code == 2
    assert "replay" in result.output


@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("Invalid value for '--line': Input should be greater than or equal to 1", "--line: phải từ 1 trở lên."),
        ("Invalid value for 'TỆP': File 'a.docx' does not exist.", "TỆP: không có tệp «a.docx»."),
        ("Invalid value for 'TỆP': file 'a.xlsx' does not exist.", "TỆP: không có tệp «a.xlsx»."),
        ("Lời của chính chương trình.", "Lời của chính chương trình."),
    ],
)
def test_forms_that_are_not_known_stay_as_they_are(english: str, said: str) -> None:
    assert in_vietnamese(english) == said
