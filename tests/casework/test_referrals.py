"""Matters beyond the commune's competence: up with a letter, waiting in days, back to every asker with their codes."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlmodel import select

from casework.clock import ManualClock
from casework.codes import spoken
from casework.errors import AlreadyDecided, Forbidden, IllegalMove, InvalidInput, NotFound
from casework.regulations.model import Duty, Step
from casework.usecases.answers.answer_lists import waiting_for_answer
from casework.usecases.answers.answering import approve_answer, assign, publish_answer, write_answer
from casework.usecases.conference.conferences import cancel, plan
from casework.usecases.conference.steps import list_steps
from casework.usecases.moderation import triage
from casework.usecases.moderation.labels import Labels, reclassify
from casework.usecases.moderation.merging import split
from casework.usecases.moderation.undo import undo
from casework.usecases.referrals.listing import (
    ReferralState,
    beyond_competence,
    list_referrals,
    working_days_after,
)
from casework.usecases.referrals.referring import give_back, refer_issue, send_up
from casework.usecases.work import Services
from nlp.analysis import Kind
from storage.records import Obligation, OpinionState, Referral, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload

ROAD = "Mở rộng tỉnh lộ 512 đoạn qua thôn 3"
UPPER = "Ủy ban MTTQ tỉnh"


@pytest.fixture
def approver(services: Services) -> int:
    return make_staff(services, Role.APPROVER)


@pytest.fixture
def road(services: Services) -> int:
    return make_group(services, ROAD, topic="giao-thong", level="tinh")


def asked(services: Services, group: int, *, push: bool = True, state: OpinionState = OpinionState.APPROVED) -> str:
    opinion = make_opinion(
        services, citizen=make_citizen(services, push=push), group=group, state=state, level="tinh", topic="giao-thong"
    )
    return opinion.code or ""


def referrals(services: Services) -> list[Referral]:
    with services.reading() as work:
        return list(work.session.exec(select(Referral).order_by(Referral.id)))  # type: ignore[arg-type]


def test_an_issue_waits_for_the_next_letter_and_each_asker_hears_its_number_and_day(
    services: Services, approver: int, road: int
) -> None:
    told, silent = asked(services, road), asked(services, road, push=False)

    number = refer_issue(services, approver, f"nhom:{road}", UPPER)

    row = list_referrals(services, approver)[0]
    assert (row.id, row.state, row.codes) == (number, ReferralState.WAITING, (told, silent))
    sent = send_up(services, approver, number="15/BC-MTTQ-BTT", sent_on=dt.date(2026, 11, 2))
    assert (sent.referrals, sent.told) == ((number,), 2)
    first, second = notices_of(services, "referral_sent")
    assert "15/BC-MTTQ-BTT ngày 02/11/2026" in first.text
    assert "chúng tôi báo ông/bà ngay" in first.text
    assert f"nhắn mã {spoken(silent)}" in second.text
    assert "chúng tôi báo" not in second.text
    with pytest.raises(InvalidInput, match="Không có việc nào đang chờ"):
        send_up(services, approver, number="16/BC-MTTQ-BTT")


def test_days_with_the_upper_level_are_counted_and_stop_when_the_answer_comes_back(
    services: Services, clock: ManualClock, approver: int, road: int
) -> None:
    code = asked(services, road)
    refer_issue(services, approver, code, UPPER)
    send_up(services, approver, number="15/BC-MTTQ-BTT")
    clock.advance(21 * 24 * 3600)  # Monday 23 November

    row = list_referrals(services, approver)[0]
    assert (row.days_waiting, row.working_days_waiting) == (21, 15)

    answer = write_answer(
        services,
        approver,
        code,
        text="Dự án mở rộng tỉnh lộ 512 khởi công quý II năm 2027, đã bố trí vốn.",
        agency="Sở Xây dựng tỉnh",
        document_number="870/SXD-KH",
        document_date=dt.date(2026, 11, 20),
    )
    approve_answer(services, approver, answer)
    published = publish_answer(services, approver, answer)

    assert published.askers == 1
    assert "870/SXD-KH" in notices_of(services, "answer")[0].text
    assert list_referrals(services, approver) == []
    clock.advance(10 * 24 * 3600)
    done = list_referrals(services, approver, finished=True)[0]
    assert (done.state, done.answered_on, done.days_waiting) == (ReferralState.ANSWERED, dt.date(2026, 11, 23), 21)
    assert done.codes == (code,)


def test_an_interim_answer_leaves_the_referral_open(services: Services, approver: int, road: int) -> None:
    code = asked(services, road)
    refer_issue(services, approver, code, UPPER)
    answer = write_answer(
        services,
        approver,
        code,
        text="Sở đang khảo sát, sẽ trả lời khi có kết quả đo đạc.",
        agency="Sở Xây dựng tỉnh",
        document_number="800/SXD-KH",
        document_date=dt.date(2026, 11, 2),
        final=False,
        promised_on=dt.date(2026, 12, 2),
    )
    approve_answer(services, approver, answer)
    publish_answer(services, approver, answer)

    assert list_referrals(services, approver)[0].state is ReferralState.WAITING


def test_what_the_upper_level_gives_back_is_the_communes_again_and_its_askers_know(
    services: Services, approver: int, road: int
) -> None:
    code = asked(services, road)
    number = refer_issue(services, approver, code, UPPER)

    assert give_back(services, approver, number, why="đường đã giao xã quản lý") == 1

    assert "thuộc thẩm quyền giải quyết của xã" in notices_of(services, "referral_returned")[0].text
    assert [row.codes for row in beyond_competence(services, approver)] == [(code,)]
    with pytest.raises(AlreadyDecided, match="đã xong"):
        give_back(services, approver, number, why="lần nữa")
    assert refer_issue(services, approver, code, "Sở Xây dựng tỉnh") != number


def test_a_matter_of_the_commune_goes_up_only_with_a_reason(services: Services, approver: int) -> None:
    lamps = make_group(services)
    opinion = make_opinion(services, group=lamps, citizen=make_citizen(services))

    with pytest.raises(InvalidInput, match="thuộc thẩm quyền cấp xã"):
        refer_issue(services, approver, f"nhom:{lamps}", UPPER)
    assert reload(services, opinion).state == OpinionState.APPROVED
    assert referrals(services) == []

    refer_issue(services, approver, f"nhom:{lamps}", UPPER, why="đèn trên đường tỉnh")
    assert referrals(services)[0].level == "tinh"
    assert reload(services, opinion).state == OpinionState.REFERRED


def test_an_agency_that_finds_the_matter_beyond_it_no_longer_owes_the_answer(
    services: Services, approver: int, road: int
) -> None:
    asked(services, road)
    assign(services, approver, f"nhom:{road}", agency="Phòng Kinh tế", due_on=dt.date(2026, 12, 1))

    refer_issue(services, approver, f"nhom:{road}", "Sở Xây dựng tỉnh")

    assert waiting_for_answer(services, approver) == []
    assert list_referrals(services, approver)[0].body == "Sở Xây dựng tỉnh"


def test_a_referral_made_while_moderating_waits_for_a_letter_too_and_an_undo_takes_it_off_the_list(
    services: Services, approver: int
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, level="tinh")

    triage.refer_up(services, approver, opinion.code or "", UPPER)
    assert [row.state for row in list_referrals(services, approver)] == [ReferralState.WAITING]

    undo(services, approver, opinion.code or "")
    assert list_referrals(services, approver) == []
    assert reload(services, opinion).state == OpinionState.RECEIVED


def test_a_referral_with_its_document_has_gone_already(services: Services, approver: int) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, level="tinh")
    triage.refer_up(services, approver, opinion.code or "", UPPER, document="12/MTTQ")

    row = list_referrals(services, approver)[0]
    assert (row.state, row.document_number, row.sent_on) == (ReferralState.SENT, "12/MTTQ", dt.date(2026, 11, 2))


def test_a_promised_day_that_passed_without_an_answer_shows(
    services: Services, clock: ManualClock, approver: int, road: int
) -> None:
    asked(services, road)
    refer_issue(services, approver, f"nhom:{road}", UPPER, report_on=dt.date(2026, 11, 10))

    clock.advance(8 * 24 * 3600)  # 10 November: the day counts to its end
    assert not list_referrals(services, approver)[0].report_overdue
    clock.advance(24 * 3600)
    assert list_referrals(services, approver)[0].report_overdue


def test_letters_go_by_recipient_and_never_twice(services: Services, approver: int, road: int) -> None:
    asked(services, road)
    water = make_group(services, "Nâng cấp trạm bơm tiêu sông Nhơm", topic="thuy-loi", level="tinh")
    asked(services, water)
    first = refer_issue(services, approver, f"nhom:{road}", "Sở Xây dựng tỉnh")
    second = refer_issue(services, approver, f"nhom:{water}", UPPER)

    assert send_up(services, approver, number="3/MTTQ", body="sở xây dựng  tỉnh").referrals == (first,)
    with pytest.raises(AlreadyDecided, match="đã gửi theo văn bản 3/MTTQ"):
        send_up(services, approver, number="4/MTTQ", referrals=[first, second])
    assert referrals(services)[1].sent_on is None
    with pytest.raises(AlreadyDecided, match="đã chuyển lên"):
        refer_issue(services, approver, f"nhom:{road}", UPPER)


@pytest.mark.parametrize(("day", "words"), [(dt.date(2026, 11, 3), "chưa tới"), (dt.date(2026, 11, 1), "sau ngày gửi")])
def test_a_letter_cannot_carry_what_was_not_there_yet_nor_leave_tomorrow(
    services: Services, approver: int, road: int, day: dt.date, words: str
) -> None:
    asked(services, road)
    refer_issue(services, approver, f"nhom:{road}", UPPER)

    with pytest.raises(InvalidInput, match=words):
        send_up(services, approver, number="3/MTTQ", sent_on=day)
    assert referrals(services)[0].sent_on is None
    assert notices_of(services, "referral_sent") == []


def test_only_deciders_refer_and_nothing_is_referred_that_nobody_raised(services: Services, road: int) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    boss = make_staff(services, Role.MODERATOR)
    with pytest.raises(IllegalMove, match="không có ý kiến nào"):
        refer_issue(services, boss, f"nhom:{road}", UPPER)
    asked(services, road)
    with pytest.raises(Forbidden):
        refer_issue(services, officer, f"nhom:{road}", UPPER)
    with pytest.raises(NotFound):
        give_back(services, boss, 99, why="không có")


def test_the_letter_upwards_is_a_step_of_the_conference_it_was_compiled_for(
    services: Services, approver: int, road: int
) -> None:
    asked(services, road)
    code = plan(
        services,
        approver,
        title="Hội nghị đối thoại",
        held_on=dt.date(2026, 12, 15),
        place="hội trường xã",
        chair="Bí thư Đảng ủy",
    )
    refer_issue(services, approver, f"nhom:{road}", UPPER, conference_code=code)
    send_up(services, approver, number="15/BC-MTTQ-BTT", conference_code=code)

    (step,) = [row for row in list_steps(services, approver, code) if row.step is Step.UPWARD_SENT]
    assert (step.document_number, step.done_on) == ("15/BC-MTTQ-BTT", dt.date(2026, 11, 2))
    with services.reading() as work:
        (duty,) = work.session.exec(select(Obligation).where(Obligation.duty == Duty.UPWARD_SUMMARY))
    assert duty.met_on == dt.date(2026, 11, 2)


def test_sealed_opinions_appear_in_no_list_of_referrals(services: Services, approver: int, road: int) -> None:
    shown = asked(services, road)
    make_opinion(services, group=road, sealed=True, state=OpinionState.HELD)
    assert [row.codes for row in beyond_competence(services, approver)] == [(shown,)]

    refer_issue(services, approver, f"nhom:{road}", UPPER)
    assert list_referrals(services, approver)[0].codes == (shown,)


def test_working_days_skip_the_weekend_and_count_from_the_day_after() -> None:
    class Weekdays:
        def day_off(self, day: dt.date) -> str | None:
            return "cuối tuần" if day.weekday() >= 5 else None

    friday, monday = dt.date(2026, 11, 6), dt.date(2026, 11, 9)
    assert working_days_after(Weekdays(), friday, friday) == 0
    assert working_days_after(Weekdays(), friday, monday) == 1
    assert working_days_after(Weekdays(), monday, friday) == 0


def test_a_referral_nobody_stands_behind_any_more_leaves_with_no_letter(
    services: Services, approver: int, road: int
) -> None:
    code = asked(services, road)
    refer_issue(services, approver, code, UPPER)
    assign(services, approver, code, agency="Phòng Kinh tế")

    assert list_referrals(services, approver) == []
    with pytest.raises(InvalidInput, match="Không có việc nào đang chờ"):
        send_up(services, approver, number="1/MTTQ")


def test_a_referred_matter_that_turns_out_a_denunciation_leaves_no_trace_among_the_referrals(
    services: Services, approver: int, road: int
) -> None:
    code = asked(services, road)
    refer_issue(services, approver, code, UPPER)

    reclassify(services, approver, code, Labels(kind=Kind.DENUNCIATION))

    assert list_referrals(services, approver) == []


def test_a_referred_opinion_split_off_takes_the_referral_along_only_when_it_is_the_last(
    services: Services, approver: int, road: int
) -> None:
    first, second = asked(services, road), asked(services, road)
    number = refer_issue(services, approver, first, UPPER)

    split(services, approver, first, title="Xin biển báo ở tỉnh lộ 512")
    assert [(row.id, row.codes) for row in list_referrals(services, approver)] == [(number, (second,))]


def test_what_a_letter_has_carried_away_is_not_undone_but_returned(services: Services, approver: int) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), state=OpinionState.RECEIVED, level="tinh")
    triage.refer_up(services, approver, opinion.code or "", UPPER)
    send_up(services, approver, number="15/BC-MTTQ-BTT")

    with pytest.raises(IllegalMove, match="15/BC-MTTQ-BTT"):
        undo(services, approver, opinion.code or "")
    assert list_referrals(services, approver)[0].state is ReferralState.SENT


def test_nothing_is_referred_for_a_conference_that_was_called_off(services: Services, approver: int, road: int) -> None:
    asked(services, road)
    code = plan(
        services, approver, title="Hội nghị", held_on=dt.date(2026, 12, 15), place="hội trường", chair="Bí thư Đảng ủy"
    )
    cancel(services, approver, code, why="bão")
    with pytest.raises(IllegalMove, match="đã hủy"):
        refer_issue(services, approver, f"nhom:{road}", UPPER, conference_code=code)
    assert referrals(services) == []
