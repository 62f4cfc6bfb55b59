"""`doithoai delivery forecast`: purposes and days as people write them."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_opinion, make_staff


@pytest.fixture
def asked(services: Services) -> Services:
    make_staff(services, Role.MODERATOR, name="Chị Lan")
    make_opinion(services, citizen=make_citizen(services, channel=None, push=None), village="t4")
    return services


def run(services: Services, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["delivery", "forecast", *arguments, "--db", services.database.url])


@pytest.mark.parametrize("named", ["answer", "văn bản trả lời", "Van ban tra loi"])
def test_a_purpose_goes_by_its_code_or_its_name(asked: Services, named: str) -> None:
    found = json.loads(run(asked, "--purpose", named, "--format", "json").stdout)
    assert (found["by_slip"], found["by_console"]) == (1, 0)


def test_a_word_that_is_no_purpose_is_refused(asked: Services) -> None:
    refused = run(asked, "--purpose", "bay")
    assert refused.exit_code == 2
    assert "không phải loại tin nào" in refused.output


def test_a_day_is_written_as_everywhere_else(asked: Services) -> None:
    days = [
        json.loads(run(asked, "--on", day, "--format", "json").stdout)["at"] for day in ("20/12/2199", "2199-12-20")
    ]
    assert days[0] == days[1]
    refused = run(asked, "--on", "32/13/2026")
    assert refused.exit_code == 2
    assert "không phải ngày" in refused.output
    assert "does not match" not in refused.output


def test_the_note_splits_typing_from_paper_and_says_how_messages_were_counted(asked: Services) -> None:
    said = run(asked, "--format", "table").stderr
    assert "cán bộ gõ tay 0, trao phiếu 1" in said
    assert "mỗi người một tin" in said
