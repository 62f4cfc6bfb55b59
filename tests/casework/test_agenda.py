from __future__ import annotations

import datetime as dt
from dataclasses import replace
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from casework.agenda import COUNTED, Issue, Voice, count_people, is_late, line_of, rank
from casework.topics import FIELD_OF_TOPIC, LEVEL_NAMES, TOPIC_NAMES, TOPIC_ORDER
from nlp.analysis import Level, Topic
from storage.records import OpinionState

MONDAY = dt.datetime(2026, 11, 2, 1, tzinfo=dt.UTC)


@st.composite
def issues(draw: st.DrawFn) -> list[Issue]:
    made = []
    for group_id in range(1, draw(st.integers(0, 6)) + 1):
        voices = tuple(
            Voice(
                opinion_id=group_id * 100 + number,
                citizen_id=draw(st.none() | st.integers(1, 4)),
                state=draw(st.sampled_from(OpinionState)),
                submitted_at=MONDAY + dt.timedelta(hours=draw(st.integers(0, 50))),
                urgent=draw(st.booleans()),
                sealed=draw(st.booleans()),
                late=draw(st.booleans()),
            )
            for number in range(draw(st.integers(0, 5)))
        )
        made.append(Issue(group_id=group_id, urgent=draw(st.booleans()), voices=voices))
    return made


def voice(opinion_id: int = 1, citizen_id: int | None = 1, **changes: object) -> Voice:
    plain = Voice(opinion_id=opinion_id, citizen_id=citizen_id, state=OpinionState.APPROVED, submitted_at=MONDAY)
    return replace(plain, **changes)  # type: ignore[arg-type]


@given(issues(), st.randoms(use_true_random=False))
def test_the_ranking_does_not_depend_on_the_order_of_issues_or_voices(made: list[Issue], random: Random) -> None:
    shuffled = [replace(issue, voices=tuple(reversed(issue.voices))) for issue in made]
    random.shuffle(shuffled)
    assert rank(shuffled) == rank(made)


@given(issues())
def test_every_urgent_line_stands_before_every_other(made: list[Issue]) -> None:
    flags = [line.urgent for line in rank(made)]
    assert flags == sorted(flags, reverse=True)


@given(issues())
def test_among_lines_of_one_urgency_more_people_never_stand_lower(made: list[Issue]) -> None:
    for urgent in (True, False):
        people = [line.people for line in rank(made) if line.urgent is urgent]
        assert people == sorted(people, reverse=True)


@given(issues(), st.data())
def test_one_more_person_never_moves_a_line_down(made: list[Issue], data: st.DataObject) -> None:
    before = [line.group_id for line in rank(made)]
    if not before:
        return
    chosen = data.draw(st.sampled_from(before))
    newcomer = voice(opinion_id=9_999, citizen_id=77, submitted_at=MONDAY + dt.timedelta(days=9))
    grown = [replace(issue, voices=(*issue.voices, newcomer)) if issue.group_id == chosen else issue for issue in made]
    after = [line.group_id for line in rank(grown)]
    assert after.index(chosen) <= before.index(chosen)


@given(issues())
def test_withdrawn_declined_referred_sealed_and_late_ones_are_neither_counted_nor_listed(made: list[Issue]) -> None:
    listed = {opinion_id for line in rank(made) for opinion_id in line.opinion_ids}
    for issue in made:
        for one in issue.voices:
            counts = one.state in COUNTED and not one.sealed and not one.late
            assert (one.opinion_id in listed) is counts


def test_a_person_who_writes_five_times_is_one_person() -> None:
    assert count_people([voice(opinion_id=number, citizen_id=3) for number in range(5)]) == 1


def test_each_voice_without_an_identity_is_one_person() -> None:
    assert count_people([voice(1, None), voice(2, None), voice(3, 8)]) == 3


def test_of_two_equal_lines_the_one_asked_first_comes_first() -> None:
    younger = Issue(group_id=1, voices=(voice(1, 1, submitted_at=MONDAY + dt.timedelta(hours=1)),))
    older = Issue(group_id=2, voices=(voice(2, 2),))
    assert [line.group_id for line in rank([younger, older])] == [2, 1]


def test_an_issue_nobody_stands_behind_makes_no_line() -> None:
    assert line_of(Issue(group_id=1, voices=(voice(state=OpinionState.WITHDRAWN),))) is None


def test_an_opinion_of_the_cutoff_day_is_in_time_and_one_of_the_next_day_is_late() -> None:
    cutoff = dt.date(2026, 11, 13)
    assert not is_late(cutoff, cutoff)
    assert is_late(cutoff + dt.timedelta(days=1), cutoff)
    assert not is_late(dt.date(2030, 1, 1), None)


def test_every_topic_and_level_has_a_name_a_field_and_a_place() -> None:
    assert set(TOPIC_NAMES) == set(FIELD_OF_TOPIC) == set(TOPIC_ORDER) == set(Topic)
    assert set(LEVEL_NAMES) == set(Level)
