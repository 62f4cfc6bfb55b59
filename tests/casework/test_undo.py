from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from casework.clock import ManualClock
from casework.codes import spoken
from casework.errors import AlreadyDecided, DoithoaiError, Forbidden, IllegalMove, NotFound
from casework.usecases.delivery import by_hand, delivery
from casework.usecases.moderation import labels, merging, queue, triage, undo
from casework.usecases.moderation.labels import Labels
from casework.usecases.office.doctor import examine
from casework.usecases.work import Services
from nlp.analysis import Kind, Level, Topic
from storage import history
from storage.records import (
    ChannelIdentity,
    Delivery,
    DeliveryState,
    Opinion,
    OpinionGroup,
    OpinionState,
    Prediction,
    Role,
    Staff,
)
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff, notices_of, reload

S = OpinionState
Act = Callable[[Services, int, Opinion], object]

#: what must be as it was before the act
KEPT = (
    *("state", "kind", "topic", "level", "urgent", "sealed", "code", "residential_group_id", "group_id"),
    *("decline_ground", "edited_text", "original_text"),
)


def _merge_with_new(services: Services, staff: int, opinion: Opinion) -> object:
    other = make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED)
    return merging.merge(services, staff, [opinion.id or 0, other.id or 0])


def _join(services: Services, staff: int, opinion: Opinion) -> object:
    group = make_group(services)
    make_opinion(services, citizen=make_citizen(services), state=S.REFERRED, group=group)
    return triage.approve(services, staff, opinion.id or 0, group_id=group)


ACTS: dict[str, Act] = {
    "approve": lambda s, who, o: triage.approve(s, who, o.id or 0),
    "join": _join,
    "decline": lambda s, who, o: triage.decline(s, who, o.id or 0, "4", note="xin viết lại"),
    "redirect a complaint": lambda s, who, o: triage.redirect(s, who, o.id or 0, kind=Kind.COMPLAINT),
    "redirect a denunciation": lambda s, who, o: triage.redirect(s, who, o.id or 0, kind=Kind.DENUNCIATION),
    "release": lambda s, who, o: triage.release(s, who, o.id or 0),
    "refer up": lambda s, who, o: triage.refer_up(
        s, who, o.id or 0, "Sở Y tế", why="tỉnh quản lý", expected_version=reload(s, o).version
    ),
    "ask back": lambda s, who, o: triage.ask_back(s, who, o.id or 0, "Ở đâu ạ?"),
    "merge": _merge_with_new,
    "split": lambda s, who, o: merging.split(s, who, o.id or 0),
    "reclassify": lambda s, who, o: labels.reclassify(
        s, who, o.id or 0, Labels(topic=Topic.HEALTH, level=Level.PROVINCE, urgent=True, village="t5")
    ),
    "seal": lambda s, who, o: labels.reclassify(s, who, o.id or 0, Labels(kind=Kind.DENUNCIATION)),
    "complaint": lambda s, who, o: labels.reclassify(s, who, o.id or 0, Labels(kind=Kind.COMPLAINT)),
    "ordinary again": lambda s, who, o: labels.reclassify(s, who, o.id or 0, Labels(kind=Kind.OPINION)),
    "edit": lambda s, who, o: labels.edit_wording(s, who, o.id or 0, f"Lời sửa {reload(s, o).version}"),
    "redact": lambda s, who, o: labels.redact(s, who, o.id or 0),
}


@pytest.fixture
def boss(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, Role.CONFIDENTIAL, name="Chị Lan")


def _kept(services: Services, opinion: Opinion) -> dict[str, object]:
    now = reload(services, opinion)
    facts = {name: getattr(now, name) for name in KEPT}
    with services.reading() as work:
        group = work.session.get(OpinionGroup, now.group_id) if now.group_id else None
        facts["group_labels"] = None if group is None else (group.title, group.topic, group.level, group.urgent)
        said = work.session.exec(select(Prediction).where(Prediction.opinion_id == opinion.id)).all()
        facts["judged"] = sorted((one.label, one.value, one.made_by) for one in said)
    return facts


def _fresh(services: Services, **more: object) -> Opinion:
    text = "Đèn đường thôn 4 tắt, gọi 0912 345 678."
    return make_opinion(
        services,
        **{"citizen": make_citizen(services), "state": S.RECEIVED, "text": text, "village": "t4", **more},  # type: ignore[arg-type]
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(st.sampled_from(sorted(ACTS)), min_size=1, max_size=5), held=st.booleans())
@example(names=["approve", "merge"], held=False)
@example(names=["merge", "seal"], held=False)
@example(names=["approve", "seal", "complaint"], held=False)
def test_any_row_of_acts_undone_in_turn_leaves_state_group_labels_and_words_as_they_were(
    services: Services, boss: int, names: list[str], held: bool
) -> None:
    opinion = _fresh(services, state=S.HELD, kind="khieu-nai") if held else _fresh(services)
    stations = [_kept(services, opinion)]
    for name in names:
        try:
            ACTS[name](services, boss, opinion)
        except DoithoaiError:
            continue  # not possible from here; nothing may have changed
        stations.append(_kept(services, opinion))
    assert _kept(services, opinion) == stations[-1]
    assert _untold(services, opinion) == []
    for before in reversed(stations[:-1]):
        undo.undo(services, boss, opinion.id or 0)
        assert _kept(services, opinion) == before
    with pytest.raises(NotFound):
        undo.undo(services, boss, opinion.id or 0)
    assert _untold(services, opinion) == []
    with services.reading() as work:
        assert history.verify(work.session) == []


def _untold(services: Services, opinion: Opinion) -> list[str]:
    """Decisions that stand and were not told, as `doithoai doctor` finds them."""
    return [one.what for one in examine(services, ["told-decision"]) if one.subject_id == opinion.id]


@pytest.mark.parametrize("name", sorted(set(ACTS) - {"release", "split", "ordinary again"}))
def test_each_act_undone_within_the_grace_leaves_the_asker_without_any_notice(
    services: Services, boss: int, name: str
) -> None:
    opinion = _fresh(services)
    ACTS[name](services, boss, opinion)
    undo.undo(services, boss, opinion.id or 0)
    told = [one for one in notices_of(services) if one.opinion_id == opinion.id]
    assert {one.state for one in told} <= {DeliveryState.CANCELLED}


@pytest.mark.parametrize(
    "state", [DeliveryState.SENT, DeliveryState.SENDING, DeliveryState.UNKNOWN, DeliveryState.HANDED_OVER]
)
def test_a_notice_that_may_have_been_read_is_corrected_not_unsaid(
    services: Services, boss: int, state: DeliveryState
) -> None:
    opinion = _fresh(services)
    triage.approve(services, boss, opinion.code or "")
    _set_state(services, state)
    undo.undo(services, boss, opinion.code or "")
    approved, corrected = notices_of(services)
    assert approved.state == state
    assert corrected.purpose == "corrected"
    assert spoken(opinion.code or "") in corrected.text
    assert "nhầm" in corrected.text


def test_the_correction_of_a_seal_betrays_nothing_either(services: Services, boss: int) -> None:
    opinion = _fresh(services)
    labels.reclassify(services, boss, opinion.code or "", Labels(kind=Kind.DENUNCIATION))
    _set_state(services, DeliveryState.SENT)
    undo.undo(services, boss, opinion.id or 0)
    corrected = notices_of(services)[-1]
    assert corrected.purpose == "corrected"
    assert "Đèn" not in corrected.text


def _declined_on_paper(services: Services, boss: int) -> Opinion:
    """Somebody without a channel whose opinion was declined; the slip waits in Thôn Hạ."""
    person = make_citizen(services, channel=None, village="ha")
    opinion = make_opinion(services, citizen=person, state=S.RECEIVED, village="ha")
    triage.decline(services, boss, opinion.id or 0, "4", note="xin viết lại")
    return opinion


def _officer(services: Services, village: str) -> None:
    """An officer of this village who has a chat."""
    officer = make_staff(services, Role.VILLAGE_OFFICER, village=village)
    with services.writing() as work:
        chat = work.add(ChannelIdentity(channel="zalo-bot", account="test", external_id=f"officer-{village}"))
        staff = work.session.get_one(Staff, officer)
        staff.channel_identity_id = chat.id
        work.add(staff)
        work.commit()


def _print(services: Services) -> None:
    with services.writing() as work:
        row = work.session.exec(select(Delivery)).one()
        row.printed_at = work.now
        work.add(row)
        work.commit()


def test_what_was_handed_over_is_corrected_and_the_officer_of_the_village_hears_of_it(
    services: Services, boss: int, clock: ManualClock
) -> None:
    _officer(services, "ha")
    _officer(services, "t4")
    opinion = _declined_on_paper(services, boss)
    clock.advance(3600)
    assert by_hand.hand_over(services, boss, [opinion.code or ""]).done
    undone = undo.undo(services, boss, opinion.id or 0)
    assert [(one.purpose, one.state) for one in notices_of(services, "corrected")] == [
        ("corrected", DeliveryState.WITH_STAFF)
    ]
    (told,) = notices_of(services, "alert")
    assert spoken(opinion.code or "") in told.text
    assert "đã trao tận tay" in told.text
    assert undone.remark == ""


def test_a_slip_that_was_only_printed_is_pulled_and_whoever_undoes_hears_it_where_no_officer_has_a_chat(
    services: Services, boss: int
) -> None:
    opinion = _declined_on_paper(services, boss)
    _print(services)
    undone = undo.undo(services, boss, opinion.id or 0)
    declined, corrected = notices_of(services)
    assert (declined.state, corrected.purpose) == (DeliveryState.CANCELLED, "corrected")
    assert "đừng trao nữa" in undone.remark


def test_paper_about_what_was_sealed_is_told_to_no_officer_of_a_village(services: Services, boss: int) -> None:
    _officer(services, "ha")
    person = make_citizen(services, channel=None, village="ha")
    opinion = make_opinion(services, citizen=person, state=S.RECEIVED, village="ha")
    labels.reclassify(services, boss, opinion.id or 0, Labels(kind=Kind.DENUNCIATION))
    _print(services)
    undone = undo.undo(services, boss, opinion.id or 0)
    assert notices_of(services, "alert") == []
    assert "đừng trao nữa" in undone.remark


def test_somebody_who_was_called_by_a_form_finds_a_word_when_they_come(services: Services, boss: int) -> None:
    opinion = _fresh(services)
    triage.approve(services, boss, opinion.code or "")
    with services.writing() as work:
        row = work.session.exec(select(Delivery)).one()
        row.state, row.outcome = DeliveryState.WAITING_PICKUP, "notified"
        work.add(row)
        work.commit()
    undo.undo(services, boss, opinion.code or "")
    approved, corrected = notices_of(services)
    assert (approved.state, corrected.purpose) == (DeliveryState.CANCELLED, "corrected")


@pytest.mark.parametrize("state", [DeliveryState.UNKNOWN, DeliveryState.REJECTED])
def test_an_undone_decision_is_not_sent_again(services: Services, boss: int, state: DeliveryState) -> None:
    opinion = _fresh(services)
    triage.approve(services, boss, opinion.code or "")
    _set_state(services, state)
    told = notices_of(services)[0].id or 0
    undo.undo(services, boss, opinion.code or "")
    with pytest.raises(IllegalMove, match="hoàn tác" if state == DeliveryState.UNKNOWN else "đã hủy"):
        delivery.resolve(services, boss, told, delivered=False, why="bác nói chưa nhận")
    assert notices_of(services)[0].state in (DeliveryState.UNKNOWN, DeliveryState.CANCELLED)


def test_whoever_asked_may_still_say_that_an_undone_notice_arrived(services: Services, boss: int) -> None:
    opinion = _fresh(services)
    triage.approve(services, boss, opinion.code or "")
    _set_state(services, DeliveryState.UNKNOWN)
    told = notices_of(services)[0].id or 0
    undo.undo(services, boss, opinion.code or "")
    assert delivery.resolve(services, boss, told, delivered=True, why="bác đã đọc").state == DeliveryState.SENT


def _set_state(services: Services, state: DeliveryState) -> None:
    with services.writing() as work:
        for row in work.session.exec(select(Delivery)):
            row.state = state
            work.session.add(row)
        work.commit()


def test_deciding_again_after_an_undo_tells_the_asker_again(services: Services, boss: int) -> None:
    opinion = _fresh(services)
    triage.approve(services, boss, opinion.code or "")
    undo.undo(services, boss, opinion.code or "")
    triage.approve(services, boss, opinion.code or "")
    assert [one.state for one in notices_of(services, "approved")] == [DeliveryState.CANCELLED, DeliveryState.PENDING]


def test_undoing_the_second_of_two_merges_leaves_the_news_of_the_first(services: Services, boss: int) -> None:
    first, second = make_group(services), make_group(services)
    for group in (first, second):
        _fresh(services, state=S.SCHEDULED if group == second else S.APPROVED, group=group)
    wanderer = _fresh(services, state=S.APPROVED, group=make_group(services))
    with services.reading() as work:
        hosts = {one.group_id: one.code or "" for one in work.session.exec(select(Opinion)) if one.group_id}
    merging.merge(services, boss, [hosts[first], wanderer.code or ""])
    merging.merge(services, boss, [hosts[second], wanderer.code or ""])
    undo.undo(services, boss, wanderer.code or "")
    told = [one.state for one in notices_of(services, "merged") if one.opinion_id == wanderer.id]
    assert told == [DeliveryState.PENDING, DeliveryState.CANCELLED]


def test_undoing_a_merge_brings_everybody_back_where_they_were(services: Services, boss: int) -> None:
    ours, theirs = make_group(services), make_group(services)
    a = _fresh(services, state=S.APPROVED, group=ours)
    b, c = (_fresh(services, state=S.APPROVED, group=theirs) for _ in range(2))
    d = _fresh(services)
    merging.merge(services, boss, [a.code or "", b.code or "", d.code or ""])
    undo.undo(services, boss, c.code or "")
    assert [reload(services, one).group_id for one in (a, b, c, d)] == [ours, theirs, theirs, None]
    assert reload(services, d).state == S.RECEIVED
    assert {one.state for one in notices_of(services)} == {DeliveryState.CANCELLED}


def test_a_merge_on_which_something_was_built_is_not_undone_by_half(services: Services, boss: int) -> None:
    a, b = _fresh(services), _fresh(services)
    merging.merge(services, boss, [a.code or "", b.code or ""])
    labels.reclassify(services, boss, b.code or "", Labels(urgent=True))
    with pytest.raises(AlreadyDecided):
        undo.undo(services, boss, a.code or "")
    assert reload(services, a).state == S.APPROVED


def test_what_the_citizen_has_answered_meanwhile_is_not_undone(services: Services, boss: int) -> None:
    opinion = _fresh(services)
    triage.ask_back(services, boss, opinion.code or "", "Ở đâu ạ?")
    with services.writing() as work:
        row = work.session.get_one(Opinion, opinion.id)
        row.state, row.version = S.RECEIVED, row.version + 1
        work.session.add(row)
        work.commit()
    with pytest.raises(AlreadyDecided):
        undo.undo(services, boss, opinion.code or "")
    assert queue.show(services, boss, opinion.code or "").undoable is None


def test_a_late_tap_does_not_undo_what_a_colleague_did_since(services: Services, boss: int, clock: ManualClock) -> None:
    minh = make_staff(services, Role.MODERATOR, name="Anh Minh")
    opinion = _fresh(services)
    seen = triage.approve(services, boss, opinion.code or "").version
    labels.reclassify(services, minh, opinion.code or "", Labels(urgent=True))
    with pytest.raises(AlreadyDecided, match="Anh Minh đã phân loại lại"):
        undo.undo(services, boss, opinion.code or "", expected_version=seen)


def test_a_moderator_cannot_undo_a_seal(services: Services) -> None:
    lan = make_staff(services, Role.MODERATOR)
    opinion = _fresh(services)
    labels.reclassify(services, lan, opinion.code or "", Labels(kind=Kind.DENUNCIATION))
    for ref in (opinion.code or "", opinion.id or 0):
        with pytest.raises(NotFound):
            undo.undo(services, lan, ref)


def test_a_village_officer_may_undo_own_question_but_no_decision(services: Services, boss: int) -> None:
    tu = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    opinion = _fresh(services)
    triage.ask_back(services, tu, opinion.code or "", "Ở đâu ạ?")
    undo.undo(services, tu, opinion.code or "")
    triage.approve(services, boss, opinion.code or "")
    with pytest.raises(Forbidden):
        undo.undo(services, tu, opinion.code or "")


def test_undoing_a_merge_does_not_hint_at_who_was_sealed_since(services: Services, boss: int) -> None:
    lan = make_staff(services, Role.MODERATOR, name="Lan")
    first, second, third = (
        make_opinion(services, citizen=make_citizen(services), state=S.RECEIVED, text=f"Đèn hỏng {number}")
        for number in range(3)
    )
    merging.merge(services, lan, [one.id or 0 for one in (first, second, third)])
    labels.reclassify(services, boss, third.id or 0, Labels(kind=Kind.DENUNCIATION))
    undo.undo(services, lan, first.id or 0)
    assert reload(services, first).state == reload(services, second).state == S.RECEIVED
    assert reload(services, third).sealed
