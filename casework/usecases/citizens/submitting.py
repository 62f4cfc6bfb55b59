"""A finished text becomes an opinion: what the chat, the officer who writes for somebody and the spreadsheet share."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import insert

from casework.usecases.deadlines.obligations import refresh_opinion
from casework.usecases.work import Actor, Work
from nlp.analysis import Analysis, Judgement, Kind
from storage.records import Citizen, Opinion, OpinionState, Prediction, Wording


@dataclass(frozen=True, kw_only=True)
class Source:
    """By which way an opinion came, when not by its author's own chat."""

    name: str
    staff_id: int
    #: number of the paper form: imported once
    ref: str | None = None


def submit(
    work: Work,
    actor: Actor,
    person: Citizen,
    *,
    code: str | None,
    text: str,
    analysis: Analysis,
    village_id: int | None,
    held: bool,
    identity_id: int | None = None,
    follows: int | None = None,
    source: Source | None = None,
    submitted_at: dt.datetime | None = None,
) -> Opinion:
    """Store an opinion with its wording, what the program thinks of it and the acknowledgement owed, and record it.

    `code` None: it is sealed. `held`: a person must look at it before anything else happens.
    """
    kind = analysis.kind.value
    if kind == Kind.NOT_AN_OPINION:
        # The program doubted it, its author says it is one: the author is right until a person decides.
        kind = Kind.OPINION
    sealed = code is None
    opinion = Opinion(
        code=code,
        office_id=work.services.office_id,
        citizen_id=person.id,
        channel_identity_id=identity_id,
        residential_group_id=village_id,
        state=OpinionState.HELD if held else OpinionState.RECEIVED,
        kind=kind,
        topic=analysis.topic.value,
        level=analysis.level.value,
        urgent=analysis.is_urgent,
        sealed=sealed,
        original_text=text,
        issues=max(analysis.issues, 1),
        follows_opinion_id=follows,
        submitted_at=submitted_at or work.now,
    )
    details: dict[str, str] = {}
    if source is not None:
        opinion.source, opinion.entered_by_staff_id, opinion.source_ref = source.name, source.staff_id, source.ref
        details["source"] = source.name
    work.add(opinion)
    opinion_id = opinion.id
    if opinion_id is None:
        raise ValueError("an opinion that is not stored")
    work.add(Wording(opinion_id=opinion_id, author="citizen", text=text, at=work.now))
    record_predictions(work, opinion_id, analysis)
    refresh_opinion(work, opinion, fresh=True)
    verb = "held" if held else "submitted"
    work.record(actor, verb, "opinion", opinion_id, kind=kind, sealed=sealed, state=opinion.state, **details)
    return opinion


def record_predictions(work: Work, opinion_id: int, analysis: Analysis) -> None:
    """Keep what the program thought, with how sure it was: people decide, and the next model learns from both."""
    labels: dict[str, Judgement] = {
        "kind": analysis.kind,
        "topic": analysis.topic,
        "level": analysis.level,
        "urgent": analysis.urgent,
    }
    rows = [
        {
            "opinion_id": opinion_id,
            "label": label,
            "value": judgement.value,
            "confidence": judgement.confidence,
            "made_by": judgement.made_by,
            "unsure": label in analysis.unsure,
            "reason": judgement.reason,
            "at": work.now,
        }
        for label, judgement in labels.items()
    ]
    # Nobody needs their keys: one statement, not one for each.
    work.session.exec(insert(Prediction), params=rows)
