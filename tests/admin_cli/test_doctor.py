"""`doithoai doctor` speaks to an operator: what is wrong, where, and an exit code a cron job understands."""

from __future__ import annotations

import json

from sqlmodel import text
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.doctor.checks import CHECKS
from casework.usecases.work import Services


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["doctor", *arguments])


def test_a_sound_database_gives_an_empty_list_and_exit_0(services: Services) -> None:
    result = run("--db", services.database.url)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == []
    assert f"{len(CHECKS)} phép kiểm tra: 0 chỗ vi phạm" in result.stderr


def test_each_breach_is_printed_with_its_id_and_promise_and_the_exit_code_is_1(services: Services) -> None:
    with services.database.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO inbox_entry (id, channel, account, external_id, conversation_key, raw, status, attempts, "
                "received_at) VALUES (7, 'terminal', 'bot', '1', 'k', '{}', 'quarantined', 1, '2026-11-02 00:00:00')"
            )
        )
    as_json = run("--db", services.database.url, "--format", "json")
    assert as_json.exit_code == 1
    [finding] = json.loads(as_json.stdout)
    assert (finding["promise"], finding["check"], finding["subject"], finding["subject_id"]) == (
        1,
        "set-aside-reasons",
        "inbox_entry",
        7,
    )
    table = run("--db", services.database.url, "--format", "table")
    assert table.exit_code == 1
    assert "inbox_entry" in table.stdout
    assert all(len(line) <= 80 for line in table.stdout.splitlines())


def test_one_check_can_be_made_alone(services: Services) -> None:
    result = run("--db", services.database.url, "--only", "history-whole")
    assert result.exit_code == 0
    assert "1 phép kiểm tra" in result.stderr


def test_the_checks_can_be_listed_without_a_database() -> None:
    result = run("--list", "--format", "json")
    assert [row["check"] for row in json.loads(result.stdout)] == [check.name for check in CHECKS]


def test_an_outdated_database_is_refused_with_the_way_out(services: Services) -> None:
    with services.database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    result = run("--db", services.database.url)
    assert result.exit_code == 1
    assert "doithoai db upgrade" in result.stderr
