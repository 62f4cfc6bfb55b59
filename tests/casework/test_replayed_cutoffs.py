"""The cut-off of a conference follows a calendar that changed, as long as nobody has built an agenda by it."""

from __future__ import annotations

import datetime as dt

from casework.regulations.model import Duty
from casework.usecases.conference import conferences
from casework.usecases.deadlines.calendars import add_day
from casework.usecases.deadlines.listing import Wish, list_obligations
from casework.usecases.deadlines.replay import replay
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.conference_factories import HELD_ON, add_issue, conference_of, plan_one, under
from tests.casework.factories import make_staff


def storm(services: Services, staff: int) -> None:
    for days in range(1, 9):
        day = HELD_ON - dt.timedelta(days=days)
        if day.weekday() < 5:
            add_day(services, staff, day, working=False, reason="nghỉ tránh bão", citation="15/CĐ-UBND")


def day_of_rule(services: Services, staff: int) -> dt.date | None:
    (row,) = list_obligations(services, staff, Wish(duty=Duty.OPINION_CUTOFF))
    return row.due_on


def test_the_cutoff_of_a_planned_conference_follows_and_one_set_by_hand_or_used_does_not(services: Services) -> None:
    staff = make_staff(services, Role.APPROVER, Role.MODERATOR)
    under(services, "thanh-hoa")
    code = plan_one(services, staff)
    before = conference_of(services, code).cutoff_on
    assert before == day_of_rule(services, staff)
    storm(services, staff)
    replay(services, staff, dry_run=True)
    assert conference_of(services, code).cutoff_on == before
    assert replay(services, staff).remarks == ()
    after = conference_of(services, code).cutoff_on
    assert after == day_of_rule(services, staff)
    assert after != before


def test_the_cutoff_an_agenda_was_built_by_stays_and_is_remarked_upon(services: Services) -> None:
    staff = make_staff(services, Role.APPROVER, Role.MODERATOR)
    under(services, "thanh-hoa")
    code = plan_one(services, staff)
    before = conference_of(services, code).cutoff_on
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    storm(services, staff)
    (remark,) = replay(services, staff).remarks
    assert code in remark
    assert conference_of(services, code).cutoff_on == before


def test_a_cutoff_of_the_offices_own_stays(services: Services) -> None:
    staff = make_staff(services, Role.APPROVER, Role.MODERATOR)
    under(services, "thanh-hoa")
    own = HELD_ON - dt.timedelta(days=20)
    code = plan_one(services, staff, cutoff_on=own)
    storm(services, staff)
    assert replay(services, staff).remarks == ()
    assert conference_of(services, code).cutoff_on == own
