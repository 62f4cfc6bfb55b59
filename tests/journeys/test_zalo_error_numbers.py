"""For each error number Zalo can answer a send with: what the asker has on the phone, and what staff see.

Over the real outbox, the real ladder and HTTP. How a number counts is the channel's table; what follows from that for
the people concerned is proved here, number by number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlmodel import col, select

from bot.channels.zalo_oa import outcomes
from bot.channels.zalo_zbs import outcomes as forms
from bot.standins.zalo_faults import Fault
from casework import notices
from casework.clock import ManualClock
from casework.codes import new_code
from casework.talk import OutcomeKind
from casework.usecases.delivery import delivery
from casework.usecases.delivery.delivery import DeliveryDetail
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Citizen,
    Consent,
    ConsentPurpose,
    DeliveryAttempt,
    DeliveryState,
    Opinion,
    OpinionState,
)
from tests.journeys.zalo_town import FORMS, ZaloTown, zalo_town

S, K = DeliveryState, OutcomeKind
ANSWER = "Đã vá xong ngày 20/11/2026."
#: a number Zalo has not thought of yet
UNHEARD_OF = -987
TEXT, FORM = "cs", "template"
#: as long as any wait a passing fault asks for, and at an hour at which notices may be pushed
LONG = dt.timedelta(hours=24)


def numbers(method: str, *kinds: OutcomeKind) -> Iterator[int]:
    """Error numbers that make a send by this method end so."""
    known = [*outcomes.table(), *(code for code in forms.table() if code not in outcomes.table()), UNHEARD_OF]
    for code in known:
        if method == TEXT and code in forms.table() and code not in outcomes.table():
            continue
        now = dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)
        if outcomes.outcome_of(code, now=now, template=method == FORM).kind in kinds:
            yield code


@pytest.fixture
async def town(services: Services, clock: ManualClock, tmp_path: Path) -> AsyncIterator[ZaloTown]:
    async with zalo_town(services, clock, tmp_path, forms=FORMS, zalo_oa_rate_per_minute=6000.0) as town:
        yield town


class Asker:
    """Somebody with an approved opinion and an answer that is due to them."""

    def __init__(self, town: ZaloTown, method: str, code: int) -> None:
        self.town, self.method, self.code = town, method, code
        self.user = str(5_000_000_000_000_000_000 + abs(code) * 10 + (code > 0))

    def is_told(self) -> None:
        """The answer is written for them: in an open window, or (a form) long after they wrote."""
        town = self.town
        town.oa.text_event(self.user, "Xin chào")
        wrote = town.clock.now() - (dt.timedelta() if self.method == TEXT else dt.timedelta(days=40))
        town.oa.person(self.user).last_interaction = wrote
        with town.services.writing() as work:
            person = work.add(Citizen(office_id=town.services.office_id, created_at=work.now))
            identity = work.add(
                ChannelIdentity(
                    channel="zalo-oa",
                    account=town.oa.APP_ID,
                    external_id=self.user,
                    citizen_id=person.id,
                    last_inbound_at=wrote,
                )
            )
            work.add(
                Consent(
                    citizen_id=person.id or 0,
                    purpose=ConsentPurpose.PUSH,
                    granted=True,
                    wording_version="test",
                    wording_hash="test",
                    at=work.now,
                )
            )
            opinion = work.add(
                Opinion(
                    office_id=town.services.office_id,
                    code=new_code(town.services.random),
                    citizen_id=person.id,
                    channel_identity_id=identity.id,
                    state=OpinionState.APPROVED,
                    original_text="Đường thôn 5 hỏng.",
                    kind="y-kien",
                    topic="giao-thong",
                    level="xa",
                    submitted_at=work.now,
                )
            )
            told = notices.tell_asker(work, opinion, purpose="answer", text=ANSWER)
            work.commit()
        assert told is not None
        self.delivery_id = told.id or 0

    async def is_refused(self) -> DeliveryDetail:
        """Zalo answers every send to them with the number; what staff see then."""
        self.town.oa.inject(Fault.code(self.code), recipient=self.user, times=None)
        self.is_told()
        await self.town.outbox.flush()
        assert self.town.oa.messages_of(self.user) == []
        return self.seen()

    def seen(self) -> DeliveryDetail:
        return delivery.show_delivery(self.town.services, self.town.boss, self.delivery_id)

    def tried(self) -> list[str]:
        with self.town.services.reading() as work:
            statement = select(DeliveryAttempt.outcome).where(DeliveryAttempt.delivery_id == self.delivery_id)
            return list(work.session.exec(statement.order_by(col(DeliveryAttempt.id))))

    def arrived(self) -> list[str]:
        """What they have read, each "form" or "answer"."""
        return ["form" if shown.by == "template" else "answer" for shown in self.town.oa.messages_of(self.user)]

    async def later(self) -> None:
        """The fault has passed, and so has any wait."""
        self.town.oa.heal()
        self.town.oa.person(self.user).last_interaction = self.town.clock.now()
        await self.town.wait(seconds=LONG.total_seconds())

    async def writes(self) -> None:
        self.town.oa.heal()
        await self.town.says(self.user, "Chào cán bộ")


@pytest.mark.parametrize("method", [TEXT, FORM])
async def test_a_passing_fault_holds_the_notice_back_and_it_goes_out_by_itself(town: ZaloTown, method: str) -> None:
    for code in numbers(method, K.THROTTLED, K.RETRY_LATER):
        asker = Asker(town, method, code)
        seen = await asker.is_refused()
        assert (code, seen.state) == (code, S.PENDING)
        assert seen.detail, code
        assert seen.next_step, code
        assert seen.next_at is not None, code
        assert seen.next_at >= town.clock.now(), code
        await asker.later()
        assert (code, asker.arrived()) == (code, ["answer" if method == TEXT else "form"])


@pytest.mark.parametrize("method", [TEXT, FORM])
async def test_what_stops_the_whole_channel_costs_no_notice_its_turn(town: ZaloTown, method: str) -> None:
    for code in numbers(method, K.CHANNEL_DOWN):
        asker = Asker(town, method, code)
        seen = await asker.is_refused()
        assert (code, seen.state, seen.attempts) == (code, S.PENDING, 0)
        assert seen.detail, code
        assert seen.next_step, code
        await asker.later()
        assert (code, asker.arrived()) == (code, ["answer" if method == TEXT else "form"])


async def test_a_closed_window_keeps_the_answer_until_the_person_writes(town: ZaloTown) -> None:
    for code in numbers(TEXT, K.WINDOW_CLOSED):
        asker = Asker(town, TEXT, code)
        town.oa.inject(Fault.code(-249), method=FORM, recipient=asker.user, times=None)
        seen = await asker.is_refused()
        assert (code, seen.state) == (code, S.WAITING_PICKUP)
        assert seen.why, code
        assert seen.next_step, code
        assert seen.next_at is not None, code
        assert seen.reachable, code
        await asker.writes()
        assert (code, ANSWER in town.oa.texts_to(asker.user)[0]) == (code, True)
        assert sum(ANSWER in text for text in town.oa.texts_to(asker.user)) == 1


async def test_a_closed_window_is_followed_by_a_form_where_there_is_one(town: ZaloTown) -> None:
    for code in numbers(TEXT, K.WINDOW_CLOSED):
        asker = Asker(town, TEXT, code)
        town.oa.inject(Fault.code(code), method=TEXT, recipient=asker.user, times=None)
        asker.is_told()
        await town.outbox.flush()
        assert (code, asker.arrived()) == (code, ["form"])
        assert (code, asker.seen().state) == (code, S.WAITING_PICKUP)


async def test_a_form_that_cannot_go_out_leaves_the_answer_waiting_and_says_why(town: ZaloTown) -> None:
    for code in numbers(FORM, K.WINDOW_CLOSED, K.REJECTED):
        asker = Asker(town, FORM, code)
        seen = await asker.is_refused()
        assert (code, seen.state) == (code, S.WAITING_PICKUP)
        assert len(asker.tried()) == 1, code
        assert asker.tried()[0].endswith(f":{code}"), "the number can be counted"
        assert seen.why, code
        assert seen.next_step, code
        await town.outbox.flush()
        assert len(asker.tried()) == 1, "a form that was refused is not sent again"
        if code in outcomes.table():
            await asker.writes()
            assert sum(ANSWER in text for text in town.oa.texts_to(asker.user)) == 1


@pytest.mark.parametrize("method", [TEXT, FORM])
async def test_who_cannot_be_reached_is_left_in_peace_and_gets_it_on_writing(town: ZaloTown, method: str) -> None:
    for code in numbers(method, K.RECIPIENT_STOPPED):
        asker = Asker(town, method, code)
        seen = await asker.is_refused()
        assert (code, seen.state, seen.reachable) == (code, S.WAITING_PICKUP, False)
        assert seen.detail, code
        assert seen.next_step, code
        await town.outbox.flush()
        assert len(asker.tried()) == 1, code
        await asker.writes()
        assert sum(ANSWER in text for text in town.oa.texts_to(asker.user)) == 1


async def test_a_refused_message_is_shown_to_staff_and_never_repeated(town: ZaloTown) -> None:
    for code in numbers(TEXT, K.REJECTED):
        asker = Asker(town, TEXT, code)
        seen = await asker.is_refused()
        assert (code, seen.state, seen.rung) == (code, S.WITH_STAFF, "slip")
        assert seen.detail, code
        assert seen.why, code
        assert seen.next_step, code
        calls = len(town.oa.calls_of(TEXT, asker.user))
        town.oa.heal()
        await town.outbox.flush()
        assert len(town.oa.calls_of(TEXT, asker.user)) == calls
        assert asker.arrived() == []


def test_every_number_of_the_tables_is_proved_here() -> None:
    for method in (TEXT, FORM):
        proved = set(
            numbers(
                method,
                K.THROTTLED,
                K.RETRY_LATER,
                K.CHANNEL_DOWN,
                K.WINDOW_CLOSED,
                K.RECIPIENT_STOPPED,
                K.REJECTED,
            )
        )
        assert proved >= set(outcomes.table()) | {UNHEARD_OF}
