from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, field

import pytest

from bot.staff.buttons import Press, Tap
from bot.staff.desk import handle_staff
from casework.clock import ManualClock
from casework.codes import new_code, spoken
from casework.talk import Button, InboundMessage, MessageKind, Reply
from casework.usecases.moderation import labels, triage
from casework.usecases.moderation.labels import Labels
from casework.usecases.office import enrolment
from casework.usecases.work import Services
from nlp.analysis import Kind
from storage.records import ChannelIdentity, GroupSuggestion, Opinion, OpinionState, Role, Staff, StaffChat
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload

S = OpinionState
SECRET = "Ông Trần Văn Tạo nhận phong bì"


@dataclass(kw_only=True)
class Chat:
    """One chat with us, private or a group, as the turn sees it."""

    services: Services
    identity: int
    chat_id: str
    sender_id: str
    is_group: bool = False
    anonymous: bool = False
    entries: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def sends(self, text: str = "", **more: object) -> list[Reply] | None:
        kind = more.pop("kind", MessageKind.TEXT)
        entry = more.pop("entry", None) or next(self.entries)
        message = InboundMessage(
            channel="telegram",
            account="bot",
            chat_id=self.chat_id,
            sender_id=self.sender_id,
            is_group=self.is_group,
            note="anonymous_admin" if self.anonymous else None,
            kind=kind,  # type: ignore[arg-type]
            text=text,
            sent_at=dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC),
            **more,  # type: ignore[arg-type]
        )
        return handle_staff(self.services, self.identity, message, entry)  # type: ignore[arg-type]

    def says(self, text: str) -> Reply:
        replies = self.sends(text)
        assert replies is not None
        (reply,) = replies
        return reply

    def presses(self, button: Button | Press | str, *, entry: int | None = None) -> Reply:
        token = button if isinstance(button, str) else button.token() if isinstance(button, Press) else button.token
        replies = self.sends(kind=MessageKind.PRESS, token=token, entry=entry)
        assert replies is not None
        (reply,) = replies
        return reply


def _chat(services: Services, chat_id: str, *, is_group: bool = False, sender_id: str | None = None) -> Chat:
    with services.writing() as work:
        identity = work.add(ChannelIdentity(channel="telegram", account="bot", external_id=chat_id, is_group=is_group))
        work.commit()
    return Chat(
        services=services,
        identity=identity.id or 0,
        chat_id=chat_id,
        sender_id=sender_id or chat_id,
        is_group=is_group,
    )


def _employed(services: Services, *roles: Role, name: str, village: str | None = None) -> Chat:
    staff_id = make_staff(services, *roles, name=name, village=village)
    chat = _chat(services, f"7{staff_id}")
    with services.writing() as work:
        staff = work.session.get_one(Staff, staff_id)
        staff.channel_identity_id = chat.identity
        work.session.add(staff)
        work.commit()
    return chat


@pytest.fixture
def lan(services: Services) -> Chat:
    return _employed(services, Role.MODERATOR, name="Chị Lan")


@pytest.fixture
def group(services: Services, lan: Chat) -> Chat:
    chat = _chat(services, "-100", is_group=True, sender_id=lan.sender_id)
    with services.writing() as work:
        work.add(StaffChat(office_id=services.office_id, channel_identity_id=chat.identity))
        work.commit()
    return chat


@pytest.fixture
def opinion(services: Services) -> Opinion:
    citizen = make_citizen(services, name="Nguyễn Thị Hoa")
    return make_opinion(
        services, citizen=citizen, state=S.RECEIVED, village="t4", text="Đèn thôn 4 tắt, gọi tôi 0912 345 678"
    )


def _button(reply: Reply, label: str) -> Button:
    (found,) = [button for row in reply.buttons for button in row if label in button.label]
    return found


# ---------------------------------------------------------------------- who it is for


def test_a_citizens_message_goes_on_to_the_citizens_talk(services: Services) -> None:
    citizen = _chat(services, "5")
    for text in ("Đèn hỏng", "/hangdoi", "duyệt K7P4MX", "/start"):
        assert citizen.sends(text) is None
    assert citizen.sends(kind=MessageKind.PRESS, token="s:q") is None


def test_staff_are_residents_too_and_their_own_words_go_on(lan: Chat) -> None:
    for text in ("Đường trước nhà tôi hỏng quá", "/batdau", "/danhsach", "xem lại đường thôn 4 giúp"):
        assert lan.sends(text) is None
    for kind in (MessageKind.MEDIA, MessageKind.EDIT, MessageKind.OTHER, MessageKind.BLOCKED):
        assert lan.sends("/hangdoi", kind=kind) is None


def test_an_unknown_command_is_answered_with_help(lan: Chat, group: Chat) -> None:
    assert "/trogiup" in lan.says("/khongco").text
    assert "/trogiup" in group.says("/khongco").text
    assert "Không có lệnh" in lan.presses("s:zz:K7P4MX").text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/xem", "Thiếu mã"),
        ("/xem K7P4MZ", "không phải mã"),
        ("/tuchoi {code}", "Chưa ghi căn cứ"),
        ("/tuchoi {code} VI_TOI_BAN", "không có trong danh sách"),
        ("/phanloai {code} mau=do", "Không có mục"),
        ("/phanloai {code} cap=huyen", "cấp huyện"),
        ("/phanloai {code} khan=chac", "Ghi co hoặc khong"),
        ("/chuyentren {code}", "Chưa ghi nơi nhận"),
        ("/donthu {code}", "khiếu nại hay tố cáo"),
        ("/duyet {code} 99999", "Không có nhóm"),
        ("/xem {missing}", "Không tìm thấy"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_changes(
    services: Services, lan: Chat, opinion: Opinion, text: str, said: str
) -> None:
    missing = new_code(services.random)
    assert said in lan.says(text.format(code=opinion.code, missing=missing)).text
    assert reload(services, opinion).version == opinion.version


# ---------------------------------------------------------------------- two taps


def test_two_taps_from_the_queue_to_a_decision_and_a_third_takes_it_back(
    services: Services, lan: Chat, opinion: Opinion
) -> None:
    queue = lan.says("/hangdoi")
    card = lan.presses(_button(queue, spoken(opinion.code or "")))
    assert "0912 345 678" in card.text
    done = lan.presses(_button(card, "Duyệt"))
    assert "Đã duyệt" in done.text
    assert reload(services, opinion).state == S.APPROVED
    assert "Đã hoàn tác" in lan.presses(_button(done, "Hoàn tác")).text
    assert reload(services, opinion).state == S.RECEIVED


def test_a_suggestion_is_accepted_with_one_tap(services: Services, lan: Chat, opinion: Opinion) -> None:
    group_id = make_group(services, title="Đèn đường thôn 4")
    known = make_opinion(services, state=S.APPROVED, group=group_id)
    fresh = make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED)
    with services.writing() as work:
        for other in (known, fresh):
            work.add(
                GroupSuggestion(
                    opinion_id=opinion.id or 0, other_opinion_id=other.id, score=0.9, same=True, at=work.now
                )
            )
        work.commit()
    card = lan.says(f"/xem {opinion.code}")
    lan.presses(_button(card, f"gộp vào nội dung {group_id}"))
    assert reload(services, opinion).group_id == group_id
    lan.says(f"/hoantac {opinion.code}")
    card = lan.says(f"/xem {opinion.code}")
    lan.presses(_button(card, f"gộp với {spoken(fresh.code or '')}"))
    assert reload(services, opinion).group_id == reload(services, fresh).group_id is not None


def test_declining_by_taps_asks_for_a_listed_ground(services: Services, lan: Chat, opinion: Opinion) -> None:
    card = lan.says(f"/xem {opinion.code}")
    grounds = lan.presses(_button(card, "Không đưa vào"))
    needs_words = lan.presses(_button(grounds, "1. "))
    assert f"/tuchoi {spoken(opinion.code or '')} DA_GIAI_QUYET_BANG_VAN_BAN" in needs_words.text
    assert reload(services, opinion).state == S.RECEIVED
    lan.presses(_button(grounds, "4. "))
    assert reload(services, opinion).decline_ground == "XUC_PHAM_VU_KHONG"


def test_a_held_opinion_offers_the_lawful_ways_only(services: Services, lan: Chat) -> None:
    held = make_opinion(services, state=S.HELD, kind="khieu-nai", citizen=make_citizen(services))
    card = lan.says(f"/xem {held.code}")
    assert not [1 for row in card.buttons for button in row if "Duyệt" in button.label]
    lan.presses(_button(card, "Đúng khiếu nại"))
    assert reload(services, held).state == S.REDIRECTED


def test_a_stale_press_changes_nothing_and_tells_who_did_what_when(
    services: Services, lan: Chat, opinion: Opinion, clock: ManualClock
) -> None:
    minh = _employed(services, Role.MODERATOR, name="Anh Minh")
    card = lan.says(f"/xem {opinion.code}")
    clock.advance(3900)
    minh.says(f"/tuchoi {opinion.code} 4")
    late = lan.presses(_button(card, "Duyệt"))
    assert "Anh Minh đã không đưa vào hội nghị ý kiến này lúc 9 giờ 05" in late.text
    assert reload(services, opinion).state == S.DECLINED
    assert "Căn cứ" in lan.presses(_button(late, "Xem hiện trạng")).text
    assert len(notices_of(services)) == 1


def test_the_role_is_checked_at_the_press_not_when_the_button_was_shown(
    services: Services, lan: Chat, opinion: Opinion
) -> None:
    card = lan.says(f"/xem {opinion.code}")
    with services.reading() as work:
        lan_id = enrolment.staff_of_chat(work, lan.identity) or 0
    boss = make_staff(services, Role.ADMIN)
    enrolment.set_roles(services, boss, lan_id, roles=[Role.VILLAGE_OFFICER], village="t5")
    assert "cần quyền" in lan.presses(_button(card, "Duyệt")).text
    assert reload(services, opinion).state == S.RECEIVED


def test_the_same_message_handled_twice_acts_once(services: Services, lan: Chat, opinion: Opinion) -> None:
    triage.approve(services, make_staff(services, Role.MODERATOR), opinion.code or "")
    version = labels.reclassify(
        services, make_staff(services, Role.MODERATOR), opinion.code or "", Labels(urgent=True)
    ).version
    undo = Press(tap=Tap.UNDO, ref=opinion.code, version=None)
    lan.presses(undo, entry=77)
    again = lan.presses(undo, entry=77)
    assert "đã được ghi" in again.text
    after = reload(services, opinion)
    assert (after.version, after.state, after.urgent) == (version + 1, S.APPROVED, False)


def test_every_command_does_its_work(services: Services, lan: Chat, opinion: Opinion) -> None:
    code, other = opinion.code, make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED)
    for text, said in (
        ("/homnay", "Việc hôm nay"),
        ("/khan", "Không có ý kiến nào chờ"),
        ("/cancu", "Đã được giải quyết bằng văn bản"),
        ("/trogiup", "Các lệnh"),
        (f"/xem {code}", "Đèn thôn 4"),
        (f"/hoilai {code} Đoạn nào ạ?", "Đã hỏi lại"),
        (f"/hoantac {code}", "Đã hoàn tác"),
        (f"/phanloai {code} viec=giao-thong cap=tinh khan=co thon=thôn 5", "Đã phân loại lại"),
        (f"/sua {code} Đèn hỏng, gọi 0912 345 678", "Đã sửa lời"),
        (f"/che {code}", "Đã sửa lời"),
        (f"/gop {code} {other.code} cùng việc", "Đã gộp"),
        (f"/tach {other.code} Đèn thôn 5", "Đã tách"),
        (f"/hoantac {other.code}", "Đã hoàn tác"),
        (f"/lichsu {code}", "Chị Lan gộp"),
        (f"/hoantac {code}", "Đã hoàn tác"),
        (f"/chuyentren {code} Sở Xây dựng tỉnh | 12/MTTQ | đường tỉnh", "Đã chuyển"),
        (f"/hoantac {code}", "Đã hoàn tác"),
        (f"/donthu {code} khieu-nai", "Đã hướng dẫn"),
        (f"/hoantac {code}", "Đã hoàn tác"),
        (f"/duyet {code} Đèn đường trục thôn 4", "Đã duyệt"),
    ):
        assert said in lan.says(text).text, text
    after = reload(services, opinion)
    assert (after.state, after.topic, after.level, after.urgent) == (S.APPROVED, "giao-thong", "tinh", True)
    assert after.edited_text is not None
    assert "0912" not in after.edited_text


def test_what_needs_words_is_given_as_a_line_to_copy(lan: Chat, opinion: Opinion) -> None:
    card = lan.says(f"/xem {opinion.code}")
    assert f"/hoilai {spoken(opinion.code or '')}" in lan.presses(_button(card, "Hỏi lại")).text
    more = lan.presses(_button(card, "Việc khác"))
    assert f"/chuyentren {spoken(opinion.code or '')}" in more.text
    assert "Đã sửa lời" in lan.presses(_button(more, "Che thông tin")).text


def test_a_template_sent_as_it_stands_is_no_command(services: Services, lan: Chat, opinion: Opinion) -> None:
    card = lan.says(f"/xem {opinion.code}")
    more = lan.presses(_button(card, "Việc khác")).text
    templates = [line for line in more.splitlines() if line.startswith("/")]
    assert all(":" not in line for line in templates)
    asking = lan.presses(_button(card, "Hỏi lại")).text.splitlines()[-1]
    settled = lan.presses(_button(lan.presses(_button(card, "Không đưa vào")), "1. ")).text.splitlines()[-1]
    code = spoken(opinion.code or "")
    named = [f"/duyet {code} tên việc", f"/hoilai {code} câu hỏi: hỏi lại người gửi"]
    # Undoing and guiding take no words, merging names a second code: nothing of these is a sample.
    takes_words = [line for line in templates if not line.startswith(("/hoantac", "/gop"))]
    for line in [*takes_words, asking, settled, *named]:
        assert "Đây vẫn là chữ mẫu, anh/chị thay bằng nội dung thật." in lan.says(line).text, line
    assert reload(services, opinion).state == S.RECEIVED


def test_a_choice_of_one_word_is_no_sample(services: Services, lan: Chat, opinion: Opinion) -> None:
    assert "hướng dẫn" in lan.says(f"/donthu {opinion.code} khieu-nai").text


def test_every_token_on_every_card_fits_the_platform(services: Services, lan: Chat) -> None:
    for state in S:
        one = make_opinion(services, state=state, group=make_group(services))
        card = lan.says(f"/xem {one.code}")
        for row in card.buttons:
            for button in row:
                assert len(button.token.encode("ascii")) <= 64
                assert button.label.strip()


# ---------------------------------------------------------------------- groups


def test_plain_talk_in_the_staff_group_is_theirs(group: Chat, opinion: Opinion) -> None:
    for text in ("Chào cả nhà", f"duyệt {opinion.code} nhé", "hàng đợi"):
        assert group.sends(text) == []
    assert group.sends(kind=MessageKind.PRESS, token="c:1:2") == []
    assert group.sends("/hangdoi", kind=MessageKind.EDIT) == []


def test_a_group_that_is_not_ours_is_left_alone(services: Services, lan: Chat) -> None:
    stranger = _chat(services, "-200", is_group=True, sender_id=lan.sender_id)
    assert stranger.sends("/hangdoi") is None


def test_in_the_group_names_and_numbers_are_masked_and_the_decider_is_named(
    services: Services, group: Chat, opinion: Opinion
) -> None:
    card = group.says(f"/xem {opinion.code}")
    assert "Hoa" not in card.text
    assert "0912" not in card.text
    assert group.presses(_button(card, "Duyệt")).text.startswith("Chị Lan: đã duyệt")


def test_who_is_not_enrolled_is_refused_politely_and_only_when_asking_for_something(
    services: Services, group: Chat, opinion: Opinion
) -> None:
    group.sender_id = "999"
    assert "/ghidanh" in group.says(f"/duyet {opinion.code}").text
    assert "/ghidanh" in group.presses(f"s:ok:{opinion.code}:0").text
    assert group.sends("chào") == []
    assert reload(services, opinion).state == S.RECEIVED


def test_an_anonymous_admin_is_told_that_decisions_need_a_name(
    services: Services, group: Chat, opinion: Opinion
) -> None:
    group.anonymous = True
    assert "ẩn danh" in group.says(f"/duyet {opinion.code}").text
    assert group.sends("chào") == []
    assert reload(services, opinion).state == S.RECEIVED


def test_nothing_sealed_is_ever_said_in_a_group_whoever_asks(services: Services, group: Chat) -> None:
    keeper = _employed(services, Role.CONFIDENTIAL, Role.MODERATOR, name="Anh Kín")
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text=SECRET)
    assert "phong bì" in keeper.says(f"/xem #{sealed.id}").text
    group.sender_id = keeper.sender_id
    missing = group.says("/xem #99999").text
    for ask in (f"/xem #{sealed.id}", f"/lichsu #{sealed.id}", f"/trave #{sealed.id}", f"/hoantac #{sealed.id}"):
        assert group.says(ask).text.splitlines()[0] == missing.splitlines()[0]
    for tap in Tap:
        if tap not in (Tap.QUEUE, Tap.URGENT):
            pressed = group.presses(Press(tap=tap, ref=f"#{sealed.id}", version=0, arg="to-cao"))
            assert "Không tìm thấy" in pressed.text
    for text in ("/hangdoi", "/homnay", "/khan"):
        said = group.says(text)
        assert "giữ kín" not in said.text
        assert f"#{sealed.id}" not in said.text + "".join(b.label + b.token for row in said.buttons for b in row)
    assert reload(services, sealed).version == sealed.version


def test_sealing_from_the_group_says_so_and_shows_it_no_more(services: Services, group: Chat, opinion: Opinion) -> None:
    said = group.says(f"/phanloai {opinion.code} loai=to-cao")
    assert "giữ kín" in said.text
    assert f"#{opinion.id}" not in said.text
    assert said.buttons == ()
    assert "Không tìm thấy" in group.says(f"/xem {opinion.code}").text
    assert reload(services, opinion).kind == Kind.DENUNCIATION


# ---------------------------------------------------------------------- enrolment


def test_a_code_in_the_chat_makes_a_staff_chat_of_it(services: Services, opinion: Opinion) -> None:
    admin = enrolment.add_staff(services, None, name="Bà Mai", roles=[Role.ADMIN, Role.MODERATOR], first=True)
    chat = _chat(services, "5")
    assert "không dùng được" in chat.says("/ghidanh SAISAISAI").text
    assert "không dùng được" in chat.says("/ghidanh").text
    welcome = chat.says(f"/ghidanh {admin.code.code}")
    assert "Chào Bà Mai" in welcome.text
    assert "1 ý kiến chờ" in chat.presses(_button(welcome, "Xem hàng đợi")).text
    assert chat.says(f"/ghidanh {admin.code.code}") == welcome
    assert "không dùng được" in _chat(services, "6").says(f"/ghidanh {admin.code.code}").text


def test_a_deep_link_carries_the_code_and_other_links_are_the_citizens(services: Services) -> None:
    admin = enrolment.add_staff(services, None, name="Bà Mai", roles=[Role.ADMIN], first=True)
    chat = _chat(services, "5")
    assert chat.sends(kind=MessageKind.START, payload="t4") is None
    assert chat.sends(kind=MessageKind.START) is None
    (reply,) = chat.sends(kind=MessageKind.START, payload=f"nv_{admin.code.code}") or []
    assert "Chào Bà Mai" in reply.text


def test_a_group_code_makes_a_staff_group(services: Services, lan: Chat) -> None:
    admin = make_staff(services, Role.ADMIN)
    code = enrolment.issue_group_code(services, admin).code
    room = _chat(services, "-300", is_group=True, sender_id=lan.sender_id)
    assert "nhóm cán bộ" in room.says(f"/ghidanh {code}").text
    assert "Không có ý kiến nào" in room.says("/hangdoi").text


def test_guessing_codes_is_stopped(services: Services) -> None:
    chat = _chat(services, "5")
    for _ in range(enrolment.ATTEMPTS):
        assert "không dùng được" in chat.says("/ghidanh ABCDEFGHJK").text
    assert "một giờ" in chat.says("/ghidanh ABCDEFGHJK").text


def test_a_long_queue_shows_every_section_at_once_and_the_rest_page_by_page(services: Services, lan: Chat) -> None:
    for _ in range(11):
        make_opinion(services, state=S.RECEIVED, citizen=make_citizen(services))
    held = make_opinion(services, state=S.HELD, kind="khieu-nai", citizen=make_citizen(services))
    first, second = lan.says("/hangdoi"), lan.says("/hangdoi 2")
    assert "GIỮ LẠI (có vẻ khiếu nại): 1" in first.text
    assert spoken(held.code or "") in first.text
    assert "CHỜ DUYỆT: 1" in first.text
    assert "Xem tiếp: /hangdoi 2" in first.text
    assert spoken(held.code or "") not in second.text
    assert "Không có trang 9" in lan.says("/hangdoi 9").text
