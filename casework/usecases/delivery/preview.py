"""What an approved form would say of one opinion, before anybody is sent one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from casework.errors import InvalidInput, NotFound
from casework.ladder.values import FORM_CHANNEL, PHONE_CHANNEL
from casework.usecases.access import VIEWERS, find_opinion, key_of, require
from casework.usecases.delivery.form_fields import filled_form
from casework.usecases.work import Services
from storage.records import Answer, AnswerState, Delivery, Role

_ROUTES = (("uid", FORM_CHANNEL), ("phone", PHONE_CHANNEL))


@dataclass(frozen=True, kw_only=True)
class Preview:
    """One form filled in. `problem`: why it could not be; then `data` is empty."""

    route: str
    template_id: str
    data: dict[str, str]
    #: Vietnamese dong before tax
    price_vnd: int
    problem: str = ""


def preview(services: Services, staff_id: int, purpose: str, ref: str) -> list[Preview]:
    """The forms for a notice of `purpose` about an opinion, by each way the office has a form for. Nothing is kept; a
    link in it leads nowhere.

    Raises `NotFound` (also without any form), `Forbidden`.
    """
    with services.writing() as work:
        opinion = find_opinion(work, ref)
        require(work, staff_id, *VIEWERS, Role.ADMIN, opinion=opinion)
        answer_id = work.session.exec(
            select(Answer.id)
            .where(Answer.group_id == opinion.group_id, Answer.state == AnswerState.PUBLISHED)
            .order_by(col(Answer.id).desc())
        ).first()
        notice = Delivery(
            key="preview",
            purpose=purpose,
            opinion_id=key_of(opinion),
            answer_id=answer_id,
            text="",
            not_before=work.now,
            created_at=work.now,
        )
        found = []
        for route, channel in _ROUTES:
            form = services.policy.form(channel, purpose)
            if form is None:
                continue
            try:
                data, problem = dict(filled_form(work, notice, channel).data), ""
            except InvalidInput as error:
                data, problem = {}, error.what
            found.append(
                Preview(route=route, template_id=form.template_id, data=data, price_vnd=form.price_vnd, problem=problem)
            )
        # Left without a commit: what was drawn for it is not kept.
    if not found:
        raise NotFound("Chưa có mẫu tin cho loại tin này.", todo="Xem các mẫu đang có: doithoai zalo templates list")
    return found
