"""Promise 8: every act is recorded, by whom; the record is whole; what is sent rests on a recorded consent."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, or_, select

from casework.doctor.finding import Finding, breach
from casework.ladder.values import PHONE_CHANNEL, Rung
from casework.usecases.work import Work
from storage import history
from storage.records import (
    Act,
    Answer,
    AnswerState,
    ChannelIdentity,
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
    """News was sent only to who had said yes to being sent news; what was given because they had just written needs
    no yes. A short notice to a phone number rests on the yes to that."""
    rows = work.session.exec(
        select(Delivery, ChannelIdentity.channel)
        .join(ChannelIdentity, col(ChannelIdentity.id) == col(Delivery.channel_identity_id), isouter=True)
        .where(
            col(Delivery.opinion_id).is_not(None),
            Delivery.state == DeliveryState.SENT,
            col(Delivery.rung).is_distinct_from(Rung.ASKED),
        )
        .order_by(col(Delivery.id))
    )
    joined = set(work.session.exec(select(Citizen.merged_into_id).where(col(Citizen.merged_into_id).is_not(None))))
    for notice, channel in rows:
        purpose = ConsentPurpose.PHONE if channel == PHONE_CHANNEL else ConsentPurpose.PUSH
        if not _agreed(work, notice, purpose, of_several_chats=notice.citizen_id in joined):
            yield breach("delivery", notice.id, "đã gửi cho người chưa đồng ý nhận tin")


def _agreed(work: Work, notice: Delivery, purpose: ConsentPurpose, *, of_several_chats: bool) -> bool:
    """Whether the last word before the notice went out was a yes. Of who was known as two persons then, the last word
    of each chat counts: which of them the notice was for cannot be told any more."""
    said = work.session.exec(
        select(Consent.channel_identity_id, Consent.granted)
        .where(
            Consent.citizen_id == notice.citizen_id,
            Consent.purpose == purpose,
            col(Consent.at) <= (notice.finished_at or work.now),
        )
        .order_by(col(Consent.id))
    ).all()
    if not of_several_chats:
        return bool(said) and said[-1][1]
    return any(dict(said).values())


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
