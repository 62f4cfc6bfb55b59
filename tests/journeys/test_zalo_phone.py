"""A phone number given through Zalo's form: asked about, kept with a digit, used when nothing else is open."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import select

from bot.standins.zalo_templates import Template
from casework.clock import ManualClock
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryAttempt, InboxEntry
from tests.journeys.zalo_town import ANSWER, BA_TU, ZaloTown, zalo_town

PHONE = "84950000001"
FORMS = """
[[forms]]
purposes = ["*"]
route = "phone"
template_id = "401"
price_vnd = 300
[forms.parameters.ma]
field = "code"
[forms.parameters.loai_tin]
field = "status"
"""


@pytest.fixture
async def town(services: Services, clock: ManualClock, tmp_path: Path) -> AsyncIterator[ZaloTown]:
    file = tmp_path / "phones.toml"
    file.write_text(FORMS, encoding="utf-8")
    async with zalo_town(services, clock, tmp_path, zalo_zbs_templates=file, zalo_zbs_by_phone=True) as town:
        town.oa.templates["401"] = Template(
            template_id="401", text="Mã <ma>: <loai_tin>.", params={"ma": 30, "loai_tin": 30}
        )
        yield town


async def _gives_number(town: ZaloTown, answer: str) -> None:
    await town.oa.submits_info(BA_TU, name="Bà Tư", phone="0950 000 001")
    await town.settle()
    assert "ba số cuối 001" in town.oa.texts_to(BA_TU)[-1]
    await town.says(BA_TU, answer)


async def test_weeks_later_the_form_goes_to_the_number_and_the_answer_to_the_chat(town: ZaloTown) -> None:
    code = await town.submits(BA_TU)
    await _gives_number(town, "1")
    conference = await town.put_on_the_agenda(code)
    await town.days(40)
    before = len(town.zbs.texts_to(PHONE))
    await town.answer(f"{conference}/1")
    await town.days(7)
    news = [text for text in town.zbs.texts_to(PHONE)[before:] if "văn bản trả lời" in text]
    assert len(news) == 1
    assert code.replace("-", "") in news[0].replace("-", "")
    assert town.read(BA_TU, ANSWER) == 0
    await town.zbs.receives(PHONE)
    await town.settle()
    with town.services.reading() as work:
        attempts = work.session.exec(
            select(DeliveryAttempt)
            .join(Delivery, Delivery.id == DeliveryAttempt.delivery_id)  # type: ignore[arg-type]
            .where(Delivery.purpose == "answer", DeliveryAttempt.channel == "zalo-zbs")
        ).all()
    assert [(one.rung, one.outcome, one.price_vnd) for one in attempts] == [("template", "sent", 300)]
    await town.says(BA_TU, "Có gì mới không?")
    assert town.read(BA_TU, ANSWER) == 1


async def test_after_a_no_nothing_is_kept_and_no_form_goes_out(town: ZaloTown) -> None:
    code = await town.submits(BA_TU)
    await _gives_number(town, "2")
    conference = await town.put_on_the_agenda(code)
    await town.days(40)
    await town.answer(f"{conference}/1")
    await town.days(12)
    assert town.zbs.calls_of("template") == []
    with town.services.reading() as work:
        assert [row.external_id for row in work.session.exec(select(ChannelIdentity))] == [BA_TU]
        assert not any("950 000 001" in entry.raw for entry in work.session.exec(select(InboxEntry)))


async def test_a_number_that_has_no_zalo_leads_on_to_paper(town: ZaloTown) -> None:
    town.zbs.numbers_refused[PHONE] = -118
    code = await town.submits(BA_TU)
    await _gives_number(town, "1")
    conference = await town.put_on_the_agenda(code)
    await town.days(40)
    await town.answer(f"{conference}/1")
    await town.days(14)
    (notice,) = town.notices("answer")
    assert (notice.state, notice.rung) == ("with_staff", "slip")
