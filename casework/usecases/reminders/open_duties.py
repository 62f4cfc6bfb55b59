"""What is owed now, in words a person in a chat understands, one line per duty: the earliest rule drives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from casework.clock import vietnamese_date
from casework.codes import spoken
from casework.deadlines.standing import OPEN_STATES, state_of
from casework.deadlines.values import DueState
from casework.names import DUTIES
from casework.public_words import one_line
from casework.regulations.model import Duty
from casework.usecases.deadlines.rows import counts_on
from casework.usecases.work import Work
from casework.wording import say
from storage.records import (
    AgendaItem,
    Assignment,
    Conference,
    Obligation,
    Opinion,
    OpinionGroup,
    Referral,
)

#: longest name of an issue in a line, characters
TITLE = 70


@dataclass(frozen=True, kw_only=True)
class OpenDuty:
    """A duty nobody has fulfilled yet, with the day that counts (an extension included)."""

    obligation: Obligation
    due_on: dt.date
    state: DueState
    #: the duty and what it is about: "trả lời bằng văn bản, «Đèn đường thôn 4»"
    what: str
    #: about an opinion that may not be named
    sealed: bool = False


@dataclass(frozen=True, kw_only=True)
class DueCounts:
    """How many duties of the office press."""

    soon: int = 0
    late: int = 0
    #: open under a new date; not late
    extended: int = 0


def due_counts(work: Work, today: dt.date) -> DueCounts:
    """The duties of the office that press on a day, extended ones apart."""
    states = [_state(row, today) for _, row in _driving(work)]
    return DueCounts(
        soon=states.count(DueState.DUE_SOON),
        late=states.count(DueState.LATE) + states.count(DueState.VERY_LATE),
        extended=states.count(DueState.EXTENDED),
    )


def open_duties(work: Work, today: dt.date) -> list[OpenDuty]:
    """Everything with a due date that is still owed, the earliest day first."""
    driving = _driving(work)
    names = _Names.of(work, [row for _, row in driving])
    found = [
        OpenDuty(
            obligation=row,
            due_on=day,
            state=state,
            what=f"{DUTIES.get(row.duty, row.duty)}, {names.name(row)}",
            sealed=row.subject == "opinion" and row.subject_id in names.sealed,
        )
        for day, row in driving
        if (state := _state(row, today)) in OPEN_STATES
    ]
    return sorted(found, key=lambda one: (one.due_on, one.obligation.id or 0))


def _driving(work: Work) -> list[tuple[dt.date, Obligation]]:
    """The rows nobody has fulfilled, each with the day that counts. Where several rules set one duty, the earliest
    counts. Keeping a file is no work anybody waits for."""
    rows = work.session.exec(
        select(Obligation).where(
            Obligation.office_id == work.services.office_id,
            Obligation.duty != Duty.RETENTION,
            col(Obligation.met_on).is_(None),
            col(Obligation.cancelled_at).is_(None),
            col(Obligation.due_on).is_not(None),
        )
    ).all()
    driving: dict[tuple[str, int, str], tuple[dt.date, Obligation]] = {}
    for row in rows:
        day = counts_on(row)
        key = (row.subject, row.subject_id, row.duty)
        if day is not None and (key not in driving or day < driving[key][0]):
            driving[key] = (day, row)
    return list(driving.values())


def _state(row: Obligation, today: dt.date) -> DueState:
    return state_of(duty=row.duty, due_on=row.due_on, on=today, extended_to=row.extended_to)


def standing_words(duty: OpenDuty, today: dt.date) -> str:
    """«hạn 12/12/2026, còn 3 ngày», «hạn 12/12/2026, quá 4 ngày»; an extension is said."""
    days = (duty.due_on - today).days
    key = "today" if days == 0 else "left" if days > 0 else "over"
    fields = {"date": vietnamese_date(duty.due_on)} | ({"days": abs(days)} if days else {})
    words = say(f"reminder.{key}", **fields)
    extended = duty.obligation.extended_to == duty.due_on
    return f"{words} {say('reminder.extended')}" if extended else words


@dataclass(frozen=True, kw_only=True)
class _Names:
    """What obligations are about, read in a handful of queries."""

    conferences: dict[int, str]
    opinions: dict[int, str | None]
    sealed: frozenset[int]
    lines: dict[int, str]
    assignments: dict[int, str]
    referrals: dict[int, str]

    @classmethod
    def of(cls, work: Work, rows: Sequence[Obligation]) -> _Names:
        def keys(subject: str) -> list[int]:
            return [row.subject_id for row in rows if row.subject == subject]

        opinions = _chunked(work, keys("opinion"))
        return cls(
            conferences=_codes(work, keys("conference")),
            opinions={one.id: one.code for one in opinions if one.id is not None},
            sealed=frozenset(one.id for one in opinions if one.sealed and one.id is not None),
            lines=_titles(work, AgendaItem, keys("line")),
            assignments=_titles(work, Assignment, keys("assignment")),
            referrals=_titles(work, Referral, keys("referral")),
        )

    def name(self, row: Obligation) -> str:
        """What one obligation is about; of a sealed opinion only its number."""
        match row.subject:
            case "conference":
                return say("reminder.conference", code=self.conferences.get(row.subject_id, ""))
            case "opinion":
                code = self.opinions.get(row.subject_id)
                hidden = row.subject_id in self.sealed or code is None
                return (
                    say("reminder.sealed", id=row.subject_id)
                    if hidden
                    else say("reminder.opinion", code=spoken(code or ""))
                )
            case "report":
                half = "half" if row.subject_id % 10 == 1 else "year"
                return say(f"reminder.{half}", year=row.subject_id // 10)
            case _:
                titles = {"line": self.lines, "assignment": self.assignments, "referral": self.referrals}
                return f"«{one_line(titles.get(row.subject, {}).get(row.subject_id, ''), TITLE)}»"


#: keys in one statement: databases limit how many they take
_AT_ONCE = 500


def _chunks(keys: Iterable[int]) -> list[list[int]]:
    wanted = sorted(set(keys))
    return [wanted[start : start + _AT_ONCE] for start in range(0, len(wanted), _AT_ONCE)]


def _chunked(work: Work, keys: Iterable[int]) -> list[Opinion]:
    return [
        one for some in _chunks(keys) for one in work.session.exec(select(Opinion).where(col(Opinion.id).in_(some)))
    ]


def _codes(work: Work, keys: Iterable[int]) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _chunks(keys):
        rows = work.session.exec(select(Conference.id, Conference.code).where(col(Conference.id).in_(some)))
        found.update({row_id: code for row_id, code in rows if row_id is not None})
    return found


def _titles(
    work: Work, table: type[AgendaItem] | type[Assignment] | type[Referral], keys: Iterable[int]
) -> dict[int, str]:
    found: dict[int, str] = {}
    for some in _chunks(keys):
        rows = work.session.exec(
            select(table.id, OpinionGroup.title)
            .join(OpinionGroup, col(OpinionGroup.id) == col(table.group_id))
            .where(col(table.id).in_(some))
        )
        found.update({row_id: title for row_id, title in rows if row_id is not None})
    return found
