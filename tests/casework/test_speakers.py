from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from casework.clock import ManualClock
from casework.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from casework.reports.periods import ReportKind
from casework.usecases.conference import conferences, speakers
from casework.usecases.conference.breaking_off import fail
from casework.usecases.conference.speakers import PublicSpeaker
from casework.usecases.conference.speaking import NewSpeaker, enrol, tell_speakers, together
from casework.usecases.moderation import labels
from casework.usecases.moderation.undo import undo
from casework.usecases.reports.reports import show_report
from casework.usecases.work import Services, Work, citizen
from nlp.analysis import Kind
from storage.records import (
    Act,
    ChannelIdentity,
    Conference,
    DeliveryState,
    Office,
    Opinion,
    OpinionState,
    Role,
    SpeakerState,
    SpeakingRegistration,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of

S = SpeakerState
HELD_ON = dt.date(2026, 11, 20)


@pytest.fixture
def moderator(services: Services) -> int:
    return make_staff(services, Role.MODERATOR)


@pytest.fixture
def plan(services: Services, moderator: int) -> Callable[[], str]:
    def planned() -> str:
        return conferences.plan(
            services,
            moderator,
            title="Đối thoại cuối năm",
            held_on=HELD_ON,
            starts_at="8:00",
            place="Nhà văn hóa xã",
            chair="Bí thư",
        )

    return planned


@pytest.fixture
def conference(plan: Callable[[], str]) -> str:
    return plan()


def by_chat(services: Services, code: str, matter: str, *, citizen_id: int, opinion: Opinion | None = None) -> str:
    """Somebody registers in chat; returns the registration's own number."""
    with services.writing() as work:
        row = _conference(work, code)
        identity = work.session.exec(select(ChannelIdentity).where(ChannelIdentity.citizen_id == citizen_id)).first()
        about = work.session.get(Opinion, opinion.id) if opinion else None
        new = NewSpeaker(
            matter=matter,
            source="chat",
            name="Bà Sáu",
            opinion=about,
            citizen_id=citizen_id,
            channel_identity_id=identity.id if identity else None,
        )
        made = enrol(work, citizen(citizen_id), row, new)
        work.commit()
        return f"#{made.id}"


def _conference(work: Work, code: str) -> Conference:
    return work.session.exec(select(Conference).where(Conference.code == code)).one()


def _hold(services: Services, clock: ManualClock, moderator: int, code: str) -> None:
    make_opinion(services, citizen=make_citizen(services), group=make_group(services, "Nước sạch"))
    conferences.build_agenda(services, moderator, code)
    clock.move_to(dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC))
    conferences.hold(services, moderator, code)


def matters(services: Services, staff_id: int, code: str) -> list[tuple[int | None, str]]:
    return [(row.number, row.matter) for row in speakers.list_speakers(services, staff_id, code)]


def test_people_speak_in_the_order_they_registered_unless_staff_order_otherwise(
    services: Services, moderator: int, conference: str
) -> None:
    for matter in ("Nước sạch", "Đường ngõ 3", "Đèn thôn 4"):
        speakers.register(services, moderator, conference, matter=matter)
    assert matters(services, moderator, conference) == [(1, "Nước sạch"), (2, "Đường ngõ 3"), (3, "Đèn thôn 4")]
    speakers.reorder(services, moderator, conference, "3", 1)
    assert matters(services, moderator, conference) == [(1, "Đèn thôn 4"), (2, "Nước sạch"), (3, "Đường ngõ 3")]


def test_those_on_one_matter_stand_side_by_side_and_move_together(
    services: Services, moderator: int, conference: str
) -> None:
    group = make_group(services)
    asked = [make_opinion(services, citizen=make_citizen(services), group=group) for _ in range(2)]
    conferences.build_agenda(services, moderator, conference)
    speakers.register(services, moderator, conference, opinion=asked[0].code, matter="Đèn, người thứ nhất")
    speakers.register(services, moderator, conference, matter="Nước sạch")
    speakers.register(services, moderator, conference, opinion=asked[1].code, matter="Đèn, người thứ hai")
    rows = speakers.list_speakers(services, moderator, conference)
    assert [(row.number, row.matter, row.same_matter_as) for row in rows] == [
        (1, "Đèn, người thứ nhất", None),
        (2, "Đèn, người thứ hai", 1),
        (3, "Nước sạch", None),
    ]
    assert [row.number for row in speakers.reorder(services, moderator, conference, "2", 3)] == [1, 2, 3]
    assert [matter for _, matter in matters(services, moderator, conference)] == [
        "Nước sạch",
        "Đèn, người thứ nhất",
        "Đèn, người thứ hai",
    ]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers()), unique_by=lambda row: row[1], max_size=30))
def test_bringing_matters_together_loses_nobody_and_keeps_who_came_first(rows: list[tuple[int, int]]) -> None:
    ordered = together(rows, lambda row: row[0])
    assert sorted(ordered) == sorted(rows)
    seen = [row[0] for row in ordered]
    assert all(seen.index(matter) + seen.count(matter) > at for at, matter in enumerate(seen))
    assert list(dict.fromkeys(seen)) == list(dict.fromkeys(row[0] for row in rows))
    assert together(ordered, lambda row: row[0]) == ordered


def test_whoever_registered_in_chat_is_told_number_day_and_place_or_why_not(
    services: Services, moderator: int, conference: str
) -> None:
    person = make_citizen(services)
    by_chat(services, conference, "Nước sạch thôn Hạ", citizen_id=person)
    by_chat(services, conference, "Đường ngõ 3", citizen_id=person)
    speakers.confirm(services, moderator, conference, "1")
    speakers.decline(services, moderator, conference, "2", reason="Việc này đã trả lời bằng văn bản số 12.")
    told = [one.text for one in notices_of(services, "speaking")]
    assert "thứ tự dự kiến số 1" in told[0]
    assert "8 giờ 00 ngày 20/11/2026" in told[0]
    assert "Nhà văn hóa xã" in told[0]
    assert "Lý do: Việc này đã trả lời bằng văn bản số 12." in told[1]
    assert [row.number for row in speakers.list_speakers(services, moderator, conference)] == [1, None]


def test_news_of_speaking_waits_for_those_who_want_no_messages(
    services: Services, moderator: int, conference: str
) -> None:
    by_chat(services, conference, "Nước sạch", citizen_id=make_citizen(services, push=False))
    speakers.confirm(services, moderator, conference, "1")
    (notice,) = notices_of(services, "speaking")
    assert (notice.state, notice.outcome) == (DeliveryState.WAITING_PICKUP, "no_consent")


def test_a_decline_needs_a_reason(services: Services, moderator: int, conference: str) -> None:
    speakers.register(services, moderator, conference, matter="Nước sạch")
    with pytest.raises(InvalidInput):
        speakers.decline(services, moderator, conference, "1", reason="  ")


def test_withdrawing_takes_the_name_off_and_closes_the_gap(services: Services, moderator: int, conference: str) -> None:
    for name in ("Bà Sáu", "Ông Tư"):
        speakers.register(services, moderator, conference, matter=f"Việc của {name}", name=name)
    gone = speakers.withdraw(services, moderator, conference, "1")
    assert (gone.name, gone.number, gone.state) == (None, None, S.WITHDRAWN)
    assert next((row.number, row.name) for row in speakers.list_speakers(services, moderator, conference)) == (
        1,
        "Ông Tư",
    )
    with services.reading() as work:
        assert "Bà Sáu" not in {row.name for row in work.session.exec(select(SpeakingRegistration))}


def test_the_list_for_the_hall_has_numbers_and_villages_only(
    services: Services, moderator: int, conference: str
) -> None:
    speakers.register(services, moderator, conference, matter="Nước sạch", name="Bà Sáu", village="ha")
    speakers.register(services, moderator, conference, matter="Đường", name="Ông Tư", village="t4")
    speakers.confirm(services, moderator, conference, "1")
    assert speakers.public_list(services, moderator, conference) == [PublicSpeaker(number=1, village="thôn Hạ")]


def test_where_the_regulation_asks_conditions_nobody_is_confirmed_without_a_declaration(
    services: Services, moderator: int, plan: Callable[[], str]
) -> None:
    with services.writing() as work:
        office = work.session.get_one(Office, services.office_id)
        office.regulation = "dien-bien"
        work.session.add(office)
        work.commit()
    code = plan()
    speakers.register(services, moderator, code, matter="Nước sạch")
    with pytest.raises(InvalidInput, match="đủ 18 tuổi"):
        speakers.confirm(services, moderator, code, "1")
    assert speakers.confirm(services, moderator, code, "1", eligible=True).state == S.CONFIRMED


def test_where_the_regulation_asks_nothing_nobody_declares(services: Services, moderator: int, conference: str) -> None:
    speakers.register(services, moderator, conference, matter="Nước sạch")
    assert speakers.confirm(services, moderator, conference, "1").state == S.CONFIRMED


def test_speaking_is_marked_only_once_the_conference_is_held_and_can_be_corrected(
    services: Services, clock: ManualClock, moderator: int, conference: str
) -> None:
    speakers.register(services, moderator, conference, matter="Nước sạch")
    with pytest.raises(IllegalMove):
        speakers.mark(services, moderator, conference, "1", spoken=True)
    _hold(services, clock, moderator, conference)
    assert speakers.mark(services, moderator, conference, "1", spoken=False).state == S.ABSENT
    assert speakers.mark(services, moderator, conference, "1", spoken=True).state == S.SPOKEN
    with pytest.raises(IllegalMove):
        speakers.decline(services, moderator, conference, "1", reason="muộn")


def test_somebody_who_registers_on_the_day_is_marked_as_from_the_hall(
    services: Services, clock: ManualClock, moderator: int, conference: str
) -> None:
    assert speakers.register(services, moderator, conference, matter="Nước sạch").source == "staff"
    _hold(services, clock, moderator, conference)
    assert speakers.register(services, moderator, conference, matter="Đường").source == "hall"


def test_a_cancelled_conference_takes_no_speakers(services: Services, moderator: int, conference: str) -> None:
    conferences.cancel(services, moderator, conference, why="bão")
    with pytest.raises(IllegalMove):
        speakers.register(services, moderator, conference, matter="Nước sạch")


def test_an_opinion_that_is_not_on_this_agenda_is_no_matter_to_speak_on(
    services: Services, moderator: int, conference: str
) -> None:
    opinion = make_opinion(services, citizen=make_citizen(services), group=make_group(services))
    with pytest.raises(InvalidInput, match="không nằm trong nội dung"):
        speakers.register(services, moderator, conference, opinion=opinion.code)


def test_a_registration_on_an_opinion_sealed_since_is_seen_by_nobody(
    services: Services, moderator: int, conference: str
) -> None:
    opinion = make_opinion(services, citizen=(person := make_citizen(services)), group=make_group(services))
    ref = by_chat(services, conference, "Lời tố cáo", citizen_id=person, opinion=opinion)
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id)
        row.sealed, row.state = True, OpinionState.HELD
        work.session.add(row)
        work.commit()
    assert speakers.list_speakers(services, moderator, conference) == []
    with pytest.raises(NotFound):
        speakers.confirm(services, moderator, conference, ref)


def test_a_village_officer_sees_the_own_village_and_decides_nothing(
    services: Services, moderator: int, conference: str
) -> None:
    officer = make_staff(services, Role.VILLAGE_OFFICER, village="ha")
    speakers.register(services, moderator, conference, matter="Nước sạch", village="ha")
    speakers.register(services, moderator, conference, matter="Đường", village="t4")
    assert [row.matter for row in speakers.list_speakers(services, officer, conference)] == ["Nước sạch"]
    with pytest.raises(Forbidden):
        speakers.confirm(services, officer, conference, "1")


def test_when_a_conference_moves_those_who_still_want_to_speak_are_told_once(
    services: Services, moderator: int, conference: str
) -> None:
    for matter in ("Nước sạch", "Đường"):
        by_chat(services, conference, matter, citizen_id=make_citizen(services))
    speakers.register(services, moderator, conference, matter="Ghi tại văn phòng")
    speakers.decline(services, moderator, conference, "2", reason="trùng")
    with services.writing() as work:
        row = _conference(work, conference)
        assert tell_speakers(work, row, "speaker_notice.moved", occasion=2) == 1
        assert tell_speakers(work, row, "speaker_notice.moved", occasion=2) == 0
        assert tell_speakers(work, row, "speaker_notice.cancelled") == 1
        work.commit()


def test_the_history_of_a_registration_holds_no_words_and_no_name(
    services: Services, moderator: int, conference: str
) -> None:
    speakers.register(services, moderator, conference, matter="Nước sạch thôn Hạ", name="Bà Sáu")
    speakers.decline(services, moderator, conference, "1", reason="Bà Sáu đã nói lần trước")
    with services.reading() as work:
        statement = select(Act).where(Act.subject == "speaking_registration").order_by(col(Act.id))
        acts = list(work.session.exec(statement))
        written = " ".join(f"{act.why} {act.details}" for act in acts)
    assert [act.verb for act in acts] == ["speaking_registered", "speaking_declined"]
    assert "Sáu" not in written
    assert "Nước" not in written


@pytest.mark.parametrize("how", ["cancel", "fail"])
def test_nobody_is_confirmed_declined_or_moved_for_a_conference_that_came_to_nothing(
    services: Services, clock: ManualClock, plan: Callable[[], str], how: str
) -> None:
    approver = make_staff(services, Role.APPROVER, Role.MODERATOR, name="Chị Phê")
    code = plan()
    make_opinion(services, citizen=make_citizen(services), group=make_group(services, "Nước sạch"))
    conferences.build_agenda(services, approver, code)
    ref = by_chat(services, code, "Đèn đường", citizen_id=make_citizen(services))
    speakers.register(services, approver, code, matter="Ghi tại văn phòng", name="Bà Tám")
    if how == "cancel":
        conferences.cancel(services, approver, code, why="bão")
    else:
        clock.move_to(dt.datetime(2026, 11, 20, 1, 0, tzinfo=dt.UTC))
        fail(services, approver, code, why="mất trật tự")
    (told,) = notices_of(services, "speaking")
    assert ("không thành" if how == "fail" else "tạm thời không tổ chức") in told.text
    with pytest.raises(IllegalMove):
        speakers.confirm(services, approver, code, ref, eligible=True)
    with pytest.raises(IllegalMove):
        speakers.decline(services, approver, code, ref, reason="trùng")
    with pytest.raises(IllegalMove):
        speakers.reorder(services, approver, code, ref, 2)
    assert len(notices_of(services, "speaking")) == 1
    # Taking the own name off stays everybody's right.
    assert speakers.withdraw(services, approver, code, ref).name is None


def test_sealing_leaves_no_gap_in_the_list_and_lifting_the_seal_puts_the_speaker_last(
    services: Services, moderator: int, conference: str
) -> None:
    opinion = make_opinion(services, citizen=(person := make_citizen(services)), group=make_group(services))
    by_chat(services, conference, "Lời tố cáo", citizen_id=person, opinion=opinion)
    by_chat(services, conference, "Đường ngõ 3", citizen_id=make_citizen(services))
    by_chat(services, conference, "Đèn đường", citizen_id=make_citizen(services))
    labels.reclassify(services, moderator, opinion.code or "", labels.Labels(kind=Kind.DENUNCIATION))
    assert matters(services, moderator, conference) == [(1, "Đường ngõ 3"), (2, "Đèn đường")]
    undo(services, make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR, name="Người giữ mật"), f"#{opinion.id}")
    assert [number for number, _ in matters(services, moderator, conference)] == [1, 2, 3]


def test_a_report_counts_the_speakers_of_the_list_and_none_that_is_sealed(
    services: Services, clock: ManualClock, moderator: int, conference: str
) -> None:
    opinion = make_opinion(services, citizen=(person := make_citizen(services)), group=make_group(services))
    by_chat(services, conference, "Lời tố cáo", citizen_id=person, opinion=opinion)
    by_chat(services, conference, "Đường ngõ 3", citizen_id=make_citizen(services))
    labels.reclassify(services, moderator, opinion.code or "", labels.Labels(kind=Kind.DENUNCIATION))
    _hold(services, clock, moderator, conference)
    report = show_report(services, moderator, ReportKind.CONFERENCE, conference)
    assert report.report.figures["registered_speakers"].value == 1
    assert len(speakers.list_speakers(services, moderator, conference)) == 1


def test_a_name_and_a_reason_have_a_length_a_phone_can_show(
    services: Services, moderator: int, conference: str
) -> None:
    with pytest.raises(InvalidInput, match="dài quá 80"):
        speakers.register(services, moderator, conference, matter="Đường", name="Bà " + "Sáu " * 30)
    speakers.register(services, moderator, conference, matter="Đường", name="Bà Sáu")
    with pytest.raises(InvalidInput, match="quá 300"):
        speakers.decline(services, moderator, conference, "1", reason="vì " * 101)
    assert speakers.decline(services, moderator, conference, "1", reason="v" * 300).decline_reason == "v" * 300


def test_names_on_the_list_of_a_conference_called_off_go_once_its_day_is_past(
    services: Services, clock: ManualClock, moderator: int, conference: str
) -> None:
    speakers.register(services, moderator, conference, matter="Đường", name="Bà Sáu")
    conferences.cancel(services, moderator, conference, why="bão")
    assert speakers.forget_names_called_off(services) == 0
    clock.move_to(dt.datetime(2026, 11, 20, 18, 0, tzinfo=dt.UTC))
    assert speakers.forget_names_called_off(services) == 1
    assert [row.name for row in speakers.list_speakers(services, moderator, conference)] == [None]
    assert speakers.forget_names_called_off(services) == 0


def test_names_on_the_list_of_a_conference_that_was_held_stay_for_the_minutes(
    services: Services, clock: ManualClock, moderator: int, conference: str
) -> None:
    speakers.register(services, moderator, conference, matter="Đường", name="Bà Sáu")
    _hold(services, clock, moderator, conference)
    clock.move_to(dt.datetime(2026, 12, 20, 18, 0, tzinfo=dt.UTC))
    assert speakers.forget_names_called_off(services) == 0
    assert [row.name for row in speakers.list_speakers(services, moderator, conference)] == ["Bà Sáu"]
