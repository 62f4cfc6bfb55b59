"""Use case: what staff corrected of the program's reading, for the model to learn from when somebody tells it to.

Nothing is kept twice: a correction is a person's judgement beside the program's (`labels.judge`). Sealed and
withdrawn opinions are never handed out, and the words are masked of personal data before they leave.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlmodel import col, select

from casework.public_words import name_free
from casework.usecases.access import DECIDERS, require
from casework.usecases.work import Services
from nlp.analysis import MadeBy
from storage.records import Opinion, OpinionState, Prediction

_LABELS = ("kind", "topic", "level", "urgent")


@dataclass(frozen=True, kw_only=True)
class Correction:
    """A message as staff labelled it: `labels` holds kind, topic, level, urgent ("true" or "false"); `corrected`
    names those a person changed."""

    text: str
    labels: Mapping[str, str]
    corrected: frozenset[str]


def corrections(services: Services, staff_id: int) -> list[Correction]:
    """Every opinion with at least one label set by a person, oldest first.

    Raises `Forbidden` for who may not decide on opinions.
    """
    with services.reading() as work:
        require(work, staff_id, *DECIDERS)
        rows = work.session.exec(
            select(Opinion, Prediction)
            .join(Prediction, col(Prediction.opinion_id) == col(Opinion.id))
            .where(
                Opinion.office_id == services.office_id,
                col(Opinion.sealed).is_(False),
                Opinion.state != OpinionState.WITHDRAWN,
                col(Prediction.label).in_(_LABELS),
            )
            .order_by(col(Opinion.id), col(Prediction.id))
        ).all()
        by_opinion: dict[int, tuple[str, dict[str, str], set[str]]] = {}
        for opinion, said in rows:
            if opinion.id is None:
                continue
            _, labels, corrected = by_opinion.setdefault(opinion.id, (opinion.original_text, {}, set()))
            if said.made_by == MadeBy.PERSON:
                corrected.add(said.label)
            elif said.label in corrected:
                continue
            labels[said.label] = said.value
    return [
        Correction(text=name_free(text), labels=labels, corrected=frozenset(corrected))
        for text, labels, corrected in by_opinion.values()
        if corrected and len(labels) == len(_LABELS)
    ]
