"""Asking to speak at the coming conference: the matter, the village, what the regulation asks, the name; taking back.

One question at a time, each with a way out. Words that look like a complaint, a denunciation or danger never become
a line of a list: they go the way all such words go.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from bot.conversation import consent
from bot.conversation.choices import words_of
from bot.conversation.state import SpeakingDraft, StepName
from bot.conversation.turn import Next, Option, Turn, excerpt
from bot.conversation.village import village_in, village_name
from casework.codes import spoken
from casework.effects import (
    FetchedSpeaking,
    OpinionFact,
    RecordConsent,
    RegisterSpeaking,
    RememberVillage,
    SpeakingFact,
    SpeakingRegistrationFact,
    WithdrawSpeaking,
)
from casework.wording import say
from nlp.analysis import Chat, Kind
from nlp.normalise import normal_form
from storage.records import ConsentPurpose, SpeakerState

#: matters one person may register: everybody is to have a turn
MATTERS_EACH = 3
#: own opinions offered that still fit a small screen
OFFERED = 6
#: longest matter that is read back, characters
READ_BACK = 200
#: fewer words name no matter
WORDS_NEEDED = 3
#: longest name, characters and words
NAME_LENGTH, NAME_WORDS = 60, 7
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
    if turn.facts.speaking_news:
        turn.do(FetchedSpeaking())
        turn.lead += turn.facts.speaking_news
    if fact is not None and fact.mine:
        _show_mine(turn, fact)
    else:
        _begin(turn)


def _begin(turn: Turn) -> None:
    """Ask for the matter, if the door is open."""
    talk, fact = turn.talk, turn.facts.speaking
    talk.rest()
    if fact is None or fact.closed is not None:
        _say(turn, _closed(turn))
        return
    if len(_active(fact)) >= MATTERS_EACH:
        _say(turn, say("speak.enough", count=MATTERS_EACH))
        return
    talk.speaking = SpeakingDraft()
    offered = _offered(turn, fact)
    if not offered:
        _ask_words(turn, lead=turn.facts.next_conference or "")
        return
    options: list[Option] = [
        (f"own:{one.code}", say("speak.own", code=spoken(one.code), text=excerpt(one.text or "", 40)))
        for one in offered
    ]
    options += [("new", say("speak.new")), ("stop", say("speak.stop"))]
    turn.ask(StepName.SPEAK_MATTER, say("speak.which", conference=turn.facts.next_conference or ""), options)


def _offered(turn: Turn, fact: SpeakingFact) -> list[OpinionFact]:
    """Own opinions on the agenda that are not registered yet."""
    taken = {one.opinion_id for one in _active(fact)}
    own = [one for one in turn.facts.my_opinions if one.code in fact.on_agenda and one.id not in taken]
    return own[:OFFERED]


def _active(fact: SpeakingFact) -> list[SpeakingRegistrationFact]:
    return [one for one in fact.mine if one.active]


def _closed(turn: Turn) -> str:
    fact = turn.facts.speaking
    if fact is None or fact.closed is None:
        return say("speak.no_conference")
    return say(f"speak.{fact.closed}", conference=turn.facts.next_conference or "")


def _say(turn: Turn, *sentences: str) -> None:
    """Answer, after what was waiting to be told."""
    lead, turn.lead = turn.lead, []
    turn.say(*lead, *sentences)


# ---------------------------------------------------------------------- matter


def _ask_words(turn: Turn, *, lead: str = "") -> None:
    question = "\n".join(part for part in (lead, say("speak.words")) if part)
    turn.ask(StepName.SPEAK_WORDS, question, [("stop", say("speak.stop"))])


def _chosen_matter(turn: Turn, choice: str) -> None:
    name, _, code = choice.partition(":")
    opinion = turn.opinion(code) if name == "own" else None
    if name == "new":
        _ask_words(turn)
    elif name == "own" and opinion is not None:
        _take_opinion(turn, opinion)
    elif name == "own":
        _begin(turn)
    else:
        _stop(turn)


def _take_opinion(turn: Turn, opinion: OpinionFact) -> None:
    draft = _draft(turn)
    draft.opinion, draft.matter = opinion.code, excerpt(opinion.text or "", 300)
    _onward(turn)


def _take_matter(turn: Turn, text: str) -> None:
    """The words themselves say what the person wants to speak about."""
    analysis = turn.facts.understand(text)
    grave = analysis.emergency is not None or analysis.kind.value in {Kind.COMPLAINT, Kind.DENUNCIATION}
    if grave:
        turn.talk.rest()
    idle = analysis.kind.value == Kind.NOT_AN_OPINION and "kind" not in analysis.unsure
    if grave or (idle and analysis.chat in _POLITE):
        turn.next = Next.NEW_THOUGHT
        return
    if len(words_of(text).split()) < WORDS_NEEDED:
        turn.lead.append(say("speak.words_short"))
        turn.ask_again()
        return
    fact, key = turn.facts.speaking, normal_form(text)
    if fact is not None and any(normal_form(one.matter) == key for one in _active(fact)):
        turn.lead.append(say("speak.twice"))
        _show_mine(turn, fact)
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
        options.append(("elsewhere", say("village.elsewhere")))
        turn.ask(StepName.SPEAK_VILLAGE, say("speak.village"), options, columns=2)
    elif facts.speaking is not None and facts.speaking.conditions and not draft.eligible:
        question = say("speak.declare", conditions="; ".join(facts.speaking.conditions))
        options = [("yes", say("speak.declare_yes")), ("no", say("speak.declare_no"))]
        turn.ask(StepName.SPEAK_DECLARE, question, options)
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
        turn.talk.rest()
        turn.say(say("speak.not_eligible"))


def _chosen_consent(turn: Turn, choice: str) -> None:
    agreed = choice == "yes"
    turn.do(RecordConsent(purpose=ConsentPurpose.SPEAK, granted=agreed, sentence="consent.speak"))
    if agreed:
        turn.ask(StepName.SPEAK_NAME, say("speak.name"), [("no_name", say("speak.no_name"))])
    else:
        _draft(turn).name_refused = True
        _onward(turn)


def _take_name(turn: Turn, text: str) -> None:
    name = " ".join(text.split())
    letters = name.replace(" ", "").replace("-", "").replace("'", "").replace(".", "")
    if len(name) > NAME_LENGTH or len(name.split()) > NAME_WORDS or len(letters) < 2 or not letters.isalpha():
        turn.lead.append(say("speak.name_again"))
        turn.ask_again()
        return
    _draft(turn).name = name
    _onward(turn)


def _chosen_no_name(turn: Turn, _: str) -> None:
    draft = _draft(turn)
    draft.name, draft.name_refused = None, True
    _onward(turn)


def _confirmed(turn: Turn, choice: str) -> None:
    draft, facts, fact = _draft(turn), turn.facts, turn.facts.speaking
    if choice != "send" or not draft.matter:
        _stop(turn)
        return
    turn.talk.rest()
    if fact is None or fact.closed is not None:
        turn.say(_closed(turn))
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


def _stop(turn: Turn) -> None:
    turn.talk.rest()
    turn.say(say("speak.stopped"))


# ---------------------------------------------------------------------- own registrations, taking back


def _show_mine(turn: Turn, fact: SpeakingFact) -> None:
    turn.talk.rest()
    lines = [say("speak.mine"), *(_status(one) for one in fact.mine)]
    active = _active(fact)
    options: list[Option] = [
        (f"back:{one.id}", say("speak.take_back", matter=excerpt(one.matter, 40))) for one in active
    ]
    if fact.closed is None and len(active) < MATTERS_EACH:
        options.append(("another", say("speak.another")))
    if not options:
        _say(turn, *lines, _closed(turn) if fact.closed is not None else "")
        return
    options.append(("ok", say("speak.ok")))
    turn.ask(StepName.SPEAK_MINE, "\n".join([*lines, say("speak.what_now")]), options)


def _status(one: SpeakingRegistrationFact) -> str:
    fields: dict[str, object] = {"matter": excerpt(one.matter, 100)}
    if one.state == SpeakerState.CONFIRMED:
        fields["number"] = one.number
    elif one.state == SpeakerState.DECLINED:
        fields["why"] = one.why or ""
    return say(f"speak.{one.state}", **fields)


def _chosen_mine(turn: Turn, choice: str) -> None:
    name, _, key = choice.partition(":")
    found = _registration(turn, int(key)) if name == "back" else None
    if found is not None:
        _ask_withdrawal(turn, found)
    elif name == "another":
        _begin(turn)
    else:
        turn.talk.rest()
        turn.say(say("speak.too_late" if name == "back" else "speak.kept"))


def withdraw(turn: Turn) -> None:
    """Somebody does not want to speak after all."""
    fact = turn.facts.speaking
    active = _active(fact) if fact is not None else []
    if not active:
        turn.say(say("speak.none"))
    elif turn.talk.has_draft:
        turn.say(say("speak.draft_first"))
    elif len(active) == 1:
        turn.talk.rest()
        _ask_withdrawal(turn, active[0])
    elif fact is not None:
        _show_mine(turn, fact)


def _registration(turn: Turn, key: int | None) -> SpeakingRegistrationFact | None:
    fact = turn.facts.speaking
    return next((one for one in _active(fact) if one.id == key), None) if fact is not None else None


def _ask_withdrawal(turn: Turn, one: SpeakingRegistrationFact) -> None:
    options = [("withdraw", say("speak.sure_yes")), ("no", say("speak.sure_no"))]
    turn.ask(StepName.SPEAK_WITHDRAW, say("speak.sure", matter=excerpt(one.matter, 100)), options, columns=2)
    _draft(turn).registration = one.id


def _chosen_withdrawal(turn: Turn, choice: str) -> None:
    found = _registration(turn, _draft(turn).registration)
    turn.talk.rest()
    if choice != "withdraw":
        turn.say(say("speak.kept"))
    elif found is None:
        turn.say(say("speak.too_late"))
    else:
        turn.do(WithdrawSpeaking(registration_id=found.id))
        turn.say(say("speak.withdrawn", matter=excerpt(found.matter, 100)))


# ---------------------------------------------------------------------- what the engine asks

CHOICES: Final[dict[str, Callable[[Turn, str], None]]] = {
    StepName.SPEAK_MATTER: _chosen_matter,
    StepName.SPEAK_WORDS: _chosen_matter,
    StepName.SPEAK_VILLAGE: _chosen_village,
    StepName.SPEAK_DECLARE: _chosen_declaration,
    StepName.SPEAK_CONSENT: _chosen_consent,
    StepName.SPEAK_NAME: _chosen_no_name,
    StepName.SPEAK_CONFIRM: _confirmed,
    StepName.SPEAK_MINE: _chosen_mine,
    StepName.SPEAK_WITHDRAW: _chosen_withdrawal,
}
STEPS: Final = frozenset(CHOICES)


def answered(turn: Turn, text: str) -> bool:
    """Whether the text answers the open question in its own words: a code of the list, a village by name."""
    talk, named = turn.talk, turn.facts.named_opinion
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


def taken(turn: Turn, text: str, *, short: bool) -> bool:
    """Whether free words belong to the open question; else they are a thought of their own."""
    match turn.talk.step:
        case StepName.SPEAK_MATTER | StepName.SPEAK_WORDS:
            _take_matter(turn, text)
        case StepName.SPEAK_NAME:
            _take_name(turn, text)
        case _ if short:
            turn.lead.append(say("speak.choose"))
            turn.ask_again()
        case _:
            return False
    return True
