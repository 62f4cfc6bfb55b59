"""A plan fits the regulation of the office, or is refused or remarked in its words."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.conference_life.planning import Officials
from casework.errors import Forbidden, IllegalMove, InvalidInput
from casework.regulations.model import Step
from casework.usecases.conference import conferences
from casework.usecases.conference.planning import name_officials, plan_remarks
from casework.usecases.conference.steps import list_steps
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.conference_factories import add_issue, conference_of, everything, held_one, on, plan_one, under
from tests.casework.factories import make_staff


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


def test_the_conference_keeps_the_version_of_the_regulation_in_force_when_it_was_planned(
    services: Services, moderator: int
) -> None:
    under(services, "son-la")
    planned = conference_of(services, plan_one(services, moderator))
    assert (planned.regulation, planned.regulation_version) == ("son-la", "2019")


def test_the_last_day_for_opinions_follows_from_the_regulation_and_says_why(services: Services, moderator: int) -> None:
    under(services, "son-la")
    code = plan_one(services, moderator)
    # Five days before Thursday 10/12 is Saturday 5/12: nobody has to work for an opinion to arrive.
    assert conference_of(services, code).cutoff_on == dt.date(2026, 12, 5)
    assert "thứ Bảy 05/12/2026" in (plan_remarks(services, moderator, code).cutoff or "")


def test_a_last_day_somebody_chose_stays_and_is_not_explained_by_the_law(services: Services, moderator: int) -> None:
    under(services, "son-la")
    code = plan_one(services, moderator, cutoff_on=dt.date(2026, 12, 1))
    assert conference_of(services, code).cutoff_on == dt.date(2026, 12, 1)
    assert plan_remarks(services, moderator, code).cutoff is None


def test_a_text_without_a_last_day_sets_none(services: Services, moderator: int) -> None:
    under(services, "dien-bien")
    assert conference_of(services, plan_one(services, moderator)).cutoff_on is None


@pytest.mark.parametrize("regulation", ["son-la", "dien-bien", "hai-phong"])
def test_where_the_text_knows_only_the_hall_but_the_law_allows_more_an_online_conference_is_remarked(
    services: Services, moderator: int, regulation: str
) -> None:
    under(services, regulation)
    code = plan_one(services, moderator, form="online")
    assert conference_of(services, code).form == "online"
    (remark,) = [one for one in plan_remarks(services, moderator, code).remarks if "trực tuyến" in one]
    assert "chỉ nói họp trực tiếp" in remark
    assert "Điều 43 thì cho" in remark
    in_the_hall = plan_remarks(services, moderator, plan_one(services, moderator))
    assert not any("hình thức" in one for one in in_the_hall.remarks)


def test_a_form_nobody_knows_is_refused(services: Services, moderator: int) -> None:
    before = everything(services)
    with pytest.raises(InvalidInput, match="không phải hình thức"):
        plan_one(services, moderator, form="by_letter")
    assert everything(services) == before


@pytest.mark.parametrize("regulation", ["thanh-hoa", "ha-noi"])
def test_where_the_text_allows_it_a_conference_may_be_online(
    services: Services, moderator: int, regulation: str
) -> None:
    under(services, regulation)
    assert conference_of(services, plan_one(services, moderator, form="online")).form == "online"


def test_an_ad_hoc_conference_needs_its_one_matter(services: Services, moderator: int) -> None:
    with pytest.raises(InvalidInput, match="một nội dung"):
        plan_one(services, moderator, kind="ad_hoc")
    code = plan_one(services, moderator, kind="ad_hoc", topic="Di dời bãi rác Đồng Trũng")
    assert conference_of(services, code).topic == "Di dời bãi rác Đồng Trũng"


@pytest.mark.parametrize("count", [1, 3])
def test_dien_bien_wants_exactly_two_secretaries(services: Services, moderator: int, count: int) -> None:
    under(services, "dien-bien")
    names = tuple(f"Công chức {number}" for number in range(count))
    with pytest.raises(InvalidInput, match="đúng 2 thư ký"):
        plan_one(services, moderator, officials=Officials(secretaries=names))


def test_two_secretaries_are_kept_and_count_as_the_step_done(services: Services, moderator: int) -> None:
    under(services, "dien-bien")
    code = plan_one(services, moderator, officials=Officials(secretaries=("Công chức A", "Công chức B")))
    assert conference_of(services, code).officials == {"secretaries": ["Công chức A", "Công chức B"]}
    assert [row.step for row in list_steps(services, moderator, code)] == [Step.SECRETARIES_NAMED]


def test_other_secretaries_void_the_first_naming(services: Services, moderator: int) -> None:
    under(services, "dien-bien")
    code = plan_one(services, moderator, officials=Officials(secretaries=("A", "B")))
    name_officials(services, moderator, code, secretaries=["C", "D"], co_chairs=["Chủ tịch HĐND xã"])
    rows = list_steps(services, moderator, code)
    assert [row.void_why is None for row in rows] == [False, True]
    assert conference_of(services, code).officials == {"co_chairs": ["Chủ tịch HĐND xã"], "secretaries": ["C", "D"]}


def test_a_deputy_needs_a_reason_everywhere_and_in_dien_bien_a_vacant_post(services: Services, moderator: int) -> None:
    with pytest.raises(InvalidInput, match="vì sao"):
        plan_one(services, moderator, officials=Officials(deputy="Phó Chủ tịch UBND xã"))
    under(services, "dien-bien")
    ill = Officials(deputy="Phó Chủ tịch UBND xã", deputy_reason="Chủ tịch ốm")
    with pytest.raises(InvalidInput, match="khuyết"):
        plan_one(services, moderator, officials=ill)
    vacant = Officials(deputy="Phó Chủ tịch UBND xã", deputy_reason="chưa bầu Chủ tịch", vacant=True)
    assert conference_of(services, plan_one(services, moderator, officials=vacant)).officials["vacant"] is True


def test_in_ha_noi_a_deputy_may_preside_in_a_special_case_and_where_the_text_is_silent_it_is_remarked(
    services: Services, moderator: int
) -> None:
    deputy = Officials(deputy="Phó Bí thư", deputy_reason="Bí thư đi công tác đột xuất")
    silent = plan_remarks(services, moderator, plan_one(services, moderator, officials=deputy))
    assert any("không nói về việc cấp phó" in remark for remark in silent.remarks)
    under(services, "ha-noi")
    special = plan_remarks(services, moderator, plan_one(services, moderator, officials=deputy))
    assert not any("cấp phó" in remark for remark in special.remarks)


def test_a_chair_the_text_does_not_name_and_a_missing_co_chair_are_remarked(services: Services, moderator: int) -> None:
    under(services, "dien-bien")
    remarks = " ".join(
        plan_remarks(services, moderator, plan_one(services, moderator, chair="Phó Chủ tịch UBND xã")).remarks
    )
    assert "người chủ trì là" in remarks
    assert "cùng chủ trì còn có" in remarks
    right = plan_one(
        services,
        moderator,
        chair="Chủ tịch UBND xã Tân Minh",
        officials=Officials(co_chairs=("Chủ tịch HĐND xã", "Chủ tịch Ủy ban MTTQ xã")),
    )
    assert not any("chủ trì" in remark for remark in plan_remarks(services, moderator, right).remarks)


def test_the_season_and_the_yearly_number_are_remarked_and_never_block(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator, held_on=dt.date(2026, 12, 14))
    remarks = " ".join(plan_remarks(services, moderator, code).remarks)
    assert "mùa đối thoại" in remarks
    assert "ít nhất 2" in remarks
    second = plan_one(services, moderator, held_on=dt.date(2026, 12, 15))
    after = " ".join(plan_remarks(services, moderator, second).remarks)
    assert "mùa đối thoại" not in after
    assert "ít nhất" not in after


def test_a_plan_too_near_for_the_notice_says_which_date_cannot_be_kept(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator, held_on=dt.date(2026, 11, 6))
    assert any("Không kịp hạn: thông báo công khai" in one for one in plan_remarks(services, moderator, code).remarks)


def test_what_the_written_plan_must_contain_comes_from_the_text(services: Services, moderator: int) -> None:
    under(services, "son-la")
    assert "địa điểm" in plan_remarks(services, moderator, plan_one(services, moderator)).parts


def test_secretaries_forgotten_are_named_until_the_file_is_closed_and_nobody_of_a_conference_called_off(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    approver = make_staff(services, Role.APPROVER)
    under(services, "dien-bien")
    code = held_one(services, clock, approver, ["Đèn tắt"])
    conferences.record_outcome(services, approver, code, 1, "answered", note="Đã thay ngày 9/12.")
    conferences.conclude(services, approver, code, number="5/TB", date=dt.date(2026, 12, 10))
    on(clock, dt.date(2027, 1, 4))
    name_officials(services, approver, code, secretaries=["Công chức A", "Công chức B"])
    (row,) = list_steps(services, approver, code)
    assert (row.step, row.done_on) == (Step.SECRETARIES_NAMED, dt.date(2026, 12, 10))
    other = plan_one(services, approver, held_on=dt.date(2027, 1, 12))
    conferences.cancel(services, approver, other, why="bão")
    with pytest.raises(IllegalMove, match="đã hủy"):
        name_officials(services, approver, other, secretaries=["Công chức A", "Công chức B"])


def held_by(services: Services, clock: ManualClock, staff: int, chair: str | None, officials: Officials) -> str:
    """What is said of who led a conference that `chair` really chaired."""
    code = plan_one(services, staff, officials=officials)
    add_issue(services)
    conferences.build_agenda(services, staff, code)
    on(clock, conference_of(services, code).held_on)
    return " ".join(conferences.hold(services, staff, code, chair=chair).remarks)


def test_a_deputy_who_chaired_in_dien_bien_without_a_vacant_post_is_remarked_and_the_conference_stands(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    under(services, "dien-bien")
    beside = Officials(co_chairs=("Chủ tịch HĐND xã", "Chủ tịch Ủy ban MTTQ xã"))
    said = held_by(services, clock, moderator, "Phó Chủ tịch UBND xã Nguyễn Văn A", officials=beside)
    assert "chỉ chủ trì khi khuyết cấp trưởng" in said


def test_the_head_who_chaired_after_all_in_the_place_of_the_deputy_planned_is_not_remarked(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    under(services, "ha-noi")
    deputy = Officials(co_chairs=("Chủ tịch HĐND xã",), deputy="Phó Chủ tịch UBND xã", deputy_reason="bận việc nhà")
    assert held_by(services, clock, moderator, "Chủ tịch UBND xã", officials=deputy) == ""


@pytest.mark.parametrize(
    ("reason", "remarked"),
    [
        ("Chủ tịch ốm", False),
        ("đi chỉ đạo phòng chống bão", False),
        ("nhiệm vụ đột xuất", False),
        ("bận việc nhà", True),
        ("Chủ tịch đi du lịch", True),
    ],
)
def test_in_ha_noi_a_deputy_stands_in_for_health_or_a_sudden_duty_only(
    services: Services, clock: ManualClock, moderator: int, reason: str, remarked: bool
) -> None:
    under(services, "ha-noi")
    deputy = Officials(co_chairs=("Chủ tịch HĐND xã",), deputy="Phó Chủ tịch UBND xã", deputy_reason=reason)
    code = plan_one(services, moderator, officials=deputy)
    assert any("sức khỏe" in one for one in plan_remarks(services, moderator, code).remarks) is remarked
    said = held_by(services, clock, moderator, None, officials=deputy)
    assert ("sức khỏe" in said) is remarked


@pytest.mark.parametrize(
    ("chair", "beside", "missing"),
    [
        ("Chủ tịch UBND xã", ("Phó Chủ tịch HĐND xã",), None),
        ("Bí thư Đảng ủy, Chủ tịch HĐND xã", ("Chủ tịch UBND xã",), None),
        ("Chủ tịch UBND xã", (), "chưa có đại diện Thường trực Hội đồng nhân dân"),
        ("Bí thư Đảng ủy xã", ("Chủ tịch HĐND xã",), "chưa có Ủy ban nhân dân"),
    ],
)
def test_committee_and_council_of_the_commune_chair_together_by_the_law_or_it_is_remarked(
    services: Services,
    clock: ManualClock,
    moderator: int,
    chair: str,
    beside: tuple[str, ...],
    missing: str | None,
) -> None:
    officials = Officials(co_chairs=beside)
    planned = plan_one(services, moderator, chair=chair, officials=officials)
    remarks = " ".join(plan_remarks(services, moderator, planned).remarks)
    assert ("cùng chủ trì" in remarks) is (missing is not None)
    assert (missing or "") in remarks
    assert (missing or "") in held_by(services, clock, moderator, chair, officials=officials)


@pytest.mark.parametrize(
    ("regulation", "remarked"), [("ha-noi", False), ("son-la", True), ("dien-bien", True), ("thanh-hoa", True)]
)
def test_only_ha_noi_knows_ongoing_conferences(
    services: Services, moderator: int, regulation: str, remarked: bool
) -> None:
    under(services, regulation)
    code = plan_one(services, moderator, kind="ongoing")
    assert any("không nói đến" in one for one in plan_remarks(services, moderator, code).remarks) is remarked
    ad_hoc = plan_one(services, moderator, kind="ad_hoc", topic="Bãi rác")
    assert not any("không nói đến" in one for one in plan_remarks(services, moderator, ad_hoc).remarks)


def test_missing_duties_are_said_when_it_is_held_and_never_stop_it(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    code = plan_one(services, moderator)
    conferences.build_agenda(services, moderator, code)
    on(clock, dt.date(2026, 12, 10))
    missed = conferences.hold(services, moderator, code, attendance=120, invited=150, groups={"thôn 4": 30}).missed
    assert Step.PUBLIC_NOTICE in {one.step for one in missed}
    (row,) = conferences.list_conferences(services, moderator, code)
    assert (row.state, row.attendance, row.invited, row.attendance_by_group) == ("held", 120, 150, {"thôn 4": 30})


def test_more_people_by_group_than_in_the_hall_are_refused(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    code = plan_one(services, moderator)
    conferences.build_agenda(services, moderator, code)
    on(clock, dt.date(2026, 12, 10))
    before = everything(services)
    with pytest.raises(InvalidInput, match="nhiều hơn"):
        conferences.hold(services, moderator, code, attendance=20, groups={"thôn 4": 30})
    assert everything(services) == before


def test_a_village_officer_may_read_remarks_but_name_nobody(services: Services, moderator: int) -> None:
    code = plan_one(services, moderator)
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    plan_remarks(services, officer, code)
    with pytest.raises(Forbidden):
        name_officials(services, officer, code, secretaries=["A"])


def test_a_conference_was_not_held_before_it_was_planned(
    services: Services, clock: ManualClock, moderator: int
) -> None:
    code = plan_one(services, moderator)
    conferences.build_agenda(services, moderator, code)
    before = everything(services)
    with pytest.raises(InvalidInput, match="trước ngày lập"):
        conferences.hold(services, moderator, code, held_on=dt.date(2025, 12, 10))
    assert everything(services) == before
