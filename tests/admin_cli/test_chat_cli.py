"""`doithoai chat`: the terminal is a channel like any other, and a talk can be kept as a transcript."""

from __future__ import annotations

from pathlib import Path

from sqlmodel import select
from typer.testing import CliRunner

from admin_cli.app import app
from bot.transcript import parse
from casework.clock import local_date
from casework.usecases.work import Services
from storage.records import Opinion


def test_a_talk_in_the_terminal_is_kept_as_a_transcript(services: Services, tmp_path: Path) -> None:
    kept = tmp_path / "talk.txt"
    said = "Đèn đường trục thôn 4 tắt cả tuần, đề nghị xã sửa\n1\n[1]\n1\n2\ndanh sách\n~ 5\n{photo}\n"
    arguments = ["chat", "--as", "ba-sau", "--transcript", str(kept), "--db", services.database.url]
    result = CliRunner().invoke(app, arguments, input=said)
    assert result.exit_code == 0, result.output
    assert "Đã nhận ý kiến của ông/bà. Mã:" in result.output
    lines = parse(kept.read_text(encoding="utf-8"))
    assert [line.text for line in lines if line.sort == ">"] == said.replace("~ 5\n", "").splitlines()
    assert any("Đã nhận 1 ảnh" in line.text for line in lines if line.sort == "<")


def test_a_button_that_is_not_there_is_answered_like_an_old_one(services: Services) -> None:
    result = CliRunner().invoke(app, ["chat", "--db", services.database.url], input="[7]\n")
    assert result.exit_code == 0, result.output
    assert "Nút ông/bà vừa bấm là của tin cũ" in result.output


def test_a_talk_can_be_held_on_another_day(services: Services) -> None:
    said = "Đèn đường trục thôn 4 tắt cả tuần, đề nghị xã sửa\n1\n[1]\n1\n2\n"
    arguments = ["chat", "--as", "ba-sau", "--as-of", "2026-11-05", "--db", services.database.url]
    result = CliRunner().invoke(app, arguments, input=said)
    assert result.exit_code == 0, result.output
    with services.reading() as work:
        (opinion,) = work.session.exec(select(Opinion)).all()
    assert local_date(opinion.submitted_at).isoformat() == "2026-11-05"
