"""`/nhapho`: an officer enters the opinion of a person without a phone, step by step, with digits and words alone.

The consent sentences are read aloud to the person; what the person answers is typed. Nothing is an opinion before the
officer sends it, and until then everything can be changed or thrown away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from bot.staff import commands
from bot.staff.actor import Desk
from bot.staff.commands import Command, Verb
from casework.codes import spoken
from casework.mobile import mobile_number
from casework.talk import InboundMessage, MessageKind, Reply
from casework.usecases.citizens import proxy, proxy_talk
from casework.usecases.citizens.proxy import Entered, ProxyOpinion, SameWords, ToRead, Village
from casework.usecases.citizens.proxy_talk import Moved, Submission
from casework.wording import say
from nlp.analysis import Analysis
from nlp.normalise import fold
from storage.records import ConsentPurpose

#: after so long without a word the next message may have been meant for something else
IDLE = dt.timedelta(hours=2)
#: longest part of the words that is read back, characters
READ_BACK = 1500
#: fewer letters are no opinion
SHORTEST = 6
_YES = frozenset({"1", "co", "dong y", "u", "vang", "da", "dong y a"})
_NO = frozenset({"2", "khong", "ko", "k", "khong dong y"})
_NONE = frozenset({"0", "khong", "ko", "khong co", "khong ghi", "bo qua"})
_CANCEL = frozenset({"huy", "/huy", "/thoi"})
_PURPOSES = (ConsentPurpose.PROCESS, ConsentPurpose.PUBLISH, ConsentPurpose.PHONE)


@dataclass(kw_only=True)
class Draft:
    """How far the talk is, as a value that survives being written to JSON."""

    #: what we wait for; empty: nothing is open
    step: str = ""
    text: str = ""
    village: str | None = None
    consents: dict[str, bool] = field(default_factory=dict)
    name: str | None = None
    phone: str | None = None
    #: messages of the inbox with the words, and all others of this talk: not needed once everything is stored
    words: list[int] = field(default_factory=list)
    private: list[int] = field(default_factory=list)
    #: words and names that were replaced since, which our messages may have repeated
    replaced: list[str] = field(default_factory=list)
    #: the message the words came in, on its platform: it may be edited
    ref: str | None = None
    #: name and number were asked for, whatever came
    named: bool = False
    numbered: bool = False
    asked_at: str | None = None

    @classmethod
    def of(cls, state: Mapping[str, Any]) -> Draft:
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in state.items() if name in known})


@dataclass(frozen=True, kw_only=True)
class Known:
    """What one step may know."""

    villages: tuple[Village, ...]
    sentences: tuple[ToRead, ...]
    #: the village this message names
    named: str | None
    understand: Callable[[str], Analysis]
    now: dt.datetime
    entry_id: int
    ref: str | None


# ---------------------------------------------------------------------- the way in


def handle(desk: Desk, message: InboundMessage, entry_id: int) -> Reply | None:
    """The reply when the message of a private chat belongs to such a talk, or begins one; None when it is about
    something else. Raises `Forbidden`, and what entering an opinion raises."""
    asked = commands.parse(message.text, slash_only=False) if message.kind is MessageKind.TEXT else None
    begins = isinstance(asked, Command) and asked.verb is Verb.PROXY
    if not begins and not desk.who.has(*proxy.WRITERS):
        return None
    state = proxy_talk.state_of(desk.services, desk.who.id)
    repeated = state.get("entry") == entry_id
    if not begins and not repeated and not (proxy_talk.is_open(state) and _is_ours(message, asked)):
        return None
    words = asked.words if begins and isinstance(asked, Command) else message.text
    known = _known(desk, words, message, entry_id)

    def advance(state: proxy_talk.State) -> Moved:
        return _begin(Draft.of(state), words, known) if begins else _go_on(Draft.of(state), message, known)

    return Reply(text=proxy_talk.move(desk.services, desk.who.id, entry_id, advance))


def in_group(desk: Desk, words: str) -> Reply:
    """Names and private words are not for a group; a chat of one's own is where it is done."""
    return Reply(text=say("proxy.private_only"))


def _is_ours(message: InboundMessage, asked: object) -> bool:
    """Other commands and presses work as ever while such a talk is open."""
    if message.kind is MessageKind.TEXT:
        typed = message.text.strip()
        return fold(typed) in _CANCEL or not (typed.startswith("/") or (isinstance(asked, Command) and asked.refs))
    return message.kind in {MessageKind.EDIT, MessageKind.MEDIA}


def _known(desk: Desk, words: str, message: InboundMessage, entry_id: int) -> Known:
    services = desk.services
    return Known(
        villages=proxy.villages_of(services, desk.who.id),
        sentences=proxy.to_read(services),
        named=proxy.village_named(services, words) if len(words) <= 60 else None,
        understand=services.understander.analyse,
        now=services.clock.now(),
        entry_id=entry_id,
        ref=message.message_ref,
    )


def _begin(old: Draft, words: str, known: Known) -> Moved:
    if old.text:
        return _asked_again(old, known, lead=say("proxy.unfinished"))
    draft = Draft(step="text")
    return _text(draft, words.strip(), known) if words.strip() else _say(draft, say("proxy.ask_text"), known)


def _go_on(draft: Draft, message: InboundMessage, known: Known) -> Moved:
    if fold(message.text.strip()) in _CANCEL:
        return _dropped(draft, known)
    if message.kind is MessageKind.MEDIA and not (message.text.strip() and draft.step == "text"):
        return _asked_again(draft, known, lead=say("proxy.text_only"))
    if message.kind is MessageKind.EDIT:
        return _edited(draft, message, known)
    idle = known.now - dt.datetime.fromisoformat(draft.asked_at) if draft.asked_at else dt.timedelta()
    if idle > IDLE:
        return _asked_again(draft, known, lead=say("proxy.unfinished"))
    return _STEPS[draft.step](draft, message.text.strip(), known)


# ---------------------------------------------------------------------- the steps


def _text(draft: Draft, typed: str, known: Known) -> Moved:
    if _too_short(typed):
        return _say(draft, say("proxy.text_short"), known)
    seen = proxy.look_at(known.understand(typed))
    # What the words replace is kept no longer than the rest that is not needed.
    draft.private += draft.words
    draft.replaced += [draft.text] if draft.text else []
    draft.text, draft.ref, draft.words = typed, known.ref, [known.entry_id]
    mine = [one.code for one in known.villages]
    if draft.village is None:
        draft.village = mine[0] if len(mine) == 1 else seen.village if seen.village in mine else None
    return _next(draft, known, lead="\n".join(seen.guidance))


def _village(draft: Draft, typed: str, known: Known) -> Moved:
    chosen = _numbered(typed, len(known.villages))
    code = known.villages[chosen - 1].code if chosen else known.named
    if code is None:
        return _asked_again(draft, known, lead=say("proxy.village_unknown"))
    if all(one.code != code for one in known.villages):
        return _asked_again(draft, known, lead=say("proxy.village_not_mine"))
    draft.village = code
    return _next(draft, known)


def _consent(draft: Draft, typed: str, known: Known) -> Moved:
    answer = _yes_or_no(typed)
    if answer is None:
        return _asked_again(draft, known, lead=say("proxy.choose"))
    draft.consents[draft.step] = answer
    return _next(draft, known)


def _name(draft: Draft, typed: str, known: Known) -> Moved:
    name = None if fold(typed) in _NONE else proxy.name_of(typed)
    if name is None and fold(typed) not in _NONE:
        return _say(draft, say("proxy.name_again"), known)
    draft.name, draft.named = name, True
    return _next(draft, known)


def _phone(draft: Draft, typed: str, known: Known) -> Moved:
    phone = None if fold(typed) in _NONE else mobile_number(typed)
    if phone is None and fold(typed) not in _NONE:
        return _say(draft, say("proxy.phone_again"), known)
    draft.phone, draft.numbered = phone, True
    return _next(draft, known)


def _summary(draft: Draft, typed: str, known: Known) -> Moved:
    match _chosen(typed, {"1": "send", "gui": "send", "2": "change", "sua": "change", "3": "drop", "bo": "drop"}):
        case "send":
            return _submitted(draft, known)
        case "change":
            draft.step = "change"
            return _asked_again(draft, known)
        case "drop":
            return _dropped(draft, known)
    return _asked_again(draft, known, lead=say("proxy.choose"))


def _change(draft: Draft, typed: str, known: Known) -> Moved:
    match typed.strip(" .)"):
        case "1":
            draft.step = "text"
            return _say(draft, say("proxy.ask_text_again"), known)
        case "2":
            draft.village = None
        case "3":
            draft.replaced += [draft.name] if draft.name else []
            draft.consents, draft.name, draft.phone, draft.named, draft.numbered = {}, None, None, False, False
        case "4":
            pass
        case _:
            return _asked_again(draft, known, lead=say("proxy.choose"))
    return _next(draft, known)


def _same(draft: Draft, typed: str, known: Known) -> Moved:
    match _yes_or_no(typed):
        case True:
            return _submitted(draft, known, again=True)
        case False:
            return _dropped(draft, known)
    return _asked_again(draft, known, lead=say("proxy.choose"))


_STEPS: dict[str, Callable[[Draft, str, Known], Moved]] = {
    "text": _text,
    "village": _village,
    **{purpose.value: _consent for purpose in _PURPOSES},
    "name": _name,
    "number": _phone,
    "summary": _summary,
    "change": _change,
    "same": _same,
}


def _next(draft: Draft, known: Known, *, lead: str = "") -> Moved:
    """Ask for what is missing, else read everything back."""
    draft.step = _missing(draft, known) or "summary"
    return _asked_again(draft, known, lead=lead)


def _missing(draft: Draft, known: Known) -> str | None:
    held = proxy.look_at(known.understand(draft.text)).held
    agreed = draft.consents.get(ConsentPurpose.PROCESS, False)
    if draft.village is None:
        return "village"
    for one in known.sentences:
        wanted = one.purpose is ConsentPurpose.PROCESS or (
            not held if one.purpose is ConsentPurpose.PUBLISH else agreed
        )
        if one.purpose is ConsentPurpose.PHONE and agreed and not draft.named:
            return "name"
        if wanted and one.purpose not in draft.consents:
            return one.purpose.value
    if agreed and not draft.named:
        return "name"
    if draft.consents.get(ConsentPurpose.PHONE, False) and not draft.numbered:
        return "number"
    return None


def _edited(draft: Draft, message: InboundMessage, known: Known) -> Moved:
    """The message with the words was changed on its platform: the new words count, and the question stays."""
    typed = message.text.strip()
    if not draft.text or message.message_ref != draft.ref or _too_short(typed):
        return _asked_again(draft, known)
    draft.replaced.append(draft.text)
    draft.text = typed
    draft.words.append(known.entry_id)
    guidance = proxy.look_at(known.understand(typed)).guidance
    return _next(draft, known, lead="\n".join(guidance))


def _submitted(draft: Draft, known: Known, *, again: bool = False) -> Moved:
    consents = {ConsentPurpose(purpose): granted for purpose, granted in draft.consents.items()}
    analysis = known.understand(draft.text)
    if proxy.look_at(analysis).held:
        consents.pop(ConsentPurpose.PUBLISH, None)
    new = ProxyOpinion(
        text=draft.text,
        village=draft.village or "",
        consents=consents,
        name=draft.name,
        phone=draft.phone,
    )

    def twice(same: SameWords) -> Moved:
        draft.step = "same"
        return _say(draft, _options(same.what, "proxy.same_other", "proxy.same_drop"), known)

    return Moved(
        state={},
        reply="",
        submission=Submission(new=new, analysis=analysis, again=again),
        say_done=_done,
        say_twice=twice,
        erase_entries=tuple(draft.private),
        erase_quotes=tuple(part for part in (draft.name, *draft.replaced) if part),
        entries=tuple(draft.words),
    )


def _done(entered: Entered) -> str:
    lines = [say("proxy_guide.emergency_told")] if entered.alerted else []
    if entered.code is None:
        return "\n".join([*lines, say("proxy.done_sealed")])
    lines.append(say("proxy.done", code=spoken(entered.code)))
    if entered.phone_kept is not None:
        lines.append(say("proxy.done_phone" if entered.phone_kept else "proxy.phone_known"))
    return "\n".join(lines)


def _dropped(draft: Draft, known: Known) -> Moved:
    return Moved(
        state={},
        reply=say("proxy.dropped"),
        erase_entries=tuple(draft.words + draft.private),
        erase_quotes=_quotes(draft),
    )


def _quotes(draft: Draft) -> tuple[str, ...]:
    return tuple(part for part in (draft.text, draft.name, *draft.replaced) if part)


# ---------------------------------------------------------------------- asking


def _asked_again(draft: Draft, known: Known, *, lead: str = "") -> Moved:
    return _say(draft, "\n".join(part for part in (lead, _question(draft, known)) if part), known)


def _say(draft: Draft, reply: str, known: Known) -> Moved:
    draft.asked_at = known.now.isoformat()
    # Whatever was typed, however it was understood, may name somebody.
    if known.entry_id not in (*draft.words, *draft.private):
        draft.private.append(known.entry_id)
    return Moved(state=asdict(draft), reply=reply)


def _question(draft: Draft, known: Known) -> str:
    sentence = next((one.sentence for one in known.sentences if one.purpose == draft.step), None)
    if sentence is not None:
        return _options(say("proxy.read_aloud", sentence=sentence), "proxy.yes", "proxy.no")
    match draft.step:
        case "village":
            names = [f"{number}. {one.name}" for number, one in enumerate(known.villages, start=1)]
            return "\n".join([say("proxy.ask_village"), *names])
        case "name":
            return say("proxy.ask_name")
        case "number":
            return say("proxy.ask_phone")
        case "change":
            return _options(
                say("proxy.change_what"),
                "proxy.change_text",
                "proxy.change_village",
                "proxy.change_answers",
                "proxy.change_nothing",
            )
        case "summary":
            return _options(_read_back(draft, known), "proxy.send", "proxy.change", "proxy.drop")
        case "same":
            return _options("", "proxy.same_other", "proxy.same_drop").strip()
    return say("proxy.ask_text")


def _read_back(draft: Draft, known: Known) -> str:
    village = next((one.name for one in known.villages if one.code == draft.village), draft.village or "")
    facts = [say("proxy.fact_village", village=village)]
    facts.append(say("proxy.fact_name", name=draft.name) if draft.name else say("proxy.fact_no_name"))
    if draft.phone:
        facts.append(say("proxy.fact_phone", tail=draft.phone[-3:]))
    seen = proxy.look_at(known.understand(draft.text))
    if ConsentPurpose.PUBLISH in draft.consents and not seen.held:
        agreed = draft.consents[ConsentPurpose.PUBLISH]
        facts.append(say("proxy.fact_publish_yes" if agreed else "proxy.fact_publish_no"))
    if seen.sealed:
        return say("proxy.summary_sealed", facts="\n".join(facts))
    text = draft.text if len(draft.text) <= READ_BACK else f"{draft.text[:READ_BACK]}…"
    return say("proxy.summary", text=text, facts="\n".join(facts))


def _options(question: str, *keys: str) -> str:
    return "\n".join([question, *(f"{number}. {say(key)}" for number, key in enumerate(keys, start=1))])


def _too_short(typed: str) -> bool:
    return sum(symbol.isalpha() for symbol in typed) < SHORTEST


def _numbered(typed: str, count: int) -> int | None:
    digits = typed.strip(" .)")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 3 else 0
    return number if 1 <= number <= count else None


def _yes_or_no(typed: str) -> bool | None:
    said = fold(typed).strip(" .,!)")
    return True if said in _YES else False if said in _NO else None


def _chosen(typed: str, words: Mapping[str, str]) -> str | None:
    return words.get(fold(typed).strip(" .,!)"))
