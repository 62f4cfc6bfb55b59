"""What we keep of the citizen and what the citizen allows; each purpose can be changed at any time, on its own."""

from __future__ import annotations

from bot.conversation import consent
from bot.conversation.state import StepName
from bot.conversation.turn import Turn
from casework.effects import RecordConsent
from casework.wording import say
from storage.records import ConsentPurpose

#: shown once they were asked
_ASKED_BESIDES = (ConsentPurpose.FALLBACK,)


def show(turn: Turn) -> None:
    _show(turn, dict(turn.facts.consents))


def withdraw(turn: Turn) -> None:
    """Somebody takes their consent back, or wants their data gone: each purpose can be stopped, or all."""
    _show(turn, dict(turn.facts.consents), say("privacy.which"), everything=True)


def _show(turn: Turn, consents: dict[str, bool], lead: str = "", *, everything: bool = False) -> None:
    options = [
        (f"flip:{purpose}", say(f"privacy.{purpose}_{'on' if consents.get(purpose, False) else 'off'}"))
        for purpose in (*consent.ALL, *_ASKED_BESIDES)
        if purpose in consent.ALL or purpose in consents
    ]
    if consents.get(ConsentPurpose.PHONE, False):
        # Only to be taken back here: agreeing again begins with giving a number again.
        options.append((f"flip:{ConsentPurpose.PHONE}", say("privacy.phone_on")))
    if everything and any(consents.values()):
        # Number 1 says yes at most questions here: it must not be the way to give everything up.
        options.append(("none", say("privacy.none")))
    text = "\n".join(part for part in (lead, say("privacy.text")) if part)
    turn.ask(StepName.PRIVACY, text, [*options, ("ok", say("privacy.leave"))])


def chosen(turn: Turn, choice: str) -> None:
    name, _, purpose = choice.partition(":")
    if name == "none":
        _withdraw_all(turn)
        return
    if name != "flip":
        turn.talk.rest()
        turn.say(say("status.done"))
        return
    consents = {**turn.facts.consents}
    consents[purpose] = not consents.get(purpose, False)
    turn.do(RecordConsent(purpose=purpose, granted=consents[purpose], sentence=f"consent.{purpose}"))
    _show(turn, consents, say("consent.noted"))


def _withdraw_all(turn: Turn) -> None:
    for purpose, granted in turn.facts.consents.items():
        if granted:
            turn.do(RecordConsent(purpose=purpose, granted=False, sentence=f"consent.{purpose}"))
    turn.talk.rest()
    turn.say(say("privacy.all_withdrawn"))


def stop_push(turn: Turn) -> None:
    """Withdraw the consent to be sent news, in one step."""
    _push(turn, granted=False)
    turn.say(say("privacy.push_stopped"))


def start_push(turn: Turn) -> None:
    """Agree to be sent news (again), in one's own words."""
    _push(turn, granted=True)
    turn.say(say("privacy.push_started"))


def _push(turn: Turn, *, granted: bool) -> None:
    """Record it; where just that was about to be asked, it has been answered."""
    talk = turn.talk
    purpose = str(ConsentPurpose.PUSH)
    if talk.step == StepName.CONSENT and talk.consent_left[:1] == [purpose]:
        consent.chosen(turn, "yes" if granted else "no")
        return
    talk.consent_left = [one for one in talk.consent_left if one != purpose]
    if talk.step == StepName.CONSENT:
        talk.consent_given[purpose] = granted
    turn.do(RecordConsent(purpose=purpose, granted=granted, sentence="consent.push"))


def erase_name(turn: Turn) -> None:
    """The name is not to be kept (any longer): it goes at once."""
    turn.do(RecordConsent(purpose=ConsentPurpose.PROCESS, granted=False, sentence="consent.process"))
    turn.say(say("privacy.name_erased"))
