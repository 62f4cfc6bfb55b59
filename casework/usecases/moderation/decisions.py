"""What all decisions on an opinion share: opening it, changing it so that exactly one of two deciders wins, the
history entry from which it can be undone, and who was faster.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from casework.clock import local_date, vietnamese_date, vietnamese_time
from casework.errors import AlreadyDecided
from casework.lifecycle import STATE_NAMES, UNDECIDED, check_move
from casework.usecases.access import Member, find_opinion, key_of, ref_of, require
from casework.usecases.citizens import likeness_index
from casework.usecases.conference.speaking import return_to_speaking
from casework.usecases.deadlines.obligations import refresh_issue, refresh_opinion
from casework.usecases.moderation import sealing
from casework.usecases.referrals.referring import follow
from casework.usecases.work import Work, staff_member
from storage.records import Act, Opinion, OpinionState, Role, Staff, Wording

S = OpinionState

#: verbs of the history as staff read them, before "ý kiến này"
VERB_NAMES: dict[str, str] = {
    "approved": "duyệt",
    "declined": "không đưa vào hội nghị",
    "put_off": "để trả lời sau",
    "merged": "gộp",
    "split_off": "tách",
    "reclassified": "phân loại lại",
    "referred_up": "chuyển cấp trên",
    "asked_back": "hỏi lại người gửi",
    "reworded": "sửa lời biên tập",
    "redirected": "hướng dẫn nơi giải quyết",
    "released": "trả về hàng đợi",
    "undone": "hoàn tác",
    "submitted": "gửi",
    "held": "gửi (máy giữ lại chờ người xem)",
    "words_added": "viết thêm vào",
    "rewritten": "viết lại",
    "question_answered": "trả lời câu hỏi về",
    "answer_brought": "ghi hộ câu trả lời của người gửi về",
    "edited_after_decision": "sửa tin của",
    "withdrawn": "rút",
    "floor_opinion": "ghi tại hội nghị",
    "opinion_scheduled": "đưa vào chương trình",
    "opinion_answered": "trả lời",
    "opinion_declined": "không đưa vào hội nghị",
    "opinion_referred": "chuyển cấp trên",
    "referral_returned": "nhận lại từ cấp trên",
    "opinion_assigned": "giao cơ quan trả lời",
    "verdict_given": "cho ý kiến về câu trả lời của",
    "staff_alerted": "báo cán bộ về",
    "written_in_console": "thấy cán bộ gõ tin cho người gửi trên Zalo",
}
#: last words of a verb that means nothing without "ý kiến này" behind it
_OPEN_ENDED = ("về", "của", "vào")
#: acts that change nothing of the opinion, so nobody was overtaken by them
_ONLY_NOTED = frozenset({"written_in_console"})

#: columns a decision may change and an undo restores
TRACKED = (
    "state",
    "kind",
    "topic",
    "level",
    "urgent",
    "sealed",
    "code",
    "residential_group_id",
    "group_id",
    "decline_ground",
)

Snapshot = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Decided:
    """What a decision left behind, as staff are told it."""

    opinion_id: int
    #: code, or "#number" of a sealed opinion
    ref: str
    verb: str
    state: str
    version: int
    group_id: int | None
    #: further opinions moved along with it
    moved: tuple[int, ...] = ()
    #: state of the notice to the asker; None when there was nothing to tell
    notice: str | None = None
    #: remark for staff: what to look at, an assumption the decision rests on
    remark: str = ""


@dataclass(kw_only=True)
class Case:
    """One opinion opened for a decision by one entitled person."""

    work: Work
    who: Member
    opinion: Opinion
    before: Snapshot
    #: names the message that asked for this; a repeat of it finds its own act in the history
    request: str | None = None

    @property
    def id(self) -> int:
        return key_of(self.opinion)


def open_case(
    work: Work,
    staff_id: int,
    ref: str | int,
    *,
    roles: Collection[Role],
    expected_version: int | None = None,
    request: str | None = None,
) -> Case:
    """Load an opinion for a decision.

    Raises `NotFound`, `Forbidden`, and `AlreadyDecided` when it is no longer the version the decider saw.
    """
    opinion = find_opinion(work, ref)
    who = require(work, staff_id, *roles, opinion=opinion)
    if expected_version is not None and opinion.version != expected_version:
        raise overtaken(work, opinion)
    return Case(work=work, who=who, opinion=opinion, before=snapshot(work.session, opinion), request=request)


def check_undecided(case: Case, *, or_in: Collection[OpinionState] = (), seen: bool = False) -> None:
    """A fresh decision needs an undecided opinion. One who saw the present version (`seen`) may also change their
    mind on an opinion `or_in` these states; whoever acts blindly is told what somebody else decided."""
    state = S(case.opinion.state)
    if state in UNDECIDED or (seen and state in or_in):
        return
    raise overtaken(case.work, case.opinion)


def change(case: Case, **values: Any) -> None:
    """Change the opinion if it is still the version that was opened, and raise its version.

    Raises `IllegalMove` when its life does not allow the new state, `AlreadyDecided` when somebody was faster.
    """
    state = values.get("state")
    if state is not None and state != case.opinion.state:
        check_move(case.opinion.state, state)
    store(case, **values)


def store(case: Case, **values: Any) -> None:
    """`change` for who has checked the way already: an undo goes backwards."""
    opinion, session = case.opinion, case.work.session
    was_sealed = opinion.sealed
    if values.get("sealed") and not was_sealed:
        values |= sealing.SEALED
        sealing.forget_likeness(case.work, opinion)
    if values.get("residential_group_id", opinion.residential_group_id) != opinion.residential_group_id:
        values |= likeness_index.UNREAD
        likeness_index.place_anew(case.work, opinion.id)
    session.flush()
    result = session.connection().execute(
        update(Opinion)
        .where(col(Opinion.id) == opinion.id, col(Opinion.version) == opinion.version)
        .values(**values, version=opinion.version + 1)
    )
    session.refresh(opinion)
    if result.rowcount != 1:
        raise overtaken(case.work, opinion)
    if was_sealed and not opinion.sealed:
        return_to_speaking(case.work, opinion)


def conclude(
    case: Case,
    verb: str,
    *,
    why: str | None = None,
    notice: tuple[int | None, str] | None = None,
    batch: str | None = None,
    moved: Collection[int] = (),
    remark: str = "",
    **details: Any,
) -> Decided:
    """Write the act with everything an undo needs; identifiers and labels only."""
    opinion = case.opinion
    case.work.record(
        staff_member(case.who.id),
        verb,
        "opinion",
        case.id,
        why=why,
        before=case.before,
        after=snapshot(case.work.session, opinion),
        notice=notice[0] if notice else None,
        batch=batch,
        moved=list(moved),
        request=case.request,
        **details,
    )
    _refresh_duties(case)
    return Decided(
        opinion_id=case.id,
        ref=ref_of(opinion),
        verb=verb,
        state=opinion.state,
        version=opinion.version,
        group_id=opinion.group_id,
        moved=tuple(other for other in moved if other != case.id),
        notice=notice[1] if notice else None,
        remark=remark,
    )


def _refresh_duties(case: Case) -> None:
    """The acknowledgement owed to the asker, and what is owed on an issue this opinion joined, left or moved."""
    refresh_opinion(case.work, case.opinion)
    before, now = (case.before["group_id"], case.before["state"]), (case.opinion.group_id, case.opinion.state)
    if before != now:
        follow(case.work, staff_member(case.who.id), case.opinion, left=case.before["group_id"])
        for group_id in {group for group, state in (before, now) if state not in (*UNDECIDED, S.APPROVED)}:
            refresh_issue(case.work, group_id)


def snapshot(session: Session, opinion: Opinion) -> Snapshot:
    """The tracked columns as JSON values; of the staff's wording only the number of its row."""
    values: Snapshot = {name: getattr(opinion, name) for name in TRACKED}
    values["wording_id"] = _wording_id(session, opinion)
    return values


def _wording_id(session: Session, opinion: Opinion) -> int | None:
    if opinion.edited_text is None:
        return None
    rows = session.exec(
        select(Wording)
        .where(Wording.opinion_id == opinion.id, Wording.author == "staff")
        .order_by(col(Wording.id).desc())
    )
    return next((row.id for row in rows if row.text == opinion.edited_text), None)


def acts_on(session: Session, opinion_id: int) -> list[Act]:
    """The history of one opinion, newest first."""
    statement = select(Act).where(Act.subject == "opinion", Act.subject_id == opinion_id)
    return list(session.exec(statement.order_by(col(Act.id).desc())))


def was_done(work: Work, opinion_id: int, request: str) -> bool:
    """Whether the message named by `request` has already changed this opinion: a repeat of it must not again."""
    return any(act.details.get("request") == request for act in acts_on(work.session, opinion_id))


def overtaken(work: Work, opinion: Opinion) -> AlreadyDecided:
    """The error that tells who did what when, so that the slower one need not ask around."""
    todo = "Xem lại ý kiến rồi quyết định tiếp, hoặc hoàn tác việc trước."
    state = STATE_NAMES[S(opinion.state)]
    for act in acts_on(work.session, key_of(opinion)):
        if act.verb in VERB_NAMES and act.verb not in _ONLY_NOTED:
            line = f"{who_did(work.session, act)} đã {VERB_NAMES[act.verb]} ý kiến này lúc {when(act.at, work.now)}."
            return AlreadyDecided(f"{line} Hiện: {state}.", todo=todo)
    return AlreadyDecided(f"Ý kiến này vừa có thay đổi. Hiện: {state}.", todo=todo)


def what_was_done(verb: str) -> str:
    """A verb of the history by itself: "duyệt", "báo cán bộ về ý kiến này"."""
    name = VERB_NAMES.get(verb, verb)
    return f"{name} ý kiến này" if name.rpartition(" ")[2] in _OPEN_ENDED else name


def who_did(session: Session, act: Act) -> str:
    """The actor as staff may read it: colleagues by name, citizens without one."""
    if act.actor == "staff" and act.actor_id is not None:
        staff = session.get(Staff, act.actor_id)
        return staff.name if staff is not None else "Cán bộ"
    return "Người gửi" if act.actor == "citizen" else "Máy"


def when(instant: dt.datetime, now: dt.datetime) -> str:
    """The time of day alone when it was today: 9 giờ 05."""
    words = vietnamese_time(instant)
    return words.partition(",")[0] if local_date(instant) == local_date(now) else words


def contact_of(profile: Mapping[str, Any]) -> str:
    """How to reach the office, as it wrote it; may be empty."""
    return str(profile.get("contact", ""))


def sent_on(opinion: Opinion) -> str:
    """The local day the opinion came in, in words."""
    return vietnamese_date(local_date(opinion.submitted_at))
