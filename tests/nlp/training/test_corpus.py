"""The corpus holds what its datasheet says: enough, in every corner of the label scheme, and nothing twice."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

from nlp.analysis import Kind, Level, Topic
from nlp.normalise import fold
from nlp.training import corpus
from nlp.training.corpus import Message
from tests.nlp.conftest import rows

#: share of the shorter text's three-word runs that another text may hold
_ALIKE = 0.5
_WORD = re.compile(r"\w+")


@pytest.fixture(scope="module")
def messages() -> list[Message]:
    return corpus.messages()


def test_it_is_large_enough_and_no_text_stands_twice(messages: list[Message]) -> None:
    texts = {fold(message.text) for message in messages}
    assert len(texts) == len(messages) >= 8_000


def test_every_topic_has_every_kind_and_level_that_makes_sense(messages: list[Message]) -> None:
    kinds = Counter((message.topic, message.kind) for message in messages)
    levels = Counter((message.topic, message.level) for message in messages)
    for topic in set(Topic) - {Topic.OTHER}:
        assert kinds[topic, Kind.OPINION] >= 250
        assert kinds[topic, Kind.COMPLAINT] >= 28
        assert kinds[topic, Kind.DENUNCIATION] >= 28
        assert all(levels[topic, level] >= 20 for level in (Level.COMMUNE, Level.PROVINCE, Level.CENTRAL))
    assert kinds[Topic.OTHER, Kind.NOT_AN_OPINION] >= 250


def test_what_is_no_opinion_has_no_topic_no_level_above_and_no_hurry(messages: list[Message]) -> None:
    for message in messages:
        if message.kind == Kind.NOT_AN_OPINION:
            assert (message.topic, message.level, message.urgent) == (Topic.OTHER, Level.COMMUNE, False), message.text


def test_all_regions_ages_and_lengths_speak(messages: list[Message]) -> None:
    total = len(messages)
    regions, ages = Counter(m.region for m in messages), Counter(m.age for m in messages)
    assert min(regions[region] for region in "btn") >= 0.1 * total
    assert min(ages[age] for age in "tvg") >= 0.1 * total
    lengths = [len(message.text.split()) for message in messages]
    assert sum(length <= 12 for length in lengths) >= 0.08 * total
    assert sum(length >= 36 for length in lengths) >= 0.1 * total
    assert min(lengths) >= 1
    assert max(lengths) <= 260


def test_texts_are_composed_and_name_no_real_phone(messages: list[Message]) -> None:
    for message in messages:
        assert unicodedata.is_normalized("NFC", message.text)
        for number in re.findall(r"(?<!\d)0[35789]\d{8}(?!\d)", re.sub(r"[ .]", "", message.text)):
            assert number.startswith("095"), message.text


def test_every_message_belongs_to_a_matter_of_the_catalogue(messages: list[Message]) -> None:
    known = set(catalogue())
    assert {message.issue for message in messages} <= known


def test_the_catalogue_covers_each_topic_with_matters_phrases_and_messages(messages: list[Message]) -> None:
    per_issue = Counter(message.issue for message in messages)
    for file in topic_files():
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        topic = table["topic"]
        phrases = {*table["words"], *(word for issue in table["issue"] for word in issue["words"])}
        assert len(phrases) >= 80, topic
        told = [issue for issue in table["issue"] if per_issue[f"{topic}/{issue['id']}"] >= 5]
        assert len(told) >= 15, topic
        for issue in table["issue"]:
            assert all(issue.get(key) for key in ("name", "body", "object", "problem")), (topic, issue["id"])


def test_no_message_is_a_near_copy_of_another_or_of_a_test_message(messages: list[Message]) -> None:
    others = [row["text"] for name in ("labelled_examples.jsonl", "tan_minh_intake.jsonl") for row in rows(name)]
    others += [message.text for message in corpus.held_out()]
    copies = list(near_copies([message.text for message in messages], others))
    assert copies == []


def near_copies(texts: list[str], others: list[str]) -> Iterator[tuple[str, str]]:
    """Pairs of a text and an earlier one (or one of `others`) that share too many runs of three words."""
    runs = [_runs(text) for text in (*others, *texts)]
    everything = [*others, *texts]
    where: dict[str, list[int]] = defaultdict(list)
    for number, own in enumerate(runs):
        if number >= len(others) and len(own) >= 4:
            shared = Counter(earlier for run in own for earlier in where[run])
            for earlier, count in shared.items():
                if count >= 3 and count > _ALIKE * min(len(own), len(runs[earlier])) and len(runs[earlier]) >= 4:
                    yield everything[number], everything[earlier]
        for run in own:
            where[run].append(number)


def _runs(text: str) -> frozenset[str]:
    words = _WORD.findall(fold(text))
    return frozenset(" ".join(words[at : at + 3]) for at in range(len(words) - 2))


def topic_files() -> list[Path]:
    return sorted(Path(str(files("nlp") / "lexicon" / "topics")).glob("*.toml"))


def catalogue() -> Iterator[str]:
    for file in (*topic_files(), Path(str(files("nlp") / "corpus" / "khac.toml"))):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        yield from (f"{table.get('topic', 'khac')}/{issue['id']}" for issue in table["issue"])


def test_a_line_that_is_no_message_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "messages" / "a1"
    folder.mkdir(parents=True)
    (folder / "dat-dai.txt").write_text("@ first-book\ny x - b g | một dòng đúng\ny x b g | thiếu một nhãn\n", "utf-8")
    with pytest.raises(ValueError, match=r"a1/dat-dai\.txt, dòng 3"):
        corpus.messages(tmp_path)


def test_a_message_without_a_matter_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "messages" / "a1"
    folder.mkdir(parents=True)
    (folder / "dat-dai.txt").write_text("y x - b g | chưa có việc nào\n", "utf-8")
    with pytest.raises(ValueError, match="dòng 1"):
        corpus.messages(tmp_path)
