"""Which duties before a conference can no longer be kept, or were not: asked when a day is set, moved or reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.conference_life.planning import source_of
from casework.deadlines.values import Due
from casework.names import STEP_NAMES
from casework.regulations.model import Direction, Duty, DutyRule, Step, Trigger

#: the step by which a duty of the conference is met; a duty that is missing here is no step
STEP_OF_DUTY: dict[Duty, Step] = {
    Duty.FRONT_SUMMARY: Step.SUMMARY_SENT,
    Duty.PREPARATORY_MEETING: Step.PREPARATORY_MEETING,
    Duty.INVITATION: Step.INVITATIONS_SENT,
    Duty.PUBLIC_NOTICE: Step.PUBLIC_NOTICE,
    Duty.CONCLUSION_NOTICE: Step.CONCLUSION_ISSUED,
    Duty.ASSIGNMENT: Step.ASSIGNMENTS_SENT,
    Duty.PUBLISH_RESULT: Step.RESULT_PUBLISHED,
    Duty.DEBRIEF: Step.DEBRIEF,
}


def step_of(due: Due) -> Step | None:
    """The step that meets this duty of a conference; None for a duty that is not a step of it."""
    if due.duty is Duty.UPWARD_SUMMARY:
        return Step.UPWARD_SENT if due.direction is Direction.BEFORE else Step.UPWARD_REPORTED
    return STEP_OF_DUTY.get(due.duty)


def lapses(rule: DutyRule) -> bool:
    """Whether nobody can do it any more once the day of the conference is over: a step that prepares it."""
    before = (rule.trigger, rule.direction) == (Trigger.CONFERENCE, Direction.BEFORE)
    return before and rule.duty in STEP_OF_DUTY


@dataclass(frozen=True, kw_only=True)
class Missed:
    """A duty before the conference that was kept too late, or was not and no longer can be."""

    step: Step
    due_on: dt.date
    done_on: dt.date | None
    citation: str
    assumed: bool

    def in_words(self) -> str:
        """One sentence for the person at the screen."""
        came = f"làm ngày {self.done_on:%d/%m/%Y}" if self.done_on else "chưa làm"
        return f"{STEP_NAMES[self.step]}: hạn {self.due_on:%d/%m/%Y}, {came} ({self.citation})"


def missed_before(
    dues: Sequence[Due], done: Mapping[Step, dt.date], today: dt.date, *, upward: bool
) -> tuple[Missed, ...]:
    """The duties to be met before the day that were met too late, or are not met and whose last day is over.

    `upward`: something on the agenda is beyond the competence of the office and must be sent on.
    """
    missed: dict[tuple[dt.date, Step], Missed] = {}
    for due in dues:
        step = step_of(due)
        if step is None or due.due_on is None or (due.trigger, due.direction) != (Trigger.CONFERENCE, Direction.BEFORE):
            continue
        done_on = done.get(step)
        if (done_on or today) <= due.due_on or (step is Step.UPWARD_SENT and not upward):
            continue
        # Two texts that set the same day are one breach with two sources; it binds if either of them does.
        same = missed.get((due.due_on, step))
        missed[due.due_on, step] = Missed(
            step=step,
            due_on=due.due_on,
            done_on=done_on,
            citation=f"{same.citation}; {source_of(due)}" if same else source_of(due),
            assumed=due.assumed and (same is None or same.assumed),
        )
    return tuple(missed[key] for key in sorted(missed))
