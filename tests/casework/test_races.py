"""Two who act at once: what one has decided is not overwritten by what the other had read before.

SQLite has one writer at a time; elsewhere rows are locked, which shows in the statements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Select, event
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, select

from casework.effects import AddWords, Withdraw
from casework.errors import AlreadyDecided
from casework.usecases.citizens import applying, grouping, intake
from casework.usecases.conference import issues
from casework.usecases.work import SYSTEM, Services, Work
from nlp.analysis import Match
from nlp.similar import relate
from storage.records import ChannelIdentity, Citizen, GroupSuggestion, Opinion, OpinionState
from tests.casework.factories import make_citizen, make_group, make_opinion


@contextmanager
def statements(session: Session) -> Iterator[list[str]]:
    """What the session asks, as PostgreSQL would be asked."""
    asked: list[str] = []

    def listen(state: ORMExecuteState) -> None:
        if isinstance(state.statement, Select):
            asked.append(str(state.statement.compile(dialect=postgresql.dialect())))  # type: ignore[no-untyped-call]

    event.listen(session, "do_orm_execute", listen)
    yield asked
    event.remove(session, "do_orm_execute", listen)


def withdraw(work: Work, person: Citizen, opinion_id: int) -> None:
    applying._withdraw(work, person, Withdraw(opinion_id=opinion_id))


def add_words(work: Work, person: Citizen, opinion_id: int) -> None:
    applying._add_words(work, person, AddWords(opinion_id=opinion_id, text="Thêm lời"))


@pytest.mark.parametrize("act", [withdraw, add_words])
def test_a_citizen_changes_an_opinion_as_it_is_now_and_holds_it_meanwhile(
    services: Services, act: Callable[[Work, Citizen, int], None]
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    assert opinion.id is not None
    with services.writing() as work:
        person = work.session.get_one(Citizen, opinion.citizen_id)
        seen = work.session.get_one(Opinion, opinion.id)
        with statements(work.session) as asked:
            # Behind this session's back, as another process would between two of its statements.
            work.session.connection().exec_driver_sql("UPDATE opinion SET state = 'approved', version = 1")
            act(work, person, opinion.id)
        assert (seen.state, seen.version) == (OpinionState.APPROVED, 1)
    assert any("FROM opinion" in one and one.endswith("FOR UPDATE") for one in asked)


def test_an_opinion_decided_on_since_it_was_read_is_not_moved(services: Services) -> None:
    group = make_group(services)
    make_opinion(services, citizen=make_citizen(services), group=group)
    with services.writing() as work:
        (opinion,) = issues.opinions_of(work, group)
        work.session.connection().exec_driver_sql("UPDATE opinion SET state = 'declined', version = 1")
        with pytest.raises(AlreadyDecided, match="vừa có người quyết định"):
            issues.move(work, SYSTEM, opinion, OpinionState.SCHEDULED, "opinion_scheduled")
        assert opinion.state == OpinionState.DECLINED


def test_the_askers_of_an_issue_can_be_read_as_they_are_now_and_held(services: Services) -> None:
    group = make_group(services)
    make_opinion(services, citizen=make_citizen(services), group=group)
    with services.writing() as work, statements(work.session) as asked:
        (read,) = issues.opinions_of(work, group)
        work.session.connection().exec_driver_sql("UPDATE opinion SET version = 5")
        issues.opinions_of(work, group, lock=True)
        assert read.version == 5
    assert [one.endswith("FOR UPDATE") for one in asked] == [False, True]


def test_a_turn_holds_its_talk_so_that_no_wake_runs_beside_it(services: Services) -> None:
    citizen = make_citizen(services)
    with services.writing() as work, statements(work.session) as asked:
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == citizen)).one()
        talk = intake.conversation_of(work, identity)
        work.session.connection().exec_driver_sql('UPDATE conversation SET state = \'{"step": "new"}\'')
        assert intake.conversation_of(work, identity) is talk
        assert talk.state == {"step": "new"}
    assert asked[-1].endswith("FOR UPDATE")


def test_what_was_sealed_while_it_was_compared_is_not_proposed(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Đèn đường trục thôn 4 tắt từ hôm bão về, đoạn nhà văn hóa tối om. Đề nghị xã sửa."
    first = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, text=text)
    grouping.suggest_pending(services)
    make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, text=text)

    def sealed_meanwhile(*known: object) -> list[Match]:
        matches = relate(*known)  # type: ignore[arg-type]
        assert matches
        with services.writing() as work:
            work.session.get_one(Opinion, first.id).sealed = True
            work.commit()
        return list(matches)

    monkeypatch.setattr(grouping, "relate", sealed_meanwhile)
    grouping.suggest_pending(services)
    with services.reading() as work:
        assert work.session.exec(select(GroupSuggestion)).all() == []
