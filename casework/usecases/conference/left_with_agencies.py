"""What a conference leaves with agencies when it comes to nothing: who was assigned an issue owes its askers the answer
all the same, and they hear who answers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.notices import tell_asker
from casework.usecases.conference.issues import key_of, lines_of, opinions_of, when_of
from casework.usecases.deadlines.answer_due import answer_day
from casework.usecases.deadlines.obligations import refresh_assignment, refresh_conference
from casework.usecases.work import Work
from casework.wording import say
from storage.records import AgendaItem, Assignment, Conference, ConferenceState, OpinionState

#: conferences that came to nothing
DEAD = (ConferenceState.CANCELLED, ConferenceState.FAILED)


def detach(work: Work, lines: Sequence[AgendaItem]) -> list[Assignment]:
    """Take assignments off these lines; returns those in force. Their clocks no longer follow the conference."""
    keys = [line.id for line in lines]
    rows = work.session.exec(select(Assignment).where(col(Assignment.agenda_item_id).in_(keys))).all()
    for row in rows:
        row.agenda_item_id = None
        work.session.add(row)
    work.session.flush()
    return [row for row in rows if row.cancelled_at is None]


def leave(work: Work, conference: Conference, assignments: Sequence[Assignment], *, sentence: str, purpose: str) -> int:
    """Bring the duties of the conference and of what it leaves with agencies to the facts, and tell each asker once
    that the agency answers; returns notices written.

    A text that counts from the receipt of the assignment goes on binding; where it counts from the conference only the
    day the office typed in is left, or none, and the asker is told so. Raises as `refresh_conference`.
    """
    refresh_conference(work, conference)
    for assignment in assignments:
        refresh_assignment(work, assignment)
    return sum(_tell(work, conference, one, sentence=sentence, purpose=purpose) for one in assignments)


def settle(work: Work, conference: Conference) -> int:
    """What an earlier version of this program left on the lines of a conference that came to nothing; returns how many
    rows changed, as `refresh_conference` does."""
    if conference.state not in DEAD:
        return refresh_conference(work, conference)
    assignments = detach(work, lines_of(work, conference))
    return refresh_conference(work, conference) + sum(refresh_assignment(work, one) for one in assignments)


def _tell(work: Work, conference: Conference, assignment: Assignment, *, sentence: str, purpose: str) -> int:
    day = answer_day(work, assignment.group_id)
    until = day.due_on if day is not None else None
    due = say("left_with_agency.until", due=vietnamese_date(until)) if until else say("left_with_agency.no_day")
    told = 0
    for opinion in opinions_of(work, assignment.group_id, states=[OpinionState.ASSIGNED]):
        text = say(
            f"left_with_agency.{sentence}",
            when=when_of(conference),
            code=spoken(opinion.code or ""),
            agency=assignment.agency,
            due=due,
        )
        occasion = key_of(conference)
        told += tell_asker(work, opinion, purpose=purpose, occasion=occasion, text=text) is not None
    return told
