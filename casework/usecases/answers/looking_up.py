"""Use case: what whoever holds a receipt code may know, on the page where everybody may type one.

The same as in the chat for somebody who did not ask it: state, dates and published answers; never the asker's words,
name or village. A sealed opinion has no code, so it looks like one that was never given out.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import local_date
from casework.codes import parse_code
from casework.usecases.answers.asker_view import answer_words
from casework.usecases.answers.pages import office_words, shown_words
from casework.usecases.citizens.facts import status_in_words
from casework.usecases.work import Services, Work
from storage.records import Answer, AnswerState, Opinion


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where an opinion stands, for anybody who holds its code."""

    code: str
    submitted_on: dt.date
    status: str
    #: published answers, oldest first
    answers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OfficeWords:
    """Who stands behind the page."""

    name: str
    contact: str


def office_of(services: Services) -> OfficeWords:
    """The office whose page it is."""
    with services.reading() as work:
        name, contact = office_words(work)
    return OfficeWords(name=name, contact=contact)


def look_up(services: Services, typed: str) -> Standing | None:
    """Where the opinion of this code stands; None for a code nobody has got, or that cannot be one."""
    code = parse_code(typed)
    if code is None:
        return None
    with services.reading() as work:
        opinion = work.session.exec(
            select(Opinion).where(
                Opinion.code == code, col(Opinion.sealed).is_(False), Opinion.office_id == services.office_id
            )
        ).first()
        if opinion is None:
            return None
        return Standing(
            code=code,
            submitted_on=local_date(opinion.submitted_at),
            status=status_in_words(work, opinion),
            answers=_answers(work, opinion.group_id) if opinion.group_id is not None else (),
        )


def _answers(work: Work, group_id: int) -> tuple[str, ...]:
    rows = work.session.exec(
        select(Answer)
        .where(Answer.group_id == group_id, Answer.state == AnswerState.PUBLISHED)
        .order_by(col(Answer.id))
    )
    return tuple(answer_words(answer, text=shown_words(work, answer)) for answer in rows)
