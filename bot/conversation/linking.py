"""One person, several channels: ask for a one-time code in one chat, send it in the other, agree there."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.conversation import consent, lookups
from bot.conversation.choices import words_of
from bot.conversation.state import StepName
from bot.conversation.turn import Turn, contact
from casework import link_codes
from casework.effects import LinkChats, LinkFact, LinkStanding, MakeLinkCode, RecordConsent
from casework.talk import MessageKind
from casework.wording import say
from nlp.analysis import Kind
from nlp.normalise import fold
from storage.records import ConsentPurpose

#: longest message a code is looked for in: people forward the whole message that carried it
CODE_WITHIN = 600
_BROKEN_WITHIN = 30

_ASKING = r"(muon|xin|can|nho|lam sao( de)?|lam the nao( de)?|cach( de)?|huong dan)"
_OBJECT = (
    r"(them|kenh( khac| moi| nay| kia)?|zalo|telegram|tele|tai khoan( khac| moi| nay)?|so( dien thoai)?( khac| moi)?|"
    r"(may|dien thoai)( khac| moi| nay| kia)|hai|2|voi|qua|sang|vao|va|the nao|ra sao|lam sao|duoc khong|lai)"
)
_LINK = re.compile(
    rf"^({_ASKING} )*((lien ket|ket noi)( {_OBJECT})*|"
    rf"(doi|chuyen|dung|them)( sang| qua| them)? (kenh|zalo|telegram|so|so dien thoai|tai khoan|may|dien thoai)"
    rf"( khac| moi)?( the nao| ra sao| lam sao| duoc khong)?)$"
)
_UNLINK = re.compile(
    rf"^({_ASKING} )*(bo|huy|go|ngat|tat|cat|dung|thoi|khong|ngung)( khong)? (lien ket|ket noi)( nua|( {_OBJECT})*)$"
)
#: begins like a code and is none: mistyped, or cut off
_BROKEN = re.compile(r"\W*(ma )?lk(?=[\s.\-–]*[0-9a-z])[\s.\-–]*([0-9a-z]{1,9}[\s.\-–]*){1,4}")
_FAMILY = re.compile(
    r"\b(nguoi nha|ho hang|hang xom|nguoi than|nhap ho|hoi ho|xem ho|nho (toi|chau|con|em|minh)|cua "
    r"(ba|me|ma|u|bo|cha|thay|ong|cu|vo|chong|con|chau|anh|chi|em|co|chu|bac|di|cau)\b)"
)
#: "đổi sổ" is about a land certificate, "đổi số nhà" about a house; without accents nobody can tell
_OTHER_MATTERS = ("sổ", "nhà")


def wished(text: str) -> Callable[[Turn], None] | None:
    """What answers the wish to link one's channels, or to undo it, if the words are that and nothing else."""
    said = words_of(text)
    if any(word in text.lower() for word in _OTHER_MATTERS):
        return None
    if _UNLINK.fullmatch(said):
        return stop
    return start if _LINK.fullmatch(said) else None


def start(turn: Turn) -> None:
    """Give a one-time code, to be sent from the other channel."""
    code = turn.facts.fresh_link_code()
    turn.do(MakeLinkCode(code=code))
    turn.say(say("link.code", code=link_codes.shown(code)))


def stop(turn: Turn) -> None:
    """Nothing is sent by another channel any more."""
    if turn.facts.consents.get(ConsentPurpose.FALLBACK):
        turn.do(RecordConsent(purpose=ConsentPurpose.FALLBACK, granted=False, sentence="consent.fallback"))
        turn.say(say("link.undone"))
    else:
        turn.say(say("link.not_linked"))


def code_in(turn: Turn) -> str | None:
    """The one-time code a message or a deep link brings."""
    message = turn.message
    text = (message.payload or "") if message.kind is MessageKind.START else message.text
    return link_codes.find(text) if message.kind in {MessageKind.START, MessageKind.TEXT} and _short(text) else None


def is_broken_code(turn: Turn) -> bool:
    """Whether the message is meant as a one-time code and cannot be one: it is never an opinion."""
    text = turn.message.text.strip()
    if turn.message.kind is not MessageKind.TEXT or len(text) > _BROKEN_WITHIN:
        return False
    # «lk zalo» is the wish to link; a code has a digit, or strokes between its parts.
    return _BROKEN.fullmatch(fold(text)) is not None and re.search(r"[0-9\-–]", text) is not None


def refuse_broken_code(turn: Turn) -> None:
    """Say kindly that it does not work; what was being asked stays asked."""
    if lookups.guessing(turn, found=False):
        turn.say(say("status.too_many", contact=contact(turn.facts)))
    else:
        turn.say(say("link.bad"))
    if turn.talk.options:
        turn.ask_again()


def _short(text: str) -> bool:
    return len(text) <= CODE_WITHIN


def received(turn: Turn, code: str) -> None:
    """Somebody sent a code: say what linking means and ask, or say kindly that it does not work."""
    code_hash = link_codes.hash_of(code)
    fact = turn.facts.link_of(code_hash)
    if lookups.guessing(turn, found=fact.standing is not LinkStanding.UNUSABLE):
        turn.say(say("status.too_many", contact=contact(turn.facts)))
    elif fact.standing is not LinkStanding.USABLE:
        turn.say(_why_not(fact))
    else:
        paper = "_paper" if fact.paper else ""
        family = (f"family{paper}", say("link.family"))
        options = [("yes", say("link.yes")), ("no", say("link.no")), family]
        turn.ask(StepName.LINKING, say(f"link.sure{paper}"), options)
        turn.talk.link, turn.talk.link_misses = code_hash, 0


def unclear(turn: Turn, text: str, *, short: bool) -> bool:
    """Whether words that choose nothing leave the question open: it is explained once, then asked again. A clear
    opinion is none of them, and neither is what is written after the explanation."""
    talk = turn.talk
    family = next((choice for choice in talk.options.values() if choice.startswith("family")), None)
    if family is not None and _FAMILY.search(fold(text)):
        chosen(turn, family)
        return True
    analysis = turn.facts.understand(text)
    opinion = analysis.kind.value != Kind.NOT_AN_OPINION and "kind" not in analysis.unsure
    if not short and (opinion or talk.link_misses):
        return False
    talk.link_misses += 1
    turn.lead.append(say("link.explained" if talk.link_misses == 1 else "menu.choose"))
    turn.ask_again()
    return True


def chosen(turn: Turn, choice: str) -> None:
    """The person agreed to link, or did not."""
    talk = turn.talk
    code_hash = talk.link
    talk.rest()
    if choice.startswith("family"):
        turn.say(say("link.for_family_paper" if choice == "family_paper" else "link.for_family"))
        return
    if choice != "yes" or code_hash is None:
        turn.say(say("link.kept_apart"))
        return
    fact = turn.facts.link_of(code_hash)
    if fact.standing is not LinkStanding.USABLE:
        turn.say(_why_not(fact))
        return
    turn.do(LinkChats(code_hash=code_hash))
    talk.consent_left, talk.consent_given = _to_ask(fact), {}
    if talk.consent_left:
        consent.ask_next(turn, intro=say("link.done_paper" if fact.paper else "link.done"))
    else:
        turn.say(say("link.done_paper" if fact.paper else "link.done"))


def _why_not(fact: LinkFact) -> str:
    return say("link.own" if fact.standing is LinkStanding.OWN else "link.bad")


def _to_ask(fact: LinkFact) -> list[str]:
    """Whether to send news, where nobody asked yet; and whether by the other channel, where there is one and news are
    welcome at all."""
    wanted = [] if ConsentPurpose.PUSH in fact.consents else [str(ConsentPurpose.PUSH)]
    if not fact.paper and fact.consents.get(ConsentPurpose.PUSH, True):
        wanted.append(str(ConsentPurpose.FALLBACK))
    return wanted
