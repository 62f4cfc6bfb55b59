"""Use case: one agency is made to owe the written answer of an issue."""

from __future__ import annotations

import datetime as dt

from rapidfuzz import fuzz
from sqlmodel import col, func, select

from casework.clock import local_date, vietnamese_date
from casework.errors import AlreadyDecided, InvalidInput
from casework.notices import consents_of, tell_asker
from casework.plain_words import plain
from casework.usecases.access import DECIDERS
from casework.usecases.answers.asker_view import assignment_message
from casework.usecases.conference.issues import (
    IssueRef,
    find_group,
    find_issue,
    key_of,
    move,
    opinions_of,
    owed_by,
    require_over,
)
from casework.usecases.deadlines.answer_due import answer_day
from casework.usecases.deadlines.obligations import refresh_issue
from casework.usecases.referrals.referring import cancel_open
from casework.usecases.work import Services, Work, staff_member
from storage.records import (
    AgendaItem,
    Assignment,
    Conference,
    ConferenceState,
    ConsentPurpose,
    Opinion,
    OpinionState,
    Verdict,
)

#: names at least this alike, of 100, are taken for two spellings of one
_ALIKE = 90.0
#: an agency that owes the answer takes the matter over from these
TO_ASSIGN = (OpinionState.APPROVED, OpinionState.SCHEDULED, OpinionState.REFERRED)


def assign(
    services: Services,
    staff_id: int,
    issue: str,
    *,
    agency: str,
    due_on: dt.date | None = None,
    basis: str | None = None,
    assigned_on: dt.date | None = None,
    replace: bool = False,
    may_resemble: bool = True,
) -> int:
    """One agency owes the written answer of an issue from now on; returns the assignment's number.

    `issue` is a line ("HN-20261215/3"), a receipt code or a group ("nhom:12"). Opinions whose askers said that an
    earlier answer did not settle the matter are opened again. Askers are told, unless the conclusion notice still
    will. Raises `NotFound`, `Forbidden`, `InvalidInput`, or `AlreadyDecided` when an agency owes it already and
    `replace` was not said. Without `may_resemble`, a name much like the one of an agency that has had work before is
    refused too: two spellings would be two agencies in every list.
    """
    if not agency.strip():
        raise InvalidInput("Chưa ghi giao cơ quan nào.", todo="Ghi tên cơ quan phải trả lời.")
    with services.writing() as work:
        ref = find_issue(work, issue)
        group = find_group(work, ref.group_id, lock=True)
        require_over(work, staff_id, *DECIDERS, village=group.residential_group_id)
        if not may_resemble and (known := _resembling(work, agency)) is not None:
            raise InvalidInput(
                f"Có phải «{known}»? Tên «{agency.strip()}» rất giống tên đã dùng.",
                todo="Ghi đúng tên đã dùng; nếu là cơ quan khác thật, thêm --new-agency.",
            )
        actor = staff_member(staff_id)
        day = assigned_on or local_date(work.now)
        if due_on is not None and due_on < day:
            raise InvalidInput("Hạn trả lời trước ngày giao việc.", todo="Xem lại hạn trả lời.")
        _check_day(work, ref.group_id, day)
        earlier = owed_by(work, ref.group_id)
        if earlier is not None and not replace:
            raise AlreadyDecided(
                f"Việc này đã giao {earlier.agency}.", todo="Nếu giao cơ quan khác thay, thêm lựa chọn thay thế."
            )
        if earlier is not None:
            earlier.cancelled_at = work.now
            work.add(earlier)
        assignment = work.add(
            Assignment(
                office_id=services.office_id,
                group_id=ref.group_id,
                agenda_item_id=_line_of(work, ref),
                agency=agency.strip(),
                basis=(basis or "").strip() or None,
                assigned_on=day,
                due_on=due_on,
            )
        )
        for opinion in _opinions_to_assign(work, ref.group_id):
            move(work, actor, opinion, OpinionState.ASSIGNED, "opinion_assigned", assignment=assignment.id)
        cancel_open(work, actor, ref.group_id, why="đã giao cơ quan của xã")
        refresh_issue(work, ref.group_id)
        if not _conclusion_will_tell(work, assignment):
            _tell_assigned(work, assignment)
        work.record(
            actor,
            "assigned",
            "assignment",
            key_of(assignment),
            group=ref.group_id,
            due_on=due_on.isoformat() if due_on else None,
            replaces=earlier.id if earlier else None,
        )
        work.commit()
        return key_of(assignment)


def _check_day(work: Work, group_id: int, day: dt.date) -> None:
    if day > local_date(work.now):
        raise InvalidInput(
            f"Ngày giao việc {vietnamese_date(day)} chưa tới.", todo="Ghi ngày của văn bản giao việc, hoặc để trống."
        )
    came = work.session.exec(select(func.min(col(Opinion.submitted_at))).where(Opinion.group_id == group_id)).one()
    if came is not None and day < local_date(came):
        raise InvalidInput(
            f"Ngày giao việc {vietnamese_date(day)} lại trước ngày có ý kiến đầu tiên về việc này "
            f"({vietnamese_date(local_date(came))}).",
            todo="Xem lại ngày của văn bản giao việc.",
        )


def _resembling(work: Work, agency: str) -> str | None:
    """The agency already in use whose name is much like this one; None when it is used as it is, or none is near."""
    used = set(work.session.exec(select(Assignment.agency).where(Assignment.office_id == work.services.office_id)))
    if agency.strip() in used:
        return None
    wanted = plain(agency)
    near = {name: _likeness(wanted, plain(name)) for name in sorted(used)}
    best = max(near, key=lambda name: near[name], default=None)
    return best if best is not None and near[best] >= _ALIKE else None


def _likeness(one: str, other: str) -> float:
    """0..100. A name that only adds the commune ("... xã Mường Ngàn") is the same one; another room is not."""
    short, long = sorted((one, other), key=len)
    if long.startswith(f"{short} ") and long[len(short) + 1 :].split()[0] in ("xa", "phuong", "ubnd", "tinh"):
        return 100.0
    return float(fuzz.ratio(one, other))


def _line_of(work: Work, ref: IssueRef) -> int | None:
    """The line the assignment follows: the one it was named by, else the newest; none of a conference that came to
    nothing."""
    alive = (
        select(AgendaItem.id)
        .join(Conference, col(Conference.id) == col(AgendaItem.conference_id))
        .where(
            AgendaItem.group_id == ref.group_id,
            col(Conference.state).not_in([ConferenceState.CANCELLED, ConferenceState.FAILED]),
        )
        .order_by(col(Conference.held_on).desc())
    )
    keys = work.session.exec(alive).all()
    return ref.agenda_item_id if ref.agenda_item_id in keys else next(iter(keys), None)


def _opinions_to_assign(work: Work, group_id: int) -> list[Opinion]:
    open_ones = opinions_of(work, group_id, states=TO_ASSIGN)
    answered = opinions_of(work, group_id, states=[OpinionState.ANSWERED])
    return [*open_ones, *(opinion for opinion in answered if _latest_verdict(work, opinion) is False)]


def _latest_verdict(work: Work, opinion: Opinion) -> bool | None:
    verdict = work.session.exec(
        select(Verdict).where(Verdict.opinion_id == opinion.id).order_by(col(Verdict.at).desc(), col(Verdict.id).desc())
    ).first()
    return None if verdict is None else verdict.settled


def _conclusion_will_tell(work: Work, assignment: Assignment) -> bool:
    if assignment.agenda_item_id is None:
        return False
    line = work.session.get_one(AgendaItem, assignment.agenda_item_id)
    conference = work.session.get_one(Conference, line.conference_id)
    return conference.state != ConferenceState.CONCLUDED


def _tell_assigned(work: Work, assignment: Assignment) -> None:
    day = answer_day(work, assignment.group_id)
    for opinion in opinions_of(work, assignment.group_id, states=[OpinionState.ASSIGNED]):
        pushed = consents_of(work, opinion.citizen_id).get(ConsentPurpose.PUSH, False)
        message = assignment_message(assignment, opinion, pushed=pushed, due_on=day.due_on if day else None)
        tell_asker(work, opinion, purpose="assigned", occasion=key_of(assignment), text=message.text)
