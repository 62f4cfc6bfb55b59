from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlmodel import select

from casework.clock import VIETNAM, ManualClock
from casework.deadlines.values import DueState
from casework.errors import DoithoaiError, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.regulations.model import Duty
from casework.reports.periods import ReportKind
from casework.usecases.answers.answering import approve_answer, assign, publish_answer, write_answer
from casework.usecases.conference import conferences
from casework.usecases.deadlines.extending import Extended, extend
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations, why
from casework.usecases.office.doctor import examine
from casework.usecases.reports.reports import show_report
from casework.usecases.work import Services
from storage import history
from storage.records import Act, Extension, OpinionState, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

HELD, DUE = dt.date(2026, 12, 22), dt.date(2027, 1, 20)
LATER = dt.date(2027, 2, 24)
REASON = "phải đo lại diện tích ngoài đồng"


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


@pytest.fixture
def line(services: Services, staff: int, clock: ManualClock) -> str:
    """A line of a concluded conference that an agency owes the answer of; two askers wait."""
    group = make_group(services, "Diện tích đất thôn 3")
    for push in (True, False):
        make_opinion(services, citizen=make_citizen(services, push=push), group=group, decided_at=clock.now())
    code = conferences.plan(
        services, staff, title="Đối thoại", held_on=HELD, place="Nhà văn hóa xã", chair="Chủ tịch UBND xã"
    )
    conferences.build_agenda(services, staff, code)
    go_to(clock, HELD)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "deferred")
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    return f"{code}/1"


def go_to(clock: ManualClock, day: dt.date) -> None:
    clock.move_to(dt.datetime.combine(day, dt.time(9), tzinfo=VIETNAM))


def owed(services: Services, staff: int, duty: Duty = Duty.FINAL_ANSWER) -> ObligationRow:
    (row,) = list_obligations(services, staff, Wish(duty=duty, states=frozenset(DueState)))
    return row


def move(services: Services, staff: int, number: int, **more: object) -> Extended:
    values: dict[str, object] = {"to": LATER, "reason": REASON, "body": "Phòng Kinh tế"} | more
    return extend(services, staff, number, **values)  # type: ignore[arg-type]


def test_an_extension_has_reason_date_and_body_and_every_asker_who_waits_is_told_once(
    services: Services, staff: int, line: str
) -> None:
    row = owed(services, staff)
    assert (row.due_on, row.ref) == (DUE, line)
    done = move(services, staff, row.id, reason=f"{REASON} cùng ông Nguyễn Văn An, số 0912345678")
    assert (done.was, done.now, done.times, done.told) == (DUE, LATER, 1, 2)
    told = notices_of(services, "extension")
    assert len({one.opinion_id for one in told}) == len(told) == 2
    for words in ("Phòng Kinh tế", "20/01/2027", "24/02/2027", REASON):
        assert all(words in one.text for one in told)
    assert not any("0912345678" in one.text or "Nguyễn Văn An" in one.text for one in told)
    # Only who agreed to be sent messages is promised one.
    assert sorted("gửi ngay tới ông/bà" in one.text for one in told) == [False, True]
    now = owed(services, staff)
    assert (now.due_on, now.legal_on, now.state, now.extensions) == (LATER, DUE, DueState.EXTENDED, 1)
    assert examine(services, ["extensions-recorded", "told-delay", "public-names-nobody"]) == []


def test_extended_is_counted_apart_until_the_new_day_is_over(
    services: Services, staff: int, line: str, clock: ManualClock
) -> None:
    row = owed(services, staff)
    go_to(clock, dt.date(2027, 1, 21))
    assert owed(services, staff).state is DueState.LATE
    move(services, staff, row.id)
    go_to(clock, LATER)
    assert owed(services, staff).state is DueState.EXTENDED
    go_to(clock, LATER + dt.timedelta(days=1))
    assert owed(services, staff).state is DueState.LATE


@pytest.mark.parametrize("late", [0, 1])
def test_an_extension_after_the_day_does_not_undo_that_it_had_passed_in_list_and_report(
    services: Services, staff: int, line: str, clock: ManualClock, late: int
) -> None:
    go_to(clock, DUE + dt.timedelta(days=late))
    move(services, staff, owed(services, staff).id)
    row = owed(services, staff)
    assert (row.state, row.missed_on) == (DueState.EXTENDED, DUE if late else None)
    assert row.state_name == ("được gia hạn sau khi quá hạn" if late else "được gia hạn")

    def counted(*keys: str) -> list[float | None]:
        report = show_report(services, staff, ReportKind.CONFERENCE, line.split("/")[0]).report
        return [report[key].value for key in keys]

    assert counted("overdue", "extended_open") == ([2, 0] if late else [0, 2])
    number = write_answer(
        services,
        staff,
        line,
        text="Đã đo lại: 320 mét vuông.",
        agency="Phòng Kinh tế",
        document_number="5/KT",
        document_date=DUE,
    )
    approve_answer(services, staff, number)
    publish_answer(services, staff, number)
    assert owed(services, staff).state is (DueState.MET_LATE if late else DueState.MET)
    assert counted("late", "met_extended") == ([2, 0] if late else [0, 2])


def test_a_second_extension_is_allowed_and_counted(services: Services, staff: int, line: str) -> None:
    row = owed(services, staff)
    move(services, staff, row.id)
    done = move(services, staff, row.id, to=dt.date(2027, 3, 10), reason="chờ kết quả đo")
    assert (done.was, done.times) == (LATER, 2)
    found = why(services, staff, row.id)
    assert [(one.was, one.now) for one in found.moved] == [(DUE, LATER), (LATER, dt.date(2027, 3, 10))]
    assert len(notices_of(services, "extension")) == 4


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"reason": "  "}, "lý do"),
        ({"body": ""}, "cơ quan"),
        ({"to": DUE}, "sau hạn hiện nay"),
        ({"to": dt.date(2026, 12, 1)}, "đã qua"),
        ({"reason": "dài " * 200}, "dài quá"),
    ],
)
def test_an_extension_without_what_it_needs_changes_nothing(
    services: Services, staff: int, line: str, change: dict[str, object], said: str
) -> None:
    before = owed(services, staff)
    with pytest.raises(InvalidInput, match=said):
        move(services, staff, before.id, **change)
    assert owed(services, staff) == before
    assert notices_of(services, "extension") == []


def test_what_is_done_waits_or_is_counted_backwards_is_not_extended(
    services: Services, staff: int, clock: ManualClock
) -> None:
    code = conferences.plan(
        services, staff, title="Đối thoại", held_on=HELD, place="Nhà văn hóa xã", chair="Chủ tịch UBND xã"
    )
    with pytest.raises(IllegalMove, match="dời ngày họp"):
        move(services, staff, owed(services, staff, Duty.FRONT_SUMMARY).id)
    with pytest.raises(IllegalMove, match="mốc"):
        move(services, staff, owed(services, staff, Duty.OPINION_CUTOFF).id)
    make_opinion(services, group=make_group(services), decided_at=clock.now())
    conferences.build_agenda(services, staff, code)
    go_to(clock, HELD)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "deferred")
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    with pytest.raises(IllegalMove, match="chưa bắt đầu"):
        move(services, staff, owed(services, staff).id)
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    with pytest.raises(IllegalMove, match="đã xong"):
        move(services, staff, owed(services, staff, Duty.CONCLUSION_NOTICE).id)


def test_only_an_approver_extends_and_an_unknown_number_is_said_so(services: Services, staff: int, line: str) -> None:
    clerk = make_staff(services, Role.MODERATOR)
    with pytest.raises(Forbidden):
        move(services, clerk, owed(services, staff).id)
    with pytest.raises(NotFound, match="số 999"):
        move(services, staff, 999)


def test_the_askers_of_a_sealed_or_withdrawn_opinion_are_not_told(services: Services, staff: int, line: str) -> None:
    row = owed(services, staff)
    make_opinion(services, citizen=make_citizen(services), group=1, state=OpinionState.ASSIGNED, sealed=True)
    make_opinion(services, citizen=make_citizen(services), group=1, state=OpinionState.WITHDRAWN)
    assert move(services, staff, row.id).told == 2


def test_of_two_who_extend_at_once_one_wins_and_the_askers_are_told_once(
    services: Services, staff: int, line: str
) -> None:
    number = owed(services, staff).id
    results: list[object] = []
    start = threading.Barrier(2)

    def act() -> None:
        start.wait()
        try:
            results.append(move(services, staff, number))
        except DoithoaiError as error:
            results.append(error)

    threads = [threading.Thread(target=act) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in results) == ["Extended", "InvalidInput"]
    assert len(notices_of(services, "extension")) == 2
    with services.reading() as work:
        assert len(work.session.exec(select(Extension)).all()) == 1
        assert len(work.session.exec(select(Act).where(Act.verb == "duty_extended")).all()) == 1
        assert history.verify(work.session) == []
