"""Use case: an agency has its assignment in hand. Where the regulation counts from that day, its clock starts then."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import select

from casework.clock import local_date, vietnamese_date
from casework.errors import IllegalMove, InvalidInput, NotFound
from casework.usecases.access import DECIDERS
from casework.usecases.conference.issues import find_group, find_issue, key_of, owed_by, require_over
from casework.usecases.deadlines.obligations import refresh_assignment
from casework.usecases.deadlines.rows import answers_owed, counts_on
from casework.usecases.work import Services, Work, staff_member
from storage.records import Assignment


@dataclass(frozen=True, kw_only=True)
class Received:
    """An assignment with the day its agency confirmed, and the day its answer is due by now."""

    assignment_id: int
    agency: str
    assigned_on: dt.date
    received_on: dt.date
    due_on: dt.date | None


def record_receipt(services: Services, staff_id: int, issue: str, *, on: dt.date | None = None) -> Received:
    """Write down the day an agency received its assignment (today when not said); saying it again corrects it.

    `issue` names the issue as `find_issue` does, or the assignment by its number ("12"). Raises `NotFound`,
    `Forbidden`, `InvalidInput` for a day before the assignment was issued or still to come, `IllegalMove` when the
    assignment was taken back.
    """
    with services.writing() as work:
        assignment = _find(work, issue)
        group = find_group(work, assignment.group_id, lock=True)
        require_over(work, staff_id, *DECIDERS, village=group.residential_group_id)
        today = local_date(work.now)
        day = on or today
        if assignment.cancelled_at is not None:
            raise IllegalMove(
                f"Việc giao số {assignment.id} đã thu lại hoặc giao cơ quan khác.", todo="Xem: doithoai answers waiting"
            )
        if day < assignment.assigned_on:
            raise InvalidInput(
                f"Ngày nhận {vietnamese_date(day)} trước ngày giao việc ({vietnamese_date(assignment.assigned_on)}).",
                todo="Xem lại ngày cơ quan nhận văn bản.",
            )
        if day > today:
            raise InvalidInput(f"Ngày nhận {vietnamese_date(day)} chưa tới.", todo="Ghi khi cơ quan đã nhận văn bản.")
        assignment.received_on = day
        work.add(assignment)
        refresh_assignment(work, assignment)
        work.record(
            staff_member(staff_id),
            "assignment_received",
            "assignment",
            key_of(assignment),
            group=assignment.group_id,
            received_on=day.isoformat(),
        )
        work.session.flush()
        owed = [row for _, row in answers_owed(work, [assignment.group_id]) if row.subject_id == assignment.id]
        done = Received(
            assignment_id=key_of(assignment),
            agency=assignment.agency,
            assigned_on=assignment.assigned_on,
            received_on=day,
            due_on=(counts_on(owed[0]) if owed else None) or assignment.due_on,
        )
        work.commit()
    return done


def _find(work: Work, issue: str) -> Assignment:
    number = issue.strip().removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) <= 15:
        found = work.session.exec(
            select(Assignment).where(Assignment.id == int(number), Assignment.office_id == work.services.office_id)
        ).first()
    else:
        found = owed_by(work, find_issue(work, issue).group_id)
    if found is None:
        raise NotFound("Không có cơ quan nào đang được giao việc này.", todo="Xem: doithoai answers waiting")
    return found
