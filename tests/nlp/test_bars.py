"""What the shipped model owes on messages it has never seen: floors a little under what was measured."""

from __future__ import annotations

import random

import pytest

from benchmarks.reading import strange_text
from nlp.analysis import Kind, Level, Topic
from nlp.model.files import shipped
from nlp.training import corpus
from nlp.training.corpus import Message
from nlp.training.evaluate import Measured, in_styles, measure
from nlp.understand import Understander

#: how far behind the topic may be; a quarter of all words spelt as spoken is more than people do
STYLES = {"no-accents": 0.05, "teencode": 0.05, "regional": 0.07, "typing-errors": 0.05, "some-accents": 0.05}


@pytest.fixture(scope="module")
def reader() -> Understander:
    return Understander()


@pytest.fixture(scope="module")
def unseen() -> list[Message]:
    return corpus.held_out()


@pytest.fixture(scope="module")
def found(reader: Understander, unseen: list[Message]) -> Measured:
    """What is read of them as they were written."""
    return measure(reader.analyse, unseen)


def test_labels_of_unseen_messages(found: Measured) -> None:
    assert found.accuracy["topic"] >= 0.91
    assert found.accuracy["level"] >= 0.96
    assert found.macro_f1("kind") >= 0.92
    assert found.labels["kind"][Kind.DENUNCIATION].recall >= 0.93
    assert found.labels["kind"][Kind.COMPLAINT].recall >= 0.95
    assert found.labels["urgent"]["true"].recall >= 0.93
    assert found.labels["urgent"]["true"].precision >= 0.7


def test_what_is_not_marked_unsure_is_right(found: Measured) -> None:
    assert found.right_when_kept["topic"] >= 0.95
    assert min(found.right_when_kept[head] for head in ("kind", "level", "urgent")) >= 0.97
    assert min(found.kept.values()) >= 0.85


def test_confidence_is_honest(found: Measured) -> None:
    assert max(found.calibration_error.values()) <= 0.05


@pytest.mark.parametrize(("style", "behind"), STYLES.items())
def test_no_way_of_typing_is_far_behind(
    reader: Understander, unseen: list[Message], found: Measured, style: str, behind: float
) -> None:
    typed = measure(reader.analyse, in_styles(unseen, only=style)[style])
    assert typed.accuracy["topic"] >= found.accuracy["topic"] - behind
    assert typed.accuracy["level"] >= found.accuracy["level"] - 0.05
    assert typed.accuracy["kind"] >= found.accuracy["kind"] - 0.05


def test_the_model_beats_the_rules(reader: Understander, unseen: list[Message], found: Measured) -> None:
    assert reader.model_name == shipped().name
    alone = measure(Understander(rules_only=True).analyse, unseen)
    assert all(found.accuracy[head] > alone.accuracy[head] for head in ("kind", "topic", "level"))


def test_strange_texts_always_get_valid_labels(reader: Understander) -> None:
    """A sample; `make bench` reads a hundred thousand."""
    chance = random.Random(23)
    written = [message.text for message in corpus.held_out()]
    for _ in range(600):
        analysis = reader.analyse(strange_text(written, chance), explain=chance.random() < 0.5)
        assert analysis.kind.value in set(Kind)
        assert analysis.topic.value in set(Topic)
        assert analysis.level.value in set(Level)
        assert all(0 <= getattr(analysis, head).confidence <= 1 for head in ("kind", "topic", "level", "urgent"))
