"""Guiding out: danger, complaints and denunciations are told the lawful way at once, with the words kept.

The program never refuses: it holds the words for a person and says where else to go. Recognition is the business of
`nlp`; here it only becomes speech.
"""

from __future__ import annotations

from bot.conversation import consent
from bot.conversation.state import StepName
from bot.conversation.turn import Turn, contact, excerpt
from bot.conversation.village import draft_village
from casework.codes import spoken
from casework.effects import AlertStaff, EraseTalk, Submit, Withdraw
from casework.wording import keys, say
from nlp.analysis import Analysis, Kind


def warn_at_once(turn: Turn, text: str) -> None:
    """Danger now: the number to call does not wait until the sender has finished."""
    emergency = turn.facts.understand(text).emergency
    if emergency is None:
        return
    key = f"emergency.{emergency}"
    turn.say(say(key if key in keys() else "emergency.general"), say("emergency.not_this_channel"))


def guided(turn: Turn, text: str, analysis: Analysis) -> bool:
    """Whether the draft is one of those that are kept for a person at once, without asking for confirmation."""
    match analysis.kind.value:
        case Kind.DENUNCIATION:
            _hold(turn, text, analysis, sealed=True)
        case Kind.COMPLAINT:
            _hold(turn, text, analysis, sealed=False)
        case _ if analysis.emergency is not None:
            _send_urgent(turn, text, analysis)
        case _:
            return False
    return True


def _hold(turn: Turn, text: str, analysis: Analysis, *, sealed: bool) -> None:
    talk, facts = turn.talk, turn.facts
    village = draft_village(turn, analysis)
    turn.do(
        Submit(text=text, analysis=analysis, entry_ids=talk.draft_entries, village=village, held=True, sealed=sealed)
    )
    if sealed:
        guide = say("guide.denunciation")
        talk.about = None
    else:
        guide = say("guide.complaint", code=spoken(facts.fresh_code))
        talk.about = facts.fresh_code
        talk.last_code, talk.last_submitted_at = facts.fresh_code, turn.now.isoformat()
    options = [("keep", say("guide.keep")), ("ordinary", say("guide.ordinary")), ("erase", say("guide.erase"))]
    about = talk.about
    talk.clear_draft()
    turn.ask(StepName.GUIDED, guide, options)
    talk.about = about


def chosen(turn: Turn, choice: str) -> None:
    """The sender says what to do with the words we hold."""
    talk = turn.talk
    held = turn.facts.held_opinion
    sealed = talk.about is None
    talk.rest()
    if choice == "erase":
        if held is None or not held.editable:
            turn.say(say("guide.too_late", contact=contact(turn.facts)))
            return
        turn.do(Withdraw(opinion_id=held.id, erase=True), EraseTalk(entry_ids=held.entry_ids))
        turn.say(say("guide.erased"))
        return
    if choice == "ordinary" and held is not None:
        turn.do(AlertStaff(reason="says_ordinary", opinion_id=held.id))
        turn.say(say("guide.noted_ordinary"))
    else:
        turn.say(say("guide.kept_sealed" if sealed else "guide.kept"))
    if not sealed and consent.missing(turn.facts, consent.OF_A_COMPLAINT):
        consent.begin(turn, then=None, intro="consent.after_urgent", purposes=consent.OF_A_COMPLAINT)


def _send_urgent(turn: Turn, text: str, analysis: Analysis) -> None:
    """Danger is passed on before anything is asked."""
    talk, facts = turn.talk, turn.facts
    turn.do(
        Submit(
            text=text,
            analysis=analysis,
            entry_ids=talk.draft_entries,
            village=draft_village(turn, analysis),
        ),
        AlertStaff(reason="emergency", submitted=True),
    )
    talk.clear_draft()
    options = [
        ("ok", say("receipt.urgent_ok")),
        ("add", say("receipt.urgent_fix")),
        ("withdraw", say("receipt.urgent_withdraw")),
    ]
    code = facts.fresh_code
    question = say("receipt.urgent", office=facts.office_name, code=spoken(code), text=excerpt(text, 300))
    turn.ask(StepName.URGENT, question, options)
    talk.about, talk.last_code, talk.last_submitted_at = code, code, turn.now.isoformat()


def chosen_urgent(turn: Turn, choice: str) -> None:
    talk = turn.talk
    opinion = turn.opinion(talk.about)
    if choice == "withdraw" and opinion is not None and opinion.editable:
        talk.rest()
        turn.do(Withdraw(opinion_id=opinion.id))
        turn.say(say("withdraw.done", code=spoken(opinion.code)))
        return
    if choice == "add" and opinion is not None and opinion.editable:
        talk.step, talk.options = StepName.ADDING, {}
        turn.say(say("answering.add_now", code=spoken(opinion.code)))
        return
    talk.rest()
    if consent.missing(turn.facts):
        consent.begin(turn, then=None, intro="consent.after_urgent")
    else:
        turn.say(say("consent.noted"))
