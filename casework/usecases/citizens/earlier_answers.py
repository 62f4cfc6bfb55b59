"""Was this answered before? Finds written answers to the same concrete issue, of any period, for staff to look at.

Nothing is sent by it: whether an old answer still holds is for a person to say.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.usecases.answers.answering import published_answers
from casework.usecases.citizens.grouping import groups_of, signature_of
from casework.usecases.citizens.likeness_index import alike
from casework.usecases.moderation.rulings import ruled_apart
from casework.usecases.work import Work
from nlp.similar import Signature, relate
from storage.records import Opinion, OpinionGroup, OpinionState, ResidentialGroup

#: answers given back; more would not be read
MOST = 3


@dataclass(frozen=True, kw_only=True)
class EarlierAnswer:
    """A published answer to an issue that an opinion seems to be about."""

    answer_id: int
    group_id: int
    #: name-free title of the issue
    title: str
    agency: str
    #: empty for an answer told in person
    document_number: str
    document_date: dt.date
    final: bool
    #: 0..1, how sure it is the same issue
    score: float
    reasons: tuple[str, ...]


def earlier_answers(work: Work, opinion: Opinion) -> list[EarlierAnswer]:
    """Answers to the same matter as the opinion's, the surest first, one per issue; none for an opinion that is
    sealed, a complaint or a denunciation."""
    if opinion.sealed or opinion.id is None:
        return []
    mine = _signature_of(work, opinion)
    found = alike(work, opinion.office_id, mine, states=[OpinionState.ANSWERED], besides=opinion.id)
    apart = ruled_apart(work, [opinion.id]).get(opinion.id, set())
    others = {
        str(other.id): (other, made)
        for other in found
        if other.id not in apart and (made := _readable(other.signature)) is not None
    }
    left = groups_of(work, apart) | {opinion.group_id}
    answers: list[EarlierAnswer] = []
    for match in relate(mine, {key: made for key, (_, made) in others.items()}):
        group_id = others[match.id][0].group_id
        if not match.same or group_id is None or group_id in left:
            continue
        left.add(group_id)
        group = work.session.get_one(OpinionGroup, group_id)
        for answer in published_answers(work, group_id)[:1]:
            answers.append(
                EarlierAnswer(
                    answer_id=answer.id or 0,
                    group_id=group_id,
                    title=group.title,
                    agency=answer.agency,
                    document_number=answer.document_number,
                    document_date=answer.document_date,
                    final=answer.final,
                    score=match.score,
                    reasons=match.reasons,
                )
            )
    return answers[:MOST]


def _signature_of(work: Work, opinion: Opinion) -> Signature:
    stored = _readable(opinion.signature) if opinion.signature and opinion.suggested_at is not None else None
    if stored is not None:
        return stored
    village = work.session.get(ResidentialGroup, opinion.residential_group_id or 0)
    chosen = None if village is None else (village.code, village.name)
    return signature_of(work.services, opinion.original_text, opinion.kind, chosen)


def _readable(stored: str) -> Signature | None:
    """None for one an older version made; it is made anew before long."""
    try:
        return Signature.from_json(stored)
    except ValueError:
        return None
