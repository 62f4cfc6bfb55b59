"""What askers read when their matter comes on an agenda: once per person and line, and never a stranger's words."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework import notices
from casework.clock import ManualClock
from casework.codes import spoken
from casework.usecases.conference import conferences
from casework.usecases.work import Services
from storage.records import ChannelIdentity, DeliveryState, OpinionGroup, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


@pytest.fixture
def conference(services: Services, moderator: int) -> str:
    return conferences.plan(
        services,
        moderator,
        title="Đối thoại cuối năm",
        held_on=dt.date(2026, 11, 20),
        place="Nhà văn hóa xã",
        chair="Bí thư Đảng ủy xã",
    )


def titled(services: Services, group_id: int, *, by_staff: bool) -> None:
    with services.writing() as work:
        group = work.session.get_one(OpinionGroup, group_id)
        group.titled_by_staff = by_staff
        work.session.add(group)
        work.commit()


def test_who_sent_three_opinions_on_one_line_gets_one_message_with_all_codes(
    services: Services, moderator: int, conference: str
) -> None:
    group = make_group(services, "Đèn đường thôn 4")
    titled(services, group, by_staff=True)
    person = make_citizen(services)
    mine = [make_opinion(services, citizen=person, group=group) for _ in range(3)]
    other = make_opinion(services, citizen=make_citizen(services), group=group)
    built = conferences.build_agenda(services, moderator, conference)
    sent = [one for one in notices_of(services, "agenda") if one.state == DeliveryState.PENDING]
    assert built.told == len(sent) == 2
    (message,) = (one.text for one in sent if spoken(mine[0].code or "") in one.text)
    assert all(spoken(one.code or "") in message for one in mine)
    assert spoken(other.code or "") not in message
    assert conferences.build_agenda(services, moderator, conference).told == 0
    later = make_opinion(services, citizen=person, group=group)
    assert conferences.build_agenda(services, moderator, conference).told == 1
    (more,) = (one.text for one in notices_of(services, "agenda") if one.opinion_id == later.id)
    assert spoken(later.code or "") in more
    assert spoken(mine[0].code or "") not in more


def test_when_the_window_is_closed_one_person_reads_the_line_once_and_each_code_finds_it(
    services: Services, clock: ManualClock, moderator: int, conference: str
) -> None:
    group = make_group(services)
    person = make_citizen(services, channel="zalo-oa")
    mine = [make_opinion(services, citizen=person, group=group) for _ in range(3)]
    clock.advance(9 * 24 * 3600)
    conferences.build_agenda(services, moderator, conference)
    with services.reading() as work:
        waiting = notices.offered(work, [one.id or 0 for one in mine])
        assert [len(waiting[one.id or 0]) for one in mine] == [1, 1, 1]
    with services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == person)).one()
        identity.last_inbound_at = work.now
        work.add(identity)
        assert notices.deliver_waiting(work, citizen_id=person, identity_id=identity.id or 0) == 1
        work.commit()
    told = sorted(one.state for one in notices_of(services, "agenda"))
    assert told == [DeliveryState.PENDING, DeliveryState.PICKED_UP, DeliveryState.PICKED_UP]


def test_a_merged_asker_reads_the_own_words_until_staff_gave_the_line_a_title(
    services: Services, moderator: int, conference: str
) -> None:
    machine = make_group(services, "Nhà tôi ở cạnh cột đèn số 4, chồng tôi ốm mà tối om")
    by_hand = make_group(services, "Nước sạch thôn Hạ")
    titled(services, machine, by_staff=False)
    titled(services, by_hand, by_staff=True)
    make_opinion(
        services, citizen=make_citizen(services), group=machine, text="Nhà tôi ở cạnh cột đèn số 4, chồng tôi ốm"
    )
    merged = make_opinion(services, citizen=make_citizen(services), group=machine, text="Đèn ngõ 3 tắt")
    plain = make_opinion(services, citizen=make_citizen(services), group=by_hand, text="Nước đục quá")
    conferences.build_agenda(services, moderator, conference)
    texts = {one.opinion_id: one.text for one in notices_of(services, "agenda")}
    assert "«Đèn ngõ 3 tắt»" in texts[merged.id]
    assert "chồng tôi" not in texts[merged.id]
    assert "«Nước sạch thôn Hạ»" in texts[plain.id]
