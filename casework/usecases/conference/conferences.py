"""Use cases: conferences are listed, one is called off.

Its plan (`planning`, `moving`), agenda (`agendas`, `agenda_views`), day (`conference_day`, `breaking_off`), conclusion
(`conclusions`) and end (`steps`, `closing`) have their own modules; the verbs of the main way are offered here too, so
that whoever plays a conference finds them in one place.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.codes import spoken
from casework.conference_life.planning import Officials
from casework.errors import IllegalMove, InvalidInput
from casework.notices import tell_asker
from casework.regulations.model import ConferenceKind
from casework.usecases.access import DECIDERS, VIEWERS, require
from casework.usecases.conference.agenda_views import agenda_view
from casework.usecases.conference.agendas import AgendaBuilt, build_agenda, drop_line, move_line, release, scheduled_for
from casework.usecases.conference.conclusions import Concluded, conclude
from casework.usecases.conference.conference_day import FloorOpinion, add_floor_opinion, hold, record_outcome
from casework.usecases.conference.issues import OPEN, find_conference, key_of, lines_of, require_over, when_of
from casework.usecases.conference.left_with_agencies import detach, leave
from casework.usecases.conference.planning import plan
from casework.usecases.conference.speakers import tell_speakers
from casework.usecases.conference.titles import name_line
from casework.usecases.work import Actor, Services, Work, staff_member
from casework.wording import say
from storage.records import AgendaOutcome, Conference, ConferenceState, Opinion

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
    form: str
    topic: str | None
    #: text and version it keeps: "thanh-hoa, bản 2022"
    regulation: str
    #: who sits beside the chair, writes, stands in for the chair, compiles
    co_chairs: tuple[str, ...]
    secretaries: tuple[str, ...]
    deputy: str | None
    deputy_reason: str | None
    unit: str | None
    invited: int | None
    #: persons present by group, as far as they were counted
    attendance_by_group: dict[str, int]
    stopped_why: str | None
    closed_on: dt.date | None
    retain_until: dt.date | None


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
    """Call a conference off: its opinions are approved again, askers who were told of it are told, and so are
    those whose issue an agency was made to answer: it still does.

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
        left = detach(work, lines_of(work, conference))
        conference.state = ConferenceState.CANCELLED
        conference.version += 1
        work.add(conference)
        told += tell_speakers(work, conference, "speaker_notice.cancelled")
        told += leave(work, conference, left, sentence="off", purpose="conference_cancelled")
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


def _row(work: Work, conference: Conference) -> ConferenceRow:
    lines = lines_of(work, conference)
    officials = Officials.of(conference.officials)
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
        form=conference.form,
        topic=conference.topic,
        regulation=conference.regulation
        + (f", bản {conference.regulation_version}" if conference.regulation_version else ""),
        co_chairs=officials.co_chairs,
        secretaries=officials.secretaries,
        deputy=officials.deputy,
        deputy_reason=officials.deputy_reason,
        unit=officials.unit,
        invited=conference.invited,
        attendance_by_group=dict(conference.officials.get("attendance", {})),
        stopped_why=conference.stopped_why,
        closed_on=conference.closed_on,
        retain_until=conference.retain_until,
    )
