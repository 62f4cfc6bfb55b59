"""A conference is stopped, or the dialogue comes to nothing: no matter is lost and everybody is told."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import col, select

from casework.clock import ManualClock
from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput
from casework.usecases.answers.answering import assign
from casework.usecases.conference import conferences
from casework.usecases.conference.breaking_off import Rest, fail, stop
from casework.usecases.work import Services
from storage.records import Opinion, OpinionState, Role
from tests.casework.conference_factories import HELD_ON, add_issue, conference_of, everything, held_one, plan_one
from tests.casework.factories import make_staff, notices_of


@pytest.fixture
def approver(services: Services) -> int:
    return make_staff(services, Role.APPROVER)


def states(services: Services) -> list[str]:
    with services.reading() as work:
        return [row.state for row in work.session.exec(select(Opinion).order_by(col(Opinion.id)))]


def outcomes(services: Services, code: str) -> list[str]:
    return [row.outcome for row in conferences.agenda_view(services, None, code).rows]


def test_stopping_puts_off_what_was_not_reached_and_keeps_what_was_answered(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = held_one(services, clock, approver, ["Đèn tắt", "Rác ngõ 12"])
    conferences.record_outcome(services, approver, code, 1, "answered", note="Đã thay bóng ngày 9/12.")
    done = stop(services, approver, code, why="mất trật tự trong hội trường")
    assert (done.lines, done.told) == (1, 1)
    assert outcomes(services, code) == ["answered", "deferred"]
    assert conference_of(services, code).stopped_why == "mất trật tự trong hội trường"
    (notice,) = notices_of(services, "conference_stopped_deferred")
    assert "trả lời bằng văn bản" in notice.text
    concluded = conferences.conclude(services, approver, code, number="5/TB", date=HELD_ON)
    assert (concluded.answered, concluded.deferred) == (1, 1)


def test_stopping_may_keep_the_rest_for_the_next_conference(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = held_one(services, clock, approver, ["Đèn tắt", "Rác ngõ 12"])
    conferences.record_outcome(services, approver, code, 1, "deferred")
    stop(services, approver, code, why="mất điện", rest=Rest.NEXT_TIME)
    assert outcomes(services, code) == ["deferred"]
    assert states(services) == [OpinionState.SCHEDULED, OpinionState.APPROVED]
    following = plan_one(services, approver, held_on=dt.date(2026, 12, 24))
    assert conferences.build_agenda(services, approver, following).lines == 1


def test_a_stop_is_recorded_once(services: Services, clock: ManualClock, approver: int) -> None:
    code = held_one(services, clock, approver, ["Đèn tắt"])
    stop(services, approver, code, why="mất điện")
    with pytest.raises(IllegalMove, match="đã ghi là dừng"):
        stop(services, approver, code, why="mất điện")


def test_a_failed_dialogue_gives_every_opinion_back_and_tells_its_asker(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = held_one(services, clock, approver, ["Đèn tắt", "Rác ngõ 12"])
    conferences.record_outcome(services, approver, code, 1, "deferred")
    done = fail(services, approver, code, why="các bên không thống nhất được nội dung")
    assert (done.lines, done.told) == (2, 2)
    assert conference_of(services, code).state == "failed"
    assert states(services) == [OpinionState.APPROVED, OpinionState.APPROVED]
    assert "không thành" in notices_of(services, "conference_failed")[0].text
    following = plan_one(services, approver, held_on=dt.date(2026, 12, 24))
    assert conferences.build_agenda(services, approver, following).lines == 2


def test_after_a_failed_dialogue_an_assignment_tells_the_asker_at_once(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = held_one(services, clock, approver, ["Đèn tắt"])
    fail(services, approver, code, why="không thống nhất")
    assign(services, approver, "nhom:1", agency="Phòng Kinh tế")
    assert len(notices_of(services, "assigned")) == 1


def test_a_dialogue_fails_on_its_day_even_when_it_never_opened_but_not_before(
    services: Services, clock: ManualClock, approver: int
) -> None:
    code = plan_one(services, approver)
    add_issue(services)
    conferences.build_agenda(services, approver, code)
    before = everything(services)
    with pytest.raises(IllegalMove, match="Chưa tới ngày họp"):
        fail(services, approver, code, why="vắng")
    assert everything(services) == before
    clock.move_to(dt.datetime(2026, 12, 10, 3, tzinfo=dt.UTC))
    fail(services, approver, code, why="người dân không đến")
    assert states(services) == [OpinionState.APPROVED]


def test_nothing_is_stopped_or_failed_without_a_reason_before_the_day_or_after_the_conclusion(
    services: Services, clock: ManualClock, approver: int
) -> None:
    planned = plan_one(services, approver, held_on=dt.date(2026, 12, 24))
    code = held_one(services, clock, approver, ["Đèn tắt"])
    for act in (stop, fail):
        with pytest.raises(InvalidInput, match="vì sao"):
            act(services, approver, code, why=" ")
        with pytest.raises(IllegalMove, match="chưa họp"):
            act(services, approver, planned, why="bão")
    conferences.record_outcome(services, approver, code, 1, "deferred")
    conferences.conclude(services, approver, code, number="5/TB", date=HELD_ON)
    before = everything(services)
    for act in (stop, fail):
        with pytest.raises(AlreadyDecided):
            act(services, approver, code, why="bão")
    assert everything(services) == before


def test_only_an_approver_declares_a_dialogue_failed(services: Services, clock: ManualClock, approver: int) -> None:
    moderator = make_staff(services, Role.MODERATOR)
    code = held_one(services, clock, approver, ["Đèn tắt"])
    with pytest.raises(Forbidden):
        fail(services, moderator, code, why="không thống nhất")
    stop(services, moderator, code, why="mất điện")
