"""`doithoai delivery slips | handed | typed`, `doithoai posters`: files, what is said of them, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.codes import spoken
from casework.usecases.office.entrances import entrances
from casework.usecases.work import Services
from storage.records import Delivery, DeliveryState, Role
from tests.casework.factories import make_staff
from tests.casework.slips import notice_of, waiting_slip


@pytest.fixture(autouse=True)
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


def run(services: Services, *arguments: str, answer: str | None = None) -> Result:
    day = ("--as-of", "2026-11-02")
    return CliRunner().invoke(app, [*arguments, "--db", services.database.url, *day], input=answer)


def test_without_a_folder_the_slips_are_only_listed_and_no_name_is(services) -> None:
    opinion, notice = waiting_slip(services, name="Bà Tư Hoa")
    result = run(services, "delivery", "slips", "--format", "table")
    assert result.exit_code == 0
    assert spoken(opinion.code or "") in result.stdout
    assert "Bà Tư Hoa" not in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "Bà Tư Hoa" not in run(services, "delivery", "slips", "--format", "json").stdout
    assert notice_of(services, notice).printed_at is None


def test_slips_are_printed_into_a_folder_and_the_second_time_there_is_nothing_left(services, tmp_path: Path) -> None:
    waiting_slip(services)
    out = str(tmp_path / "phieu")
    result = run(services, "delivery", "slips", "--village", "thôn hạ", "--out", out, "--format", "json")
    [row] = json.loads(result.stdout)
    assert (row["village"], row["slips"]) == ("thôn Hạ", 1)
    assert Path(row["path"]).exists()
    assert Path(row["sign_off"]).exists()
    again = run(services, "delivery", "slips", "--out", out, "--format", "json")
    assert json.loads(again.stdout) == []
    assert "--again" in again.stderr


def test_what_was_handed_over_is_told_and_what_was_refused_makes_exit_1(services) -> None:
    opinion, notice = waiting_slip(services)
    code = spoken(opinion.code or "")
    result = run(services, "delivery", "handed", code, "--format", "json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)[0]["state"] == "handed_over"
    refused = run(services, "delivery", "handed", code, "--format", "json")
    assert refused.exit_code == 1
    assert f"{code}: Phiếu này đã ghi là trao" in refused.stderr
    assert run(services, "delivery", "handed", code, "--undo").exit_code == 0
    assert notice_of(services, notice).state == DeliveryState.WITH_STAFF


def test_all_of_a_list_is_taken_after_a_yes_and_not_after_a_no(services, tmp_path: Path) -> None:
    _, notice = waiting_slip(services)
    assert run(services, "delivery", "handed", "--all").exit_code == 1
    run(services, "delivery", "slips", "--out", str(tmp_path))
    assert run(services, "delivery", "handed", "--all", answer="n\n").exit_code == 1
    assert notice_of(services, notice).state == DeliveryState.WITH_STAFF
    assert run(services, "delivery", "handed", "--all", answer="y\n").exit_code == 0
    assert notice_of(services, notice).state == DeliveryState.HANDED_OVER


def test_codes_or_all_not_both_and_not_neither(services) -> None:
    assert run(services, "delivery", "handed").exit_code == 1
    assert run(services, "delivery", "handed", "K7P-4MX", "--all").exit_code == 1


def test_what_was_typed_in_the_console_is_recorded(services) -> None:
    opinion, notice = waiting_slip(services)
    with services.writing() as work:
        row = work.session.get_one(Delivery, notice.id)
        row.rung = "console"
        work.add(row)
        work.commit()
    result = run(services, "delivery", "typed", opinion.code or "", "--format", "json")
    assert json.loads(result.stdout)[0]["state"] == "sent"
    assert notice_of(services, notice).outcome == "console"


# --------------------------------------------------------------------------- posters


def test_posters_are_made_for_every_village_and_the_bot_is_remembered(services, tmp_path: Path) -> None:
    out = str(tmp_path / "to")
    result = run(services, "posters", "--telegram", "@TanMinhBot", "--out", out)
    assert result.exit_code == 0, result.stderr
    assert len(result.stdout.split()) == 7
    assert all(Path(path).exists() for path in result.stdout.split())
    assert entrances(services).telegram_bot == "TanMinhBot"
    one = run(services, "posters", "--village", "ha", "--out", str(tmp_path / "mot"))
    assert one.stdout.split() == [str(tmp_path / "mot" / "to-ma-qr-ha.docx")]


def test_posters_take_the_official_account_of_the_settings(services, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("DOITHOAI_ZALO_OA_ID", "2834567890123456789")
    result = run(services, "posters", "--village", "ha", "--out", str(tmp_path))
    assert "mở Zalo" in result.stderr
    assert "nhắn tên thôn" in result.stderr


def test_posters_say_what_is_missing_when_no_chat_is_set_up(services, tmp_path: Path) -> None:
    result = run(services, "posters", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert "Chưa biết kênh nào" in result.stderr
    assert run(services, "posters", "--telegram", "Tân Minh", "--out", str(tmp_path)).exit_code == 1


def test_a_pdf_needs_an_office_suite_and_says_so(services, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(services, "posters", "--telegram", "TanMinhBot", "--format", "pdf", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert "LibreOffice" in result.stderr
