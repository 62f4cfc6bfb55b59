"""The staff desk over the Zalo Bot Platform: no buttons there, so words and digits must do all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from bot.channels.zalo_bot.channel import ZaloBotChannel
from bot.digits import numbered, spelled_out
from bot.rehearsal import Rehearsal
from bot.standins.zalo_bot import ZaloBotStandin
from casework.codes import spoken
from casework.notices import tell_asker
from casework.talk import Button
from casework.usecases.moderation import triage
from casework.usecases.moderation.digest import send_digest
from casework.usecases.office import enrolment
from casework.usecases.work import Services
from storage.records import DeliveryState, Opinion, OpinionState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff, reload
from tests.casework.slips import ANSWER, notice_of, waiting_slip

S = OpinionState


@dataclass(kw_only=True)
class Phone:
    """One chat of the platform, as the person at it sees it."""

    zalo: ZaloBotStandin
    channel: ZaloBotChannel
    rehearsal: Rehearsal
    chat: str
    group: bool = False
    sender: str | None = None

    async def says(self, text: str) -> str:
        """Write, let it be handled, and read what came last."""
        before = len(self.zalo.texts_to(self.chat))
        event = await self.zalo.says(self.chat, text, group=self.group, sender=self.sender)
        self.rehearsal.inbox.store_payload(self.channel, event)
        await self.rehearsal.settle()
        shown = self.zalo.texts_to(self.chat)[before:]
        return "\n".join(shown)


@pytest.fixture
async def phone(services: Services, clock) -> AsyncIterator[Phone]:
    async with ZaloBotStandin(clock=clock) as zalo:
        channel = ZaloBotChannel(zalo.token, base_url=zalo.base_url, clock=clock)
        await channel.open()
        yield Phone(
            zalo=zalo,
            channel=channel,
            rehearsal=Rehearsal(services=services, clock=clock, more=[channel]),
            chat="lan-1",
        )
        await channel.close()


@pytest.fixture
async def lan(services: Services, phone: Phone) -> Phone:
    """Chị Lan, who approves, enrolled from her phone."""
    admin = make_staff(services, Role.ADMIN, name="Quản trị")
    added = enrolment.add_staff(services, admin, name="Chị Lan", roles=[Role.MODERATOR])
    assert "Chị Lan" in await phone.says(f"/ghidanh {added.code.code}")
    return phone


@pytest.fixture
def opinion(services: Services) -> Opinion:
    return make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED, village="t4")


async def test_a_code_typed_without_a_slash_and_in_two_pieces_enrols(services: Services, phone: Phone) -> None:
    admin = make_staff(services, Role.ADMIN, name="Quản trị")
    code = enrolment.add_staff(services, admin, name="Anh Bình", roles=[Role.MODERATOR]).code.code
    while not any(symbol.isdigit() for symbol in code):
        code = enrolment.issue_code(services, admin, 2).code
    assert "Anh Bình" in await phone.says(f"Ghi danh {code[:5].lower()} {code[5:].lower()}")


async def test_ordinary_words_are_no_code(phone: Phone) -> None:
    assert "không dùng được" not in await phone.says("ghi danh hoc nghe cho")


async def test_a_queue_is_read_opened_and_decided_by_digits_alone(
    services: Services, lan: Phone, opinion: Opinion
) -> None:
    queue = await lan.says("hàng đợi")
    assert "Nhắn số để chọn:\n1. Xem" in queue
    card = await lan.says("1")
    assert spoken(opinion.code or "") in card
    assert "\n1. Duyệt" in card
    done = await lan.says("1")
    assert "Đã duyệt" in done
    assert reload(services, opinion).state == S.APPROVED
    assert "1. Hoàn tác" in done
    assert "Đã hoàn tác" in await lan.says("số 1")
    assert reload(services, opinion).state == S.RECEIVED


async def test_a_ground_is_chosen_by_its_number(services: Services, lan: Phone, opinion: Opinion) -> None:
    await lan.says("hàng đợi")
    card = await lan.says("1")
    (number,) = [line.partition(".")[0] for line in card.splitlines() if line.endswith("Không đưa vào")]
    grounds = await lan.says(number)
    assert "7. Việc của địa phương khác" in grounds
    await lan.says("6")
    assert reload(services, opinion).state == S.DECLINED


async def test_a_number_that_was_not_offered_says_so_and_commands_work_as_ever(
    services: Services, lan: Phone, opinion: Opinion
) -> None:
    await lan.says("/hangdoi")
    assert "không có số này" in await lan.says("9")
    assert "Đã duyệt" in await lan.says(f"/duyet {spoken(opinion.code or '')}")


async def test_a_stale_number_does_not_decide_what_a_colleague_has_decided(
    services: Services, lan: Phone, opinion: Opinion
) -> None:
    await lan.says("/hangdoi")
    await lan.says("1")
    other = make_staff(services, Role.MODERATOR, name="Anh Bình")
    triage.decline(services, other, opinion.code or "", "6", note="")
    answer = await lan.says("1")
    assert "Đã duyệt" not in answer
    assert reload(services, opinion).state == S.DECLINED


async def test_a_digit_after_a_citizens_question_answers_that_question(lan: Phone) -> None:
    await lan.says("/huongdan")
    menu = await lan.says("menu")
    assert "1. " in menu
    assert "không có số này" not in await lan.says("1")


async def test_the_digest_can_be_followed_by_digit(services: Services, lan: Phone, opinion: Opinion) -> None:
    assert send_digest(services) > 0
    await lan.rehearsal.settle()
    assert "1. Xem hàng đợi" in lan.zalo.texts_to(lan.chat)[-1]
    assert spoken(opinion.code or "") in await lan.says("1")


@pytest.fixture
async def bay(services: Services, phone: Phone) -> Phone:
    """Ông Bảy, officer of Thôn Hạ, enrolled from his phone."""
    admin = make_staff(services, Role.ADMIN, name="Quản trị")
    added = enrolment.add_staff(services, admin, name="Ông Bảy", roles=[Role.VILLAGE_OFFICER], village="ha")
    greeting = await phone.says(f"/ghidanh {added.code.code}")
    assert "Ông Bảy" in greeting
    assert "/phieu" in greeting
    assert "/duyet" not in greeting
    return phone


async def test_a_village_officer_hands_slips_over_by_digits_alone(services: Services, bay: Phone) -> None:
    (one, first), (two, second) = waiting_slip(services, name="Bà Tư Hoa"), waiting_slip(services, name="Ông Sáu")
    listed = await bay.says("/phieu")
    assert f"2. {spoken(two.code or '')}" in listed
    read = await bay.says("2")
    assert ANSWER in read
    assert "1. Đã trao\n2. Chưa" in read
    assert f"1. {spoken(one.code or '')}" in await bay.says("2")
    await bay.says("2")
    assert f"Đã ghi trao tận tay: {spoken(two.code or '')}" in await bay.says("1")
    assert notice_of(services, second).state == DeliveryState.HANDED_OVER
    assert "lại chờ trao" in await bay.says("2")
    assert notice_of(services, second).state == DeliveryState.WITH_STAFF
    assert notice_of(services, first).state == DeliveryState.WITH_STAFF


async def test_the_number_after_the_command_is_that_of_the_list_he_saw(services: Services, bay: Phone) -> None:
    slips = [waiting_slip(services)[1] for _ in range(3)]
    await bay.says("/phieu")
    await bay.says("1")
    assert "Đã ghi" in await bay.says("/datrao 1")
    # The others keep the numbers they had, though one less waits.
    assert "Đã ghi" in await bay.says("/datrao 3")
    states = [notice_of(services, one).state for one in slips]
    assert states == [DeliveryState.HANDED_OVER, DeliveryState.WITH_STAFF, DeliveryState.HANDED_OVER]
    assert "lại chờ trao" in await bay.says("/datrao bo 3")
    assert "Không có phiếu số 4" in await bay.says("/datrao 4")


async def test_what_came_in_after_the_reading_is_read_before_it_counts_as_given(services: Services, bay: Phone) -> None:
    opinion, notice = waiting_slip(services)
    await bay.says("/phieu")
    await bay.says("1")
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id)
        assert tell_asker(work, row, purpose="conclusion", text="Kết luận: thay thêm hai cột.") is not None
        work.commit()
    assert "thay thêm hai cột" in await bay.says("1")
    assert notice_of(services, notice).state == DeliveryState.WITH_STAFF
    assert "Đã ghi" in await bay.says("1")
    assert notice_of(services, notice).state == DeliveryState.HANDED_OVER


async def test_a_number_that_is_in_no_list_is_never_answered_as_to_a_citizen(services: Services, bay: Phone) -> None:
    waiting_slip(services)
    await bay.says("/phieu")
    answer = await bay.says("7")
    assert "Không có phiếu số 7" in answer


async def test_the_card_of_an_opinion_offers_an_officer_only_what_he_may_do(services: Services, bay: Phone) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED, village="ha")
    card = await bay.says(f"/xem {spoken(opinion.code or '')}")
    assert "Hỏi lại người gửi" in card
    assert "Duyệt" not in card


async def test_in_a_group_one_looks_by_number_and_decides_by_command(
    services: Services, lan: Phone, opinion: Opinion
) -> None:
    code = enrolment.issue_group_code(services, 1).code
    group = Phone(zalo=lan.zalo, channel=lan.channel, rehearsal=lan.rehearsal, chat="g-1", group=True, sender=lan.chat)
    assert "nhóm cán bộ" in await group.says(f"@Bot Tân Minh /ghidanh {code}")
    await group.says("@Bot Tân Minh /hangdoi")
    assert spoken(opinion.code or "") in await group.says("@Bot 1")
    assert "gõ rõ lệnh" in await group.says("@Bot 1")
    assert reload(services, opinion).state == S.RECEIVED
    assert "đã duyệt" in await group.says(f"@Bot Tân Minh /duyet {spoken(opinion.code or '')}")


def test_choices_that_the_text_lists_are_not_listed_twice_and_all_get_a_number() -> None:
    own = ((Button(label="1. Có", token="a"), Button(label="0. Không", token="b")),)
    assert spelled_out("Đúng không?\n1. Có\n0. Không", own) == "Đúng không?\n1. Có\n0. Không"
    assert spelled_out("Đúng không?", own) == "Đúng không?\nNhắn số để chọn:\n1. Có\n0. Không"
    mixed = ((Button(label="Xem", token="x"),), (Button(label="1. Một", token="y"), Button(label="Khác", token="z")))
    assert {number: button.token for number, button in numbered(mixed).items()} == {"1": "y", "2": "x", "3": "z"}
    assert spelled_out("Không có gì", ()) == "Không có gì"
