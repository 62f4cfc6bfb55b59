"""A candidate is refused when it is worse anywhere it matters, and accepted when it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nlp.analysis import Analysis, Judgement, Kind, MadeBy
from nlp.training import corpus
from nlp.training.compare import compare
from nlp.training.corpus import Message
from nlp.training.evaluate import measure

MESSAGES = corpus.messages()[::97]
BY_TEXT = {message.text: message for message in MESSAGES}


def judged(value: str, confidence: float = 0.9) -> Judgement:
    return Judgement(value=value, confidence=confidence, made_by=MadeBy.MODEL)


def perfect(text: str) -> Analysis:
    """Knows the messages as written; noisy ones it takes for an opinion on nothing."""
    message = BY_TEXT.get(text)
    if message is None:
        return analysis_of(kind=Kind.OPINION, topic="khac", level="xa", urgent="false")
    return analysis_of(kind=message.kind, topic=message.topic, level=message.level, urgent=str(message.urgent).lower())


def analysis_of(**labels: str) -> Analysis:
    return Analysis(**{name: judged(value) for name, value in labels.items()})  # type: ignore[arg-type]


def test_a_reader_is_as_good_as_itself() -> None:
    assert compare(perfect, perfect, MESSAGES).accepted


def test_a_reader_that_loses_denunciations_is_refused() -> None:
    def deaf(text: str) -> Analysis:
        found = perfect(text)
        return replace(found, kind=judged(Kind.OPINION)) if found.kind.value == Kind.DENUNCIATION else found

    comparison = compare(perfect, deaf, MESSAGES)
    assert not comparison.accepted
    assert any(row.worse and row.what == "to-cao recall" for row in comparison.rows)


def test_a_reader_that_is_sure_of_what_is_wrong_is_refused() -> None:
    def boastful(text: str) -> Analysis:
        found = perfect(text)
        wrong = judged("khac", 0.99) if BY_TEXT.get(text) and len(text) % 5 == 0 else found.topic
        return replace(found, topic=wrong)

    worse = {row.what for row in compare(perfect, boastful, MESSAGES).rows if row.worse}
    assert {"topic", "topic sure and right"} <= worse


def test_a_reader_that_is_better_is_accepted() -> None:
    def weak(text: str) -> Analysis:
        return replace(perfect(text), topic=judged("khac", 0.5))

    assert compare(weak, perfect, MESSAGES).accepted


def test_measuring_counts_by_hand() -> None:
    two = [
        Message(text="a", kind="y-kien", topic="dat-dai", level="xa", urgent=True),
        Message(text="b", kind="to-cao", topic="dat-dai", level="tinh", urgent=False),
    ]
    found = measure(lambda _: analysis_of(kind="y-kien", topic="dat-dai", level="xa", urgent="false"), two)
    assert found.accuracy == {"kind": 0.5, "topic": 1.0, "level": 0.5, "urgent": 0.5}
    assert found.labels["kind"]["to-cao"].recall == 0.0
    assert found.labels["kind"]["y-kien"].precision == 0.5
    assert found.macro_f1("kind") == pytest.approx((2 / 3 + 0) / 2)
    assert found.calibration_error["kind"] == pytest.approx(0.4)
