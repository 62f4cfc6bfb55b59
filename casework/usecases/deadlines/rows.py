"""What a stored obligation stands for: its rule, the issue behind it, the day that counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlmodel import col, or_, select

from casework.deadlines.standing import effective
from casework.errors import InvalidInput
from casework.regulations import Regulation, regulation
from casework.regulations.model import Duty, DutyRule
from casework.usecases.work import Work
from storage.records import AgendaItem, Assignment, Obligation


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
