"""The working days of an office: the shipped calendar and the days its staff added, each with its source."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import col, select

from casework.clock import vietnamese_date
from casework.deadlines.calendar import Amendment, Calendar, official_calendar
from casework.errors import AlreadyDecided, InvalidInput, NotFound
from casework.usecases.access import require
from casework.usecases.work import Services, Work, staff_member
from storage.records import CalendarAmendment, Role

#: who may change the calendar and have due dates recomputed
KEEPERS = (Role.ADMIN, Role.APPROVER)


def calendar_of(work: Work) -> Calendar:
    """The calendar in use: shipped, with what the office added over it. Raises `SetupNeeded` without an office."""
    return official_calendar(
        Amendment(day=row.day, working=row.working, reason=row.reason, citation=row.citation, proposed=row.proposed)
        for row in _rows(work)
    )


def add_day(
    services: Services,
    staff_id: int,
    day: dt.date,
    *,
    working: bool,
    reason: str,
    citation: str,
    proposed: bool = False,
) -> None:
    """Write down that a day is off, or worked, other than the calendar says; `proposed`: shown, not counted.

    A decision takes the place of the office's own proposal for the day. Raises `Forbidden`, `InvalidInput` for a
    missing reason or source or a year without calendar, `AlreadyDecided` when the day is on file, or is so already.
    """
    with services.writing() as work:
        require(work, staff_id, *KEEPERS)
        wanted = Amendment(
            day=day,
            working=working,
            reason=_needed(reason, "lý do", "--reason"),
            citation=_needed(citation, "căn cứ", "--citation"),
            proposed=proposed,
        )
        _add(work, staff_id, wanted)
        work.commit()


def confirm_days(services: Services, staff_id: int, days: Sequence[dt.date], *, citation: str) -> tuple[Amendment, ...]:
    """Proposed days were decided: they count from now on, under the source of the decision. All or none.

    Raises `Forbidden`, `NotFound` for a day nobody proposed, `InvalidInput` without a source.
    """
    with services.writing() as work:
        require(work, staff_id, *KEEPERS)
        source = _needed(citation, "căn cứ", "--citation")
        proposals = {one.day: one for one in calendar_of(work).proposed}
        decided = []
        for day in days:
            if day not in proposals:
                raise NotFound(
                    f"Ngày {vietnamese_date(day)} không có đề xuất nào đang chờ.",
                    todo=f"Xem: doithoai calendar show {day.year}; ghi thẳng một ngày: doithoai calendar add",
                )
            one = proposals[day]
            decided.append(Amendment(day=day, working=one.working, reason=one.reason, citation=source))
        for one in decided:
            _add(work, staff_id, one)
        work.commit()
        return tuple(decided)


def remove_day(services: Services, staff_id: int, day: dt.date) -> Amendment:
    """Take back a day the office added; the calendar below it counts again. The row stays on file, marked.

    Raises `Forbidden`, `NotFound` when the office added no such day.
    """
    with services.writing() as work:
        require(work, staff_id, *KEEPERS)
        row = _row_of(work, day)
        if row is None:
            raise NotFound(
                f"Đơn vị chưa ghi thêm ngày {vietnamese_date(day)}.",
                todo="Ngày do chương trình ghi sẵn thì không gỡ được: nếu đã có quyết định khác, ghi đè bằng "
                "doithoai calendar add.",
            )
        _close(work, staff_id, row)
        work.commit()
        return Amendment(
            day=row.day, working=row.working, reason=row.reason, citation=row.citation, proposed=row.proposed
        )


def _add(work: Work, staff_id: int, wanted: Amendment) -> None:
    calendar, present = calendar_of(work), _row_of(work, wanted.day)
    said = vietnamese_date(wanted.day)
    if present is not None and (wanted.proposed or not present.proposed):
        raise AlreadyDecided(
            f"Ngày {said} đã được ghi là ngày {_as(working=present.working)}, theo {present.citation}.",
            todo=f"Muốn ghi lại: doithoai calendar remove {wanted.day}, rồi ghi ngày mới.",
        )
    reason = calendar.day_off(wanted.day)
    if (reason is None) == wanted.working:
        why = f" ({reason})" if reason else ""
        raise AlreadyDecided(f"Theo lịch, ngày {said} vốn là ngày {_as(working=wanted.working)}{why}, không cần ghi.")
    if present is not None:
        _close(work, staff_id, present)
    row = work.add(
        CalendarAmendment(
            office_id=work.services.office_id,
            day=wanted.day,
            working=wanted.working,
            reason=wanted.reason,
            citation=wanted.citation,
            proposed=wanted.proposed,
            staff_id=staff_id,
            added_at=work.now,
        )
    )
    work.record(
        staff_member(staff_id),
        "calendar_day_added",
        "calendar",
        row.id or 0,
        day=row.day.isoformat(),
        working=row.working,
        proposed=row.proposed,
    )


def _close(work: Work, staff_id: int, row: CalendarAmendment) -> None:
    row.removed_at = work.now
    work.session.add(row)
    work.session.flush()
    work.record(
        staff_member(staff_id),
        "calendar_day_removed",
        "calendar",
        row.id or 0,
        day=row.day.isoformat(),
        working=row.working,
        proposed=row.proposed,
    )


def _rows(work: Work) -> Sequence[CalendarAmendment]:
    """The office's days in force, in the order they were added."""
    return work.session.exec(
        select(CalendarAmendment)
        .where(CalendarAmendment.office_id == work.services.office_id, col(CalendarAmendment.removed_at).is_(None))
        .order_by(col(CalendarAmendment.id))
    ).all()


def _row_of(work: Work, day: dt.date) -> CalendarAmendment | None:
    return next((row for row in _rows(work) if row.day == day), None)


def _needed(words: str, what: str, option: str) -> str:
    said = " ".join(words.split())
    if not said:
        raise InvalidInput(f"Thiếu {what} của ngày ghi thêm.", todo=f"Ghi bằng {option}.")
    return said


def _as(*, working: bool) -> str:
    return "làm việc" if working else "nghỉ"
