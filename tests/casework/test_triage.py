from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from functools import partial

import pytest
from sqlmodel import select

from casework import cards
from casework.clock import ManualClock
from casework.codes import spoken
from casework.errors import AlreadyDecided, IllegalMove, InvalidInput
from casework.grounds import GroundUse, grounds
from casework.usecases.answers import answering
from casework.usecases.moderation import merging, queue, triage, undo
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from nlp.analysis import Kind, MadeBy
from storage.records import (
    Act,
    Conference,
    ConferenceState,
    DeliveryState,
    GroupSuggestion,
    Opinion,
    OpinionGroup,
    OpinionState,
    Prediction,
    Role,
)
from tests.casework.conference_factories import under
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


# ---------------------------------------------------------------------- approve


def test_approving_makes_a_group_of_one_with_a_name_free_title_and_tells_the_asker_after_the_grace(
    services: Services, lan: int
) -> None:
    opinion = _asked(services, text="Đèn thôn 4 hỏng. Gọi ông Nguyễn Văn Bình 0912 345 678 ạ.", village="t4")
    decided = triage.approve(services, lan, opinion.code or "")
    group = _group(services, decided.group_id)
    assert "Bình" not in group.title
    assert "0912" not in group.title
    assert group.residential_group_id == village_key(services, "t4")
    (notice,) = notices_of(services)
    assert notice.purpose == "approved"
    assert notice.not_before - notice.created_at == services.undo_grace
    assert spoken(opinion.code or "") in notice.text
    assert "Bình" not in notice.text
    assert "hội nghị đối thoại hoặc bằng văn bản. Có tin mới, chúng tôi báo" in notice.text


def test_the_notice_names_the_next_conference_and_how_many_others_asked(services: Services, lan: int) -> None:
    with services.writing() as work:
        work.add(
            Conference(
                office_id=services.office_id,
                code="HN-1",
                title="Hội nghị",
                regulation="thanh-hoa",
                held_on=dt.date(2026, 11, 28),
                place="hội trường xã",
                chair="Bí thư",
                state=ConferenceState.PLANNED,
                created_at=work.now,
            )
        )
        work.commit()
    group = make_group(services)
    for _ in range(2):
        _asked(services, state=S.APPROVED, group=group)
    twice = make_citizen(services)
    make_opinion(services, citizen=twice, state=S.APPROVED, group=group)
    newest = make_opinion(services, citizen=twice, state=S.RECEIVED)
    triage.approve(services, lan, newest.code or "", group_id=group)
    (notice,) = notices_of(services, "approved")
    assert "28/11/2026" in notice.text
    assert "2 người khác" in notice.text


def test_a_title_with_somebodys_number_is_refused_and_one_with_a_name_is_remarked(services: Services, lan: int) -> None:
    opinion = _asked(services)
    with pytest.raises(InvalidInput, match="số điện thoại"):
        triage.approve(services, lan, opinion.code or "", title="Gọi 0912 345 678")
    assert reload(services, opinion).state == S.RECEIVED
    decided = triage.approve(services, lan, opinion.code or "", title="Đề nghị ông Nguyễn Văn Bình trả lời")
    assert "xem lại" in decided.remark


def test_joining_an_issue_that_is_already_referred_follows_it(services: Services, lan: int) -> None:
    group = make_group(services)
    _asked(services, state=S.REFERRED, group=group)
    opinion = _asked(services)
    assert triage.approve(services, lan, opinion.code or "", group_id=group).state == S.REFERRED


def test_an_issue_that_everybody_has_left_takes_nobody_in(services: Services, lan: int) -> None:
    opinion = _asked(services)
    with pytest.raises(IllegalMove, match="không còn ý kiến nào"):
        triage.approve(services, lan, opinion.code or "", group_id=make_group(services))


def test_joining_an_answered_issue_brings_the_answer_once_and_no_other_news(services: Services) -> None:
    boss = make_staff(services, Role.MODERATOR, Role.APPROVER)
    first = _asked(services)
    triage.approve(services, boss, first.code or "")
    group = reload(services, first).group_id
    answering.assign(services, boss, f"nhom:{group}", agency="UBND xã Tân Minh", due_on=dt.date(2026, 12, 1))
    written = answering.write_answer(
        services,
        boss,
        f"nhom:{group}",
        agency="UBND xã Tân Minh",
        document_number="112/UBND-KT",
        document_date=dt.date(2026, 11, 2),
        text="Ngày 02/11/2026 xã đã kiểm tra và thay 5 bóng đèn trục thôn 4, đèn đã sáng.",
        final=True,
    )
    answering.approve_answer(services, boss, written)
    answering.publish_answer(services, boss, written)
    late = _asked(services)
    assert triage.approve(services, boss, late.code or "", group_id=group).state == S.ANSWERED
    told = [notice for notice in notices_of(services) if notice.opinion_id == late.id]
    assert [notice.purpose for notice in told] == ["answer"]
    undo.undo(services, boss, late.code or "")
    told = [notice for notice in notices_of(services) if notice.opinion_id == late.id]
    assert [notice.state for notice in told] == [DeliveryState.CANCELLED]


@pytest.mark.parametrize("kind", ["khieu-nai", "to-cao"])
def test_what_is_taken_for_a_complaint_or_denunciation_cannot_be_approved(
    services: Services, lan: int, kind: str
) -> None:
    opinion = _asked(services, kind=kind)
    with pytest.raises(IllegalMove, match="khiếu nại hoặc tố cáo"):
        triage.approve(services, lan, opinion.code or "")


def test_approving_what_the_program_took_for_a_greeting_records_the_persons_judgement(
    services: Services, lan: int
) -> None:
    opinion = _asked(services, kind="khong-phai-y-kien")
    triage.approve(services, lan, opinion.code or "")
    assert reload(services, opinion).kind == "y-kien"
    with services.reading() as work:
        (said,) = work.session.exec(select(Prediction).where(Prediction.opinion_id == opinion.id)).all()
    assert (said.label, said.value, said.made_by) == ("kind", "y-kien", MadeBy.PERSON)


def test_the_suggestion_that_was_followed_stands_in_the_history(services: Services, lan: int) -> None:
    group = make_group(services)
    other = _asked(services, state=S.APPROVED, group=group)
    opinion = _asked(services)
    with services.writing() as work:
        suggestion = work.add(
            GroupSuggestion(
                opinion_id=opinion.id, other_opinion_id=other.id, score=0.9, same=True, reasons=["đèn"], at=work.now
            )
        )
        work.commit()
    triage.approve(services, lan, opinion.code or "", group_id=group)
    (act,) = _acts(services, opinion)
    assert act.details["suggestion"] == suggestion.id
    assert (act.actor, act.actor_id) == ("staff", lan)


# ---------------------------------------------------------------------- two at once


@pytest.mark.parametrize("with_card", [True, False])
def test_two_staff_deciding_at_once_one_wins_and_the_other_is_told_who_did_what_when(
    services: Services, lan: int, with_card: bool
) -> None:
    minh = make_staff(services, Role.MODERATOR, name="Anh Minh")
    for _ in range(5):
        opinion = _asked(services)
        code, seen = opinion.code or "", opinion.version if with_card else None
        won, lost = _race(
            {
                "Chị Lan": partial(triage.approve, services, lan, code, expected_version=seen),
                "Anh Minh": partial(triage.decline, services, minh, code, "NGOAI_DIA_BAN", expected_version=seen),
            }
        )
        assert len(won) == 1
        assert len(lost) == 1
        assert won[0] in lost[0]
        assert "lúc 8 giờ 00" in lost[0]
        assert len([one for one in notices_of(services) if one.opinion_id == opinion.id]) == 1


def _race(acts: dict[str, Callable[[], object]]) -> tuple[list[str], list[str]]:
    """Run all at once; who won, and what the losers were told."""
    barrier = threading.Barrier(len(acts))
    won: list[str] = []
    lost: list[str] = []

    def run(name: str, act: Callable[[], object]) -> None:
        barrier.wait()
        try:
            act()
            won.append(name)
        except AlreadyDecided as error:
            lost.append(error.what)

    threads = [threading.Thread(target=run, args=pair) for pair in acts.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return won, lost


def test_a_decision_on_an_older_version_is_refused_because_the_citizen_changed_the_words(
    services: Services, lan: int
) -> None:
    opinion = _asked(services)
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id)
        row.original_text, row.version = "Thật ra là đèn thôn 5", row.version + 1
        work.session.add(row)
        work.commit()
    with pytest.raises(AlreadyDecided):
        triage.approve(services, lan, opinion.code or "", expected_version=opinion.version)
    triage.approve(services, lan, opinion.code or "", expected_version=opinion.version + 1)


def test_a_change_of_mind_needs_the_present_version_or_an_undo(
    services: Services, lan: int, clock: ManualClock
) -> None:
    opinion = _asked(services)
    version = triage.approve(services, lan, opinion.code or "").version
    clock.advance(3600 * 24)
    with pytest.raises(AlreadyDecided, match=r"Chị Lan đã duyệt ý kiến này lúc 8 giờ 00, 02/11/2026"):
        triage.decline(services, lan, opinion.code or "", "NGOAI_DIA_BAN")
    triage.decline(services, lan, opinion.code or "", "NGOAI_DIA_BAN", expected_version=version)
    assert reload(services, opinion).group_id is None


# ---------------------------------------------------------------------- decline, redirect, refer, ask back


def test_declining_needs_a_listed_ground(services: Services, lan: int) -> None:
    opinion = _asked(services)
    for wrong in ("", "VI_TOI_BAN", "99", "KHIEU_NAI", "GAY_ROI_SAY_DE_DOA"):
        with pytest.raises(InvalidInput):
            triage.decline(services, lan, opinion.code or "", wrong)
    assert reload(services, opinion).state == S.RECEIVED
    assert notices_of(services) == []


@pytest.mark.parametrize("ground", [one.code for one in grounds(GroundUse.OPINION)])
def test_the_asker_is_told_why_on_which_basis_and_what_to_do_instead(services: Services, lan: int, ground: str) -> None:
    (chosen,) = [one for one in grounds() if one.code == ground]
    opinion = _asked(services)
    triage.decline(services, lan, opinion.code or "", str(chosen.number), note="văn bản 12/UBND ngày 01/10/2026")
    (notice,) = notices_of(services)
    assert chosen.text in notice.text
    assert chosen.instead in notice.text
    basis = chosen.basis("thanh-hoa")
    # Where the regulation is silent nothing is cited at the asker.
    assert (basis.text in notice.text, "Căn cứ" in notice.text) == (not basis.assumed, not basis.assumed)
    assert "12/UBND" in notice.text
    assert "Lan" not in notice.text
    assert reload(services, opinion).decline_ground == ground


def test_settled_in_writing_needs_the_document(services: Services, lan: int) -> None:
    opinion = _asked(services)
    with pytest.raises(InvalidInput, match="số và ngày"):
        triage.decline(services, lan, opinion.code or "", "DA_GIAI_QUYET_BANG_VAN_BAN", note="  ")


@pytest.mark.parametrize(
    ("note", "enough"),
    [
        ("số và ngày của văn bản đã trả lời", False),
        ("đã trả lời rồi", False),
        ("112/UBND-KT", False),
        ("ngày 26/11/2026", False),
        ("112/UBND-KT ngày 26/11/2026", True),
        ("công văn số 45, ngày 3 tháng 5 năm 2026", True),
    ],
)
def test_the_document_that_settled_a_matter_is_named_by_number_and_date(
    services: Services, lan: int, note: str, enough: bool
) -> None:
    opinion = _asked(services)
    decline = partial(triage.decline, services, lan, opinion.code or "", "DA_GIAI_QUYET_BANG_VAN_BAN", note=note)
    if enough:
        assert decline().state == S.DECLINED
    else:
        with pytest.raises(InvalidInput, match="số và ngày"):
            decline()


def test_where_the_regulation_is_silent_the_decision_says_that_it_assumes(services: Services, lan: int) -> None:
    opinion = _asked(services)
    decided = triage.decline(services, lan, opinion.code or "", "NGOAI_DIA_BAN")
    assert "Hà Nội và Sơn La" in decided.remark
    (act,) = _acts(services, opinion)
    assert act.details["assumed"] is True


@pytest.mark.parametrize(
    ("regulation", "ground", "chair_only"),
    [
        ("ha-noi", "KHONG_MUC_DICH_XAY_DUNG", True),
        ("hai-phong", "DA_GIAI_QUYET_BANG_VAN_BAN", True),
        ("ha-noi", "XUC_PHAM_VU_KHONG", False),
        ("dien-bien", "DA_GIAI_QUYET_BANG_VAN_BAN", False),
        ("thanh-hoa", "KHONG_MUC_DICH_XAY_DUNG", False),
    ],
)
def test_what_the_text_leaves_to_the_chair_needs_the_chairs_word(
    services: Services, lan: int, regulation: str, ground: str, chair_only: bool
) -> None:
    under(services, regulation)
    opinion = _asked(services)
    decline = partial(triage.decline, services, lan, opinion.code or "", ground, note="112/UBND-KT ngày 26/11/2026")
    if chair_only:
        with pytest.raises(InvalidInput, match="chỉ người chủ trì được quyết định"):
            decline()
        assert (reload(services, opinion).state, notices_of(services)) == (S.RECEIVED, [])
    assert decline(by="Chủ tịch UBND xã" if chair_only else None).state == S.DECLINED
    (act,) = _acts(services, opinion)
    assert act.details["by_chair"] is chair_only


def test_in_son_la_what_is_under_investigation_is_answered_later_and_the_opinion_stays_open(
    services: Services, lan: int
) -> None:
    under(services, "son-la")
    opinion = _asked(services)
    decided = triage.decline(
        services, lan, opinion.code or "", "DANG_DIEU_TRA_XAC_MINH", by="Bí thư Đảng ủy xã, người chủ trì"
    )
    assert (decided.state, reload(services, opinion).decline_ground) == (S.HELD, None)
    assert "trả lời sau, không từ chối hẳn" in decided.remark
    (notice,) = notices_of(services)
    for words in ("sẽ được trả lời sau", "đang điều tra, xác minh", "Điều 10 khoản 1", "không phải gửi lại"):
        assert words in notice.text
    triage.release(services, lan, opinion.code or "")
    assert triage.approve(services, lan, opinion.code or "").state == S.APPROVED
    assert [one.check for one in examine(services) if one.subject == "opinion" and one.check != "words-stored"] == []


def test_putting_off_is_undone_like_any_decision(services: Services, lan: int) -> None:
    under(services, "son-la")
    opinion = _asked(services)
    triage.decline(services, lan, opinion.code or "", "DANG_DIEU_TRA_XAC_MINH", by="Chủ tịch UBND xã")
    undo.undo(services, lan, opinion.code or "")
    assert reload(services, opinion).state == S.RECEIVED


def test_a_persons_confirmation_guides_a_complaint_to_its_channel(services: Services, lan: int) -> None:
    opinion = _asked(services, state=S.HELD, kind="khieu-nai")
    triage.redirect(services, lan, opinion.code or "")
    (notice,) = notices_of(services)
    assert "người đã ra quyết định" in notice.text
    assert reload(services, opinion).state == S.REDIRECTED


def test_redirecting_needs_to_know_which_of_the_two_it_is(services: Services, lan: int) -> None:
    opinion = _asked(services)
    with pytest.raises(InvalidInput, match="khiếu nại hay tố cáo"):
        triage.redirect(services, lan, opinion.code or "")


def test_confirming_a_denunciation_seals_it_and_its_notice_betrays_nothing(services: Services, lan: int) -> None:
    opinion = _asked(services, text="Ông Trần Văn Tạo ở thôn 4 nhận tiền làm sổ đỏ", kind="to-cao", state=S.HELD)
    triage.redirect(services, lan, opinion.code or "", kind=Kind.DENUNCIATION)
    sealed = reload(services, opinion)
    assert (sealed.sealed, sealed.code) == (True, None)
    (notice,) = notices_of(services)
    for secret in ("Tạo", "tiền", "sổ đỏ", "tố cáo", "Tố cáo", "thôn 4", spoken(opinion.code or "")):
        assert secret not in notice.text
    assert "tiếp công dân" in notice.text


def test_releasing_what_was_held_gives_it_a_code_and_puts_it_into_the_queue(services: Services, keeper: int) -> None:
    opinion = _asked(services, state=S.HELD, kind="to-cao", sealed=True)
    triage.release(services, keeper, opinion.id or 0)
    free = reload(services, opinion)
    assert (free.state, free.kind, free.sealed) == (S.RECEIVED, "y-kien", False)
    (notice,) = notices_of(services)
    assert spoken(free.code or "") in notice.text


def test_only_what_is_held_can_be_released(services: Services, lan: int) -> None:
    with pytest.raises(IllegalMove):
        triage.release(services, lan, _asked(services).code or "")


def test_referring_up_takes_the_whole_issue_along_and_tells_each_where_to_and_when(
    services: Services, lan: int
) -> None:
    group = make_group(services)
    askers = [_asked(services, state=S.APPROVED, group=group) for _ in range(3)]
    decided = triage.refer_up(
        services,
        lan,
        askers[0].code or "",
        "Sở Xây dựng tỉnh",
        document="12/MTTQ",
        report_on=dt.date(2026, 12, 15),
        why="đường tỉnh quản lý",
        expected_version=0,
    )
    assert len(decided.moved) == 2
    assert {reload(services, one).state for one in askers} == {S.REFERRED}
    told = notices_of(services, "referred")
    assert len(told) == 3
    assert all("Sở Xây dựng tỉnh" in one.text and "12/MTTQ" in one.text and "15/12/2026" in one.text for one in told)


def test_referring_up_needs_a_body_and_a_day_to_come(services: Services, lan: int) -> None:
    opinion = _asked(services)
    with pytest.raises(InvalidInput):
        triage.refer_up(services, lan, opinion.code or "", "  ")
    with pytest.raises(InvalidInput):
        triage.refer_up(
            services, lan, opinion.code or "", "Sở Y tế", report_on=dt.date(2026, 11, 1), why="tỉnh quản lý"
        )


def test_asking_back_sends_the_question_with_a_way_to_answer(services: Services, lan: int) -> None:
    opinion = _asked(services)
    triage.ask_back(services, lan, opinion.code or "", "Đèn hỏng ở đoạn nào ạ?")
    waiting = reload(services, opinion)
    assert (waiting.state, waiting.question) == (S.CLARIFYING, "Đèn hỏng ở đoạn nào ạ?")
    (notice,) = notices_of(services)
    assert "Đèn hỏng ở đoạn nào ạ?" in notice.text
    assert notice.buttons[0][0]["token"] == f"ans:{opinion.code}"


def test_nobody_is_asked_back_by_chat_about_what_is_sealed(services: Services, keeper: int) -> None:
    opinion = _asked(services, state=S.HELD, kind="to-cao", sealed=True)
    with pytest.raises(IllegalMove, match="bảo vệ người gửi"):
        triage.ask_back(services, keeper, opinion.id or 0, "Ai đưa tiền?")


@pytest.mark.parametrize("question", ["", " \n ", "x" * 1001])
def test_a_question_must_be_one(services: Services, lan: int, question: str) -> None:
    with pytest.raises(InvalidInput):
        triage.ask_back(services, lan, _asked(services).code or "", question)


def test_who_cannot_be_pushed_finds_the_decision_by_code(services: Services, lan: int) -> None:
    quiet = make_opinion(services, citizen=make_citizen(services, push=False), state=S.RECEIVED)
    assert triage.approve(services, lan, quiet.code or "").notice == DeliveryState.WAITING_PICKUP


@pytest.mark.parametrize("state", [S.WITHDRAWN, S.ANSWERED, S.DECLINED, S.REDIRECTED, S.SCHEDULED, S.ASSIGNED])
def test_what_has_gone_further_is_not_decided_again(services: Services, lan: int, state: OpinionState) -> None:
    opinion = _asked(services, state=state)
    for decide in (
        lambda: triage.approve(services, lan, opinion.code or ""),
        lambda: triage.decline(services, lan, opinion.code or "", "4"),
        lambda: triage.ask_back(services, lan, opinion.code or "", "Ở đâu ạ?"),
        lambda: triage.refer_up(services, lan, opinion.code or "", "Sở Y tế", why="tỉnh quản lý"),
        lambda: triage.redirect(services, lan, opinion.code or "", kind=Kind.COMPLAINT),
    ):
        with pytest.raises(AlreadyDecided):
            decide()
    assert notices_of(services) == []


# ---------------------------------------------------------------------- what may be public


@pytest.mark.parametrize("publish", [False, None])
def test_words_of_an_asker_who_did_not_agree_to_be_published_become_no_title_but_a_person_may_write_one(
    services: Services, lan: int, publish: bool | None
) -> None:
    opinion = _asked(services, citizen=make_citizen(services, publish=publish))
    card = cards.opinion_card(queue.show(services, lan, opinion.code or ""), in_group=False)
    assert "Người gửi KHÔNG đồng ý nêu công khai" in card
    assert "KHÔNG nêu công khai" in cards.queue_card(queue.queue(services, lan))
    with pytest.raises(InvalidInput, match="KHÔNG đồng ý nêu công khai") as refused:
        triage.approve(services, lan, opinion.code or "")
    assert f"/duyet {spoken(opinion.code or '')} tên việc" in str(refused.value.todo)
    decided = triage.approve(services, lan, opinion.code or "", title="Đèn đường thôn 4")
    assert _group(services, decided.group_id).title == "Đèn đường thôn 4"
    assert _group(services, decided.group_id).titled_by_staff


def test_joining_an_issue_quotes_nobody_so_it_needs_no_consent(services: Services, lan: int) -> None:
    first = _asked(services)
    group = triage.approve(services, lan, first.code or "").group_id
    quiet = _asked(services, citizen=make_citizen(services, publish=False))
    assert triage.approve(services, lan, quiet.code or "", group_id=group).group_id == group
    assert not _group(services, group).titled_by_staff


def test_a_photo_without_words_needs_a_title_by_a_person(services: Services, lan: int) -> None:
    opinion = _asked(services, text="[1 ảnh]")
    with pytest.raises(InvalidInput, match="không có chữ"):
        triage.approve(services, lan, opinion.code or "")
    decided = triage.approve(services, lan, opinion.code or "", title="Cống trước nhà văn hóa")
    assert _group(services, decided.group_id).title == "Cống trước nhà văn hóa"


def test_merging_and_splitting_make_no_title_of_words_that_are_not_for_the_public(services: Services, lan: int) -> None:
    quiet = _asked(services, citizen=make_citizen(services, publish=False), text="Nhà tôi cạnh cống, hôi lắm.")
    other = _asked(services, citizen=make_citizen(services, publish=False), text="Cống hôi quá xã ơi.")
    with pytest.raises(InvalidInput, match="KHÔNG đồng ý"):
        merging.merge(services, lan, [quiet.code or "", other.code or ""])
    agreed = _asked(services, text="Cống xóm dưới bốc mùi.")
    merged = merging.merge(services, lan, [quiet.code or "", other.code or "", agreed.code or ""])
    assert _group(services, merged.group_id).title == "Cống xóm dưới bốc mùi."
    with pytest.raises(InvalidInput, match="/tach"):
        merging.split(services, lan, quiet.code or "")
    alone = merging.split(services, lan, quiet.code or "", title="Mùi hôi từ cống")
    assert _group(services, alone.group_id).title == "Mùi hôi từ cống"


def test_who_is_sent_nothing_is_promised_no_message(services: Services, lan: int) -> None:
    opinion = _asked(services, citizen=make_citizen(services, push=False))
    triage.approve(services, lan, opinion.code or "")
    (notice,) = notices_of(services)
    assert "chúng tôi báo" not in notice.text
    assert f"ông/bà nhắn mã {spoken(opinion.code or '')} vào đây" in notice.text


def test_merging_across_villages_or_topics_is_remarked_line_by_line(services: Services, lan: int) -> None:
    one, two = _asked(services, village="t4"), _asked(services, village="t5", topic="giao-thong")
    card = cards.decided_card(merging.merge(services, lan, [one.code or "", two.code or ""])).splitlines()
    assert len([line for line in card if line.startswith("Lưu ý: ") and line.endswith("Nhầm thì hoàn tác.")]) == 2
