"""How many separate issues does a message hold?"""

from __future__ import annotations

import re
from itertools import pairwise

from nlp.classify import understood
from nlp.normalise import clean, fold

#: words that announce another matter; "còn" and "mà" only at the head of a sentence
_TURN = re.compile(
    r"\b(?:voi lai|nhan tien|nhan day|tien the|san day|san tien|luon tien|ngoai ra|them nua|ben canh do|chua ke|"
    r"(?:chuyen|viec|van de|y) thu (?:hai|ba|tu|2|3|4)|thu (?:hai|ba) la|(?:mot|1) (?:viec|chuyen) nua|"
    r"phan anh (?:luon|them)|hoi them|(?:2|hai|ba|3) la)\b"
)
_SENTENCE_TURN = re.compile(r"(?<=[.!?;\n])\s*(?:con|ma)\s+(?!neu|thi|gi\b)")
#: "thứ nhất ... thứ hai", "một là ... hai là" at the head of a sentence: the first of them announces nothing alone
_ORDINAL = re.compile(r"(?:^|(?<=[.!?;:,\n]))\s*(?:thu (?:nhat|hai|ba|tu)|(?:mot|hai|ba|bon) la)\b")
_TWO_MATTERS = re.compile(
    r"\b(?:lo|xem|giai quyet|giup)\s+(?:giup\s+|giup do\s+)?(?:ca\s+)?(hai|ba|2|3) (?:viec|chuyen)\b"
)
_ENUMERATED = re.compile(r"(?:^|[\s.;:])([1-9])\s*[.)/-]\s+(?=[^\W\d])")
#: more separate matters than this in one message are listed by no one
MOST_ISSUES = 6
#: a part counts when the lexicon finds at least this much subject in it
_ENOUGH = 1.0


def parts_of(text: str) -> list[str]:
    """The message cut where the writer turns to another matter; pieces without a subject join the one before."""
    readable = clean(text).text
    folded = fold(readable)
    cuts = sorted({found.start() for pattern in (_TURN, _SENTENCE_TURN) for found in pattern.finditer(folded)})
    numbered = [found.start() for found in _ENUMERATED.finditer(folded)]
    if len(numbered) >= 2:
        cuts = sorted({*cuts, *numbered})
    ordinals = [found.start() for found in _ORDINAL.finditer(folded)]
    if len(ordinals) >= 2:
        cuts = sorted({*cuts, *ordinals})
    bounds = [0, *(cut for cut in cuts if cut > 0), len(readable)]
    pieces = [readable[a:b].strip() for a, b in pairwise(bounds)]
    parts: list[str] = []
    for piece in pieces:
        if not piece:
            continue
        if parts and min(_strength(piece), _strength(parts[-1])) < _ENOUGH:
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts[:MOST_ISSUES]


def _strength(piece: str) -> float:
    return understood(piece)[1].strength


def count_issues(text: str) -> int:
    """Separate matters, at least 1. Cheap when no turning word occurs."""
    folded = fold(clean(text).text)
    said = _TWO_MATTERS.search(folded)
    stated = {"hai": 2, "2": 2, "ba": 3, "3": 3}[said.group(1)] if said else 1
    turns = any(pattern.search(folded) for pattern in (_TURN, _SENTENCE_TURN, _ENUMERATED, _ORDINAL))
    return max(stated, len(parts_of(text)) if turns else 1, 1)
