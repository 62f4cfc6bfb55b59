from __future__ import annotations

import tomllib
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.concepts import concepts_of
from nlp.echoes import echoes
from nlp.particulars import Particulars, opposite, particulars_of
from nlp.similar import terms_of
from nlp.vocabulary import read


def concepts(text: str) -> set[str]:
    reading = read(text)
    found = concepts_of(reading.tokens, reading.accented)
    return {*found.objects, *found.problems}


def particulars(text: str) -> Particulars:
    reading = read(text)
    return particulars_of(reading.tokens, reading.accented)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Ngõ xóm tôi tối om cả tuần", {"street-lamp", "no-light"}),
        ("ngo xom toi toi om ca tuan", {"street-lamp", "no-light"}),
        ("Cúp điện hoài, quạt quay không nổi", {"power-supply", "power-cut", "weak-power"}),
        ("Xin cái bìa đỏ mà quá hẹn rồi", {"red-book", "file-late"}),
        ("Đi làm sổ hồng, lần nào cũng bảo đợi", {"red-book", "file-late"}),
        ("Heo chết hàng loạt, thú y chưa xuống", {"animal-disease"}),
    ],
)
def test_one_thing_has_many_names(text: str, told: set[str]) -> None:
    assert told <= concepts(text)


def test_words_that_only_look_alike_without_accents_say_nothing() -> None:
    assert "market" not in concepts("cho toi hoi lich tiep dan")
    assert "drain" not in concepts("cong an phuong co truc khong")


def test_the_lexicon_of_concepts_is_large_and_every_group_has_several_names() -> None:
    table = tomllib.loads((files("nlp") / "lexicon" / "concepts.toml").read_text(encoding="utf-8"))
    groups = {code: words for family in table.values() for code, words in family.items()}
    assert len(groups) >= 150
    assert sum(len(words) >= 3 for words in groups.values()) >= 0.95 * len(groups)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Hẻm 47 ngập", {"lane:47"}),
        ("con học lop 6a truong cap 2", {"class:6a"}),
        ("nhà số 12 kiệt 3", {"house:12", "lane:3"}),
        ("Trạm biến áp số 2 quá tải", {"station:2"}),
        ("tuyến số 05 bỏ chuyến, 30 người chờ", {"line:5"}),
    ],
)
def test_numbers_carry_their_label(text: str, numbers: set[str]) -> None:
    assert set(particulars(text).numbers) == numbers


def test_only_a_month_that_something_happened_in_counts() -> None:
    assert particulars("Tiền điện tháng 3 tăng gấp đôi").months == ("3",)
    assert particulars("Nước đục từ tháng 3 đến giờ").months == ()
    assert particulars("mất nước một tháng nay").months == ()


@pytest.mark.parametrize(
    ("one", "other", "axis"),
    [
        ("Đề nghị mở rộng đường làng", "Xin đừng mở rộng đường làng", "widen"),
        ("de nghi mo rong duong lang", "Xin giữ nguyên đường làng, phản đối mở rộng", "widen"),
        ("Đề nghị dẹp chợ cóc", "Mong xã giữ lại chợ cóc cho bà con", "keep"),
        ("Xin cấm xe tải qua cầu", "Mong cho phép xe tải qua cầu", "allow"),
        ("Tiền nước tăng giá quá, xin giảm giá", "Giá nước cao, đề nghị giảm giá", None),
        ("Đèn hỏng", "Đèn tắt", None),
    ],
)
def test_opposite_asks_are_told_apart(one: str, other: str, axis: str | None) -> None:
    assert opposite(particulars(one).asks, particulars(other).asks) == axis
    assert opposite(particulars(other).asks, particulars(one).asks) == axis


def test_what_is_over_is_told_from_what_goes_on() -> None:
    assert particulars("Hôm qua mất điện, nay đã có lại rồi, cảm ơn").over
    assert not particulars("Đèn sửa xong rồi lại tắt").over


def test_words_echo_the_matter_they_were_used_for() -> None:
    found = echoes().of(terms_of(read("cột đèn đầu ngõ không sáng, tối om").tokens))
    assert found[0][0].startswith("dien-chieu-sang/")
    assert all(0 < strength <= 1 for _, strength in found)
    assert echoes().of(["khongcotunaynhuthe"]) == ()


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=60)
def test_any_text_has_concepts_and_particulars(text: str) -> None:
    concepts(text)
    particulars(text)
    echoes().of(terms_of(read(text).tokens))
