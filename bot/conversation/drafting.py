"""A thought becomes an opinion: collect the messages, show them back, ask what is missing, submit."""

from __future__ import annotations

from bot.conversation import consent, guidance, lookups, smalltalk
from bot.conversation.state import DraftFile, Piece, StepName, parse_instant
from bot.conversation.turn import Option, Turn, excerpt
from bot.conversation.village import draft_village, named_village, village_name
from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.effects import (
    AddWords,
    EraseTalk,
    OpinionFact,
    RememberVillage,
    Submit,
    TellEditAfterDecision,
)
from casework.wording import say
from nlp.analysis import Analysis, Chat, Kind
from nlp.normalise import normal_form
from storage.records import ConsentPurpose, OpinionState

#: longest part of a draft that is read back
READ_BACK = 600
_FILE_NAMES = {
    "photo": "ảnh",
    "voice": "tin thoại",
    "audio": "tệp âm thanh",
    "video": "đoạn phim",
    "document": "tệp",
    "location": "vị trí trên bản đồ",
    "contact": "danh thiếp",
}


# ---------------------------------------------------------------------- collecting


def add_text(turn: Turn, text: str) -> None:
    """One more message of the thought. The sender is left in peace until silent for a while."""
    talk = turn.talk
    talk.pieces.append(Piece(text=text, entry=turn.entry_id, ref=turn.message.message_ref))
    _collect(turn)
    guidance.warn_at_once(turn, text)


def add_files(turn: Turn) -> None:
    """Photos, voice, files, a location; with a caption or without. An album is one thing because it is one draft."""
    files = turn.message.files
    if all(file.kind == "sticker" for file in files) and not turn.message.text.strip():
        turn.say(say("chat.sticker"))
        return
    if turn.talk.step in {StepName.ADDING, StepName.REWRITING, StepName.ANSWERING}:
        lookups.take_words(turn, turn.message.text.strip() or f"[{describe_files(_as_draft(turn))}]")
        return
    turn.talk.files += _as_draft(turn)
    text = turn.message.text.strip()
    if text:
        add_text(turn, text)
    else:
        _collect(turn)


def _as_draft(turn: Turn) -> list[DraftFile]:
    return [
        DraftFile(kind=file.kind, entry=turn.entry_id, seconds=file.duration_seconds, too_large=file.too_large)
        for file in turn.message.files
        if file.kind != "sticker"
    ]


def _collect(turn: Turn) -> None:
    talk = turn.talk
    talk.step, talk.options = StepName.DRAFTING, {}
    talk.consent_left, talk.then = [], None
    turn.wait_for_more()


def describe_files(files: list[DraftFile]) -> str:
    """«2 ảnh, 1 tin thoại 35 giây»: what came with the words."""
    counts: dict[str, int] = {}
    for file in files:
        name = _FILE_NAMES.get(file.kind, "tệp")
        if file.kind == "voice" and file.seconds:
            name += f" dài {file.seconds} giây"
        counts[name] = counts.get(name, 0) + 1
    described = ", ".join(f"{count} {name}" for name, count in counts.items())
    if any(file.too_large for file in files):
        described += " (tệp quá lớn, máy chưa mở được; cán bộ có thể hỏi xin lại)"
    return described


# ---------------------------------------------------------------------- showing back


def woken(turn: Turn) -> None:
    """The sender has been silent: show the draft, or remind of a question left open."""
    talk = turn.talk
    if not talk.has_draft:
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


def summarise(turn: Turn) -> None:
    """Read the draft back and ask what to do with it."""
    talk = turn.talk
    text = talk.draft_text
    if not text:
        _files_only(turn)
        return
    analysis = turn.facts.understand(text)
    if _sent_before(turn, text):
        return
    if analysis.kind.value == Kind.NOT_AN_OPINION and "kind" not in analysis.unsure and not talk.files:
        talk.clear_draft()
        talk.rest()
        smalltalk.reply_to(turn, analysis.chat or Chat.OTHER, text)
        return
    if guidance.guided(turn, text, analysis):
        return
    village = draft_village(turn, analysis)
    doubtful = analysis.kind.value == Kind.NOT_AN_OPINION
    if village is None and not talk.village_refused and not doubtful:
        ask_village(turn)
        return
    turn.ask(StepName.CONFIRMING, _summary(turn, text, analysis, village), _confirm_options(turn))


def _files_only(turn: Turn) -> None:
    described = describe_files(turn.talk.files)
    sentence = "draft.voice_only" if any(file.kind == "voice" for file in turn.talk.files) else "draft.need_words"
    options = [("as_is", say("draft.send_as_is")), ("drop", say("draft.drop"))]
    turn.ask(StepName.CONFIRMING, say(sentence, files=described), options)


def _summary(turn: Turn, text: str, analysis: Analysis, village: str | None) -> str:
    shown = text if len(text) <= READ_BACK else say("draft.shortened", start=excerpt(text, READ_BACK))
    files = "\n" + say("draft.with_files", files=describe_files(turn.talk.files)) if turn.talk.files else ""
    if analysis.kind.value == Kind.NOT_AN_OPINION:
        return say("draft.unsure", text=shown, files=files)
    name = village_name(turn, village) or say("draft.no_village")
    summary = say("draft.summary", text=shown, village=name, files=files)
    if analysis.issues > 1:
        summary = say("draft.two_matters", issues=analysis.issues) + "\n" + summary
    return summary


def _confirm_options(turn: Turn) -> list[Option]:
    options: list[Option] = [
        ("send", say("draft.send")),
        ("change", say("draft.change")),
        ("drop", say("draft.drop")),
    ]
    asked = next((one for one in turn.facts.my_opinions if one.state == OpinionState.CLARIFYING), None)
    if asked is not None:
        options.append((f"reply:{asked.code}", say("draft.as_reply", code=spoken(asked.code))))
    last = _afterthought_of(turn)
    if last is not None and last is not asked:
        options.append((f"join:{last.code}", say("draft.join_last", code=spoken(last.code))))
    return options


def _afterthought_of(turn: Turn) -> OpinionFact | None:
    """The opinion sent a moment ago, which this draft may belong to."""
    talk = turn.talk
    if talk.last_submitted_at is None or turn.now - parse_instant(talk.last_submitted_at) > turn.pace.afterthought:
        return None
    opinion = turn.opinion(talk.last_code)
    return opinion if opinion is not None and opinion.editable else None


def _sent_before(turn: Turn, text: str) -> bool:
    """The very same words again: say where they stand instead of taking them twice."""
    key = normal_form(text)
    for opinion in turn.facts.my_opinions:
        if opinion.text is not None and opinion.state != OpinionState.WITHDRAWN and normal_form(opinion.text) == key:
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
    """Whether a typed answer names a village. A bare number is the line of the list it was shown with."""
    if text.strip().rstrip(".").isdigit() or len(text) > 60:
        return False
    code = turn.facts.village_named(text)
    if code is None:
        return False
    chosen_village(turn, f"village:{code}")
    return True


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
        case "send" | "as_is":
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
        case _:
            _hand_over(turn, code, as_reply=name == "reply")


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
    if not talk.has_draft:
        talk.rest()
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
    lines = [say("receipt.done", code=spoken(facts.fresh_code), office=facts.office_name, next=_next(turn))]
    if consent.granted(turn, ConsentPurpose.PUSH):
        lines.append(say("receipt.will_push"))
    else:
        lines.append(say("receipt.no_push", code=spoken(facts.fresh_code)))
    if not consent.granted(turn, ConsentPurpose.PROCESS):
        lines.append(say("receipt.no_name"))
    talk.last_code, talk.last_submitted_at = facts.fresh_code, turn.now.isoformat()
    talk.clear_draft()
    talk.rest()
    turn.say(*lines)


def _next(turn: Turn) -> str:
    if turn.facts.next_conference is None:
        return say("receipt.next_unknown")
    return say("receipt.next_conference", conference=turn.facts.next_conference)


# ---------------------------------------------------------------------- edits of sent messages


def edited(turn: Turn) -> None:
    """The sender changed an earlier message: follow in the draft and before moderation; afterwards only tell."""
    talk, message = turn.talk, turn.message
    new = message.text.strip()
    for piece in talk.pieces:
        if piece.ref is not None and piece.ref == message.message_ref:
            piece.text = new
            if talk.step != StepName.DRAFTING:
                summarise(turn)
            return
    opinion, old = turn.facts.named_opinion, turn.facts.edited_text
    if opinion is None or old is None or opinion.text is None or old.strip() == new:
        return
    code = spoken(opinion.code)
    if opinion.editable and new:
        replaced = opinion.text.replace(old.strip(), new, 1)
        turn.do(AddWords(opinion_id=opinion.id, text=replaced, replace=True))
        turn.say(say("receipt.rewritten", code=code))
    elif not opinion.editable:
        turn.do(TellEditAfterDecision(opinion_id=opinion.id))
        turn.say(say("receipt.edit_too_late", code=code))
