"""What a message corrected by staff teaches: what a person said, never the program's guesses beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nlp.analysis import Kind, Level, Topic
from nlp.model import files
from nlp.training import build, corpus
from nlp.training.corpus import Message

SAID = Message(
    text="Trạm xá hết thuốc từ đầu tháng, người già phải đi xa mua.",
    kind=Kind.OPINION,
    topic=Topic.HEALTH,
    level=Level.COMMUNE,
    urgent=False,
    author="correction",
    taught=frozenset({"topic"}),
)
GUESSED_OTHERWISE = replace(SAID, kind=Kind.DENUNCIATION, level=Level.CENTRAL, urgent=True)


def _trained(folder: Path, correction: Message) -> tuple[bytes, bytes]:
    messages = corpus.messages()
    build.train(messages[::60], (), messages[5::300], folder, name="small", corrections=[correction] * 5)
    return (folder / files.WEIGHTS).read_bytes(), (folder / files.MANIFEST).read_bytes()


def test_guesses_beside_a_correction_change_nothing(tmp_path: Path) -> None:
    one = _trained(tmp_path / "one", SAID)
    assert one == _trained(tmp_path / "two", GUESSED_OTHERWISE)
    assert one[0] != _trained(tmp_path / "three", replace(SAID, topic=Topic.EDUCATION))[0]
