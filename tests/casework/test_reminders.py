from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlmodel import select

from casework.clock import VIETNAM, ManualClock
from casework.deadlines.calendar import official_calendar
from casework.errors import Forbidden, InvalidInput, NotFound
from casework.regulations.model import Duty
from casework.usecases.moderation import labels
from casework.usecases.office.enrolment import remove_staff
from casework.usecases.reminders import letters, reminding
from casework.usecases.reminders.contacts import list_contacts, remove_contact, set_contact
from casework.usecases.reminders.due_list import due_list
from casework.usecases.reminders.ladders import Ladder, Ladders, Quiet, ladders, reached
from casework.usecases.work import Services
from nlp.analysis import Kind
from storage.records import (
    Act,
    ChannelIdentity,
    Delivery,
    DeliveryState,
    Obligation,
    Opinion,
    OpinionState,
    Role,
    Staff,
)
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of

CALENDAR = official_calendar()
#: a Friday and the Monday after it
FRIDAY, MONDAY = dt.date(2026, 11, 13), dt.date(2026, 11, 16)


def chat_of(services: Services, staff_id: int, *, reachable: bool = True) -> int:
    with services.writing() as work:
        identity = work.add(
            ChannelIdentity(channel="telegram", account="bot", external_id=f"s{staff_id}", reachable=reachable)
        )
        staff = work.session.get_one(Staff, staff_id)
        staff.channel_identity_id = identity.id
        work.session.add(staff)
        work.commit()
        return identity.id or 0


def owe(
    services: Services,
    due_on: dt.date,
    *,
    duty: Duty = Duty.FINAL_ANSWER,
    agency: str | None = "Phòng Kinh tế",
    subject: str = "report",
    subject_id: int = 20262,
    rule: str = "x",
) -> int:
    with services.writing() as work:
        row = work.add(
            Obligation(
                office_id=services.office_id,
                duty=duty,
                subject=subject,
                subject_id=subject_id,
                regulation="thanh-hoa",
                regulation_version="1",
                rule=rule,
                holder="agency" if agency else "front",
                agency=agency,
                due_on=due_on,
                created_at=work.now,
            )
        )
        work.commit()
        return row.id or 0


def change(services: Services, obligation_id: int, **values: object) -> None:
    with services.writing() as work:
        row = work.session.get_one(Obligation, obligation_id)
        for name, value in values.items():
            setattr(row, name, value)
        work.session.add(row)
        work.commit()


def on(clock: ManualClock, day: dt.date, hour: int = 7, minute: int = 0) -> None:
    clock.move_to(dt.datetime.combine(day, dt.time(hour, minute), VIETNAM))


@pytest.fixture
def boss(services: Services) -> int:
    staff_id = make_staff(services, Role.APPROVER, Role.ADMIN, name="Chị Phê")
    chat_of(services, staff_id)
    return staff_id


@pytest.fixture
def economy(services: Services, boss: int) -> tuple[int, int]:
    """Who answers for Phòng Kinh tế, and the head above; both with a chat."""
    holder, head = (make_staff(services, Role.MODERATOR, name=name) for name in ("Anh Kinh", "Chị Trưởng"))
    for one in (holder, head):
        chat_of(services, one)
    set_contact(services, boss, "Phòng Kinh tế", person=str(holder), head=str(head))
    return holder, head


def told(services: Services, staff_id: int) -> list[str]:
    with services.reading() as work:
        identity = work.session.get_one(Staff, staff_id).channel_identity_id
    return [one.text for one in notices_of(services, "reminder") if one.channel_identity_id == identity]


# ---------------------------------------------------------------------- ladders


def test_every_duty_stands_on_exactly_one_ladder_and_each_rung_says_why() -> None:
    found = ladders()
    assert sorted(duty for ladder in found.ladders for duty in ladder.duties) == sorted(Duty)
    assert all(rung.why and ladder.why for ladder in found.ladders for rung in ladder.rungs)


def test_a_ladder_with_a_slip_is_refused() -> None:
    rungs = [{"days": 1, "who": ["holder"], "why": "x"}, {"days": -1, "who": ["holder"], "why": "x"}]
    with pytest.raises(ValidationError):
        Ladder.model_validate({"code": "a", "duties": ["assignment"], "why": "x", "rung": rungs})
    with pytest.raises(ValidationError):
        Ladder.model_validate({"code": "a", "duties": ["assignment"], "why": "x", "rungs_": []})
    quiet = {"begins": dt.time(21), "ends": dt.time(6), "why": "x"}
    with pytest.raises(ValidationError):
        Ladders.model_validate({"quiet": quiet, "ladder": [{"code": "a", "duties": ["assignment"], "why": "x"}]})


@pytest.mark.parametrize(
    ("today", "step"),
    [
        ("2026-11-06", None),
        ("2026-11-09", "-5"),
        ("2026-11-11", "-5"),
        ("2026-11-12", "-2"),
        ("2026-11-15", "-2"),
        ("2026-11-16", "0"),
        ("2026-11-17", "+1"),
        ("2026-11-20", "+1"),
        ("2026-11-23", "+5"),
        ("2026-11-27", "+5"),
        # 24 November is a day off
        ("2026-11-30", "+5"),
        ("2026-12-01", "+10"),
        ("2026-12-08", "+15"),
    ],
)
def test_rungs_are_counted_in_working_days_before_on_and_after_the_due_date(today: str, step: str | None) -> None:
    found = reached(ladders().of(Duty.FINAL_ANSWER), MONDAY, dt.date.fromisoformat(today), CALENDAR)
    assert (found.step if found else None) == step


@given(st.sampled_from(list(Duty)), st.integers(0, 200), st.integers(-60, 120))
def test_the_rung_reached_never_falls_back_and_never_lies_in_the_future(duty: Duty, start: int, off: int) -> None:
    due = dt.date(2026, 3, 2) + dt.timedelta(days=start)
    today = due + dt.timedelta(days=off)
    ladder = ladders().of(duty)
    now, next_day = (reached(ladder, due, day, CALENDAR) for day in (today, today + dt.timedelta(days=1)))
    if now is not None:
        assert now.day <= today
        assert next_day is not None
        assert next_day.day >= now.day


@pytest.mark.parametrize(
    ("hour", "minute", "morning"),
    [(21, 29, None), (21, 30, "2026-11-03T06:05"), (23, 59, "2026-11-03T06:05"), (6, 5, None)],
)
def test_in_the_quiet_hours_a_message_waits_for_the_morning(hour: int, minute: int, morning: str | None) -> None:
    at = dt.datetime(2026, 11, 2, hour, minute, tzinfo=VIETNAM)
    wanted = dt.datetime.fromisoformat(morning).replace(tzinfo=VIETNAM) if morning else at
    assert ladders().awake(at, CALENDAR) == wanted


def test_after_midnight_the_morning_is_that_of_the_same_day() -> None:
    at = dt.datetime(2026, 11, 3, 2, 0, tzinfo=VIETNAM)
    assert ladders().awake(at, CALENDAR) == dt.datetime(2026, 11, 3, 6, 5, tzinfo=VIETNAM)
    by_day = Quiet(begins=dt.time(12), ends=dt.time(13), why="trưa")
    assert by_day.covers(dt.time(12, 30))
    assert not by_day.covers(dt.time(13))


# ---------------------------------------------------------------------- who is told


def test_the_one_responsible_is_told_before_and_the_head_only_once_it_is_late(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    holder, head = economy
    owe(services, MONDAY)
    on(clock, dt.date(2026, 11, 12))
    assert reminding.send(services) == 1
    assert "còn 4 ngày" in told(services, holder)[0]
    on(clock, dt.date(2026, 11, 17))
    assert reminding.send(services) == 2
    assert "QUÁ HẠN 1 ngày" in told(services, head)[0]
    assert "cấp trên của người phụ trách" in told(services, head)[0]


def test_a_rung_is_told_once_however_often_the_job_runs(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    owe(services, MONDAY)
    sent = []
    for day in range(9, 17):
        on(clock, dt.date(2026, 11, day))
        sent.append(reminding.send(services) + reminding.send(services))
    # Monday the 9th is five working days before, Thursday the 12th two, Monday the 16th the day itself.
    assert sent == [1, 0, 0, 1, 0, 0, 0, 1]


def test_several_duties_of_one_person_are_one_message_and_nothing_due_is_no_message(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    on(clock, FRIDAY)
    assert reminding.send(services) == 0
    for number in range(3):
        owe(services, MONDAY, rule=f"r{number}", subject_id=20262 + number * 10)
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    assert told(services, economy[0])[0].count("•") == 3


def test_a_message_stands_for_so_many_duties_and_the_rest_waits_for_the_next_day(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    for number in range(letters.TOLD_AT_ONCE + 1):
        owe(services, dt.date(2026, 11, 23), subject_id=20262 + number * 10)
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    (text,) = told(services, economy[0])
    assert f"• {letters.TOLD_AT_ONCE} báo cáo" in text
    assert "1 việc nữa" in text
    on(clock, dt.date(2026, 11, 17))
    assert reminding.send(services) == 1
    assert told(services, economy[0])[1].count("•") == 1
    on(clock, dt.date(2026, 11, 18))
    assert reminding.send(services) == 0


def test_never_more_than_one_message_a_day_what_comes_up_later_waits_for_tomorrow(
    services: Services, clock: ManualClock, economy: tuple[int, int], boss: int
) -> None:
    owe(services, MONDAY)
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    owe(services, MONDAY, rule="other", subject_id=20272)
    assert reminding.send(services) == 0
    assert [row.today for row in reminding.preview(services, boss).rows] == [False]
    on(clock, dt.date(2026, 11, 17))
    assert reminding.send(services) == 2


def test_a_moved_due_date_starts_its_rungs_anew(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    owed = owe(services, MONDAY)
    on(clock, dt.date(2026, 11, 12))
    assert reminding.send(services) == 1
    change(services, owed, extended_to=dt.date(2026, 11, 30))
    on(clock, MONDAY)
    assert reminding.send(services) == 0
    on(clock, dt.date(2026, 11, 26))
    assert reminding.send(services) == 1
    assert "(đã gia hạn)" in told(services, economy[0])[1]


def test_what_is_done_or_cancelled_is_no_longer_reminded_of(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    done, gone = (owe(services, MONDAY, rule=rule) for rule in "ab")
    change(services, done, met_on=FRIDAY)
    change(services, gone, cancelled_at=dt.datetime(2026, 11, 10, tzinfo=dt.UTC))
    on(clock, MONDAY)
    assert reminding.send(services) == 0


def test_of_two_rules_on_one_duty_the_earlier_date_is_the_one_reminded_of(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    owe(services, MONDAY, rule="tỉnh")
    owe(services, dt.date(2026, 11, 30), rule="cả nước")
    on(clock, MONDAY)
    reminding.send(services)
    assert told(services, economy[0])[0].count("•") == 1


def test_nobody_is_reminded_on_a_day_off(
    services: Services, clock: ManualClock, economy: tuple[int, int], boss: int
) -> None:
    owe(services, FRIDAY)
    on(clock, dt.date(2026, 11, 14))
    assert reminding.send(services) == 0
    assert "không nhắc ai" in (reminding.preview(services, boss).silent_because or "")


def test_without_a_contact_the_approver_hears_and_is_told_why(
    services: Services, clock: ManualClock, boss: int
) -> None:
    owe(services, MONDAY, agency="Công an xã")
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    assert "chưa ghi ai phụ trách phần của Công an xã" in told(services, boss)[0]


def test_for_somebody_without_a_chat_the_approver_stands_in(services: Services, clock: ManualClock, boss: int) -> None:
    make_staff(services, Role.MODERATOR, name="Ông Không Máy")
    set_contact(services, boss, "front", person="Ông Không Máy")
    owe(services, MONDAY, agency=None)
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    assert "Ông Không Máy chưa nối tài khoản nhắn tin" in told(services, boss)[0]


def test_what_nobody_can_hear_of_stands_in_the_preview_with_the_reason(
    services: Services, clock: ManualClock, boss: int
) -> None:
    with services.writing() as work:
        staff = work.session.get_one(Staff, boss)
        staff.channel_identity_id = None
        work.session.add(staff)
        work.commit()
    owe(services, MONDAY, agency="Công an xã")
    on(clock, MONDAY)
    seen = reminding.preview(services, boss)
    assert [(row.staff, row.role) for row in seen.rows] == [(None, "nobody")]
    assert "Công an xã" in seen.rows[0].why
    assert (seen.messages, seen.unheard) == (0, 1)
    assert reminding.send(services) == 0


def test_an_agency_of_its_own_goes_before_the_party_of_all_agencies(
    services: Services, clock: ManualClock, economy: tuple[int, int], boss: int
) -> None:
    set_contact(services, boss, "agency", person=str(boss))
    owe(services, MONDAY, agency="phòng kinh tế")
    owe(services, MONDAY, agency="Trạm Y tế", subject_id=20272)
    on(clock, MONDAY)
    assert reminding.send(services) == 2
    assert len(told(services, economy[0])) == len(told(services, boss)) == 1


def test_a_sealed_opinion_is_named_by_number_to_the_confidential_role_alone(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    keeper = make_staff(services, Role.CONFIDENTIAL, name="Người giữ mật")
    chat_of(services, keeper)
    opinion = make_opinion(services, state=OpinionState.HELD, sealed=True, text="Ông Tạo nhận phong bì")
    owe(services, MONDAY, duty=Duty.ACKNOWLEDGEMENT, agency=None, subject="opinion", subject_id=opinion.id or 0)
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    (text,) = told(services, keeper)
    assert f"#{opinion.id} «việc mật»" in text
    assert "phong bì" not in text


def test_late_in_the_evening_the_message_is_written_for_the_morning(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    owe(services, dt.date(2026, 11, 17))
    on(clock, MONDAY, hour=22)
    assert reminding.send(services) == 1
    (notice,) = notices_of(services, "reminder")
    assert notice.not_before == dt.datetime(2026, 11, 17, 6, 5, tzinfo=VIETNAM)
    # As it is read then, not as it was on the evening before.
    assert "hạn HÔM NAY (17/11/2026)" in notice.text
    on(clock, dt.date(2026, 11, 17))
    assert reminding.send(services) == 0


@pytest.mark.parametrize(
    ("evening", "morning"), [("2026-11-13", "2026-11-16"), ("2026-11-12", "2026-11-13"), ("2026-11-23", "2026-11-25")]
)
def test_a_reminder_of_the_evening_before_a_day_off_waits_for_the_next_working_day(
    services: Services, clock: ManualClock, economy: tuple[int, int], evening: str, morning: str
) -> None:
    # 24 November is a day off.
    owe(services, dt.date(2026, 11, 27))
    on(clock, dt.date.fromisoformat(evening), hour=23)
    at = ladders().awake(clock.now(), CALENDAR).astimezone(VIETNAM)
    assert at == dt.datetime.fromisoformat(f"{morning}T06:05").replace(tzinfo=VIETNAM)
    reminding.send(services)
    assert all(one.not_before == at for one in notices_of(services, "reminder"))


# ---------------------------------------------------------------------- who may not know


def owe_on(services: Services, opinion: Opinion, due_on: dt.date = MONDAY) -> int:
    return owe(services, due_on, duty=Duty.ACKNOWLEDGEMENT, agency=None, subject="opinion", subject_id=opinion.id or 0)


@pytest.mark.parametrize("keeper_has_chat", [True, False])
def test_the_preview_says_nothing_of_a_sealed_opinion_to_those_without_the_confidential_role(
    services: Services, clock: ManualClock, boss: int, keeper_has_chat: bool
) -> None:
    keeper = make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR, name="Người giữ mật")
    if keeper_has_chat:
        chat_of(services, keeper)
    owe_on(services, make_opinion(services, state=OpinionState.HELD, sealed=True))
    on(clock, MONDAY)
    seen = reminding.preview(services, boss)
    assert (seen.rows, seen.messages, seen.unheard) == ((), 0, 0)
    assert len(reminding.preview(services, keeper).rows) == 1


def test_an_unsent_reminder_is_taken_back_when_its_opinion_is_sealed_and_the_rest_is_told_again(
    services: Services, clock: ManualClock, boss: int
) -> None:
    opinion = make_opinion(
        services, citizen=make_citizen(services), state=OpinionState.RECEIVED, text="Chủ tịch nhận phong bì của tôi"
    )
    owe_on(services, opinion, dt.date(2026, 11, 17))
    owe(services, dt.date(2026, 11, 17), agency="Trạm Y tế")
    on(clock, MONDAY, hour=22)
    assert reminding.send(services) == 1
    assert "phong bì" in told(services, boss)[0]
    labels.reclassify(services, boss, opinion.code or "", labels.Labels(kind=Kind.DENUNCIATION))
    assert [one.state for one in notices_of(services, "reminder")] == [DeliveryState.CANCELLED]
    on(clock, dt.date(2026, 11, 17))
    assert reminding.send(services) == 1
    (again,) = [one for one in notices_of(services, "reminder") if one.state == DeliveryState.PENDING]
    assert "phong bì" not in again.text
    assert again.text.count("•") == 1


def test_a_reminder_that_was_sent_before_the_seal_counts_as_told(
    services: Services, clock: ManualClock, boss: int
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    owe_on(services, opinion)
    owe(services, MONDAY, agency="Trạm Y tế")
    on(clock, MONDAY)
    reminding.send(services)
    with services.writing() as work:
        (notice,) = work.session.exec(select(Delivery).where(Delivery.purpose == "reminder")).all()
        notice.state = DeliveryState.SENT
        work.session.add(notice)
        work.commit()
    labels.reclassify(services, boss, opinion.code or "", labels.Labels(kind=Kind.DENUNCIATION))
    assert reminding.send(services) == 0


def test_a_contact_of_another_village_is_not_told_the_words_and_the_approver_hears_why(
    services: Services, clock: ManualClock, boss: int
) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4", name="Bác Thôn")
    chat_of(services, officer)
    set_contact(services, boss, "front", person="Bác Thôn")
    owe_on(services, make_opinion(services, village="t5", state=OpinionState.RECEIVED, text="Rác đổ trước nhà tôi"))
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    assert "Rác" in told(services, boss)[0]
    assert "không thuộc thôn Bác Thôn phụ trách" in told(services, boss)[0]
    assert due_list(services, officer) == []
    assert len(due_list(services, boss)) == 1


def test_a_contact_of_the_own_village_is_told(services: Services, clock: ManualClock, boss: int) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4", name="Bác Thôn")
    chat_of(services, officer)
    set_contact(services, boss, "front", person="Bác Thôn")
    owe_on(services, make_opinion(services, village="t4", state=OpinionState.RECEIVED, text="Rác đổ trước nhà tôi"))
    on(clock, MONDAY)
    assert reminding.send(services) == 1
    assert "Rác" in told(services, officer)[0]
    assert len(due_list(services, officer)) == 1
    assert due_list(services, boss) == []


def test_what_waits_for_a_removed_staff_member_is_not_sent(
    services: Services, clock: ManualClock, economy: tuple[int, int], boss: int
) -> None:
    owe(services, dt.date(2026, 11, 17))
    on(clock, MONDAY, hour=22)
    reminding.send(services)
    remove_staff(services, boss, economy[0])
    assert [one.state for one in notices_of(services, "reminder")] == [DeliveryState.CANCELLED]
    on(clock, dt.date(2026, 11, 17))
    assert reminding.send(services) == 1
    assert "chưa ghi ai phụ trách phần của Phòng Kinh tế" in told(services, boss)[0]


# ---------------------------------------------------------------------- what there is room for


def late_acknowledgements(services: Services, count: int) -> None:
    for number in range(count):
        owe(services, dt.date(2026, 11, 2), duty=Duty.ACKNOWLEDGEMENT, agency=None, subject_id=20001 + number * 10)


def test_many_alike_late_duties_are_one_line_with_their_number_and_all_count_as_told(
    services: Services, clock: ManualClock, boss: int
) -> None:
    late_acknowledgements(services, 420)
    on(clock, dt.date(2026, 11, 3))
    assert reminding.send(services) == 1
    (text,) = told(services, boss)
    assert text.count("•") == 1
    assert "• 420 báo cáo, lâu nhất từ hạn 02/11/2026" in text
    assert "việc nữa" not in text
    with services.reading() as work:
        assert len(work.session.exec(select(Act).where(Act.verb == "reminded")).all()) == 420
    on(clock, dt.date(2026, 11, 4))
    assert reminding.send(services) == 0


def test_a_few_alike_late_duties_are_each_named(services: Services, clock: ManualClock, boss: int) -> None:
    late_acknowledgements(services, letters.ALIKE)
    on(clock, dt.date(2026, 11, 3))
    reminding.send(services)
    assert told(services, boss)[0].count("•") == letters.ALIKE


def test_no_crowd_of_late_duties_keeps_a_report_from_being_reminded_of(
    services: Services, clock: ManualClock, boss: int
) -> None:
    late_acknowledgements(services, 420)
    # Of many kinds and agencies besides, a few of each.
    for number in range(60):
        duty = (Duty.FINAL_ANSWER, Duty.QUICK_ANSWER, Duty.INVITATION, Duty.ASSIGNMENT, Duty.PUBLIC_NOTICE)[number % 5]
        owe(services, dt.date(2026, 11, 3 + number % 3), duty=duty, agency=None, subject_id=30002 + number * 10)
    owed = owe(services, dt.date(2026, 11, 20), duty=Duty.HALF_YEAR_REPORT, agency=None, subject_id=20992)
    for day in range(40):
        on(clock, dt.date(2026, 11, 3) + dt.timedelta(days=day))
        reminding.send(services)
    with services.reading() as work:
        acts = work.session.exec(select(Act).where(Act.verb == "reminded", Act.subject_id == owed)).all()
    rungs = [act.details["rung"] for act in acts]
    assert rungs[:6] == ["-10", "-5", "-2", "0", "+1", "+4"]
    named = [text for text in told(services, boss) if "cả năm 2099" in text]
    assert len(named) == len(rungs)


def test_only_what_stands_in_the_letter_counts_as_told_and_what_waits_is_told_next(
    services: Services, clock: ManualClock, boss: int
) -> None:
    kinds = [duty for duty in Duty if duty not in (Duty.RETENTION, Duty.OPINION_CUTOFF)]
    for duty in kinds:
        for number in range(letters.ALIKE):
            owe(services, dt.date(2026, 11, 2), duty=duty, agency=None, subject_id=20002 + number * 10)
    on(clock, dt.date(2026, 11, 3))
    reminding.send(services)
    (text,) = told(services, boss)
    assert text.count("•") == letters.SHOWN
    assert f"{len(kinds) * letters.ALIKE - letters.SHOWN} việc nữa" in text
    with services.reading() as work:
        acts = work.session.exec(select(Act.subject_id).where(Act.verb == "reminded")).all()
    assert len(acts) == letters.SHOWN
    on(clock, dt.date(2026, 11, 4))
    reminding.send(services)
    with services.reading() as work:
        acts = work.session.exec(select(Act.subject_id).where(Act.verb == "reminded")).all()
    assert len(set(acts)) == 2 * letters.SHOWN


def test_the_preview_changes_nothing_and_says_what_sending_then_does(
    services: Services, clock: ManualClock, economy: tuple[int, int], boss: int
) -> None:
    owe(services, FRIDAY)
    on(clock, MONDAY)
    seen = reminding.preview(services, boss)
    assert notices_of(services, "reminder") == []
    assert [(row.staff, row.role, row.rung) for row in seen.rows] == [
        ("Anh Kinh", "holder", "+1"),
        ("Chị Trưởng", "head", "+1"),
    ]
    assert reminding.send(services, boss) == seen.messages == 2


def test_only_those_who_decide_look_or_send_by_hand(services: Services) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="ha")
    with pytest.raises(Forbidden):
        reminding.preview(services, officer)
    with pytest.raises(Forbidden):
        reminding.send(services, officer)


def test_the_history_says_who_was_reminded_of_what_by_which_rung(
    services: Services, clock: ManualClock, economy: tuple[int, int]
) -> None:
    owed = owe(services, MONDAY)
    on(clock, MONDAY)
    reminding.send(services)
    with services.reading() as work:
        (act,) = work.session.exec(select(Act).where(Act.verb == "reminded")).all()
    assert (act.subject_id, act.details["rung"], act.details["staff"]) == (owed, "0", economy[0])


# ---------------------------------------------------------------------- contacts


def test_contacts_are_set_by_code_or_name_changed_and_removed(services: Services, boss: int) -> None:
    make_staff(services, Role.MODERATOR, name="Anh Hai")
    set_contact(services, boss, "người chủ trì", person="Anh Hai")
    set_contact(services, boss, "chair", head="Chị Phê")
    assert [(row.holder, row.staff, row.head) for row in list_contacts(services, boss)] == [
        ("chair", "Anh Hai", "Chị Phê")
    ]
    remove_contact(services, boss, "chair")
    assert list_contacts(services, boss) == []
    with pytest.raises(NotFound):
        remove_contact(services, boss, "chair")
    with pytest.raises(NotFound):
        set_contact(services, boss, "chair", person="Không có ai")
    with pytest.raises(InvalidInput):
        set_contact(services, boss, "chair")
    with pytest.raises(InvalidInput):
        set_contact(services, boss, "people_commitee", person="Anh Hai")
