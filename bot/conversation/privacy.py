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


def _show(turn: Turn, consents: dict[str, bool], lead: str = "") -> None:
    options = [
        (f"flip:{purpose}", say(f"privacy.{purpose}_{'on' if consents.get(purpose, False) else 'off'}"))
        for purpose in (*consent.ALL, *_ASKED_BESIDES)
        if purpose in consent.ALL or purpose in consents
    ]
    if consents.get(ConsentPurpose.PHONE, False):
        # Only to be taken back here: agreeing again begins with giving a number again.
        options.append((f"flip:{ConsentPurpose.PHONE}", say("privacy.phone_on")))
    text = "\n".join(part for part in (lead, say("privacy.text")) if part)
    turn.ask(StepName.PRIVACY, text, [*options, ("ok", say("privacy.leave"))])


def chosen(turn: Turn, choice: str) -> None:
    name, _, purpose = choice.partition(":")
    if name != "flip":
        turn.talk.rest()
        turn.say(say("status.done"))
        return
    consents = {**turn.facts.consents}
    consents[purpose] = not consents.get(purpose, False)
    turn.do(RecordConsent(purpose=purpose, granted=consents[purpose], sentence=f"consent.{purpose}"))
    _show(turn, consents, say("consent.noted"))


def stop_push(turn: Turn) -> None:
    """Withdraw the consent to be sent news, in one step."""
    turn.do(RecordConsent(purpose=ConsentPurpose.PUSH, granted=False, sentence="consent.push"))
    turn.say(say("consent.noted"))
