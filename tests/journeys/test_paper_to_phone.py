"""Somebody without a phone asks through an officer; a phone comes later, and with the paper's code the answer."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

from docx import Document
from sqlmodel import select

from bot.rehearsal import Rehearsal
from casework.clock import ManualClock
from casework.usecases.answers import answering
from casework.usecases.citizens import proxy
from casework.usecases.citizens.proxy import ProxyOpinion
from casework.usecases.citizens.proxy_receipt import print_receipt
from casework.usecases.moderation import triage
from casework.usecases.work import Services
from storage.records import ChannelIdentity, ConsentPurpose, Role
from tests.casework.factories import make_staff, notices_of

ANSWER = "Đèn đường thôn 4 sẽ được thay bóng trước ngày 15 tháng 12."


async def test_the_code_on_the_paper_brings_the_answer_to_a_phone_that_came_later(
    services: Services, clock: ManualClock, tmp_path: Path
) -> None:
    lan = make_staff(services, *Role, name="Chị Lan")
    tu = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    entered = proxy.enter(
        services,
        tu,
        ProxyOpinion(
            text="Đèn đường đầu ngõ tắt cả tháng nay, xin xã sửa cho.",
            village="t4",
            consents={ConsentPurpose.PROCESS: True, ConsentPurpose.PUBLISH: True},
            name="Bà Trần Thị Mẫu",
        ),
    )
    paper = print_receipt(services, tu, entered.code or "", tmp_path / "giay-hen.docx")
    triage.approve(services, lan, entered.code or "", title="Đèn đường thôn 4")
    answer = answering.write_answer(
        services,
        lan,
        entered.code or "",
        text=ANSWER,
        agency="UBND xã Tân Minh",
        document_number="109/UBND-KT",
        document_date=dt.date(2026, 11, 2),
    )
    answering.approve_answer(services, lan, answer)
    answering.publish_answer(services, lan, answer)
    (waiting,) = notices_of(services, "answer")
    assert waiting.channel_identity_id is None
    assert waiting.state in {"with_staff", "waiting_pickup"}

    rehearsal = Rehearsal(services=services, clock=clock)
    await rehearsal.wait(3600)
    await rehearsal.write("may-moi", _link_code(paper))
    assert ANSWER not in _seen(rehearsal), "not before the person says that the paper is theirs"
    await rehearsal.write("may-moi", "1")
    assert ANSWER in _seen(rehearsal)
    (given,) = notices_of(services, "answer")
    assert given.state in {"sent", "picked_up"}
    with services.reading() as work:
        chat = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.external_id == "may-moi")).one()
    assert chat.citizen_id == entered.citizen_id


def _seen(rehearsal: Rehearsal) -> str:
    return "\n".join(message.text for message in rehearsal.seen("may-moi"))


def _link_code(paper: Path) -> str:
    document = Document(str(paper))
    words = "\n".join(cell.text for table in document.tables for row in table.rows for cell in row.cells)
    found = re.search(r"LK-\w{3}-\w{3}-\w{3}", words)
    assert found is not None
    return found[0]
