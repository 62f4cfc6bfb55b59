"""The day an asker was promised to hear again of what went up stands in the list of what is due."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.deadlines.values import DueState
from casework.regulations.model import Duty
from casework.usecases.answers.answering import approve_answer, publish_answer, write_answer
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations
from casework.usecases.referrals.referring import refer_issue
from casework.usecases.work import Services
from storage.records import DutyContact, Role
from tests.casework.conference_factories import on
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

PROMISED = dt.date(2026, 11, 20)
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


@pytest.fixture
def group(services: Services, staff: int) -> int:
    """An issue that went up with a promise; another went up without one."""
    groups = [make_group(services, title, level="tinh") for title in ("Cầu Đá xuống cấp", "Đường tỉnh 391")]
    for key, day in zip(groups, (PROMISED, None), strict=True):
        make_opinion(services, citizen=make_citizen(services), group=key)
        refer_issue(services, staff, f"nhom:{key}", "Sở Xây dựng", report_on=day)
    return groups[0]


def promised(services: Services, staff: int, **wish: object) -> list[ObligationRow]:
    rows = list_obligations(services, staff, Wish(**{"states": frozenset(DueState), **wish}))  # type: ignore[arg-type]
    return [row for row in rows if row.subject == "referral"]


def test_a_promise_is_late_from_the_day_after_its_day(
    services: Services, clock: ManualClock, staff: int, group: int
) -> None:
    (row,) = promised(services, staff)
    assert (row.ref, row.due_on, row.party, row.state) == (f"nhom:{group}", PROMISED, "front", DueState.OPEN)
    assert (row.duty, row.duty_name) == (None, "báo lại người hỏi như đã hẹn")
    assert "Sở Xây dựng" in row.explanation
    on(clock, PROMISED)
    assert promised(services, staff)[0].state is DueState.DUE_SOON
    on(clock, PROMISED + ONE_DAY)
    assert promised(services, staff)[0].state is DueState.LATE


def test_a_promise_is_kept_by_any_word_that_reaches_the_askers(
    services: Services, clock: ManualClock, staff: int, group: int
) -> None:
    on(clock, PROMISED)
    number = write_answer(
        services,
        staff,
        f"nhom:{group}",
        text="Sở đang khảo sát cầu.",
        agency="Sở Xây dựng",
        document_number="7/SXD",
        document_date=PROMISED,
        final=False,
        forwarded_to="Sở Xây dựng",
    )
    approve_answer(services, staff, number)
    publish_answer(services, staff, number)
    on(clock, PROMISED + ONE_DAY)
    (row,) = promised(services, staff)
    assert (row.state, row.met_on, row.days_left) == (DueState.MET, PROMISED, None)


def test_a_promise_is_found_where_it_is_looked_for(services: Services, staff: int, group: int) -> None:
    assert promised(services, staff, duty=Duty.FINAL_ANSWER) == []
    assert promised(services, staff, mine=True) == []
    assert len(promised(services, staff, holder="front")) == 1
    with services.writing() as work:
        work.add(DutyContact(office_id=services.office_id, holder="front", staff_id=staff))
        work.commit()
    assert len(promised(services, staff, mine=True)) == 1
