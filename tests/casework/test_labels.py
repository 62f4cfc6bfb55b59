from __future__ import annotations

import pytest
from sqlmodel import select

from casework.codes import spoken
from casework.errors import InvalidInput
from casework.usecases.moderation import labels, merging, triage, undo
from casework.usecases.moderation.labels import Labels
from casework.usecases.moderation.merging import WITHDRAWN_TITLE
from casework.usecases.work import Services
from nlp.analysis import Kind, Level, Topic
from storage import history
from storage.records import (
    Act,
    DeliveryState,
    Opinion,
    OpinionGroup,
    OpinionState,
    Prediction,
    Role,
    Wording,
)
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


def test_a_persons_labels_are_kept_next_to_the_programs(services: Services, lan: int) -> None:
    opinion = _asked(services)
    labels.reclassify(
        services,
        lan,
        opinion.code or "",
        Labels(topic=Topic.TRANSPORT, level=Level.PROVINCE, urgent=True, village="Thôn 5"),
    )
    after = reload(services, opinion)
    assert (after.topic, after.level, after.urgent) == ("giao-thong", "tinh", True)
    assert after.residential_group_id == village_key(services, "t5")
    with services.reading() as work:
        said = work.session.exec(select(Prediction).where(Prediction.opinion_id == opinion.id)).all()
    assert {(one.label, one.value, one.made_by) for one in said} == {
        ("topic", "giao-thong", "person"),
        ("level", "tinh", "person"),
        ("urgent", "true", "person"),
    }
    assert notices_of(services) == []


def test_a_line_that_loses_its_title_with_a_sealed_opinion_takes_no_words_of_who_refused_to_be_published(
    services: Services, lan: int
) -> None:
    words = "Đèn đường thôn 4 tắt cả tháng nay, tối đi lại sợ lắm."
    group = make_group(services, title=words)
    sealed = _asked(services, state=S.APPROVED, group=group, text=words)
    make_opinion(
        services, citizen=make_citizen(services, publish=False), group=group, text="Tôi đi làm ca đêm về tối quá."
    )

    labels.reclassify(services, lan, sealed.code or "", Labels(kind=Kind.DENUNCIATION))
    assert _group(services, group).title == "Điện, chiếu sáng (chờ cán bộ đặt tên)"

    keeper = make_staff(services, Role.MODERATOR, Role.CONFIDENTIAL)
    undo.undo(services, keeper, f"#{sealed.id}")
    assert _group(services, group).title == words


def test_reclassifying_to_a_denunciation_takes_it_out_of_everything(services: Services, lan: int) -> None:
    group = make_group(services, title="Đèn đường thôn 4 tắt cả tháng nay, tối đi lại sợ lắm.")
    opinion = _asked(services, state=S.SCHEDULED, group=group)
    waiting = triage.approve(services, lan, _asked(services).code or "")
    labels.reclassify(services, lan, opinion.code or "", Labels(kind=Kind.DENUNCIATION))
    sealed = reload(services, opinion)
    assert (sealed.sealed, sealed.code, sealed.group_id, sealed.state) == (True, None, None, S.HELD)
    assert _group(services, group).title == WITHDRAWN_TITLE
    (told,) = [one for one in notices_of(services) if one.opinion_id == opinion.id]
    assert "Đèn" not in told.text
    assert waiting.notice == DeliveryState.PENDING


def test_sealing_silences_what_was_about_to_be_sent_and_an_undo_lets_it_speak(
    services: Services, lan: int, keeper: int
) -> None:
    both = make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR)
    opinion = _asked(services)
    triage.approve(services, lan, opinion.code or "")
    labels.reclassify(services, lan, opinion.code or "", Labels(sealed=True))
    assert [(one.purpose, one.state) for one in notices_of(services)] == [
        ("approved", DeliveryState.CANCELLED),
        ("sealed", DeliveryState.PENDING),
    ]
    undo.undo(services, both, opinion.id or 0)
    assert [one.purpose for one in notices_of(services) if one.state == DeliveryState.PENDING] == ["approved"]


def test_a_title_made_of_sealed_words_does_not_stay_with_the_others(services: Services, lan: int) -> None:
    first, second = (
        _asked(services, text="Ông chủ tịch xã nhận phong bì."),
        _asked(services, text="Cán bộ xã chậm trễ."),
    )
    group = merging.merge(services, lan, [first.code or "", second.code or ""]).group_id
    assert "phong bì" in _group(services, group).title
    labels.reclassify(services, lan, first.code or "", Labels(kind=Kind.DENUNCIATION))
    assert _group(services, group).title == "Cán bộ xã chậm trễ."


def test_a_moderator_cannot_unseal_but_the_confidential_role_can(services: Services, lan: int, keeper: int) -> None:
    opinion = _asked(services, state=S.HELD, kind="to-cao", sealed=True)
    with pytest.raises(InvalidInput, match="luôn được giữ kín"):
        labels.reclassify(services, keeper, opinion.id or 0, Labels(sealed=False))
    labels.reclassify(services, keeper, opinion.id or 0, Labels(kind=Kind.OPINION))
    free = reload(services, opinion)
    assert (free.sealed, free.state) == (False, S.RECEIVED)
    assert free.code is not None


def test_who_was_sealed_by_mistake_is_told_the_new_code(services: Services, keeper: int) -> None:
    opinion = _asked(services, state=S.HELD, kind="to-cao", sealed=True)
    labels.reclassify(services, keeper, opinion.id or 0, Labels(kind=Kind.COMPLAINT))
    (told,) = notices_of(services)
    assert spoken(reload(services, opinion).code or "") in told.text


def test_a_complaint_leaves_its_issue_is_held_and_its_asker_told(services: Services, lan: int) -> None:
    opinion = _asked(services, state=S.APPROVED, group=make_group(services))
    labels.reclassify(services, lan, opinion.code or "", Labels(kind=Kind.COMPLAINT))
    held = reload(services, opinion)
    assert (held.state, held.group_id, held.sealed) == (S.HELD, None, False)
    assert [one.purpose for one in notices_of(services)] == ["held"]


@pytest.mark.parametrize(
    "wanted",
    [Labels(), Labels(topic=Topic.ELECTRICITY), Labels(level=Level.DISTRICT), Labels(village="Thôn Không Có")],
)
def test_labels_that_change_nothing_or_do_not_exist_are_refused(services: Services, lan: int, wanted: Labels) -> None:
    with pytest.raises(InvalidInput):
        labels.reclassify(services, lan, _asked(services).code or "", wanted)


def test_the_askers_words_stay_when_staff_edit_and_every_wording_is_kept(services: Services, lan: int) -> None:
    opinion = _asked(services, text="den thon 4 hong goi 0912 345 678")
    triage.approve(services, lan, opinion.code or "")
    labels.redact(services, lan, opinion.code or "")
    labels.edit_wording(services, lan, opinion.code or "", "Đèn đường thôn 4 hỏng")
    after = reload(services, opinion)
    assert after.original_text == "den thon 4 hong goi 0912 345 678"
    assert after.edited_text == "Đèn đường thôn 4 hỏng"
    assert _group(services, after.group_id).title == "Đèn đường thôn 4 hỏng"
    with services.reading() as work:
        kept = work.session.exec(select(Wording).where(Wording.opinion_id == opinion.id)).all()
    assert len(kept) == 2
    assert all("0912" not in one.text for one in kept)


def test_a_title_written_by_hand_does_not_follow_the_wording(services: Services, lan: int) -> None:
    opinion = _asked(services)
    group = triage.approve(services, lan, opinion.code or "", title="Chiếu sáng thôn 4").group_id
    labels.edit_wording(services, lan, opinion.code or "", "Đèn hỏng")
    assert _group(services, group).title == "Chiếu sáng thôn 4"


def test_redacting_where_nothing_is_found_says_so(services: Services, lan: int) -> None:
    with pytest.raises(InvalidInput, match="không thấy"):
        labels.redact(services, lan, _asked(services).code or "")


def test_no_decision_writes_anybodys_words_into_the_history(services: Services, lan: int) -> None:
    secret = "Gọi bà Nguyễn Thị Hoa 0912 345 678 nhà số 12"
    opinion = _asked(services, text=secret)
    code = opinion.code or ""
    triage.ask_back(services, lan, code, f"Có phải {secret}?")
    triage.approve(services, lan, code)
    labels.edit_wording(services, lan, code, secret + "!")
    labels.redact(services, lan, code)
    undo.undo(services, lan, code)
    with services.reading() as work:
        assert history.verify(work.session) == []
        for act in work.session.exec(select(Act)):
            line = f"{act.why} {act.details}"
            assert "Hoa" not in line
            assert "0912" not in line
