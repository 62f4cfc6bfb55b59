"""The forecast before a send: it counts whom the send reaches, prices each message, and says how waiting ends."""

from __future__ import annotations

import datetime as dt

from sqlmodel import select

from casework import notices
from casework.clock import ManualClock
from casework.ladder import Policy
from casework.usecases.answers import answering
from casework.usecases.delivery.climbing import climb_due
from casework.usecases.delivery.forecast import forecast
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryState, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

DAY = dt.timedelta(days=1)


def later(clock: ManualClock, time: dt.timedelta) -> None:
    clock.advance(time.total_seconds())


def wrote_now(services: Services) -> None:
    with services.writing() as work:
        for identity in work.session.exec(select(ChannelIdentity)):
            identity.last_inbound_at = work.now
            work.session.add(identity)
        work.commit()


def told_later(services: Services, *, push: bool = True) -> Opinion:
    opinion = make_opinion(services, citizen=make_citizen(services, channel="zalo-oa", push=push), village="t4")
    wrote_now(services)
    return opinion


def tell(services: Services, opinion: Opinion) -> None:
    with services.writing() as work:
        about = work.session.get_one(Opinion, opinion.id)
        notices.tell_asker(work, about, purpose="answer", text="Đèn sẽ được thay trước ngày 20/12/2026.")
        work.commit()


def notice(services: Services) -> Delivery:
    with services.reading() as work:
        return work.session.exec(select(Delivery)).one()


def test_the_forecast_counts_those_who_are_told_when_the_answer_goes_out(services: Services) -> None:
    boss = make_staff(services, Role.MODERATOR, Role.APPROVER)
    group = make_group(services)
    states = (OpinionState.APPROVED, OpinionState.WITHDRAWN, OpinionState.DECLINED, OpinionState.ASSIGNED)
    askers = [
        make_opinion(services, citizen=make_citizen(services, channel="telegram"), group=group, state=state)
        for state in states
    ]
    answer = answering.write_answer(
        services,
        boss,
        askers[0].code or "",
        text="Sẽ sửa đèn trước 20/12.",
        agency="UBND xã",
        document_number="12/UBND",
        document_date=services.clock.now().date(),
    )
    answering.approve_answer(services, boss, answer)
    found = forecast(services, boss, answer=answer)
    assert found.askers == found.at_once == answering.publish_answer(services, boss, answer).askers == 2


def test_each_message_of_a_long_answer_is_priced(
    services: Services,
    clock: ManualClock,
) -> None:
    services.policy = Policy(paid=True)
    boss = make_staff(services, Role.MODERATOR, Role.APPROVER)
    group = make_group(services)
    asker = make_opinion(
        services, citizen=make_citizen(services, channel="zalo-oa"), group=group, state=OpinionState.APPROVED
    )
    wrote_now(services)
    answer = answering.write_answer(
        services,
        boss,
        asker.code or "",
        text="UBND xã trả lời về đèn đường. " * 150,
        agency="UBND xã",
        document_number="12/UBND",
        document_date=services.clock.now().date(),
    )
    later(clock, 3 * DAY)
    assert forecast(services, boss).price_vnd == 55
    found = forecast(services, boss, answer=answer, messages=lambda said: -(-len(said.text) // 1900))
    assert (found.price_vnd, found.text_known) == (3 * 55, True)


def test_the_forecast_says_that_who_wants_no_messages_is_given_paper_in_the_end(
    services: Services, clock: ManualClock
) -> None:
    opinion = told_later(services, push=False)
    found = forecast(services, make_staff(services, Role.MODERATOR))
    assert (found.waiting, found.slips_later, found.slips_after_days, found.by_person) == (1, 1, 5, 0)
    assert found.ways[0].then == "sau 5 ngày: in phiếu"
    tell(services, opinion)
    later(clock, found.slips_after_days * DAY)
    climb_due(services)
    assert (notice(services).state, notice(services).rung) == (DeliveryState.WITH_STAFF, "slip")


def test_who_types_and_who_carries_paper_is_told_apart(services: Services, clock: ManualClock) -> None:
    opinion = told_later(services)
    make_opinion(services, citizen=make_citizen(services, channel=None, push=None), village="t4")
    later(clock, 9 * DAY)
    found = forecast(services, make_staff(services, Role.MODERATOR))
    assert (found.by_console, found.by_slip, found.by_person) == (1, 1, 2)
    assert [(way.rung, way.then) for way in found.ways] == [("console", "sau 8 ngày: in phiếu"), ("slip", "")]
    tell(services, opinion)
    for days, rung in ((5, "console"), (3, "slip")):
        later(clock, days * DAY)
        climb_due(services)
        assert notice(services).rung == rung
