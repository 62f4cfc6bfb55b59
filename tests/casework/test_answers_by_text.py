"""What each text wants of an answer: its form, the cause of an interim one, what an interim one must say."""

from __future__ import annotations

import datetime as dt

import pytest

from casework.clock import ManualClock
from casework.deadlines.values import DueState
from casework.errors import InvalidInput, NotFound
from casework.regulations.model import Duty
from casework.usecases.answers.answer_lists import show_answer
from casework.usecases.answers.answering import approve_answer, assign, edit_answer, publish_answer, write_answer
from casework.usecases.conference import conferences
from casework.usecases.conference.case_file import case_file
from casework.usecases.deadlines.listing import ObligationRow, Wish, list_obligations, why
from casework.usecases.deadlines.receipts import record_receipt
from casework.usecases.deadlines.refreshing import refresh_all
from casework.usecases.documents.after_letters import answer_letters
from casework.usecases.work import Services
from storage.records import OpinionState, Role
from tests.casework.conference_factories import on, plan_one, under
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

HELD = dt.date(2026, 12, 22)
PROMISED = dt.date(2027, 4, 15)
TEXTS = ("thanh-hoa", "ha-noi", "dien-bien", "son-la", "hai-phong")


@pytest.fixture
def staff(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.APPROVER)


def put_off(services: Services, clock: ManualClock, staff: int, text: str) -> str:
    """A put-off line under this text, concluded on the day; the agency has its assignment in hand."""
    under(services, text)
    group = make_group(services)
    make_opinion(services, citizen=make_citizen(services), group=group, decided_at=clock.now())
    code = plan_one(services, staff, HELD)
    conferences.build_agenda(services, staff, code)
    on(clock, HELD)
    conferences.hold(services, staff, code)
    conferences.record_outcome(services, staff, code, 1, "deferred")
    assign(services, staff, f"{code}/1", agency="Phòng Kinh tế")
    record_receipt(services, staff, f"{code}/1")
    conferences.conclude(services, staff, code, number="1/TB", date=HELD)
    return f"{code}/1"


def write(services: Services, staff: int, line: str, **more: object) -> int:
    values: dict[str, object] = {
        "text": "Đang đo lại diện tích.",
        "agency": "Phòng Kinh tế",
        "document_number": "5/UBND-KT",
        "document_date": HELD,
    } | more
    return write_answer(services, staff, line, **values)  # type: ignore[arg-type]


def publish(services: Services, staff: int, number: int) -> None:
    approve_answer(services, staff, number)
    publish_answer(services, staff, number)


def owed(services: Services, staff: int) -> ObligationRow:
    rows = list_obligations(services, staff, Wish(duty=Duty.FINAL_ANSWER, states=frozenset(DueState)))
    (row,) = [row for row in rows if row.state is not DueState.CANCELLED]
    return row


# --------------------------------------------------------------------------- interim answers


@pytest.mark.parametrize(
    ("text", "cause", "allowed"),
    [
        ("ha-noi", "complex", True),
        ("ha-noi", "beyond_competence", False),
        ("ha-noi", None, False),
        ("dien-bien", "complex", True),
        ("dien-bien", "beyond_competence", True),
        ("dien-bien", None, False),
        ("dien-bien", "holiday", False),
        ("thanh-hoa", None, True),
        ("thanh-hoa", "holiday", False),
        ("son-la", None, True),
    ],
)
def test_an_interim_answer_has_a_cause_the_text_knows_where_it_names_some(
    services: Services, clock: ManualClock, staff: int, text: str, cause: str | None, allowed: bool
) -> None:
    line = put_off(services, clock, staff, text)
    if not allowed:
        with pytest.raises(InvalidInput, match="trả lời bước đầu"):
            write(services, staff, line, final=False, promised_on=PROMISED, cause=cause)
        return
    number = write(services, staff, line, final=False, promised_on=PROMISED, cause=cause)
    assert show_answer(services, staff, number).cause == cause


def test_the_cause_of_an_interim_answer_is_why_the_day_was_moved(
    services: Services, clock: ManualClock, staff: int
) -> None:
    line = put_off(services, clock, staff, "ha-noi")
    publish(services, staff, write(services, staff, line, final=False, promised_on=PROMISED, cause="complex"))
    row = owed(services, staff)
    assert (row.due_on, row.state, row.missed_on) == (PROMISED, DueState.EXTENDED, None)
    assert "phức tạp" in why(services, staff, row.id).moved[0].reason


def test_a_final_answer_has_no_cause(services: Services, clock: ManualClock, staff: int) -> None:
    line = put_off(services, clock, staff, "ha-noi")
    with pytest.raises(InvalidInput, match="bước đầu"):
        write(services, staff, line, cause="complex")


@pytest.mark.parametrize("text", TEXTS)
def test_a_notice_of_progress_without_a_day_is_lawful_only_where_the_text_knows_it(
    services: Services, clock: ManualClock, staff: int, text: str
) -> None:
    line = put_off(services, clock, staff, text)
    cause = "complex" if text in ("ha-noi", "dien-bien") else None
    if text != "son-la":
        with pytest.raises(InvalidInput, match="hẹn trả lời tiếp"):
            write(services, staff, line, final=False, cause=cause)
        return
    before = owed(services, staff)
    publish(services, staff, write(services, staff, line, final=False))
    (notice,) = notices_of(services, "answer")
    assert "trả lời bước đầu" in notice.text
    assert owed(services, staff) == before


# --------------------------------------------------------------------------- told in person


def test_where_the_text_allows_it_an_answer_is_told_in_person_without_a_document(
    services: Services, clock: ManualClock, staff: int
) -> None:
    line = put_off(services, clock, staff, "dien-bien")
    assert owed(services, staff).duty_name == "trả lời (trực tiếp hoặc bằng văn bản)"
    told = {"document_number": "", "told_by": "Trưởng phòng Kinh tế"}
    publish(services, staff, write(services, staff, line, **told))
    (notice,) = notices_of(services, "answer")
    assert "Trưởng phòng Kinh tế trả lời trực tiếp ngày 22/12/2026" in notice.text
    assert "văn bản" not in notice.text
    assert owed(services, staff).state is DueState.MET


def test_an_answer_told_in_person_needs_no_letter_and_stands_with_its_day_in_the_case_file(
    services: Services, clock: ManualClock, staff: int
) -> None:
    line = put_off(services, clock, staff, "dien-bien")
    publish(services, staff, write(services, staff, line, document_number="", told_by="Trưởng phòng Kinh tế"))
    with pytest.raises(NotFound):
        answer_letters(services, staff, line)
    (row,) = case_file(services, staff, line.split("/")[0])
    assert row.answer_document == "trả lời trực tiếp ngày 22/12/2026"


@pytest.mark.parametrize("text", [text for text in TEXTS if text != "dien-bien"])
def test_elsewhere_the_answer_is_a_document(services: Services, clock: ManualClock, staff: int, text: str) -> None:
    line = put_off(services, clock, staff, text)
    assert owed(services, staff).duty_name == "trả lời bằng văn bản"
    with pytest.raises(InvalidInput, match="cần có văn bản"):
        write(services, staff, line, document_number="", told_by="Trưởng phòng Kinh tế")
    with pytest.raises(InvalidInput, match="số văn bản"):
        write(services, staff, line, document_number="")


def test_an_answer_is_a_document_or_told_in_person_and_not_told_tomorrow(
    services: Services, clock: ManualClock, staff: int
) -> None:
    line = put_off(services, clock, staff, "dien-bien")
    with pytest.raises(InvalidInput, match="Chọn một"):
        write(services, staff, line, told_by="Trưởng phòng")
    with pytest.raises(InvalidInput, match="chưa tới"):
        write(
            services, staff, line, document_number="", told_by="Trưởng phòng", document_date=HELD + dt.timedelta(days=1)
        )
    number = write(services, staff, line)
    edit_answer(services, staff, number, document_number="", told_by="Trưởng phòng")
    assert show_answer(services, staff, number).told_by == "Trưởng phòng"


# --------------------------------------------------------------------------- moved after the day


@pytest.mark.parametrize("late", [0, 1])
def test_an_interim_answer_after_the_day_does_not_undo_that_it_had_passed(
    services: Services, clock: ManualClock, staff: int, late: int
) -> None:
    line = put_off(services, clock, staff, "dien-bien")
    due = owed(services, staff).due_on
    assert due is not None
    on(clock, due + dt.timedelta(days=late))
    more = {"final": False, "promised_on": PROMISED, "cause": "complex", "document_date": due}
    publish(services, staff, write(services, staff, line, **more))
    row = owed(services, staff)
    assert (row.state, row.missed_on) == (DueState.EXTENDED, due if late else None)
    assert row.state_name == ("hẹn trả lời sau khi quá hạn" if late else "hẹn trả lời")
    assert ("vẫn tính là chậm" in row.explanation) is bool(late)
    on(clock, PROMISED)
    publish(services, staff, write(services, staff, line, document_number="6/UBND-KT", document_date=PROMISED))
    row = owed(services, staff)
    assert (row.state, row.met_on) == (DueState.MET_LATE if late else DueState.MET, PROMISED)


def test_the_front_owes_the_first_word_by_a_day_it_set_itself(services: Services, staff: int) -> None:
    make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED)
    refresh_all(services)
    (row,) = [one for one in list_obligations(services, staff) if one.duty is Duty.ACKNOWLEDGEMENT]
    assert (row.party, row.trigger_assumed) == ("front", True)
    assert "Mặt trận tự đặt mốc sớm hơn" in row.explanation
    assert "giao việc" not in row.explanation
