"""Who asks by code for an answer with a document gets the address of its page, and only who asked the question does."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from sqlmodel import select

from bot.rehearsal import Rehearsal
from casework.clock import ManualClock
from casework.ladder import Policy
from casework.usecases.answers.answering import approve_answer, publish_answer, write_answer
from casework.usecases.answers.attachments import GivenFile, attach
from casework.usecases.answers.pages import open_page
from casework.usecases.moderation import triage
from casework.usecases.work import Services
from storage.records import AnswerLink, Delivery, Opinion, Role
from tests.casework.factories import make_staff

LAMPS = "Đèn đường trục thôn 4 tắt từ hôm bão về, đoạn nhà văn hóa xuống trạm biến áp số 2 tối om. Đề nghị xã sửa."
SHORT = "Đã thay 5 bóng LED ngày 25/11/2026."


@pytest.fixture
def stage(services: Services, clock: ManualClock, tmp_path: Path) -> Rehearsal:
    services.policy = Policy(public_url="https://doithoai.example.vn")
    services.files_dir = tmp_path / "files"
    return Rehearsal(services=services, clock=clock)


async def answered(stage: Rehearsal, *, document: bool) -> str:
    """Somebody asks, and the answer reaches them; returns the code."""
    services = stage.services
    staff = make_staff(services, Role.MODERATOR, Role.APPROVER)
    await stage.write("a", LAMPS)
    await stage.wait(10)
    for answer in ("1", "1", "1", "1"):
        await stage.write("a", answer)
    with services.reading() as work:
        code = work.session.exec(select(Opinion.code)).one() or ""
    triage.approve(services, staff, code)
    answer_id = write_answer(
        services,
        staff,
        code,
        text=SHORT,
        agency="Phòng Kinh tế",
        document_number="112/UBND-KT",
        document_date=dt.date(2026, 11, 26),
    )
    if document:
        attach(services, staff, answer_id, [GivenFile(name="112.pdf", data=b"%PDF-1.4")])
    approve_answer(services, staff, answer_id)
    publish_answer(services, staff, answer_id)
    await stage.wait(600)
    return code


def last_words(stage: Rehearsal, chat: str) -> str:
    with stage.services.reading() as work:
        rows = work.session.exec(select(Delivery).where(Delivery.purpose == "reply")).all()
    return rows[-1].text


async def test_the_asker_finds_the_page_again_by_code(stage: Rehearsal) -> None:
    code = await answered(stage, document=True)
    await stage.write("a", code)
    said = last_words(stage, "a")
    assert SHORT in said
    (secret,) = re.findall(r"/a/([a-z2-7]{26})$", said, re.MULTILINE)
    page = open_page(stage.services, secret)
    assert page is not None
    assert page.files[0].name == "112.pdf"


async def test_somebody_else_who_holds_the_code_reads_the_answer_and_gets_no_address(stage: Rehearsal) -> None:
    code = await answered(stage, document=True)
    with stage.services.reading() as work:
        before = len(work.session.exec(select(AnswerLink)).all())
    await stage.write("b", code)
    assert SHORT in last_words(stage, "b")
    assert "/a/" not in last_words(stage, "b")
    with stage.services.reading() as work:
        assert len(work.session.exec(select(AnswerLink)).all()) == before


async def test_an_answer_the_chat_holds_whole_names_no_page(stage: Rehearsal) -> None:
    code = await answered(stage, document=False)
    await stage.write("a", code)
    assert SHORT in last_words(stage, "a")
    assert "/a/" not in last_words(stage, "a")
