"""Steps of a conference are facts with a day; impossible days are refused and change nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.regulations.model import Step
from casework.usecases.conference import conferences
from casework.usecases.conference.steps import OWN_COMMAND, list_steps, read_step, record_step, steps_of, void_step
from casework.usecases.work import Services
from storage.records import ConferenceStep, Role
from tests.casework.conference_factories import conference_of, everything, held_one, plan_one
from tests.casework.factories import make_staff

TODAY = dt.date(2026, 11, 2)


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Cán bộ Mận")


@pytest.fixture
def code(services: Services, moderator: int) -> str:
    return plan_one(services, moderator)


def done(services: Services, code: str) -> dict[Step, ConferenceStep]:
    conference = conference_of(services, code)
    with services.reading() as work:
        return steps_of(work, conference)


def test_a_step_is_kept_with_its_day_number_and_who_wrote_it(services: Services, moderator: int, code: str) -> None:
    record_step(services, moderator, code, Step.INVITATIONS_SENT, number=" 12/GM-UBND ", note="gửi 60 giấy")
    (row,) = list_steps(services, moderator, code)
    assert (row.step, row.done_on, row.document_number, row.note) == (
        Step.INVITATIONS_SENT,
        TODAY,
        "12/GM-UBND",
        "gửi 60 giấy",
    )
    assert row.by == "Cán bộ Mận"


def test_writing_it_down_again_corrects_it_and_keeps_the_first(services: Services, moderator: int, code: str) -> None:
    record_step(services, moderator, code, Step.PLAN, number="1/KH")
    record_step(services, moderator, code, Step.PLAN, number="2/KH", done_on=dt.date(2026, 10, 30))
    assert done(services, code)[Step.PLAN].document_number == "2/KH"
    assert len(list_steps(services, moderator, code)) == 2


def test_a_voided_step_counts_no_more_and_says_why(services: Services, moderator: int, code: str) -> None:
    record_step(services, moderator, code, Step.INVITATIONS_SENT)
    void_step(services, moderator, code, Step.INVITATIONS_SENT, why="in sai giờ")
    assert done(services, code) == {}
    assert [row.void_why for row in list_steps(services, moderator, code)] == ["in sai giờ"]
    with pytest.raises(NotFound):
        void_step(services, moderator, code, Step.INVITATIONS_SENT, why="lần nữa")


@pytest.mark.parametrize(
    ("step", "day", "complaint"),
    [
        (Step.INVITATIONS_SENT, dt.date(2026, 11, 3), "chưa tới"),
        (Step.MINUTES_SIGNED, TODAY, "chưa họp"),
        (Step.HELD, TODAY, "lệnh riêng"),
        (Step.CONCLUSION_ISSUED, TODAY, "lệnh riêng"),
        (Step.FILE_CLOSED, TODAY, "lệnh riêng"),
        ("dance", TODAY, "không phải một bước"),
    ],
)
def test_a_step_that_cannot_be_is_refused_and_nothing_is_written(
    services: Services, moderator: int, code: str, step: str, day: dt.date, complaint: str
) -> None:
    before = everything(services)
    with pytest.raises((InvalidInput, IllegalMove), match=complaint):
        record_step(services, moderator, code, step, done_on=day)
    assert everything(services) == before


def test_invitations_cannot_follow_the_day_nor_minutes_precede_it(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    code = held_one(services, clock, moderator, ["Đèn tắt"])
    clock.advance(3 * 86_400)
    with pytest.raises(InvalidInput, match="sau ngày họp"):
        record_step(services, moderator, code, Step.INVITATIONS_SENT, done_on=dt.date(2026, 12, 11))
    with pytest.raises(InvalidInput, match="trước ngày họp"):
        record_step(services, moderator, code, Step.MINUTES_SIGNED, done_on=dt.date(2026, 12, 9))
    record_step(services, moderator, code, Step.INVITATIONS_SENT, done_on=dt.date(2026, 12, 10))
    record_step(services, moderator, code, Step.MINUTES_SIGNED, done_on=dt.date(2026, 12, 10))
    assert set(done(services, code)) == {Step.INVITATIONS_SENT, Step.MINUTES_SIGNED}


def test_a_cancelled_conference_takes_no_more_steps(services: Services, moderator: int, code: str) -> None:
    conferences.cancel(services, moderator, code, why="bão")
    with pytest.raises(IllegalMove, match="đã hủy"):
        record_step(services, moderator, code, Step.PLAN)


def test_a_village_officer_reads_steps_and_writes_none(services: Services, code: str) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    assert list_steps(services, officer, code) == []
    with pytest.raises(Forbidden):
        record_step(services, officer, code, Step.PLAN)


@pytest.mark.parametrize("words", ["invitations_sent", "gửi giấy mời", "GUI GIAY MOI", "gửi giấy", "Invitations sent"])
def test_a_step_is_understood_by_its_code_or_its_name_with_or_without_accents(words: str) -> None:
    assert read_step(words) is Step.INVITATIONS_SENT


@pytest.mark.parametrize("words", ["", "gửi", "họp giao ban"])
def test_words_that_fit_no_step_or_several_are_refused_with_the_list(words: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_step(words)
    assert "gửi giấy mời" in refused.value.todo


def test_every_step_with_a_command_of_its_own_is_left_out_of_that_list() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_step("?")
    assert not [step for step in OWN_COMMAND if f"{step} (" in refused.value.todo]
