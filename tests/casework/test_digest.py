from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from casework.cards import digest_card
from casework.clock import ManualClock
from casework.regulations.model import Duty
from casework.usecases.moderation import digest
from casework.usecases.moderation.digest import alert_staff, send_digest
from casework.usecases.office import enrolment
from casework.usecases.work import Services
from storage.records import (
    ChannelIdentity,
    Delivery,
    DeliveryState,
    InboxEntry,
    InboxStatus,
    Obligation,
    Opinion,
    OpinionState,
    Role,
    Staff,
    StaffChat,
)
from tests.casework.factories import make_opinion, make_staff, notices_of
from tests.casework.slips import waiting_slip

S = OpinionState
SECRET = "Ông Trần Văn Tạo nhận phong bì"


def _with_chat(services: Services, *roles: Role, village: str | None = None, reachable: bool = True) -> tuple[int, int]:
    staff_id = make_staff(services, *roles, village=village)
    with services.writing() as work:
        identity = work.add(
            ChannelIdentity(channel="telegram", account="bot", external_id=f"s{staff_id}", reachable=reachable)
        )
        staff = work.session.get_one(Staff, staff_id)
        staff.channel_identity_id = identity.id
        work.session.add(staff)
        work.commit()
    return staff_id, identity.id or 0


def _group_chat(services: Services) -> int:
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="telegram", account="bot", external_id="-9", is_group=True))
        work.add(StaffChat(office_id=services.office_id, channel_identity_id=identity.id or 0))
        work.commit()
    return identity.id or 0


def _alert(services: Services, reason: str, opinion: Opinion | None) -> None:
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id) if opinion is not None else None
        alert_staff(work, reason=reason, opinion=row)
        work.commit()


def test_nobody_is_written_to_when_there_is_nothing_to_tell(services: Services) -> None:
    _with_chat(services, Role.MODERATOR)
    _group_chat(services)
    make_opinion(services, state=S.APPROVED)
    assert send_digest(services) == 0


def test_each_gets_the_digest_once_a_local_day(services: Services, clock: ManualClock) -> None:
    _, chat = _with_chat(services, Role.MODERATOR)
    make_opinion(services, state=S.RECEIVED)
    assert send_digest(services) == 1
    assert send_digest(services) == 0
    clock.move_to(dt.datetime(2026, 11, 2, 16, 59, tzinfo=dt.UTC))  # 23:59 in Viet Nam
    assert send_digest(services) == 0
    clock.move_to(dt.datetime(2026, 11, 2, 17, 1, tzinfo=dt.UTC))
    assert send_digest(services) == 1
    assert [one.channel_identity_id for one in notices_of(services, "digest")] == [chat, chat]
    assert notices_of(services)[0].buttons[0][0]["token"] == "s:q"


def test_counts_follow_role_and_territory_and_the_group_hears_nothing_sealed(services: Services) -> None:
    lan, _ = _with_chat(services, Role.MODERATOR)
    tu, _ = _with_chat(services, Role.VILLAGE_OFFICER, village="t4")
    kin, _ = _with_chat(services, Role.CONFIDENTIAL)
    group = _group_chat(services)
    make_opinion(services, state=S.RECEIVED, village="t4", urgent=True)
    make_opinion(services, state=S.RECEIVED, village="t5")
    make_opinion(services, state=S.HELD, kind="khieu-nai", village="t5")
    make_opinion(services, state=S.CLARIFYING, village="t4")
    make_opinion(services, state=S.HELD, kind="to-cao", sealed=True, text=SECRET, village="t4")
    counts = {who: digest.digest(services, who) for who in (lan, tu, kin)}
    assert (counts[lan].waiting, counts[lan].urgent, counts[lan].held, counts[lan].sealed) == (2, 1, 1, 0)
    # What waits for others to decide is no news for who may not decide.
    assert (counts[tu].new, counts[tu].waiting, counts[tu].clarifying, counts[tu].held) == (2, 0, 1, 0)
    assert (counts[kin].waiting, counts[kin].sealed, counts[kin].new) == (0, 1, 1)
    send_digest(services)
    texts = {one.channel_identity_id: one.text for one in notices_of(services, "digest")}
    assert len(texts) == 4
    assert "giữ kín" not in texts[group]
    assert all("Tạo" not in text for text in texts.values())


def test_the_digest_of_a_village_offers_slips_and_nothing_that_only_others_may_do(services: Services) -> None:
    _, chat = _with_chat(services, Role.VILLAGE_OFFICER, village="ha")
    waiting_slip(services)
    send_digest(services)
    (told,) = [one for one in notices_of(services, "digest") if one.channel_identity_id == chat]
    assert [one["token"] for row in told.buttons for one in row] == ["s:sl"]
    assert "1 phiếu trả lời" in told.text
    assert "chờ duyệt" not in told.text


def test_the_oldest_and_what_hangs_in_the_machine_are_told(services: Services, clock: ManualClock) -> None:
    lan, _ = _with_chat(services, Role.MODERATOR)
    make_opinion(services, state=S.RECEIVED, submitted_at=clock.now() - dt.timedelta(days=6))
    with services.writing() as work:
        common = {"channel": "telegram", "account": "bot", "conversation_key": "k", "raw": "{}"}
        old = work.now - dt.timedelta(hours=1)
        for number, (status, at) in enumerate(
            [(InboxStatus.QUARANTINED, work.now), (InboxStatus.RECEIVED, old), (InboxStatus.RECEIVED, work.now)]
        ):
            work.add(InboxEntry(**common, external_id=str(number), status=status, received_at=at))
        work.add(
            Delivery(key="x", purpose="answer", text="", state=DeliveryState.UNKNOWN, not_before=old, created_at=old)
        )
        work.commit()
    counts = digest.digest(services, lan)
    assert (counts.oldest, counts.new) == (dt.timedelta(days=6), 0)
    assert (counts.unfinished, counts.unknown_deliveries) == (2, 1)
    send_digest(services)
    assert "lâu nhất 6 ngày" in notices_of(services, "digest")[0].text


def test_who_cannot_be_reached_or_was_removed_gets_no_digest(services: Services) -> None:
    _with_chat(services, Role.MODERATOR, reachable=False)
    boss, _ = _with_chat(services, Role.ADMIN)
    gone, _ = _with_chat(services, Role.MODERATOR)
    enrolment.remove_staff(services, boss, gone)
    make_opinion(services, state=S.RECEIVED)
    assert send_digest(services) == 0


# ---------------------------------------------------------------------- alerts


def test_an_emergency_reaches_moderators_of_the_place_and_the_group_at_once_and_once(services: Services) -> None:
    _, four = _with_chat(services, Role.MODERATOR, village="t4")
    _with_chat(services, Role.MODERATOR, village="t5")
    _with_chat(services, Role.APPROVER)
    group = _group_chat(services)
    opinion = make_opinion(services, state=S.RECEIVED, village="t4", text="Dây điện đứt, gọi 0912 345 678", urgent=True)
    for _ in range(2):
        _alert(services, "emergency", opinion)
    told = notices_of(services, "alert")
    assert {one.channel_identity_id for one in told} == {four, group}
    assert len(told) == 2
    assert all("KHẨN" in one.text and "0912" not in one.text for one in told)
    assert told[0].buttons[0][0]["token"] == f"s:v:{opinion.code}"


@pytest.mark.parametrize("present", [Role.APPROVER, Role.ADMIN])
def test_without_a_moderator_in_a_chat_the_next_in_line_hears(services: Services, present: Role) -> None:
    make_staff(services, Role.MODERATOR)
    _, chat = _with_chat(services, present)
    _alert(services, "wants_person", None)
    assert [one.channel_identity_id for one in notices_of(services)] == [chat]


def test_of_what_is_sealed_only_the_confidential_role_hears_and_no_word_of_it(services: Services) -> None:
    _with_chat(services, Role.MODERATOR)
    _group_chat(services)
    _, keeper = _with_chat(services, Role.CONFIDENTIAL)
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text=SECRET)
    _alert(services, "wants_withdraw", sealed)
    (told,) = notices_of(services)
    assert told.channel_identity_id == keeper
    assert "Tạo" not in told.text


def test_duties_that_press_are_one_line_for_those_who_decide_and_none_for_others(services: Services) -> None:
    moderator, _ = _with_chat(services, Role.MODERATOR)
    officer, _ = _with_chat(services, Role.VILLAGE_OFFICER, village="t4")
    today = dt.date(2026, 11, 2)
    owed: list[dict[str, Any]] = [
        {"due_on": today - dt.timedelta(days=1)},
        {"due_on": today - dt.timedelta(days=40)},
        {"due_on": today},
        {"due_on": today - dt.timedelta(days=5), "extended_to": today + dt.timedelta(days=20)},
        {"due_on": today - dt.timedelta(days=5), "met_on": today},
        {"due_on": today + dt.timedelta(days=90)},
    ]
    with services.writing() as work:
        for number, values in enumerate(owed):
            work.add(
                Obligation(
                    office_id=services.office_id,
                    duty="final_answer",
                    subject="assignment",
                    subject_id=number,
                    regulation="thanh-hoa",
                    regulation_version="1",
                    rule="x",
                    holder="agency",
                    created_at=work.now,
                    **values,
                )
            )
        work.commit()
    assert "• Việc có hạn: 2 quá hạn, 1 sắp đến hạn, 1 đã gia hạn (/han)" in digest_card(
        digest.digest(services, moderator)
    )
    assert digest.digest(services, officer).is_empty


def test_duties_about_a_sealed_opinion_are_counted_for_the_confidential_role_alone(
    services: Services, clock: ManualClock
) -> None:
    moderator, _ = _with_chat(services, Role.MODERATOR)
    keeper, _ = _with_chat(services, Role.MODERATOR, Role.CONFIDENTIAL)
    opinion = make_opinion(services, sealed=True, state=S.HELD, text=SECRET)
    with services.writing() as work:
        work.add(
            Obligation(
                office_id=services.office_id,
                duty=Duty.ACKNOWLEDGEMENT,
                subject="opinion",
                subject_id=opinion.id or 0,
                regulation="thanh-hoa",
                regulation_version="1",
                rule="x",
                holder="front",
                due_on=dt.date(2026, 11, 2),
                created_at=work.now,
            )
        )
        work.commit()
    clock.move_to(dt.datetime(2026, 11, 17, 1, 0, tzinfo=dt.UTC))
    assert digest.digest(services, moderator).late == 0
    assert digest.digest(services, keeper).late == 1
    assert digest.digest(services, keeper, sealed_too=False).late == 0
