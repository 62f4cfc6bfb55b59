"""A file is closed when nothing is owed any more, kept as long as the text says, and opened again with a reason."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.conference_life.checklist import ItemState
from casework.errors import Forbidden, IllegalMove, InvalidInput
from casework.regulations.model import Step
from casework.usecases.answers.answering import approve_answer, assign, publish_answer, write_answer
from casework.usecases.conference import conferences
from casework.usecases.conference.breaking_off import fail
from casework.usecases.conference.case_file import case_file
from casework.usecases.conference.closing import checklist, close, reopen
from casework.usecases.conference.planning import name_officials
from casework.usecases.conference.steps import OWN_COMMAND, record_step
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.conference_factories import HELD_ON, conference_of, everything, held_one, on, under
from tests.casework.factories import make_staff


@pytest.fixture
def approver(services: Services) -> int:
    return make_staff(services, Role.APPROVER, Role.MODERATOR)


@pytest.fixture
def concluded(services: Services, clock: ManualClock, approver: int) -> str:
    """Under Điện Biên: one line answered in the hall, one put off to writing, concluded on the day."""
    under(services, "dien-bien")
    code = held_one(services, clock, approver, ["Đèn tắt", "Rác ngõ 12"])
    conferences.record_outcome(services, approver, code, 1, "answered", note="Đã thay 5 bóng ngày 9/12.")
    conferences.record_outcome(services, approver, code, 2, "deferred")
    conferences.conclude(services, approver, code, number="5/TB-UBND", date=HELD_ON)
    return code


def do_every_step(services: Services, approver: int, code: str) -> None:
    for item in checklist(services, approver, code).items:
        if item.step is not None and item.done_on is None and item.step not in OWN_COMMAND:
            record_step(services, approver, code, item.step, done_on=HELD_ON)
    if conference_of(services, code).state == "held":
        name_officials(services, approver, code, secretaries=["A", "B"])


def answer(services: Services, approver: int, issue: str) -> None:
    answer_id = write_answer(
        services,
        approver,
        issue,
        text="Xe rác vào ngõ 12 hằng ngày từ 15/12/2026, tổ thu gom đã ký hợp đồng.",
        agency="Phòng Kinh tế",
        document_number="12/KT",
        document_date=HELD_ON,
    )
    approve_answer(services, approver, answer_id)
    publish_answer(services, approver, answer_id)


def blockers(services: Services, approver: int, code: str) -> list[str]:
    return [item.what for item in checklist(services, approver, code).items if item.required and item.done_on is None]


def test_an_unassigned_line_and_each_missing_step_are_named(services: Services, approver: int, concluded: str) -> None:
    before = everything(services)
    with pytest.raises(IllegalMove) as refused:
        close(services, approver, concluded)
    words = refused.value.what
    assert "dòng 2 «Rác ngõ 12»: hẹn trả lời bằng văn bản, chưa giao cơ quan nào" in words
    assert "- ký biên bản" in words
    assert "dòng 1" not in words
    assert everything(services) == before


def test_a_line_that_was_assigned_still_waits_for_its_answer(services: Services, approver: int, concluded: str) -> None:
    assign(services, approver, f"{concluded}/2", agency="Phòng Kinh tế")
    with pytest.raises(IllegalMove, match="chưa có văn bản trả lời cuối cùng"):
        close(services, approver, concluded)


def test_nobody_closes_the_file_of_a_conference_without_conclusion(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = held_one(services, clock, approver, ["Đèn tắt"])
    with pytest.raises(IllegalMove, match="chưa có thông báo kết luận"):
        close(services, approver, code)


def test_a_failed_dialogue_is_closed_with_minutes_and_report_and_nothing_says_how_long_it_is_kept(
    services: Services, clock: ManualClock, approver: int
) -> None:
    under(services, "son-la")
    code = held_one(services, clock, approver, ["Đèn tắt"])
    fail(services, approver, code, why="không thống nhất")
    with pytest.raises(IllegalMove, match="ký biên bản"):
        close(services, approver, code)
    record_step(services, approver, code, Step.MINUTES_SIGNED)
    record_step(services, approver, code, Step.UPWARD_REPORTED, number="3/BC")
    done = close(services, approver, code)
    assert (done.closed_on, done.retain_until, done.source) == (HELD_ON, None, None)


def test_a_closed_file_takes_no_step_until_it_is_opened_with_a_reason(
    services: Services, clock: ManualClock, approver: int
) -> None:
    under(services, "son-la")
    code = held_one(services, clock, approver, ["Đèn tắt"])
    fail(services, approver, code, why="không thống nhất")
    for step in (Step.MINUTES_SIGNED, Step.UPWARD_REPORTED):
        record_step(services, approver, code, step)
    close(services, approver, code)
    with pytest.raises(IllegalMove, match="đã đóng"):
        close(services, approver, code)
    with pytest.raises(IllegalMove, match="đã đóng"):
        record_step(services, approver, code, Step.DEBRIEF)
    with pytest.raises(InvalidInput, match="lý do"):
        reopen(services, approver, code, why="")
    reopen(services, approver, code, why="thiếu biên bản")
    assert conference_of(services, code).closed_on is None
    record_step(services, approver, code, Step.DEBRIEF, note="lần sau mở loa ngoài")
    close(services, approver, code)
    with pytest.raises(Forbidden):
        reopen(services, make_staff(services, Role.MODERATOR), code, why="nhầm")


@pytest.mark.parametrize(
    ("day", "complaint"), [(dt.date(2026, 12, 12), "chưa tới"), (dt.date(2026, 12, 9), "trước ngày kết thúc")]
)
def test_a_file_is_closed_neither_in_the_future_nor_before_the_conference_ended(
    services: Services, approver: int, concluded: str, day: dt.date, complaint: str
) -> None:
    before = everything(services)
    with pytest.raises(InvalidInput, match=complaint):
        close(services, approver, concluded, closed_on=day)
    assert everything(services) == before


def test_when_everything_is_done_the_file_closes_and_is_kept_five_years_in_dien_bien(
    services: Services, clock: ManualClock, approver: int
) -> None:
    under(services, "dien-bien")
    code = held_one(services, clock, approver, ["Đèn tắt", "Rác ngõ 12"])
    do_every_step(services, approver, code)
    conferences.record_outcome(services, approver, code, 1, "answered", note="Đã thay 5 bóng ngày 9/12.")
    conferences.record_outcome(services, approver, code, 2, "deferred")
    conferences.conclude(services, approver, code, number="5/TB-UBND", date=HELD_ON)
    assert [what for what in blockers(services, approver, code) if "dòng 2" not in what] == []
    assign(services, approver, f"{code}/2", agency="Phòng Kinh tế")
    answer(services, approver, f"{code}/2")
    on(clock, dt.date(2027, 1, 4))
    done = close(services, approver, code)
    assert done.closed_on == dt.date(2027, 1, 4)
    assert done.retain_until is not None
    assert done.retain_until >= dt.date(2032, 1, 4)
    assert "Điện Biên" in (done.source or "")
    assert conference_of(services, code).retain_until == done.retain_until
    assert [one for one in examine(services) if one.subject not in ("opinion", "delivery")] == []


def test_the_case_file_holds_for_each_opinion_who_asked_what_was_answered_and_when(
    services: Services, approver: int, concluded: str
) -> None:
    first, second = case_file(services, approver, concluded)
    assert (first.line, first.answer, first.settled_on) == (1, "Đã thay 5 bóng ngày 9/12.", HELD_ON)
    assert first.answer_document == "5/TB-UBND ngày 10/12/2026"
    assert (second.outcome, second.answer, second.settled_on) == ("trả lời bằng văn bản", None, None)
    assert second.request.startswith("Đèn đường")
    assign(services, approver, f"{concluded}/2", agency="Phòng Kinh tế")
    assert "Phòng Kinh tế" in case_file(services, approver, concluded)[1].result


def test_a_village_officer_sees_the_checklist_but_not_the_case_file(services: Services, concluded: str) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    assert checklist(services, officer, concluded).items
    with pytest.raises(Forbidden):
        case_file(services, officer, concluded)


def test_a_line_is_late_the_day_after_its_agency_owed_the_answer(
    services: Services, clock: ManualClock, approver: int, concluded: str
) -> None:
    assign(services, approver, f"{concluded}/2", agency="Phòng Kinh tế")

    def second() -> tuple[ItemState, dt.date | None]:
        item = next(one for one in checklist(services, approver, concluded).items if one.line == 2)
        return item.state, item.due_on

    state, due_on = second()
    assert state is ItemState.OWED
    assert due_on is not None
    on(clock, due_on)
    assert second()[0] is ItemState.OWED
    on(clock, due_on + dt.timedelta(days=1))
    assert second()[0] is ItemState.LATE
