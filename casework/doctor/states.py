"""Promises 2 and 4: one state, reached lawfully, with somebody who owes the next step; refusals are a person's."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import col, select

from casework.doctor.finding import Finding, breach
from casework.errors import IllegalMove, InvalidInput
from casework.grounds import ground
from casework.lifecycle import Responsible, check_move, check_undo, responsible_for
from casework.usecases.work import Work
from nlp.analysis import Kind, Level, Topic
from storage.records import (
    Act,
    AgendaItem,
    Answer,
    AnswerState,
    Assignment,
    Opinion,
    OpinionState,
    Role,
    Staff,
    StaffRole,
)

S = OpinionState

#: who among staff can take the next step of an opinion that waits for this party
_HANDS: dict[Responsible, tuple[Role, ...]] = {
    Responsible.MODERATOR: (Role.MODERATOR, Role.APPROVER),
    Responsible.CONFIDENTIAL: (Role.CONFIDENTIAL,),
}


def labels_are_known(work: Work) -> Iterator[Finding]:
    """State, kind, topic and level are of their closed lists."""
    lists = {Opinion.state: OpinionState, Opinion.kind: Kind, Opinion.topic: Topic, Opinion.level: Level}
    for column, known in lists.items():
        rows = work.session.exec(
            select(Opinion.id, column)
            .where(col(column).not_in([str(value) for value in known]))
            .order_by(col(Opinion.id))
        )
        for opinion_id, value in rows:
            yield breach("opinion", opinion_id, f"giá trị lạ «{value}» không thuộc danh mục")


def states_are_founded(work: Work) -> Iterator[Finding]:
    """What a state says has happened stands in the data: group, agenda line, assignment, question, answer."""
    lines = set(work.session.exec(select(AgendaItem.group_id)))
    owed = set(work.session.exec(select(Assignment.group_id).where(col(Assignment.cancelled_at).is_(None))))
    answered = set(
        work.session.exec(select(Answer.group_id).where(Answer.state == AnswerState.PUBLISHED, col(Answer.final)))
    )
    for opinion in work.session.exec(select(Opinion).order_by(col(Opinion.id))):
        missing = _missing(opinion, lines=lines, owed=owed, answered=answered)
        if missing:
            yield breach("opinion", opinion.id, f"ở trạng thái {opinion.state} nhưng {missing}")


def _missing(opinion: Opinion, *, lines: set[int], owed: set[int], answered: set[int]) -> str | None:
    group = opinion.group_id
    match opinion.state:
        case S.APPROVED | S.REFERRED if group is None:
            return "không thuộc nhóm nào"
        case S.SCHEDULED if group not in lines:
            return "không có dòng nội dung hội nghị"
        case S.ASSIGNED if group not in owed:
            return "không có cơ quan nào đang được giao"
        case S.ANSWERED if group not in answered:
            return "không có văn bản trả lời đã gửi"
        case S.CLARIFYING if not opinion.question:
            return "không có câu hỏi nào gửi người dân"
        case S.DECLINED if opinion.conference_id is not None:
            # Declined by the chair: it stays behind its line, for minutes and reports.
            return None
        case S.RECEIVED | S.HELD | S.DECLINED | S.REDIRECTED | S.WITHDRAWN if group is not None:
            return f"vẫn nằm trong nhóm {group}"
    return None


def somebody_can_act(work: Work) -> Iterator[Finding]:
    """Where staff owe the next step, an active person holds the role."""
    held = set(
        work.session.exec(
            select(StaffRole.role).join(Staff, col(Staff.id) == col(StaffRole.staff_id)).where(col(Staff.active))
        )
    )
    known = {str(state) for state in S}
    for opinion in work.session.exec(select(Opinion).order_by(col(Opinion.id))):
        if opinion.state not in known:
            continue
        wanted = _HANDS.get(responsible_for(opinion.state, sealed=opinion.sealed), ())
        if wanted and not held.intersection(wanted):
            yield breach(
                "opinion", opinion.id, f"chờ người có quyền {' hoặc '.join(wanted)}, nhưng không ai giữ quyền đó"
            )


def moves_are_lawful(work: Work) -> Iterator[Finding]:
    """The states an opinion went through, as its history tells, follow each other lawfully and end where it is."""
    for opinion in work.session.exec(select(Opinion).order_by(col(Opinion.id))):
        last: str | None = None
        for act in _acts(work, opinion):
            state = state_after(act)
            if state is None:
                continue
            if last is not None and not _may_follow(last, state, undo=act.verb == "undone"):
                yield breach("act", act.id, f"đưa ý kiến {opinion.id} từ {last} sang {state}, điều không được phép")
            last = state
        if last is not None and last != opinion.state:
            yield breach("opinion", opinion.id, f"đang ở {opinion.state}, nhưng theo sổ việc thì phải ở {last}")


def state_after(act: Act) -> str | None:
    """The opinion's state after this act, where the act says so."""
    state = act.details.get("state") or (act.details.get("after") or {}).get("state")
    return state if isinstance(state, str) else None


def _may_follow(old: str, new: str, *, undo: bool) -> bool:
    if old == new:
        return True
    try:
        if undo:
            check_undo(old, new)
        else:
            check_move(old, new)
    except (IllegalMove, ValueError):
        return False
    return True


def refusals_are_a_persons(work: Work) -> Iterator[Finding]:
    """Declined or redirected: by a named member of staff, on a ground of the list."""
    people = set(work.session.exec(select(Staff.id)))
    refused = select(Opinion).where(col(Opinion.state).in_([S.DECLINED, S.REDIRECTED])).order_by(col(Opinion.id))
    for opinion in work.session.exec(refused):
        acts = [act for act in _acts(work, opinion) if state_after(act) == opinion.state]
        if not acts or acts[-1].actor != "staff" or acts[-1].actor_id not in people:
            yield breach("opinion", opinion.id, "bị từ chối hoặc hướng dẫn đi nơi khác mà không rõ người quyết định")
        if not _is_ground(opinion.decline_ground):
            yield breach("opinion", opinion.id, "bị từ chối hoặc hướng dẫn đi nơi khác mà không theo căn cứ nào")


def _is_ground(code: str | None) -> bool:
    try:
        return code is not None and ground(code).code == code
    except InvalidInput:
        return False


def _acts(work: Work, opinion: Opinion) -> list[Act]:
    rows = work.session.exec(
        select(Act).where(Act.subject == "opinion", Act.subject_id == opinion.id).order_by(col(Act.id))
    )
    return list(rows)
