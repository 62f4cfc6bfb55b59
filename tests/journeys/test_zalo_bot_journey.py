"""A closed pilot on the Zalo Bot Platform: digits only, no window, fifty people, and nothing told twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.standins.zalo_faults import Fault
from casework.clock import ManualClock
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import DeliveryState, Opinion
from tests.journeys.zalo_town import ANSWER, LAMPS, ZaloTown, zalo_town

S = DeliveryState
ONG_BAY = "9a2b4c6d8e0f"


@pytest.fixture
async def town(services: Services, clock: ManualClock, tmp_path: Path) -> AsyncIterator[ZaloTown]:
    async with zalo_town(services, clock, tmp_path, with_bot=True) as town:
        yield town
    assert [finding.what for finding in examine(services) if finding.severity == "breach"] == []


async def says(town: ZaloTown, text: str) -> None:
    await town.bot.says(ONG_BAY, text)
    await town.settle()


async def submits(town: ZaloTown) -> str:
    """They ask, confirm and agree with digits alone; returns the receipt code."""
    await says(town, LAMPS)
    await town.wait(seconds=10)
    await says(town, "1")
    for _ in range(8):
        if "1. Đồng ý" not in town.bot.texts_to(ONG_BAY)[-1]:
            break
        await says(town, "1")
    with town.services.reading() as work:
        code = work.session.exec(select(Opinion.code).order_by(col(Opinion.id).desc())).first()
    assert code is not None
    return code


def read(town: ZaloTown, needle: str) -> int:
    return sum(needle in text for text in town.bot.texts_to(ONG_BAY))


@pytest.mark.parametrize("wrapped", [True, False])
async def test_the_answer_comes_after_forty_days_as_there_is_no_window(town: ZaloTown, wrapped: bool) -> None:
    town.bot.wrapped = wrapped
    code = await submits(town)
    conference = await town.put_on_the_agenda(code)
    await town.wait(days=40)
    await town.answer(f"{conference}/1")
    assert read(town, ANSWER) == 1
    await says(town, "1")
    assert "Cảm ơn ông/bà đã cho biết" in town.bot.texts_to(ONG_BAY)[-1]
    assert all("markdown" not in message.params for message in town.bot.messages_of(ONG_BAY))


async def test_what_the_platform_hides_from_us_is_answered_all_the_same(town: ZaloTown) -> None:
    await town.bot.sends_unsupported(ONG_BAY)
    await town.settle()
    await town.wait(seconds=15)
    assert len(town.bot.texts_to(ONG_BAY)) == 1


async def test_when_the_months_messages_are_used_up_the_answer_waits_and_then_goes_on_paper(town: ZaloTown) -> None:
    code = await submits(town)
    await town.approve(code)
    await town.wait(minutes=10)
    town.bot.messages_per_month = 0
    await town.answer(code)
    assert read(town, ANSWER) == 0
    (notice,) = town.notices("answer")
    assert (notice.state, notice.outcome) == (S.WAITING_PICKUP, "window_closed")
    await town.days(6)
    assert town.notices("answer")[0].state == S.WITH_STAFF
    town.bot.messages_per_month = 3000
    await says(town, "Có trả lời chưa?")
    assert read(town, ANSWER) == 1
    assert town.notices("answer")[0].state in (S.SENT, S.PICKED_UP)


async def test_a_lost_reply_is_not_sent_again(town: ZaloTown) -> None:
    code = await submits(town)
    await town.approve(code)
    await town.wait(minutes=10)
    town.bot.inject(Fault.lost_reply(), method="sendMessage")
    await town.answer(code)
    await town.days(2)
    assert read(town, ANSWER) == 1
    assert [notice.state for notice in town.notices("answer")] == [S.UNKNOWN]


async def test_who_blocked_the_bot_is_tried_a_few_times_and_gets_it_on_writing_again(town: ZaloTown) -> None:
    code = await submits(town)
    await town.approve(code)
    await town.wait(minutes=10)
    town.bot.blocks(ONG_BAY)
    before = len(town.bot.calls_of("sendMessage", ONG_BAY))
    await town.answer(code)
    for _ in range(30):
        await town.wait(hours=1)
    tries = len(town.bot.calls_of("sendMessage", ONG_BAY)) - before
    assert 1 <= tries <= 15
    assert town.notices("answer")[0].state not in (S.PENDING, S.SENDING)
    town.bot.unblocks(ONG_BAY)
    await says(town, "Tôi đây")
    assert read(town, ANSWER) == 1
