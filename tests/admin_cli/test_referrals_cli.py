"""`doithoai referrals`, as a clerk types it."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from admin_cli.app import app
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

runner = CliRunner()


def test_a_clerk_sends_a_matter_up_and_follows_it(services: Services) -> None:
    make_staff(services, Role.APPROVER, name="Lê Văn Duyệt")
    road = make_group(services, "Mở rộng tỉnh lộ 512", topic="giao-thong", level="tinh")
    make_opinion(services, citizen=make_citizen(services), group=road, level="tinh")
    base = ["--db", services.database.url, "--as-of", "2026-11-02"]

    def run(*words: str) -> str:
        done = runner.invoke(app, ["referrals", *words, *base])
        assert done.exit_code == 0, done.output
        return done.stdout

    candidate = json.loads(run("candidates", "--format", "json"))[0]
    assert candidate["title"] == "Mở rộng tỉnh lộ 512"
    assert candidate["body"] == "Sở Xây dựng"
    assert max(len(line) for line in run("candidates", "--format", "table").splitlines()) <= 80
    run("add", f"nhom:{road}", "Sở Xây dựng tỉnh")
    assert json.loads(run("list", "--format", "json"))[0]["state"] == "waiting"
    assert json.loads(run("send", "--number", "15/BC-MTTQ-BTT", "--format", "json"))["told"] == 1
    table = run("list", "--format", "table")
    assert "15/BC-MTTQ-BTT" in table
    assert max(len(line) for line in table.splitlines()) <= 80
    code = json.loads(run("codes", "1", "--format", "json"))[0]["code"]
    assert "-" in code
    run("return", "1", "--why", "đường đã giao xã")
    assert json.loads(run("list", "--format", "json")) == []
