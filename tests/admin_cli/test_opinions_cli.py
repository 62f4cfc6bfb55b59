"""`doithoai opinions`: the same use cases as in the chat, from a shell."""

from __future__ import annotations

import json
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from admin_cli.app import app
from casework.codes import spoken
from casework.usecases.work import Services
from nlp.analysis import MadeBy
from storage.records import GroupSuggestion, Opinion, OpinionState, Prediction, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, reload

S = OpinionState


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


@pytest.fixture
def opinion(services: Services, lan: int) -> Opinion:
    citizen = make_citizen(services, name="Nguyễn Thị Hoa")
    return make_opinion(services, citizen=citizen, state=S.RECEIVED, village="t4", text="Đèn tắt, gọi 0912 345 678")


@pytest.fixture
def run(services: Services) -> Any:
    def invoke(*arguments: str, staff: str | None = None) -> Result:
        more = ["--db", services.database.url, "--as-of", "2026-11-02"]
        return CliRunner().invoke(app, ["opinions", *arguments, *more, *(["--staff", staff] if staff else [])])

    return invoke


def test_the_queue_is_json_in_a_pipe_with_everything_a_program_needs(run: Any, opinion: Opinion) -> None:
    result = run("queue")
    (line,) = json.loads(result.stdout)
    assert result.exit_code == 0
    assert line["ref"] == spoken(opinion.code or "")
    assert (line["id"], line["version"], line["village"], line["urgent"]) == (opinion.id, 0, "thôn 4", False)
    assert "0912" not in line["text"]


def test_the_queue_is_a_table_for_people_within_80_columns(run: Any, opinion: Opinion) -> None:
    result = run("queue", "--format", "table")
    assert spoken(opinion.code or "") in result.stdout
    assert max(len(line) for line in result.stdout.splitlines()) <= 80
    assert "Không có dòng nào" in run("queue", "--urgent", "--format", "table").stderr


def test_one_opinion_in_full_with_its_likenesses_and_history(run: Any, services: Services, opinion: Opinion) -> None:
    group = make_group(services, title="Đèn đường thôn 4")
    other = make_opinion(services, state=S.APPROVED, group=group)
    with services.writing() as work:
        work.add(
            GroupSuggestion(
                opinion_id=opinion.id or 0,
                other_opinion_id=other.id,
                score=0.9,
                same=True,
                reasons=["cùng thôn"],
                at=work.now,
            )
        )
        work.commit()
    shown = run("show", opinion.code or "", "--format", "table").stdout
    assert "0912 345 678" in shown
    assert "Nguyễn Thị Hoa" in shown
    assert "Đèn đường thôn 4 [cùng thôn]" in " ".join(shown.split())
    assert json.loads(run("show", opinion.code or "").stdout)["original_text"] == opinion.original_text


def test_what_is_alike_and_another_matter_is_called_so_and_an_issue_has_one_line(
    run: Any, services: Services, opinion: Opinion
) -> None:
    group = make_group(services, title="Đèn đường thôn 5")
    others = [make_opinion(services, state=S.APPROVED, group=group) for _ in range(2)]
    with services.writing() as work:
        for other in others:
            work.add(
                GroupSuggestion(
                    opinion_id=opinion.id or 0, other_opinion_id=other.id, score=0.95, same=False,
                    reasons=["khác nơi: thôn 4 và thôn 5"], at=work.now,
                )
            )  # fmt: skip
        work.commit()
    shown = " ".join(run("show", opinion.code or "", "--format", "table").stdout.split())
    assert shown.count("Gần giống (khác việc) nội dung") == shown.count("Đèn đường thôn 5 [khác nơi") == 1
    assert "95%" not in shown


def test_tables_say_what_the_program_is_not_sure_of_and_programs_get_the_same_keys_as_ever(
    run: Any, services: Services, lan: int
) -> None:
    long = "Dây điện hạ thế võng xuống sát mái nhà, mưa gió quệt vào cây tóe lửa. " * 3
    doubted = make_opinion(
        services, state=S.RECEIVED, village="t4", urgent=True, text=long, topic="giai-phong-mat-bang"
    )
    with services.writing() as work:
        for label, value in (("kind", "y-kien"), ("topic", "giai-phong-mat-bang"), ("level", "xa"), ("urgent", "true")):
            work.add(
                Prediction(
                    opinion_id=doubted.id or 0, label=label, value=value, confidence=0.41, made_by=MadeBy.MODEL,
                    unsure=True, at=work.now,
                )
            )  # fmt: skip
        work.commit()
    for verb in ("queue", "list"):
        table = run(verb, "--format", "table").stdout
        assert "KHẨN?" in table
        assert "Chưa" in table
        assert all(word in table for word in ("loại", "việc", "cấp", "khẩn"))
        assert max(len(line) for line in table.splitlines()) <= 80
        (line,) = json.loads(run(verb).stdout)
        assert line["unsure"] == ["kind", "topic", "level", "urgent"]
        assert line["section"] == "KHẨN"
    shown = run("show", doubted.code or "", "--format", "table").stdout
    assert shown.count("(chưa chắc, 41 %)") == 4
    assert max(len(line) for line in shown.splitlines()) <= 80


def test_decisions_answer_programs_on_stdout_and_people_on_stderr(
    run: Any, services: Services, opinion: Opinion
) -> None:
    result = run("approve", opinion.code or "", "--title", "Đèn đường trục thôn 4")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["state"] == "approved"
    assert "Đã duyệt" in result.stderr
    assert reload(services, opinion).state == S.APPROVED


def test_every_verb_works_from_the_shell(run: Any, services: Services, opinion: Opinion) -> None:
    code = opinion.code or ""
    other = make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED)
    held = make_opinion(services, citizen=make_citizen(services), state=S.HELD, kind="khieu-nai")
    for arguments, state in (
        (("ask-back", code, "Đoạn nào ạ?"), S.CLARIFYING),
        (("undo", code), S.RECEIVED),
        (("reclassify", code, "--topic", "giao-thong", "--level", "tinh", "--urgent", "--village", "t5"), S.RECEIVED),
        (("redact", code), S.RECEIVED),
        (("edit", code, "Đèn đường hỏng"), S.RECEIVED),
        (("merge", code, other.code or "", "--why", "cùng cột đèn"), S.APPROVED),
        (("split", code), S.APPROVED),
        (("undo", code), S.APPROVED),
        (("undo", code), S.RECEIVED),
        (
            (
                "refer",
                code,
                "Sở Xây dựng tỉnh",
                "--document",
                "12/MTTQ",
                "--report-on",
                "15/12/2026",
                "--why",
                "đường tỉnh",
            ),
            S.REFERRED,
        ),
        (("undo", code), S.RECEIVED),
        (("decline", code, "4", "--note", "xin viết lại"), S.DECLINED),
        (("undo", code), S.RECEIVED),
        (("redirect", code, "--kind", "khieu-nai"), S.REDIRECTED),
    ):
        result = run(*arguments)
        assert result.exit_code == 0, (arguments, result.stderr)
        assert reload(services, opinion).state == state, arguments
    assert run("release", held.code or "").exit_code == 0
    assert reload(services, held).state == S.RECEIVED


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("decline", "{code}", "VI_TOI_BAN"), "không có trong danh sách"),
        (("approve", "{code}", "--group", "99"), "Không có nhóm"),
        (("approve", "{code}", "--group", "99", "--title", "x"), "Chỉ dùng một"),
        (("show", "K7P4MX"), "Không tìm thấy"),
        (("approve", "{code}", "--expected-version", "7"), "vừa có thay đổi"),
        (("undo", "{code}"), "chưa có quyết định"),
        (("reclassify", "{code}"), "Không có gì thay đổi"),
        (("reclassify", "{code}", "--level", "huyen"), "cấp huyện"),
    ],
)
def test_a_refusal_is_said_on_stderr_and_exits_1(
    run: Any, services: Services, opinion: Opinion, arguments: tuple[str, ...], said: str
) -> None:
    result = run(*(one.format(code=opinion.code) for one in arguments))
    assert (result.exit_code, result.stdout) == (1, "")
    assert said in result.stderr
    assert reload(services, opinion).version == 0


def test_wrong_use_exits_2(run: Any, opinion: Opinion) -> None:
    assert run("approve").exit_code == 2
    assert run("reclassify", opinion.code or "", "--topic", "bay-len-troi").exit_code == 2
    assert run("refer", opinion.code or "", "Sở Y tế", "--report-on", "hôm nào").exit_code == 2


def test_the_acting_person_is_named_when_there_are_several(run: Any, services: Services, opinion: Opinion) -> None:
    make_staff(services, Role.VILLAGE_OFFICER, name="Anh Tư", village="t5")
    assert "--staff" in run("queue").stderr
    assert json.loads(run("queue", staff="chị lan").stdout)
    assert json.loads(run("queue", staff="Anh Tư").stdout) == []
    assert "cần quyền" in run("approve", opinion.code or "", staff="Anh Tư").stderr


def test_nothing_sealed_leaves_through_lists_or_files_and_it_opens_for_the_confidential_role_only(
    run: Any, services: Services, opinion: Opinion
) -> None:
    secret = "Ông Trần Văn Tạo nhận phong bì"
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text=secret)
    make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR, name="Anh Kín")
    for who in ("Chị Lan", "Anh Kín"):
        for arguments in (("list",), ("list", "--state", "held"), ("list", "--kind", "to-cao"), ("queue",)):
            for form in ("json", "csv", "table"):
                result = run(*arguments, "--format", form, staff=who)
                assert result.exit_code == 0
                assert "Tạo" not in result.output
                assert arguments[0] == "queue" or f"#{sealed.id}" not in result.output
    assert "giữ kín" not in run("queue", "--format", "table", staff="Chị Lan").output
    refused = run("show", f"#{sealed.id}", staff="Chị Lan")
    assert (refused.exit_code, refused.stderr) == (1, run("show", "#99999", staff="Chị Lan").stderr)
    assert secret in run("show", f"#{sealed.id}", staff="Anh Kín").stdout


def test_the_grounds_say_what_they_rest_on_under_the_offices_regulation(run: Any, lan: int, services: Services) -> None:
    result = CliRunner().invoke(app, ["opinions", "grounds", "--db", services.database.url, "--format", "json"])
    by_code = {row["code"]: row for row in json.loads(result.stdout)}
    assert "mục II.3" in by_code["XUC_PHAM_VU_KHONG"]["basis"]
    assert by_code["NGOAI_DIA_BAN"]["assumed"] is True
    assert by_code["NGOAI_DIA_BAN"]["assumption"]
