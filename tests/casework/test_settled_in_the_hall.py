"""What was settled in the hall, and what was not: which clocks run under which text, and what the askers get."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.deadlines.values import DueState
from casework.errors import InvalidInput
from casework.regulations.model import Duty
from casework.usecases.answers.answer_lists import Owing, unanswered
from casework.usecases.answers.answering import assign, record_verdict
from casework.usecases.conference import conferences
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations
from casework.usecases.deadlines.receipts import record_receipt
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.moderation.digest import digest
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import Act, Answer, Opinion, OpinionState, Role
from tests.casework.conference_factories import on, plan_one, under
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload

HELD, NOTICE = dt.date(2026, 12, 22), dt.date(2026, 12, 25)
#: ten working days after the conference
TENTH = dt.date(2027, 1, 6)
ONE_DAY = dt.timedelta(days=1)


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


class Hall:
    """A conference with one issue per outcome; the first may have been given to an agency before."""

    def __init__(
        self, services: Services, clock: ManualClock, staff: int, text: str, *outcomes: str, assigned: bool = False
    ) -> None:
        under(services, text)
        self.services, self.clock, self.staff = services, clock, staff
        self.code = plan_one(services, staff, HELD)
        self.asked: list[Opinion] = []
        for number, _ in enumerate(outcomes, start=1):
            group = make_group(services, f"Việc {number}")
            asker = make_citizen(services)
            self.asked.append(make_opinion(services, citizen=asker, group=group, decided_at=clock.now()))
        refresh_all(services)
        conferences.build_agenda(services, staff, self.code)
        if assigned:
            on(clock, dt.date(2026, 12, 18))
            assign(services, staff, f"{self.code}/1", agency="Phòng Kinh tế")
            record_receipt(services, staff, f"{self.code}/1")
        on(clock, HELD)
        conferences.hold(services, staff, self.code)
        for position, outcome in enumerate(outcomes, start=1):
            words = {"by": "Chủ tịch UBND xã", "note": "Tuần sau sửa."} if outcome == "answered" else {}
            said = "answered" if outcome == "spoken" else outcome
            conferences.record_outcome(services, staff, self.code, position, said, **words)

    def conclude(self) -> None:
        on(self.clock, NOTICE)
        conferences.conclude(self.services, self.staff, self.code, number="01/TB-UBND", date=NOTICE)

    def rows(self, duty: Duty) -> list[ObligationRow]:
        wish = Wish(duty=duty, states=frozenset(DueState), conference=self.code)
        found = list_obligations(self.services, self.staff, wish)
        return [row for row in found if row.state is not DueState.CANCELLED]

    def row(self, duty: Duty) -> ObligationRow:
        (row,) = self.rows(duty)
        return row

    def late_duties(self) -> int:
        return digest(self.services, self.staff).late

    def true(self) -> bool:
        return examine(self.services, ["duties-true", "duties-held"]) == []


# --------------------------------------------------------------------------- what could be answered at once


def test_where_the_text_excepts_what_was_settled_the_answers_ready_at_once_owe_nothing_then(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "thanh-hoa", "answered", "spoken")
    assert hall.rows(Duty.QUICK_ANSWER) == []
    hall.conclude()
    assert hall.rows(Duty.QUICK_ANSWER) == []
    assert hall.true()


def test_while_a_line_was_put_off_the_answers_ready_at_once_are_a_day_to_go_by_and_nobody_is_late(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "thanh-hoa", "answered", "deferred")
    hall.conclude()
    before = hall.row(Duty.QUICK_ANSWER)
    assert (before.due_on, before.state, before.marker) == (TENTH, DueState.OPEN, True)
    on(clock, TENTH)
    late = hall.late_duties()
    on(clock, TENTH + ONE_DAY)
    after = hall.row(Duty.QUICK_ANSWER)
    assert (after.state, after.state_name, after.days_left) == (DueState.MET, "mốc đã qua", None)
    assert "mốc để theo dõi" in after.explanation
    assert hall.late_duties() == late
    assert hall.true()


def test_where_the_text_wants_what_was_settled_notified_the_asker_is_owed_that(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "son-la", "spoken")
    last = dt.date(2026, 12, 29)
    assert hall.row(Duty.QUICK_ANSWER).due_on == last
    on(clock, last + ONE_DAY)
    assert hall.row(Duty.QUICK_ANSWER).state is DueState.LATE


# --------------------------------------------------------------------------- the conclusion notice in Hà Nội


def test_a_notice_that_no_agency_waits_for_is_shown_and_not_late(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "ha-noi", "answered", "answered")
    on(clock, TENTH + ONE_DAY)
    row = hall.row(Duty.CONCLUSION_NOTICE)
    assert (row.due_on, row.state, row.marker) == (TENTH, DueState.MET, True)
    assert "không còn dòng nào" in row.explanation


@pytest.mark.parametrize("left", ["deferred", None])
def test_a_notice_is_late_while_a_line_is_put_off_or_nobody_has_said_what_became_of_it(
    services: Services, clock: ManualClock, staff: int, left: str | None
) -> None:
    hall = Hall(services, clock, staff, "ha-noi", *("answered", left or "answered"))
    if left is None:
        conferences.add_floor_opinion(services, staff, hall.code, "Cống ngõ 5 tắc")
    on(clock, TENTH)
    assert hall.row(Duty.CONCLUSION_NOTICE).state is DueState.DUE_SOON
    on(clock, TENTH + ONE_DAY)
    assert hall.row(Duty.CONCLUSION_NOTICE).state is DueState.LATE


# --------------------------------------------------------------------------- given to an agency, then answered


@pytest.mark.parametrize("text", ["ha-noi", "dien-bien", "thanh-hoa", "son-la", "hai-phong"])
def test_a_line_given_to_an_agency_and_answered_in_the_hall_is_answered_and_its_clock_stands(
    services: Services, clock: ManualClock, staff: int, text: str
) -> None:
    hall = Hall(services, clock, staff, text, "answered", assigned=True)
    hall.conclude()
    assert reload(services, hall.asked[0]).state == OpinionState.ANSWERED
    (notice,) = notices_of(services, "conclusion")
    assert "Tuần sau sửa." in notice.text
    assert len(notice.buttons or []) == 2
    on(clock, dt.date(2027, 4, 1))
    assert {row.state for row in hall.rows(Duty.FINAL_ANSWER)} <= {DueState.MET}
    assert unanswered(services, staff, hall.code) == []
    assert hall.true()
    with services.reading() as work:
        (act,) = work.session.exec(select(Act).where(Act.verb == "assignment_settled_at_conference")).all()
        assert act.subject == "assignment"


def test_before_its_conclusion_an_excepted_line_already_owes_no_answer_of_an_agency(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "dien-bien", "answered", assigned=True)
    on(clock, dt.date(2027, 1, 20))
    assert hall.rows(Duty.FINAL_ANSWER) == []


def test_a_line_put_off_in_the_hall_keeps_the_clock_of_its_agency(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "dien-bien", "deferred", assigned=True)
    on(clock, dt.date(2027, 1, 13))
    assert hall.row(Duty.FINAL_ANSWER).state is DueState.DUE_SOON
    on(clock, dt.date(2027, 1, 14))
    assert hall.row(Duty.FINAL_ANSWER).state is DueState.LATE


def test_whom_the_words_of_the_hall_did_not_satisfy_is_given_to_an_agency_again(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "son-la", "answered", assigned=True)
    hall.conclude()
    with services.writing() as work:
        answer = work.session.exec(select(Answer)).one()
        record_verdict(work, answer_id=answer.id or 0, opinion_id=hall.asked[0].id or 0, settled=False)
        work.commit()
    on(clock, dt.date(2027, 1, 4))
    assign(services, staff, f"{hall.code}/1", agency="Phòng Kinh tế", replace=True)
    assert reload(services, hall.asked[0]).state == OpinionState.ASSIGNED
    assert hall.row(Duty.FINAL_ANSWER).state is DueState.OPEN


def test_a_line_answered_without_words_still_waits_for_a_text(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "ha-noi", "spoken")
    hall.conclude()
    assert reload(services, hall.asked[0]).state == OpinionState.SCHEDULED
    (owed,) = unanswered(services, staff, hall.code)
    assert owed.why is Owing.SPOKEN


# --------------------------------------------------------------------------- without a conclusion notice


def test_where_the_answer_counts_from_the_conference_a_put_off_line_owes_it_without_any_notice(
    services: Services, clock: ManualClock, staff: int
) -> None:
    hall = Hall(services, clock, staff, "dien-bien", "answered", "deferred")
    due = dt.date(2027, 1, 13)
    row = hall.row(Duty.FINAL_ANSWER)
    assert (row.subject, row.ref, row.due_on, row.party) == ("line", f"{hall.code}/2", due, "organising_office")
    on(clock, due)
    assert hall.row(Duty.FINAL_ANSWER).state is DueState.DUE_SOON
    on(clock, due + ONE_DAY)
    assert hall.row(Duty.FINAL_ANSWER).state is DueState.LATE
    assert hall.true()


@pytest.mark.parametrize("text", ["thanh-hoa", "ha-noi"])
def test_where_it_counts_from_the_notice_a_put_off_line_owes_nothing_before(
    services: Services, clock: ManualClock, staff: int, text: str
) -> None:
    hall = Hall(services, clock, staff, text, "deferred")
    on(clock, dt.date(2027, 4, 1))
    assert hall.rows(Duty.FINAL_ANSWER) == []


# --------------------------------------------------------------------------- the day of the notice


def test_a_notice_is_not_dated_in_the_future(services: Services, clock: ManualClock, staff: int) -> None:
    hall = Hall(services, clock, staff, "thanh-hoa", "deferred")
    on(clock, NOTICE)
    with pytest.raises(InvalidInput, match="chưa tới"):
        conferences.conclude(services, staff, hall.code, number="1/TB", date=NOTICE + ONE_DAY)
    assert hall.rows(Duty.FINAL_ANSWER) == []
    assert notices_of(services, "conclusion") == []
    with pytest.raises(InvalidInput, match="trước ngày họp"):
        conferences.conclude(services, staff, hall.code, number="1/TB", date=HELD - ONE_DAY)


@pytest.mark.parametrize(("days", "remarked"), [(0, False), (1, False), (2, True)])
def test_a_notice_recorded_long_after_its_day_is_remarked_upon(
    services: Services, clock: ManualClock, staff: int, days: int, remarked: bool
) -> None:
    hall = Hall(services, clock, staff, "thanh-hoa", "deferred")
    on(clock, NOTICE + days * ONE_DAY)
    done = conferences.conclude(services, staff, hall.code, number="1/TB", date=NOTICE)
    assert [("25/12/2026" in one) for one in done.remarks] == [True] * remarked
