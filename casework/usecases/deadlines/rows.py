"""What a stored obligation stands for: its rule, the issue behind it, the day that counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import col, or_, select

from casework.clock import local_date
from casework.conference_life.notice_periods import STEP_OF_DUTY, lapses
from casework.deadlines.standing import effective
from casework.errors import InvalidInput
from casework.regulations import Regulation, regulation
from casework.regulations.model import Duty, DutyRule
from casework.usecases.work import Work
from storage.records import AgendaItem, AgendaOutcome, Assignment, Conference, ConferenceState, Extension, Obligation

#: duties a text may except what was settled in the hall from, that are no line's own
_EXCEPTED = (Duty.QUICK_ANSWER, Duty.CONCLUSION_NOTICE)


def rule_of(row: Obligation) -> tuple[Regulation, DutyRule]:
    """The text and the rule a duty rests on.

    Raises `InvalidInput` when the version of the text, or the rule in it, is no longer there.
    """
    text = regulation(row.regulation, version=row.regulation_version)
    for rule in text.duties:
        if rule.id == row.rule:
            return text, rule
    raise InvalidInput(
        f"Quy định «{row.regulation}» bản {row.regulation_version} không còn mục {row.rule}.",
        todo="Bản cũ của một hội nghị phải còn nguyên trong thư mục văn bản.",
    )


def counts_on(row: Obligation) -> dt.date | None:
    """The day by which the duty is owed, extension included; None while its event has not happened."""
    return effective(row.due_on, row.extended_to)


def missed_on(moved: Sequence[Extension]) -> dt.date | None:
    """The first day that had passed before it was moved, of the times one duty was; None when each came in time."""
    return next((one.from_on for one in moved if one.from_on is not None and local_date(one.at) > one.from_on), None)


def missed(work: Work, rows: Sequence[Obligation]) -> frozenset[int]:
    """Keys of those duties whose day had passed before it was moved: an extension does not undo that."""
    keys = [row.id for row in rows if row.extended_to is not None]
    if not keys:
        return frozenset()
    moved = work.session.exec(select(Extension).where(col(Extension.obligation_id).in_(keys)))
    return frozenset(one.obligation_id for one in moved if missed_on([one]) is not None)


def promised(work: Work, rows: Sequence[Obligation]) -> frozenset[int]:
    """Keys of those duties whose day was last moved by the promise of an interim answer, not by decision."""
    keys = [row.id for row in rows if row.extended_to is not None]
    if not keys:
        return frozenset()
    moved = select(Extension).where(col(Extension.obligation_id).in_(keys)).order_by(col(Extension.id))
    newest = {one.obligation_id: one for one in work.session.exec(moved)}
    return frozenset(key for key, one in newest.items() if one.answer_id is not None)


def markers(work: Work) -> frozenset[int]:
    """Keys of the duties of conferences that are only days people go by, as things are.

    Where a text excepts what was settled in the hall: the answers that can be given at once, since nobody marks which
    put-off line could be; and the conclusion notice, once no line is left that an agency must settle.
    """
    rows = [
        row
        for row in work.session.exec(
            select(Obligation).where(
                Obligation.office_id == work.services.office_id,
                Obligation.subject == "conference",
                col(Obligation.duty).in_([str(duty) for duty in _EXCEPTED]),
                col(Obligation.cancelled_at).is_(None),
            )
        )
        if _excepts_what_was_settled(row)
    ]
    settled = _settled(work, [row.subject_id for row in rows if row.duty == Duty.CONCLUSION_NOTICE])
    return frozenset(row.id or 0 for row in rows if row.duty == Duty.QUICK_ANSWER or row.subject_id in settled)


def lapsed(work: Work, today: dt.date) -> frozenset[int]:
    """Keys of what had to be done before a conference, was not, and cannot be any more: its day is over."""
    rows = work.session.exec(
        select(Obligation).where(
            Obligation.office_id == work.services.office_id,
            Obligation.subject == "conference",
            col(Obligation.duty).in_([str(duty) for duty in STEP_OF_DUTY]),
            col(Obligation.trigger_on) < today,
            col(Obligation.met_on).is_(None),
            col(Obligation.cancelled_at).is_(None),
        )
    )
    return frozenset(row.id or 0 for row in rows if _lapses(row))


def _lapses(row: Obligation) -> bool:
    try:
        return lapses(rule_of(row)[1])
    except InvalidInput:
        return False


def _excepts_what_was_settled(row: Obligation) -> bool:
    try:
        return rule_of(row)[1].not_if_settled_at_conference
    except InvalidInput:
        return False


def _settled(work: Work, conferences: Sequence[int]) -> frozenset[int]:
    """Those that were held, and no line of theirs waits for anybody."""
    if not conferences:
        return frozenset()
    waiting = select(AgendaItem.conference_id).where(
        col(AgendaItem.outcome).in_([AgendaOutcome.PENDING, AgendaOutcome.DEFERRED])
    )
    statement = select(Conference.id).where(
        col(Conference.id).in_(conferences),
        col(Conference.state).in_([ConferenceState.HELD, ConferenceState.CONCLUDED]),
        col(Conference.id).in_(select(AgendaItem.conference_id)),
        col(Conference.id).not_in(waiting),
    )
    return frozenset(key for key in work.session.exec(statement) if key is not None)


def group_of(work: Work, row: Obligation) -> int | None:
    """The issue whose askers wait for what is owed; None for a duty of a conference, an opinion or a year."""
    if row.subject == "assignment":
        return work.session.get_one(Assignment, row.subject_id).group_id
    if row.subject == "line":
        return work.session.get_one(AgendaItem, row.subject_id).group_id
    return None


def answers_owed(work: Work, group_ids: Sequence[int]) -> list[tuple[int, Obligation]]:
    """Open final answers owed on these issues, each with its issue: the earliest day that counts first, those
    without a day last."""
    keys = list(group_ids)
    statement = select(Obligation, Assignment.group_id, AgendaItem.group_id).where(
        Obligation.office_id == work.services.office_id,
        Obligation.duty == Duty.FINAL_ANSWER,
        col(Obligation.met_on).is_(None),
        col(Obligation.cancelled_at).is_(None),
        or_(col(Assignment.group_id).in_(keys), col(AgendaItem.group_id).in_(keys)),
    )
    joined = statement.join(
        Assignment,
        (col(Obligation.subject) == "assignment") & (col(Assignment.id) == col(Obligation.subject_id)),
        isouter=True,
    ).join(
        AgendaItem,
        (col(Obligation.subject) == "line") & (col(AgendaItem.id) == col(Obligation.subject_id)),
        isouter=True,
    )
    found = [(assigned or line, row) for row, assigned, line in work.session.exec(joined)]
    return sorted(found, key=lambda one: (counts_on(one[1]) or dt.date.max, one[1].id or 0))
