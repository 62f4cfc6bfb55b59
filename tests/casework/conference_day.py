"""A conference with its lines put straight into the database, for tests of the papers made after its day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from casework.usecases.conference.issues import find_conference
from casework.usecases.deadlines.obligations import refresh_conference
from casework.usecases.work import Services
from storage.records import AgendaItem, Answer, AnswerState, Assignment, Conference, Opinion, OpinionState, Referral
from tests.casework.factories import make_citizen, make_group, make_opinion

CODE = "HN-20261128"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the agenda with the opinions behind it."""

    group: int
    item: int
    opinions: tuple[Opinion, ...]


def make_conference(services: Services, **changes: Any) -> int:
    """A conference that has been held; `changes` are columns."""
    values: dict[str, Any] = {
        "code": CODE,
        "title": "Hội nghị đối thoại cuối năm 2026",
        "regulation": "thanh-hoa",
        "held_on": dt.date(2026, 11, 28),
        "starts_at": "8 giờ 00",
        "place": "Hội trường xã",
        "chair": "Chủ tịch UBND xã Lê Văn Bằng",
        "state": "held",
        **changes,
    }
    with services.writing() as work:
        conference = work.add(Conference(office_id=services.office_id, created_at=work.now, **values))
        work.commit()
        return conference.id or 0


def make_line(
    services: Services,
    conference: int,
    position: int,
    *askers: tuple[str | None, str],
    title: str | None = None,
    village: str | None = "t4",
    level: str = "xa",
    state: str = "scheduled",
    source: str = "chat",
    **outcome: Any,
) -> Line:
    """A line asked by `askers` (name, own words); `outcome` are columns of the agenda item."""
    group = make_group(services, title or f"Vấn đề {position}", village=village, level=level)
    with services.writing() as work:
        item = work.add(
            AgendaItem(
                conference_id=conference, group_id=group, position=position, people=max(1, len(askers)), **outcome
            )
        )
        work.commit()
        key = item.id or 0
    opinions = tuple(
        make_opinion(
            services,
            citizen=make_citizen(services, name=name, village=village),
            group=group,
            state=OpinionState(state),
            text=words,
            village=village,
            conference_id=conference,
            source=source,
        )
        for name, words in askers
    )
    return Line(group=group, item=key, opinions=opinions)


def make_answer(services: Services, group: int, text: str, **changes: Any) -> int:
    """A published final answer, unless `changes` say otherwise."""
    values: dict[str, Any] = {
        "final": True,
        "agency": "Phòng Kinh tế",
        "document_number": "45/UBND-KT",
        "document_date": dt.date(2026, 12, 10),
        "state": AnswerState.PUBLISHED,
        **changes,
    }
    with services.writing() as work:
        answer = work.add(
            Answer(office_id=services.office_id, group_id=group, text=text, created_at=work.now, **values)
        )
        work.commit()
        return answer.id or 0


def make_assignment(services: Services, line: Line, agency: str, **changes: Any) -> None:
    """An agency owes the answer of a line; its due date is computed as on live data."""
    with services.writing() as work:
        work.add(
            Assignment(
                office_id=services.office_id,
                group_id=line.group,
                agenda_item_id=line.item,
                agency=agency,
                assigned_on=dt.date(2026, 12, 7),
                **changes,
            )
        )
        refresh_conference(work, find_conference(work, CODE))
        work.commit()


def make_referral(services: Services, group: int, body: str, **changes: Any) -> None:
    """An issue on its way to another body."""
    with services.writing() as work:
        work.add(
            Referral(
                office_id=services.office_id, group_id=group, level="tinh", body=body, created_at=work.now, **changes
            )
        )
        work.commit()
