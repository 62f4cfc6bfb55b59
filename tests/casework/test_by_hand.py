from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from sqlmodel import col, select

from casework.clock import ManualClock, local_date
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.notices import deliver_waiting, tell_asker
from casework.reports.periods import ReportKind
from casework.usecases.access import require
from casework.usecases.delivery.by_hand import (
    HandedOver,
    hand_over,
    hand_over_all,
    read_out,
    take_back,
    typed,
    waiting_slips,
)
from casework.usecases.delivery.slip_list import count_waiting
from casework.usecases.moderation.digest import digest
from casework.usecases.reports.reports import show_report
from casework.usecases.work import Services
from storage.records import Act, ChannelIdentity, Consent, ConsentPurpose, Delivery, DeliveryState, Role
from tests.casework.factories import make_citizen, make_opinion, make_staff, notices_of
from tests.casework.slips import ANSWER, notice_of, waiting_slip

S = DeliveryState


def refs(services: Services, staff: int, **more: object) -> list[str]:
    return [slip.ref for slip in waiting_slips(services, staff, **more)]  # type: ignore[arg-type]


def whys(result: HandedOver) -> Sequence[str]:
    return [one.why for one in result.refused]


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


@pytest.fixture
def bay(services: Services) -> int:
    return make_staff(services, Role.VILLAGE_OFFICER, name="Ông Bảy", village="ha")


# --------------------------------------------------------------------------- the list


def test_a_village_officer_sees_the_slips_of_the_own_village_and_a_moderator_those_of_all(services, lan, bay) -> None:
    below, _ = waiting_slip(services, village="ha")
    above, _ = waiting_slip(services, village="thuong")
    assert refs(services, bay) == [below.code]
    # In the order of the villages of the commune.
    assert refs(services, lan) == [above.code, below.code]
    assert refs(services, lan, village="THÔN HẠ") == [below.code]
    with pytest.raises(InvalidInput, match="moon"):
        waiting_slips(services, lan, "moon")
    with pytest.raises(Forbidden):
        waiting_slips(services, make_staff(services, Role.ADMIN))


def test_a_slip_goes_to_where_the_person_lives_not_to_where_the_matter_is(services, bay) -> None:
    person = make_citizen(services, village="ha", channel=None, push=None)
    opinion = make_opinion(services, citizen=person, village="thuong")
    with services.writing() as work:
        tell_asker(work, opinion, purpose="answer", text="Trả lời")
        work.commit()
    assert refs(services, bay) == [opinion.code]


def test_a_name_is_shown_only_while_its_owner_agrees_to_have_it_kept(services, bay) -> None:
    kept, _ = waiting_slip(services, name="Bà Tư Hoa")
    taken_back, _ = waiting_slip(services, name="Ông Sáu Lành")
    with services.writing() as work:
        consent = {"wording_version": "1", "wording_hash": "x", "at": work.now, "purpose": ConsentPurpose.PROCESS}
        work.add(Consent(citizen_id=kept.citizen_id, granted=True, **consent))
        work.add(Consent(citizen_id=taken_back.citizen_id, granted=True, **consent))
        work.add(Consent(citizen_id=taken_back.citizen_id, granted=False, **consent))
        work.commit()
    assert [slip.name for slip in waiting_slips(services, bay)] == ["Bà Tư Hoa", None]


def test_what_is_sealed_is_in_no_list_with_others_and_only_for_the_confidential_role(services, lan) -> None:
    keeper = make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR)
    open_one, _ = waiting_slip(services)
    sealed = make_opinion(
        services, citizen=make_citizen(services, channel=None, push=None, name="Bà Kín"), village="ha", sealed=True
    )
    with services.writing() as work:
        tell_asker(work, sealed, purpose="declined", text="Nội dung gửi ngày 2/11 đã được xem.")
        work.commit()
    assert refs(services, keeper) == [open_one.code]
    [slip] = waiting_slips(services, keeper, sealed=True)
    assert (slip.ref, slip.about, slip.name) == (f"#{sealed.id}", "", None)
    with pytest.raises(Forbidden):
        waiting_slips(services, lan, sealed=True)
    assert whys(hand_over(services, lan, [f"#{sealed.id}"])) == ["Không tìm thấy ý kiến này."]
    assert hand_over(services, keeper, [f"#{sealed.id}"]).refused == ()


def test_the_digest_counts_the_slips_of_ones_own_villages(services, lan, bay) -> None:
    waiting_slip(services, village="ha")
    waiting_slip(services, village="thuong")
    waiting_slip(services, village=None)
    assert (digest(services, lan).slips, digest(services, bay).slips) == (3, 1)
    assert not digest(services, bay).is_empty
    assert digest(services, make_staff(services, Role.ADMIN)).slips == 0


# --------------------------------------------------------------------------- handing over


def test_several_are_handed_over_at_once_with_who_and_when_on_record(services, bay) -> None:
    (first, one), (second, two) = waiting_slip(services), waiting_slip(services)
    done = hand_over(services, bay, [first.code or "", second.code or ""], note="đưa tận nhà").done
    assert [handed.delivery_id for handed in done] == [one.id, two.id]
    row = notice_of(services, one)
    assert (row.state, row.finished_at) == (S.HANDED_OVER, services.clock.now())
    with services.reading() as work:
        acts = work.session.exec(select(Act).where(Act.verb == "handed_over").order_by(col(Act.id))).all()
    assert [(act.actor_id, act.subject_id, act.why) for act in acts] == [
        (bay, one.id, "đưa tận nhà"),
        (bay, two.id, "đưa tận nhà"),
    ]
    assert waiting_slips(services, bay) == []


def test_one_code_that_cannot_be_taken_holds_no_other_up(services, bay) -> None:
    mine, _ = waiting_slip(services)
    other, _ = waiting_slip(services, village="thuong")
    result = hand_over(services, bay, [other.code or "", "ABCDEF", mine.code or ""])
    assert [one.ref for one in result.done] == [mine.code]
    assert whys(result) == ["Người này không ở thôn anh/chị phụ trách.", "Không tìm thấy ý kiến này."]


def test_what_was_handed_over_before_says_so(services, bay) -> None:
    opinion, _ = waiting_slip(services)
    hand_over(services, bay, [opinion.code or ""])
    assert whys(hand_over(services, bay, [opinion.code or ""])) == ["Phiếu này đã ghi là trao ngày 02/11/2026."]


def test_whoever_writes_meanwhile_gets_it_in_the_chat_and_the_slip_no_longer_waits(services, bay) -> None:
    opinion, notice = waiting_slip(services)
    with services.writing() as work:
        identity = work.add(
            ChannelIdentity(
                channel="terminal",
                account="test",
                external_id="new",
                citizen_id=opinion.citizen_id,
                last_inbound_at=work.now,
            )
        )
        assert identity.id is not None
        deliver_waiting(work, citizen_id=opinion.citizen_id, identity_id=identity.id, reasons=(notice.outcome or "",))
        work.commit()
    assert waiting_slips(services, bay) == []
    assert whys(hand_over(services, bay, [opinion.code or ""])) == [
        "Tin đang được gửi tới điện thoại người ấy, chưa cần trao phiếu."
    ]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        (S.PICKED_UP, "tự nhận qua tin nhắn ngày 02/11/2026"),
        (S.SENT, "đã gửi tới điện thoại người ấy ngày 02/11/2026"),
        (S.SENDING, "đang được gửi"),
        (S.UNKNOWN, "chưa rõ tới hay chưa"),
        (S.EXPIRED, "quá cũ"),
        (S.CANCELLED, "chưa có gì để trao"),
    ],
)
def test_what_no_longer_waits_is_refused_with_what_became_of_it(services, bay, state, why) -> None:
    opinion, notice = waiting_slip(services)
    set_state(services, notice, state)
    result = hand_over(services, bay, [opinion.code or ""])
    assert result.done == ()
    assert why in whys(result)[0]
    assert notice_of(services, notice).state == state


def set_state(services: Services, notice: Delivery, state: DeliveryState, rung: str = "slip") -> None:
    with services.writing() as work:
        row = work.session.get_one(Delivery, notice.id)
        row.state, row.rung, row.finished_at = state, rung, work.now
        work.add(row)
        work.commit()


def test_who_meets_the_person_may_give_what_still_waits_for_them_to_write(services, bay) -> None:
    opinion, notice = waiting_slip(services, channel="telegram", push=False)
    assert notice.state == S.WAITING_PICKUP
    assert waiting_slips(services, bay) == []
    assert ANSWER in read_out(services, bay, opinion.code or "")[0]
    hand_over(services, bay, [opinion.code or ""])
    assert notice_of(services, notice).state == S.HANDED_OVER


def test_what_is_read_out_has_no_numbered_choices_of_a_chat(services, bay) -> None:
    opinion, notice = waiting_slip(services)
    assert "1. " in notice.text
    [words] = read_out(services, bay, opinion.code or "")
    assert "1. " not in words
    assert "15/UBND" in words


def test_a_decision_that_can_still_be_undone_is_not_handed_over_yet(services, bay) -> None:
    person = make_citizen(services, village="ha", channel=None, push=None)
    opinion = make_opinion(services, citizen=person, village="ha")
    with services.writing() as work:
        tell_asker(work, opinion, purpose="declined", text="Chưa đưa vào hội nghị.", grace=True)
        work.commit()
    assert "vừa quyết định" in whys(hand_over(services, bay, [opinion.code or ""]))[0]


def test_a_day_that_is_past_is_kept_and_one_to_come_or_before_the_notice_refused(
    services: Services, bay: int, clock: ManualClock
) -> None:
    opinion, notice = waiting_slip(services)
    clock.advance(5 * 86_400)
    early = hand_over(services, bay, [opinion.code or ""], on=dt.date(2026, 11, 1))
    assert "02/11/2026" in whys(early)[0]
    with pytest.raises(InvalidInput):
        hand_over(services, bay, [opinion.code or ""], on=dt.date(2026, 11, 8))
    assert hand_over(services, bay, [opinion.code or ""], on=dt.date(2026, 11, 4)).done[0].on == dt.date(2026, 11, 4)
    finished = notice_of(services, notice).finished_at
    assert finished is not None
    assert local_date(finished) == dt.date(2026, 11, 4)


def test_all_that_is_printed_is_taken_only_when_the_number_still_fits(services, bay) -> None:
    notices = [waiting_slip(services)[1] for _ in range(3)]
    for notice in notices[:2]:
        printed(services, notice)
    with pytest.raises(IllegalMove, match="2 phiếu"):
        hand_over_all(services, bay, expected=3)
    assert len(hand_over_all(services, bay, expected=2).done) == 2
    assert [notice_of(services, one).state for one in notices] == [S.HANDED_OVER, S.HANDED_OVER, S.WITH_STAFF]


def printed(services: Services, notice: Delivery) -> None:
    with services.writing() as work:
        row = work.session.get_one(Delivery, notice.id)
        row.printed_at = work.now
        work.add(row)
        work.commit()


def test_a_slip_of_the_pen_is_taken_back_within_the_grace_by_who_made_it(
    services: Services, bay: int, lan: int, clock: ManualClock
) -> None:
    opinion, notice = waiting_slip(services)
    code = opinion.code or ""
    hand_over(services, bay, [code])
    with pytest.raises(NotFound):
        take_back(services, lan, code)
    take_back(services, bay, code)
    row = notice_of(services, notice)
    assert (row.state, row.finished_at) == (S.WITH_STAFF, None)
    assert refs(services, bay) == [code]
    hand_over(services, bay, [code])
    clock.advance(services.undo_grace.total_seconds() + 1)
    with pytest.raises(NotFound):
        take_back(services, bay, code)


# --------------------------------------------------------------------------- typed in the console


def test_what_a_colleague_typed_in_the_console_counts_as_sent_by_hand(services, lan, bay) -> None:
    opinion, notice = waiting_slip(services)
    set_state(services, notice, S.WITH_STAFF, rung="console")
    assert waiting_slips(services, bay) == []
    with pytest.raises(Forbidden):
        typed(services, bay, opinion.code or "")
    typed(services, lan, opinion.code or "")
    row = notice_of(services, notice)
    assert (row.state, row.outcome, row.step_at) == (S.SENT, "console", None)
    with pytest.raises(IllegalMove, match="không chờ gõ tay"):
        typed(services, lan, opinion.code or "")


# --------------------------------------------------------------------------- in reports


def test_a_report_counts_what_was_given_by_hand_among_what_is_settled(services, lan, bay) -> None:
    handed, _ = waiting_slip(services)
    console, notice = waiting_slip(services)
    waiting_slip(services)
    set_state(services, notice, S.WITH_STAFF, rung="console")
    hand_over(services, bay, [handed.code or ""])
    typed(services, lan, console.code or "")
    figure = show_report(services, lan, ReportKind.ANNUAL, "2026").report["given_by_hand"]
    assert (figure.value, figure.opinions) == (2, {handed.id, console.id})


def test_the_number_of_a_sealed_notice_reads_like_one_that_was_never_given_out(services, bay) -> None:
    sealed = make_opinion(services, citizen=make_citizen(services, channel=None, push=None), sealed=True)
    with services.writing() as work:
        tell_asker(work, sealed, purpose="declined", text="Nội dung đã được xem.")
        work.commit()
    [notice] = [one for one in notices_of(services) if one.opinion_id == sealed.id]
    refused = hand_over(services, bay, [notice.id or 0, 99_999]).refused
    assert refused[0].why.replace(str(notice.id), "N") == refused[1].why.replace("99999", "N")


def test_who_took_their_consent_back_through_the_platform_is_not_sought_out_on_paper(services, lan) -> None:
    opinion, _ = waiting_slip(services)
    with services.writing() as work:
        chat = work.add(
            ChannelIdentity(
                channel="zalo-oa", account="1", external_id="a", citizen_id=opinion.citizen_id, reachable=False
            )
        )
        work.commit()
    assert refs(services, lan) == [opinion.code]
    with services.writing() as work:
        chat = work.session.get_one(ChannelIdentity, chat.id)
        chat.unreachable_reason = "withdrawn"
        work.add(chat)
        work.commit()
    assert refs(services, lan) == []
    with services.reading() as work:
        assert count_waiting(work, require(work, lan, Role.MODERATOR)) == 0
