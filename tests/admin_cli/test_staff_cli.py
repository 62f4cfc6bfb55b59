"""`doithoai staff`: an operator without knowledge of databases employs people and hands out codes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.usecases.office import enrolment
from casework.usecases.office.enrolment import Redeemed
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Role
from tests.casework.factories import make_staff


@pytest.fixture
def run(services: Services) -> Any:
    def invoke(*arguments: str) -> Result:
        return CliRunner().invoke(app, ["staff", *arguments, "--db", services.database.url])

    return invoke


@pytest.fixture
def mai(run: Any) -> dict[str, Any]:
    result = run("add", "Bà Mai", "--role", "admin", "--first")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)  # type: ignore[no-any-return]


def test_the_first_admin_gets_a_code_that_links_a_chat(
    run: Any, services: Services, mai: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="1"))
        work.commit()
    assert enrolment.redeem(services, identity_id=chat.id or 0, code=mai["code"]) is Redeemed.STAFF_LINKED
    (row,) = json.loads(run("list").stdout)
    assert (row["name"], row["role_codes"], row["channel"]) == ("Bà Mai", ["admin"], "telegram")


def test_the_code_is_explained_on_stderr_and_never_shown_again(run: Any, mai: dict[str, Any]) -> None:
    result = run("code", "Bà Mai", "--format", "table")
    assert "/ghidanh" in result.stderr
    assert mai["code"] not in run("list").output + result.output


def test_a_village_officer_is_added_with_a_territory(run: Any, mai: dict[str, Any]) -> None:
    assert run("add", "Anh Tư", "--role", "village_officer", "--village", "t4").exit_code == 0
    rows = {row["name"]: row for row in json.loads(run("list", "--staff", "Bà Mai").stdout)}
    assert rows["Anh Tư"]["roles"] == ["cán bộ Mặt trận thôn (thôn 4)"]


def test_roles_change_and_people_leave(run: Any, mai: dict[str, Any]) -> None:
    run("add", "Chị Lan", "--role", "moderator")
    assert run("roles", "Chị Lan", "--role", "approver", "--staff", "Bà Mai").exit_code == 0
    assert run("remove", "Chị Lan", "--staff", "Bà Mai").exit_code == 0
    rows = {row["name"]: row for row in json.loads(run("list").stdout)}
    assert rows["Chị Lan"]["active"] is False
    assert run("remove", "Chị Lan").exit_code == 1


def test_only_an_admin_manages_staff(run: Any, mai: dict[str, Any]) -> None:
    run("add", "Chị Lan", "--role", "moderator")
    for arguments in (
        ("add", "Kẻ Lạ", "--role", "admin"),
        ("code", "Bà Mai"),
        ("group-code",),
        ("roles", "Chị Lan", "--role", "admin"),
        ("remove", "Bà Mai"),
    ):
        result = run(*arguments, "--staff", "Chị Lan")
        assert result.exit_code == 1
        assert "quản trị" in result.stderr


def test_a_second_first_admin_is_refused_and_so_is_a_first_one_without_the_right(run: Any) -> None:
    assert "quyền quản trị" in run("add", "Chị Lan", "--role", "moderator", "--first").stderr
    run("add", "Bà Mai", "--role", "admin", "--first")
    assert "--first" in run("add", "Kẻ Lạ", "--role", "admin", "--first").stderr


def test_a_group_code_is_for_a_group(run: Any, mai: dict[str, Any]) -> None:
    result = run("group-code", "--valid-hours", "2")
    assert len(json.loads(result.stdout)["code"]) == 10
    assert "trong nhóm" in result.stderr
    assert json.loads(run("groups").stdout) == []
    assert "staff groups" in run("remove-group", "1").stderr


def test_wrong_use_exits_2(run: Any) -> None:
    assert run("add", "Chị Lan").exit_code == 2
    assert run("add", "Chị Lan", "--role", "vua").exit_code == 2
    assert run("code", "Chị Lan", "--valid-hours", "0").exit_code == 2


def test_the_list_needs_no_name_because_it_tells_the_numbers_to_name_oneself_by(services) -> None:
    for name in ("Chị Lan", "Anh Tư"):
        make_staff(services, Role.MODERATOR, name=name)
    listed = CliRunner().invoke(app, ["staff", "list", "--db", services.database.url, "--format", "json"])
    assert listed.exit_code == 0
    assert {"Chị Lan", "Anh Tư"} <= {one["name"] for one in json.loads(listed.stdout)}
