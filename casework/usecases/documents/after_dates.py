"""Why an agency's answer is due on its date, as the obligation on live data says it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from casework.usecases.work import Work


@dataclass(frozen=True, kw_only=True)
class AnswerDue:
    """The day an answer is owed by, with its source."""

    due_on: dt.date | None
    #: text and place: "Quy định ..., Điều 11 khoản 1"
    citation: str
    #: one Vietnamese sentence: how the date is counted
    explanation: str


def answer_dues(work: Work, assignment_ids: Sequence[int]) -> dict[int, AnswerDue]:
    return {}
