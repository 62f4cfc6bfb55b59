"""One person's reminder of one day: which duties it has room for, and how it reads.

Only what stands in it counts as told. Many alike duties are one line with their number; what has no room waits for
the next day, and what waits longest goes first.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from casework.clock import vietnamese_date
from casework.usecases.reminders.contacts import Hearer, Instead, Person
from casework.usecases.reminders.ladders import Reached, Who
from casework.usecases.reminders.open_duties import Named, OpenDuty, names_of, standing_words
from casework.usecases.work import Work
from casework.wording import say

#: lines in one message, each a duty or many alike; the rest is counted, and one command away
SHOWN = 25
#: more duties than this of one kind, late or due on one day, are one line with their number
ALIKE = 8
#: duties one message may stand for, so that no day's work grows without end
TOLD_AT_ONCE = 500


@dataclass(frozen=True, kw_only=True)
class Line:
    """One duty one person is told of, by one rung."""

    duty: OpenDuty
    rung: Reached
    hearer: Hearer

    @property
    def above(self) -> bool:
        """Whether the reader hears as the head."""
        return self.hearer.role == Who.HEAD


@dataclass(frozen=True, kw_only=True)
class Letter:
    """Everything one person is told on one day: the duties that stand in it, and how it reads."""

    person: Person
    lines: tuple[Line, ...]
    text: str


#: what is written as one line: a duty, or many alike
_Entry = tuple[Line, ...]


def letters_of(work: Work, lines: Sequence[Line], today: dt.date) -> list[Letter]:
    """One letter for each person who is told something on a day."""
    by_person: dict[int, list[Line]] = {}
    for line in lines:
        by_person.setdefault(line.hearer.person.staff_id, []).append(line)
    chosen = {staff_id: _chosen(found, today) for staff_id, found in sorted(by_person.items())}
    # Only what is read is put into words: of a hundred thousand open duties that is little.
    names = names_of(work, [entry[0].duty for entries in chosen.values() for entry in entries])
    return [
        Letter(
            person=entries[0][0].hearer.person,
            lines=tuple(line for entry in entries for line in entry),
            text=_text(entries, names, today, waiting=len(by_person[staff_id]) - sum(map(len, entries))),
        )
        for staff_id, entries in chosen.items()
    ]


def _chosen(lines: Iterable[Line], today: dt.date) -> list[_Entry]:
    """What there is room for: the most pressing entries, put in the order of their dates."""

    def pressing(line: Line) -> tuple[bool, bool, dt.date, dt.date, int]:
        # What was said before may wait for what was not; what can still be done in time goes before what is late.
        return (line.rung.repeat, line.duty.due_on < today, line.rung.day, line.duty.due_on, line.duty.id)

    entries = [tuple(sorted(entry, key=pressing)) for entry in _entries(lines, today)]
    room = TOLD_AT_ONCE
    kept: list[_Entry] = []
    for entry in sorted(entries, key=lambda entry: pressing(entry[0])):
        told = entry if len(entry) == 1 else entry[:room]
        if told and len(kept) < SHOWN:
            kept.append(told)
            room = max(room - len(told), 0)
    return sorted(kept, key=lambda entry: (_oldest(entry), entry[0].duty.obligation.duty, entry[0].duty.id))


def _entries(lines: Iterable[Line], today: dt.date) -> list[_Entry]:
    """Each duty for itself, but many alike - of one kind, all late or all due on one day - together."""
    alike: dict[tuple[str, str, bool, dt.date | None], list[Line]] = {}
    for line in lines:
        day = line.duty.due_on if line.duty.due_on >= today else None
        kind = (line.duty.obligation.duty, line.duty.obligation.subject, line.above, day)
        alike.setdefault(kind, []).append(line)
    entries: list[_Entry] = []
    for found in alike.values():
        entries += [tuple(found)] if len(found) > ALIKE else [(line,) for line in found]
    return entries


def _oldest(entry: _Entry) -> dt.date:
    return min(line.duty.due_on for line in entry)


# --------------------------------------------------------------------------- in words


def _text(entries: Sequence[_Entry], names: Mapping[int, Named], today: dt.date, *, waiting: int) -> str:
    """The earliest date first, what is due on one day together; at the end whom the reader stands in for, and why."""
    said = [say("reminder.head", name=entries[0][0].hearer.person.name)]
    heading = ""
    for entry in entries:
        name = names[entry[0].duty.id]
        new, line = _many(entry, name, today) if len(entry) > 1 else _one(entry[0], name, today)
        if new != heading:
            heading = new
            said.append(heading)
        said.append(line)
    if waiting:
        said.append(say("reminder.more", count=waiting))
    because = in_stead(line for entry in entries for line in entry)
    if because:
        said.append(say("reminder.because", why=because))
    return "\n".join([*said, say("reminder.foot")])


def _one(line: Line, name: Named, today: dt.date) -> tuple[str, str]:
    return _heading(line, name, standing_words(line.duty, today)), say("reminder.line", about=name.about)


def _many(entry: _Entry, name: Named, today: dt.date) -> tuple[str, str]:
    oldest = _oldest(entry)
    standing = say("reminder.all_late") if oldest < today else standing_words(entry[0].duty, today)
    subject = entry[0].duty.obligation.subject
    what = say(f"reminder.{subject if subject in _COUNTED else 'other'}", count=len(entry))
    if oldest < today:
        what = say("reminder.oldest", what=what, date=vietnamese_date(oldest))
    return _heading(entry[0], name, standing), say("reminder.line", about=what)


#: subjects with a word of their own when they are counted
_COUNTED = ("opinion", "conference", "report")


def _heading(line: Line, name: Named, standing: str) -> str:
    duty = name.duty[:1].upper() + name.duty[1:]
    return say("reminder.part_as_head" if line.above else "reminder.part", duty=duty, standing=standing)


def in_stead(lines: Iterable[Line]) -> str:
    """For whom, and why, somebody stands in; each reason once, with all names. Empty for nobody."""
    names: dict[Instead, dict[str, None]] = {}
    for line in lines:
        if line.hearer.instead is not None:
            names.setdefault(line.hearer.instead[0], {})[line.hearer.instead[1]] = None
    return "; ".join(say(f"reminder.{why}", names=", ".join(whom)) for why, whom in names.items())
