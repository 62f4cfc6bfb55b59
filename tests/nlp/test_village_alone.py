"""The word a poster asks for as the first message, told from everything that says more."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.places import Gazetteer

PLACES = Path(__file__).parents[2] / "admin_cli" / "demo" / "tan_minh" / "places.toml"
TAN_MINH = Gazetteer.from_toml(tomllib.loads(PLACES.read_text(encoding="utf-8")))


def alone(text: str) -> str | None:
    place = TAN_MINH.village_alone(text)
    return None if place is None else place.id


@pytest.mark.parametrize(
    ("text", "village"),
    [
        ("thôn Hạ", "ha"),
        ("Thôn Hạ.", "ha"),
        ("THÔN HẠ", "ha"),
        ("thon ha", "ha"),
        ("thôn 4", "t4"),
        ("thôn 3", "trung"),
        ("t4", "t4"),
        ("T 4", "t4"),
        ("xóm Trại", "t4"),
        ("dạ em ở thôn 4 ạ", "t4"),
        ("xin chào, tôi ở thôn Thượng", "thuong"),
        ("khu giãn dân", "moi"),
    ],
)
def test_a_village_by_itself_is_understood_as_people_write_it(text, village) -> None:
    assert alone(text) == village


@pytest.mark.parametrize(
    "text",
    [
        "",
        "4",
        "hả",
        "xin chào",
        "thôn 4 mất điện",
        "thôn 4 ngập",
        "đường thôn 4",
        "thôn Hạ, thôn Thượng",
        "thôn Đông",
        "thôn 99",
        "trường thôn Hạ",
        "thôn Hạ có việc muốn hỏi",
        "tháng 4",
        "không phải thôn 4",
        "ai ở thôn Hạ lên họp chưa?",
    ],
)
def test_whatever_says_more_or_names_no_village_of_ours_is_left_to_be_an_opinion(text) -> None:
    assert alone(text) is None


@given(st.text(max_size=120))
def test_no_text_makes_it_fail(text: str) -> None:
    TAN_MINH.village_alone(text)
    assert Gazetteer.empty().village_alone(text) is None
