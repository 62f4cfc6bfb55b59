"""A phone number a person gave through the platform's form: kept only when they then say yes to just that."""

from __future__ import annotations

from bot.conversation.state import StepName
from bot.conversation.turn import Turn
from casework.effects import KeepPhone, RecordConsent
from casework.mobile import mobile_number
from casework.wording import say
from storage.records import ConsentPurpose

#: digits by which a person knows their number again
_TAIL = 3


def given(turn: Turn) -> None:
    """Ask whether the number may be kept; an unfinished thought waits and is shown again afterwards."""
    number = mobile_number(turn.message.phone or "")
    if number is None:
        turn.say(say("phone.unusable"))
        return
    if not turn.facts.phone_free(number):
        # A family may share a telephone; a notice to it must not tell one about the other's matter.
        turn.say(say("phone.taken"))
        return
    turn.talk.phone = number
    question = "\n".join([say("phone.given", tail=number[-_TAIL:]), say("consent.phone")])
    options = [("yes", say("consent.yes")), ("no", say("consent.no"))]
    turn.ask(StepName.PHONE, question, options, columns=2)


def chosen(turn: Turn, choice: str) -> None:
    """Keep it, or forget it at once."""
    number, agreed = turn.talk.phone, choice == "yes"
    turn.do(RecordConsent(purpose=ConsentPurpose.PHONE, granted=agreed, sentence="consent.phone"))
    if agreed and number is not None:
        turn.do(KeepPhone(phone=number))
    turn.talk.rest()
    turn.say(say("phone.kept" if agreed else "phone.not_kept"))
