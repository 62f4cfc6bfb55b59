from __future__ import annotations

import pytest

from bot.staff.actor import Desk
from bot.staff.acts import refusal, run_command
from bot.staff.commands import Command, Misuse, Verb, parse
from casework.codes import spoken
from casework.errors import DoithoaiError
from casework.usecases.access import member
from casework.usecases.moderation import queue, triage, undo
from casework.usecases.work import Services
from storage.records import ChannelIdentity, Delivery, DeliveryState, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of, reload
from tests.casework.slips import ANSWER, notice_of, waiting_slip


def says(services: Services, staff: int, text: str, *, in_group: bool = False) -> str:
    """What the desk answers to a typed message; "" where it is no command."""
    with services.reading() as work:
        desk = Desk(services=services, who=member(work, staff), in_group=in_group, request="inbox:1")
    asked = parse(text, slash_only=in_group)
    if asked is None:
        return ""
    assert not isinstance(asked, Misuse)
    try:
        return run_command(desk, asked).text
    except DoithoaiError as error:
        return refusal(desk, asked, error).text


@pytest.fixture
def bay(services: Services) -> int:
    return make_staff(services, Role.VILLAGE_OFFICER, name="Ông Bảy", village="ha")


def test_an_officer_lists_reads_out_and_marks_in_words_and_digits_alone(services, bay) -> None:
    opinion, notice = waiting_slip(services, name="Bà Tư Hoa")
    code = spoken(opinion.code or "")
    listed = says(services, bay, "/phieu")
    assert f"1. {code} · thôn Hạ · Bà Tư Hoa" in listed
    assert "Đèn đường không sáng" in listed
    assert says(services, bay, "phiếu") == listed
    read = says(services, bay, "/phieu 1")
    assert ANSWER in read
    assert says(services, bay, f"/phieu {code.lower()}") == read
    done = says(services, bay, f"đã trao {code}")
    assert done.startswith(f"Đã ghi trao tận tay: {code}.")
    assert notice_of(services, notice).state == DeliveryState.HANDED_OVER
    assert "Không có phiếu" in says(services, bay, "/phieu")


def test_several_codes_are_marked_at_once_and_what_is_refused_is_said(services, bay) -> None:
    (one, _), (two, _) = waiting_slip(services), waiting_slip(services)
    elsewhere, _ = waiting_slip(services, village="thuong")
    codes = [spoken(opinion.code or "") for opinion in (one, elsewhere, two)]
    said = says(services, bay, f"/datrao {codes[0]}, {codes[1]} {codes[2]}")
    assert f"Đã ghi trao tận tay: {codes[0]}, {codes[2]}." in said
    assert f"Chưa ghi {codes[1]}: Người này không ở thôn anh/chị phụ trách." in said


def test_a_mistake_is_taken_back_with_one_word(services, bay) -> None:
    opinion, notice = waiting_slip(services)
    code = spoken(opinion.code or "")
    assert f"/datrao bo {code}" in says(services, bay, f"/datrao {code}")
    assert "lại chờ trao" in says(services, bay, f"/datrao bỏ {code}")
    assert notice_of(services, notice).state == DeliveryState.WITH_STAFF


def test_all_that_is_printed_is_marked_after_the_number_was_said_once_more(services, bay) -> None:
    notices = [waiting_slip(services)[1] for _ in range(2)]
    assert "Không có phiếu nào đã in" in says(services, bay, "/datrao tatca")
    with services.writing() as work:
        for notice in notices:
            row = work.session.get_one(Delivery, notice.id)
            row.printed_at = work.now
            work.add(row)
        work.commit()
    assert "/datrao tatca 2" in says(services, bay, "/datrao tất cả")
    assert "không phải 3" in says(services, bay, "/datrao tatca 3")
    assert "Đã ghi trao" in says(services, bay, "/datrao tatca 2")
    assert all(notice_of(services, one).state == DeliveryState.HANDED_OVER for one in notices)


def test_in_a_group_nobody_hears_names_answers_or_what_is_sealed(services, bay) -> None:
    opinion, _ = waiting_slip(services, name="Bà Tư Hoa")
    listed = says(services, bay, "/phieu", in_group=True)
    assert spoken(opinion.code or "") in listed
    assert "Bà Tư Hoa" not in listed
    assert "nhắn riêng" in says(services, bay, "/phieu 1", in_group=True)
    assert "«#7» không phải mã" in says(services, bay, "/datrao #7", in_group=True)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("/phieu 9", "Không có phiếu số 9"),
        ("/phieu gì đó", "không phải mã"),
        ("/datrao", "Chưa ghi mã nào"),
        ("/datrao MÃ", "«MÃ» không phải mã"),
        ("/datrao bo 123", "«123» không phải mã"),
        ("/datrao 1", "Không có phiếu số 1. Nhắn /phieu"),
    ],
)
def test_what_is_no_code_is_named_and_nothing_is_marked(services, bay, text, answer) -> None:
    _, notice = waiting_slip(services)
    assert answer in says(services, bay, text)
    assert notice_of(services, notice).state == DeliveryState.WITH_STAFF


@pytest.mark.parametrize(
    "text", ["đã trao", "đã trao rồi nhé", "đã trao phiếu cho bà Tư", "đã trao ABC-DEF", "phiếu nào?"]
)
def test_ordinary_talk_is_no_command(text) -> None:
    assert parse(text, slash_only=False) is None


def test_many_slips_are_listed_in_part_and_the_rest_is_counted(services, bay) -> None:
    for _ in range(23):
        waiting_slip(services)
    listed = says(services, bay, "/phieu")
    assert "20. " in listed
    assert "21. " not in listed
    assert "Còn 3 phiếu nữa" in listed
    assert ANSWER in says(services, bay, "/phieu 23")


def test_the_command_words_are_read_however_they_are_typed() -> None:
    assert parse("/Phiếu@TanMinhBot 2", slash_only=True) == Command(verb=Verb.SLIPS, words="2")
    assert parse("/datrao", slash_only=True) == Command(verb=Verb.HANDED)


def asked_without_a_chat(services: Services) -> Opinion:
    """Somebody without a phone who was asked back; the question waits in Thôn Hạ."""
    person = make_citizen(services, channel=None, village="ha")
    opinion = make_opinion(services, citizen=person, state=OpinionState.RECEIVED, village="ha")
    triage.ask_back(services, make_staff(services, Role.MODERATOR), opinion.id or 0, "Đèn hỏng ở ngõ nào ạ?")
    return opinion


def test_an_officer_brings_the_answer_to_a_question_of_somebody_without_a_phone(services, clock, bay) -> None:
    opinion = asked_without_a_chat(services)
    code = spoken(opinion.code or "")
    clock.advance(3600)
    read = says(services, bay, "/phieu 1")
    assert "Đèn hỏng ở ngõ nào ạ?" in read
    assert f"/bosung {code}" in read
    assert "bấm nút" not in read
    assert "Chưa ghi lời" in says(services, bay, f"/bosung {code}")
    assert "chữ mẫu" in says(services, bay, f"/bosung {code} lời người ấy trả lời")
    assert "Đã ghi câu trả lời" in says(services, bay, f"/bosung {code} | Ngõ 3, cạnh giếng làng")
    now = reload(services, opinion)
    assert (now.state, now.original_text.splitlines()[-1]) == (OpinionState.RECEIVED, "Ngõ 3, cạnh giếng làng")
    last = queue.show(services, bay, opinion.id or 0).history[-1]
    assert (last.who, last.what) == ("Ông Bảy", "ghi hộ câu trả lời của người gửi về ý kiến này")
    assert "Không có phiếu" in says(services, bay, "/phieu")
    # The same message once more adds nothing.
    says(services, bay, f"/bosung {code} | Ngõ 3, cạnh giếng làng")
    assert reload(services, opinion).original_text == now.original_text


def test_only_the_officer_of_the_village_brings_answers_and_only_for_who_has_no_chat(services, bay) -> None:
    code = spoken(asked_without_a_chat(services).code or "")
    other = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    assert "đúng thôn" in says(services, other, f"/bosung {code} Ngõ 3")
    assert "nhắn riêng" in says(services, bay, f"/bosung {code} Ngõ 3", in_group=True)
    with_chat = make_opinion(services, citizen=make_citizen(services), state=OpinionState.CLARIFYING, village="ha")
    assert "kênh nhắn tin riêng" in says(services, bay, f"/bosung {spoken(with_chat.code or '')} Ngõ 3")
    assert "không còn chờ" in says(services, bay, f"/bosung {spoken(waiting_slip(services)[0].code or '')} Ngõ 3")


def test_who_has_linked_a_phone_since_is_asked_there_with_a_button(services, clock) -> None:
    opinion = asked_without_a_chat(services)
    assert notices_of(services, "asked_back")[0].buttons == []
    with services.writing() as work:
        work.add(
            ChannelIdentity(channel="zalo-oa", account="test", external_id="linked", citizen_id=opinion.citizen_id)
        )
        work.commit()
    undo.undo(services, 1, opinion.id or 0)
    triage.ask_back(services, 1, opinion.id or 0, "Đèn hỏng ở ngõ nào ạ?")
    newest = notices_of(services, "asked_back")[-1]
    assert newest.buttons
    assert "bấm nút" in newest.text
