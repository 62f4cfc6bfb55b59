from __future__ import annotations

from sqlmodel import select

from casework.clock import ManualClock
from casework.usecases.citizens import grouping
from casework.usecases.citizens.earlier_answers import earlier_answers
from casework.usecases.moderation import labels
from casework.usecases.work import Services
from nlp.analysis import Kind
from storage.records import Opinion, OpinionPosting, OpinionState, Role
from tests.casework.factories import make_group, make_staff
from tests.casework.test_grouping import LAMPS_TOO, answered, asked, postings, proposals

S = OpinionState


def put(services: Services, opinions: list[Opinion], state: OpinionState) -> None:
    with services.writing() as work:
        for opinion in opinions:
            row = work.session.get_one(Opinion, opinion.id)
            row.state = state
            work.session.add(row)
        work.commit()


def crowd(services: Services, count: int = 45) -> list[Opinion]:
    """So many opinions about the lamps, compared."""
    made = [
        asked(services, f"Đèn đường trục thôn 4 tắt {number} hôm, tối om, đề nghị xã sửa", compared=False)
        for number in range(count)
    ]
    grouping.suggest_pending(services)
    return made


def test_declined_and_withdrawn_opinions_do_not_crowd_out_an_open_one(services: Services) -> None:
    first = asked(services)
    newer = crowd(services)
    put(services, newer[:20], S.DECLINED)
    put(services, newer[20:], S.WITHDRAWN)
    assert proposals(services, asked(services, LAMPS_TOO)) == [(first.id, True)]


def test_an_earlier_answer_is_found_among_many_newer_open_opinions(services: Services, clock: ManualClock) -> None:
    first = asked(services)
    group = make_group(services)
    answered(services, clock, first, group)
    crowd(services)
    new = asked(services, LAMPS_TOO)
    with services.reading() as work:
        found = earlier_answers(work, work.session.get_one(Opinion, new.id))
    assert [one.group_id for one in found] == [group]


def test_what_staff_ruled_an_ordinary_opinion_is_compared_whatever_the_program_took_it_for(services: Services) -> None:
    lan = make_staff(services, Role.MODERATOR, name="Chị Lan")
    text = "Tôi khiếu nại quyết định xử phạt số 12/QĐ-UBND của xã với nhà tôi vì đèn đường thôn 4 tắt"
    assert services.understander.analyse(text).kind.value is Kind.COMPLAINT
    first, second = [asked(services, text, state=S.HELD, kind=Kind.COMPLAINT.value) for _ in range(2)]
    for one in (first, second):
        labels.reclassify(services, lan, one.id or 0, labels.Labels(kind=Kind.OPINION))
    grouping.suggest_pending(services)
    assert postings(services, first) > 0
    assert proposals(services, second) == [(first.id, True)]


def as_of_an_older_version(services: Services) -> None:
    with services.writing() as work:
        for row in work.session.exec(select(Opinion)):
            row.signature, row.indexed_version = '{"version":1}', 0
            work.session.add(row)
        for posting in work.session.exec(select(OpinionPosting)):
            work.session.delete(posting)
        work.commit()


def test_what_came_in_before_the_earlier_ones_were_findable_again_is_compared_again(services: Services) -> None:
    first = asked(services)
    as_of_an_older_version(services)
    new = asked(services, LAMPS_TOO)
    assert proposals(services, new) == []
    grouping.keep_up(services)
    assert proposals(services, new) == [(first.id, True)]


def test_a_sealed_opinion_an_older_version_compared_is_not_made_findable(services: Services) -> None:
    first = asked(services)
    as_of_an_older_version(services)
    with services.writing() as work:
        row = work.session.get_one(Opinion, first.id)
        row.sealed = True
        work.session.add(row)
        work.commit()
    assert grouping.index_earlier(services) == 0
    assert postings(services, first) == 0


def test_a_signature_damaged_in_the_database_keeps_no_other_from_being_compared(services: Services) -> None:
    damaged, whole = asked(services), asked(services, LAMPS_TOO)
    with services.writing() as work:
        row = work.session.get_one(Opinion, damaged.id)
        assert row.signature is not None
        row.signature = row.signature.replace('"sense":"', '"sense":"AAAA')
        work.session.add(row)
        work.commit()
    new, later = asked(services, LAMPS_TOO, compared=False), asked(services, LAMPS_TOO, compared=False)
    assert grouping.suggest_pending(services) == 2
    assert {found for found, _ in proposals(services, new)} == {whole.id}
    assert {found for found, _ in proposals(services, later)} == {whole.id, new.id}
