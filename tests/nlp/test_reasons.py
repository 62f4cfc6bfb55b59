"""The words that decided are kept and shown apart from the message: they must not tell who somebody is."""

from __future__ import annotations

import pytest

from nlp.normalise import fold
from nlp.understand import Understander

ACCUSED = "Đường thôn 4 hỏng, ông Nguyễn Văn Tèo bán phở lấn chiếm vỉa hè, chồng tôi bị ung thư không đi được"


def reasons_of(understander: Understander, text: str) -> str:
    analysis = understander.analyse(text)
    return " | ".join(one.reason for one in (analysis.kind, analysis.topic, analysis.level, analysis.urgent))


@pytest.mark.parametrize(
    "text",
    [
        ACCUSED,
        ACCUSED.lower(),
        f"Kính gửi xã.\n{ACCUSED}",
        "Thằng Nguyễn Văn Tèo trưởng thôn ôm hết tiền mặt trận, 0912345678",
        "ông Nguyễn Văn Tèo cán bộ địa chính làm khó vợ tôi, số 0912345678",
        "Tôi tố cáo ông Nguyễn Văn Tèo trưởng thôn 4 ăn tiền của dân 50 triệu",
        "Nguyễn Văn Tèo đổ đất lấn mương, nước không thoát được, đề nghị xã xử lý",
    ],
)
def test_no_reason_names_a_person_or_a_number(understander: Understander, text: str) -> None:
    said = fold(reasons_of(understander, text)).replace(",", " ").split()
    assert not {"nguyen", "teo", "0912345678"} & set(said)


def test_a_capital_within_a_sentence_is_never_named_although_nothing_says_it_is_a_name(
    understander: Understander,
) -> None:
    said = reasons_of(understander, "Tối qua bên nhà Chó Đốm thả rông cắn người")
    assert "thả" in said
    assert "Đốm" not in said


def test_the_other_words_are_still_named(understander: Understander) -> None:
    analysis = understander.analyse("Cô giáo chủ nhiệm hay mắng học trò. Lớp đông quá, phòng học chật.")
    assert analysis.topic.reason
    assert analysis.topic.reason != "dựa vào cả tin nhắn"
