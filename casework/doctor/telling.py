"""Promise 3: every asker is told, merged ones too, and once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

from sqlmodel import col, select

from casework.codes import spoken
from casework.doctor.finding import Finding, breach, warning
from casework.ladder.climbing import after_quiet
from casework.ladder.data import ladders
from casework.ladder.values import Rung
from casework.usecases.conference.issues import TAKEN_UP
from casework.usecases.work import Work
from storage.records import (
    Act,
    AgendaItem,
    Answer,
    AnswerState,
    ChannelIdentity,
    Conference,
    ConferenceState,
    Delivery,
    DeliveryAttempt,
    DeliveryState,
    Opinion,
    OpinionState,
)

#: a notice that is due and stays longer unsent has been forgotten, or nobody runs the program
PATIENCE = dt.timedelta(hours=1)

#: a receipt is with its person, on its way, or waits for them; what expired, was refused or never left is none of it
_GIVEN = tuple(
    set(DeliveryState)
    - {DeliveryState.CANCELLED, DeliveryState.EXPIRED, DeliveryState.REJECTED, DeliveryState.RECIPIENT_STOPPED}
)
#: why a notice waits although nothing comes next: its person does not want to be sent news
_STAYS = ("no_consent", "left_alone")

#: decisions the asker hears of
_TOLD = frozenset(
    {"approved", "declined", "redirected", "referred_up", "asked_back", "released", "merged", "split_off"}
)


def receipts_were_given(work: Work) -> Iterator[Finding]:
    """Whoever wrote in a chat was told the code; of a sealed opinion, that it was received."""
    rows = work.session.exec(
        select(Opinion)
        .where(col(Opinion.channel_identity_id).is_not(None), Opinion.source == "chat")
        .order_by(col(Opinion.id))
    )
    for opinion in rows:
        replies = select(Delivery.id).where(
            Delivery.channel_identity_id == opinion.channel_identity_id,
            col(Delivery.created_at) >= opinion.submitted_at,
            col(Delivery.state).in_(_GIVEN),
        )
        if opinion.code is not None:
            replies = replies.where(col(Delivery.text).contains(spoken(opinion.code), autoescape=True))
        if work.session.exec(replies).first() is None:
            yield breach("opinion", opinion.id, "người gửi chưa được báo đã nhận")


def decisions_were_told(work: Work) -> Iterator[Finding]:
    """Each decision that stands wrote its notice to the asker."""
    acts = work.session.exec(select(Act).where(Act.subject == "opinion").order_by(col(Act.id))).all()
    undone = {act.details.get("undoes") for act in acts if act.verb == "undone"}
    # A seal silences what had not been sent; what it silenced is out of date when the seal is lifted.
    silenced = {key for act in acts for key in act.details.get("hushed", [])}
    for act in acts:
        stands = act.actor == "staff" and act.verb in _TOLD and act.id not in undone and not _stayed(act)
        if not stands or act.details.get("notice") in silenced:
            continue
        opinion = work.session.get(Opinion, act.subject_id)
        notice = _notice_of(work, act)
        if opinion is None or (notice is not None and notice.state == DeliveryState.CANCELLED and _quiet(opinion)):
            continue
        if notice is None or notice.opinion_id != opinion.id or notice.state == DeliveryState.CANCELLED:
            yield breach("opinion", opinion.id, f"người gửi không được báo việc «{act.verb}» (sổ việc số {act.id})")


def _notice_of(work: Work, act: Act) -> Delivery | None:
    """What the act told the asker: its own notice, or the answer given on joining an issue that was answered."""
    if act.details.get("notice") is not None:
        return work.session.get(Delivery, act.details["notice"])
    return work.session.exec(
        select(Delivery).where(
            Delivery.opinion_id == act.subject_id, Delivery.purpose == "answer", col(Delivery.created_at) == act.at
        )
    ).first()


def _stayed(act: Act) -> bool:
    """Others were merged into its group: nothing changed for this asker, so there was nothing to tell."""
    before, after = act.details.get("before") or {}, act.details.get("after") or {}
    return act.verb == "merged" and before.get("group_id") is not None and before["group_id"] == after.get("group_id")


def _quiet(opinion: Opinion) -> bool:
    """Sealed or taken back since: what had not been sent yet was rightly held back."""
    return opinion.sealed or opinion.state == OpinionState.WITHDRAWN


def agendas_were_told(work: Work) -> Iterator[Finding]:
    """Whoever's opinion stands on an agenda was told so; who spoke up at the conference itself knows it."""
    rows = work.session.exec(
        select(Opinion)
        .where(
            Opinion.state == OpinionState.SCHEDULED, col(Opinion.conference_id).is_not(None), Opinion.source != "floor"
        )
        .order_by(col(Opinion.id))
    )
    for opinion in rows:
        if not _written(work, opinion, "agenda", opinion.conference_id):
            yield breach("opinion", opinion.id, "người gửi chưa được báo đã vào nội dung hội nghị")


def conclusions_were_told(work: Work) -> Iterator[Finding]:
    """After the conclusion notice everybody behind a line was told what it says."""
    rows = work.session.exec(
        select(Opinion, Conference)
        .join(Conference, col(Conference.id) == col(Opinion.conference_id))
        .join(
            AgendaItem,
            (col(AgendaItem.conference_id) == col(Conference.id)) & (col(AgendaItem.group_id) == col(Opinion.group_id)),
        )
        .where(
            Conference.state == ConferenceState.CONCLUDED,
            col(Opinion.sealed).is_(False),
            Opinion.state != OpinionState.WITHDRAWN,
        )
        .order_by(col(Opinion.id))
    )
    for opinion, conference in rows:
        if not _written(work, opinion, "conclusion", conference.id):
            yield breach("opinion", opinion.id, f"người gửi chưa được báo kết luận của hội nghị {conference.code}")


def _written(work: Work, opinion: Opinion, purpose: str, occasion: int | None) -> bool:
    key = f"{purpose}:{opinion.id}:{occasion}"
    rows = work.session.exec(
        select(Delivery.key).where(
            Delivery.opinion_id == opinion.id,
            Delivery.purpose == purpose,
            Delivery.state != DeliveryState.CANCELLED,
        )
    )
    return any(found == key or found.startswith(f"{key}.") for found in rows)


def answers_reached_every_asker_once(work: Work) -> Iterator[Finding]:
    """Everybody behind an issue when its answer was published has exactly one notice of it."""
    notices = Counter(
        work.session.exec(
            select(Delivery.answer_id, Delivery.opinion_id).where(
                col(Delivery.answer_id).is_not(None), Delivery.state != DeliveryState.CANCELLED
            )
        )
    )
    for (answer_id, opinion_id), count in notices.items():
        if count > 1:
            yield breach("opinion", opinion_id, f"người gửi được gửi văn bản trả lời {answer_id} tới {count} lần")
    rows = work.session.exec(
        select(Opinion, Answer)
        .join(Answer, col(Answer.group_id) == col(Opinion.group_id))
        .where(
            Answer.state == AnswerState.PUBLISHED,
            col(Opinion.state).in_([str(state) for state in TAKEN_UP]),
            col(Opinion.sealed).is_(False),
            col(Opinion.decided_at) <= col(Answer.published_at),
        )
        .order_by(col(Opinion.id))
    )
    for opinion, answer in rows:
        if notices[(answer.id, opinion.id)] == 0:
            yield breach("opinion", opinion.id, f"người gửi chưa được gửi văn bản trả lời {answer.id}")


def answered_means_an_answer_was_sent(work: Work) -> Iterator[Finding]:
    """No opinion counts as answered whose asker has no answer."""
    has_answer = select(Delivery.opinion_id).where(
        col(Delivery.answer_id).is_not(None),
        col(Delivery.opinion_id).is_not(None),
        Delivery.state != DeliveryState.CANCELLED,
    )
    rows = work.session.exec(
        select(Opinion.id)
        .where(Opinion.state == OpinionState.ANSWERED, col(Opinion.id).not_in(has_answer))
        .order_by(col(Opinion.id))
    )
    for opinion_id in rows:
        yield breach("opinion", opinion_id, "ghi là đã trả lời nhưng người gửi không có văn bản nào")


def _is_late(work: Work, notice: Delivery) -> bool:
    """Due, by day, and still here. What fell due in the quiet hours is due in the morning."""
    return after_quiet(notice.not_before, work.services.policy) < work.now - PATIENCE


def _channels_at_work(work: Work) -> set[int | None]:
    """Chats of the channels over which something was tried lately."""
    lately = select(DeliveryAttempt.channel).where(col(DeliveryAttempt.at) > work.now - PATIENCE).distinct()
    return set(work.session.exec(select(ChannelIdentity.id).where(col(ChannelIdentity.channel).in_(lately))))


def _is_stranded(notice: Delivery) -> bool:
    """May be carried by hand, waits, and nothing will ever move it. On no rung yet it is put on one (`climb_due`)."""
    carried = ladders().purpose(notice.purpose).allows(Rung.SLIP) and notice.opinion_id is not None
    return carried and notice.rung is not None and notice.step_at is None and notice.outcome not in _STAYS


def notices_move_on(work: Work) -> Iterator[Finding]:
    """A due notice is sent; one being sent ends; one that waits says why; a lost one has another way."""
    now = work.now
    moving = _channels_at_work(work)
    for notice in work.session.exec(select(Delivery).order_by(col(Delivery.id))):
        match notice.state:
            # Thousands of answers at one a second take hours: as long as their channel sends, nothing is stuck.
            case DeliveryState.PENDING if _is_late(work, notice) and notice.channel_identity_id not in moving:
                yield breach("delivery", notice.id, "đã đến giờ mà chưa gửi (doithoai run có đang chạy không?)")
            case DeliveryState.SENDING if notice.claimed_until is None or notice.claimed_until < now:
                yield breach("delivery", notice.id, "đang gửi dở từ lâu, không ai làm tiếp")
            case DeliveryState.WAITING_PICKUP if not notice.outcome:
                yield breach("delivery", notice.id, "chờ người dân đến lấy mà không ghi lý do")
            case DeliveryState.WAITING_PICKUP | DeliveryState.WITH_STAFF if (
                notice.step_at is not None and notice.step_at < now - PATIENCE
            ):
                yield breach("delivery", notice.id, "đã đến giờ đổi cách gửi mà chưa đổi")
            case DeliveryState.WAITING_PICKUP if _is_stranded(notice):
                yield breach("delivery", notice.id, "phải tới tay người hỏi mà chờ mãi, không có cách tiếp theo")
            case DeliveryState.UNKNOWN:
                yield warning("delivery", notice.id, "không rõ đã tới chưa: cần một người xem lại")
            case DeliveryState.REJECTED if notice.opinion_id is not None:
                again = f"doithoai delivery resolve {notice.id} --resend"
                yield warning("delivery", notice.id, f"kênh không nhận: gửi lại ({again}), hoặc nói tận nơi")
            case DeliveryState.RECIPIENT_STOPPED if notice.opinion_id is not None:
                yield breach("delivery", notice.id, "người nhận đã chặn kênh mà tin không chuyển sang chờ lấy")
