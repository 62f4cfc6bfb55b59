"""The shipped texts: each rule has its source, and says what the fact sheet of the project says."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.errors import InvalidInput
from casework.grounds import grounds
from casework.regulations import NATIONAL, Regulation, applicable, library, national, regulation, regulations
from casework.regulations.loader import QUOTE_WORDS
from casework.regulations.model import ConferenceKind, Duty, Rule, Step, Trigger, Unit
from casework.regulations.reading import programme_for

TEXTS = library().texts
RULES = [pytest.param(text, rule, id=f"{text.code} {rule.id}") for text in TEXTS for rule in text.rules()]
DAY = dt.date(2026, 12, 22)


@pytest.mark.parametrize(("text", "rule"), RULES)
def test_every_rule_has_a_place_and_a_short_quote_or_says_why_it_has_none(text: Regulation, rule: Rule) -> None:
    assert rule.place.strip()
    assert len(rule.quote.split()) <= QUOTE_WORDS
    assert rule.quote or rule.reason
    assert not rule.assumed or rule.reason.endswith(".")
    assert text.citation(rule).endswith(rule.place)


def test_people_choose_among_five_texts_and_the_country_stands_apart() -> None:
    assert [text.code for text in regulations()] == ["thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong"]
    assert national(DAY).code == NATIONAL


def test_a_conference_is_bound_by_its_own_text_and_since_two_tier_government_by_the_law_for_communes() -> None:
    assert [text.code for text in applicable("son-la", on=dt.date(2025, 6, 30))] == ["son-la"]
    assert [text.code for text in applicable("son-la", on=dt.date(2025, 7, 1))] == ["son-la", NATIONAL]


def test_a_day_before_the_first_version_and_a_version_nobody_has_are_refused_with_what_there_is() -> None:
    with pytest.raises(InvalidInput, match=r"24/05/2017.*bản 2017: từ 25/05/2017"):
        regulation("ha-noi", on=dt.date(2017, 5, 24))
    assert regulation("ha-noi", on=dt.date(2017, 5, 25)).version == "2017"
    with pytest.raises(InvalidInput, match=r"không có bản «2030».*2017"):
        regulation("ha-noi", version="2030")
    with pytest.raises(InvalidInput, match=r"«sao-hoa».*thanh-hoa, ha-noi"):
        regulation("sao-hoa")


def test_every_text_says_steps_programme_chair_forms_and_topics() -> None:
    for text in regulations():
        for table in ("duties", "frequency", "steps", "programme", "chair", "forms", "topics", "intake", "tasks"):
            assert getattr(text, table), (text.code, table)


PERIODS = [
    ("thanh-hoa", Duty.FRONT_SUMMARY, 7, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("thanh-hoa", Duty.CONCLUSION_NOTICE, 10, Unit.WORKING_DAY, Trigger.CONFERENCE, True),
    ("thanh-hoa", Duty.QUICK_ANSWER, 10, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("thanh-hoa", Duty.FINAL_ANSWER, 20, Unit.WORKING_DAY, Trigger.CONCLUSION_NOTICE, False),
    ("ha-noi", Duty.INVITATION, 7, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    ("ha-noi", Duty.CONCLUSION_NOTICE, 10, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("ha-noi", Duty.FINAL_ANSWER, 30, Unit.WORKING_DAY, Trigger.CONCLUSION_NOTICE, False),
    ("dien-bien", Duty.CONCLUSION_NOTICE, 5, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    ("dien-bien", Duty.FINAL_ANSWER, 15, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("dien-bien", Duty.DEBRIEF, 5, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    ("dien-bien", Duty.UPWARD_SUMMARY, 5, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    ("dien-bien", Duty.RETENTION, 5, Unit.YEAR, Trigger.FILE_CLOSED, False),
    ("son-la", Duty.INVITATION, 5, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("son-la", Duty.PREPARATORY_MEETING, 5, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    ("son-la", Duty.OPINION_CUTOFF, 5, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    ("son-la", Duty.FINAL_ANSWER, 15, Unit.WORKING_DAY, Trigger.ASSIGNMENT_RECEIVED, False),
    ("hai-phong", Duty.ASSIGNMENT, 5, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("hai-phong", Duty.DEBRIEF, 5, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("hai-phong", Duty.UPWARD_SUMMARY, 5, Unit.WORKING_DAY, Trigger.CONFERENCE, False),
    ("hai-phong", Duty.FINAL_ANSWER, 15, Unit.WORKING_DAY, Trigger.ASSIGNMENT_RECEIVED, True),
    (NATIONAL, Duty.PUBLIC_NOTICE, 7, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    (NATIONAL, Duty.PUBLISH_RESULT, 10, Unit.CALENDAR_DAY, Trigger.CONFERENCE, False),
    (NATIONAL, Duty.ACKNOWLEDGEMENT, 10, Unit.WORKING_DAY, Trigger.OPINION_RECEIVED, True),
]


@pytest.mark.parametrize(("code", "duty", "count", "unit", "trigger", "assumed"), PERIODS)
def test_the_periods_a_commune_keeps(
    code: str, duty: Duty, count: int, unit: Unit, trigger: Trigger, assumed: bool
) -> None:
    rule = next(
        rule
        for rule in regulation(code).duties
        if rule.duty is duty and "xa" in rule.levels and ConferenceKind.PERIODIC in rule.kinds
    )
    assert (rule.count, rule.unit, rule.trigger, rule.assumed) == (count, unit, trigger, assumed)


def test_no_commune_conference_meets_two_periods_of_one_text_for_one_duty() -> None:
    for text in TEXTS:
        for kind in ConferenceKind:
            for level in ("xa", "tinh"):
                found = [rule.duty for rule in text.duties if kind in rule.kinds and level in rule.levels]
                assert len(found) == len(set(found)), (text.code, kind, level)


def test_an_ad_hoc_conference_under_the_thanh_hoa_text_announces_its_one_matter() -> None:
    texts = applicable("thanh-hoa", on=DAY)
    periodic = [item.id for item in programme_for(texts, ConferenceKind.PERIODIC)]
    ad_hoc = [item.id for item in programme_for(texts, ConferenceKind.AD_HOC)]
    assert "ct-2-dinh-ky" in periodic
    assert "ct-2-dinh-ky" not in ad_hoc
    assert "ct-2-dot-xuat" in ad_hoc


def test_no_programme_where_no_text_gives_one() -> None:
    assert programme_for([national(DAY)], ConferenceKind.PERIODIC) == ()


def test_the_grounds_of_the_texts_are_on_the_closed_list() -> None:
    assert {rule.ground for text in TEXTS for rule in text.grounds} <= {ground.code for ground in grounds()}


def test_the_file_of_a_conference_in_dien_bien_holds_every_opinion_collected() -> None:
    rule = next(rule for rule in regulation("dien-bien").steps if rule.step is Step.FILE_CLOSED)
    assert "tất cả ý kiến thu thập được" in rule.parts
