"""Floors a little under what was measured: messages about one matter find each other, hard negatives stay apart."""

from __future__ import annotations

import pytest

from nlp.similar import group
from nlp.training.communes import Commune, Score, communes, grouped, measure
from nlp.training.pairs import best_by_words
from tests.nlp.conftest import DATA, rows


@pytest.fixture(scope="module")
def tan_minh() -> Commune:
    return Commune.read(f"{DATA}/tan_minh_")


def test_a_real_size_intake_is_grouped_with_hardly_a_wrong_pair(tan_minh: Commune) -> None:
    score = measure(tan_minh, grouped(tan_minh))
    assert score.precision >= 0.93
    assert score.f1 >= 0.92
    assert score.partner_found >= 0.95
    assert score.kept_apart == 1.0


def test_told_the_senders_hardly_anybody_is_left_without_a_partner(tan_minh: Commune) -> None:
    score = measure(tan_minh, grouped(tan_minh, pieces=True))
    assert score.precision >= 0.90
    assert score.f1 >= 0.92
    assert score.partner_found >= 0.96
    assert score.kept_apart == 1.0


def test_without_a_gazetteer_places_told_by_their_form_do_most_of_it(tan_minh: Commune) -> None:
    score = measure(tan_minh, grouped(tan_minh, with_places=False))
    assert score.precision >= 0.78
    assert score.f1 >= 0.68
    assert score.partner_found >= 0.95
    assert score.kept_apart >= 0.87


@pytest.mark.parametrize(
    ("kind", "precision", "f1", "partner", "apart"),
    [("dev-", 0.72, 0.53, 0.93, 0.92), ("train-", 0.66, 0.51, 0.88, 0.84), ("test-", 0.68, 0.51, 0.92, 0.88)],
)
def test_communes_made_to_be_hard(kind: str, precision: float, f1: float, partner: float, apart: float) -> None:
    score = sum((measure(commune, grouped(commune)) for commune in communes(kind)), Score())
    assert score.precision >= precision, score
    assert score.f1 >= f1, score
    assert score.partner_found >= partner, score
    assert score.kept_apart >= apart, score


def test_shared_words_alone_find_next_to_nothing(tan_minh: Commune) -> None:
    assert best_by_words(tan_minh).f1 <= 0.2


def test_messages_of_eighty_places_are_hardly_ever_taken_for_one_matter() -> None:
    listed = rows("labelled_examples.jsonl")
    assert len({line.group for line in group((row["id"], row["text"]) for row in listed)}) >= len(listed) - 5


def test_a_score_counts_pairs_partners_and_hard_negatives() -> None:
    from nlp.places import Gazetteer
    from nlp.similar import GroupLine

    commune = Commune(
        name="x",
        texts=dict.fromkeys("abcde", ""),
        groups={"a": "G1", "b": "G1", "c": "G1", "d": "G2", "e": "N1"},
        tags={"a": (), "b": (), "c": (), "d": ("hard-negative:G1",), "e": ()},
        places=Gazetteer.empty(),
    )
    lines = [
        GroupLine(id="a", group="1"),
        GroupLine(id="b", group="1"),
        GroupLine(id="c", group="2", related=("a",)),
        GroupLine(id="d", group="1"),
        GroupLine(id="e", group="3"),
    ]
    score = measure(commune, lines)
    assert (score.hits, score.together, score.wanted) == (1, 3, 3)
    assert score.precision == pytest.approx(1 / 3)
    assert score.partner_found == 1.0
    assert (score.apart, score.negatives) == (1, 3)
