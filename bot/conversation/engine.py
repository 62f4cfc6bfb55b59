"""The conversation engine: `advance(state, message, ...) -> Step`, a pure function.

It decides only what a message *does* at the step the talk is in, and hands over to the module of that step. Words
that do not answer what was asked are never an error: they are a new thought, and a thought is a draft.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from bot.conversation import (
    collecting,
    consent,
    drafting,
    guidance,
    linking,
    lookups,
    phone,
    privacy,
    questions,
    registered,
    smalltalk,
    speaking,
    wishes,
)
from bot.conversation.choices import read_choice, read_digit, words_of
from bot.conversation.flood import is_flooding
from bot.conversation.questions import Asked
from bot.conversation.state import StepName, Talk, parse_instant
from bot.conversation.turn import Next, Pace, Turn
from casework.effects import Facts, Step
from casework.talk import InboundMessage, MessageKind
from casework.wording import say
from nlp.normalise import fold

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
    StepName.VERDICT: lookups.chosen_verdict,
    StepName.PHONE: phone.chosen,
    StepName.LINKING: linking.chosen,
    **speaking.CHOICES,
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
    "rutdongy": privacy.withdraw,
    "nhantin": privacy.start_push,
    "huy": drafting.drop,
    "xoa": drafting.drop,
    "rut": lookups.withdraw,
    "gapcanbo": smalltalk.wants_person,
    "phatbieu": speaking.start,
    "rutphatbieu": registered.withdraw,
    "lienket": linking.start,
    "bolienket": linking.stop,
}
#: questions people ask in the middle of anything, in a few words
INTENTS: tuple[tuple[re.Pattern[str], Callable[[Turn], None]], ...] = (
    (re.compile(r"gap (can bo|nguoi that|nhan vien)"), smalltalk.wants_person),
    (re.compile(r"(nguoi hay (la )?may|may hay (la )?nguoi|nguoi that (hay|khong))"), smalltalk.about_channel),
    (re.compile(r"(bao gio|khi nao|ngay nao|hom nao) (thi )?(hop|doi thoai|co hoi nghi)"), smalltalk.conference),
    (re.compile(r"((dang k[yi]|dki?|xin|muon) (duoc )?(len )?|^)phat bieu( y kien)?$"), speaking.start),
    (
        re.compile(r"(dang k[yi]|dki?|xin|muon) (duoc )?(len )?phat bieu (y kien )?(o|tai|trong|buoi|hom) "),
        speaking.start,
    ),
)
#: longest message that can be such a question, words
INTENT_WORDS = 9

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
    "thong tin rieng": "dulieu",
    "rut y kien": "rut",
    "xin rut": "rut",
    "xin rut y kien": "rut",
    "rut lai": "rut",
    "rut": "rut",
    "bao nham": "rut",
    "gap can bo": "gapcanbo",
    "gap nguoi that": "gapcanbo",
    "huy": "huy",
    "huy bo": "huy",
    "khong gui": "huy",
    "thoi khong gui": "huy",
}
#: words that are mere politeness elsewhere
_CALLS_FOR_HELP = re.compile(r"(xin )?(giup|cuu|ho tro|giup do)( (toi|em|chau|con|minh))?( (voi|a|nhe))*")
#: so few words never become part of an opinion by themselves when a question is open
SHORT = 3
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
    _forget_old_questions(turn)
    if message.kind is MessageKind.WAKE:
        drafting.woken(turn)
    elif is_flooding(turn):
        collecting.collect_silently(turn)
    else:
        _received(turn)
        _come_back_to_the_draft(turn)
    if turn.wake_at is None and talk.unfinished:
        _watch(turn)
    return turn.step()


def _forget_old_questions(turn: Turn) -> None:
    """A menu of last month must not catch the digit that answers today's message."""
    talk = turn.talk
    if talk.asked_at is None or talk.has_draft or turn.message.kind is MessageKind.PRESS:
        return
    if turn.now - parse_instant(talk.asked_at) > turn.pace.forget:
        if talk.speaking is not None:
            talk.speaking.late_step = talk.speaking.late_step or talk.step
        talk.rest()


def _come_back_to_the_draft(turn: Turn) -> None:
    """Do what a step handed over; and whatever came in between, an unsent draft is shown again, never parked."""
    talk = turn.talk
    if turn.next is not None:
        NEXT[turn.next](turn)
    if talk.has_draft and talk.step == StepName.IDLE:
        drafting.summarise(turn)
    if talk.speaking is not None and not talk.has_draft and talk.step == StepName.IDLE:
        speaking.resume(turn)


def _watch(turn: Turn) -> None:
    """What was begun always has an hour at which somebody looks at it again, until it was reminded of."""
    if turn.talk.has_draft and turn.talk.step == StepName.DRAFTING and not turn.talk.options:
        turn.wait_for_more()
    elif not turn.talk.reminded and turn.message.kind is not MessageKind.WAKE:
        turn.wake_at = turn.now + turn.pace.reminder


def _received(turn: Turn) -> None:
    kind, text = turn.message.kind, turn.message.text.strip()
    link_code = linking.code_in(turn)
    if link_code is not None:
        linking.received(turn, link_code)
    elif linking.is_broken_code(turn):
        linking.refuse_broken_code(turn)
    elif kind is MessageKind.START:
        smalltalk.start(turn)
    elif kind is MessageKind.PRESS:
        _pressed(turn, turn.message.token or "")
    elif kind is MessageKind.EDIT:
        collecting.edited(turn)
    elif kind is MessageKind.CONTACT:
        phone.given(turn)
    elif turn.message.files:
        collecting.add_files(turn)
    elif not text:
        smalltalk.unreadable(turn)
    elif not (_slash(turn, text) or _wish(turn, text) or _answer(turn, text) or _plain_words(turn, text)):
        _free_text(turn, text)


def _slash(turn: Turn, text: str) -> bool:
    match = _COMMAND.fullmatch(text)
    if match is None:
        return False
    name = match[1].lower()
    if name == "tracuu" and (turn.facts.named_opinion or turn.facts.unknown_code):
        lookups.by_code(turn)
    elif name == "start":
        smalltalk.start(turn)
    else:
        COMMANDS.get(name, smalltalk.not_understood)(turn)
    return True


def _wish(turn: Turn, text: str) -> bool:
    """Whether the message is about being written to or about what is kept of the sender, and nothing else."""
    wish = wishes.heard(text)
    if wish is None or not wishes.open_to(turn, wish):
        return False
    before = turn.talk.prompt
    wish(turn)
    if turn.talk.options and turn.talk.prompt == before:
        turn.ask_again()
    return True


def _plain_words(turn: Turn, text: str) -> bool:
    """Commands and questions in plain words, at any step; an open question is asked again afterwards."""
    said = words_of(text)
    name = PLAIN_WORDS.get(said) or ("trogiup" if _CALLS_FOR_HELP.fullmatch(fold(text).strip(" .!?")) else None)
    answer = COMMANDS[name] if name is not None else None
    if answer is None:
        answer = _own_matter(turn, text) or linking.wished(text)
    if answer is None and len(said.split()) <= INTENT_WORDS:
        answer = next((one for pattern, one in INTENTS if pattern.search(said)), None)
    if answer is None:
        return False
    before = turn.talk.prompt
    answer(turn)
    if turn.talk.options and turn.talk.prompt == before:
        turn.ask_again()
    return True


#: steps whose words belong to an opinion that is already with us
_WORDS_AWAITED = frozenset({StepName.ADDING, StepName.REWRITING, StepName.ANSWERING, StepName.GUIDED, StepName.URGENT})


def _own_matter(turn: Turn, text: str) -> Callable[[Turn], None] | None:
    """What answers a question about one's own opinions, one's turn to speak or the conference, if the words are that
    and nothing else. Words that belong to a thought being written are left to it."""
    talk = turn.talk
    asked = questions.asked(text)
    awaited = talk.step in _WORDS_AWAITED or talk.follows is not None or (talk.has_draft and not talk.options)
    if asked is None or (asked is Asked.ANSWER and awaited):
        return None
    return OWN_MATTERS[asked]


def _answer(turn: Turn, text: str) -> bool:
    """Whether the text answers what was asked, or is a code or a bare digit."""
    talk = turn.talk
    if talk.step == StepName.VILLAGE and drafting.village_named(turn, text):
        return True
    if talk.step in speaking.STEPS and speaking.answered(turn, text):
        return True
    if _was_registering(turn) and read_digit(text) is not None:
        speaking.resume(turn)
        return True
    if read_digit(text) in {"1", "2"} and lookups.judged_by_digit(turn, text):
        return True
    if talk.options:
        choice = read_choice(text, talk.options, talk.labels)
        if choice is not None:
            CHOICES[talk.step](turn, choice)
            return True
    if lookups.names_withdrawal(turn, text):
        before = talk.prompt
        lookups.withdraw_named(turn)
        if talk.options and talk.prompt == before:
            turn.ask_again()
        return True
    if lookups.is_code(turn, text):
        lookups.by_code(turn)
        return True
    if read_digit(text) is not None:
        _lone_digit(turn, text)
        return True
    return False


def _was_registering(turn: Turn) -> bool:
    """Whether the person was silent for long in the middle of a registration to speak."""
    talk = turn.talk
    return talk.step == StepName.IDLE and talk.speaking is not None and not talk.has_draft


def _lone_digit(turn: Turn, text: str) -> None:
    if turn.talk.options:
        turn.lead.append(say("menu.no_such_number"))
        turn.ask_again()
    elif lookups.answer_goes_out(turn):
        return
    elif read_digit(turn.message.text) == "1" and turn.facts.my_opinions:
        # News about an opinion invites to ask so where it stands.
        lookups.standing(turn)
    else:
        smalltalk.not_understood(turn)


def _free_text(turn: Turn, text: str) -> None:
    step, short = turn.talk.step, len(words_of(text).split()) <= SHORT
    if step == StepName.CONSENT and short:
        turn.lead.append(say("consent.again"))
        turn.ask_again()
    elif step == StepName.VILLAGE and short:
        drafting.village_missed(turn)
    elif (step in speaking.STEPS and speaking.taken(turn, text, short=short)) or (
        step == StepName.LINKING and linking.unclear(turn, text, short=short)
    ):
        return
    elif step == StepName.CONFIRMING and short:
        drafting.short_words(turn, text)
    elif step in {StepName.GUIDED, StepName.URGENT}:
        guidance.more_words(turn, text)
    elif step in {StepName.ADDING, StepName.REWRITING, StepName.ANSWERING}:
        lookups.take_words(turn, text)
    elif _was_registering(turn):
        speaking.ask_first(turn, text, entry=turn.entry_id)
    elif not (smalltalk.says_village(turn, text) or smalltalk.replied(turn, text)):
        collecting.add_text(turn, text)


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
    elif sort == "st":
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
    text = turn.thought[0] if turn.thought is not None else turn.message.text.strip()
    if turn.message.files:
        collecting.add_files(turn)
    elif not smalltalk.replied(turn, text):
        collecting.add_text(turn, text)


OWN_MATTERS: dict[Asked, Callable[[Turn], None]] = {
    Asked.ANSWER: lookups.standing,
    Asked.TURN_TO_SPEAK: registered.standing,
    Asked.TO_SPEAK: speaking.start,
    Asked.NOT_TO_SPEAK: registered.withdraw,
    Asked.CONFERENCE: smalltalk.conference,
}
NEXT: dict[Next, Callable[[Turn], None]] = {
    Next.SUBMIT: drafting.submit,
    Next.SUMMARISE: drafting.summarise,
    Next.NEW_THOUGHT: _new_thought,
    Next.STANDING: registered.standing,
    Next.REGISTER: speaking.begin,
}
