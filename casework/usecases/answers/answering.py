"""Use cases: an agency's answer is written, approved, published to every asker, and judged.

Who owes it is `assigning`; its verb is offered here too.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.answer_check import AnswerWarning, warnings
from casework.errors import AlreadyDecided, IllegalMove, NotFound
from casework.notices import tell_asker
from casework.usecases.access import DECIDERS
from casework.usecases.answers.asker_view import answer_message
from casework.usecases.answers.assigning import TO_ASSIGN, assign
from casework.usecases.answers.completeness import check_complete
from casework.usecases.answers.pages import link_where_needed
from casework.usecases.conference.issues import (
    TAKEN_UP,
    IssueRef,
    find_group,
    find_issue,
    key_of,
    move,
    opinions_of,
    owed_by,
    require_over,
)
from casework.usecases.deadlines.extending import promise_by_answer
from casework.usecases.deadlines.obligations import refresh_issue
from casework.usecases.referrals.referring import close_with
from casework.usecases.work import SYSTEM, Actor, Services, Work, citizen, staff_member
from storage.records import (
    Answer,
    AnswerState,
    Delivery,
    DeliveryState,
    Opinion,
    OpinionState,
    Role,
    Verdict,
)

__all__ = [
    "AnswerWarning",
    "Published",
    "answer_newcomer",
    "approve_answer",
    "assign",
    "edit_answer",
    "publish_answer",
    "record_verdict",
    "warnings",
    "write_answer",
]


@dataclass(frozen=True, kw_only=True)
class Published:
    """What publishing an answer did."""

    answer_id: int
    #: askers of the issue, each of whom has exactly one notice
    askers: int
    #: notices on their way
    pushed: int
    #: notices that wait until the asker fetches them or a village officer hands them over
    waiting: int


# --------------------------------------------------------------------------- writing and approving


def write_answer(
    services: Services,
    staff_id: int,
    issue: str,
    *,
    text: str,
    agency: str,
    document_number: str = "",
    document_date: dt.date,
    told_by: str | None = None,
    final: bool = True,
    cause: str | None = None,
    promised_on: dt.date | None = None,
    forwarded_to: str | None = None,
) -> int:
    """Enter an agency's answer as a draft; returns its number.

    Where the text allows that, it may have been told in person: by `told_by`, on `document_date`, without a document.
    An interim answer (`final` False) says what the text wants of it: when the next one is promised or to whom the
    matter went, how far things are, and why it is interim (`cause`: complex, beyond_competence). Raises `NotFound`,
    `Forbidden`, `InvalidInput`.
    """
    with services.writing() as work:
        ref: IssueRef = find_issue(work, issue)
        group = find_group(work, ref.group_id)
        require_over(work, staff_id, *DECIDERS, village=group.residential_group_id)
        answer = Answer(
            office_id=services.office_id,
            group_id=ref.group_id,
            final=final,
            agency=agency.strip(),
            document_number=document_number.strip(),
            document_date=document_date,
            told_by=(told_by or "").strip() or None,
            cause=cause,
            text=text.strip(),
            promised_on=promised_on,
            forwarded_to=(forwarded_to or "").strip() or None,
            written_by_staff_id=staff_id,
            created_at=work.now,
        )
        check_complete(work, answer)
        work.add(answer)
        work.record(
            staff_member(staff_id),
            "answer_written",
            "answer",
            key_of(answer),
            group=ref.group_id,
            final=final,
            cause=cause,
            told=answer.told_by is not None,
        )
        work.commit()
        return key_of(answer)


def edit_answer(
    services: Services,
    staff_id: int,
    answer_id: int,
    *,
    text: str | None = None,
    agency: str | None = None,
    document_number: str | None = None,
    document_date: dt.date | None = None,
    told_by: str | None = None,
    cause: str | None = None,
    promised_on: dt.date | None = None,
    forwarded_to: str | None = None,
    expected_version: int | None = None,
) -> int:
    """Change what is given; an approved answer becomes a draft again. Returns the new version.

    Raises `NotFound`, `Forbidden`, `InvalidInput`, `AlreadyDecided` when somebody changed it meanwhile, or
    `IllegalMove` once published: people have read it, so a correction is a new answer.
    """
    with services.writing() as work:
        answer = _open(work, staff_id, answer_id, *DECIDERS)
        _check_version(answer, expected_version)
        if answer.state == AnswerState.PUBLISHED:
            raise IllegalMove(
                "Văn bản trả lời này đã gửi tới bà con nên không sửa được nữa.",
                todo="Soạn một văn bản trả lời mới để đính chính.",
            )
        changes = {
            "text": text,
            "agency": agency,
            "document_number": document_number,
            "document_date": document_date,
            "told_by": told_by,
            "cause": cause,
            "promised_on": promised_on,
            "forwarded_to": forwarded_to,
        }
        given = {name: value for name, value in changes.items() if value is not None}
        for name, value in given.items():
            setattr(answer, name, value.strip() if isinstance(value, str) else value)
        check_complete(work, answer)
        answer.state, answer.approved_by_staff_id = AnswerState.DRAFT, None
        answer.version += 1
        work.add(answer)
        work.record(staff_member(staff_id), "answer_edited", "answer", answer_id, changed=sorted(given))
        work.commit()
        return answer.version


def approve_answer(
    services: Services, staff_id: int, answer_id: int, *, expected_version: int | None = None
) -> tuple[AnswerWarning, ...]:
    """An approver stands behind a draft. Returns what looks evasive about it: shown, never a block.

    Raises `NotFound`, `Forbidden`, or `AlreadyDecided` when somebody approved or changed it meanwhile.
    """
    with services.writing() as work:
        answer = _open(work, staff_id, answer_id, Role.APPROVER)
        if answer.state != AnswerState.DRAFT:
            raise AlreadyDecided("Văn bản trả lời này đã được duyệt.", todo="Gửi tới bà con: doithoai answers publish")
        _check_version(answer, expected_version)
        answer.state, answer.approved_by_staff_id = AnswerState.APPROVED, staff_id
        answer.version += 1
        work.add(answer)
        seen = warnings(answer.text, promised=answer.promised_on is not None)
        work.record(
            staff_member(staff_id),
            "answer_approved",
            "answer",
            answer_id,
            version=answer.version,
            warnings=[warning.name for warning in seen],
        )
        work.commit()
        return seen


# --------------------------------------------------------------------------- publishing


def publish_answer(services: Services, staff_id: int, answer_id: int) -> Published:
    """Send an approved answer to every asker of the issue, merged ones too, each exactly once.

    A final answer closes the matter for its askers; after an interim one the agency still owes the final one.
    Raises `NotFound`, `Forbidden`, `AlreadyDecided` when it was published before, `IllegalMove` when not approved.
    """
    with services.writing() as work:
        answer = _open(work, staff_id, answer_id, Role.APPROVER)
        if answer.state == AnswerState.PUBLISHED:
            raise AlreadyDecided("Văn bản trả lời này đã gửi tới bà con.", todo="Xem: doithoai answers show")
        if answer.state != AnswerState.APPROVED:
            raise IllegalMove("Văn bản trả lời này chưa được duyệt.", todo="Duyệt trước: doithoai answers approve")
        actor = staff_member(staff_id)
        answer.state, answer.published_at = AnswerState.PUBLISHED, work.now
        answer.version += 1
        work.add(answer)
        # First the askers, then the issue, as every decision does; then also those who joined while we waited.
        opinions_of(work, answer.group_id, lock=True)
        find_group(work, answer.group_id, lock=True)
        askers = opinions_of(work, answer.group_id, lock=True)
        notices = [notice for opinion in askers if (notice := _deliver(work, actor, answer, opinion)) is not None]
        waiting = sum(notice.outcome is not None for notice in notices)
        close_with(work, actor, answer)
        work.record(
            actor,
            "answer_published",
            "answer",
            answer_id,
            group=answer.group_id,
            final=answer.final,
            askers=len(askers),
        )
        refresh_issue(work, answer.group_id)
        promise_by_answer(work, actor, answer)
        work.commit()
        return Published(answer_id=answer_id, askers=len(askers), pushed=len(notices) - waiting, waiting=waiting)


def answer_newcomer(work: Work, opinion: Opinion) -> bool:
    """An opinion joined an issue (approved into it, merged): its asker gets what was published on it before.

    To be called inside the unit of work of the joining. Gives the newest final answer, else the newest interim one;
    where an agency owes the answer, the newcomer waits for it with the others. Returns whether the asker is told by
    it: not when the answer had reached them before (approved again after an undo).
    """
    if opinion.group_id is None or opinion.sealed or OpinionState(opinion.state) not in TAKEN_UP:
        return False
    # Whoever publishes an answer to this issue at the same moment goes before us, or after.
    find_group(work, opinion.group_id, lock=True)
    published = published_answers(work, opinion.group_id)
    assignment = owed_by(work, opinion.group_id)
    interim = next((answer for answer in published if not answer.final), None)
    final = next((answer for answer in published if answer.final), None)
    # While an agency owes a new final answer, an old one no longer closes the matter for anybody.
    latest = interim if assignment is not None else final or interim
    notice = _deliver(work, SYSTEM, latest, opinion) if latest is not None else None
    if assignment is not None and opinion.state in TO_ASSIGN:
        move(work, SYSTEM, opinion, OpinionState.ASSIGNED, "opinion_assigned", assignment=assignment.id)
    return notice is not None


def published_answers(work: Work, group_id: int) -> list[Answer]:
    """Published answers to an issue, newest first."""
    return list(
        work.session.exec(
            select(Answer)
            .where(Answer.group_id == group_id, Answer.state == AnswerState.PUBLISHED)
            .order_by(col(Answer.published_at).desc(), col(Answer.id).desc())
        )
    )


def _deliver(work: Work, actor: Actor, answer: Answer, opinion: Opinion) -> Delivery | None:
    if answer.final and opinion.state != OpinionState.ANSWERED:
        move(work, actor, opinion, OpinionState.ANSWERED, "opinion_answered", answer=answer.id)
    if _was_sent(work, answer, opinion):
        return None
    message = answer_message(answer, opinion, link=link_where_needed(work, answer, opinion))
    return tell_asker(
        work,
        opinion,
        purpose="answer",
        occasion=key_of(answer),
        answer_id=answer.id,
        text=message.text,
        buttons=message.buttons,
    )


def _was_sent(work: Work, answer: Answer, opinion: Opinion) -> bool:
    """Whether this asker has the answer already, by its own notice or with the conclusion of a conference."""
    notice = select(Delivery.id).where(
        Delivery.answer_id == answer.id,
        Delivery.opinion_id == opinion.id,
        Delivery.state != DeliveryState.CANCELLED,
    )
    return work.session.exec(notice).first() is not None


# --------------------------------------------------------------------------- the asker's verdict


def record_verdict(work: Work, *, answer_id: int, opinion_id: int, settled: bool) -> Verdict:
    """What an asker says of an answer; the latest word counts. For the citizen's turn, inside its unit of work.

    Raises `NotFound` for an answer this opinion never received.
    """
    opinion = work.session.get(Opinion, opinion_id)
    answer = work.session.get(Answer, answer_id)
    if opinion is None or answer is None or not _was_given(work, answer, opinion):
        raise NotFound("Không tìm thấy câu trả lời này.", todo="Nhắn mã ý kiến để xem lại câu trả lời.")
    verdict = work.session.exec(
        select(Verdict).where(Verdict.answer_id == answer_id, Verdict.opinion_id == opinion_id)
    ).first() or Verdict(answer_id=answer_id, opinion_id=opinion_id, settled=settled, at=work.now)
    verdict.settled, verdict.at = settled, work.now
    work.add(verdict)
    work.record(citizen(opinion.citizen_id), "verdict_given", "opinion", opinion_id, answer=answer_id, settled=settled)
    return verdict


def _was_given(work: Work, answer: Answer, opinion: Opinion) -> bool:
    if answer.state != AnswerState.PUBLISHED or opinion.sealed:
        return False
    return answer.group_id == opinion.group_id or _was_sent(work, answer, opinion)


# --------------------------------------------------------------------------- shared


def _open(work: Work, staff_id: int, answer_id: int, *roles: Role) -> Answer:
    answer = work.session.exec(
        select(Answer).where(Answer.id == answer_id, Answer.office_id == work.services.office_id).with_for_update()
    ).first()
    if answer is None:
        raise NotFound(f"Không có văn bản trả lời số {answer_id}.", todo="Xem: doithoai answers list")
    group = find_group(work, answer.group_id)
    require_over(work, staff_id, *roles, village=group.residential_group_id)
    return answer


def _check_version(answer: Answer, expected: int | None) -> None:
    if expected is not None and answer.version != expected:
        raise AlreadyDecided(
            "Văn bản trả lời này vừa có người sửa.", todo="Xem lại bản mới rồi quyết định: doithoai answers show"
        )
