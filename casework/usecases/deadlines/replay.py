"""After a change of the calendar: every open due date is computed again, and what moved is listed and recorded."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import select, update
from sqlmodel import col

from casework.clock import vietnamese_date
from casework.deadlines.calendar import Calendar
from casework.deadlines.rules import count, due
from casework.deadlines.standing import assumed_receipt
from casework.errors import InvalidInput
from casework.regulations import Regulation, regulation
from casework.regulations.model import Duty, DutyRule
from casework.usecases.access import require
from casework.usecases.deadlines.calendars import KEEPERS, calendar_of
from casework.usecases.deadlines.obligations import cutoff_by_rule
from casework.usecases.work import Services, Work, staff_member
from storage.records import Assignment, CalendarAmendment, Conference, ConferenceState, Obligation

#: rows changed by one statement; SQLite takes some 32,000 values in one
_BATCH = 5000
#: rows read between two words to the progress bar
_STRIDE = 2000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, kw_only=True)
class Moved:
    """Due dates of one duty under one rule that moved together."""

    duty: str
    #: code of the conference they belong to, if any
    conference: str | None
    regulation: str
    rule: str
    trigger_on: dt.date
    was: dt.date | None
    now: dt.date
    #: how many open cases
    cases: int
    why: str
    explanation: str


@dataclass(frozen=True, kw_only=True)
class Replayed:
    """What a replay looked at and found."""

    checked: int
    moved: tuple[Moved, ...]
    #: what could not be computed and was left as it is, in words
    left: tuple[str, ...]
    #: what could be computed and was kept all the same, in words
    remarks: tuple[str, ...] = ()


class _Row(NamedTuple):
    """An open due date whose event has happened."""

    id: int
    duty: str
    conference_id: int | None
    regulation: str
    regulation_version: str
    rule: str
    trigger_on: dt.date
    due_on: dt.date | None
    subject_id: int
    trigger_assumed: bool


class _Period(NamedTuple):
    """What a due date follows from; equal periods end on equal days."""

    regulation: str
    version: str
    rule: str
    trigger_on: dt.date


class _Move(NamedTuple):
    period: _Period
    duty: str
    conference_id: int | None
    was: dt.date | None
    now: dt.date


def replay(services: Services, staff_id: int, *, dry_run: bool = False, progress: Progress | None = None) -> Replayed:
    """Compute every open due date whose event has happened again, under the calendar as it is now.

    One unit of work: all move or none. `progress` hears how many of how many rows are done. `dry_run` changes nothing.
    Raises `Forbidden`.
    """
    if dry_run:
        with services.reading() as work:
            return _replay(work, staff_id, keep=False, progress=progress)
    with services.writing() as work:
        done = _replay(work, staff_id, keep=True, progress=progress)
        work.commit()
        return done


def _replay(work: Work, staff_id: int, *, keep: bool, progress: Progress | None) -> Replayed:
    require(work, staff_id, *KEEPERS)
    calendar = calendar_of(work)
    ends: dict[_Period, dt.date | None] = {}
    left: list[str] = []
    moves: dict[_Move, list[int]] = defaultdict(list)
    rows = _open_rows(work, locked=keep)
    receipts = _assumed_receipts(work, calendar) if any(row.trigger_assumed for row in rows) else {}
    for number, row in enumerate(rows):
        if progress is not None and number % _STRIDE == 0:
            progress(number, len(rows))
        # A receipt nobody confirmed is assumed by working days: it moves with them.
        start = receipts.get(row.subject_id, row.trigger_on) if row.trigger_assumed else row.trigger_on
        period = _Period(row.regulation, row.regulation_version, row.rule, start)
        if period not in ends:
            ends[period] = _end(period, calendar, left)
        now = ends[period]
        if now is not None and (now, start) != (row.due_on, row.trigger_on):
            moves[_Move(period, row.duty, row.conference_id, row.due_on, now)].append(row.id)
    if keep:
        _keep(work, staff_id, moves)
    remarks = _carry_cutoffs(work, moves, keep=keep)
    if progress is not None:
        progress(len(rows), len(rows))
    moved = _in_words(work, moves, calendar)
    return Replayed(checked=len(rows), moved=moved, left=tuple(left), remarks=tuple(remarks))


def _open_rows(work: Work, *, locked: bool) -> Sequence[_Row]:
    """`locked`: whoever changes the facts of one of them meanwhile waits, and then computes with the new calendar."""
    columns = [getattr(Obligation, name) for name in _Row._fields]
    statement = select(*columns).where(
        col(Obligation.office_id) == work.services.office_id,
        col(Obligation.met_on).is_(None),
        col(Obligation.cancelled_at).is_(None),
        col(Obligation.trigger_on).is_not(None),
    )
    statement = statement.order_by(col(Obligation.id))
    return [_Row(*row) for row in work.session.execute(statement.with_for_update() if locked else statement)]


def _assumed_receipts(work: Work, calendar: Calendar) -> dict[int, dt.date]:
    """By assignment whose receipt nobody confirmed: the day it must have arrived by."""
    open_ones = col(Assignment.received_on).is_(None) & col(Assignment.cancelled_at).is_(None)
    found = work.session.execute(select(col(Assignment.id), col(Assignment.assigned_on)).where(open_ones))
    receipts = {}
    for key, assigned_on in found:
        # Of a year without calendar: `_end` says so for its period.
        with suppress(InvalidInput):
            receipts[key] = assumed_receipt(assigned_on, calendar)
    return receipts


def _end(period: _Period, calendar: Calendar, left: list[str]) -> dt.date | None:
    """The date of a period; None, with a word in `left`, when its rule or its calendar is not there."""
    try:
        _, rule = _rule(period)
        return count(rule, period.trigger_on, calendar).due_on
    except InvalidInput as error:
        left.append(f"{period.regulation} {period.rule}, từ {vietnamese_date(period.trigger_on)}: {error.what}")
        return None


def _rule(period: _Period) -> tuple[Regulation, DutyRule]:
    text = regulation(period.regulation, version=period.version)
    for rule in text.duties:
        if rule.id == period.rule:
            return text, rule
    raise InvalidInput(f"Bản {text.version} của quy định «{text.code}» không có quy tắc «{period.rule}».")


def _keep(work: Work, staff_id: int, moves: dict[_Move, list[int]]) -> None:
    """Write the new dates, with one act for all that moved alike, whatever conference they belong to."""
    alike: dict[_Move, list[int]] = defaultdict(list)
    for move, keys in moves.items():
        alike[move._replace(conference_id=None)] += keys
    for move, keys in alike.items():
        for start in range(0, len(keys), _BATCH):
            some = keys[start : start + _BATCH]
            work.session.execute(
                update(Obligation)
                .where(col(Obligation.id).in_(some))
                .values(due_on=move.now, trigger_on=move.period.trigger_on)
                # Nothing of these rows is loaded here that would have to be kept in step.
                .execution_options(synchronize_session=False)
            )
        work.record(
            staff_member(staff_id),
            "due_moved",
            "obligation",
            keys[0],
            duty=move.duty,
            rule=f"{move.period.regulation} {move.period.version} {move.period.rule}",
            trigger_on=move.period.trigger_on.isoformat(),
            was=move.was.isoformat() if move.was else None,
            now=move.now.isoformat(),
            obligations=keys,
        )


def _carry_cutoffs(work: Work, moves: dict[_Move, list[int]], *, keep: bool) -> list[str]:
    """Let the cut-off of a conference follow the day of the rule it was taken from; returns remarks on those whose
    agenda was built by the old one already: nobody may become late afterwards."""
    moved: dict[int, set[dt.date]] = defaultdict(set)
    for move in moves:
        if move.duty == Duty.OPINION_CUTOFF and move.conference_id is not None and move.was is not None:
            moved[move.conference_id].add(move.was)
    remarks = []
    for key, before in sorted(moved.items()):
        conference = work.session.get_one(Conference, key)
        now = cutoff_by_rule(work, conference)
        if conference.cutoff_on not in before or now in (None, conference.cutoff_on):
            continue
        if conference.state == ConferenceState.PLANNED:
            if keep:
                conference.cutoff_on = now
                work.add(conference)
        elif conference.state == ConferenceState.AGENDA_SET and conference.cutoff_on is not None and now is not None:
            remarks.append(
                f"Hội nghị {conference.code} đã lập nội dung theo ngày chốt ý kiến "
                f"{vietnamese_date(conference.cutoff_on)} nên giữ ngày ấy; tính lại thì là {vietnamese_date(now)}"
            )
    return remarks


def _in_words(work: Work, moves: dict[_Move, list[int]], calendar: Calendar) -> tuple[Moved, ...]:
    if not moves:
        return ()
    changes = work.session.scalars(
        select(CalendarAmendment)
        .where(col(CalendarAmendment.office_id) == work.services.office_id, col(CalendarAmendment.proposed).is_(False))
        .order_by(col(CalendarAmendment.id))
    ).all()
    rows = work.session.execute(select(col(Conference.id), col(Conference.code)))
    codes: dict[int | None, str] = {row.id: row.code for row in rows}
    explained: dict[_Period, str] = {}
    listed = []
    for move, keys in moves.items():
        if move.was == move.now:
            continue
        if move.period not in explained:
            text, rule = _rule(move.period)
            explained[move.period] = due(rule, text, move.period.trigger_on, calendar).explanation
        listed.append(
            Moved(
                duty=move.duty,
                conference=codes.get(move.conference_id),
                regulation=move.period.regulation,
                rule=move.period.rule,
                trigger_on=move.period.trigger_on,
                was=move.was,
                now=move.now,
                cases=len(keys),
                why=_why(move, changes),
                explanation=explained[move.period],
            )
        )
    return tuple(sorted(listed, key=lambda one: (one.now, one.duty, one.regulation, one.rule, one.conference or "")))


def _why(move: _Move, changes: Iterable[CalendarAmendment]) -> str:
    """Which days the office wrote down or took back within the period."""
    ends = [day for day in (move.period.trigger_on, move.was, move.now) if day is not None]
    newest = {row.day: row for row in changes if min(ends) <= row.day <= max(ends)}
    said = []
    for day, row in sorted(newest.items()):
        sort = "làm việc" if row.working else "nghỉ"
        if row.removed_at is None:
            said.append(f"{vietnamese_date(day)} là ngày {sort} theo {row.citation}")
        else:
            said.append(f"{vietnamese_date(day)} thôi là ngày {sort}")
    return "; ".join(said) or "lịch ngày nghỉ đi kèm chương trình đã đổi"
