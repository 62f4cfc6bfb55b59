"""A phone number given through the platform's form: one digit decides, and silence keeps nothing."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from bot.conversation.engine import advance
from casework.effects import KeepPhone, RecordConsent, Say, Step
from casework.talk import InboundMessage, MessageKind
from tests.bot.conversation.test_engine import NOW, facts, message

GIVEN = message(MessageKind.CONTACT, phone="+84 950 000 001")


def play(*messages: InboundMessage, later: dt.timedelta = dt.timedelta()) -> list[Step]:
    """Messages of one chat, with the state through JSON between them; the last one comes `later`."""
    state: dict[str, object] = {}
    steps = []
    for number, one in enumerate(messages):
        at = NOW + (later if number == len(messages) - 1 else dt.timedelta())
        step = advance(json.loads(json.dumps(state)), one, number, facts(), at)
        state = step.state
        steps.append(step)
    return steps


def said(step: Step) -> str:
    return "\n".join(effect.reply.text for effect in step.effects if isinstance(effect, Say))


def done(step: Step) -> list[object]:
    return [effect for effect in step.effects if not isinstance(effect, Say)]


def test_the_number_is_asked_about_by_its_last_digits_and_nothing_is_kept_yet() -> None:
    (step,) = play(GIVEN)
    assert "001" in said(step)
    assert "950" not in said(step)
    assert "1. Đồng ý" in said(step)
    assert done(step) == []


def test_a_yes_records_the_consent_first_and_then_keeps_the_number() -> None:
    *_, step = play(GIVEN, message(text="1"))
    assert done(step) == [
        RecordConsent(purpose="phone", granted=True, sentence="consent.phone"),
        KeepPhone(phone="84950000001"),
    ]
    assert step.state["phone"] is None


@pytest.mark.parametrize("answer", ["2", "không", "khong"])
def test_a_no_is_recorded_and_the_number_is_gone(answer: str) -> None:
    *_, step = play(GIVEN, message(text=answer))
    assert done(step) == [RecordConsent(purpose="phone", granted=False, sentence="consent.phone")]
    assert "84950000001" not in json.dumps(step.state)


def test_a_digit_a_day_later_keeps_nothing() -> None:
    *_, step = play(GIVEN, message(text="1"), later=dt.timedelta(days=1))
    assert not any(isinstance(effect, KeepPhone | RecordConsent) for effect in step.effects)
    assert "84950000001" not in json.dumps(step.state)


def test_something_that_is_no_mobile_number_is_not_asked_about() -> None:
    for phone in (None, "", "113", "02373 852 222"):
        (step,) = play(message(MessageKind.CONTACT, phone=phone))
        assert done(step) == []
        assert "chưa dùng được" in said(step)


def test_a_number_that_is_somebody_elses_is_not_asked_about() -> None:
    step = advance({}, GIVEN, 1, facts(phone_free=lambda number: False), NOW)
    assert done(step) == []
    assert "một người khác" in said(step)
    assert "84950000001" not in json.dumps(step.state)


def test_a_thought_under_way_is_shown_again_afterwards() -> None:
    words = message(text="Đèn đường thôn 4 tắt cả tháng nay, tối đi lại sợ lắm.")
    *_, asked, answered = play(words, GIVEN, message(text="2"))
    assert "Đèn đường" not in said(asked)
    assert "Đèn đường thôn 4 tắt" in said(answered)


def test_words_instead_of_an_answer_are_a_new_thought_and_keep_nothing() -> None:
    *_, step = play(GIVEN, message(text="Đèn đường thôn 4 tắt cả tháng nay, tối đi lại sợ lắm."))
    assert not any(isinstance(effect, KeepPhone | RecordConsent) for effect in step.effects)
    assert "84950000001" not in json.dumps(step.state)
