"""Imaginary residents who write what the sample says, and answer the bot as people do: by button, digit or word."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Any

from casework.talk import Button

PACKAGE = "admin_cli.demo.tan_minh"


@dataclass(frozen=True, kw_only=True)
class Record:
    """One message of the sample, with what a careful reader says of it."""

    id: str
    channel: str
    sender: str
    sent_at: dt.datetime
    text: str
    kind: str
    topic: str
    level: str
    urgent: bool
    group: str
    continues: str | None
    tags: tuple[str, ...]


def read_sample(name: str) -> str:
    """A file of the sample."""
    return resources.files(PACKAGE).joinpath(name).read_text(encoding="utf-8")


def records() -> list[Record]:
    """The sample's messages in the order they were sent."""
    labels = {label["id"]: label for label in map(json.loads, read_sample("labels.jsonl").splitlines())}
    return [_record(json.loads(line), labels) for line in read_sample("intake.jsonl").splitlines()]


def _record(message: dict[str, Any], labels: dict[str, dict[str, Any]]) -> Record:
    label = labels[message["id"]]
    return Record(
        id=message["id"],
        channel=message["channel"],
        sender=message["sender"],
        sent_at=dt.datetime.fromisoformat(message["sent_at"]),
        text=message["text"],
        kind=label["kind"],
        topic=label["topic"],
        level=label["level"],
        urgent=label["urgent"],
        group=label["group"],
        continues=label["continues"],
        tags=tuple(label["tags"]),
    )


#: beginnings of the labels these residents choose, the most wanted first
PREFERRED = (
    "Phải, gửi cho cán bộ",
    "Ghép vào ý kiến",
    "Đúng, gửi đi",
    "Cứ giữ lại",
    "Rút",
    "Gửi luôn",
    "Không, đây là việc khác",
)


@dataclass(frozen=True, kw_only=True)
class Resident:
    """One sender of the sample. What cannot be read from the sample follows from the sender's name, so that every
    performance of the play is the same."""

    sender: str

    @property
    def number(self) -> int:
        return zlib.crc32(self.sender.encode())

    @property
    def taps(self) -> bool:
        """Whether this resident taps buttons; the others type."""
        return self.number % 3 == 0

    @property
    def allows_push(self) -> bool:
        return self.number % 9 != 4

    @property
    def blocks_us(self) -> bool:
        """A few block the bot after having asked."""
        return self.number % 23 == 5

    @property
    def comes_when_called(self) -> bool:
        """Whether a form that says there is news makes this resident write again."""
        return self.number % 4 != 2

    def choose(self, question: str, buttons: Sequence[Button]) -> Button | None:
        """Which of the offered buttons to choose; None leaves the question alone."""
        labels = [button.label.partition(". ")[2] for button in buttons]
        wanted = self._wanted(question, labels)
        return None if wanted is None else buttons[wanted]

    def _wanted(self, question: str, labels: list[str]) -> int | None:
        if labels[:2] == ["Đồng ý", "Không"]:
            refuses = "gửi vào máy này" in question and not self.allows_push
            return 1 if refuses else 0
        if labels[0].startswith("thôn "):
            return self.number % (len(labels) - 1)
        for start in (
            "Phải, gửi cho cán bộ",
            "Ghép vào ý kiến",
            "Đúng, gửi đi",
            "Cứ giữ lại",
            "Rút",
            "Gửi luôn",
            "Không, đây là việc khác",
        ):
            for index, label in enumerate(labels):
                if label.startswith(start):
                    return index
        if labels[0].startswith("Đã giải quyết"):
            return 1 if self.number % 7 == 3 else 0
        return 0 if "rút ý kiến nào" in question else None

    def says(self, button: Button) -> str:
        """What a resident who types writes instead of tapping."""
        digit, _, label = button.label.partition(". ")
        if label == "Đúng, gửi đi":
            return ("1", "đúng rồi", "dạ gửi giúp", "ok")[self.number % 4]
        if label == "Đồng ý":
            return ("1", "đồng ý", "vâng")[self.number % 3]
        return digit
