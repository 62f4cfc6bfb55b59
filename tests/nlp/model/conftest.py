"""A small model made once for all tests here: few messages, so that making it takes seconds."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from nlp.training import build, corpus
from nlp.training.corpus import Message

#: of what the small model does not learn
CALIBRATION = corpus.messages()[5::53]


def sample() -> tuple[list[Message], list[Message]]:
    """Thirty messages of each topic and some phrases."""
    chance = random.Random(11)
    messages, phrases = corpus.messages(), corpus.phrases()
    by_topic: dict[str, list[Message]] = {}
    for message in messages:
        by_topic.setdefault(message.topic, []).append(message)
    chosen = [message for topic in sorted(by_topic) for message in chance.sample(by_topic[topic], 30)]
    return chosen, chance.sample(phrases, 200)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """The folder of the model and its manifest."""
    folder = tmp_path_factory.mktemp("small") / "model"
    messages, phrases = sample()
    return folder, build.train(messages, phrases, CALIBRATION, folder, name="small")
