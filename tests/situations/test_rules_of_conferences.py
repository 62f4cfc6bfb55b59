"""Rules without a deadline, in situations: who may chair, who writes, when, how, who may attend, what is kept out."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.conference_life.planning import (
    Officials,
    Planned,
    check_form,
    check_officials,
    demanded_parts,
    frequency_remarks,
    window_remarks,
)
from casework.errors import InvalidInput
from casework.grounds import ground
from casework.regulations import Regulation, applicable
from casework.regulations.model import ConferenceKind, Party, Step
from casework.regulations.reading import programme_for

PERIODIC, AD_HOC = ConferenceKind.PERIODIC, ConferenceKind.AD_HOC
TWO = ("Chị An", "Anh Bình")


def texts(code: str) -> tuple[Regulation, ...]:
    """What binds a commune of the province at the end of 2026."""
    return applicable(code, on=dt.date(2026, 11, 20))


# ------------------------------------------------------------------ who chairs


def test_in_ha_noi_the_deputy_chairs_when_the_secretary_is_ill() -> None:
    ill = Officials(deputy="Phó Bí thư", deputy_reason="Bí thư ốm")
    assert check_officials(texts("ha-noi"), "Bí thư Đảng ủy xã Tân Minh", ill) == ()


def test_in_dien_bien_the_deputy_chairs_only_while_the_post_is_vacant() -> None:
    beside = ("Chủ tịch HĐND xã", "Chủ tịch Ủy ban MTTQ xã")
    ill = Officials(co_chairs=beside, secretaries=TWO, deputy="Phó Chủ tịch UBND", deputy_reason="Chủ tịch ốm")
    with pytest.raises(InvalidInput, match="chỉ cho cấp phó chủ trì khi khuyết"):
        check_officials(texts("dien-bien"), "Chủ tịch UBND xã", ill)
    vacant = Officials(
        co_chairs=beside, secretaries=TWO, deputy="Phó Chủ tịch UBND", deputy_reason="khuyết Chủ tịch", vacant=True
    )
    assert check_officials(texts("dien-bien"), "Chủ tịch UBND xã", vacant) == ()


@pytest.mark.parametrize("code", ["thanh-hoa", "son-la", "hai-phong"])
def test_where_the_text_is_silent_on_deputies_staff_are_told_to_ask_first(code: str) -> None:
    (remark,) = check_officials(texts(code), "Chủ tịch UBND xã", Officials(deputy="Phó Chủ tịch", deputy_reason="ốm"))
    assert "không nói về việc cấp phó" in remark


@pytest.mark.parametrize(
    ("code", "chair", "remarked"),
    [
        ("thanh-hoa", "Bí thư Đảng ủy xã Tân Minh", False),
        ("thanh-hoa", "Chủ tịch HĐND xã", False),
        ("thanh-hoa", "Chủ tịch Hội Nông dân xã", True),
        ("son-la", "Phó Chủ tịch UBND xã", True),
        ("hai-phong", "Phó Bí thư Đảng ủy, Chủ tịch UBND xã Tân Minh", False),
        ("hai-phong", "Bí thư Đảng ủy xã Tân Minh", True),
    ],
)
def test_a_chair_the_text_does_not_name_is_remarked_never_refused(code: str, chair: str, remarked: bool) -> None:
    assert bool(check_officials(texts(code), chair, Officials())) is remarked


def test_in_dien_bien_the_heads_of_council_and_front_sit_beside_the_chair() -> None:
    (remark,) = check_officials(texts("dien-bien"), "Chủ tịch UBND xã", Officials(secretaries=TWO))
    assert "Chủ tịch HĐND, Chủ tịch Ủy ban MTTQ" in remark


# ------------------------------------------------------------------ who writes


@pytest.mark.parametrize("count", [1, 3])
def test_dien_bien_has_exactly_two_secretaries(count: int) -> None:
    with pytest.raises(InvalidInput, match="đúng 2 thư ký"):
        check_officials(texts("dien-bien"), "Chủ tịch UBND xã", Officials(secretaries=("Chị An",) * count))


@pytest.mark.parametrize("code", ["thanh-hoa", "ha-noi", "son-la", "hai-phong"])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_elsewhere_any_number_of_secretaries_will_do(code: str, count: int) -> None:
    assert check_officials(texts(code), "Chủ tịch UBND xã", Officials(secretaries=("Chị An",) * count)) == ()


# ------------------------------------------------------------------ when and how often


@pytest.mark.parametrize(
    ("code", "day", "kind", "remarked"),
    [
        ("thanh-hoa", "2026-06-14", PERIODIC, True),
        ("thanh-hoa", "2026-06-15", PERIODIC, False),
        ("thanh-hoa", "2026-06-30", PERIODIC, False),
        ("thanh-hoa", "2026-07-01", PERIODIC, True),
        ("thanh-hoa", "2026-12-14", PERIODIC, True),
        ("thanh-hoa", "2026-12-31", PERIODIC, False),
        ("thanh-hoa", "2027-01-09", PERIODIC, True),
        ("thanh-hoa", "2026-03-03", AD_HOC, False),
        ("dien-bien", "2026-09-30", PERIODIC, True),
        ("dien-bien", "2026-10-01", PERIODIC, False),
        ("dien-bien", "2026-12-31", PERIODIC, False),
        ("ha-noi", "2026-03-03", PERIODIC, False),
        ("son-la", "2026-03-03", PERIODIC, False),
        ("hai-phong", "2026-03-03", PERIODIC, False),
    ],
)
def test_a_periodic_conference_outside_the_time_of_year_is_remarked(
    code: str, day: str, kind: ConferenceKind, remarked: bool
) -> None:
    planned = Planned(
        kind=kind,
        form="in_person",
        topic="Đường thôn",
        chair="Chủ tịch UBND xã",
        officials=Officials(),
        held_on=dt.date.fromisoformat(day),
    )
    assert bool(window_remarks(texts(code), planned)) is remarked


@pytest.mark.parametrize(
    ("code", "enough"), [("thanh-hoa", 2), ("ha-noi", 1), ("dien-bien", 1), ("son-la", 1), ("hai-phong", 1)]
)
def test_a_year_with_fewer_conferences_than_the_text_asks_for_is_remarked(code: str, enough: int) -> None:
    assert frequency_remarks(texts(code), PERIODIC, 2026, enough) == ()
    assert frequency_remarks(texts(code), PERIODIC, 2026, enough - 1)
    assert frequency_remarks(texts(code), AD_HOC, 2026, 0) == ()


def test_the_law_adds_a_conference_when_a_tenth_of_the_voters_ask() -> None:
    (rule,) = texts("ha-noi")[1].frequency
    assert (rule.min_per_year, rule.voters_percent, rule.when_needed) == (1, 10, True)


@pytest.mark.parametrize(
    ("code", "form", "allowed"),
    [
        ("thanh-hoa", "online", True),
        ("ha-noi", "online", True),
        ("dien-bien", "online", False),
        ("son-la", "online", False),
        ("hai-phong", "online", False),
        ("thanh-hoa", "social_network", False),
        ("son-la", "in_person", True),
    ],
)
def test_a_form_the_text_excludes_and_the_law_allows_is_remarked_and_left_to_staff(
    code: str, form: str, allowed: bool
) -> None:
    assert (check_form(texts(code), form) == ()) is allowed


def test_a_form_that_every_text_excludes_is_refused() -> None:
    own, _ = texts("son-la")
    with pytest.raises(InvalidInput, match="không cho họp hình thức"):
        check_form((own,), "online")


# ------------------------------------------------------------------ steps and sequence


def test_the_plan_of_a_periodic_conference_in_son_la_has_seven_parts_and_an_ad_hoc_one_two() -> None:
    assert len(demanded_parts(texts("son-la"), Step.PLAN, PERIODIC)) == 7
    assert demanded_parts(texts("son-la"), Step.PLAN, AD_HOC) == ("nội dung cần đối thoại", "đơn vị chuẩn bị")


def test_the_public_notice_says_how_to_take_part_because_the_law_for_communes_asks_it() -> None:
    parts = demanded_parts(texts("hai-phong"), Step.PUBLIC_NOTICE, PERIODIC)
    assert {"thời gian", "thành phần", "địa điểm", "nội dung", "cách thức tham gia"} == set(parts)


def test_in_ha_noi_the_own_text_asks_for_no_public_notice_of_an_ad_hoc_conference() -> None:
    own = texts("ha-noi")[:1]
    assert demanded_parts(own, Step.PUBLIC_NOTICE, PERIODIC)
    assert demanded_parts(own, Step.PUBLIC_NOTICE, AD_HOC) == ()


def test_in_dien_bien_people_may_speak_again_before_the_chair_concludes() -> None:
    by = [item.by for item in programme_for(texts("dien-bien"), PERIODIC)]
    assert len(by) == 10
    assert by[-3:] == [Party.CHAIR, "speakers", Party.CHAIR]


def test_in_thanh_hoa_the_front_reads_the_summary_before_people_speak() -> None:
    by = [item.by for item in programme_for(texts("thanh-hoa"), PERIODIC)]
    assert by.index(Party.FRONT) < by.index("speakers")


# ------------------------------------------------------------------ who attends, what comes late


def test_only_dien_bien_asks_those_who_attend_for_anything() -> None:
    asking = {code for code in CODES for text in texts(code) for _ in text.eligibility}
    assert asking == {"dien-bien"}
    assert [rule.min_age for rule in texts("dien-bien")[0].eligibility if rule.min_age] == [18]


CODES = ("thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong")


def test_a_late_opinion_in_son_la_is_answered_in_writing_like_one_raised_in_the_hall() -> None:
    (rule,) = texts("son-la")[0].late_opinions
    assert (rule.treatment, rule.arising_at_conference, rule.assumed) == ("written_answer", True, False)


def test_a_late_opinion_in_thanh_hoa_is_treated_the_same_way_by_assumption() -> None:
    (rule,) = texts("thanh-hoa")[0].late_opinions
    assert (rule.treatment, rule.assumed) == ("written_answer", True)


# ------------------------------------------------------------------ what may be declined


@pytest.mark.parametrize(
    ("code", "name", "effect", "chair_only"),
    [
        ("son-la", "DANG_DIEU_TRA_XAC_MINH", "defer", True),
        ("hai-phong", "DA_GIAI_QUYET_BANG_VAN_BAN", "refuse", True),
        ("dien-bien", "DA_GIAI_QUYET_BANG_VAN_BAN", "refuse", False),
        ("ha-noi", "KHONG_MUC_DICH_XAY_DUNG", "refuse", True),
        ("ha-noi", "GAY_ROI_SAY_DE_DOA", "refuse", True),
        ("ha-noi", "KHIEU_NAI", "redirect", False),
        ("dien-bien", "TO_CAO", "redirect", False),
    ],
)
def test_who_may_use_a_ground_and_whether_it_refuses_or_defers(
    code: str, name: str, effect: str, chair_only: bool
) -> None:
    rule = ground(name).rule_in(texts(code)[0])
    assert rule is not None
    assert (rule.effect, rule.used_by == (Party.CHAIR,)) == (effect, chair_only)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("thanh-hoa", "DANG_DIEU_TRA_XAC_MINH"),
        ("thanh-hoa", "DA_GIAI_QUYET_BANG_VAN_BAN"),
        ("son-la", "KHONG_MUC_DICH_XAY_DUNG"),
        ("hai-phong", "GAY_ROI_SAY_DE_DOA"),
    ],
)
def test_where_the_own_text_and_the_law_are_silent_a_ground_is_an_open_assumption(code: str, name: str) -> None:
    assert ground(name).basis(code).assumed


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("name", ["KHIEU_NAI", "TO_CAO", "BI_MAT_NHA_NUOC"])
def test_complaints_denunciations_and_secrets_rest_on_a_law_in_every_province(code: str, name: str) -> None:
    assert not ground(name).basis(code).assumed


# ------------------------------------------------------------------ failure, secrecy, reports


def test_a_dialogue_that_fails_in_son_la_leaves_minutes_and_a_report_to_the_superior() -> None:
    rules = [rule for rule in texts("son-la")[0].conduct if "không thành" in rule.text]
    assert [rule.kinds for rule in rules] == [(AD_HOC,)]


def test_son_la_protects_whoever_gave_the_information() -> None:
    assert any("an toàn của người cung cấp" in rule.quote for rule in texts("son-la")[0].confidentiality)


def test_only_dien_bien_asks_for_the_list_of_officials_complained_about() -> None:
    asking = {code for code in CODES for text in texts(code) for rule in text.reports if rule.officials_annex}
    assert asking == {"dien-bien"}


def test_a_complex_matter_in_ha_noi_may_wait_when_date_and_agency_are_told_in_writing() -> None:
    (rule,) = texts("ha-noi")[0].interim
    assert (rule.says, rule.form) == (("expected_date", "responsible_agency"), "written")
