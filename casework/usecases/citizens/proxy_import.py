"""Use case: opinions written on paper and typed into a spreadsheet become opinions, each row whole or not at all.

A form number is taken once: the same file may be handed in again after a stop half-way, and nothing doubles.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlmodel import col, select

from casework.clock import VIETNAM, local_date, vietnamese_date
from casework.codes import spoken
from casework.errors import DoithoaiError
from casework.intake_sheet import Column, PaperOpinion, Problem, ReadRow, read_sheet
from casework.usecases.access import Member, member, require
from casework.usecases.citizens import proxy
from casework.usecases.citizens.proxy import ProxyOpinion
from casework.usecases.citizens.submitting import Source
from casework.usecases.work import Services, Work
from nlp.normalise import fold, normal_form
from storage.records import Act, ConsentPurpose, Office, Opinion, Staff

#: how such an opinion is marked
PAPER = "paper"
#: rows taken in one transaction: few enough that the chat never waits long
BATCH = 25
#: equal words are looked for among so many of the newest opinions
COMPARED = 5000
#: the hour at which a paper of a given day counts as received, local time
_NOON = dt.time(12)


class Result(StrEnum):
    """What became of a row."""

    TAKEN = "taken"
    SEALED = "sealed"
    WOULD_BE_TAKEN = "would_be_taken"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class ImportedRow:
    """One row of the report. Names nobody: only row and form number say whose it is."""

    row: int
    number: str
    result: Result
    code: str | None = None
    #: the village it was taken for: what was written is not always its name
    village: str = ""
    #: heading of the column that is wrong
    column: str = ""
    #: why it was refused, or what to look at although it was taken
    what: str = ""
    todo: str = ""


@dataclass(frozen=True, kw_only=True)
class Imported:
    """What became of all rows; one row may have several lines, one for each thing that is wrong."""

    rows: tuple[ImportedRow, ...]
    #: what of the file was not read
    notes: tuple[str, ...]

    def count(self, result: Result) -> int:
        """How many rows of the sheet ended so."""
        return len({one.row for one in self.rows if one.result is result})


def import_sheet(
    services: Services,
    staff_id: int,
    data: bytes,
    *,
    check: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> Imported:
    """Take the rows of a spreadsheet; with `check` only say what would happen.

    Raises `Forbidden`, and `InvalidInput` for a file that is none of ours; what is wrong with a row is in the report.
    """
    with services.reading() as work:
        who = require(work, staff_id, *proxy.WRITERS)
    sheet = read_sheet(data, today=local_date(services.clock.now()))
    run = _Run(services, who, check=check)
    lines: list[ImportedRow] = []
    rows, done = iter(sheet.rows), 0
    while batch := list(islice(rows, BATCH)):
        lines += run.batch(batch)
        done += len(batch)
        if progress is not None:
            progress(done, len(sheet.rows))
    return Imported(rows=tuple(lines), notes=sheet.notes)


@dataclass(frozen=True, kw_only=True)
class _Known:
    """A form that was taken before."""

    at: dt.datetime
    opinion: Opinion


class _Run:
    """One file on its way in."""

    def __init__(self, services: Services, who: Member, *, check: bool) -> None:
        self._services, self._who, self._check = services, who, check
        # Each of these reads the database: asked before the first transaction, not inside one.
        self._understand = services.understander.analyse
        self._villages: dict[str, str | None] = {}
        #: code -> name
        self._mine = {village.code: village.name for village in proxy.villages_of(services, who.id)}
        with services.reading() as work:
            self._office = work.session.exec(select(Office.code).where(Office.id == services.office_id)).one()
            self._staff = _staff_by_name(work, who.office_id)
            self._village_keys = {code: key for key, code in proxy.village_codes(work)}
            #: village and words -> how people find the opinion
            self._said = _recent_words(work)

    def batch(self, rows: Sequence[ReadRow]) -> list[ImportedRow]:
        """Judge and take some rows in one transaction."""
        for row in rows:
            if row.paper is not None:
                self._find_village(row.paper.village)
        if self._check:
            with self._services.reading() as work:
                return [line for row in rows for line in self._lines(work, row)]
        with self._services.writing() as work:
            # Two people with the same file take turns.
            work.session.exec(select(Office.id).where(Office.id == work.services.office_id).with_for_update()).one()
            lines = [line for row in rows for line in self._lines(work, row)]
            work.commit()
        return lines

    def _find_village(self, written: str) -> None:
        if written not in self._villages:
            self._villages[written] = proxy.village_named(self._services, written)

    def _lines(self, work: Work, row: ReadRow) -> Iterable[ImportedRow]:
        paper = row.paper
        if paper is None:
            return [_refused(row, problem) for problem in row.problems]
        # Rights first: whoever may not write for a village learns nothing of the papers taken there.
        village = self._villages[paper.village]
        problem = self._village_problem(village)
        if problem is not None or village is None:
            return [_refused(row, problem or _NO_VILLAGE)]
        ref = f"{self._office}:{paper.number.upper()}"
        known = _taken_before(work, ref)
        if known is not None:
            return [_known(row, known, told=self._who.may(known.opinion, *proxy.WRITERS))]
        writer = self._writer(paper, village)
        if isinstance(writer, Problem):
            return [_refused(row, writer)]
        return self._taken(work, row, paper, village, Source(name=PAPER, staff_id=writer, ref=ref))

    def _village_problem(self, village: str | None) -> Problem | None:
        if village is None:
            return _NO_VILLAGE
        return None if village in self._mine else _NOT_MY_VILLAGE

    def _writer(self, paper: PaperOpinion, village: str) -> int | Problem:
        """Who wrote the paper, by the column of that name; empty: who hands the file in."""
        if paper.written_by is None:
            return self._who.id
        named = self._staff.get(fold(paper.written_by), [])
        if not named:
            return _NO_SUCH_WRITER
        key = self._village_keys[village]
        covering = [one.id for one in named if _may_write(one, key)]
        return covering[0] if covering else _NOT_THEIR_VILLAGE

    def _taken(self, work: Work, row: ReadRow, paper: PaperOpinion, village: str, source: Source) -> list[ImportedRow]:
        analysis = self._understand(paper.text)
        new = _new(paper, village, work.now)
        try:
            proxy.check_words(new)
            proxy.check_consents(new, held=False)
        except DoithoaiError as error:
            return [_refused(row, Problem(column="", what=error.what, todo=error.todo))]
        words = (village, normal_form(paper.text))
        twin = self._said.get(words)
        warned = "" if twin is None else f"Lời giống hệt {twin}."
        if self._check:
            self._said.setdefault(words, f"phiếu số {paper.number}")
            return [_line(row, Result.WOULD_BE_TAKEN, warned, village=self._mine[village])]
        entered = proxy.take(work, self._who.id, new, analysis, source)
        if entered.code is None:
            return [_line(row, Result.SEALED, _SET_APART, village=self._mine[village])]
        self._said.setdefault(words, f"ý kiến mã {spoken(entered.code)}")
        if entered.phone_kept is False:
            warned = f"{warned} Số điện thoại đã ghi cho người khác nên không ghi cho người này.".strip()
        if entered.held:
            warned = f"{warned} Giữ lại để cán bộ Mặt trận xem trước.".strip()
        return [_line(row, Result.TAKEN, warned, code=entered.code, village=self._mine[village])]


#: says no more than it must: reports are passed around
_SET_APART = "Đã nhận, để riêng cho người có trách nhiệm xem, không có mã. Cất riêng bản giấy."
_NO_VILLAGE = Problem(
    column=Column.VILLAGE.value,
    what="Không có thôn này trong danh mục của xã.",
    todo="Chọn thôn trong danh sách của bảng mẫu.",
)
_NOT_MY_VILLAGE = Problem(
    column=Column.VILLAGE.value,
    what="Người nhập không phụ trách thôn này.",
    todo="Nhờ cán bộ thôn ấy, hoặc người duyệt ý kiến của xã nhập.",
)


_NO_SUCH_WRITER = Problem(
    column=Column.WRITTEN_BY.value,
    what="Không có cán bộ nào tên như vậy.",
    todo="Ghi tên như trong danh sách cán bộ của xã, hoặc để trống nếu là người nhập tệp này.",
)
_NOT_THEIR_VILLAGE = Problem(
    column=Column.WRITTEN_BY.value,
    what="Cán bộ này không nhập được ý kiến cho thôn ấy.",
    todo="Xem lại tên và thôn, hoặc để trống nếu là người nhập tệp này.",
)


def _new(paper: PaperOpinion, village: str, now: dt.datetime) -> ProxyOpinion:
    noon = dt.datetime.combine(paper.received_on, _NOON, tzinfo=VIETNAM)
    consents = {ConsentPurpose.PROCESS: paper.process, ConsentPurpose.PUBLISH: paper.publish}
    if paper.phone is not None:
        consents[ConsentPurpose.PHONE] = paper.by_phone
    return ProxyOpinion(
        text=paper.text,
        village=village,
        consents=consents,
        name=paper.name,
        phone=paper.phone,
        said_at=min(noon, now),
    )


def _taken_before(work: Work, ref: str) -> _Known | None:
    row = work.session.exec(
        select(Act.at, Opinion)
        .join(Act, (col(Act.subject_id) == col(Opinion.id)) & (col(Act.subject) == "opinion"))
        .where(Opinion.office_id == work.services.office_id, Opinion.source == PAPER, Opinion.source_ref == ref)
        .order_by(col(Act.id))
    ).first()
    return None if row is None else _Known(at=row[0], opinion=row[1])


def _recent_words(work: Work) -> dict[tuple[str, str], str]:
    villages = dict(proxy.village_codes(work))
    rows = work.session.exec(
        select(Opinion.residential_group_id, Opinion.original_text, Opinion.code)
        .where(Opinion.office_id == work.services.office_id, col(Opinion.code).is_not(None))
        .order_by(col(Opinion.id).desc())
        .limit(COMPARED)
    )
    return {
        (villages[village], normal_form(text)): f"ý kiến mã {spoken(code)}"
        for village, text, code in rows
        if village in villages and code is not None
    }


def _staff_by_name(work: Work, office_id: int) -> dict[str, list[Member]]:
    rows = work.session.exec(select(Staff.name, Staff.id).where(Staff.office_id == office_id, col(Staff.active)))
    found: dict[str, list[Member]] = {}
    for name, key in rows.all():
        if key is not None:
            found.setdefault(fold(name), []).append(member(work, key))
    return found


def _may_write(who: Member, village: int | None) -> bool:
    return any(grant.role in proxy.WRITERS and grant.covers(village) for grant in who.grants)


def _refused(row: ReadRow, problem: Problem) -> ImportedRow:
    return ImportedRow(
        row=row.row,
        number=row.number,
        result=Result.REFUSED,
        column=problem.column,
        what=problem.what,
        todo=problem.todo,
    )


def _known(row: ReadRow, known: _Known, *, told: bool) -> ImportedRow:
    code = known.opinion.code
    if not told or code is None:
        # The same words whether it is sealed, of another village, or without a code: the report tells nobody which.
        return _line(row, Result.KNOWN, "Số phiếu này đã nhập từ trước.")
    day = vietnamese_date(local_date(known.at))
    return _line(row, Result.KNOWN, f"Phiếu này đã nhập ngày {day}, mã {spoken(code)}.", code=code)


def _line(row: ReadRow, result: Result, what: str, *, code: str | None = None, village: str = "") -> ImportedRow:
    return ImportedRow(row=row.row, number=row.number, result=result, code=code, village=village, what=what)
