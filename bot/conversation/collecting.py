"""Collecting a thought: words, files and later changes of either, until the sender falls silent."""

from __future__ import annotations

from bot.conversation import lookups
from bot.conversation.danger import warn_at_once
from bot.conversation.state import DraftFile, Piece, StepName, parse_instant
from bot.conversation.turn import Next, Turn
from casework.codes import spoken
from casework.effects import AddWords, TellEditAfterDecision
from casework.talk import MessageKind
from casework.wording import say

#: pieces a draft takes while we are silent; more stays in the inbox
PIECES_LIMIT = 100
_FILE_NAMES = {
    "photo": "ảnh",
    "voice": "tin thoại",
    "audio": "tệp âm thanh",
    "video": "đoạn phim",
    "document": "tệp",
    "location": "vị trí trên bản đồ",
    "contact": "danh thiếp",
}


def add_text(turn: Turn, text: str) -> None:
    """One more message of the thought. The sender is left in peace until silent for a while."""
    talk = turn.talk
    if turn.thought is not None:
        talk.pieces.append(Piece(text=text, entry=turn.thought[1]))
    elif talk.pieces and talk.pieces[-1].text == text and turn.entry_id is not None:
        # Sent twice in one breath: one thought, two messages.
        talk.pieces[-1].edits.append(turn.entry_id)
    else:
        talk.pieces.append(Piece(text=text, entry=turn.entry_id, ref=turn.message.message_ref))
    _collect(turn)
    warn_at_once(turn, text)


def collect_silently(turn: Turn) -> None:
    """While we stay silent because too much comes in, new words and files still join the draft."""
    talk, message = turn.talk, turn.message
    text = message.text.strip()
    if talk.repeats or len(talk.pieces) >= PIECES_LIMIT or message.kind not in {MessageKind.TEXT, MessageKind.MEDIA}:
        return
    if text:
        talk.pieces.append(Piece(text=text, entry=turn.entry_id, ref=message.message_ref))
    talk.files += _as_draft(turn)
    if text or message.files:
        _collect(turn)
        if talk.muted_until is not None:
            turn.wake_at = parse_instant(talk.muted_until)


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
    talk.begun_at = talk.begun_at or turn.now.isoformat()
    talk.consent_left, talk.then, talk.phone = [], None, None
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


def edited(turn: Turn) -> None:
    """The sender changed an earlier message: follow in the draft and before moderation; afterwards only tell."""
    talk, message = turn.talk, turn.message
    new = message.text.strip()
    for piece in talk.pieces:
        if piece.ref is not None and piece.ref == message.message_ref:
            piece.text = new
            if turn.entry_id is not None:
                piece.edits.append(turn.entry_id)
            if talk.step != StepName.DRAFTING:
                turn.next = Next.SUMMARISE
            return
    old = (turn.facts.edited_text or "").strip()
    if turn.facts.edited_opinion_id is None or not new or old == new:
        return
    opinion = turn.facts.named_opinion
    if opinion is None:
        # Sealed: the words join what is kept, and no code is spoken.
        turn.do(AddWords(opinion_id=turn.facts.edited_opinion_id, text=new, entry_ids=_entry(turn)))
        turn.say(say("guide.kept_sealed"))
    elif not opinion.editable or opinion.text is None:
        turn.do(TellEditAfterDecision(opinion_id=opinion.id))
        turn.say(say("receipt.edit_too_late", code=spoken(opinion.code)))
    elif old and old in opinion.text:
        text = opinion.text.replace(old, new, 1)
        turn.do(AddWords(opinion_id=opinion.id, text=text, entry_ids=_entry(turn), replace=True))
        turn.say(say("receipt.rewritten", code=spoken(opinion.code)))
    else:
        turn.do(AddWords(opinion_id=opinion.id, text=new, entry_ids=_entry(turn)))
        turn.say(say("receipt.joined", code=spoken(opinion.code)))


def _entry(turn: Turn) -> tuple[int, ...]:
    return () if turn.entry_id is None else (turn.entry_id,)
