"""Promise 8: every act is recorded, by whom; the record is whole; what is sent rests on a recorded consent."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, or_, select

from casework.doctor.finding import Finding, breach
from casework.usecases.work import Work
from storage import history
from storage.records import (
    Act,
    Answer,
    AnswerState,
    Citizen,
    Consent,
    ConsentPurpose,
    Delivery,
    DeliveryState,
    Opinion,
    Staff,
)

_ACTORS = ("citizen", "staff", "system")


def the_history_is_whole(work: Work) -> Iterator[Finding]:
    """Nobody changed, removed or cut off an act behind the program's back."""
    for line in history.verify(work.session):
        yield breach("act", None, f"sổ việc bị sửa: {line}")


def everything_has_a_history(work: Work) -> Iterator[Finding]:
    """Each opinion and each published answer has its acts."""
    for subject, keys in (
        ("opinion", select(Opinion.id)),
        ("answer", select(Answer.id).where(Answer.state == AnswerState.PUBLISHED)),
    ):
        recorded = set(work.session.exec(select(Act.subject_id).where(Act.subject == subject).distinct()))
        for key in work.session.exec(keys):
            if key not in recorded:
                yield breach(subject, key, "không có dòng nào trong sổ việc")


def acts_have_an_actor(work: Work) -> Iterator[Finding]:
    """Each act says who did it, and staff acts name a person on file."""
    people = select(Staff.id)
    rows = work.session.exec(
        select(Act.id)
        .where(
            or_(
                col(Act.actor).not_in(_ACTORS),
                (col(Act.actor) == "staff") & or_(col(Act.actor_id).is_(None), col(Act.actor_id).not_in(people)),
            )
        )
        .order_by(col(Act.id))
    )
    for act_id in rows:
        yield breach("act", act_id, "không rõ ai làm")


def answers_were_approved_by_a_person(work: Work) -> Iterator[Finding]:
    """What was published was approved by a named person."""
    rows = work.session.exec(
        select(Answer.id)
        .where(Answer.state == AnswerState.PUBLISHED, col(Answer.approved_by_staff_id).is_(None))
        .order_by(col(Answer.id))
    )
    for answer_id in rows:
        yield breach("answer", answer_id, "đã gửi đi mà không rõ ai duyệt")


def consents_can_be_proved(work: Work) -> Iterator[Finding]:
    """Each consent keeps the fingerprint of the sentence that was shown."""
    rows = work.session.exec(
        select(Consent.id)
        .where(or_(Consent.wording_hash == "", Consent.wording_version == ""))
        .order_by(col(Consent.id))
    )
    for consent_id in rows:
        yield breach("consent", consent_id, "không ghi câu hỏi nào đã được hỏi")


def what_was_pushed_was_agreed_to(work: Work) -> Iterator[Finding]:
    """News was sent only to who had said yes to being sent news."""
    rows = work.session.exec(
        select(Delivery)
        .where(col(Delivery.opinion_id).is_not(None), Delivery.state == DeliveryState.SENT)
        .order_by(col(Delivery.id))
    )
    for notice in rows:
        said = work.session.exec(
            select(Consent.granted)
            .where(
                Consent.citizen_id == notice.citizen_id,
                Consent.purpose == ConsentPurpose.PUSH,
                col(Consent.at) <= (notice.finished_at or work.now),
            )
            .order_by(col(Consent.id).desc())
        ).first()
        if not said:
            yield breach("delivery", notice.id, "đã gửi cho người chưa đồng ý nhận tin")


def names_are_kept_with_consent(work: Work) -> Iterator[Finding]:
    """A name is on file only of who agreed to that."""
    latest: dict[int, bool] = {}
    for consent in work.session.exec(
        select(Consent).where(Consent.purpose == ConsentPurpose.PROCESS).order_by(col(Consent.id))
    ):
        latest[consent.citizen_id] = consent.granted
    for citizen_id in work.session.exec(
        select(Citizen.id).where(col(Citizen.display_name).is_not(None)).order_by(col(Citizen.id))
    ):
        if not latest.get(citizen_id or 0):
            yield breach("citizen", citizen_id, "lưu tên khi chưa được đồng ý")
