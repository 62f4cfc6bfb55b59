"""One turn in the making: the talk, what is known, and the effects collected so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot.conversation.state import StepName, Talk
from casework.clock import VIETNAM
from casework.effects import Effect, Facts, OpinionFact, Say, Step
from casework.talk import Button, InboundMessage, Reply
from casework.wording import say

#: a button's label stays readable on a small screen
LABEL_LIMIT = 60


@dataclass(frozen=True, kw_only=True)
class Pace:
    """The engine's patience, as an argument."""

    #: silence after which collected messages count as one thought
    quiet: dt.timedelta = dt.timedelta(seconds=8)
    #: silence after which an unanswered question is asked once more
    reminder: dt.timedelta = dt.timedelta(hours=2)
    #: a new thought this soon after a receipt may belong to it
    afterthought: dt.timedelta = dt.timedelta(minutes=30)
    #: failed look-ups of codes allowed in this time
    guess_window: dt.timedelta = dt.timedelta(hours=1)
    guesses: int = 5
    #: more messages than this in a minute, or the same words this often in a row, look like a machine
    loop_messages: int = 30
    loop_repeats: int = 6
    mute: dt.timedelta = dt.timedelta(minutes=10)
    #: an open question without a draft is forgotten after this
    forget: dt.timedelta = dt.timedelta(hours=6)
    #: this long after an answer, free words may be about it
    answer_echo: dt.timedelta = dt.timedelta(days=3)
    #: local hours in which a reminder may come
    day_begins: int = 7
    day_ends: int = 20


Option = tuple[str, str]


class Next(StrEnum):
    """What a step hands over to another one; the engine knows who does it."""

    SUBMIT = "submit"
    SUMMARISE = "summarise"
    NEW_THOUGHT = "new_thought"
    STANDING = "standing"
    REGISTER = "register"


@dataclass(kw_only=True)
class Turn:
    """Mutable scratch space of one call of the engine; nothing of it outlives the call but `step()`."""

    talk: Talk
    message: InboundMessage
    entry_id: int | None
    facts: Facts
    now: dt.datetime
    pace: Pace
    effects: list[Effect] = field(default_factory=list)
    wake_at: dt.datetime | None = None
    next: Next | None = None
    #: the words a new thought begins with, where they are not those of this message
    thought: tuple[str, int | None] | None = None
    #: said in one message with the next question
    lead: list[str] = field(default_factory=list)

    def do(self, *effects: Effect) -> None:
        self.effects.extend(effects)

    def say(self, *sentences: str) -> None:
        """Answer without asking anything."""
        self.do(Say(reply=Reply(text="\n".join(sentence for sentence in sentences if sentence))))

    def ask(
        self,
        step: StepName,
        text: str,
        options: Sequence[Option],
        *,
        columns: int = 1,
        refusal: Option | None = None,
    ) -> None:
        """Ask and wait: `options` are (choice, label), numbered from 1 in text and on buttons alike; a `refusal` comes
        last and is always number 0."""
        talk = self.talk
        talk.step, talk.prompt = step, talk.prompt + 1
        numbered = [(str(number), option) for number, option in enumerate(options, start=1)]
        numbered += [("0", refusal)] if refusal is not None else []
        talk.options = {number: choice for number, (choice, _) in numbered}
        talk.question, talk.labels = text, [label for _, (_, label) in numbered]
        talk.asked_at = talk.last_asked_at = self.now.isoformat()
        lines = [f"{number}. {label}" for number, (_, label) in numbered]
        buttons = [
            Button(label=_shorten(line, LABEL_LIMIT), token=f"c:{talk.prompt}:{number}")
            for line, number in zip(lines, talk.options, strict=True)
        ]
        rows = tuple(tuple(buttons[start : start + columns]) for start in range(0, len(buttons), columns))
        introduction = [*self._introduction(), *self.lead]
        self.lead = []
        self.do(Say(reply=Reply(text="\n".join([*introduction, text, *lines]), buttons=rows)))
        if talk.unfinished and not talk.reminded:
            self.wake_at = self._civil(self.now + self.pace.reminder)

    def ask_again(self) -> None:
        """The open question once more, word for word, with fresh buttons."""
        talk = self.talk
        options = list(zip(talk.options.values(), talk.labels, strict=True))
        refusal = options.pop() if "0" in talk.options else None
        self.ask(StepName(talk.step), talk.question, options, columns=2 if len(options) > 4 else 1, refusal=refusal)

    def _introduction(self) -> list[str]:
        """Who is speaking, for somebody who wrote without having started the bot."""
        if self.talk.greeted:
            return []
        self.talk.greeted = True
        return [say("greeting.short", office=self.facts.office_name)]

    def wait_for_more(self) -> None:
        """Stay silent until the sender has been silent for a while."""
        self.wake_at = self.now + self.pace.quiet

    def opinion(self, code: str | None) -> OpinionFact | None:
        """One of the citizen's own opinions by code."""
        return next((opinion for opinion in self.facts.my_opinions if opinion.code == code), None)

    def step(self) -> Step:
        return Step(state=self.talk.to_json(), effects=tuple(self.effects), wake_at=self.wake_at)

    def _civil(self, instant: dt.datetime) -> dt.datetime:
        """The first instant from `instant` on at which people are awake."""
        local = instant.astimezone(VIETNAM)
        if local.hour < self.pace.day_begins:
            return local.replace(hour=self.pace.day_begins, minute=30, second=0)
        if local.hour >= self.pace.day_ends:
            return (local + dt.timedelta(days=1)).replace(hour=self.pace.day_begins, minute=30, second=0)
        return instant


def _shorten(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def contact(facts: Facts) -> str:
    """How to reach a person, as the office wrote it, or where to find one."""
    return facts.office_contact or say("chat.no_contact", office=facts.office_name)


def excerpt(text: str, limit: int) -> str:
    """The beginning of a text on one line, cut at a word."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[:limit].rsplit(" ", 1)[0] + "…"


def how_to_choose(facts: Facts) -> str:
    """How one of the numbered lines is chosen on this channel."""
    return say("choose.buttons" if facts.buttons else "choose.digits")
