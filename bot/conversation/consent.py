"""Consent: one question per purpose, in plain words, nothing ticked beforehand, asked once.

Decree 356/2025, article 6, clause 3: provable, separate for each purpose, never by silence or by default.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation.state import StepName
from bot.conversation.turn import Next, Turn
from casework.codes import spoken
from casework.effects import Facts, RecordConsent
from casework.wording import say
from storage.records import ConsentPurpose

#: a complaint is never published, so that is not asked with it
OF_A_COMPLAINT = (ConsentPurpose.PROCESS, ConsentPurpose.PUSH)
ALL = (ConsentPurpose.PROCESS, ConsentPurpose.PUSH, ConsentPurpose.PUBLISH)


def missing(facts: Facts, purposes: Sequence[ConsentPurpose] = ALL) -> list[str]:
    """Purposes this citizen was never asked about."""
    return [str(purpose) for purpose in purposes if purpose not in facts.consents]


def begin(turn: Turn, *, then: str | None, intro: str, purposes: Sequence[ConsentPurpose] = ALL) -> None:
    """Ask what was never asked; `then` is "submit" when the draft waits for it."""
    talk = turn.talk
    talk.consent_left, talk.consent_given, talk.then = missing(turn.facts, purposes), {}, then
    ask_next(turn, intro=say(intro, count=len(talk.consent_left)))


def ask_next(turn: Turn, *, intro: str = "") -> None:
    purpose = turn.talk.consent_left[0]
    question = say(f"consent.{purpose}", **_fields(turn, purpose))
    options = [("yes", say("consent.yes")), ("no", say("consent.no"))]
    turn.ask(StepName.CONSENT, "\n".join(part for part in (intro, question) if part), options, columns=2)


def _fields(turn: Turn, purpose: str) -> dict[str, str]:
    return {"office": turn.facts.office_name} if purpose == ConsentPurpose.PROCESS else {}


def chosen(turn: Turn, choice: str) -> None:
    talk = turn.talk
    purpose = talk.consent_left.pop(0)
    talk.consent_given[purpose] = choice == "yes"
    turn.do(RecordConsent(purpose=purpose, granted=choice == "yes", sentence=f"consent.{purpose}"))
    if talk.consent_left:
        ask_next(turn)
    elif talk.then == "submit":
        turn.next = Next.SUBMIT
    else:
        given = dict(talk.consent_given)
        code = talk.last_code
        talk.rest()
        notes = [say("consent.noted")]
        if not given.get(ConsentPurpose.PUSH, True) and code is not None:
            notes.append(say("receipt.no_push", code=spoken(code)))
        turn.say(*notes)


def granted(turn: Turn, purpose: ConsentPurpose) -> bool:
    """What counts now: the answer of this talk, or the remembered one."""
    return turn.talk.consent_given.get(purpose, turn.facts.consents.get(purpose, False))
