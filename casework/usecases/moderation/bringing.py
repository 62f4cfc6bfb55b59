"""Use case: an officer brings the answer of somebody without a chat to what was asked back, as the person said it."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from casework.effects import AddWords
from casework.errors import IllegalMove, InvalidInput
from casework.reaching import FOR_THE_ASKING
from casework.usecases.access import ASKERS_BACK, key_of, ref_of
from casework.usecases.citizens.applying import add_words
from casework.usecases.moderation.decisions import open_case
from casework.usecases.work import Services, Work, staff_member
from casework.wording import say
from storage.records import Delivery, DeliveryState, Opinion, OpinionState

#: longest answer taken, characters
LIMIT = 2000


def bring_answer(
    services: Services,
    staff_id: int,
    ref: str | int,
    words: str,
    *,
    entry_ids: Sequence[int] = (),
    request: str | None = None,
) -> str:
    """Add what the person said to the question that was asked back; the question counts as handed over. On record it
    is who brought it. Returns code or "#number" (the words may have sealed the opinion).

    Raises `InvalidInput` without words, `IllegalMove` when nothing was asked or the person answers in an own chat,
    `NotFound`, `Forbidden`.
    """
    said = words.strip().removeprefix("|").strip()
    if not said or len(said) > LIMIT:
        raise InvalidInput(say("bring.no_words", limit=LIMIT))
    with services.writing() as work:
        case = open_case(work, staff_id, ref, roles=ASKERS_BACK)
        opinion = case.opinion
        work.session.refresh(opinion, with_for_update=True)
        if opinion.state != OpinionState.CLARIFYING:
            raise IllegalMove(say("bring.nothing_asked"))
        if opinion.channel_identity_id is not None:
            raise IllegalMove(say("bring.own_chat"))
        effect = AddWords(opinion_id=key_of(opinion), text=said, entry_ids=tuple(entry_ids))
        add_words(work, staff_member(staff_id), opinion, effect, verb="answer_brought", request=request)
        _question_was_read_out(work, opinion, staff_id)
        work.commit()
        return ref_of(opinion)


def _question_was_read_out(work: Work, opinion: Opinion, staff_id: int) -> None:
    rows = work.session.exec(
        select(Delivery).where(
            Delivery.opinion_id == opinion.id,
            Delivery.purpose == "asked_back",
            col(Delivery.state).in_(FOR_THE_ASKING),
        )
    ).all()
    for row in rows:
        before, row.state = row.state, DeliveryState.HANDED_OVER
        row.finished_at, row.step_at = work.now, None
        work.add(row)
        if row.id is not None:
            work.record(staff_member(staff_id), "handed_over", "delivery", row.id, before=before, state=row.state)
