"""What had to be done before a conference whose day is over, and what a conference that is off leaves to its askers."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import VIETNAM, ManualClock
from casework.conference_life.checklist import ItemState
from casework.deadlines.values import DueState
from casework.errors import InvalidInput
from casework.regulations.model import Duty, Step
from casework.usecases.answers.answer_lists import waiting_for_answer
from casework.usecases.answers.assigning import assign
from casework.usecases.conference import conferences
from casework.usecases.conference.breaking_off import Rest, fail, stop
from casework.usecases.conference.closing import checklist
from casework.usecases.conference.moving import move_conference
from casework.usecases.conference.steps import record_step
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations, why
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.reminders import reminding
from casework.usecases.reminders.due_list import due_list
from casework.usecases.work import Services
from storage.records import Conference, Obligation, Role
from tests.casework.conference_factories import HELD_ON, add_issue, held_one, on, plan_one, under
from tests.casework.factories import make_staff, notices_of

EVERY = Wish(states=frozenset(DueState))
BEFORE = frozenset({Duty.FRONT_SUMMARY, Duty.PREPARATORY_MEETING, Duty.INVITATION, Duty.PUBLIC_NOTICE})


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def before_the_day(services: Services, staff: int, wish: Wish = EVERY) -> list[ObligationRow]:
    return [row for row in list_obligations(services, staff, wish) if row.duty in BEFORE]


def test_what_prepares_a_conference_is_late_until_its_day_is_over_and_missed_from_then_on(
    services: Services, clock: ManualClock, staff: int
) -> None:
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    on(clock, HELD_ON)
    assert {row.state for row in before_the_day(services, staff)} <= {DueState.LATE, DueState.VERY_LATE}
    assert before_the_day(services, staff, Wish())
    on(clock, HELD_ON + dt.timedelta(days=1))
    missed = before_the_day(services, staff, Wish(states=frozenset({DueState.MISSED})))
    assert missed
    assert missed == before_the_day(services, staff)
    assert {(row.state_name, row.days_left) for row in missed} == {("lỡ hạn", None)}
    assert not before_the_day(services, staff, Wish())
    assert why(services, staff, missed[0].id).row.state is DueState.MISSED


def test_nobody_is_reminded_of_what_cannot_be_done_any_more_and_the_checklist_still_names_it(
    services: Services, clock: ManualClock, staff: int
) -> None:
    code = held_one(services, clock, staff, ["Đèn đường"])
    on(clock, HELD_ON + dt.timedelta(days=2))
    names = {row.duty_name for row in before_the_day(services, staff)}
    assert names
    assert not [
        line for line in due_list(services, staff, whole_office=True) if any(name in line.what for name in names)
    ]
    assert not [row for row in reminding.preview(services, staff).rows if any(name in str(row) for name in names)]
    states = {item.step: item.state for item in checklist(services, staff, code).items}
    assert states[Step.SUMMARY_SENT] is ItemState.MISSED


def test_a_step_written_down_later_or_a_day_set_anew_ends_the_miss(
    services: Services, clock: ManualClock, staff: int
) -> None:
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    on(clock, HELD_ON + dt.timedelta(days=1))
    move_conference(services, staff, code, HELD_ON + dt.timedelta(days=60), why="bão", force="bão")
    assert DueState.MISSED not in {row.state for row in before_the_day(services, staff)}
    on(clock, HELD_ON + dt.timedelta(days=60))
    conferences.hold(services, staff, code)
    on(clock, HELD_ON + dt.timedelta(days=61))
    assert DueState.MISSED in {row.state for row in before_the_day(services, staff)}
    record_step(services, staff, code, Step.SUMMARY_SENT, done_on=HELD_ON + dt.timedelta(days=60))
    summary = [row for row in before_the_day(services, staff) if row.duty is Duty.FRONT_SUMMARY]
    assert {row.state for row in summary} == {DueState.MET_LATE}


@pytest.mark.parametrize("way", ["cancel", "fail"])
def test_nothing_that_prepares_a_conference_is_owed_once_it_came_to_nothing(
    services: Services, clock: ManualClock, staff: int, way: str
) -> None:
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    on(clock, HELD_ON)
    if way == "cancel":
        conferences.cancel(services, staff, code, why="bão")
    else:
        fail(services, staff, code, why="mất điện")
    on(clock, HELD_ON + dt.timedelta(days=30))
    assert {row.state for row in before_the_day(services, staff)} == {DueState.CANCELLED}


@pytest.mark.parametrize("state", ["concluded", "failed", "cancelled"])
def test_conferences_that_were_kept_before_duties_were_stand_the_same_way(
    services: Services, clock: ManualClock, staff: int, state: str
) -> None:
    under(services, "son-la")
    code = plan_one(services, staff)
    with services.writing() as work:
        for row in work.session.exec(select(Obligation)):
            work.session.delete(row)
        conference = work.session.exec(select(Conference).where(Conference.code == code)).one()
        conference.state, conference.regulation_version = state, None
        work.commit()
    on(clock, HELD_ON + dt.timedelta(days=90))
    refresh_all(services)
    found = {row.state for row in before_the_day(services, staff)}
    assert found == ({DueState.MISSED} if state == "concluded" else set())


# --------------------------------------------------------------------------- what agencies owe all the same


def answers(services: Services, staff: int) -> list[tuple[dt.date | None, DueState]]:
    rows = [row for row in list_obligations(services, staff, EVERY) if row.duty is Duty.FINAL_ANSWER]
    return [(row.due_on, row.state) for row in rows if row.state is not DueState.CANCELLED]


def call_off(services: Services, clock: ManualClock, staff: int, code: str, way: str) -> int:
    if way == "cancel":
        return conferences.cancel(services, staff, code, why="bão")
    on(clock, HELD_ON)
    if way == "fail":
        return fail(services, staff, code, why="mất điện").told
    conferences.hold(services, staff, code)
    return stop(services, staff, code, why="mất điện", rest=Rest.NEXT_TIME).told


@pytest.mark.parametrize("way", ["cancel", "fail", "stop", "drop"])
def test_an_agency_whose_text_counts_from_receipt_owes_the_answer_also_without_the_conference(
    services: Services, clock: ManualClock, staff: int, way: str
) -> None:
    under(services, "son-la")
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    before = [day for day, _ in answers(services, staff)]
    assert all(before)
    if way == "drop":
        conferences.drop_line(services, staff, code, 1, why="đã giao riêng")
    else:
        assert call_off(services, clock, staff, code, way) == 1
    assert [day for day, _ in answers(services, staff)] == before
    refresh_all(services)
    assert [day for day, _ in answers(services, staff)] == before


@pytest.mark.parametrize("way", ["cancel", "fail"])
@pytest.mark.parametrize("typed", [dt.date(2026, 12, 31), None])
def test_where_the_text_counts_from_the_conference_the_asker_is_told_the_typed_day_or_that_there_is_none(
    services: Services, clock: ManualClock, staff: int, way: str, typed: dt.date | None
) -> None:
    under(services, "thanh-hoa")
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế", due_on=typed)
    assert call_off(services, clock, staff, code, way) == 1
    (waiting,) = waiting_for_answer(services, staff)
    assert (waiting.agency, waiting.due_on, waiting.line) == ("Phòng Kinh tế", typed, None)
    (notice,) = [one for one in notices_of(services) if "không họp như đã định" in one.text]
    assert "Phòng Kinh tế" in notice.text
    assert ("31/12/2026" if typed else "Chưa có ngày hẹn trả lời") in notice.text
    told = len(notices_of(services))
    refresh_all(services)
    assert len(notices_of(services)) == told


def test_what_an_earlier_version_left_on_a_dead_conference_is_owed_after_the_nightly_round(
    services: Services, clock: ManualClock, staff: int
) -> None:
    under(services, "son-la")
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    with services.writing() as work:
        conference = work.session.exec(select(Conference).where(Conference.code == code)).one()
        conference.state = "cancelled"
        refresh_conference(work, conference)
        work.commit()
    assert answers(services, staff) == []
    refresh_all(services)
    assert answers(services, staff)
    assert refresh_all(services).changed == 0


def test_a_line_of_a_dead_conference_assigned_afterwards_does_not_follow_it(
    services: Services, clock: ManualClock, staff: int
) -> None:
    under(services, "son-la")
    code = plan_one(services, staff)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    conferences.cancel(services, staff, code, why="bão")
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    assert answers(services, staff)
    assert [one for one in notices_of(services) if one.purpose == "assigned"]


@pytest.mark.parametrize("day", [dt.date(2026, 11, 1), dt.date(2026, 11, 3)])
def test_an_issue_is_assigned_neither_before_its_first_opinion_nor_in_the_future(
    services: Services, clock: ManualClock, staff: int, day: dt.date
) -> None:
    group = add_issue(services)
    came = services.clock.now().astimezone(VIETNAM).date()
    assert came == dt.date(2026, 11, 2)
    with pytest.raises(InvalidInput, match=r"chưa tới|đầu tiên"):
        assign(services, staff, f"nhom:{group}", agency="Phòng Kinh tế", assigned_on=day)
    assign(services, staff, f"nhom:{group}", agency="Phòng Kinh tế", assigned_on=came)
