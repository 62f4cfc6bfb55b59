"""Use cases: the agenda of a conference is built from approved issues, put in order, and shown to its readers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.agenda import (
    COUNTED,
    AgendaLine,
    Issue,
    Voice,
    count_people,
    is_late,
    rank,
)
from casework.clock import local_date
from casework.codes import spoken
from casework.errors import IllegalMove, InvalidInput
from casework.notices import cancel_pending
from casework.usecases.access import DECIDERS
from casework.usecases.conference.agenda_notices import (
    hush_approval,
    tell,
    tell_late,
    tell_scheduled,
    was_promised,
    was_told,
)
from casework.usecases.conference.issues import (
    OPEN,
    find_conference,
    find_line,
    key_of,
    lines_of,
    move,
    opinions_of,
    require_over,
    voice_of,
    when_of,
)
from casework.usecases.deadlines.obligations import refresh_conference, refresh_issue
from casework.usecases.work import Actor, Services, Work, staff_member
from casework.wording import say
from storage.records import (
    Act,
    AgendaItem,
    Assignment,
    Conference,
    ConferenceState,
    Opinion,
    OpinionGroup,
    OpinionState,
)

_DROPPED = "agenda_line_dropped"


@dataclass(frozen=True, kw_only=True)
class AgendaBuilt:
    """What building an agenda did."""

    lines: int
    people: int
    added: int
    removed: int
    #: issues left for later because of `max_lines`
    left_out: int
    #: opinions that came after the cut-off and are answered in writing
    late: int
    #: notices written to askers
    told: int


def build_agenda(
    services: Services,
    staff_id: int,
    conference_code: str,
    *,
    max_lines: int | None = None,
    rerank: bool = False,
    restore_dropped: bool = False,
) -> AgendaBuilt:
    """Put the approved issues on the agenda of a conference and tell their askers, each once.

    Repeating it before the conference takes up what was approved since and drops lines nobody stands behind any
    more; lines keep their order unless `rerank`. Lines staff dropped stay away unless `restore_dropped`. Opinions
    that came after the cut-off are marked late and stay approved: they are answered in writing.

    Raises `NotFound`, `Forbidden`, `InvalidInput`, or `IllegalMove` once the conference was held.
    """
    if max_lines is not None and max_lines < 1:
        raise InvalidInput("Số dòng tối đa phải từ 1 trở lên.", todo="Bỏ giới hạn hoặc ghi số lớn hơn.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        _check_open(conference)
        existing = {line.group_id: line for line in lines_of(work, conference)}
        late_before = mark_late(work, conference)
        ranked = rank(_issues(work, conference, existing, restore_dropped=restore_dropped))
        wanted = ranked if rerank else _keeping_order(ranked, list(existing))
        kept = wanted if max_lines is None else wanted[:max_lines]
        kept_groups = {line.group_id for line in kept}
        gone = [line for group_id, line in existing.items() if group_id not in kept_groups]
        for line in gone:
            _take_off(work, actor, conference, line)
        _write(work, conference, kept)
        told = sum(_schedule(work, actor, conference, line) for line in kept)
        told += tell_late(work, conference, late_before, kept_groups)
        conference.state = ConferenceState.AGENDA_SET
        conference.version += 1
        work.add(conference)
        built = AgendaBuilt(
            lines=len(kept),
            people=sum(line.people for line in kept),
            added=len(kept_groups - set(existing)),
            removed=len(gone),
            left_out=len(wanted) - len(kept),
            late=len(late_before),
            told=told,
        )
        work.record(
            actor,
            "agenda_built",
            "conference",
            key_of(conference),
            lines=built.lines,
            added=built.added,
            late=built.late,
        )
        refresh_conference(work, conference)
        work.commit()
    return built


def move_line(services: Services, staff_id: int, conference_code: str, position: int, to: int) -> None:
    """Move the line at `position` to place `to`; the others close up.

    Raises `NotFound`, `Forbidden`, `InvalidInput` for a place the agenda does not have, or `IllegalMove` once held.
    """
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        conference = find_conference(work, conference_code, lock=True)
        _check_open(conference)
        line = find_line(work, conference, position)
        lines = lines_of(work, conference)
        if not 1 <= to <= len(lines):
            raise InvalidInput(f"Không có chỗ thứ {to}.", todo=f"Chọn từ 1 đến {len(lines)}.")
        lines.remove(line)
        lines.insert(to - 1, line)
        renumber(work, lines)
        work.record(
            staff_member(staff_id),
            "agenda_line_moved",
            "conference",
            key_of(conference),
            group=line.group_id,
            old=position,
            new=to,
        )
        work.commit()


def drop_line(services: Services, staff_id: int, conference_code: str, position: int, *, why: str) -> None:
    """Take a line off the agenda: its opinions are approved again, askers who were told are told.

    Raises `NotFound`, `Forbidden`, `InvalidInput` without a reason, or `IllegalMove` once held.
    """
    if not why.strip():
        raise InvalidInput("Bỏ một dòng khỏi nội dung hội nghị cần ghi lý do.", todo="Ghi thêm lý do.")
    with services.writing() as work:
        require_over(work, staff_id, *DECIDERS)
        actor = staff_member(staff_id)
        conference = find_conference(work, conference_code, lock=True)
        _check_open(conference)
        line = find_line(work, conference, position)
        _take_off(work, actor, conference, line)
        renumber(work, lines_of(work, conference))
        work.record(
            actor, _DROPPED, "opinion_group", line.group_id, why=why.strip(), conference=conference.code, old=position
        )
        refresh_issue(work, line.group_id)
        refresh_conference(work, conference)
        work.commit()


# --------------------------------------------------------------------------- what other use cases reuse


def mark_late(work: Work, conference: Conference) -> list[Opinion]:
    """Mark which approved opinions came after the cut-off of this conference; returns the late ones."""
    approved = work.session.exec(
        select(Opinion).where(
            Opinion.office_id == conference.office_id,
            Opinion.state == OpinionState.APPROVED,
            col(Opinion.sealed).is_(False),
        )
    ).all()
    for opinion in approved:
        # Judged anew for each conference: who was late for one is in time for the next, if nobody answered meanwhile.
        opinion.late = is_late(local_date(opinion.submitted_at), conference.cutoff_on)
        work.session.add(opinion)
    work.session.flush()
    return [opinion for opinion in approved if opinion.late]


def refresh_lines(work: Work, actor: Actor, conference: Conference) -> int:
    """Before a conference opens: take off lines nobody stands behind any more, and freeze people counts downwards.

    Returns how many lines were taken off.
    """
    removed = 0
    for line in lines_of(work, conference):
        people = count_people(voice_of(opinion) for opinion in opinions_of(work, line.group_id))
        if people == 0:
            _take_off(work, actor, conference, line)
            removed += 1
        else:
            line.people = min(line.people, people)
            work.add(line)
            for opinion in opinions_of(work, line.group_id, states=[OpinionState.SCHEDULED]):
                opinion.conference_id = conference.id
                work.add(opinion)
    renumber(work, lines_of(work, conference))
    release_strays(work, actor, conference)
    return removed


def release_strays(work: Work, actor: Actor, conference: Conference) -> None:
    """Opinions scheduled for this conference whose issue has no line there (split off since) are approved again."""
    groups = {line.group_id for line in lines_of(work, conference)}
    for opinion in scheduled_for(work, conference):
        if opinion.group_id not in groups:
            _give_back(work, actor, conference, opinion)


def scheduled_for(work: Work, conference: Conference) -> list[Opinion]:
    """Every opinion that waits for this conference, by its own mark or by the line of its issue."""
    marked = work.session.exec(
        select(Opinion).where(Opinion.conference_id == conference.id, Opinion.state == OpinionState.SCHEDULED)
    ).all()
    by_line = [
        opinion
        for line in lines_of(work, conference)
        for opinion in opinions_of(work, line.group_id, states=[OpinionState.SCHEDULED])
        if _is_of(opinion, conference)
    ]
    return list({key_of(opinion): opinion for opinion in (*marked, *by_line)}.values())


def renumber(work: Work, lines: Sequence[AgendaItem]) -> None:
    """Give lines the places 1, 2, 3..., in this order."""
    # Two passes: places are unique per conference, also half-way.
    for place, line in enumerate(lines, start=1):
        line.position = -place
        work.session.add(line)
    work.session.flush()
    for place, line in enumerate(lines, start=1):
        line.position = place
        work.session.add(line)
    work.session.flush()


def release(work: Work, actor: Actor, opinion: Opinion, conference: Conference, *, verb: str) -> bool:
    """Give a scheduled opinion back to the approved ones. Returns whether its asker had been told of the agenda."""
    told = was_told(work, opinion, conference)
    move(work, actor, opinion, OpinionState.APPROVED, verb, conference=conference.code)
    opinion.conference_id = None
    work.add(opinion)
    cancelled = cancel_pending(work, opinion_id=key_of(opinion), purposes=["agenda"])
    return told and not cancelled


# --------------------------------------------------------------------------- building


def _check_open(conference: Conference) -> None:
    if conference.state not in OPEN:
        raise IllegalMove(
            f"Hội nghị {conference.code} đã họp hoặc đã hủy nên không đổi nội dung được nữa.",
            todo="Ghi kết quả từng dòng bằng lệnh: doithoai conferences outcome",
        )


def _issues(
    work: Work, conference: Conference, existing: Mapping[int, AgendaItem], *, restore_dropped: bool
) -> list[Issue]:
    """Issues that may stand on this agenda: approved ones nobody else deals with, and those standing on it."""
    statement = select(Opinion).where(
        Opinion.office_id == conference.office_id,
        col(Opinion.sealed).is_(False),
        col(Opinion.group_id).is_not(None),
        col(Opinion.state).in_([str(state) for state in COUNTED]),
    )
    voices: dict[int, list[Voice]] = {}
    for opinion in work.session.exec(statement):
        if opinion.group_id is None:
            continue
        # What was answered without this conference brings no issue onto its agenda; its own lines keep everybody.
        on_line = opinion.group_id in existing and _is_of(opinion, conference)
        if opinion.state == OpinionState.APPROVED or on_line:
            voices.setdefault(opinion.group_id, []).append(voice_of(opinion))
    elsewhere = _dealt_with_elsewhere(work, conference)
    dropped = set() if restore_dropped else _dropped_groups(work, conference)
    groups = work.session.exec(select(OpinionGroup).where(OpinionGroup.office_id == conference.office_id))
    return [
        Issue(group_id=key, urgent=group.urgent, voices=tuple(voices[key]))
        for group in groups
        if (key := key_of(group)) in voices and (key in existing or (key not in elsewhere and key not in dropped))
    ]


def _is_of(opinion: Opinion, conference: Conference) -> bool:
    """Whether a scheduled opinion stands on this agenda; one merged into a scheduled issue bears no conference yet."""
    return opinion.conference_id in (conference.id, None)


def _dealt_with_elsewhere(work: Work, conference: Conference) -> set[int]:
    """Groups on the agenda of another open conference, put off by an earlier one to a written answer, or owed as such
    by an agency."""
    on_other = work.session.exec(
        select(AgendaItem.group_id)
        .join(Conference, col(Conference.id) == col(AgendaItem.conference_id))
        .where(
            Conference.id != conference.id,
            col(Conference.state).in_([ConferenceState.AGENDA_SET, ConferenceState.HELD]),
        )
    )
    owed = work.session.exec(
        select(Opinion.group_id).where(
            (col(Opinion.state) == OpinionState.ASSIGNED)
            | ((col(Opinion.state) == OpinionState.SCHEDULED) & (col(Opinion.conference_id) != conference.id)),
            col(Opinion.group_id).is_not(None),
        )
    )
    return set(on_other) | {group_id for group_id in owed if group_id is not None}


def _dropped_groups(work: Work, conference: Conference) -> set[int]:
    acts = work.session.exec(select(Act).where(Act.subject == "opinion_group", Act.verb == _DROPPED))
    return {act.subject_id for act in acts if act.details.get("conference") == conference.code}


def _keeping_order(ranked: Sequence[AgendaLine], existing: Sequence[int]) -> tuple[AgendaLine, ...]:
    by_group = {line.group_id: line for line in ranked}
    old = [by_group[group_id] for group_id in existing if group_id in by_group]
    return (*old, *(line for line in ranked if line.group_id not in set(existing)))


def _take_off(work: Work, actor: Actor, conference: Conference, line: AgendaItem) -> None:
    for opinion in opinions_of(work, line.group_id, states=[OpinionState.SCHEDULED]):
        if _is_of(opinion, conference):
            _give_back(work, actor, conference, opinion)
    for assignment in work.session.exec(select(Assignment).where(Assignment.agenda_item_id == line.id)):
        # The agency still owes its answer to the issue, only not as a line of this agenda.
        assignment.agenda_item_id = None
        work.session.add(assignment)
    work.session.flush()
    work.session.delete(line)
    work.session.flush()


def _give_back(work: Work, actor: Actor, conference: Conference, opinion: Opinion) -> None:
    if release(work, actor, opinion, conference, verb="opinion_unscheduled") and not opinion.sealed:
        text = say("agenda_notice.dropped", code=spoken(opinion.code or ""), when=when_of(conference))
        tell(work, opinion, conference, "agenda_dropped", text)
    elif not opinion.sealed and was_promised(work, opinion):
        text = say("agenda_notice.not_on_agenda", code=spoken(opinion.code or ""), when=when_of(conference))
        tell(work, opinion, conference, "agenda_left_out", text)


def _write(work: Work, conference: Conference, kept: Sequence[AgendaLine]) -> None:
    lines = {line.group_id: line for line in lines_of(work, conference)}
    free = 1 + max((line.position for line in lines.values()), default=0)
    ordered: list[AgendaItem] = []
    for offset, line in enumerate(kept):
        item = lines.get(line.group_id) or AgendaItem(
            conference_id=key_of(conference), group_id=line.group_id, position=free + offset, people=line.people
        )
        item.people = line.people
        ordered.append(work.add(item))
    renumber(work, ordered)


# --------------------------------------------------------------------------- telling


def _schedule(work: Work, actor: Actor, conference: Conference, line: AgendaLine) -> int:
    group = work.session.get_one(OpinionGroup, line.group_id)
    scheduled = []
    for opinion_id in line.opinion_ids:
        opinion = work.session.get_one(Opinion, opinion_id)
        if opinion.state == OpinionState.APPROVED:
            # Two messages about one step would only puzzle: the notice of the agenda says it all.
            hushed = hush_approval(work, opinion_id)
            move(
                work,
                actor,
                opinion,
                OpinionState.SCHEDULED,
                "opinion_scheduled",
                conference=conference.code,
                hushed=hushed,
            )
        if opinion.state == OpinionState.SCHEDULED:
            opinion.conference_id = conference.id
            work.add(opinion)
            scheduled.append(opinion)
    return tell_scheduled(work, conference, group, scheduled)
