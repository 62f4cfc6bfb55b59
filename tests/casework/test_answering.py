from __future__ import annotations

import datetime as dt
import threading
import tomllib

import pytest
from sqlmodel import select

from casework.answer_check import AnswerWarning, warnings
from casework.clock import ManualClock
from casework.codes import new_code, spoken
from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.public_words import one_line
from casework.usecases.answers.answer_lists import list_answers, show_answer, unsettled, waiting_for_answer
from casework.usecases.answers.answering import (
    Published,
    answer_newcomer,
    approve_answer,
    assign,
    edit_answer,
    publish_answer,
    record_verdict,
    write_answer,
)
from casework.usecases.answers.asker_view import answer_message
from casework.usecases.work import Services
from storage import history
from storage.records import Act, Answer, AnswerState, DeliveryState, Opinion, OpinionState, Role, Verdict
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload
from tests.conftest import DATA

LAMPS = "Ngày 24/11/2026 đã kiểm tra đèn trục thôn 4, thay 5 bóng LED và tủ điều khiển; đèn sáng từ tối 25/11."


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


@pytest.fixture
def approver(services: Services) -> int:
    return make_staff(services, Role.APPROVER)


@pytest.fixture
def group(services: Services) -> int:
    return make_group(services)


def written(services: Services, staff_id: int, group: int, **changes: object) -> int:
    values: dict[str, object] = {
        "text": LAMPS,
        "agency": "Phòng Kinh tế xã Tân Minh",
        "document_number": "112/UBND-KT",
        "document_date": dt.date(2026, 11, 26),
    } | changes
    return write_answer(services, staff_id, f"nhom:{group}", **values)  # type: ignore[arg-type]


def published(services: Services, staff: tuple[int, int], group: int, **changes: object) -> tuple[int, Published]:
    moderator, approver = staff
    answer_id = written(services, moderator, group, **changes)
    approve_answer(services, approver, answer_id)
    return answer_id, publish_answer(services, approver, answer_id)


# --------------------------------------------------------------------------- publishing


def test_every_asker_of_the_issue_receives_the_answer_exactly_once_merged_ones_too(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    first = make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.SCHEDULED)
    merged = make_opinion(
        services, citizen=make_citizen(services), group=group, text="den duong thon 4 hong roi", late=True
    )
    upper = make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.REFERRED)
    make_opinion(services, citizen=make_citizen(services), group=group, state=OpinionState.WITHDRAWN)
    make_opinion(services, citizen=make_citizen(services), group=group, sealed=True)
    answer_id, done = published(services, (moderator, approver), group)
    assert (done.askers, done.pushed, done.waiting) == (3, 3, 0)
    answers = notices_of(services, "answer")
    assert sorted(one.opinion_id or 0 for one in answers) == sorted([first.id, merged.id, upper.id])
    assert {one.answer_id for one in answers} == {answer_id}
    assert all(reload(services, one).state == OpinionState.ANSWERED for one in (first, merged, upper))
    with pytest.raises(AlreadyDecided):
        publish_answer(services, approver, answer_id)
    assert len(notices_of(services, "answer")) == 3


def test_the_answer_reads_as_a_letter_with_own_words_source_and_two_choices(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    words = "Đèn đường thôn 4 tắt. " * 20
    opinion = make_opinion(services, citizen=make_citizen(services, name="Bùi Thị Lựu"), group=group, text=words)
    answer_id, _ = published(services, (moderator, approver), group, promised_on=dt.date(2026, 12, 15))
    (letter,) = notices_of(services, "answer")
    assert letter.text == (
        f"Kính gửi ông/bà. Đã có văn bản trả lời ý kiến {spoken(opinion.code or '')} của ông/bà:\n"
        f"«{one_line(words, 120)}»\n"
        f"{LAMPS}\n(Phòng Kinh tế xã Tân Minh, văn bản số 112/UBND-KT ngày 26/11/2026)\n"
        "Việc nêu trong văn bản hẹn xong chậm nhất ngày 15/12/2026.\n"
        "Trả lời như vậy đã giải quyết được việc của ông/bà chưa? Ông/bà nhắn số giúp."
        "\n1. Đã giải quyết được\n2. Chưa, tôi muốn hỏi thêm"
    )
    assert letter.buttons == [
        [{"label": "1. Đã giải quyết được", "token": f"v:{answer_id}:{opinion.code}:1"}],
        [{"label": "2. Chưa, tôi muốn hỏi thêm", "token": f"v:{answer_id}:{opinion.code}:0"}],
    ]


@pytest.mark.parametrize(
    ("person", "why"),
    [
        ({"push": False}, "no_consent"),
        ({"push": None}, "no_consent"),
        ({"reachable": False}, "unreachable"),
        ({"channel": None}, "no_channel"),
    ],
)
def test_who_cannot_or_would_not_be_pushed_finds_the_answer_waiting(
    services: Services, moderator: int, approver: int, group: int, person: dict[str, object], why: str
) -> None:
    make_opinion(services, citizen=make_citizen(services, **person), group=group)  # type: ignore[arg-type]
    _, done = published(services, (moderator, approver), group)
    (letter,) = notices_of(services, "answer")
    state = DeliveryState.WITH_STAFF if why == "no_channel" else DeliveryState.WAITING_PICKUP
    assert (letter.state, letter.outcome, done.waiting) == (state, why, 1)


def test_an_interim_answer_keeps_the_case_open_and_the_final_one_closes_it(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), group=group)
    assign(services, moderator, f"nhom:{group}", agency="UBND xã", due_on=dt.date(2026, 12, 20))
    _, _ = published(
        services,
        (moderator, approver),
        group,
        final=False,
        text="Đường tỉnh 391 do Sở quản lý, đã gửi văn bản ngày 24/11.",
        forwarded_to="Sở Xây dựng tỉnh",
        promised_on=dt.date(2026, 12, 31),
    )
    assert reload(services, opinion).state == OpinionState.ASSIGNED
    (interim,) = notices_of(services, "answer")
    assert interim.buttons == []
    assert "chuyển tới Sở Xây dựng tỉnh" in interim.text
    assert "hẹn chậm nhất ngày 31/12/2026" in interim.text
    (owed,) = waiting_for_answer(services, moderator)
    assert (owed.agency, owed.due_on, owed.interim) == ("UBND xã", dt.date(2026, 12, 20), True)
    published(services, (moderator, approver), group)
    assert reload(services, opinion).state == OpinionState.ANSWERED
    assert len(notices_of(services, "answer")) == 2
    assert waiting_for_answer(services, moderator) == []


def test_who_joins_after_publication_gets_the_answer_on_joining_and_only_once(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    make_opinion(services, citizen=make_citizen(services), group=group)
    answer_id, _ = published(services, (moderator, approver), group)
    newcomer = make_opinion(services, citizen=make_citizen(services), group=group)
    for told in (True, False):
        with services.writing() as work:
            assert told is answer_newcomer(work, work.session.get_one(Opinion, newcomer.id))
            work.commit()
    assert [one.answer_id for one in notices_of(services, "answer") if one.opinion_id == newcomer.id] == [answer_id]
    assert reload(services, newcomer).state == OpinionState.ANSWERED


def test_who_joins_an_assigned_issue_waits_for_the_same_agency_and_reads_the_interim_answer(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    make_opinion(services, citizen=make_citizen(services), group=group)
    assign(services, moderator, f"nhom:{group}", agency="Trạm Y tế")
    published(services, (moderator, approver), group, final=False, promised_on=dt.date(2026, 12, 31))
    newcomer = make_opinion(services, citizen=make_citizen(services), group=group)
    with services.writing() as work:
        answer_newcomer(work, work.session.get_one(Opinion, newcomer.id))
        work.commit()
    assert reload(services, newcomer).state == OpinionState.ASSIGNED
    assert len([one for one in notices_of(services, "answer") if one.opinion_id == newcomer.id]) == 1


def test_who_joins_an_issue_without_answer_is_given_none(services: Services, group: int) -> None:
    newcomer = make_opinion(services, citizen=make_citizen(services), group=group)
    with services.writing() as work:
        assert not answer_newcomer(work, work.session.get_one(Opinion, newcomer.id))
    assert reload(services, newcomer).state == OpinionState.APPROVED


# --------------------------------------------------------------------------- writing, approving


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"text": " "}, "nội dung"),
        ({"agency": ""}, "cơ quan"),
        ({"document_number": ""}, "số văn bản"),
        ({"final": False}, "bước đầu"),
        ({"promised_on": dt.date(2026, 11, 1)}, "hẹn trước"),
    ],
)
def test_an_incomplete_answer_is_refused_in_words(
    services: Services, moderator: int, group: int, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidInput, match=complaint):
        written(services, moderator, group, **changes)


def test_only_an_approver_approves_and_publishes_and_only_what_was_approved(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    answer_id = written(services, moderator, group)
    with pytest.raises(Forbidden):
        approve_answer(services, moderator, answer_id)
    with pytest.raises(IllegalMove):
        publish_answer(services, approver, answer_id)
    approve_answer(services, approver, answer_id)
    with pytest.raises(Forbidden):
        publish_answer(services, moderator, answer_id)
    with pytest.raises(Forbidden):
        written(services, make_staff(services, Role.VILLAGE_OFFICER), group)


def test_writing_and_approving_are_two_recorded_acts_also_of_one_person(services: Services, group: int) -> None:
    both = make_staff(services, Role.MODERATOR, Role.APPROVER)
    answer_id = written(services, both, group)
    approve_answer(services, both, answer_id)
    with services.reading() as work:
        verbs = [act.verb for act in work.session.exec(select(Act).where(Act.subject == "answer"))]
    assert verbs == ["answer_written", "answer_approved"]


def test_two_approvers_at_once_one_wins_the_other_is_told(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    answer_id = written(services, moderator, group)
    outcomes: list[object] = []

    def run() -> None:
        try:
            outcomes.append(approve_answer(services, approver, answer_id))
        except AlreadyDecided as error:
            outcomes.append(error)

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, AlreadyDecided) for one in outcomes) == 1
    with services.reading() as work:
        assert history.verify(work.session) == []


def test_editing_an_approved_answer_makes_it_a_draft_again_and_an_approval_of_old_words_is_refused(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    answer_id = written(services, moderator, group)
    seen = show_answer(services, approver, answer_id).version
    edit_answer(services, moderator, answer_id, text=LAMPS + " Xã kiểm tra lại ngày 30/11.")
    with pytest.raises(AlreadyDecided):
        approve_answer(services, approver, answer_id, expected_version=seen)
    approve_answer(services, approver, answer_id)
    edit_answer(services, moderator, answer_id, document_number="113/UBND-KT")
    assert show_answer(services, approver, answer_id).state == AnswerState.DRAFT
    approve_answer(services, approver, answer_id)
    publish_answer(services, approver, answer_id)
    with pytest.raises(IllegalMove):
        edit_answer(services, moderator, answer_id, text="khác")
    with pytest.raises(NotFound):
        edit_answer(services, moderator, 999, text="khác")


def test_an_evasive_answer_is_approved_with_a_warning_never_blocked(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    answer_id = written(services, moderator, group, text="UBND xã ghi nhận, tiếp thu và sẽ quán triệt cán bộ.")
    shown = show_answer(services, approver, answer_id).warnings
    assert approve_answer(services, approver, answer_id) == shown
    assert set(shown) >= {AnswerWarning.HOLLOW, AnswerWarning.NO_DATE, AnswerWarning.NO_ACTION}


def test_of_the_real_answers_exactly_the_evasive_ones_are_called_hollow() -> None:
    rows = tomllib.loads((DATA / "answers.toml").read_text(encoding="utf-8"))["answer"]
    for row in rows:
        found = set(warnings(row["text"]))
        assert (AnswerWarning.HOLLOW in found and AnswerWarning.NO_DATE in found) == (row["state"] == "evasive"), row
        if row["state"] != "evasive":
            assert found == set(), row


# --------------------------------------------------------------------------- assigning


def test_assigning_makes_one_agency_owe_the_answer_and_tells_the_askers_once(
    services: Services, moderator: int, group: int
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), group=group, late=True)
    assign(services, moderator, opinion.code or "", agency="Phòng Kinh tế", due_on=dt.date(2026, 12, 18))
    assert reload(services, opinion).state == OpinionState.ASSIGNED
    (notice,) = notices_of(services, "assigned")
    assert "Phòng Kinh tế" in notice.text
    assert "18/12/2026" in notice.text
    with pytest.raises(AlreadyDecided, match="Phòng Kinh tế"):
        assign(services, moderator, f"nhom:{group}", agency="Công an xã")
    assign(services, moderator, f"nhom:{group}", agency="Công an xã", replace=True)
    (owed,) = waiting_for_answer(services, moderator)
    assert owed.agency == "Công an xã"


@pytest.mark.parametrize("name", ["HN-1/2", "nhom:99", "K7P-4MX", "abc", "", "nhom:x"])
def test_an_issue_that_cannot_be_found_is_refused_in_words(services: Services, moderator: int, name: str) -> None:
    with pytest.raises((NotFound, InvalidInput)):
        assign(services, moderator, name, agency="Phòng Kinh tế")


def test_an_assignment_needs_an_agency_and_a_due_date_that_is_not_past(
    services: Services, moderator: int, group: int
) -> None:
    with pytest.raises(InvalidInput):
        assign(services, moderator, f"nhom:{group}", agency=" ")
    with pytest.raises(InvalidInput):
        assign(services, moderator, f"nhom:{group}", agency="Phòng Kinh tế", due_on=dt.date(2026, 1, 1))


def test_a_sealed_opinion_cannot_be_named(services: Services, moderator: int, group: int) -> None:
    code = new_code(services.random)
    make_opinion(services, group=group, sealed=True, code=code)
    with pytest.raises(NotFound):
        assign(services, moderator, code, agency="Phòng Kinh tế")


# --------------------------------------------------------------------------- verdict


def test_the_latest_verdict_counts_and_the_unsatisfied_are_listed_until_their_case_is_opened_again(
    services: Services, moderator: int, approver: int, group: int, clock: ManualClock
) -> None:
    happy, sad = (make_opinion(services, citizen=make_citizen(services), group=group) for _ in range(2))
    answer_id, _ = published(services, (moderator, approver), group)

    def says(opinion: Opinion, settled: bool) -> None:
        clock.advance(60)
        with services.writing() as work:
            record_verdict(work, answer_id=answer_id, opinion_id=opinion.id or 0, settled=settled)
            work.commit()

    says(happy, False)
    says(sad, False)
    says(happy, True)
    with services.reading() as work:
        assert len(work.session.exec(select(Verdict)).all()) == 2
    (row,) = unsettled(services, moderator)
    assert (row.code, row.answer_id, row.reopened) == (sad.code, answer_id, False)
    (listed,) = list_answers(services, moderator)
    assert (listed.askers, listed.settled, listed.not_settled) == (2, 1, 1)
    assign(services, moderator, sad.code or "", agency="UBND xã")
    assert reload(services, sad).state == OpinionState.ASSIGNED
    assert reload(services, happy).state == OpinionState.ANSWERED
    assert unsettled(services, moderator)[0].reopened


def test_a_verdict_on_an_answer_never_received_is_refused(
    services: Services, moderator: int, approver: int, group: int
) -> None:
    make_opinion(services, citizen=make_citizen(services), group=group)
    stranger = make_opinion(services, citizen=make_citizen(services), group=make_group(services, "Khác"))
    answer_id, _ = published(services, (moderator, approver), group)
    with services.writing() as work, pytest.raises(NotFound):
        record_verdict(work, answer_id=answer_id, opinion_id=stranger.id or 0, settled=True)
    with services.writing() as work, pytest.raises(NotFound):
        record_verdict(work, answer_id=answer_id, opinion_id=9_999, settled=True)


def test_an_answer_quotes_its_asker_without_name_and_phone_for_whoever_holds_the_code_reads_it(
    services: Services,
) -> None:
    words = "Đèn ngõ nhà tôi tắt, tôi là bà Lê Thị Sáu số điện thoại 0912345678 thôn 4 hỏng cả tháng nay"
    opinion = make_opinion(services, citizen=make_citizen(services), text=words)
    answer = Answer(
        id=1,
        office_id=1,
        group_id=1,
        text="Sẽ sửa.",
        agency="UBND xã",
        document_number="1",
        document_date=dt.date(2026, 11, 2),
        created_at=services.clock.now(),
    )
    text = answer_message(answer, opinion).text
    assert "0912345678" not in text
    assert "Lê Thị Sáu" not in text
    assert "Đèn ngõ nhà tôi tắt" in text
