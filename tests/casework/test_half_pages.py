from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from casework.documents.half_pages import parted, text_width, wrapped

words = st.text(alphabet="abcđêôơưạếộ0123,.?!W@漢 ", max_size=300)


@given(st.lists(words, max_size=8), st.integers(1, 6), st.integers(1, 9), st.sampled_from([0.0, 0.2, 1.0]))
def test_every_word_comes_out_once_and_in_its_order(paragraphs: list[str], first: int, more: int, gap: float) -> None:
    papers = parted(paragraphs, rooms=[first, more], size=14, width=60, gap=gap)
    assert papers
    # A word too long for a line is broken: letters are what is compared.
    assert "".join("".join(paper) for paper in papers).replace(" ", "") == "".join("".join(paragraphs).split())


@given(words.filter(str.strip), st.floats(8, 20), st.floats(20, 180))
def test_no_line_is_wider_than_its_column(paragraph: str, size: float, width: float) -> None:
    lines = wrapped(paragraph, size=size, width=width)
    assert all(text_width(line, size) <= width or len(line) == 1 for line in lines)


@given(st.lists(words.filter(str.strip), min_size=1, max_size=8))
def test_no_paper_holds_more_lines_than_it_has_room_for(paragraphs: list[str]) -> None:
    for paper, room in zip(parted(paragraphs, rooms=[4, 7], size=14, width=60), [4] + [7] * 999, strict=False):
        assert sum(len(wrapped(one, size=14, width=60)) for one in paper) <= room


def test_accents_make_a_letter_no_wider_and_a_horn_a_little() -> None:
    assert text_width("ế", 14) == text_width("e", 14)
    assert text_width("đ", 14) == text_width("d", 14)
    assert text_width("o", 14) < text_width("ơ", 14) < text_width("m", 14)


def test_a_blank_text_still_makes_one_paper() -> None:
    assert parted([], rooms=[4], size=14, width=60) == [[]]
    assert parted([" ", ""], rooms=[4], size=14, width=60) == [[]]
