"""Notices on the ladder, through the database: each rung, each outcome, what the person gets and what staff see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import col, select

from casework import notices
from casework.clock import ManualClock
from casework.codes import spoken
from casework.ladder import Policy, TemplateForm
from casework.talk import InboundMessage, MessageKind, Outcome, OutcomeKind, Reply
from casework.usecases.citizens import people
from casework.usecases.delivery import delivery as deliveries
from casework.usecases.delivery import receipts
from casework.usecases.delivery.climbing import climb_due, tell_what_staff_must_do
from casework.usecases.delivery.counting import count_outcomes, month_use, watch_failures
from casework.usecases.delivery.forecast import forecast
from casework.usecases.delivery.sending import ClaimedSend, SendResult, claim_due, expire_claims, record
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    InboxEntry,
    Opinion,
    Role,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

S = DeliveryState
LEASE = dt.timedelta(seconds=60)
DAY = dt.timedelta(days=1)
FORM = TemplateForm(template_id="302259", parameters={"ma": "code", "ngay": "date"}, price_vnd=210)
PAID = Policy(paid=True)
FORMS = Policy(forms={"*": FORM}, phone_forms={"*": replace(FORM, price_vnd=300)})
ANSWER = "UBND xã trả lời: đèn trục chính thôn 4 sẽ được thay trước ngày 20/12/2026, đã giao tổ điện làm."


def later(clock: ManualClock, time: dt.timedelta) -> None:
    clock.advance(time.total_seconds())


class Person:
    """A citizen on one channel, with an opinion that has an answer to come."""

    def __init__(self, services: Services, channel: str = "zalo-oa", **more: object) -> None:
        self.services = services
        self.id = make_citizen(services, channel=channel, **more)  # type: ignore[arg-type]
        self.opinion: Opinion = make_opinion(services, citizen=self.id, village="t4")
        with services.writing() as work:
            self.identity = work.session.exec(
                select(ChannelIdentity).where(ChannelIdentity.citizen_id == self.id)
            ).one()
            self.identity.last_inbound_at = work.now
            work.session.add(self.identity)
            work.commit()

    def links(self, channel: str, *, consent: ConsentPurpose | None = ConsentPurpose.FALLBACK) -> ChannelIdentity:
        with self.services.writing() as work:
            other = work.add(
                ChannelIdentity(
                    channel=channel,
                    account="test",
                    external_id=f"other-{self.id}",
                    citizen_id=self.id,
                    last_inbound_at=work.now,
                )
            )
            if consent is not None:
                work.add(
                    Consent(
                        citizen_id=self.id,
                        purpose=consent,
                        granted=True,
                        wording_version="test",
                        wording_hash="test",
                        at=work.now,
                    )
                )
            work.commit()
            return other

    def is_told(self, purpose: str = "answer", text: str = ANSWER) -> Delivery:
        with self.services.writing() as work:
            opinion = work.session.get_one(Opinion, self.opinion.id)
            row = notices.tell_asker(work, opinion, purpose=purpose, text=text)
            work.commit()
        assert row is not None
        return row

    def writes(self, text: str = "Có tin gì chưa?", *, on: ChannelIdentity | None = None) -> None:
        with self.services.writing() as work:
            where = on or self.identity
            message = InboundMessage(
                channel=where.channel,
                account="test",
                chat_id=where.external_id,
                sender_id=where.external_id,
                kind=MessageKind.TEXT,
                text=text,
                sent_at=work.now,
            )
            met = people.meet(work, message)
            people.heard_from(work, met)
            met.identity.last_inbound_at = work.now
            assert met.identity.id is not None
            notices.reply(work, key=f"reply:{work.now}", identity_id=met.identity.id, message=Reply(text="Dạ, có ạ."))
            work.commit()

    def row(self) -> Delivery:
        with self.services.reading() as work:
            return work.session.exec(
                select(Delivery).where(Delivery.opinion_id == self.opinion.id).order_by(col(Delivery.id).desc())
            ).first() or pytest.fail("nothing was written")


@pytest.fixture
def allow(services: Services) -> Callable[[Policy], None]:
    def allow(policy: Policy) -> None:
        services.policy = policy

    return allow


def claims(services: Services, channel: str = "zalo-oa") -> list[ClaimedSend]:
    return claim_due(services, channel=channel, account="test", limit=10, lease=LEASE)


def ends(services: Services, claim: ClaimedSend, kind: OutcomeKind = OutcomeKind.SENT, **more: object) -> DeliveryState:
    outcome = Outcome(kind=kind, **({"external_id": f"m{claim.delivery_id}"} | more))  # type: ignore[arg-type]
    (state,) = record(services, [SendResult(claim=claim, outcome=outcome)])
    return state


def event(person: Person, kind: MessageKind, services: Services, **more: object) -> InboundMessage:
    return InboundMessage(
        channel=person.identity.channel,
        account="test",
        chat_id=person.identity.external_id,
        sender_id=person.identity.external_id,
        kind=kind,
        sent_at=services.clock.now(),
        **more,  # type: ignore[arg-type]
    )


# --------------------------------------------------------------------------- rungs


def test_inside_the_free_window_the_answer_is_sent_as_it_is(services: Services) -> None:
    person = Person(services)
    person.is_told()
    (claim,) = claims(services)
    assert (claim.text, claim.paid, claim.template, claim.rung) == (ANSWER, False, None, "free")
    assert ends(services, claim) == S.SENT
    with services.reading() as work:
        (attempt,) = work.session.exec(select(DeliveryAttempt)).all()
    assert (attempt.rung, attempt.outcome, attempt.price_vnd) == ("free", "sent", None)


def test_between_two_and_seven_days_it_is_sent_billed_only_where_the_office_allows_that(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    person = Person(services)
    later(clock, 3 * DAY)
    person.is_told()
    assert person.row().state == S.WAITING_PICKUP
    other = Person(services)
    allow(PAID)
    later(clock, 3 * DAY)
    other.is_told()
    (claim,) = claims(services)
    assert (claim.paid, claim.check_window, claim.price_vnd) == (True, True, 55)
    assert ends(services, claim) == S.SENT
    with services.reading() as work:
        assert work.session.exec(select(DeliveryAttempt.price_vnd)).all() == [55]


def test_after_forty_days_a_form_asks_them_to_come_and_the_full_answer_goes_out_before_the_reply(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    (claim,) = claims(services)
    assert claim.template is not None
    assert claim.template.data == {"ma": spoken(person.opinion.code), "ngay": "12/12/2026"}
    assert ends(services, claim) == S.WAITING_PICKUP
    assert (person.row().outcome, person.row().parts_sent) == ("notified", 0)
    assert claims(services) == []
    later(clock, 2 * DAY)
    person.writes()
    (first,) = claims(services)
    assert (first.text, first.template, first.rung) == (ANSWER, None, "asked")
    assert ends(services, first) == S.SENT
    (second,) = claims(services)
    assert second.text == "Dạ, có ạ."


def test_who_does_not_answer_the_form_gets_a_colleagues_hand_and_then_a_slip(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    ends(services, claims(services)[0])
    later(clock, 5 * DAY)
    assert climb_due(services) == 1
    assert (person.row().state, person.row().rung) == (S.WITH_STAFF, "console")
    later(clock, 3 * DAY)
    assert climb_due(services) == 1
    assert (person.row().state, person.row().rung, person.row().step_at) == (S.WITH_STAFF, "slip", None)
    later(clock, 30 * DAY)
    assert climb_due(services) == 0
    person.writes()
    assert claims(services)[0].text == ANSWER


def test_a_linked_channel_carries_it_when_the_own_one_is_closed_and_the_person_agreed(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services, "telegram")
    other = person.links("zalo-bot")
    person.is_told()
    (claim,) = claims(services, "telegram")
    ends(services, claim, OutcomeKind.RECIPIENT_STOPPED)
    assert (person.row().state, person.row().channel_identity_id) == (S.PENDING, other.id)
    assert claims(services, "telegram") == []
    (claim,) = claims(services, "zalo-bot")
    assert ends(services, claim) == S.SENT
    with services.reading() as work:
        tried = work.session.exec(select(DeliveryAttempt).order_by(col(DeliveryAttempt.id))).all()
    assert [(one.channel, one.outcome) for one in tried] == [("telegram", "recipient_stopped"), ("zalo-bot", "sent")]


def test_of_a_sealed_opinion_nothing_goes_over_another_channel(services: Services) -> None:
    person = Person(services, "telegram", reachable=False)
    person.links("zalo-bot")
    with services.writing() as work:
        work.session.get_one(Opinion, person.opinion.id).sealed = True
        work.commit()
    person.is_told()
    assert person.row().state == S.WAITING_PICKUP
    assert claims(services, "zalo-bot") == []


def test_a_form_goes_to_a_phone_number_only_with_consent_for_that(
    services: Services, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    silent = Person(services, "telegram", reachable=False)
    silent.links("zalo-zbs", consent=None)
    silent.is_told()
    assert claims(services, "zalo-zbs") == []
    agreed = Person(services, "telegram", reachable=False)
    agreed.links("zalo-zbs", consent=ConsentPurpose.PHONE)
    agreed.is_told()
    (claim,) = claims(services, "zalo-zbs")
    assert (claim.template is not None, claim.price_vnd) == (True, 300)
    assert ends(services, claim) == S.WAITING_PICKUP
    assert agreed.row().outcome == "notified"


def test_a_form_that_is_refused_is_followed_by_the_next_rung_and_staff_see_the_code(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    assert ends(services, claims(services)[0], OutcomeKind.REJECTED, code="-249") == S.WAITING_PICKUP
    assert claims(services) == []
    (count,) = count_outcomes(services, make_staff(services, Role.MODERATOR))
    assert (count.rung, count.outcome, count.count) == ("template", "rejected:-249", 1)


def test_a_form_that_cannot_be_filled_is_passed_over_before_anything_is_sent(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(Policy(forms={"*": replace(FORM, parameters={"ma": "code", "duong_dan": "link"})}))
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    assert claims(services) == []
    assert person.row().state == S.WAITING_PICKUP
    with services.reading() as work:
        (attempt,) = work.session.exec(select(DeliveryAttempt)).all()
    assert attempt.outcome == "form_not_filled"


def test_the_platform_knows_better_than_our_clock_that_the_window_is_closed(services: Services) -> None:
    person = Person(services)
    person.is_told()
    (claim,) = claims(services)
    long_ago = services.clock.now() - 10 * DAY
    assert ends(services, claim, OutcomeKind.WINDOW_CLOSED, last_interaction_at=long_ago) == S.WAITING_PICKUP
    assert claims(services) == []
    with services.reading() as work:
        assert work.session.get_one(ChannelIdentity, person.identity.id).last_inbound_at == long_ago


def test_a_text_the_platform_will_never_take_is_for_a_person_to_look_at(services: Services) -> None:
    person = Person(services)
    person.is_told()
    assert ends(services, claims(services)[0], OutcomeKind.REJECTED, code="-248") == S.WITH_STAFF
    moderator = make_staff(services, Role.MODERATOR)
    row = deliveries.list_deliveries(services, moderator)[0]
    assert (row.rung, row.why, row.next_step) == ("slip", "kênh không nhận nội dung này", "in phiếu, trao tận tay")
    other = Person(services)
    other.is_told("agenda", "Đã vào nội dung hội nghị.")
    assert ends(services, claims(services)[0], OutcomeKind.REJECTED, code="-248") == S.REJECTED


def test_forms_call_a_person_for_one_opinion_no_more_often_than_allowed_until_they_write(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    person = Person(services)
    later(clock, 40 * DAY)
    sent = []
    for purpose in ("agenda", "conclusion", "extension", "declined", "answer"):
        person.is_told(purpose)
        found = claims(services)
        sent += [claim.rung for claim in found]
        assert [ends(services, claim) for claim in found] == [S.WAITING_PICKUP] * len(found)
        later(clock, DAY)
    assert sent == ["template"] * 3
    assert (person.row().state, person.row().outcome) == (S.WAITING_PICKUP, "notified")
    person.writes()
    while found := claims(services):
        assert ends(services, found[0]) == S.SENT
    later(clock, 40 * DAY)
    person.is_told("left")
    assert claims(services) == []
    person.is_told("referral_returned")
    assert claims(services) == []
    with services.writing() as work:
        opinion = work.session.get_one(Opinion, person.opinion.id)
        notices.tell_asker(work, opinion, purpose="answer", occasion=2, text=ANSWER)
        work.commit()
    assert claims(services)[0].template is not None


def test_a_text_begun_on_one_channel_is_whole_on_the_next(services: Services) -> None:
    person = Person(services, "telegram")
    person.links("zalo-bot")
    person.is_told(text="Câu trả lời. " * 700)
    (claim,) = claims(services, "telegram")
    record(services, [SendResult(claim=claim, outcome=Outcome(kind=OutcomeKind.SENT, external_id="1"), parts=3)])
    assert person.row().parts_sent == 1
    ends(services, claims(services, "telegram")[0], OutcomeKind.RECIPIENT_STOPPED)
    (claim,) = claims(services, "zalo-bot")
    assert (claim.parts_sent, person.row().external_ids) == (0, [])


def test_what_a_command_writes_without_knowing_the_channels_is_placed_by_the_running_program(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    person = Person(services)
    later(clock, 40 * DAY)
    allow(Policy(provisional=True))
    person.is_told()
    assert (person.row().state, person.row().rung) == (S.WAITING_PICKUP, None)
    allow(FORMS)
    climb_due(services)
    assert claims(services)[0].template is not None


# --------------------------------------------------------------------------- time


def test_at_night_nothing_is_pushed_but_whoever_writes_is_given_it_and_the_reply(
    services: Services, clock: ManualClock
) -> None:
    silent, awake = Person(services), Person(services)
    later(clock, dt.timedelta(hours=14))  # 22:00
    silent.is_told()
    awake.is_told()
    assert claims(services) == []
    awake.writes()
    (first,) = claims(services)
    assert (first.identity_id, first.text) == (awake.identity.id, ANSWER)
    ends(services, first)
    assert [claim.text for claim in claims(services)] == ["Dạ, có ạ."]
    later(clock, dt.timedelta(hours=8))  # 06:00
    assert claims(services) == []
    later(clock, dt.timedelta(minutes=5))
    assert [claim.identity_id for claim in claims(services)] == [silent.identity.id]


def test_a_waiting_answer_is_given_even_at_night_to_who_has_just_written(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services)
    later(clock, 10 * DAY)
    person.is_told()
    assert person.row().state == S.WAITING_PICKUP
    later(clock, dt.timedelta(hours=15))  # 23:00
    person.writes()
    assert claims(services)[0].text == ANSWER


def test_news_that_is_old_by_the_time_the_channel_works_again_is_not_sent(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services, "telegram")
    person.is_told("agenda", "Ý kiến đã vào nội dung hội nghị ngày 05/11.")
    later(clock, 15 * DAY)
    assert claims(services, "telegram") == []
    assert person.row().state == S.EXPIRED
    answered = Person(services, "telegram")
    answered.is_told()
    later(clock, 300 * DAY)
    assert [claim.text for claim in claims(services, "telegram")] == [ANSWER]


def test_what_waited_since_before_there_was_a_ladder_begins_to_climb(services: Services, clock: ManualClock) -> None:
    person = Person(services, "telegram", push=False)
    person.is_told()
    with services.writing() as work:
        row = work.session.get_one(Delivery, person.row().id)
        row.rung, row.step_at = None, None
        work.session.add(row)
        work.commit()
    climb_due(services)
    assert person.row().step_at == clock.now() + 5 * DAY
    later(clock, 5 * DAY)
    climb_due(services)
    assert (person.row().state, person.row().rung, person.row().outcome) == (S.WITH_STAFF, "slip", "no_consent")


# --------------------------------------------------------------------------- echoes and receipts


def take(services: Services, person: Person, message: InboundMessage) -> None:
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, person.identity.id)
        if message.kind is MessageKind.RECEIPT:
            receipts.confirmed(work, identity, message)
        else:
            receipts.echoed(work, identity, message)
        work.commit()


def test_a_receipt_says_when_it_arrived_and_was_seen(services: Services) -> None:
    person = Person(services)
    person.is_told()
    (claim,) = claims(services)
    ends(services, claim)
    ref = (f"m{claim.delivery_id}",)
    take(services, person, event(person, MessageKind.RECEIPT, services, receipt_refs=ref, note="delivered"))
    assert (person.row().delivered_at is not None, person.row().seen_at) == (True, None)
    take(services, person, event(person, MessageKind.RECEIPT, services, receipt_refs=ref, note="seen"))
    assert person.row().seen_at is not None


def test_an_echo_settles_what_a_lost_answer_left_unknown(services: Services) -> None:
    person = Person(services)
    person.is_told()
    assert ends(services, claims(services)[0], OutcomeKind.UNKNOWN) == S.UNKNOWN
    take(services, person, event(person, MessageKind.ECHO, services, text=ANSWER, message_ref="z1"))
    assert (person.row().state, person.row().external_ids) == (S.SENT, ["z1"])
    assert claims(services) == []


def test_a_receipt_of_an_unheard_of_message_settles_the_only_unknown_one(services: Services) -> None:
    person = Person(services)
    person.is_told()
    ends(services, claims(services)[0], OutcomeKind.UNKNOWN)
    take(services, person, event(person, MessageKind.RECEIPT, services, receipt_refs=("z9",), note="delivered"))
    assert person.row().state == S.SENT


def test_an_echo_that_comes_before_the_sender_is_killed_is_proof_when_its_claim_runs_out(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services)
    person.is_told()
    (claim,) = claims(services)
    take(services, person, event(person, MessageKind.ECHO, services, text=ANSWER, message_ref="z1"))
    assert person.row().state == S.SENDING
    later(clock, 2 * LEASE)
    expire_claims(services)
    assert person.row().state == S.SENT
    # The sender lived after all: what it says changes nothing.
    assert ends(services, claim) == S.SENT
    assert person.row().external_ids == ["z1"]


def test_an_echo_and_the_platforms_own_answer_count_once(services: Services) -> None:
    person = Person(services)
    person.is_told()
    (claim,) = claims(services)
    take(services, person, event(person, MessageKind.ECHO, services, text=ANSWER, message_ref="z1"))
    assert ends(services, claim, external_id="z1") == S.SENT
    assert person.row().external_ids == ["z1"]


def test_an_echo_of_something_else_settles_nothing(services: Services) -> None:
    person = Person(services)
    person.is_told()
    ends(services, claims(services)[0], OutcomeKind.UNKNOWN)
    take(services, person, event(person, MessageKind.ECHO, services, text="Chào bà con!", message_ref="z1"))
    assert person.row().state == S.UNKNOWN


@pytest.mark.parametrize(
    ("typed", "settles"),
    [
        (f"Kính gửi bà. {ANSWER} Trân trọng.", True),
        ("Việc của bà bên em đang xem, bà chờ thêm ít hôm.", False),
        ("Mã {code}: bên em vẫn đang xem ạ.", False),
    ],
)
def test_what_a_colleague_types_in_the_console_settles_the_answer_it_repeats(
    services: Services, clock: ManualClock, typed: str, settles: bool
) -> None:
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    later(clock, 5 * DAY)
    climb_due(services)
    text = typed.format(code=person.opinion.code)
    take(services, person, event(person, MessageKind.ECHO, services, text=text, by_hand=True, message_ref="z1"))
    row = person.row()
    assert (row.state, row.outcome) == ((S.SENT, "console") if settles else (S.WITH_STAFF, "window_closed"))


def test_staff_are_told_once_a_day_what_is_to_be_typed(services: Services, clock: ManualClock) -> None:
    moderator = make_staff(services, Role.MODERATOR)
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="telegram", account="test", external_id="staff"))
        from storage.records import Staff

        work.session.get_one(Staff, moderator).channel_identity_id = chat.id
        work.commit()
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    assert tell_what_staff_must_do(services) == 0
    later(clock, 5 * DAY)
    climb_due(services)
    assert tell_what_staff_must_do(services) == 1
    assert tell_what_staff_must_do(services) == 0


def test_a_form_whose_outcome_is_unknown_takes_nothing_of_the_answer_with_it(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    for how in ("lost", "killed", "receipt"):
        person = Person(services)
        later(clock, 40 * DAY)
        person.is_told()
        (claim,) = claims(services)
        if how == "killed":
            later(clock, 2 * LEASE)
            expire_claims(services)
        else:
            assert ends(services, claim, OutcomeKind.UNKNOWN, external_id=None) == S.WAITING_PICKUP
        if how == "receipt":
            take(services, person, event(person, MessageKind.RECEIPT, services, receipt_refs=("f1",), note="seen"))
        assert (person.row().state, person.row().outcome, person.row().seen_at) == (S.WAITING_PICKUP, "notified", None)
        person.writes()
        given = claims(services)[0]
        assert (given.text, given.template) == (ANSWER, None)
        assert ends(services, given) == S.SENT
        ends(services, claims(services)[0])


def test_the_echo_of_the_first_part_proves_nothing_about_the_second(services: Services, clock: ManualClock) -> None:
    person = Person(services)
    long = "\n\n".join(f"Đoạn {number}. " + "Ủy ban nhân dân xã trả lời như sau. " * 20 for number in range(4))
    person.is_told(text=long)
    (first,) = claims(services)
    record(services, [SendResult(claim=first, outcome=Outcome(kind=OutcomeKind.SENT, external_id="m1"), parts=2)])
    later(clock, dt.timedelta(seconds=2))
    assert claims(services)[0].parts_sent == 1
    take(services, person, event(person, MessageKind.ECHO, services, text=long[:1000], message_ref="m1"))
    later(clock, 2 * LEASE)
    expire_claims(services)
    assert (person.row().state, person.row().parts_sent) == (S.UNKNOWN, 1)
    take(services, person, event(person, MessageKind.ECHO, services, text=long[:1000], message_ref="m1"))
    assert (person.row().state, person.row().parts_sent) == (S.UNKNOWN, 1)


def test_a_receipt_for_a_colleagues_own_line_settles_nothing(services: Services, clock: ManualClock) -> None:
    person = Person(services)
    person.is_told()
    ends(services, claims(services)[0], OutcomeKind.UNKNOWN, external_id=None)
    with services.writing() as work:
        work.add(
            InboxEntry(
                channel="zalo-oa",
                account="test",
                external_id="e1",
                conversation_key="k",
                raw="{}",
                kind=MessageKind.ECHO,
                reason=receipts.BY_HAND,
                message_ref="hand-1",
                channel_identity_id=person.identity.id,
                received_at=work.now,
            )
        )
        work.commit()
    for ref in ("hand-1", "hand-2"):
        take(services, person, event(person, MessageKind.RECEIPT, services, receipt_refs=(ref,), note="delivered"))
        assert person.row().state == S.UNKNOWN


def test_a_late_receipt_of_an_unheard_of_message_settles_nothing(services: Services, clock: ManualClock) -> None:
    person = Person(services)
    person.is_told()
    ends(services, claims(services)[0], OutcomeKind.UNKNOWN, external_id=None)
    later(clock, dt.timedelta(minutes=20))
    take(services, person, event(person, MessageKind.RECEIPT, services, receipt_refs=("z9",), note="delivered"))
    assert person.row().state == S.UNKNOWN


def test_answers_that_begin_alike_are_told_apart_when_one_is_typed(services: Services, clock: ManualClock) -> None:
    opening = "Ủy ban nhân dân xã Tân Minh đã nhận được ý kiến của ông/bà gửi qua kênh Đối thoại. "
    citizen = Person(services)
    second = make_opinion(services, citizen=citizen.id, village="t4")
    later(clock, 40 * DAY)
    citizen.is_told(text=opening + "Đèn đã được thay ngày 25/11.")
    with services.writing() as work:
        other = work.session.get_one(Opinion, second.id)
        notices.tell_asker(work, other, purpose="answer", text=opening + "Mương sẽ được nạo vét trong tháng 12.")
        work.commit()
    text = opening + "Đèn đã được thay ngày 25/11."
    take(services, citizen, event(citizen, MessageKind.ECHO, services, text=text, by_hand=True, message_ref="z1"))
    with services.reading() as work:
        states = work.session.exec(select(Delivery.state).order_by(col(Delivery.id))).all()
    assert states == [S.SENT, S.WAITING_PICKUP]


def test_what_is_typed_at_night_is_not_sent_again_in_the_morning(services: Services, clock: ManualClock) -> None:
    person = Person(services)
    later(clock, dt.timedelta(hours=14))
    person.is_told()
    take(services, person, event(person, MessageKind.ECHO, services, text=ANSWER, by_hand=True, message_ref="z1"))
    later(clock, dt.timedelta(hours=10))
    assert (claims(services), person.row().state) == ([], S.SENT)


# --------------------------------------------------------------------------- while it is being tried


def test_who_writes_while_the_form_is_on_its_way_is_given_the_answer_at_once(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    person = Person(services)
    later(clock, 40 * DAY)
    person.is_told()
    (claim,) = claims(services)
    later(clock, dt.timedelta(seconds=1))
    person.writes()
    assert ends(services, claim) == S.PENDING
    assert claims(services)[0].text == ANSWER


def test_a_window_that_closes_on_what_was_asked_for_is_followed_by_the_next_rungs(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services)
    later(clock, 10 * DAY)
    person.is_told()
    person.writes()
    long_ago = clock.now() - 10 * DAY
    state = ends(services, claims(services)[0], OutcomeKind.WINDOW_CLOSED, code="-230", last_interaction_at=long_ago)
    assert (state, person.row().rung) == (S.WAITING_PICKUP, "pickup")
    later(clock, 5 * DAY)
    climb_due(services)
    assert person.row().state == S.WITH_STAFF


def test_what_the_platform_says_of_the_window_does_not_undo_what_came_in_since(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services)
    person.is_told()
    (claim,) = claims(services)
    later(clock, dt.timedelta(seconds=1))
    person.writes()
    old = clock.now() - 10 * DAY
    assert ends(services, claim, OutcomeKind.WINDOW_CLOSED, last_interaction_at=old) == S.PENDING
    assert claims(services)[0].text == ANSWER


def test_notices_on_a_channel_that_was_switched_off_go_another_way(
    services: Services, allow: Callable[[Policy], None]
) -> None:
    person = Person(services, "telegram")
    other = person.links("zalo-bot")
    person.is_told()
    allow(Policy(channels=frozenset({"zalo-bot"})))
    climb_due(services)
    assert (person.row().state, person.row().channel_identity_id) == (S.PENDING, other.id)


def test_who_asked_to_be_forgotten_gets_no_slip_but_an_answer_when_they_ask(
    services: Services, clock: ManualClock
) -> None:
    person = Person(services)
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, person.identity.id)
        identity.reachable, identity.unreachable_reason = False, "withdrawn"
        work.session.add(identity)
        work.commit()
    person.is_told()
    later(clock, 30 * DAY)
    climb_due(services)
    assert (person.row().state, person.row().outcome) == (S.WAITING_PICKUP, "left_alone")


def test_the_same_words_about_several_opinions_are_given_once(services: Services, clock: ManualClock) -> None:
    person = Person(services)
    second = make_opinion(services, citizen=person.id, village="t4")
    later(clock, 10 * DAY)
    person.is_told("agenda", "Ý kiến đã vào nội dung hội nghị.")
    with services.writing() as work:
        other = work.session.get_one(Opinion, second.id)
        notices.tell_asker(work, other, purpose="agenda", text="Ý kiến đã vào nội dung hội nghị.")
        work.commit()
    person.writes()
    texts = []
    while found := claims(services):
        texts.append(found[0].text)
        ends(services, found[0])
    assert texts == ["Ý kiến đã vào nội dung hội nghị.", "Dạ, có ạ."]


def test_a_reply_that_bears_a_receipt_code_never_gets_too_old(services: Services, clock: ManualClock) -> None:
    person = Person(services, "telegram")
    with services.writing() as work:
        identity_id = person.identity.id
        assert identity_id is not None
        notices.reply(work, key="a", identity_id=identity_id, message=Reply(text=f"Mã: {person.opinion.code}"))
        notices.reply(work, key="b", identity_id=identity_id, message=Reply(text="Xin chào ông/bà."))
        work.commit()
    later(clock, 9 * DAY)
    (claim,) = claims(services, "telegram")
    assert (person.opinion.code or "?") in claim.text
    ends(services, claim)
    assert claims(services, "telegram") == []


# --------------------------------------------------------------------------- looking ahead and back


def test_the_forecast_says_who_is_reached_how_and_what_it_costs(
    services: Services, clock: ManualClock, allow: Callable[[Policy], None]
) -> None:
    allow(FORMS)
    group = make_group(services)
    for channel, push in (("telegram", True), ("zalo-oa", True), ("zalo-oa", True), ("zalo-oa", False), (None, None)):
        citizen = make_citizen(services, channel=channel, push=push)
        make_opinion(services, citizen=citizen, group=group, village="t4")
    make_opinion(services, citizen=make_citizen(services), group=group, sealed=True)
    moderator = make_staff(services, Role.MODERATOR)
    found = forecast(services, moderator)
    assert (found.askers, found.at_once, found.by_form, found.waiting, found.by_person) == (5, 1, 2, 1, 1)
    assert found.price_vnd == 420
    slips = next(way for way in found.ways if way.rung == "slip")
    assert slips.villages == {"thôn 4": 1}
    with services.reading() as work:
        assert work.session.exec(select(Delivery)).all() == []


def test_the_forecast_and_what_then_happens_agree(services: Services, allow: Callable[[Policy], None]) -> None:
    allow(FORMS)
    moderator = make_staff(services, Role.MODERATOR)
    people_ = [Person(services, channel) for channel in ("telegram", "zalo-oa", "zalo-bot")]
    found = forecast(services, moderator)
    assert (found.askers, found.at_once) == (3, 3)
    for person in people_:
        person.is_told()
    sent = [claim for channel in ("telegram", "zalo-oa", "zalo-bot") for claim in claims(services, channel)]
    assert len(sent) == found.at_once


def test_tries_are_counted_by_outcome_and_messages_by_month(services: Services) -> None:
    for kind in (OutcomeKind.SENT, OutcomeKind.SENT, OutcomeKind.THROTTLED):
        Person(services, "telegram").is_told()
        ends(services, claims(services, "telegram")[-1], kind)
    moderator = make_staff(services, Role.MODERATOR)
    assert {one.outcome: one.count for one in count_outcomes(services, moderator)} == {"sent": 2, "throttled": 1}
    (month,) = month_use(services, moderator)
    assert (month.channel, month.month, month.sent) == ("telegram", "2026-11", 2)


def test_many_refusals_alarm_those_who_look_after_the_program_once_a_day(services: Services) -> None:
    admin = make_staff(services, Role.ADMIN)
    with services.writing() as work:
        from storage.records import Staff

        chat = work.add(ChannelIdentity(channel="telegram", account="test", external_id="admin"))
        work.session.get_one(Staff, admin).channel_identity_id = chat.id
        work.commit()
    for number in range(10):
        assert watch_failures(services) == 0, number
        Person(services).is_told()
        ends(services, claims(services)[-1], OutcomeKind.REJECTED, code="-248")
    assert watch_failures(services) == 1
    assert watch_failures(services) == 0
    with services.reading() as work:
        (alarm,) = work.session.exec(select(Delivery).where(Delivery.purpose == "alert")).all()
    assert "10 trên 10" in alarm.text
