"""A notice goes out as its person wishes now, not as they wished when it was written; and to somebody who reads it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework import notices
from casework.clock import ManualClock
from casework.doctor.telling import decisions_were_told
from casework.talk import Outcome, OutcomeKind, Reply
from casework.usecases.answers import answering
from casework.usecases.citizens import people
from casework.usecases.delivery import sending
from casework.usecases.moderation import labels, triage, undo
from casework.usecases.moderation.digest import alert_staff
from casework.usecases.moderation.labels import Labels
from casework.usecases.work import SYSTEM, Services
from nlp.analysis import Kind
from storage.records import (
    Act,
    ChannelIdentity,
    Citizen,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Opinion,
    OpinionState,
    Role,
    Staff,
)
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of, reload

S = DeliveryState
LEASE = dt.timedelta(seconds=60)


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER, Role.CONFIDENTIAL)


@pytest.fixture
def approved(services: Services, moderator: int, clock: ManualClock) -> Opinion:
    """An opinion whose asker agreed to be told, and is about to be."""
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    assert opinion.code is not None
    triage.approve(services, moderator, opinion.code, title="Đèn đường thôn 4")
    clock.advance(300)
    return reload(services, opinion)


def claimed(services: Services) -> list[sending.ClaimedSend]:
    return sending.claim_due(services, channel="terminal", account="test", limit=5, lease=LEASE)


def refuse(services: Services, opinion: Opinion) -> None:
    with services.writing() as work:
        people.record_consent(
            work,
            work.session.get_one(Citizen, opinion.citizen_id),
            work.session.get_one(ChannelIdentity, opinion.channel_identity_id),
            purpose=ConsentPurpose.PUSH,
            granted=False,
            sentence_hash="test",
            wording_version="test",
            shown_name=None,
        )
        work.commit()


def throttled(services: Services, claim: sending.ClaimedSend) -> Delivery:
    outcome = Outcome(kind=OutcomeKind.THROTTLED, retry_after=1.0)
    sending.record(services, [sending.SendResult(claim=claim, outcome=outcome)])
    with services.reading() as work:
        return work.session.get_one(Delivery, claim.delivery_id)


def test_a_try_that_failed_while_the_person_refused_is_not_repeated(services: Services, approved: Opinion) -> None:
    (claim,) = claimed(services)
    refuse(services, approved)
    kept = throttled(services, claim)
    assert (kept.state, kept.outcome) == (S.WAITING_PICKUP, "no_consent")


def test_a_try_that_failed_while_the_opinion_was_sealed_is_not_repeated(
    services: Services, approved: Opinion, moderator: int
) -> None:
    (claim,) = claimed(services)
    assert approved.code is not None
    labels.reclassify(services, moderator, approved.code, Labels(kind=Kind.DENUNCIATION))
    assert throttled(services, claim).state == S.CANCELLED
    assert notices_of(services, "sealed")[0].state == S.PENDING


@pytest.mark.parametrize(("unwanted", "state"), [("sealed", S.CANCELLED), ("refused", S.WAITING_PICKUP)])
def test_what_is_due_is_looked_at_once_more_before_it_is_claimed(
    services: Services, approved: Opinion, unwanted: str, state: DeliveryState
) -> None:
    (notice,) = notices_of(services, "approved")
    if unwanted == "refused":
        refuse(services, approved)
    with services.writing() as work:
        # However it came to be due.
        work.session.get_one(Delivery, notice.id).state = S.PENDING
        work.session.get_one(Opinion, approved.id).sealed = unwanted == "sealed"
        work.commit()
    assert claimed(services) == []
    assert notices_of(services, "approved")[0].state == state


def test_a_reply_in_the_open_chat_asks_for_no_consent(services: Services, approved: Opinion) -> None:
    refuse(services, approved)
    with services.writing() as work:
        assert approved.channel_identity_id is not None
        notices.reply(work, key="r", identity_id=approved.channel_identity_id, message=Reply(text="Dạ"))
        work.commit()
    (claim,) = claimed(services)
    assert throttled(services, claim).state == S.PENDING


def test_who_can_be_reached_again_but_refused_meanwhile_is_not_sent_what_waited(
    services: Services, approved: Opinion
) -> None:
    (notice,) = notices_of(services, "approved")
    refuse(services, approved)
    with services.writing() as work:
        waiting = work.session.get_one(Delivery, notice.id)
        waiting.state, waiting.outcome = S.WAITING_PICKUP, "unreachable"
        assert approved.channel_identity_id is not None
        assert notices.release(work, identity_id=approved.channel_identity_id, reason="unreachable") == 0
        work.commit()
    assert [(one.state, one.outcome) for one in notices_of(services, "approved")] == [(S.WAITING_PICKUP, "no_consent")]


def test_a_notice_written_anew_keeps_the_cancelled_one_cancelled(services: Services, approved: Opinion) -> None:
    with services.writing() as work:
        opinion = work.session.get_one(Opinion, approved.id)
        old = notices.tell_asker(work, opinion, purpose="agenda", text="Cũ", occasion=1)
        assert old is not None
        assert old.id is not None
        notices.cancel(work, [old.id])
        new = notices.tell_asker(work, opinion, purpose="agenda", text="Mới", occasion=1)
        assert new is not None
        notices.reopen(work, [old.id])
        work.commit()
    assert [(one.text, one.state) for one in notices_of(services, "agenda")] == [
        ("Cũ", S.CANCELLED),
        ("Mới", S.PENDING),
    ]


def test_an_alert_goes_past_a_chat_that_cannot_be_reached(services: Services) -> None:
    chats = []
    for role, reachable in ((Role.MODERATOR, False), (Role.APPROVER, True)):
        staff_id = make_staff(services, role)
        with services.writing() as work:
            chat = work.add(
                ChannelIdentity(channel="terminal", account="test", external_id=role.value, reachable=reachable)
            )
            work.session.get_one(Staff, staff_id).channel_identity_id = chat.id
            work.commit()
        chats.append(chat.id)
    with services.writing() as work:
        alert_staff(work, reason="emergency", opinion=None)
        work.commit()
    assert [alert.channel_identity_id for alert in notices_of(services, "alert")] == [chats[1]]


def test_a_reason_keeps_no_personal_data_in_the_history_that_cannot_be_erased(services: Services) -> None:
    with services.writing() as work:
        work.record(SYSTEM, "dropped", "agenda_item", 1, why="số 0912345678 gọi xin bỏ")
        work.commit()
        (why,) = work.session.exec(select(Act.why).where(Act.verb == "dropped")).all()
    assert why is not None
    assert "0912345678" not in why
    assert "gọi xin bỏ" in why


def test_who_is_approved_again_into_an_answered_issue_is_told_again(
    services: Services, moderator: int, approved: Opinion, clock: ManualClock
) -> None:
    assert approved.code is not None
    answer = answering.write_answer(
        services,
        moderator,
        approved.code,
        text="Đã sửa",
        agency="Ủy ban nhân dân xã",
        document_number="1",
        document_date=dt.date(2026, 11, 2),
    )
    answering.approve_answer(services, moderator, answer)
    answering.publish_answer(services, moderator, answer)
    late = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    assert late.code is not None

    def told() -> list[tuple[str, str]]:
        return [(one.purpose, one.state) for one in notices_of(services) if one.opinion_id == late.id]

    triage.approve(services, moderator, late.code, group_id=approved.group_id)
    with services.writing() as work:
        assert list(decisions_were_told(work)) == []
        for one in work.session.exec(select(Delivery).where(Delivery.opinion_id == late.id)):
            one.state = S.SENT
        work.commit()
    undo.undo(services, moderator, late.code)
    clock.advance(300)
    triage.approve(services, moderator, late.code, group_id=approved.group_id)
    assert reload(services, late).state == OpinionState.ANSWERED
    with services.reading() as work:
        assert list(decisions_were_told(work)) == []
    assert told() == [("answer", S.SENT), ("corrected", S.PENDING), ("approved", S.PENDING)]
