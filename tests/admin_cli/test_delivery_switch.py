"""`doithoai delivery switch`: listing without touching, switching with a reason, and back."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework import notices
from casework.codes import spoken
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryState, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff


@pytest.fixture
def asked(services: Services) -> list[Opinion]:
    """Two who asked on Telegram, in two villages, and one elsewhere; answers are on their way."""
    make_staff(services, Role.ADMIN, Role.APPROVER, name="Chị Lan")
    opinions = [
        make_opinion(
            services,
            citizen=make_citizen(services, channel=channel, village=village, name="Bà Sáu Mương"),
            state=OpinionState.ANSWERED,
            village=village,
        )
        for channel, village in (("telegram", "t4"), ("telegram", "ha"), ("zalo-bot", "t4"))
    ]
    with services.writing() as work:
        for one in opinions:
            notices.tell_asker(
                work, work.session.get_one(Opinion, one.id), purpose="answer", text="Trả lời bí mật của xã"
            )
        work.commit()
    return opinions


def run(services: Services, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["delivery", "switch", *arguments, "--db", services.database.url])


def reachable(services: Services) -> list[str]:
    with services.reading() as work:
        return sorted(work.session.exec(select(ChannelIdentity.channel).where(ChannelIdentity.reachable)))


def test_the_list_names_codes_and_ways_and_changes_nothing(services: Services, asked: list[Opinion]) -> None:
    result = run(services, "--from", "telegram", "--format", "json")
    assert result.exit_code == 0
    plan = json.loads(result.stdout)
    assert [one["codes"] for one in plan["people"]] == [[spoken(one.code or "")] for one in asked[:2]]
    assert (plan["ways"], plan["by_person"]) == ({"slip": 2}, 2)
    assert "Chưa đổi gì" in result.stderr
    assert reachable(services) == ["telegram", "telegram", "zalo-bot"]
    for hidden in ("Sáu", "bí mật"):
        assert hidden not in result.output


def test_the_table_fits_a_terminal_and_csv_has_a_line_for_each_person(services: Services, asked: list[Opinion]) -> None:
    table = run(services, "--from", "telegram", "--format", "table")
    assert max(len(line) for line in table.stdout.splitlines()) <= 80
    assert "chỉ người trao được" in table.stdout
    csv = run(services, "--from", "telegram", "--format", "csv")
    assert len(csv.stdout.splitlines()) == 3


def test_switching_asks_for_a_reason_and_comes_back(
    services: Services, asked: list[Opinion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOITHOAI_TELEGRAM_TOKEN", "1:abc")
    refused = run(services, "--from", "telegram", "--apply")
    assert refused.exit_code == 1
    assert "lý do" in refused.stderr
    done = run(services, "--from", "telegram", "--apply", "--why", "bị chặn", "--format", "json")
    assert done.exit_code == 0
    assert json.loads(done.stdout)["with_staff"] == 2
    assert reachable(services) == ["zalo-bot"]
    assert run(services, "--from", "telegram", "--apply", "--why", "bị chặn").exit_code == 1
    back = run(services, "--back", "telegram", "--format", "json")
    assert back.exit_code == 0
    assert json.loads(back.stdout)["sent_on"] == 2
    with services.reading() as work:
        assert set(work.session.exec(select(Delivery.state))) == {DeliveryState.PENDING}


def test_the_lists_by_village_carry_codes_and_a_text_to_read_aloud(services: Services, asked: list[Opinion]) -> None:
    printed = run(services, "--from", "telegram", "--to", "zalo-oa", "--villages").stdout
    assert printed.index("thôn 4") < printed.index("thôn Hạ") < printed.index("LỜI ĐỌC TRÊN LOA")
    assert spoken(asked[0].code or "") in printed
    assert spoken(asked[2].code or "") not in printed
    assert "Sáu" not in printed


@pytest.mark.parametrize(
    "wrong", [[], ["--from", "telegram", "--back", "telegram"], ["--from", "chim"], ["--back", "telegram"]]
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    services: Services, asked: list[Opinion], wrong: list[str]
) -> None:
    result = run(services, *wrong)
    assert result.exit_code == 1
    assert result.stderr.strip()
