"""A conference gets another day: dates follow, what was announced is owed again, everybody who knew is told once."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.errors import Forbidden, IllegalMove, InvalidInput
from casework.regulations.model import Step
from casework.usecases.conference import conferences, speakers
from casework.usecases.conference.breaking_off import fail, stop
from casework.usecases.conference.moving import move_conference
from casework.usecases.conference.steps import list_steps, record_step, steps_of
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import Delivery, DeliveryState, Role, SpeakingRegistration
from tests.casework.conference_factories import (
    HELD_ON,
    add_issue,
    conference_of,
    everything,
    held_one,
    on,
    plan_one,
    under,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

NEW_DAY = dt.date(2026, 12, 17)


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


def send_all(services: Services) -> None:
    """What was written has reached the phones."""
    with services.writing() as work:
        for row in notices_of(services):
            stored = work.session.get_one(Delivery, row.id)
            stored.state, stored.parts_sent = DeliveryState.SENT, 1
            work.session.add(stored)
        work.commit()


def counting(services: Services, code: str) -> set[Step]:
    conference = conference_of(services, code)
    with services.reading() as work:
        return set(steps_of(work, conference))


def test_dates_follow_the_new_day(services: Services, moderator: int) -> None:
    under(services, "son-la")
    code = plan_one(services, moderator)
    moved = move_conference(
        services, moderator, code, NEW_DAY, why="trùng ngày bầu cử", place="Trường A", starts_at="14h"
    )
    conference = conference_of(services, code)
    assert (conference.held_on, conference.place, conference.starts_at) == (NEW_DAY, "Trường A", "14 giờ 00")
    # Five days before is a Saturday.
    assert conference.cutoff_on == moved.cutoff_on == dt.date(2026, 12, 12)


def test_a_last_day_somebody_chose_stays_while_it_lies_before_the_new_day(services: Services, moderator: int) -> None:
    under(services, "son-la")
    code = plan_one(services, moderator, cutoff_on=dt.date(2026, 12, 1))
    move_conference(services, moderator, code, NEW_DAY, why="bão")
    assert conference_of(services, code).cutoff_on == dt.date(2026, 12, 1)
    move_conference(services, moderator, code, dt.date(2026, 11, 27), why="lại bão")
    assert conference_of(services, code).cutoff_on == dt.date(2026, 11, 22)


def test_what_was_announced_is_void_and_owed_again_and_the_rest_stays(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    for step in (Step.PLAN, Step.INVITATIONS_SENT, Step.PUBLIC_NOTICE):
        record_step(services, moderator, code, step)
    moved = move_conference(services, moderator, code, NEW_DAY, why="bão")
    assert set(moved.again) == {Step.INVITATIONS_SENT, Step.PUBLIC_NOTICE}
    assert counting(services, code) == {Step.PLAN}
    assert {row.void_why for row in list_steps(services, moderator, code)} == {None, "hội nghị dời ngày: bão"}


def test_askers_who_were_told_the_day_are_told_the_new_one_once(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    add_issue(services, people=2)
    conferences.build_agenda(services, moderator, code)
    send_all(services)
    moved = move_conference(services, moderator, code, NEW_DAY, why="bão")
    notices = notices_of(services, "conference_moved")
    assert (moved.told, len(notices)) == (2, 2)
    assert "8 giờ 00 ngày 17/12/2026" in notices[0].text
    assert "Ý kiến" in notices[0].text


def test_an_agenda_notice_that_has_not_gone_out_is_replaced_by_one_with_the_new_day(
    services: Services, moderator: int
) -> None:
    code = plan_one(services, moderator)
    add_issue(services)
    conferences.build_agenda(services, moderator, code)
    move_conference(services, moderator, code, NEW_DAY, why="bão")
    live = [row for row in notices_of(services, "agenda") if row.state == DeliveryState.PENDING]
    assert len(live) == 1
    assert "17/12/2026" in live[0].text
    assert notices_of(services, "conference_moved") == []


def test_two_moves_in_a_row_leave_one_message_and_a_move_back_is_news_again(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    add_issue(services)
    conferences.build_agenda(services, moderator, code)
    send_all(services)
    move_conference(services, moderator, code, NEW_DAY, why="bão")
    move_conference(services, moderator, code, dt.date(2026, 12, 18), why="bão nữa")
    waiting = [row for row in notices_of(services, "conference_moved") if row.state == DeliveryState.PENDING]
    assert ["18/12/2026" in row.text for row in waiting] == [True]
    send_all(services)
    move_conference(services, moderator, code, NEW_DAY, why="hết bão")
    assert "17/12/2026" in notices_of(services, "conference_moved")[-1].text


def test_who_was_told_to_be_too_late_for_the_day_hears_of_the_new_one_too(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    under(services, "son-la")
    code = plan_one(services, moderator, held_on=dt.date(2026, 11, 13))
    on(clock, dt.date(2026, 11, 10))
    make_opinion(services, citizen=make_citizen(services), group=make_group(services, "Cống tắc"))
    conferences.build_agenda(services, moderator, code)
    send_all(services)
    assert len(notices_of(services, "agenda_late")) == 1
    assert move_conference(services, moderator, code, NEW_DAY, why="bão").told == 1


def test_speakers_who_registered_in_chat_are_told(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    speakers.register(services, moderator, code, matter="Đèn đường thôn 4", eligible=True)
    speaker = make_citizen(services)
    with services.writing() as work:
        registration = work.session.get_one(SpeakingRegistration, 1)
        registration.citizen_id = speaker
        work.add(registration)
        work.commit()
    assert move_conference(services, moderator, code, NEW_DAY, why="bão").told == 1


@pytest.mark.parametrize("regulation", ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong"])
def test_a_day_too_near_for_the_notice_needs_a_reason_and_names_the_rule(
    services: Services, moderator: int, regulation: str
) -> None:
    under(services, regulation)
    code = plan_one(services, moderator)
    record_step(services, moderator, code, Step.PUBLIC_NOTICE)
    before = everything(services)
    with pytest.raises(IllegalMove, match=r"thông báo công khai.*hạn .*Điều 43|Điều 43"):
        move_conference(services, moderator, code, dt.date(2026, 11, 5), why="khẩn")
    assert everything(services) == before
    moved = move_conference(services, moderator, code, dt.date(2026, 11, 5), why="khẩn", force="chỉ đạo của tỉnh")
    assert Step.PUBLIC_NOTICE in {one.step for one in moved.broken}


@pytest.mark.parametrize(
    ("day", "why", "complaint"),
    [
        (dt.date(2026, 11, 1), "bão", "đã qua"),
        (HELD_ON, "bão", "đúng ngày này"),
        (NEW_DAY, "  ", "lý do"),
    ],
)
def test_a_move_that_cannot_be_is_refused_and_changes_nothing(
    services: Services, moderator: int, day: dt.date, why: str, complaint: str
) -> None:
    code = plan_one(services, moderator)
    before = everything(services)
    with pytest.raises(InvalidInput, match=complaint):
        move_conference(services, moderator, code, day, why=why)
    assert everything(services) == before


def test_a_year_without_calendar_is_refused_and_changes_nothing(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    before = everything(services)
    with pytest.raises(InvalidInput):
        move_conference(services, moderator, code, dt.date(2190, 3, 1), why="nhầm năm")
    assert everything(services) == before


def test_a_conference_that_was_held_or_called_off_does_not_move(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    gone = plan_one(services, moderator)
    conferences.cancel(services, moderator, gone, why="bão")
    held = held_one(services, clock, moderator, ["Đèn tắt"])
    for code in (gone, held):
        with pytest.raises(IllegalMove, match="đã họp hoặc đã hủy"):
            move_conference(services, moderator, code, NEW_DAY, why="bão")


def test_a_village_officer_moves_nothing(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    with pytest.raises(Forbidden):
        move_conference(services, make_staff(services, Role.VILLAGE_OFFICER), code, NEW_DAY, why="bão")


def test_the_doctor_finds_the_duties_true_after_a_move_a_stop_and_a_failure(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    approver = make_staff(services, Role.APPROVER)
    for end, day in ((stop, dt.date(2026, 12, 15)), (fail, dt.date(2026, 12, 28))):
        code = plan_one(services, approver, held_on=day - dt.timedelta(days=4))
        add_issue(services)
        conferences.build_agenda(services, approver, code)
        move_conference(services, approver, code, day, why="bão")
        on(clock, day)
        conferences.hold(services, approver, code)
        end(services, approver, code, why="mất điện")
    assert [one for one in examine(services) if one.subject not in ("opinion", "delivery")] == []
