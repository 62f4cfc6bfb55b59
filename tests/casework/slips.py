"""Answers that wait on paper: written to somebody without any channel, as the ladder puts them there."""

from __future__ import annotations

import datetime as dt

from casework.notices import tell_asker
from casework.usecases.answers.asker_view import answer_message
from casework.usecases.work import Services
from storage.records import Answer, AnswerState, Delivery, Opinion, OpinionGroup, OpinionState
from tests.casework.factories import make_citizen, make_group, make_opinion

ANSWER = "Đã thay 12 bóng đèn, đèn sáng từ 18 giờ."


def waiting_slip(
    services: Services,
    *,
    village: str | None = "ha",
    name: str | None = None,
    text: str = ANSWER,
    title: str = "Đèn đường không sáng",
    channel: str | None = None,
    push: bool | None = None,
    final: bool = True,
) -> tuple[Opinion, Delivery]:
    """An answered opinion of somebody without a channel (or with one that was never agreed to be used), and its
    notice."""
    person = make_citizen(services, name=name, village=village, channel=channel, push=push)
    group = make_group(services, title)
    opinion = make_opinion(services, citizen=person, group=group, village=village, state=OpinionState.ANSWERED)
    with services.writing() as work:
        line = work.session.get_one(OpinionGroup, group)
        line.titled_by_staff = True
        answer = work.add(
            Answer(
                office_id=services.office_id,
                group_id=group,
                final=final,
                agency="UBND xã Tân Minh",
                document_number="15/UBND",
                document_date=dt.date(2026, 11, 1),
                text=text,
                state=AnswerState.PUBLISHED,
                created_at=work.now,
                published_at=work.now,
            )
        )
        message = answer_message(answer, opinion)
        notice = tell_asker(
            work, opinion, purpose="answer", text=message.text, answer_id=answer.id, buttons=message.buttons
        )
        assert notice is not None
        work.commit()
    return opinion, notice


def notice_of(services: Services, delivery: Delivery) -> Delivery:
    """The notice as it stands now."""
    with services.reading() as work:
        return work.session.get_one(Delivery, delivery.id)
