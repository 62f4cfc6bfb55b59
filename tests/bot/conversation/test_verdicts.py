"""A bare digit judges an answer only where just that was asked last, after the person had the answer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from bot.conversation.engine import advance
from casework.effects import AnswerFact, Facts, Fetched, GiveVerdict, Say, Step, Submit
from casework.talk import MessageKind
from tests.bot.conversation.test_engine import NOW, OPINION, facts, message

AGREED = {"process": True, "push": True, "publish": True}
ANSWER = AnswerFact(id=3, final=True, text="Đã sửa xong.", settled=None, published_at=NOW)
HOUR = dt.timedelta(hours=1)


def known(**of_answer: object) -> Facts:
    answer = replace(ANSWER, **of_answer)  # type: ignore[arg-type]
    opinion = replace(OPINION, state="answered", editable=False, answers=(answer,))
    return facts(consents=AGREED, village="t4", my_opinions=(opinion,))


def judged(step: Step) -> bool:
    return any(isinstance(effect, GiveVerdict) for effect in step.effects)


def said(step: Step) -> str:
    return "\n".join(effect.reply.text for effect in step.effects if isinstance(effect, Say))


def test_a_digit_after_the_question_judges() -> None:
    assert judged(advance({}, message(text="2"), 1, known(shown_at=NOW, asked_at=NOW), NOW + HOUR))


def test_a_digit_of_somebody_who_never_saw_the_answer_shows_it() -> None:
    step = advance({}, message(text="1"), 1, known(waits=True), NOW)
    assert not judged(step)
    assert "Đã sửa xong." in said(step)
    assert any(isinstance(effect, Fetched) for effect in step.effects)
    step = advance(step.state, message(text="1"), 2, known(shown_at=NOW), NOW + HOUR)
    assert judged(step), "now it was shown and asked"


def test_the_digit_that_brings_the_answer_neither_judges_nor_adds_a_second_message() -> None:
    for digit in "12":
        step = advance({}, message(text=digit), 1, known(going_out=True), NOW)
        assert not judged(step)
        assert said(step) == ""


def test_a_second_one_right_after_sending_judges_no_old_answer() -> None:
    old = known(shown_at=NOW - 100 * HOUR, asked_at=NOW - 100 * HOUR)
    step = advance({}, message(text="Rác ở chợ thôn 4 chất đống hôi lắm"), 1, old, NOW)
    assert step.wake_at is not None
    step = advance(step.state, message(kind=MessageKind.WAKE), None, old, step.wake_at)
    step = advance(step.state, message(text="1"), 2, old, NOW + HOUR / 60)
    assert any(isinstance(effect, Submit) for effect in step.effects)
    step = advance(step.state, message(text="1"), 3, old, NOW + HOUR / 50)
    assert not judged(step)


def test_words_are_about_an_answer_only_when_it_was_read_before_they_were_written() -> None:
    step = advance({}, message(text="Chưa xong đâu, đường thôn 4 vẫn lầy lội"), 1, known(going_out=True), NOW)
    assert step.wake_at is not None
    came = known(shown_at=NOW + HOUR / 1000, asked_at=NOW + HOUR / 1000)
    assert "Đây là về câu trả lời" not in said(wake(step, came))
    step = advance({}, message(text="Chưa xong đâu, đường thôn 4 vẫn lầy lội"), 1, came, NOW + HOUR)
    assert "Đây là về câu trả lời" in said(wake(step, came))


def test_who_writes_on_without_having_seen_the_answer_is_shown_it() -> None:
    step = advance({}, message(text="Đường thôn 4 vẫn lầy lội"), 1, known(waits=True), NOW)
    step = wake(step, known(waits=True))
    assert "Đã sửa xong." in said(step)
    assert "Đây là về câu trả lời" not in said(step)


def wake(step: Step, fact: Facts) -> Step:
    assert step.wake_at is not None
    return advance(step.state, message(kind=MessageKind.WAKE), None, fact, step.wake_at)
