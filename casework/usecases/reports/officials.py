"""Use cases: the sealed list of officials people complained about, for the confidential role alone.

To everybody else the list does not exist: the same answer as to a command about a report nobody made. The history
holds that a row was added or erased, never a word of it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.errors import InvalidInput, NotFound
from casework.reports.periods import Scope
from casework.usecases.access import find_opinion, key_of, member, require
from casework.usecases.reports.loading import OVER
from casework.usecases.work import Services, Work, staff_member
from storage.records import ComplainedOfficial, Conference, Opinion, Role

_ERASED = "(đã xóa)"


@dataclass(frozen=True, kw_only=True)
class OfficialRow:
    """One official, with what was complained of and what came of it."""

    id: int
    name: str
    post: str
    matter: str
    result: str | None
    #: number of the opinion it comes from
    opinion: int | None
    added_on: dt.date


def add_official(
    services: Services,
    staff_id: int,
    *,
    name: str,
    post: str,
    matter: str,
    result: str | None = None,
    opinion: str | None = None,
) -> int:
    """Enter an official; returns the row's number. Raises `NotFound` without the confidential role, `InvalidInput`."""
    with services.writing() as work:
        check_entitled(work, staff_id)
        for what, value in (("họ tên", name), ("chức vụ", post), ("nội dung phản ánh", matter)):
            if not value.strip():
                raise InvalidInput(f"Còn thiếu {what}.", todo="Ghi thêm rồi làm lại.")
        behind = find_opinion(work, opinion) if opinion is not None else None
        if behind is not None:
            require(work, staff_id, Role.CONFIDENTIAL, opinion=behind)
        row = work.add(
            ComplainedOfficial(
                office_id=services.office_id,
                opinion_id=key_of(behind) if behind is not None else None,
                name=name.strip(),
                post=post.strip(),
                matter=matter.strip(),
                result=(result or "").strip() or None,
                staff_id=staff_id,
                at=work.now,
            )
        )
        key = _key(row)
        work.record(staff_member(staff_id), "sealed_row_added", "complained_official", key)
        work.commit()
        return key


def list_officials(services: Services, staff_id: int) -> list[OfficialRow]:
    """The list, oldest first. Raises `NotFound` without the confidential role."""
    with services.reading() as work:
        check_entitled(work, staff_id)
        return officials(work)


def erase_official(services: Services, staff_id: int, row_id: int) -> None:
    """Take a row off the list and its words out of the database. Raises `NotFound`."""
    with services.writing() as work:
        check_entitled(work, staff_id)
        row = work.session.get(ComplainedOfficial, row_id)
        if row is None or row.office_id != services.office_id or row.erased_at is not None:
            raise NotFound(f"Danh sách không có dòng {row_id}.", todo="Xem: doithoai reports officials list")
        row.name = row.post = row.matter = _ERASED
        row.result, row.opinion_id, row.erased_at = None, None, work.now
        work.add(row)
        # Without a reason: it could name whom it is about, and the history cannot be erased.
        work.record(staff_member(staff_id), "sealed_row_erased", "complained_official", row_id)
        work.commit()


def officials(work: Work, scope: Scope | None = None) -> list[OfficialRow]:
    """Rows that belong to a report, or all; for whoever checked the role already.

    A row belongs to the days its opinion came in, or else it was entered; to a conference also what was entered since,
    until the next one was held.
    """
    rows = work.session.exec(
        select(ComplainedOfficial, Opinion.submitted_at)
        .join(Opinion, col(Opinion.id) == col(ComplainedOfficial.opinion_id), isouter=True)
        .where(ComplainedOfficial.office_id == work.services.office_id, col(ComplainedOfficial.erased_at).is_(None))
        .order_by(col(ComplainedOfficial.id))
    )
    last = _last_day(work, scope) if scope is not None else None
    return [
        OfficialRow(
            id=_key(row),
            name=row.name,
            post=row.post,
            matter=row.matter,
            result=row.result,
            opinion=row.opinion_id,
            added_on=local_date(row.at),
        )
        for row, came_at in rows
        if scope is None or last is None or scope.first <= local_date(came_at or row.at) <= last
    ]


def _last_day(work: Work, scope: Scope) -> dt.date:
    if scope.conference_id is None:
        return scope.last
    later = work.session.exec(
        select(Conference)
        .where(
            Conference.office_id == work.services.office_id,
            col(Conference.state).in_(OVER),
            Conference.held_on > scope.last,
        )
        .order_by(col(Conference.held_on))
    ).first()
    return later.held_on if later is not None else local_date(work.now)


def check_entitled(work: Work, staff_id: int) -> None:
    """Raise `NotFound`, as for something that was never made, unless the confidential role is held."""
    grants = member(work, staff_id).grants
    if not any(grant.role is Role.CONFIDENTIAL and grant.residential_group_id is None for grant in grants):
        raise NotFound("Không tìm thấy nội dung này.", todo="Xem các báo cáo: doithoai reports list")


def _key(row: ComplainedOfficial) -> int:
    if row.id is None:
        raise NotFound("Dòng này chưa được lưu.", todo="Lưu trước rồi làm tiếp.")
    return row.id
