"""The conversation engine: `advance(state, message, ...) -> Step`, a pure function.

It decides only what a message *does* at the step the talk is in, and hands over to the module of that step. Words
that do not answer what was asked are never an error: they are a new thought, and a thought is a draft.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation import consent, drafting, guidance, lookups, privacy, smalltalk
from bot.conversation.choices import read_choice, read_digit, words_of
from bot.conversation.flood import is_flooding
from bot.conversation.state import StepName, Talk
from bot.conversation.turn import Next, Pace, Turn
from casework.effects import Facts, Step
from casework.talk import InboundMessage, MessageKind
from casework.wording import say

Handler = Callable[[Turn, str], None]

#: what a choice does at each step
CHOICES: dict[str, Handler] = {
    StepName.MENU: smalltalk.chosen,
    StepName.DRAFTING: drafting.chosen,
    StepName.CONFIRMING: drafting.chosen,
    StepName.CHANGING: drafting.chosen_change,
    StepName.VILLAGE: drafting.chosen_village,
    StepName.CONSENT: consent.chosen,
    StepName.GUIDED: guidance.chosen,
    StepName.URGENT: guidance.chosen_urgent,
    StepName.ABOUT: lookups.chosen,
    StepName.WITHDRAWING: lookups.chosen_withdrawal,
    StepName.PICKING: lookups.picked,
    StepName.PRIVACY: privacy.chosen,
}

#: commands as typed by people; the slash is optional for those that cannot be mistaken for an opinion
COMMANDS: dict[str, Callable[[Turn], None]] = {
    "batdau": smalltalk.menu,
    "huongdan": smalltalk.menu,
    "trogiup": smalltalk.menu,
    "help": smalltalk.menu,
    "tracuu": smalltalk.ask_code,
    "danhsach": lookups.mine,
    "hoinghi": smalltalk.conference,
    "dulieu": privacy.show,
    "rutdongy": privacy.stop_push,
    "huy": drafting.drop,
    "xoa": drafting.drop,
    "rut": lookups.withdraw,
    "gapcanbo": smalltalk.wants_person,
}
PLAIN_WORDS: dict[str, str] = {
    "huong dan": "huongdan",
    "tro giup": "huongdan",
    "menu": "huongdan",
    "tra cuu": "tracuu",
    "xem ma": "tracuu",
    "danh sach": "danhsach",
    "y kien cua": "danhsach",
    "y kien da gui": "danhsach",
    "hoi nghi": "hoinghi",
    "rut dong y": "rutdongy",
    "thong tin rieng": "dulieu",
    "rut y kien": "rut",
    "gap can bo": "gapcanbo",
    "gap nguoi that": "gapcanbo",
    "huy": "huy",
    "huy bo": "huy",
    "khong gui": "huy",
    "thoi khong gui": "huy",
}
_COMMAND = re.compile(r"/([a-z0-9_]{1,32})\b\s*(.*)", re.DOTALL | re.IGNORECASE)


def advance(
    state: Mapping[str, Any],
    message: InboundMessage,
    entry_id: int | None,
    facts: Facts,
    now: dt.datetime,
    *,
    pace: Pace | None = None,
) -> Step:
    """One step of one talk. Pure: same arguments, same result; `state` may be empty for a new talk."""
    talk = Talk.from_json(state)
    turn = Turn(talk=talk, message=message, entry_id=entry_id, facts=facts, now=now, pace=pace or Pace())
    if message.kind is MessageKind.WAKE:
        drafting.woken(turn)
    elif not is_flooding(turn):
        _received(turn)
    if turn.next is not None:
        NEXT[turn.next](turn)
    if turn.wake_at is None and talk.step == StepName.DRAFTING and talk.has_draft and not talk.options:
        turn.wait_for_more()
    return turn.step()


def _received(turn: Turn) -> None:
    kind, text = turn.message.kind, turn.message.text.strip()
    if kind is MessageKind.START:
        smalltalk.start(turn)
    elif kind is MessageKind.PRESS:
        _pressed(turn, turn.message.token or "")
    elif kind is MessageKind.EDIT:
        drafting.edited(turn)
    elif turn.message.files:
        drafting.add_files(turn)
    elif not text:
        smalltalk.unreadable(turn)
    elif not _command(turn, text) and not _answer(turn, text):
        _free_text(turn, text)


def _command(turn: Turn, text: str) -> bool:
    match = _COMMAND.fullmatch(text)
    if match is not None:
        name = match[1].lower()
        if name == "tracuu" and (turn.facts.named_opinion or turn.facts.unknown_code):
            lookups.by_code(turn)
        elif name == "start":
            smalltalk.start(turn)
        else:
            COMMANDS.get(name, smalltalk.not_understood)(turn)
        return True
    name = PLAIN_WORDS.get(words_of(text), "")
    if name:
        COMMANDS[name](turn)
    return bool(name)


def _answer(turn: Turn, text: str) -> bool:
    """Whether the text answers what was asked, or is a code or a bare digit."""
    talk = turn.talk
    if talk.step == StepName.VILLAGE and drafting.village_named(turn, text):
        return True
    if talk.options:
        choice = read_choice(text, talk.options)
        if choice is not None:
            CHOICES[talk.step](turn, choice)
            return True
    if lookups.is_code(turn, text):
        lookups.by_code(turn)
        return True
    if read_digit(text) is not None:
        _lone_digit(turn, text)
        return True
    return False


def _lone_digit(turn: Turn, text: str) -> None:
    digit = read_digit(text)
    if turn.talk.step == StepName.IDLE and digit in {"1", "2"} and lookups.judge_latest(turn, settled=digit == "1"):
        return
    if turn.talk.options:
        turn.lead.append(say("menu.no_such_number"))
        turn.ask_again()
    else:
        smalltalk.not_understood(turn)


def _free_text(turn: Turn, text: str) -> None:
    step = turn.talk.step
    if step == StepName.CONSENT and len(words_of(text).split()) <= 3:
        turn.lead.append(say("consent.again"))
        turn.ask_again()
    elif step in {StepName.ADDING, StepName.REWRITING, StepName.ANSWERING}:
        lookups.take_words(turn, text)
    elif not smalltalk.replied(turn, text):
        drafting.add_text(turn, text)


def _pressed(turn: Turn, token: str) -> None:
    sort, _, rest = token.partition(":")
    if sort == "c":
        prompt, _, digit = rest.partition(":")
        choice = turn.talk.options.get(digit)
        if prompt == str(turn.talk.prompt) and choice is not None:
            CHOICES[turn.talk.step](turn, choice)
            return
    elif sort == "v" and lookups.judge(turn, rest):
        return
    elif sort == "ans" and turn.facts.named_opinion is not None:
        lookups.start_answering(turn, turn.facts.named_opinion)
        return
    elif sort == "st" and turn.facts.named_opinion is not None:
        lookups.by_code(turn)
        return
    turn.lead.append(say("menu.old_button"))
    if turn.talk.options:
        turn.ask_again()
    elif turn.talk.has_draft:
        drafting.summarise(turn)
    else:
        smalltalk.menu(turn)


def _new_thought(turn: Turn) -> None:
    """Words whose old place is gone begin a new thought, unless they are no opinion at all."""
    text = turn.message.text.strip()
    if turn.message.files:
        drafting.add_files(turn)
    elif not smalltalk.replied(turn, text):
        drafting.add_text(turn, text)


NEXT: dict[Next, Callable[[Turn], None]] = {
    Next.SUBMIT: drafting.submit,
    Next.SUMMARISE: drafting.summarise,
    Next.NEW_THOUGHT: _new_thought,
}
