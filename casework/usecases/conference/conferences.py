"""Use cases: a conference is planned, listed, called off.

Its agenda (`agendas`, `agenda_views`), its day (`conference_day`) and its conclusion (`conclusions`) have their own
modules; their verbs are offered here too, so that whoever plays a conference finds them in one place.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import col, select

from casework.clock import local_date
from casework.codes import spoken
from casework.errors import IllegalMove, InvalidInput
from casework.notices import tell_asker
from casework.usecases.access import DECIDERS, VIEWERS, require
from casework.usecases.conference.agenda_views import agenda_view
from casework.usecases.conference.agendas import AgendaBuilt, build_agenda, drop_line, move_line, release, scheduled_for
from casework.usecases.conference.conclusions import Concluded, conclude
from casework.usecases.conference.conference_day import FloorOpinion, add_floor_opinion, hold, record_outcome
from casework.usecases.conference.issues import OPEN, find_conference, key_of, lines_of, require_over, when_of
from casework.usecases.conference.titles import name_line
from casework.usecases.work import Actor, Services, Work, staff_member
from casework.wording import say
from storage.records import AgendaOutcome, Conference, ConferenceState, Office, Opinion

__all__ = [
    "AgendaBuilt",
    "Concluded",
    "ConferenceKind",
    "ConferenceRow",
    "FloorOpinion",
    "add_floor_opinion",
    "agenda_view",
    "build_agenda",
    "cancel",
    "conclude",
    "drop_line",
    "hold",
    "list_conferences",
    "move_line",
    "name_line",
    "plan",
    "record_outcome",
]

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,23}")
_TIME = re.compile(r"(\d{1,2})\s*(?::|h|g|giờ)\s*(\d{2})?\s*(?:phút)?", re.IGNORECASE)


class ConferenceKind(StrEnum):
    """How a conference came about."""

    PERIODIC = "periodic"
    ONGOING = "ongoing"
    AD_HOC = "ad_hoc"


@dataclass(frozen=True, kw_only=True)
class ConferenceRow:
    """One conference in a list."""

    code: str
    title: str
    kind: str
    state: str
    held_on: dt.date
    starts_at: str | None
    place: str
    chair: str
    cutoff_on: dt.date | None
    lines: int
    #: lines without an outcome
    pending: int
    attendance: int | None
    conclusion_number: str | None
    conclusion_on: dt.date | None


def plan(
    services: Services,
    staff_id: int,
    *,
    title: str,
    held_on: dt.date,
    place: str,
    chair: str,
    code: str | None = None,
    starts_at: str | None = None,
    kind: ConferenceKind | str = ConferenceKind.PERIODIC,
    cutoff_on: dt.date | None = None,
) -> str:
    """Plan a conference under the office's regulation; returns its code ("HN-20261215" when none is given).

    Raises `Forbidden`, or `InvalidInput` naming what to correct.
    """
    for what, value in (("tên hội nghị", title), ("địa điểm", place), ("người chủ trì", chair)):
        if not value.strip():
            raise InvalidInput(f"Còn thiếu {what}.", todo="Ghi thêm rồi làm lại.")
    if cutoff_on is not None and cutoff_on > held_on:
        raise InvalidInput("Ngày chốt nội dung sau ngày họp.", todo="Chọn ngày chốt trước ngày họp.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        if held_on < local_date(work.now):
            raise InvalidInput(f"Ngày họp {held_on:%d/%m/%Y} đã qua.", todo="Xem lại ngày, tháng, năm.")
        office = work.session.get_one(Office, services.office_id)
        conference = work.add(
            Conference(
                office_id=services.office_id,
                code=_fresh_code(work, code, held_on),
                title=title.strip(),
                kind=_kind(kind),
                regulation=office.regulation,
                held_on=held_on,
                starts_at=_hour(starts_at),
                place=place.strip(),
                chair=chair.strip(),
                cutoff_on=cutoff_on,
                created_at=work.now,
            )
        )
        work.record(
            staff_member(staff_id),
            "conference_planned",
            "conference",
            key_of(conference),
            code=conference.code,
            held_on=held_on.isoformat(),
            regulation=office.regulation,
        )
        work.commit()
    return conference.code


def list_conferences(services: Services, staff_id: int, code: str | None = None) -> list[ConferenceRow]:
    """All conferences of the office, newest first, or the one with this code. Raises `Forbidden`, `NotFound`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        if code is not None:
            return [_row(work, find_conference(work, code))]
        conferences = work.session.exec(
            select(Conference)
            .where(Conference.office_id == services.office_id)
            .order_by(col(Conference.held_on).desc(), col(Conference.id).desc())
        )
        return [_row(work, conference) for conference in conferences]


def cancel(services: Services, staff_id: int, conference_code: str, *, why: str) -> int:
    """Call a conference off: its opinions are approved again, askers who were told of it are told.

    Returns how many notices were written. Raises `NotFound`, `Forbidden`, `InvalidInput`, or `IllegalMove` once held.
    """
    if not why.strip():
        raise InvalidInput("Hủy hội nghị cần ghi lý do.", todo="Ghi thêm lý do.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        if conference.state not in OPEN:
            raise IllegalMove(f"Hội nghị {conference.code} đã họp hoặc đã hủy.", todo="Xem: doithoai conferences list")
        told = sum(_call_off(work, actor, conference, opinion) for opinion in scheduled_for(work, conference))
        conference.state = ConferenceState.CANCELLED
        conference.version += 1
        work.add(conference)
        work.record(actor, "conference_cancelled", "conference", key_of(conference), why=why.strip(), told=told)
        work.commit()
    return told


def _call_off(work: Work, actor: Actor, conference: Conference, opinion: Opinion) -> bool:
    """Give one opinion back; returns whether its asker knew of the date and is now told that it is off."""
    knew = release(work, actor, opinion, conference, verb="opinion_unscheduled")
    if not knew or opinion.sealed:
        return False
    words = say("agenda_notice.cancelled", when=when_of(conference), code=spoken(opinion.code or ""))
    occasion = key_of(conference)
    return tell_asker(work, opinion, purpose="conference_cancelled", occasion=occasion, text=words) is not None


# --------------------------------------------------------------------------- reading what people typed


def _row(work: Work, conference: Conference) -> ConferenceRow:
    lines = lines_of(work, conference)
    return ConferenceRow(
        code=conference.code,
        title=conference.title,
        kind=conference.kind,
        state=conference.state,
        held_on=conference.held_on,
        starts_at=conference.starts_at,
        place=conference.place,
        chair=conference.chair,
        cutoff_on=conference.cutoff_on,
        lines=len(lines),
        pending=sum(line.outcome == AgendaOutcome.PENDING for line in lines),
        attendance=conference.attendance,
        conclusion_number=conference.conclusion_number,
        conclusion_on=conference.conclusion_on,
    )


def _fresh_code(work: Work, wanted: str | None, held_on: dt.date) -> str:
    taken = set(work.session.exec(select(Conference.code)))
    if wanted is None:
        stem = f"HN-{held_on:%Y%m%d}"
        tries = (stem if number == 1 else f"{stem}-{number}" for number in range(1, len(taken) + 2))
        return next(code for code in tries if code not in taken)
    code = wanted.strip().upper()
    if not _CODE.fullmatch(code):
        raise InvalidInput(
            f"Mã hội nghị «{wanted}» không dùng được.", todo="Chỉ dùng chữ không dấu, số và gạch nối, 2 đến 24 ký tự."
        )
    if code in taken:
        raise InvalidInput(f"Đã có hội nghị mang mã {code}.", todo="Chọn mã khác.")
    return code


def _kind(value: ConferenceKind | str) -> ConferenceKind:
    try:
        return ConferenceKind(value)
    except ValueError as error:
        raise InvalidInput(
            f"«{value}» không phải loại hội nghị.",
            todo="Chọn periodic (định kỳ), ongoing (thường xuyên) hoặc ad_hoc (đột xuất).",
        ) from error


def _hour(text: str | None) -> str | None:
    """The hour as people read it: "08:00", "8h" and "8 giờ" are all "8 giờ 00"."""
    if text is None or not text.strip():
        return None
    match = _TIME.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    if hour > 23 or minute > 59:
        raise InvalidInput(f"«{text}» không phải giờ.", todo="Viết như 8 giờ 00 hoặc 08:00.")
    return f"{hour} giờ {minute:02d}"
