"""Opinion, complaint, denunciation or chat? Signals are weighed together; no single word decides.

A denunciation missed harms a person, one flagged wrongly costs a clerk a look: so whenever an offence and
somebody recognisable meet, the message is flagged, and when only one of the two is there, a person decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from nlp.analysis import Chat, Judgement, Kind, MadeBy
from nlp.classify import Subject, named
from nlp.matcher import Hit
from nlp.normalise import CAPITALS, fold
from nlp.vocabulary import Reading

_TITLE = r"(?:[Ôô]ng|[Bb]à|[Aa]nh|[Cc]hị|[Tt]hằng|[Cc]ô|[Tt]hầy|[Ll]ão|[Cc]on mụ|[Cc]hú|[Bb]ác|[Cc]on)"
#: somebody named: "bà H.", "thằng H", "ông Tư Lành", "tên T."
_NAMED = re.compile(rf"(?:{_TITLE}(?:\s+\w+)?|\btên)\s+(?:[{CAPITALS}]\w*\.?)(?=\W|$)")
_NAMED_BARE = re.compile(r"\b(?:ong|ba|anh|chi|thang|co|thay|ten|chu|bac)\s+[A-ZĐ][\w]*", re.ASCII)
#: without one neither can match
_CAPITAL_WITHIN = re.compile(rf"\s[{CAPITALS}]")
_DIGIT = re.compile(r"\d")
#: "đòi 10tr", "nhận 5 triệu"
_DEMANDS_MONEY = re.compile(
    r"\b(?:doi|voi|nhan|an|vi|gap|dua)\b(?:\s+\w+){0,3}?\s+\d+\s?(?:tr|trieu|cu|chai|ngan|nghin)\b"
)
_MONEY_WEIGHT = 2.0
#: subject strength and asking from which an opinion is plain
_CLEAR_SUBJECT = 1.5
_CLEAR_ASKING = 3.0
#: summed weak signs from which a person must read the message as a possible denunciation
_SUSPICIOUS = 3.4
#: weight of signs from which a contested decision is no accusation, unless the sender says "tố cáo" or the like
_CLEARLY_CONTESTED = 6.0


@dataclass(frozen=True, kw_only=True)
class KindFound:
    """The kind, what a non-opinion is after, and whether a person must look at the kind."""

    judgement: Judgement
    chat: Chat | None = None
    unsure: bool = False


def kind_of(reading: Reading, subject: Subject, text: str, *, in_danger: bool = False) -> KindFound:
    """Denunciation before complaint before chat: the order in which a miss is dearest. A cry for help
    (`in_danger`) is never taken for chat."""
    offence = _strongest(reading.of("denunciation", "offence"))
    reported = reading.weight("denunciation", "report")
    somebody = _somebody(reading, text)
    nobody = reading.weight("denunciation", "nobody") > 0
    complaint, contested = _complaint(reading)
    if complaint and reported == 0 and contested > _CLEARLY_CONTESTED + offence:
        return complaint
    if offence >= 1.8 and somebody and not nobody:
        sure = min(0.9, 0.55 + 0.04 * offence + 0.05 * reported)
        return KindFound(
            judgement=_judge(Kind.DENUNCIATION, sure, _named("dấu hiệu tố cáo", reading, "denunciation", "offence")),
            unsure=sure < 0.65,
        )
    if complaint:
        return complaint
    weak = reading.weight("denunciation", "weak") + (_MONEY_WEIGHT if demands_money(text) else 0.0)
    signs = {hit.phrase.text for hit in reading.of("denunciation", "weak")}
    several = len(signs) >= 2 or weak - _MONEY_WEIGHT >= 0 or reported > 0
    if several and weak + min(reported, 2.0) >= _SUSPICIOUS and weak >= 1.8 and _person(reading, text) and not nobody:
        reason = _named("có người bị nêu và các dấu hiệu", reading, "denunciation", "weak")
        return KindFound(judgement=_judge(Kind.DENUNCIATION, 0.5, reason), unsure=True)
    if not in_danger and (chat := _chat(reading, subject, may_be_other=not names_somebody(reading, text))):
        return chat
    # Nobody but a person decides that words about somebody in particular are no accusation.
    about_somebody = names_somebody(reading, text) or (weak > 0 and _person(reading, text))
    if (offence >= 1.8 and not nobody) or (reported >= 3.6 and somebody) or about_somebody:
        reason = "có nhắc hành vi vi phạm hoặc một người cụ thể, cần người đọc lại"
        return KindFound(judgement=_judge(Kind.OPINION, 0.5, reason), unsure=True)
    if subject.strength < _CLEAR_SUBJECT:
        asks = reading.weight("opinion", "ask") + reading.weight("opinion", "authority")
        reason = "ít từ khóa về việc chung"
        return KindFound(judgement=_judge(Kind.OPINION, 0.6, reason), unsure=asks < _CLEAR_ASKING)
    return KindFound(judgement=_judge(Kind.OPINION, 0.85, "nội dung thuộc việc chung"))


def _judge(kind: Kind, confidence: float, reason: str) -> Judgement:
    return Judgement(value=kind, confidence=round(confidence, 2), made_by=MadeBy.RULE, reason=reason)


def _strongest(hits: Sequence[Hit]) -> float:
    return max((hit.weight for hit in hits), default=0.0) + 0.2 * max(0, len(hits) - 1)


def _named(label: str, reading: Reading, family: str, group: str) -> str:
    return f"{label}: " + named((hit.phrase.text for hit in reading.of(family, group)), 4)


def _somebody(reading: Reading, text: str) -> bool:
    return bool(reading.of("denunciation", "accused")) or names_somebody(reading, text)


def _person(reading: Reading, text: str) -> bool:
    """Somebody in particular: a name, or an office that one person holds."""
    return any(hit.weight >= 1.8 for hit in reading.of("denunciation", "accused")) or names_somebody(reading, text)


def names_somebody(reading: Reading, text: str) -> bool:
    """Whether a person is named, be it by an initial ("bà H.")."""
    return _names_somebody(text, reading.accented)


@lru_cache(maxsize=8)
def _names_somebody(text: str, accented: bool) -> bool:
    """The last few are kept, as it is asked for several times of one message."""
    if _CAPITAL_WITHIN.search(text) is None:
        return False
    return bool(_NAMED.search(text) or (not accented and _NAMED_BARE.search(text)))


def demands_money(text: str) -> bool:
    """Whether somebody wants or takes an amount ("đòi 10tr")."""
    return _DIGIT.search(text) is not None and _DEMANDS_MONEY.search(fold(text)) is not None


def _complaint(reading: Reading) -> tuple[KindFound | None, float]:
    """A decision that hit the sender, and the sender's word that it is wrong; with the weight of the signs."""
    act = reading.weight("complaint", "act")
    contest = reading.weight("complaint", "contest")
    own = reading.weight("complaint", "own")
    general = reading.weight("complaint", "general")
    if act < 1.8 or contest < 1.0 or own < 0.4:
        return None, 0.0
    score = act + contest + min(own, 2.0) - 1.5 * general
    if score < 5.0:
        return None, score
    sure = min(0.92, 0.5 + 0.04 * score)
    reason = _named("việc bị phản đối", reading, "complaint", "act")
    return KindFound(judgement=_judge(Kind.COMPLAINT, sure, reason), unsure=sure < 0.7), score


#: in which order sorts of chat win when they weigh the same
_ORDER = (
    Chat.WANTS_WITHDRAW, Chat.ASKS_STATUS, Chat.ASKS_CONFERENCE, Chat.ADVERT, Chat.ABOUT_CHANNEL, Chat.OTHER,
    Chat.ASKS_HELP, Chat.INSULT, Chat.TEST, Chat.THANKS, Chat.GREETING,
)  # fmt: skip
#: these say so plainly that a topic word beside them ("ý kiến về sổ đỏ đến đâu rồi") changes nothing
_DECISIVE = frozenset({Chat.WANTS_WITHDRAW, Chat.ASKS_STATUS, Chat.ASKS_CONFERENCE})


#: words after which thanks go on to what is still wrong ("cảm ơn xã, nhưng cái cống …"), and how much follows them
_TURNING = frozenset({"nhưng", "mà", "song"})
_TURNING_PLAIN = frozenset({"nhung", "ma"})
_SAID_AFTER = 4


def _turns(reading: Reading) -> bool:
    """Whether somebody thanks and then has more to say."""
    words = [token.canon if reading.accented else token.key for token in reading.tokens]
    turning = _TURNING if reading.accented else _TURNING_PLAIN
    return any(word in turning and len(words) - at > _SAID_AFTER for at, word in enumerate(words) if at)


def _chat(reading: Reading, subject: Subject, *, may_be_other: bool) -> KindFound | None:
    """`may_be_other` False keeps a message without any known word from being taken for idle chat."""
    weights = {chat: reading.weight("chat", chat.value) for chat in _ORDER}
    best = max(_ORDER, key=lambda chat: (weights[chat], -_ORDER.index(chat)))
    weight = weights[best]
    strength = subject.strength
    asks = reading.weight("opinion", "ask") + reading.weight("opinion", "authority")
    long = len(reading.tokens) > 60
    polite = weights[Chat.THANKS] + weights[Chat.GREETING]
    if best is Chat.THANKS and _turns(reading):
        return None
    is_chat = (
        (best in (Chat.THANKS, Chat.GREETING) and polite > strength and asks < 1.8 and len(reading.tokens) <= 30)
        or (best in _DECISIVE and weight >= 3.6 and not long)
        or (best is Chat.ADVERT and weight >= 3.0 and asks < 5.0)
        or (weight >= 1.0 and strength < 2.0 and asks < 3.0)
        or (weight > strength and weight >= 1.8 and asks < 3.5 and not long)
    )
    if is_chat:
        decided = max(weight, 1.0)
        sure = min(0.95, 0.5 + 0.1 * decided)
        reason = _named("không phải ý kiến", reading, "chat", best.value)
        return KindFound(judgement=_judge(Kind.NOT_AN_OPINION, sure, reason), chat=best, unsure=sure < 0.65)
    if may_be_other and strength < 1.0 and asks < 1.8:
        chat = best if weight > 0 else Chat.OTHER
        reason = "không gặp nội dung nào về việc chung"
        return KindFound(judgement=_judge(Kind.NOT_AN_OPINION, 0.5, reason), chat=chat, unsure=True)
    return None
