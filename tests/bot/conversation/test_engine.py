"""The engine on its own: pure, never at a loss, its state survives JSON."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.conversation.choices import read_choice, read_digit
from bot.conversation.engine import advance
from bot.conversation.state import Talk
from casework.effects import (
    AnswerFact,
    Facts,
    GiveVerdict,
    HeldFact,
    LinkFact,
    LinkStanding,
    OpinionFact,
    RecordConsent,
    RegisterSpeaking,
    Say,
    SpeakingFact,
    SpeakingRegistrationFact,
    Submit,
    VillageFact,
    Withdraw,
)
from casework.talk import AttachedFile, InboundMessage, MessageKind
from nlp.places import Gazetteer
from nlp.understand import Understander
from tests.conftest import DATA

NOW = dt.datetime(2026, 11, 10, 2, 0, tzinfo=dt.UTC)
GAZETTEER = Gazetteer.from_toml(tomllib.loads((DATA / "places.toml").read_text(encoding="utf-8")))
UNDERSTANDER = Understander(GAZETTEER)


def facts(**changes: object) -> Facts:
    values: dict[str, object] = {
        "office_name": "xã Tân Minh",
        "office_contact": "0950 000 001",
        "next_conference": None,
        "villages": (VillageFact(code="t4", name="thôn 4"), VillageFact(code="ha", name="thôn Hạ")),
        "village": None,
        "consents": {},
        "my_opinions": (),
        "held_opinions": (),
        "named_opinion": None,
        "unknown_code": False,
        "fresh_code": "K7P4MX",
        "understand": UNDERSTANDER.analyse,
        "village_named": lambda text: getattr(GAZETTEER.village_of(text), "residential_group", None),
        "buttons": True,
        "fresh_link_code": lambda: "LK7KP4MXW2H",
        "link_of": lambda code_hash: LinkFact(standing=LinkStanding.UNUSABLE),
    }
    return Facts(**{**values, **changes})  # type: ignore[arg-type]


def message(kind: MessageKind = MessageKind.TEXT, text: str = "", **changes: object) -> InboundMessage:
    values: dict[str, object] = {"channel": "terminal", "account": "local", "chat_id": "c", "sender_id": "c"}
    return InboundMessage(kind=kind, text=text, sent_at=NOW, **{**values, **changes})  # type: ignore[arg-type]


OPINION = OpinionFact(
    id=7,
    code="K7P4MX",
    state="received",
    status="đã nhận",
    text="Đèn đường thôn 4 hỏng",
    submitted_on=dt.date(2026, 11, 9),
    mine=True,
    editable=True,
)

SPEAKING = SpeakingFact(conference_id=1, on_agenda=frozenset({"K7P4MX"}))
SPOKEN_FOR = SpeakingRegistrationFact(
    id=5, matter="Mặt đường ngõ 3", opinion_id=None, state="confirmed", number=2, why=None, active=True
)

texts = st.one_of(
    st.text(max_size=60),
    st.sampled_from(
        [
            "Đèn đường thôn 4 tắt cả tuần, đề nghị xã sửa",
            "1",
            "2",
            "3",
            "9",
            "số hai",
            "dạ vâng ạ",
            "không",
            "thôi",
            "/huy",
            "/batdau",
            "/xyz",
            "K7P-4MX",
            "xin chào",
            "cảm ơn",
            "rút ý kiến",
            "danh sách",
            "đăng ký phát biểu",
            "rút đăng ký phát biểu",
            "thôn Hạ",
            "Nguyễn Thị Sáu",
            "Cháy nhà ở thôn Hạ, có người trong nhà, cứu với",
            "Tôi tố cáo ông trưởng thôn nhận tiền hối lộ 5 triệu",
            "Tôi không đồng ý quyết định bồi thường cho nhà tôi, đề nghị xem lại quyết định",
        ]
    ),
)
events = st.one_of(
    st.builds(lambda text: message(text=text), texts),
    st.just(message(MessageKind.WAKE)),
    st.builds(
        lambda token: message(MessageKind.PRESS, token=token),
        st.sampled_from(["c:1:1", "c:2:2", "v:1:K7P4MX:1", "ans:K7P4MX", "st:K7P4MX", "", "junk", "c:x:y"]),
    ),
    st.builds(
        lambda kind, text: message(MessageKind.MEDIA, text, files=(AttachedFile(kind=kind),)),
        st.sampled_from(["photo", "voice", "sticker", "location", "other"]),
        texts,
    ),
    st.just(message(MessageKind.START, payload="v_t4")),
    st.just(message(MessageKind.OTHER, note="poll")),
    st.builds(lambda text: message(MessageKind.EDIT, text, message_ref="1"), texts),
)
situations = st.sampled_from(
    [
        facts(),
        facts(village="t4", consents={"process": True, "push": True, "publish": True}),
        facts(
            my_opinions=(OPINION,), named_opinion=OPINION, consents={"process": True, "push": False, "publish": True}
        ),
        facts(next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING, my_opinions=(OPINION,)),
        facts(
            next_conference="Hội nghị ngày 28/11/2026.",
            speaking=replace(SPEAKING, mine=(SPOKEN_FOR,), conditions=("đủ 18 tuổi trở lên",), on_agenda=frozenset()),
            speaking_news=("Đã xếp.",),
        ),
        facts(next_conference="Hội nghị hôm nay.", speaking=replace(SPEAKING, closed="closed_day")),
        facts(held_opinions=(HeldFact(id=3, entry_ids=(1, 2)),), unknown_code=True),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(events, situations, st.integers(0, 4000)), min_size=1, max_size=12))
def test_no_sequence_of_messages_ends_dead(sequence: list[tuple[InboundMessage, Facts, int]]) -> None:
    state: dict[str, object] = {}
    now = NOW
    for entry_id, (event, known, pause) in enumerate(sequence, start=1):
        now += dt.timedelta(seconds=pause)
        step = advance(state, event, entry_id, known, now)
        state = json.loads(json.dumps(step.state))
        talk = Talk.from_json(state)
        assert Talk.from_json(talk.to_json()) == talk
        answered = any(isinstance(effect, Say) for effect in step.effects)
        quiet_by_right = event.kind in {MessageKind.WAKE, MessageKind.EDIT} or talk.muted_until is not None
        assert answered or step.wake_at is not None or quiet_by_right
        if talk.has_draft and talk.step == "drafting" and talk.muted_until is None:
            assert step.wake_at is not None or talk.reminded


@given(st.lists(st.tuples(events, situations), min_size=1, max_size=6))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_same_arguments_give_the_same_step(sequence: list[tuple[InboundMessage, Facts]]) -> None:
    state: dict[str, object] = {}
    for event, known in sequence:
        first, second = (advance(state, event, 1, known, NOW) for _ in range(2))
        assert first == second
        state = first.state


@given(st.dictionaries(st.text(max_size=10), st.one_of(st.none(), st.integers(), st.text(max_size=5)), max_size=5))
def test_a_state_with_unknown_keys_is_still_read(extra: dict[str, object]) -> None:
    state = {**Talk(greeted=True).to_json(), **{f"x_{key}": value for key, value in extra.items()}}
    assert Talk.from_json(state).greeted


def test_a_confirmed_draft_is_submitted_only_after_the_consents() -> None:
    known = facts(village="t4")
    step = advance({}, message(text="Đèn đường thôn 4 tắt cả tuần, đề nghị xã sửa"), 1, known, NOW)
    step = advance(step.state, message(MessageKind.WAKE), None, known, NOW)
    step = advance(step.state, message(text="1"), 2, known, NOW)
    assert not any(isinstance(effect, Submit) for effect in step.effects)
    for answer in ("1", "2"):
        step = advance(step.state, message(text=answer), 3, known, NOW)
    assert not any(isinstance(effect, Submit) for effect in step.effects)
    step = advance(step.state, message(text="1"), 4, known, NOW)
    assert [type(effect) for effect in step.effects].count(Submit) == 1


def test_a_stale_button_changes_nothing() -> None:
    known = facts(village="t4", my_opinions=(OPINION,))
    step = advance({}, message(text="rút ý kiến"), 1, known, NOW)
    old_prompt = Talk.from_json(step.state).prompt
    step = advance(step.state, message(text="/trogiup"), 2, known, NOW)
    step = advance(step.state, message(MessageKind.PRESS, token=f"c:{old_prompt}:1"), 3, known, NOW)
    assert not any(isinstance(effect, Withdraw) for effect in step.effects)
    assert any(
        "Nút ông/bà vừa bấm là của tin cũ" in effect.reply.text for effect in step.effects if isinstance(effect, Say)
    )


@pytest.mark.parametrize(
    ("said", "digit"),
    [
        ("1", "1"),
        ("1.", "1"),
        ("số 2", "2"),
        ("chọn số hai ạ", "2"),
        ("ba", "3"),
        ("dạ 3", "3"),
        ("thôn 4", None),
        ("", None),
    ],
)
def test_digits_are_read_as_people_say_them(said: str, digit: str | None) -> None:
    assert read_digit(said) == digit


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ("đúng rồi ạ", "send"),
        ("dạ", "send"),
        ("gửi đi", "send"),
        ("đừng gửi", None),
        ("thôi không gửi nữa", "drop"),
        ("sửa lại giúp em", "change"),
        ("em cảm ơn ạ", None),
        ("đường thôn 4 cũng hỏng nữa", None),
    ],
)
def test_plain_words_choose_like_digits(said: str, choice: str | None) -> None:
    assert read_choice(said, {"1": "send", "2": "change", "3": "drop"}) == choice


def test_a_name_enters_the_list_of_speakers_only_after_a_yes() -> None:
    known = facts(village="t4", next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING, consents={"push": True})
    state: dict[str, object] = {}
    names: list[str | None] = []
    for answers in (("không",), ("đồng ý", "Nguyễn Thị Sáu")):
        for words in ("đăng ký phát biểu", "Mặt đường ngõ 3 nhiều ổ gà", *answers, "1"):
            step = advance(state, message(text=words), 1, known, NOW)
            state = json.loads(json.dumps(step.state))
            names += [effect.name for effect in step.effects if isinstance(effect, RegisterSpeaking)]
    assert names == [None, "Nguyễn Thị Sáu"]


def test_what_looks_like_a_denunciation_never_becomes_a_line_of_the_speakers_list() -> None:
    known = facts(village="t4", next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING)
    step = advance({}, message(text="xin phát biểu"), 1, known, NOW)
    step = advance(step.state, message(text="Tôi tố cáo ông trưởng thôn nhận tiền hối lộ 5 triệu"), 2, known, NOW)
    talk = Talk.from_json(step.state)
    assert talk.step == "drafting"
    assert talk.speaking is None


def test_a_registration_that_closed_meanwhile_is_refused_at_the_last_step() -> None:
    known = facts(village="t4", next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING)
    step = advance({}, message(text="xin phát biểu"), 1, known, NOW)
    for words in ("Mặt đường ngõ 3 nhiều ổ gà", "không"):
        step = advance(step.state, message(text=words), 2, known, NOW)
    shut = replace(known, speaking=replace(SPEAKING, closed="closed_list"))
    step = advance(step.state, message(text="1"), 3, shut, NOW)
    assert not any(isinstance(effect, RegisterSpeaking) for effect in step.effects)
    assert any("không nhận đăng ký" in one.reply.text for one in step.effects if isinstance(one, Say))


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("Tôi muốn đăng ký phát biểu ạ", True),
        ("cho tôi xin phát biểu ý kiến", True),
        ("đk phát biểu tại hội nghị", True),
        ("/phatbieu", True),
        ("Phát biểu", True),
        ("Hôm họp thôn ông trưởng thôn phát biểu là sẽ sửa đường", False),
        ("Tôi muốn phát biểu là đường ngõ 3 hỏng từ lâu mà chưa ai sửa", False),
    ],
)
def test_asking_to_speak_is_understood_and_an_opinion_is_not_taken_for_it(said: str, understood: bool) -> None:
    known = facts(village="t4", next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING)
    step = advance({}, message(text=said), 1, known, NOW)
    assert (Talk.from_json(step.state).speaking is not None) == understood


def test_a_digit_in_a_registration_is_never_a_verdict_on_an_answer_that_came_meanwhile() -> None:
    known = facts(village="t4", next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING)
    step = advance({}, message(text="xin phát biểu"), 1, known, NOW)
    step = advance(step.state, message(text="Mặt đường ngõ 3 nhiều ổ gà"), 2, known, NOW)
    at = NOW + dt.timedelta(minutes=1)
    came = AnswerFact(id=3, final=True, text="Đã sửa.", settled=None, published_at=at, shown_at=at, asked_at=at)
    later = replace(known, my_opinions=(replace(OPINION, state="answered", editable=False, answers=(came,)),))
    step = advance(step.state, message(text="1"), 3, later, NOW + dt.timedelta(minutes=2))
    assert not any(isinstance(effect, GiveVerdict | RecordConsent) for effect in step.effects)
    step = advance(step.state, message(text="1"), 4, later, NOW + dt.timedelta(minutes=3))
    assert [effect.granted for effect in step.effects if isinstance(effect, RecordConsent)] == [True]
    assert not any(isinstance(effect, GiveVerdict) for effect in step.effects)


@pytest.mark.parametrize("refusal", ["0", "2"])
def test_zero_and_two_refuse_at_the_name_and_one_does_not_lose_it(refusal: str) -> None:
    known = facts(village="t4", next_conference="Hội nghị ngày 28/11/2026.", speaking=SPEAKING)
    step = advance({}, message(text="xin phát biểu"), 1, known, NOW)
    for words in ("Mặt đường ngõ 3 nhiều ổ gà", "1", "1"):
        step = advance(step.state, message(text=words), 2, known, NOW)
    assert Talk.from_json(step.state).step == "speak_name"
    step = advance(step.state, message(text=refusal), 3, known, NOW)
    talk = Talk.from_json(step.state)
    assert (talk.step, talk.speaking and talk.speaking.name) == ("speak_confirm", None)
