"""Asking to speak at the coming conference: the matter, the village, what the regulation asks, the name; taking back.

One question at a time, each with a way out. Words that look like a complaint, a denunciation or danger never become
a line of a list: they go the way all such words go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.conversation import consent, registered
from bot.conversation.choices import read_digit, words_of
from bot.conversation.lookups import question_after
from bot.conversation.state import SpeakingDraft, StepName, parse_instant
from bot.conversation.turn import Next, Option, Turn, excerpt
from bot.conversation.village import village_in, village_name
from casework.codes import spoken
from casework.effects import (
    OpinionFact,
    RecordConsent,
    RegisterSpeaking,
    RememberVillage,
    SpeakingFact,
)
from casework.wording import say
from nlp.analysis import Chat, Kind
from nlp.normalise import normal_form
from storage.records import ConsentPurpose, OpinionState

#: own opinions offered that still fit a small screen
OFFERED = 6
#: longest matter that is read back, characters
READ_BACK = 200
#: fewer words name no matter
WORDS_NEEDED = 3
#: longest name, characters and words
NAME_LENGTH, NAME_WORDS = 60, 7
#: own opinions in these states may still be spoken of
_MAY_BE_SPOKEN_OF = frozenset(
    {
        OpinionState.RECEIVED,
        OpinionState.CLARIFYING,
        OpinionState.APPROVED,
        OpinionState.SCHEDULED,
        OpinionState.ASSIGNED,
    }
)
#: choices that give up what is being asked for
_REFUSALS = frozenset({"no", "stop", "no_name", "ok"})
#: messages that are no matter, and are answered as everywhere
_POLITE = frozenset({Chat.GREETING, Chat.THANKS, Chat.TEST, Chat.ASKS_HELP, Chat.ABOUT_CHANNEL})


# ---------------------------------------------------------------------- beginning


def start(turn: Turn) -> None:
    """Somebody wants to speak, or to know where the registration stands."""
    talk, fact = turn.talk, turn.facts.speaking
    if talk.has_draft:
        turn.say(say("speak.draft_first"))
        return
    talk.rest()
    registered.tell_news(turn)
    if talk.speaking is not None:
        if fact is not None and fact.mine:
            turn.lead += [say("speak.mine"), *(registered.status_of(one) for one in fact.mine)]
        resume(turn)
    elif fact is not None and fact.mine:
        registered.show_mine(turn, fact)
    else:
        begin(turn)


def resume(turn: Turn) -> None:
    """A registration that was begun is asked about again after whatever came in between."""
    turn.lead.append(say("speak.unfinished"))
    _ask_missing(turn)


def _ask_missing(turn: Turn) -> None:
    if _draft(turn).matter:
        _onward(turn)
    else:
        begin(turn)


def begin(turn: Turn) -> None:
    """Ask for the matter, if the door is open."""
    talk, fact = turn.talk, turn.facts.speaking
    if talk.has_draft:
        turn.say(say("speak.draft_first"))
        return
    talk.rest()
    if fact is None or fact.closed is not None:
        talk.speaking = None
        registered.say_after_news(turn, registered.closed_words(turn))
        return
    if len(registered.active_of(fact)) >= registered.MATTERS_EACH:
        talk.speaking = None
        registered.say_after_news(turn, say("speak.enough", count=registered.MATTERS_EACH))
        return
    if talk.speaking is None:
        talk.speaking, talk.reminded = SpeakingDraft(), False
    offered = _offered(turn, fact)
    if not offered:
        _ask_words(turn, lead=turn.facts.next_conference or "")
        return
    options: list[Option] = [
        (f"own:{one.code}", say("speak.own", code=spoken(one.code), text=excerpt(one.text or "", 40)))
        for one in offered
    ]
    options.append(("new", say("speak.new")))
    question = say("speak.which", conference=turn.facts.next_conference or "")
    turn.ask(StepName.SPEAK_MATTER, question, options, refusal=("stop", say("speak.stop")))


def _offered(turn: Turn, fact: SpeakingFact) -> list[OpinionFact]:
    """Own opinions that are under way and not registered yet, those on the agenda first."""
    taken = {one.opinion_id for one in registered.active_of(fact)}
    own = [
        one
        for one in turn.facts.my_opinions
        if one.id not in taken and (one.code in fact.on_agenda or one.state in _MAY_BE_SPOKEN_OF)
    ]
    return sorted(own, key=lambda one: one.code not in fact.on_agenda)[:OFFERED]


# ---------------------------------------------------------------------- matter


def _ask_words(turn: Turn, *, lead: str = "") -> None:
    question = "\n".join(part for part in (lead, say("speak.words")) if part)
    turn.ask(StepName.SPEAK_WORDS, question, [], refusal=("stop", say("speak.stop")))


def _chosen_matter(turn: Turn, choice: str) -> None:
    name, _, code = choice.partition(":")
    opinion = turn.opinion(code) if name == "own" else None
    if name == "new":
        _ask_words(turn)
    elif name == "own" and opinion is not None:
        _take_opinion(turn, opinion)
    elif name == "own":
        begin(turn)
    else:
        registered.stop(turn)


def _take_opinion(turn: Turn, opinion: OpinionFact) -> None:
    draft = _draft(turn)
    draft.opinion, draft.matter = opinion.code, excerpt(opinion.text or "", 300)
    _onward(turn)


def _take_matter(turn: Turn, text: str) -> None:
    """The words themselves say what the person wants to speak about."""
    analysis = turn.facts.understand(text)
    grave = analysis.emergency is not None or analysis.kind.value in {Kind.COMPLAINT, Kind.DENUNCIATION}
    if grave:
        registered.finish(turn)
    idle = analysis.kind.value == Kind.NOT_AN_OPINION and "kind" not in analysis.unsure
    if grave or (idle and analysis.chat in _POLITE):
        turn.next = Next.NEW_THOUGHT
        return
    if len(words_of(text).split()) < WORDS_NEEDED:
        turn.lead.append(say("speak.words_short"))
        turn.ask_again()
        return
    fact, key = turn.facts.speaking, normal_form(text)
    if fact is not None and any(normal_form(one.matter) == key for one in registered.active_of(fact)):
        turn.lead.append(say("speak.twice"))
        registered.show_mine(turn, fact)
        return
    _draft(turn).matter = excerpt(text, 300)
    _onward(turn)


# ---------------------------------------------------------------------- one question after the other


def _draft(turn: Turn) -> SpeakingDraft:
    if turn.talk.speaking is None:
        turn.talk.speaking = SpeakingDraft()
    return turn.talk.speaking


def _onward(turn: Turn) -> None:
    """Ask what is still missing, then read it all back."""
    draft, facts = _draft(turn), turn.facts
    if draft.village is None and not draft.village_refused:
        draft.village = facts.village
    if draft.village is None and not draft.village_refused:
        options = [(f"village:{village.code}", village.name) for village in facts.villages]
        elsewhere = ("elsewhere", say("village.elsewhere"))
        turn.ask(StepName.SPEAK_VILLAGE, say("speak.village"), options, columns=2, refusal=elsewhere)
    elif facts.speaking is not None and facts.speaking.conditions and not draft.eligible:
        question = say("speak.declare", conditions="; ".join(facts.speaking.conditions))
        options = [("yes", say("speak.declare_yes")), ("no", say("speak.declare_no"))]
        turn.ask(StepName.SPEAK_DECLARE, question, options)
    elif draft.name is None and draft.name_agreed:
        turn.ask(StepName.SPEAK_NAME, say("speak.name"), [], refusal=("no_name", say("speak.no_name")))
    elif draft.name is None and not draft.name_refused:
        question = say("consent.speak", office=facts.office_name)
        turn.ask(StepName.SPEAK_CONSENT, question, [("yes", say("consent.yes")), ("no", say("consent.no"))], columns=2)
    else:
        _ask_confirmation(turn, draft)


def _ask_confirmation(turn: Turn, draft: SpeakingDraft) -> None:
    question = say(
        "speak.confirm",
        matter=excerpt(draft.matter, READ_BACK),
        village=village_name(turn, draft.village) or say("speak.without_village"),
        name=draft.name or say("speak.without_name"),
    )
    turn.ask(StepName.SPEAK_CONFIRM, question, [("send", say("speak.send")), ("stop", say("speak.stop"))])


def _chosen_village(turn: Turn, choice: str) -> None:
    draft = _draft(turn)
    name, _, code = choice.partition(":")
    if name == "village":
        draft.village = code
        if turn.facts.village is None:
            turn.do(RememberVillage(code=code))
    else:
        draft.village, draft.village_refused = None, True
    _onward(turn)


def _chosen_declaration(turn: Turn, choice: str) -> None:
    if choice == "yes":
        _draft(turn).eligible = True
        _onward(turn)
    else:
        registered.finish(turn)
        turn.say(say("speak.not_eligible"))


def _chosen_consent(turn: Turn, choice: str) -> None:
    agreed = choice == "yes"
    turn.do(RecordConsent(purpose=ConsentPurpose.SPEAK, granted=agreed, sentence="consent.speak"))
    _draft(turn).name_agreed, _draft(turn).name_refused = agreed, not agreed
    _onward(turn)


def _name_in(text: str) -> str | None:
    """The text as a name, or None when it cannot be one."""
    name = " ".join(text.split())
    letters = name.replace(" ", "").replace("-", "").replace("'", "").replace(".", "")
    if len(name) > NAME_LENGTH or len(name.split()) > NAME_WORDS or len(letters) < 2 or not letters.isalpha():
        return None
    return name


def _take_name(turn: Turn, text: str) -> None:
    name = _name_in(text)
    if name is None:
        turn.lead.append(say("speak.name_again"))
        turn.ask_again()
        return
    _draft(turn).name = name
    _onward(turn)


def _chosen_no_name(turn: Turn, _: str) -> None:
    draft = _draft(turn)
    draft.name, draft.name_agreed, draft.name_refused = None, False, True
    _onward(turn)


def _confirmed(turn: Turn, choice: str) -> None:
    draft, facts, fact = _draft(turn), turn.facts, turn.facts.speaking
    if choice != "send" or not draft.matter:
        registered.stop(turn)
        return
    registered.finish(turn)
    if fact is None or fact.closed is not None:
        turn.say(registered.closed_words(turn))
        return
    opinion = turn.opinion(draft.opinion)
    turn.do(
        RegisterSpeaking(
            conference_id=fact.conference_id,
            matter=draft.matter,
            opinion_id=opinion.id if opinion is not None else None,
            village=draft.village,
            name=draft.name,
            eligible=draft.eligible,
        )
    )
    pushed = facts.consents.get(ConsentPurpose.PUSH)
    news = {True: say("speak.news_push"), False: say("speak.news_ask"), None: ""}[pushed]
    turn.say(say("speak.done", conference=facts.next_conference or "", news=news))
    if pushed is None:
        consent.begin(turn, then=None, intro="consent.after_urgent", purposes=(ConsentPurpose.PUSH,))


# ---------------------------------------------------------------------- after a long silence


def ask_first(turn: Turn, text: str, *, entry: int | None) -> None:
    """Words long after the open question may be anything: ask, before they become a name, a matter or an opinion."""
    draft = _draft(turn)
    draft.late_words, draft.late_entry = text, entry
    about = say("speak.late_about", matter=excerpt(draft.matter, 60)) if draft.matter else ""
    question = say("speak.late", about=about, words=excerpt(text, 100))
    options = [("go_on", say("speak.late_go_on")), ("own", say("speak.late_own"))]
    turn.ask(StepName.SPEAK_LATE, question, options, refusal=("stop", say("speak.stop")))


def _chosen_late(turn: Turn, choice: str) -> None:
    draft = _draft(turn)
    words, entry, step = draft.late_words, draft.late_entry, draft.late_step
    draft.late_words, draft.late_entry, draft.late_step = "", None, ""
    if choice == "stop":
        registered.stop(turn)
    elif choice == "own":
        turn.talk.rest()
        turn.thought, turn.next = (words, entry), Next.NEW_THOUGHT
    elif step == StepName.SPEAK_NAME and _name_in(words) is not None:
        _take_name(turn, words)
    elif step in {StepName.SPEAK_WORDS, StepName.SPEAK_MATTER} and len(words_of(words).split()) >= WORDS_NEEDED:
        turn.thought = (words, entry)
        _take_matter(turn, words)
    else:
        _ask_missing(turn)


# ---------------------------------------------------------------------- what the engine asks

CHOICES: Final[dict[str, Callable[[Turn, str], None]]] = {
    StepName.SPEAK_MATTER: _chosen_matter,
    StepName.SPEAK_WORDS: _chosen_matter,
    StepName.SPEAK_VILLAGE: _chosen_village,
    StepName.SPEAK_DECLARE: _chosen_declaration,
    StepName.SPEAK_CONSENT: _chosen_consent,
    StepName.SPEAK_NAME: _chosen_no_name,
    StepName.SPEAK_CONFIRM: _confirmed,
    StepName.SPEAK_MINE: registered.chosen_mine,
    StepName.SPEAK_WITHDRAW: registered.chosen_withdrawal,
    StepName.SPEAK_LATE: _chosen_late,
}
STEPS: Final = frozenset(CHOICES)


def answered(turn: Turn, text: str) -> bool:
    """Whether the text answers the open question in its own words: a code of the list, a village by name; 0 always
    refuses."""
    talk, named = turn.talk, turn.facts.named_opinion
    if (digit := read_digit(text)) is not None:
        return _answered_by_digit(turn, digit)
    if talk.step == StepName.SPEAK_MATTER and named is not None:
        if f"own:{named.code}" in talk.options.values():
            _take_opinion(turn, named)
            return True
    elif talk.step == StepName.SPEAK_VILLAGE:
        code = village_in(turn, text)
        if code is not None:
            _chosen_village(turn, f"village:{code}")
            return True
    return False


def _answered_by_digit(turn: Turn, digit: str) -> bool:
    """0 and 2 refuse wherever there is something to refuse; a digit is never a name, and never about an answer that
    came meanwhile."""
    talk = turn.talk
    if digit in talk.options:
        return choose(turn, digit)
    last = list(talk.options)[-1:]
    if digit == "0" and last and talk.options[last[0]] in _REFUSALS:
        return choose(turn, last[0])
    if digit == "2" and list(talk.options) == ["0"]:
        return choose(turn, "0")
    sentence = {StepName.SPEAK_NAME: "speak.name_again", StepName.SPEAK_WORDS: "speak.words_short"}
    turn.lead.append(say(sentence.get(StepName(talk.step), "menu.no_such_number")))
    turn.ask_again()
    return True


def choose(turn: Turn, digit: str) -> bool:
    """Do what this number stands for now; words that came after the question are asked about first."""
    since = turn.talk.asked_at
    if since is not None and question_after(turn, parse_instant(since)) is not None:
        turn.lead.append(say("speak.answer_came" if turn.facts.buttons else "speak.answer_came_digits"))
        turn.ask_again()
    else:
        CHOICES[turn.talk.step](turn, turn.talk.options[digit])
    return True


def taken(turn: Turn, text: str, *, short: bool) -> bool:
    """Whether free words belong to the open question; else they are a thought of their own."""
    match turn.talk.step:
        case StepName.SPEAK_MATTER | StepName.SPEAK_WORDS:
            _take_matter(turn, text)
        case StepName.SPEAK_NAME:
            _take_name(turn, text)
        case StepName.SPEAK_LATE:
            draft = _draft(turn)
            ask_first(turn, f"{draft.late_words}\n{text}", entry=draft.late_entry)
        case _ if short:
            turn.lead.append(say("speak.choose"))
            turn.ask_again()
        case _:
            return False
    return True
