"""How long the papers about 2,000 opinions take: read from the database, filled, written; as Word and as a table."""

from __future__ import annotations

import datetime as dt
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from benchmarks.place import WORDS, office
from benchmarks.report import Figure
from casework.clock import ManualClock
from casework.codes import new_code
from casework.documents.registry import Order, Readers, kind
from casework.usecases.work import Services, Work
from nlp.analysis import Level, Topic
from storage.records import (
    AgendaItem,
    AgendaOutcome,
    Answer,
    AnswerState,
    Citizen,
    Conference,
    ConferenceState,
    Opinion,
    OpinionGroup,
    OpinionState,
    Role,
    Staff,
    StaffRole,
)

OPINIONS = 2_000
RUNS = 3
#: seconds, for the papers the office waits for
TARGET = 10.0
AIMED = ("summary", "summary-sheet")
CODE = "HN-20261128"
_NOW = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)

#: kind, its form, what it is in the table of figures
PAPERS = (
    ("summary", Readers.LEADERS, "summary.docx", "summary document"),
    ("summary-sheet", Readers.LEADERS, "summary.xlsx", "summary spreadsheet"),
    ("minutes", Readers.INTERNAL, "minutes.docx", "minutes"),
    ("answers", Readers.ASKER, "answers.docx", "a letter to every asker, one file"),
    ("case-file-sheet", Readers.INTERNAL, "case-file.xlsx", "case file spreadsheet"),
)
HOW = f"{OPINIONS:,} opinions, an issue each; SQLite file to finished file, a run per figure with a warm process"
LIMIT_WORD = "rendering the template's rows and parsing the XML they make (docxtpl, lxml)"
LIMIT_SHEET = "openpyxl: one object per cell, then its XML"


def measure() -> list[Figure]:
    """Each paper from the database to the finished file."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        services = office(place, ManualClock(_NOW))
        staff_id = _fill_office(services)
        figures = []
        for name, readers, file_name, what in PAPERS:
            runs = []
            for run in range(RUNS):
                with _bar(f"{what}, run {run + 1}/{RUNS}") as progress:
                    order = Order(target=CODE, out=place / f"{run}-{file_name}", progress=progress)
                    begun = time.perf_counter()
                    kind(name, readers).make(services, staff_id, order)
                    runs.append(time.perf_counter() - begun)
            limit = LIMIT_SHEET if file_name.endswith(".xlsx") else LIMIT_WORD
            figures.append(
                Figure(
                    name=what,
                    unit="s",
                    runs=runs,
                    target=TARGET if name in AIMED else None,
                    at_least=False,
                    how=HOW,
                    limit=limit,
                )
            )
        services.database.close()
    return figures


def _fill_office(services: Services) -> int:
    chance = random.Random(2026)
    with services.writing() as work:
        staff = work.add(Staff(office_id=services.office_id, name="Cán bộ đo", created_at=work.now))
        staff_id = staff.id or 0
        work.add(StaffRole(staff_id=staff_id, role=Role.MODERATOR))
        conference = work.add(
            Conference(
                office_id=services.office_id,
                code=CODE,
                title="Hội nghị đối thoại cuối năm 2026",
                regulation="thanh-hoa",
                held_on=dt.date(2026, 11, 28),
                place="Hội trường xã",
                chair="Chủ tịch UBND xã",
                state=ConferenceState.HELD,
                created_at=work.now,
            )
        )
        for number in range(1, OPINIONS + 1):
            _line(work, conference, number, chance)
        work.commit()
    return staff_id


def _line(work: Work, conference: Conference, number: int, chance: random.Random) -> None:
    if conference.id is None:
        raise ValueError("not stored")
    topic = list(Topic)[number % len(Topic)]
    words = f"{WORDS[number % len(WORDS)]} ({number})"
    group = work.add(
        OpinionGroup(
            office_id=conference.office_id,
            title=words,
            topic=topic,
            level=Level.COMMUNE,
            created_at=work.now,
        )
    )
    key = group.id or 0
    work.add(
        AgendaItem(
            conference_id=conference.id,
            group_id=key,
            position=number,
            people=1,
            outcome=AgendaOutcome.ANSWERED,
            outcome_note="Xã ghi nhận và giao Phòng Kinh tế làm trong quý I năm 2027.",
        )
    )
    work.add(
        Answer(
            office_id=conference.office_id,
            group_id=key,
            final=True,
            agency="Phòng Kinh tế",
            document_number=f"{number}/UBND-KT",
            document_date=dt.date(2026, 12, 1),
            text="Phòng Kinh tế đã kiểm tra tại chỗ. Việc sửa chữa làm trong quý I năm 2027.",
            state=AnswerState.PUBLISHED,
            created_at=work.now,
        )
    )
    person = work.add(Citizen(office_id=conference.office_id, display_name=f"Lò Thị Số {number}", created_at=work.now))
    work.add(
        Opinion(
            code=new_code(chance),
            office_id=conference.office_id,
            citizen_id=person.id,
            state=OpinionState.ANSWERED,
            kind="y-kien",
            topic=topic,
            level=Level.COMMUNE,
            original_text=words * 3,
            group_id=key,
            conference_id=conference.id,
            submitted_at=work.now,
        )
    )


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on stderr; silent in a pipe."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
