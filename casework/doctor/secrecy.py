"""Promise 5: complaints and denunciations stay away from agenda and public; a denunciation is sealed."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, or_, select

from casework.clock import local_date
from casework.doctor.finding import Finding, breach, warning
from casework.lifecycle import UNDECIDED
from casework.regulations.model import Duty
from casework.usecases.deadlines.rows import counts_on
from casework.usecases.work import Work
from nlp.analysis import Kind
from storage.records import (
    Act,
    AgendaItem,
    ChannelIdentity,
    Delivery,
    GroupSuggestion,
    Obligation,
    Opinion,
    OpinionPosting,
    OpinionState,
    Role,
    Staff,
    StaffRole,
)

#: so many letters of a sealed text in another message are no coincidence
TELLING = 40


def denunciations_are_sealed(work: Work) -> Iterator[Finding]:
    """What a person or the program calls a denunciation is sealed, without a code."""
    rows = work.session.exec(select(Opinion).where(Opinion.kind == Kind.DENUNCIATION).order_by(col(Opinion.id)))
    for opinion in rows:
        if not opinion.sealed and opinion.state != OpinionState.WITHDRAWN:
            yield breach("opinion", opinion.id, "là tố cáo nhưng không được giữ kín")
    coded = select(Opinion.id).where(col(Opinion.sealed), col(Opinion.code).is_not(None)).order_by(col(Opinion.id))
    for opinion_id in work.session.exec(coded):
        yield breach("opinion", opinion_id, "được giữ kín nhưng có mã tra cứu")


def sealed_opinions_are_opened(work: Work) -> Iterator[Finding]:
    """Nobody but the confidential role sees a sealed opinion, so nobody else notices that its day has passed."""
    rows = work.session.exec(
        select(Opinion, Obligation)
        .join(Obligation, (col(Obligation.subject_id) == col(Opinion.id)) & (col(Obligation.subject) == "opinion"))
        .where(
            col(Opinion.sealed),
            col(Opinion.state).in_([str(state) for state in UNDECIDED]),
            Obligation.duty == Duty.ACKNOWLEDGEMENT,
            col(Obligation.cancelled_at).is_(None),
        )
        .order_by(col(Opinion.id))
    )
    today, seen = local_date(work.now), set[int | None]()
    for opinion, duty in rows:
        day = counts_on(duty)
        if day is not None and today > day and opinion.id not in seen:
            seen.add(opinion.id)
            yield warning(
                "opinion", opinion.id, f"đang giữ kín, chưa có người xem dù hạn báo nhận {day:%d/%m/%Y} đã qua"
            )


def guided_out_opinions_stay_off_the_agenda(work: Work) -> Iterator[Finding]:
    """Sealed, complaint, denunciation or redirected: in no group, so on no agenda line."""
    rows = work.session.exec(
        select(Opinion)
        .where(
            col(Opinion.group_id).is_not(None),
            or_(
                col(Opinion.sealed),
                col(Opinion.kind).in_([Kind.COMPLAINT, Kind.DENUNCIATION]),
                Opinion.state == OpinionState.REDIRECTED,
            ),
        )
        .order_by(col(Opinion.id))
    )
    for opinion in rows:
        line = work.session.exec(select(AgendaItem.id).where(AgendaItem.group_id == opinion.group_id)).first()
        where = f"dòng nội dung hội nghị {line}" if line is not None else f"nhóm {opinion.group_id}"
        yield breach("opinion", opinion.id, f"là khiếu nại, tố cáo hoặc được giữ kín mà nằm trong {where}")


def sealed_opinions_are_compared_with_nothing(work: Work) -> Iterator[Finding]:
    """No similarity is shown for a sealed opinion, from either side."""
    sealed = select(Opinion.id).where(col(Opinion.sealed))
    rows = work.session.exec(
        select(GroupSuggestion.id)
        .where(or_(col(GroupSuggestion.opinion_id).in_(sealed), col(GroupSuggestion.other_opinion_id).in_(sealed)))
        .order_by(col(GroupSuggestion.id))
    )
    for suggestion_id in rows:
        yield breach("group_suggestion", suggestion_id, "gợi ý ý kiến giống nhau dính đến một ý kiến được giữ kín")
    findable = select(OpinionPosting.opinion_id).where(col(OpinionPosting.opinion_id).in_(sealed)).distinct()
    for opinion_id in work.session.exec(findable.order_by(col(OpinionPosting.opinion_id))):
        yield breach("opinion", opinion_id, "được giữ kín nhưng còn tìm được qua chỉ mục ý kiến giống nhau")


def sealed_words_are_sent_to_nobody_else(work: Work) -> Iterator[Finding]:
    """No message to anybody but the sender repeats a sealed text, except to the confidential role in private."""
    lawful = _confidential_chats(work)
    for opinion in work.session.exec(select(Opinion).where(col(Opinion.sealed)).order_by(col(Opinion.id))):
        sample = opinion.original_text.strip()[:TELLING]
        if len(sample) < TELLING:
            continue
        leaks = select(Delivery.id).where(
            col(Delivery.text).contains(sample, autoescape=True),
            or_(
                col(Delivery.channel_identity_id).is_(None),
                col(Delivery.channel_identity_id).not_in({*lawful, opinion.channel_identity_id}),
            ),
        )
        for delivery_id in work.session.exec(leaks):
            yield breach("delivery", delivery_id, f"mang lời của ý kiến được giữ kín số {opinion.id}")


def _confidential_chats(work: Work) -> set[int]:
    """Private chats of those who hold the confidential role, or held it when they looked: the history remembers whom
    it was given and which chat was theirs."""
    staff = select(StaffRole.staff_id).where(StaffRole.role == Role.CONFIDENTIAL)
    entitled = set(work.session.exec(staff))
    acts = work.session.exec(
        select(Act).where(Act.subject == "staff", col(Act.verb).in_(["staff_added", "staff_roles_set", "staff_linked"]))
    ).all()
    entitled |= {act.subject_id for act in acts if Role.CONFIDENTIAL in act.details.get("roles", [])}
    linked = work.session.exec(select(Staff.channel_identity_id).where(col(Staff.id).in_(entitled))).all()
    chats = {chat for chat in linked if chat is not None}
    chats |= {act.details["identity"] for act in acts if act.verb == "staff_linked" and act.subject_id in entitled}
    private = select(ChannelIdentity.id).where(
        col(ChannelIdentity.id).in_(chats), col(ChannelIdentity.is_group).is_(False)
    )
    return {chat for chat in work.session.exec(private) if chat is not None}
