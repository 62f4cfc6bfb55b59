"""The look of the pages, as far as it can be measured: contrast, focus, size of type."""

from __future__ import annotations

import re

import pytest

from bot.pages.palette import EDGE_PAIRS, PALETTE, TEXT_PAIRS
from bot.pages.rendering import style


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.1)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(PALETTE[one]), luminance(PALETTE[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(("ink", "paper"), TEXT_PAIRS)
def test_text_is_read_on_its_ground(ink: str, paper: str) -> None:
    assert contrast(ink, paper) >= 4.5


@pytest.mark.parametrize(("line", "ground"), EDGE_PAIRS)
def test_edges_and_the_focus_are_seen(line: str, ground: str) -> None:
    assert contrast(line, ground) >= 3


def test_text_is_dark_on_light() -> None:
    assert luminance(PALETTE["text"]) < 0.05 < 0.8 < luminance(PALETTE["page"])
    assert contrast("text", "page") >= 12


def test_the_style_sheet_has_no_colour_of_its_own_but_black_for_paper() -> None:
    used = set(re.findall(r"#[0-9a-fA-F]{3,6}\b", style()))
    assert used - set(PALETTE.values()) == {"#000"}
    assert set(PALETTE.values()) <= used | {PALETTE["on_button"]}


def test_every_pair_of_a_rule_with_both_colours_is_measured() -> None:
    names = {colour: name for name, colour in PALETTE.items()}
    measured = {*TEXT_PAIRS, ("on_button", "link")}
    for rule in re.findall(r"\{([^{}]*)\}", style()):
        ink = re.search(r"(?<![-\w])color: (#\w{6})", rule)
        paper = re.search(r"background: (#\w{6})", rule)
        if ink and paper:
            pair = (names[ink[1]], names[paper[1]])
            # Two names may share a colour.
            same = {(a, b) for a, b in measured if (PALETTE[a], PALETTE[b]) == (ink[1], paper[1])}
            assert same, pair


def test_type_is_large_from_the_start_and_larger_on_wish() -> None:
    assert re.search(r"body \{[^}]*font: 18px", style())
    assert re.search(r"body\.lon \{ font-size: (\d+)px", style())
    # Nothing is smaller than 16 pixels.
    assert min(float(size) for size in re.findall(r"font-size: ([.\d]+)em", style())) * 18 >= 16


def test_the_focus_is_drawn_and_never_taken_away() -> None:
    assert "a:focus, button:focus, input:focus { outline: 3px solid" in style()
    assert not re.search(r"outline:\s*(none|0)", style())


def test_paper_shows_the_answer_and_not_the_menu() -> None:
    printed = style()[style().index("@media print") :]
    assert re.search(r"nav, form, \.skip, \.screen \{ display: none", printed)
