"""Due dates of 100,000 open cases computed again after the calendar changed, all of them moving."""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert
from sqlmodel import select

from benchmarks.place import office
from benchmarks.report import Figure
from casework.clock import VIETNAM, ManualClock
from casework.deadlines.calendar import official_calendar
from casework.deadlines.rules import count
from casework.regulations import regulations
from casework.regulations.model import Direction, DutyRule, Regulation, Trigger, Unit
from casework.usecases.deadlines.calendars import add_day, remove_day
from casework.usecases.deadlines.replay import replay
from casework.usecases.work import Services
from storage.records import Conference, Obligation, Role, Staff, StaffRole

CASES = 100_000
CONFERENCES = 300
RUNS = 4
#: events on the working days of the fortnight before it: every period of working days runs over this day
STORM = dt.date(2026, 12, 9)
FIRST = dt.date(2026, 12, 3)
EVENTS = 4
NOW = dt.datetime(2026, 12, 1, 8, tzinfo=VIETNAM)
LIMIT = (
    "reading the rows and writing the new dates by key, in SQL; counting happens once for each rule and day, some "
    "microseconds each, and the history takes one act for all that move alike"
)


def measure() -> list[Figure]:
    """A day off is added, then taken back, and so on: each time every open due date moves by a day."""
    with tempfile.TemporaryDirectory() as name:
        services = office(Path(name), ManualClock(NOW))
        staff_id = _fill(services)
        seconds = [_run(services, staff_id, number) for number in range(RUNS)]
        services.database.close()
    return [
        Figure(
            name=f"{CASES:,} open due dates after a calendar change",
            unit="s",
            runs=seconds,
            target=10,
            at_least=False,
            how=f"all of them move, of {CONFERENCES} conferences under five regulations; one transaction, SQLite, with "
            "history and list",
            limit=LIMIT,
        )
    ]


def _run(services: Services, staff_id: int, number: int) -> float:
    if number % 2:
        remove_day(services, staff_id, STORM)
    else:
        add_day(services, staff_id, STORM, working=False, reason="nghỉ tránh bão", citation="15/CĐ-UBND")
    begun = time.perf_counter()
    done = replay(services, staff_id)
    taken = time.perf_counter() - begun
    moved = sum(one.cases for one in done.moved)
    if (done.checked, moved) != (CASES, CASES):
        raise RuntimeError(f"{moved} of {done.checked} due dates moved, {CASES} expected")
    return taken


def _rules() -> list[tuple[Regulation, DutyRule]]:
    """Periods of working days from one event or another, long enough to run over the storm."""
    return [
        (text, rule)
        for text in regulations()
        for rule in text.duties
        if rule.unit is Unit.WORKING_DAY
        and rule.direction is Direction.AFTER
        and rule.trigger is not Trigger.CALENDAR
        and "xa" in rule.levels
    ]


def _fill(services: Services) -> int:
    rules, calendar = _rules(), official_calendar()
    with services.writing() as work:
        staff = work.add(Staff(office_id=services.office_id, name="Người duyệt", created_at=work.now))
        if staff.id is None:
            raise RuntimeError("not stored")
        work.add(StaffRole(staff_id=staff.id, role=Role.APPROVER))
        conferences = [
            {
                "office_id": services.office_id,
                "code": f"HN-{number}",
                "title": "Đối thoại",
                "regulation": "thanh-hoa",
                "held_on": FIRST,
                "place": "Hội trường",
                "chair": "Bí thư Đảng ủy xã",
                "created_at": work.now,
            }
            for number in range(CONFERENCES)
        ]
        work.session.execute(insert(Conference), conferences)
        keys = work.session.exec(select(Conference.id)).all()
        rows = []
        for number in range(CASES):
            text, rule = rules[number % len(rules)]
            event = FIRST + dt.timedelta(days=number // len(rules) % EVENTS)
            rows.append(
                {
                    "office_id": services.office_id,
                    "duty": rule.duty,
                    "subject": "assignment",
                    "subject_id": number,
                    "conference_id": keys[number % CONFERENCES],
                    "regulation": text.code,
                    "regulation_version": text.version,
                    "rule": rule.id,
                    "holder": rule.holder,
                    "trigger_on": event,
                    "due_on": count(rule, event, calendar).due_on,
                    "created_at": work.now,
                }
            )
        work.session.execute(insert(Obligation), rows)
        work.commit()
        return staff.id
