"""A thought becomes an opinion, or one for each of its matters: show it back, ask what is missing, submit."""

from __future__ import annotations

from collections.abc import Sequence

from bot.conversation import consent, guidance, lookups, registered, several, smalltalk, speaking
from bot.conversation.collecting import describe_files
from bot.conversation.state import StepName, parse_instant
from bot.conversation.turn import Option, Turn, excerpt, how_to_choose
from bot.conversation.village import draft_village, named_village, village_as_said, village_in, village_name
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.effects import (
    AddWords,
    EraseTalk,
    GiveVerdict,
    OpinionFact,
    RememberVillage,
    Submit,
)
from casework.wording import say
from nlp.analysis import Analysis, Chat, Kind
from nlp.normalise import normal_form
from storage.records import ConsentPurpose, OpinionState

#: longest part of a draft that is read back
READ_BACK = 600
# ---------------------------------------------------------------------- showing back


def woken(turn: Turn) -> None:
    """The sender has been silent: show the draft, or remind of a question left open."""
    talk = turn.talk
    if _is_push(turn) and turn.facts.consents.get(ConsentPurpose.PUSH) is False:
        talk.reminded = True
        return
    if not talk.has_draft:
        if talk.speaking is not None and not talk.reminded:
            talk.reminded = True
            speaking.resume(turn)
        return
    if talk.step == StepName.DRAFTING:
        summarise(turn)
    elif not talk.reminded:
        talk.reminded = True
        turn.lead.append(say("draft.reminder"))
        if talk.options:
            turn.ask_again()
        else:
            summarise(turn)


def _is_push(turn: Turn) -> bool:
    """Whether the person has been away since: what they are told now comes out of the blue."""
    heard = max((parse_instant(instant) for instant in turn.talk.recent), default=None)
    return heard is None or turn.now - heard >= turn.pace.reminder


def summarise(turn: Turn) -> None:
    """Read the draft back and ask what to do with it."""
    talk = turn.talk
    text = talk.draft_text
    if not text:
        _files_only(turn)
        return
    analysis = turn.facts.understand(text)
    if _sent_before(turn, text) or _belongs_elsewhere(turn, text):
        return
    idle = analysis.kind.value == Kind.NOT_AN_OPINION and "kind" not in analysis.unsure
    if idle and not talk.files and talk.follows is None:
        talk.clear_draft()
        talk.rest()
        smalltalk.reply_to(turn, analysis.chat or Chat.OTHER, text)
        return
    matters = several.matters_of(turn, analysis)
    if several.guided_apart(turn, matters) or guidance.guided(turn, text, analysis):
        return
    village = _village_of(turn, analysis, matters)
    # A follow-up is about a place we know.
    asked_for = not talk.village_refused and talk.follows is None
    if village is None and asked_for and analysis.kind.value != Kind.NOT_AN_OPINION:
        ask_village(turn)
        return
    if matters:
        how = how_to_choose(turn.facts)
        question = several.summary(turn, matters, files=_with_files(turn), how=how)
        turn.ask(StepName.CONFIRMING, question, several.options(matters) + _confirm_options(turn)[1:])
        return
    turn.ask(StepName.CONFIRMING, _summary(turn, text, analysis, village), _confirm_options(turn))


def _village_of(turn: Turn, analysis: Analysis, matters: Sequence[several.Matter]) -> str | None:
    """Where the draft is, None when that is to be asked: with several matters, as long as one of them is nowhere."""
    if matters:
        return next((None for matter in matters if matter.village is None), matters[0].village)
    return draft_village(turn, analysis)


def _files_only(turn: Turn) -> None:
    described = describe_files(turn.talk.files)
    sentence = "draft.voice_only" if any(file.kind == "voice" for file in turn.talk.files) else "draft.need_words"
    options = [("as_is", say("draft.send_as_is")), ("drop", say("draft.drop"))]
    turn.ask(StepName.CONFIRMING, say(sentence, files=described), options)


def _summary(turn: Turn, text: str, analysis: Analysis, village: str | None) -> str:
    shown = text if len(text) <= READ_BACK else _both_ends(text)
    files = _with_files(turn)
    if analysis.kind.value == Kind.NOT_AN_OPINION and turn.talk.follows is None:
        return say("draft.unsure", text=shown, files=files)
    name = village_as_said(turn, village, text) or say("draft.no_village")
    how = how_to_choose(turn.facts)
    return say("draft.summary", text=shown, village=name, files=files, how=how)


def _with_files(turn: Turn) -> str:
    return "\n" + say("draft.with_files", files=describe_files(turn.talk.files)) if turn.talk.files else ""


def _both_ends(text: str) -> str:
    return say("draft.shortened", start=excerpt(text, READ_BACK - 150), end=" ".join(text.split())[-150:])


def _confirm_options(turn: Turn) -> list[Option]:
    options: list[Option] = [
        ("send", say("draft.send")),
        ("change", say("draft.change")),
        ("drop", say("draft.drop")),
    ]
    last = _afterthought_of(turn)
    if last is not None and last.state != OpinionState.CLARIFYING:
        options.append((f"join:{last.code}", say("draft.join_last", code=spoken(last.code))))
    return options


def _afterthought_of(turn: Turn) -> OpinionFact | None:
    """The opinion sent a moment ago, which this draft may belong to."""
    talk = turn.talk
    if talk.last_submitted_at is None or turn.now - parse_instant(talk.last_submitted_at) > turn.pace.afterthought:
        return None
    opinion = turn.opinion(talk.last_code)
    return opinion if opinion is not None and opinion.editable else None


def _belongs_elsewhere(turn: Turn, text: str) -> bool:
    """Words after staff's question or after an answer are most likely about that: ask, before taking them as new."""
    talk = turn.talk
    if talk.own_matter or talk.follows is not None:
        return False
    asked = next((one for one in turn.facts.my_opinions if one.state == OpinionState.CLARIFYING), None)
    shown = excerpt(text, 200)
    if asked is not None:
        options = [(f"reply:{asked.code}", say("draft.yes_reply")), ("own", say("draft.own_matter"))]
        turn.ask(StepName.CONFIRMING, say("draft.is_reply", code=spoken(asked.code), text=shown), options)
        return True
    fresh = lookups.freshly_read(turn)
    if fresh is None:
        lookups.tell_unread(turn)
    else:
        code = fresh[1].code
        options = [(f"echo:{code}", say("draft.yes_echo")), ("own", say("draft.own_matter"))]
        turn.ask(StepName.CONFIRMING, say("draft.is_echo", code=spoken(code), text=shown), options)
        return True
    return False


#: the same words are the same opinion only while that one is being dealt with: a lamp can break again
_UNDER_WAY = frozenset(OpinionState) - {
    OpinionState.WITHDRAWN,
    OpinionState.ANSWERED,
    OpinionState.DECLINED,
    OpinionState.REDIRECTED,
}


def _sent_before(turn: Turn, text: str) -> bool:
    """The very same words again, with nothing new: say where they stand instead of taking them twice."""
    if turn.talk.files or turn.talk.follows is not None:
        return False
    key = normal_form(text)
    for opinion in turn.facts.my_opinions:
        if opinion.text is not None and opinion.state in _UNDER_WAY and normal_form(opinion.text) == key:
            turn.talk.clear_draft()
            turn.talk.rest()
            turn.say(
                say(
                    "receipt.already",
                    date=vietnamese_date(opinion.submitted_on),
                    code=spoken(opinion.code),
                    status=opinion.status,
                )
            )
            return True
    return False


# ---------------------------------------------------------------------- village


def ask_village(turn: Turn, *, sentence: str = "village.ask") -> None:
    options = [(f"village:{village.code}", village.name) for village in turn.facts.villages]
    options.append(("elsewhere", say("village.elsewhere")))
    turn.ask(StepName.VILLAGE, say(sentence), options, columns=2)


def village_named(turn: Turn, text: str) -> bool:
    """Whether a typed answer names a village; if so, it is chosen."""
    code = village_in(turn, text)
    if code is None:
        return False
    chosen_village(turn, f"village:{code}")
    return True


def village_missed(turn: Turn) -> None:
    """A short answer that names no village: ask once more, then do without."""
    talk = turn.talk
    talk.village_misses += 1
    if talk.village_misses > 1:
        talk.village_refused = True
        turn.lead.append(say("village.without"))
        summarise(turn)
    else:
        turn.lead.append(say("village.not_found"))
        turn.ask_again()


def short_words(turn: Turn, text: str) -> None:
    """A few words that choose nothing: a village corrects the village, anything else asks again."""
    if not village_named(turn, text):
        turn.lead.append(say("menu.not_chosen"))
        turn.ask_again()


def chosen_village(turn: Turn, choice: str) -> None:
    talk = turn.talk
    name, _, code = choice.partition(":")
    if name == "village":
        talk.village = code
        if turn.facts.village is None:
            turn.do(RememberVillage(code=code))
    else:
        talk.village, talk.village_refused = None, True
    summarise(turn)


# ---------------------------------------------------------------------- deciding


def chosen(turn: Turn, choice: str) -> None:
    name, _, code = choice.partition(":")
    match name:
        case "send" | "as_is" | "apart":
            turn.talk.apart = name == "apart"
            if consent.missing(turn.facts):
                consent.begin(turn, then="submit", intro="consent.intro")
            else:
                submit(turn)
        case "change":
            options = [
                ("add", say("draft.add_more")),
                ("rewrite", say("draft.rewrite")),
                ("village", say("draft.other_village")),
                ("drop", say("draft.drop")),
            ]
            turn.ask(StepName.CHANGING, say("draft.change_how"), options)
        case "drop":
            drop(turn)
        case "own":
            turn.talk.own_matter = True
            summarise(turn)
        case "echo":
            _take_as_verdict(turn, code)
        case _:
            _hand_over(turn, code, as_reply=name == "reply")


def _take_as_verdict(turn: Turn, code: str) -> None:
    """The words say that an answer has not settled the matter: that is noted, and they go on as a follow-up."""
    fresh = lookups.freshly_read(turn)
    if fresh is not None and fresh[1].code == code:
        turn.do(GiveVerdict(answer_id=fresh[0].id, opinion_id=fresh[1].id, settled=False))
    turn.talk.follows, turn.talk.own_matter = code, True
    summarise(turn)


def chosen_change(turn: Turn, choice: str) -> None:
    talk = turn.talk
    match choice:
        case "add":
            talk.step, talk.options = StepName.DRAFTING, {}
            turn.say(say("draft.add_now"))
        case "rewrite":
            talk.step, talk.options = StepName.DRAFTING, {}
            turn.do(EraseTalk(entry_ids=tuple(piece.entry for piece in talk.pieces if piece.entry is not None)))
            talk.pieces = []
            turn.say(say("draft.rewrite_now"))
        case "village":
            talk.village, talk.village_refused = None, False
            ask_village(turn)
        case _:
            drop(turn)
    turn.wake_at = turn.wake_at or turn.now + turn.pace.reminder


def drop(turn: Turn) -> None:
    talk = turn.talk
    if not talk.has_draft and talk.speaking is not None:
        registered.stop(turn)
        return
    if not talk.has_draft:
        last = _afterthought_of(turn)
        talk.rest()
        if last is not None:
            lookups.ask_withdrawal(turn, last)
        else:
            turn.say(say("draft.nothing_to_drop"))
        return
    turn.do(EraseTalk(entry_ids=talk.draft_entries))
    talk.clear_draft()
    talk.rest()
    turn.say(say("draft.dropped"))


def _hand_over(turn: Turn, code: str, *, as_reply: bool) -> None:
    """The draft belongs to an opinion that is already with us."""
    talk = turn.talk
    opinion = turn.opinion(code)
    if opinion is None or not opinion.editable:
        summarise(turn)
        return
    text = talk.draft_text or f"[{describe_files(talk.files)}]"
    turn.do(AddWords(opinion_id=opinion.id, text=text, entry_ids=talk.draft_entries))
    talk.clear_draft()
    talk.rest()
    turn.say(say("receipt.replied" if as_reply else "receipt.joined", code=spoken(code)))


def submit(turn: Turn) -> None:
    """The confirmed draft becomes an opinion, with a receipt that says what happens next."""
    talk, facts = turn.talk, turn.facts
    text = talk.draft_text or f"[{describe_files(talk.files)}]"
    analysis = facts.understand(text)
    village = draft_village(turn, analysis)
    home = named_village(analysis)
    if home is not None and facts.village is None and village_name(turn, home) is not None:
        turn.do(RememberVillage(code=home))
    matters = several.matters_of(turn, analysis) if talk.apart else ()
    no_push = say("parts.no_push") if matters else say("receipt.no_push", code=spoken(facts.fresh_code))
    if matters:
        lines = [several.submit(turn, matters, next_words=_next(turn))]
    else:
        lines = [_submit_whole(turn, text, analysis, village)]
    if consent.granted(turn, ConsentPurpose.PUSH):
        lines.append(say("receipt.will_push"))
    else:
        lines.append(no_push)
    if not consent.granted(turn, ConsentPurpose.PROCESS):
        lines.append(say("receipt.no_name"))
    talk.last_submitted_at = talk.last_asked_at = turn.now.isoformat()
    talk.clear_draft()
    talk.rest()
    turn.say(*lines)


def _submit_whole(turn: Turn, text: str, analysis: Analysis, village: str | None) -> str:
    talk, facts = turn.talk, turn.facts
    follows = turn.opinion(talk.follows)
    turn.do(
        Submit(
            text=text,
            analysis=analysis,
            entry_ids=talk.draft_entries,
            village=village,
            follows=None if follows is None else follows.id,
        )
    )
    talk.last_code = facts.fresh_code
    return say("receipt.done", code=spoken(facts.fresh_code), office=facts.office_name, next=_next(turn))


def _next(turn: Turn) -> str:
    if turn.facts.next_conference is None:
        return say("receipt.next_unknown") if consent.granted(turn, ConsentPurpose.PUSH) else ""
    return say("receipt.next_conference", conference=turn.facts.next_conference)
