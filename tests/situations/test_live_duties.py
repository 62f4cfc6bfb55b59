"""Each regulation on a live office: from the plan of a conference to the last answer, on both sides of each day.

The conference is held on 22 December 2026 and concluded on 6 January 2027; the agency has its assignment in hand on
the day of the conference.
"""

from __future__ import annotations

import datetime as dt
import tomllib

import pytest

from casework.clock import VIETNAM, ManualClock
from casework.deadlines.standing import OPEN_STATES
from casework.deadlines.values import DueState
from casework.regulations.model import Duty
from casework.usecases.answers.answering import approve_answer, assign, publish_answer, write_answer
from casework.usecases.conference import conferences
from casework.usecases.conference.breaking_off import fail
from casework.usecases.conference.steps import record_step
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations
from casework.usecases.deadlines.receipts import record_receipt
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.office.doctor import examine
from casework.usecases.office.setup import install_office
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff
from tests.conftest import DATA

HELD, NOTICE = dt.date(2026, 12, 22), dt.date(2027, 1, 6)
ONE_DAY = dt.timedelta(days=1)

#: last lawful day of the written answer to what was put off
ANSWERS = {
    "thanh-hoa": dt.date(2027, 2, 3),  # 20 working days after the notice
    "ha-noi": dt.date(2027, 2, 24),  # 30 working days after the notice, Tet passed over
    "dien-bien": dt.date(2027, 1, 13),  # 15 working days after the conference
    "son-la": dt.date(2027, 1, 13),  # 15 working days after the receipt
    "hai-phong": dt.date(2027, 1, 13),
}
#: last lawful day of the conclusion notice
NOTICES = {
    "thanh-hoa": dt.date(2027, 1, 6),
    "ha-noi": dt.date(2027, 1, 6),
    "dien-bien": dt.date(2026, 12, 28),  # the fifth day is a Sunday
    "son-la": dt.date(2026, 12, 29),
    "hai-phong": dt.date(2026, 12, 29),
}
#: last lawful day before the conference: duty, its step, the day
BEFOREHAND = [
    ("thanh-hoa", Duty.FRONT_SUMMARY, "summary_sent", dt.date(2026, 12, 11)),
    ("ha-noi", Duty.INVITATION, "invitations_sent", dt.date(2026, 12, 15)),
    ("dien-bien", Duty.PUBLIC_NOTICE, "public_notice", dt.date(2026, 12, 15)),
    # The fifth day before, 17 December, is the last; the sixth working day before for the summary.
    ("son-la", Duty.FRONT_SUMMARY, "summary_sent", dt.date(2026, 12, 14)),
    ("son-la", Duty.PREPARATORY_MEETING, "preparatory_meeting", dt.date(2026, 12, 17)),
    ("son-la", Duty.INVITATION, "invitations_sent", dt.date(2026, 12, 15)),
    ("hai-phong", Duty.PUBLIC_NOTICE, "public_notice", dt.date(2026, 12, 15)),
]
#: last lawful day after the conference: duty, its step, the day
AFTERWARDS = [
    ("dien-bien", Duty.DEBRIEF, "debrief", dt.date(2026, 12, 28)),  # the fifth day is a Sunday
    ("hai-phong", Duty.DEBRIEF, "debrief", dt.date(2026, 12, 29)),
    ("dien-bien", Duty.UPWARD_SUMMARY, "upward_reported", dt.date(2026, 12, 28)),
    ("hai-phong", Duty.UPWARD_SUMMARY, "upward_reported", dt.date(2026, 12, 29)),
]


class Commune:
    """An imaginary commune under one regulation, with two issues: one is settled in the hall, one put off."""

    def __init__(self, services: Services, clock: ManualClock, regulation: str) -> None:
        install_office(
            services,
            code="tan-minh",
            name="xã Tân Minh",
            regulation=regulation,
            gazetteer=tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8")),
        )
        self.services, self.clock = services, clock
        self.staff = make_staff(services, Role.MODERATOR, Role.APPROVER)
        refresh_all(services)
        for title in ("Đường thôn 3", "Đèn thôn 4"):
            group = make_group(services, title)
            make_opinion(services, citizen=make_citizen(services), group=group, decided_at=clock.now())
        refresh_all(services)
        self.code = conferences.plan(
            services,
            self.staff,
            title="Đối thoại cuối năm",
            held_on=HELD,
            place="Nhà văn hóa xã",
            chair="Chủ tịch UBND xã",
        )

    def go_to(self, day: dt.date) -> None:
        self.clock.move_to(dt.datetime.combine(day, dt.time(9), tzinfo=VIETNAM))

    def hold(self) -> None:
        conferences.build_agenda(self.services, self.staff, self.code)
        self.go_to(HELD)
        conferences.hold(self.services, self.staff, self.code)
        conferences.record_outcome(
            self.services, self.staff, self.code, 1, "answered", by="Chủ tịch xã", note="Tuần sau sửa."
        )
        conferences.record_outcome(self.services, self.staff, self.code, 2, "deferred")

    def assign(self) -> None:
        assign(self.services, self.staff, f"{self.code}/2", agency="Phòng Kinh tế")
        record_receipt(self.services, self.staff, f"{self.code}/2", on=HELD)

    def conclude(self) -> None:
        self.go_to(NOTICE)
        conferences.conclude(self.services, self.staff, self.code, number="01/TB-UBND", date=NOTICE)

    def answer(self) -> None:
        number = write_answer(
            self.services,
            self.staff,
            f"{self.code}/2",
            text="Đã thay 5 bóng đèn.",
            agency="Phòng Kinh tế",
            document_number="5/UBND-KT",
            document_date=HELD,
        )
        approve_answer(self.services, self.staff, number)
        publish_answer(self.services, self.staff, number)

    def rows(self, duty: Duty, *, every: bool = True) -> list[ObligationRow]:
        wish = Wish(duty=duty, states=frozenset(DueState) if every else OPEN_STATES, conference=self.code)
        return list_obligations(self.services, self.staff, wish)

    def row(self, duty: Duty, regulation: str | None = None) -> ObligationRow:
        (row,) = [
            row
            for row in self.rows(duty)
            if row.state is not DueState.CANCELLED and regulation in (None, row.regulation)
        ]
        return row


@pytest.fixture
def commune(request: pytest.FixtureRequest, bare_services: Services, clock: ManualClock) -> Commune:
    return Commune(bare_services, clock, request.param)


every_province = pytest.mark.parametrize("commune", sorted(ANSWERS), indirect=True)


@pytest.mark.parametrize(
    ("commune", "late"), [(code, late) for code in ANSWERS for late in (0, 1)], indirect=["commune"]
)
def test_an_answer_on_the_last_day_is_in_time_and_the_day_after_is_late(commune: Commune, late: int) -> None:
    commune.hold()
    commune.assign()
    commune.conclude()
    row = commune.row(Duty.FINAL_ANSWER)
    due = ANSWERS[row.regulation]
    assert (row.due_on, row.holder, row.trigger_assumed) == (due, "Phòng Kinh tế", False)
    commune.go_to(due + late * ONE_DAY)
    assert commune.row(Duty.FINAL_ANSWER).state is (DueState.LATE if late else DueState.DUE_SOON)
    commune.answer()
    assert commune.row(Duty.FINAL_ANSWER).state is (DueState.MET_LATE if late else DueState.MET)
    assert examine(commune.services, ["duties-true"]) == []


@every_province
def test_the_conclusion_notice_is_late_from_the_day_after_its_own_last_day(commune: Commune) -> None:
    commune.hold()
    row = commune.row(Duty.CONCLUSION_NOTICE)
    due = NOTICES[row.regulation]
    assert row.due_on == due
    commune.go_to(due)
    assert commune.row(Duty.CONCLUSION_NOTICE).state is DueState.DUE_SOON
    commune.go_to(due + ONE_DAY)
    assert commune.row(Duty.CONCLUSION_NOTICE).state is DueState.LATE


@pytest.mark.parametrize("commune", ["thanh-hoa", "ha-noi"], indirect=True)
def test_without_conclusion_notice_the_clock_of_the_answers_stands_still_however_long(commune: Commune) -> None:
    commune.hold()
    commune.assign()
    commune.go_to(dt.date(2027, 4, 1))
    row = commune.row(Duty.FINAL_ANSWER)
    assert (row.due_on, row.state) == (None, DueState.WAITING)
    assert "thông báo kết luận" in row.explanation
    assert commune.row(Duty.CONCLUSION_NOTICE).state is DueState.VERY_LATE


@pytest.mark.parametrize(
    ("commune", "duty", "step", "last"), BEFOREHAND, indirect=["commune"], ids=[f"{c}-{d}" for c, d, *_ in BEFOREHAND]
)
def test_what_must_come_before_the_conference_is_met_by_its_step(
    commune: Commune, duty: Duty, step: str, last: dt.date
) -> None:
    rows = commune.rows(duty)
    assert {row.due_on for row in rows} == {last}
    assert sum(row.drives for row in rows) == 1
    commune.go_to(last)
    record_step(commune.services, commune.staff, commune.code, step, done_on=last)
    assert {row.state for row in commune.rows(duty)} == {DueState.MET}


@pytest.mark.parametrize(
    ("commune", "duty", "step", "last"), BEFOREHAND, indirect=["commune"], ids=[f"{c}-{d}" for c, d, *_ in BEFOREHAND]
)
def test_a_step_on_the_day_after_its_last_day_is_late(commune: Commune, duty: Duty, step: str, last: dt.date) -> None:
    commune.go_to(last + ONE_DAY)
    assert {row.state for row in commune.rows(duty)} == {DueState.LATE}
    record_step(commune.services, commune.staff, commune.code, step, done_on=last + ONE_DAY)
    assert {row.state for row in commune.rows(duty)} == {DueState.MET_LATE}


@pytest.mark.parametrize("late", [0, 1])
@pytest.mark.parametrize(
    ("commune", "duty", "step", "last"), AFTERWARDS, indirect=["commune"], ids=[f"{c}-{d}" for c, d, *_ in AFTERWARDS]
)
def test_what_must_follow_the_conference_is_met_by_its_step_until_its_last_day(
    commune: Commune, duty: Duty, step: str, last: dt.date, late: int
) -> None:
    group = make_group(commune.services, "Quốc lộ", level="tinh")
    make_opinion(commune.services, citizen=make_citizen(commune.services), group=group, decided_at=commune.clock.now())
    refresh_all(commune.services)
    commune.hold()
    assert commune.row(duty).due_on == last
    commune.go_to(last + late * ONE_DAY)
    assert commune.row(duty).state is (DueState.LATE if late else DueState.DUE_SOON)
    record_step(commune.services, commune.staff, commune.code, step, done_on=last + late * ONE_DAY)
    assert commune.row(duty).state is (DueState.MET_LATE if late else DueState.MET)
    assert examine(commune.services, ["duties-true"]) == []


@pytest.mark.parametrize("commune", ["dien-bien", "hai-phong"], indirect=True)
def test_nothing_goes_up_and_nobody_looks_back_after_a_dialogue_that_came_to_nothing(commune: Commune) -> None:
    group = make_group(commune.services, "Quốc lộ", level="tinh")
    make_opinion(commune.services, citizen=make_citizen(commune.services), group=group, decided_at=commune.clock.now())
    refresh_all(commune.services)
    commune.hold()
    fail(commune.services, commune.staff, commune.code, why="bão, bà con không tới được")
    for duty in (Duty.DEBRIEF, Duty.UPWARD_SUMMARY):
        assert {row.state for row in commune.rows(duty)} <= {DueState.CANCELLED}


@every_province
def test_every_use_case_leaves_the_duties_as_the_nightly_round_would(commune: Commune) -> None:
    for act in (lambda: None, commune.hold, commune.assign, commune.conclude, commune.answer):
        act()
        assert examine(commune.services, ["duties-true", "duties-held", "extensions-recorded"]) == []


@every_province
def test_the_commune_law_stands_beside_the_province_and_the_result_must_be_published_in_ten_days(
    commune: Commune,
) -> None:
    commune.hold()
    row = commune.row(Duty.PUBLISH_RESULT)
    # Ten days after 22 December is 1 January, a holiday, then a weekend.
    assert (row.regulation, row.source, row.due_on) == ("quoc-gia", "pháp luật chung", dt.date(2027, 1, 4))
    commune.go_to(dt.date(2027, 1, 5))
    assert commune.row(Duty.PUBLISH_RESULT).state is DueState.LATE
