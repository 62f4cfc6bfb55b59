"""Use case: what is due and late, for one person or for the whole office."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from casework.clock import local_date
from casework.deadlines.values import DueState
from casework.usecases.access import DECIDERS, VIEWERS, Member, member, require
from casework.usecases.deadlines.listing import holder_in_words
from casework.usecases.reminders.contacts import contacts_of
from casework.usecases.reminders.open_duties import names_of, open_duties, opinions_behind, standing_words
from casework.usecases.work import Services
from storage.records import Opinion, Role


@dataclass(frozen=True, kw_only=True)
class DueLine:
    """One open duty; `standing` says date and days in words."""

    #: the duty's own number, the same in every list
    id: int
    what: str
    due_on: dt.date
    state: DueState
    standing: str
    #: the agency or party that owes it
    holder: str
    #: nobody is set for the holder
    nobody_set: bool


def due_list(
    services: Services, staff_id: int, *, whole_office: bool = False, sealed_too: bool = True
) -> list[DueLine]:
    """What is owed, the earliest date first: what this person answers for (as the one responsible, the head, or for
    want of anybody else), or everything of the office.

    What is about an opinion is there for those who may see it: a sealed one for the confidential role alone, and never
    without `sealed_too` (in a group). Raises `Forbidden`: the whole office is for those who decide.
    """
    with services.reading() as work:
        who = require(work, staff_id, *DECIDERS, Role.ADMIN) if whole_office else member(work, staff_id)
        contacts = contacts_of(work)
        today = local_date(work.now)
        duties = open_duties(work, today)
        behind = opinions_behind(work, duties)
        wanted = [
            duty
            for duty in duties
            if _may_see(who, about := behind.get(duty.id), sealed_too=sealed_too)
            and (whole_office or contacts.answers_for(staff_id, duty.obligation, about))
        ]
        names = names_of(work, wanted)
        return [
            DueLine(
                id=duty.id,
                what=str(names[duty.id]),
                due_on=duty.due_on,
                state=duty.state,
                standing=standing_words(duty, today),
                holder=holder_in_words(duty.obligation),
                nobody_set=not contacts.is_set(duty.obligation),
            )
            for duty in wanted
        ]


def _may_see(who: Member, about: Opinion | None, *, sealed_too: bool) -> bool:
    return about is None or (who.may(about, *VIEWERS) and (sealed_too or not about.sealed))
