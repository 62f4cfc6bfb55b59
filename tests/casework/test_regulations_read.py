"""How the shipped texts are read where they are silent: whom they bind, which kinds they know, what is inferred."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from casework.deadlines.calendar import official_calendar
from casework.deadlines.rules import duties
from casework.deadlines.values import ConferenceFacts, Due
from casework.regulations import applicable, national, regulation, regulations, shipped_folder
from casework.regulations.loader import read_with_faults
from casework.regulations.model import ConferenceKind, Direction, Duty, DutyRule, Party, Step, StepRule, Trigger

CALENDAR = official_calendar()
DAY = dt.date(2026, 12, 2)
#: texts written for one kind of conference only
OF_ONE_KIND = ("dien-bien", "hai-phong")


def found(
    code: str, day: dt.date, kind: ConferenceKind = ConferenceKind.PERIODIC, level: str = "xa"
) -> dict[Duty, Due]:
    """The duties of the office's own text."""
    facts = ConferenceFacts(held_on=day, kind=kind)
    return {one.duty: one for one in duties([regulation(code)], facts, CALENDAR, level=level)}


def why(code: str, duty: Duty, day: dt.date = DAY, kind: ConferenceKind = ConferenceKind.PERIODIC) -> str:
    """The explanations of one duty under the office's texts."""
    facts = ConferenceFacts(held_on=day, kind=kind)
    every = duties(applicable(code, on=day), facts, CALENDAR)
    return " ".join(one.explanation for one in every if one.duty is duty)


@pytest.mark.parametrize("code", ["ha-noi", "son-la"])
def test_a_text_for_all_levels_binds_the_province_as_it_binds_the_commune(code: str) -> None:
    commune, province = found(code, DAY), found(code, DAY, level="tinh")
    assert [(one.rule.id, one.due_on) for one in province.values()] == [
        (one.rule.id, one.due_on) for one in commune.values()
    ]
    assert all(set(rule.levels) == {"xa", "tinh"} for rule in regulation(code).frequency)


@pytest.mark.parametrize("code", OF_ONE_KIND)
def test_a_text_for_communes_binds_no_province(code: str) -> None:
    assert found(code, DAY, level="tinh") == {}


@pytest.mark.parametrize("code", OF_ONE_KIND)
@pytest.mark.parametrize("kind", [ConferenceKind.AD_HOC, ConferenceKind.ONGOING])
def test_what_a_text_says_of_the_yearly_conference_is_only_assumed_for_others(code: str, kind: ConferenceKind) -> None:
    yearly, other = found(code, DAY), found(code, DAY, kind)
    assert {duty: one.due_on for duty, one in other.items()} == {duty: one.due_on for duty, one in yearly.items()}
    assert all(one.assumed for one in other.values())
    assert not yearly[Duty.ASSIGNMENT].assumed
    steps = [rule for rule in regulation(code).steps if kind in rule.kinds]
    assert {rule.step for rule in steps} == {rule.step for rule in regulation(code).steps}
    assert all(rule.assumed for rule in steps)


def test_what_is_kept_for_other_kinds_is_no_rule_of_the_text_and_no_file_may_say_it_is(tmp_path: Path) -> None:
    text = regulation("dien-bien")
    assert any(rule.borrowed for rule in text.duties)
    assert not any(rule.borrowed for rule in text.rules())
    shipped = shipped_folder() / "dien-bien.toml"
    file = tmp_path / "x.toml"
    file.write_text(
        shipped.read_text(encoding="utf-8").replace('id = "V.3.2"', 'id = "V.3.2"\nborrowed = true', 1),
        encoding="utf-8",
    )
    faults, _ = read_with_faults(file)
    assert faults == ["quy tắc «V.3.2»: borrowed do chương trình ghi, tệp không ghi"]


def test_in_son_la_the_summary_comes_a_working_day_before_the_preparatory_meeting_whatever_the_day() -> None:
    first = dt.date(2026, 1, 20)
    for number in range(700):
        for kind in ConferenceKind:
            due = found("son-la", first + dt.timedelta(days=number), kind)
            summary, meeting = due[Duty.FRONT_SUMMARY].due_on, due[Duty.PREPARATORY_MEETING].due_on
            assert summary is not None
            assert meeting is not None
            assert summary < meeting
            assert CALENDAR.is_working_day(summary)


def test_in_son_la_the_summary_and_the_conclusion_are_the_organising_offices() -> None:
    text = regulation("son-la")
    rules: list[DutyRule | StepRule] = [
        *(rule for rule in text.duties if rule.duty in (Duty.FRONT_SUMMARY, Duty.CONCLUSION_NOTICE)),
        *(rule for rule in text.steps if rule.step in (Step.SUMMARY_SENT, Step.CONCLUSION_ISSUED)),
    ]
    assert {rule.holder for rule in rules} == {Party.ORGANISING_OFFICE}


def test_in_son_la_article_8_1_is_demanded_of_periodic_conferences_and_assumed_for_others() -> None:
    for rule in regulation("son-la").steps:
        if rule.place.startswith("Điều 8 khoản 1"):
            assert rule.assumed == (ConferenceKind.PERIODIC not in rule.kinds), rule.id
            assert rule.assumed or rule.kinds == (ConferenceKind.PERIODIC,), rule.id


def test_in_son_la_reports_go_to_the_party_committee_above_too() -> None:
    reports = {rule.report: rule.recipients for rule in regulation("son-la").reports}
    for name in ("half_year", "annual"):
        assert {Party.UPPER_PARTY, Party.UPPER_LEVEL, Party.PARTY_COMMITTEE} < set(reports[name])
    assert reports["on_demand"] == (Party.UPPER_PARTY,)


def test_in_thanh_hoa_two_conferences_are_demanded_and_the_weeks_for_them_are_assumed() -> None:
    two, weeks = (rule for rule in regulation("thanh-hoa").frequency if rule.kind == "periodic" and "xa" in rule.levels)
    assert (two.min_per_year, two.windows, two.assumed) == (2, (), False)
    assert (weeks.min_per_year, bool(weeks.windows), weeks.assumed) == (0, True, True)


def test_one_conference_a_year_in_hai_phong_is_read_out_of_the_plan_of_one_commune() -> None:
    (rule,) = regulation("hai-phong").frequency
    assert rule.assumed
    assert "xã Đường An" in rule.reason
    assert "không ràng buộc xã khác" in regulation("hai-phong").document.status


def test_a_form_stands_only_where_a_text_names_it() -> None:
    forms = {text.code: {rule.form for rule in text.duties if rule.duty is Duty.FINAL_ANSWER} for text in regulations()}
    assert forms == {
        "thanh-hoa": {"written"},
        "ha-noi": {"written"},
        "dien-bien": {"spoken_or_written"},
        "son-la": {None},
        "hai-phong": {None},
    }


def test_what_is_beyond_competence_goes_up_after_the_day_where_the_text_says_so() -> None:
    for code in OF_ONE_KIND:
        rule = found(code, DAY)[Duty.UPWARD_SUMMARY].rule
        assert (rule.direction, rule.trigger) == (Direction.AFTER, Trigger.CONFERENCE)
        assert rule.recipients == (Party.UPPER_LEVEL,)


def test_the_explanation_says_whose_text_it_is() -> None:
    assert "theo Quy định năm 2019 của Tỉnh ủy Sơn La, Điều 11" in why("son-la", Duty.QUICK_ANSWER)
    assert "theo Kế hoạch 15/KH-UBND ngày 18/7/2025 của xã Đường An, mục III.4" in why("hai-phong", Duty.ASSIGNMENT)


def test_a_fixed_day_that_is_a_day_off_is_told_without_saying_a_date_twice() -> None:
    assert (
        "văn bản ghi trước ngày 15/02/2027, nên ngày cuối là 14/02/2027; ngày ấy nghỉ (Chủ nhật) nên phải làm sớm hơn"
        in why("dien-bien", Duty.ANNUAL_REPORT)
    )
    said = why("thanh-hoa", Duty.HALF_YEAR_REPORT)
    assert "mốc là ngày 20/06/2027, ngày ấy nghỉ (Chủ nhật) nên phải làm sớm hơn" in said
    assert said.count("20/06/2027") == 1
    assert "văn bản ghi trước ngày 10/12/2026; theo" in why("son-la", Duty.ANNUAL_REPORT)


def test_an_article_whose_number_must_be_compared_says_so_where_its_date_is_explained() -> None:
    said = why("thanh-hoa", Duty.PUBLISH_RESULT)
    assert "Điều 43 (pháp luật chung của cả nước); lưu ý: " in said
    assert "số điều cần đối chiếu" in said
    assert "căn cứ tạm áp dụng" not in said


def test_in_ha_noi_an_ad_hoc_conference_is_announced_by_the_law_and_not_by_the_city() -> None:
    silent = "Quy chế kèm Quyết định 2200-QĐ/TU thì không đòi việc này với đối thoại đột xuất"
    assert silent in why("ha-noi", Duty.PUBLIC_NOTICE, kind=ConferenceKind.AD_HOC)
    assert silent not in why("ha-noi", Duty.PUBLIC_NOTICE)
    assert "không đòi" not in why("thanh-hoa", Duty.PUBLIC_NOTICE, kind=ConferenceKind.AD_HOC)


def test_the_front_keeps_the_ten_days_of_the_party_rule_for_its_own_channel_as_an_assumption() -> None:
    (rule,) = (rule for rule in national(DAY).duties if rule.duty is Duty.ACKNOWLEDGEMENT)
    assert (rule.holder, rule.assumed) == (Party.FRONT, True)
    assert "23/11/2025" in rule.place
    assert "kênh của Mặt trận" in rule.reason
