from __future__ import annotations

import datetime as dt
import threading
from functools import partial

import pytest
from sqlmodel import select

from casework.agenda import AgendaView
from casework.clock import ManualClock
from casework.codes import spoken
from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.usecases.answers.answer_lists import Owing, unanswered, waiting_for_answer
from casework.usecases.answers.answering import answer_newcomer, assign
from casework.usecases.conference import conferences
from casework.usecases.conference.closing import checklist
from casework.usecases.conference.issues import opinions_of
from casework.usecases.moderation import triage
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from storage import history
from storage.records import Act, AgendaOutcome, DeliveryState, Opinion, OpinionState, Role
from tests.casework.conference_factories import plan_one, under
from tests.casework.factories import (
    make_citizen,
    make_group,
    make_opinion,
    make_staff,
    notices_of,
    reload,
)

HELD_ON = dt.date(2026, 11, 20)
CONCLUDED_ON = dt.date(2026, 11, 24)


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


@pytest.fixture
def approver(services: Services) -> int:
    return make_staff(services, Role.APPROVER)


@pytest.fixture
def conference(services: Services, moderator: int) -> str:
    return conferences.plan(
        services,
        moderator,
        title="Hội nghị đối thoại cuối năm 2026",
        held_on=HELD_ON,
        starts_at="08:00",
        place="Nhà văn hóa xã Tân Minh",
        chair="Bí thư Đảng ủy xã",
        cutoff_on=dt.date(2026, 11, 13),
    )


def agenda(services: Services, code: str, audience: str = "public", staff_id: int | None = None) -> AgendaView:
    return conferences.agenda_view(services, staff_id, code, audience)


def titles(services: Services, code: str) -> list[str]:
    return [row.title for row in agenda(services, code).rows]


def issue(services: Services, title: str, people: int = 1, *, urgent: bool = False) -> int:
    group = make_group(services, title, urgent=urgent)
    for _ in range(people):
        make_opinion(services, citizen=make_citizen(services), group=group)
    return group


def when_concluded(clock: ManualClock) -> None:
    clock.move_to(dt.datetime(2026, 11, 24, 1, 30, tzinfo=dt.UTC))


def on_the_day(clock: ManualClock) -> None:
    clock.move_to(dt.datetime(2026, 11, 20, 1, 30, tzinfo=dt.UTC))


# --------------------------------------------------------------------------- planning


def test_a_conference_keeps_the_regulation_it_began_under_and_gets_a_code_of_its_day(
    services: Services, moderator: int, conference: str
) -> None:
    row = conferences.list_conferences(services, moderator)[0]
    assert (row.code, row.starts_at, row.state) == ("HN-20261120", "8 giờ 00", "planned")
    second = conferences.plan(
        services, moderator, title="Đối thoại với thanh niên", held_on=HELD_ON, place="Trường A", chair="Bí thư"
    )
    assert second == "HN-20261120-2"


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"title": " "}, "tên hội nghị"),
        ({"held_on": dt.date(2025, 11, 20)}, "đã qua"),
        ({"cutoff_on": dt.date(2026, 11, 21)}, "chốt"),
        ({"starts_at": "sáng"}, "giờ"),
        ({"starts_at": "25:00"}, "giờ"),
        ({"kind": "monthly"}, "loại hội nghị"),
        ({"code": "hội nghị"}, "Mã hội nghị"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_in_words(
    services: Services, moderator: int, changes: dict[str, object], complaint: str
) -> None:
    plan = {"title": "Đối thoại", "held_on": HELD_ON, "place": "Hội trường", "chair": "Bí thư"} | changes
    with pytest.raises(InvalidInput, match=complaint):
        conferences.plan(services, moderator, **plan)  # type: ignore[arg-type]


def test_a_village_officer_cannot_plan_and_a_moderator_of_one_village_cannot_either(services: Services) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    local = make_staff(services, Role.MODERATOR, village="t4")
    for staff_id in (officer, local):
        with pytest.raises(Forbidden):
            conferences.plan(services, staff_id, title="Đối thoại", held_on=HELD_ON, place="Hội trường", chair="BT")


# --------------------------------------------------------------------------- agenda


def test_the_agenda_ranks_urgent_issues_then_distinct_people(
    services: Services, moderator: int, conference: str
) -> None:
    issue(services, "Rác ngõ 12", 2)
    issue(services, "Cầu sắp sập", urgent=True)
    noisy = make_group(services, "Loa rè")
    writer = make_citizen(services)
    for _ in range(5):
        make_opinion(services, citizen=writer, group=noisy)
    built = conferences.build_agenda(services, moderator, conference)
    assert titles(services, conference) == ["Cầu sắp sập", "Rác ngõ 12", "Loa rè"]
    assert [row.people for row in agenda(services, conference).rows] == [1, 2, 1]
    assert (built.lines, built.people, built.told) == (3, 4, 4)


def test_askers_are_told_once_in_words_without_names_however_often_the_agenda_is_built(
    services: Services, moderator: int, conference: str
) -> None:
    group = make_group(services, "Đèn trục thôn 4 không sáng")
    opinion = make_opinion(services, citizen=make_citizen(services, name="Đoàn Văn Ngấn"), group=group)
    conferences.build_agenda(services, moderator, conference)
    again = conferences.build_agenda(services, moderator, conference, rerank=True)
    (notice,) = notices_of(services, "agenda")
    assert again.told == 0
    assert notice.state == DeliveryState.PENDING
    assert reload(services, opinion).state == OpinionState.SCHEDULED
    assert "Ngấn" not in notice.text
    for part in (spoken(opinion.code or ""), "Đèn đường", "8 giờ 00 ngày 20/11/2026", "Nhà văn hóa xã Tân Minh"):
        assert part in notice.text


def test_the_public_form_has_no_names_no_words_and_no_sealed_or_withdrawn_ones(
    services: Services, moderator: int, conference: str
) -> None:
    group = make_group(services, "Đường Bờ Kênh", village="trung")
    person = make_citizen(services, name="Lò Thị Tưởng")
    make_opinion(services, citizen=person, group=group, text="Tôi là Tưởng, nhà cạnh kênh", village="trung")
    make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.WITHDRAWN)
    make_opinion(services, citizen=make_citizen(services), group=group, sealed=True, text="tố cáo ông X")
    gone = make_group(services, "Chỉ có ý kiến đã mật")
    make_opinion(services, group=gone, sealed=True)
    conferences.build_agenda(services, moderator, conference)
    public = agenda(services, conference)
    assert [(row.title, row.people, row.village) for row in public.rows] == [("Đường Bờ Kênh", 1, "thôn Trung")]
    assert "Tưởng" not in repr(public)
    assert "tố cáo" not in repr(public)
    internal = agenda(services, conference, "internal", moderator)
    (asker,) = internal.rows[0].askers
    assert (asker.name, asker.words, asker.village) == (
        "Lò Thị Tưởng",
        "Tôi là Tưởng, nhà cạnh kênh",
        "thôn Trung",
    )
    assert "tố cáo" not in repr(internal)


def test_a_village_officer_sees_words_and_names_of_the_own_village_only(
    services: Services, moderator: int, conference: str
) -> None:
    group = make_group(services)
    for village in ("t4", "t5"):
        make_opinion(services, citizen=make_citizen(services), group=group, village=village, text=f"ở {village}")
    conferences.build_agenda(services, moderator, conference)
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    (row,) = agenda(services, conference, "internal", officer).rows
    assert [asker.words for asker in row.askers] == ["ở t4"]
    assert row.people == 2


def test_the_internal_form_is_for_staff(services: Services, conference: str) -> None:
    with pytest.raises(Forbidden):
        agenda(services, conference, "internal")


def test_an_opinion_sealed_after_scheduling_disappears_from_line_and_count(
    services: Services, moderator: int, conference: str
) -> None:
    group = issue(services, "Quỹ thôn", 2)
    conferences.build_agenda(services, moderator, conference)
    with services.writing() as work:
        opinion = work.session.exec(select(Opinion).where(Opinion.group_id == group)).first()
        assert opinion is not None
        opinion.sealed = True
        work.add(opinion)
        work.commit()
    (row,) = agenda(services, conference).rows
    assert row.people == 1


def test_late_opinions_stay_approved_are_told_and_wait_for_a_written_answer(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "Đúng hạn")
    late_group = make_group(services, "Đến muộn")
    clock.move_to(dt.datetime(2026, 11, 14, 1, tzinfo=dt.UTC))
    late = make_opinion(services, citizen=make_citizen(services), group=late_group)
    built = conferences.build_agenda(services, moderator, conference)
    assert titles(services, conference) == ["Đúng hạn"]
    assert built.late == agenda(services, conference).late == 1
    assert (reload(services, late).state, reload(services, late).late) == (OpinionState.APPROVED, True)
    (notice,) = notices_of(services, "agenda_late")
    assert "trả lời bằng văn bản" in notice.text
    (owed,) = waiting_for_answer(services, moderator)
    assert (owed.title, owed.why) == ("Đến muộn", Owing.LATE)


def test_who_came_late_after_the_last_building_is_told_when_the_conference_opens(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    on_time = issue(services, "Đúng hạn")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    issue(services, "Đến muộn")
    make_opinion(services, citizen=make_citizen(services), group=on_time)
    conferences.hold(services, moderator, conference)
    # The other late one asks what is on the agenda anyway and hears of it with the conclusion.
    assert len(notices_of(services, "agenda_late")) == 1


def test_who_was_late_for_one_conference_is_in_time_for_the_next(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    clock.move_to(dt.datetime(2026, 11, 14, 1, tzinfo=dt.UTC))
    issue(services, "Đến muộn")
    conferences.build_agenda(services, moderator, conference)
    later = conferences.plan(
        services, moderator, title="Kỳ sau", held_on=dt.date(2027, 6, 20), place="Hội trường", chair="Bí thư"
    )
    conferences.build_agenda(services, moderator, later)
    assert titles(services, later) == ["Đến muộn"]


def test_building_again_keeps_the_order_and_adds_new_issues_below_unless_asked(
    services: Services, moderator: int, conference: str
) -> None:
    issue(services, "A", 1)
    issue(services, "B", 1)
    conferences.build_agenda(services, moderator, conference)
    conferences.move_line(services, moderator, conference, 2, 1)
    issue(services, "C", 3)
    conferences.build_agenda(services, moderator, conference)
    assert titles(services, conference) == ["B", "A", "C"]
    conferences.build_agenda(services, moderator, conference, rerank=True)
    assert titles(services, conference) == ["C", "A", "B"]


def test_a_limit_leaves_the_rest_approved_for_later(services: Services, moderator: int, conference: str) -> None:
    issue(services, "Nhiều người", 3)
    small = make_group(services, "Ít người")
    left = make_opinion(services, citizen=make_citizen(services), group=small)
    built = conferences.build_agenda(services, moderator, conference, max_lines=1)
    assert (titles(services, conference), built.left_out) == (["Nhiều người"], 1)
    assert reload(services, left).state == OpinionState.APPROVED
    with pytest.raises(InvalidInput):
        conferences.build_agenda(services, moderator, conference, max_lines=0)


def test_a_dropped_line_stays_away_until_asked_for_and_its_askers_hear_of_it(
    services: Services, moderator: int, conference: str
) -> None:
    issue(services, "A", 2)
    group = make_group(services, "B")
    opinion = make_opinion(services, citizen=make_citizen(services), group=group)
    conferences.build_agenda(services, moderator, conference)
    mark_sent(services, "agenda")
    with pytest.raises(InvalidInput):
        conferences.drop_line(services, moderator, conference, 2, why=" ")
    conferences.drop_line(services, moderator, conference, 2, why="chủ trì yêu cầu làm riêng")
    conferences.build_agenda(services, moderator, conference)
    assert titles(services, conference) == ["A"]
    assert reload(services, opinion).state == OpinionState.APPROVED
    assert len(notices_of(services, "agenda_dropped")) == 1
    conferences.build_agenda(services, moderator, conference, restore_dropped=True)
    assert titles(services, conference) == ["A", "B"]
    # It was news that the issue went off; it is news again that it is back.
    assert len([one for one in notices_of(services, "agenda") if one.opinion_id == opinion.id]) == 2


def test_dropping_before_the_notice_went_out_cancels_it_instead_of_sending_two(
    services: Services, moderator: int, conference: str
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    conferences.drop_line(services, moderator, conference, 1, why="nhầm")
    assert [one.state for one in notices_of(services)] == [DeliveryState.CANCELLED]


def test_moving_a_line_to_a_place_that_is_not_there_is_refused(
    services: Services, moderator: int, conference: str
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    with pytest.raises(InvalidInput):
        conferences.move_line(services, moderator, conference, 1, 2)
    with pytest.raises(NotFound):
        conferences.move_line(services, moderator, conference, 7, 1)


def test_an_issue_on_one_open_agenda_is_not_put_on_another(services: Services, moderator: int, conference: str) -> None:
    group = issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    make_opinion(services, citizen=make_citizen(services), group=group)
    other = conferences.plan(
        services, moderator, title="Cụm thôn", held_on=dt.date(2026, 12, 1), place="Đình", chair="Chủ tịch"
    )
    assert conferences.build_agenda(services, moderator, other).lines == 0


def test_who_is_merged_into_a_scheduled_issue_is_told_and_counted_with_the_others(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    group = issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    merged = make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.SCHEDULED)
    conferences.build_agenda(services, moderator, conference)
    assert [row.people for row in agenda(services, conference).rows] == [2]
    assert len(notices_of(services, "agenda")) == 2
    last = make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.SCHEDULED)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.record_outcome(services, moderator, conference, 1, "answered", note="Đã sửa ngày 19/11.")
    when_concluded(clock)
    conferences.conclude(services, approver, conference, number="1/TB", date=CONCLUDED_ON)
    assert {reload(services, one).state for one in (merged, last)} == {OpinionState.ANSWERED}


def test_the_answer_of_the_hall_is_not_sent_again_to_who_has_it(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    group = make_group(services, "A")
    opinion = make_opinion(services, citizen=make_citizen(services), group=group)
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.record_outcome(services, moderator, conference, 1, "answered", note="Đã sửa ngày 19/11.")
    when_concluded(clock)
    conferences.conclude(services, approver, conference, number="1/TB", date=CONCLUDED_ON)
    newcomer = make_opinion(services, citizen=make_citizen(services), group=group)
    for one in (opinion, newcomer):
        with services.writing() as work:
            answer_newcomer(work, work.session.get_one(Opinion, one.id))
            work.commit()
    assert [one.opinion_id for one in notices_of(services, "answer")] == [newcomer.id]


def test_cancelling_gives_the_opinions_back_and_tells_whoever_knew(
    services: Services, moderator: int, conference: str
) -> None:
    issue(services, "A", 2)
    conferences.build_agenda(services, moderator, conference)
    mark_sent(services, "agenda")
    assert conferences.cancel(services, moderator, conference, why="bão") == 2
    assert all("tạm thời không tổ chức" in one.text for one in notices_of(services, "conference_cancelled"))
    with pytest.raises(IllegalMove):
        conferences.build_agenda(services, moderator, conference)
    other = conferences.plan(
        services, moderator, title="Lịch mới", held_on=dt.date(2026, 12, 1), place="Đình", chair="Chủ tịch"
    )
    assert conferences.build_agenda(services, moderator, other).lines == 1


# --------------------------------------------------------------------------- the day and the conclusion


def test_nothing_can_be_recorded_before_the_day_and_the_agenda_closes_with_it(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "A")
    with pytest.raises(IllegalMove, match="chưa có nội dung"):
        conferences.hold(services, moderator, conference)
    conferences.build_agenda(services, moderator, conference)
    with pytest.raises(IllegalMove, match="chưa họp"):
        conferences.record_outcome(services, moderator, conference, 1, "answered")
    with pytest.raises(IllegalMove, match="Chưa tới ngày"):
        conferences.hold(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.hold(services, moderator, conference, attendance=63, chair="Phó Chủ tịch UBND xã")
    (row,) = conferences.list_conferences(services, moderator, conference)
    assert (row.state, row.attendance, row.chair) == ("held", 63, "Phó Chủ tịch UBND xã")
    with pytest.raises(IllegalMove):
        conferences.build_agenda(services, moderator, conference)


def test_a_line_nobody_stands_behind_any_more_is_gone_when_the_conference_opens(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    group = make_group(services, "Đã chuyển tỉnh")
    opinion = make_opinion(services, citizen=make_citizen(services), group=group)
    issue(services, "Còn lại")
    conferences.build_agenda(services, moderator, conference)
    set_state(services, opinion, OpinionState.REFERRED)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    assert [(row.position, row.title) for row in agenda(services, conference).rows] == [(1, "Còn lại")]


def test_declining_a_line_needs_a_listed_ground_and_what_the_ground_asks_for(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    for ground_code in ("", "VI_TOI_KHONG_THICH", "TO_CAO"):
        with pytest.raises(InvalidInput):
            conferences.record_outcome(
                services, moderator, conference, 1, "declined", ground_code=ground_code, note="vì thế"
            )
    with pytest.raises(InvalidInput, match="cần ghi kèm"):
        conferences.record_outcome(
            services, moderator, conference, 1, "declined", ground_code="DA_GIAI_QUYET_BANG_VAN_BAN"
        )
    with pytest.raises(InvalidInput, match="Căn cứ chỉ dùng"):
        conferences.record_outcome(services, moderator, conference, 1, "answered", ground_code="BI_MAT_NHA_NUOC")
    with pytest.raises(InvalidInput):
        conferences.record_outcome(services, moderator, conference, 1, "done")


@pytest.mark.parametrize("ground_code", ["GAY_ROI_SAY_DE_DOA", "KHONG_DU_NANG_LUC_HVDS"])
def test_conduct_in_the_hall_is_judged_by_the_chair_and_an_open_basis_is_said(
    services: Services, moderator: int, conference: str, clock: ManualClock, ground_code: str
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    decline = partial(
        conferences.record_outcome, services, moderator, conference, 1, "declined", ground_code=ground_code
    )
    with pytest.raises(InvalidInput, match="chỉ người chủ trì được quyết định"):
        decline()
    (chair,) = [row.chair for row in conferences.list_conferences(services, moderator, conference)]
    (remark,) = decline(by=chair)
    assert remark.startswith("Căn cứ tạm áp dụng")
    assert any("không phải người chủ trì" in one for one in decline(by="Trưởng Công an xã"))
    with services.reading() as work:
        acts = work.session.exec(select(Act).where(Act.verb == "outcome_recorded")).all()
    assert all(act.details["assumed"] is True for act in acts)


def test_what_the_text_lets_be_answered_later_stays_open_and_its_asker_hears_why(
    services: Services, moderator: int, approver: int, clock: ManualClock
) -> None:
    under(services, "son-la")
    conference = plan_one(services, moderator, held_on=HELD_ON)
    group = issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    with pytest.raises(InvalidInput, match="Điều 10 khoản 1, chỉ người chủ trì"):
        conferences.record_outcome(services, moderator, conference, 1, "declined", ground_code="DANG_DIEU_TRA_XAC_MINH")
    remarks = conferences.record_outcome(
        services,
        moderator,
        conference,
        1,
        "declined",
        by="Chủ tịch UBND xã",
        ground_code="DANG_DIEU_TRA_XAC_MINH",
    )
    assert any("không từ chối hẳn" in one for one in remarks)
    when_concluded(clock)
    done = conferences.conclude(services, approver, conference, number="12/TB-UBND", date=CONCLUDED_ON)
    assert (done.deferred, done.declined, done.unassigned) == (1, 0, (1,))
    (notice,) = notices_of(services, "conclusion")
    assert "đang điều tra, xác minh" in notice.text
    line = next(one for one in checklist(services, approver, conference).items if one.line == 1)
    assert (line.required, "chưa giao cơ quan nào" in line.what) == (True, True)
    assign(services, moderator, f"{conference}/1", agency="Phòng Kinh tế")
    line = next(one for one in checklist(services, approver, conference).items if one.line == 1)
    assert (line.required, "trả lời sau, có căn cứ" in line.what) == (False, True)
    with services.reading() as work:
        assert [one.state for one in opinions_of(work, group)] == [OpinionState.ASSIGNED]


def test_concluding_refuses_while_lines_have_no_outcome_and_names_them(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "Đã xong", 2)
    issue(services, "Còn bỏ ngỏ")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.record_outcome(services, moderator, conference, 1, "deferred")
    when_concluded(clock)
    with pytest.raises(IllegalMove, match="dòng 2 «Còn bỏ ngỏ»"):
        conferences.conclude(services, approver, conference, number="12/TB-UBND", date=CONCLUDED_ON)
    with pytest.raises(Forbidden):
        conferences.conclude(services, moderator, conference, number="12/TB-UBND", date=CONCLUDED_ON)


def test_every_asker_hears_once_what_the_notice_says_of_the_own_line(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    groups = {title: issue(services, title, people) for title, people in [("Trả lời", 4), ("Để sau", 3), ("Thôi", 2)]}
    oral = issue(services, "Trả lời miệng")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference, attendance=80)
    joined = make_opinion(services, citizen=make_citizen(services), group=groups["Trả lời"])
    conferences.record_outcome(
        services, moderator, conference, 1, "answered", by="Chủ tịch UBND xã", note="Thay 5 bóng trước ngày 25/11."
    )
    conferences.record_outcome(services, moderator, conference, 2, "deferred")
    conferences.record_outcome(
        services, moderator, conference, 3, "declined", ground_code="DANG_DIEU_TRA_XAC_MINH", note="hồ sơ đang xem"
    )
    conferences.record_outcome(services, moderator, conference, 4, "answered", by="Trưởng Công an xã")
    assign(
        services,
        moderator,
        f"{conference}/2",
        agency="Phòng Kinh tế",
        due_on=dt.date(2026, 12, 18),
        assigned_on=dt.date(2026, 11, 20),
    )
    assert notices_of(services, "assigned") == []
    when_concluded(clock)
    done = conferences.conclude(services, approver, conference, number="12/TB-UBND", date=CONCLUDED_ON, text="Kết luận")
    assert (done.answered, done.deferred, done.declined, done.told, done.unassigned) == (2, 1, 1, 11, ())
    said = {one.opinion_id: one for one in notices_of(services, "conclusion")}
    assert len(said) == len(notices_of(services, "conclusion")) == 11
    mine = said[joined.id]
    assert "số 12/TB-UBND ngày 24/11/2026" in mine.text
    assert "Thay 5 bóng trước ngày 25/11." in mine.text
    assert [row[0]["label"][0] for row in mine.buttons] == ["1", "2"]
    assert reload(services, joined).state == OpinionState.ANSWERED
    by_title = {
        title: [one.text for one in said.values() if f"«{title}»" in one.text] for title in (*groups, "Trả lời miệng")
    }
    # The lawful day, 20 working days after the notice; the earlier one is between the office and the agency.
    assert all("Phòng Kinh tế" in text and "22/12/2026" in text for text in by_title["Để sau"])
    assert all("chưa có kết luận chính thức" in text and "hỏi lại" in text for text in by_title["Thôi"])
    assert all("Văn bản trả lời sẽ được gửi" in text for text in by_title["Trả lời miệng"])
    assert [(row.group_id, row.why) for row in unanswered(services, moderator, conference)] == [
        (groups["Để sau"], Owing.ASSIGNED),
        (oral, Owing.SPOKEN),
    ]
    with pytest.raises(AlreadyDecided):
        conferences.conclude(services, approver, conference, number="13/TB-UBND", date=CONCLUDED_ON)
    assert len(notices_of(services, "conclusion")) == 11


def test_deferred_lines_without_an_agency_are_listed(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.record_outcome(services, moderator, conference, 1, AgendaOutcome.DEFERRED)
    when_concluded(clock)
    done = conferences.conclude(services, approver, conference, number="1/TB", date=CONCLUDED_ON)
    assert done.unassigned == (1,)
    (owed,) = unanswered(services, moderator, conference)
    assert (owed.why, owed.line, owed.agency) == (Owing.DEFERRED, f"{conference}/1", None)


def test_a_matter_from_the_floor_gets_a_code_on_paper_a_line_and_its_answer(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    raised = conferences.add_floor_opinion(
        services,
        moderator,
        conference,
        "Cống ngõ 5 thôn Mới tắc, mưa là ngập",
        name="Vũ Thị Mận",
        village="moi",
        title="Cống ngõ 5 thôn Mới",
    )
    assert raised.code is not None
    assert raised.position == 2
    assert "Mận" not in repr(agenda(services, conference))
    joined = conferences.add_floor_opinion(services, moderator, conference, "Tôi cũng hỏi cống ngõ 5", line=2)
    assert joined.position == 2
    later = conferences.add_floor_opinion(services, moderator, conference, "Đường ra đồng lầy lội", deferred=True)
    assert later.position == 3
    assert [row.people for row in agenda(services, conference).rows] == [1, 2, 1]
    for position in (1, 2):
        conferences.record_outcome(
            services, moderator, conference, position, "answered", by="Chủ tịch", note="Sẽ nạo vét."
        )
    when_concluded(clock)
    conferences.conclude(services, approver, conference, number="1/TB", date=CONCLUDED_ON)
    slip = next(one for one in notices_of(services, "conclusion") if one.opinion_id == raised.opinion_id)
    assert (slip.state, slip.rung, slip.outcome) == (DeliveryState.WITH_STAFF, "slip", "no_channel")
    assert spoken(raised.code) in slip.text


def test_the_doctor_finds_nothing_wrong_with_a_concluded_conference(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    for title in "ABCD":
        issue(services, title)
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.add_floor_opinion(services, moderator, conference, "Cống ngõ 5 tắc", deferred=True)
    conferences.record_outcome(services, moderator, conference, 1, "answered", note="Đã sửa ngày 19/11.")
    conferences.record_outcome(services, moderator, conference, 2, "declined", ground_code="BI_MAT_NHA_NUOC")
    conferences.record_outcome(services, moderator, conference, 3, "deferred")
    conferences.record_outcome(services, moderator, conference, 4, "answered")
    when_concluded(clock)
    conferences.conclude(services, approver, conference, number="1/TB", date=CONCLUDED_ON)
    assign(services, moderator, f"{conference}/3", agency="Phòng Kinh tế")
    # The factories write no intake, and no worker sends here: what those checks say is not of conferences.
    found = [
        one
        for one in examine(services)
        if one.check not in ("words-stored", "notices-move-on")
        and (one.check, one.subject) != ("duties-true", "opinion")
    ]
    assert found == []


def test_what_sounds_like_a_denunciation_on_the_floor_is_sealed_and_makes_no_line(
    services: Services, moderator: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "A")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    raised = conferences.add_floor_opinion(
        services,
        moderator,
        conference,
        "Tôi tố cáo ông trưởng thôn nhận hối lộ 20 triệu đồng để làm giả hồ sơ hộ nghèo",
    )
    assert (raised.code, raised.position) == (None, None)
    assert len(agenda(services, conference, "internal", moderator).rows) == 1


def test_two_approvers_concluding_at_once_tell_everybody_once(
    services: Services, moderator: int, approver: int, conference: str, clock: ManualClock
) -> None:
    issue(services, "A", 3)
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.record_outcome(services, moderator, conference, 1, "deferred")
    when_concluded(clock)
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(conferences.conclude(services, approver, conference, number="1/TB", date=CONCLUDED_ON))
        except AlreadyDecided as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyDecided", "Concluded"]
    assert len(notices_of(services, "conclusion")) == 3
    with services.reading() as work:
        assert history.verify(work.session) == []


def mark_sent(services: Services, purpose: str) -> None:
    with services.writing() as work:
        for notice in notices_of(services, purpose):
            notice.state = DeliveryState.SENT
            work.session.merge(notice)
        work.commit()


def set_state(services: Services, opinion: Opinion, state: OpinionState) -> None:
    with services.writing() as work:
        stored = work.session.get_one(Opinion, opinion.id)
        stored.state = state
        work.add(stored)
        work.commit()


# --------------------------------------------------------------------------- more than one conference


def _second(services: Services, moderator: int, day: dt.date = dt.date(2026, 12, 20)) -> str:
    return conferences.plan(services, moderator, title="Hội nghị sau", held_on=day, place="Xã", chair="Bí thư")


def test_whoever_joins_an_issue_put_off_by_a_conference_waits_with_the_first_askers_and_no_second_agenda_takes_it(
    services: Services, clock: ManualClock, moderator: int, approver: int, conference: str
) -> None:
    group = issue(services, "Đèn đường")
    conferences.build_agenda(services, moderator, conference)
    on_the_day(clock)
    conferences.hold(services, moderator, conference)
    conferences.record_outcome(services, moderator, conference, 1, "deferred")
    when_concluded(clock)
    conferences.conclude(services, approver, conference, number="5/TB", date=CONCLUDED_ON)
    later = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    triage.approve(services, moderator, later.code or "", group_id=group)
    with services.reading() as work:
        seats = work.session.exec(select(Opinion.state, Opinion.conference_id)).all()
    assert len(set(seats)) == 1
    assert conferences.build_agenda(services, moderator, _second(services, moderator)).lines == 0
    [owed] = waiting_for_answer(services, moderator)
    assert (owed.why, owed.opinions, owed.line) == (Owing.DEFERRED, 2, f"{conference}/1")


def test_an_issue_answered_in_writing_comes_onto_no_later_agenda_unless_somebody_still_waits(
    services: Services, moderator: int, conference: str
) -> None:
    group = make_group(services, "Đã trả lời")
    make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.ANSWERED)
    assert conferences.build_agenda(services, moderator, conference).lines == 0
    make_opinion(services, citizen=make_citizen(services), group=group)
    built = conferences.build_agenda(services, moderator, conference)
    assert (built.lines, built.people) == (1, 1)


def test_the_notice_of_the_agenda_replaces_an_approval_not_sent_yet_and_a_drop_tells_who_was_approved(
    services: Services, moderator: int, conference: str
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    triage.approve(services, moderator, opinion.code or "")
    conferences.build_agenda(services, moderator, conference)
    assert [one.state for one in notices_of(services, "approved")] == [DeliveryState.CANCELLED]
    assert [one.state for one in notices_of(services, "agenda")] == [DeliveryState.PENDING]
    conferences.drop_line(services, moderator, conference, 1, why="chưa đủ hồ sơ")
    assert [one.state for one in notices_of(services, "agenda")] == [DeliveryState.CANCELLED]
    (left,) = notices_of(services, "agenda_left_out")
    assert "đã được duyệt, nhưng tạm thời chưa đưa ra hội nghị" in left.text
