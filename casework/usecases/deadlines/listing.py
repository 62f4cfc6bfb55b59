"""Use cases: what is owed by whom until when, how it stands today, and why it is that day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from casework.clock import local_date, vietnamese_date
from casework.deadlines.calendar import Calendar
from casework.deadlines.duty_names import duty_name
from casework.deadlines.rules import due
from casework.deadlines.standing import OPEN_STATES, STATE_WORDS, state_of
from casework.deadlines.standing import in_words as standing_in_words
from casework.deadlines.values import Due, DueState
from casework.errors import InvalidInput
from casework.names import PARTIES
from casework.public_words import name_free, one_line
from casework.regulations.model import Duty, Party
from casework.usecases.access import VIEWERS, Member, ref_of, require
from casework.usecases.conference.issues import find_conference
from casework.usecases.deadlines.calendars import calendar_of
from casework.usecases.deadlines.extending import find_obligation
from casework.usecases.deadlines.listed import Moved, ObligationRow, Why, Wish
from casework.usecases.deadlines.promises import promised_rows
from casework.usecases.deadlines.rows import counts_on, lapsed, markers, missed_on, rule_of
from casework.usecases.work import Services, Work
from storage.records import (
    AgendaItem,
    Assignment,
    Conference,
    DutyContact,
    Extension,
    Obligation,
    Opinion,
    OpinionGroup,
    Referral,
)

__all__ = [
    "Moved",
    "ObligationRow",
    "Why",
    "Wish",
    "holder_in_words",
    "in_words",
    "list_obligations",
    "read_state",
    "why",
]

R = TypeVar("R", Opinion, Assignment, AgendaItem, OpinionGroup, Conference, Referral)

#: keys asked for in one query
_AT_ONCE = 5000
#: characters of an opinion's words that tell it from others
_EXCERPT = 60


def list_obligations(services: Services, staff_id: int, wish: Wish | None = None) -> list[ObligationRow]:
    """Duties with their state today, the most urgent first; of sealed opinions only for the confidential role.

    Raises `Forbidden`, `NotFound` for a conference that is not there.
    """
    wanted = wish or Wish()
    with services.reading() as work:
        reader = require(work, staff_id, *VIEWERS)
        statement = select(Obligation).where(Obligation.office_id == services.office_id)
        if not wanted.states - OPEN_STATES:
            statement = statement.where(col(Obligation.met_on).is_(None), col(Obligation.cancelled_at).is_(None))
        if wanted.duty is not None:
            statement = statement.where(Obligation.duty == wanted.duty)
        if wanted.conference is not None:
            statement = statement.where(Obligation.conference_id == find_conference(work, wanted.conference).id)
        if wanted.mine:
            statement = statement.where(_owed_by_contact(work, staff_id))
        rows = _seen_by(work, reader, work.session.exec(statement.order_by(col(Obligation.id))).all())
        listed = _Listing(work, rows).rows()
        listed += promised_rows(work, staff_id, wanted)
        found = [row for row in listed if row.state in wanted.states and _fits(row, wanted.holder)]
        return sorted(found, key=_urgency)


def why(services: Services, staff_id: int, obligation_id: int) -> Why:
    """One duty with the count behind its date, the times it was moved, and the other rules that set the same duty.

    Raises `NotFound`, `Forbidden`.
    """
    with services.reading() as work:
        row = find_obligation(work, staff_id, obligation_id, *VIEWERS)
        same = work.session.exec(
            select(Obligation).where(
                Obligation.office_id == row.office_id,
                Obligation.subject == row.subject,
                Obligation.subject_id == row.subject_id,
                Obligation.duty == row.duty,
            )
        ).all()
        listing = _Listing(work, same)
        listed = {one.id: one for one in listing.rows()}
        moved = work.session.exec(
            select(Extension).where(Extension.obligation_id == row.id).order_by(col(Extension.id))
        ).all()
        dated = listing.due(row)
        return Why(
            row=listed.pop(obligation_id),
            skipped=dated.skipped if dated is not None else (),
            moved=tuple(
                Moved(
                    was=one.from_on,
                    now=one.to_on,
                    reason=one.reason,
                    body=one.body,
                    document_number=one.document_number,
                    at=one.at,
                    by_interim_answer=one.answer_id is not None,
                )
                for one in moved
            ),
            others=tuple(one for one in listed.values() if one.state in OPEN_STATES),
        )


def in_words(work: Work, obligations: Sequence[Obligation]) -> list[ObligationRow]:
    """These rows as staff read them, in their order, within an open transaction; says nothing about rights."""
    return _Listing(work, obligations).rows()


def read_state(text: str) -> DueState:
    """A state by its code. Raises `InvalidInput` naming those there are."""
    try:
        return DueState(text.strip().lower().replace("-", "_"))
    except ValueError as error:
        known = ", ".join(f"{state} ({words})" for state, words in STATE_WORDS.items())
        raise InvalidInput(f"«{text}» không phải tình trạng của hạn.", todo=f"Chọn: {known}.") from error


# --------------------------------------------------------------------------- choosing


def _owed_by_contact(work: Work, staff_id: int) -> ColumnElement[bool]:
    holders = work.session.exec(
        select(DutyContact.holder).where(
            DutyContact.office_id == work.services.office_id,
            (col(DutyContact.staff_id) == staff_id) | (col(DutyContact.head_staff_id) == staff_id),
        )
    ).all()
    return col(Obligation.agency).in_(holders) | (
        col(Obligation.agency).is_(None) & col(Obligation.holder).in_(holders)
    )


def _seen_by(work: Work, reader: Member, rows: Sequence[Obligation]) -> list[Obligation]:
    keys = [row.subject_id for row in rows if row.subject == "opinion"]
    opinions = {one.id: one for one in _in_parts(work, Opinion, keys)}
    return [row for row in rows if row.subject != "opinion" or reader.may(opinions[row.subject_id], *VIEWERS)]


def _fits(row: ObligationRow, holder: str | None) -> bool:
    if holder is None:
        return True
    wanted = " ".join(holder.split()).casefold()
    return wanted == row.party or wanted in row.holder.casefold()


def _urgency(row: ObligationRow) -> tuple[bool, dt.date, str, int]:
    return (row.due_on is None, row.due_on or dt.date.max, row.ref, row.id)


def _in_parts(work: Work, record: type[R], keys: Iterable[int | None]) -> list[R]:
    wanted = sorted({key for key in keys if key is not None})
    found: list[R] = []
    for start in range(0, len(wanted), _AT_ONCE):
        found += work.session.exec(select(record).where(col(record.id).in_(wanted[start : start + _AT_ONCE]))).all()
    return found


# --------------------------------------------------------------------------- in words


class _Listing:
    """Rows in words, with everything they name loaded at once."""

    def __init__(self, work: Work, obligations: Sequence[Obligation]) -> None:
        self._work, self._obligations = work, obligations
        self._today = local_date(work.now)
        self._calendar: Calendar = calendar_of(work)
        self._dues: dict[tuple[str, str, str, dt.date | None], Due | None] = {}
        of = self._keys
        self._opinions = {one.id: one for one in _in_parts(work, Opinion, of("opinion"))}
        self._assignments = {one.id: one for one in _in_parts(work, Assignment, of("assignment"))}
        self._referrals = {one.id: one for one in _in_parts(work, Referral, of("referral"))}
        of_assignments = (one.agenda_item_id for one in self._assignments.values())
        self._lines = {one.id: one for one in _in_parts(work, AgendaItem, [*of("line"), *of_assignments])}
        groups = [
            *(one.group_id for one in self._assignments.values()),
            *(one.group_id for one in self._lines.values()),
            *(one.group_id for one in self._referrals.values()),
        ]
        self._groups = {one.id: one for one in _in_parts(work, OpinionGroup, groups)}
        conferences = [
            *(one.conference_id for one in obligations),
            *(one.conference_id for one in self._lines.values()),
        ]
        self._conferences = {one.id: one for one in _in_parts(work, Conference, conferences)}
        self._extensions = self._load_extensions()
        self._markers, self._lapsed = markers(work), lapsed(work, self._today)

    def _keys(self, subject: str) -> list[int]:
        return [row.subject_id for row in self._obligations if row.subject == subject]

    def _load_extensions(self) -> dict[int, list[Extension]]:
        moved = [row.id for row in self._obligations if row.extended_to is not None]
        found: dict[int, list[Extension]] = defaultdict(list)
        for start in range(0, len(moved), _AT_ONCE):
            statement = select(Extension).where(col(Extension.obligation_id).in_(moved[start : start + _AT_ONCE]))
            for one in self._work.session.exec(statement.order_by(col(Extension.id))):
                found[one.obligation_id].append(one)
        return found

    def rows(self) -> list[ObligationRow]:
        driving = _driving(self._obligations)
        return [self._row(row, drives=row.id in driving) for row in self._obligations]

    def due(self, row: Obligation) -> Due | None:
        """The count behind the date; None when the text or the rule is gone, or the calendar knows nothing."""
        key = (row.regulation, row.regulation_version, row.rule, row.trigger_on)
        if key not in self._dues:
            try:
                text, rule = rule_of(row)
                self._dues[key] = due(rule, text, row.trigger_on, self._calendar)
            except InvalidInput:
                self._dues[key] = None
        return self._dues[key]

    def _row(self, row: Obligation, *, drives: bool) -> ObligationRow:
        dated = self.due(row)
        moved = self._extensions.get(row.id or 0, [])
        day = counts_on(row)
        missed = missed_on(moved)
        promised = bool(moved) and moved[-1].answer_id is not None
        state = state_of(
            duty=row.duty,
            due_on=row.due_on,
            extended_to=row.extended_to,
            met_on=row.met_on,
            cancelled=row.cancelled_at is not None,
            marker=row.id in self._markers,
            missed=missed is not None,
            lapsed=row.id in self._lapsed,
            on=self._today,
        )
        ref, title = self._subject(row)
        conference = self._conferences.get(row.conference_id)
        return ObligationRow(
            id=row.id or 0,
            duty=Duty(row.duty),
            duty_name=duty_name(row.duty, dated.rule if dated else None),
            subject=row.subject,
            ref=ref,
            title=title,
            conference=conference.code if conference else None,
            holder=holder_in_words(row),
            party=row.holder,
            due_on=day,
            legal_on=row.due_on,
            extended_to=row.extended_to,
            extensions=len(moved),
            promised=promised,
            met_on=row.met_on,
            state=state,
            state_name=standing_in_words(state, met_on=row.met_on, missed=missed is not None, promised=promised),
            days_left=(day - self._today).days if day is not None and state in OPEN_STATES else None,
            drives=drives,
            regulation=row.regulation,
            source=dated.source if dated else row.regulation,
            trigger_on=row.trigger_on,
            trigger_assumed=row.trigger_assumed,
            assumed=dated.assumed if dated else False,
            explanation=_explained(row, dated, moved, marker=row.id in self._markers),
            citation=dated.citation if dated else "",
            quote=dated.quote if dated else "",
            marker=row.id in self._markers,
            missed_on=missed,
        )

    def _subject(self, row: Obligation) -> tuple[str, str]:
        name: Callable[[int], tuple[str, str]] = {
            "conference": self._of_conference,
            "line": self._of_line,
            "assignment": self._of_assignment,
            "opinion": self._of_opinion,
            "referral": self._of_referral,
            "report": _of_report,
        }[row.subject]
        return name(row.subject_id)

    def _of_conference(self, key: int) -> tuple[str, str]:
        conference = self._conferences[key]
        return conference.code, conference.title

    def _of_line(self, key: int) -> tuple[str, str]:
        line = self._lines.get(key)
        if line is None:
            return "", "dòng không còn trong nội dung"
        return f"{self._conferences[line.conference_id].code}/{line.position}", self._groups[line.group_id].title

    def _of_assignment(self, key: int) -> tuple[str, str]:
        assignment = self._assignments[key]
        if assignment.agenda_item_id in self._lines:
            return self._of_line(assignment.agenda_item_id or 0)
        return f"nhom:{assignment.group_id}", self._groups[assignment.group_id].title

    def _of_referral(self, key: int) -> tuple[str, str]:
        group_id = self._referrals[key].group_id
        return f"nhom:{group_id}", self._groups[group_id].title

    def _of_opinion(self, key: int) -> tuple[str, str]:
        opinion = self._opinions[key]
        if opinion.sealed:
            return ref_of(opinion), "việc mật"
        return ref_of(opinion), one_line(name_free(opinion.edited_text or opinion.original_text), _EXCERPT)


def _of_report(key: int) -> tuple[str, str]:
    year, digit = divmod(key, 10)
    return (f"{year}-H1", f"6 tháng đầu năm {year}") if digit == 1 else (str(year), f"cả năm {year}")


def _driving(rows: Iterable[Obligation]) -> set[int | None]:
    """Of the open rows that set one duty on one subject, those whose day comes first; one without a day drives only
    when none has a day."""
    first: dict[tuple[str, int, str], Obligation] = {}
    for row in rows:
        if row.met_on is not None or row.cancelled_at is not None:
            continue
        key = (row.subject, row.subject_id, row.duty)
        earlier = first.get(key)
        if earlier is None or _day(row) < _day(earlier):
            first[key] = row
    return {row.id for row in first.values()}


def _day(row: Obligation) -> dt.date:
    return counts_on(row) or dt.date.max


def holder_in_words(row: Obligation) -> str:
    """Who owes the duty: the agency by name, else the party."""
    if row.agency:
        return row.agency
    return PARTIES.get(Party(row.holder), row.holder)


#: why a day was assumed, by subject
_ASSUMED = {
    "assignment": "ngày nhận văn bản giao việc là tạm tính vì cơ quan chưa xác nhận",
    "opinion": "quy định tính từ khi người đứng đầu cấp ủy nhận ý kiến; Mặt trận tự đặt mốc sớm hơn, "
    "tính từ ngày kênh này nhận, để không ai phải chờ",
}
#: why nobody is late with what is only a day to go by, by duty
_MARKER: dict[str, str] = {
    Duty.QUICK_ANSWER: "văn bản trừ việc đã trả lời, làm rõ tại hội nghị; việc còn lại không ghi việc nào trả lời ngay "
    "được nên đây chỉ là mốc để theo dõi",
    Duty.CONCLUSION_NOTICE: "văn bản trừ nội dung đã làm rõ tại hội nghị, mà không còn dòng nào phải giao giải quyết "
    "nên đây chỉ là mốc để theo dõi",
}


def _explained(row: Obligation, dated: Due | None, moved: Sequence[Extension], *, marker: bool) -> str:
    if dated is None:
        return f"Không còn đọc được mục {row.rule} của quy định «{row.regulation}» bản {row.regulation_version}."
    said = [dated.explanation.rstrip(". ")]
    if row.trigger_assumed:
        said.append(_ASSUMED.get(row.subject, _ASSUMED["assignment"]))
    if marker:
        said.append(_MARKER[row.duty])
    if moved:
        last = moved[-1]
        if (day := missed_on(moved)) is not None:
            said.append(f"lúc gia hạn thì hạn {vietnamese_date(day)} đã qua, vẫn tính là chậm")
        said.append(f"đã lùi tới {vietnamese_date(last.to_on)} theo {last.body}: {last.reason.rstrip('. ')}")
    return f"{'; '.join(said)}."
