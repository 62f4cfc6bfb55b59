"""The delivery ladder as a pure rule: each rung, each window, each wish of the person."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework.ladder import Condition, Policy, Rung, StepKind, TemplateForm, Way, ladders, next_step
from casework.ladder.climbing import after_quiet, is_quiet, mark

NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
FORM = TemplateForm(template_id="7", parameters={"ma": "code"}, price_vnd=210)
ALL = Policy(paid=True, forms={"*": FORM}, phone_forms={"*": FORM})


def way(channel: str = "zalo-oa", *, hours: float | None = 1, number: int = 1, **more: bool) -> Way:
    last = None if hours is None else NOW - dt.timedelta(hours=hours)
    return Way(
        identity_id=number,
        channel=channel,
        reachable=more.get("reachable", True),
        last_inbound_at=last,
        on=more.get("on", True),
    )


def step(own: Way | None, policy: Policy = ALL, purpose: str = "answer", **more: object):
    return next_step(Condition(purpose=purpose, now=NOW, own=own, **more), policy)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("hours", "rung"),
    [
        (0, Rung.FREE),
        (47.9, Rung.FREE),
        (48, Rung.PAID),
        (167.9, Rung.PAID),
        (168, Rung.TEMPLATE),
        (24 * 40, Rung.TEMPLATE),
        (None, Rung.TEMPLATE),
    ],
)
def test_the_window_of_an_official_account_decides_the_first_rung(hours: float | None, rung: Rung) -> None:
    found = step(way(hours=hours))
    assert (found.kind, found.rung) == (StepKind.SEND, rung)


@pytest.mark.parametrize(("hours", "asked"), [(1, False), (47.4, False), (47.6, True), (48.1, True)])
def test_the_platform_is_asked_about_the_window_when_our_clock_could_be_wrong(hours: float, asked: bool) -> None:
    assert step(way(hours=hours)).check_window is asked


def test_without_paid_messages_and_forms_it_waits_for_the_person_then_a_colleague_types_then_a_slip_is_printed() -> (
    None
):
    own, bare = way(hours=24 * 40), Policy()
    first = step(own, bare)
    assert (first.kind, first.rung, first.why) == (StepKind.WAIT, Rung.PICKUP, "window_closed")
    assert first.until == NOW + dt.timedelta(days=ladders().waits.pickup)
    passed = [mark(Rung.PICKUP, own)]
    second = step(own, bare, passed=passed)
    assert (second.kind, second.rung) == (StepKind.STAFF, Rung.CONSOLE)
    passed.append(mark(Rung.CONSOLE, own))
    third = step(own, bare, passed=passed)
    assert (third.kind, third.rung, third.until) == (StepKind.STAFF, Rung.SLIP, None)


def test_nobody_can_type_to_somebody_who_was_silent_for_more_than_a_year() -> None:
    own = way(hours=24 * 366)
    assert step(own, Policy(), passed=[mark(Rung.PICKUP, own)]).rung is Rung.SLIP


@pytest.mark.parametrize("channel", ["telegram", "zalo-bot", "terminal", "a-channel-of-tomorrow"])
def test_a_platform_without_windows_is_sent_to_however_long_ago_it_was(channel: str) -> None:
    found = step(way(channel, hours=24 * 300))
    assert (found.rung, found.check_window) == (Rung.FREE, False)


def test_whoever_left_a_channel_is_told_over_the_one_they_linked_and_agreed_to() -> None:
    gone, other = way("telegram", reachable=False), way("zalo-bot", number=2)
    found = step(gone, others=(other,), fallback=True)
    assert (found.rung, found.way) == (Rung.FREE, other)


def test_another_channel_is_not_used_without_consent_to_that() -> None:
    gone, other = way("telegram", reachable=False), way("zalo-bot", number=2)
    found = step(gone, others=(other,), fallback=False)
    assert (found.kind, found.rung, found.why) == (StepKind.WAIT, Rung.PICKUP, "unreachable")
    assert step(gone, others=(other,), fallback=False, passed=[mark(Rung.PICKUP, gone)]).rung is Rung.SLIP


def test_a_phone_number_gets_forms_only_with_consent_for_that_and_only_where_the_office_has_one() -> None:
    gone, phone = way("telegram", reachable=False), way("zalo-zbs", hours=None, number=2)
    assert step(gone, others=(phone,), phone=True).rung is Rung.TEMPLATE
    assert step(gone, others=(phone,), phone=False).rung is Rung.PICKUP
    assert step(gone, Policy(), others=(phone,), phone=True).rung is Rung.PICKUP


def test_who_does_not_want_messages_is_never_pushed_to_and_gets_a_slip_in_the_end() -> None:
    own = way(hours=1)
    assert (step(own, push=False).kind, step(own, push=False).why) == (StepKind.WAIT, "no_consent")
    assert step(own, push=False, passed=[mark(Rung.PICKUP, own)]).rung is Rung.SLIP


def test_somebody_without_a_phone_gets_a_slip_at_once_but_only_for_what_matters() -> None:
    assert step(None).rung is Rung.SLIP
    assert (step(None, purpose="agenda").kind, step(None, purpose="agenda").why) == (StepKind.WAIT, "no_channel")


def test_other_news_goes_by_any_message_but_nobody_has_to_carry_it() -> None:
    gone, other = way("telegram", reachable=False), way("zalo-bot", number=2)
    assert step(gone, purpose="agenda", others=(other,), fallback=True).way is other
    own = way(hours=24 * 40)
    assert step(own, Policy(), "agenda", passed=[mark(Rung.PICKUP, own)]).kind is StepKind.WAIT


@pytest.mark.parametrize(("purpose", "called"), [("answer", True), ("extension", True), ("agenda", False)])
def test_a_form_calls_people_only_for_what_they_must_not_miss(purpose: str, called: bool) -> None:
    assert (step(way(hours=24 * 40), purpose=purpose).rung is Rung.TEMPLATE) is called


def test_talk_and_progress_notes_never_cost_anything() -> None:
    for purpose in ("reply", "line"):
        assert step(way(hours=60), purpose=purpose).kind is StepKind.WAIT


def test_a_channel_that_is_switched_off_is_not_waited_on_as_if_it_worked() -> None:
    found = step(way("telegram", on=False))
    assert (found.kind, found.why) == (StepKind.WAIT, "channel_off")


def test_old_news_is_not_sent() -> None:
    assert step(way(), expires_at=NOW).kind is StepKind.EXPIRED
    assert step(way(), expires_at=NOW + dt.timedelta(seconds=1)).kind is StepKind.SEND


@pytest.mark.parametrize(
    ("local", "quiet"),
    [("21:29", False), ("21:30", True), ("23:59", True), ("00:00", True), ("06:04", True), ("06:05", False)],
)
def test_the_night_is_quiet_and_ends_at_six_five(local: str, quiet: bool) -> None:
    hour, minute = map(int, local.split(":"))
    moment = dt.datetime(2026, 11, 2, hour, minute, tzinfo=dt.timezone(dt.timedelta(hours=7)))
    assert is_quiet(moment, Policy()) is quiet
    morning = after_quiet(moment, Policy())
    assert not is_quiet(morning, Policy())
    assert (morning == moment) is not quiet


ways = st.builds(
    way,
    channel=st.sampled_from(["telegram", "zalo-oa", "zalo-bot", "zalo-zbs", "terminal"]),
    hours=st.none() | st.floats(0, 24 * 500),
    number=st.integers(1, 5),
    reachable=st.booleans(),
    on=st.booleans(),
)


@given(
    own=st.none() | ways,
    others=st.lists(ways, max_size=3).map(tuple),
    purpose=st.sampled_from(["answer", "agenda", "reply", "conclusion", "line", "unheard-of"]),
    push=st.booleans(),
    phone=st.booleans(),
    fallback=st.booleans(),
    policy=st.sampled_from([ALL, Policy(), Policy(paid=True), Policy(forms={"*": FORM})]),
)
def test_every_climb_ends_and_never_sends_against_the_persons_wishes(
    own, others, purpose, push, phone, fallback, policy
) -> None:
    passed: list[str] = []
    for _ in range(30):
        found = step(
            own, policy, purpose, others=others, push=push, phone=phone, fallback=fallback, passed=tuple(passed)
        )
        if found.kind is StepKind.SEND:
            assert found.way is not None
            assert found.way.reachable
            assert found.way.on
            if found.way.channel == "zalo-zbs":
                assert phone
                assert found.rung is Rung.TEMPLATE
            else:
                assert push
                assert found.way is own or fallback
        if found.until is None and found.kind is not StepKind.SEND:
            return
        new = mark(found.rung, found.way if found.kind is StepKind.SEND else own)
        assert new not in passed
        passed.append(new)
    raise AssertionError("the climb does not end")
