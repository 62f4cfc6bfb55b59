"""What a conference owes: every demanded step and every line exactly once, and what keeps the file open."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.conference_life.checklist import (
    SETTLED,
    Item,
    ItemState,
    LateFacts,
    Life,
    LineFacts,
    LineNeed,
    blocking,
    need_of,
    owed,
    retention_of,
)
from casework.conference_life.notice_periods import missed_before, step_of
from casework.deadlines.calendar import official_calendar
from casework.deadlines.rules import duties
from casework.deadlines.values import ConferenceFacts, Due
from casework.regulations import Regulation, applicable
from casework.regulations.model import ConferenceKind, Step
from storage.records import AgendaOutcome, ConferenceState

HELD_ON = dt.date(2026, 12, 10)
CODES = ("thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong")
DAYS = st.dates(dt.date(2026, 10, 1), dt.date(2027, 3, 1))
LINES = st.builds(
    LineFacts,
    position=st.integers(1, 60),
    title=st.just("Đèn tắt"),
    outcome=st.sampled_from(list(AgendaOutcome)),
    agency=st.none() | st.just("Phòng Kinh tế"),
    due_on=st.none() | DAYS,
    answered_on=st.none() | DAYS,
    referred_to=st.none() | st.just("UBND tỉnh"),
    referral_sent_on=st.none() | DAYS,
    beyond=st.booleans(),
    asked=st.booleans(),
)
LIVES = st.builds(
    Life,
    kind=st.sampled_from(list(ConferenceKind)),
    state=st.sampled_from(list(ConferenceState)),
    held_on=st.just(HELD_ON),
    done=st.dictionaries(st.sampled_from(list(Step)), DAYS),
    lines=st.lists(LINES, max_size=6, unique_by=lambda line: line.position).map(tuple),
)


def texts(code: str) -> tuple[Regulation, ...]:
    return applicable(code, on=dt.date(2026, 11, 2))


def dues(code: str, kind: ConferenceKind = ConferenceKind.PERIODIC, closed: dt.date | None = None) -> list[Due]:
    facts = ConferenceFacts(held_on=HELD_ON, kind=kind, file_closed_on=closed)
    return duties(texts(code), facts, official_calendar())


def line(outcome: AgendaOutcome = AgendaOutcome.DEFERRED, **more: object) -> LineFacts:
    return LineFacts(position=1, title="Đèn tắt", outcome=outcome, **more)  # type: ignore[arg-type]


def life(state: ConferenceState = ConferenceState.CONCLUDED, **more: object) -> Life:
    values: dict[str, object] = {
        "kind": ConferenceKind.PERIODIC,
        "state": state,
        "held_on": HELD_ON,
        "done": {},
        **more,
    }
    return Life(**values)  # type: ignore[arg-type]


@given(code=st.sampled_from(CODES), life=LIVES, today=DAYS)
def test_every_item_is_a_step_or_a_line_and_none_comes_twice(code: str, life: Life, today: dt.date) -> None:
    items = owed(texts(code), dues(code, life.kind), life, today)
    assert all((item.step is None) != (item.line is None) for item in items)
    steps = [item.step for item in items if item.step]
    assert len(steps) == len(set(steps))
    lines = [item.line for item in items if item.line is not None]
    dead = life.state in (ConferenceState.CANCELLED, ConferenceState.FAILED)
    assert lines == ([] if dead else [line.position for line in life.lines])
    if life.state is ConferenceState.CANCELLED:
        assert items == []


@given(code=st.sampled_from(CODES), life=LIVES, today=DAYS)
def test_what_is_late_has_a_date_that_is_over_and_what_was_done_is_never_owed(
    code: str, life: Life, today: dt.date
) -> None:
    for item in owed(texts(code), dues(code, life.kind), life, today):
        if item.state is ItemState.LATE:
            assert item.due_on is not None
            assert item.due_on < today
        if item.state is ItemState.DONE_LATE:
            assert item.due_on is not None
            assert item.done_on is not None
            assert item.done_on > item.due_on
        assert (item.state in (ItemState.DONE, ItemState.DONE_LATE)) == (item.done_on is not None)
        assert item.source
        assert item.holder


@given(code=st.sampled_from(CODES), life=LIVES, today=DAYS)
def test_doing_every_step_and_answering_every_line_leaves_nothing_that_blocks(
    code: str, life: Life, today: dt.date
) -> None:
    finished = Life(
        kind=life.kind,
        state=life.state,
        held_on=life.held_on,
        done=dict.fromkeys(Step, HELD_ON),
        lines=tuple(
            LineFacts(position=one.position, title=one.title, outcome=AgendaOutcome.DEFERRED, answered_on=HELD_ON)
            for one in life.lines
        ),
    )
    assert blocking(owed(texts(code), dues(code, life.kind), finished, today)) == []


@given(code=st.sampled_from(CODES), life=LIVES, today=DAYS, step=st.sampled_from(list(Step)))
def test_doing_one_more_step_never_adds_to_what_blocks(code: str, life: Life, today: dt.date, step: Step) -> None:
    more = Life(
        kind=life.kind, state=life.state, held_on=life.held_on, done={**life.done, step: HELD_ON}, lines=life.lines
    )
    known = dues(code, life.kind)
    before = {item.what for item in blocking(owed(texts(code), known, life, today))}
    after = {item.what for item in blocking(owed(texts(code), known, more, today))}
    assert after <= before


@pytest.mark.parametrize(
    ("facts", "need"),
    [
        (line(AgendaOutcome.PENDING, answered_on=HELD_ON), LineNeed.OUTCOME),
        (line(AgendaOutcome.DECLINED), LineNeed.NOTHING),
        (line(AgendaOutcome.ANSWERED), LineNeed.ASSIGNMENT),
        (line(AgendaOutcome.ANSWERED, answered_on=HELD_ON), LineNeed.NOTHING),
        (line(), LineNeed.ASSIGNMENT),
        (line(agency="Phòng Kinh tế"), LineNeed.ANSWER),
        (line(agency="Phòng Kinh tế", answered_on=HELD_ON), LineNeed.NOTHING),
        (line(referred_to="UBND tỉnh"), LineNeed.ANSWER),
        (line(referred_to="UBND tỉnh", referral_sent_on=HELD_ON), LineNeed.UPPER_LEVEL),
        (line(asked=False), LineNeed.NOTHING),
    ],
)
def test_what_a_line_lacks(facts: LineFacts, need: LineNeed) -> None:
    assert need_of(facts) is need


def test_only_what_waits_for_another_level_lets_the_file_be_closed() -> None:
    waiting = line(referred_to="UBND tỉnh", referral_sent_on=HELD_ON)
    (item,) = [one for one in owed((), (), life(lines=(waiting,)), HELD_ON) if one.line]
    assert item.state is ItemState.OWED
    assert blocking([item]) == []
    assert blocking(owed((), (), life(lines=(line(),)), HELD_ON))


def test_the_earlier_of_two_texts_drives_and_the_other_date_is_shown() -> None:
    both = owed(texts("dien-bien"), dues("dien-bien"), life(), HELD_ON)
    notice = next(item for item in both if item.step is Step.PUBLIC_NOTICE)
    assert notice.due_on == min([notice.due_on or dt.date.max, *(other.due_on for other in notice.also)])
    assert any("Điều 43" in other.source for other in notice.also) or "Điều 43" in notice.source


def test_a_step_only_the_program_assumed_is_shown_and_does_not_block() -> None:
    items = owed(texts("thanh-hoa"), dues("thanh-hoa"), life(), HELD_ON)
    minutes = next(item for item in items if item.step is Step.MINUTES_SIGNED)
    assert "tạm hiểu" in minutes.source
    assert minutes not in blocking(items)


def test_nothing_goes_up_where_nothing_is_beyond_the_commune() -> None:
    def upward(beyond: bool) -> ItemState:
        items = owed(texts("thanh-hoa"), dues("thanh-hoa"), life(lines=(line(beyond=beyond),)), HELD_ON)
        return next(item for item in items if item.step is Step.UPWARD_SENT).state

    assert upward(False) is ItemState.NOT_NEEDED
    assert upward(True) not in SETTLED


@pytest.mark.parametrize(
    ("code", "kind", "demanded"),
    [
        ("son-la", ConferenceKind.AD_HOC, True),
        ("son-la", ConferenceKind.PERIODIC, False),
        ("ha-noi", ConferenceKind.AD_HOC, False),
        ("dien-bien", ConferenceKind.PERIODIC, False),
    ],
)
def test_a_dialogue_that_came_to_nothing_owes_minutes_and_a_report_where_the_text_says_so(
    code: str, kind: ConferenceKind, demanded: bool
) -> None:
    failed = life(ConferenceState.FAILED, kind=kind, lines=(line(),))
    items = owed(texts(code), dues(code), failed, HELD_ON)
    assert [item.step for item in items] == [Step.MINUTES_SIGNED, Step.UPWARD_REPORTED]
    assert [item.required for item in items] == [demanded] * 2
    assert all(("Điều 8 khoản 2" in item.source) is demanded for item in items)


def test_a_step_with_a_reason_for_not_being_done_blocks_no_more_and_once_done_is_done() -> None:
    why = {Step.PREPARATORY_MEETING: "bão"}

    def meeting(done: dict[Step, dt.date] | None = None) -> Item:
        items = owed(texts("son-la"), dues("son-la"), life(waived=why, done=done or {}), HELD_ON)
        return next(item for item in items if item.step is Step.PREPARATORY_MEETING)

    assert (meeting().state, meeting().waived, meeting().done_on) == (ItemState.WAIVED, "bão", None)
    done = meeting(done={Step.PREPARATORY_MEETING: dt.date(2026, 12, 1)})
    assert (done.state, done.waived) == (ItemState.DONE, None)
    assert blocking([meeting()]) == []


@pytest.mark.parametrize(("code", "blocks"), [("son-la", True), ("thanh-hoa", False)])
def test_a_late_issue_blocks_where_the_text_promises_a_written_answer(code: str, blocks: bool) -> None:
    late = LateFacts(ref="nhom:7", title="Cống tắc")
    (item,) = [one for one in owed(texts(code), dues(code), life(late=(late,)), HELD_ON) if one.issue]
    assert "chưa giao cơ quan nào" in item.what
    assert bool(blocking([item])) is blocks


@pytest.mark.parametrize(
    ("facts", "blocks"),
    [
        ({"agency": "Phòng Kinh tế"}, True),
        ({"elsewhere": "HN-2"}, True),
        ({"referred_to": "UBND tỉnh"}, True),
        ({"referred_to": "UBND tỉnh", "referral_sent_on": HELD_ON}, False),
        ({"agency": "Phòng Kinh tế", "answered_on": HELD_ON}, False),
    ],
)
def test_a_late_issue_blocks_until_it_is_answered_or_sent_up(facts: dict[str, object], blocks: bool) -> None:
    late = LateFacts(ref="nhom:7", title="Cống tắc", **facts)  # type: ignore[arg-type]
    items = owed(texts("son-la"), dues("son-la"), life(late=(late,)), HELD_ON)
    assert bool(blocking([one for one in items if one.issue])) is blocks


def test_where_no_text_says_so_no_late_issue_is_owed_a_written_answer() -> None:
    late = LateFacts(ref="nhom:7", title="Cống tắc")
    assert not [one for one in owed(texts("ha-noi"), dues("ha-noi"), life(late=(late,)), HELD_ON) if one.issue]


@pytest.mark.parametrize(("code", "kept_until"), [("dien-bien", dt.date(2032, 1, 5)), ("son-la", None)])
def test_the_file_is_kept_as_long_as_the_text_says_if_it_says(code: str, kept_until: dt.date | None) -> None:
    kept = retention_of(dues(code, closed=dt.date(2027, 1, 4)))
    if kept_until is None:
        assert kept is None
    else:
        assert kept is not None
        assert kept.due_on is not None
        assert dt.date(2032, 1, 4) <= kept.due_on <= kept_until


@given(code=st.sampled_from(CODES), early=st.integers(0, 40))
def test_a_notice_on_its_last_lawful_day_is_in_time_and_one_day_later_is_missed(code: str, early: int) -> None:
    known = dues(code)
    for due in known:
        step = step_of(due)
        if step is None or due.due_on is None or due.due_on >= HELD_ON:
            continue
        in_time = {step: due.due_on - dt.timedelta(days=early)}
        late = {step: due.due_on + dt.timedelta(days=1)}
        only = [due]
        assert missed_before(only, in_time, HELD_ON, upward=True) == ()
        assert [one.step for one in missed_before(only, late, HELD_ON, upward=True)] == [step]


def test_nothing_was_missed_upward_where_nothing_had_to_go_up() -> None:
    known = dues("thanh-hoa")
    assert Step.UPWARD_SENT in {one.step for one in missed_before(known, {}, HELD_ON, upward=True)}
    assert Step.UPWARD_SENT not in {one.step for one in missed_before(known, {}, HELD_ON, upward=False)}
