from __future__ import annotations

import pytest

from nlp.candidates import MOST_KEYS, number_of
from nlp.clusters import candidates
from nlp.landmarks import lane, learned, numbered
from nlp.places import Gazetteer
from nlp.similar import compared_of, group, signature

LAMP = "Đèn đường trục thôn 4 tắt từ hôm bão, tối om"
LAMP_TOO = "den duong thon 4 toi om may toi nay, nho xa sua"


def keys(text: str, gazetteer: Gazetteer) -> set[int]:
    return set(signature(text, gazetteer).keys)


def test_who_means_the_same_shares_keys_and_who_means_something_else_few_or_none(gazetteer: Gazetteer) -> None:
    lamp, too = keys(LAMP, gazetteer), keys(LAMP_TOO, gazetteer)
    assert len(lamp & too) >= 4
    assert len(lamp & keys("Karaoke ầm ĩ thôn Hạ", gazetteer)) <= 1


@pytest.mark.parametrize("text", ["", "a", LAMP, LAMP * 50, "x " * 2000, "😀" * 500])
def test_keys_are_few_and_fit_a_column_of_64_bits(gazetteer: Gazetteer, text: str) -> None:
    found = signature(text, gazetteer).keys
    assert len(found) == len(set(found)) <= MOST_KEYS
    assert all(-(2**63) <= key < 2**63 for key in found)


def test_keys_are_the_same_in_every_process(gazetteer: Gazetteer) -> None:
    # Stored in databases: another way of making them needs another version of the signature.
    assert number_of("pin object:cho-minh") == -1107235690297135175


def test_the_number_of_comparisons_grows_with_the_messages_not_with_their_pairs() -> None:
    made = [compared_of(signature(f"Đèn đường thôn {n} tắt, cột số {n * 7 % 50} tối om")) for n in range(300)]
    few = sum(1 for _ in candidates(dict(enumerate(made[:150]))))
    many = sum(1 for _ in candidates(dict(enumerate(made))))
    assert many <= 2.2 * few


def test_names_are_learned_from_who_writes_capitals() -> None:
    lines = group(
        [
            ("1", "Trạm bơm Cầu Đá hỏng hai máy, đồng úng hết"),
            ("2", "tram bom cau da hong hoai, ngap ung dong khong ai sua"),
            ("3", "Trạm bơm Gò Mối hỏng máy, đồng úng"),
        ]
    )
    assert lines[0].group == lines[1].group != lines[2].group


def test_a_name_that_two_things_bear_stands_for_neither() -> None:
    known = learned([("object:cho:ba vi", "chợ Ba Vì"), ("object:cau:ba vi", "cầu Ba Vì")])
    assert known.in_text("o ba vi")[1] == {}
    assert known.in_text("cho ba vi dong")[1] == {"object:cho:ba vi": "chợ Ba Vì"}


@pytest.mark.parametrize(
    ("name", "key"),
    [("hẻm 47", "road:lane:47"), ("Kiệt số 3", "road:lane:3"), ("ngõ 12A", "road:lane:12a"), ("ngõ Gạch", None)],
)
def test_a_numbered_lane_is_one_whatever_it_is_called(name: str, key: str | None) -> None:
    assert lane(name) == key


def test_a_spelt_village_is_itsnumber_of() -> None:
    assert numbered("thon:bon") == "thon:4"
    assert numbered("thon:ha") == "thon:ha"


def test_who_waits_hears_that_joining_goes_on() -> None:
    told: list[tuple[int, int]] = []
    same = [(str(n), f"{LAMP}{'!' * (n % 3)}") for n in range(120)]
    lines = group(same, progress=lambda done, total: told.append((done, total)))
    assert len({line.group for line in lines}) == 1
    assert told.count((240, 240)) == 2
    assert told == sorted(told)
