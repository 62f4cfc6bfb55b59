"""The situations beside this file: conferences a jurist can check with a wall calendar, and every date they lead to.

Each names all duties that are owed, those that still wait for their event, and thereby those that are not owed.
Dates were worked out by hand from the texts; on a mismatch, look at the calendar before at the program.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from casework.deadlines.calendar import official_calendar, weekday_name
from casework.deadlines.rules import due, duties
from casework.deadlines.standing import state_of
from casework.deadlines.values import ConferenceFacts, Due, DueState
from casework.regulations import NATIONAL, applicable, national, regulations
from casework.regulations.model import ConferenceKind, Trigger, Unit

CALENDAR = official_calendar()
SITUATIONS: list[dict[str, Any]] = [
    situation
    for file in sorted(Path(__file__).parent.glob("*.toml"))
    for situation in tomllib.loads(file.read_text(encoding="utf-8")).get("situation", ())
    if "conference" in situation
]
FACTS = {"conclusion_notice", "assignment_received", "file_closed", "opinion_received"}
KEYS = {"name", "regulation", "conference", "kind", "level", "waiting", "expect", *FACTS}
each = pytest.mark.parametrize(
    "situation", SITUATIONS, ids=[f"{one['regulation']}: {one['name']}" for one in SITUATIONS]
)


def dues(situation: dict[str, Any]) -> dict[str, Due]:
    """Every duty of the situation, by rule; national ones beside a province's carry their code."""
    facts = ConferenceFacts(
        held_on=situation["conference"],
        kind=ConferenceKind(situation.get("kind", "periodic")),
        conclusion_on=situation.get("conclusion_notice"),
        assignment_received_on=situation.get("assignment_received"),
        file_closed_on=situation.get("file_closed"),
    )
    own = situation["regulation"]
    texts = applicable(own, on=facts.held_on)
    received = situation.get("opinion_received")
    found = {}
    for one in duties(texts, facts, CALENDAR, level=situation.get("level", "xa")):
        text = next(text for text in texts if text.code == one.regulation)
        if one.trigger is Trigger.OPINION_RECEIVED:
            # Owed to each opinion, not by the conference: asked for where the situation has one.
            if received is None:
                continue
            one = due(one.rule, text, received, CALENDAR)
        found[one.rule.id if one.regulation == own else f"{one.regulation}:{one.rule.id}"] = one
    return found


@each
def test_the_situation_leads_to_its_dates(situation: dict[str, Any]) -> None:
    assert set(situation) <= KEYS
    found = dues(situation)
    dated = {rule: f"{one.due_on}" for rule, one in found.items() if one.due_on is not None}
    assert dated == {rule: f"{day}" for rule, day in situation["expect"].items()}
    assert {rule for rule, one in found.items() if one.due_on is None} == set(situation.get("waiting", ()))


@each
def test_the_due_day_itself_is_in_time_and_the_day_after_is_late(situation: dict[str, Any]) -> None:
    found = dues(situation)
    for rule, day in situation["expect"].items():
        duty, next_day = found[rule].duty, day + dt.timedelta(days=1)
        assert state_of(duty=duty, due_on=found[rule].due_on, on=day, met_on=day) is DueState.MET
        assert state_of(duty=duty, due_on=found[rule].due_on, on=next_day, met_on=next_day) is DueState.MET_LATE


@each
def test_the_explanation_says_the_date_it_explains_in_one_sentence(situation: dict[str, Any]) -> None:
    for one in dues(situation).values():
        assert one.explanation.endswith(".")
        assert ". " not in one.explanation
        assert one.citation in one.explanation
        assert ("căn cứ tạm áp dụng" in one.explanation) == one.assumed
        assert ("pháp luật chung" in one.explanation) == (one.regulation == NATIONAL)
        if one.due_on is None:
            assert one.explanation.startswith("Chưa có hạn")
            continue
        assert f"{weekday_name(one.due_on)} {one.due_on:%d/%m/%Y}" in one.explanation
        assert f"{one.trigger_on:%d/%m/%Y}" in one.explanation
        if one.unit is Unit.WORKING_DAY and one.trigger_on is not None:
            assert one.count + len(one.skipped) == abs((one.due_on - one.trigger_on).days)


def test_every_duty_rule_of_every_text_is_tried_in_two_situations_or_more() -> None:
    tried = Counter(
        rule if ":" in rule else f"{one['regulation']}:{rule}" for one in SITUATIONS for rule in one["expect"]
    )
    texts = [*regulations(), national(dt.date(2026, 11, 20))]
    rules = [f"{text.code}:{rule.id}" for text in texts for rule in text.duties]
    assert [rule for rule in rules if tried[rule] < 2] == []
    assert set(tried) <= set(rules)


def test_the_situations_meet_the_borders_a_calendar_has() -> None:
    days = [day for one in SITUATIONS for day in one["expect"].values()]
    assert any(day.weekday() == 5 for day in days), "a make-up Saturday that is a due day"
    assert {one["conference"].weekday() for one in SITUATIONS} == set(range(7))
    skipped = {skip.reason for one in SITUATIONS for found in dues(one).values() for skip in found.skipped}
    assert {"thứ Bảy", "Chủ nhật", "Tết Nguyên đán", "Tết Dương lịch", "ngày Văn hóa Việt Nam"} <= skipped
