"""Days an office adds to the calendar, and what that does to due dates that are open."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import col, select

from casework.deadlines.calendar import official_calendar
from casework.errors import AlreadyDecided, Forbidden, InvalidInput, NotFound
from casework.usecases.conference import conferences
from casework.usecases.deadlines.calendars import add_day, calendar_of, confirm_days, remove_day
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.deadlines.replay import Replayed, replay
from casework.usecases.work import Services
from storage import history
from storage.records import Act, Assignment, CalendarAmendment, Conference, Obligation, Role
from tests.casework.factories import make_group, make_staff

HELD = dt.date(2026, 11, 20)
#: the tenth working day after HELD
TENTH = dt.date(2026, 12, 7)
STORM = dt.date(2026, 11, 25)


@pytest.fixture
def keeper(services: Services) -> int:
    return make_staff(services, Role.APPROVER)


def storm(services: Services, keeper: int, day: dt.date = STORM) -> None:
    add_day(services, keeper, day, working=False, reason="nghỉ tránh bão", citation="15/CĐ-UBND")


def make_conference(services: Services, code: str = "HN-20261120") -> int:
    with services.writing() as work:
        conference = work.add(
            Conference(
                office_id=services.office_id,
                code=code,
                title="Đối thoại cuối năm",
                regulation="thanh-hoa",
                regulation_version="2022",
                held_on=HELD,
                place="Hội trường xã",
                chair="Bí thư Đảng ủy xã",
                created_at=work.now,
            )
        )
        work.commit()
        return conference.id or 0


def owe(services: Services, rule: str = "II.3-ket-luan", *, subject_id: int = 1, **more: object) -> int:
    values: dict[str, object] = {
        "duty": "conclusion_notice",
        "subject": "conference",
        "regulation": "thanh-hoa",
        "regulation_version": "2022",
        "holder": "chair",
        "trigger_on": HELD,
        "due_on": TENTH,
        **more,
    }
    with services.writing() as work:
        row = work.add(
            Obligation(office_id=services.office_id, subject_id=subject_id, rule=rule, created_at=work.now, **values)
        )
        work.commit()
        return row.id or 0


def row_of(services: Services, key: int) -> Obligation:
    with services.reading() as work:
        return work.session.get_one(Obligation, key)


def acts(services: Services, verb: str) -> list[Act]:
    with services.reading() as work:
        return list(work.session.exec(select(Act).where(Act.verb == verb).order_by(col(Act.id))))


# --------------------------------------------------------------------------- the office's days


def test_a_day_the_office_adds_counts_and_one_it_takes_back_does_not(services: Services, keeper: int) -> None:
    storm(services, keeper)
    with services.reading() as work:
        assert calendar_of(work).day_off(STORM) == "nghỉ tránh bão"
    assert remove_day(services, keeper, STORM).citation == "15/CĐ-UBND"
    with services.reading() as work:
        assert calendar_of(work).is_working_day(STORM)
        (row,) = work.session.exec(select(CalendarAmendment)).all()
    assert row.removed_at is not None, "what was once said stays on file"
    assert [act.details["day"] for verb in ("added", "removed") for act in acts(services, f"calendar_day_{verb}")] == [
        "2026-11-25",
        "2026-11-25",
    ]


def test_a_proposed_day_counts_once_it_is_confirmed(services: Services, keeper: int) -> None:
    swap = (dt.date(2026, 11, 23), dt.date(2026, 11, 28))
    confirmed = confirm_days(services, keeper, swap, citation="11000/VPCP-KGVX")
    assert [(one.working, one.citation) for one in confirmed] == [
        (False, "11000/VPCP-KGVX"),
        (True, "11000/VPCP-KGVX"),
    ]
    with services.reading() as work:
        calendar = calendar_of(work)
    assert not calendar.is_working_day(swap[0])
    assert calendar.is_working_day(swap[1])
    assert calendar.proposed == ()


def test_an_offices_own_proposal_gives_way_to_its_decision(services: Services, keeper: int) -> None:
    add_day(services, keeper, STORM, working=False, reason="bão", citation="dự báo", proposed=True)
    with services.reading() as work:
        assert calendar_of(work).is_working_day(STORM)
    storm(services, keeper)
    with services.reading() as work:
        assert calendar_of(work).day_off(STORM) == "nghỉ tránh bão"
        open_rows = [row for row in work.session.exec(select(CalendarAmendment)).all() if row.removed_at is None]
    assert len(open_rows) == 1


def test_confirming_days_is_all_or_none(services: Services, keeper: int) -> None:
    with pytest.raises(NotFound, match="25/11/2026 không có đề xuất"):
        confirm_days(services, keeper, (dt.date(2026, 11, 23), STORM), citation="1/TB")
    with services.reading() as work:
        assert calendar_of(work).is_working_day(dt.date(2026, 11, 23))


def test_a_day_already_there_is_refused_and_the_present_word_is_said(services: Services, keeper: int) -> None:
    storm(services, keeper)
    with pytest.raises(AlreadyDecided, match=r"đã được ghi là ngày nghỉ, theo 15/CĐ-UBND.*calendar remove 2026-11-25"):
        add_day(services, keeper, STORM, working=True, reason="làm lại", citation="16/CĐ-UBND")
    with pytest.raises(AlreadyDecided, match=r"vốn là ngày nghỉ \(Chủ nhật\)"):
        storm(services, keeper, dt.date(2026, 11, 22))
    with pytest.raises(AlreadyDecided, match="vốn là ngày làm việc"):
        add_day(services, keeper, dt.date(2026, 11, 26), working=True, reason="làm", citation="1/TB")


def test_bad_input_changes_nothing(services: Services, keeper: int) -> None:
    with pytest.raises(InvalidInput, match="Thiếu căn cứ"):
        add_day(services, keeper, STORM, working=False, reason="bão", citation="  ")
    with pytest.raises(InvalidInput, match="Thiếu lý do"):
        add_day(services, keeper, STORM, working=False, reason="", citation="1/TB")
    with pytest.raises(InvalidInput, match="năm 2019"):
        add_day(services, keeper, dt.date(2019, 5, 6), working=False, reason="bão", citation="1/TB")
    with pytest.raises(NotFound, match="chưa ghi thêm ngày 02/01/2026"):
        remove_day(services, keeper, dt.date(2026, 1, 2))
    with services.reading() as work:
        assert work.session.exec(select(CalendarAmendment)).all() == []


def test_only_admin_and_approver_change_the_calendar(services: Services, keeper: int) -> None:
    moderator = make_staff(services, Role.MODERATOR)
    with pytest.raises(Forbidden):
        storm(services, moderator)
    with pytest.raises(Forbidden):
        remove_day(services, moderator, STORM)
    with pytest.raises(Forbidden):
        replay(services, moderator)
    storm(services, make_staff(services, Role.ADMIN))


def test_other_calendars_are_not_touched_by_an_offices_days(services: Services, keeper: int) -> None:
    storm(services, keeper)
    assert official_calendar().is_working_day(STORM)


# --------------------------------------------------------------------------- replay


def test_an_open_due_date_moves_with_the_calendar_and_says_from_when_to_when_and_why(
    services: Services, keeper: int
) -> None:
    conference = make_conference(services)
    key = owe(services, subject_id=conference, conference_id=conference)
    storm(services, keeper)
    done = replay(services, keeper)
    (moved,) = done.moved
    assert (moved.was, moved.now, moved.cases, moved.conference) == (TENTH, dt.date(2026, 12, 8), 1, "HN-20261120")
    assert moved.why == "25/11/2026 là ngày nghỉ theo 15/CĐ-UBND"
    assert "25/11 (nghỉ tránh bão)" in moved.explanation
    assert row_of(services, key).due_on == dt.date(2026, 12, 8)
    (act,) = acts(services, "due_moved")
    assert (act.subject, act.subject_id, act.actor_id) == ("obligation", key, keeper)
    assert (act.details["was"], act.details["now"], act.details["obligations"]) == ("2026-12-07", "2026-12-08", [key])
    with services.reading() as work:
        assert history.verify(work.session) == []


def test_a_second_replay_finds_nothing_and_taking_the_day_back_moves_it_back(services: Services, keeper: int) -> None:
    key = owe(services)
    storm(services, keeper)
    assert len(replay(services, keeper).moved) == 1
    assert replay(services, keeper) == Replayed(checked=1, moved=(), left=())
    remove_day(services, keeper, STORM)
    (back,) = replay(services, keeper).moved
    assert (back.now, back.why) == (TENTH, "25/11/2026 thôi là ngày nghỉ")
    assert row_of(services, key).due_on == TENTH


def test_a_dry_run_lists_the_same_and_changes_nothing(services: Services, keeper: int) -> None:
    key = owe(services)
    storm(services, keeper)
    seen = replay(services, keeper, dry_run=True)
    assert row_of(services, key).due_on == TENTH
    assert acts(services, "due_moved") == []
    assert replay(services, keeper) == seen


def test_what_is_done_cancelled_or_not_begun_stays_as_it_is(services: Services, keeper: int) -> None:
    met = owe(services, subject_id=1, met_on=dt.date(2026, 12, 1))
    cancelled = owe(services, subject_id=2, cancelled_at=services.clock.now())
    waiting = owe(services, "II.3h", subject_id=3, trigger_on=None, due_on=None)
    extended = owe(services, subject_id=4, extended_to=dt.date(2026, 12, 20))
    storm(services, keeper)
    done = replay(services, keeper)
    assert done.checked == 1
    assert [row_of(services, key).due_on for key in (met, cancelled, waiting)] == [TENTH, TENTH, None]
    assert row_of(services, extended).due_on == dt.date(2026, 12, 8)
    assert row_of(services, extended).extended_to == dt.date(2026, 12, 20), "a promise is not moved by a calendar"


def test_cases_that_move_together_are_one_line(services: Services, keeper: int) -> None:
    keys = [owe(services, subject_id=number) for number in range(1, 6)]
    owe(services, "II.3g", subject_id=1, duty="quick_answer")
    storm(services, keeper)
    moved = replay(services, keeper).moved
    assert [(one.rule, one.cases) for one in moved] == [("II.3-ket-luan", 5), ("II.3g", 1)]
    assert acts(services, "due_moved")[0].details["obligations"] == keys


def test_a_rule_that_is_gone_is_left_alone_and_said_and_the_others_move(services: Services, keeper: int) -> None:
    gone = owe(services, "X.9", subject_id=1)
    no_text = owe(services, subject_id=2, regulation="tan-phong")
    early = owe(services, subject_id=3, trigger_on=dt.date(2019, 5, 6))
    good = owe(services, subject_id=4)
    storm(services, keeper)
    done = replay(services, keeper)
    assert [row_of(services, key).due_on for key in (gone, no_text, early)] == [TENTH] * 3
    assert row_of(services, good).due_on == dt.date(2026, 12, 8)
    assert len(done.left) == 3
    assert "không có quy tắc «X.9»" in done.left[0]


def test_a_receipt_that_was_assumed_moves_with_the_working_days(services: Services, keeper: int) -> None:
    group = make_group(services)
    with services.writing() as work:
        assignment = work.add(
            Assignment(office_id=services.office_id, group_id=group, agency="Phòng Kinh tế", assigned_on=HELD)
        )
        work.commit()
    owed = {
        "duty": "final_answer",
        "subject": "assignment",
        "subject_id": assignment.id or 0,
        "regulation": "son-la",
        "regulation_version": "2019",
        "holder": "agency",
        "trigger_on": dt.date(2026, 11, 23),
        "trigger_assumed": True,
        "due_on": dt.date(2026, 12, 15),
    }
    key = owe(services, "11.1-giai-quyet", **owed)  # type: ignore[arg-type]
    confirm_days(services, keeper, [dt.date(2026, 11, 23)], citation="1/TB")
    (moved,) = replay(services, keeper).moved
    row = row_of(services, key)
    # Received on the 25th at the latest, since the 23rd and 24th are off now.
    assert (row.trigger_on, row.due_on) == (dt.date(2026, 11, 25), dt.date(2026, 12, 16))
    assert (moved.was, moved.now) == (dt.date(2026, 12, 15), dt.date(2026, 12, 16))


def test_a_replay_leads_where_computing_from_the_facts_leads(services: Services) -> None:
    keeper = make_staff(services, Role.APPROVER, Role.MODERATOR)
    code = conferences.plan(
        services, keeper, title="Đối thoại cuối năm", held_on=dt.date(2026, 12, 22), place="Hội trường", chair="Bí thư"
    )

    def due_dates() -> dict[str, dt.date | None]:
        with services.reading() as work:
            rows = work.session.exec(select(Obligation).where(col(Obligation.conference_id).is_not(None)))
            return {row.rule: row.due_on for row in rows}

    planned = due_dates()
    storm(services, keeper, dt.date(2026, 12, 14))
    storm(services, keeper, dt.date(2026, 12, 28))
    replay(services, keeper)
    replayed = due_dates()
    with services.writing() as work:
        conference = work.session.exec(select(Conference).where(Conference.code == code)).one()
        refresh_conference(work, conference)
        work.commit()
    assert due_dates() == replayed
    assert (planned["IV.2.2a"], replayed["IV.2.2a"]) == (dt.date(2026, 12, 11), dt.date(2026, 12, 10))
    assert (planned["II.3g"], replayed["II.3g"]) == (dt.date(2027, 1, 6), dt.date(2027, 1, 7))


def test_progress_is_told_up_to_the_last_row(services: Services, keeper: int) -> None:
    owe(services)
    heard: list[tuple[int, int]] = []
    replay(services, keeper, dry_run=True, progress=lambda done, total: heard.append((done, total)))
    assert heard == [(0, 1), (1, 1)]
