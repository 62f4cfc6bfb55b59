"""Where one talk stands, as a value that survives being written to JSON and read again by a newer program."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum
from typing import Any

#: raised when old states need translating; `Talk.from_json` reads all older ones
VERSION = 1


class StepName(StrEnum):
    """What we are waiting for."""

    IDLE = "idle"
    MENU = "menu"
    DRAFTING = "drafting"
    CONFIRMING = "confirming"
    CHANGING = "changing"
    VILLAGE = "village"
    CONSENT = "consent"
    GUIDED = "guided"
    URGENT = "urgent"
    ABOUT = "about"
    ADDING = "adding"
    REWRITING = "rewriting"
    ANSWERING = "answering"
    WITHDRAWING = "withdrawing"
    PICKING = "picking"
    PRIVACY = "privacy"
    VERDICT = "verdict"
    PHONE = "phone"
    LINKING = "linking"
    SPEAK_MATTER = "speak_matter"
    SPEAK_WORDS = "speak_words"
    SPEAK_VILLAGE = "speak_village"
    SPEAK_DECLARE = "speak_declare"
    SPEAK_CONSENT = "speak_consent"
    SPEAK_NAME = "speak_name"
    SPEAK_CONFIRM = "speak_confirm"
    SPEAK_MINE = "speak_mine"
    SPEAK_WITHDRAW = "speak_withdraw"
    SPEAK_LATE = "speak_late"


@dataclass(kw_only=True)
class Piece:
    """One message of the draft; `ref` finds it again when the sender edits it."""

    text: str
    entry: int | None = None
    ref: str | None = None
    #: messages that changed this one
    edits: list[int] = field(default_factory=list)


@dataclass(kw_only=True)
class DraftFile:
    kind: str
    entry: int | None = None
    seconds: int | None = None
    too_large: bool = False


@dataclass(kw_only=True)
class SpeakingDraft:
    """A registration to speak that is not finished yet; it survives what comes in between."""

    matter: str = ""
    #: code of the own opinion it is about
    opinion: str | None = None
    village: str | None = None
    village_refused: bool = False
    #: agreed to have the name written down
    name_agreed: bool = False
    name: str | None = None
    name_refused: bool = False
    #: declared to fulfil what the regulation asks
    eligible: bool = False
    #: what the person wrote after a long silence, until it is said whether it belongs here
    late_words: str = ""
    late_entry: int | None = None
    #: step at which the silence began
    late_step: str = ""


@dataclass(kw_only=True)
class Talk:
    """All the engine remembers between two messages of one chat."""

    step: str = StepName.IDLE
    greeted: bool = False
    #: names the prompt a button belongs to; a button of an older prompt does nothing
    prompt: int = 0
    #: what may be chosen now: digit -> choice
    options: dict[str, str] = field(default_factory=dict)
    #: the open question as it was asked, to ask it again word for word
    question: str = ""
    labels: list[str] = field(default_factory=list)
    asked_at: str | None = None
    #: when anything was asked or taken down here last; unlike `asked_at` it outlives its question
    last_asked_at: str | None = None
    #: when the first message of the draft came
    begun_at: str | None = None
    pieces: list[Piece] = field(default_factory=list)
    files: list[DraftFile] = field(default_factory=list)
    #: village the citizen named for this draft
    village: str | None = None
    village_refused: bool = False
    village_misses: int = 0
    #: the citizen said that this draft is a matter of its own, neither reply nor verdict
    own_matter: bool = False
    #: the citizen wants each matter of this draft to be an opinion of its own
    apart: bool = False
    #: messages of the opinion that was held or passed on at once and is being talked about
    held_entries: list[int] = field(default_factory=list)
    #: code of the opinion the talk is about
    about: str | None = None
    #: the draft asks on after this opinion
    follows: str | None = None
    consent_left: list[str] = field(default_factory=list)
    consent_given: dict[str, bool] = field(default_factory=dict)
    #: a number that was given and not agreed to yet
    phone: str | None = None
    #: what the consent questions hold up: "submit", or nothing
    then: str | None = None
    speaking: SpeakingDraft | None = None
    #: the registration to speak that is to be taken back
    registration: int | None = None
    #: hash of the one-time code whose use is being confirmed
    link: str | None = None
    #: unclear words it was explained after
    link_misses: int = 0
    reminded: bool = False
    last_code: str | None = None
    last_submitted_at: str | None = None
    #: instants of failed code look-ups and of all messages, newest last
    misses: list[str] = field(default_factory=list)
    recent: list[str] = field(default_factory=list)
    #: fingerprint of the last message: to notice repeats the words themselves are not needed
    last_words: str = ""
    repeats: int = 0
    muted_until: str | None = None

    @property
    def has_draft(self) -> bool:
        return bool(self.pieces or self.files)

    @property
    def unfinished(self) -> bool:
        """Whether an opinion or a registration to speak was begun and neither sent nor dropped."""
        return self.has_draft or self.speaking is not None

    @property
    def draft_text(self) -> str:
        return "\n".join(piece.text for piece in self.pieces if piece.text.strip())

    @property
    def draft_entries(self) -> tuple[int, ...]:
        entries = [piece.entry for piece in self.pieces] + [file.entry for file in self.files]
        entries += [edit for piece in self.pieces for edit in piece.edits]
        return tuple(sorted({entry for entry in entries if entry is not None}))

    def clear_draft(self) -> None:
        self.pieces, self.files = [], []
        self.village, self.village_refused, self.village_misses = None, False, 0
        self.follows, self.own_matter, self.apart = None, False, False
        self.reminded, self.begun_at = False, None

    def rest(self) -> None:
        """Nothing is being asked any more."""
        self.step, self.options, self.about, self.registration = StepName.IDLE, {}, None, None
        self.question, self.labels, self.asked_at, self.held_entries = "", [], None, []
        self.consent_left, self.consent_given, self.then = [], {}, None
        self.phone = None
        self.link, self.link_misses = None, 0

    def to_json(self) -> dict[str, Any]:
        return {"v": VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Talk:
        """Read a stored state: unknown keys are ignored, missing ones take their defaults."""
        known = {item.name for item in fields(cls)}
        # A copy: the engine must not change the state it was given.
        values = deepcopy({key: value for key, value in data.items() if key in known})
        values["pieces"] = [Piece(**piece) for piece in values.get("pieces", [])]
        values["files"] = [DraftFile(**file) for file in values.get("files", [])]
        values["speaking"] = _speaking(values.get("speaking"))
        if values.get("step") not in set(StepName):
            values["step"] = StepName.IDLE
        return cls(**values)


def _speaking(data: Mapping[str, Any] | None) -> SpeakingDraft | None:
    """The unfinished registration of a stored state; keys an older program wrote are left out."""
    if not data:
        return None
    known = {item.name for item in fields(SpeakingDraft)}
    return SpeakingDraft(**{key: value for key, value in data.items() if key in known})


def parse_instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text)
