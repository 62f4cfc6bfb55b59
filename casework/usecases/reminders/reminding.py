"""Use cases: who is reminded of what on a day - looked at first, then sent, one message per person and day.

A rung is told once per duty, person and due date; when the date moves, the rungs of the new date are new. What was
told stands in the history. Nobody is reminded on a day off, nor pushed in the quiet hours: what is sent in the evening
is written for the next working day, and read then.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework import notices
from casework.clock import local_date
from casework.deadlines.calendar import Calendar
from casework.deadlines.values import DueState
from casework.errors import InvalidInput
from casework.talk import Reply
from casework.usecases.access import DECIDERS, VIEWERS, require
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.listing import holder_in_words
from casework.usecases.reminders.contacts import Hearer, Person, contacts_of
from casework.usecases.reminders.ladders import Reached, day_off, ladders, reached
from casework.usecases.reminders.letters import Letter, Line, in_stead, letters_of
from casework.usecases.reminders.open_duties import Named, OpenDuty, names_of, open_duties, opinions_behind
from casework.usecases.reminders.recalling import PURPOSE, recalled
from casework.usecases.work import SYSTEM, Services, Work
from casework.wording import say
from storage.records import Act, Delivery, Opinion, Role


@dataclass(frozen=True, kw_only=True)
class ReminderRow:
    """One line of the preview."""

    #: None: nobody has a chat to be told in
    staff: str | None
    #: holder | head | fallback | nobody
    role: str
    rung: str
    due_on: dt.date
    state: DueState
    what: str
    #: why the rung is there, and why somebody else than the one responsible hears of it
    why: str
    #: False: this person has had today's message already, so it waits for the next day
    today: bool


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be told on a day, and what keeps it from being told."""

    rows: tuple[ReminderRow, ...]
    #: messages that would go out
    messages: int
    #: why nobody is reminded on this day; for people
    silent_because: str | None = None
    #: duties nobody can be told of: neither the one responsible nor a deputy has a chat
    unheard: int = 0


def preview(services: Services, staff_id: int) -> Preview:
    """Who would be told what now, by the services' clock, as far as the reader may know: what is about an opinion only
    for those who may see it. Changes nothing. Raises `Forbidden`."""
    with services.reading() as work:
        reader = require(work, staff_id, *DECIDERS, Role.ADMIN)
        calendar = calendar_of(work)
        if (off := day_off(calendar, local_date(work.now))) is not None:
            return Preview(rows=(), messages=0, silent_because=say("reminder.day_off", why=off))
        today = local_date(ladders().awake(work.now, calendar))
        lines = _lines(work, calendar, today, lambda about: reader.may(about, *VIEWERS))
        letters = letters_of(work, lines.lines, today)
        told = {one.person.staff_id for one in letters if not _told_today(work, one.person, today)}
        names = names_of(work, [line.duty for letter in letters for line in letter.lines])
        rows = tuple(
            _row(line, names[line.duty.id], told=letter.person.staff_id in told)
            for letter in letters
            for line in letter.lines
        )
        nobody = _nobody(work, lines.unheard)
        return Preview(rows=(*rows, *nobody), messages=len(told), unheard=len(nobody))


def send(services: Services, staff_id: int | None = None) -> int:
    """Send today's reminders; the job of every day (`staff_id` None), or a staff member by hand. Sending again on the
    same day sends nothing. Returns how many messages were written. Raises `Forbidden`."""
    with services.writing() as work:
        if staff_id is not None:
            require(work, staff_id, *DECIDERS, Role.ADMIN)
        calendar = calendar_of(work)
        if day_off(calendar, local_date(work.now)) is not None:
            return 0
        morning = ladders().awake(work.now, calendar)
        today = local_date(morning)
        written = 0
        for letter in letters_of(work, _lines(work, calendar, today).lines, today):
            written += _send(work, letter, morning)
        work.commit()
    return written


# --------------------------------------------------------------------------- who is told what


@dataclass(frozen=True, kw_only=True)
class _Lines:
    lines: tuple[Line, ...]
    #: duties with a rung nobody can be told of
    unheard: tuple[tuple[OpenDuty, Reached], ...]


def _lines(
    work: Work, calendar: Calendar, today: dt.date, may_see: Callable[[Opinion], bool] = lambda _: True
) -> _Lines:
    contacts = contacts_of(work)
    rungs: dict[tuple[str, dt.date], Reached | None] = {}
    due: list[tuple[OpenDuty, Reached]] = []
    for duty in open_duties(work, today):
        key = (duty.obligation.duty, duty.due_on)
        if key not in rungs:
            rungs[key] = _rung(duty, today, calendar)
        rung = rungs[key]
        if rung is not None:
            due.append((duty, rung))
    told, behind = _told(work, [duty for duty, _ in due]), opinions_behind(work, [duty for duty, _ in due])
    news: list[tuple[OpenDuty, Reached, Hearer]] = []
    unheard: list[tuple[OpenDuty, Reached]] = []
    for duty, rung in due:
        about = behind.get(duty.id)
        if about is not None and not may_see(about):
            continue
        hearers = contacts.hearers(duty.obligation, rung.who, about)
        reached_by = [one for one in hearers if one.person.identity_id is not None]
        if not reached_by:
            unheard.append((duty, rung))
        news += [(duty, rung, one) for one in reached_by if _mark(duty, rung.step, one.person) not in told]
    return _Lines(
        lines=tuple(Line(duty=duty, rung=rung, hearer=hearer) for duty, rung, hearer in news), unheard=tuple(unheard)
    )


def _rung(duty: OpenDuty, today: dt.date, calendar: Calendar) -> Reached | None:
    try:
        return reached(ladders().of(duty.obligation.duty), duty.due_on, today, calendar)
    except InvalidInput:
        # A year without calendar: the date itself is shown everywhere, only the days before it cannot be counted.
        return None


Mark = tuple[int, str, int, str]


def _mark(duty: OpenDuty, step: str, person: Person) -> Mark:
    """What makes a reminder the same: duty, rung, person, due date."""
    return (duty.id, step, person.staff_id, duty.due_on.isoformat())


def _told(work: Work, duties: Sequence[OpenDuty]) -> set[Mark]:
    """The reminders that were given, as the history has them; what was taken back unsent was told to nobody."""
    keys = sorted({duty.id for duty in duties})
    unsent = recalled(work)
    marks: set[Mark] = set()
    for start in range(0, len(keys), 500):
        acts = work.session.exec(
            select(Act).where(
                Act.subject == "obligation", col(Act.subject_id).in_(keys[start : start + 500]), Act.verb == "reminded"
            )
        )
        marks.update(
            (act.subject_id, act.details["rung"], act.details["staff"], act.details["due_on"])
            for act in acts
            if act.details.get("notice") not in unsent
        )
    return marks


# --------------------------------------------------------------------------- one message per person


def _send(work: Work, letter: Letter, morning: dt.datetime) -> int:
    person, today = letter.person, local_date(morning)
    if person.identity_id is None:
        return 0
    message = Reply(text=letter.text)
    notice = notices.reply(
        work, key=_key(person, today), identity_id=person.identity_id, message=message, purpose=PURPOSE
    )
    if notice is None:
        return 0
    notice.not_before = morning
    work.session.add(notice)
    for line in letter.lines:
        work.record(
            SYSTEM,
            "reminded",
            "obligation",
            line.duty.id,
            rung=line.rung.step,
            staff=person.staff_id,
            due_on=line.duty.due_on.isoformat(),
            role=line.hearer.role,
            notice=notice.id,
        )
    return 1


def _key(person: Person, today: dt.date) -> str:
    return f"reminder:{today.isoformat()}:staff:{person.staff_id}"


def _told_today(work: Work, person: Person, today: dt.date) -> bool:
    return work.session.exec(select(Delivery.id).where(Delivery.key == _key(person, today))).first() is not None


def _nobody(work: Work, unheard: Sequence[tuple[OpenDuty, Reached]]) -> list[ReminderRow]:
    """Rows of the preview for what nobody hears of, so that staff see whom to link."""
    names = names_of(work, [duty for duty, _ in unheard])
    return [
        ReminderRow(
            staff=None,
            role="nobody",
            rung=rung.step,
            due_on=duty.due_on,
            state=duty.state,
            what=str(names[duty.id]),
            why=say("reminder.nobody", name=holder_in_words(duty.obligation)),
            today=False,
        )
        for duty, rung in unheard
    ]


def _row(line: Line, name: Named, *, told: bool) -> ReminderRow:
    instead = in_stead([line])
    return ReminderRow(
        staff=line.hearer.person.name,
        role=line.hearer.role,
        rung=line.rung.step,
        due_on=line.duty.due_on,
        state=line.duty.state,
        what=str(name),
        why=f"{line.rung.why}; {instead}" if instead else line.rung.why,
        today=told,
    )
