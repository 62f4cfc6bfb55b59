from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.deadlines.calendar import official_calendar
from casework.deadlines.standing import INFORMATIONAL, OPEN_STATES, STATE_WORDS, assumed_receipt, effective, state_of
from casework.deadlines.values import DueState
from casework.regulations.model import Duty

DUE = dt.date(2026, 12, 31)
DAYS = st.integers(-400, 400).map(lambda number: DUE + dt.timedelta(days=number))
ORDER = [DueState.OPEN, DueState.DUE_SOON, DueState.LATE, DueState.VERY_LATE]


def day(number: int) -> dt.date:
    return DUE + dt.timedelta(days=number)


@pytest.mark.parametrize(
    ("on", "state"),
    [
        (-4, DueState.OPEN),
        (-3, DueState.DUE_SOON),
        (0, DueState.DUE_SOON),
        (1, DueState.LATE),
        (9, DueState.LATE),
        (10, DueState.VERY_LATE),
    ],
)
def test_a_due_day_counts_to_its_end_and_lateness_grows_with_the_days(on: int, state: DueState) -> None:
    assert state_of(duty=Duty.FINAL_ANSWER, due_on=DUE, on=day(on)) is state


def test_what_has_no_date_yet_waits_however_late_it_is() -> None:
    assert state_of(duty=Duty.FINAL_ANSWER, due_on=None, on=day(400)) is DueState.WAITING


@pytest.mark.parametrize(("met", "state"), [(0, DueState.MET), (1, DueState.MET_LATE)])
def test_done_on_the_last_day_is_in_time_and_the_day_after_is_late(met: int, state: DueState) -> None:
    assert state_of(duty=Duty.FINAL_ANSWER, due_on=DUE, on=day(60), met_on=day(met)) is state


@pytest.mark.parametrize(
    ("on", "state"),
    [(1, DueState.EXTENDED), (14, DueState.EXTENDED), (15, DueState.LATE), (24, DueState.VERY_LATE)],
)
def test_an_extended_duty_is_counted_apart_until_the_new_day_is_over(on: int, state: DueState) -> None:
    assert state_of(duty=Duty.FINAL_ANSWER, due_on=DUE, extended_to=day(14), on=day(on)) is state


def test_an_extension_that_the_rule_has_overtaken_moves_nothing() -> None:
    assert effective(day(20), day(14)) == day(20)
    assert state_of(duty=Duty.FINAL_ANSWER, due_on=day(20), extended_to=day(14), on=day(16)) is DueState.OPEN


@pytest.mark.parametrize("duty", sorted(INFORMATIONAL))
def test_a_mark_people_go_by_is_never_late(duty: Duty) -> None:
    assert state_of(duty=duty, due_on=DUE, on=day(300)) is DueState.MET


@given(first=DAYS, second=DAYS, extended=st.none() | DAYS)
def test_time_alone_never_makes_a_duty_look_better(first: dt.date, second: dt.date, extended: dt.date | None) -> None:
    earlier, later = sorted((first, second))
    states = [state_of(duty=Duty.FINAL_ANSWER, due_on=DUE, extended_to=extended, on=on) for on in (earlier, later)]
    rank = [ORDER.index(DueState.OPEN if state is DueState.EXTENDED else state) for state in states]
    assert rank[0] <= rank[1] or DueState.EXTENDED in states


@given(on=DAYS, met=st.none() | DAYS, extended=st.none() | DAYS, cancelled=st.booleans())
def test_every_duty_has_one_state_with_words(
    on: dt.date, met: dt.date | None, extended: dt.date | None, cancelled: bool
) -> None:
    state = state_of(duty=Duty.INVITATION, due_on=DUE, on=on, met_on=met, extended_to=extended, cancelled=cancelled)
    assert STATE_WORDS[state]
    assert (state in OPEN_STATES) == (met is None and not cancelled)


@pytest.mark.parametrize(
    ("issued", "received"),
    [
        (dt.date(2026, 12, 22), dt.date(2026, 12, 23)),
        # The weekend and the holiday of 24 November are passed over.
        (dt.date(2026, 12, 25), dt.date(2026, 12, 28)),
        (dt.date(2026, 11, 23), dt.date(2026, 11, 25)),
    ],
)
def test_an_unconfirmed_assignment_counts_as_received_on_the_next_working_day(
    issued: dt.date, received: dt.date
) -> None:
    assert assumed_receipt(issued, official_calendar()) == received
