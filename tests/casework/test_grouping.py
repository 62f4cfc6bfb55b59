from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework import cards
from casework.clock import ManualClock
from casework.usecases.citizens import applying, grouping
from casework.usecases.citizens.earlier_answers import earlier_answers
from casework.usecases.moderation import labels, merging, queue, triage
from casework.usecases.moderation import undo as undoing
from casework.usecases.moderation.labels import Labels
from casework.usecases.moderation.rulings import ruled_apart
from casework.usecases.work import Services
from nlp.analysis import Kind
from nlp.similar import VERSION
from storage.records import (
    Answer,
    AnswerState,
    Conference,
    ConferenceState,
    GroupSuggestion,
    Opinion,
    OpinionPosting,
    OpinionState,
    Role,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, reload

S = OpinionState
LAMPS = "Đèn đường trục thôn 4 tắt từ hôm bão về, đoạn nhà văn hóa tối om. Đề nghị xã sửa."
LAMPS_TOO = "den duong truc thon 4 mat may toi nay roi, toi om, nho xa sua giup"
LAMPS_ELSEWHERE = "Đèn đường thôn Hạ tắt hết, tối om mấy hôm nay"


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


def asked(services: Services, text: str = LAMPS, *, compared: bool = True, **more: object) -> Opinion:
    made = make_opinion(
        services,
        **{"citizen": make_citizen(services), "state": S.RECEIVED, "text": text, **more},  # type: ignore[arg-type]
    )
    if compared:
        grouping.suggest_pending(services)
    return made


def proposals(services: Services, opinion: Opinion) -> list[tuple[int | None, bool]]:
    with services.reading() as work:
        rows = work.session.exec(select(GroupSuggestion).where(GroupSuggestion.opinion_id == opinion.id)).all()
        return [(row.other_opinion_id, row.same) for row in rows]


def postings(services: Services, opinion: Opinion) -> int:
    with services.reading() as work:
        return len(work.session.exec(select(OpinionPosting).where(OpinionPosting.opinion_id == opinion.id)).all())


def shown(services: Services, staff: int, opinion: Opinion) -> list[str]:
    return [one.ref for one in queue.show(services, staff, opinion.id or 0).line.suggestions]


def test_the_same_issue_elsewhere_is_shown_as_alike_and_never_as_the_same(services: Services) -> None:
    first = asked(services)
    other = asked(services, LAMPS_ELSEWHERE)
    same = asked(services, LAMPS_TOO)
    assert proposals(services, other) == [(first.id, False)]
    assert (first.id, True) in proposals(services, same)
    with services.reading() as work:
        (alike,) = work.session.exec(select(GroupSuggestion).where(GroupSuggestion.opinion_id == other.id))
        assert alike.reasons[0].startswith("khác nơi: ")


def test_what_is_alike_is_found_among_hundreds_of_newer_ones(services: Services) -> None:
    first = asked(services)
    for number in range(520):
        asked(services, f"Chợ Minh họp quầy số {number} lấn ra đường, mỗi sáng kẹt xe", compared=False)
    grouping.suggest_pending(services, limit=600)
    assert (first.id, True) in proposals(services, asked(services, LAMPS_TOO))


def test_an_opinion_has_a_bounded_number_of_keys_and_new_words_replace_them(services: Services) -> None:
    first = asked(services, LAMPS * 20)
    assert 0 < postings(services, first) <= 24
    with services.writing() as work:
        row = work.session.get_one(Opinion, first.id)
        row.original_text, row.suggested_at, row.version = "Nước máy thôn Bến đục ngầu", None, 1
        work.session.add(row)
        work.commit()
    grouping.suggest_pending(services)
    assert proposals(services, asked(services, LAMPS_TOO)) == []
    water = asked(services, "nuoc may thon ben duc ngau ca tuan")
    assert (first.id, True) in proposals(services, water)


def test_what_an_older_version_compared_is_made_findable_bit_by_bit(services: Services) -> None:
    first, second = asked(services), asked(services, LAMPS_ELSEWHERE)
    with services.writing() as work:
        for row in work.session.exec(select(Opinion)):
            row.signature, row.indexed_version = '{"version":1}', 0
            work.session.add(row)
        for posting in work.session.exec(select(OpinionPosting)):
            work.session.delete(posting)
        work.commit()
    assert proposals(services, asked(services, LAMPS_TOO, state=S.APPROVED)) == []
    assert grouping.index_earlier(services, limit=1) == 1
    assert [postings(services, one) > 0 for one in (first, second)] == [False, True]
    grouping.keep_up(services)
    assert grouping.index_earlier(services) == 0
    assert reload(services, first).indexed_version == VERSION
    assert (first.id, True) in proposals(services, asked(services, LAMPS_TOO))


def test_nothing_leads_to_a_sealed_or_erased_opinion(services: Services, lan: int) -> None:
    denounced, erased = asked(services), asked(services)
    keeper = make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR, name="Anh Kín")
    triage.redirect(services, keeper, denounced.id or 0, kind=Kind.DENUNCIATION)
    with services.writing() as work:
        person = work.session.get_one(Opinion, erased.id).citizen_id
        from casework.effects import Withdraw
        from storage.records import Citizen

        applying._withdraw(work, work.session.get_one(Citizen, person), Withdraw(opinion_id=erased.id or 0, erase=True))
        work.commit()
    assert postings(services, denounced) == postings(services, erased) == 0
    assert reload(services, denounced).indexed_version is None
    assert proposals(services, asked(services, LAMPS_TOO)) == []


def test_a_pair_that_staff_took_apart_is_never_proposed_again_until_that_is_undone(
    services: Services, lan: int
) -> None:
    first = asked(services)
    second = asked(services, LAMPS_TOO)
    third = asked(services, LAMPS_TOO + " sớm")
    merging.merge(services, lan, [first.id or 0, second.id or 0, third.id or 0])
    merging.split(services, lan, third.id or 0)
    assert first.code not in shown(services, lan, third)
    with services.writing() as work:
        row = work.session.get_one(Opinion, third.id)
        row.state, row.group_id, row.suggested_at = S.RECEIVED, None, None
        work.session.add(row)
        work.commit()
    grouping.suggest_pending(services)
    assert proposals(services, third) == []


def test_undoing_a_split_takes_the_ruling_back_and_merging_again_overrules_it(
    services: Services, clock: ManualClock, lan: int
) -> None:
    first, second = asked(services), asked(services, LAMPS_TOO)

    def apart() -> dict[int, set[int]]:
        with services.reading() as work:
            return dict(ruled_apart(work, [first.id or 0]))

    merging.merge(services, lan, [first.id or 0, second.id or 0])
    assert apart() == {}
    clock.advance(60)
    merging.split(services, lan, second.id or 0)
    assert apart() == {first.id: {second.id}, second.id: {first.id}}
    clock.advance(60)
    undoing.undo(services, lan, second.id or 0)
    assert apart() == {}
    clock.advance(60)
    merging.split(services, lan, second.id or 0)
    merging.merge(services, lan, [first.id or 0, second.id or 0])
    assert apart() == {}


@pytest.mark.parametrize("how", ["merge", "merge_of_issues", "approve"])
def test_who_joins_an_issue_it_was_split_from_is_one_with_everybody_of_it_again(
    services: Services, clock: ManualClock, lan: int, how: str
) -> None:
    first, second, third = (asked(services, text).id or 0 for text in (LAMPS, LAMPS_TOO, LAMPS_TOO + " sớm"))

    def apart() -> dict[int, set[int]]:
        with services.reading() as work:
            return dict(ruled_apart(work, [third]))

    merging.merge(services, lan, [first, second, third])
    clock.advance(60)
    merging.split(services, lan, third)
    assert apart() == {third: {first, second}, first: {third}, second: {third}}
    clock.advance(60)
    if how == "merge":
        merging.merge(services, lan, [first, third])
    elif how == "merge_of_issues":
        # The split one comes along with its new companion, unnamed.
        companion = asked(services, LAMPS_ELSEWHERE).id or 0
        merging.merge(services, lan, [third, companion])
        clock.advance(60)
        merging.merge(services, lan, [first, companion])
    else:
        with services.writing() as work:
            row = work.session.get_one(Opinion, third)
            row.state, row.group_id = S.RECEIVED, None
            work.session.add(row)
            issue = work.session.get_one(Opinion, first).group_id
            work.commit()
        triage.approve(services, lan, third, group_id=issue)
    assert apart() == {}
    clock.advance(60)
    undoing.undo(services, lan, third)
    assert apart() == {third: {first, second}, first: {third}, second: {third}}


def answered(services: Services, clock: ManualClock, opinion: Opinion, group: int) -> None:
    """Its issue was answered, and then the conference was held."""
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id)
        row.state, row.group_id = S.ANSWERED, group
        work.session.add(row)
        work.add(
            Answer(
                office_id=services.office_id, group_id=group, final=True, agency="Điện lực Minh Giang",
                document_number="12/DL", document_date=dt.date(2026, 11, 20), text="Đã thay 5 bóng.",
                state=AnswerState.PUBLISHED, created_at=work.now, published_at=work.now,
            )
        )  # fmt: skip
        work.add(
            Conference(
                office_id=services.office_id, code="HN-1", title="Hội nghị", regulation="thanh-hoa",
                held_on=dt.date(2026, 11, 27), place="xã", chair="Chủ tịch", state=ConferenceState.CONCLUDED,
                created_at=work.now,
            )
        )  # fmt: skip
        work.commit()
    clock.advance(60 * 86_400)


def test_an_answer_of_an_earlier_period_is_shown_to_staff_and_not_proposed_as_the_same_issue(
    services: Services, clock: ManualClock, lan: int
) -> None:
    first, elsewhere = asked(services), asked(services, LAMPS_ELSEWHERE)
    group = make_group(services)
    answered(services, clock, first, group)
    new = asked(services, LAMPS_TOO)
    assert [other for other, _ in proposals(services, new)] == [elsewhere.id]
    (found,) = queue.show(services, lan, new.id or 0).answered_before
    assert (found.group_id, found.document_number, found.final) == (group, "12/DL", True)
    assert "Đã có trả lời số 12/DL ngày 20/11/2026 của Điện lực Minh Giang" in cards.answered_line(found)
    assert cards.answered_line(found) in cards.opinion_card(queue.show(services, lan, new.id or 0), in_group=False)
    with services.reading() as work:
        assert earlier_answers(work, work.session.get_one(Opinion, elsewhere.id)) == []


def test_an_issue_answered_in_this_period_is_still_proposed(services: Services, clock: ManualClock) -> None:
    first = asked(services)
    group = make_group(services)
    with services.writing() as work:
        row = work.session.get_one(Opinion, first.id)
        row.state, row.group_id = S.ANSWERED, group
        work.session.add(row)
        work.commit()
    assert proposals(services, asked(services, LAMPS_TOO)) == [(first.id, True)]


POLE = "cột điện trước nhà nghiêng sắp đổ, xã cho người xuống coi giùm"


def test_the_village_chosen_for_a_text_without_one_parts_the_very_same_words(services: Services) -> None:
    first = asked(services, POLE, village="t4")
    elsewhere, there, unknown = (asked(services, POLE, village=code) for code in ("t5", "t4", None))
    assert (first.id, False) in proposals(services, elsewhere)
    assert (first.id, True) in proposals(services, there)
    assert (first.id, True) in proposals(services, unknown)
    with services.reading() as work:
        rows = work.session.exec(select(GroupSuggestion).where(GroupSuggestion.opinion_id == elsewhere.id)).all()
        (apart,) = [row for row in rows if row.other_opinion_id == first.id]
        assert apart.reasons[0] == "khác nơi: thôn 5 và thôn 4"


def test_a_village_chosen_and_the_same_village_told_in_the_words_are_one_place(services: Services) -> None:
    first = asked(services, POLE, village="t4")
    told = asked(services, "Cột điện thôn 4 nghiêng sắp đổ vào nhà dân", village="t5")
    assert (first.id, True) in proposals(services, told)


def test_what_a_desk_of_the_whole_commune_settles_is_not_parted_by_where_its_askers_live(services: Services) -> None:
    slow = "Nộp hồ sơ sang tên ở bộ phận một cửa chờ cả tháng không thấy trả kết quả"
    first = asked(services, slow, village="t4")
    assert (first.id, True) in proposals(services, asked(services, slow, village="t5"))


def test_a_village_corrected_by_staff_or_by_an_undo_is_compared_anew_from_both_sides(
    services: Services, clock: ManualClock, lan: int
) -> None:
    first = asked(services, POLE, village="t4")
    second = asked(services, POLE, village="t4")
    assert proposals(services, second) == [(first.id, True)]
    labels.reclassify(services, lan, first.id or 0, Labels(village="t5"))
    assert postings(services, first) == 0
    grouping.suggest_pending(services)
    assert proposals(services, second) == [(first.id, False)]
    clock.advance(60)
    undoing.undo(services, lan, first.id or 0)
    grouping.suggest_pending(services)
    assert proposals(services, second) == [(first.id, True)]


def test_an_index_made_anew_knows_the_chosen_villages(services: Services) -> None:
    first = asked(services, POLE, village="t4")
    before = reload(services, first).signature
    with services.writing() as work:
        row = work.session.get_one(Opinion, first.id)
        row.signature, row.indexed_version = '{"version":1}', 0
        work.session.add(row)
        work.commit()
    grouping.keep_up(services)
    assert reload(services, first).signature == before
    assert '"groups":["t4"]' in (before or "")
