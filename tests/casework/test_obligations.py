"""Duties on live data that are not the plain way of one conference: moved, called off, given back, asked again."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import VIETNAM, ManualClock
from casework.deadlines.values import DueState
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.regulations.model import Duty
from casework.usecases.answers.answer_lists import waiting_for_answer
from casework.usecases.answers.answering import approve_answer, assign, publish_answer, record_verdict, write_answer
from casework.usecases.citizens.facts import status_in_words
from casework.usecases.conference import conferences
from casework.usecases.conference.breaking_off import fail
from casework.usecases.conference.moving import move_conference
from casework.usecases.conference.steps import record_step
from casework.usecases.deadlines.extending import extend
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations, why
from casework.usecases.deadlines.obligations import refresh_opinion, refresh_reports
from casework.usecases.deadlines.receipts import record_receipt
from casework.usecases.moderation import queue, triage
from casework.usecases.moderation.undo import undo
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage.records import Conference, DutyContact, Obligation, Office, Opinion, OpinionState, Report, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

HELD = dt.date(2026, 12, 22)
EVERY = frozenset(DueState)


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def use(services: Services, regulation: str) -> None:
    with services.writing() as work:
        work.session.get_one(Office, services.office_id).regulation = regulation
        work.commit()


def go_to(clock: ManualClock, day: dt.date) -> None:
    clock.move_to(dt.datetime.combine(day, dt.time(9), tzinfo=VIETNAM))


def issue(services: Services, title: str = "Đèn thôn 4") -> int:
    group = make_group(services, title)
    opinion = make_opinion(services, citizen=make_citizen(services), group=group, decided_at=services.clock.now())
    owe_word(services, opinion)
    return group


def owe_word(services: Services, opinion: Opinion) -> None:
    """What the intake does for an opinion the factory has stored."""
    with services.writing() as work:
        refresh_opinion(work, work.session.get_one(Opinion, opinion.id), fresh=True)
        work.commit()


def planned(services: Services, staff: int, held_on: dt.date = HELD, **more: object) -> str:
    values: dict[str, object] = {"title": "Đối thoại", "place": "Nhà văn hóa xã", "chair": "Chủ tịch UBND xã"} | more
    return conferences.plan(services, staff, held_on=held_on, **values)  # type: ignore[arg-type]


def put_off(services: Services, staff: int, clock: ManualClock, held_on: dt.date = HELD) -> str:
    """A conference was held, its first line put off."""
    code = planned(services, staff, held_on)
    conferences.build_agenda(services, staff, code)
    go_to(clock, held_on)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "deferred")
    return code


def rows(services: Services, staff: int, duty: Duty | None = None, **wish: object) -> list[ObligationRow]:
    return list_obligations(services, staff, Wish(duty=duty, **{"states": EVERY, **wish}))  # type: ignore[arg-type]


def row(services: Services, staff: int, duty: Duty, **wish: object) -> ObligationRow:
    (found,) = [one for one in rows(services, staff, duty, **wish) if one.state is not DueState.CANCELLED]
    return found


def answered(services: Services, staff: int, group: int, **more: object) -> int:
    values: dict[str, object] = {
        "text": "Đã thay 5 bóng đèn.",
        "agency": "Phòng Kinh tế",
        "document_number": "5/UBND-KT",
        "document_date": dt.date(2026, 12, 22),
    } | more
    number = write_answer(services, staff, f"nhom:{group}", **values)  # type: ignore[arg-type]
    approve_answer(services, staff, number)
    publish_answer(services, staff, number)
    return number


# --------------------------------------------------------------------------- the conference


def test_a_conference_moved_after_its_notice_went_out_owes_the_notice_again(services: Services, staff: int) -> None:
    use(services, "ha-noi")
    code = planned(services, staff)
    record_step(services, staff, code, "public_notice", done_on=dt.date(2026, 11, 2))
    assert {one.state for one in rows(services, staff, Duty.PUBLIC_NOTICE)} == {DueState.MET}
    move_conference(services, staff, code, dt.date(2026, 12, 29), why="hội trường bận")
    assert {(one.state, one.due_on) for one in rows(services, staff, Duty.PUBLIC_NOTICE)} == {
        (DueState.OPEN, dt.date(2026, 12, 22))
    }
    assert row(services, staff, Duty.CONCLUSION_NOTICE).due_on == dt.date(2027, 1, 13)


def test_a_conference_that_is_called_off_owes_nothing(services: Services, staff: int) -> None:
    code = planned(services, staff)
    conferences.cancel(services, staff, code, why="bão")
    assert {one.state for one in rows(services, staff, conference=code)} == {DueState.CANCELLED}
    assert list_obligations(services, staff) == []


def test_of_two_rules_for_one_duty_one_drives_and_why_names_the_other(services: Services, staff: int) -> None:
    use(services, "ha-noi")
    planned(services, staff)
    notices = rows(services, staff, Duty.PUBLIC_NOTICE)
    assert sorted(one.regulation for one in notices) == ["ha-noi", "quoc-gia"]
    (driving,) = [one for one in notices if one.drives]
    found = why(services, staff, driving.id)
    assert [one.regulation for one in found.others] == [one.regulation for one in notices if not one.drives]


def test_an_ad_hoc_conference_in_ha_noi_owes_only_the_notice_of_the_commune_law(services: Services, staff: int) -> None:
    use(services, "ha-noi")
    planned(services, staff, kind="ad_hoc", topic="Thu hồi đất")
    assert [one.regulation for one in rows(services, staff, Duty.PUBLIC_NOTICE)] == ["quoc-gia"]


def test_what_was_settled_in_the_hall_and_written_in_the_notice_owes_no_further_answer(
    services: Services, staff: int, clock: ManualClock
) -> None:
    use(services, "son-la")
    issue(services)
    code = planned(services, staff)
    conferences.build_agenda(services, staff, code)
    go_to(clock, HELD)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "answered", by="Chủ tịch xã", note="Tuần sau thay đèn.")
    assert row(services, staff, Duty.QUICK_ANSWER).state is DueState.OPEN
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    assert row(services, staff, Duty.QUICK_ANSWER).state is DueState.MET
    assert rows(services, staff, Duty.FINAL_ANSWER) == []


def test_what_was_only_said_in_the_hall_is_owed_in_writing_where_the_text_wants_it_notified(
    services: Services, staff: int, clock: ManualClock
) -> None:
    use(services, "son-la")
    group = issue(services)
    code = planned(services, staff)
    conferences.build_agenda(services, staff, code)
    go_to(clock, HELD)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "answered", by="Chủ tịch xã")
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    assert row(services, staff, Duty.QUICK_ANSWER).state is DueState.OPEN
    go_to(clock, dt.date(2027, 1, 7))
    assert row(services, staff, Duty.QUICK_ANSWER).state is DueState.LATE
    answered(services, staff, group)
    assert row(services, staff, Duty.QUICK_ANSWER).state is DueState.MET_LATE


def test_a_settled_line_whose_asker_is_gone_owes_no_written_answer(
    services: Services, staff: int, clock: ManualClock
) -> None:
    use(services, "son-la")
    group = issue(services)
    code = planned(services, staff)
    conferences.build_agenda(services, staff, code)
    go_to(clock, HELD)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "answered", by="Chủ tịch xã")
    with services.writing() as work:
        work.session.exec(select(Opinion).where(Opinion.group_id == group)).one().state = OpinionState.WITHDRAWN
        work.commit()
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    assert {one.state for one in rows(services, staff, Duty.QUICK_ANSWER)} == {DueState.CANCELLED}


def test_a_dialogue_that_came_to_nothing_owes_no_conclusion_and_no_result(
    services: Services, staff: int, clock: ManualClock
) -> None:
    issue(services)
    code = planned(services, staff)
    conferences.build_agenda(services, staff, code)
    go_to(clock, HELD)
    fail(services, staff, code, why="quá ít người dự")
    left = {one.duty for one in rows(services, staff, conference=code) if one.state is not DueState.CANCELLED}
    assert not left & {Duty.CONCLUSION_NOTICE, Duty.QUICK_ANSWER, Duty.PUBLISH_RESULT, Duty.FINAL_ANSWER}
    assert Duty.FRONT_SUMMARY not in left


def test_a_village_officer_may_ask_why_and_not_extend(services: Services, staff: int) -> None:
    planned(services, staff)
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    (first, *_) = list_obligations(services, officer)
    assert why(services, officer, first.id).row == first
    with pytest.raises(Forbidden):
        extend(services, officer, first.id, to=dt.date(2027, 5, 4), reason="chờ", body="Đảng ủy")


def test_a_put_off_line_without_agency_is_owed_by_the_organiser_until_one_is_named(
    services: Services, staff: int, clock: ManualClock
) -> None:
    issue(services)
    code = put_off(services, staff, clock)
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    owed = row(services, staff, Duty.FINAL_ANSWER)
    assert (owed.subject, owed.ref, owed.party) == ("line", f"{code}/1", "organising_office")
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    now = row(services, staff, Duty.FINAL_ANSWER)
    assert (now.subject, now.holder, now.due_on) == ("assignment", "Phòng Kinh tế", owed.due_on)
    assign(services, staff, f"{code}/1", agency="Công an xã", replace=True)
    assert row(services, staff, Duty.FINAL_ANSWER).holder == "Công an xã"


def test_a_conference_in_a_year_nobody_has_a_calendar_of_is_refused_and_not_stored(
    services: Services, staff: int
) -> None:
    with pytest.raises(InvalidInput, match="lịch"):
        planned(services, staff, dt.date(2150, 5, 4))
    with services.reading() as work:
        assert work.session.exec(select(Conference)).all() == []
        assert work.session.exec(select(Obligation)).all() == []


# --------------------------------------------------------------------------- receipts and assignments


def test_the_clock_of_an_agency_runs_from_its_own_receipt_assumed_until_it_confirms(
    services: Services, staff: int, clock: ManualClock
) -> None:
    use(services, "son-la")
    issue(services)
    code = put_off(services, staff, clock)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    assumed = row(services, staff, Duty.FINAL_ANSWER)
    assert (assumed.trigger_assumed, assumed.trigger_on) == (True, dt.date(2026, 12, 23))
    assert "chưa xác nhận" in assumed.explanation
    go_to(clock, dt.date(2026, 12, 30))
    done = record_receipt(services, staff, f"{code}/1", on=dt.date(2026, 12, 29))
    confirmed = row(services, staff, Duty.FINAL_ANSWER)
    assert (confirmed.trigger_assumed, confirmed.trigger_on) == (False, dt.date(2026, 12, 29))
    assert done.due_on == confirmed.due_on == dt.date(2027, 1, 20)
    record_receipt(services, staff, str(done.assignment_id), on=HELD)
    assert row(services, staff, Duty.FINAL_ANSWER).due_on == dt.date(2027, 1, 13)


@pytest.mark.parametrize("on", [dt.date(2026, 12, 21), dt.date(2026, 12, 23)])
def test_an_assignment_cannot_be_received_before_it_was_issued_or_tomorrow(
    services: Services, staff: int, clock: ManualClock, on: dt.date
) -> None:
    use(services, "son-la")
    issue(services)
    code = put_off(services, staff, clock)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    before = row(services, staff, Duty.FINAL_ANSWER)
    with pytest.raises(InvalidInput):
        record_receipt(services, staff, f"{code}/1", on=on)
    assert row(services, staff, Duty.FINAL_ANSWER) == before


def test_an_assignment_taken_back_cannot_be_received(services: Services, staff: int) -> None:
    group = issue(services)
    old = assign(services, staff, f"nhom:{group}", agency="Phòng Kinh tế")
    assign(services, staff, f"nhom:{group}", agency="Công an xã", replace=True)
    with pytest.raises(IllegalMove):
        record_receipt(services, staff, str(old))
    with pytest.raises(NotFound):
        record_receipt(services, staff, "999")


def test_an_agency_asked_again_owes_nothing_by_the_clock_of_a_conference_long_over(
    services: Services, staff: int, clock: ManualClock
) -> None:
    group = issue(services)
    code = put_off(services, staff, clock)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    answer = answered(services, staff, group)
    with services.writing() as work:
        asker = work.session.exec(select(Opinion).where(Opinion.group_id == group)).one()
        record_verdict(work, answer_id=answer, opinion_id=asker.id or 0, settled=False)
        work.commit()
    go_to(clock, dt.date(2027, 3, 1))
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế", due_on=dt.date(2027, 3, 10), replace=True)
    assert [one.state for one in rows(services, staff, Duty.FINAL_ANSWER)] in ([DueState.CANCELLED], [DueState.MET])
    (owed,) = waiting_for_answer(services, staff)
    assert (owed.due_on, owed.basis) == (dt.date(2027, 3, 10), "agreed")


def test_the_lawful_day_is_what_lists_and_askers_are_told_not_the_one_typed_in(
    services: Services, staff: int, clock: ManualClock
) -> None:
    group = issue(services)
    code = put_off(services, staff, clock)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế", due_on=dt.date(2026, 12, 31))
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    (owed,) = waiting_for_answer(services, staff)
    lawful = dt.date(2027, 1, 20)
    assert (owed.due_on, owed.internal_on, owed.state) == (lawful, dt.date(2026, 12, 31), DueState.OPEN)
    assert "20/01/2027" in notices_of(services, "conclusion")[0].text
    with services.reading() as work:
        asker = work.session.exec(select(Opinion).where(Opinion.group_id == group)).one()
        assert "hạn trả lời là hết ngày 20/01/2027" in status_in_words(work, asker)
    assert "20/01/2027" in (queue.show(services, staff, asker.code or "").due or "")


# --------------------------------------------------------------------------- interim answers


@pytest.mark.parametrize(("regulation", "moves"), [("ha-noi", True), ("dien-bien", True), ("thanh-hoa", False)])
def test_an_interim_answer_moves_the_day_only_where_the_text_knows_such_answers(
    services: Services, staff: int, clock: ManualClock, regulation: str, moves: bool
) -> None:
    use(services, regulation)
    group = issue(services)
    code = put_off(services, staff, clock)
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    legal = row(services, staff, Duty.FINAL_ANSWER).due_on
    promised = dt.date(2027, 4, 15)
    answered(services, staff, group, final=False, promised_on=promised, forwarded_to="Sở Xây dựng", cause="complex")
    now = row(services, staff, Duty.FINAL_ANSWER)
    assert now.legal_on == legal
    assert (now.due_on, now.promised, now.met_on) == (promised if moves else legal, moves, None)
    with services.reading() as work:
        asker = work.session.exec(select(Opinion).where(Opinion.group_id == group)).one()
        assert asker.state == OpinionState.ASSIGNED
        assert ("hẹn trả lời tiếp chậm nhất ngày 15/04/2027" in status_in_words(work, asker)) is moves
    if moves:
        assert [one.body for one in why(services, staff, now.id).moved] == ["Sở Xây dựng"]
    assert examine(services, ["duties-true", "extensions-recorded", "told-delay"]) == []


def test_where_the_text_knows_interim_answers_they_must_name_the_day(services: Services, staff: int) -> None:
    use(services, "ha-noi")
    group = issue(services)
    with pytest.raises(InvalidInput, match="ngày hẹn"):
        answered(services, staff, group, final=False, forwarded_to="Sở Xây dựng", cause="complex")


# --------------------------------------------------------------------------- opinions and reports


def received(services: Services, **more: object) -> Opinion:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, **more)  # type: ignore[arg-type]
    owe_word(services, opinion)
    return opinion


def test_an_asker_hears_within_ten_working_days_and_an_undo_owes_it_again(
    services: Services, staff: int, clock: ManualClock
) -> None:
    opinion = received(services)
    # Received on 2 November: the tenth working day is the 16th.
    assert row(services, staff, Duty.ACKNOWLEDGEMENT).due_on == dt.date(2026, 11, 16)
    go_to(clock, dt.date(2026, 11, 17))
    assert row(services, staff, Duty.ACKNOWLEDGEMENT).state is DueState.LATE
    triage.approve(services, staff, opinion.code or "", title="Đèn thôn 4")
    assert row(services, staff, Duty.ACKNOWLEDGEMENT).state is DueState.MET_LATE
    undo(services, staff, opinion.code or "")
    assert row(services, staff, Duty.ACKNOWLEDGEMENT).state is DueState.LATE


def test_a_later_decision_does_not_make_the_first_word_late(services: Services, staff: int, clock: ManualClock) -> None:
    opinion = received(services)
    triage.approve(services, staff, opinion.code or "", title="Đèn thôn 4")
    go_to(clock, dt.date(2026, 12, 14))
    shown = queue.show(services, staff, opinion.code or "")
    triage.refer_up(
        services, staff, opinion.code or "", "Sở Xây dựng", why="đường tỉnh", expected_version=shown.line.version
    )
    found = row(services, staff, Duty.ACKNOWLEDGEMENT)
    assert (found.state, found.met_on) == (DueState.MET, dt.date(2026, 11, 2))


def test_what_is_owed_on_a_sealed_opinion_is_seen_by_the_confidential_role_only(services: Services, staff: int) -> None:
    received(services, sealed=True)
    keeper = make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR)
    assert rows(services, staff) == []
    (found,) = rows(services, keeper)
    assert (found.ref, found.title) == ("#1", "việc mật")
    with pytest.raises(NotFound, match=f"số {found.id}"):
        why(services, staff, found.id)


def test_the_reports_of_a_year_are_owed_from_the_day_the_office_began(
    services: Services, staff: int, clock: ManualClock
) -> None:
    use(services, "son-la")
    with services.writing() as work:
        refresh_reports(work)
        work.commit()
    # The half-year report was due in June, before anybody worked with the program.
    assert [one.ref for one in rows(services, staff)] == ["2026"]
    assert row(services, staff, Duty.ANNUAL_REPORT).due_on == dt.date(2026, 12, 9)
    with services.writing() as work:
        work.add(
            Report(
                office_id=services.office_id,
                kind="annual",
                period_from=dt.date(2026, 1, 1),
                period_to=dt.date(2026, 11, 30),
                document_number="9/BC",
                sent_on=dt.date(2026, 12, 9),
                created_at=work.now,
            )
        )
        refresh_reports(work)
        work.commit()
    assert row(services, staff, Duty.ANNUAL_REPORT).state is DueState.MET


def test_mine_are_the_duties_i_am_the_contact_of(services: Services, staff: int) -> None:
    planned(services, staff)
    assert rows(services, staff, mine=True) == []
    with services.writing() as work:
        work.add(DutyContact(office_id=services.office_id, holder="chair", staff_id=staff))
        work.commit()
    assert {one.party for one in rows(services, staff, mine=True)} == {"chair"}
    assert {one.party for one in rows(services, staff, holder="Ủy ban nhân dân")} == {"people_committee"}
