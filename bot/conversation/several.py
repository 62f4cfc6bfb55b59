"""One draft, several matters: each becomes an opinion of its own once the citizen says so.

A matter that looks like a denunciation or a complaint is kept for a person apart from the others, as it would be if it
had come alone; what else was written stays a draft and is asked about afterwards. No word is ever dropped.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.conversation import guidance
from bot.conversation.state import Piece
from bot.conversation.turn import Option, Turn, excerpt
from bot.conversation.village import draft_village, village_as_said
from casework.codes import spoken
from casework.effects import Submit
from casework.wording import say
from nlp.analysis import Analysis, Kind
from nlp.split import part_spans

#: longest part that is read back, and longest reminder of it in a receipt
_READ_BACK = 220
_REMINDER = 60
_GUIDED = (Kind.DENUNCIATION, Kind.COMPLAINT)


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One matter of the draft with its messages; a message that holds two belongs to the first of them."""

    text: str
    analysis: Analysis
    village: str | None
    entry_ids: tuple[int, ...]
    #: pieces of the draft some of its words stand in
    pieces: frozenset[int]


def matters_of(turn: Turn, whole: Analysis) -> tuple[Matter, ...]:
    """The matters of the draft if there are several, else nothing. Words that are in danger, or belong to an earlier
    opinion, are not taken apart."""
    talk = turn.talk
    if talk.follows is not None or whole.emergency is not None or whole.kind.value == Kind.NOT_AN_OPINION:
        return ()
    text = talk.draft_text
    spans = _joined_chat(turn, text, part_spans(text))
    if len(spans) < 2:
        return ()
    touched = [_pieces_in(turn, start, end) for start, end in spans]
    matters = []
    taken: set[int] = set()
    for (start, end), pieces in zip(spans, touched, strict=True):
        part = text[start:end]
        analysis = turn.facts.understand(part)
        entries = [entry for number in sorted(pieces - taken) for entry in _entries(talk.pieces[number])]
        taken |= pieces
        # Where one matter names a place, its writer most likely means it for the others too.
        village = draft_village(turn, analysis) or draft_village(turn, whole)
        matters.append(
            Matter(text=part, analysis=analysis, village=village, entry_ids=tuple(entries), pieces=frozenset(pieces))
        )
    if any(matter.analysis.emergency is not None for matter in matters):
        return ()
    return _with_wordless(turn, matters)


def _joined_chat(turn: Turn, text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """A part that is no opinion ("Cảm ơn xã") goes with the one before it, the first with the one after."""
    joined: list[tuple[int, int]] = []
    idle_first = False
    for start, end in spans:
        idle = turn.facts.understand(text[start:end]).kind.value == Kind.NOT_AN_OPINION
        if joined and (idle or idle_first):
            joined[-1] = (joined[-1][0], end)
            idle_first = idle_first and idle
        else:
            joined.append((start, end))
            idle_first = idle
    return joined


def _pieces_in(turn: Turn, start: int, end: int) -> set[int]:
    """Which pieces of the draft the words from `start` to `end` of its text stand in."""
    found, begin = set(), 0
    for number, piece in enumerate(turn.talk.pieces):
        if not piece.text.strip():
            continue
        if begin < end and start < begin + len(piece.text):
            found.add(number)
        begin += len(piece.text) + 1
    return found


def _entries(piece: Piece) -> list[int]:
    return [entry for entry in (piece.entry, *piece.edits) if entry is not None]


def _with_wordless(turn: Turn, matters: Sequence[Matter]) -> tuple[Matter, ...]:
    """A photo belongs to the words it followed, one that came first to the first; so does a message whose words were
    all taken out again."""
    given = {number: list(matter.entry_ids) for number, matter in enumerate(matters)}
    for entry in turn.talk.draft_entries:
        if any(entry in entries for entries in given.values()):
            continue
        before = [number for number, entries in given.items() if entries and min(entries) < entry]
        given[max(before, default=0)].append(entry)
    return tuple(replace(matter, entry_ids=tuple(given[number])) for number, matter in enumerate(matters))


def guided_apart(turn: Turn, matters: Sequence[Matter]) -> bool:
    """Whether a matter of the draft is kept for a person at once; the others stay a draft, unless they may speak of the
    accused too."""
    held = [matter for matter in matters if matter.analysis.kind.value in _GUIDED]
    rest = [matter for matter in matters if matter not in held]
    if not held:
        return False
    if any("kind" in matter.analysis.unsure for matter in rest):
        held, rest = list(matters), []
    text = "\n".join(matter.text for matter in held)
    analysis = _gravest(held)
    mixed = frozenset[int]().union(*(matter.pieces for matter in held))
    # A message that holds both goes with what is kept, so that nobody reads of it with the rest. So do the photos and
    # further messages of a matter it begins: what they show is not certain.
    left = [
        Piece(text=matter.text)
        if matter.pieces & mixed
        else Piece(text=matter.text, entry=next(iter(matter.entry_ids), None), edits=list(matter.entry_ids[1:]))
        for matter in rest
    ]
    staying = {entry for piece in left for entry in _entries(piece)}
    # Reckoned from the whole draft: no message may end up with neither.
    entries = [entry for entry in turn.talk.draft_entries if entry not in staying]
    if left:
        turn.lead.append(say("parts.rest_later", text=excerpt(" ".join(piece.text for piece in left), _READ_BACK)))
    guidance.hold(
        turn,
        text,
        analysis,
        sealed=analysis.kind.value == Kind.DENUNCIATION,
        entries=tuple(entries),
        left=left,
    )
    return True


def _gravest(matters: Sequence[Matter]) -> Analysis:
    analyses = {matter.analysis.kind.value: matter.analysis for matter in reversed(matters)}
    return analyses.get(Kind.DENUNCIATION) or analyses[Kind.COMPLAINT]


def summary(turn: Turn, matters: Sequence[Matter], *, files: str, how: str) -> str:
    """The matters one under another, each with its place."""
    names = say("parts.ordinals").split("|")
    lines = [
        say(
            "parts.matter",
            ordinal=names[number],
            village=village_as_said(turn, matter.village, matter.text) or say("draft.no_village"),
            text=excerpt(matter.text, _READ_BACK),
        )
        for number, matter in enumerate(matters)
    ]
    return say("parts.summary", count=len(matters), matters="\n".join(lines), files=files, how=how)


def options(matters: Sequence[Matter]) -> list[Option]:
    return [
        ("apart", say("parts.send_apart", count=len(matters))),
        ("send", say("parts.send_together")),
    ]


def submit(turn: Turn, matters: Sequence[Matter], *, next_words: str) -> str:
    """Each matter becomes an opinion; returns the receipt."""
    facts, lines = turn.facts, []
    for number, matter in enumerate(matters):
        code = facts.fresh_code if number == 0 else facts.further_code(number)
        turn.do(
            Submit(
                text=matter.text,
                analysis=matter.analysis,
                entry_ids=matter.entry_ids,
                village=matter.village,
                code=code,
            )
        )
        turn.talk.last_code = code
        lines.append(say("parts.received_matter", code=spoken(code), text=excerpt(matter.text, _REMINDER)))
    return say(
        "parts.received", count=len(matters), matters="\n".join(lines), office=facts.office_name, next=next_words
    )
