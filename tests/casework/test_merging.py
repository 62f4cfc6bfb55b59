from __future__ import annotations

import pytest
from sqlmodel import select

from casework.errors import IllegalMove, InvalidInput
from casework.usecases.moderation import merging
from casework.usecases.work import Services
from storage.records import (
    Act,
    Opinion,
    OpinionGroup,
    OpinionState,
    Role,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload, village_key

S = OpinionState


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


@pytest.fixture
def keeper(services: Services) -> int:
    return make_staff(services, Role.CONFIDENTIAL, name="Anh Kín")


def _asked(services: Services, **more: object) -> Opinion:
    return make_opinion(services, **{"citizen": make_citizen(services), "state": S.RECEIVED, **more})  # type: ignore[arg-type]


def _group(services: Services, group_id: int | None) -> OpinionGroup:
    with services.reading() as work:
        return work.session.get_one(OpinionGroup, group_id)


def _acts(services: Services, opinion: Opinion) -> list[Act]:
    with services.reading() as work:
        return list(work.session.exec(select(Act).where(Act.subject == "opinion", Act.subject_id == opinion.id)))


def test_merging_two_new_opinions_approves_both_into_one_issue_and_each_is_told_once(
    services: Services, lan: int
) -> None:
    first, second = _asked(services), _asked(services, text="den duong thon 4 tat")
    merging.merge(services, lan, [first.code or "", second.code or ""], why="cùng cột đèn nhà ông Nguyễn Văn Bình")
    assert reload(services, first).group_id == reload(services, second).group_id
    told = notices_of(services)
    assert sorted(one.opinion_id or 0 for one in told) == sorted([first.id or 0, second.id or 0])
    assert all("1 người khác" in one.text for one in told)
    assert all(act.why is not None and "Bình" not in act.why for act in _acts(services, second))


def test_merging_issues_moves_everybody_into_the_one_that_is_under_way(services: Services, lan: int) -> None:
    ours, scheduled = make_group(services), make_group(services)
    a, b = (_asked(services, state=S.APPROVED, group=ours) for _ in range(2))
    c = _asked(services, state=S.SCHEDULED, group=scheduled)
    decided = merging.merge(services, lan, [a.code or "", c.code or ""])
    assert decided.group_id == scheduled
    assert [(reload(services, one).state, reload(services, one).group_id) for one in (a, b, c)] == [
        (S.SCHEDULED, scheduled)
    ] * 3
    assert {one.opinion_id for one in notices_of(services, "merged")} == {a.id, b.id}


def test_two_issues_on_their_way_are_not_merged(services: Services, lan: int) -> None:
    a = _asked(services, state=S.SCHEDULED, group=make_group(services))
    b = _asked(services, state=S.ASSIGNED, group=make_group(services))
    with pytest.raises(IllegalMove):
        merging.merge(services, lan, [a.code or "", b.code or ""])


def test_merging_opinions_of_one_person_counts_nobody_else(services: Services, lan: int) -> None:
    citizen = make_citizen(services)
    first, second = (make_opinion(services, citizen=citizen, state=S.RECEIVED) for _ in range(2))
    merging.merge(services, lan, [first.code or "", second.code or ""])
    assert all("người khác" not in one.text for one in notices_of(services))


def test_a_merge_needs_two_different_ordinary_opinions(services: Services, lan: int) -> None:
    one, held = _asked(services), _asked(services, state=S.HELD, kind="khieu-nai")
    with pytest.raises(InvalidInput):
        merging.merge(services, lan, [one.code or "", one.id or 0])
    with pytest.raises(IllegalMove):
        merging.merge(services, lan, [one.code or "", held.code or ""])
    group = make_group(services)
    a, b = (_asked(services, state=S.APPROVED, group=group) for _ in range(2))
    with pytest.raises(InvalidInput, match="cùng một nội dung"):
        merging.merge(services, lan, [a.code or "", b.code or ""])


def test_an_issue_of_two_villages_belongs_to_neither(services: Services, lan: int) -> None:
    four, five = _asked(services, village="t4"), _asked(services, village="t5")
    group = merging.merge(services, lan, [four.code or "", five.code or ""]).group_id
    assert _group(services, group).residential_group_id is None
    merging.split(services, lan, five.code or "")
    assert _group(services, group).residential_group_id == village_key(services, "t4")


def test_splitting_gives_the_opinion_an_issue_of_its_own_and_tells_only_its_asker(services: Services, lan: int) -> None:
    group = make_group(services)
    stays, leaves = (_asked(services, state=S.APPROVED, group=group) for _ in range(2))
    decided = merging.split(services, lan, leaves.code or "", title="Đèn thôn 5", why="thôn khác")
    assert decided.group_id != group
    assert reload(services, stays).group_id == group
    assert [one.opinion_id for one in notices_of(services)] == [leaves.id]
    with pytest.raises(IllegalMove, match="đứng riêng"):
        merging.split(services, lan, leaves.code or "")
