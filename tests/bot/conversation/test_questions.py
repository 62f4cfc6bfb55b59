"""Questions about one's own matters are told from opinions: with and without accents, in the words of three regions."""

from __future__ import annotations

import json

import pytest

from bot.conversation.questions import Asked, asked
from nlp.normalise import fold
from tests.nlp.conftest import rows

ANSWER, TURN, CONFERENCE = Asked.ANSWER, Asked.TURN_TO_SPEAK, Asked.CONFERENCE
SPEAK, NOT = Asked.TO_SPEAK, Asked.NOT_TO_SPEAK


@pytest.mark.parametrize(
    ("said", "understood"),
    [
        ("khi nào tôi được phát biểu", TURN),
        ("tôi phát biểu thứ mấy", TURN),
        ("tôi phát biểu số mấy", TURN),
        ("bao giờ đến lượt tôi", TURN),
        ("đến lượt tôi chưa", TURN),
        ("chừng nào tui được phát biểu", TURN),
        ("khi mô tui được phát biểu rứa", TURN),
        ("tôi đăng ký phát biểu rồi có được không", TURN),
        ("đăng ký phát biểu của tôi duyệt chưa", TURN),
        ("sao tôi không được phát biểu", TURN),
        ("k biết bao h", None),
        ("khi nao toi dc phat bieeu", TURN),
        ("toi phta bieu thu may", TURN),
        ("bao giờ xã trả lời tôi", ANSWER),
        ("chừng nào xã trả lời tui", ANSWER),
        ("khi mô xã trả lời", ANSWER),
        ("bao chừ xã trả lời", ANSWER),
        ("việc của tôi giải quyết đến đâu rồi", ANSWER),
        ("việc của tôi đến đâu rồi", ANSWER),
        ("vụ của tui tới đâu rồi", ANSWER),
        ("ý kiến của tôi sao rồi", ANSWER),
        ("đã có trả lời chưa", ANSWER),
        ("có trả lời chưa vậy", ANSWER),
        ("sao lâu thế chưa trả lời", ANSWER),
        ("sao lâu quá chưa thấy trả lời", ANSWER),
        ("răng lâu rứa chưa trả lời", ANSWER),
        ("chưa thấy ai trả lời", ANSWER),
        ("hổng thấy ai trả lời hết", ANSWER),
        ("chưa ai giải quyết cho tôi", ANSWER),
        ("có kết quả chưa", ANSWER),
        ("da co tra loii chua", ANSWER),
        ("ý kiến tôi gửi hôm trước trả lời chưa", ANSWER),
        ("hội nghị hoãn hả", CONFERENCE),
        ("hội nghị có hoãn không", CONFERENCE),
        ("hội nghị dời ngày hả", CONFERENCE),
        ("hội nghị hoãn hỉ", CONFERENCE),
        ("mấy giờ họp", CONFERENCE),
        ("họp ở đâu", CONFERENCE),
        ("đổi ý rồi không phát biểu nữa", NOT),
        ("thôi không phát biểu nữa", NOT),
        ("tôi không phát biểu nữa đâu", NOT),
        ("tui hổng phát biểu nữa", NOT),
        ("tôi bận không lên phát biểu được", NOT),
        ("rút phát biểu", NOT),
        ("hủy đăng ký phát biểu giúp tôi", NOT),
        ("xin rút đăng ký phát biểu", NOT),
        ("tôi muốn phát biểu lại", SPEAK),
        ("cho tôi phát biểu lại", SPEAK),
        ("muốn đăng ký phát biểu lại", SPEAK),
    ],
)
def test_what_is_asked_is_understood_with_and_without_accents(said: str, understood: Asked | None) -> None:
    assert asked(said) is understood
    assert asked(fold(said)) is understood
    assert asked(said.upper()) is understood


@pytest.mark.parametrize(
    "said",
    [
        "Cầu treo bao giờ sửa",
        "Xã trả lời sao về cây cầu treo",
        "Đường thôn 4 chưa ai giải quyết",
        "Nước sạch bao giờ có",
        "Bao giờ đèn đường sáng",
        "Rác để lâu quá chưa ai dọn, xã giải quyết",
        "Hôm họp thôn ông trưởng thôn phát biểu là sẽ sửa đường",
        "Sổ đỏ của tôi bao giờ xong",
        "Lãnh đạo xã không bao giờ trả lời dân",
        "Tiền đền bù chưa thấy ai trả lời",
        "Việc trồng rừng giải quyết đến đâu",
        "",
        "chào xã",
        "1",
    ],
)
def test_one_word_that_names_a_matter_makes_it_no_such_question(said: str) -> None:
    assert asked(said) is None
    assert asked(fold(said)) is None


@pytest.mark.parametrize(
    "name", ["labelled_examples.jsonl", "tan_minh_intake.jsonl", "held_out.jsonl", "held_out_fresh.jsonl"]
)
def test_no_opinion_of_the_collections_is_taken_for_a_question(name: str) -> None:
    taken = [row["text"] for row in rows(name) if asked(row["text"]) and row.get("kind", "y-kien") == "y-kien"]
    labels = {row["id"]: row for row in rows("tan_minh_labels.jsonl")}
    if name == "tan_minh_intake.jsonl":
        taken = [
            row["text"] for row in rows(name) if asked(row["text"]) and labels[row["id"]]["kind"] != "khong-phai-y-kien"
        ]
    assert taken == [], json.dumps(taken, ensure_ascii=False)
