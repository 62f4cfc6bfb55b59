"""Conferences on their way through life, for tests: an office under some regulation, a plan, an agenda, a held day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import text
from sqlmodel import select

from casework.clock import VIETNAM, ManualClock
from casework.usecases.conference import conferences
from casework.usecases.conference.planning import plan
from casework.usecases.work import Services
from storage.records import Conference, Office
from tests.casework.factories import make_citizen, make_group, make_opinion

#: a Thursday in the fourth quarter, far from every holiday
HELD_ON = dt.date(2026, 12, 10)
_TABLES = ("conference", "conference_step", "agenda_item", "opinion", "delivery", "assignment", "obligation", "act")


def under(services: Services, regulation: str) -> None:
    """The office works under another regulation from now on."""
    with services.writing() as work:
        office = work.session.exec(select(Office)).one()
        office.regulation = regulation
        work.add(office)
        work.commit()


def plan_one(services: Services, staff_id: int, held_on: dt.date = HELD_ON, **more: object) -> str:
    values: dict[str, object] = {
        "title": "Hội nghị đối thoại",
        "held_on": held_on,
        "starts_at": "8h",
        "place": "Hội trường xã Tân Minh",
        "chair": "Chủ tịch UBND xã",
        **more,
    }
    return plan(services, staff_id, **values)  # type: ignore[arg-type]


def add_issue(services: Services, title: str = "Đèn đường trục thôn 4 không sáng", people: int = 1) -> int:
    group = make_group(services, title)
    for _ in range(people):
        make_opinion(services, citizen=make_citizen(services), group=group)
    return group


def held_one(services: Services, clock: ManualClock, staff_id: int, titles: list[str], **more: object) -> str:
    """A conference that has begun, with a line per title."""
    code = plan_one(services, staff_id, **more)
    for title in titles:
        add_issue(services, title)
    conferences.build_agenda(services, staff_id, code)
    on(clock, conference_of(services, code).held_on)
    conferences.hold(services, staff_id, code)
    return code


def on(clock: ManualClock, day: dt.date, hour: int = 9) -> None:
    """It is nine in the morning of this day."""
    clock.move_to(dt.datetime.combine(day, dt.time(hour), tzinfo=VIETNAM))


def conference_of(services: Services, code: str) -> Conference:
    with services.reading() as work:
        conference = work.session.exec(select(Conference).where(Conference.code == code)).one()
        work.session.expunge(conference)
        return conference


def everything(services: Services) -> list[list[tuple[object, ...]]]:
    """All rows a conference may touch: equal before and after an act that was refused."""
    with services.reading() as work:
        return [
            [tuple(row) for row in work.session.connection().execute(text(f"SELECT * FROM {table} ORDER BY id"))]
            for table in _TABLES
        ]
