from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casework import cards
from casework.clock import ManualClock
from casework.errors import Forbidden, NotFound
from casework.public_words import TITLE_LIMIT, name_free, one_line, proposed_title
from casework.usecases.moderation import labels, queue, triage
from casework.usecases.moderation.labels import Labels
from casework.usecases.moderation.queue import Filters, Section
from casework.usecases.work import SYSTEM, Services
from nlp.analysis import Kind, MadeBy, Topic
from storage.records import Attachment, GroupSuggestion, InboxEntry, Opinion, OpinionState, Prediction, Role
from tests.casework.factories import make_citizen, make_group, make_opinion, make_staff

S = OpinionState
SECRET = "Ông Trần Văn Tạo ở thôn 4 nhận phong bì làm sổ đỏ"


@pytest.fixture
def lan(services: Services) -> int:
    return make_staff(services, Role.MODERATOR, name="Chị Lan")


@pytest.fixture
def keeper(services: Services) -> int:
    return make_staff(services, Role.CONFIDENTIAL, Role.MODERATOR, name="Anh Kín")


def _predict(
    services: Services, opinion: Opinion, label: str, value: str, sure: float, by: MadeBy = MadeBy.RULE
) -> None:
    with services.writing() as work:
        work.add(
            Prediction(
                opinion_id=opinion.id or 0,
                label=label,
                value=value,
                confidence=sure,
                made_by=by,
                unsure=sure < 0.5,
                at=work.now,
            )
        )
        work.commit()


def test_the_queue_has_urgent_first_then_the_oldest_then_what_is_held_then_what_is_sealed(
    services: Services, keeper: int, clock: ManualClock
) -> None:
    day = dt.timedelta(days=1)
    now = clock.now()
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", submitted_at=now - 9 * day)
    held = make_opinion(services, state=S.HELD, kind="khieu-nai", submitted_at=now - 8 * day)
    young = make_opinion(services, state=S.RECEIVED, submitted_at=now - 1 * day)
    old = make_opinion(services, state=S.RECEIVED, submitted_at=now - 5 * day)
    urgent = make_opinion(services, state=S.RECEIVED, urgent=True, submitted_at=now)
    make_opinion(services, state=S.CLARIFYING)
    make_opinion(services, state=S.APPROVED)
    lines = queue.queue(services, keeper)
    assert [line.opinion_id for line in lines] == [one.id for one in (urgent, old, young, held, sealed)]
    assert [line.section for line in lines] == [
        Section.URGENT,
        Section.WAITING,
        Section.WAITING,
        Section.HELD,
        Section.SEALED,
    ]
    assert lines[1].waiting == 5 * day


def test_a_line_marks_what_the_program_is_unsure_of_until_a_person_says_it(services: Services, lan: int) -> None:
    opinion = make_opinion(services, state=S.RECEIVED, topic="giao-thong")
    _predict(services, opinion, "topic", "giao-thong", 0.3)
    _predict(services, opinion, "level", "xa", 0.95)
    (line,) = queue.queue(services, lan)
    assert line.topic.unsure
    assert not line.level.unsure
    assert "? 30 %" in cards.opinion_card(queue.show(services, lan, opinion.id or 0), in_group=True)
    _predict(services, opinion, "topic", "giao-thong", 1.0, MadeBy.PERSON)
    _predict(services, opinion, "topic", "giao-thong", 0.2)
    (line,) = queue.queue(services, lan)
    assert not line.topic.unsure


def test_why_the_program_judged_so_is_told_in_one_line_without_names_in_a_group(services: Services, lan: int) -> None:
    opinion = make_opinion(services, state=S.RECEIVED, topic="giao-thong")
    with services.writing() as work:
        for label, value, why in (("kind", "y-kien", "nhờ ông Nguyễn Văn Tèo"), ("topic", "giao-thong", "chữ " * 99)):
            work.add(
                Prediction(
                    opinion_id=opinion.id or 0,
                    label=label,
                    value=value,
                    confidence=0.9,
                    made_by=MadeBy.MODEL,
                    reason=why,
                    at=work.now,
                )
            )
        work.commit()
    view = queue.show(services, lan, opinion.id or 0)
    (alone,) = [one for one in cards.opinion_card(view, in_group=False).splitlines() if one.startswith("Vì sao: ")]
    (group,) = [one for one in cards.opinion_card(view, in_group=True).splitlines() if one.startswith("Vì sao: ")]
    assert alone.startswith("Vì sao: loại: nhờ ông Nguyễn Văn Tèo; việc: chữ")
    assert len(alone) <= cards.REASONS_LIMIT + len("Vì sao: ")
    assert "Tèo" not in group
    assert "Vì sao" not in cards.opinion_card(queue.show(services, lan, make_opinion(services).id or 0), in_group=False)


def test_suggestions_name_issue_people_and_reasons_and_leave_out_what_no_longer_means_anything(
    services: Services, lan: int
) -> None:
    group = make_group(services, title="Đèn đường thôn 4")
    citizen = make_citizen(services)
    others = [make_opinion(services, citizen=citizen, state=S.APPROVED, group=group) for _ in range(2)]
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text=SECRET)
    gone = make_opinion(services, state=S.WITHDRAWN)
    opinion = make_opinion(services, state=S.RECEIVED)
    with services.writing() as work:
        for other, score in ((others[0], 0.8), (sealed, 0.99), (gone, 0.9)):
            work.add(
                GroupSuggestion(
                    opinion_id=opinion.id or 0,
                    other_opinion_id=other.id,
                    score=score,
                    same=True,
                    reasons=["cùng thôn 4"],
                    at=work.now,
                )
            )
        work.commit()
    (line,) = queue.queue(services, lan)
    (suggestion,) = line.suggestions
    assert (suggestion.group_id, suggestion.title, suggestion.people) == (group, "Đèn đường thôn 4", 1)
    card = cards.opinion_card(queue.show(services, lan, opinion.id or 0), in_group=True)
    assert f"Giống nội dung {group}, 1 người: Đèn đường thôn 4 [cùng thôn 4]" in card


def test_an_issue_is_proposed_once_however_many_of_it_are_alike(services: Services, lan: int) -> None:
    group = make_group(services, title="Đèn đường thôn 4")
    others = [make_opinion(services, state=S.APPROVED, group=group) for _ in range(3)]
    opinion = make_opinion(services, state=S.RECEIVED)
    with services.writing() as work:
        for other, score, same in zip(others, (0.97, 0.7, 0.8), (False, True, True), strict=True):
            work.add(
                GroupSuggestion(
                    opinion_id=opinion.id or 0,
                    other_opinion_id=other.id,
                    score=score,
                    same=same,
                    reasons=[],
                    at=work.now,
                )
            )
        work.commit()
    (line,) = queue.queue(services, lan)
    assert [(one.group_id, one.score, one.same) for one in line.suggestions] == [(group, 0.8, True)]
    assert "giống 1 nơi" in cards.queue_card([line])


def test_an_urgency_the_program_doubts_is_marked_in_list_and_card(services: Services, lan: int) -> None:
    doubted = make_opinion(services, state=S.RECEIVED, urgent=True)
    sure = make_opinion(services, state=S.RECEIVED, urgent=True)
    perhaps = make_opinion(services, state=S.RECEIVED)
    _predict(services, doubted, "urgent", "true", 0.4)
    _predict(services, sure, "urgent", "true", 0.9)
    _predict(services, perhaps, "urgent", "false", 0.45)
    texts = {one.id: cards.opinion_card(queue.show(services, lan, one.id or 0), in_group=True) for one in
             (doubted, sure, perhaps)}  # fmt: skip
    assert " · KHẨN? · " in texts[doubted.id]
    assert "khẩn: có (? 40 %)" in texts[doubted.id]
    assert " · KHẨN · " in texts[sure.id]
    assert "khẩn:" not in texts[sure.id]
    assert "KHẨN" not in texts[perhaps.id]
    assert "khẩn: không (? 45 %)" in texts[perhaps.id]
    marked = [line for line in cards.queue_card(queue.queue(services, lan)).splitlines() if "KHẨN?" in line]
    assert len(marked) == 2


def test_filters_narrow_the_list(services: Services, lan: int) -> None:
    a = make_opinion(services, state=S.APPROVED, topic="y-te", village="t4")
    b = make_opinion(services, state=S.RECEIVED, urgent=True, village="t5")
    for filters, expected in (
        (Filters(states=[S.APPROVED]), [a]),
        (Filters(topic=Topic.HEALTH), [a]),
        (Filters(village="t5"), [b]),
        (Filters(village="thôn 5"), [b]),
        (Filters(urgent=True), [b]),
        (Filters(kind=Kind.COMPLAINT), []),
        (Filters(limit=1), [a]),
    ):
        assert [line.opinion_id for line in queue.list_opinions(services, lan, filters)] == [one.id for one in expected]


def test_a_village_officer_sees_only_the_own_village(services: Services) -> None:
    tu = make_staff(services, Role.VILLAGE_OFFICER, village="t4")
    own = make_opinion(services, state=S.RECEIVED, village="t4")
    make_opinion(services, state=S.RECEIVED, village="t5")
    make_opinion(services, state=S.RECEIVED)
    assert [line.opinion_id for line in queue.queue(services, tu)] == [own.id]
    assert not queue.show(services, tu, own.code or "").may_decide


def test_an_admin_manages_staff_and_sees_no_opinion(services: Services) -> None:
    with pytest.raises(Forbidden):
        queue.queue(services, make_staff(services, Role.ADMIN))


# ---------------------------------------------------------------------- the seal


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.CONFIDENTIAL, Role.ADMIN}))
def test_a_sealed_denunciation_is_in_nothing_that_others_see(services: Services, role: Role) -> None:
    group = make_group(services, title="Sổ đỏ thôn 4")
    neighbour = make_opinion(services, state=S.APPROVED, group=group, village="t4")
    sealed = make_opinion(services, state=S.RECEIVED, text=SECRET, village="t4")
    moderator = make_staff(services, Role.MODERATOR)
    triage.approve(services, moderator, sealed.code or "", group_id=group)
    labels.reclassify(services, moderator, sealed.code or "", Labels(kind=Kind.DENUNCIATION))
    staff = make_staff(services, role)
    seen = [
        *queue.queue(services, staff),
        *queue.list_opinions(services, staff),
        *queue.list_opinions(services, staff, Filters(states=[S.HELD])),
        *queue.list_opinions(services, staff, Filters(group_id=group)),
        *queue.list_opinions(services, staff, Filters(kind=Kind.DENUNCIATION)),
        queue.show(services, staff, neighbour.code or ""),
    ]
    shown = json.dumps([dataclasses.asdict(one) for one in seen], ensure_ascii=False, default=str)
    assert "Tạo" not in shown
    assert "phong bì" not in shown
    assert f"#{sealed.id}" not in shown
    assert (sealed.code or "-") not in shown
    for ref in (sealed.code or "", sealed.id or 0, f"#{sealed.id}"):
        with pytest.raises(NotFound):
            queue.show(services, staff, ref)


def test_the_confidential_role_finds_it_without_words_in_the_list_and_in_full_when_opened(
    services: Services, keeper: int
) -> None:
    sealed = make_opinion(services, state=S.HELD, sealed=True, kind="to-cao", text=SECRET)
    (line,) = queue.queue(services, keeper)
    assert line.text == ""
    assert "giữ kín" in cards.queue_card([line])
    assert queue.queue(services, keeper, Filters(sealed_too=False)) == []
    view = queue.show(services, keeper, f"#{sealed.id}")
    assert view.original_text == SECRET
    assert view.line.suggestions == ()


# ---------------------------------------------------------------------- cards


def test_a_card_in_a_group_has_neither_the_askers_name_nor_numbers(services: Services, lan: int) -> None:
    citizen = make_citizen(services, name="Nguyễn Thị Hoa")
    opinion = make_opinion(services, citizen=citizen, state=S.RECEIVED, text="Đèn hỏng, gọi tôi 0912 345 678 nhé")
    with services.writing() as work:
        entry = work.add(
            InboxEntry(
                channel="terminal",
                account="test",
                external_id="1",
                conversation_key="k",
                raw="{}",
                received_at=work.now,
            )
        )
        work.add(Attachment(inbox_entry_id=entry.id or 0, opinion_id=opinion.id, kind="photo"))
        work.commit()
    view = queue.show(services, lan, opinion.code or "")
    group, private = cards.opinion_card(view, in_group=True), cards.opinion_card(view, in_group=False)
    assert "Hoa" not in group
    assert "0912" not in group
    assert "Người gửi: Nguyễn Thị Hoa" in private
    assert "0912 345 678" in private
    assert "Kèm: ảnh" in group


def test_cards_of_every_state_render_and_the_queue_card_is_one_page(services: Services, lan: int) -> None:
    for state in S:
        opinion = make_opinion(services, state=state)
        assert cards.opinion_card(queue.show(services, lan, opinion.id or 0), in_group=False)
    for _ in range(cards.PAGE + 3):
        make_opinion(services, state=S.RECEIVED)
    lines = queue.queue(services, lan)
    assert "Xem tiếp: /hangdoi 2" in cards.queue_card(lines)
    assert "Không có ý kiến nào" in cards.queue_card([])


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (dt.timedelta(seconds=5), "0 phút"),
        (dt.timedelta(minutes=59), "59 phút"),
        (dt.timedelta(hours=23, minutes=59), "23 giờ"),
        (dt.timedelta(days=3, hours=5), "3 ngày"),
    ],
)
def test_waiting_is_told_in_its_largest_unit(span: dt.timedelta, words: str) -> None:
    assert cards.lasting(span) == words


def test_no_line_of_the_history_breaks_off(services: Services, lan: int) -> None:
    opinion = make_opinion(services)
    with services.writing() as work:
        for verb in ("staff_alerted", "words_added", "question_answered", "edited_after_decision", "verdict_given"):
            work.record(SYSTEM, verb, "opinion", opinion.id or 0)
        work.commit()
    view = queue.show(services, lan, opinion.id or 0)
    assert cards.history_card(view).splitlines()[0].endswith("Máy báo cán bộ về ý kiến này")
    assert all(line.what.endswith(" ý kiến này") for line in view.history)


def test_a_proposed_title_is_the_matter_without_greeting_introduction_and_thanks() -> None:
    said = "Kính gửi Mặt trận xã. Tôi tên Lê Văn Tám, xóm 5. Cống đầu ngõ tắc cả tháng. Xin cảm ơn."
    assert proposed_title(said) == "Cống đầu ngõ tắc cả tháng."


@given(st.text(max_size=600))
def test_a_proposed_title_is_one_short_line_without_what_was_found(text: str) -> None:
    title = proposed_title(text)
    assert len(title) <= TITLE_LIMIT
    assert "\n" not in title
    assert title == title.strip()


@given(st.text(max_size=300), st.integers(min_value=2, max_value=80))
def test_one_line_never_exceeds_its_limit(text: str, limit: int) -> None:
    assert len(one_line(text, limit)) <= limit


def test_masking_is_stable() -> None:
    once = name_free("Gọi ông Nguyễn Văn Bình 0912 345 678")
    assert "Bình" not in once
    assert name_free(once) == once
