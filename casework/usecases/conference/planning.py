"""Use cases: a conference is planned under the office's regulation; who leads it and who writes it down is named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.conference_life.planning import (
    Officials,
    Planned,
    check_officials,
    check_plan,
    demanded_parts,
    frequency_remarks,
    joint_chair_remarks,
    plan_advice,
)
from casework.errors import IllegalMove, InvalidInput
from casework.regulations import applicable
from casework.regulations.model import ConferenceKind, Step
from casework.usecases.access import DECIDERS, VIEWERS, require
from casework.usecases.conference.binding import cutoff_of, missed_of
from casework.usecases.conference.issues import find_conference, key_of, require_over
from casework.usecases.conference.steps import check_file_open, put_step, void_steps
from casework.usecases.deadlines.obligations import refresh_conference, texts_of
from casework.usecases.work import Services, Work, staff_member
from storage.records import Conference, ConferenceState, Office

_CODE = re.compile(r"[A-Z0-9][A-Z0-9-]{1,23}")
_TIME = re.compile(r"(\d{1,2})\s*(?::|h|g|giờ)\s*(\d{2})?\s*(?:phút)?", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class PlanRemarks:
    """What to know of a plan beside its data; nothing of it blocks."""

    #: what the texts advise against, and which dates can no longer be kept
    remarks: tuple[str, ...]
    #: what the written plan must contain
    parts: tuple[str, ...]
    #: why the last day for opinions is the day it is; None when somebody gave it or no text sets one
    cutoff: str | None


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
    form: str = "in_person",
    topic: str | None = None,
    officials: Officials | None = None,
) -> str:
    """Plan a conference under the office's regulation; returns its code ("HN-20261215" when none is given).

    It keeps the version of the regulation in force today. The last day for opinions follows from it unless
    `cutoff_on` is given. Raises `Forbidden`, or `InvalidInput` naming what to correct.
    """
    for what, value in (("tên hội nghị", title), ("địa điểm", place), ("người chủ trì", chair)):
        if not value.strip():
            raise InvalidInput(f"Còn thiếu {what}.", todo="Ghi thêm rồi làm lại.")
    if cutoff_on is not None and cutoff_on > held_on:
        raise InvalidInput("Ngày chốt nội dung sau ngày họp.", todo="Chọn ngày chốt trước ngày họp.")
    named = officials or Officials()
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        today = local_date(work.now)
        if held_on < today:
            raise InvalidInput(f"Ngày họp {held_on:%d/%m/%Y} đã qua.", todo="Xem lại ngày, tháng, năm.")
        office = work.session.get_one(Office, services.office_id)
        texts = applicable(office.regulation, on=today)
        sort = read_kind(kind)
        check_plan(texts, Planned(kind=sort, form=form, topic=topic, chair=chair, officials=named, held_on=held_on))
        conference = work.add(
            Conference(
                office_id=services.office_id,
                code=_fresh_code(work, code, held_on),
                title=title.strip(),
                kind=sort,
                form=form,
                topic=(topic or "").strip() or None,
                regulation=office.regulation,
                regulation_version=texts[0].version,
                held_on=held_on,
                starts_at=read_hour(starts_at),
                place=place.strip(),
                chair=chair.strip(),
                officials=named.as_json(),
                cutoff_on=cutoff_on,
                created_at=work.now,
            )
        )
        if cutoff_on is None:
            cutoff = cutoff_of(work, conference)
            conference.cutoff_on = cutoff.due_on if cutoff else None
        if named.secretaries:
            put_step(work, staff_id, conference, Step.SECRETARIES_NAMED, done_on=today)
        work.record(
            staff_member(staff_id),
            "conference_planned",
            "conference",
            key_of(conference),
            code=conference.code,
            held_on=held_on.isoformat(),
            regulation=office.regulation,
            version=conference.regulation_version,
        )
        refresh_conference(work, conference)
        work.commit()
    return conference.code


def plan_remarks(services: Services, staff_id: int, conference_code: str) -> PlanRemarks:
    """What the texts advise about a planned conference, as it stands. Raises `NotFound`, `Forbidden`."""
    with services.reading() as work:
        require(work, staff_id, *VIEWERS)
        conference = find_conference(work, conference_code)
        texts, kind = texts_of(conference), ConferenceKind(conference.kind)
        officials = Officials.of(conference.officials)
        planned = Planned(
            kind=kind,
            form=conference.form,
            topic=conference.topic,
            chair=conference.chair,
            officials=officials,
            held_on=conference.held_on,
        )
        missed = missed_of(work, conference, local_date(work.now))
        year = conference.held_on.year
        cutoff = cutoff_of(work, conference)
        return PlanRemarks(
            remarks=(
                *plan_advice(texts, planned),
                *frequency_remarks(texts, kind, year, _count_in(work, kind, year)),
                *(f"Không kịp hạn: {one.in_words()}." for one in missed),
            ),
            parts=demanded_parts(texts, Step.PLAN, kind),
            cutoff=cutoff.explanation if cutoff and cutoff.due_on == conference.cutoff_on else None,
        )


def name_officials(
    services: Services,
    staff_id: int,
    conference_code: str,
    *,
    chair: str | None = None,
    co_chairs: Sequence[str] | None = None,
    secretaries: Sequence[str] | None = None,
    deputy: str | None = None,
    deputy_reason: str | None = None,
    vacant: bool = False,
    unit: str | None = None,
) -> tuple[str, ...]:
    """Name or correct who leads, who sits beside, who writes, who compiles; what is None stays as it was.

    Who wrote may be named until the file is closed, for they were there on the day. Returns remarks of the texts.
    Raises `NotFound`, `Forbidden`, `InvalidInput`, `IllegalMove` once the file is closed or the conference called off.
    """
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        check_file_open(conference)
        if conference.state == ConferenceState.CANCELLED:
            raise IllegalMove(f"Hội nghị {conference.code} đã hủy.", todo="Xem: doithoai conferences list")
        before = Officials.of(conference.officials)
        named = Officials(
            co_chairs=before.co_chairs if co_chairs is None else _names(co_chairs),
            secretaries=before.secretaries if secretaries is None else _names(secretaries),
            deputy=before.deputy if deputy is None else deputy.strip() or None,
            deputy_reason=before.deputy_reason if deputy_reason is None else deputy_reason.strip() or None,
            vacant=vacant or (before.vacant and deputy is None),
            unit=before.unit if unit is None else unit.strip() or None,
        )
        presides = (chair or "").strip() or conference.chair
        texts = texts_of(conference)
        remarks = (*check_officials(texts, presides, named), *joint_chair_remarks(texts, presides, named))
        # Who was present is kept beside them and stays.
        kept = {name: value for name, value in conference.officials.items() if name == "attendance"}
        conference.chair, conference.officials = presides, {**named.as_json(), **kept}
        conference.version += 1
        work.add(conference)
        if named.secretaries != before.secretaries:
            void_steps(work, staff_id, conference, {Step.SECRETARIES_NAMED}, why="cử lại thư ký")
            if named.secretaries:
                day = min(local_date(work.now), conference.held_on)
                put_step(work, staff_id, conference, Step.SECRETARIES_NAMED, done_on=day)
        work.record(
            staff_member(staff_id),
            "officials_named",
            "conference",
            key_of(conference),
            secretaries=len(named.secretaries),
            co_chairs=len(named.co_chairs),
            deputy=named.deputy is not None,
        )
        refresh_conference(work, conference)
        work.commit()
    return remarks


# --------------------------------------------------------------------------- reading what people typed


def read_kind(value: ConferenceKind | str) -> ConferenceKind:
    """The kind of conference somebody names. Raises `InvalidInput`."""
    try:
        return ConferenceKind(value)
    except ValueError as error:
        raise InvalidInput(
            f"«{value}» không phải loại hội nghị.",
            todo="Chọn periodic (định kỳ), ongoing (thường xuyên) hoặc ad_hoc (đột xuất).",
        ) from error


def read_hour(text: str | None) -> str | None:
    """The hour as people read it: "08:00", "8h" and "8 giờ" are all "8 giờ 00". Raises `InvalidInput`."""
    if text is None or not text.strip():
        return None
    match = _TIME.fullmatch(text.strip())
    hour, minute = (int(match[1]), int(match[2] or 0)) if match else (24, 0)
    if hour > 23 or minute > 59:
        raise InvalidInput(f"«{text}» không phải giờ.", todo="Viết như 8 giờ 00 hoặc 08:00.")
    return f"{hour} giờ {minute:02d}"


def _names(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in given if name.strip()))


def _count_in(work: Work, kind: ConferenceKind, year: int) -> int:
    days = work.session.exec(
        select(col(Conference.held_on)).where(
            Conference.office_id == work.services.office_id,
            Conference.kind == kind,
            col(Conference.state).not_in([ConferenceState.CANCELLED, ConferenceState.FAILED]),
        )
    )
    return sum(day.year == year for day in days)


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
