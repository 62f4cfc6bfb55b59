"""The words that decided are kept and shown apart from the message: they must not tell who somebody is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nlp.normalise import fold
from nlp.understand import Understander
from nlp.unnamed import may_name
from nlp.vocabulary import read

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


NAMES = [
    "Thạch Sa Rinh", "Giàng A Páo", "Nguyễn Văn Bảy", "Lê Thị Hoa", "Hồ Văn Cường", "ông Cường", "bà Út Mười",
    "thằng Tèo", "chị Kim Lan", "ông Cầu", "thầy Sùng Mí Sính", "anh Trần Đắc Rỡ",
]  # fmt: skip
DEEDS = [
    "{} trưởng ấp nhậu xỉn chửi dân",
    "{} bán đất công lấy tiền",
    "mấy bữa nay {} xả nước thải hôi thúi",
    "{} cán bộ một cửa làm mất hồ sơ của tôi, đề nghị xem lại",
]
TITLES = {"ong", "ba", "thang", "chi", "thay", "anh"}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("written", [str, str.lower, fold], ids=["as-written", "small", "bare"])
def test_no_reason_names_a_person_however_the_name_is_typed(
    understander: Understander, name: str, written: Callable[[str], str]
) -> None:
    for deed in DEEDS:
        said = reasons_of(understander, written(deed.format(name))).split(" | ")
        # Phrases of the lexicon are the program's words, not the writer's.
        words = {word for one in said if "từ khóa" not in one for word in fold(one).replace(",", " ").split()}
        assert not (set(fold(name).split()) - TITLES) & words, said


def test_a_bare_name_typed_with_a_capital_at_the_start_is_not_named(understander: Understander) -> None:
    assert "Teo" not in reasons_of(understander, "Teo truong ap nhau xin chui dan")


def test_words_behind_a_title_that_name_a_thing_are_still_named() -> None:
    reading = read("con đường vào xóm lầy lội, bà con đi lại khó, ông trưởng thôn không nói gì")
    hidden = may_name(reading, "con đường vào xóm lầy lội, bà con đi lại khó, ông trưởng thôn không nói gì")
    shown = {token.surface for at, token in enumerate(reading.tokens) if at not in hidden}
    assert {"đường", "xóm", "lầy", "lội", "trưởng", "thôn"} <= shown


@pytest.mark.parametrize(
    "text", ["ngập trên đường 985 từ ấp Chợ tới ấp Miễu", "trạm hư, trạm kia cũng hư, trạm nào cũng hư, nước trạm yếu"]
)
def test_a_reason_names_no_word_twice(understander: Understander, text: str) -> None:
    analysis = understander.analyse(text)
    for one in (analysis.kind, analysis.topic, analysis.level, analysis.urgent):
        words = one.reason.partition(": ")[2].split(", ")
        assert len(words) == len(set(words)), one.reason
