"""Who wants no more messages, or takes a consent back, is heard in a few words; an opinion is never taken for it."""

from __future__ import annotations

import json

import pytest

from bot.conversation import wishes
from bot.conversation.engine import advance
from casework.effects import RecordConsent, Say, Step, VillageFact
from casework.talk import MessageKind
from tests.bot.conversation.test_engine import NOW, OPINION, facts, message
from tests.nlp.conftest import rows

AGREED = {"process": True, "push": True, "publish": True}


def answer_to(text: str, **known: object) -> Step:
    return advance({}, message(text=text), 1, facts(consents=AGREED, my_opinions=(OPINION,), **known), NOW)


def said(step: Step) -> str:
    return "\n".join(effect.reply.text for effect in step.effects if isinstance(effect, Say))


def recorded(step: Step) -> dict[str, bool]:
    return {effect.purpose: effect.granted for effect in step.effects if isinstance(effect, RecordConsent)}


@pytest.mark.parametrize(
    "text",
    [
        "Đừng nhắn tin cho tôi nữa",
        "dung nhan tin cho toi nua",
        "thôi nhận tin",
        "thoi nhan tin",
        "không nhận tin nữa",
        "khong nhan tin nua",
        "STOP",
        "dừng",
        "hủy nhận tin",
        "huy nhan tin",
        "tôi không muốn nhận tin",
        "toi khong muon nhan tin",
        "phiền quá đừng gửi nữa",
        "phien qua dung gui nua",
    ],
)
def test_who_wants_no_more_messages_gets_none_and_is_told_how_to_have_them_again(text: str) -> None:
    step = answer_to(text)
    assert recorded(step) == {"push": False}
    assert "nhận tin lại" in said(step)


@pytest.mark.parametrize("text", ["nhận tin lại", "nhan tin lai", "bật tin", "tôi muốn nhận tin lại"])
def test_messages_are_turned_on_again_in_words(text: str) -> None:
    assert recorded(answer_to(text)) == {"push": True}


@pytest.mark.parametrize("text", ["tôi rút lại đồng ý", "rút đồng ý", "xóa thông tin của tôi", "xoa thong tin cua toi"])
def test_taking_consent_back_shows_what_is_kept_and_withdraws_no_opinion(text: str) -> None:
    step = answer_to(text)
    assert "Rút hết" in said(step)
    number = next(line[0] for line in said(step).splitlines() if "Rút hết" in line)
    step = advance(json.loads(json.dumps(step.state)), message(text=number), 2, facts(consents=AGREED), NOW)
    assert recorded(step) == dict.fromkeys(AGREED, False)


def test_a_name_is_erased_at_once() -> None:
    assert recorded(answer_to("xóa tên tôi đi")) == {"process": False}


@pytest.mark.parametrize(
    "text", ["dung", "đúng, gửi đi", "không gửi nữa", "tôi không nhận được tin", "không có tin gì"]
)
def test_words_that_only_look_like_it_change_no_consent(text: str) -> None:
    assert recorded(answer_to(text)) == {}


@pytest.mark.parametrize(
    "file", ["labelled_examples.jsonl", "tan_minh_intake.jsonl", "held_out.jsonl", "held_out_fresh.jsonl"]
)
def test_no_opinion_of_the_collections_is_taken_for_a_wish(file: str) -> None:
    texts = [str(row["text"]) for row in rows(file)]
    assert [text for text in texts if wishes.heard(text) is not None] == []


@pytest.mark.parametrize(
    ("text", "village"),
    [("Đèn đường thôn 3 tắt", "thôn Trung (thôn 3)"), ("den duong thon 3 tat", "thôn Trung (thôn 3)")],
)
def test_a_village_is_read_back_with_the_number_it_was_called_by(text: str, village: str) -> None:
    villages = (VillageFact(code="t3", name="thôn Trung"), VillageFact(code="t4", name="thôn 4"))
    known = facts(villages=villages, village="t3", village_named=lambda said: "t3" if "3" in said else None)
    step = advance({}, message(text=text), 1, known, NOW)
    assert step.wake_at is not None
    step = advance(step.state, message(kind=MessageKind.WAKE), None, known, step.wake_at)
    assert f"Nơi có việc: {village}" in said(step)


def test_without_consent_to_messages_nobody_is_reminded_of_a_draft() -> None:
    refused = facts(consents={**AGREED, "push": False}, village="t4")
    step = advance({}, message(text="Đường thôn 4 lầy lội không đi được"), 1, refused, NOW)
    assert step.wake_at is not None
    step = advance(step.state, message(kind=MessageKind.WAKE), None, refused, step.wake_at)
    assert "Đường thôn 4" in said(step), "what was written is read back"
    assert step.wake_at is not None
    step = advance(step.state, message(kind=MessageKind.WAKE), None, refused, step.wake_at)
    assert said(step) == ""


def test_buttons_are_spoken_of_only_where_there_are_some() -> None:
    assert "nút" in said(answer_to("menu"))
    plain = answer_to("menu", buttons=False)
    assert "nút" not in said(plain)
    assert "nhắn số" in said(plain)


@pytest.mark.parametrize("text", ["giúp", "giup voi", "giúp tôi với"])
def test_a_call_for_help_leads_to_the_menu(text: str) -> None:
    assert "Gặp cán bộ" in said(answer_to(text))
