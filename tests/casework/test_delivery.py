"""What staff see of notices, and settling those whose outcome the platform hid."""

from __future__ import annotations

import pytest
from sqlmodel import col, select

from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.usecases.delivery import delivery as deliveries
from casework.usecases.delivery.delivery import NOT_SHOWN
from casework.usecases.work import Services
from storage.records import Act, ChannelIdentity, Consent, Delivery, DeliveryState, Opinion, Role, Staff
from tests.casework.factories import make_citizen, make_opinion, make_staff

S = DeliveryState
numbers = iter(range(1, 1000))


def write(services: Services, state: DeliveryState = S.UNKNOWN, opinion: Opinion | None = None, **more: object) -> int:
    with services.writing() as work:
        fields = {"purpose": "answer", "text": "Trả lời", "not_before": work.now, "created_at": work.now} | more
        row = work.add(
            Delivery(
                key=f"d{next(numbers)}",
                state=state,
                opinion_id=opinion.id if opinion else None,
                citizen_id=opinion.citizen_id if opinion else None,
                channel_identity_id=opinion.channel_identity_id if opinion else None,
                **fields,
            )
        )
        work.commit()
    assert row.id is not None
    return row.id


def row(services: Services, delivery_id: int) -> Delivery:
    with services.reading() as work:
        return work.session.get_one(Delivery, delivery_id)


@pytest.fixture
def moderator(services) -> int:
    return make_staff(services, Role.MODERATOR)


@pytest.fixture
def opinion(services) -> Opinion:
    return make_opinion(services, citizen=make_citizen(services))


def test_what_arrived_is_settled_as_sent_and_the_history_says_who_and_why(services, moderator, opinion, clock) -> None:
    unknown = write(services, opinion=opinion)
    deliveries.resolve(services, moderator, unknown, delivered=True, why=" đã gọi điện ")
    assert row(services, unknown).state == S.SENT
    assert row(services, unknown).finished_at == clock.now()
    with services.reading() as work:
        act = work.session.exec(select(Act).order_by(col(Act.id).desc())).first()
    assert act is not None
    assert (act.verb, act.subject_id, act.actor_id, act.why) == ("delivery_resolved", unknown, moderator, "đã gọi điện")
    assert act.details == {"delivered": True, "before": "unknown", "state": "sent"}


def test_what_did_not_arrive_is_sent_again(services, moderator, opinion) -> None:
    unknown = write(services, opinion=opinion, outcome="unknown", attempts=3)
    deliveries.resolve(services, moderator, unknown, delivered=False, why="chưa nhận được")
    settled = row(services, unknown)
    assert (settled.state, settled.outcome, settled.attempts, settled.parts_sent) == (S.PENDING, None, 0, 0)


def test_of_a_long_text_only_the_part_in_doubt_is_settled_and_the_rest_still_goes_out(
    services, moderator, opinion
) -> None:
    unknown = write(services, opinion=opinion, text="Câu. " * 2000, parts_sent=1)
    deliveries.resolve(services, moderator, unknown, delivered=True, why="đã nhận phần hai")
    assert (row(services, unknown).state, row(services, unknown).parts_sent) == (S.PENDING, 2)


def test_a_rejected_notice_may_be_sent_again_but_not_declared_delivered(services, moderator, opinion) -> None:
    rejected = write(services, S.REJECTED, opinion)
    with pytest.raises(IllegalMove):
        deliveries.resolve(services, moderator, rejected, delivered=True, why="x")
    deliveries.resolve(services, moderator, rejected, delivered=False, why="đã sửa nhóm")
    assert row(services, rejected).state == S.PENDING


def test_the_second_of_two_staff_is_told_that_it_is_decided(services, moderator, opinion) -> None:
    unknown = write(services, opinion=opinion)
    deliveries.resolve(services, moderator, unknown, delivered=True, why="đã nhận")
    with pytest.raises(AlreadyDecided, match="đã gửi"):
        deliveries.resolve(services, moderator, unknown, delivered=False, why="chưa nhận")


@pytest.mark.parametrize("state", [S.WAITING_PICKUP, S.PICKED_UP, S.CANCELLED, S.RECIPIENT_STOPPED])
def test_there_is_nothing_to_settle_about_a_notice_whose_state_is_known(services, moderator, opinion, state) -> None:
    with pytest.raises(IllegalMove):
        deliveries.resolve(services, moderator, write(services, state, opinion), delivered=True, why="x")


def test_a_decision_needs_a_reason_and_the_right_role(services, moderator, opinion) -> None:
    unknown = write(services, opinion=opinion)
    with pytest.raises(InvalidInput, match="lý do"):
        deliveries.resolve(services, moderator, unknown, delivered=True, why="  ")
    officer = make_staff(services, Role.VILLAGE_OFFICER)
    with pytest.raises(Forbidden):
        deliveries.resolve(services, officer, unknown, delivered=True, why="x")
    with pytest.raises(NotFound):
        deliveries.resolve(services, moderator, 99_999, delivered=True, why="x")


def test_notices_of_a_sealed_opinion_and_of_the_talk_around_it_exist_for_the_confidential_role_only(
    services, moderator
) -> None:
    sealed = make_opinion(services, citizen=make_citizen(services), sealed=True)
    about = write(services, opinion=sealed)
    talk = write(services)
    with services.writing() as work:
        reply = work.session.get_one(Delivery, talk)
        reply.channel_identity_id, reply.purpose = sealed.channel_identity_id, "reply"
        work.add(reply)
        work.commit()
    confidential = make_staff(services, Role.CONFIDENTIAL)
    assert deliveries.list_deliveries(services, moderator) == []
    assert {found.id for found in deliveries.list_deliveries(services, confidential)} == {about, talk}
    for hidden in (about, talk):
        with pytest.raises(NotFound, match=f"Không có tin số {hidden}"):
            deliveries.show_delivery(services, moderator, hidden)
    assert deliveries.show_delivery(services, confidential, about).text == "Trả lời"
    assert deliveries.show_delivery(services, confidential, talk).text == NOT_SHOWN


def test_a_village_officer_sees_the_notices_of_the_own_village(services) -> None:
    mine = write(services, opinion=make_opinion(services, citizen=make_citizen(services), village="t4"))
    write(services, opinion=make_opinion(services, citizen=make_citizen(services), village="ha"))
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    assert [found.id for found in deliveries.list_deliveries(services, officer)] == [mine]


def test_lists_are_newest_first_by_state_and_limited(services, moderator, opinion) -> None:
    written = [write(services, S.UNKNOWN if number % 2 else S.SENT, opinion) for number in range(6)]
    unknown = deliveries.list_deliveries(services, moderator, state=S.UNKNOWN, limit=2)
    assert [found.id for found in unknown] == [written[5], written[3]]
    assert unknown[0].opinion == opinion.code


def test_the_summary_counts_every_state_that_occurs(services, moderator, opinion, clock) -> None:
    begun = clock.now()
    write(services, S.SENT, opinion)
    clock.advance(60)
    write(services, S.SENT, opinion)
    write(services, S.UNKNOWN, opinion)
    counts = {found.state: (found.count, found.oldest) for found in deliveries.summary(services, moderator)}
    assert counts == {S.SENT: (2, begun), S.UNKNOWN: (1, clock.now())}


def test_the_detail_says_whether_the_person_can_be_reached(services, moderator, opinion) -> None:
    unknown = write(services, opinion=opinion)
    with services.writing() as work:
        identity = work.session.get_one(ChannelIdentity, opinion.channel_identity_id)
        identity.reachable = False
        work.add(identity)
        work.commit()
    assert deliveries.show_delivery(services, moderator, unknown).reachable is False


def test_what_was_said_in_a_chat_is_shown_to_the_one_who_sits_there_alone(services, moderator) -> None:
    confidential = make_staff(services, Role.CONFIDENTIAL, Role.ADMIN)
    written = [write(services, purpose=purpose, text="Tố cáo ông B") for purpose in ("reply", "alert", "digest")]
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="terminal", account="test", external_id="boss"))
        work.session.get_one(Staff, confidential).channel_identity_id = chat.id
        for one in written:
            work.session.get_one(Delivery, one).channel_identity_id = chat.id
        work.commit()
    assert {found.id for found in deliveries.list_deliveries(services, moderator)} == set(written)
    for one in written:
        assert deliveries.show_delivery(services, moderator, one).text == NOT_SHOWN
        assert deliveries.show_delivery(services, confidential, one).text == "Tố cáo ông B"


def test_sending_again_asks_once_more_whether_the_person_wants_it(services, moderator, opinion) -> None:
    unknown = write(services, opinion=opinion)
    with services.writing() as work:
        assert opinion.citizen_id is not None
        refused = Consent(
            citizen_id=opinion.citizen_id,
            purpose="push",
            granted=False,
            wording_version="test",
            wording_hash="test",
            at=work.now,
        )
        work.add(refused)
        work.commit()
    deliveries.resolve(services, moderator, unknown, delivered=False, why="chưa nhận được")
    assert (row(services, unknown).state, row(services, unknown).outcome) == (S.WAITING_PICKUP, "no_consent")


def test_words_written_before_the_seal_are_not_sent_again_after_it(services) -> None:
    sealed = make_opinion(services, citizen=make_citizen(services), sealed=True)
    before, after = write(services, opinion=sealed), write(services, opinion=sealed, content_free=True)
    confidential = make_staff(services, Role.CONFIDENTIAL)
    for one in (before, after):
        deliveries.resolve(services, confidential, one, delivered=False, why="chưa nhận được")
    assert [row(services, one).state for one in (before, after)] == [S.CANCELLED, S.PENDING]


def test_the_summary_counts_what_the_list_shows_and_sealed_ones_apart_for_the_confidential_role(
    services, moderator
) -> None:
    plain = make_opinion(services, citizen=make_citizen(services), village="t4")
    sealed = make_opinion(services, citizen=make_citizen(services), village="ha", sealed=True)
    for about in (plain, sealed, sealed):
        write(services, S.WITH_STAFF, about)
    write(services, S.WITH_STAFF)
    keeper = make_staff(services, Role.CONFIDENTIAL)
    elsewhere = make_staff(services, Role.VILLAGE_OFFICER, village="ha")
    for who, counts in ((moderator, [(2, False)]), (elsewhere, [(1, False)]), (keeper, [(1, False), (2, True)])):
        found = deliveries.summary(services, who)
        assert [(one.count, one.sealed) for one in found] == counts
        assert sum(one.count for one in found) == len(deliveries.list_deliveries(services, who))
    assert deliveries.summary(services, keeper)[-1].name == "chờ cán bộ chuyển tay, việc giữ kín"


def test_replies_are_left_out_of_the_list_unless_somebody_must_look_at_them(services, moderator, opinion) -> None:
    answer = write(services, S.SENT, opinion)
    fine, lost = write(services, S.SENT), write(services, S.UNKNOWN)
    with services.writing() as work:
        for key in (fine, lost):
            row = work.session.get_one(Delivery, key)
            row.purpose = "reply"
            work.add(row)
        work.commit()
    shown = deliveries.list_deliveries(services, moderator, replies=False)
    assert [one.id for one in shown] == [lost, answer]
    assert len(deliveries.list_deliveries(services, moderator)) == 3


def test_the_notices_about_one_opinion_are_listed_by_its_code(services, moderator, opinion) -> None:
    write(services, S.SENT, make_opinion(services, citizen=make_citizen(services)))
    mine = write(services, S.SENT, opinion)
    assert [one.id for one in deliveries.list_deliveries(services, moderator, opinion=opinion.code)] == [mine]
    sealed = make_opinion(services, citizen=make_citizen(services), sealed=True)
    for hidden in (f"#{sealed.id}", "#999999"):
        with pytest.raises(NotFound, match="Không tìm thấy ý kiến này"):
            deliveries.list_deliveries(services, moderator, opinion=hidden)
