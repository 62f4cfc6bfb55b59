"""Guiding out: danger, complaints and denunciations are told the lawful way at once, with the words kept.

The program never refuses: it holds the words for a person and says where else to go. Recognition is the business of
`nlp`; here it only becomes speech.
"""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import consent
from bot.conversation.danger import warn_at_once
from bot.conversation.state import Piece, StepName
from bot.conversation.turn import Next, Turn, contact, excerpt
from bot.conversation.village import draft_village
from casework.codes import spoken
from casework.effects import AddWords, AlertStaff, EraseTalk, HeldFact, Submit, Withdraw
from casework.wording import say
from nlp.analysis import Analysis, Kind


def guided(turn: Turn, text: str, analysis: Analysis) -> bool:
    """Whether the draft is one of those that are kept for a person at once, without asking for confirmation."""
    match analysis.kind.value:
        case Kind.DENUNCIATION:
            hold(turn, text, analysis, sealed=True, entries=turn.talk.draft_entries)
        case Kind.COMPLAINT:
            hold(turn, text, analysis, sealed=False, entries=turn.talk.draft_entries)
        case _ if analysis.emergency is not None:
            _send_urgent(turn, text, analysis)
        case _:
            return False
    return True


def hold(
    turn: Turn,
    text: str,
    analysis: Analysis,
    *,
    sealed: bool,
    entries: tuple[int, ...],
    left: Sequence[Piece] = (),
) -> None:
    """Keep these words for a person and say where else to go; `left` is what stays of the draft."""
    talk, facts = turn.talk, turn.facts
    village = draft_village(turn, analysis)
    turn.do(Submit(text=text, analysis=analysis, entry_ids=entries, village=village, held=True, sealed=sealed))
    if analysis.emergency is not None:
        turn.do(AlertStaff(reason="emergency", submitted=True))
    if not sealed:
        talk.last_code, talk.last_submitted_at = facts.fresh_code, turn.now.isoformat()
    talk.clear_draft()
    talk.pieces = list(left)
    guide = say("guide.denunciation") if sealed else say("guide.complaint", code=spoken(facts.fresh_code))
    options = [("keep", say("guide.keep")), ("ordinary", say("guide.ordinary")), ("erase", say("guide.erase"))]
    turn.ask(StepName.GUIDED, guide, options)
    talk.about = None if sealed else facts.fresh_code
    talk.held_entries = list(entries)


def _held(turn: Turn) -> HeldFact | None:
    """The very opinion this question is about, as long as nobody has decided on it."""
    entries = set(turn.talk.held_entries)
    return next((one for one in turn.facts.held_opinions if entries & set(one.entry_ids)), None)


def chosen(turn: Turn, choice: str) -> None:
    """The sender says what to do with the words we hold."""
    talk = turn.talk
    held, sealed = _held(turn), talk.about is None
    talk.rest()
    if held is None:
        turn.say(say("guide.too_late", contact=contact(turn.facts)))
    elif choice == "erase":
        turn.do(Withdraw(opinion_id=held.id, erase=True), EraseTalk(entry_ids=held.entry_ids))
        turn.say(say("guide.erased"))
        return
    elif choice == "ordinary":
        turn.do(AlertStaff(reason="says_ordinary", opinion_id=held.id))
        turn.say(say("guide.noted_ordinary"))
    else:
        turn.say(say("guide.kept_sealed" if sealed else "guide.kept"))
    if not sealed and consent.missing(turn.facts, consent.OF_A_COMPLAINT):
        consent.begin(turn, then=None, intro="consent.after_urgent", purposes=consent.OF_A_COMPLAINT)


def more_words(turn: Turn, text: str) -> None:
    """Free words after a guidance belong to what was just kept or passed on, never to a new open draft."""
    if turn.talk.step == StepName.URGENT:
        _more_about_danger(turn, text)
        return
    held = _held(turn)
    if held is None:
        turn.talk.rest()
        turn.next = Next.NEW_THOUGHT
        return
    warn_at_once(turn, text)
    _add(turn, held.id, text)
    turn.lead.append(say("guide.added_sealed" if turn.talk.about is None else "guide.added"))
    turn.talk.held_entries += [] if turn.entry_id is None else [turn.entry_id]
    _ask_again_keeping_place(turn)


def _more_about_danger(turn: Turn, text: str) -> None:
    opinion = turn.opinion(turn.talk.about)
    if opinion is None or not opinion.editable:
        turn.talk.rest()
        turn.next = Next.NEW_THOUGHT
        return
    warn_at_once(turn, text)
    _add(turn, opinion.id, text)
    turn.do(AlertStaff(reason="emergency", opinion_id=opinion.id))
    turn.lead.append(say("receipt.urgent_added", code=spoken(opinion.code)))
    _ask_again_keeping_place(turn)


def _add(turn: Turn, opinion_id: int, text: str) -> None:
    entries = () if turn.entry_id is None else (turn.entry_id,)
    turn.do(AddWords(opinion_id=opinion_id, text=text, entry_ids=entries))


def _ask_again_keeping_place(turn: Turn) -> None:
    about, entries = turn.talk.about, turn.talk.held_entries
    turn.ask_again()
    turn.talk.about, turn.talk.held_entries = about, entries


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
