"""`doithoai delivery`: lists for pipes, one notice for reading, and settling with a reason."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.codes import spoken
from casework.usecases.work import Services
from storage.records import Delivery, DeliveryState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff


@pytest.fixture
def unknown(services: Services) -> int:
    make_staff(services, Role.MODERATOR, name="Chị Lan")
    opinion = make_opinion(services, citizen=make_citizen(services))
    with services.writing() as work:
        row = work.add(
            Delivery(
                key="k",
                purpose="answer",
                text="Văn bản trả lời số 15",
                opinion_id=opinion.id,
                channel_identity_id=opinion.channel_identity_id,
                state=DeliveryState.UNKNOWN,
                outcome_detail="mất trả lời",
                not_before=work.now,
                created_at=work.now,
            )
        )
        work.commit()
    assert row.id is not None
    assert opinion.code is not None
    return row.id


def run(services: Services, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["delivery", *arguments, "--db", services.database.url])


def test_the_list_names_the_opinion_by_its_spoken_code_and_never_prints_the_text(services, unknown) -> None:
    result = run(services, "list", "--state", "unknown", "--format", "json")
    assert result.exit_code == 0
    [row] = json.loads(result.stdout)
    assert (row["id"], row["state"], row["detail"]) == (unknown, "unknown", "mất trả lời")
    assert row["opinion"] == spoken(row["opinion"].replace("-", ""))
    assert "Văn bản" not in result.stdout
    assert json.loads(run(services, "list", "--state", "sent", "--format", "json").stdout) == []


def test_one_notice_is_shown_with_its_text_in_vietnamese(services, unknown) -> None:
    result = run(services, "show", str(unknown), "--format", "table")
    assert "Văn bản trả lời số 15" in result.stdout
    assert "chưa rõ đã tới hay chưa" in result.stdout


def test_a_notice_is_settled_with_exactly_one_decision_and_a_reason(services, unknown) -> None:
    for wrong in (["--why", "x"], ["--delivered", "--resend", "--why", "x"], ["--delivered"]):
        assert run(services, "resolve", str(unknown), *wrong).exit_code == 1
    done = run(services, "resolve", str(unknown), "--delivered", "--why", "đã gọi điện", "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["state"] == "sent"
    again = run(services, "resolve", str(unknown), "--resend", "--why", "x")
    assert again.exit_code == 1
    assert "đã gửi" in again.stderr


def test_the_summary_is_a_table_for_people_and_json_for_programs(services, unknown) -> None:
    assert "chưa rõ đã tới hay chưa" in run(services, "summary", "--format", "table").stdout
    [count] = json.loads(run(services, "summary", "--format", "json").stdout)
    assert (count["state"], count["count"]) == ("unknown", 1)


def test_the_list_leaves_replies_out_and_finds_one_opinion(services, unknown) -> None:
    with services.writing() as work:
        work.add(
            Delivery(key="r", purpose="reply", text="Chào", state="sent", not_before=work.now, created_at=work.now)
        )
        work.commit()
    [row] = json.loads(run(services, "list", "--format", "json").stdout)
    assert row["id"] == unknown
    assert len(json.loads(run(services, "list", "--all", "--format", "json").stdout)) == 2
    about = run(services, "list", "--opinion", row["opinion"], "--format", "json")
    assert [one["id"] for one in json.loads(about.stdout)] == [unknown]
    assert run(services, "list", "--opinion", "#99999").exit_code == 1
