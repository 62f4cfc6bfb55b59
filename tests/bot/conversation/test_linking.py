"""The wish to link one's channels is heard in people's own words, and an opinion is never taken for it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation import linking
from bot.conversation.engine import advance
from casework import link_codes
from casework.effects import Facts, LinkChats, LinkFact, LinkStanding, MakeLinkCode, RecordConsent, Say, Step
from casework.talk import MessageKind
from nlp.normalise import fold
from tests.bot.conversation.test_engine import NOW, facts, message
from tests.nlp.conftest import rows

CODE = "LK-7KP-4MX-W2H"
HASH = link_codes.hash_of("LK7KP4MXW2H")


def known(standing: LinkStanding = LinkStanding.USABLE, **changes: object) -> Facts:
    """Facts in which exactly `CODE` leads somewhere."""
    good = replace(LinkFact(standing=standing), **changes)  # type: ignore[arg-type]
    bad = LinkFact(standing=LinkStanding.UNUSABLE)
    return facts(link_of=lambda code_hash: good if code_hash == HASH else bad)


def talk(fact: Facts, *texts: str) -> list[Step]:
    """Messages of one chat, with the state through JSON between them."""
    state: dict[str, object] = {}
    steps = []
    for number, text in enumerate(texts):
        step = advance(json.loads(json.dumps(state)), message(text=text), number, fact, NOW)
        state = step.state
        steps.append(step)
    return steps


def said(step: Step) -> str:
    return "\n".join(effect.reply.text for effect in step.effects if isinstance(effect, Say))


@pytest.mark.parametrize(
    "text",
    [
        "liên kết",
        "Liên kết zalo",
        "kết nối zalo",
        "ket noi voi telegram",
        "cho tôi kết nối thêm kênh khác với",
        "tôi muốn liên kết tài khoản khác",
        "làm sao để liên kết zalo ạ",
        "đổi số",
        "đổi số điện thoại",
        "tôi đổi số mới",
        "đổi sang kênh khác",
        "chuyển sang zalo",
        "chuyển qua zalo được không",
        "dùng zalo khác",
        "đổi máy mới",
        "/lienket",
    ],
)
def test_the_wish_is_heard_with_and_without_accents(text: str) -> None:
    for typed in {text, fold(text)}:
        (step,) = talk(facts(), typed)
        assert [one for one in step.effects if isinstance(one, MakeLinkCode)] == [MakeLinkCode(code="LK7KP4MXW2H")]
        assert CODE in said(step)


@pytest.mark.parametrize(
    "text", ["bỏ liên kết", "tôi muốn hủy liên kết", "bo ket noi zalo", "/bolienket", "ngắt kết nối"]
)
def test_the_wish_to_undo_is_heard(text: str) -> None:
    agreed = facts(consents={"fallback": True})
    (step,) = talk(agreed, text)
    withdrawn = [one for one in step.effects if isinstance(one, RecordConsent)]
    assert [(one.purpose, one.granted) for one in withdrawn] == [("fallback", False)]
    (nothing,) = talk(facts(), text)
    assert [one for one in nothing.effects if isinstance(one, RecordConsent)] == []


@pytest.mark.parametrize(
    "text",
    [
        "đổi sổ",
        "đổi sổ đỏ cho dân",
        "kết nối mạng ở thôn 4 kém",
        "kết nối internet cho nhà văn hóa",
        "liên kết sản xuất lúa với doanh nghiệp",
        "chuyển máy biến áp sang chỗ khác",
        "đổi số nhà",
        "đổi máy bơm mới cho thôn Trại",
        "chuyển trạm y tế sang chỗ khác",
        "đường liên kết hai thôn hỏng",
        "dùng điện thoại khi lái xe nhiều quá",
    ],
)
def test_an_opinion_is_not_taken_for_the_wish(text: str) -> None:
    assert linking.wished(text) is None


@pytest.mark.parametrize("file", ["tan_minh_intake.jsonl", "held_out.jsonl", "labelled_examples.jsonl"])
def test_of_all_known_opinions_none_is_taken_for_the_wish_or_a_code(file: str) -> None:
    texts = [str(row["text"]) for row in rows(file)]
    assert [text for text in texts if linking.wished(text) is not None or link_codes.find(text) is not None] == []


def test_nothing_is_linked_before_the_person_agreed() -> None:
    first, second = talk(known(), f"Mã liên kết của ông/bà: {CODE}", "vâng")
    assert not any(isinstance(effect, LinkChats) for effect in first.effects)
    assert [effect for effect in second.effects if isinstance(effect, LinkChats)] == [LinkChats(code_hash=HASH)]
    # The code itself stays in no state; only its hash waits for the yes.
    assert "7KP" not in json.dumps(first.state)


def test_the_other_channel_may_be_used_only_after_a_yes_to_that_alone() -> None:
    steps = talk(known(consents={"push": True}), CODE, "1", "2")
    assert not any(isinstance(effect, RecordConsent) for step in steps[:2] for effect in step.effects)
    (answer,) = [effect for effect in steps[2].effects if isinstance(effect, RecordConsent)]
    assert (answer.purpose, answer.granted, answer.sentence) == ("fallback", False, "consent.fallback")


@pytest.mark.parametrize(
    ("consents", "paper", "asked"),
    [
        ({}, False, ["push", "fallback"]),
        ({"push": True}, False, ["fallback"]),
        ({"push": False}, False, []),
        ({}, True, ["push"]),
        ({"push": True}, True, []),
    ],
)
def test_what_nobody_asked_yet_is_asked_and_nothing_else(
    consents: dict[str, bool], paper: bool, asked: list[str]
) -> None:
    steps = talk(known(consents=consents, paper=paper), CODE, "1")
    assert steps[-1].state["consent_left"] == asked


def test_a_no_a_used_code_and_ones_own_code_link_nothing() -> None:
    for fact, last in ((known(), "2"), (known(LinkStanding.OWN), "1"), (known(LinkStanding.UNUSABLE), "1")):
        steps = talk(fact, CODE, last)
        assert not any(isinstance(effect, LinkChats) for step in steps for effect in step.effects)


def test_a_code_that_was_used_meanwhile_links_nothing_at_the_yes() -> None:
    (asked,) = talk(known(), CODE)
    late = advance(asked.state, message(text="1"), 1, known(LinkStanding.UNUSABLE), NOW)
    assert not any(isinstance(effect, LinkChats) for effect in late.effects)
    assert "không dùng được" in said(late)


def test_guessing_is_stopped_and_then_even_a_true_code_is_not_tried() -> None:
    wrong = [f"LK-222-333-44{digit}" for digit in "234567"]
    steps = talk(known(), *wrong, CODE)
    assert "không dùng được" in said(steps[4])
    for step in steps[5:]:
        assert "thử nhiều mã" in said(step)
        assert step.state["link"] is None


@given(st.text(max_size=60))
def test_no_words_break_it(text: str) -> None:
    linking.wished(text)
    advance({}, message(text=f"LK {text} 7kp"), 1, known(), NOW)
    advance({}, message(MessageKind.START, payload=text), 1, known(), NOW)


def test_a_deep_link_brings_the_code_of_a_paper_receipt() -> None:
    step = advance({}, message(MessageKind.START, payload="LK7KP4MXW2H"), 1, known(paper=True), NOW)
    assert step.state["step"] == "linking"
    assert "giấy biên nhận" in said(step)
