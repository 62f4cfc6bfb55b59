"""What had to be done before a conference whose day is over, and what a conference that is off leaves to its askers."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.conference_life.checklist import ItemState
from casework.deadlines.values import DueState
from casework.regulations.model import Duty, Step
from casework.usecases.conference import conferences
from casework.usecases.conference.breaking_off import fail
from casework.usecases.conference.closing import checklist
from casework.usecases.conference.moving import move_conference
from casework.usecases.conference.steps import record_step
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations, why
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.reminders import reminding
from casework.usecases.reminders.due_list import due_list
from casework.usecases.work import Services
from storage.records import Conference, Obligation, Role
from tests.casework.conference_factories import HELD_ON, add_issue, held_one, on, plan_one, under
from tests.casework.factories import make_staff

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
