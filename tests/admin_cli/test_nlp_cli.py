from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from admin_cli.app import app as whole
from admin_cli.nlp import app
from nlp.model import files

RUNNER = CliRunner()
PLACES = Path(__file__).parents[1] / "nlp" / "data" / "tan_minh_places.toml"


def run(*arguments: str, stdin: str | bytes = "") -> tuple[list[dict[str, Any]], str]:
    done = RUNNER.invoke(app, list(arguments), input=stdin)
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.stdout.splitlines()], done.stderr


def test_analyse_writes_the_agreed_fields_in_the_order_of_the_input(tmp_path: Path) -> None:
    file = tmp_path / "tin.jsonl"
    file.write_text(
        '{"id": "a", "text": "Đèn đường thôn 4 tắt, gọi 0951234087"}\n{"id": 2, "text": "Xin chào"}\n', encoding="utf-8"
    )
    first, second = run("analyse", str(file), "--places", str(PLACES))[0]
    assert list(first) == [
        "id", "kind", "topic", "level", "urgent", "confidence", "unsure", "places", "personal_data", "issues",
    ]  # fmt: skip
    assert (first["id"], first["kind"], first["topic"], first["level"], first["urgent"], first["issues"]) == (
        "a", "y-kien", "dien-chieu-sang", "xa", False, 1,
    )  # fmt: skip
    assert set(first["confidence"]) == {"kind", "topic", "level", "urgent"}
    assert first["places"][-1]["id"] == "t4"
    assert first["personal_data"] == [{"type": "phone", "start": 26, "end": 36}]
    assert (second["id"], second["kind"], second["topic"], second["issues"]) == (2, "khong-phai-y-kien", "khac", 0)


@pytest.mark.parametrize("command", ["analyse", "group"])
def test_every_line_gives_a_line(command: str) -> None:
    lines = [
        '{"id": "ok", "text": "rác ngõ 12"}', "không phải json", "[1, 2]",
        '{"id": "no-text"}', '{"text": "đường hỏng"}',
        '{"id": "n", "text": 5}', "", '{"id": "half", "text": "\\ud83d"}', '{"id": "\\ud83d", "text": ""}',
        "[" * 50_000,
    ]  # fmt: skip
    written, notes = run(command, "-", stdin="\n".join(lines) + "\n")
    assert [line["id"] for line in written] == [
        "ok", None, None, "no-text", None, "n", None, "half", "\ud83d", None,
    ]  # fmt: skip
    assert notes.count("Dòng") == 6
    assert "6 trong 10 dòng" in notes.splitlines()[-1]


@pytest.mark.parametrize("command", ["analyse", "group"])
def test_a_file_that_is_read_whole_needs_no_word_about_it(command: str) -> None:
    assert run(command, "-", stdin='{"id": "ok", "text": "rác ngõ 12"}\n')[1] == ""


def test_bytes_that_are_no_utf8_are_read_anyway() -> None:
    written, _ = run("analyse", "-", stdin=b'\xef\xbb\xbf{"id": 1, "text": "\xff\xfe"}\n')
    assert [line["id"] for line in written] == [1]


def test_group_names_same_and_related_issues() -> None:
    stdin = "\n".join(
        json.dumps({"id": key, "text": text})
        for key, text in [
            ("a", "Đèn đường thôn 4 tắt, tối om"),
            ("b", "den duong xom trai hong roi"),
            ("c", "Đèn đường thôn Hạ tắt, tối om"),
        ]
    )
    a, b, c = run("group", "-", "--places", str(PLACES), stdin=stdin)[0]
    assert a["group"] == b["group"] != c["group"]
    assert a["related"] == ["c"]
    assert set(c["related"]) == {"a", "b"}


def test_pieces_that_one_sender_sends_in_one_go_are_one_issue_and_odd_senders_and_times_are_left_aside() -> None:
    said = [
        {"text": "Nước máy thôn Hạ", "sender": "x", "sent_at": "2026-11-03T08:00:00+07:00"},
        {
            "text": "ba hôm nay rồi mà chưa thấy ai xuống xem giúp",
            "sender": "x",
            "sent_at": "2026-11-03T08:01:00+07:00",
        },
        {"text": "Đèn đường thôn 4 tắt", "sender": 5, "sent_at": "hôm qua"},
        {"text": "Đường thôn 6 nát", "sender": "x", "sent_at": "0001-01-01T00:00:00"},
    ]
    written, noted = run("group", "-", stdin="\n".join(json.dumps(line) for line in said))
    a, b, c, d = (line["group"] for line in written)
    assert a == b
    assert len({a, c, d}) == 3
    assert [line.partition(":")[0] for line in noted.splitlines() if "sent_at" in line] == ["Dòng 3", "Dòng 4"]


@pytest.mark.parametrize(("sender", "joined"), [("x", True), (951, True), (True, False), (1.5, False), ("", False)])
def test_a_sender_is_a_text_or_a_whole_number(sender: object, joined: bool) -> None:
    said = [
        {"text": "Nước máy thôn Hạ", "sender": sender, "sent_at": "2026-11-03T08:00"},
        {"text": "ba hôm nay rồi mà chưa thấy ai xuống xem giúp", "sender": sender, "sent_at": "2026-11-03T08:01"},
    ]
    one, other = run("group", "-", stdin="\n".join(json.dumps(line) for line in said))[0]
    assert (one["group"] == other["group"]) is joined


@pytest.mark.parametrize("written", ["hôm qua", "2026-11-03", 1_762_131_600, ["2026-11-03T08:00"], ""])
def test_a_time_that_cannot_be_read_is_told(written: object) -> None:
    _, noted = run("group", "-", stdin=json.dumps({"text": "Nước máy thôn Hạ", "sender": "x", "sent_at": written}))
    assert 'Dòng 1: "sent_at"' in noted


def test_two_lines_may_bear_one_id() -> None:
    written, _ = run("group", "-", stdin='{"id": 1, "text": "đường hỏng"}\n{"id": 1, "text": "nước đục"}\n')
    assert [line["id"] for line in written] == [1, 1]


@pytest.mark.parametrize("content", ["[[group]", '[[group]]\nname = "x"'])
def test_a_bad_gazetteer_is_a_usage_error_that_says_what_is_wrong(tmp_path: Path, content: str) -> None:
    file = tmp_path / "places.toml"
    file.write_text(content, encoding="utf-8")
    done = RUNNER.invoke(app, ["analyse", "-", "--places", str(file)], input="")
    assert done.exit_code == 2
    assert "danh mục địa danh" in done.stderr


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    assert RUNNER.invoke(app, ["group", str(tmp_path / "none.jsonl")]).exit_code == 2


def test_evaluate_says_in_words_that_the_programs_model_is_refused_and_what_it_compares_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files.shipped.cache_clear()
    monkeypatch.setattr(files, "shipped_folder", lambda: tmp_path)
    monkeypatch.chdir(tmp_path)
    done = RUNNER.invoke(whole, ["nlp", "evaluate"], env={"DOITHOAI_NLP_MODEL": str(tmp_path / "rieng")})
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert "Mô hình của chương trình không dùng được" in " ".join(done.stderr.split())
    assert "không so với mô hình riêng" in " ".join(done.stderr.split())
