"""The list of those who wait for a written answer asks the database no more for many issues than for one."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from casework.usecases.answers.answer_lists import waiting_for_answer
from casework.usecases.answers.assigning import assign
from casework.usecases.work import Services
from storage.records import Role
from tests.casework.conference_factories import add_issue
from tests.casework.factories import make_staff


def statements(services: Services, staff: int) -> tuple[int, int]:
    """Rows listed, and statements it took."""
    seen: list[str] = []

    def note(*arguments: object) -> None:
        seen.append(str(arguments[2]))

    event.listen(services.database.engine, "before_cursor_execute", note)
    rows = waiting_for_answer(services, staff)
    event.remove(services.database.engine, "before_cursor_execute", note)
    return len(rows), len(seen)


@pytest.mark.parametrize("issues", [2, 12])
def test_many_who_wait_cost_no_more_queries_than_one(services: Services, issues: int) -> None:
    staff = make_staff(services, Role.APPROVER, Role.MODERATOR)
    assign(services, staff, f"nhom:{add_issue(services)}", agency="Phòng Kinh tế")
    _, alone = statements(services, staff)
    for _ in range(issues):
        assign(services, staff, f"nhom:{add_issue(services)}", agency="Phòng Kinh tế")
    rows, many = statements(services, staff)
    assert rows == issues + 1
    assert many == alone
