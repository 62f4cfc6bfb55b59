"""Use case: a due date is moved - never silently. With a reason, a new date and the body that owes it, and the askers
are told.

An interim answer that promises a date moves the due date the same way, where the regulation allows such answers; the
legal date stays in its row beside the new one.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, func, select

from casework.clock import local_date, vietnamese_date
from casework.codes import spoken
from casework.deadlines.standing import INFORMATIONAL, state_of
from casework.deadlines.values import DueState
from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.names import DUTIES
from casework.notices import consents_of, tell_asker
from casework.public_words import name_free, one_line
from casework.regulations.model import Direction, Duty
from casework.usecases.access import require
from casework.usecases.conference.issues import key_of, lines_of, opinions_of, require_over
from casework.usecases.deadlines.rows import answers_owed, counts_on, group_of, rule_of
from casework.usecases.work import Actor, Services, Work, staff_member
from casework.wording import say
from storage.records import (
    Answer,
    Conference,
    ConsentPurpose,
    Extension,
    Obligation,
    Opinion,
    OpinionGroup,
    OpinionState,
    Role,
)

#: longest reason an asker is told, characters
REASON_LIMIT = 500
#: duties of a conference whose delay the askers of its lines feel
_FELT = frozenset({Duty.CONCLUSION_NOTICE, Duty.QUICK_ANSWER})
#: an asker in one of these waits for what a conference or an agency owes
_WAITING = (OpinionState.SCHEDULED, OpinionState.ASSIGNED)


@dataclass(frozen=True, kw_only=True)
class Extended:
    """What moving a due date did."""

    extension_id: int
    obligation_id: int
    was: dt.date
    now: dt.date
    #: how often this duty was moved by now, this time included
    times: int
    #: notices written to askers
    told: int
    #: an earlier day another rule sets for the same duty, which still runs
    still_due_on: dt.date | None


def extend(
    services: Services,
    staff_id: int,
    obligation_id: int,
    *,
    to: dt.date,
    reason: str,
    body: str,
    document_number: str | None = None,
) -> Extended:
    """Move a due date to `to`, because of `reason`, on the word of `body`; askers who wait are told.

    Raises `NotFound`, `Forbidden`, `InvalidInput` for a date that is past or not later than the present one, or for a
    missing reason or body; `IllegalMove` for a duty that is done, cancelled, has no date yet, is counted backwards
    from the conference, or is only a mark people go by.
    """
    why, who = " ".join(reason.split()), " ".join(body.split())
    if not why or not who:
        missing = "lý do" if not why else "cơ quan xin gia hạn"
        raise InvalidInput(f"Gia hạn cần ghi {missing}.", todo="Ghi thêm rồi làm lại.")
    if len(why) > REASON_LIMIT:
        raise InvalidInput(f"Lý do dài quá {REASON_LIMIT} chữ.", todo="Viết gọn lại: người dân sẽ đọc câu này.")
    with services.writing() as work:
        row = find_obligation(work, staff_id, obligation_id, Role.APPROVER, lock=True)
        was = _check(row, to, local_date(work.now))
        actor = staff_member(staff_id)
        extension = _extend(
            work, actor, row, to=to, reason=why, body=who, document_number=(document_number or "").strip() or None
        )
        told = _tell(work, row, extension, was=was)
        times = work.session.exec(select(func.count(col(Extension.id))).where(Extension.obligation_id == row.id)).one()
        done = Extended(
            extension_id=key_of(extension),
            obligation_id=obligation_id,
            was=was,
            now=to,
            times=times,
            told=told,
            still_due_on=_earlier_elsewhere(work, row, to),
        )
        work.commit()
    return done


def promise_by_answer(work: Work, actor: Actor, answer: Answer) -> int:
    """A published interim answer promised a date: where the regulation allows that, it moves the due date of the
    final one. Inside the unit of work that publishes; the answer itself tells the askers. Returns duties moved."""
    if answer.final or answer.promised_on is None:
        return 0
    moved = 0
    for _, row in answers_owed(work, [answer.group_id]):
        due_on = counts_on(row)
        if due_on is None or answer.promised_on <= due_on or not rule_of(row)[1].interim_allowed:
            continue
        _extend(
            work,
            actor,
            row,
            to=answer.promised_on,
            reason=say(f"extension.interim_{answer.cause}" if answer.cause else "extension.by_interim_answer"),
            body=answer.forwarded_to or answer.agency,
            document_number=answer.document_number or None,
            answer_id=answer.id,
        )
        moved += 1
    return moved


def find_obligation(work: Work, staff_id: int, obligation_id: int, *roles: Role, lock: bool = False) -> Obligation:
    """The duty with this number, if one of `roles` is held; to change it (`lock`), over the village of the issue or the
    whole office. What concerns a sealed opinion is not there for others than the confidential role.

    Raises `NotFound`, `Forbidden`."""
    statement = select(Obligation).where(
        Obligation.id == obligation_id, Obligation.office_id == work.services.office_id
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    row = work.session.exec(statement).first()
    gone = NotFound(f"Không có việc số {obligation_id} trong sổ hạn.", todo="Xem: doithoai deadlines list")
    if row is None:
        require(work, staff_id, *roles)
        raise gone
    if row.subject == "opinion":
        opinion = work.session.get_one(Opinion, row.subject_id)
        try:
            require(work, staff_id, *roles, opinion=opinion)
        except NotFound as error:
            raise gone from error
        return row
    if not lock:
        require(work, staff_id, *roles)
        return row
    group_id = group_of(work, row)
    village = work.session.get_one(OpinionGroup, group_id).residential_group_id if group_id is not None else None
    require_over(work, staff_id, *roles, village=village)
    return row


def _check(row: Obligation, to: dt.date, today: dt.date) -> dt.date:
    """The present due date, if it may be moved to `to`."""
    name = DUTIES[row.duty]
    was = counts_on(row)
    if row.duty in INFORMATIONAL:
        raise IllegalMove(f"«{name}» là mốc để theo dõi, không phải việc phải làm nên không gia hạn.")
    state = state_of(
        duty=row.duty,
        due_on=row.due_on,
        extended_to=row.extended_to,
        met_on=row.met_on,
        cancelled=row.cancelled_at is not None,
        on=today,
    )
    if state in (DueState.MET, DueState.MET_LATE, DueState.CANCELLED):
        raise IllegalMove(f"Việc số {row.id} («{name}») đã xong hoặc không còn phải làm nên không gia hạn được.")
    if was is None:
        raise IllegalMove(
            f"Việc số {row.id} («{name}») chưa bắt đầu đếm hạn nên chưa gia hạn được.",
            todo=f"Xem vì sao: doithoai deadlines why {row.id}",
        )
    if rule_of(row)[1].direction is Direction.BEFORE and row.subject == "conference":
        raise IllegalMove(
            f"Hạn «{name}» đếm ngược từ ngày họp nên không gia hạn riêng được.",
            todo="Cần thêm thời gian thì dời ngày họp: doithoai conferences move",
        )
    if to < today:
        raise InvalidInput(f"Ngày mới {vietnamese_date(to)} đã qua.", todo="Chọn một ngày từ hôm nay trở đi.")
    if to <= was:
        raise InvalidInput(
            f"Ngày mới phải sau hạn hiện nay ({vietnamese_date(was)}).", todo="Chọn ngày muộn hơn, hoặc giữ hạn cũ."
        )
    return was


def _extend(
    work: Work,
    actor: Actor,
    row: Obligation,
    *,
    to: dt.date,
    reason: str,
    body: str,
    document_number: str | None,
    answer_id: int | None = None,
) -> Extension:
    was = counts_on(row)
    extension = work.add(
        Extension(
            obligation_id=key_of(row),
            from_on=was,
            to_on=to,
            reason=reason,
            body=body,
            document_number=document_number,
            answer_id=answer_id,
            staff_id=actor.id,
            at=work.now,
        )
    )
    row.extended_to = to
    work.add(row)
    work.record(
        actor,
        "duty_extended",
        "obligation",
        key_of(row),
        why=reason,
        extension=extension.id,
        duty=row.duty,
        was=was.isoformat() if was else None,
        now=to.isoformat(),
        answer=answer_id,
    )
    return extension


# --------------------------------------------------------------------------- telling


def _tell(work: Work, row: Obligation, extension: Extension, *, was: dt.date) -> int:
    """Tell everybody who waits for what is owed; returns notices written."""
    return sum(
        tell_asker(
            work,
            opinion,
            purpose="extension",
            occasion=key_of(extension),
            text=say(
                "extension.asker",
                code=spoken(opinion.code or ""),
                what=say(f"extension.{row.duty}"),
                body=one_line(name_free(extension.body), REASON_LIMIT),
                old=vietnamese_date(was),
                new=vietnamese_date(extension.to_on),
                reason=one_line(name_free(extension.reason), REASON_LIMIT).rstrip(". "),
                promise=_promise(work, opinion),
            ),
        )
        is not None
        for opinion in who_waits(work, row)
    )


def who_waits(work: Work, row: Obligation) -> list[Opinion]:
    """Opinions whose askers feel a delay of this duty; none for what concerns offices only, or a sealed opinion."""
    if row.subject == "opinion":
        opinion = work.session.get_one(Opinion, row.subject_id)
        return [] if opinion.sealed or opinion.code is None else [opinion]
    group_id = group_of(work, row)
    if group_id is not None:
        return opinions_of(work, group_id, states=_WAITING)
    if row.subject == "conference" and row.duty in _FELT:
        conference = work.session.get_one(Conference, row.subject_id)
        return [one for line in lines_of(work, conference) for one in opinions_of(work, line.group_id, states=_WAITING)]
    return []


def _promise(work: Work, opinion: Opinion) -> str:
    """Only who agreed to be sent messages is promised one."""
    if consents_of(work, opinion.citizen_id).get(ConsentPurpose.PUSH, False):
        return say("extension.promise_push")
    return say("extension.promise_pickup", code=spoken(opinion.code or ""))


def _earlier_elsewhere(work: Work, row: Obligation, to: dt.date) -> dt.date | None:
    others = work.session.exec(
        select(Obligation).where(
            Obligation.office_id == row.office_id,
            Obligation.subject == row.subject,
            Obligation.subject_id == row.subject_id,
            Obligation.duty == row.duty,
            Obligation.id != row.id,
            col(Obligation.met_on).is_(None),
            col(Obligation.cancelled_at).is_(None),
        )
    )
    days = [day for other in others if (day := counts_on(other)) is not None and day < to]
    return min(days, default=None)
