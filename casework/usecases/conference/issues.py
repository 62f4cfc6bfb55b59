"""What the use cases of conferences and answers share: finding an issue, its askers, moving opinions along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlmodel import col, select

from casework.agenda import Voice
from casework.clock import vietnamese_date
from casework.codes import parse_code
from casework.errors import AlreadyDecided, Forbidden, InvalidInput, NotFound
from casework.lifecycle import check_move
from casework.usecases.access import ROLE_NAMES, Member, require
from casework.usecases.work import Actor, Work
from casework.wording import say
from storage.records import (
    AgendaItem,
    Assignment,
    Conference,
    ConferenceState,
    Opinion,
    OpinionGroup,
    OpinionState,
    Role,
)

#: an opinion in one of these is a matter the office took up: its asker hears what becomes of the issue
TAKEN_UP = frozenset(
    {
        OpinionState.APPROVED,
        OpinionState.SCHEDULED,
        OpinionState.ASSIGNED,
        OpinionState.ANSWERED,
        OpinionState.REFERRED,
    }
)
#: longest number that can be one of something stored; longer ones no database takes
_DIGITS = 15
#: conference states in which the agenda may still change
OPEN = (ConferenceState.PLANNED, ConferenceState.AGENDA_SET)


@dataclass(frozen=True, kw_only=True)
class IssueRef:
    """One concrete issue, and the agenda line it was named by, if it was."""

    group_id: int
    agenda_item_id: int | None = None


def key_of(record: object) -> int:
    """The key of a stored record. Raises `NotFound` for one that was never stored."""
    key = getattr(record, "id", None)
    if key is None:
        raise NotFound("Bản ghi này chưa được lưu.", todo="Lưu trước rồi làm tiếp.")
    return int(key)


def require_over(work: Work, staff_id: int, *roles: Role, village: int | None = None) -> Member:
    """The staff member, if one of `roles` is held over this village; without a village, over the whole office.

    Raises `Forbidden`.
    """
    who = require(work, staff_id, *roles)
    if not any(grant.role in roles and grant.covers(village) for grant in who.grants):
        names = " hoặc ".join(f"«{ROLE_NAMES[role]}»" for role in roles)
        raise Forbidden(
            f"Việc này cần quyền {names} {'toàn xã' if village is None else 'ở đúng thôn của vấn đề'}.",
            todo="Chuyển cho người phụ trách, hoặc nhờ quản trị cấp quyền.",
        )
    return who


def find_conference(work: Work, code: str, *, lock: bool = False) -> Conference:
    """The conference of this office with that code; with `lock` nobody else changes it meanwhile.

    Raises `NotFound`.
    """
    statement = select(Conference).where(
        Conference.office_id == work.services.office_id, Conference.code == code.strip().upper()
    )
    conference = work.session.exec(statement.with_for_update() if lock else statement).first()
    if conference is None:
        raise NotFound(f"Không có hội nghị nào mang mã «{code}».", todo="Xem các hội nghị: doithoai conferences list")
    return conference


def find_line(work: Work, conference: Conference, position: int) -> AgendaItem:
    """The agenda line at this place. Raises `NotFound`."""
    line = work.session.exec(
        select(AgendaItem).where(AgendaItem.conference_id == conference.id, AgendaItem.position == position)
    ).first()
    if line is None:
        raise NotFound(
            f"Hội nghị {conference.code} không có dòng {position}.",
            todo=f"Xem các dòng: doithoai agenda show {conference.code}",
        )
    return line


def lines_of(work: Work, conference: Conference) -> list[AgendaItem]:
    """All lines in the order of the agenda."""
    return list(
        work.session.exec(
            select(AgendaItem).where(AgendaItem.conference_id == conference.id).order_by(col(AgendaItem.position))
        )
    )


def find_issue(work: Work, name: str) -> IssueRef:
    """The issue somebody names: "HN-20261215/3" (a line), a receipt code, or "nhom:12" (a group).

    Raises `NotFound`, or `InvalidInput` when it is none of these forms.
    """
    text = name.strip()
    conference_code, slash, position = text.rpartition("/")
    if slash and position.isdecimal():
        conference = find_conference(work, conference_code)
        if len(position) > _DIGITS:
            raise NotFound(
                f"Hội nghị {conference.code} không có dòng {position}.",
                todo=f"Xem các dòng: doithoai agenda show {conference.code}",
            )
        line = find_line(work, conference, int(position))
        return IssueRef(group_id=line.group_id, agenda_item_id=line.id)
    sort, colon, number = text.partition(":")
    if colon and sort.lower() in ("nhom", "nhóm", "group") and number.isdecimal():
        if len(number) > _DIGITS:
            raise NotFound(f"Không có nhóm vấn đề số {number}.", todo="Xem các nhóm: doithoai opinions list")
        return IssueRef(group_id=key_of(find_group(work, int(number))))
    code = parse_code(text)
    if code is not None:
        return IssueRef(group_id=_group_of_code(work, code))
    raise InvalidInput(
        f"Không hiểu «{name}» là vấn đề nào.",
        todo="Viết mã hội nghị/số dòng (HN-20261215/3), mã ý kiến (K7P-4MX), hoặc nhom:12.",
    )


def _group_of_code(work: Work, code: str) -> int:
    opinion = work.session.exec(
        select(Opinion).where(
            Opinion.office_id == work.services.office_id, Opinion.code == code, col(Opinion.sealed).is_(False)
        )
    ).first()
    if opinion is None:
        raise NotFound("Không có ý kiến nào mang mã này.", todo="Xem lại mã từng ký tự.")
    if opinion.group_id is None:
        raise NotFound("Ý kiến này chưa thuộc nhóm vấn đề nào.", todo="Duyệt ý kiến trước rồi làm tiếp.")
    return opinion.group_id


def find_group(work: Work, group_id: int, *, lock: bool = False) -> OpinionGroup:
    """The group of this office; with `lock` nobody else decides on its answers meanwhile. Raises `NotFound`."""
    statement = select(OpinionGroup).where(
        OpinionGroup.id == group_id, OpinionGroup.office_id == work.services.office_id
    )
    group = work.session.exec(statement.with_for_update() if lock else statement).first()
    if group is None:
        raise NotFound(f"Không có nhóm vấn đề số {group_id}.", todo="Xem các nhóm: doithoai opinions list")
    return group


def opinions_of(
    work: Work, group_id: int, *, states: Iterable[OpinionState] = TAKEN_UP, lock: bool = False
) -> list[Opinion]:
    """Unsealed opinions of a group in these states, oldest first; with `lock` read afresh, and nobody else decides on
    them meanwhile."""
    statement = (
        select(Opinion)
        .where(
            Opinion.group_id == group_id,
            col(Opinion.sealed).is_(False),
            col(Opinion.state).in_([str(state) for state in states]),
        )
        .order_by(col(Opinion.submitted_at), col(Opinion.id))
    )
    if lock:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    return list(work.session.exec(statement))


def move(
    work: Work, actor: Actor, opinion: Opinion, new: OpinionState, verb: str, *, why: str | None = None, **ids: object
) -> None:
    """Move an opinion to another state and record it. Raises `IllegalMove` when its life does not allow it,
    `AlreadyDecided` when somebody has decided on it since it was read."""
    read = opinion.version
    work.session.refresh(opinion, with_for_update=True)
    if opinion.version != read:
        raise AlreadyDecided(
            "Một ý kiến của nội dung này vừa có người quyết định.", todo="Làm lại: máy sẽ tính theo quyết định mới."
        )
    check_move(opinion.state, new)
    opinion.state = new
    opinion.version += 1
    work.add(opinion)
    work.record(actor, verb, "opinion", key_of(opinion), why=why, state=new, **ids)


def voice_of(opinion: Opinion) -> Voice:
    """The opinion as the ranking sees it."""
    return Voice(
        opinion_id=key_of(opinion),
        citizen_id=opinion.citizen_id,
        state=OpinionState(opinion.state),
        submitted_at=opinion.submitted_at,
        urgent=opinion.urgent,
        sealed=opinion.sealed,
        late=opinion.late,
    )


def when_of(conference: Conference) -> str:
    """Day and hour of a conference in words."""
    date = vietnamese_date(conference.held_on)
    if conference.starts_at:
        return say("agenda_notice.when_at", time=conference.starts_at, date=date)
    return say("agenda_notice.when", date=date)


def owed_by(work: Work, group_id: int) -> Assignment | None:
    """The assignment under which an agency owes the final written answer at present; None when nobody owes it."""
    if not opinions_of(work, group_id, states=[OpinionState.ASSIGNED]):
        return None
    return work.session.exec(
        select(Assignment)
        .where(Assignment.group_id == group_id, col(Assignment.cancelled_at).is_(None))
        .order_by(col(Assignment.id).desc())
    ).first()
