"""Use cases: the chair stops a conference before its end, or the dialogue comes to nothing. Nobody's matter is lost."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from casework.clock import local_date
from casework.codes import spoken
from casework.conference_life.checklist import failure_sources
from casework.errors import IllegalMove, InvalidInput
from casework.notices import tell_asker
from casework.regulations.model import ConferenceKind, Party
from casework.usecases.access import DECIDERS
from casework.usecases.conference.agendas import release, renumber, scheduled_for
from casework.usecases.conference.conference_day import check_held
from casework.usecases.conference.issues import find_conference, key_of, lines_of, opinions_of, require_over, when_of
from casework.usecases.conference.left_with_agencies import detach, leave
from casework.usecases.conference.speaking import tell_speakers
from casework.usecases.deadlines.obligations import refresh_conference, texts_of
from casework.usecases.work import Actor, Services, Work, staff_member
from casework.wording import say
from storage.records import (
    AgendaItem,
    AgendaOutcome,
    Conference,
    ConferenceState,
    Opinion,
    OpinionState,
    Role,
)


class Rest(StrEnum):
    """What becomes of the lines a stopped conference did not reach."""

    WRITING = "writing"  # put off to a written answer
    NEXT_TIME = "next_time"  # approved again, for the next conference


@dataclass(frozen=True, kw_only=True)
class BrokenOff:
    """What stopping or failing did."""

    #: lines nobody had dealt with
    lines: int
    #: notices written to askers
    told: int
    #: where the texts demand minutes and a report upwards of a dialogue that failed; empty where none does
    report_by: tuple[str, ...] = ()


def stop(services: Services, staff_id: int, conference_code: str, *, why: str, rest: Rest = Rest.WRITING) -> BrokenOff:
    """The chair ends the conference early: lines without an outcome are put off to writing or kept for next time,
    and their askers are told. The conference is then concluded as any other.

    Raises `NotFound`, `Forbidden`, `InvalidInput` without a reason, `AlreadyDecided`, `IllegalMove` unless it is under
    way.
    """
    reason = _reason(why)
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        check_held(conference)
        if conference.stopped_why is not None:
            raise IllegalMove(f"Hội nghị {conference.code} đã ghi là dừng.", todo="Ghi tiếp kết quả rồi kết luận.")
        unreached = [line for line in lines_of(work, conference) if line.outcome == AgendaOutcome.PENDING]
        told = 0
        for line in unreached:
            if rest is Rest.WRITING:
                told += _put_off(work, actor, conference, line)
            else:
                told += _keep_for_next(work, actor, conference, line)
        renumber(work, lines_of(work, conference))
        conference.stopped_why = reason
        conference.version += 1
        work.add(conference)
        work.record(
            actor,
            "conference_stopped",
            "conference",
            key_of(conference),
            why=reason,
            lines=len(unreached),
            rest=rest,
        )
        refresh_conference(work, conference)
        work.commit()
        return BrokenOff(lines=len(unreached), told=told)


def fail(services: Services, staff_id: int, conference_code: str, *, why: str) -> BrokenOff:
    """The dialogue came to nothing: every opinion is approved again, its asker and whoever wanted to speak are told;
    minutes and a report to the superior are owed where a text says so.

    Raises `NotFound`, `Forbidden`, `InvalidInput` without a reason, `AlreadyDecided` once concluded, `IllegalMove`
    before the day.
    """
    reason = _reason(why)
    with services.writing() as work:
        require_over(work, staff_id, Role.APPROVER)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        if conference.state != ConferenceState.AGENDA_SET:
            check_held(conference)
        elif conference.held_on > local_date(work.now):
            raise IllegalMove(
                f"Chưa tới ngày họp ({conference.held_on:%d/%m/%Y}) nên chưa thể ghi là không thành.",
                todo=f"Không họp nữa thì hủy: doithoai conferences cancel {conference.code} --why ...",
            )
        lines = lines_of(work, conference)
        waiting = scheduled_for(work, conference)
        report_by = failure_sources(texts_of(conference), ConferenceKind(conference.kind))
        sentence = "failed_reported" if report_by else "failed"
        told = sum(_give_back(work, actor, conference, one, sentence, purpose="failed") for one in waiting)
        told += tell_speakers(work, conference, "speaker_notice.failed")
        left = detach(work, lines)
        conference.state = ConferenceState.FAILED
        conference.stopped_why = reason
        conference.version += 1
        work.add(conference)
        told += leave(work, conference, left, sentence="off", purpose="conference_failed")
        work.record(
            actor,
            "conference_failed",
            "conference",
            key_of(conference),
            why=reason,
            told=told,
            report_to=Party.UPPER_LEVEL if report_by else None,
        )
        work.commit()
        return BrokenOff(lines=len(lines), told=told, report_by=report_by)


# --------------------------------------------------------------------------- one line, one asker


def _reason(why: str) -> str:
    if not why.strip():
        raise InvalidInput("Cần ghi vì sao hội nghị dừng hoặc không thành.", todo="Ghi thêm lý do.")
    return why.strip()


def _put_off(work: Work, actor: Actor, conference: Conference, line: AgendaItem) -> int:
    line.outcome = AgendaOutcome.DEFERRED
    work.add(line)
    work.record(
        actor,
        "outcome_recorded",
        "agenda_item",
        key_of(line),
        conference=conference.code,
        group=line.group_id,
        outcome=line.outcome,
        ground=None,
    )
    waiting = opinions_of(work, line.group_id, states=[OpinionState.SCHEDULED])
    return sum(_tell(work, conference, one, "stopped_deferred") for one in waiting)


def _keep_for_next(work: Work, actor: Actor, conference: Conference, line: AgendaItem) -> int:
    here = {key_of(one) for one in scheduled_for(work, conference)}
    waiting = [one for one in opinions_of(work, line.group_id, states=[OpinionState.SCHEDULED]) if key_of(one) in here]
    told = sum(_give_back(work, actor, conference, one, "stopped_approved") for one in waiting)
    left = detach(work, [line])
    work.session.delete(line)
    work.session.flush()
    return told + leave(work, conference, left, sentence="stopped", purpose="conference_stopped_approved")


def _give_back(
    work: Work, actor: Actor, conference: Conference, opinion: Opinion, sentence: str, *, purpose: str | None = None
) -> bool:
    release(work, actor, opinion, conference, verb="opinion_unscheduled")
    return _tell(work, conference, opinion, sentence, purpose=purpose)


def _tell(work: Work, conference: Conference, opinion: Opinion, sentence: str, *, purpose: str | None = None) -> bool:
    if opinion.sealed:
        return False
    text = say(f"conference_life.{sentence}", when=when_of(conference), code=spoken(opinion.code or ""))
    notice = tell_asker(
        work, opinion, purpose=f"conference_{purpose or sentence}", occasion=key_of(conference), text=text
    )
    return notice is not None
