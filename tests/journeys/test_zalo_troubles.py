"""What goes wrong on Zalo: people leave, tokens die, answers get lost, events come twice. Nobody loses the answer and
nobody gets it twice."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from bot.standins.zalo_caller import RETRIES
from bot.standins.zalo_faults import Fault
from bot.standins.zalo_oa import STATE_AGENCY
from casework.clock import ManualClock
from casework.usecases.delivery import delivery
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import DeliveryState, InboxEntry, Opinion, ZaloGrant
from tests.journeys.zalo_town import ANSWER, BA_TU, FORMS, LAMPS, ONG_BAY, ZaloTown, zalo_town

S = DeliveryState
Open = Callable[..., AbstractAsyncContextManager[ZaloTown]]


@pytest.fixture
async def open_town(services: Services, clock: ManualClock, tmp_path: Path) -> AsyncIterator[Any]:
    yield partial(zalo_town, services, clock, tmp_path)
    assert [finding.what for finding in examine(services) if finding.severity == "breach"] == []


async def asked(town: ZaloTown, person: str = BA_TU) -> str:
    """Asked and approved; returns what is to be answered."""
    code = await town.submits(person)
    await town.approve(code)
    await town.wait(minutes=10)
    return code


# ---------------------------------------------------------------------- people come and go


async def test_who_leaves_before_the_answer_gets_it_on_coming_back_once(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        await town.oa.unfollows(BA_TU)
        await town.settle()
        sends = len(town.oa.calls_of("cs"))
        await town.answer(ref)
        assert len(town.oa.calls_of("cs")) == sends, "whoever said goodbye is not tried"
        assert town.notices("answer")[0].state == S.WAITING_PICKUP
        await town.oa.follows(BA_TU)
        await town.settle()
        assert town.read(BA_TU, ANSWER) == 1
        await town.says(BA_TU, "xin chào")
        assert town.read(BA_TU, ANSWER) == 1


async def test_who_blocks_without_a_word_is_tried_once_and_gets_it_when_writing_again(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.blocks(BA_TU)
        sends = len(town.oa.calls_of("cs"))
        await town.answer(ref)
        await town.days(2)
        assert len(town.oa.calls_of("cs")) == sends + 1
        assert town.notices("answer")[0].state == S.WAITING_PICKUP
        town.oa.unblocks(BA_TU)
        await town.says(BA_TU, "Tôi đây")
        assert town.read(BA_TU, ANSWER) == 1


async def test_who_withdraws_from_zalo_is_not_written_to_any_more(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        await town.wait(minutes=1)
        await town.oa.withdraws(BA_TU)
        await town.settle()
        seen = len(town.oa.messages_of(BA_TU))
        await town.answer(ref)
        await town.days(3)
        assert town.read(BA_TU, ANSWER) == 0
        assert len(town.oa.messages_of(BA_TU)) <= seen + 1


# ---------------------------------------------------------------------- the account


async def test_a_state_agency_sends_over_the_old_address_and_remembers_it(open_town: Open) -> None:
    async with open_town(oa_type=STATE_AGENCY) as town:
        ref = await asked(town)
        await town.answer(ref)
        assert town.read(BA_TU, ANSWER) == 1
        assert len(town.oa.calls_of("cs")) <= 1, "the address that is refused is tried once"
        with town.services.reading() as work:
            assert work.session.exec(select(ZaloGrant.send_path)).one() == "/v2.0/oa/message"
        assert {shown.by for shown in town.oa.messages_of(BA_TU)} == {"v2"}


async def test_an_error_that_may_follow_a_delivered_message_leads_to_no_second_address(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.inject(Fault.code(-200, delivers=False), method="cs")
        await town.answer(ref)
        assert town.oa.calls_of("v2") == []
        await town.wait(minutes=10)
        assert town.read(BA_TU, ANSWER) == 1


async def test_a_token_that_dies_in_mid_run_is_renewed_once_and_nobody_is_left_out(open_town: Open) -> None:
    people = [str(4_521_893_670_011_300_000 + number) for number in range(12)]
    async with open_town() as town:
        codes = [await town.submits(person, f"{LAMPS} Nhà số {n}.") for n, person in enumerate(people)]
        for code in codes:
            await town.approve(code)
        await town.wait(minutes=10)
        refreshes = town.oa.oauth.refreshes
        for code in codes:
            await town.publish(code)
        town.oa.oauth.calls_left = 5
        await town.wait(minutes=10)
        assert [town.read(person, ANSWER) for person in people] == [1] * len(people)
        assert town.oa.oauth.refreshes == refreshes + 1
        assert {notice.state for notice in town.notices("answer")} == {S.SENT}


async def test_without_a_grant_everything_waits_and_goes_out_once_it_is_given_again(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.oauth.revoke()
        await town.answer(ref)
        await town.wait(hours=1)
        assert town.read(BA_TU, ANSWER) == 0
        assert town.notices("answer")[0].state == S.PENDING
        await town.wait(hours=30)
        troubled = {state.name: state.why for state in town.program.states()}
        assert troubled["zalo-oa"], "the health page says that Zalo must be connected again"
        town.connect()
        await town.wait(hours=1)
        assert town.read(BA_TU, ANSWER) == 1


# ---------------------------------------------------------------------- events come twice, late, or not at all


async def test_events_that_come_three_times_count_once(open_town: Open) -> None:
    async with open_town() as town:
        town.oa.caller.duplicates = 2
        code = await town.submits(BA_TU)
        with town.services.reading() as work:
            assert [opinion.code for opinion in work.session.exec(select(Opinion)).all()] == [code]
        assert len(set(town.oa.texts_to(BA_TU))) == len(town.oa.texts_to(BA_TU))


async def test_a_whole_series_of_retries_counts_once(open_town: Open) -> None:
    async with open_town() as town:
        town.oa.echoes, town.oa.caller.deaf_for = False, 5
        await town.says(BA_TU, LAMPS)
        await town.wait(seconds=10)
        replies = town.oa.texts_to(BA_TU)
        for wait in RETRIES:
            await town.wait(seconds=wait.total_seconds())
            assert await town.oa.caller.retry_due() == 1
            await town.settle()
        assert [number for _, number in town.oa.caller.statuses] == [0, 1, 2, 3, 4, 5]
        assert town.oa.caller.subscribed
        with town.services.reading() as work:
            assert len(work.session.exec(select(InboxEntry)).all()) == 1
        assert town.oa.texts_to(BA_TU)[: len(replies)] == replies
        assert replies != []


async def test_what_was_said_while_we_were_away_arrives_with_the_retry(open_town: Open) -> None:
    async with open_town() as town:
        url, town.oa.caller.url = town.oa.caller.url, "http://127.0.0.1:9/webhook/zalo-oa"
        await town.oa.says(BA_TU, LAMPS)
        town.oa.caller.url = url
        await town.wait(minutes=1)
        await town.oa.caller.retry_due()
        await town.settle()
        await town.wait(seconds=10)
        assert any(LAMPS in text for text in town.oa.texts_to(BA_TU))


async def test_an_event_with_a_wrong_signature_is_dropped_with_200(open_town: Open) -> None:
    async with open_town() as town:
        event = town.oa.text_event(BA_TU, LAMPS)
        body, headers = town.oa.caller.signed(event, secret_key="khoa-cua-ke-la")
        assert await town.oa.caller.post(body, headers) == 200
        await town.wait(seconds=10)
        assert town.oa.messages_of(BA_TU) == []


# ---------------------------------------------------------------------- the answer to a send is lost


@pytest.mark.parametrize("fault", [Fault.lost_reply(), Fault.page(502, delivers=True), Fault.garbage()])
async def test_a_lost_reply_is_unknown_until_the_echo_proves_it(open_town: Open, fault: Fault) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.echoes = False
        town.oa.inject(fault, method="cs")
        await town.answer(ref)
        (notice,) = town.notices("answer")
        assert notice.state == S.UNKNOWN
        shown = next(message for message in town.oa.messages_of(BA_TU) if ANSWER in message.text)
        town.oa.echoes = True
        town.oa.tell_of(BA_TU, shown)
        await town.settle()
        (notice,) = town.notices("answer")
        assert notice.state == S.SENT
        assert notice.delivered_at is not None
        await town.says(BA_TU, "Tôi đọc rồi")
        await town.days(3)
        assert town.read(BA_TU, ANSWER) == 1


async def test_a_receipt_proves_it_as_well(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.echoes, town.oa.receipts = False, True
        town.oa.inject(Fault.lost_reply(), method="cs")
        await town.answer(ref)
        assert town.notices("answer")[0].state == S.SENT
        assert town.read(BA_TU, ANSWER) == 1


async def test_without_any_proof_a_person_decides_and_nothing_is_sent_blindly(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.echoes = False
        town.oa.inject(Fault.lost_reply(), method="cs")
        await town.answer(ref)
        await town.days(5)
        (notice,) = town.notices("answer")
        assert (notice.state, town.read(BA_TU, ANSWER)) == (S.UNKNOWN, 1)
        assert notice.id in {row.id for row in delivery.list_deliveries(town.services, town.boss, state=S.UNKNOWN)}
        delivery.resolve(town.services, town.boss, notice.id or 0, delivered=True, why="Bà Tư nói đã đọc")
        await town.settle()
        assert (town.notices("answer")[0].state, town.read(BA_TU, ANSWER)) == (S.SENT, 1)


async def test_what_surely_did_not_arrive_goes_out_again_by_itself(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        await town.oa.go_down()
        await town.answer(ref)
        assert town.notices("answer")[0].state == S.PENDING
        await town.oa.come_up()
        await town.wait(minutes=30)
        assert (town.notices("answer")[0].state, town.read(BA_TU, ANSWER)) == (S.SENT, 1)


async def test_a_form_whose_reply_got_lost_is_not_sent_again_and_the_answer_is_there_for_the_asking(
    open_town: Open,
) -> None:
    async with open_town(forms=FORMS) as town:
        ref = await asked(town)
        await town.wait(days=40)
        town.oa.inject(Fault.lost_reply(), method="template")
        await town.answer(ref)
        forms = [message for message in town.oa.messages_of(BA_TU) if message.by == "template"]
        await town.days(2)
        assert len(forms) == 1
        assert [message for message in town.oa.messages_of(BA_TU) if message.by == "template"] == forms
        await town.says(BA_TU, "Có kết quả rồi phải không?")
        assert town.read(BA_TU, ANSWER) == 1


async def test_a_long_answer_whose_second_half_got_lost_is_not_begun_anew(open_town: Open) -> None:
    async with open_town() as town:
        ref = await asked(town)
        town.oa.echoes = False
        parts = [f"Đoạn {n}: " + "xã đã làm xong phần việc này và sẽ trông nom tiếp. " * 18 for n in range(1, 5)]
        town.oa.inject(Fault.slow(0.0), method="cs")
        town.oa.inject(Fault.lost_reply(), method="cs")
        await town.answer(ref, "\n\n".join(parts))
        (notice,) = town.notices("answer")
        assert (notice.state, notice.parts_sent) == (S.UNKNOWN, 1)
        seen = len(town.oa.messages_of(BA_TU))
        town.oa.echoes = True
        town.oa.tell_of(BA_TU, town.oa.messages_of(BA_TU)[-1])
        await town.wait(minutes=10)
        assert town.notices("answer")[0].state == S.SENT
        assert len(town.oa.messages_of(BA_TU)) > seen
        for n in range(1, 5):
            assert town.read(BA_TU, f"Đoạn {n}: ") == 1


async def test_one_persons_fault_is_not_held_against_the_other(open_town: Open) -> None:
    async with open_town() as town:
        codes = [await town.submits(BA_TU), await town.submits(ONG_BAY, "Cống thoát nước thôn 2 tắc, mưa là ngập.")]
        for code in codes:
            await town.approve(code)
        await town.wait(minutes=10)
        town.oa.inject(Fault.code(-248), method="cs", recipient=BA_TU)
        for code in codes:
            await town.publish(code)
        await town.wait(minutes=10)
        states = {notice.state for notice in town.notices("answer")}
        assert states == {S.WITH_STAFF, S.SENT}
        assert (town.read(BA_TU, ANSWER), town.read(ONG_BAY, ANSWER)) == (0, 1)
