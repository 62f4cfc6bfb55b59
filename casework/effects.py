"""What the conversation engine knows (`Facts`) and what it may cause (`Effect`): the seam between talk and casework.

The engine is a pure function; it draws nothing at random and reads no database. Everything it needs is in `Facts`,
everything it wants done is a list of effects which the turn's use case applies in one transaction.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from casework.talk import InboundMessage, Reply
from nlp.analysis import Analysis


@dataclass(frozen=True, kw_only=True)
class VillageFact:
    """One residential group the citizen can choose; `code` as in the gazetteer."""

    code: str
    name: str


@dataclass(frozen=True, kw_only=True)
class AnswerFact:
    """A published answer as its asker may read it."""

    id: int
    final: bool
    #: complete text with agency, document number and date
    text: str
    #: what the asker said of it, None = not asked or not answered
    settled: bool | None
    published_at: dt.datetime
    #: when it reached this person, by whatever way; None = it never did, as far as we know
    shown_at: dt.datetime | None = None
    #: when this chat asked whether it settles the matter, if nothing that was sent here since asks anything else
    asked_at: dt.datetime | None = None
    #: waits until this person asks
    waits: bool = False
    #: goes out before the reply, because this person has written
    going_out: bool = False
    #: address of its page, for the asker who asks for it by code, where it is long or has files
    page: str | None = None


@dataclass(frozen=True, kw_only=True)
class OpinionFact:
    """One opinion as its asker, or the holder of its code, may know it."""

    id: int
    code: str
    state: str
    #: status in words, with dates
    status: str
    #: the asker's words; only for the asker, None for other holders of the code
    text: str | None
    submitted_on: dt.date
    mine: bool
    editable: bool
    #: staff's question when the state is `clarifying`
    question: str | None = None
    answers: tuple[AnswerFact, ...] = ()
    #: notices that could not be pushed and wait to be fetched, oldest first
    waiting: tuple[str, ...] = ()
    #: notices that go out before the reply, because the asker has just written: not to be repeated in it
    going_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class HeldFact:
    """An opinion of this citizen that is held for a person (a suspected complaint or denunciation)."""

    id: int
    entry_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class SpeakingRegistrationFact:
    """One registration of this citizen to speak at the coming conference."""

    id: int
    matter: str
    opinion_id: int | None
    #: value of `SpeakerState`
    state: str
    number: int | None
    #: reason staff gave for declining
    why: str | None
    #: can still be taken back
    active: bool


@dataclass(frozen=True, kw_only=True)
class SpeakingFact:
    """What is known of speaking at the coming conference."""

    conference_id: int
    #: why nobody can register by chat any more ("closed_day", "closed_list"); None while it is open
    closed: str | None = None
    #: what the regulation asks of those who attend, in words; empty when it asks nothing
    conditions: tuple[str, ...] = ()
    #: codes of this citizen's opinions on its agenda
    on_agenda: frozenset[str] = frozenset()
    mine: tuple[SpeakingRegistrationFact, ...] = ()


class LinkStanding(StrEnum):
    """What a one-time code for linking would do."""

    USABLE = "usable"
    #: this chat belongs to the code's person already
    OWN = "own"
    #: unknown, used or too old: nobody is told which
    UNUSABLE = "unusable"


@dataclass(frozen=True, kw_only=True)
class LinkFact:
    """A one-time code for linking as it stands now."""

    standing: LinkStanding
    #: printed on a receipt: its person had no chat
    paper: bool = False
    #: latest answer per consent purpose of the two persons taken as one
    consents: Mapping[str, bool] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is known at the start of one turn."""

    office_name: str
    #: phone, place and hours of the office, as the office wrote them; may be empty
    office_contact: str
    #: in words: next conference with date and place; None when none is planned
    next_conference: str | None
    villages: tuple[VillageFact, ...]
    #: the citizen's remembered village code
    village: str | None
    #: latest answer per consent purpose; a missing purpose was never asked
    consents: Mapping[str, bool]
    #: newest first
    my_opinions: tuple[OpinionFact, ...]
    held_opinions: tuple[HeldFact, ...]
    #: the opinion whose code the message or the pressed button names; None when there is none such
    named_opinion: OpinionFact | None
    #: a valid code was named but nothing (visible) bears it
    unknown_code: bool
    #: the code the next submitted opinion will bear
    fresh_code: str
    #: codes for the second and further opinions of one turn, drawn when first asked for
    further_code: Callable[[int], str] = lambda number: f"{number:06}"
    #: the message changes an earlier one: what that one said, and the opinion it went into, if it did
    edited_text: str | None = None
    #: the opinion that earlier message went into, also when it is one that may not be named
    edited_opinion_id: int | None = None
    #: judges a text; pure
    understand: Callable[[str], Analysis]
    #: the village a short answer names ("4", "xóm trại"), or None
    village_named: Callable[[str], str | None]
    #: the village a text names and says nothing else, or None
    village_alone: Callable[[str], str | None] = lambda _: None
    #: whether the channel shows buttons; words and digits must do in any case
    buttons: bool
    #: a one-time code nobody bears yet, drawn when it is first asked for
    fresh_link_code: Callable[[], str]
    #: what the code with this hash would do; stays true until the turn is over
    link_of: Callable[[str], LinkFact]
    #: whether a number ("84…") is nobody else's
    phone_free: Callable[[str], bool] = lambda _: True
    #: speaking at the next conference; None when none is planned
    speaking: SpeakingFact | None = None
    #: notices about speaking that could not be pushed, oldest first
    speaking_news: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Say:
    """Answer in this chat."""

    reply: Reply


@dataclass(frozen=True, kw_only=True)
class RememberVillage:
    code: str


@dataclass(frozen=True, kw_only=True)
class RecordConsent:
    purpose: str
    granted: bool
    #: key of the sentence that was shown
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Submit:
    """A finished draft becomes an opinion.

    `held`: it looks like a complaint or denunciation; it is kept for a person and never queued by the program alone.
    """

    text: str
    analysis: Analysis
    entry_ids: tuple[int, ...]
    village: str | None
    held: bool = False
    #: proposed by the program: seal at once (denunciation)
    sealed: bool = False
    #: asked on after the answer to this opinion
    follows: int | None = None
    #: its code where several are submitted in one turn; None = the fresh one
    code: str | None = None


@dataclass(frozen=True, kw_only=True)
class AddWords:
    """The citizen adds to, or with `replace` rewrites, an opinion that is not yet moderated; also the answer to a
    question staff asked back."""

    opinion_id: int
    text: str
    entry_ids: tuple[int, ...] = ()
    replace: bool = False


@dataclass(frozen=True, kw_only=True)
class Withdraw:
    """The citizen takes an opinion back; with `erase` its words are removed too."""

    opinion_id: int
    erase: bool = False


@dataclass(frozen=True, kw_only=True)
class GiveVerdict:
    answer_id: int
    opinion_id: int
    settled: bool


@dataclass(frozen=True, kw_only=True)
class EraseTalk:
    """The citizen wants the collected draft gone: its words are removed from the stored messages too."""

    entry_ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class AlertStaff:
    """Tell staff now, not in the digest: an emergency, or a citizen who asks for a person."""

    reason: str  # emergency | wants_person | wants_withdraw | says_ordinary | loop
    opinion_id: int | None = None
    #: the opinion is the one submitted in this very turn
    submitted: bool = False


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The person has just been shown all that waited for pick-up on this opinion."""

    opinion_id: int


@dataclass(frozen=True, kw_only=True)
class TellEditAfterDecision:
    """A citizen changed words after moderation: logged, staff are told, the approved text stays."""

    opinion_id: int


@dataclass(frozen=True, kw_only=True)
class RegisterSpeaking:
    """The citizen wants to speak at a conference."""

    conference_id: int
    matter: str
    #: the own opinion it is about
    opinion_id: int | None
    village: str | None
    #: only when the person agreed to have it written down
    name: str | None
    #: declared to fulfil what the regulation asks
    eligible: bool


@dataclass(frozen=True, kw_only=True)
class WithdrawSpeaking:
    """The citizen does not want to speak any more."""

    registration_id: int


@dataclass(frozen=True, kw_only=True)
class FetchedSpeaking:
    """The person has just been shown all that waited about speaking."""


@dataclass(frozen=True, kw_only=True)
class MakeLinkCode:
    """This fresh one-time code was shown to the person: it may be used from now on."""

    code: str


@dataclass(frozen=True, kw_only=True)
class LinkChats:
    """The person agreed: this chat and the code's person belong together."""

    code_hash: str


@dataclass(frozen=True, kw_only=True)
class KeepPhone:
    """The person agreed to short notices to this number, "84…"."""

    phone: str


Effect = (
    Say
    | RememberVillage
    | RecordConsent
    | Submit
    | AddWords
    | Withdraw
    | GiveVerdict
    | EraseTalk
    | AlertStaff
    | Fetched
    | TellEditAfterDecision
    | RegisterSpeaking
    | WithdrawSpeaking
    | FetchedSpeaking
    | MakeLinkCode
    | LinkChats
    | KeepPhone
)


@dataclass(frozen=True, kw_only=True)
class Step:
    """Result of one turn: the state to store (JSON), what to do, and when to wake the talk without a message."""

    state: dict[str, Any]
    effects: tuple[Effect, ...] = field(default=())
    wake_at: dt.datetime | None = None


class Engine(Protocol):
    """The conversation engine, as the turn's use case sees it."""

    def __call__(
        self,
        state: Mapping[str, Any],
        message: InboundMessage,
        entry_id: int | None,
        facts: Facts,
        now: dt.datetime,
    ) -> Step: ...
