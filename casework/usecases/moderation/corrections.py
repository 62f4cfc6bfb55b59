"""Use case: what staff corrected of the program's reading, for the model to learn from when somebody tells it to.

Nothing is kept twice: a correction is a person's judgement beside the program's (`labels.judge`). Sealed, withdrawn
and erased opinions are never handed out, and the words are masked of personal data before they leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlmodel import col

from casework.public_words import name_free
from casework.usecases.access import DECIDERS, require
from casework.usecases.work import Services
from nlp.analysis import MadeBy
from storage.records import Opinion, OpinionState, Prediction

_LABELS = ("kind", "topic", "level", "urgent")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A message and its `labels` as they stand: kind, topic, level, urgent ("true" or "false"). A person said those
    named in `corrected`; the others are the program's guesses, which nobody looked at."""

    text: str
    labels: Mapping[str, str]
    corrected: frozenset[str]


def corrections(services: Services, staff_id: int) -> list[Correction]:
    """Every opinion with at least one label set by a person, oldest first.

    Raises `Forbidden` for who may not decide on opinions.
    """
    with services.reading() as work:
        require(work, staff_id, *DECIDERS)
        # Of all opinions and judgements only those of people are fetched: they are few.
        rows = work.session.execute(
            select(
                col(Opinion.id),
                col(Opinion.original_text),
                col(Opinion.kind),
                col(Opinion.topic),
                col(Opinion.level),
                col(Opinion.urgent),
                col(Prediction.label),
                col(Prediction.value),
            )
            .join(Prediction, col(Prediction.opinion_id) == col(Opinion.id))
            .where(
                col(Opinion.office_id) == services.office_id,
                col(Opinion.sealed).is_(False),
                col(Opinion.state) != OpinionState.WITHDRAWN,
                col(Prediction.made_by) == MadeBy.PERSON,
                col(Prediction.label).in_(_LABELS),
            )
            .order_by(col(Opinion.id), col(Prediction.id))
        ).all()
    texts: dict[int, str] = {}
    labels: dict[int, dict[str, str]] = {}
    corrected: dict[int, set[str]] = {}
    for key, text, kind, topic, level, urgent, label, value in rows:
        texts[key] = text
        standing = {"kind": kind, "topic": topic, "level": level, "urgent": str(urgent).lower()}
        labels.setdefault(key, standing)[label] = value
        corrected.setdefault(key, set()).add(label)
    return [
        Correction(text=name_free(text), labels=labels[key], corrected=frozenset(corrected[key]))
        for key, text in texts.items()
    ]
