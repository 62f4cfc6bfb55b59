"""Use case: the conclusion notice of a conference, and what it means for every line and every asker."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.deadlines.standing import is_recorded_late
from casework.errors import IllegalMove, InvalidInput
from casework.notices import tell_asker
from casework.usecases.answers.asker_view import conclusion_message
from casework.usecases.conference.agendas import release_strays
from casework.usecases.conference.conference_day import check_held
from casework.usecases.conference.issues import TAKEN_UP, find_conference, key_of, lines_of, move, owed_by, require_over
from casework.usecases.deadlines.answer_due import answer_day
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.work import Actor, Services, Work, staff_member
from storage.records import (
    AgendaItem,
    AgendaOutcome,
    Answer,
    AnswerState,
    Assignment,
    Conference,
    ConferenceState,
    Office,
    Opinion,
    OpinionGroup,
    OpinionState,
    Role,
)


@dataclass(frozen=True, kw_only=True)
class Concluded:
    """What concluding a conference did."""

    answered: int
    deferred: int
    declined: int
    #: notices written to askers
    told: int
    #: places of lines that wait for a written answer and no agency owes it yet
    unassigned: tuple[int, ...]
    #: what to look at again: the notice was recorded long after its day
    remarks: tuple[str, ...] = ()


def conclude(
    services: Services, staff_id: int, conference_code: str, *, number: str, date: dt.date, text: str = ""
) -> Concluded:
    """The conclusion notice is out: every asker of every line is told, once, what it says of his or her line.

    Lines answered with words become published answers, also where an agency had been made to answer; declined ones
    close with their ground; deferred ones wait for their assignment. Raises `NotFound`, `Forbidden`, `AlreadyDecided`,
    `InvalidInput` for a day before the conference or still to come, or `IllegalMove` naming the lines that have no
    outcome yet.
    """
    if not number.strip():
        raise InvalidInput("Còn thiếu số của thông báo kết luận.", todo="Ghi số văn bản, ví dụ 12/TB-UBND.")
    with services.writing() as work:
        require_over(work, staff_id, Role.APPROVER)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        check_held(conference)
        if date < conference.held_on:
            raise InvalidInput("Ngày thông báo kết luận trước ngày họp.", todo="Xem lại ngày của văn bản.")
        today = local_date(work.now)
        if date > today:
            raise InvalidInput(
                f"Ngày thông báo kết luận {vietnamese_date(date)} chưa tới.",
                todo="Ghi khi thông báo đã ký; hạn trả lời người dân tính từ ngày ấy.",
            )
        lines = lines_of(work, conference)
        _check_all_decided(work, conference, lines)
        release_strays(work, actor, conference)
        conference.conclusion_number, conference.conclusion_on = number.strip(), date
        conference.conclusion_text = text.strip() or None
        conference.state = ConferenceState.CONCLUDED
        conference.version += 1
        work.add(conference)
        # Askers are told the due dates that follow from the notice just issued.
        refresh_conference(work, conference)
        told = sum(_settle(work, actor, conference, line) for line in lines)
        outcomes = [line.outcome for line in lines]
        work.record(
            actor,
            "conference_concluded",
            "conference",
            key_of(conference),
            number=conference.conclusion_number,
            date=date.isoformat(),
            told=told,
        )
        refresh_conference(work, conference)
        work.commit()
        return Concluded(
            answered=outcomes.count(AgendaOutcome.ANSWERED),
            deferred=outcomes.count(AgendaOutcome.DEFERRED),
            declined=outcomes.count(AgendaOutcome.DECLINED),
            told=told,
            unassigned=tuple(
                line.position
                for line in lines
                if line.outcome == AgendaOutcome.DEFERRED and owed_by(work, line.group_id) is None
            ),
            remarks=_remarks(date, today),
        )


# --------------------------------------------------------------------------- concluding


def _remarks(dated: dt.date, today: dt.date) -> tuple[str, ...]:
    if not is_recorded_late(dated, today):
        return ()
    return (
        f"Thông báo ghi ngày {vietnamese_date(dated)} mà hôm nay ({vietnamese_date(today)}) mới ghi vào máy: các hạn "
        "tính từ ngày của thông báo đã chạy từ hôm ấy. Xem lại ngày nếu gõ nhầm.",
    )


def _check_all_decided(work: Work, conference: Conference, lines: list[AgendaItem]) -> None:
    open_lines = [line for line in lines if line.outcome == AgendaOutcome.PENDING]
    if open_lines:
        titles = (
            f"dòng {line.position} «{work.session.get_one(OpinionGroup, line.group_id).title}»" for line in open_lines
        )
        raise IllegalMove(
            f"Còn {len(open_lines)} dòng chưa ghi kết quả: {'; '.join(titles)}.",
            todo=f"Ghi từng dòng: doithoai conferences outcome {conference.code} DÒNG answered|deferred|declined",
        )


def _settle(work: Work, actor: Actor, conference: Conference, line: AgendaItem) -> int:
    """Move the opinions of one line as its outcome says and tell their askers; returns notices written."""
    group = work.session.get_one(OpinionGroup, line.group_id)
    assignment = owed_by(work, line.group_id)
    askers = _askers(work, conference, line)
    waiting = [one for one in askers if one.state in (OpinionState.SCHEDULED, OpinionState.APPROVED)]
    answer: Answer | None = None
    unanswered = waiting or assignment is not None
    if line.outcome == AgendaOutcome.ANSWERED and line.outcome_note and unanswered:
        answer = _answer_of_the_hall(work, actor, conference, line)
        if assignment is not None:
            _close_clock(work, actor, conference, assignment)
        for opinion in askers:
            if opinion.state in TAKEN_UP and opinion.state != OpinionState.ANSWERED:
                move(work, actor, opinion, OpinionState.ANSWERED, "opinion_answered", answer=answer.id)
    elif line.outcome == AgendaOutcome.DECLINED:
        for opinion in waiting:
            move(work, actor, opinion, OpinionState.DECLINED, "opinion_declined", ground=line.outcome_ground)
            opinion.decline_ground, opinion.decided_at = line.outcome_ground, work.now
            work.add(opinion)
    office_name = work.session.get_one(Office, conference.office_id).name
    day = answer_day(work, line.group_id) if assignment is not None else None
    told = 0
    for opinion in askers:
        message = conclusion_message(
            conference,
            office_name,
            group,
            line,
            opinion,
            assignment=assignment,
            due_on=day.due_on if day else None,
            answer=answer,
        )
        notice = tell_asker(
            work,
            opinion,
            purpose="conclusion",
            occasion=key_of(conference),
            text=message.text,
            answer_id=answer.id if answer is not None else None,
            buttons=message.buttons,
        )
        told += notice is not None
    return told


def _close_clock(work: Work, actor: Actor, conference: Conference, assignment: Assignment) -> None:
    """What the agency had to answer was answered in the hall: it owes no answer any more, by no text."""
    work.record(
        actor,
        "assignment_settled_at_conference",
        "assignment",
        key_of(assignment),
        group=assignment.group_id,
        conference=conference.code,
    )


def _askers(work: Work, conference: Conference, line: AgendaItem) -> list[Opinion]:
    """Everybody who asked what the line is about: those on the agenda, and those who joined the issue since."""
    opinions = work.session.exec(
        select(Opinion)
        .where(Opinion.group_id == line.group_id, col(Opinion.sealed).is_(False))
        .order_by(col(Opinion.submitted_at), col(Opinion.id))
    )
    return [
        opinion
        for opinion in opinions
        if opinion.state in TAKEN_UP
        or (opinion.conference_id == conference.id and opinion.state != OpinionState.WITHDRAWN)
    ]


def _answer_of_the_hall(work: Work, actor: Actor, conference: Conference, line: AgendaItem) -> Answer:
    """The words said at the conference, as the conclusion notice gives them, are the final answer."""
    answer = work.add(
        Answer(
            office_id=conference.office_id,
            group_id=line.group_id,
            final=True,
            agency=line.answered_by or conference.chair,
            document_number=conference.conclusion_number or "",
            document_date=conference.conclusion_on or conference.held_on,
            text=line.outcome_note or "",
            state=AnswerState.PUBLISHED,
            written_by_staff_id=actor.id,
            approved_by_staff_id=actor.id,
            created_at=work.now,
            published_at=work.now,
        )
    )
    work.record(actor, "answer_published", "answer", key_of(answer), group=line.group_id, conference=conference.code)
    return answer
