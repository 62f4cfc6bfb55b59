"""A thought spread over several messages, with the silences people really make between them."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bot.conversation.engine import advance
from casework.effects import Facts, LinkFact, LinkStanding, Submit, VillageFact
from casework.talk import InboundMessage, MessageKind
from nlp.analysis import Kind
from nlp.places import Gazetteer
from nlp.understand import Understander

ROOT = Path(__file__).parents[3]
FOLDERS = {
    "tan-minh": (ROOT / "tests" / "nlp" / "data", "tan_minh_"),
    "dev-phuong": (ROOT / "nlp" / "corpus" / "communes" / "dev-phuong", ""),
    "dev-ven-bien": (ROOT / "nlp" / "corpus" / "communes" / "dev-ven-bien", ""),
    "test-dong-bang": (ROOT / "nlp" / "corpus" / "communes" / "test-dong-bang", ""),
    "test-mien-nui": (ROOT / "nlp" / "corpus" / "communes" / "test-mien-nui", ""),
    "test-mien-tay": (ROOT / "nlp" / "corpus" / "communes" / "test-mien-tay", ""),
}


def _rows(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    return {row["id"]: row for row in map(json.loads, lines)}


def _thoughts(folder: Path, prefix: str) -> list[list[dict[str, Any]]]:
    """Messages of each thought that was sent in several, in order."""
    sent, labels = _rows(folder, f"{prefix}intake.jsonl"), _rows(folder, f"{prefix}labels.jsonl")
    following = {row["continues"]: key for key, row in labels.items() if row["continues"]}
    firsts = [key for key in following if not labels[key]["continues"]]
    thoughts = []
    for first in firsts:
        chain = [first]
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        thoughts.append([sent[key] for key in chain])
    return thoughts


@pytest.mark.parametrize("name", FOLDERS)
def test_the_messages_of_one_thought_end_up_in_one_draft(name: str) -> None:
    folder, prefix = FOLDERS[name]
    places = folder / f"{prefix}places.toml"
    gazetteer = Gazetteer.from_toml(tomllib.loads(places.read_text(encoding="utf-8")))
    understander = Understander(gazetteer)
    thoughts = _thoughts(folder, prefix)
    assert thoughts
    for thought in thoughts:
        draft, submitted = _talk(thought, gazetteer, understander)
        told = [row["text"] for row in thought if understander.analyse(row["text"]).kind.value != Kind.NOT_AN_OPINION]
        whole = [text for text in (draft, *submitted) if all(one in text for one in told)]
        assert whole, (told, draft, submitted)


def _talk(thought: list[dict[str, Any]], gazetteer: Gazetteer, understander: Understander) -> tuple[str, list[str]]:
    """What stands in the draft and what was submitted when everything was said and silence followed."""
    facts = _facts(gazetteer, understander)
    state: dict[str, Any] = {}
    submitted: list[str] = []
    wake: dt.datetime | None = None

    def step(message: InboundMessage, entry: int | None, now: dt.datetime) -> dt.datetime | None:
        nonlocal state
        done = advance(state, message, entry, facts, now)
        state = done.state
        submitted.extend(effect.text for effect in done.effects if isinstance(effect, Submit))
        return done.wake_at

    for entry, row in enumerate(thought, start=1):
        now = dt.datetime.fromisoformat(row["sent_at"])
        if wake is not None and wake <= now:
            step(_message(MessageKind.WAKE, "", wake), None, wake)
        wake = step(_message(MessageKind.TEXT, row["text"], now), entry, now)
    if wake is not None:
        step(_message(MessageKind.WAKE, "", wake), None, wake)
    return "\n".join(piece["text"] for piece in state["pieces"]), submitted


def _message(kind: MessageKind, text: str, now: dt.datetime) -> InboundMessage:
    return InboundMessage(
        kind=kind, text=text, sent_at=now, channel="terminal", account="local", chat_id="c", sender_id="c"
    )


def _facts(gazetteer: Gazetteer, understander: Understander) -> Facts:
    return Facts(
        office_name="xã mẫu",
        office_contact="",
        next_conference=None,
        villages=(VillageFact(code="t1", name="thôn 1"),),
        village="t1",
        consents={"process": True, "push": True, "publish": True},
        my_opinions=(),
        held_opinions=(),
        named_opinion=None,
        unknown_code=False,
        fresh_code="K7P4MX",
        understand=understander.analyse,
        village_named=lambda text: None,
        buttons=True,
        fresh_link_code=lambda: "LK7KP4MXW2H",
        link_of=lambda code_hash: LinkFact(standing=LinkStanding.UNUSABLE),
    )
