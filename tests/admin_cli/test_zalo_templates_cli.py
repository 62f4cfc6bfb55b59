"""`doithoai zalo templates`: the file alone, the file against Zalo, and what a form would say of one opinion."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select
from typer.testing import CliRunner, Result

from admin_cli.app import app
from bot.channels.zalo_zbs.templates import compare, read_info
from bot.standins.zalo_templates import Template
from bot.standins.zalo_zbs import ZaloZbsStandin
from casework.codes import spoken
from casework.ladder.values import TemplateForm
from casework.usecases.work import Services
from storage.records import OpinionState, Role, Staff
from tests.admin_cli.test_zalo_cli import Platform, chat_of, connected
from tests.casework.factories import make_citizen, make_opinion, make_staff

FILE = """
[[forms]]
purposes = ["answer", "conclusion"]
route = "uid"
template_id = "301"
price_vnd = 210
[forms.parameters.ma]
field = "code"
[forms.parameters.loai]
field = "status"

[[forms]]
purposes = ["*"]
route = "phone"
template_id = "302"
price_vnd = 300
[forms.parameters.ma]
field = "code"
[forms.parameters.don_vi]
field = "office"
limit = 20
cut = true
"""
UID = Template(template_id="301", text="<ma> <loai>", params={"ma": 30, "loai": 30}, price_uid=210)
PHONE = Template(template_id="302", text="<ma> <don_vi>", params={"ma": 30, "don_vi": 20}, price_phone=300)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["zalo", "templates", *arguments])


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The office's file, named by the settings."""
    found = tmp_path / "zbs.toml"
    found.write_text(FILE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DOITHOAI_ZALO_ZBS_TEMPLATES", str(found))
    return found


def test_without_a_file_there_are_no_templates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    listed = run("list", "--format", "json")
    assert (listed.exit_code, json.loads(listed.stdout)) == (0, [])
    assert "DOITHOAI_ZALO_ZBS_TEMPLATES" in listed.stderr
    assert run("check", "--offline").exit_code == 1


@pytest.mark.usefixtures("file")
def test_the_list_says_which_form_says_what_to_whom_and_what_it_costs() -> None:
    rows = json.loads(run("list", "--format", "json").stdout)
    assert [(row["purpose"], row["route"], row["template_id"], row["price_vnd"]) for row in rows] == [
        ("answer", "uid", "301", 210),
        ("conclusion", "uid", "301", 210),
        ("*", "phone", "302", 300),
    ]
    assert "don_vi = tên đơn vị (20, cắt được)" in rows[2]["parameters"]
    table = run("list", "--format", "table").stdout
    assert max(map(len, table.splitlines())) <= 80
    assert "số điện thoại" in table


def test_offline_the_file_alone_is_checked(file: Path) -> None:
    assert run("check", "--offline", "--format", "json").exit_code == 0
    file.write_text(FILE.replace('"code"', '"ma"', 1), encoding="utf-8")
    refused = run("check", "--offline")
    assert refused.exit_code == 1
    assert "forms.0.parameters.ma.field" in refused.stderr


# ---------------------------------------------------------------------- against Zalo


@pytest.fixture
def zbs(services: Services, monkeypatch: pytest.MonkeyPatch, file: Path) -> Iterator[tuple[Platform, ZaloZbsStandin]]:
    platform = Platform()
    standin = ZaloZbsStandin(platform.oa)
    platform.do(standin.come_up())
    for name, value in {
        "PUBLIC_URL": "https://doithoai.example.vn",
        "ZALO_OA_APP_ID": platform.oa.APP_ID,
        "ZALO_OA_APP_SECRET": platform.oa.APP_SECRET,
        "ZALO_OA_SECRET_KEY": "khoa-webhook-thu",
        "ZALO_OA_OAUTH_URL": platform.oa.oauth_url,
        "ZALO_OA_BASE_URL": platform.oa.base_url,
        "ZALO_ZBS_BASE_URL": standin.base_url,
    }.items():
        monkeypatch.setenv(f"DOITHOAI_{name}", value)
    make_staff(services, Role.ADMIN, name="Bà Mai")
    standin.templates["301"], standin.templates["302"] = UID, PHONE
    yield platform, standin
    platform.do(standin.go_down())
    platform.close()


def check(services: Services) -> tuple[int, dict[str, Any]]:
    result = run("check", "--db", services.database.url, "--format", "json")
    return result.exit_code, {row["template_id"]: row["faults"] for row in json.loads(result.stdout)}


def test_what_agrees_with_zalo_is_said_to_and_what_does_not_is_named(services, zbs) -> None:
    platform, standin = zbs
    assert connected(platform, services).exit_code == 0
    assert check(services) == (0, {"301": [], "302": []})
    standin.templates["301"] = replace(UID, status="DISABLE", params={"ma": 6, "ngay": 20}, price_uid=250)
    del standin.templates["302"]
    code, found = check(services)
    assert code == 1
    assert found["301"] == [
        "Mẫu đã bị tắt: chưa gửi được.",
        "Mẫu không có tham số loai.",
        "Tệp thiếu tham số ngay mà mẫu bắt buộc.",
        "ma: mẫu chỉ nhận 6 ký tự, tệp ghi 30.",
        "Giá: Zalo ghi 250 đồng, tệp ghi 210 đồng.",
    ]
    assert "Không có mẫu tin mang số này" in found["302"][0]
    assert standin.calls_of("template") == []


def test_without_leave_of_the_account_or_without_zalo_it_says_so(services, zbs) -> None:
    platform, standin = zbs
    code, found = check(services)
    assert code == 1
    assert all("Zalo" in said[0] for said in found.values())
    assert connected(platform, services).exit_code == 0
    platform.do(standin.go_down())
    code, found = check(services)
    assert code == 1
    assert "Không hỏi được Zalo" in found["301"][0]


@given(
    data=st.dictionaries(
        st.sampled_from(["status", "listParams", "price_uid", "price_sdt"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.sampled_from(["name", "require", "maxLength"]), inner, max_size=3)
            ),
            max_leaves=8,
        ),
    )
)
def test_any_answer_about_a_template_can_be_compared(data: dict[str, Any]) -> None:
    form = TemplateForm(template_id="1", parameters={"ma": "code"}, limits={"ma": 30})
    assert all(isinstance(fault, str) for fault in compare("uid", form, read_info("1", data)))


# ---------------------------------------------------------------------- preview


def test_a_preview_says_what_would_be_filled_in_and_names_nobody(
    services: Services, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_staff(services, Role.MODERATOR, name="Bà Mai")
    monkeypatch.setenv("DOITHOAI_ZALO_ZBS_BY_PHONE", "true")
    citizen = make_citizen(services, name="Nguyễn Thị Hoa")
    opinion = make_opinion(services, citizen=citizen, state=OpinionState.ANSWERED)
    code = spoken(opinion.code or "")
    shown = run("preview", "answer", "--opinion", code, "--db", services.database.url, "--format", "json")
    assert shown.exit_code == 0, shown.stderr
    uid, phone = json.loads(shown.stdout)
    assert uid["data"]["ma"].replace("-", "") == opinion.code
    assert uid["data"]["loai"] == "văn bản trả lời"
    assert phone["data"]["don_vi"] == "xã Tân Minh"
    assert "Hoa" not in shown.stdout
    table = run("preview", "answer", "--opinion", code, "--db", services.database.url, "--format", "table").stdout
    assert max(map(len, table.splitlines())) <= 80


@pytest.mark.usefixtures("file")
def test_a_preview_that_cannot_be_filled_says_why(services: Services, file: Path) -> None:
    make_staff(services, Role.MODERATOR, name="Bà Mai")
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.APPROVED)
    code = opinion.code or ""
    database = ("--db", services.database.url)
    assert run("preview", "quà", "--opinion", code, *database).exit_code == 1
    nothing = run("preview", "agenda", "--opinion", code, *database)
    assert nothing.exit_code == 1
    assert "templates list" in nothing.stderr
    file.write_text(FILE.replace('"status"', '"link"'), encoding="utf-8")
    refused = run("preview", "answer", "--opinion", code, *database, "--format", "json")
    assert refused.exit_code == 1
    assert "đường dẫn" in json.loads(refused.stdout)[0]["problem"]


def test_an_approved_form_goes_to_ones_own_chat_after_a_yes(
    services: Services, zbs: tuple[Platform, ZaloZbsStandin]
) -> None:
    platform, _ = zbs
    platform.oa.templates["301"] = UID
    connected(platform, services)
    with services.reading() as work:
        admin = work.session.exec(select(Staff.id).where(Staff.name == "Bà Mai")).one() or 0
    words = ("send-to-me", "answer", "--db", services.database.url, "--staff", str(admin))
    unlinked = run(*words, "--yes")
    assert (unlinked.exit_code, "/ghidanh" in unlinked.stderr) == (1, True)
    chat_of(services, admin, platform)
    assert run(*words).exit_code == 1  # nobody said yes
    assert platform.oa.calls_of("template") == []
    sent = run(*words, "--yes", "--format", "json")
    assert sent.exit_code == 0, sent.output
    assert json.loads(sent.stdout)["sent"] is True
    [call] = platform.oa.calls_of("template")
    assert call.params["template_data"] == {"ma": "THU-000", "loai": "văn bản trả lời"}
    clerk = make_staff(services, Role.MODERATOR, name="Chị Lan")
    refused = run(*words[:-1], str(clerk), "--yes")
    assert (refused.exit_code, "quản trị" in refused.stderr) == (1, True)
