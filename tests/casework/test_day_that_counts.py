"""An extension the rule itself has overtaken no longer counts: every list says the same day."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.regulations.model import Duty, Step
from casework.reports.periods import ReportKind
from casework.usecases.answers.answer_lists import waiting_for_answer
from casework.usecases.answers.assigning import assign
from casework.usecases.conference import conference_day, conferences
from casework.usecases.conference.closing import checklist
from casework.usecases.deadlines.extending import extend
from casework.usecases.deadlines.listing import list_obligations
from casework.usecases.deadlines.obligations import refresh_reports
from casework.usecases.reports.due import list_reports
from casework.usecases.reports.reports import show_report
from casework.usecases.work import Services
from storage.records import Obligation, Role
from tests.casework.conference_factories import HELD_ON, held_one, on
from tests.casework.factories import make_staff


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def overtake(services: Services, key: int, due_on: dt.date) -> None:
    """The calendar has moved the day of the rule since the extension."""
    with services.writing() as work:
        work.session.get_one(Obligation, key).due_on = due_on
        work.commit()


def test_lists_checklist_and_report_agree_on_the_day_an_answer_is_due(
    services: Services, clock: ManualClock, staff: int
) -> None:
    code = held_one(services, clock, staff, ["Đèn đường"])
    conference_day.record_outcome(services, staff, code, 1, "deferred")
    conferences.conclude(services, staff, code, number="1/TB", date=HELD_ON)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    (row,) = [one for one in list_obligations(services, staff) if one.duty is Duty.FINAL_ANSWER]
    assert row.due_on is not None
    extend(services, staff, row.id, to=row.due_on + dt.timedelta(days=1), reason="mưa", body="Phòng Kinh tế")
    day = row.due_on + dt.timedelta(days=5)
    overtake(services, row.id, day)
    (line,) = [item for item in checklist(services, staff, code).items if item.line]
    (waiting,) = waiting_for_answer(services, staff)
    assert (line.due_on, waiting.due_on) == (day, day)
    on(clock, day)
    assert figures(services, staff, code)["overdue"] == 0
    on(clock, day + dt.timedelta(days=1))
    assert figures(services, staff, code)["overdue"] == 1


def figures(services: Services, staff: int, code: str) -> dict[str, int | float | None]:
    return {
        key: figure.value
        for key, figure in show_report(services, staff, ReportKind.CONFERENCE, code).report.figures.items()
    }


def test_a_conclusion_and_a_report_are_due_on_the_day_the_rule_leads_to_by_now(
    services: Services, clock: ManualClock, staff: int
) -> None:
    code = held_one(services, clock, staff, ["Đèn đường"])
    conference_day.record_outcome(services, staff, code, 1, "deferred")
    (row,) = [one for one in list_obligations(services, staff) if one.duty is Duty.CONCLUSION_NOTICE]
    with services.writing() as work:
        kept = work.session.get_one(Obligation, row.id)
        kept.extended_to = HELD_ON + dt.timedelta(days=1)
        refresh_reports(work)
        for one in work.session.exec(select(Obligation).where(Obligation.subject == "report")):
            one.extended_to = dt.date(2026, 1, 5)
        work.commit()
    items = {item.step: item.due_on for item in checklist(services, staff, code).items if item.step}
    assert items[Step.CONCLUSION_ISSUED] == row.due_on
    due = [one.due_on for one in list_reports(services, staff) if one.due_on is not None]
    assert due
    assert dt.date(2026, 1, 5) not in due
