"""A file is closed when nothing is owed any more, kept as long as the text says, and opened again with a reason."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.conference_life.checklist import ItemState
from casework.conference_life.planning import Officials
from casework.errors import Forbidden, IllegalMove, InvalidInput
from casework.regulations.model import Step
from casework.usecases.answers.answering import approve_answer, assign, publish_answer, write_answer
from casework.usecases.conference import conferences, speakers
from casework.usecases.conference.breaking_off import fail
from casework.usecases.conference.case_file import case_file
from casework.usecases.conference.closing import checklist, close, reopen
from casework.usecases.conference.planning import name_officials
from casework.usecases.conference.steps import OWN_COMMAND, record_step
from casework.usecases.moderation import triage
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import Act, Opinion, Role
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
    code = held_one(services, clock, approver, ["Đèn tắt"], kind="ad_hoc", topic="Cấp nước")
    assert fail(services, approver, code, why="không thống nhất").report_by
    assert "báo cáo cấp trên" in notices_of(services, "conference_failed")[0].text
    with pytest.raises(IllegalMove, match="ký biên bản"):
        close(services, approver, code)
    record_step(services, approver, code, Step.MINUTES_SIGNED)
    record_step(services, approver, code, Step.UPWARD_REPORTED, number="3/BC")
    done = close(services, approver, code)
    assert (done.closed_on, done.retain_until, done.source) == (HELD_ON, None, None)


def test_the_names_of_speakers_are_there_for_the_minutes_and_gone_once_the_file_is_closed(
    services: Services, clock: ManualClock, approver: int
) -> None:
    under(services, "son-la")
    code = held_one(services, clock, approver, ["Đèn tắt"], kind="ad_hoc", topic="Cấp nước")
    speakers.register(services, approver, code, matter="Đường ngõ 3", name="Bà Sáu")
    speakers.mark(services, approver, code, "1", spoken=True)
    fail(services, approver, code, why="không thống nhất")
    record_step(services, approver, code, Step.MINUTES_SIGNED)
    record_step(services, approver, code, Step.UPWARD_REPORTED, number="3/BC")
    assert [one.name for one in speakers.list_speakers(services, approver, code)] == ["Bà Sáu"]
    close(services, approver, code)
    (row,) = speakers.list_speakers(services, approver, code)
    assert (row.name, row.matter, row.state) == (None, "Đường ngõ 3", "spoken")


def test_a_closed_file_takes_no_step_until_it_is_opened_with_a_reason(
    services: Services, clock: ManualClock, approver: int
) -> None:
    under(services, "son-la")
    code = held_one(services, clock, approver, ["Đèn tắt"])
    fail(services, approver, code, why="không thống nhất")
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


def test_where_no_text_speaks_of_failure_the_file_closes_without_minutes_and_nobody_is_promised_a_report(
    services: Services, clock: ManualClock, approver: int
) -> None:
    under(services, "ha-noi")
    code = held_one(services, clock, approver, ["Đèn tắt"])
    assert fail(services, approver, code, why="mất điện").report_by == ()
    assert "cấp trên" not in notices_of(services, "conference_failed")[0].text
    advice = checklist(services, approver, code).items
    assert [(item.step, item.required) for item in advice] == [
        (Step.MINUTES_SIGNED, False),
        (Step.UPWARD_REPORTED, False),
    ]
    assert close(services, approver, code).closed_on == HELD_ON


# --------------------------------------------------------------------------- what was never done


def concluded_in_son_la(
    services: Services, clock: ManualClock, approver: int, *, late_on: dt.date | None = None
) -> str:
    """Everything done but the preparatory meeting; with `late_on` an opinion that came on that day."""
    under(services, "son-la")
    code = plan_one(services, approver, officials=Officials(secretaries=("Công chức A",)))
    add_issue(services, "Đèn tắt")
    if late_on is not None:
        on(clock, late_on)
        make_opinion(services, citizen=make_citizen(services), group=make_group(services, "Cống tắc"))
    built = conferences.build_agenda(services, approver, code)
    on(clock, HELD_ON)
    conferences.hold(services, approver, code)
    for position in range(1, built.lines + 1):
        conferences.record_outcome(services, approver, code, position, "answered", note="Đã làm xong ngày 9/12.")
    conferences.conclude(services, approver, code, number="5/TB-UBND", date=HELD_ON)
    for item in checklist(services, approver, code).items:
        if item.step not in (None, Step.PREPARATORY_MEETING, *OWN_COMMAND) and item.done_on is None:
            record_step(services, approver, code, item.step or "", done_on=HELD_ON)
    return code


def test_a_meeting_that_never_took_place_takes_a_reason_instead_of_a_false_date(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = concluded_in_son_la(services, clock, approver)
    on(clock, dt.date(2027, 1, 11))
    with pytest.raises(InvalidInput, match=r"close .* --waive preparatory_meeting"):
        record_step(services, approver, code, Step.PREPARATORY_MEETING)
    with pytest.raises(IllegalMove, match="--waive preparatory_meeting"):
        close(services, approver, code)
    before = everything(services)
    for refused in ({"plan": "bão"}, {"họp chuẩn bị": " "}, {"họp gì đó": "bão"}):
        with pytest.raises(InvalidInput):
            close(services, approver, code, waive=refused)
    assert everything(services) == before
    done = close(services, approver, code, waive={"preparatory_meeting": "người chủ trì đi chống bão"})
    assert done.waived == ("họp chuẩn bị: người chủ trì đi chống bão",)
    (meeting,) = [one for one in checklist(services, approver, code).items if one.step is Step.PREPARATORY_MEETING]
    assert (meeting.state, meeting.waived, meeting.done_on) == (ItemState.WAIVED, done.waived[0].split(": ")[1], None)
    (act,) = acts_of(services, "step_waived")
    assert (act.why, act.details["step"]) == ("người chủ trì đi chống bão", "preparatory_meeting")
    assert [one for one in examine(services) if one.subject not in ("opinion", "delivery")] == []


def test_the_true_day_of_a_step_is_written_down_afterwards(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = concluded_in_son_la(services, clock, approver)
    on(clock, dt.date(2027, 1, 11))
    record_step(services, approver, code, Step.PREPARATORY_MEETING, done_on=dt.date(2026, 12, 8))
    (meeting,) = [one for one in checklist(services, approver, code).items if one.step is Step.PREPARATORY_MEETING]
    assert meeting.state is ItemState.DONE_LATE
    close(services, approver, code)


def test_no_reason_closes_the_file_over_an_open_line(services: Services, approver: int, concluded: str) -> None:
    missing = {
        str(item.step): "không kịp"
        for item in checklist(services, approver, concluded).items
        if item.step is not None and item.required and item.state in (ItemState.OWED, ItemState.LATE)
    }
    with pytest.raises(IllegalMove, match=r"còn 1 việc:\n- dòng 2"):
        close(services, approver, concluded, waive=missing)
    assert acts_of(services, "step_waived") == []


# --------------------------------------------------------------------------- what came late


@pytest.mark.parametrize(
    ("came_on", "late"), [(dt.date(2026, 12, 5), False), (dt.date(2026, 12, 6), True), (dt.date(2026, 12, 9), True)]
)
def test_in_son_la_the_file_stays_open_until_what_came_late_is_answered_in_writing(
    services: Services, clock: ManualClock, approver: int, came_on: dt.date, late: bool
) -> None:
    code = concluded_in_son_la_with(services, clock, approver, came_on)
    items = [item for item in checklist(services, approver, code).items if item.issue]
    assert bool(items) is late
    if not late:
        return
    assert "«Cống tắc»" in items[0].what
    with pytest.raises(IllegalMove, match="chưa giao cơ quan nào"):
        close(services, approver, code)
    assign(services, approver, items[0].issue or "", agency="Phòng Kinh tế")
    with pytest.raises(IllegalMove, match="chưa có văn bản trả lời cuối cùng"):
        close(services, approver, code)
    answer(services, approver, items[0].issue or "")
    close(services, approver, code)


def test_a_late_opinion_declined_on_a_ground_is_owed_no_answer(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = concluded_in_son_la_with(services, clock, approver, dt.date(2026, 12, 7))
    (late,) = [one for one in opinions(services) if one.state == "approved"]
    triage.decline(services, approver, late.code or "", "NGOAI_DIA_BAN", expected_version=late.version)
    assert not [item for item in checklist(services, approver, code).items if item.issue]
    close(services, approver, code)


def concluded_in_son_la_with(services: Services, clock: ManualClock, approver: int, came_on: dt.date) -> str:
    """Nothing is left but what came on this day."""
    code = concluded_in_son_la(services, clock, approver, late_on=came_on)
    record_step(services, approver, code, Step.PREPARATORY_MEETING, done_on=dt.date(2026, 12, 4))
    return code


def acts_of(services: Services, verb: str) -> list[Act]:
    with services.reading() as work:
        return list(work.session.exec(select(Act).where(Act.verb == verb)))


def opinions(services: Services) -> list[Opinion]:
    with services.reading() as work:
        return list(work.session.exec(select(Opinion)))
