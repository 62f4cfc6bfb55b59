"""What a person has registered to say at the coming conference: shown, told, taken back."""

from __future__ import annotations

from bot.conversation.state import StepName
from bot.conversation.turn import Next, Option, Turn, excerpt
from casework.effects import FetchedSpeaking, SpeakingFact, SpeakingRegistrationFact, WithdrawSpeaking
from casework.wording import say
from storage.records import SpeakerState

#: matters one person may register: everybody is to have a turn
MATTERS_EACH = 3


def tell_news(turn: Turn) -> None:
    """What waited to be told about speaking goes before the answer."""
    if turn.facts.speaking_news:
        turn.do(FetchedSpeaking())
        turn.lead += turn.facts.speaking_news


def standing(turn: Turn) -> None:
    """Somebody asks when the turn to speak comes, or whether the registration stands."""
    fact = turn.facts.speaking
    tell_news(turn)
    if fact is None:
        say_after_news(turn, say("chat.conference_none", office=turn.facts.office_name))
    elif not fact.mine:
        hint = say("speak.not_registered") if fact.closed is None else closed_words(turn)
        say_after_news(turn, hint if fact.closed else f"{turn.facts.next_conference or ''}\n{hint}")
    elif turn.talk.unfinished:
        say_after_news(
            turn, turn.facts.next_conference or "", say("speak.mine"), *(status_of(one) for one in fact.mine)
        )
    else:
        turn.lead.append(turn.facts.next_conference or "")
        show_mine(turn, fact)


def stop(turn: Turn) -> None:
    """The person lets the registration be."""
    finish(turn)
    turn.say(say("speak.stopped"))


def finish(turn: Turn) -> None:
    turn.talk.rest()
    turn.talk.speaking, turn.talk.reminded = None, False


def active_of(fact: SpeakingFact) -> list[SpeakingRegistrationFact]:
    return [one for one in fact.mine if one.active]


def closed_words(turn: Turn) -> str:
    fact = turn.facts.speaking
    if fact is None or fact.closed is None:
        return say("speak.no_conference")
    return say(f"speak.{fact.closed}", conference=turn.facts.next_conference or "")


def say_after_news(turn: Turn, *sentences: str) -> None:
    """Answer, after what was waiting to be told."""
    lead, turn.lead = turn.lead, []
    turn.say(*lead, *sentences)


def show_mine(turn: Turn, fact: SpeakingFact) -> None:
    turn.talk.rest()
    lines = [say("speak.mine"), *(status_of(one) for one in fact.mine)]
    active = active_of(fact)
    options: list[Option] = [
        (f"back:{one.id}", say("speak.take_back", matter=excerpt(one.matter, 40))) for one in active
    ]
    if fact.closed is None and len(active) < MATTERS_EACH:
        options.append(("another", say("speak.another")))
    if not options:
        say_after_news(turn, *lines, closed_words(turn) if fact.closed is not None else "")
        return
    # Number 1 says yes at every question here: it must not be the way to give something up.
    options.insert(0, ("ok", say("speak.ok")))
    turn.ask(StepName.SPEAK_MINE, "\n".join([*lines, say("speak.what_now")]), options)


def status_of(one: SpeakingRegistrationFact) -> str:
    fields: dict[str, object] = {"matter": excerpt(one.matter, 100)}
    if one.state == SpeakerState.CONFIRMED:
        fields["number"] = one.number
    elif one.state == SpeakerState.DECLINED:
        fields["why"] = one.why or ""
    return say(f"speak.{one.state}", **fields)


def chosen_mine(turn: Turn, choice: str) -> None:
    name, _, key = choice.partition(":")
    found = _registration(turn, int(key)) if name == "back" else None
    if found is not None:
        _ask_withdrawal(turn, found)
    elif name == "another":
        turn.talk.rest()
        turn.next = Next.REGISTER
    else:
        turn.talk.rest()
        turn.say(say("speak.too_late" if name == "back" else "speak.kept"))


def withdraw(turn: Turn) -> None:
    """Somebody does not want to speak after all."""
    fact = turn.facts.speaking
    active = active_of(fact) if fact is not None else []
    if turn.talk.speaking is not None:
        if not active:
            stop(turn)
            return
        finish(turn)
        turn.lead.append(say("speak.stopped_unfinished"))
    if not active:
        turn.say(say("speak.none"))
    elif len(active) == 1:
        turn.talk.rest()
        _ask_withdrawal(turn, active[0])
    elif fact is not None:
        show_mine(turn, fact)


def _registration(turn: Turn, key: int | None) -> SpeakingRegistrationFact | None:
    fact = turn.facts.speaking
    return next((one for one in active_of(fact) if one.id == key), None) if fact is not None else None


def _ask_withdrawal(turn: Turn, one: SpeakingRegistrationFact) -> None:
    options = [("withdraw", say("speak.sure_yes")), ("no", say("speak.sure_no"))]
    turn.ask(StepName.SPEAK_WITHDRAW, say("speak.sure", matter=excerpt(one.matter, 100)), options, columns=2)
    turn.talk.registration = one.id


def chosen_withdrawal(turn: Turn, choice: str) -> None:
    found = _registration(turn, turn.talk.registration)
    turn.talk.rest()
    if choice != "withdraw":
        turn.say(say("speak.kept"))
    elif found is None:
        turn.say(say("speak.too_late"))
    else:
        turn.do(WithdrawSpeaking(registration_id=found.id))
        turn.say(say("speak.withdrawn", matter=excerpt(found.matter, 100)))
