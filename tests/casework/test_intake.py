"""A citizen's turn as a use case: one transaction, safe to repeat, nothing lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import select

from bot.conversation.engine import advance
from bot.rehearsal import Rehearsal
from bot.turn import handle_entry
from casework.clock import ManualClock
from casework.effects import Facts, Step
from casework.talk import InboundMessage
from casework.usecases.work import Services
from storage import history
from storage.records import (
    Attachment,
    ChannelIdentity,
    Citizen,
    Consent,
    Conversation,
    Delivery,
    GroupSuggestion,
    InboxEntry,
    InboxStatus,
    Opinion,
    OpinionState,
    Prediction,
    ResidentialGroup,
    Wording,
)

LAMPS = "Đèn đường trục thôn 4 tắt từ hôm bão về, đoạn nhà văn hóa xuống trạm biến áp số 2 tối om. Đề nghị xã sửa."


@pytest.fixture
def stage(services: Services, clock: ManualClock) -> Rehearsal:
    return Rehearsal(services=services, clock=clock)


async def submit(stage: Rehearsal, text: str = LAMPS, chat: str = "a", *, push: bool = True) -> str:
    """Write, confirm, answer the consent questions; returns the code."""
    await stage.write(chat, text, name="Bà Sáu")
    await stage.wait(10)
    await stage.write(chat, "1")
    with stage.services.reading() as work:
        asked_before = work.session.exec(
            select(Consent)
            .join(ChannelIdentity, ChannelIdentity.id == Consent.channel_identity_id)  # type: ignore[arg-type]
            .where(ChannelIdentity.external_id == chat)
        ).first()
    if asked_before is None:
        for answer in ("1", "1" if push else "2", "1"):
            await stage.write(chat, answer, name="Bà Sáu")
    with stage.services.reading() as work:
        code = work.session.exec(select(Opinion.code).order_by(Opinion.id.desc())).first()  # type: ignore[union-attr]
    assert code is not None
    return code


def rows(stage: Rehearsal, record: Any) -> list[Any]:
    with stage.services.reading() as work:
        return list(work.session.exec(select(record)).all())


async def test_an_opinion_keeps_words_village_consents_and_who_judged_it(stage: Rehearsal) -> None:
    await submit(stage)
    (opinion,), (person,) = rows(stage, Opinion), rows(stage, Citizen)
    assert (opinion.original_text, opinion.state, opinion.source) == (LAMPS, OpinionState.RECEIVED, "chat")
    assert person.display_name == "Bà Sáu"
    village = next(group for group in rows(stage, ResidentialGroup) if group.id == opinion.residential_group_id)
    assert village.code == "t4"
    assert {(one.purpose, one.granted) for one in rows(stage, Consent)} == {
        ("process", True),
        ("push", True),
        ("publish", True),
    }
    assert all(len(one.wording_hash) == 16 for one in rows(stage, Consent))
    assert {one.label for one in rows(stage, Prediction)} == {"kind", "topic", "level", "urgent"}
    assert [one.text for one in rows(stage, Wording)] == [LAMPS]
    with stage.services.reading() as work:
        assert history.verify(work.session) == []


async def test_no_name_is_kept_of_a_person_who_declined(stage: Rehearsal) -> None:
    await stage.write("a", LAMPS, name="Bà Sáu")
    await stage.wait(10)
    for answer in ("1", "2", "2", "2"):
        await stage.write("a", answer, name="Bà Sáu")
    assert [person.display_name for person in rows(stage, Citizen)] == [None]
    assert [identity.display_name for identity in rows(stage, ChannelIdentity)] == [None]
    assert len(rows(stage, Opinion)) == 1


async def test_handling_an_entry_twice_changes_nothing(stage: Rehearsal) -> None:
    await submit(stage)
    before = [rows(stage, record) for record in (Opinion, Delivery, Conversation, InboxEntry)]
    channels = {(stage.channel.name, stage.channel.account): stage.channel}
    for entry in before[3]:
        assert handle_entry(stage.services, channels, entry.id) == []
    assert [rows(stage, record) for record in (Opinion, Delivery, Conversation, InboxEntry)] == before


async def test_a_turn_that_fails_leaves_no_trace_and_can_be_done_again(stage: Rehearsal) -> None:
    from casework.usecases.citizens import intake

    def breaks(
        state: Mapping[str, Any], message: InboundMessage, entry_id: int | None, facts: Facts, now: dt.datetime
    ) -> Step:
        step = advance(state, message, entry_id, facts, now)
        raise RuntimeError(f"power cut after {len(step.effects)} effects")

    payload = {"id": "1", "chat": "a", "text": LAMPS, "at": stage.clock.now().isoformat()}
    envelope = stage.channel.envelope(payload)
    stage.inbox.store("terminal", "local", envelope, "{}")
    (entry,) = rows(stage, InboxEntry)
    messages = stage.channel.parse(payload)
    with pytest.raises(RuntimeError, match="power cut"):
        intake.take_turn(stage.services, breaks, entry_id=entry.id, messages=messages, buttons=True)
    assert [one.status for one in rows(stage, InboxEntry)] == [InboxStatus.RECEIVED]
    assert rows(stage, Conversation) == rows(stage, ChannelIdentity) == []
    intake.take_turn(stage.services, advance, entry_id=entry.id, messages=messages, buttons=True)
    assert [one.status for one in rows(stage, InboxEntry)] == [InboxStatus.HANDLED]
    assert len(rows(stage, Conversation)) == 1


async def test_an_album_and_a_caption_become_one_opinion_with_all_its_files(stage: Rehearsal) -> None:
    for number in range(10):
        text = LAMPS if number == 0 else ""
        await stage.send_files("a", [{"kind": "photo", "file_ref": f"f{number}"}], text=text, album="x")
    await stage.wait(10)
    for answer in ("1", "1", "1", "1"):
        await stage.write("a", answer)
    (opinion,) = rows(stage, Opinion)
    assert [file.opinion_id for file in rows(stage, Attachment)] == [opinion.id] * 10
    assert sum("Kèm theo: 10 ảnh" in message.text for message in stage.seen("a")) == 1


async def test_a_denunciation_is_sealed_without_code_and_never_compared(stage: Rehearsal) -> None:
    await submit(stage)
    await stage.write("b", "Tôi tố cáo ông trưởng thôn 4 nhận tiền hối lộ 5 triệu để sửa đèn đường")
    await stage.wait(10)
    sealed = next(one for one in rows(stage, Opinion) if one.sealed)
    assert (sealed.code, sealed.state, sealed.group_id, sealed.signature) == (None, OpinionState.HELD, None, None)
    assert all(
        one.opinion_id != sealed.id and one.other_opinion_id != sealed.id for one in rows(stage, GroupSuggestion)
    )


async def test_erasing_a_denunciation_removes_its_words_everywhere(stage: Rehearsal) -> None:
    words = "Tôi tố cáo ông trưởng thôn 4 nhận tiền hối lộ 5 triệu"
    await stage.write("b", words)
    await stage.wait(10)
    await stage.write("b", "3")
    for record in (Opinion, Wording, InboxEntry, Conversation, Delivery):
        assert words not in str(rows(stage, record))
    assert [one.state for one in rows(stage, Opinion)] == [OpinionState.WITHDRAWN]


async def test_a_dropped_draft_leaves_no_words_behind(stage: Rehearsal) -> None:
    words = "Nhà bà Sáu cuối ngõ hay cãi nhau với tôi chuyện cái hàng rào"
    await stage.write("b", words)
    await stage.wait(10)
    await stage.write("b", "không gửi nữa")
    for record in (Opinion, InboxEntry, Conversation, Delivery):
        assert words not in str(rows(stage, record))


async def test_the_same_issue_of_two_people_is_proposed_with_a_reason(stage: Rehearsal) -> None:
    await submit(stage)
    await submit(stage, "den duong truc thon 4 mat may toi nay, tu nha van hoa den tram bien ap toi om", chat="b")
    suggestions = rows(stage, GroupSuggestion)
    assert [one.same for one in suggestions] == [True]
    assert suggestions[0].reasons


async def test_a_person_who_unblocks_gets_what_waited(stage: Rehearsal) -> None:
    from casework import notices
    from casework.usecases.citizens import people

    code = await submit(stage)
    with stage.services.writing() as work:
        identity = work.session.exec(select(ChannelIdentity)).one()
        people.set_reachable(work, identity, reachable=False, reason="blocked")
        opinion = work.session.exec(select(Opinion).where(Opinion.code == code)).one()
        notices.tell_asker(work, opinion, purpose="agenda", text="Ý kiến đã vào nội dung hội nghị")
        work.commit()
    await stage.settle()
    assert not any("vào nội dung hội nghị" in message.text for message in stage.seen("a"))
    await stage.write("a", "xin chào")
    assert sum("vào nội dung hội nghị" in message.text for message in stage.seen("a")) == 1


async def test_a_code_shows_another_person_the_status_but_not_the_words(stage: Rehearsal) -> None:
    code = await submit(stage)
    await stage.write("b", f"xem giúp tôi mã {code}")
    shown = stage.seen("b")[-1].text
    assert "đã nhận, chờ Mặt trận xem" in shown
    assert LAMPS[:20] not in shown


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\u0000\u0007",
        "😀🎉",
        "a" * 100_000,
        "Đề nghị xã sửa đường thôn 4. " * 3000,
        "\u202eđường thôn 4 hỏng\u202c",
        "🇻🇳" * 5000,
    ],
    ids=["empty", "control", "emoji", "100k", "100k-words", "rtl", "flags"],
)
async def test_odd_text_never_breaks_a_turn(stage: Rehearsal, text: str) -> None:
    await stage.write("a", text)
    await stage.wait(10)
    for answer in ("1", "1", "1", "1", "1"):
        await stage.write("a", answer)
    assert {one.status for one in rows(stage, InboxEntry)} == {InboxStatus.HANDLED}
    assert stage.seen("a")


async def test_decomposed_vietnamese_is_understood_like_composed(stage: Rehearsal) -> None:
    import unicodedata

    await submit(stage, unicodedata.normalize("NFD", LAMPS))
    (opinion,) = rows(stage, Opinion)
    assert opinion.topic == "dien-chieu-sang"
    assert opinion.residential_group_id is not None


async def test_a_second_identical_opinion_is_not_taken(stage: Rehearsal) -> None:
    await submit(stage)
    await stage.write("a", LAMPS)
    await stage.wait(10)
    assert "đã nhận hôm" in stage.seen("a")[-1].text
    assert len(rows(stage, Opinion)) == 1


async def test_words_added_later_that_make_it_a_denunciation_seal_it(stage: Rehearsal) -> None:
    await submit(stage)
    await submit(stage, "den duong truc thon 4 mat may toi nay, tu nha van hoa den tram bien ap toi om", chat="b")
    await stage.write("b", "danh sách")
    await stage.write("b", "1")
    await stage.write("b", "Ông trưởng thôn 4 nhận tiền hối lộ 5 triệu của nhà thầu, tôi tố cáo ông ấy")
    sealed = next(one for one in rows(stage, Opinion) if one.sealed)
    assert (sealed.state, sealed.code, sealed.signature) == (OpinionState.HELD, None, None)
    assert rows(stage, GroupSuggestion) == []


async def test_who_asks_for_a_person_can_be_found_by_staff(stage: Rehearsal) -> None:
    from casework.usecases.office import enrolment
    from storage.records import Role

    boss = enrolment.add_staff(stage.services, None, name="Lan", roles=list(Role), first=True)
    await stage.write("office", f"/ghidanh {boss.code.code}")
    code = await submit(stage)
    await stage.write("a", "gặp cán bộ")
    assert any(code[:3] in message.text for message in stage.seen("office")[1:])


async def test_a_stranger_with_the_code_takes_nothing_from_the_asker(stage: Rehearsal) -> None:
    from casework import notices

    code = await submit(stage, push=False)
    with stage.services.writing() as work:
        opinion = work.session.exec(select(Opinion).where(Opinion.code == code)).one()
        notices.tell_asker(work, opinion, purpose="declined", text="Lý do: việc của địa phương khác")
        work.commit()
    await stage.write("b", code)
    assert "địa phương khác" not in stage.seen("b")[-1].text
    await stage.write("a", code)
    assert "địa phương khác" in stage.seen("a")[-1].text


async def test_erase_takes_only_what_the_question_was_about(stage: Rehearsal) -> None:
    await stage.write("a", "Xã phạt nhà tôi 8 triệu vì xây tường. Phạt thế là không đúng, tôi yêu cầu hủy quyết định.")
    await stage.wait(10)
    for answer in ("1", "1", "1"):
        await stage.write("a", answer)
    await stage.write("a", "Tôi tố cáo ông trưởng thôn 4 nhận tiền hối lộ 5 triệu của nhà thầu")
    await stage.wait(10)
    with stage.services.writing() as work:
        sealed = work.session.exec(select(Opinion).where(Opinion.sealed)).one()  # type: ignore[arg-type]
        sealed.state = OpinionState.REDIRECTED
        work.session.add(sealed)
        work.commit()
    await stage.write("a", "3")
    complaint = next(one for one in rows(stage, Opinion) if not one.sealed)
    assert complaint.state == OpinionState.HELD
    assert "hủy quyết định" in complaint.original_text


async def test_the_same_trouble_may_be_reported_again_after_it_was_answered(stage: Rehearsal) -> None:
    await submit(stage)
    with stage.services.writing() as work:
        first = work.session.exec(select(Opinion)).one()
        first.state = OpinionState.ANSWERED
        work.session.add(first)
        work.commit()
    await submit(stage)
    assert len(rows(stage, Opinion)) == 2


async def test_what_comes_in_while_we_are_silent_still_joins_the_draft(stage: Rehearsal) -> None:
    for number in range(32):
        await stage.send_files("a", [{"kind": "photo", "file_ref": f"f{number}"}])
    await stage.write("a", LAMPS)
    await stage.wait(700)
    assert LAMPS in stage.seen("a")[-1].text
    assert "32 ảnh" in stage.seen("a")[-1].text


async def test_a_draft_is_shown_again_after_something_came_in_between(stage: Rehearsal) -> None:
    await stage.write("a", LAMPS)
    await stage.wait(10)
    await stage.write("a", "/trogiup")
    await stage.write("a", "4")
    assert LAMPS in stage.seen("a")[-1].text


async def test_a_long_draft_that_was_dropped_is_not_quoted_any_more(stage: Rehearsal) -> None:
    words = "Nhà tôi ở cuối ngõ, chuyện dài lắm. " + "Hàng rào bên ấy lấn sang đất nhà tôi từng tí một. " * 40
    await stage.write("b", words)
    await stage.wait(10)
    await stage.write("b", "không gửi nữa")
    assert "Nhà tôi ở cuối ngõ, chuyện dài lắm" not in str(rows(stage, Delivery))
