"""What people say of being written to and of what is kept about them: "đừng nhắn tin nữa", "STOP", "rút đồng ý".

A message is such a wish only when it is that and nothing else. It is heard before anything that could take its words
for an opinion, a choice or the withdrawal of an opinion.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.conversation import privacy
from bot.conversation.turn import Turn
from nlp.normalise import fold

_WORD = re.compile(r"[a-z0-9]+")
#: who speaks to whom, and politeness: they change nothing
_POLITE = frozenset(
    _WORD.findall(
        "da a oi nhe nha ah em toi tui tao chau con bac chu co anh chi minh ong ba xin on giup voi luon di cho"
    )
    + _WORD.findall("roi the vao nay qua met de nghi yeu cau hay cua")
)
#: longest wish, words as typed
LONGEST = 12

_NEWS = r"(nhan tin|gui tin|nhan tin nhan|gui tin nhan|tin nhan|thong bao|nhan thong bao|gui thong bao)"
_STOP = re.compile(
    rf"(phien )?(stop|unsubscribe|(thoi )?(dung|ngung|khong|ko|k|hong|thoi|khoi|chan) "
    rf"((muon|can|thich|phai|dong y) )?{_NEWS}( nua| them)*|"
    rf"(thoi )?(huy|bo|tat|ngat|cat|chan) ({_NEWS}|tin)( nua)?|"
    rf"(thoi )?(dung|khoi) (lam phien|quay ray|spam)( nua)?)"
)
#: these may as well be about the opinion being written
_STOP_OR_DRAFT = re.compile(r"(phien )?(thoi )?dung (gui|nhan) (nua|them)")
_START = re.compile(
    r"((muon|dong y|bat|mo|cu) )+(nhan |gui )?(tin|tin nhan|thong bao|nhan tin)( lai| tro lai| nhu cu)?|"
    r"(nhan|gui|bat|mo) ?(tin|tin nhan|thong bao) (lai|tro lai|nhu cu)"
)
_DATA = r"(thong tin|du lieu|so dien thoai)"
_WITHDRAW_CONSENT = re.compile(
    r"(muon )?((rut|rut lai|huy|bo|thu hoi) (su )?dong y( nua)?|"
    rf"(xoa|huy|bo) (het )?{_DATA}( rieng| ca nhan)?( het)?)"
)
_ERASE_NAME = re.compile(r"(muon )?(xoa|bo|go) (ho )?ten( het)?")


def heard(text: str) -> Callable[[Turn], None] | None:
    """What such a message does; None when it may be anything else."""
    typed = _WORD.findall(fold(text))
    if not typed or len(typed) > LONGEST:
        return None
    said = " ".join(word for word in typed if word not in _POLITE)
    if _START.fullmatch(said):
        return privacy.start_push
    if _STOP.fullmatch(said) or _stop_in_accents(text):
        return privacy.stop_push
    if _STOP_OR_DRAFT.fullmatch(said) and "đúng" not in text.lower():
        return privacy.stop_push if "phien" in typed else _stop_unless_writing
    if _WITHDRAW_CONSENT.fullmatch(said):
        return privacy.withdraw
    return privacy.erase_name if _ERASE_NAME.fullmatch(said) else None


def _stop_in_accents(text: str) -> bool:
    """«dừng» alone; without accents the word is a yes."""
    return (
        re.fullmatch(r"(thôi )?dừng( lại| nhé| đi| ngay)*( ạ)?", " ".join(re.findall(r"\w+", text.lower()))) is not None
    )


def open_to(turn: Turn, wish: Callable[[Turn], None]) -> bool:
    """Whether the wish can be meant here: unclear words belong to a draft or to an open question."""
    return wish is not _stop_unless_writing or not (turn.talk.unfinished or turn.talk.options)


def _stop_unless_writing(turn: Turn) -> None:
    privacy.stop_push(turn)
