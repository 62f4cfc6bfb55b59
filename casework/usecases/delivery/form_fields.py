"""What an approved form says of a notice: its code, where it stands, and how to fetch the whole."""

from __future__ import annotations

from casework.clock import local_date, vietnamese_date
from casework.codes import spoken
from casework.errors import InvalidInput
from casework.ladder.forms import fill
from casework.names import PURPOSES
from casework.talk import TemplateMessage
from casework.usecases.answers.pages import answer_link
from casework.usecases.work import Work
from storage.records import Delivery, Office, Opinion


def filled_form(work: Work, delivery: Delivery, channel: str) -> TemplateMessage:
    """The office's form for this notice, filled in. Nothing in it names anybody or says what the matter is.

    Raises `InvalidInput` when there is no form or a value does not fit it.
    """
    form = work.services.policy.form(channel, delivery.purpose)
    if form is None:
        raise InvalidInput("Chưa có mẫu tin cho loại tin này.", todo="Thêm vào tệp mẫu ZBS.")
    opinion = work.session.get(Opinion, delivery.opinion_id) if delivery.opinion_id is not None else None
    if opinion is None or opinion.code is None:
        raise InvalidInput("Tin này không mang mã nên không điền được mẫu.", todo="Trao tận tay.")
    fields = {
        "code": spoken(opinion.code),
        "status": PURPOSES.get(delivery.purpose, "có tin mới"),
        "date": vietnamese_date(local_date(delivery.created_at)),
        "office": work.session.get_one(Office, opinion.office_id).name,
    }
    if "link" in form.parameters.values() and delivery.answer_id is not None and opinion.id is not None:
        link = answer_link(work, answer_id=delivery.answer_id, opinion_id=opinion.id)
        if link is not None:
            fields["link"] = link
    return fill(form, fields)
