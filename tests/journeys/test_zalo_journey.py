"""A question on Zalo comes back answered forty days later, by each way of the ladder in turn."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from casework.clock import ManualClock
from casework.codes import spoken
from casework.usecases.delivery import by_hand
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import ConsentPurpose, DeliveryState
from tests.journeys.zalo_town import ANSWER, BA_TU, FORMS, LAMPS, PHONE_FORMS, ZaloTown, zalo_town

S = DeliveryState
Open = Callable[..., AbstractAsyncContextManager[ZaloTown]]


@pytest.fixture
async def open_town(services: Services, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Any]:
    yield partial(zalo_town, services, clock, tmp_path)
    assert examine(services) == []


async def forty_days_later(town: ZaloTown, *, writes_on_day: int | None = None) -> tuple[str, str]:
    """Asked, on the agenda, concluded; then forty days. Returns the receipt code and what is to be answered."""
    code = await town.submits(BA_TU)
    conference = await town.put_on_the_agenda(code)
    if writes_on_day is not None:
        await town.wait(days=writes_on_day)
        await town.says(BA_TU, "Bao giờ thì có trả lời vậy?")
    await town.wait(days=40 - (writes_on_day or 0))
    return code, f"{conference}/1"


async def test_who_wrote_yesterday_gets_the_answer_at_once_and_free(open_town: Open) -> None:
    async with open_town() as town:
        code, ref = await forty_days_later(town, writes_on_day=39)
        await town.answer(ref)
        assert town.read(BA_TU, ANSWER) == 1
        shown = next(message for message in town.oa.messages_of(BA_TU) if ANSWER in message.text)
        assert spoken(code) in shown.text
        assert (shown.by, shown.quota_type, town.oa.billed_vnd) == ("cs", "reply", 0)
        assert [notice.state for notice in town.notices("answer")] == [S.SENT]
        await town.taps(BA_TU, "Đã giải quyết")
        assert "Cảm ơn ông/bà đã cho biết" in town.oa.texts_to(BA_TU)[-1]


async def test_who_wrote_four_days_ago_gets_it_for_money_where_that_is_allowed(open_town: Open) -> None:
    async with open_town(zalo_oa_paid=True) as town:
        _, ref = await forty_days_later(town, writes_on_day=36)
        billed = town.oa.billed_vnd
        await town.answer(ref)
        assert town.read(BA_TU, ANSWER) == 1
        assert town.oa.billed_vnd > billed
        assert [notice.rung for notice in town.notices("answer")] == ["paid"]


async def test_without_leave_to_pay_nothing_is_billed_and_it_waits_for_a_message(open_town: Open) -> None:
    async with open_town() as town:
        _, ref = await forty_days_later(town, writes_on_day=36)
        await town.answer(ref)
        assert (town.read(BA_TU, ANSWER), town.oa.billed_vnd) == (0, 0)
        assert [notice.state for notice in town.notices("answer")] == [S.WAITING_PICKUP]
        await town.says(BA_TU, "Chào cán bộ")
        assert town.read(BA_TU, ANSWER) == 1


async def test_a_form_says_there_is_news_and_the_next_message_brings_all_of_it_first(open_town: Open) -> None:
    async with open_town(forms=FORMS) as town:
        code, ref = await forty_days_later(town)
        forms_before = len([m for m in town.oa.messages_of(BA_TU) if m.by == "template"])
        await town.answer(ref)
        forms = [message for message in town.oa.messages_of(BA_TU) if message.by == "template"]
        assert len(forms) == forms_before + 1
        assert spoken(code) in forms[-1].text
        assert town.read(BA_TU, ANSWER) == 0
        assert town.notices("answer")[0].state == S.WAITING_PICKUP
        await town.days(2)
        seen = len(town.oa.messages_of(BA_TU))
        await town.says(BA_TU, "Bao giờ xã họp nữa?")
        assert ANSWER in town.oa.texts_to(BA_TU)[seen]
        await town.wait(seconds=15)
        assert len(town.oa.messages_of(BA_TU)) > seen + 1, "what they asked just now is answered too, afterwards"
        await town.days(30)
        await town.says(BA_TU, "cảm ơn")
        assert town.read(BA_TU, ANSWER) == 1
        assert len([m for m in town.oa.messages_of(BA_TU) if m.by == "template"]) == len(forms)
        assert [notice.state for notice in town.notices("answer")] in ([S.SENT], [S.PICKED_UP])


@pytest.mark.parametrize("words", ["{code}", "Có trả lời chưa?"])
async def test_who_asks_for_it_by_code_or_in_words_reads_it_once(open_town: Open, words: str) -> None:
    async with open_town(forms=FORMS) as town:
        code, ref = await forty_days_later(town)
        await town.answer(ref)
        await town.days(2)
        seen = len(town.oa.messages_of(BA_TU))
        await town.says(BA_TU, words.format(code=spoken(code)))
        await town.wait(seconds=15)
        news = town.oa.texts_to(BA_TU)[seen:]
        assert ANSWER in news[0]
        assert town.read(BA_TU, ANSWER) == 1, news
        await town.says(BA_TU, spoken(code))
        assert town.read(BA_TU, ANSWER) == 2, "asked for anew, it is shown anew"


async def test_who_does_not_come_back_gets_it_on_the_other_channel_they_linked(open_town: Open) -> None:
    async with open_town(with_telegram=True) as town:
        _, ref = await forty_days_later(town)
        assert town.telegram is not None
        bot_id = town.telegram.token.partition(":")[0]
        account = next(account for name, account in town.program.channels if name == "telegram")
        assert account == bot_id
        town.link(
            BA_TU,
            channel="telegram",
            account=account,
            external_id="700000001",
            purposes=(ConsentPurpose.FALLBACK,),
        )
        await town.answer(ref)
        assert town.telegram.texts_to("700000001") == []
        await town.days(6)
        assert sum(ANSWER in text for text in town.telegram.texts_to("700000001")) == 1
        await town.says(BA_TU, "Chào cán bộ")
        assert town.read(BA_TU, ANSWER) == 0, "they have it already"


async def test_a_phone_number_given_for_that_gets_a_short_form_and_nothing_else(open_town: Open) -> None:
    async with open_town(forms=PHONE_FORMS, zalo_zbs_by_phone=True) as town:
        code, ref = await forty_days_later(town)
        phone = "84950000001"
        town.link(
            BA_TU,
            channel="zalo-zbs",
            account=town.oa.APP_ID,
            external_id=phone,
            purposes=(ConsentPurpose.PHONE,),
        )
        await town.answer(ref)
        await town.days(6)
        (text,) = town.zbs.texts_to(phone)
        assert spoken(code) in text
        assert ANSWER not in text
        assert await town.zbs.receives(phone) == 1
        await town.days(2)
        assert len(town.zbs.texts_to(phone)) == 1
        await town.says(BA_TU, "Chào cán bộ, tôi nhận được tin")
        assert town.read(BA_TU, ANSWER) == 1


async def test_a_phone_number_is_not_used_without_consent_for_it(open_town: Open) -> None:
    async with open_town(forms=PHONE_FORMS, zalo_zbs_by_phone=True) as town:
        _, ref = await forty_days_later(town)
        town.link(BA_TU, channel="zalo-zbs", account=town.oa.APP_ID, external_id="84950000001", purposes=())
        await town.answer(ref)
        await town.days(20)
        assert town.zbs.calls_of("template") == []
        assert town.notices("answer")[0].state == S.WITH_STAFF


async def test_a_number_without_zalo_is_tried_once_and_the_ladder_goes_on(open_town: Open) -> None:
    async with open_town(forms=PHONE_FORMS, zalo_zbs_by_phone=True) as town:
        _, ref = await forty_days_later(town)
        phone = "84950000001"
        town.zbs.numbers_refused[phone] = -118
        town.link(
            BA_TU,
            channel="zalo-zbs",
            account=town.oa.APP_ID,
            external_id=phone,
            purposes=(ConsentPurpose.PHONE,),
        )
        await town.answer(ref)
        await town.days(20)
        assert len(town.zbs.calls_of("template", phone)) == 1
        (notice,) = town.notices("answer")
        assert (notice.state, notice.rung) == (S.WITH_STAFF, "slip")


async def test_the_other_channel_is_not_used_without_consent(open_town: Open) -> None:
    async with open_town(with_telegram=True) as town:
        _, ref = await forty_days_later(town)
        account = next(account for name, account in town.program.channels if name == "telegram")
        town.link(BA_TU, channel="telegram", account=account, external_id="700000001", purposes=())
        await town.answer(ref)
        await town.days(30)
        assert town.telegram is not None
        assert not any(ANSWER in text for text in town.telegram.texts_to("700000001"))


async def test_a_colleague_types_it_in_the_console_and_the_echo_settles_it(open_town: Open) -> None:
    async with open_town() as town:
        _, ref = await forty_days_later(town)
        await town.answer(ref)
        await town.days(6)
        (notice,) = town.notices("answer")
        assert (notice.state, notice.rung) == (S.WITH_STAFF, "console")
        await town.oa.console_types(BA_TU, f"Thưa bà, {ANSWER}")
        await town.settle()
        (notice,) = town.notices("answer")
        assert notice.state in (S.SENT, S.HANDED_OVER)
        await town.days(10)
        await town.says(BA_TU, "Cảm ơn cán bộ")
        assert town.read(BA_TU, ANSWER) == 1, "what was typed by hand is not sent once more"


async def test_nobody_typed_it_so_it_is_printed_and_handed_over(open_town: Open) -> None:
    async with open_town() as town:
        code, ref = await forty_days_later(town)
        await town.answer(ref)
        await town.days(10)
        (notice,) = town.notices("answer")
        assert (notice.state, notice.rung) == (S.WITH_STAFF, "slip")
        slips = by_hand.waiting_slips(town.services, town.boss)
        assert code in {slip.ref for slip in slips}
        handed = by_hand.hand_over(town.services, town.boss, [code])
        assert notice.id in {one.delivery_id for one in handed.done}
        await town.days(3)
        await town.says(BA_TU, "Tôi nhận được giấy rồi")
        assert town.read(BA_TU, ANSWER) == 0
        assert town.notices("answer")[0].state == S.HANDED_OVER


async def test_who_writes_while_it_lies_with_staff_gets_it_in_the_chat(open_town: Open) -> None:
    async with open_town() as town:
        _, ref = await forty_days_later(town)
        await town.answer(ref)
        await town.days(10)
        assert town.notices("answer")[0].state == S.WITH_STAFF
        await town.says(BA_TU, "Có gì mới không cán bộ?")
        assert town.read(BA_TU, ANSWER) == 1
        assert town.notices("answer")[0].state in (S.SENT, S.PICKED_UP)
        assert by_hand.waiting_slips(town.services, town.boss) == []


async def test_nothing_is_pushed_at_night_but_who_writes_at_night_is_answered(open_town: Open) -> None:
    async with open_town() as town:
        code = await town.submits(BA_TU)
        conference = await town.put_on_the_agenda(code)
        await town.wait(hours=13)
        await town.says(BA_TU, "Bao giờ thì có trả lời vậy?")
        assert len(town.oa.messages_of(BA_TU)) > 0
        seen = len(town.oa.messages_of(BA_TU))
        await town.wait(hours=1)
        await town.answer(f"{conference}/1")
        assert len(town.oa.messages_of(BA_TU)) == seen, "22 giờ: không báo"
        await town.wait(hours=9)
        assert town.read(BA_TU, ANSWER) == 1


async def test_the_question_as_typed_is_the_one_that_is_kept(open_town: Open) -> None:
    async with open_town() as town:
        await town.submits(BA_TU)
        assert any(LAMPS in text for text in town.oa.texts_to(BA_TU))
